"""Minimum cross-entropy under interval constraints on sums: raking that respects rounding.

Find the table nearest to a prior (in cross-entropy) whose sums over given sets of cells lie in
given intervals. The row-action method of Censor and Lent (1987, "Optimization of log x entropy
over linear equality constraints" and the interval form in Censor and Zenios, *Parallel
Optimization*, 1997, ch. 6) rescales one sum at a time; with equalities only it is iterative
proportional fitting (RAS; Miller and Blair, *Input-Output Analysis*, ch. 7). See also Golan, Judge
and Miller, *Maximum Entropy Econometrics* (1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Solution:
    """A solved problem.

    Attributes
    ----------
    x : numpy.ndarray
        The estimate, one value a cell.
    multipliers : numpy.ndarray
        One a constraint: log of the factor it applies; 0 where it does not bind.
    sums : numpy.ndarray
        The constrained sums at the solution.
    sweeps : int
        Rounds through all constraints.
    """

    x: np.ndarray
    multipliers: np.ndarray
    sums: np.ndarray
    sweeps: int


class Problem:
    """Cells grouped into atoms: cells that share all their constraints keep their prior ratios.

    Parameters
    ----------
    prior : numpy.ndarray
        Positive or zero; a zero cell stays zero.
    members : sequence of numpy.ndarray of int
        For each constraint, the cells it adds up.
    """

    def __init__(self, prior: np.ndarray, members: Sequence[np.ndarray]) -> None:
        self.prior = np.asarray(prior, dtype=float)
        # A cell's signature is the sum of random 63-bit labels of its constraints; two different
        # memberships get the same one with probability of about 1e-12 for this problem's size.
        labels = np.random.default_rng(20200122).integers(1, 2**62, len(members), dtype=np.uint64)
        signature = np.zeros(len(self.prior), dtype=np.uint64)
        for cells, label in zip(members, labels, strict=True):
            signature[cells] += label
        _, first, self.atom = np.unique(signature, return_index=True, return_inverse=True)
        self.weight = np.bincount(self.atom, self.prior, minlength=len(first))
        self.members = [np.unique(self.atom[cells]) for cells in members]
        self.batches = self._batch()

    def _batch(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Group constraints without a common atom: they can be rescaled in one step.

        Each batch is (constraints, their atoms end to end, where each begins, how many each has).
        """
        taken: list[np.ndarray] = []
        grouped: list[list[int]] = []
        for i, members in enumerate(self.members):
            if not len(members):
                continue
            free = (n for n, used in enumerate(taken) if not used[members].any())
            n = next(free, len(taken))
            if n == len(taken):
                taken.append(np.zeros(len(self.weight), dtype=bool))
                grouped.append([])
            taken[n][members] = True
            grouped[n].append(i)
        batches = []
        for batch in grouped:
            sizes = np.array([len(self.members[i]) for i in batch])
            atoms = np.concatenate([self.members[i] for i in batch])
            starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
            batches.append((np.array(batch), atoms, starts, sizes))
        return batches

    def solve(
        self,
        lower: np.ndarray,
        upper: np.ndarray,
        *,
        slack: np.ndarray | float = 0.0,
        start: np.ndarray | None = None,
        tolerance: float = 1e-4,
        max_sweeps: int = 40_000,
    ) -> Solution:
        """Rescale until every sum lies in its interval, or `max_sweeps` rounds are done.

        Parameters
        ----------
        lower, upper : numpy.ndarray
            Bounds of each sum, in the prior's unit. An upper bound of 0 empties its cells.
        slack : numpy.ndarray or float
            How far outside its interval a sum may stay, in the prior's unit.
        start : numpy.ndarray, optional
            Multipliers to start from, such as those of a nearby problem.
        tolerance : float
            Stop when no multiplier moves by more than this in a sweep and the slack is kept.
        """
        z = np.zeros(len(self.members)) if start is None else start.copy()
        x = self.weight.copy()
        for members, multiplier in zip(self.members, z, strict=True):
            if multiplier:
                x[members] *= np.exp(multiplier)
        sweeps = 0
        while sweeps < max_sweeps:
            sweeps += 1
            moved = self._sweep(x, z, lower, upper)
            if moved < tolerance:
                sums = self._sums(x)
                if np.all((sums >= lower - slack) & (sums <= upper + slack)):
                    break
        factor = np.divide(x, self.weight, out=np.zeros_like(x), where=self.weight > 0)
        return Solution(self.prior * factor[self.atom], z, self._sums(x), sweeps)

    def _sweep(self, x, z, lower, upper) -> float:
        """Rescale each sum once, in place; return the largest change of a multiplier."""
        moved = 0.0
        for batch, atoms, starts, sizes in self.batches:
            total = np.add.reduceat(x[atoms], starts)
            with np.errstate(divide="ignore", invalid="ignore"):
                up, down = np.log(upper[batch] / total), np.log(lower[batch] / total)
            # The middle of the three: back towards no effect, but not out of the interval. A sum
            # that must be empty is scaled to nothing; an empty one stays as it is.
            step = np.maximum(np.minimum(-z[batch], np.maximum(up, -60.0)), down)
            step[total <= 0] = 0.0
            if step.any():
                x[atoms] *= np.repeat(np.exp(step), sizes)
                z[batch] += step
                moved = max(moved, float(np.abs(step).max()))
        return moved

    def _sums(self, x: np.ndarray) -> np.ndarray:
        return np.array([x[members].sum() for members in self.members])
