"""What a file really is, and its rows as plain text."""

import datetime as dt
import gzip
import io
import re
import unicodedata
import zipfile

import openpyxl
import pytest

from nktrade.errors import InputError
from nktrade.sources import gacc
from nktrade.sources.archives import list_members
from nktrade.sources.containers import Plain, find_kind, find_separator
from nktrade.sources.months_in_names import month_in_name, years_in_name
from nktrade.sources.workbooks import read_sheets
from nktrade.store import import_files
from tests.sources.dresses import dress, put, write_text, write_xlsx, write_zip
from tests.sources.test_bulletin import as_xls

ROWS = [
    ["数据年月", "贸易伙伴编码", "商品编码", "商品名称", "第二数量", "第二计量单位", "美元"],
    ["202301", "109", "69022000", "耐火砖", "0", "—", "1,234"],
    ["202301", "109", "02023000", "牛肉, 去骨", "3", "千克", "7"],
]


@pytest.mark.parametrize("name", dress(ROWS))
def test_every_dress_says_the_same(tmp_path, name):
    trade = gacc.read(put(tmp_path, name, dress(ROWS)[name]), flow="export")
    assert trade["value"].tolist() == [1234, 7]
    assert trade["hs"].tolist() == ["69022000", "02023000"]
    assert trade["quantity2"].isna().tolist() == [True, False]
    assert trade["source"].unique().tolist() == [name]


@pytest.mark.parametrize("name", dress(ROWS))
def test_the_row_named_is_the_files_own(tmp_path, name):
    rows = [*ROWS, ["202301", "109", "x1", "", "", "", "5"]]
    content = dress(rows)[name]
    number = {"gaps.csv": 5, "blank lines.csv": 7}.get(name, 4)
    with pytest.raises(InputError, match=rf"row {number}, column '商品编码'"):
        gacc.read(put(tmp_path, name, content), flow="export")


