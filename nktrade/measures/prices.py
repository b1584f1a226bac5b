"""Prices apart from quantities: index numbers of unit values over matched lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from nktrade.errors import InputError, check_choice, count_of
from nktrade.measures.matching import OUTLIERS, UNKNOWN, Link, match_lines, sum_lines
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.meaning import MEANING, read_meaning, tell_meaning
from nktrade.table.periods import list_periods
from nktrade.table.rows import check_columns, check_is_trade

FORMULAS = ("laspeyres", "paasche", "fisher", "tornqvist")


def compare_prices(old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Compare prices and quantities of the same items in two periods.

    Parameters
    ----------
    old, new : pandas.DataFrame
        The same index of items; columns value and quantity, both above zero.

    Returns
    -------
    pandas.Series
        value (ratio of the sums), and for each of laspeyres, paasche, fisher and tornqvist the
        ratio of prices under that name and of quantities as ``"fisher quantity"``. The quantity
        ratio of Laspeyres is Laspeyres's own; Fisher's price times Fisher's quantity is the
        change of value; Törnqvist's quantity is the value over its price.

    Raises
    ------
    InputError
        If the items differ, or a value or a quantity is not above zero.

    Notes
    -----
    Producer Price Index Manual (IMF and others 2004), chapters 15 and 16; Fisher (1922), "The
    making of index numbers"; Törnqvist (1936).

    Examples
    --------
    >>> old = pd.DataFrame({"value": [10.0, 10.0], "quantity": [10.0, 5.0]}, ["rice", "flour"])
    >>> new = pd.DataFrame({"value": [20.0, 12.0], "quantity": [10.0, 6.0]}, ["rice", "flour"])
    >>> compare_prices(old, new)[["laspeyres", "paasche", "value"]].round(3).tolist()
    [1.5, 1.455, 1.6]
    """
    for table in (old, new):
        check_columns(table, ["value", "quantity"])
    if not old.index.equals(new.index):
        raise InputError(
            "the items of the two periods differ", hint="Take those traded in both periods."
        )
    for table in (old, new):
        bad = table.index[~(table[["value", "quantity"]] > 0).all(axis=1)]
        if len(bad):
            raise InputError(
                f"the value or the quantity of {bad[0]} is not above zero",
                hint="Take those traded in both periods.",
            )
    v0, v1 = old["value"].to_numpy(dtype=float), new["value"].to_numpy(dtype=float)
    q0, q1 = old["quantity"].to_numpy(dtype=float), new["quantity"].to_numpy(dtype=float)
    price = (v1 / q1) / (v0 / q0)
    s0, s1 = v0 / v0.sum(), v1 / v1.sum()
    value = v1.sum() / v0.sum()
    laspeyres, paasche = float(s0 @ price), float(1 / (s1 @ (1 / price)))
    found = {"laspeyres": laspeyres, "paasche": paasche, "fisher": np.sqrt(laspeyres * paasche)}
    found["tornqvist"] = float(np.exp((s0 + s1) / 2 @ np.log(price)))
    other = {"laspeyres": "paasche", "paasche": "laspeyres"}
    quantities = {f"{name} quantity": value / found[other.get(name, name)] for name in FORMULAS}
    return pd.Series({"value": value, **found, **quantities})


