"""The typed parameters of a notebook: read from its tagged cell, checked before any kernel starts.

A notebook declares its parameters in one cell tagged ``parameters``, one a line::

    partner: str = "PRK"  # ISO3 code of the partner
    policy: Literal["refuse", "split"] = "split"  # what to do with combined months

The annotation is the contract. It is read with :mod:`ast`; the cell is never executed here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nktrade.errors import InputError, did_you_mean

_SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ALLOWED = 'str, int, float, bool, Literal["a", "b"], list[str], or one of these with "| None"'


@dataclass(frozen=True)
class Parameter:
    """One typed parameter of a notebook.

    Attributes
    ----------
    name : str
    annotation : str
        The type as the notebook writes it.
    kind : type
        ``str``, ``int``, ``float``, ``bool`` or ``list`` (a list of text).
    choices : tuple
        The values of a ``Literal``; empty where any value of the kind will do.
    optional : bool
        Whether ``None`` is a value.
    default : object
    help : str
        The comment at the end of the line.
    """

    name: str
    annotation: str
    kind: type
    choices: tuple
    optional: bool
    default: Any
    help: str

    def check(self, value: Any, where: str) -> Any:
        """Return `value` if the type allows it.

        Raises
        ------
        InputError
            It is of another type or outside the choices.
        """
        if value is None and self.optional:
            return None
        if self.kind is float and type(value) is int:
            value = float(value)
        fits = type(value) is self.kind
        if self.kind is list:
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if self.choices and value not in self.choices:
            raise self._refuse(value, where, did_you_mean(str(value), map(str, self.choices)))
        if not fits:
            quote = "Put quotes around it: text stays text." if self.kind in (str, list) else ""
            raise self._refuse(value, where, quote)
        return value

    def read(self, text: str, where: str) -> Any:
        """Turn the text of a command line into a checked value.

        A list is written ``a,b`` (``a+b`` inside a sweep), a missing value ``none``.

        Examples
        --------
        >>> top = parse_parameters("top: int = 5  # lines in the table")[0]
        >>> top.read("12", "-p")
        12
        >>> top.read("many", "-p")
        Traceback (most recent call last):
        ...
        nktrade.errors.InputError: -p: parameter 'top' has a wrong value; expected int; got 'many'
        """
        if self.optional and text.lower() in ("none", "null", ""):
            return None
        try:
            if self.kind is bool:
                return _TRUTH[text.lower()]
            if self.kind is list:
                return [item for item in text.replace("+", ",").split(",") if item]
            value = self.kind(text)
        except (ValueError, KeyError):
            raise self._refuse(text, where) from None
        return self.check(value, where)

    def _refuse(self, value: Any, where: str, hint: str = "") -> InputError:
        return InputError(
            f"parameter {self.name!r} has a wrong value",
            where=where,
            expected=self.annotation,
            got=repr(value),
            hint=hint,
        )


def parse_parameters(source: str, where: str = "parameters cell") -> list[Parameter]:
    """Read the parameters that a tagged cell declares.

    Parameters
    ----------
    source : str
        The cell. Imports and comments may stand beside the parameters, nothing else.
    where : str
        How to name the cell in an error.

    Raises
    ------
    InputError
        A line is no typed parameter, its type is not among those allowed, or its default does
        not fit its type.

    Examples
    --------
    >>> flow, = parse_parameters('flow: Literal["import", "export"] = "import"  # whose side')
    >>> flow.name, flow.kind, flow.choices, flow.default, flow.help
    ('flow', <class 'str'>, ('import', 'export'), 'import', 'whose side')
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise InputError(
            "the parameters cell is not Python", where=f"{where}, line {error.lineno}"
        ) from None
    lines = source.splitlines()
    found = []
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        found.append(_parse_line(statement, lines, f"{where}, line {statement.lineno}"))
    names = [parameter.name for parameter in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"parameter {name!r} is declared twice", where=where)
    return found


def check_values(
    parameters: list[Parameter], values: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Check named values against the declared parameters and return them with their types.

    Raises
    ------
    InputError
        A name is unknown (with the nearest known one), or a value does not fit.
    """
    known = {parameter.name: parameter for parameter in parameters}
    return {
        name: find_parameter(known, name, where).check(value, where)
        for name, value in values.items()
    }


def find_parameter(known: Mapping[str, Parameter], name: str, where: str) -> Parameter:
    """Return the parameter called `name`, or refuse with the nearest name."""
    if name not in known:
        hint = did_you_mean(name, known) if known else "The notebook takes no parameters."
        raise InputError(f"parameter {name!r} is unknown", where=where, hint=hint)
    return known[name]


def _parse_line(statement: ast.stmt, lines: list[str], where: str) -> Parameter:
    if not (
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.value is not None
    ):
        raise InputError(
            "a line of the parameters cell declares no typed parameter",
            where=where,
            expected="name: type = default  # help",
            got=repr(lines[statement.lineno - 1].strip()),
        )
    annotation = ast.unparse(statement.annotation).replace("'", '"')
    kind, choices, optional = _parse_type(statement.annotation, annotation, where)
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        raise InputError(
            f"the default of {statement.target.id!r} is not a plain value", where=where
        ) from None
    # ast counts bytes, and a comment in Korean or Chinese is longer in bytes than in characters.
    last = lines[(statement.end_lineno or statement.lineno) - 1].encode()
    comment = last[statement.end_col_offset :].decode().strip()
    parameter = Parameter(
        name=statement.target.id,
        annotation=annotation,
        kind=kind,
        choices=choices,
        optional=optional,
        default=default,
        help=comment.lstrip("#").strip(),
    )
    parameter.check(default, where)
    return parameter


def _parse_type(node: ast.expr, annotation: str, where: str) -> tuple[type, tuple, bool]:
    optional = False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [node.left, node.right]
        given = [s for s in sides if not (isinstance(s, ast.Constant) and s.value is None)]
        if len(given) == 1:
            node, optional = given[0], True
    if isinstance(node, ast.Name) and node.id in _SCALARS:
        return _SCALARS[node.id], (), optional
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        if node.value.id == "list" and ast.unparse(node.slice) == "str":
            return list, (), optional
        if node.value.id == "Literal":
            items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            choices = tuple(item.value for item in items if isinstance(item, ast.Constant))
            kinds = {type(choice) for choice in choices}
            if len(choices) == len(items) and len(kinds) == 1:
                return kinds.pop(), choices, optional
    raise InputError(
        "a parameter has a type that cannot be checked",
        where=where,
        expected=_ALLOWED,
        got=annotation,
    )
