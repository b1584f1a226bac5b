"""Partners, provinces and customs regimes: the codes that offices list, and their names."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache

from nktrade._paths import DATA
from nktrade.errors import InputError, check_choice, did_you_mean, shorten

_FILES = {
    "province": [("gacc/provinces.csv", "code")],
    "regime": [("gacc/regimes.csv", "code")],
    "partner": [("baci/countries.csv", "iso3"), ("gacc/partners.csv", "iso3")],
}


def list_places(column: str) -> dict[str, str]:
    """Return every code listed for a column of the trade table, with its English name.

    Parameters
    ----------
    column : {"province", "regime", "partner"}
        China customs' two digits, or ISO3 with "WLD" for the world.

    Examples
    --------
    >>> list_places("province")["21"], list_places("partner")["PRK"]
    ('Liaoning', 'North Korea')
    """
    check_choice("column", column, _FILES)
    return _read_places(column)


@cache
def _read_places(column: str) -> dict[str, str]:
    places = {"WLD": "World"} if column == "partner" else {}
    for name, key in _FILES[column]:
        with open(DATA / "classes" / name, encoding="utf-8", newline="") as file:
            places |= {row[key]: row["name"] for row in csv.DictReader(file)}
    return places


def check_place(column: str, code: str, here: Iterable[str] = ()) -> None:
    """Refuse a code that no statistics office lists.

    Parameters
    ----------
    column : {"province", "partner"}
    code : str
    here : iterable of str
        The codes to suggest from; by default all.

    Raises
    ------
    InputError
        With the nearest code; a name is answered with its code.

    Examples
    --------
    >>> check_place("province", "Liaoning")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown province 'Liaoning'. Did you mean '21'?
    """
    known = list_places(column)
    if not isinstance(code, str) or code not in known:
        named = [other for other, name in known.items() if name == code]
        hint = did_you_mean(named[0] if named else str(code), named or here or known)
        raise InputError(f"unknown {column} {shorten(code)}", hint=hint)
