"""Customs' own codes and what nktrade calls them."""

from __future__ import annotations

import difflib
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError, did_you_mean

WORLD = "WLD"


@cache
def _pairs(table: str, key: str, value: str, folder: str = "gacc") -> dict[str, str]:
    path = DATA / "classes" / folder / f"{table}.csv"
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    return dict(zip(frame[key], frame[value], strict=True))


def partner_isos() -> dict[str, str]:
    """Return customs' partner code to ISO3: ``{"109": "PRK", ...}``."""
    return _pairs("partners", "code", "iso3")


def partner_codes() -> dict[str, str]:
    """Return ISO3 to customs' partner code."""
    return _pairs("partners", "iso3", "code")


def country_isos() -> dict[str, str]:
    """Return the country code of UN Comtrade and BACI to ISO3: ``{"408": "PRK", ...}``."""
    return _pairs("countries", "code", "iso3", "baci")


def provinces() -> dict[str, str]:
    """Return customs' code of a province to its name: ``{"21": "Liaoning", ...}``."""
    return _pairs("provinces", "code", "name")


def regimes() -> dict[str, str]:
    """Return customs' code of a regime to its name: ``{"10": "ordinary trade", ...}``."""
    return _pairs("regimes", "code", "name")


def units() -> dict[str, str]:
    """Return a unit as customs prints it to the name nktrade gives it."""
    return _pairs("units", "printed", "unit")


@cache
def name_unit(printed: str) -> str:
    """Return nktrade's name of a unit, however its letters and spaces are set; else as printed.

    Examples
    --------
    >>> name_unit("千 克"), name_unit("KILOGRAM"), name_unit("道")
    ('kg', 'kg', '道')
    """
    fold = {"".join(text.split()).casefold(): unit for text, unit in units().items()}
    fold |= {unit.casefold(): unit for unit in units().values()}
    return fold.get("".join(printed.split()).casefold(), printed)


def check_code(axis: str, said: str, names: dict[str, str]) -> None:
    """Refuse what is not customs' code of a province or regime, and tell the code of a name."""
    if said in names:
        return
    codes = {name.casefold(): code for code, name in names.items()}
    near = difflib.get_close_matches(said.casefold(), codes, n=1)
    hint = f"Did you mean {codes[near[0]]!r}, {names[codes[near[0]]]}?" if near else ""
    raise InputError(
        f"unknown {axis} {said!r}",
        expected="customs' two digits",
        hint=hint or did_you_mean(said, names),
    )


def check_partner(partner: str) -> str:
    """Return `partner` if it is an ISO3 code of a customs partner or "WLD", else refuse it."""
    if partner == WORLD or partner in partner_codes():
        return partner
    names = _pairs("partners", "name", "iso3") | _pairs("partner_names", "printed", "iso3")
    if partner in partner_isos() or partner in names:
        meant = f"Did you mean {(partner_isos() | names)[partner]!r}?"
    else:
        meant = did_you_mean(partner, [WORLD, *partner_codes()])
    raise InputError(
        f"unknown partner {partner!r}", expected="an ISO 3166 code as 'PRK', or 'WLD'", hint=meant
    )
