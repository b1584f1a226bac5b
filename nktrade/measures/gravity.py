"""Gravity by Poisson pseudo-maximum likelihood: zeros count, and effects are shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.breaks import count_unfirm, tell_support
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.rows import check_columns

#: Clusters below which errors clustered by them are known to be too small.
FEWEST_CLUSTERS = 20


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
    Guimarães and Zylkin 2020). Errors: clustered (Liang and Zeger 1986), corrected for few
    clusters, and Student's t with one degree of freedom less than clusters. With many partners
    and periods pyfixest's `fepois` does the same quicker.

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
    import statsmodels.api as sm
    from scipy.stats import t

    check_columns(table, [*fixed, cluster, *regressors, value])

    names = list(regressors)
    rows = table.dropna(subset=[*fixed, cluster])
    for column in [*names, value]:
        if rows[column].isna().any():
            raise InputError(f"{rows[column].isna().sum()} values of {column!r} are missing")
    if (rows[value] < 0).any():
        raise InputError("trade cannot be negative", got=f"{rows[value].min():,.0f}")
    if count_unfirm(rows):
        raise UnanswerableError(
            f"no errors of what is assumed: {tell_support(rows)}",
            hint="Run this on a store of customs downloads.",
        )
    dropped = len(rows)
    rows = _leave_out_silent(rows, fixed, value)
    dropped -= len(rows)
    clusters = rows[cluster].nunique()
    if clusters < FEWEST_CLUSTERS:
        raise UnanswerableError(
            "too few clusters for their errors",
            expected=f"{FEWEST_CLUSTERS} or more",
            got=f"{clusters} values of {cluster!r}",
            hint="For one partner against few others use compare_with_others.",
        )
    dummies = pd.get_dummies(rows[list(fixed)].astype("str"), dtype="float64")
    first = [f"{name}_{rows[name].astype('str').min()}" for name in list(fixed)[1:]]
    dummies = dummies.drop(columns=first)
    own = rows[names].astype("float64")
    _check_moving(own, dummies, rows[cluster])
    unit = float(rows[value].mean())
    design = np.column_stack([own, dummies])
    codes = pd.factorize(rows[cluster])[0]
    fit = sm.GLM(rows[value].to_numpy(dtype=float) / unit, design, sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": codes}, tol=1e-10, maxiter=200
    )
    count = len(names)
    # A constant of each cluster's own costs no freedom (the default of fixest and pyfixest);
    # statsmodels counts every one.
    apart = [name for name in fixed if rows.groupby(name)[cluster].nunique().max() > 1]
    spent = count + sum(rows[name].nunique() for name in apart)
    scale = np.sqrt((len(rows) - design.shape[1]) / (len(rows) - spent))
    coefficient, error = fit.params[:count], fit.bse[:count] * scale
    reach = t.ppf(0.975, clusters - 1) * error
    found = pd.DataFrame(
        {
            "value": coefficient,
            "error": error,
            "low": coefficient - reach,
            "high": coefficient + reach,
            "p": 2 * t.sf(np.abs(coefficient / error), clusters - 1),
            "percent": 100 * np.expm1(coefficient),
        },
        index=names,
    )
    fitted = pd.Series(unit * fit.fittedvalues, rows.index, name="fitted")
    notes = [
        f"Poisson pseudo-maximum likelihood with constants for each {' and '.join(fixed)}; errors "
        f"clustered by {cluster} ({clusters}), Student's t; {len(rows):,} observations; "
        f"{tell_support(rows)}.",
    ]
    if dropped:
        notes.append(f"{dropped:,} rows of a {' or '.join(fixed)} without any trade are left out.")
    return Gravity(found, fitted, clusters, tuple(notes), own)


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
