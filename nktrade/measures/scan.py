"""Scan every series of a table for unusual months, with the false discovery rate controlled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.measures.summaries import Summarised, Summary
from nktrade.table.months import check_alone, check_every_month
from nktrade.table.rows import check_columns

#: Half-width of the running median that follows the level, in months.
REACH = 6
#: Known months that a level, a season and a scale need.
SHORTEST = 24
#: A series quieter than this, in logs, is treated as having this much noise: a scale of zero would
#: make news of any deviation from a constant.
LEAST_SCALE = 0.05
#: Series from which what they do together can be told from what one of them does.
FEWEST_SERIES = 10
METHODS = {"bh": "fdr_bh", "by": "fdr_by"}
ZEROS = ("pass", "score")
#: Scores simulated.
_NULL_SCORES = 500_000
_TAIL_SCORES = 60_000
#: Of these, the largest, from which the tail beyond them is read.
_TOGETHER = 1000  # series scored at a time: their windows are held in memory
_TAIL = 300
#: Degrees of freedom among which the tail of the noise is chosen, and the share of scores below the
#: one that chooses: low enough that a spike in a hundred months hardly moves it.
_TAILS = (
    *(2.0, 2.2, 2.4, 2.6, 2.8, 3.0, 3.25, 3.5, 3.75, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0, 10.0),
    *(12.0, 16.0, 24.0, 48.0, np.inf),
)
_SHARE = 0.95
_CAUTION = 0.5  # standard errors of that score by which the tail is taken to be heavier
_ROUNDS = 4
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
            f"{len(self.coverage) - scanned} series were not scanned: too short or seldom traded.",
        ]
        if self.closed:
            notes.append(f"{len(self.closed)} months were passed over: few series traded.")
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
    values = chosen.to_numpy(dtype=float, copy=True)
    values[:, chosen.columns.isin(closed)] = np.nan
    floor = 0.01 * _median(np.where(values > 0, values, np.nan))[:, None]
    logs = np.log(np.where((values > 0) | (zeros == "score"), values, np.nan) + floor)
    month = pd.DatetimeIndex(chosen.columns).month.to_numpy()
    together = common and len(chosen) >= FEWEST_SERIES
    scored, expected, scale = score_logs(logs, month, least_scale=least_scale, common=together)
    scores = _tabulate(chosen, scored, np.maximum(np.exp(expected) - floor, 0.0))
    group = min(len(chosen), _LARGEST_GROUP) if together else None
    sizes = scores["score"].to_numpy()
    unusual = np.zeros(len(sizes), dtype=bool)
    read = tail is None
    # Spikes make the tail of the noise look heavier: it is read again without those found.
    for _ in range(_ROUNDS if read else 1):
        if read:
            tail = _find_tail(sizes[~unusual], _tail_scores(len(month), int(month[0]), group))
        null = _simulate_null(len(month), int(month[0]), float(tail or np.inf), group)
        p = _find_p(sizes, null)
        before, unusual = unusual, _reject(p, rate, method)
        if (before == unusual).all():
            break
    scores = scores.assign(p=p, unusual=unusual)
    quiet = pd.Series(np.where(scale < least_scale, "scanned, quiet", "scanned"), chosen.index)
    coverage = coverage.assign(
        scale=pd.Series(scale, chosen.index),
        status=quiet.reindex(wide.index).fillna(coverage["status"]),
    )
    return Scan(scores, coverage, closed, float(tail or np.inf), rate, method)


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


@lru_cache(maxsize=64)
def _simulate_null(
    length: int, first_month: int, tail: float, group: int | None, scores: int = _NULL_SCORES
) -> np.ndarray:
    """Sizes of the scores of noise, in order; `group` series at a time lose what they share."""
    random = np.random.default_rng(6902)
    size = (scores // length, length)
    noise = random.standard_t(tail, size=size) if np.isfinite(tail) else random.normal(size=size)
    month = (np.arange(length) + first_month - 1) % 12 + 1
    step = group or _TOGETHER
    last = len(noise) - step + 1 if group else len(noise)
    parts = [
        score_logs(noise[at : at + step], month, common=group is not None)[0]
        for at in range(0, last, step)
    ]
    return np.sort(np.abs(np.concatenate(parts)).ravel())


def _find_tail(scores: np.ndarray, noise: dict[float, float]) -> float:
    """Read from the larger scores how heavy the tail of the noise is; between two, the heavier."""
    sizes = np.sort(np.abs(scores))
    place = _SHARE + _CAUTION * np.sqrt(_SHARE * (1 - _SHARE) / len(sizes))
    seen = sizes[min(int(np.ceil(place * len(sizes))), len(sizes) - 1)]
    return max((tail for tail, size in noise.items() if size >= seen), default=min(_TAILS))


@lru_cache(maxsize=16)
def _tail_scores(length: int, first_month: int, group: int | None) -> dict[float, float]:
    """The score that one in twenty passes, in noise of each tail."""
    sizes = [
        np.quantile(_simulate_null(length, first_month, tail, group, _TAIL_SCORES), _SHARE)
        for tail in _TAILS
    ]
    falling = np.minimum.accumulate(sizes)  # lighter tails, smaller scores, but for chance
    return dict(zip(_TAILS, falling.tolist(), strict=True))


def _find_p(scores: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Share of simulated scores as large as each; beyond the largest 300, their power law.

    Its exponent is Hill's (1975). A power law falls more slowly than the tail of normal noise, so
    that p is too large rather than too small where few simulated scores reach.
    """
    sizes = np.abs(scores)
    beyond = len(null) - np.searchsorted(null, sizes, side="left")
    start = null[-_TAIL - 1]
    exponent = 1 / np.mean(np.log(null[-_TAIL:] / start))
    law = _TAIL / len(null) * (np.maximum(sizes, start) / start) ** -exponent
    return np.where(sizes > start, law, beyond / len(null))


