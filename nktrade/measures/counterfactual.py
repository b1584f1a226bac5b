"""What one unit's trade would have been, had it gone as the others'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nktrade.errors import InputError, count_of
from nktrade.measures.placebos import rank_gap
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.periods import list_periods, parse_period, spell_period


@dataclass(frozen=True, repr=False)
class Counterfactual(Summarised):
    """What one unit's trade would have been, had it gone as the others'.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns period (a release of two months stands at its second), months (1 or 2), value,
        expected, gap (expected less value: positive is less trade than expected), low, high (95
        percent limits of expected, by placebos), in the series' unit.
    weights : pandas.Series
        Index of the others; add up to one.
    placebos : pandas.DataFrame
        Index of all units, the one in question first. Columns misfit (root mean square gap before
        the event, percent of the unit's mean month), gap (mean from the event to the end, percent
        of the same), ratio (gap over misfit).
    unit, start, method : str
    p_units : float
        Share of units, the one in question among them, whose ratio is at least as far from zero.
    p_time : float
        Share of shifts in time by which residuals as large as those since the event come about
        (a test that the event changed nothing in any month).
    left_out : pandas.Series
        Index of the others that were not used, and why.
    notes : tuple of str

    Examples
    --------
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> values = np.random.default_rng(1).normal(10, 0.3, (72, 14))
    >>> months = pd.DataFrame(values, period, list("ABCDEFGHIJKLMN")).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> from nktrade.measures import compare_with_others
    >>> found = compare_with_others(months, "A", "2021-01")
    >>> found.unit, found.start, len(found.weights), round(float(found.weights.sum()), 6)
    ('A', '2021-01', 13, 1.0)
    """

    table: pd.DataFrame
    weights: pd.Series
    placebos: pd.DataFrame
    unit: str
    start: str
    method: str
    p_units: float
    p_time: float
    left_out: pd.Series
    notes: tuple[str, ...]
    _gaps: pd.DataFrame
    _mean: float

    def sum_gap(self, period: str | None = None) -> pd.Series:
        """Add up how far the unit lies below what the others' course would have been.

        Parameters
        ----------
        period : str, optional
            As ``"2020-02..2021-12"``; by default from the event to the end.

        Returns
        -------
        pandas.Series
            period, months, gap (in the series' unit; positive: less than expected), low, high (95
            percent), p (of zero); missing where there are too few others for them.

        Raises
        ------
        InputError
            If the data hold none of the period's months.
        """
        shown = self.table["period"]
        first = parse_period(self.start).first
        chosen = shown >= first if period is None else parse_period(period).covers(shown)
        if not chosen.any():
            raise InputError(
                "the period holds none of the months",
                expected=f"{shown.iloc[0]:%Y-%m} to {shown.iloc[-1]:%Y-%m}",
                got=str(period),
            )
        months = int(self.table.loc[chosen, "months"].sum())
        found = self._judge(chosen.to_numpy())
        inside = shown[chosen]
        return pd.Series(
            {
                "period": f"{inside.iloc[0]:%Y-%m}..{inside.iloc[-1]:%Y-%m}",
                "months": months,
                "gap": found["gap"] * months * self._mean,
                "low": found["low"] * months * self._mean,
                "high": found["high"] * months * self._mean,
                "p": found["p"],
            }
        )

    def trace(self, periods: Sequence[str]) -> pd.DataFrame:
        """Study the event: the mean gap in several windows, before it and after.

        A gap in a window before the event is a sign that the others were no measure.

        Parameters
        ----------
        periods : sequence of str
            As ``["2018-H1", "2018-H2", "2019-H1"]``.

        Returns
        -------
        pandas.DataFrame
            Index period. Columns before (bool), gap, low, high (percent of the unit's mean month
            before the event; 95 percent) and p.
        """
        rows = {}
        for period in list_periods(periods):
            found = self.sum_gap(period)
            part = found[["gap", "low", "high"]] / (found["months"] * self._mean) * 100
            before = parse_period(period).last < parse_period(self.start).first
            rows[period] = {"before": before, **part, "p": found["p"]}
        return pd.DataFrame(rows).T.rename_axis("period").infer_objects()

    def _judge(self, chosen: np.ndarray) -> dict[str, float]:
        """The mean gap over some months; its limits and p by those of all other units."""
        weights = self.table["months"].to_numpy(dtype=float) * chosen
        means = self._gaps.to_numpy() @ weights / weights.sum()
        ratios = means / self._misfits
        return rank_gap(means[0], self._misfits[0], ratios)

    @cached_property
    def _misfits(self) -> np.ndarray:
        return self.placebos["misfit"].to_numpy() / 100

    def summary(self) -> Summary:
        """Return the sum of the gap with its limits, both p values and the fit."""
        gap = self.sum_gap()
        large = abs(gap["gap"]) >= 1e7
        divisor, unit = (1e6, ", million") if large else (1.0, "")
        row = {
            f"gap{unit}": gap["gap"] / divisor,
            f"95 % low{unit}": gap["low"] / divisor,
            f"95 % high{unit}": gap["high"] / divisor,
            "p": self.p_units,
            "p in time": self.p_time,
            "misfit before, %": self.placebos["misfit"].iloc[0],
        }
        others = count_of(len(self.weights), "others")
        title = f"{self.unit} against {others}, {spell_period(gap['period'])}"
        return Summary(title, pd.DataFrame([row], index=[self.method]), self.notes)
