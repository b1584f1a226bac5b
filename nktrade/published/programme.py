"""One linear programme, asked for many optima: each starts where an earlier one ended.

Only the objective changes between the questions that an identified set answers. From a feasible
corner the primal simplex method then needs a few dozen steps instead of thousands, which makes an
answer about twenty times quicker than solving anew. Where highspy is not to be had (a browser),
scipy's HiGHS solves anew: the same optima, slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

try:
    import highspy
except ImportError:
    highspy = None  # type: ignore[assignment]

from nktrade.errors import UnanswerableError

_PRIMAL_SIMPLEX = 4
_UNBOUNDED = 3


@dataclass(frozen=True)
class Optimum:
    """An optimum: its value, where it is reached, and each row's dual.

    If nothing bounds it, the value is infinite and x a direction in which it grows.
    """

    value: float
    x: np.ndarray
    duals: np.ndarray


class Programme:
    """All non-negative x with ``low <= matrix @ x <= high``.

    Parameters
    ----------
    matrix : scipy.sparse array
    low, high : numpy.ndarray
        Ends of each row, which may be infinite.
    """

    def __init__(self, matrix: sp.csr_array, low: np.ndarray, high: np.ndarray) -> None:
        columns = sp.csc_array(matrix)
        rows, self.width = columns.shape
        self._anew = _Anew(sp.csr_array(matrix), low, high) if highspy is None else None
        if highspy is None:
            return
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = rows, self.width
        model.row_lower_, model.row_upper_ = low, high
        model.col_lower_, model.col_upper_ = np.zeros(self.width), np.full(self.width, inf)
        model.col_cost_ = np.zeros(self.width)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = columns.indptr
        model.a_matrix_.index_ = columns.indices
        model.a_matrix_.value_ = columns.data
        self._solver = highspy.Highs()
        self._solver.silent()
        self._solver.setOptionValue("threads", 1)
        self._solver.passModel(model)
        self._corner: highspy.HighsBasis | None = None

    def minimise(self, cost: np.ndarray) -> Optimum:
        """Return the least of ``cost @ x``.

        Every call starts from the same corner, so an answer does not depend on earlier ones.

        Raises
        ------
        UnanswerableError
            If no x satisfies all rows.
        """
        if self._anew is not None:
            return self._anew.minimise(cost)
        solver = self._solver
        if self._corner is None:
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise _contradiction()
            self._corner = solver.getBasis()
            solver.setOptionValue("simplex_strategy", _PRIMAL_SIMPLEX)
        solver.setBasis(self._corner)
        solver.changeColsCost(self.width, np.arange(self.width, dtype=np.int32), cost)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            found = solver.getSolution()
            value = solver.getInfo().objective_function_value
            return Optimum(value, np.array(found.col_value), np.array(found.row_dual))
        *_, direction = solver.getPrimalRay()  # type: ignore[attr-defined]  # not in its stubs
        return Optimum(-inf, np.array(direction), np.zeros(solver.getNumRow()))


class _Anew:
    """The same programme by scipy: rows that bind from above, from below, from both sides."""

    def __init__(self, matrix: sp.csr_array, low: np.ndarray, high: np.ndarray) -> None:
        self.rows = matrix.shape[0]
        self.equal = np.flatnonzero(low == high)
        self.over = np.flatnonzero(np.isfinite(high) & (low != high))
        self.under = np.flatnonzero(np.isfinite(low) & (low != high))
        self.upper = sp.vstack([matrix[self.over], -matrix[self.under]], format="csr")
        self.most = np.append(high[self.over], -low[self.under])
        self.exact, self.value = matrix[self.equal], low[self.equal]

    def minimise(self, cost: np.ndarray) -> Optimum:
        rows = self.upper, self.most, self.exact, self.value
        # Simplifying first takes as long as solving: the programme is simple already.
        found = linprog(cost, *rows, method="highs-ds", options={"presolve": False})
        if found.status == _UNBOUNDED:  # a direction keeps every row and lets the cost fall
            nothing = np.zeros(len(self.most)), np.zeros(len(self.value))
            ray = linprog(cost, self.upper, nothing[0], self.exact, nothing[1], bounds=(0, 1))
            return Optimum(-inf, ray.x, np.zeros(self.rows))
        if found.status:
            raise _contradiction()
        duals = np.zeros(self.rows)
        split = len(self.over)
        np.add.at(duals, self.over, found.ineqlin.marginals[:split])
        np.subtract.at(duals, self.under, found.ineqlin.marginals[split:])
        duals[self.equal] = found.eqlin.marginals
        return Optimum(found.fun, found.x, duals)


def _contradiction() -> UnanswerableError:
    return UnanswerableError(
        "the published figures contradict one another",
        hint="nktrade.published.find_conflicts names those that do.",
    )
