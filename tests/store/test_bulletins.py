"""Totals of bulletins in a store: months by difference, revisions, and rows against totals."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from nktrade import store
from nktrade.cli import main
from nktrade.errors import InputError, UnanswerableError
from nktrade.published import published_months
from nktrade.store import manifest as ledger
from tests.sources.test_bulletin import COMBINED, FEBRUARY, JANUARY, as_csv
from tests.store.test_store import HEAD, line, snapshot


def sheet(title, columns, *rows, unit="Unit: US$1,000"):
    """A bulletin in English: `columns` are the months over each flow."""
    flows = [cell for name in ("Total", "Exports", "Imports") for cell in [name] * len(columns)]
    name = f"(2) Imports and Exports by Country (Region) of Origin/Destination, {title}"
    return [[name], [unit], ["Country (Region)", *flows], ["", *columns * 3], *rows]


def korea(exports, imports):
    totals = [x + m for x, m in zip(exports, imports, strict=True)]
    return ["Korea,DPR", *totals, *exports, *imports]


@pytest.fixture
def make(tmp_path):
    def make(name, rows):
        path = tmp_path / name
        path.write_bytes(as_csv(rows))
        return path

    return make


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "a store"


def months(folder, flow="export", **said):
    table = store.monthly_totals(folder, **said)
    table = table[table["flow"] == flow]
    return {f"{row.period:%Y-%m}": (row.value, row.status) for row in table.itertuples()}


def test_genuine_figures_of_january_and_february_2024(make, folder):
    files = [make("01.csv", JANUARY), make("02.csv", FEBRUARY)]
    report = store.import_files(folder, "bulletin", files)
    assert report["state"].tolist() == ["imported", "imported"]
    assert months(folder, "total") == {
        "2024-01": (1349490700, "reported"),
        "2024-02": (859603320, "reported"),
    }


def test_january_is_the_year_so_far_less_february(make, folder):
    store.import_files(folder, "bulletin", [make("02.csv", FEBRUARY)])
    assert months(folder) == {
        "2024-01": (1101996355, "by difference"),  # what customs printed for January
        "2024-02": (665727695, "reported"),
    }
    january = store.monthly_totals(folder).iloc[0]
    assert january["half_unit"] == 1.0
    assert january["source"] == "02.csv"


def test_months_by_difference(make, folder):
    files = [
        make("combined.csv", COMBINED),
        make("03.csv", sheet("3.2020", ["1 to 3"], korea([220000], [11000]))),
        make("05.csv", sheet("5.2020", ["5", "1 to 5"], korea([60, 250060], [5, 12005]))),
        make("09.csv", sheet("9.2020", ["1 to 9"], korea([300000], [40000]))),
    ]
    store.import_files(folder, "bulletin", files)
    assert months(folder) == {
        "2020-02": (197370e3, "combined"),
        "2020-03": (22630e3, "by difference"),  # 220,000 - 197,370
        "2020-04": (30000e3, "by difference"),  # 250,060 - 60 - 220,000
        "2020-05": (60e3, "reported"),
    }  # and nothing of June to September, which no pair of bulletins tells apart
    table = store.monthly_totals(folder)
    april = table[(table["flow"] == "import") & (table["period"] == "2020-04-01")]
    assert april["value"].tolist() == [1000e3]  # 12,005 - 5 - 11,000
    assert april["source"].tolist() == ["05.csv less 03.csv"]
    assert april["half_unit"].tolist() == [1500]
    printed = store.totals(folder, flow="export", currency="USD")
    assert printed["period"].tolist() == [
        "2020-01..2020-02", "2020-Q1", "2020-05", "2020-01..2020-05", "2020-01..2020-09"
    ]  # fmt: skip


def test_a_difference_below_zero_is_no_month(make, folder):
    files = [
        make("03.csv", sheet("3.2020", ["1 to 3"], korea([220], [11]))),
        make("04.csv", sheet("4.2020", ["1 to 4"], korea([219], [12]))),
    ]
    store.import_files(folder, "bulletin", files)
    assert months(folder) == {}
    assert months(folder, "import") == {"2020-04": (1e3, "by difference")}


def test_the_same_bulletin_again_and_a_revised_one(make, folder):
    first = make("a.csv", sheet("5.2020", ["5"], korea([60], [5]), ["Japan", 9, 4, 5]))
    store.import_files(folder, "bulletin", [first])
    before = snapshot(folder)
    report = store.import_files(folder, "bulletin", [first])
    assert report["state"].tolist() == ["already there"]
    assert snapshot(folder) == before
    moment = ledger.read_entries(folder)[0]["imported"]
    later = make("b.csv", sheet("5.2020", ["5"], korea([62], [5]), ["Japan", 9, 4, 5]))
    report = store.import_files(folder, "bulletin", [later])
    assert report[["repeated", "revised"]].to_numpy().tolist() == [[3, 1]]
    (row,) = store.revisions(folder).to_dict("records")
    assert (row["period"], row["currency"], row["change"]) == ("2020-05", "USD", 2000)
    assert months(folder) == {"2020-05": (62e3, "reported")}
    as_of = str(pd.Timestamp(moment) + pd.Timedelta(microseconds=1))
    assert months(folder, as_of=as_of) == {"2020-05": (60e3, "reported")}
    status = store.status(folder)
    assert status["currency"].tolist() == ["USD", "USD"]
    assert status["value"].isna().all()
    assert (store.verify(folder)["state"] == "good").all()


def test_bulletins_of_one_import_may_not_contradict(make, folder):
    files = [
        make("a.csv", sheet("5.2020", ["5"], korea([60], [5]))),
        make("b.csv", sheet("5.2020", ["5"], korea([62], [5]))),
    ]
    with pytest.raises(InputError, match=r"b.csv: a.csv .*2 totals.*PRK, 2020-05"):
        store.import_files(folder, "bulletin", files)
    assert snapshot(folder) is None


def test_a_bad_bulletin_leaves_the_store_as_it_was(make, folder):
    store.import_files(folder, "bulletin", [make("a.csv", JANUARY)])
    before = snapshot(folder)
    bad = [list(row) for row in FEBRUARY]
    bad[4][3] = "66,572.76951x"
    with pytest.raises(InputError, match=r"bad.csv, row 5, column 4: not a number"):
        store.import_files(folder, "bulletin", [make("bad.csv", bad)])
    with pytest.raises(InputError, match="take no 'flow'"):
        store.import_files(folder, "bulletin", [make("b.csv", FEBRUARY)], flow="import")
    assert snapshot(folder) == before


# --- totals beside rows --------------------------------------------------------------------


def test_totals_are_no_rows(make, folder, tmp_path):
    store.import_files(folder, "bulletin", [make("01.csv", JANUARY)])
    with pytest.raises(UnanswerableError, match="no rows of commodities"):
        store.load(folder)
    download = tmp_path / "download.csv"
    download.write_bytes((HEAD + line("202401") + line("202403")).encode("gb18030"))
    store.import_files(folder, "gacc", [download], flow="export")
    assert store.load(folder)["value"].tolist() == [5917063, 5917063]
    about = store.describe(folder)
    assert about.files.keys() == {"01.csv", "download.csv"}  # a page may draw either
    assert (about.rows, about.flows, about.publisher) == (2, ("export",), "China customs")
    assert store.gaps(folder)[["first", "last"]].to_numpy().tolist() == [["2024-02", "2024-02"]]
    assert store.names(folder)["hs"].tolist() == ["01012100"]
    table = store.check_totals(folder)
    rows = table.set_index("flow")[["period", "rows", "total", "missing", "digits"]]
    assert rows.loc["export"].tolist() == ["2024-01", 5917063, 1101996355, 1096079292, 8]
    assert table.set_index("flow").loc["export", "share"] == pytest.approx(5917063 / 1101996355)
    assert pd.isna(rows.loc["import", "rows"])


def test_a_store_without_bulletins_has_no_totals(folder, tmp_path):
    download = tmp_path / "download.csv"
    download.write_bytes((HEAD + line("202401")).encode("gb18030"))
    store.import_files(folder, "gacc", [download], flow="export")
    assert store.totals(folder).empty
    assert store.monthly_totals(folder).empty
    assert store.check_totals(folder).empty


def test_rows_by_month_meet_a_combined_total(make, folder, tmp_path):
    head = HEAD.replace("人民币", "美元")
    rows = [line("202001", value="100,000,000"), line("202002", value="97,370,000")]
    download = tmp_path / "download.csv"
    download.write_bytes((head + "".join(rows)).encode("gb18030"))
    store.import_files(folder, "gacc", [download], flow="export")
    store.import_files(folder, "bulletin", [make("combined.csv", COMBINED)])
    table = store.check_totals(folder).query("flow == 'export'")
    assert table[["period", "rows", "total", "missing", "status"]].to_numpy().tolist() == [
        ["2020-02", 197370e3, 197370e3, 0, "combined"]
    ]


def test_a_combined_download_meets_totals_by_month(make, folder, tmp_path):
    bare = tmp_path / "bare.csv"
    bare.write_bytes('"贸易伙伴编码","商品编码","人民币",\n"109","6704","5",\n'.encode("gb18030"))
    store.import_files(folder, "gacc", [bare], flow="export", period="2024-01..2024-02")
    files = [make("01.csv", JANUARY), make("02.csv", FEBRUARY)]
    store.import_files(folder, "bulletin", files)
    table = store.check_totals(folder).query("flow == 'export'")
    assert table[["period", "rows", "total", "status"]].to_numpy().tolist() == [
        ["2024-02", 5, 1767724050, "combined"]
    ]


def test_totals_of_a_store_are_points_on_a_chart(make, folder):
    store.import_files(folder, "bulletin", [make("01.csv", JANUARY)])
    press = published_months("PRK", "CNY")
    points = published_months("PRK", "CNY", store.monthly_totals(folder))
    assert points.index[: len(press)].tolist() == press.index.tolist()
    points = points.iloc[len(press) :]
    assert points[["flow", "value"]].to_numpy().tolist() == [
        ["import", 1101996355],
        ["export", 247494345],
    ]
    assert set(points["source"]) == {"01.csv"}
    assert set(points["status"]) == {"reported"}
    january = press[press["period"] == "2024-01-01"]  # rounded to 100 yuan
    both = january.merge(points, on="flow")
    assert len(both) > 0
    assert (both["value_x"] - both["value_y"]).abs().max() <= 50
    assert len(published_months("KOR", "CNY", store.monthly_totals(folder, partner="KOR"))) == 2
    assert published_months("BRA", "CNY", store.monthly_totals(folder)).empty
    assert store.monthly_totals("default").empty
    with pytest.raises(InputError, match="unknown currency"):
        store.totals(folder, currency="EUR")


def test_bulletins_on_the_command_line(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make("02.csv", FEBRUARY)
    call = CliRunner().invoke(main, ["data", "import", "bulletin", "02.csv"])
    assert call.exit_code == 0, call.output
    told = CliRunner().invoke(main, ["data", "status"]).stdout
    assert "by difference" in told
    shown = json.loads(CliRunner().invoke(main, ["data", "status", "--json"]).stdout)
    assert [row["status"] for row in shown["totals"]] == ["by difference", "reported"] * 2
    assert [row["total"] for row in shown["totals"]][:2] == [1101996355, 665727695]


def test_windows_that_do_not_fit_together_are_told(make, folder):
    """May is 20 and January to May 100; what is printed of June is then tried."""
    may = sheet("5.2021", ["5", "1 to 5"], korea([20, 100], [10, 50]))
    store.import_files(folder / "good", "bulletin", [make("05.csv", may)])
    for exports, doubts in (
        ([30, 130], set()),
        ([30, 90], {"less since January than before"}),
        ([30, 400], {"since January is not the sum before and the month"}),
    ):
        june = sheet("6.2021", ["6", "1 to 6"], korea(exports, [5, 55]))
        place = folder / str(exports[1])
        store.import_files(place, "bulletin", [make("05.csv", may), make("06.csv", june)])
        found = store.doubts(place)
        assert {*found["doubt"]} == doubts
        assert {*found["flow"]} == ({"export", "total"} if doubts else set())
        assert found["where"].isin(["06.csv"]).all()
    path = make("sum.csv", [["商品编码", "贸易伙伴编码", "美元"], ["67042000", "109", "90000"]])
    said = {"flow": "export", "period": "2021-01..2021-05"}
    store.import_files(folder / "good", "gacc", [path], **said)
    (row,) = store.doubts(folder / "good").to_dict("records")
    assert (row["doubt"], row["where"], row["expected"], row["got"]) == (
        "less than the bulletin", "sum.csv", 100_000, 90_000
    )  # fmt: skip


def test_rows_at_two_levels_meet_the_total_each_by_itself(make, folder, tmp_path):
    march = sheet("3.2023", ["3", "1 to 3"], korea([2, 6], [1, 3]))
    store.import_files(folder, "bulletin", [make("03.csv", march)])
    head = HEAD.replace("人民币", "美元")
    for name, code, value, edition in (
        ("8.csv", "01012100", "2,000", None), ("6.csv", "010121", "2,900", None),
        ("old.csv", "01012100", "1,000", "HS2017"),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_bytes((head + line("202303", hs=code, value=value)).encode("gb18030"))
        store.import_files(folder, "gacc", [path], flow="export", edition=edition)
    table = store.check_totals(folder)
    table = table[(table["flow"] == "export") & (table["period"] == "2023-03")]
    assert sorted(zip(table["digits"], table["rows"], strict=True)) == [
        (6, 2900), (8, 1000), (8, 2000)
    ]  # fmt: skip
    assert [*store.doubts(folder)["doubt"]] == ["more than the bulletin", "less than the bulletin"]


@pytest.mark.parametrize("said", [{}, {"period": "2023-01..2023-02"}])
def test_a_sum_of_months_is_compared_with_the_months_at_hand(make, folder, said):
    """Beside months that add up to 300 a sum of 240 is told."""
    heads = ["贸易伙伴编码", "商品编码", "美元"]
    kept = {"flow": "export"}
    first = [["202301", "109", "69021000", "70"], ["202302", "109", "69021000", "50"]]
    if said:  # January and February came out together
        make("w.csv", [heads, ["109", "69021000", "120"]])
    else:
        make("w.csv", [["数据年月", *heads], *first])
    rest = [[f"20230{m}", "109", "69021000", str(v)] for m, v in ((3, 80), (4, 50), (5, 50))]
    rest = make("rest.csv", [["数据年月", *heads], *rest])
    store.import_files(folder, "gacc", [rest.parent / "w.csv"], **kept, **said)
    store.import_files(folder, "gacc", [rest], **kept)
    for value, window in (("300", "01..2023-05"), ("240", "01..2023-05"), ("9", "02..2023-04")):
        path = make(f"{value}.csv", [heads, ["109", "69021000", value]])
        store.import_files(folder, "gacc", [path], period=f"2023-{window}", partial=True, **kept)
        found = store.doubts(folder)
        wanted = {"300": [], "240": [300], "9": [180] * (not said)}[value]
        assert [*found.loc[found["got"] == float(value), "expected"]] == wanted
