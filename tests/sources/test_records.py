"""Tables in people's own dress: where the headings are, and in which letters."""

import pytest

from nktrade.errors import InputError
from nktrade.sources.any_table import read_table
from tests.sources.dresses import put, write_text, write_xlsx

HEADS = ["Month", "HS Code", "Value"]
ROWS = [["2021-01", "670420", "1.5"], ["2021-02", "030617", "2"]]
SAID = {
    "columns": {"period": "Month", "hs": "HS Code", "value": "Value"},
    "reporter": "CHN", "partner": "PRK", "flow": "export", "currency": "USD",
}  # fmt: skip
#: What people's programs put around a table.
AROUND = {
    "a title": [["My table of 2021"], HEADS, *ROWS],
    "a padded title and an empty row": [["My table", "", ""], ["", "", ""], HEADS, *ROWS],
    "a title with commas": [["Exports, by month, of China, USD"], [], HEADS, *ROWS],
    "a note below": [HEADS, *ROWS, ["Source: customs", "", ""]],
    "numbers of rows": [["", *HEADS], *([str(i), *row] for i, row in enumerate(ROWS, 1))],
    "a heading of two lines": [["Month", "HS\nCode", "Value"], *ROWS],
    "empty columns": [[*HEADS, "", ""], *([*row, "", ""] for row in ROWS), [""] * 5],
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headings_are_found_and_every_row_is_read(tmp_path, around, separator):
    path = put(tmp_path, "a.csv", write_text(AROUND[around], separator))
    assert read_table(path, **SAID)["value"].tolist() == [1.5, 2]
    bad = [*AROUND[around], ["2021-03", "670420", "x"]]
    if around != "numbers of rows":
        with pytest.raises(InputError, match=rf"row {len(bad)}, column 'Value'.*'x'"):
            read_table(put(tmp_path, "a.xlsx", write_xlsx(bad)), **SAID)


@pytest.mark.parametrize(
    ("encoding", "heading", "words"),
    [("cp949", "품목코드", "가발 수출"), ("cp932", "品目番号", "かつら"),
     ("gb18030", "商品编码", "假发"),
     ("utf-16", "商品编码", "假发"), ("cp949", "코드", "가발"), ("euc-kr", "코드", "북한")],
)  # fmt: skip
def test_letters_are_told_by_known_headings(tmp_path, encoding, heading, words):
    rows = [["Month", heading, "Value", "Name"], *([*row, words] for row in ROWS)]
    said = SAID | {"columns": SAID["columns"] | {"hs": heading}}
    path = put(tmp_path, "a.csv", write_text(rows, ";", encoding))
    assert read_table(path, **said)["value"].tolist() == [1.5, 2]


def test_letters_that_cannot_be_told_are_named(tmp_path):
    rows = [["Month", "HS Code", "Value", "Flow"], *([*row, "ввоз"] for row in ROWS)]
    said = SAID | {
        "columns": SAID["columns"] | {"flow": "Flow"},
        "words": {"flow": {"x": "import"}},
    }
    path = put(tmp_path, "a.csv", write_text(rows, encoding="cp1251"))
    with pytest.raises(InputError, match=r"row 2, column 'Flow'"):
        read_table(path, **said)
    said["words"] = {"flow": {"ввоз": "import"}}
    assert read_table(path, encoding="cp1251", **said)["flow"].tolist() == ["import"] * 2
