"""A source is one file: what a store, the command line and a page need of it, it says itself."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from nktrade.errors import InputError
from nktrade.sources import Source, find_source, list_sources, recall_source
from nktrade.store import describe, gaps, import_files, load, status, verify
from tests.rendered import read_runs

TOY = Path(__file__).parent / "toy"


@pytest.fixture
def toyland(monkeypatch):
    """The toy source as if its package were installed: an entry point on the path."""
    monkeypatch.syspath_prepend(str(TOY))
    return "toyland"


def test_every_source_that_comes_with_nktrade_says_what_it_is():
    for name in list_sources():
        source = find_source(name)
        assert source.name == name
        assert source.publisher
        assert all(ending.startswith(".") for ending in source.endings)
    assert {"gacc", "bulletin", "comtrade", "baci"} <= set(list_sources())


def test_a_toy_source_of_thirty_lines_is_imported_like_any_other(toyland, tmp_path):
    assert "toyland" in list_sources("rows")
    assert len((TOY / "toy_source.py").read_text().splitlines()) <= 35
    report = import_files(tmp_path / "store", toyland, [TOY])
    assert report[["file", "state", "rows"]].to_numpy().tolist() == [["2020.toy", "imported", 4]]
    trade = load(tmp_path / "store", flow="import")
    assert trade["value"].tolist() == [12_500, 7_250, 1_000]
    assert load(tmp_path / "store", source=toyland, hs="6902")["value"].tolist() == [3_000]
    assert describe(tmp_path / "store").caption().startswith("Toyland customs download")
    assert status(tmp_path / "store")["source"].tolist() == ["toyland"]
    assert set(verify(tmp_path / "store")["state"]) == {"good"}
    assert set(gaps(tmp_path / "store")["first"]) == {"2020-03"}


def test_a_store_outlives_the_package_of_its_source(monkeypatch, tmp_path):
    with monkeypatch.context() as patched:
        patched.syspath_prepend(str(TOY))
        import_files(tmp_path / "store", "toyland", [TOY / "2020.toy"])
    assert len(load(tmp_path / "store")) == 4
    assert describe(tmp_path / "store").publisher == "toyland"
    with pytest.raises(InputError, match="unknown source 'toyland'"):
        import_files(tmp_path / "store", "toyland", [TOY / "2020.toy"])


def test_from_file_to_page(tmp_path):
    """Import, status and a rendered page by the command line alone."""
    python_path = os.pathsep.join([str(TOY), *filter(None, sys.path)])
    cells = [
        nbformat.v4.new_markdown_cell("# What does Toyland's customs say?\n\nOf hair, that is."),
        nbformat.v4.new_code_cell('data: str = "default"  # panel or store'),
        nbformat.v4.new_code_cell("import nktrade as nk\nfrom nktrade import store"),
        nbformat.v4.new_code_cell("store.describe(data)"),
        nbformat.v4.new_code_cell('nk.load(data, flow="import")[["period", "hs", "value"]]'),
    ]
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "hair.ipynb")

    def call(*words):
        command = [sys.executable, "-c", "from nktrade.cli import main; main()", *map(str, words)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": python_path},
            capture_output=True,
            text=True,
            timeout=120,
        )

    assert call("data", "import", "toyland", TOY, "--store", "hair").returncode == 0
    assert "toyland" in call("data", "status", "--store", "hair").stdout
    done = call("render", "hair.ipynb", "-p", f"data={tmp_path / 'hair'}", "--out", "site")
    assert done.returncode == 0, done.stderr
    run = read_runs(tmp_path / "site")[0]
    page = (tmp_path / "site" / run["page"]).read_text(encoding="utf-8")
    assert "Toyland customs download (reported): 2020.toy" in page
    assert "12500" in page or "12,500" in page


def test_an_option_a_source_does_not_take_is_refused_by_name(toyland, tmp_path):
    with pytest.raises(InputError, match="files from 'toyland' take no 'perio'"):
        import_files(tmp_path / "store", toyland, [TOY / "2020.toy"], perio="2020")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nowhere = no_such_module:SOURCE", "cannot be loaded"),
        ("nowhere = toy_source:NOTHING", "cannot be loaded"),
        ("nowhere = toy_source:HEADINGS", "not the source that was promised"),
        ("nowhere = toy_source:SOURCE", "not the source that was promised"),
    ],
)
def test_a_broken_entry_point_is_refused_only_when_it_is_asked_for(
    monkeypatch, tmp_path, line, message
):
    about = tmp_path / "nowhere-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nowhere\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[nktrade.sources]\n{line}\n")
    monkeypatch.syspath_prepend(str(TOY))
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match=message):
        find_source("nowhere")
    assert "nowhere" not in list_sources("rows")
    assert recall_source("nowhere").publisher == "nowhere"


def test_a_source_says_only_what_is_known():
    with pytest.raises(InputError, match="unknown frequency 'weekly'"):
        Source("toy", "Toy", pd.read_csv, frequency="weekly")
    with pytest.raises(InputError, match="unknown kind of content 'books'"):
        Source("toy", "Toy", pd.read_csv, holds="books")
