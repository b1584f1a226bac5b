"""Table (2) of the monthly bulletin in each form, and what is refused.

The figures in yuan are customs' own for January and February 2024 (10,000 yuan); those in dollars
are made up.
"""

import csv
import io
import struct
import warnings

import openpyxl
import pandas as pd
import pytest

from nktrade.errors import InputError
from nktrade.sources import TruncatedFileWarning, bulletin
from nktrade.sources import _customs_codes as _codes
from nktrade.sources.bulletin_headings import plain

JANUARY = [
    ["", "（2）2024年1月进出口商品国别（地区）总值表（人民币值）"],
    ["", "单位：万元人民币"],
    ["", "进口原产国（地）", "进出口", "出口", "进口", "比去年同期±％", "", ""],
    ["", "出口最终目的国（地）", "1月", "1月", "1月", "进出口", "出口", "进口"],
    ["", "总值", 376356483.138, 218622833.6321, 157733649.5059, 13.0, 10.1, 17.3],
    ["", "亚洲", 186233920.2828, 108383635.8194, 77850284.4634, 19.6, 20.1, 18.9],
    ["", "　朝鲜", 134949.07, 110199.6355, 24749.4345, -0.9, -11.1, 102.7],
    ["", "　中国", 6707740.6591, "-", 6707740.6591, 52.9, "-", 52.9],
    ["", "　韩国", 18906512.5905, 8608825.801, 10297686.7895, 13.3, 2.0, 24.8],
    ["", "东南亚国家联盟", 57381390.7193, 35125892.7416, 22255497.9777, 18.5, 20.2, 15.8],
    ["", "注：\n1. 东南亚国家联盟包括：文莱、缅甸。"],
]
FEBRUARY = [
    ["（2）2024年2月进出口商品国别（地区）总值表（人民币值）"],
    ["单位：万元人民币"],
    ["国别（地区）", "进出口", "", "出口", "", "进口", "", "累计比去年同期±％", "", ""],
    ["", "2月", "1至2月", "2月", "1至2月", "2月", "1至2月", "进出口", "出口", "进口"],
    ["朝鲜", 85960.332, 220909.402, 66572.7695, 176772.405, 19387.5625, 44136.997, "1.3", "-", "-"],
]
ENGLISH = [
    ["(2) Imports and Exports by Country (Region) of Origin/Destination, 5.2024"],
    ["Unit: US$1,000"],
    ["Country (Region)", "Total", "", "Exports", "", "Imports", "", "Percentage Change", "", ""],
    ["", "5", "1 to 5", "5", "1 to 5", "5", "1 to 5", "Total", "Exports", "Imports"],
    ["TOTAL", "1,000", "5,000", "600", "3,000", "400", "2,000", "1.0", "2.0", "3.0"],
    ["Asia:", "700", "3,500", "400", "2,000", "300", "1,500", "1.0", "2.0", "3.0"],
    ["Korea,DPR", "181", "824", "150", "701", "31", "123", "1.0", "2.0", "3.0"],
    ["Republic of Korea", "9", "40", "9", "40", "-", "-", "1.0", "2.0", "3.0"],
]
COMBINED = [
    ["(2) Imports and Exports by Country (Region) of Origin/Destination, 1 to 2.2020"],
    ["Unit: US$1,000"],
    ["Country (Region)", "Total", "Exports", "Imports", "Percentage Change", "", ""],
    ["", "1 to 2", "1 to 2", "1 to 2", "Total", "Exports", "Imports"],
    ["Democratic People's Republic of Korea", "208,051", "197,370", "10,681", "1", "2", "3"],
]


