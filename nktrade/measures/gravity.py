"""Gravity by Poisson pseudo-maximum likelihood: zeros count, and effects are shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice, count_of
from nktrade.measures.breaks import count_unfirm, tell_support
from nktrade.measures.summaries import Summarised, Summary
from nktrade.measures.threads import keep_to_one_thread
from nktrade.table.rows import check_columns

#: Clusters below which errors clustered by them are known to be too small.
FEWEST_CLUSTERS = 20
#: Flips of the clusters' signs.
FLIPS = 1999


@dataclass(frozen=True, repr=False)
class Gravity(Summarised):
    """A gravity equation, fitted.

    Attributes
    ----------
    table : pandas.DataFrame
        Index of regressors. Columns value (of the coefficient), error, low, high (95 percent), p
        and percent (what one unit more does to trade).
    fitted : pandas.Series
        Expected trade of each row that was used, in its unit.
    clusters : int
    notes : tuple of str

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> rows = [(f"P{n:02d}", t, float(n < 12 and t > 9)) for n in range(30) for t in range(20)]
    >>> table = pd.DataFrame(rows, columns=["partner", "period", "sanctioned"])
    >>> table["value"] = random.poisson(np.exp(5 - 0.7 * table["sanctioned"]))
    >>> found = fit_gravity(table, ["sanctioned"])
    >>> found.clusters, len(found.fitted), bool(found.sum_effect("sanctioned")["gap"] > 0)
    (30, 600, True)
    """

    table: pd.DataFrame
    fitted: pd.Series
    clusters: int
    notes: tuple[str, ...]
    _own: pd.DataFrame

    def sum_effect(self, name: str) -> pd.Series:
        """Add up what trade there would have been besides, had a regressor been zero throughout.

        Parameters
        ----------
        name : str
            A regressor of zeros and ones, as a measure in force.

        Returns
        -------
        pandas.Series
            rows (where it is not zero), fitted (their expected trade), gap (what zero would have
            added; positive: the regressor goes with less trade), low, high (95 percent).

        Raises
        ------
        InputError
            If the name is no regressor.

        Notes
        -----
        Constants of partners and periods are held, so that what is lost to one is not taken to
        have gone to another.
        """
        check_choice("regressor", name, self.table.index)
        size = self._own[name].to_numpy()
        fitted = self.fitted.to_numpy()[size != 0]
        gaps = [
            float(fitted @ np.expm1(-float(self.table[end][name]) * size[size != 0]))
            for end in ("value", "high", "low")
        ]
        found = {"rows": len(fitted), "fitted": fitted.sum()}
        return pd.Series(found | dict(zip(("gap", "low", "high"), gaps, strict=True)))

    def summary(self) -> Summary:
        """Return coefficients with their errors."""
        shown = self.table.rename(columns={"low": "95 % low", "high": "95 % high"})
        return Summary("Gravity, Poisson pseudo-maximum likelihood", shown, self.notes)


@keep_to_one_thread
def fit_gravity(
    table: pd.DataFrame,
    regressors: Sequence[str],
    *,
    fixed: Sequence[str] = ("partner", "period"),
    cluster: str = "partner",
    value: str = "value",
) -> Gravity:
    """Fit E[value] = exp(regressors + one constant for each partner and each period).

    Parameters
    ----------
    table : pandas.DataFrame
        One row a partner and period; the columns named below.
    regressors : sequence of str
        Columns of numbers: a sanction in force (0 or 1), the log of a distance or a product.
    fixed : sequence of str
        Columns with a constant for each of their values.
    cluster : str
        Column within whose values errors may be related in any way.
    value : str
        Column of trade, zero or more, in any unit.

    Returns
    -------
    Gravity

    Raises
    ------
    InputError
        If a column is not there, a value is negative, or a regressor or value is missing.
    UnanswerableError
        If months are estimated, bounded or assumed; if a regressor does not vary once the
        constants are taken out, or moves within one cluster only (clustered errors know nothing
        of it: use `compare_with_others`); or if there are fewer than 20 clusters.

    Notes
    -----
    Santos Silva and Tenreyro (2006), "The log of gravity", Review of Economics and Statistics 88.
    Partners or periods that traded nothing at all say nothing and are left out (Correia,
    Guimarães and Zylkin 2020). Errors: clustered (Liang and Zeger 1986), corrected
    for few clusters. p and limits: a wild bootstrap of the clusters' scores under the null (Kline
    and Santos 2012, Journal of Econometric Methods 1), for Student's t on clustered errors rejects
    14 percent of true nulls where a few partners hold most of the trade.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> rows = [(f"P{n:02d}", t, float(n < 12 and t > 9)) for n in range(30) for t in range(20)]
    >>> table = pd.DataFrame(rows, columns=["partner", "period", "sanctioned"])
    >>> table["value"] = random.poisson(np.exp(5 - 0.7 * table["sanctioned"]))
    >>> found = fit_gravity(table, ["sanctioned"]).table.loc["sanctioned"]
    >>> bool(found["low"] < -0.7 < found["high"]), round(found["percent"], -1)
    (True, np.float64(-50.0))
    """
    check_columns(table, [*fixed, cluster, *regressors, value])
    names = list(regressors)
    given = table.dropna(subset=[*fixed, cluster])
    _check_numbers(given, names, value)
    rows = _leave_out_silent(given, fixed, value)
    _check_clusters(rows[cluster])
    own, constants = rows[names].astype("float64"), _make_constants(rows, fixed)
    _check_moving(own, constants, rows[cluster])
    unit = float(rows[value].mean())
    trade = rows[value].to_numpy(dtype=float) / unit
    design = np.column_stack([own, constants])
    groups = pd.factorize(rows[cluster])[0]
    fit = _fit_poisson(trade, design, groups)
    spent = len(names) + _count_spent(rows, fixed, cluster)
    scale = np.sqrt((len(rows) - design.shape[1]) / (len(rows) - spent))
    found = pd.DataFrame({"value": fit.params[: len(names)]}, index=names)
    found["error"] = fit.bse[: len(names)] * scale
    tests = [_ScoreTest(trade, design, groups, at, fit.params) for at in range(len(names))]
    found[["low", "high", "p"]] = [
        _judge(test, *row) for test, row in zip(tests, found.to_numpy(), strict=True)
    ]
    found["percent"] = 100 * np.expm1(found["value"])
    fitted = pd.Series(unit * fit.fittedvalues, rows.index, name="fitted")
    notes = _write_notes(rows, fixed, cluster, dropped=len(given) - len(rows))
    return Gravity(found, fitted, rows[cluster].nunique(), notes, own)


def _check_numbers(rows: pd.DataFrame, names: list[str], value: str) -> None:
    """Refuse numbers that are missing, trade below zero, and trade that is only assumed."""
    for column in [*names, value]:
        if rows[column].isna().any():
            raise InputError(f"{column!r} lacks {count_of(rows[column].isna().sum(), 'values')}")
    if (rows[value] < 0).any():
        raise InputError("trade cannot be negative", got=f"{rows[value].min():,.0f}")
    if count_unfirm(rows):
        raise UnanswerableError(
            f"no errors of what is assumed: {tell_support(rows)}",
            hint="Run this on a store of customs downloads.",
        )


def _check_clusters(cluster: pd.Series) -> None:
    if cluster.nunique() < FEWEST_CLUSTERS:
        raise UnanswerableError(
            "too few clusters for their errors",
            expected=f"{FEWEST_CLUSTERS} or more",
            got=f"{count_of(cluster.nunique(), 'values')} of {cluster.name!r}",
            hint="Choose compare_with_others where one partner stands against few.",
        )


def _make_constants(rows: pd.DataFrame, fixed: Sequence[str]) -> pd.DataFrame:
    """One column of 0 and 1 a constant; of every set after the first one is the base."""
    dummies = pd.get_dummies(rows[list(fixed)].astype("str"), dtype="float64")
    bases = [f"{name}_{rows[name].astype('str').min()}" for name in list(fixed)[1:]]
    return dummies.drop(columns=bases)


def _fit_poisson(trade: np.ndarray, design: np.ndarray, groups: np.ndarray):
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    return GLM(trade, design, Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, tol=1e-10, maxiter=200
    )


def _count_spent(rows: pd.DataFrame, fixed: Sequence[str], cluster: str) -> int:
    """Count the constants that cost freedom.

    Those of a cluster's own cost none (the default of fixest and pyfixest); statsmodels counts all.
    """
    apart = [name for name in fixed if rows.groupby(name)[cluster].nunique().max() > 1]
    return sum(rows[name].nunique() for name in apart)


def _judge(test: _ScoreTest, value: float, error: float) -> tuple[float, float, float]:
    """The limits of a coefficient, and p of zero."""
    low, high = (test.find_limit(value, side * error) for side in (-1.0, 1.0))
    return low, high, test.find_p(0.0)


def _write_notes(
    rows: pd.DataFrame, fixed: Sequence[str], cluster: str, dropped: int
) -> tuple[str, ...]:
    notes = [
        f"Poisson pseudo-maximum likelihood with constants for each {' and '.join(fixed)}; errors "
        f"clustered by {cluster} ({rows[cluster].nunique()}), p and 95 % limits by a wild "
        f"bootstrap of their scores; {len(rows):,} observations; {tell_support(rows)}.",
    ]
    if dropped:
        notes.append(
            f"Left out: {count_of(dropped, 'rows')} of a {' or '.join(fixed)} without any trade."
        )
    return tuple(notes)


class _ScoreTest:
    """Whether one coefficient may have a value: signs of the clusters' scores under it flipped.

    Under the value each cluster's score is as likely below zero as above, however large the
    cluster, so that a few large ones do not make the test reject too often.
    """

    def __init__(self, trade, design, codes, at: int, start: np.ndarray) -> None:
        self.trade, self.codes = trade, codes
        self.own, self.rest = design[:, at], np.delete(design, at, axis=1)
        self.start = np.delete(start, at)
        signs = np.random.default_rng(2012).choice([-1.0, 1.0], (FLIPS, int(codes.max()) + 1))
        self.signs = signs

    def find_p(self, value: float) -> float:
        for _ in range(100):  # Newton's steps from the nearest fit so far
            mean = np.exp(value * self.own + self.rest @ self.start)
            inner = self.rest.T @ (mean[:, None] * self.rest)
            step = np.linalg.solve(inner, self.rest.T @ (self.trade - mean))
            self.start = self.start + step
            if np.abs(step).max() < 1e-8:
                break
        free = self.own - self.rest @ np.linalg.solve(inner, self.rest.T @ (mean * self.own))
        scores = np.bincount(self.codes, free * (self.trade - mean))
        flipped = np.abs(self.signs @ scores) >= np.abs(scores.sum()) * (1 - 1e-12)
        return float((1 + flipped.sum()) / (1 + FLIPS))

    def find_limit(self, value: float, step: float) -> float:
        """The nearest value on one side that is rejected at 5 percent."""
        inside, outside = value, value + 2 * step
        for _ in range(12):
            if self.find_p(outside) <= 0.05:
                break
            inside, outside = outside, outside + 2 * step
        else:
            return float(np.copysign(np.inf, step))
        for _ in range(8):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if self.find_p(middle) <= 0.05 else (middle, outside)
        return (inside + outside) / 2


def _leave_out_silent(rows: pd.DataFrame, fixed: Sequence[str], value: str) -> pd.DataFrame:
    """Leave out partners and periods whose constant would run away: those that never trade."""
    while True:
        silent = np.zeros(len(rows), dtype=bool)
        for column in fixed:
            silent |= (rows.groupby(column)[value].transform("sum") == 0).to_numpy()
        if not silent.any():
            return rows
        rows = rows[~silent]


def _check_moving(own: pd.DataFrame, dummies: pd.DataFrame, cluster: pd.Series) -> None:
    """Refuse a regressor that the constants explain, or that moves within one cluster only."""
    constants = dummies.to_numpy()
    rest = own - constants @ np.linalg.lstsq(constants, own.to_numpy(), rcond=None)[0]
    for name in own:
        if rest[name].abs().max() < 1e-8 * max(own[name].abs().max(), 1e-300):
            raise UnanswerableError(
                f"{name!r} does not vary beside the constants of the model",
                hint="A distance is a partner's constant: let it act through time, or drop that "
                "constant.",
            )
        moving = own[name].groupby(cluster).agg(lambda said: np.ptp(said) > 0)
        still = own[name].groupby(cluster).first()[~moving]
        if moving.sum() == 1 and len(set(still)) == 1:
            raise UnanswerableError(
                f"{name!r} moves for {moving.idxmax()} alone, and clustered errors know nothing of "
                "one cluster",
                hint="Use compare_with_others, which asks the others.",
            )