DASHES = [chr(n) for n in range(0x10000) if unicodedata.category(chr(n)) == "Pd"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
@pytest.mark.parametrize(
    "dash",
    ["?", "？", "--", "——", "−", "ー", "", " - ", "…", "/", "*", "N/A", "无", "".join(DASHES)],
)
def test_one_notion_of_nothing_printed(tmp_path, dash, encoding):
    heads = ["数据年月", "贸易伙伴编码", "商品编码", "注册地编码", "贸易方式编码", "第一数量",
             "第一计量单位", "美元"]  # fmt: skip
    path = put(tmp_path, "a.csv", write_text(
        [heads, ["202301", "109", "6902", dash, dash, dash, dash, "5"]], encoding=encoding
    ))  # fmt: skip
    row = gacc.read(path, flow="export").iloc[0]
    assert row[["province", "regime", "quantity", "unit"]].isna().all()


@pytest.mark.parametrize("unit", ["千 克", "KILOGRAM", "kg", " Kilogram "])
def test_a_unit_is_known_however_its_letters_are_set(tmp_path, unit):
    rows = [ROWS[0], [*ROWS[2][:5], unit, "7"]]
    trade = gacc.read(put(tmp_path, "a.csv", write_text(rows)), flow="export")
    assert trade["unit2"].tolist() == ["kg"]


@pytest.mark.parametrize(
    ("value", "word"), [("", "no value"), ("—", "no value"), ("100元", "not a")]
)
def test_a_value_that_is_none_is_shown_as_it_stands(tmp_path, value, word):
    rows = [*ROWS[:2], ["202301", "109", "02023000", "", "1", "千克", value]]
    path = put(tmp_path, "a.csv", write_text(rows, encoding="gb18030"))
    with pytest.raises(InputError, match=rf"row 3, column '美元': {word}.*got '{value}'\. [AC]"):
        gacc.read(path, flow="export")


@pytest.mark.parametrize("value", ["1.234", "5.917.063", "12.5", "1,234.567", "1 234", "0.000"])
def test_customs_prints_whole_units(tmp_path, value):
    rows = [*ROWS[:2], ["202301", "109", "02023000", "", "1", "千克", value]]
    with pytest.raises(InputError, match=r"a.csv, row 3, column '美元'"):
        gacc.read(put(tmp_path, "a.csv", write_text(rows)), flow="export")


@pytest.mark.parametrize("value", ["1234", "1,234", "1234.0", "1234.00"])
def test_whole_units_as_spreadsheets_write_them(tmp_path, value):
    rows = [ROWS[0], [*ROWS[1][:-1], value]]
    assert gacc.read(put(tmp_path, "a.csv", write_text(rows)), flow="export")["value"][0] == 1234


def test_containers_are_named_rightly(tmp_path):
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.csv", write_text(ROWS))
        archive.writestr("b.csv", write_text(ROWS))
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (1 << 28))
    for name, content, words in (
        ("two.zip", None, "a zip archive of 2 files"),
        ("bomb.zip", None, "more than a table can be"),
        ("cut.zip", write_zip(write_text(ROWS))[:60], "damaged"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00", "a gzip file that is damaged"),
        ("page.csv", b"<html>busy</html>", "an HTML page"),
        ("paper.csv", b"%PDF-1.7", "a PDF document"),
        ("sheets.xlsx", write_xlsx(ROWS, {"second": ROWS}), "several sheets.*'second'"),
        ("empty.xlsx", write_xlsx([]), "the workbook is empty"),
        ("none.csv", b"", "the file is empty"),
    ):
        path = tmp_path / name if content is None else put(tmp_path, name, content)
        with pytest.raises(InputError, match=rf"{name}: .*{words}"):
            gacc.read(path, flow="export")


def test_notes_beside_a_table_and_text_kept_from_spreadsheets(tmp_path):
    notes = write_xlsx(ROWS, {"notes": [["downloaded by hand"], [], ["twice"]]})
    assert len(gacc.read(put(tmp_path, "notes.xlsx", notes), flow="export")) == 2
    kept = [ROWS[0], ['="202301"', "１０９", '="02023000"', "x\t", "0", "－", "7\t"]]
    trade = gacc.read(put(tmp_path, "kept.csv", write_text(kept)), flow="export")
    assert trade[["partner", "hs", "value"]].to_numpy().tolist() == [["PRK", "02023000", 7]]


def test_marked_rows_below_a_table_are_empty(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(ROWS)))
    for row in range(10, 12_000):
        book.active.cell(row, 1).font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "a.xlsx")
    assert len(gacc.read(tmp_path / "a.xlsx", flow="export")) == len(ROWS) - 1
    book.active.cell(12_000, 1).value = "far below"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match=r"a\.xlsx: .*larger than a table.*row 12,000"):
        gacc.read(tmp_path / "a.xlsx", flow="export")


def test_a_link_to_nothing(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="a link to a file that is not there"):
        Plain(tmp_path / "a.csv")


def test_plain_text_is_not_copied(tmp_path):
    path = put(tmp_path, "a.csv", write_text(ROWS))
    assert Plain(path).path == path
    copied = Plain(put(tmp_path, "a.zip", write_zip(write_text(ROWS))))
    folder = copied.path.parent
    assert find_kind(copied.path) == "text"
    del copied
    assert not folder.exists()


def test_separators():
    assert [find_separator([text]) for text in ("a,b;c,d", "a;b", "a\tb", "a|b", "a")] == list(
        ",;\t|,"
    )


@pytest.mark.parametrize(
    "name",
    ["202306.csv", "2023_6.csv", "2023年06月朝鲜出口.csv", "2023年6月（1）.csv.gz", "Jun-23.csv",
     "June 2023.csv", "imports2023June.xlsx", "出口2023.06.csv", "06-2023.csv", "2023-06 (2).csv",
     "２０２３年６月.csv", "2023年06月_20230718.csv", "2023-06 20230718_112233.csv",
     "2023-06 downloaded 2023-07.csv", "PRK 2023-06 v2.csv", "2023년 6월 수출.csv",
     "2023年6月份.csv", "HS17 2023-06.csv", "2023M06.csv"],
)  # fmt: skip
def test_months_as_people_write_them(name):
    assert month_in_name(name) == "2023-06"


