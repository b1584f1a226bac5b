"""Exported files: codes keep their zeros in every format, and a README says what they are."""

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from nktrade import store
from nktrade.cli import main
from nktrade.errors import InputError
from nktrade.store.export import export
from nktrade.table.rows import check_trade
from tests.making import make_trade


@pytest.fixture
def trade():
    rows = [
        ("2023-01-01", "01012100", "06", 5917063.0, 3.0, "kg"),
        ("2023-02-01", "67042000", None, 12.5, None, None),
    ]
    frame = pd.DataFrame(rows, columns=["period", "hs", "province", "value", "quantity", "unit"])
    frame = frame.astype({"hs": "str", "province": "str", "unit": "str"})
    said = {"reporter": "CHN", "partner": "PRK", "flow": "export", "currency": "USD"}
    return check_trade(frame.assign(**said, hs_edition="HS2022"), where="file.csv")


def read_back(path):
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"hs": "str", "province": "str"})
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".xlsx":
        import openpyxl

        sheet = openpyxl.load_workbook(path).active
        assert sheet.cell(2, 5).data_type == "s"  # a text cell, which pandas would make a number
        return pd.read_excel(path, dtype={"hs": "str", "province": "str"})
    return pd.read_stata(path)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".dta"])
def test_codes_keep_their_zeros(trade, tmp_path, ending):
    if ending == ".xlsx":
        pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    before = trade.copy()
    path, readme = export(trade, tmp_path / f"rows{ending}")
    back = read_back(path)
    assert back["hs"].tolist() == ["01012100", "67042000"]
    assert back["province"].iloc[0] == "06"
    assert back["value"].tolist() == [5917063.0, 12.5]
    assert pd.to_datetime(back["period"]).dt.strftime("%Y-%m").tolist() == ["2023-01", "2023-02"]
    assert pd.isna(back["quantity"].iloc[1])
    assert back["unit"].iloc[1] in ("",) or pd.isna(back["unit"].iloc[1])
    assert list(back.columns) == list(trade.columns)
    pd.testing.assert_frame_equal(trade, before)
    text = readme.read_text(encoding="utf-8")
    assert "USD" in text
    assert "Status: reported" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, readme.name])


def test_estimates_say_so(trade, tmp_path):
    _, readme = export(trade.assign(status="estimated"), tmp_path / "rows.csv")
    assert "These are estimates" in readme.read_text(encoding="utf-8")


def test_provenance_is_written(trade, tmp_path):
    about = store.Provenance(
        "x",
        {"2023.csv": "abc"},
        "reported",
        2,
        "2023-01",
        "2023-02",
        ("PRK",),
        ("export",),
        ("USD",),
    )
    _, readme = export(trade, tmp_path / "rows.csv", provenance=about)
    text = readme.read_text(encoding="utf-8")
    assert "China customs download (reported): 2023.csv" in text
    assert "| 2023.csv | abc |" in text


def test_only_the_files_of_the_rows_are_named(trade, tmp_path):
    files = {"file.csv": "abc", "other.csv": "def"}
    months, kinds = ("2023-01", "2023-02"), (("PRK",), ("export",), ("USD",))
    about = store.Provenance("x", files, "reported", 9, *months, *kinds)
    said = [trade, trade.assign(source="file.csv, CNY converted at monthly rates")]
    for rows in said:
        text = export(rows, tmp_path / "a.csv", provenance=about)[1].read_text(encoding="utf-8")
        assert "file.csv | abc" in text
        assert "other.csv" not in text
    text = export(trade.assign(source="UN Comtrade"), tmp_path / "b.csv", provenance=about)[1]
    assert "other.csv" in text.read_text(encoding="utf-8")


def test_what_cannot_be_written(trade, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"unknown format '.xls'.*'.xlsx'"):
        export(trade, tmp_path / "rows.xls")
    with pytest.raises(InputError, match="no rows"):
        export(trade.iloc[:0], tmp_path / "rows.csv")
    with pytest.raises(InputError, match="cannot be written"):
        export(trade, tmp_path / "nowhere" / "rows.csv")
    monkeypatch.setattr("nktrade.store.export.EXCEL_ROWS", len(trade))
    with pytest.raises(
        InputError,
        match=r"^rows.xlsx: there are more rows than an Excel sheet holds; expected .*; got \d+",
    ):
        export(trade, tmp_path / "rows.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(tmp_path, start):
    name = f'{start}HYPERLINK("http://example.org","x")'
    trade = make_trade([("2023-01", "export", "6704", 5.0)], source=name)
    export(trade, tmp_path / "a.csv")
    told = pd.read_csv(tmp_path / "a.csv", dtype="str")
    assert told["source"].tolist() == [f"'{name}"]
    assert told["value"].tolist() == ["5.0"]
    export(trade, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)
    export(trade, tmp_path / "a.parquet")  # which no spreadsheet carries out: as it is
    assert pd.read_parquet(tmp_path / "a.parquet")["source"].tolist() == [name]


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".dta"])
def test_a_file_of_ones_own_is_not_written_over(trade, tmp_path, ending):
    path = tmp_path / f"rows{ending}"
    export(trade, path)
    export(trade.head(1), path)  # an earlier export is
    assert len(read_back(path)) == 1
    readme = path.with_name(f"{path.name}.README.md")
    path.write_bytes(b"years of downloads")
    readme.unlink()
    with pytest.raises(InputError, match="another file is there already"):
        export(trade, path)
    assert (path.read_bytes(), readme.exists()) == (b"years of downloads", False)
    path.unlink()
    readme.write_text("my notes")
    with pytest.raises(InputError, match="another file is there already"):
        export(trade, path)
    assert (path.exists(), readme.read_text()) == (False, "my notes")


@pytest.mark.parametrize(
    "words",
    [
        ["documents", "--csv", "FILE.csv"],
        ["documents", "--csv", "FILE.parquet"],
        ["data", "export", "FILE.csv", "--start", "2023-12"],
        ["data", "export", "FILE.html", "--start", "2023-12", "--flow", "import"],
    ],
)
def test_a_mistyped_name_loses_nothing(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    words = [word.replace("FILE", "mine") for word in words]
    (path,) = (tmp_path / word for word in words if word.startswith("mine"))
    for content in (b"period,hs\n2023-01,6704\n", b"\xff\xfe\0\x80" * 9, b"<title>Mine</title>"):
        path.write_bytes(content)
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, path.read_bytes()) == (2, content)
        assert "another file is there already" in done.stderr
    path.unlink()
    for _ in range(2):  # and what was written here is written again
        assert CliRunner().invoke(main, words).exit_code == 0
