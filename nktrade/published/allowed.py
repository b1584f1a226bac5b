"""What the prints behind a figure allow it to be, without any table of trade."""

from __future__ import annotations

from functools import cache
from math import inf

import pandas as pd

from nktrade.published.documents import UNITS, load_documents
from nktrade.published.figures import load_figures
from nktrade.published.intervals import Interval
from nktrade.published.prints import Prints
from nktrade.table.periods import Window, parse_period


def allow_by_prints(figure: pd.Series) -> Interval | None:
    """Return what the prints behind a figure allow it to be, without any table of trade.

    A growth rate, recovery, ratio or share is held to the levels that its document prints, a sum or
    balance of both ways to the two flows, and a level to another print of the same thing.

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
    return _allow_by_flows(figure) or _allow_by_twins(figure)


def _allow_by_levels(figure: pd.Series, measure: str) -> Interval | None:
    prints, levels = _read_levels()
    other = {"classification": "total", "code": ""} if measure == "share" else {}
    base = figure["period"] if measure == "share" else figure["base_period"]
    what = "quantity" if measure == "ratio" else "value"
    if not base or (measure == "share" and figure["geography"] != "CHN"):
        return None
    above = prints.find(figure, figure["period"], what)
    below = prints.find(figure, base, what, **other)
    if above is None or below is None or 0 in levels[below]:
        return None
    if {prints.places[name].document for name in (above, below)} != {figure["document"]}:
        return None
    same = parse_period(base).years / parse_period(figure["period"]).years
    ratio = levels[above] / levels[below] * same
    scale = 1.0 if measure == "ratio" else 100.0
    return ratio * scale - (100.0 if measure == "growth" else 0.0)


def _allow_by_flows(figure: pd.Series) -> Interval | None:
    if figure["flow"] not in ("total", "balance"):
        return None
    prints, levels = _read_levels()
    ways = [prints.find(figure, figure["period"], flow=flow) for flow in ("export", "import")]
    if None in ways:
        return None
    exports, imports = (levels[str(name)] for name in ways)
    both = exports + imports if figure["flow"] == "total" else exports - imports
    return both * (1 / UNITS[figure["unit"]])


def _allow_by_twins(figure: pd.Series) -> Interval | None:
    """Return what other prints of the same thing leave together, if any are honoured."""
    ledger = load_figures()
    name = str(figure.name)
    if name not in ledger.index:
        return None
    own = ledger.loc[name]
    same = ledger["honoured"] & (ledger.index != name) & (ledger["unit"] == "USD")
    for column in ("flow", "subject", "hs", "province", "regime", "measure"):
        same &= ledger[column] == own[column]
    twins = ledger[same & (ledger["first"] == own["first"]) & (ledger["last"] == own["last"])]
    if twins.empty:
        return None
    low, high = _honoured_ends(twins)
    return Interval(low.min(), high.max()) * (1 / UNITS[figure["unit"]])


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
        In the figure's own unit. None where the figure is itself among the honoured, where no cell
        holds what it measures, or where the set leaves it open.
    """
    from nktrade.errors import UnanswerableError
    from nktrade.published.bounds import MILLION, extremes, load_identified
    from nktrade.published.figure_rows import list_terms

    model = load_identified()
    ledger = load_figures()
    if name not in ledger.index or any(row.id == name for row in model.rows):
        return None
    figure, unit = ledger.loc[name], UNITS.get(str(load_documents().loc[name, "unit"]), 1.0)
    if figure["flow"] == "" or pd.isna(figure["first"]):
        return None
    window = Window(figure["first"], figure["last"])
    if not model.space.covers(window):
        return None

    def range_of(part: Window) -> Interval:
        low, high = (end.value * MILLION for end in extremes(model, list_terms(figure, part)))
        return Interval(-high, -low) if figure["flow"] == "balance" else Interval(low, high)

    try:
        if not list_terms(figure, window):
            return None
        if figure["measure"] == "value" and figure["qualifier"] == "below":
            months = [range_of(Window(month, month)) for month in window.months]
            room = Interval(max(one.low for one in months), max(one.high for one in months))
        elif figure["measure"] in ("value", "average") and figure["unit"] == "USD":
            count = len(window.months)
            several = count / 12 if count > 12 else count
            room = range_of(window) * (1 / several if figure["measure"] == "average" else 1.0)
        elif figure["measure"] in ("growth", "recovery") and pd.notna(figure["base_first"]):
            then = Window(figure["base_first"], figure["base_last"])
            if not model.space.covers(then):
                return None
            terms = [list_terms(figure, one) for one in (window, then)]
            ratio = Interval(*model.ratio_of(*terms)) * (100 * then.years / window.years)
            room = ratio - (100.0 if figure["measure"] == "growth" else 0.0)
        else:
            return None
    except UnanswerableError:
        return None
    room = room * (1 / unit)
    return None if room.low == -inf and room.high == inf else room