def as_csv(rows, encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell if cell != "" else None for cell in row])
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def as_html(rows):
    lines = "".join(
        "<tr>" + "".join(f"<td><span>{cell}</span></td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<html><body><table><tr><td>menu</td></tr></table><table>{lines}</table>".encode()


def as_xls(rows):
    """A workbook of Excel 2: bare records of cells, texts in GBK."""

    def record(kind, data):
        return struct.pack("<HH", kind, len(data)) + data

    out = record(0x09, struct.pack("<HH", 2, 0x10)) + record(0x42, struct.pack("<H", 936))
    for shown in (b"General", b"yyyy-mm"):
        out += record(0x1E, struct.pack("<B", len(shown)) + shown)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            place = struct.pack("<HH3x", i, j)
            if isinstance(cell, float):
                out += record(0x03, place + struct.pack("<d", cell))
            elif isinstance(cell, int):  # days since 1899, shown as a date
                place = struct.pack("<HHBBB", i, j, 0, 1, 0)
                out += record(0x03, place + struct.pack("<d", cell))
            elif isinstance(cell, bytes):  # a truth or a fault, whose number Excel does not show
                out += record(0x05, place + cell)
            elif cell:
                text = cell.encode("gbk")
                out += record(0x04, place + struct.pack("<B", len(text)) + text)
    return out + record(0x0A, b"")


FORMS = {
    "csv": as_csv,
    "gb.csv": lambda rows: as_csv(rows, "gb18030"),
    "xlsx": as_xlsx,
    "html": as_html,
    "xls": as_xls,
}


@pytest.fixture
def make(tmp_path):
    def make(rows, form="csv", name="bulletin"):
        if form == "xls":
            pytest.importorskip("xlrd", reason="xlrd is not installed: .xls cannot be read")
        path = tmp_path / f"{name}.{form}"
        path.write_bytes(FORMS[form](rows))
        return path

    return make


def values(frame, partner="PRK"):
    rows = frame[frame["partner"] == partner]
    return {(row.period, row.flow): row.value for row in rows.itertuples()}


@pytest.mark.parametrize("form", FORMS)
def test_january_in_chinese(make, form):
    frame = bulletin.read(make(JANUARY, form))
    assert set(frame["partner"]) == {"WLD", "PRK", "CHN", "KOR"}
    assert values(frame) == {
        ("2024-01", "total"): 1349490700,
        ("2024-01", "export"): 1101996355,
        ("2024-01", "import"): 247494345,
    }
    assert values(frame, "CHN")["2024-01", "export"] == 0
    assert set(frame["currency"]) == {"CNY"}
    assert set(frame["half_unit"]) == {0.5}  # four decimals of 10,000 yuan are whole yuan
    assert set(frame["status"]) == {"reported"}
    assert set(frame["source"]) == {f"bulletin.{form}"}


@pytest.mark.parametrize("form", FORMS)
def test_a_month_and_the_year_so_far(make, form):
    frame = bulletin.read(make(FEBRUARY, form), partner="PRK")
    assert values(frame) == {
        ("2024-02", "total"): 859603320,
        ("2024-01..2024-02", "total"): 2209094020,
        ("2024-02", "export"): 665727695,
        ("2024-01..2024-02", "export"): 1767724050,
        ("2024-02", "import"): 193875625,
        ("2024-01..2024-02", "import"): 441369970,
    }
    assert set(frame["status"]) == {"reported"}


@pytest.mark.parametrize("form", ["csv", "xlsx", "html", "xls"])
def test_english_in_thousand_dollars(make, form):
    frame = bulletin.read(make(ENGLISH, form))
    assert values(frame) == {
        ("2024-05", "total"): 181e3,
        ("2024-01..2024-05", "total"): 824e3,
        ("2024-05", "export"): 150e3,
        ("2024-01..2024-05", "export"): 701e3,
        ("2024-05", "import"): 31e3,
        ("2024-01..2024-05", "import"): 123e3,
    }
    assert values(frame, "KOR")["2024-05", "import"] == 0
    assert set(frame["currency"]) == {"USD"}
    assert set(frame["half_unit"]) == {500}


def test_numbers_of_a_workbook_as_headings(make):
    rows = [list(row) for row in ENGLISH]
    rows[3] = ["", 5, "1-5", 5.0, "1to5", 5, "1 - 5", "Total", "Exports", "Imports"]
    assert values(bulletin.read(make(rows, "xlsx")))["2024-05", "total"] == 181e3


def test_january_and_february_together(make):
    frame = bulletin.read(make(COMBINED))
    assert values(frame)["2020-01..2020-02", "export"] == 197370e3
    assert set(frame["status"]) == {"combined"}


@pytest.mark.parametrize(
    ("unit", "currency", "scale"),
    [
        ("单位：亿元人民币", "CNY", 1e8),
        ("单位∶ 万元", "CNY", 1e4),
        ("单位：万美元", "USD", 1e4),
        ("单位：千美元", "USD", 1e3),
        ("Unit: US$10,000", "USD", 1e4),
        ("Unit:USD1 Million", "USD", 1e6),
        ("Unit: US$100 Million", "USD", 1e8),
        ("Unit: RMB 10,000 Yuan", "CNY", 1e4),
        ("Unit: CNY 100 Million", "CNY", 1e8),
    ],
)
def test_units(make, unit, currency, scale):
    frame = bulletin.read(make([ENGLISH[0], [unit], *ENGLISH[2:]]), partner="PRK")
    assert set(frame["currency"]) == {currency}
    assert values(frame)["2024-05", "total"] == 181 * scale


def test_dots_for_thousands_are_refused_and_decimals_are_not(make):
    north = ["Korea,DPR", "2.824", "3.181", "1.701", "1.950", "1.123", "1.231", "1.0", "", ""]
    south = ["Republic of Korea", "9", "40", "9", "40", "-", "-", "1.0", "2.0", "3.0"]
    with pytest.raises(InputError, match=r"row 5, column 2.*got '2.824'.*dots for thousands"):
        bulletin.read(make([*ENGLISH[:4], north, south]))
    south[1:5] = ["90.5", "400.25", "90.5", "400.25"]
    frame = bulletin.read(make([*ENGLISH[:4], north, south]), partner="PRK")
    assert values(frame)["2024-05", "export"] == 1701


def changed(rows, at, column, cell):
    copy = [list(row) for row in rows]
    copy[at][column] = cell
    return copy


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            changed(ENGLISH, 6, 1, "190"),
            r"row 7, 2024-05: exports and imports do not add.*190.*181",
        ),
        (changed(ENGLISH, 6, 3, "x"), r"row 7, column 4: not a number.*'x'"),
        (changed(ENGLISH, 6, 3, "-150"), r"row 7, column 4: not a number"),
        (changed(ENGLISH, 6, 3, "1,5"), r"row 7, column 4: not a number"),
        (changed(ENGLISH, 6, 6, ""), r"row 7, column 7: no value"),
        (changed(ENGLISH, 3, 2, "1 to 4"), r"row 4, column 3: a heading of another month.*1to4"),
        (changed(ENGLISH, 3, 2, "5"), "two columns of the same flow"),
        (changed(ENGLISH, 0, 0, "(3) Imports and Exports by HS Section, 5.2024"), "title"),
        (changed(ENGLISH, 0, 0, "Imports and Exports by Country, May"), "does not say the month"),
        (changed(FEBRUARY, 0, 0, "（4）2024年2月进出口商品主要国别（地区）总值表"), "preliminary"),
        (changed(FEBRUARY, 1, 0, "单位：千美元"), "different currencies"),
        (changed(ENGLISH, 1, 0, "Unit: EUR 1,000"), "unknown unit"),
        (changed(ENGLISH, 1, 0, ""), "no line says the unit"),
        (changed(ENGLISH, 2, 3, "Sent"), "no headings of exports and imports"),
        ([*ENGLISH[:4], ENGLISH[5]], "no row names a partner"),
    ],
)
def test_refused(make, rows, says):
    with pytest.raises(InputError, match=says):
        bulletin.read(make(rows))


