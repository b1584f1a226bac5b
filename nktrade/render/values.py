"""Values of parameters as JSON holds them: for those who read them, and exactly, for ourselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

#: How values of kinds that papermill does not know are spelled in Python.
SPELLINGS: dict[type, Callable[[Any], str]] = {
    date: lambda day: f'__import__("datetime").date({day.year}, {day.month}, {day.day})',
    datetime: lambda time: f'__import__("datetime").datetime.fromisoformat("{time.isoformat()}")',
    **dict.fromkeys((tuple, set, bytes, complex), repr),
}
#: Kinds that JSON does not tell apart: how each is written as what it has, and read again.
_KINDS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    # Keys have kinds, and an order.
    "dict": (
        dict,
        lambda value: [[freeze(key), freeze(item)] for key, item in value.items()],
        lambda told: {thaw(key): thaw(item) for key, item in told},
    ),
    "tuple": (tuple, lambda value: [freeze(item) for item in value], lambda told: (*thaw(told),)),
    "set": (set, lambda value: sorted(map(freeze, value), key=repr), lambda told: {*thaw(told)}),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
    "complex": (complex, str, complex),
}
_MARK = "python "  # stands before the name of a kind


def plain(value: Any) -> Any:
    """Return a value as valid JSON can hold it: a date as its text, no number as ``"NaN"``.

    Examples
    --------
    >>> plain({"day": date(2024, 3, 31), "share": [float("nan"), 0.5]})
    {'day': '2024-03-31', 'share': ['NaN', 0.5]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set):
        value = sorted(value, key=repr)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, str | int | float):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def freeze(value: Any) -> Any:
    """Return a value as valid JSON that says its kind as well: see `thaw`.

    Examples
    --------
    >>> freeze([(1, 2), float("nan"), "NaN", date(2024, 3, 31)])
    [{'python tuple': [1, 2]}, {'python float': 'nan'}, 'NaN', {'python date': '2024-03-31'}]
    """
    if isinstance(value, list):
        return [freeze(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {f"{_MARK}float": repr(value)}
    for name, (kind, write, _) in _KINDS.items():
        if isinstance(value, kind):
            return {f"{_MARK}{name}": write(value)}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def freeze_named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of parameters by their names, each as `freeze` tells it."""
    return {name: freeze(value) for name, value in values.items()}


def thaw(told: Any) -> Any:
    """Return the value that `freeze` told.

    Examples
    --------
    >>> thaw(freeze([(1, 2), float("inf"), {"day": date(2024, 3, 31)}]))
    [(1, 2), inf, {'day': datetime.date(2024, 3, 31)}]
    """
    if isinstance(told, list):
        return [thaw(item) for item in told]
    if not isinstance(told, dict):
        return told
    if len(told) == 1:
        ((key, inside),) = told.items()
        name = key.removeprefix(_MARK)
        if key != name and name == "float":
            return float(inside)
        if key != name and name in _KINDS:
            return _KINDS[name][2](inside)
    return {key: thaw(item) for key, item in told.items()}


class Spelled(str):
    """A value as JSON holds it, with its spelling in Python: papermill wants both of one object."""

    code: str


def spell(value: Any) -> Any:
    """Return a value as papermill takes it: text where JSON has no such kind.

    Examples
    --------
    >>> day = spell([date(2024, 3, 31)])[0]
    >>> day, day.code
    ('2024-03-31', '__import__("datetime").date(2024, 3, 31)')
    """
    if isinstance(value, dict):
        return {spell(key): spell(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spell(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        code = f"float('{value!r}')"
    elif type(value) in SPELLINGS:
        code = SPELLINGS[type(value)](value)
    else:
        return value
    spelled = Spelled(plain(value))
    spelled.code = code
    return spelled
