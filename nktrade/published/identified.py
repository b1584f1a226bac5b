"""The set of all non-negative tables that agree with published figures, and its extremes.

Cells that no figure tells apart are one *atom*: whatever a sum asks of them, only its greatest
and its least weight within the atom matter. So a linear programme over a few thousand atoms
answers exactly for hundreds of thousands of cells. Nothing but print and sign goes in: no prior
(partial identification: Manski, *Partial Identification of Probability Distributions*, 2003). The
dual of each optimum is its proof: a sum of published figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

import numpy as np
import scipy.sparse as sp

from nktrade.errors import UnanswerableError
from nktrade.published.figure_rows import Row
from nktrade.published.programme import Programme
from nktrade.published.space import Block, Selection, Space
from nktrade.table.periods import Window

#: Million USD by which every interval is widened, a tenth of a dollar: HiGHS's own tolerance.
TOLERANCE = 1e-7

Terms = Sequence[tuple[float, Selection]]


@dataclass(frozen=True)
class Part:
    """One step of a proof: a bound of a figure, and how many times it is taken."""

    row: Row
    bound: float
    times: float


@dataclass(frozen=True)
class End:
    """One end of an identified set: its value, and the bounds of figures that add up to it."""

    value: float
    proof: tuple[Part, ...] = ()


class Identified:
    """What a list of rows allows, over a space.

    Parameters
    ----------
    space : Space
    rows : list of Row
    """

    def __init__(
        self,
        space: Space,
        rows: list[Row],
        collapsed: tuple[np.ndarray, sp.csr_array] | None = None,
    ) -> None:
        self.space, self.rows = space, rows
        count = space.shape[0] * space.shape[3]
        #: Number of each flow's months, which every atom lies in one of.
        self.month = np.arange(count).reshape(space.shape[0], 1, 1, space.shape[3])
        #: Atom of each cell, -1 where the good does not exist in the month; and rows x atoms.
        self.atom, self.matrix = self._collapse() if collapsed is None else collapsed
        alive = self.atom >= 0
        self.size = np.bincount(self.atom[alive])
        month = np.empty(len(self.size), int)
        month[self.atom[alive]] = np.broadcast_to(self.month, space.shape)[alive]
        ones = sp.csr_array((np.ones(len(month)), (month, np.arange(len(month)))))
        self.sums = sp.hstack([ones, -sp.eye_array(count)], format="csr")
        self._compared: dict[Selection, tuple[np.ndarray, np.ndarray]] = {}

    def _collapse(self) -> tuple[np.ndarray, sp.csr_array]:
        """Find the cells that no row tells apart, and write the rows over them.

        Sums of all goods are written with one more unknown a month, the month's total: a year's
        total then has twelve entries instead of thousands.
        """
        space, rng = self.space, np.random.default_rng(0)
        label = np.zeros(space.shape, np.uint64)
        label += rng.integers(1, 2**62, self.month.shape, dtype=np.uint64)
        blocks: dict[bytes, Block] = {}
        for row in self.rows:
            for _, block in row.terms:
                if block.key not in blocks:
                    blocks[block.key] = block
                    if not block.whole:
                        label[block.cells] += rng.integers(1, 2**62, dtype=np.uint64)
        alive = np.broadcast_to(space.exists[None, :, None, :], space.shape)
        _, number = np.unique(label[alive], return_inverse=True)
        atom = np.full(space.shape, -1, np.int32)
        atom[alive] = number
        n, totals = number.max() + 1, number.max() + 1 + np.arange(self.month.size)
        members = {}
        for key, block in blocks.items():
            inside = atom[block.cells].ravel()
            members[key] = (
                totals[self.month[block.flows][..., block.months].ravel()]
                if block.whole
                else np.unique(inside[inside >= 0])
            )
        triples = [
            (np.full(len(columns), k), columns, np.full(len(columns), weight))
            for k, row in enumerate(self.rows)
            for weight, block in row.terms
            for columns in [members[block.key]]
        ]
        i, j, v = (np.concatenate(part) for part in zip(*triples, strict=True))
        return atom, sp.csr_array((v, (i, j)), shape=(len(self.rows), n + len(totals)))

    def _count(self, cells: tuple[np.ndarray, ...]) -> np.ndarray:
        """Count the cells of each atom among some."""
        found = self.atom[cells].ravel()
        return np.bincount(found[found >= 0], minlength=len(self.size))

    @cached_property
    def _prints(self) -> dict[bytes, list[str]]:
        found: dict[bytes, list[str]] = {}
        for row in self.rows:
            if _prints_its_sum(row):
                found.setdefault(row.terms[0][1].key, []).append(row.id)
        return found

    def printing(self, selection: Selection) -> list[str]:
        """Return the ids of the figures that print this very sum."""
        fine = self.space.refine([selection])
        goods = np.bincount(fine.groups, fine.goods[0], self.space.shape[1])
        cut = (goods > 0) & (goods < np.bincount(fine.groups, minlength=self.space.shape[1]))
        if cut.any() or len(fine.places) > len(self.space.provinces):
            return []
        return self._prints.get(self.space.block(selection).key, [])

    @cached_property
    def _single(self) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
        """Rows of one plain sum: what each takes of each side, its ends, whether it prints."""
        plain = [
            row
            for row in self.rows
            if row.kind in ("value", "zero", "at least") and len(row.terms) == 1
        ]
        blocks = [row.terms[0][1] for row in plain]
        sides = ("flows", "goods", "provinces", "months")
        taken = tuple(np.array([getattr(block, side) for block in blocks]) for side in sides)
        ends = np.array([[row.low for row in plain], [row.high for row in plain]])
        return taken, ends, np.array([_prints_its_sum(row) for row in plain])

    def enclose(self, one: Selection) -> tuple[float, float, bool]:
        """Return the greatest figure inside a sum, the least around it, and if one prints it.

        In million USD. Never narrower than `range_of`, and quick.
        """
        inside, around = self._compare(replace(one, window=self._all_months))
        (*_, taken), (low, high), prints = self._single
        months = self.space.within(one)
        inside = inside[~(taken[inside] & ~months).any(axis=1)]
        around = around[(taken[around] | ~months).all(axis=1)]
        same = np.intersect1d(inside, around, assume_unique=True)
        return (
            float(low[inside].max(initial=0.0)),
            float(high[around].min(initial=inf)),
            bool(prints[same].any()),
        )

    @cached_property
    def _all_months(self) -> Window:
        return Window(self.space.months[0], self.space.months[-1])

    def _compare(self, one: Selection) -> tuple[np.ndarray, np.ndarray]:
        """Return the plain rows inside and around a sum, whatever their months; remembered."""
        if one not in self._compared:
            fine, shape = self.space.refine([one]), self.space.shape
            count = np.bincount(fine.groups, minlength=shape[1])
            goods = np.bincount(fine.groups, fine.goods[0], shape[1])
            places = np.bincount(fine.places, fine.provinces[0], shape[2])
            placed = np.bincount(fine.places, minlength=shape[2])
            (*taken, _), _, _ = self._single
            flows = self.space.flows(one)
            sure = (flows, goods == count, places == placed)
            some = (flows, goods > 0, places > 0)
            inside = [(side <= mask).all(axis=1) for side, mask in zip(taken, sure, strict=True)]
            around = [(side >= mask).all(axis=1) for side, mask in zip(taken, some, strict=True)]
            self._compared[one] = (
                np.flatnonzero(np.logical_and.reduce(inside)),
                np.flatnonzero(np.logical_and.reduce(around)),
            )
        return self._compared[one]

    def range_of(self, terms: Terms) -> tuple[End, End]:
        """Return the least and the greatest that a weighted sum of selections can be.

        Parameters
        ----------
        terms : sequence of (float, Selection)

        Returns
        -------
        End, End
            In million USD; the greatest is infinite where nothing bounds it.
        """
        if len(terms) == 1 and terms[0][0] > 0:
            (weight, one), *_ = terms
            least = weight * (self._count(self._take(one, whole=True)) == self.size)
            greatest = weight * (self._count(self._take(one)) > 0)
        else:
            atoms, weights = self._weigh([terms])
            least, greatest = np.full(len(self.size), inf), np.full(len(self.size), -inf)
            np.minimum.at(least, atoms, weights[0])
            np.maximum.at(greatest, atoms, weights[0])
        return self._solve(least, 1.0), self._solve(greatest, -1.0)

    def _take(self, one: Selection, whole: bool = False) -> tuple[np.ndarray, ...]:
        """Return the index of the cells that a selection takes some of, or the whole of."""
        fine, (_, goods, places, _) = self.space.refine([one]), self.space.shape
        taken = np.bincount(fine.groups, fine.goods[0], goods)
        placed = np.bincount(fine.places, fine.provinces[0], places)
        return np.ix_(
            self.space.flows(one),
            taken == np.bincount(fine.groups, minlength=goods) if whole else taken > 0,
            placed == np.bincount(fine.places, minlength=places) if whole else placed > 0,
            self.space.within(one),
        )

    @cached_property
    def _programme(self) -> Programme:
        low, high = self._ends
        sums = np.zeros(self.sums.shape[0])
        return Programme(
            sp.vstack([self.matrix, self.sums], format="csr"),
            np.append(low - TOLERANCE, sums),
            np.append(high + TOLERANCE, sums),
        )

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array([row.low for row in self.rows]), np.array([row.high for row in self.rows])

    def _solve(self, weights: np.ndarray, sense: float) -> End:
        found = self._programme.minimise(np.append(sense * weights, np.zeros(self.sums.shape[0])))
        if found.value == -inf:
            return End(-sense * inf)
        low, high = self._ends
        times = found.duals[: len(self.rows)]  # a positive dual holds a least value up
        proof = [
            Part(self.rows[n], float((low if times[n] > 0 else high)[n]), sense * float(times[n]))
            for n in np.flatnonzero(np.abs(times) > 1e-9)
        ]
        value = sense * found.value
        return End(0.0 if abs(value) < 10 * TOLERANCE else value, tuple(proof))

    def _weigh(self, functionals: Sequence[Terms]) -> tuple[np.ndarray, np.ndarray]:
        """Return atoms and, for each functional, every weight that a part of the atom has.

        An atom stands once for each different set of weights among its cells.
        """
        space = self.space
        terms = [(n, weight, one) for n, some in enumerate(functionals) for weight, one in some]
        fine = space.refine([one for _, _, one in terms])
        flows = np.logical_or.reduce([space.flows(one) for _, _, one in terms])
        months = np.logical_or.reduce([space.within(one) for _, _, one in terms])
        every = np.ix_(flows, fine.groups, fine.places, months)
        atoms = self.atom[every]
        weights = np.zeros((len(functionals), *atoms.shape))
        for k, (n, weight, one) in enumerate(terms):
            taken = np.ix_(
                space.flows(one)[flows],
                fine.goods[k],
                fine.provinces[k],
                space.within(one)[months],
            )
            weights[n][taken] += weight
        inside = self._count(
            np.ix_(flows, np.ones(space.shape[1], bool), np.ones(space.shape[2], bool), months)
        )
        outside = np.flatnonzero(inside < self.size)
        alive = atoms.ravel() >= 0
        table = np.vstack([atoms.ravel()[alive], weights.reshape(len(functionals), -1)[:, alive]])
        beyond = np.vstack([outside, np.zeros((len(functionals), len(outside)))])
        table = _unique_columns(np.hstack([table, beyond]))
        return table[0].astype(int), table[1:]

    def ratio_of(self, part: Terms, whole: Terms) -> tuple[float, float]:
        """Return the least and the greatest that a ratio of two sums can be.

        Infinite where `whole` may be zero beside a `part` that is not. Dinkelbach's iteration
        ("On nonlinear fractional programming", *Management Science* 13, 1967): a ratio that is
        reached is improved by optimising the part less so many times the whole, until none is.
        """
        atoms, pair = self._weigh([part, whole])
        over, under = self._reach(atoms, pair, np.array([0.0, 1.0]))
        if under <= 10 * TOLERANCE:
            raise UnanswerableError(
                "the whole can only be zero", hint="Ask of a wider denominator."
            )
        low, high = (self._improve(atoms, pair, over / under, sense) for sense in (-1.0, 1.0))
        return low, high

    def _improve(self, atoms: np.ndarray, pair: np.ndarray, ratio: float, sense: float) -> float:
        """Return the greatest (sense 1) or the least (-1) ratio, from one that is reached."""
        for _ in range(100):
            over, under = self._reach(atoms, pair, sense * np.array([1.0, -ratio]))
            if sense * (over - ratio * under) <= 10 * TOLERANCE * max(1.0, abs(ratio)):
                return 0.0 if abs(ratio) < 10 * TOLERANCE else ratio
            if under <= 10 * TOLERANCE:
                return sense * inf
            ratio = over / under
        raise UnanswerableError(
            "the ratio cannot be settled", got=f"{ratio:.6g}", hint="Ask of a wider denominator."
        )

    def _reach(self, atoms: np.ndarray, pair: np.ndarray, factors: np.ndarray) -> np.ndarray:
        """Return both sums of `pair` where their weighted sum is greatest.

        Where nothing bounds it, both along a direction in which it grows.
        """
        score = factors @ pair
        order = np.lexsort((-score, atoms))
        best = order[np.append(True, np.diff(atoms[order]) > 0)]
        found = self._programme.minimise(np.append(-score[best], np.zeros(self.sums.shape[0])))
        both = pair[:, best] @ found.x[: len(best)]
        return both if found.value > -inf else both / max(both.max(), TOLERANCE)


def _prints_its_sum(row: Row) -> bool:
    """Say whether a figure prints one sum; "more than 3.6 million" leaves it open and does not."""
    return row.kind in ("value", "zero") and len(row.terms) == 1 and row.high < inf


def _unique_columns(table: np.ndarray) -> np.ndarray:
    order = np.lexsort(table[::-1])
    table = table[:, order]
    new = np.append(True, (table[:, 1:] != table[:, :-1]).any(axis=0))
    return table[:, new]
