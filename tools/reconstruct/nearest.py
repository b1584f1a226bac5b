"""A member of an identified set near a prior.

Unknowns are the atoms of `nktrade.published.identified`: what no figure tells apart keeps the
prior's proportions. `rake` rescales one figure at a time, which tends to the table nearest to the
prior in cross-entropy (Censor and Lent, "Optimization of log x entropy over linear equality
constraints", 1987; iterative proportional fitting, RAS, if every figure is exact). What is left
where figures overlap closely is settled by `settle`, a linear programme that changes as little as
it can (least absolute deviations) and ends inside every interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from nktrade.published.programme import Programme

#: Million USD, a fifth of a dollar: what the programmes' own tolerance is kept clear of.
HAIR = 2e-7


@dataclass(frozen=True)
class Limits:
    """Rows over atoms: ``low <= matrix @ x <= high``."""

    matrix: sp.csr_array
    low: np.ndarray
    high: np.ndarray


def draw_in(limits: Limits, margin: np.ndarray) -> Limits:
    """Draw each interval in by as much of its margin, from each finite end, as all rows allow.

    Raises
    ------
    UnanswerableError
        If no non-negative atoms satisfy the rows.
    """
    matrix, low, high = limits.matrix, limits.low, limits.high
    rows, atoms = matrix.shape
    tops, floors = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
    taken = sp.csr_array(sp.diags_array(margin))
    programme = Programme(
        sp.block_array(
            [
                [matrix[floors], -taken[floors]],
                [-matrix[tops], -taken[tops]],
                [None, sp.eye_array(rows)],
            ],
            format="csr",
        ),
        np.concatenate([low[floors], -high[tops], np.zeros(rows)]),
        np.concatenate([np.full(len(floors) + len(tops), np.inf), np.ones(rows)]),
    )
    found = programme.minimise(np.append(np.zeros(atoms), -np.ones(rows)))
    room = 0.98 * np.clip(found.x[atoms:], 0.0, 1.0) * margin - HAIR
    return Limits(matrix, low + room, high - room)


def rake(prior: np.ndarray, limits: Limits, sweeps: int = 150) -> np.ndarray:
    """Rescale a prior, one row at a time, towards all limits.

    Parameters
    ----------
    prior : numpy.ndarray
        Positive or zero; a zero atom stays zero.
    limits : Limits
    sweeps : int
        Rounds through all rows.
    """
    x, matrix = prior.astype(float), limits.matrix
    parts = np.split(matrix.indices, matrix.indptr[1:-1])
    weights = np.split(matrix.data, matrix.indptr[1:-1])
    ends = list(zip(limits.low.tolist(), limits.high.tolist(), strict=True))
    pull = [0.0] * len(parts)  # log of the factor that each row applies
    for _ in range(sweeps):
        for n, (cells, weight, (low, high)) in enumerate(zip(parts, weights, ends, strict=True)):
            step = _find_step(x[cells], weight, low, high, -pull[n])
            if step:
                x[cells] *= np.exp(weight * step)
                pull[n] += step
    return x


def _find_step(x: np.ndarray, weight: np.ndarray, low: float, high: float, back: float) -> float:
    """Return the step nearest to `back`, which undoes the row's own, that ends within limits."""
    if len(weight) == 0 or not x.any():
        return 0.0
    total = weight @ (x * np.exp(weight * back)) if back else float(weight @ x)
    if low <= total <= high:
        return back
    aim, step = (low if total < low else high), back
    for _ in range(12):
        there = weight * x * np.exp(weight * step)
        miss, slope = aim - there.sum(), weight @ there
        if abs(miss) <= 1e-9 * slope or slope <= 0:
            break
        # From below a sum is an exponential of the step, so logarithms get there sooner.
        total = there.sum()
        near = np.log(aim / total) if aim > 0 and total > 0 and weight.min() > 0 else miss / slope
        step += float(np.clip(near, -2.0, 2.0))
    return float(step)


def settle(x: np.ndarray, limits: Limits, floor: float = 1e-3) -> np.ndarray:
    """Move atoms as little as possible, relative to their size, until every limit is kept.

    Parameters
    ----------
    x : numpy.ndarray
        A table near the limits, from `rake`; a zero atom stays zero.
    limits : Limits
    floor : float
        What the smallest atoms count as.
    """
    alive = np.flatnonzero(x > 0)
    matrix, now = sp.csr_array(limits.matrix[:, alive]), limits.matrix @ x
    count = len(alive)
    programme = Programme(
        sp.block_array(
            [[matrix, -matrix], [None, sp.eye_array(count)]],  # ups and downs of each atom
            format="csr",
        ),
        np.concatenate([limits.low - now, np.zeros(count)]),
        np.concatenate([limits.high - now, x[alive]]),
    )
    cost = 1.0 / (x[alive] + floor)
    found = programme.minimise(np.concatenate([cost, cost])).x
    result = x.copy()
    result[alive] += found[:count] - found[count:]
    return np.maximum(result, 0.0)
