"""What a call asks of trade, checked before anything runs: months, partner, data.

A notebook's typed cell says that `start` is text; that it is a month is known here, and is read
from the parameter's default. What is well formed but not in the data is for the page to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nktrade.codes.geography import check_place
from nktrade.errors import InputError, NktradeError, did_you_mean
from nktrade.render.plan import find_place
from nktrade.table.spelled_months import check_order, read_months

_SPAN = ("start", "end")


def check_asked(
    parameters: Mapping[str, Any], defaults: Mapping[str, Any], folder: Path, where: str = ""
) -> None:
    """Refuse values that no data could answer.

    Parameters
    ----------
    parameters, defaults : mapping of str to value
        Every parameter of a notebook. A parameter is held to be what its default is: months
        where that is written ``"2020-06"``, ``"2020-H1 2021-H1"`` or as a list of these, a store
        where it is ``data = "default"``, a country where it is ``partner = "PRK"``.
    folder : Path
        Where a relative `data` path begins: the notebook's folder.
    where : str
        How to name the notebook in an error.

    Raises
    ------
    InputError
        A month cannot be read, the months run backwards, the partner is no country, or there is
        no store at `data`.

    Examples
    --------
    >>> check_asked({"start": "2020-13"}, {"start": "2017-01"}, Path("."), "01_monthly_trends")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: 01_monthly_trends, parameter 'start': the period '2020-13' ...
    """
    for name, value in parameters.items():
        if value is None:
            continue
        place = f"{where}, parameter {name!r}" if where else f"parameter {name!r}"
        if _means_months(name, defaults.get(name)):
            for text in _words(value) or [""]:
                _placed(read_months, text, where=place)
        elif name == "partner" and defaults.get(name) == "PRK":
            for text in value if isinstance(value, list) else [value]:
                _placed(check_place, "partner", text, where=place)
        elif name == "data" and defaults.get(name) == "default":
            _check_data(value, folder, place)
    if all(_means_months(name, defaults.get(name)) for name in _SPAN):
        _placed(_check_span, parameters["start"], parameters["end"], where=where)


def _words(value: Any) -> list[str]:
    return value if isinstance(value, list) else str(value).split()


def _means_months(name: str, default: Any) -> bool:
    """Say whether a default is written in months; a bare '2017' may be a code as well."""
    if not isinstance(default, str | list) or not default:
        return False
    for text in _words(default):
        try:
            read_months(text)
        except InputError:
            return False
        if text.isdigit() and name not in (*_SPAN, "periods"):
            return False
    return True


def _check_span(start: Any, end: Any) -> None:
    """Refuse months that run backwards; either end may be missing."""
    first = read_months(start)[0] if start else None
    last = read_months(end)[1] if end else None
    check_order(first, last, start, end)


def _placed(check: Callable[..., Any], *arguments: Any, where: str) -> None:
    try:
        check(*arguments)
    except InputError as error:
        raise InputError(
            error.subject, where=where, expected=error.expected, got=error.got, hint=error.hint
        ) from None


def _check_data(data: Any, folder: Path, where: str) -> None:
    if data == "default" or "://" in str(data):
        return
    from nktrade.store.manifest import read_manifest

    path = find_place(str(data), folder)
    if not path.exists():
        hint = did_you_mean(str(data), ["default"])
        raise InputError(
            "there is no such store",
            where=where,
            expected="'default' or the folder of a store",
            got=repr(str(data)),
            hint=hint if hint.startswith("Did") else "Make one with: nktrade data import",
        )
    _placed(read_manifest, path, where=f"{where}, {path}")


def describe_data(path: str) -> str:
    """Say what a data set holds in a word that is the same wherever its files are the same."""
    from nktrade.store import describe

    try:
        hashes = sorted(describe(path).files.values())
    except NktradeError as error:
        return f"missing ({error.subject})"
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:12]
