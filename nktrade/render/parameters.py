"""The parameters of a notebook: read from its tagged cell, checked before any kernel starts.

A notebook declares its parameters in one cell tagged ``parameters``, one a line::

    partner: str = "PRK"  # ISO3 code of the partner
    policy: Literal["refuse", "split"] = "split"  # what to do with combined months
    alpha = 0.1

The annotation is the contract; where there is none the default's own type is. The cell is read
with :mod:`ast` and never executed here; a line that declares nothing is the notebook's business.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from textwrap import dedent
from typing import Any

from nktrade.errors import InputError, did_you_mean
from nktrade.files.parsing import load_yaml, parse_code

_SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_NAMED: dict[str, type] = {
    **_SCALARS,
    **{"list": list, "List": list, "dict": dict, "Dict": dict, "date": date, "datetime": datetime},
}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MAGIC_LINE = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^[ \t]*(\w+)[ \t]*(?:=|<-)[ \t]*([^#\n]+)", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name : str
    annotation : str
        The type as the notebook writes it, or the name of its default's type.
    kind : type
        ``str``, ``int``, ``float``, ``bool``, ``list``, ``dict``, ``date`` or ``datetime``;
        ``object`` where any plain value will do.
    item : type
        Of a list, the kind of what it holds.
    choices : tuple
        The values of a ``Literal``; empty where any value of the kind will do.
    optional : bool
        Whether ``None`` is a value.
    default : object
        A plain value; of a default that is computed, its source text.
    help : str
        The comment at the end of the line.
    typed : bool
        Whether the notebook says the type. One that says none takes any number for a number.
    computed : bool
        Whether the default is computed when the cell runs.
    """

    name: str
    annotation: str
    kind: type
    choices: tuple
    optional: bool
    default: Any
    help: str
    item: type = object
    typed: bool = True
    computed: bool = False

    def check(self, value: Any, where: str) -> Any:
        """Return `value` if the type allows it.

        Raises
        ------
        InputError
            It is of another type or outside the choices.
        """
        if (value is None and self.optional) or (self.computed and value == self.default):
            return value
        if self.choices and value not in self.choices:
            raise self._refuse(value, where, did_you_mean(str(value), map(str, self.choices)))
        if self.kind is list:
            if not isinstance(value, list):
                raise self._refuse(value, where)
            return [self._fit(item, self.item, value, where) for item in value]
        return self._fit(value, self.kind, value, where)

    def _fit(self, value: Any, kind: type, whole: Any, where: str) -> Any:
        if kind is object or type(value) is kind:
            return value
        if type(value) in (int, float) and kind in (int, float):
            if kind is float:
                return float(value)
            if not self.typed:
                return value
        if kind is str and type(value) is date:  # YAML takes 2024-03-31 for one
            return value.isoformat()
        if isinstance(value, str) and kind in (date, datetime):
            try:
                return kind.fromisoformat(value)
            except ValueError:
                raise self._refuse(whole, where, "A date is written 2024-03-31.") from None
        quote = "Put quotes around it: text stays text." if kind is str else ""
        raise self._refuse(whole, where, quote)

    def read(self, text: str, where: str) -> Any:
        """Turn the text of a command line into a checked value; text stays exactly as it is.

        A list is written ``a,b`` (``a+b`` inside a sweep) or ``[a, b]``, a missing value ``none``,
        a dict as YAML.

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
        if self.optional and text.strip().lower() in ("none", "null", ""):
            return None
        try:
            if self.kind is list:
                return self.check(_read_list(text, self.item), where)
            value = _read_as(self.kind, text)
            if isinstance(value, tuple) and text.strip()[0] != "(" != str(self.default)[0]:
                return text  # a comma alone makes a tuple only of what was one: "1,000"
            if self.kind is int and not self.typed and isinstance(value, float):
                return value
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


def _read_list(text: str, kind: type) -> list:
    """Read a text as a list of items of a kind; ValueError or KeyError where it is none."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        found = _guess(bare)
        return found if isinstance(found, list) else _read_yaml(bare)
    items = [item.strip() for item in re.split(r",|(?<!\+)\+(?!\+|$)", text)]  # but C++ is one
    return [_read_as(kind, item) for item in items if item]


def _read_yaml(text: str) -> Any:
    try:
        return load_yaml(text, "the value", "")
    except InputError as error:
        raise ValueError from error


def _read_as(kind: type, text: str) -> Any:
    """Read a text as a kind of value; ValueError or KeyError where it is none."""
    if kind is str:
        return text
    if kind is object:
        return _guess(text)
    text = text.strip()
    if kind is bool:
        return _TRUTH[text.lower()]
    if kind is dict:
        return _read_yaml(text)
    if kind is int:
        number = float(text) if re.search(r"[.eE]|inf|nan", text, re.IGNORECASE) else int(text)
        return int(number) if isinstance(number, float) and number.is_integer() else number
    if kind is float:
        return float(text)
    return text  # a date, read where it is checked


def _guess(text: str) -> Any:
    """Read a text as whatever plain value it spells, as papermill does; else it is text."""
    bare = text.strip()
    for kind in (int, float):
        with suppress(ValueError):
            return kind(bare)
    with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        found = ast.literal_eval(bare)
        return text if found is ... else found
    return {"true": True, "false": False, "null": None}.get(bare, text)


