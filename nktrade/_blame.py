"""When a call of a public function breaks: which argument was not what the function takes.

A function looks at what it is given only where that tells the reader more than the call itself
would. What is left, pandas and NumPy refuse in their own words, about tables nobody sees. So the
packages' faces (`nktrade._lazily`) hand out functions that read their own signature after such a
failure and say which argument it was. A call that goes well costs nothing, and an error that no
argument explains is the library's own and stays what it is.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Sized
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from nktrade.errors import (
    InputError,
    NktradeError,
    UnanswerableError,
    did_you_mean,
    name_some,
    shorten,
)

#: How a kind of argument is called.
_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    dict: "a mapping",
    type(None): "None",
    "DataFrame": "a table (pandas.DataFrame)",
    "Series": "a column (pandas.Series)",
    "ndarray": "an array (numpy.ndarray)",
}
#: Columns of the library's tables that hold text or months; each other of `_NUMBERS` numbers.
_TEXTS = frozenset(
    ("reporter", "partner", "flow", "hs", "hs_edition", "province", "regime", "unit", "currency",
     "status", "state", "support", "source", "declared_by", "valuation", "bec", "industry",
     "heading", "chapter", "model")
)  # fmt: skip
_MONTHS = frozenset(("period", "origin"))
_NUMBERS = re.compile(
    r"value|quantity2?|low|high|(low|high)_\d+|mean|actual|scale|step|point|share|growth|old|new|"
    r"contribution|year|exports?|imports?|domestic|rolling|unit_value|tons|parts|used|stock|fob|cif|"
    r"recomputed_(low|high)"
)
#: Columns without which a row is no row.
_NEEDED = frozenset(
    ("period", "reporter", "partner", "flow", "hs", "hs_edition", "currency", "status", "state",
     "origin", "model", "exporter", "importer", "kept")
)  # fmt: skip


def explain(function: Callable[..., Any], face: str) -> Callable[..., Any]:
    """Return a function whose failures say which argument was of a wrong kind.

    Parameters
    ----------
    function : callable
    face : str
        Module that hands it out, where pickle finds it again.
    """
    if not inspect.isfunction(function) or function in _handed:
        return function

    @functools.wraps(function)
    def explained(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except Exception as error:
            refusal = _find_reason(function, given, named, error) if _is_raw(error) else None
            if refusal is None:
                raise
        raise refusal from None

    explained.__module__ = face
    _handed.add(explained)
    return explained


def _is_raw(error: Exception) -> bool:
    """Say whether an error speaks of what is inside, not of what was asked."""
    if isinstance(error, NktradeError):
        return "\n" in str(error)
    # Several of other libraries' own errors descend from nothing but Exception.
    return isinstance(error, _RAW) or type(error).__module__.partition(".")[0] not in (
        "builtins",
        "nktrade",
    )


_RAW = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError,
        OSError, NotImplementedError)  # fmt: skip

#: The functions that `explain` made, which need no second.
_handed: set[Callable[..., Any]] = set()


def _find_reason(
    function: Callable[..., Any], given: tuple, named: dict[str, Any], error: Exception
) -> NktradeError | None:
    """Return the refusal that an argument earns, the plainest reason first; or None."""
    try:
        bound = inspect.signature(function).bind(*given, **named)
    except TypeError:  # Python's own words about a call are plain
        return None
    where = f"{function.__name__}()"
    arguments = dict(_list_arguments(function, bound))
    for name, (value, kind) in arguments.items():
        if not _fits(value, kind):
            return InputError(
                f"the argument {name!r} is of another kind than it takes",
                where=where,
                expected=_spell(kind),
                got=_spell_value(value),
                hint=f"See help({function.__name__}).",
            )
    for name, (value, _) in arguments.items():
        refusal = _find_fault(value, name, where, error)
        if refusal is not None:
            return refusal
    if type(error) is LookupError:  # raised in words, for those who ask for many numbers
        return UnanswerableError(str(error), where=where, hint="Choose rows that hold it.")
    shapes = [getattr(value, "shape", ()) for value, _ in arguments.values()]
    if sum(map(len, shapes)) > 1:
        return InputError(
            "the tables or arrays do not fit one another",
            where=where,
            got=" and ".join(" by ".join(map(str, shape)) for shape in shapes if shape),
            hint=f"See help({function.__name__}).",
        )
    return None


def _list_arguments(function, bound) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the name, value and kind of every argument that was given."""
    kinds = _read_kinds(function)
    for name, value in bound.arguments.items():
        parameter = bound.signature.parameters[name]
        kind = kinds.get(name, Any)
        if parameter.kind is parameter.VAR_POSITIONAL:
            yield from ((f"{name}[{n}]", (one, kind)) for n, one in enumerate(value))
        elif parameter.kind is parameter.VAR_KEYWORD:
            yield from ((word, (one, kind)) for word, one in value.items())
        else:
            yield name, (value, kind)


