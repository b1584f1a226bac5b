"""Whatever names hold, a terminal shows it and does nothing."""

import ast
import json
from pathlib import Path

import nbformat
import openpyxl
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import nktrade
from nktrade.cli import main
from nktrade.site.feed import lay_feed
from tests.store.test_store import HEAD, line

EVIL = "\x1b[2J\x1b]0;x\x07\x9b31m\u202e\r"
ROOT = Path(nktrade.__file__).parent


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"a{EVIL}.csv").write_bytes((HEAD + line()).encode("gb18030"))
    (tmp_path / "books").mkdir()
    cells = [
        new_markdown_cell(f"# Of {EVIL}\n\nWhy {EVIL}?"),
        new_code_cell(f"x: str = 'a'  # help {EVIL[:3]}", metadata={"tags": ["parameters"]}),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "books" / f"b{EVIL}.ipynb")
    return tmp_path


def find_texts(value):
    """Yield every text in what JSON says."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from find_texts(one)
    elif isinstance(value, str):
        yield value


def test_names_do_nothing_in_a_terminal(place):
    words = ["import", "gacc", f"a{EVIL}.csv", "--flow", "export", "--store", f"s{EVIL}"]
    for call in (
        ["data", *words],
        ["data", "import", "gacc", f"none{EVIL}.csv", "--flow", "export"],
        ["data", "status", "--store", f"s{EVIL}"],
        ["data", "verify", "--json", "--store", f"s{EVIL}"],
        ["data", "export", f"x{EVIL}.csv", "--store", f"s{EVIL}"],
        ["data", "export", "x.xlsx", "--store", f"s{EVIL}"],
        ["data", "export", "x.html", "--store", f"s{EVIL}"],
        ["list", "books"],
        ["list", "books", "--json"],
        ["list", EVIL],
        ["hs", "show", f"67{EVIL}04"],
        [EVIL],
    ):
        done = CliRunner().invoke(main, call)
        assert done.exit_code in (0, 2), (call, done.output)
        odd = {letter for letter in done.output if not letter.isprintable()} - {"\n", "\u3000"}
        assert odd == set(), call
        if "--json" in call:  # spelled so that a program reads what there is
            assert EVIL[:4] in "".join(find_texts(json.loads(done.stdout)))
    sheet = openpyxl.load_workbook("x.xlsx").active
    assert any("x1b[2J" in str(cell.value) for cell in sheet[2])
    assert "\x1b" not in Path(f"x{EVIL}.csv").read_text()


def test_every_line_of_a_command_is_written_in_one_place():
    for path in (ROOT / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("click.echo", "click.secho", "print"), path


def test_a_feed_is_xml_whatever_its_titles_hold():
    from xml.etree import ElementTree

    change = dict.fromkeys(["title", "finding", "before"], f"<b>{EVIL}\0\ufffe")
    feed = lay_feed([{**change, "page": "a.html", "at": "2026-01-02T00:00:00+00:00"}], EVIL)
    assert "<b>" in "".join(ElementTree.fromstring(feed).itertext())
