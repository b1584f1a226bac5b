"""Partners, provinces and customs regimes: the codes that offices list, and their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache

from nktrade._paths import DATA
from nktrade.errors import InputError, check_choice, did_you_mean, list_of, shorten

_FILES = {
    "province": [("gacc/provinces.csv", "code")],
    "regime": [("gacc/regimes.csv", "code")],
    "partner": [("baci/countries.csv", "iso3"), ("gacc/partners.csv", "iso3")],
}

#: What statistics offices call the same places besides: names, and numbers of their own.
_ALSO = {
    "province": [],
    "regime": [],
    "partner": [
        ("baci/countries.csv", "iso3", "name"),
        ("baci/countries.csv", "iso3", "code"),
        ("gacc/partners.csv", "iso3", "code"),
        ("gacc/partner_names.csv", "iso3", "printed"),
    ],
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
        places |= {row[key]: row["name"] for row in _read_rows(name)}
    return places


def _read_rows(name: str) -> list[dict[str, str]]:
    with open(DATA / "classes" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fold(name: str) -> str:
    """Return a name's words in an order of their own: "Korea, North" is "North Korea"."""
    words = re.findall(r"\w+", name.casefold())
    kept = sorted({word.lstrip("0") or "0" for word in words} - {"of", "the", "province"})
    return " ".join(kept)


@cache
def _read_names(column: str) -> dict[str, list[str]]:
    """Return what a place is called by any office, folded, with the codes that may be meant."""
    said = [(name, code) for code, name in _read_places(column).items()]
    for file, key, name in _ALSO[column]:
        said += [(row[name], row[key]) for row in _read_rows(file)]
    names: dict[str, list[str]] = {}
    for name, code in said:
        meant = names.setdefault(_fold(name), [])
        meant += [code] if code not in meant else []
    names.pop("", None)
    return names


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
        With the nearest code; a name, or a number that another office gives the place, is
        answered with its code.

    Examples
    --------
    >>> check_place("province", "Liaoning")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown province 'Liaoning'. Did you mean '21'?
    >>> check_place("partner", "Korea, North")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown partner 'Korea, North'. Did you mean 'PRK'?
    """
    known = list_places(column)
    if not isinstance(code, str) or code not in known:
        meant = _read_names(column).get(_fold(str(code)), [])
        hint = f"Did you mean {list_of(meant)}?" if meant else did_you_mean(code, here or known)
        raise InputError(f"unknown {column} {shorten(code)}", hint=hint)
