"""Cells that may stand in the wrong rows."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.published.displaced import measure_distance, move_cells, score_moves

ROWS = ["a", "b", "c", "d"]
columns = st.lists(st.floats(0, 100), min_size=4, max_size=4).map(lambda v: pd.Series(v, ROWS))


def test_a_run_pushed_down_by_one_row_is_found():
    true = pd.Series([40.0, 30.0, 20.0, 10.0], ROWS)
    printed = pd.Series([20.0, 40.0, 30.0, 10.0], ROWS)  # the first three, one row down
    best = score_moves(printed, true).iloc[0]
    assert best[["move", "first", "last"]].tolist() == ["up", "a", "c"]
    assert (best["distance"], best["gain"]) == (0.0, 20.0)
    assert move_cells(printed, "up", "a", "c").tolist() == true.tolist()


def test_two_exchanged_cells_are_found_and_dashes_count_as_zero():
    true = pd.Series([40.0, 30.0, 30.0, None], ROWS)
    printed = pd.Series([None, 30.0, 30.0, 40.0], ROWS)
    best = score_moves(printed, true).iloc[0]
    assert best[["move", "first", "last", "gain"]].tolist() == ["exchange", "a", "d", 40.0]


def test_other_rows_and_moves_are_refused():
    column = pd.Series([1.0, 2.0], ["a", "b"])
    with pytest.raises(InputError, match="different rows"):
        score_moves(column, column.rename({"b": "x"}))
    with pytest.raises(InputError, match="no move 'aside'"):
        move_cells(column, "aside", "a", "b")


@given(columns, columns)
def test_moves_keep_the_sum_and_report_the_distance_they_reach(column, reference):
    found = score_moves(column, reference)
    assert found["distance"].is_monotonic_increasing
    for move, first, last, distance, _ in found.itertuples(index=False):
        moved = move_cells(column, move, first, last)
        assert sorted(moved) == sorted(column)
        assert measure_distance(moved, reference) == pytest.approx(distance)