def _read_kinds(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what a function's annotations say, so far as they can be read."""
    kinds = {}
    inner: Any = inspect.unwrap(function)
    for name, said in inspect.get_annotations(inner).items():
        try:
            kinds[name] = eval(said, inner.__globals__) if isinstance(said, str) else said
        except Exception:  # a name that only the type checker knows
            continue
    return kinds


def _fits(value: Any, kind: Any) -> bool:
    """Say whether a value is of an annotated kind; of what cannot be told, that it is."""
    if kind is None or kind is type(None):
        return value is None
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is typing.Literal:
        return isinstance(value, str | int) and value in inner
    kind = origin or kind
    if not isinstance(kind, type) or kind in (object, Any):
        return True
    if kind in (int, float):
        number = Integral if kind is int else Real
        return isinstance(value, number) and not isinstance(value, bool)
    if kind is bool:
        return isinstance(value, bool) or type(value).__name__ == "bool"
    if issubclass(kind, Mapping):
        return isinstance(value, Mapping) and _all_fit(value.values(), inner[1:])
    if kind in (str, bytes) or not issubclass(kind, Iterable) or _named_array(kind):
        return isinstance(value, kind)
    if isinstance(value, str | bytes | type | Mapping) or _is_frame(value):
        return False
    unordered = isinstance(value, set | frozenset) and issubclass(kind, Sequence)
    if unordered or not isinstance(value, Iterable):
        return False
    if kind is tuple and inner and inner[-1] is not Ellipsis:
        return isinstance(value, Sized) and len(value) == len(inner)
    return not isinstance(value, Collection) or _all_fit(value, inner[:1])


def _all_fit(values: Iterable[Any], kinds: tuple) -> bool:
    return not kinds or all(_fits(value, kinds[0]) for value in values)


def _spell(kind: Any) -> str:
    """Write a kind of argument in words."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_spell(one) for one in inner))
    if origin is typing.Literal:
        return " or ".join(repr(one) for one in inner)
    kind = type(None) if kind is None else origin or kind
    name = getattr(kind, "__name__", str(kind))
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return _WORDS[dict]
    if kind in _WORDS or name in _WORDS:
        return _WORDS.get(kind) or _WORDS[name]
    if isinstance(kind, type) and issubclass(kind, Path):
        return "a path"
    if isinstance(kind, type) and issubclass(kind, Iterable):
        return f"several, each {_spell(inner[0])}" if inner else "several values"
    return "a function" if kind is Callable or name == "Callable" else name


def _spell_value(value: Any) -> str:
    """Write what was given, by its kind where it is large."""
    name = type(value).__name__
    if hasattr(value, "dtype") or _is_frame(value):
        return f"a {name}"
    return (
        shorten(value) if value is None or isinstance(value, type) else f"{shorten(value)} ({name})"
    )


# --- values of the right kind that cannot be ---------------------------------------------------


def _find_fault(value: Any, name: str, where: str, error: Exception) -> InputError | None:
    """Return what a function may have stumbled over in one argument; or None."""
    place = f"{where}, argument {name!r}"
    if _is_frame(value):
        return _find_table_fault(value, place, error)
    subject = ""
    missing = error.args[0] if isinstance(error, KeyError) and error.args else None
    if isinstance(missing, str) and _is_record(value) and missing not in value:
        return InputError(
            f"it has no entry {missing!r}", where=place, got=name_some(list(value.keys()))
        )
    if _is_column(value):
        if _holds_infinite(value):
            subject = "the column holds an infinite number"
        elif getattr(value.dtype, "kind", "O") not in "iufbM" and "str" in str(error):
            subject = "the column holds text where numbers are meant"
    elif isinstance(value, str):
        if "\0" in value:
            subject = "a text with a letter that no file or name may have"
        elif isinstance(error, LookupError) and error.args[:1] == (value,):
            subject = "there is none of this name"
    elif isinstance(value, Real) and not isinstance(value, bool):
        if value != value or not -_MOST <= typing.cast(float, value) <= _MOST:
            subject = "a number that cannot be"
        elif isinstance(value, Integral) and value < 1:
            subject = "a number too small"
    elif isinstance(value, list | tuple | set | dict) and not value:
        subject = "nothing is in it"
    if not subject:
        return None
    return InputError(subject, where=place, got=_spell_value(value), hint="Choose another.")


#: No count, month or amount that anybody means is larger.
_MOST = 1e18


def _pandas(name: str) -> Any:
    return getattr(sys.modules.get("pandas"), name, ())


def _is_frame(value: Any) -> bool:
    return isinstance(value, _pandas("DataFrame"))


def _is_column(value: Any) -> bool:
    return isinstance(value, _pandas("Series"))


def _is_record(value: Any) -> bool:
    return _is_column(value) or isinstance(value, Mapping)


def _named_array(kind: type) -> bool:
    return kind.__name__ in ("DataFrame", "Series", "Index", "ndarray", "DatetimeIndex")


def _find_table_fault(table: Any, place: str, error: Exception) -> InputError | None:
    """Return what a function may have stumbled over in a table: the plainest reason first."""
    columns = [str(column) for column in table.columns]

    def refuse(subject: str, hint: str = "", **parts: str) -> InputError:
        return InputError(subject, where=place, hint=hint, **parts)

    if len(columns) and table.columns.nlevels > 1:
        return refuse("the table's columns stand on several levels", "Give it one line of names.")
    if twice := next((one for one in columns if columns.count(one) > 1), ""):
        return refuse(f"the column {twice!r} is there twice", "Keep one of the two.")
    for column in table.columns:
        wrong = _find_wrong_kind(table[column])
        if wrong:
            got = f"{table[column].dtype}, as {shorten(next(iter(table[column]), None))}"
            subject = f"the column {str(column)!r} is of another kind than this function takes"
            return refuse(subject, expected=wrong, got=got)
    if isinstance(error, LookupError):
        words = " ".join(map(str, error.args))
        wanted = re.findall(r"'([^']+)'", words) or [words.rpartition(": ")[2]]
        for one in wanted:
            if one not in columns and one.isidentifier():
                hint = did_you_mean(one, columns) if columns else ""
                return refuse(f"the table has no column {one!r}", hint, got=name_some(columns))
    if table.empty:
        return refuse("the table has no rows", "Choose rows that there are.")
    for column in table.columns:
        if str(column) in _NEEDED and table[column].isna().any():
            hint = "Leave such rows out, or say what they are."
            return refuse(f"the column {str(column)!r} holds missing values", hint)
        if _holds_infinite(table[column]):
            hint = "Leave the row out or mend the value."
            return refuse(f"the column {str(column)!r} holds an infinite number", hint)
    if not table.index.is_unique:
        hint = "Number them: table.reset_index(drop=True)."
        return refuse("several rows of the table have one name in its index", hint)
    if table.duplicated().any():
        return refuse("a row of the table is there twice", "Keep one of the two.")
    return None


def _find_wrong_kind(column: Any) -> str:
    """Return what a column should hold if it holds something else; else nothing."""
    held, name = column.dtype, str(column.name)
    kind = getattr(held, "kind", "O")
    if name in _MONTHS:
        plain = kind == "M" and type(held).__name__ == "DateTime64DType"
        return "" if plain else "dates (datetime64), the first of each month, without a time zone"
    if name in _TEXTS and kind in "iufcbM" and not column.isna().all():
        return "text"
    if _NUMBERS.fullmatch(name) and (
        kind not in "iuf" or not type(held).__module__.startswith("numpy")
    ):
        return "numbers (float64)"
    return ""


def _holds_infinite(column: Any) -> bool:
    if getattr(column.dtype, "kind", "O") != "f":
        return False
    return bool((column.abs() == float("inf")).fillna(False).any())
