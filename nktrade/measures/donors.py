"""Months of a unit beside those of others, and which of the others can be its measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.breaks import count_unfirm
from nktrade.table.addition import WORLD
from nktrade.table.completing import check_every_month
from nktrade.table.periods import parse_period

#: Months before the event that weights need, and others that a rank needs.
SHORTEST = 24
FEWEST_OTHERS = 10


@dataclass(frozen=True)
class Panel:
    """Trade of a unit and of others, period by period; a release of two months is one period.

    Attributes
    ----------
    wide : pandas.DataFrame
        Index period (a release stands at its second month); a column a unit, the one in question
        first.
    months : numpy.ndarray
        How many months each period has, 1 or 2.
    before : numpy.ndarray of bool
        Periods before the event.

    Examples
    --------
    >>> months = pd.date_range("2020-01", periods=4, freq="MS")
    >>> wide = pd.DataFrame({"PRK": [1.0, 3, 1, 1], "VNM": [20.0, 20, 40, 20]}, months)
    >>> panel = Panel(wide, np.ones(4), np.array([True, True, False, False]))
    >>> panel.means.tolist(), panel.relative.round(2).tolist()
    ([2.0, 20.0], [[0.5, 1.5, 0.5, 0.5], [1.0, 1.0, 2.0, 1.0]])
    """

    wide: pd.DataFrame
    months: np.ndarray
    before: np.ndarray

    @property
    def means(self) -> pd.Series:
        """Each unit's mean month before the event."""
        return self.wide.loc[self.before].sum() / self.months[self.before].sum()

    @property
    def relative(self) -> np.ndarray:
        """Units by periods: a month's trade in the unit's own mean month before the event."""
        return (self.wide.div(self.months, axis=0) / self.means).T.to_numpy()


def lay_panel(
    months: pd.DataFrame, unit: str, start: str, *, by: str, end: str | None, without: Sequence[str]
) -> tuple[Panel, pd.Series]:
    """Lay the months of a unit and of the others that can be its measure; say who is left out, why.

    Arguments and refusals are those of `nktrade.measures.compare_with_others`.

    Examples
    --------
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> months = pd.DataFrame(1.0, period, list("ABCDEFGHIJKLMN")).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> panel, left_out = lay_panel(
    ...     months, "A", "2021-01", by="partner", end=None, without=["B"])
    >>> panel.wide.shape, int(panel.before.sum()), left_out.to_dict()
    ((72, 13), 60, {'B': 'asked to'})
    """
    own = months[months[by] == unit].sort_values("period", kind="stable")
    _check_recorded(own, unit)
    wide, size = _widen(months, by, own["period"], end)
    panel = Panel(wide, size, np.asarray(wide.index < parse_period(start).first))
    _check_event(panel, unit)
    unfirm = {str(name) for name, rows in months.groupby(by) if count_unfirm(rows)}
    left_out = _leave_out(panel, unit, without, unfirm)
    others = [name for name in wide if name != unit and name not in left_out.index]
    if len(others) < FEWEST_OTHERS:
        raise UnanswerableError(
            f"too few others to hold {unit} against",
            expected=f"{FEWEST_OTHERS} with a value in every month",
            got=str(len(others)),
            hint="Load all partners: nktrade.load(folder) with partner=None.",
        )
    return Panel(wide[[unit, *others]], size, panel.before), left_out


def _check_recorded(own: pd.DataFrame, unit: str) -> None:
    check_every_month(own)
    if unfirm := count_unfirm(own):
        raise UnanswerableError(
            f"{unfirm} of {len(own)} months of {unit} are not recorded",
            hint="Run this on a store of customs downloads.",
        )


def _widen(
    months: pd.DataFrame, by: str, period: pd.Series, end: str | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Lay periods by units, and count the months of each row."""
    if months.duplicated([by, "period"]).any():
        raise InputError(
            f"a month of a {by} is there twice", hint="Select one flow and one group first."
        )
    last = period.max() if end is None else parse_period(end).last
    table = months[months["period"].between(period.min(), last)]
    wide = table.pivot(index="period", columns=by, values="value")
    wide = wide.reindex(pd.date_range(period.min(), min(last, period.max()), freq="MS"))
    if "state" not in table:
        return wide.astype("float64"), np.ones(len(wide))
    return _join_releases(wide.astype("float64"), table[table["state"] == "combined"], by)


def _join_releases(
    wide: pd.DataFrame, together: pd.DataFrame, by: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Make January and February one row of all units where any unit's were released together."""
    size = np.ones(len(wide))
    inside = set(zip(together[by], together["period"], strict=True))
    for february in sorted(m for m in set(together["period"]) if m.month == 2):
        january = february - pd.DateOffset(months=1)
        if january not in wide.index:  # the span begins inside the release
            wide, size = wide.drop(index=february), size[1:]
            continue
        both = wide.loc[january] + wide.loc[february]  # for units that have them apart
        apart = [name for name in wide if (name, february) not in inside]
        wide.loc[february, apart] = both[apart]
        at = list(wide.index).index(february)
        size[at] = 2.0
        wide, size = wide.drop(index=january), np.delete(size, at - 1)
    return wide, size


def _check_event(panel: Panel, unit: str) -> None:
    """Refuse an event before which too little is known of the unit, or after which nothing is."""
    own, before = panel.wide[unit], panel.before
    if own.isna().any():
        raise UnanswerableError(
            f"there is no value of {unit} in {own.index[own.isna()][0]:%Y-%m}",
            hint="Leave this one out, or import downloads of that month: nktrade data import.",
        )
    if panel.months[before].sum() < SHORTEST or before.all():
        raise UnanswerableError(
            "too few months before the event, or none after it",
            expected=f"{SHORTEST} or more and 1 or more",
            got=f"{int(panel.months[before].sum())} and {int(panel.months[~before].sum())}",
            hint="Choose another event, or import a longer span: nktrade data import.",
        )
    if not (own[before] > 0).any():
        raise UnanswerableError(
            f"{unit} traded nothing before the event",
            hint="Choose a later event, or compare a flow that was there before.",
        )


def _leave_out(panel: Panel, unit: str, without: Sequence[str], unfirm: set[str]) -> pd.Series:
    why = {}
    traded = (panel.wide[panel.before] > 0).mean() > 0.5
    for name in [str(name) for name in panel.wide if name != unit]:
        if name == WORLD:
            why[name] = "the sum of all"
        elif name in without:
            why[name] = "asked to"
        elif name in unfirm:
            why[name] = "months not recorded"
        elif panel.wide[name].isna().any():
            why[name] = "months missing"
        elif not traded[name]:
            why[name] = "seldom traded before the event"
    return pd.Series(why, dtype="str")
