"""Tables as people read them: codes and periods in words, no more digits than are known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from nktrade.codes.geography import list_places
from nktrade.codes.names import label, name_inside
from nktrade.table.outwards import cut
from nktrade.table.periods import spell_period

#: Levels of codes by the names that a page uses, and their digits.
DIGITS = {"chapter": 2, "heading": 4, "subheading": 6, "line": 8}

_PERIOD = re.compile(r"\d{4}-(H[12]|Q[1-4]|\d{2})|\d{4}(-\d{2})?\.\.\d{4}(-\d{2})?")


def name_in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose codes, places and periods are written in words.

    Parameters
    ----------
    frame : pandas.DataFrame
        Levels of the index, or the columns, named "chapter", "heading", "subheading", "line" or
        "hs" hold codes, those named "province", "geography", "partner" or "reporter" places.
        Periods and months are known by their form, wherever they stand.

    Examples
    --------
    >>> table = pd.DataFrame({"2020-H1": [1.0]}, pd.Index(["6902"], name="heading"))
    >>> name_in_words(table).columns.tolist(), name_in_words(table).index.tolist()
    (['January to June 2020'], ['Refractory bricks (HS 6902)'])
    """
    texts = frame.select_dtypes(["object", "str", "datetime"]).columns
    named = frame.assign(**{str(name): frame[name].map(_spell) for name in texts})
    index, columns = named.index, frame.columns
    writers = [_KINDS.get(str(name), _spell) for name in index.names]
    if isinstance(index, pd.MultiIndex):
        rows = [[write(one) for write, one in zip(writers, row, strict=True)] for row in index]
        named.index = pd.MultiIndex.from_tuples(map(tuple, rows), names=index.names)
    else:
        named.index = index.map(writers[0])
    if not isinstance(columns, pd.MultiIndex):
        named.columns = columns.map(_KINDS.get(str(columns.name), _spell))
    return named.rename_axis(columns=None).rename_axis(index=_spell)


def _spell(name: Any) -> Any:
    if isinstance(name, pd.Timestamp):
        return f"{name:%B %Y}" if name.day == 1 else f"{name.day} {name:%B %Y}"
    if not isinstance(name, str):
        return name
    return spell_period(name) if _PERIOD.fullmatch(name) else name.replace("_", " ")


def _call(name: Any) -> Any:
    return label(name) if str(name).isdigit() else name


def _place(name: Any) -> Any:
    return list_places("province").get(str(name).removeprefix("CHN-"), name)


def name_country(iso3: str) -> str:
    """Return a country's English name for titles; the code itself where nobody lists it.

    Examples
    --------
    >>> name_country("PRK"), name_country("CHN"), name_country("XYZ")
    ('North Korea', 'China', 'XYZ')
    """
    return list_places("partner").get(iso3, iso3)


def _declare(name: Any) -> Any:
    return list_places("regime").get(str(name), name)


_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys([*DIGITS, "hs"], _call),
    **{"province": _place, "geography": _place, "regime": _declare},
    **{"partner": name_country, "reporter": name_country},
}


def cut_digits(values: pd.Series, digits: int) -> pd.Series:
    """Round each large number to so many significant digits; small ones stay as they are.

    Examples
    --------
    >>> cut_digits(pd.Series([17_452_365.0, 641.2]), 3).tolist()
    [17500000.0, 641.0]
    """
    if not (values.abs() >= 1e4).any():
        return values
    sizes = values.abs().where(values.abs() >= 10**digits, 10 ** (digits - 1)).astype("float64")
    steps = 10.0 ** (np.floor(np.log10(sizes)) - digits + 1)
    return (values / steps).round() * steps


def count_places(values: pd.Series, digits: int) -> int:
    """Return the decimals that show so many digits of a column's largest value."""
    largest = values.abs().max()
    if pd.isna(largest) or largest == 0 or (values.dropna() % 1 == 0).all():
        return 0
    return min(max(digits - 1 - math.floor(math.log10(largest)), 0), 6)


def round_outwards(frame: pd.DataFrame, places: Mapping[str, int]) -> pd.DataFrame:
    """Round the least down and the greatest up, so that a table never says more than is known.

    Ends that round alike are one number, and stay.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column whose name ends with "least" or "low" has the greatest beside it, on its right.
    places : mapping
        The decimals that each column of numbers is to have.

    Examples
    --------
    >>> ends = pd.DataFrame({"at least": [1.06, 3.06], "at most": [2.01, 3.09]})
    >>> round_outwards(ends, {"at least": 1, "at most": 1}).values.round(1).tolist()
    [[1.0, 2.1], [3.1, 3.1]]
    """
    done = frame.copy(deep=False)
    names = list(frame.columns)
    for least, most in pairwise(names):
        if (
            least not in places
            or most not in places
            or not re.search(r"\b(least|low)$", str(least))
        ):
            continue
        low, high = frame[least].astype("float64"), frame[most].astype("float64")
        alike = low.round(places[least]) == high.round(places[most])
        done[least] = low.where(alike, cut(low, 10.0 ** -places[least], -1))
        done[most] = high.where(alike, cut(high, 10.0 ** -places[most], +1))
    return done


def spell_selection(
    flow: str | None = None, hs: str | Sequence[str] | None = None, **where: Any
) -> str:
    """Say in words which rows are meant: "exports of live horses (HS 0101) in June 2020".

    Examples
    --------
    >>> spell_selection("import", "6902", period="2020-06")
    'imports of refractory bricks (HS 6902) in June 2020'
    """
    words = f"{flow}s" if flow else "trade"
    if hs is not None:
        codes = [hs] if isinstance(hs, str) else hs
        words += f" of {', '.join(map(name_inside, codes))}"
    if "period" in where:
        words += f" in {spell_period(where.pop('period'))}"
    return words + "".join(f", {name} {value}" for name, value in where.items())
