"""Everything nktrade knows of one HS code, in one dictionary."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.editions import check_code, counterparts
from nktrade.codes.hs import EDITIONS, SPECIAL_CHAPTERS, children, editions_of, normalise, parents
from nktrade.codes.names import name


def describe(code: str, edition: str | None = None) -> dict[str, Any]:
    """Return what is known of an HS code; text, lists and dictionaries only, ready for JSON.

    Parameters
    ----------
    code : str
        2 to 10 digits.
    edition : str, optional
        The edition to read it in; by default the latest in which it exists.

    Returns
    -------
    dict
        code, level (digits), edition, name (its heading's where it has none of its own), parents
        (code to name), children (codes), editions (those it lives in), elsewhere (edition to its
        counterparts, where they differ from the code itself), classes (class to value, None where
        there is none), baskets (names of the shipped ones it lies in), units (China customs' own,
        as "kg" or "item, kg" for a first and a second unit; one for each kind of line under the
        code).

    Raises
    ------
    CodeError
        If it is no code or exists in no edition (or not in `edition`).

    Examples
    --------
    >>> card = describe("690220")
    >>> card["name"], card["classes"]["bec"]
    ('Refractory bricks of alumina or silica', 'intermediate')
    >>> card["parents"]
    {'69': 'Ceramics', '6902': 'Refractory bricks'}
    """
    from nktrade.codes import baskets, classes

    text = normalise(code)
    lives = list(EDITIONS) if text[:2] in SPECIAL_CHAPTERS else editions_of(text)
    if edition is None:
        edition = lives[-1] if lives else EDITIONS[-1]
    check_code(text, edition)
    row = pd.DataFrame({"hs": [text], "hs_edition": [edition]}).astype("str")
    names = classes.list_classes()["name"].tolist()
    found = classes.classify(row, to=names).iloc[0]
    held = [b for b in baskets.list_baskets()["name"] if baskets.in_basket(row, b).iloc[0]]
    return {
        "code": text,
        "level": len(text),
        "edition": edition,
        "name": name(text),
        "parents": {parent: name(parent) for parent in parents(text)},
        "children": children(text, edition) if len(text) < 6 else [],
        "editions": lives,
        "elsewhere": _find_counterparts(text, edition),
        "classes": {one: None if pd.isna(found[one]) else found[one] for one in names},
        "baskets": held,
        "units": find_units(text),
    }


@cache
def _unit_rules() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "gacc" / "line_units.csv", dtype="str")
    return dict(zip(table["prefix"], table["units"], strict=True))


def find_units(code: str) -> list[str]:
    """Return the units in which China's customs count what lies under a code.

    Examples
    --------
    >>> find_units("69022000"), find_units("9108"), find_units("2716")
    (['kg'], ['item, kg'], ['kWh'])
    """
    rules = _unit_rules()
    below = {units for prefix, units in rules.items() if prefix.startswith(code)}
    above = [rules[code[:n]] for n in (8, 6, 4, 2) if code[:n] in rules]
    return sorted(below if _are_ruled(code) else below | set(above[:1]))


def _are_ruled(code: str) -> bool:
    """Whether rules of their own leave nothing under a code to the rule above it.

    A subheading that customs do not divide is one line, which ends in 00.
    """
    rules = _unit_rules()
    below = children(code, EDITIONS[-1]) if len(code) == 4 else [code]
    return bool(below) and all(one in rules or f"{one}00" in rules for one in below)


def _find_counterparts(code: str, edition: str) -> dict[str, list[str]]:
    """Return the six-digit counterparts in the other editions, where they are not the code."""
    if len(code) < 6 or code[:2] in SPECIAL_CHAPTERS:
        return {}
    found = {other: counterparts(edition, other).get(code[:6], ()) for other in EDITIONS}
    return {other: list(to) for other, to in found.items() if to != (code[:6],)}
