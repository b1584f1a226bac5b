"""What a run's key holds, part by part, without running anything."""

from dataclasses import replace

import nbformat
import pytest

from nktrade.render.catalogue import read_catalogue
from nktrade.render.folder import prepare_folder
from nktrade.render.ledger import Ledger
from nktrade.render.plan import plan_runs
from nktrade.render.run import Settings


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    prepare_folder(tmp_path / "site")
    return folder


def keys(home, tag="", label="", code="1 / 0", words="Why?"):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(f"# Zero\n\n{words}", id="title"),
        nbformat.v4.new_code_cell("level: int = 1", id="typed", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(code, id="code", metadata={"tags": [tag] if tag else []}),
    ]
    nbformat.write(notebook, home / "zero.ipynb")
    (run,) = plan_runs(read_catalogue(home), [], [])
    return Ledger(Settings(home.parent / "site")).keys(replace(run, label=label))


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_a_tag_that_changes_the_execution_changes_the_key(home, tag):
    assert keys(home).code != keys(home, tag).code


def test_a_tag_that_only_changes_the_look_needs_a_new_page_only(home):
    plain, hidden = keys(home), keys(home, "remove-input")
    assert plain.code == hidden.code
    assert plain.page != hidden.page


def test_a_label_stands_on_the_page_and_decides_no_result(home):
    plain, named = keys(home), keys(home, label="bricks")
    assert plain.code == named.code
    assert plain.page != named.page


def test_words_need_a_new_page_and_code_a_new_run(home):
    plain = keys(home)
    assert keys(home, words="Why not?").code == plain.code
    assert keys(home, words="Why not?").page != plain.page
    assert keys(home, code="1 / 1").code != plain.code
    assert keys(home) == plain
