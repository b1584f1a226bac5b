"""Weights of others that follow one unit, and how sure a gap is: the others as placebos."""

from __future__ import annotations

import numpy as np

METHODS = ("synthetic", "difference")


def weigh_donors(
    relative: np.ndarray, place: int, before: np.ndarray, size: np.ndarray, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the others, and gaps; the unit in question (the first) is nobody's other."""
    chosen = np.arange(len(relative)) != place
    chosen[0] = False
    donors = relative[chosen]
    if method == "difference":
        weights = np.full(len(donors), 1 / len(donors))
    else:
        weights = fit_simplex(donors[:, before].T, relative[place, before], size[before])
    return weights, weights @ donors - relative[place]


def fit_simplex(others: np.ndarray, own: np.ndarray, size: np.ndarray | None = None) -> np.ndarray:
    """Find the weights, none negative and one in sum, that come nearest to a series.

    Parameters
    ----------
    others : numpy.ndarray
        Shape (periods, units).
    own : numpy.ndarray
        Shape (periods,).
    size : numpy.ndarray, optional
        How much each period counts.

    Examples
    --------
    >>> others = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> fit_simplex(others, others @ [0.25, 0.75]).round(6).tolist()
    [0.25, 0.75]
    """
    from scipy.optimize import nnls

    root = np.sqrt(np.ones(len(own)) if size is None else size)
    # The sum of one is a row of its own, heavy enough to hold to seven digits.
    heavy = 1e4 * max(float(np.abs(others).max()), 1.0)
    rows = np.vstack([others * root[:, None], np.full(others.shape[1], heavy)])
    weights = nnls(rows, np.append(own * root, heavy), maxiter=50 * others.shape[1])[0]
    return weights / weights.sum()


def rank_ratio(ratios: np.ndarray) -> float:
    """Share of units, the first among them, whose ratio is as far from zero as the first's.

    Examples
    --------
    >>> rank_ratio(np.array([3.0, 1.0, -2.0, 0.5]))
    0.25
    """
    return float(np.mean(np.abs(ratios) >= abs(ratios[0]) - 1e-12))


def rank_gap(gap: float, misfit: float, ratios: np.ndarray) -> dict[str, float]:
    """p and limits of a gap by the ratios of all units, its own the first."""
    sizes = np.sort(np.abs(ratios[1:]))
    place = int(np.ceil(0.95 * len(ratios) - 1e-9))
    half = misfit * sizes[place - 1] if place <= len(sizes) else np.nan
    return {"gap": gap, "low": gap - half, "high": gap + half, "p": rank_ratio(ratios)}


def shift_in_time(relative: np.ndarray, before: np.ndarray, size: np.ndarray, method: str) -> float:
    """Share of cyclic shifts whose residuals since the event are as large, all months fitted."""
    own, donors = relative[0], relative[1:]
    if method == "difference":
        rest = donors.mean(axis=0) - own
    else:
        level = np.average(relative, axis=1, weights=size)
        centred = relative - level[:, None]
        rest = fit_simplex(centred[1:].T, centred[0], size) @ centred[1:] - centred[0]
    rest = np.abs(rest - np.average(rest, weights=size)) * size
    since = np.flatnonzero(~before)
    sums = [rest[(since + shift) % len(rest)].sum() for shift in range(len(rest))]
    return float(np.mean(np.array(sums) >= sums[0] - 1e-12))