def parse_parameters(source: str, language: str = "python") -> list[Parameter]:
    """Read the parameters that a tagged cell declares.

    Parameters
    ----------
    source : str
        The cell. What declares no parameter in it is passed over.
    language : str
        Of the notebook. In another than Python, every ``name = value`` or ``name <- value`` is
        a parameter of no certain type.

    Examples
    --------
    >>> flow, = parse_parameters('flow: Literal["import", "export"] = "import"  # whose side')
    >>> flow.name, flow.kind, flow.choices, flow.default, flow.help
    ('flow', <class 'str'>, ('import', 'export'), 'import', 'whose side')
    >>> [(p.name, p.kind.__name__, p.default) for p in parse_parameters("a = 0.1; n: int = 2 * 3")]
    [('a', 'float', 0.1), ('n', 'int', '2 * 3')]
    """
    if language != "python":
        found = {name: _guess(text.strip()) for name, text in _ASSIGNMENT.findall(source)}
        return [Parameter(n, "value", object, (), True, v, "") for n, v in found.items()]
    source = _MAGIC_LINE.sub("", source)
    if source[:1].isspace():
        source = dedent(source)  # as IPython takes it
    try:
        statements = parse_code(source).body
    except SyntaxError:
        return []  # the cell fails by itself, and says where
    lines = source.splitlines()
    found_here: dict[str, Parameter] = {}
    for statement in statements:
        with suppress(RecursionError):  # what is nested too deeply to be spelled is no parameter
            for parameter in _parse_statement(statement, lines):
                found_here[parameter.name] = parameter  # as in Python, the last one holds
    return list(found_here.values())


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


def _parse_statement(statement: ast.stmt, lines: list[str]) -> list[Parameter]:
    # ast counts bytes, and a comment in Korean or Chinese is longer in bytes than in characters.
    last = lines[(statement.end_lineno or statement.lineno) - 1].encode()
    comment = last[statement.end_col_offset :].decode().strip()
    help = comment.lstrip("#").strip() if comment.startswith("#") else ""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [_typed(statement.target.id, statement.annotation, statement.value, help)]
    found: list[Parameter] = []
    if not isinstance(statement, ast.Assign):
        return found
    for target in statement.targets:
        if isinstance(target, ast.Name):
            found.append(_untyped(target.id, statement.value, help))
        elif isinstance(target, ast.Tuple):
            names = [e.id for e in target.elts if isinstance(e, ast.Name)]
            told = ("value", object, (), True, None, help)
            found += [Parameter(name, *told, computed=True) for name in names]
    return found


def _typed(name: str, annotation: ast.expr, value: ast.expr | None, help: str) -> Parameter:
    kind, item, choices, optional = _parse_type(annotation)
    default, computed = _default(value)
    spelled = ast.unparse(annotation).replace("'", '"')
    told = (name, spelled, kind, choices, optional or default is None, default, help, item)
    parameter = Parameter(*told, computed=computed)
    try:
        return replace(parameter, default=parameter.check(default, "parameters cell"))
    except InputError:
        # The annotation is not what the cell does: any value may be meant.
        return Parameter(name, spelled, object, (), True, default, help, computed=computed)


def _untyped(name: str, value: ast.expr, help: str) -> Parameter:
    default, computed = _default(value)
    known = (str, int, float, bool, list, dict, date, datetime)
    kind = type(default) if not computed and type(default) in known else object
    spelled = kind.__name__ if kind is not object else "value"
    optional = default is None or computed or kind is object
    told = (name, spelled, kind, (), optional, default, help)
    return Parameter(*told, typed=False, computed=computed)


def _default(value: ast.expr | None) -> tuple[Any, bool]:
    """Return a default, and whether it is computed only when the cell runs."""
    if value is None:
        return None, True
    try:
        if isinstance(value, ast.Call) and _last_name(value.func) in ("date", "datetime"):
            given = [ast.literal_eval(one) for one in value.args]
            if not value.keywords:
                return _NAMED[_last_name(value.func)](*given), False
        found = ast.literal_eval(value)
    except (ValueError, TypeError, OverflowError):
        return ast.unparse(value), True
    return (
        (found, False)
        if not isinstance(found, tuple | set | bytes | complex)
        else (
            ast.unparse(value),
            True,
        )
    )


def _parse_type(node: ast.expr) -> tuple[type, type, tuple, bool]:
    """Return kind, kind of items, choices, and whether None is among the values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = parse_code(node.value, "eval").body
        except SyntaxError:
            return object, object, (), True
    parts = _alternatives(node)
    given = [p for p in parts if not (isinstance(p, ast.Constant) and p.value is None)]
    optional = len(given) < len(parts)
    if len(given) != 1:
        return object, object, (), optional
    node = given[0]
    if isinstance(node, ast.Subscript):
        outer = _last_name(node.value)
        if outer == "Literal":
            items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            choices = tuple(item.value for item in items if isinstance(item, ast.Constant))
            kinds = {type(choice) for choice in choices}
            whole = len(choices) == len(items) and len(kinds) == 1
            return (kinds.pop() if whole else object), object, choices if whole else (), optional
        kind = _NAMED.get(outer, object)
        item = _NAMED.get(_last_name(node.slice), object) if kind is list else object
        return kind, item if item in (str, int, float, bool, date) else object, (), optional
    kind = _NAMED.get(_last_name(node), object)
    return kind, object, (), optional or kind is object


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """Take ``A | B``, ``Optional[A]`` and ``Union[A, B]`` apart."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left), *_alternatives(node.right)]
    if isinstance(node, ast.Subscript) and _last_name(node.value) == "Optional":
        return [*_alternatives(node.slice), ast.Constant(None)]
    if isinstance(node, ast.Subscript) and _last_name(node.value) == "Union":
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return [part for item in inside for part in _alternatives(item)]
    return [node]


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
