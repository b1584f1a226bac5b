"""``hs map`` on lists as people have them."""

import pytest
from click.testing import CliRunner

from nktrade.cli import main
from tests.sources.dresses import dress, put, write_text, write_xlsx

LIST = [["商品编码", "名称"], ["69022000", "砖"], ["040221", "奶粉"]]


def call(path, *options):
    return CliRunner().invoke(main, ["hs", "map", str(path), "--to", "section", *options])


@pytest.mark.parametrize("name", dress(LIST))
def test_every_dress(tmp_path, name):
    told = call(put(tmp_path, name, dress(LIST)[name]))
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[1:] == ["69022000,砖,XIII", "040221,奶粉,I"]
    assert "2 of 2 lines mapped" in told.stderr


def test_a_list_of_a_program(tmp_path):
    told = call(put(tmp_path, "a.json", b'["690220", "040221"]'))
    assert (told.exit_code, told.stdout.splitlines()[1:]) == (0, ["690220,XIII", "040221,I"])
    told = call(put(tmp_path, "b.json", b'{"690220": "brick", "040221": "milk"}'))
    assert told.exit_code == 2
    assert "b.json" in told.stderr


@pytest.mark.parametrize(
    ("cell", "section"),
    [("'690220", "XIII"), ('="690220"', "XIII"), ("69 02 20", "XIII"), ("6902.20", "XIII"),
     ("HS 6902", "XIII"), ("６９０２", "XIII"), ("HS6902.20", "XIII"),
     ("TOTAL", ""), ("2701-2704", ""), ("", ""),
     ("ex 6902", "")],
)  # fmt: skip
def test_cells_as_people_write_them(tmp_path, cell, section):
    path = put(tmp_path, "a.csv", write_text([["hs", "x"], ["0101", "a"], [cell, "b"]]))
    told = call(path)
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[-1].rpartition(",")[2] == section
    assert (f"{cell!r} (row 3)" in told.stderr) == (section == "" and cell != "")


@pytest.mark.parametrize(
    ("heading", "options"),
    [("HS Code", ()), ("cmdCode", ()), ("hs8", ()), ("Waren Nr", ()),
     ("Waren Nr", ("--column", "waren nr"))],
)  # fmt: skip
def test_the_column_is_found(tmp_path, heading, options):
    path = put(tmp_path, "a.csv", write_text([["n", heading], ["1", "690220"], ["2", "0101"]]))
    assert call(path, *options).stdout.splitlines()[1:] == ["1,690220,XIII", "2,0101,I"]


def test_what_cannot_be_is_refused_with_its_row(tmp_path):
    for name, content, words in (
        (
            "lost.csv",
            write_text([["hs"], ["690220"], [], ["40221"]]),
            "row 4.*did you mean '040221'",
        ),
        ("lost.xlsx", write_xlsx([["hs"], [690220], [40221]]), "row 3.*did you mean '040221'"),
        ("range.csv", write_text([["hs"], ["2701-2704"]]), "no cell of the column"),
        ("two.csv", write_text([["a", "b"], ["690220", "0101"]]), "several columns.*a, b"),
        ("none.csv", write_text([["a"], ["bricks"]]), "no column is called as codes are"),
        ("bare.csv", b"690220\n0101\n", "no heading: its first row is a code; got '690220'"),
        ("line.csv", b"690220, 0101, 2701", "no heading.*each code in a row of its own"),
        ("empty.csv", b"", "the file is empty"),
        ("page.csv", b"<html></html>", "an HTML page"),
    ):
        told = call(put(tmp_path, name, content))
        assert told.exit_code == 2, name
        assert name in told.stderr
        import re

        assert re.search(words, told.stderr, re.IGNORECASE), told.stderr
    told = call(put(tmp_path, "a.csv", write_text([["hs"], ["0101"]])), "--column", "code")
    assert "no column 'code'" in told.stderr


def test_editions_before_the_known_ones_are_told_by_chapter(tmp_path):
    path = put(tmp_path, "old.csv", write_text([["hs"], ["852520"], ["847120"]]))
    assert "see --edition" in call(path).stderr
    told = call(path, "--edition", "HS1996")
    assert told.stdout.splitlines()[1:] == ["852520,XVI", "847120,XVI"]
