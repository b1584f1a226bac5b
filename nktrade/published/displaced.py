"""Cells of a printed column that may stand in the wrong rows: what one move would mend."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from nktrade.errors import InputError


def measure_distance(one: pd.Series, other: pd.Series) -> float:
    """Return how far two columns of shares are apart: half the sum of absolute differences.

    In percentage points, 0 (alike) to 100 (nothing in common). A missing cell counts as zero.
    Source: Duncan and Duncan, "A Methodological Analysis of Segregation Indexes" (1955), the index
    of dissimilarity.

    Examples
    --------
    >>> measure_distance(pd.Series({"a": 60.0, "b": 40.0}), pd.Series({"a": 50.0, "b": 50.0}))
    10.0
    """
    return float(one.sub(other, fill_value=0.0).abs().sum() / 2)


def score_moves(column: pd.Series, reference: pd.Series) -> pd.DataFrame:
    """Try every single slip of a typesetter on a column and measure what each would mend.

    A slip exchanges two cells, or moves a run of cells by one row, the one pushed out coming in at
    the other end. No move changes the column's sum, so a sum of 100 speaks for none of them.

    Parameters
    ----------
    column : pandas.Series of float
        The printed shares in the order of the rows; a printed dash (missing) is zero.
    reference : pandas.Series of float
        What the column is held against (the same rows a year before), same index.

    Returns
    -------
    pandas.DataFrame
        One row a move that changes the column, smallest distance first. Columns move ("exchange",
        "up" or "down"), first and last (rows between which it happens), distance (after the move)
        and gain (distance before less after), both in percentage points.

    Raises
    ------
    InputError
        If the rows differ.

    Examples
    --------
    >>> rows = ["food", "fuel", "cloth"]
    >>> printed, before = pd.Series([9.0, 1.0, 90.0], rows), pd.Series([88.0, 9.0, 3.0], rows)
    >>> score_moves(printed, before).to_dict("records")[0]
    {'move': 'down', 'first': 'food', 'last': 'cloth', 'distance': 2.0, 'gain': 85.0}
    """
    if list(column.index) != list(reference.index):
        raise InputError("the column and its reference have different rows")
    cells, rows = column.fillna(0.0).to_numpy(), list(column.index)
    before = measure_distance(column, reference)
    table = []
    for move, first, last, order in _list_moves(len(rows)):
        moved = cells[order]
        if (moved == cells).all():
            continue
        after = measure_distance(pd.Series(moved, index=rows), reference)
        table.append((move, rows[first], rows[last], after, before - after))
    found = pd.DataFrame(table, columns=["move", "first", "last", "distance", "gain"])
    return found.sort_values("distance", kind="stable", ignore_index=True)


def _list_moves(length: int) -> Iterator[tuple[str, int, int, list[int]]]:
    """Name each move and the order in which it puts the cells."""
    for first, last in combinations(range(length), 2):
        before, run, after = (
            list(range(first)),
            list(range(first, last + 1)),
            list(range(last + 1, length)),
        )
        yield "exchange", first, last, [*before, run[-1], *run[1:-1], run[0], *after]
        if last - first > 1:  # of two cells, moving is exchanging
            yield "up", first, last, [*before, *run[1:], run[0], *after]
            yield "down", first, last, [*before, run[-1], *run[:-1], *after]