@pytest.mark.parametrize(
    "name",
    ["downloaded 2023-07-20.csv", "20230720102233.csv", "20-Jul-23.csv", "July 20, 2023.csv",
     "12-06-2023.csv", "2023-06-07.csv", "下载于2023年6月.csv", "202306-202308.csv",
     "2023年1-6月.csv", "2023年1月至6月.csv", "2023-1~6.csv", "2023Q2.csv", "2023全年.csv",
     "gacc_2306.csv", "2023-13.csv", "Marble 2023.csv", "a.csv", "Jan-Feb 2021.csv",
     "Jan and Feb 2021.csv", "2023年6月累计.csv", "cumulative 2023-06.csv", "2023-06 ytd.csv",
     "HS12_2021.csv", "BACI_HS17_V202501.csv"],
)  # fmt: skip
def test_days_runs_and_years_are_no_month(name):
    with pytest.raises(InputError, match="does not say one month"):
        month_in_name(name)


@pytest.mark.parametrize(
    ("name", "years"),
    [("2022.csv", {"2022"}), ("2022-05.csv", {"2022"}), ("202205.csv", {"2022"}),
     ("out 2021 and 2022, saved 2024-05-31.csv", {"2021", "2022"}), ("20240531.csv", set()),
     ("BACI_HS17_Y2022_V202501.csv", {"2022"}), ("HS2017.csv", set()), ("690220.csv", set())],
)  # fmt: skip
def test_years_in_names(name, years):
    assert years_in_name(name) == years


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"BZh91AY&SY", "a bzip2 file"), (b"\xfd7zXZ\x00", "an xz file"), (b"ARROW1\x00", "Feather"),
     (b"<stata_dta><header>", "a Stata data set"), (b"$FL2@(#) SPSS", "an SPSS data set"),
     (b"\x89PNG\r\n", "a picture"), (bytes(900), "zero bytes"),
     (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
     (b"MIME-Version: 1.0\r\n", "a web page saved"),
     (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
      "an Excel workbook saved as XML"),
     (b"RDX3\nX\n", "an R data file"), (b"a.csv".ljust(257, b"\0") + b"ustar", "a tar archive")],
)  # fmt: skip
def test_what_has_no_rows_is_named_rightly(tmp_path, content, kind):
    for name, raw in (("a.csv", content), ("a.csv.gz", gzip.compress(content))):
        with pytest.raises(InputError, match=rf"{name}: this is .*{kind}.*import"):
            gacc.read(put(tmp_path, name, raw), flow="export")


@pytest.mark.parametrize("blank", [[[]], [["", "", ""]], [[], [" "], []]])
def test_empty_rows_above_and_among_the_others_are_no_rows(tmp_path, blank):
    rows = [*blank, ROWS[0], *blank, ROWS[1], [" "] * len(ROWS[0]), *ROWS[2:]]
    for name, content in (("a.csv", write_text(rows)), ("a.xlsx", write_xlsx(rows))):
        assert len(gacc.read(put(tmp_path, name, content), flow="export")) == len(ROWS) - 1
    wrong = [*rows, [*ROWS[1][:-1], "x"]]
    with pytest.raises(InputError, match=rf"a\.csv, row {len(wrong)}, .*'x'"):
        gacc.read(put(tmp_path, "a.csv", write_text(wrong)), flow="export")
    with pytest.raises(InputError, match=rf"row {len(blank) + 1}: a heading"):
        gacc.read(put(tmp_path, "a.csv", write_text([*blank, ["x", "y"]])), flow="export")


