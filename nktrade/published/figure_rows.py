"""Published figures as rows of a linear programme over the cells of `space`.

A value is an interval for a sum of cells. A share or a growth rate says that one sum lies between
two multiples of another, which is linear too. Money is in million dollars.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import pandas as pd

from nktrade.published.computing import BASKETS
from nktrade.published.documents import load_exchange_rates
from nktrade.published.figures import split_codes
from nktrade.published.space import ALL_GOODS, Block, Selection, Space
from nktrade.table.periods import Window

MILLION = 1e6
FIRST_YEAR, LAST_YEAR = 2014, 2025
#: Statistics that a table of customs' goods can be held to.
BINDING = ("headline", "goods")
_MONEY = ("USD", "CNY")

Terms = tuple[tuple[float, Selection], ...]


@dataclass(frozen=True)
class Row:
    """A published figure, or one side of it: ``low <= sum of weight x block <= high``.

    Attributes
    ----------
    id : str
        The figure's id; a figure that compares two sums has two rows.
    kind : str
        "value", "at least", "zero", "share" or "growth".
    terms : tuple of (float, Block)
    low, high : float
        Million USD; for a comparison of two sums one is zero and the other infinite.
    """

    id: str
    kind: str
    terms: tuple[tuple[float, Block], ...]
    low: float
    high: float

    @property
    def size(self) -> float:
        """The larger end of what is printed, in million USD; zero for a comparison or a zero."""
        ends = [abs(end) for end in (self.low, self.high) if abs(end) < inf]
        return max(ends)


def make_space(figures: pd.DataFrame) -> Space:
    """Return the cells that tell these figures apart."""
    codes = set().union(*BASKETS.values())
    goods = figures.loc[figures["subject"] == "goods", "hs"].unique()
    codes |= {code for several in goods for code in split_codes(several)}
    places = {place for several in figures["province"].unique() for place in several.split()}
    return Space(codes, places, FIRST_YEAR, LAST_YEAR)


def build_rows(space: Space, figures: pd.DataFrame) -> list[Row]:
    """Turn figures into rows; those without a rule, or outside the space, give none.

    Parameters
    ----------
    space : Space
        From `make_space`.
    figures : pandas.DataFrame
        From `load_figures`. Hedged words of the documents ("below 19 million a month") are claims
        to be judged and give no row; nor does a sealed figure, kept to test with.
    """
    known = figures["flow"].ne("") & figures["statistic"].isin(BINDING) & ~figures["sealed"]
    known &= figures["qualifier"].eq("") | figures["source"].ne("documents")
    known &= figures["measure"].isin([*_AMOUNTS, "share", "growth"]) & figures["first"].notna()
    records = figures[known].to_dict("index")
    return [row for id_, figure in records.items() for row in _read(space, str(id_), figure)]


_AMOUNTS = ("value", "average", "quantity")


def _read(space: Space, id_: str, figure: Mapping[Any, Any]) -> Iterator[Row]:
    window = Window(figure["first"], figure["last"])
    terms = list_terms(figure, window)
    if not space.covers(window) or not terms:
        return
    # Part of the flow. The document's three classes leave out a quarter of its total.
    part = figure["subject"] in ("regime", "group") or figure["hs"] == "intermediate"
    if figure["measure"] in _AMOUNTS:
        yield from _read_amount(space, id_, figure, window, terms, part)
    elif not part:
        yield from _read_rate(space, id_, figure, window, terms)


def _read_amount(
    space: Space, id_: str, figure: Mapping[Any, Any], window: Window, terms: Terms, part: bool
) -> Iterator[Row]:
    """Yield the row of an amount of money, or of none: no tons are no money either."""
    money = figure["measure"] != "quantity" and figure["unit"] in _MONEY
    zero = figure["kind"] == "zero"
    unrated = figure["unit"] == "CNY" and _find_rate(window) is None
    if unrated or (zero and part) or not (zero or money):
        return
    low, high = _interval(figure) if money else (0.0, 0.0)
    scale_low, scale_high = _dollars(figure, window)
    kind = "zero" if zero else "at least" if part else "value"
    high = inf if kind == "at least" else high * scale_high
    yield Row(id_, kind, _blocks(space, terms), low * scale_low, high)


def _read_rate(
    space: Space, id_: str, figure: Mapping[Any, Any], window: Window, terms: Terms
) -> Iterator[Row]:
    """Yield the rows of a share, or of a growth rate; a dash for a rate is no rate."""
    if figure["measure"] == "share":
        base, factor, start = list_whole(figure, window), 0.01, 0.0
    elif figure["kind"] == "zero" or pd.isna(figure["base_first"]):
        return
    else:
        then = Window(figure["base_first"], figure["base_last"])
        if not space.covers(then):
            return
        base, factor, start = list_terms(figure, then), 0.01 * window.years / then.years, 100.0
    if base and base != terms:
        low, high = (factor * (start + end) for end in _interval(figure))
        part, whole = _blocks(space, terms), _blocks(space, base)
        yield from _compare(id_, figure["measure"], part, whole, low, high)


def _compare(id_: str, kind: str, part, whole, low: float, high: float) -> Iterator[Row]:
    """Two sums in a proportion from `low` to `high`: one row each way."""
    if high < inf:
        scaled = tuple((-high * weight, block) for weight, block in whole)
        yield Row(id_, kind, (*part, *scaled), -inf, 0.0)
    if low > 0:
        scaled = tuple((-low * weight, block) for weight, block in whole)
        yield Row(id_, kind, (*part, *scaled), 0.0, inf)


def _blocks(space: Space, terms: Terms) -> tuple[tuple[float, Block], ...]:
    return tuple((weight, space.block(one)) for weight, one in terms)


def list_terms(figure: Mapping[Any, Any], window: Window) -> Terms:
    """Return what a figure adds up, with signs; nothing if cells do not hold it."""
    chosen: dict[str, Any] = {"province": tuple(figure["province"].split())}
    subject, code = figure["subject"], figure["hs"]
    if subject == "goods":
        if not code:  # goods that no code says, as "outward processing"
            return ()
        chosen["hs"] = split_codes(code)
    elif subject == "basket" and code in BASKETS:
        chosen["hs"] = BASKETS[code]
    elif subject in ("industry", "bec"):
        chosen[subject] = code
    elif subject not in ("total", "regime", "group"):
        return ()
    elif figure["statistic"] == "goods" and subject == "total":
        chosen["hs"] = ALL_GOODS
    return tuple((sign, Selection(flow, window, **chosen)) for flow, sign in signs(figure["flow"]))


def signs(flow: str) -> Iterable[tuple[str, float]]:
    """Return the flows of a sum with their signs: a balance is exports less imports."""
    return (("export", 1.0), ("import", -1.0)) if flow == "balance" else ((flow, 1.0),)


def list_whole(figure: Mapping[Any, Any], window: Window) -> Terms:
    """Return what a share is a share of."""
    if figure["whole"] == "goods":
        return list_terms({**figure, "province": ""}, window)
    place = figure["province"] if figure["whole"] == "province" else ""
    whole = {"subject": "total", "statistic": "headline", "hs": "", "province": place}
    return list_terms({**figure, **whole}, window)


def _interval(figure: Mapping[Any, Any]) -> tuple[float, float]:
    """Return what a figure allows, or its reading where the print is wrong, in its unit."""
    read = pd.notna(figure["read_low"]) and figure["kind"] != "zero"
    return (figure["read_low"], figure["read_high"]) if read else (figure["low"], figure["high"])


def _dollars(figure: Mapping[Any, Any], window: Window) -> tuple[float, float]:
    """Return what to multiply the ends of an amount by, for million dollars of the window."""
    length = 1.0
    if figure["measure"] == "average":  # a year where it spans years, else a month
        months = len(window.months)
        length = months / 12 if months > 12 else months
    if figure["unit"] != "CNY":
        return length / MILLION, length / MILLION
    quick, slow = _find_rate(window) or (1.0, 1.0)
    return length / slow / MILLION, length / quick / MILLION


def _find_rate(window: Window) -> tuple[float, float] | None:
    """Return the least and the greatest yuan for a dollar: a month's own, or its year's."""
    rates = load_exchange_rates()
    for name in (str(window), f"{window.first:%Y}"):
        if name in rates.index:
            return float(rates["low"][name]), float(rates["high"][name])
    return None
