import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from nktrade.errors import InputError
from nktrade.render.catalogue import Catalogue, read_catalogue, read_notebook
from nktrade.render.cells import code_of, read_source
from nktrade.render.fingerprints import Hashes

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


@pytest.mark.parametrize("words", ["# A *b*\n\nWhy?", "A *b*\n=====\n\nWhy?", "x\n\n# A *b*\nWhy?"])
def test_a_title_stands_anywhere_before_the_code(tmp_path, words):
    made = nbformat.v4.new_notebook()
    for text in ("[a badge](https://example.org)", words, "# Later"):
        made.cells.append(nbformat.v4.new_markdown_cell(text))
    nbformat.write(made, tmp_path / "a.ipynb")
    notebook = read_notebook(tmp_path / "a.ipynb")
    assert (notebook.title, notebook.question) == ("A *b*", "Why?")
    made.cells.insert(0, nbformat.v4.new_code_cell("1"))
    nbformat.write(made, tmp_path / "a.ipynb")
    assert read_notebook(tmp_path / "a.ipynb").title == "a"


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
        ("parts: [{notebooks: [{notebook: 01_bricks, runs: 3}]}]", "'runs' is not a list"),
        ("parts: [{notebooks: [{notebook: 01_bricks, always: maybe}]}]", "expected true"),
        ("parts: [{notebooks: [{notebook: 01_bricks, always: 1}]}]", "expected true"),
        ("parts: []\ntitle: A\ntitle: B", "line 3: the catalogue names a key twice; got title"),
        ('project: "\\0"\nparts: []', "the project is no folder"),
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


def test_what_is_left_open_has_its_usual_title(folder):
    site = "title:\nparts: [{title: , notebooks: [{notebook: 01_bricks}]}]"
    (folder / "site.yml").write_text(site)
    catalogue = read_catalogue(folder)
    assert (catalogue.title, catalogue.requests[0].part) == (folder.name, "Part 1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty. Write a notebook there"),
        (b" \n", "it is empty"),
        (b"not json", "it is not JSON (Expecting value: line 1 column 1 (char 0)). Open it"),
        (b'{"cells": [],}', "it is not JSON"),
        (b"{", "it is not JSON"),
        (b'{\n<<<<<<< HEAD\n "cells": []\n', "it holds a merge conflict. Settle it"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"\n<!doctype html><title>Sign in</title>", "it is a web page. Download"),
        (b"[]", "it has no list of cells. Open it"),
        (b'{"nbformat": 4}', "it has no list of cells"),
        (b'{"cells": {"0": {}}}', "it has no list of cells"),
        (b'{"cells": [null]}', "cell 1 is no mapping"),
        (b'{"cells": [{"cell_type": "code"}]}', "cell 1 has no source"),
        (b'{"cells": [{"cell_type": "code", "source": null}]}', "cell 1 has no source"),
        (b'{"cells": [{"cell_type": "code", "source": [["a"]]}]}', "cell 1 has no source"),
        (b'\xef\xbb\xbf{"cells": []}', "a byte order mark"),
        ('{"cells": ["é"]}'.encode("latin-1"), "line 1: the notebook is no text in UTF-8. Save"),
        ('{"cells": []}'.encode("utf-16"), "the notebook is no text in UTF-8. Save it as UTF-8."),
        (b'{"cells": ' + b"[" * 5000 + b"]" * 5000 + b"}", "it is nested too deeply"),
    ],
)
def test_says_what_a_file_is_that_is_no_notebook_and_what_to_do(tmp_path, content, says):
    file = tmp_path / "x.ipynb"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_notebook(file)
    assert says in str(caught.value)
    problem = read_notebook(file, strict=False).problem
    assert says in problem
    assert str(tmp_path) not in problem


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.ipynb")
    assert read_catalogue(tmp_path).requests[0].notebook.problem
    assert Hashes().folder(tmp_path) == Hashes().folder(tmp_path)
    assert Hashes().file(tmp_path / "a.ipynb") == ""


def test_a_folder_and_a_lost_link_are_told_apart_from_notebooks(tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "lost.ipynb").symlink_to("nowhere.ipynb")
    (tmp_path / "kept").mkdir()
    shutil.copy(FIXTURES / "02_plain.ipynb", tmp_path / "kept" / "plain.ipynb")
    for name in ("one", "two"):  # two links to one notebook are two notebooks, where they lie
        (tmp_path / f"{name}.ipynb").symlink_to("kept/plain.ipynb")
    found = Catalogue(tmp_path, "", []).notebooks
    assert [*found] == ["lost", "one", "two"]
    assert "a link to a file that is not there" in found["lost"].problem
    assert found["one"].path == tmp_path.resolve() / "one.ipynb"


@pytest.mark.parametrize("version", [2, 3])
def test_reads_notebooks_of_older_formats(tmp_path, version):
    code = {"cell_type": "code", "language": "python", "outputs": [], "input": "a = 1\na"}
    cells = [{**code, "metadata": {}, "collapsed": False}]
    old = {"metadata": {"name": ""}, "nbformat": version, "worksheets": [{"cells": cells}]}
    (tmp_path / "old.ipynb").write_text(json.dumps({**old, "nbformat_minor": 0}))
    assert code_of(read_source(tmp_path / "old.ipynb")) == ["a = 1\na"]


def test_refuses_a_notebook_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no such notebook"):
        read_notebook(tmp_path / "x.ipynb")
