"""Raking against hand-computed and published tables, and the conditions of an optimum."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tools.reconstruct.entropy import Problem

TIGHT = {"tolerance": 1e-12}


def margins(rows: int, columns: int) -> list[np.ndarray]:
    """Cells of each row, then of each column, of a table read row by row."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    return [*cells, *cells.T]


def test_two_by_two_by_hand():
    """Rescaling keeps the odds ratio: a (1 + a) / ((5 - a) (4 - a)) = 1 * 4 / (2 * 3)."""
    a = (-21 + np.sqrt(601)) / 2
    sums = np.array([5.0, 5.0, 4.0, 6.0])
    solution = Problem(np.array([1.0, 2.0, 3.0, 4.0]), margins(2, 2)).solve(sums, sums, **TIGHT)
    assert solution.x == pytest.approx([a, 5 - a, 4 - a, 1 + a], rel=1e-9)
    assert solution.sums == pytest.approx(sums)


def test_published_four_by_four():
    """The example of the article "Iterative proportional fitting", Wikipedia, after two rounds."""
    prior = np.array([40, 30, 20, 10, 35, 50, 100, 75, 30, 80, 70, 120, 20, 30, 40, 50.0])
    sums = np.array([150, 300, 400, 150, 200, 300, 400, 100.0])
    printed = [
        *(64.61, 46.28, 35.42, 3.83, 49.95, 68.15, 156.49, 25.37),
        *(56.70, 144.40, 145.06, 53.76, 28.74, 41.18, 63.03, 17.03),
    ]
    solution = Problem(prior, margins(4, 4)).solve(sums, sums, **TIGHT)
    assert solution.sums == pytest.approx(sums)
    assert solution.x == pytest.approx(printed, abs=0.1)


def test_one_round_by_hand():
    """A single sum scales its cells alike and leaves the others."""
    problem = Problem(np.array([1.0, 3.0, 5.0]), [np.array([0, 1])])
    solution = problem.solve(np.array([8.0]), np.array([8.0]), **TIGHT)
    assert solution.x.tolist() == pytest.approx([2.0, 6.0, 5.0])
    assert solution.multipliers == pytest.approx([np.log(2)])


def test_intervals_that_do_not_bind_leave_the_prior():
    prior = np.array([1.0, 2.0, 3.0, 4.0])
    problem = Problem(prior, margins(2, 2))
    solution = problem.solve(np.array([2.9, 0, 4, 5.0]), np.array([3.0, 8, np.inf, 6.1]))
    assert solution.x.tolist() == prior.tolist()
    assert solution.multipliers.tolist() == [0, 0, 0, 0]
    assert solution.sweeps == 1


def test_zero_cells_stay_and_empty_sums_empty_their_cells():
    problem = Problem(np.array([0.0, 2.0, 3.0, 4.0]), margins(2, 2))
    lower, upper = np.array([1.0, 0, 0, 0]), np.array([1.0, np.inf, 0, np.inf])
    solution = problem.solve(lower, upper)
    assert solution.x[0] == 0
    assert solution.x[1] == pytest.approx(1.0)
    assert solution.x[2] == pytest.approx(0.0, abs=1e-20)
    assert solution.x[3] == 4.0


def test_an_upper_bound_that_stops_binding_is_let_go():
    """First too large, then pulled down by a later sum: the multiplier must return to zero."""
    members = [np.array([0, 1]), np.array([0]), np.array([1])]
    problem = Problem(np.array([10.0, 10.0]), members)
    solution = problem.solve(np.array([0, 1.0, 2.0]), np.array([15.0, 1.0, 2.0]), **TIGHT)
    assert solution.x.tolist() == pytest.approx([1.0, 2.0])
    assert solution.multipliers[0] == pytest.approx(0.0, abs=1e-9)


def test_cells_without_a_constraint_keep_their_prior():
    problem = Problem(np.array([1.0, 2.0, 7.0]), [np.array([0, 1]), np.array([], dtype=int)])
    solution = problem.solve(np.array([6.0, 0.0]), np.array([6.0, 0.0]), **TIGHT)
    assert solution.x.tolist() == pytest.approx([2.0, 4.0, 7.0])


@st.composite
def problems(draw):
    """A prior and intervals around the sums of another table, so that a solution exists."""
    seed = draw(st.integers(0, 10_000))
    random = np.random.default_rng(seed)
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    prior = random.uniform(0.5, 10, rows * columns)
    members = margins(rows, columns)
    members.append(random.choice(rows * columns, size=3, replace=False))
    other = prior * np.exp(random.normal(0, 0.7, prior.size))
    sums = np.array([other[cells].sum() for cells in members])
    width = random.choice([0.0, 0.05, 0.5], size=len(sums))
    return prior, members, sums * (1 - width), sums * (1 + width)


@settings(max_examples=25, deadline=None)
@given(problems())
def test_conditions_of_an_optimum(problem):
    """x = prior exp(sum of multipliers); a bound that binds has the sign, a slack one nothing."""
    prior, members, lower, upper = problem
    solution = Problem(prior, members).solve(lower, upper, tolerance=1e-10, max_sweeps=3000)
    assume(solution.sweeps < 3000)
    factor = np.zeros_like(prior)
    for cells, multiplier in zip(members, solution.multipliers, strict=True):
        factor[cells] += multiplier
    assert solution.x == pytest.approx(prior * np.exp(factor), rel=1e-9)
    assert (solution.sums >= lower * (1 - 1e-7)).all()
    assert (solution.sums <= upper * (1 + 1e-7)).all()
    pushed_up, pushed_down = solution.multipliers > 1e-6, solution.multipliers < -1e-6
    assert solution.sums[pushed_up] == pytest.approx(lower[pushed_up], rel=1e-6)
    assert solution.sums[pushed_down] == pytest.approx(upper[pushed_down], rel=1e-6)


def test_no_other_table_is_nearer():
    """The same problem given to a general optimiser."""
    prior = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    members = margins(2, 3)
    lower, upper = np.array([9, 10, 0, 8, 9.0]), np.array([9, 12, 4, np.inf, 9.0])
    solution = Problem(prior, members).solve(lower, upper, **TIGHT)

    def divergence(x):
        return float((x * np.log(x / prior) - x + prior).sum())

    bounds = [
        {"type": "ineq", "fun": lambda x, c=c, lo=lo: x[c].sum() - lo}
        for c, lo in zip(members, lower, strict=True)
    ] + [
        {"type": "ineq", "fun": lambda x, c=c, up=up: up - x[c].sum()}
        for c, up in zip(members, upper, strict=True)
        if np.isfinite(up)
    ]
    general = minimize(
        divergence, prior, method="SLSQP", bounds=[(1e-9, None)] * 6, constraints=bounds
    )
    assert general.success
    assert solution.x == pytest.approx(general.x, rel=1e-3)
    assert divergence(solution.x) <= general.fun + 1e-6


def test_starting_from_the_answer_changes_nothing():
    prior, members = np.array([1.0, 2.0, 3.0, 4.0]), margins(2, 2)
    sums = np.array([5.0, 5.0, 4.0, 6.0])
    problem = Problem(prior, members)
    first = problem.solve(sums, sums, **TIGHT)
    again = problem.solve(sums, sums, start=first.multipliers, **TIGHT)
    assert again.x == pytest.approx(first.x)
    assert again.sweeps <= 2
