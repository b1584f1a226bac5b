"""Scan every series of a table for unusual months, with the false discovery rate controlled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice, count_of
from nktrade.measures.noise import METHODS, judge_scores
from nktrade.measures.scores import FEWEST_SERIES, LEAST_SCALE, SHORTEST, median, score_logs
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.completing import check_alone, check_every_month
from nktrade.table.rows import check_columns

ZEROS = ("pass", "score")
#: Series from which taking out their common movement hardly depends on their number.
_LARGEST_GROUP = 200


@dataclass(frozen=True, repr=False)
class Scan(Summarised):
    """Every month of every series scored, and what could not be.

    Attributes
    ----------
    scores : pandas.DataFrame
        Columns *by*, period, value, expected (in the series' unit), score, p (of a score as far
        from zero in noise), unusual (bool); one row a month that was scored.
    coverage : pandas.DataFrame
        Index *by*. Columns known, traded (months), value (sum), scale (robust standard deviation
        of the logs), status: "scanned", "scanned, quiet" (less noise than `least_scale`, which
        took its place), "too short" or "seldom traded".
    closed : tuple of pandas.Timestamp
        Months passed over because fewer than half of the series traded.
    tail : float
        Degrees of freedom of Student's t that the noise was taken to have; infinite: normal.
    rate, method
        As they were asked for.

    Examples
    --------
    >>> months = pd.date_range("2017-01", periods=48, freq="MS")
    >>> noise = np.exp(0.3 * np.random.default_rng(1).normal(size=(12, 48)))
    >>> rows = [(f"{n:04d}", m, v) for n in range(12) for m, v in zip(months, noise[n])]
    >>> scan = scan_moves(pd.DataFrame(rows, columns=["heading", "period", "value"]), "heading")
    >>> scan.coverage["status"].unique().tolist(), len(scan.scores)
    (['scanned'], 576)
    """

    scores: pd.DataFrame
    coverage: pd.DataFrame
    closed: tuple[pd.Timestamp, ...]
    tail: float
    rate: float
    method: str

    def summary(self) -> Summary:
        """Return the unusual months, the furthest out first, and what was not looked at."""
        by = self.coverage.index.name
        hits = self.scores[self.scores["unusual"]].sort_values("p")
        names = hits[by].astype("str") + ", " + hits["period"].dt.strftime("%Y-%m")
        table = hits[["value", "expected", "score", "p"]].set_axis(names)
        scanned = self.coverage["status"].str.startswith("scanned").sum()
        tail = "normal" if np.isinf(self.tail) else f"Student's t with {self.tail:g} degrees"
        notes = [
            f"{len(hits)} of {len(self.scores):,} months of {scanned} series; false discovery rate "
            f"{self.rate:g} ({METHODS[self.method]}); p by simulated noise, {tail}.",
            f"Not scanned: {len(self.coverage) - scanned} series, too short or seldom traded.",
        ]
        if self.closed:
            notes.append(
                f"Passed over: {count_of(len(self.closed), 'months')} in which few series traded."
            )
        return Summary("Unusual months", table, tuple(notes))


def scan_moves(
    table: pd.DataFrame,
    by: str,
    *,
    rate: float = 0.05,
    method: Literal["bh", "by"] = "bh",
    zeros: Literal["pass", "score"] = "pass",
    common: bool = True,
    least_scale: float = LEAST_SCALE,
    tail: float | None = None,
) -> Scan:
    """Find which months of which series are unusual, with the false discovery rate controlled.

    Each score of `score_logs` gets the share of simulated noise, treated the same way, that lies
    as far from zero. Of the months called unusual, a share `rate` is expected to be false.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period (every month), value, as `complete_months` returns it. Unknown months
        are passed over.
    by : str
        Column of the series, as "heading".
    rate : float
        False discovery rate, between 0 and 1.
    method : {"bh", "by"}
        Benjamini and Hochberg (1995), for independent or positively dependent scores; Benjamini
        and Yekutieli (2001), for any dependence, with less power.
    zeros : {"pass", "score"}
        A month without trade has no logarithm: pass it over, or score it as a hundredth of the
        usual month. Passing over asks how much was traded, not whether.
    common : bool
        Take out what all series did together. With fewer than ten series nothing is taken out.
    least_scale : float
        Noise, in logs, below which no series is taken to be.
    tail : float, optional
        Degrees of freedom of Student's t for the simulated noise, infinite for normal noise. By
        default they are read from the scores: as heavy a tail as the two largest in a hundred
        scores and their sampling error allow.

    Raises
    ------
    UnanswerableError
        If no series can be scanned.
    GapError
        If a month is left out of a series instead of being missing, or a value is of January and
        February together.
    InputError
        For an unknown method or policy, a rate outside 0 to 1, a scale or tail of 0 or less.

    Notes
    -----
    Sources: Benjamini and Hochberg (1995), Benjamini and Yekutieli (2001); simulated p values:
    Davison and Hinkley (1997), ch. 4, with the tail beyond the largest 300 scores after Hill
    (1975). The noise simulated has no missing months. Power, in 100 series of 96 months with ten
    months planted in normal noise of 0.3 in logs: of months of 8 times their level 71 percent are
    found, of 4 times 7, of twice none; where the noise has the tails of Student's t with five
    degrees of freedom none is, for some of its own months are as large: ``docs/methods/size.md``.

    Examples
    --------
    >>> months = pd.date_range("2017-01-01", periods=48, freq="MS")
    >>> noise = np.exp(0.3 * np.random.default_rng(1).normal(size=(12, 48)))
    >>> noise[3, 20] *= 30
    >>> rows = [(f"{n:04d}", m, v) for n in range(12) for m, v in zip(months, noise[n])]
    >>> scan = scan_moves(pd.DataFrame(rows, columns=["heading", "period", "value"]), "heading")
    >>> scan.scores.loc[scan.scores.unusual, ["heading", "period"]].to_dict("records")
    [{'heading': '0003', 'period': Timestamp('2018-09-01 00:00:00')}]
    """
    check_columns(
        table, ["period", "value", by], "Give it as monthly or complete_months returns it."
    )
    _check_choices(rate, method, zeros, least_scale, tail)
    check_every_month(table, [by])
    check_alone(table)
    wide = table.pivot(index=by, columns="period", values="value").sort_index(axis=1)
    coverage, closed = _cover(wide, zeros)
    chosen = wide[coverage["status"] == "scanned"]
    if chosen.empty:
        raise UnanswerableError(
            f"no {by} can be scanned",
            expected=f"{SHORTEST} known months, trade in more than half of them",
            got=f"{coverage['known'].max()} known months at most",
            hint="Import downloads of a longer span: nktrade data import.",
        )
    logs, floor = _take_logs(chosen, chosen.columns.isin(closed), zeros)
    month = pd.DatetimeIndex(chosen.columns).month.to_numpy()
    together = common and len(chosen) >= FEWEST_SERIES
    scored, expected, scale = score_logs(logs, month, least_scale=least_scale, common=together)
    scores = _tabulate(chosen, scored, np.maximum(np.exp(expected) - floor, 0.0))
    p, unusual, tail = judge_scores(
        scores["score"].to_numpy(),
        len(month),
        int(month[0]),
        group=min(len(chosen), _LARGEST_GROUP) if together else None,
        rate=rate,
        method=method,
        tail=tail,
    )
    quiet = pd.Series(np.where(scale < least_scale, "scanned, quiet", "scanned"), chosen.index)
    coverage = coverage.assign(
        scale=pd.Series(scale, chosen.index),
        status=quiet.reindex(wide.index).fillna(coverage["status"]),
    )
    return Scan(scores.assign(p=p, unusual=unusual), coverage, closed, tail, rate, method)


def _take_logs(
    chosen: pd.DataFrame, closed: np.ndarray, zeros: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return logs above a floor, a hundredth of each series' usual month, and the floor."""
    values = chosen.to_numpy(dtype=float, copy=True)
    values[:, closed] = np.nan
    floor = 0.01 * median(np.where(values > 0, values, np.nan))[:, None]
    kept = np.where((values > 0) | (zeros == "score"), values, np.nan)
    return np.log(kept + floor), floor