@dataclass(frozen=True, repr=False)
class PriceIndex(Summarised):
    """Prices and quantities of a flow over periods.

    Attributes
    ----------
    table : pandas.DataFrame
        Index period. Columns value (all lines, in the currency), price, quantity (indexes of the
        chosen formula, the first period 100; price times quantity is the change of value of the
        matched lines), deflated (value at prices of the first period), and laspeyres, paasche,
        fisher, tornqvist (prices, the first period 100).
    links : pandas.DataFrame
        Index period (the later of two). Columns from, lines (matched), outliers, share_from,
        share_to (percent of the value of each period that the matched lines hold).
    outliers : pandas.DataFrame
        Lines taken out as outliers: period, the line, old and new unit value.
    notes : tuple of str

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "period": pd.to_datetime(["2018-01-01", "2018-01-01", "2019-01-01", "2019-01-01"]),
    ...     "hs": ["10063020", "11010000"] * 2, "value": [10.0, 10.0, 20.0, 12.0],
    ...     "quantity": [10.0, 5.0, 10.0, 6.0], "unit": "kg", "status": "reported"})
    >>> found = index_prices(rows, ["2018-01", "2019-01"])
    >>> found.links[["lines", "share_to"]].to_dict("records"), len(found.outliers)
    ([{'lines': 2, 'share_to': 100.0}], 0)
    """

    table: pd.DataFrame
    links: pd.DataFrame
    outliers: pd.DataFrame
    notes: tuple[str, ...]

    def summary(self) -> Summary:
        """Return the indexes and what share of trade they rest on."""
        shown = self.table[["value", "price", "quantity", "deflated"]]
        shown = shown.join((self.links["share_to"]).rename("matched, %"))
        return Summary("Prices and quantities of matched lines", shown, self.notes)


def index_prices(
    trade: pd.DataFrame,
    periods: Sequence[str],
    *,
    by: str = "hs",
    formula: str = "fisher",
    chained: bool = True,
    outliers: float | None = OUTLIERS,
    unknown: str = "refuse",
) -> PriceIndex:
    """Split a flow's value over periods into prices and quantities of lines traded in both.

    The unit value of a line is its value over its quantity. Lines are matched between two periods:
    each with the one before it (chained), or each with the first. A line whose log change of unit
    value lies more than `outliers` robust standard deviations (1.4826 times the median absolute
    deviation, at least 0.1) from the median line is taken out of that link and listed.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table of one flow, with quantity and unit.
    periods : sequence of str
        In order, as ``["2017", "2018"]``; each must be held whole.
    by : str
        Column of the lines: the finest codes there are.
    formula : {"fisher", "tornqvist", "laspeyres", "paasche"}
        Of price, quantity and deflated.
    chained : bool
    outliers : float, optional
        None keeps every line.
    unknown : {"refuse", "leave"}
        A line whose quantity is missing, or in several units, refuses the whole; or is left out of
        the matched lines, as one that is traded in one period only.

    Raises
    ------
    UnanswerableError
        If the trade is an estimate, has no quantities, a line's quantity is missing or in several
        units (unless left), or matched lines hold less than half of the value of a period.
    MixtureError
        As `nktrade.table.addition.sum_rows`, as for codes of several editions.
    GapError
        If a period is not held whole.
    InputError
        For fewer than two periods, an unknown formula or policy.

    Notes
    -----
    Export and Import Price Index Manual (IMF and others 2009), chapter 2 on what unit values are
    worth: a change of quality within a line counts as one of price. Outliers: Iglewicz and Hoaglin
    (1993).

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "period": pd.to_datetime(["2018-01-01", "2018-01-01", "2019-01-01", "2019-01-01"]),
    ...     "hs": ["10063020", "11010000"] * 2, "value": [10.0, 10.0, 20.0, 12.0],
    ...     "quantity": [10.0, 5.0, 10.0, 6.0], "unit": "kg", "status": "reported"})
    >>> index_prices(rows, ["2018-01", "2019-01"]).table["price"].round(1).tolist()
    [100.0, 147.7]
    """
    periods = list_periods(periods)
    if len(periods) < 2:
        raise InputError("an index needs two periods or more", got=", ".join(periods) or "none")
    check_choice("formula", formula, FORMULAS)
    check_choice("policy", unknown, UNKNOWN)
    lines = sum_lines(trade, periods, by, unknown)
    pairs = pairwise(periods) if chained else ((periods[0], later) for later in periods[1:])
    links = [match_lines(lines, earlier, later, outliers) for earlier, later in pairs]
    levels = _set_levels(links, chained)
    table = _deflate(
        pd.Series({period: lines[period].total for period in periods}), levels, formula
    )
    told = {name: said for name, said in read_meaning(trade).items() if name in MEANING}
    linked = pd.DataFrame([link.describe() for link in links]).set_index("period")
    notes = _write_notes(linked, formula, chained, outliers)
    listed = pd.concat([link.outliers for link in links], ignore_index=True)
    return PriceIndex(tell_meaning(table, **told), linked, listed, notes)


