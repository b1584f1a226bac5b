"""Simulated noise, scored as the series are: how often as large a score comes by chance."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from nktrade.measures.scores import score_logs

#: Names of the controls of the false discovery rate, as statsmodels calls them.
METHODS = {"bh": "fdr_bh", "by": "fdr_by"}
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


def judge_scores(
    scores: np.ndarray,
    length: int,
    first_month: int,
    *,
    group: int | None,
    rate: float,
    method: str,
    tail: float | None,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the p of each score, whether it is unusual, and the tail that the noise has.

    Parameters
    ----------
    scores : numpy.ndarray
        What `score_logs` returns of all series, without missing ones.
    length, first_month : int
        Months of the series, and the calendar month of the first.
    group : int, optional
        How many series at a time lose what they share.
    rate, method, tail
        As `nktrade.measures.scan_moves`.

    Examples
    --------
    >>> scores = np.append(np.random.default_rng(1).normal(size=500), 60.0)
    >>> p, unusual, tail = judge_scores(
    ...     scores, 24, 1, group=None, rate=0.05, method="bh", tail=None)
    >>> np.flatnonzero(unusual).tolist()
    [500]
    """
    from statsmodels.stats.multitest import multipletests

    unusual = np.zeros(len(scores), dtype=bool)
    # Spikes make the tail of the noise look heavier: it is read again without those found.
    for _ in range(1 if tail else _ROUNDS):
        rest = scores[~unusual]
        taken = float(tail or _find_tail(rest, _tail_scores(length, first_month, group)))
        p = find_p(scores, simulate_null(length, first_month, taken, group))
        before, unusual = unusual, multipletests(p, alpha=rate, method=METHODS[method])[0]
        if (before == unusual).all():
            break
    return p, unusual, taken


@lru_cache(maxsize=64)
def simulate_null(
    length: int, first_month: int, tail: float, group: int | None, scores: int = _NULL_SCORES
) -> np.ndarray:
    """Sizes of the scores of noise, in order; `group` series at a time lose what they share.

    Examples
    --------
    >>> sizes = simulate_null(24, 1, np.inf, None, 2400)
    >>> len(sizes), bool((np.diff(sizes) >= 0).all())
    (2400, True)
    """
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
        np.quantile(simulate_null(length, first_month, tail, group, _TAIL_SCORES), _SHARE)
        for tail in _TAILS
    ]
    falling = np.minimum.accumulate(sizes)  # lighter tails, smaller scores, but for chance
    return dict(zip(_TAILS, falling.tolist(), strict=True))


def find_p(scores: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Share of simulated scores as large as each; beyond the largest 300, their power law.

    Its exponent is Hill's (1975). A power law falls more slowly than the tail of normal noise, so
    that p is too large rather than too small where few simulated scores reach.

    Examples
    --------
    >>> find_p(np.array([0.0, 5.0]), np.linspace(0.0, 10.0, 1001)).round(2).tolist()
    [1.0, 0.5]
    """
    sizes = np.abs(scores)
    beyond = len(null) - np.searchsorted(null, sizes, side="left")
    start = null[-_TAIL - 1]
    exponent = 1 / np.mean(np.log(null[-_TAIL:] / start))
    law = _TAIL / len(null) * (np.maximum(sizes, start) / start) ** -exponent
    return np.where(sizes > start, law, beyond / len(null))
