"""Short names of chapters, headings and subheadings, in the project's own words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import overload

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import normalise
from nktrade.errors import InputError


@cache
def _names() -> dict[str, str]:
    parts = [
        pd.read_csv(DATA / "classes" / "hs" / name, dtype="str")
        for name in ("names.csv", "subheadings.csv")
    ]
    table = pd.concat(parts)
    return dict(sorted(zip(table["code"], table["name"], strict=True)))


def list_names(longest: int = 4) -> dict[str, str]:
    """Return every code of up to `longest` digits that has a name of its own, with it, in order."""
    return {code: name for code, name in _names().items() if len(code) <= longest}


@cache
def list_words() -> dict[str, dict[str, str]]:
    """Return what people call the goods of a code: "english", "chinese", "korean" → code → words.

    Examples
    --------
    >>> list_words()["korean"]["6704"].split(";")[0]
    '가발'
    """
    path = DATA / "classes" / "hs" / "words.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    return {
        language: {
            code: said for code, said in zip(table["code"], table[language], strict=True) if said
        }
        for language in ("english", "chinese", "korean")
    }


def name(code: str) -> str:
    """Return the short name of a chapter, heading or subheading.

    A tariff line of eight digits is told by its subheading, whose part it is. A subheading of
    HS2007 alone has no name and is said to be part of its heading, which it is not the whole of.

    Examples
    --------
    >>> name("67"), name("69022000")
    ('Feather and hair goods', 'Refractory bricks of alumina or silica')
    >>> name("7777")
    ''
    """
    names, text = _names(), normalise(code)[:6]
    if text in names or len(text) < 6 or text[:4] not in names:
        return names.get(text, "")
    if text.endswith("00"):  # a heading that is not divided
        return names[text[:4]]
    return f"part of {names[text[:4]].lower()}"


#: Where a table's attributes say which store it was loaded from.
STORE = "nktrade_store"
#: Reads the names that the files of a store print. The store puts itself here: it knows codes, and
#: codes know of no store.
_printed: list[Callable[[str], pd.DataFrame]] = []


def read_printed_with(read: Callable[[str], pd.DataFrame]) -> None:
    """Let `label` ask `read` for the names that the files of a store print."""
    _printed[:] = [read]


@overload
def label(code: str) -> str: ...
@overload
def label(code: pd.DataFrame, *, names: pd.DataFrame | None = None) -> pd.DataFrame: ...


def label(code, *, names=None):
    """Return a code's name with the code behind it, as a page says it; of nothing known, the code.

    Parameters
    ----------
    code : str or pandas.DataFrame
        A code, or a table with a column hs (or heading, chapter, subheading).
    names : pandas.DataFrame, optional
        Columns hs, name, language: what files print, as ``nktrade.store.names(store)`` returns
        it. A table that was loaded from a store asks that one by itself. China's tariff lines of
        eight digits are so told in customs' own words, in English where a file has them.

    Returns
    -------
    str or pandas.DataFrame
        Of a table a copy with a column name behind the codes.

    Examples
    --------
    >>> label("6902"), label("7777")
    ('Refractory bricks (HS 6902)', 'HS 7777')
    >>> label(pd.DataFrame({"hs": ["6704", "90183100"]}))["name"].tolist()
    ['Wigs and false eyelashes', 'Syringes']
    """
    if isinstance(code, pd.DataFrame):
        columns = [c for c in ("hs", "subheading", "heading", "chapter") if c in code]
        if not columns:
            raise InputError(
                "the table has no column of codes",
                expected="hs, subheading, heading or chapter",
                got=", ".join(map(str, code.columns)),
            )
        table = code.copy()
        printed = _first_names(names) if names is not None else _ask_store(code)
        told = {one: printed.get(one) or name(one) for one in table[columns[0]].dropna().unique()}
        at = list(table.columns).index(columns[0]) + 1
        table.insert(at, "name", table[columns[0]].map(told).astype("str"))
        return table
    return f"{name(code)} (HS {code})" if name(code) else f"HS {code}"


def name_inside(code: str) -> str:
    """Return a good's name and code as inside a sentence.

    Examples
    --------
    >>> name_inside("6703"), name_inside("7777")
    ('human hair prepared for wigs (HS 6703)', 'HS 7777')
    """
    told = label(code)
    return told if told.startswith("HS") else told[:1].lower() + told[1:]


def _ask_store(table: pd.DataFrame) -> dict[str, str]:
    """Return the names that the files of a table's store print."""
    store = table.attrs.get(STORE)
    return _first_names(_printed[0](store)) if _printed and isinstance(store, str) else {}


def _first_names(names: pd.DataFrame) -> dict[str, str]:
    one = names.sort_values("language", kind="stable").drop_duplicates("hs")
    return dict(zip(one["hs"], one["name"], strict=True))
