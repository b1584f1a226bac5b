"""Which published figures cannot hold together, and by how much they would have to give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from nktrade.errors import UnanswerableError
from nktrade.published.figure_rows import Row
from nktrade.published.identified import TOLERANCE, Identified

#: Million USD that stand for the size of a sum that nobody prints, to weigh slacks by.
UNPRINTED = 10.0


@dataclass(frozen=True)
class Contradictions:
    """The ends of a set's rows one by one, any of which may be asked to give way.

    Parameters
    ----------
    model : Identified

    Examples
    --------
    >>> from nktrade.published.honoured import load_identified
    >>> slack, against = Contradictions(load_identified()).least_slack(may=[0])
    >>> float(slack.sum()), against
    (0.0, ())
    """

    model: Identified

    @cached_property
    def sides(self) -> tuple[list[tuple[Row, float, float]], sp.csr_array, np.ndarray]:
        """Every finite end of a row as ``sign x row <= limit``."""
        low = np.array([row.low for row in self.model.rows])
        high = np.array([row.high for row in self.model.rows])
        tops, floors = np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))
        told = [(self.model.rows[n], high[n], 1.0) for n in tops]
        told += [(self.model.rows[n], low[n], -1.0) for n in floors]
        matrix = sp.vstack([self.model.matrix[tops], -self.model.matrix[floors]], format="csr")
        return told, matrix, np.concatenate([high[tops], -low[floors]]) + TOLERANCE

    def least_slack(
        self, may: Sequence[int] | None = None, must: Sequence[int] = ()
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return by how much rows must give way, in million USD, for all to hold together.

        The sum of slacks relative to what is printed is least; zero throughout if all hold.

        Parameters
        ----------
        may : sequence of int, optional
            The rows that may give way; by default all.
        must : sequence of int
            The rows that hold in any case; rows in neither are left out.

        Returns
        -------
        numpy.ndarray
            The slack of each row.
        tuple of str
            The figures that contradict one another: those whose multipliers are not zero.
        """
        giving = np.arange(len(self.model.rows)) if may is None else np.asarray(may)
        told, matrix, limits = self.sides
        column = np.full(len(self.model.rows), -1)
        column[giving] = np.arange(len(giving))
        kept = np.flatnonzero(np.isin(self.side_rows, [*giving, *must]))
        gives = np.flatnonzero(column[self.side_rows[kept]] >= 0)
        slack = sp.csr_array(
            (-np.ones(len(gives)), (gives, column[self.side_rows[kept][gives]])),
            shape=(len(kept), len(giving)),
        )
        cost = np.concatenate([np.zeros(self.model.matrix.shape[1]), 1 / self.scale[giving]])
        months = self.model.sums.shape[0]
        found = linprog(
            cost,
            A_ub=sp.hstack([matrix[kept], slack]),
            b_ub=limits[kept],
            A_eq=sp.hstack([self.model.sums, sp.csr_array((months, len(giving)))]),
            b_eq=np.zeros(months),
            method="highs",
        )
        if found.status != 0:
            raise UnanswerableError(
                "the rows that may not give way contradict one another",
                hint="Leave one of them out.",
            )
        result = np.zeros(len(self.model.rows))
        result[giving] = found.x[self.model.matrix.shape[1] :]
        against = kept[np.abs(found.ineqlin.marginals) > 1e-9]
        names = tuple(dict.fromkeys(told[n][0].id for n in against))
        return np.where(result > 10 * TOLERANCE, result, 0.0), names

    @cached_property
    def side_rows(self) -> np.ndarray:
        """The row of each side."""
        low = np.array([row.low for row in self.model.rows])
        high = np.array([row.high for row in self.model.rows])
        return np.concatenate([np.flatnonzero(np.isfinite(high)), np.flatnonzero(np.isfinite(low))])

    @cached_property
    def scale(self) -> np.ndarray:
        """What the slack of each row is measured by: the size of what it prints or compares."""
        sizes: dict[bytes, float] = {}
        for row in self.model.rows:
            if row.size and len(row.terms) == 1:
                sizes[row.terms[0][1].key] = row.size
        scale = [
            row.size or max((sizes.get(block.key, 0.0) for _, block in row.terms), default=0.0)
            for row in self.model.rows
        ]
        return np.where(np.array(scale) > 0, scale, UNPRINTED)
