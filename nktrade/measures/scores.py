"""How far each month of many series lies outside its own course: running medians and scales."""

from __future__ import annotations

import numpy as np

#: Half-width of the running median that follows the level, in months.
REACH = 6
#: Known months that a level, a season and a scale need.
SHORTEST = 24
#: A series quieter than this, in logs, is treated as having this much noise: a scale of zero would
#: make news of any deviation from a constant.
LEAST_SCALE = 0.05
#: Series from which what they do together can be told from what one of them does.
FEWEST_SERIES = 10


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
    together = median((logs - median(logs)[:, None]).T)[None, :] if common else 0.0
    own = logs - together
    level = median(np.delete(_neighbours(own), REACH, axis=2))
    season = np.zeros_like(logs)
    if length >= 36:
        for n in np.unique(month):
            at = month == n
            season[:, at] = np.nan_to_num(median((own - level)[:, at]))[:, None]
    scale = 1.4826 * median(np.abs(own - level - season))
    calm = own - season
    windows = _neighbours(calm)
    before, after = median(windows[:, :, :REACH]), median(windows[:, :, REACH + 1 :])
    low, high = np.fmin(before, after), np.fmax(before, after)
    outside = np.maximum(calm - high, 0.0) - np.maximum(low - calm, 0.0)
    # With one side only nothing tells a spike from a wave: such a month is measured by how far
    # the series usually goes from one side.
    going = 1.4826 * median(np.abs(calm - before))
    alone = np.isnan(before) | np.isnan(after)
    unit = np.where(alone, np.fmax(scale, going)[:, None], scale[:, None])
    return outside / np.maximum(unit, least_scale), level + together + season, scale


def _neighbours(logs: np.ndarray) -> np.ndarray:
    """Each month with the six before and the six after it."""
    padded = np.pad(logs, ((0, 0), (REACH, REACH)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1, axis=1)


def median(values: np.ndarray) -> np.ndarray:
    """Median along the last axis of what is known; many times quicker than numpy's own.

    Examples
    --------
    >>> median(np.array([[3.0, np.nan, 1.0], [np.nan] * 3])).tolist()
    [2.0, nan]
    """
    ordered = np.sort(values, axis=-1)  # missing ones last
    known = np.isfinite(values).sum(axis=-1)[..., None]
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[-1] - 1), axis=-1)
    return np.where(known > 0, (low + high) / 2, np.nan)[..., 0]
