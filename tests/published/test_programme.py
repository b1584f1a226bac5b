"""The linear programme by hand, and by scipy where highspy is not to be had."""

import numpy as np
import pytest
import scipy.sparse as sp

from nktrade.errors import UnanswerableError
from nktrade.published import programme
from nktrade.published.honoured import load_identified

INF = np.inf


@pytest.fixture(params=["highspy", "scipy"])
def solver(request, monkeypatch):
    if request.param == "scipy":
        monkeypatch.setattr(programme, "highspy", None)
    return programme.Programme


def test_by_hand(solver):
    """x + y = 10, 2 <= x - y <= 4, z free above: x from 6 to 7, z without end."""
    rows = sp.csr_array([[1.0, 1, 0], [1, -1, 0]])
    made = solver(rows, np.array([10.0, 2]), np.array([10.0, 4]))
    least, most = made.minimise(np.array([1.0, 0, 0])), made.minimise(np.array([-1.0, 0, 0]))
    assert (least.value, most.value) == pytest.approx((6, -7))
    assert least.duals @ [10, 2] == pytest.approx(6)
    assert most.duals @ [10, 4] == pytest.approx(-7)
    endless = made.minimise(np.array([0.0, 0, -1]))
    assert endless.value == -INF
    assert endless.x[2] > 0
    assert rows @ endless.x == pytest.approx([0, 0])


def test_a_contradiction_is_told(solver):
    made = solver(sp.csr_array([[1.0], [1.0]]), np.array([2.0, -INF]), np.array([INF, 1.0]))
    with pytest.raises(UnanswerableError, match="contradict"):
        made.minimise(np.array([1.0]))


def test_both_solvers_agree_on_the_shipped_set(monkeypatch):
    model = load_identified()
    low, high = (np.array([getattr(row, end) for row in model.rows]) for end in ("low", "high"))
    ends = low - 1e-6, high + 1e-6
    warm = programme.Programme(model.matrix, *ends)
    random = np.random.default_rng(1)
    costs = [sign * (random.random(model.matrix.shape[1]) < 0.01) for sign in (1, -1)]
    expected = [warm.minimise(cost).value for cost in costs]
    monkeypatch.setattr(programme, "highspy", None)
    anew = programme.Programme(model.matrix, *ends)
    for cost, value in zip(costs, expected, strict=True):
        found = anew.minimise(cost)
        assert found.value == pytest.approx(value, rel=1e-6)
        if np.isfinite(value):  # the duals prove it
            held = np.where(found.duals > 0, *ends)[found.duals != 0]
            assert found.duals[found.duals != 0] @ held == pytest.approx(value, rel=1e-5)