@pytest.mark.parametrize(
    ("members", "kind"),
    [(("mimetype", "content.xml", "META-INF/manifest.xml"), "an OpenDocument spreadsheet"),
     (("[Content_Types].xml", "word/document.xml"), "a Word document"),
     (("[Content_Types].xml", "ppt/presentation.xml"), "a presentation"),
     (("[Content_Types].xml", "xl/workbook.bin"), "a binary Excel workbook")],
)  # fmt: skip
@pytest.mark.parametrize("source", ["gacc", "comtrade", "bulletin", "kita"])
def test_documents_are_no_archives_of_files(tmp_path, members, kind, source):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in members:
            archive.writestr(name, "x")
    path = put(tmp_path, "a.xlsx", raw.getvalue())
    said = {"flow": "export"} if source == "gacc" else {}
    with pytest.raises(InputError, match=rf"a\.xlsx: this is {kind}"):
        import_files(tmp_path / "store", source, [path], **said)
    assert not (tmp_path / "store" / "manifests").exists()


def test_lines_above_the_headings_of_a_download_are_named(tmp_path):
    path = put(tmp_path, "a.csv", write_text([["Exports of China"], [], *ROWS]))
    with pytest.raises(InputError, match=r"a.csv, row 1: lines stand above.*row 3.*Delete"):
        gacc.read(path, flow="export")


def test_numbers_in_full_width_are_read(tmp_path):
    rows = [ROWS[0], [*ROWS[1][:-1], "１，２３４"], [*ROWS[2][:-1], '="7"']]
    trade = gacc.read(put(tmp_path, "a.csv", write_text(rows)), flow="export")
    assert trade["value"].tolist() == [1234, 7]


@pytest.mark.parametrize("mark", "²①⑴¹*†")
def test_the_mark_of_a_footnote_is_no_digit(tmp_path, mark):
    rows = [ROWS[0], [*ROWS[1][:-1], f"1234{mark}"], ROWS[2]]
    with pytest.raises(InputError, match=f"row 2.*not a number.*1234{re.escape(mark)}"):
        gacc.read(put(tmp_path, "a.csv", write_text(rows)), flow="export")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_of_its_order(tmp_path, encoding):
    path = put(tmp_path, "a.csv", write_text(ROWS, "\t", encoding))
    trade = gacc.read(path, flow="export")
    assert trade.equals(gacc.read(put(tmp_path, "b/a.csv", write_text(ROWS)), flow="export"))


def test_a_sheet_that_is_not_shown_is_named_so(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(ROWS, {"old": ROWS})))
    book["old"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match=r"several sheets.*'old \(hidden\)'"):
        gacc.read(tmp_path / "a.xlsx", flow="export")


def test_an_old_workbook_says_what_it_shows(tmp_path):
    pytest.importorskip("xlrd", reason="xlrd is not installed: .xls cannot be read")
    rows = [["month", "value"], [45078, 7.0], [45078.0, b"\x2a\x01"], ["", b"\x01\x00"]]
    path = put(tmp_path, "a.xls", as_xls(rows))
    (read,) = read_sheets(path, "xls").values()
    assert read[1:] == [[dt.datetime(2023, 6, 1), 7.0], [45078.0, "#N/A"], ["", True]]
    rows = [ROWS[0], [*ROWS[1][:-1], b"\x2a\x01"]]  # 42, if one takes it for a number
    with pytest.raises(InputError, match=r"row 2, column '美元': not a number.*'#N/A'"):
        gacc.read(put(tmp_path, "b.xls", as_xls(rows)), flow="export")


def test_a_member_without_a_name_is_none(tmp_path):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a.csv", "hs\n6704\n")
        archive.writestr("b", "x")
    path = tmp_path / "a.zip"
    content = raw.getvalue()
    at = content.rindex(b"PK\x01\x02")  # the directory's entry of b: a name of no letters
    entry = content[at : at + 28] + b"\0\0" + content[at + 30 : at + 46]
    end = bytearray(content[at + 47 :])
    end[12:16] = (int.from_bytes(end[12:16], "little") - 1).to_bytes(4, "little")
    path.write_bytes(content[:at] + entry + end)
    with zipfile.ZipFile(path) as archive:
        assert [*list_members(archive).values()] == ["a.csv"]