def _reject(p: np.ndarray, rate: float, method: str) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests

    return multipletests(p, alpha=rate, method=METHODS[method])[0]


def score_logs(
    logs: np.ndarray, month: np.ndarray, *, least_scale: float = LEAST_SCALE, common: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score how far each month of many series lies outside what came before and after it.

    The level is the median of the six months before and after; the season the median deviation of
    each calendar month (with three years or more); the scale 1.4826 times the median absolute
    residual, at least `least_scale`. A score is the distance, in scales and without the season,
    from the nearer of the median of the six months before and that of the six after; between the
    two it is zero. So a new level, or a wave that lasts, is no spike: a spike comes back. The
    first and the last month have one side only, and a scale of their own: the median distance of
    the series' months from that side. All are medians, so a spike hides neither itself
    nor another.

    Parameters
    ----------
    logs : numpy.ndarray
        Shape (series, months); missing months are NaN and are passed over.
    month : numpy.ndarray
        Calendar month, 1 to 12, of each column.
    least_scale : float
        Smallest scale, in logs.
    common : bool
        Take out first what the series did together: in each month, the median of the series'
        distances from their own medians.

    Returns
    -------
    scores, expected, scale : numpy.ndarray
        Shapes (series, months), (series, months) in logs, and (series,): the scale as measured,
        before `least_scale` is applied.

    Examples
    --------
    >>> logs = np.zeros((1, 24))
    >>> logs[0, 12] = np.log(4)  # one month of four times its level
    >>> scores, _, _ = score_logs(logs, np.tile(np.arange(1, 13), 2))
    >>> int(np.argmax(scores[0])), int((scores != 0).sum())
    (12, 1)
    """
    length = logs.shape[1]
    together = _median((logs - _median(logs)[:, None]).T)[None, :] if common else 0.0
    own = logs - together
    level = _median(np.delete(_neighbours(own), REACH, axis=2))
    season = np.zeros_like(logs)
    if length >= 36:
        for n in np.unique(month):
            at = month == n
            season[:, at] = np.nan_to_num(_median((own - level)[:, at]))[:, None]
    scale = 1.4826 * _median(np.abs(own - level - season))
    calm = own - season
    windows = _neighbours(calm)
    before, after = _median(windows[:, :, :REACH]), _median(windows[:, :, REACH + 1 :])
    low, high = np.fmin(before, after), np.fmax(before, after)
    outside = np.maximum(calm - high, 0.0) - np.maximum(low - calm, 0.0)
    # With one side only nothing tells a spike from a wave: such a month is measured by how far
    # the series usually goes from one side.
    going = 1.4826 * _median(np.abs(calm - before))
    alone = np.isnan(before) | np.isnan(after)
    unit = np.where(alone, np.fmax(scale, going)[:, None], scale[:, None])
    return outside / np.maximum(unit, least_scale), level + together + season, scale


def _neighbours(logs: np.ndarray) -> np.ndarray:
    """Each month with the six before and the six after it."""
    padded = np.pad(logs, ((0, 0), (REACH, REACH)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1, axis=1)


def _median(values: np.ndarray) -> np.ndarray:
    """Median along the last axis of what is known; many times quicker than numpy's own."""
    ordered = np.sort(values, axis=-1)  # missing ones last
    known = np.isfinite(values).sum(axis=-1)[..., None]
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[-1] - 1), axis=-1)
    return np.where(known > 0, (low + high) / 2, np.nan)[..., 0]