def _check_choices(rate, method, zeros, least_scale, tail) -> None:
    check_choice("method", method, METHODS)
    check_choice("policy", zeros, ZEROS)
    if not 0 < rate < 1:
        raise InputError(
            "the false discovery rate is not a probability",
            expected="a number between 0 and 1",
            got=str(rate),
        )
    if not least_scale > 0 or (tail is not None and not tail > 0):
        raise InputError(
            "the least scale and the tail must be positive", got=f"{least_scale} and {tail}"
        )


def _cover(wide: pd.DataFrame, zeros: str) -> tuple[pd.DataFrame, tuple[pd.Timestamp, ...]]:
    """Say of each series whether it can be scanned, and of each month whether the border was shut.

    Closed months are found among the series that could be scanned, and then taken from them.
    """
    usual = wide[_judge_series(wide, zeros) == "scanned"]
    trading = (usual > 0).sum() / usual.notna().sum()
    closed = [] if zeros == "score" else list(trading.index[trading < 0.5])
    rest = wide.drop(columns=closed)
    coverage = pd.DataFrame(
        {
            "known": wide.notna().sum(axis=1),
            "traded": (wide > 0).sum(axis=1),
            "value": wide.sum(axis=1),
            "scale": np.nan,
            "status": _judge_series(rest, zeros),
        }
    )
    return coverage, tuple(closed)


def _judge_series(wide: pd.DataFrame, zeros: str) -> np.ndarray:
    known, traded = wide.notna().sum(axis=1), (wide > 0).sum(axis=1)
    usable = known if zeros == "score" else traded
    return np.select(
        [known < SHORTEST, (traded <= known / 2) | (usable < SHORTEST)],
        ["too short", "seldom traded"],
        "scanned",
    )


def _tabulate(chosen: pd.DataFrame, scored: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    """One row a scored month."""
    long = pd.MultiIndex.from_product([chosen.index, chosen.columns]).to_frame(index=False)
    long = long.assign(
        value=chosen.to_numpy(dtype=float).ravel(), expected=expected.ravel(), score=scored.ravel()
    )
    return long[long["score"].notna()].reset_index(drop=True)
