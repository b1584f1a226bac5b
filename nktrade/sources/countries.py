"""What publishers write for a country: ISO codes, or numbers that are ISO's or their own."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.sources._customs_codes import WORLD, country_isos, partner_isos


@cache
def _countries() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "baci" / "iso2.csv", dtype="str", keep_default_na=False)
    known = dict(zip(table["iso2"], table["iso3"], strict=True))
    known |= {iso: iso for iso in [*country_isos().values(), *partner_isos().values(), WORLD]}
    return known | {f"{int(code):03d}": iso for code, iso in country_isos().items()}


def read_country(text: str, numbers: bool = True) -> str:
    """Return the ISO3 code of a country.

    Parameters
    ----------
    text : str
        An ISO code of two or three letters, or its number.
    numbers : bool
        Whether a number is ISO's. A publisher that has numbers of its own has some of ISO's for
        other countries: of Japan's customs 408 is Bolivia, of ISO North Korea.

    Raises
    ------
    InputError
        For what is no country.

    Examples
    --------
    >>> read_country("kp"), read_country("408"), read_country("PRK")
    ('PRK', 'PRK', 'PRK')
    """
    known = _countries()
    plain = text.strip().upper()
    number = plain.isdecimal()
    plain = plain.zfill(3) if number else plain
    if plain in known and (numbers or not number):
        return known[plain]
    raise InputError(
        "unknown country",
        expected="an ISO code as 'PRK' or 'KP'",
        got=repr(text),
        hint=f"Say what it means: words={{'partner': {{{text!r}: 'PRK'}}}}; or leave it out.",
    )


def read_country_or_code(text: str, numbers: bool = True) -> str:
    """Return a country, or a code that is none that is known: areas, ships, secrets."""
    try:
        return read_country(text, numbers)
    except InputError:
        if re.fullmatch(r"[A-Z0-9]{1,4}", text):
            return f"?{text}"
        raise
