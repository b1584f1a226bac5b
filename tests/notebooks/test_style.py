"""Notebooks are arguments: short cells, no guards, more words than code."""

import pytest

from tests.notebooks.style import NOTEBOOKS, measure_style

LONGEST_CELL = 15
WIDEST_LINE = 100
FEWEST_WORDS = 7  # of prose, a line of code
MOST_CONDITIONS = 1.5  # in a hundred lines
MOST_LINES = 1900  # of code in the whole collection


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_reads_like_a_lecture(path):
    style = measure_style(path)
    assert style.longest_cell <= LONGEST_CELL
    assert style.widest_line <= WIDEST_LINE
    assert style.words_a_line >= FEWEST_WORDS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_guards_nothing(path):
    style = measure_style(path)
    assert style.functions == style.nones == 0
    assert style.conditions <= max(MOST_CONDITIONS * style.lines / 100, 1)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_never_takes_the_middle_of_a_range_for_a_value(path):
    assert ".middle" not in path.read_text(encoding="utf-8")


def test_the_collection_is_short():
    assert sum(measure_style(path).lines for path in NOTEBOOKS) <= MOST_LINES
