"""Notebooks are arguments: short cells, no guards, more words than code."""

import pytest

from tests.conftest import ROOT
from tests.notebooks.style import NOTEBOOKS, measure_style

#: Still programs; the list shrinks to none, and nothing joins it.
OLD = {"05_headline_totals"}
NEW = [path for path in NOTEBOOKS if path.stem not in OLD]

LONGEST_CELL = 15
WIDEST_LINE = 100
FEWEST_WORDS = 7  # of prose, a line of code
MOST_CONDITIONS = 1.5  # in a hundred lines
MOST_LINES = 1900  # of code in the whole collection


@pytest.mark.parametrize("path", NEW, ids=lambda path: path.stem)
def test_a_notebook_reads_like_a_lecture(path):
    style = measure_style(path)
    assert style.longest_cell <= LONGEST_CELL
    assert style.widest_line <= WIDEST_LINE
    assert style.words_a_line >= FEWEST_WORDS


@pytest.mark.parametrize("path", NEW, ids=lambda path: path.stem)
def test_a_notebook_guards_nothing(path):
    style = measure_style(path)
    assert style.functions == style.attempts == style.nones == 0
    assert style.conditions <= max(MOST_CONDITIONS * style.lines / 100, 1)


def test_the_collection_is_short():
    lines = sum(measure_style(path).lines for path in NEW)
    share = len(NEW) / len(NOTEBOOKS)
    # One long notebook may stand among short ones, but not many.
    assert lines <= max(MOST_LINES * share, 150)


def test_the_list_of_old_notebooks_is_right():
    there = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there >= OLD