def _set_levels(links: Sequence[Link], chained: bool) -> pd.DataFrame:
    """Indexes of every formula by period, the first period 100."""
    ratios = pd.DataFrame({link.later: compare_prices(link.old, link.new) for link in links}).T
    levels = ratios.cumprod() if chained else ratios
    start = pd.DataFrame(1.0, index=[links[0].earlier], columns=levels.columns)
    return 100 * pd.concat([start, levels])


def _deflate(totals: pd.Series, levels: pd.DataFrame, formula: str) -> pd.DataFrame:
    """Lay values beside the chosen price index and the quantity index that makes up their change.

    Price and quantity must give the value together: Laspeyres goes with Paasche.
    """
    other = {"laspeyres": "paasche", "paasche": "laspeyres"}.get(formula, formula)
    table = pd.DataFrame({"value": totals})
    table["price"], table["quantity"] = levels[formula], levels[f"{other} quantity"]
    table["deflated"] = table["value"] / levels[formula] * 100
    return table.join(levels[list(FORMULAS)]).rename_axis("period")


def _write_notes(
    links: pd.DataFrame, formula: str, chained: bool, outliers: float | None
) -> tuple[str, ...]:
    least = links[["share_from", "share_to"]].min().min()
    notes = [
        f"{formula.capitalize()} of unit values, {'chained' if chained else 'fixed base'}, over "
        f"lines traded in both periods of a link; they hold at least {least:.0f} % of the value. "
        "No errors: indexes of all records; all months recorded.",
        "What is not matched is taken to have had the price change of what is.",
    ]
    if outliers is not None:
        notes.append(
            f"{count_of(int(links['outliers'].sum()), 'lines')} taken out: log change of unit "
            f"value more than {outliers:g} robust standard deviations from the median line's."
        )
    return tuple(notes)


def compute_terms_of_trade(trade: pd.DataFrame, periods: Sequence[str], **how) -> pd.DataFrame:
    """Set prices of exports against prices of imports.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table of both flows, of one country and side.
    periods : sequence of str
    **how
        As `index_prices`.

    Returns
    -------
    pandas.DataFrame
        Index period. Columns export_price, import_price, barter (export over import prices: what
        a unit of exports buys) and income (value of exports over import prices), all 100 in the
        first period.

    Raises
    ------
    UnanswerableError, MixtureError, GapError, InputError
        As `index_prices`.

    Notes
    -----
    Where the table is mirrored exports are valued with freight (CIF) and imports without (FOB): a
    change of freight moves the terms of trade.

    Examples
    --------
    >>> rows = pd.DataFrame({"period": pd.to_datetime(["2018-01-01", "2019-01-01"] * 2),
    ...     "flow": ["export", "export", "import", "import"], "hs": "10063020",
    ...     "value": [10.0, 20.0, 10.0, 10.0], "quantity": 10.0, "unit": "kg",
    ...     "reporter": "PRK", "partner": "CHN", "hs_edition": "HS2017", "currency": "USD",
    ...     "status": "reported"})
    >>> compute_terms_of_trade(rows, ["2018-01", "2019-01"])["barter"].round(1).tolist()
    [100.0, 200.0]
    """
    check_is_trade(trade)
    found = {
        flow: index_prices(trade[trade["flow"] == flow], periods, **how).table
        for flow in ("export", "import")
    }
    exports, imports = found["export"], found["import"]
    table = pd.DataFrame({"export_price": exports["price"], "import_price": imports["price"]})
    table["barter"] = 100 * table["export_price"] / table["import_price"]
    value = 100 * exports["value"] / exports["value"].iloc[0]
    table["income"] = 100 * value / table["import_price"]
    return tell_meaning(table, **read_meaning(exports))
