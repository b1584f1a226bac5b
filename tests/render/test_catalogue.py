import json
import shutil
from pathlib import Path

import pytest

from nktrade.errors import InputError
from nktrade.render.catalogue import read_catalogue, read_notebook

FIXTURES = Path(__file__).with_name("fixtures")


@pytest.fixture
def folder(tmp_path):
    for notebook in FIXTURES.glob("*.ipynb"):
        shutil.copy(notebook, tmp_path)
    return tmp_path


def test_reads_title_and_question():
    notebook = read_notebook(FIXTURES / "01_bricks.ipynb")
    assert notebook.title == "What do bricks say?"
    assert notebook.question == (
        "Does the import of bricks by North Korea run ahead of its building?"
    )
    assert notebook.defaults["hs"] == ["6902"]
    json.dumps(notebook.describe())


def test_reads_parts_and_runs():
    catalogue = read_catalogue(FIXTURES)
    assert catalogue.title == "Fixtures"
    asked = [(r.notebook.name, r.part, r.label, r.parameters) for r in catalogue.requests]
    assert asked == [
        ("01_bricks", "Bricks", "", {}),
        ("01_bricks", "Bricks", "Russia", {"partner": "RUS", "hs": ["6902", "6901"]}),
        ("02_plain", "Others", "", {}),
    ]


def test_a_folder_without_a_catalogue_runs_every_notebook_once(folder):
    assert [r.notebook.name for r in read_catalogue(folder).requests] == [
        "01_bricks",
        "02_plain",
        "03_failing",
    ]


@pytest.mark.parametrize(
    ("site", "says"),
    [
        ("parts: [{title: A, notebook: []}]", "Did you mean 'notebooks'?"),
        ("parts: [{notebooks: [{notebook: 01_brick}]}]", "Did you mean '01_bricks'?"),
        (
            "parts: [{notebooks: [{notebook: 01_bricks, runs: [{parameters: {tops: 1}}]}]}]",
            "notebook 01_bricks, run 1: parameter 'tops' is unknown. Did you mean 'top'?",
        ),
        (
            "parts: [{notebooks: [{notebook: 01_bricks, runs: [{parameters: {hs: [6902]}}]}]}]",
            "Put quotes around it",
        ),
        ("parts: {}\n", "'parts' is not a list"),
        ("parts: [", "line 1"),
        ("", "empty"),
        ("- a", "empty"),
    ],
)
def test_refuses_a_broken_catalogue(folder, site, says):
    (folder / "site.yml").write_text(site.replace("parts: {}", "parts: {a: 1}"))
    with pytest.raises(InputError) as caught:
        read_catalogue(folder)
    assert says in str(caught.value)
    assert "site.yml" in str(caught.value) or "01_brick" in says


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"nbformat": 4}', "{"])
def test_refuses_a_file_that_is_no_notebook(tmp_path, content):
    file = tmp_path / "x.ipynb"
    file.write_text(content)
    with pytest.raises(InputError, match="not a notebook"):
        read_notebook(file)


def test_refuses_a_notebook_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such notebook"):
        read_notebook(tmp_path / "x.ipynb")
