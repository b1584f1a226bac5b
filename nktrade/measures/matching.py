"""Lines of a flow that two periods have in common, with value and quantity in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import GapError, UnanswerableError
from nktrade.measures.quantities import compute_unit_values
from nktrade.table.addition import sum_rows
from nktrade.table.ordering import order_largest
from nktrade.table.periods import parse_period, spell_period
from nktrade.table.rows import is_estimated
from nktrade.table.whole_periods import find_whole

UNKNOWN = ("refuse", "leave")
#: Robust standard deviations from the middle log change beyond which a line's change of unit value
#: is taken for another good or a slip of the pen, and the least such a deviation is taken to be.
OUTLIERS = 3.5
LEAST_SPREAD = 0.1
#: Share of the value of either period that matched lines must hold.
LEAST_MATCHED = 0.5


@dataclass(frozen=True)
class Lines:
    """Value, quantity and unit value of every line in one period, and the sum of all."""

    table: pd.DataFrame
    total: float


@dataclass(frozen=True)
class Link:
    """Lines that two periods share (`old` and `new`), and those taken out as outliers."""

    earlier: str
    later: str
    old: pd.DataFrame
    new: pd.DataFrame
    shares: tuple[float, float]
    outliers: pd.DataFrame

    def describe(self) -> dict[str, Any]:
        """Return a row of `nktrade.measures.PriceIndex.links`."""
        lines = {"lines": len(self.old), "outliers": len(self.outliers)}
        shares = {"share_from": self.shares[0], "share_to": self.shares[1]}
        return {"period": self.later, "from": self.earlier} | lines | shares


def sum_lines(
    trade: pd.DataFrame, periods: Sequence[str], by: str, unknown: str = "refuse"
) -> dict[str, Lines]:
    """Sum up a flow by line in each period; refuse what is not whole or not measured.

    Arguments and refusals are those of `nktrade.measures.index_prices`.
    """
    _check_measured(trade, periods)
    inside = {period: parse_period(period).covers(trade["period"]) for period in periods}
    # One sum over all periods asks once whether their codes and units may be compared.
    compute_unit_values(trade[np.logical_or.reduce(list(inside.values()))], by)
    found = {}
    for period, chosen in inside.items():
        table = _measure_lines(trade[chosen], by)
        if unknown == "refuse":
            _refuse_lost(table, period)
        found[period] = Lines(table, float(sum_rows(trade[chosen])["value"].iloc[0]))
    _check_units({period: lines.table for period, lines in found.items()}, unknown)
    return found


def _measure_lines(trade: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return unit values by line, and whether a line has value and quantity."""
    lines = compute_unit_values(trade, by).set_index(by)
    lines = lines[lines["value"] != 0]
    return lines.assign(measured=(lines["quantity"] > 0) & (lines["value"] > 0))


def _refuse_lost(lines: pd.DataFrame, period: str) -> None:
    lost = order_largest(lines[~lines["measured"]], "value")
    if len(lost):
        share = 100 * lost["value"].sum() / lines["value"].sum(skipna=False)
        raise UnanswerableError(
            f"the quantity of {lost.index[0]} in {spell_period(period)} is missing, zero or "
            "in several units",
            got=f"{len(lost)} such lines of {len(lines)}"
            + (f", {share:.0f} percent of the value" if pd.notna(share) else ""),
            hint='Leave such lines out: unknown="leave".',
        )


def _check_measured(trade: pd.DataFrame, periods: Sequence[str]) -> None:
    if is_estimated(trade):
        raise UnanswerableError(
            "an estimate has no prices of its own", hint="Run this on a store of customs downloads."
        )
    held = find_whole(trade, list(periods))
    missing = [spell_period(period) for period in periods if period not in held]
    if missing:
        raise GapError(
            "the data do not hold whole periods",
            got=", ".join(missing),
            hint="Choose other periods, or import downloads of these: nktrade data import.",
        )
    if "quantity" not in trade or "unit" not in trade or trade["quantity"].isna().all():
        raise UnanswerableError(
            "the data have no quantities, and so no prices",
            hint="Import downloads of customs, which have quantities: nktrade data import.",
        )


def _check_units(sums: dict[str, pd.DataFrame], unknown: str) -> None:
    """A line counted in one unit here and another there has no price that compares."""
    units = pd.DataFrame({period: lines["unit"] for period, lines in sums.items()})
    mixed = units.index[units.apply(lambda said: len(set(said.dropna())) > 1, axis=1)]
    if len(mixed) and unknown == "refuse":
        raise UnanswerableError(
            f"the quantity of {mixed[0]} is counted in several units over the periods",
            got=", ".join(sorted(units.loc[mixed[0]].dropna().unique())),
            hint='Leave such lines out: unknown="leave".',
        )
    for lines in sums.values():
        lines["measured"] &= ~lines.index.isin(mixed)


def match_lines(
    lines: dict[str, Lines], earlier: str, later: str, outliers: float | None = OUTLIERS
) -> Link:
    """Match the lines of two periods, without outliers; refuse where they hold too little.

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [10.0, 10.0], "quantity": [10.0, 5.0],
    ...     "unit_value": [1.0, 2.0], "measured": True}, pd.Index(["1006", "1101"], name="hs"))
    >>> link = match_lines({"2018": Lines(rows, 20.0), "2019": Lines(rows[:1], 10.0)},
    ...     "2018", "2019")
    >>> link.old.index.tolist(), link.shares
    (['1006'], (50.0, 100.0))
    """
    old, new = lines[earlier].table, lines[later].table
    both = old.index[old["measured"]].intersection(new.index[new["measured"]])
    old, new = old.loc[both], new.loc[both]
    odd = _find_outliers(old, new, outliers)
    taken = {"from": old.loc[odd, "unit_value"], "to": new.loc[odd, "unit_value"]}
    listed = pd.DataFrame(taken).reset_index()
    listed.insert(0, "period", later)
    old, new = old[~odd], new[~odd]
    share_old = float(100 * old["value"].sum() / lines[earlier].total)
    share_new = float(100 * new["value"].sum() / lines[later].total)
    if not min(share_old, share_new) >= 100 * LEAST_MATCHED:
        raise UnanswerableError(
            f"too little of the trade is in lines that both {spell_period(earlier)} and "
            f"{spell_period(later)} have",
            expected=f"{100 * LEAST_MATCHED:.0f} percent of the value of each",
            got=f"{share_old:.0f} and {share_new:.0f} percent",
            hint="Compare neighbouring periods (chained), or a heading instead of all goods.",
        )
    return Link(earlier, later, old, new, (share_old, share_new), listed)


def _find_outliers(old: pd.DataFrame, new: pd.DataFrame, limit: float | None) -> np.ndarray:
    if limit is None or not len(old):
        return np.zeros(len(old), dtype=bool)
    change = np.log(new["unit_value"].to_numpy(dtype=float) / old["unit_value"].to_numpy(float))
    off = np.abs(change - np.median(change))
    return off > limit * max(1.4826 * float(np.median(off)), LEAST_SPREAD)
