"""What forecasts are worth: calibrated intervals, scores, and a test against the benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.forecasts import BENCHMARK, LEVELS
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.rows import check_columns

LOSSES = ("absolute", "squared")


def calibrate_forecasts(ahead: pd.DataFrame, rolled: pd.DataFrame) -> pd.DataFrame:
    """Replace a model's own limits by how far it was off before, at the same distance.

    The limits lie about the mean at a distance that the model's past errors so many months ahead
    kept in the stated share of cases (split conformal prediction, on rolling origins). An error
    counts for an origin only if the month it was made for was known by then, so that the limits
    at past origins are those that a forecaster had, and their coverage is a fair trial.

    Parameters
    ----------
    ahead : pandas.DataFrame
        As `forecast_months` or `roll_origins` returns it.
    rolled : pandas.DataFrame
        As `roll_origins` returns it, from many origins of the same series.

    Returns
    -------
    pandas.DataFrame
        `ahead` with new low_80, high_80, low_95, high_95 and with errors (past errors used).
        Limits that so few errors cannot give are missing: 80 percent needs 4, 95 percent 19.

    Raises
    ------
    UnanswerableError
        If no forecast of `ahead` has enough past errors for any limit.

    Notes
    -----
    Vovk, Gammerman and Shafer (2005), "Algorithmic learning in a random world"; for forecasts
    Stankevičiūtė, Alaa and van der Schaar (2021). An error is measured in mean absolute changes
    on the year before, as known at its origin, so that a series that has shrunk is not given the
    errors of its past size. Exact where errors are exchangeable; errors many months ahead overlap
    and are not quite: in the design of the page they held 79 to 81 and 93 to 97 percent of what
    came (``docs/methods/size.md``).

    Examples
    --------
    >>> from nktrade.measures import forecast_months, roll_origins
    >>> random = np.random.default_rng(1)
    >>> months = pd.date_range("2017-01-01", periods=72, freq="MS")
    >>> series = pd.DataFrame({"period": months, "value": 50 + random.normal(size=72)})
    >>> past = [f"{month:%Y-%m}" for month in months[47:71]]
    >>> rolled = roll_origins(series, past, 1, models=["seasonal naive"])
    >>> ahead = calibrate_forecasts(forecast_months(series, 1, ["seasonal naive"]), rolled)
    >>> int(ahead["errors"].iloc[0]), bool(ahead["low_95"].notna().all())
    (24, True)
    """
    check_columns(ahead, ["model", "period", "mean"], "Give it as forecast_months returns it.")
    check_columns(rolled, ["model", "mean", "value"], "Call roll_origins first.")
    kept = {
        key: (part["period"].to_numpy(), _scale_errors(part).to_numpy())
        for key, part in rolled.sort_values("period", kind="stable").groupby(["model", "step"])
    }
    limits = []
    for row in ahead[["model", "step", "origin", "mean", "scale"]].to_dict("records"):
        known, errors = kept.get((row["model"], row["step"]), (np.array([]), np.array([])))
        past = np.sort(errors[known <= row["origin"].to_datetime64()]) if len(errors) else errors
        limits.append({"errors": len(past), **_set_limits(row["mean"], row["scale"], past)})
    found = pd.DataFrame(limits, index=ahead.index)
    if found[f"low_{min(LEVELS)}"].isna().all():
        raise UnanswerableError(
            "too few past forecasts to know how far they are off",
            expected="4 or more past origins for each month ahead, 19 for 95 percent",
            got=f"{found['errors'].max()} at most",
            hint="Roll more origins.",
        )
    table = ahead.drop(columns=[name for name in found if name in ahead]).join(found)
    return tell_meaning(table, **read_meaning(ahead))


def _scale_errors(rolled: pd.DataFrame) -> pd.Series:
    return (rolled["value"] - rolled["mean"]).abs() / rolled["scale"]


def _set_limits(mean: float, scale: float, past: np.ndarray) -> dict[str, float]:
    """Limits at the smallest past error that leaves no more than the stated share outside."""
    limits = {}
    for level in LEVELS:
        place = int(np.ceil((len(past) + 1) * level / 100 - 1e-9))
        half = scale * past[place - 1] if place <= len(past) else np.nan
        limits[f"low_{level}"] = max(mean - half, 0.0) if half == half else np.nan
        limits[f"high_{level}"] = mean + half
    return limits


def score_forecasts(rolled: pd.DataFrame) -> pd.DataFrame:
    """Score forecasts against what came.

    Parameters
    ----------
    rolled : pandas.DataFrame
        As `roll_origins` returns it; columns model, mean, low_80, ..., value, scale.

    Returns
    -------
    pandas.DataFrame
        Index model. Columns months, MAE and bias (mean error, forecast less what came) in the
        series' unit, MASE (Hyndman and Koehler 2006: below 1 is better than last year's month was
        in the months known), coverage_80 and coverage_95 (percent inside, of the months that have
        limits), width_80 and interval_score_80 (Gneiting and Raftery 2007: width and a fine for
        months outside; less is better) in the series' unit.

    Examples
    --------
    >>> rolled = pd.DataFrame({"model": ["naive"] * 2, "mean": [10.0, 10.0], "value": [12.0, 16.0],
    ...     "low_80": [7.0] * 2, "high_80": [13.0] * 2, "low_95": [5.0] * 2, "high_95": [15.0] * 2,
    ...     "scale": [2.0, 2.0]})
    >>> score_forecasts(rolled).loc["naive"].tolist()
    [2.0, 4.0, -4.0, 2.0, 50.0, 50.0, 6.0, 21.0]
    """
    check_columns(rolled, ["model", "mean", "value"], "Call roll_origins first.")
    error = rolled["mean"] - rolled["value"]
    low, high = rolled["low_80"], rolled["high_80"]
    outside = (low - rolled["value"]).clip(lower=0) + (rolled["value"] - high).clip(lower=0)
    inside = {}
    for level in LEVELS:
        least, most = rolled[f"low_{level}"], rolled[f"high_{level}"]
        held = 100.0 * rolled["value"].between(least, most)
        inside[f"coverage_{level}"] = held.where(least.notna() & most.notna())
    rows = pd.DataFrame(
        {
            "model": rolled["model"],
            "months": 1.0,
            "MAE": error.abs(),
            "bias": error,
            "MASE": error.abs() / rolled["scale"],
            **inside,
            "width_80": high - low,
            "interval_score_80": high - low + 2 / 0.2 * outside,
        }
    )
    scores = rows.groupby("model", sort=False).mean()
    return scores.assign(months=rows.groupby("model").size().astype("float64"))


def compare_accuracy(
    rolled: pd.DataFrame, *, against: str = BENCHMARK, loss: str = "absolute"
) -> pd.DataFrame:
    """Test whether models were nearer to what came than a benchmark was.

    For each model and number of months ahead, the mean over origins of the benchmark's loss less
    the model's, over its standard error (Diebold and Mariano 1995). Errors h months ahead overlap
    in h - 1 of them. Two p values answer that: that of Harvey, Leybourne and Newbold (1997), which
    corrects for few origins, and one by fixed smoothing (Coroneo and Iacone 2020), which keeps its
    level also far ahead, where the first rejects what is true in one of seven cases.

    Parameters
    ----------
    rolled : pandas.DataFrame
        As `roll_origins` returns it, from origins that are months in a row.
    against : str
        The benchmark, a model in `rolled`.
    loss : {"absolute", "squared"}

    Returns
    -------
    pandas.DataFrame
        Index model, step. Columns origins, gain (percent of the benchmark's mean loss that the
        model saves; negative: it is worse), statistic and p (fixed smoothing), statistic_hln and
        p_hln; both p two-sided. Missing where there are fewer origins than twice the months
        ahead.

    Raises
    ------
    InputError
        If the benchmark is not there, the loss is unknown, or origins are not months in a row.
    UnanswerableError
        If fewer than 8 origins have a month that came.

    Notes
    -----
    Diebold and Mariano (1995), Journal of Business & Economic Statistics 13; Harvey, Leybourne and
    Newbold (1997), International Journal of Forecasting 13; Coroneo and Iacone (2020), Journal of
    Applied Econometrics 35: the variance is the mean of the first m periodogram ordinates and the
    quantiles those of Student's t with 2 m degrees of freedom; here m is a third of origins per
    month ahead, at least one and at most the cube root of the origins.

    Examples
    --------
    >>> months = pd.date_range("2020-01-01", periods=12, freq="MS")
    >>> rows = [(m, o, 1, 10.0 if m == "good" else 12.0 + n % 3, 10.0 + n % 2)
    ...         for m in ("seasonal naive", "good") for n, o in enumerate(months)]
    >>> rolled = pd.DataFrame(rows, columns=["model", "origin", "step", "mean", "value"])
    >>> found = compare_accuracy(rolled).loc[("good", 1)]
    >>> round(found["gain"]), bool(found["p"] < 0.05)
    (80, True)
    """
    check_columns(rolled, ["model", "origin", "step", "mean", "value"], "Call roll_origins first.")
    names = list(rolled["model"].unique())
    check_choice("model", against, names)
    check_choice("loss", loss, LOSSES)
    error = (rolled["mean"] - rolled["value"]).abs() ** (2 if loss == "squared" else 1)
    wide = rolled.assign(loss=error).pivot(index=["step", "origin"], columns="model", values="loss")
    rows: list[dict[str, object]] = []
    for step in sorted(rolled["step"].unique().tolist()):
        losses = wide.loc[step].sort_index().dropna()
        _check_in_a_row(pd.DatetimeIndex(losses.index))
        for name in names:
            if name != against:
                gain = 100 * (1 - losses[name].mean() / losses[against].mean())
                row = {"model": name, "step": step, "origins": len(losses), "gain": gain}
                difference = (losses[against] - losses[name]).to_numpy()
                rows.append(row | _test_difference(difference, step))
    found = pd.DataFrame(rows).set_index(["model", "step"])
    if found["origins"].max() < 8:
        raise UnanswerableError(
            "too few origins to test a difference",
            expected="8 or more",
            got=str(found["origins"].max()),
            hint="Roll from more origins, or import a longer span: nktrade data import.",
        )
    return found


def _check_in_a_row(origins: pd.DatetimeIndex) -> None:
    months = 12 * origins.year + origins.month
    if (np.diff(months) != 1).any():
        raise InputError(
            "the origins are not months in a row",
            expected="every month from the first to the last",
            got=", ".join(f"{origin:%Y-%m}" for origin in origins[:4]) + ", …",
        )


def _test_difference(difference: np.ndarray, step: int) -> dict[str, float]:
    """Both tests that a mean difference of losses, `step` months ahead, is zero."""
    from scipy.stats import t

    count, mean = len(difference), float(difference.mean())
    missing = dict.fromkeys(("statistic", "p", "statistic_hln", "p_hln"), np.nan)
    rest = difference - mean
    if count < max(2 * step, 4) or np.ptp(difference) < 1e-12 * np.abs(difference).max():
        return missing
    share = int(np.clip(count // (3 * step), 1, int(np.cbrt(count) + 1e-9)))
    ordinates = np.abs(np.fft.fft(rest)[1 : share + 1]) ** 2 / count
    with np.errstate(divide="ignore"):
        statistic = mean / np.sqrt(ordinates.mean() / count)
    covariances = [rest[lag:] @ rest[: count - lag] / count for lag in range(step)]
    long_run = covariances[0] + 2 * sum(covariances[1:])
    correction = np.sqrt((count + 1 - 2 * step + step * (step - 1) / count) / count)
    truncated = correction * mean / np.sqrt(long_run / count) if long_run > 0 else np.nan
    return {
        "statistic": statistic,
        "p": 2 * float(t.sf(abs(statistic), 2 * share)),
        "statistic_hln": truncated,
        "p_hln": 2 * float(t.sf(abs(truncated), count - 1)),
    }