def test_refused_files(make, tmp_path):
    with pytest.raises(InputError, match=r"no row of BRA.*KOR, PRK, WLD"):
        bulletin.read(make(ENGLISH), partner="BRA")
    with pytest.raises(InputError, match="unknown partner"):
        bulletin.read(make(ENGLISH), partner="Korea")
    with pytest.raises(InputError, match="no such file"):
        bulletin.read(tmp_path / "none.xlsx")
    for content in (b"", b"PK\x03\x04 damaged", b"\x81\xff\xff"):
        path = tmp_path / "bad.xlsx"
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"bad\.xlsx"):
            bulletin.read(path)


@pytest.mark.parametrize("form", ["csv", "html"])
def test_a_bulletin_broken_off_anywhere_is_told(tmp_path, form):
    """Refused, warned of, or cut where a line ends, which nothing tells."""
    whole = FORMS[form](ENGLISH)
    path = tmp_path / f"a.{form}"
    path.write_bytes(whole)
    rows = len(bulletin.read(path))
    for end in range(len(whole) - 150, len(whole)):
        path.write_bytes(whole[:end])
        with warnings.catch_warnings(record=True) as met:
            warnings.simplefilter("always")
            try:
                read = len(bulletin.read(path))
            except InputError:
                continue
        told = any(issubclass(one.category, TruncatedFileWarning) for one in met)
        assert told or read == rows or (form == "csv" and whole[:end].endswith((b"\n", b"\r")))


def test_the_names_of_partners_are_customs(shared):
    table = pd.read_csv(shared / "reference" / "gacc" / "gacc_partners.csv", dtype="str")
    isos = _codes.partner_isos()
    for column in ("zh_gacc", "en_gacc"):
        named = table.dropna(subset=[column])
        found = named[column].map(lambda name: bulletin._names().get(plain(name)))
        assert found.tolist() == named["code"].map(isos).tolist()


def test_a_unit_is_a_power_of_ten_and_a_workbook_holds_a_table(tmp_path):
    path = tmp_path / "a.csv"
    for unit in ("US$1,9" + "9" * 400, "US$0", "US$1,5", "US$7", "US$1" + ",000" * 9):
        path.write_bytes(as_csv(ENGLISH, "utf-8").replace(b"US$1,000", unit.encode()))
        with pytest.raises(InputError, match="unknown unit"):
            bulletin.read(path)
    content = as_xls(FEBRUARY)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError):
        bulletin.read(path)
