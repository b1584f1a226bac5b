"""What the prints behind a figure allow it to be, without any table of trade."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import inf
from typing import Any

import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.published.documents import UNITS, load_documents
from nktrade.published.figure_rows import MILLION, list_terms, list_whole
from nktrade.published.figures import load_figures
from nktrade.published.honoured import extremes, load_identified
from nktrade.published.identified import Identified
from nktrade.published.intervals import Interval
from nktrade.published.prints import GOODS, Prints
from nktrade.table.periods import Window, parse_period


def allow_by_prints(figure: pd.Series) -> Interval | None:
    """Return what the prints behind a figure allow it to be, without any table of trade.

    A growth rate, recovery, ratio or share is held to the levels that its document prints, and a
    sum or balance of both ways to the two flows.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.

    Returns
    -------
    Interval or None
        In the figure's own unit; None where nothing is printed to hold it to.

    Examples
    --------
    >>> tungsten = load_documents(code="2611", measure="growth", period="2018-H1").iloc[0]
    >>> allowed = allow_by_prints(tungsten)
    >>> f"{allowed.low:.0f}", f"{tungsten['value']:.0f}", f"{allowed.high:.0f}"
    ('2269', '2302', '2337')
    """
    measure = figure["measure"].partition(" ")[0]
    if not figure["period"] or figure["flow"] not in ("export", "import", "total", "balance"):
        return None
    if measure in ("growth", "recovery", "ratio", "share"):
        return _allow_by_levels(figure, measure)
    if measure != "value" or figure["unit"] not in UNITS:
        return None
    room = _add_flows(figure, figure["period"])
    return None if room is None else room * (1 / UNITS[figure["unit"]])


def _allow_by_levels(figure: pd.Series, measure: str) -> Interval | None:
    other = {"classification": "total", "code": ""} if measure == "share" else {}
    base = figure["period"] if measure == "share" else figure["base_period"]
    what = "quantity" if measure == "ratio" else "value"
    if not base or (measure == "share" and figure["geography"] != "CHN"):
        return None
    above = _find_level(figure, figure["period"], what)
    below = _find_level(pd.Series(figure.to_dict() | other, name=figure.name), base, what)
    if above is None or below is None or 0 in below:
        return None
    same = parse_period(base).years / parse_period(figure["period"]).years
    ratio = above / below * same
    scale = 1.0 if measure == "ratio" else 100.0
    return ratio * scale - (100.0 if measure == "growth" else 0.0)


def _find_level(figure: pd.Series, period: str, what: str) -> Interval | None:
    """Return a level as the figure's document prints it: by itself, by its flows, as a mean."""
    prints, levels = _read_levels()
    name = prints.find(figure, period, what)
    if name is not None and prints.places[name].document == figure["document"]:
        return levels[name]
    if what == "value" and (both := _add_flows(figure, period)) is not None:
        return both
    table = prints.table
    means = table["measure"].eq("average") & table["hedge"].eq("") & table["period"].eq(period)
    for column in (*GOODS, "document"):
        means &= table[column] == figure[column]
    unit = table["unit"].str.contains("tons")
    found = table.index[means & (unit if what == "quantity" else ~unit)]
    return levels[found[0]] * _count_means(period) if len(found) else None


def _count_means(period: str) -> float:
    """Say how many means a sum is: they are of a year where they span years, else of a month."""
    months = len(parse_period(period).months)
    return months / 12 if months > 12 else float(months)


def _add_flows(figure: pd.Series, period: str) -> Interval | None:
    """Return a total or a balance from the two flows that the figure's document prints."""
    if figure["flow"] not in ("total", "balance"):
        return None
    prints, levels = _read_levels()
    ways = [prints.find(figure, period, flow=flow) for flow in ("export", "import")]
    if any(name is None or prints.places[name].document != figure["document"] for name in ways):
        return None
    exports, imports = (levels[str(name)] for name in ways)
    return exports + imports if figure["flow"] == "total" else exports - imports


def _honoured_ends(ledger: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    low = ledger["read_low"].fillna(ledger["low"])
    return low, ledger["read_high"].fillna(ledger["high"])


@cache
def _read_levels() -> tuple[Prints, dict[str, Interval]]:
    """Return the documents' levels as intervals, by the periods that are meant.

    Where a print is wrong its reading counts.
    """
    documents = load_documents()
    meant = documents["period_reading"]
    documents["period"] = meant.where(meant.ne(""), documents["period"])
    ledger = load_figures().loc[documents.index]
    low, high = _honoured_ends(ledger)
    turned = ledger["flow"].eq("balance")
    ends = zip(low.mask(turned, -high), high.mask(turned, -low), strict=True)
    levels = {name: Interval(*both) for name, both in zip(documents.index, ends, strict=True)}
    return Prints(documents), levels


@cache
def allow_by_set(name: str) -> Interval | None:
    """Return what the set of tables that agree with the honoured figures allows a figure to be.

    Parameters
    ----------
    name : str
        Id of a figure of the documents.

    Returns
    -------
    Interval or None
        In the figure's own unit. None where the figure is itself among the honoured (but for those
        that bind from below alone), where no cell holds what it measures, or where the set leaves
        it open.
    """
    model, ledger = load_identified(), load_figures()
    held = any(row.id == name and row.kind != "at least" for row in model.rows)
    if name not in ledger.index or held:
        return None
    figure = ledger.loc[name]
    if figure["flow"] == "" or pd.isna(figure["first"]):
        return None
    window = Window(figure["first"], figure["last"])
    if not model.space.covers(window):
        return None
    try:
        room = _find_room(model, figure, window)
    except UnanswerableError:
        return None
    if room is None or (room.low == -inf and room.high == inf):
        return None
    return room * (1 / UNITS.get(str(load_documents().loc[name, "unit"]), 1.0))


def _find_room(model: Identified, figure: Mapping[str, Any], window: Window) -> Interval | None:
    """Return what the set leaves for a figure, in whole units; None where it holds no such cell."""
    terms, measure = list_terms(figure, window), figure["measure"]
    if not terms:
        return None
    if measure == "value" and figure["qualifier"] == "below":
        months = [_find_sum(model, figure, Window(month, month)) for month in window.months]
        return Interval(max(one.low for one in months), max(one.high for one in months))
    if measure in ("value", "average") and figure["unit"] == "USD":
        means = _count_means(str(window)) if measure == "average" else 1.0
        return _find_sum(model, figure, window) * (1 / means)
    if measure == "share" and (whole := list_whole(figure, window)) != terms:
        return Interval(*model.ratio_of(terms, whole)) * 100.0
    if measure in ("growth", "recovery") and pd.notna(figure["base_first"]):
        then = Window(figure["base_first"], figure["base_last"])
        if not model.space.covers(then):
            return None
        ratio = Interval(*model.ratio_of(terms, list_terms(figure, then)))
        rate = ratio * (100 * then.years / window.years)
        return rate - (100.0 if measure == "growth" else 0.0)
    return None


def _find_sum(model: Identified, figure: Mapping[str, Any], window: Window) -> Interval:
    low, high = (end.value * MILLION for end in extremes(model, list_terms(figure, window)))
    return Interval(-high, -low) if figure["flow"] == "balance" else Interval(low, high)
