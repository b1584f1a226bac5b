"""Cells that may stand in the wrong rows."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.published.displaced import measure_distance, score_moves

ROWS = ["a", "b", "c", "d"]
columns = st.lists(st.floats(0, 100), min_size=4, max_size=4).map(lambda v: pd.Series(v, ROWS))


def test_a_run_pushed_down_by_one_row_is_found():
    true = pd.Series([40.0, 30.0, 20.0, 10.0], ROWS)
    printed = pd.Series([20.0, 40.0, 30.0, 10.0], ROWS)  # the first three, one row down
    best = score_moves(printed, true).iloc[0]
    assert best[["move", "first", "last"]].tolist() == ["up", "a", "c"]
    assert (best["distance"], best["gain"]) == (0.0, 20.0)


def test_two_exchanged_cells_are_found_and_dashes_count_as_zero():
    true = pd.Series([40.0, 30.0, 30.0, None], ROWS)
    printed = pd.Series([None, 30.0, 30.0, 40.0], ROWS)
    best = score_moves(printed, true).iloc[0]
    assert best[["move", "first", "last", "gain"]].tolist() == ["exchange", "a", "d", 40.0]


def test_other_rows_are_refused():
    column = pd.Series([1.0, 2.0], ["a", "b"])
    with pytest.raises(InputError, match="different rows"):
        score_moves(column, column.rename({"b": "x"}))


def move(column, how, first, last):
    """Do by hand what a move is said to be: exchange two cells, or shift those between them."""
    cells, (at, to) = list(column), (ROWS.index(first), ROWS.index(last))
    if how == "exchange":
        cells[at], cells[to] = cells[to], cells[at]
    elif how == "up":
        cells.insert(to, cells.pop(at))
    else:
        cells.insert(at, cells.pop(to))
    return pd.Series(cells, column.index)


@given(columns, columns)
def test_moves_keep_the_sum_and_report_the_distance_they_reach(column, reference):
    found = score_moves(column, reference)
    assert found["distance"].is_monotonic_increasing
    for how, first, last, distance, _ in found.itertuples(index=False):
        moved = move(column, how, first, last)
        assert sorted(moved) == sorted(column)
        assert measure_distance(moved, reference) == pytest.approx(distance)
