"""Files of other people's kind, which lie beside the project: read, or refused well."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import nktrade as nk
from nktrade.errors import NktradeError
from nktrade.store import import_files, load, totals

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "data"
SAMPLES = CASES.parents[1] / "samples"

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the files of other people lie outside the project"
)


def put(store, source: str, *files: str, **said):
    return import_files(store, source, [CASES / file for file in files], **said)


def value(store, **asked) -> float:
    return load(store, **asked)["value"].sum()


def refuse_or_read(store, file: str) -> str:
    """Return the refusal of a file; empty if it was read."""
    try:
        put(store, "gacc", file, flow="export")
    except NktradeError as refusal:
        return str(refusal)
    return ""


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "store"


@pytest.mark.parametrize("level", [None, 6])
def test_lost_zeros_are_refused_whatever_level_is_asked(store, level):
    said = {} if level is None else {"level": level}
    with pytest.raises(NktradeError, match=r"40221.*040221"):
        put(store, "comtrade", "01-comtrade-lost-zeros/TradeData_resaved.csv", **said)
    assert not store.exists()


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("01-comtrade-lost-zeros/TradeData_ok.csv", 250),
        ("02-comtradr-csv/comtradr.csv", 250),
        ("03-comtrade-json-shapes/records.json", 250),
        ("03-comtrade-json-shapes/columns.json", 250),
        ("04-comtrade-annual/a.csv", 250),
        ("72-comtrade-all-reporters/a.csv", 116),
        ("74-comtrade-semicolon/a.csv", 116),
        ("74-comtrade-semicolon/a.xlsx", 116),
        ("74-comtrade-semicolon/a.parquet", 116),
        ("74-comtrade-semicolon/a.zip", 116),
        ("74-comtrade-semicolon/u16.csv", 116),
        ("76-comtrade-float-period/a.csv", 116),
        ("76-comtrade-float-period/b.csv", 116),
    ],
)
def test_every_dress_of_comtrade(store, file, wanted):
    put(store, "comtrade", file)
    assert value(store) == wanted


def test_a_refusal_of_the_service_is_told(store):
    with pytest.raises(NktradeError, match=r"refus.*Access denied"):
        put(store, "comtrade", "03-comtrade-json-shapes/denied.json")
    with pytest.raises(NktradeError, match="no row"):
        put(store, "comtrade", "03-comtrade-json-shapes/empty.json")

    put(store, "comtrade", "05-comtrade-items/w.csv")
    rows = load(store).set_index("hs")
    watch = rows.loc["910211"]
    assert (watch["quantity"], watch["unit"]) == (12, "kg")
    assert (watch["quantity2"], watch["unit2"]) == (300, "item")
    power = rows.drop(index="910211").iloc[0]
    assert (power["quantity"], power["unit"]) in {(55_000, "kWh"), (55_000, "kilowatt hour")} or (
        power["quantity2"] == 55_000
    )


def test_tariff_lines_are_summed(store):
    put(store, "comtrade", "06-comtrade-tariffline/t.csv")
    assert value(store) == 25


def test_trimmed_columns_are_named_at_once(store):
    with pytest.raises(NktradeError) as refusal:
        put(store, "comtrade", "77-comtrade-trimmed/a.csv")
    assert "freqCode" in str(refusal.value)
    assert "classificationCode" in str(refusal.value)


@pytest.mark.parametrize("name", ["BACI_HS17_V202501", "BACI_HS17_V202501.zip"])
def test_baci_as_it_comes(store, name):
    put(store, "baci", f"07-baci-unzipped-folder/{name}")
    assert value(store) == 11_334


def test_baci_whole_gives_both_directions(store):
    put(store, "baci", "08-baci-without-partner/BACI_HS17_Y2022_V202501.csv")
    rows = load(store, partner="PRK").groupby("flow")["value"].sum()
    assert rows.to_dict() == {"export": 1234, "import": 10_100}


@pytest.mark.parametrize("edition", ["92", "96", "02", "07", "12", "22"])
def test_baci_of_every_edition(store, edition):
    put(store, "baci", f"09-baci-hs92/BACI_HS{edition}_Y2022_V202501.csv")
    rows = load(store, partner="PRK")
    assert rows["value"].sum() == 11_334
    assert rows["hs_edition"].unique()[0][-2:] == edition


def test_two_editions_of_one_year_are_not_added(store):
    folder = "20-baci-two-editions"
    put(store, "baci", f"{folder}/BACI_HS12_Y2022_V202501.csv")
    put(store, "baci", f"{folder}/BACI_HS22_Y2022_V202501.csv")
    with pytest.raises(NktradeError, match="edition"):
        load(store)
    assert value(store, edition="HS2012") == value(store, edition="HS2022") == 6000


def test_a_name_contradicts_its_edition(store):
    with pytest.raises(NktradeError, match="HS1992"):
        put(
            store,
            "baci",
            "21-baci-hs92-called-hs2017/BACI_HS92_Y2022_V202501.csv",
            edition="HS2017",
        )


def test_baci_regions(store):
    put(store, "baci", "23-baci-code-697/BACI_HS17_Y2022_V202501.csv")
    assert value(store, partner=None) == 6000


def test_a_later_download_replaces_its_scope(store):
    put(store, "gacc", "10-revision-removes-a-line/feb.csv", flow="export")
    put(store, "gacc", "10-revision-removes-a-line/apr.csv", flow="export")
    assert value(store) == 1000


def test_import_filters_or_refuses(store):
    try:
        put(
            store,
            "gacc",
            "101-import-does-not-filter/a.csv",
            flow="export",
            partner="PRK",
            period="2023-01",
        )
    except NktradeError:
        assert not store.exists()
    else:
        assert value(store, partner=None) == 100


def test_unread_labels_are_told(store):
    put(store, "bulletin", "102-bulletin-partner-names/a.csv")
    assert totals(store)["value"].max() == 824_000
    with pytest.warns(UserWarning, match=r"DPR Korea \(North\)"):
        put(store, "bulletin", "102-bulletin-partner-names/b.csv")


def test_since_january_is_not_below_the_month(store):
    with pytest.raises(NktradeError, match="January"):
        put(store, "bulletin", "104-since-january-below-the-month/a.csv")


@pytest.mark.parametrize("file", ["a.html", "plain.html", "title_outside.html"])
def test_pages_with_merged_cells(store, file):
    put(store, "bulletin", f"50-bulletin-html-rowspan/{file}")
    table = totals(store, flow="export").set_index("period")["value"]
    assert table["2024-05"] == 150_000
    assert table["2024-01..2024-05"] == 701_000


@pytest.mark.parametrize("file", ["a.html", "b.html"])
def test_windows_are_not_swapped(store, file):
    put(store, "bulletin", f"53-bulletin-rowspan-windows-swapped/{file}")
    table = totals(store, flow="export").set_index("period")["value"]
    assert table["2024-05"] == 150_000
    assert table["2024-01..2024-05"] == 701_000


def test_a_year_without_months_is_kept_as_a_total(store):
    put(store, "gacc", "12-year-without-months/2023全年.csv", flow="export", period="2023")
    table = totals(store)
    assert table[["period", "value"]].to_numpy().tolist() == [["2023", 3000]]


@pytest.mark.parametrize(
    "name",
    [
        "202306.csv",
        "2023_6.csv",
        "2023年06月朝鲜出口.csv",
        "2023年6月.csv",
        "Jun-23.csv",
        "出口2023.06.csv",
        "导出_2023-06_下载于2023-07-20.csv",
    ],
)
def test_months_from_names(store, name):
    put(store, "gacc", f"13-month-from-names/{name}", flow="export", period="name")
    assert load(store)["period"].dt.strftime("%Y-%m").unique().tolist() == ["2023-06"]


@pytest.mark.parametrize("name", ["downloaded 2023-07-20.csv", "20230720102233.csv"])
def test_days_are_no_months(store, name):
    with pytest.raises(NktradeError, match="month"):
        put(store, "gacc", f"13-month-from-names/{name}", flow="export", period="name")


def test_litter_in_a_folder(store):
    with pytest.warns(UserWarning, match="crdownload"):
        report = put(store, "gacc", "15-litter-in-a-folder/dl", flow="export")
    assert "a.csv" in set(report["file"])
    assert value(store) == 1000
    with pytest.raises(NktradeError, match="crdownload"):
        put(store, "gacc", "15-litter-in-a-folder/dl/2023/b.csv.crdownload", flow="export")


def test_links(store, tmp_path):
    shutil.copytree(CASES / "16-symlinks" / "real", tmp_path / "real")
    (tmp_path / "dl").mkdir()
    (tmp_path / "dl" / "dir").symlink_to(tmp_path / "real")
    (tmp_path / "dl" / "broken.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.warns(UserWarning, match="broken.csv"):
        import_files(store, "gacc", [tmp_path / "dl"], flow="export")
    assert value(store) == 1000
    with pytest.raises(NktradeError, match="link"):
        import_files(store, "gacc", [tmp_path / "dl" / "broken.csv"], flow="export")


def test_flows_by_folder(store):
    flow = {"import": "import/*", "export": "export/*"}
    put(store, "gacc", "17-flows-by-folder", flow=flow)
    assert load(store).groupby("flow")["value"].sum().to_dict() == {"export": 1000, "import": 7}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.xlsx", "a.zip"])
def test_containers(store, name):
    put(store, "gacc", f"19-containers/{name}", flow="export")
    assert value(store) == 1000


@pytest.mark.parametrize(
    ("name", "word"), [("a.tsv", "tab"), ("semi.csv", "semicolon"), ("utf16.csv", "UTF-16")]
)
def test_other_text_is_read_or_named(store, name, word):
    said = refuse_or_read(store, f"19-containers/{name}")
    assert word in said or value(store) == 1000


@pytest.mark.parametrize("name", ["x.csv", "y.csv", "z.csv"])
def test_dots_for_thousands(store, name):
    with pytest.raises(NktradeError, match="column"):
        put(store, "gacc", f"26-dots-for-thousands/{name}", flow="export")


def test_the_world_beside_a_partner(store):
    put(store, "gacc", "28-world-beside-partner/prk.csv", flow="export")
    put(store, "gacc", "28-world-beside-partner/wld.csv", flow="export", partner="WLD")
    try:
        table = nk.monthly(load(store, partner=None))
    except NktradeError:
        return
    assert table["value"].sum() == 5000


@pytest.mark.parametrize("name", ["made.csv", "x.csv", "emdash.csv"])
def test_a_dash_for_no_second_unit(store, name):
    put(store, "gacc", f"60-genuine-2018-dash-unit/{name}", flow="export")
    rows = load(store)
    assert rows["value"].sum() == 1506
    assert rows.set_index("hs").loc["69022000", "unit2"] is not str


@pytest.mark.parametrize("name", ["e210201810.csv", "i20420186.csv"])
def test_genuine_downloads_of_2018(store, name):
    import_files(store, "gacc", [SAMPLES / "gacc-english-2018" / name], flow="export")
    assert len(load(store, partner=None)) == 3


def test_many_reporters_are_not_one(store):
    put(store, "comtrade", "72-comtrade-all-reporters/a.csv")
    try:
        table = nk.monthly(load(store))
    except NktradeError:
        return
    assert "reporter" in table


@pytest.mark.parametrize("name", ["x.csv", "y.csv", "8859.csv"])
def test_saved_by_a_spreadsheet(store, name):
    put(store, "gacc", f"82-excel-saved/{name}", flow="export")
    assert value(store) == 1234


@pytest.mark.parametrize("name", ["z.csv", "tab.csv", "big5.csv", "eq.csv"])
def test_strange_text_is_refused_or_read(store, name):
    said = refuse_or_read(store, f"82-excel-saved/{name}")
    assert name in said or value(store) == 1234


def test_one_province_chosen_at_the_site(store):
    folder = "93-one-province-chosen"
    put(store, "gacc", f"{folder}/liaoning.csv", flow="export", province="21")
    put(store, "gacc", f"{folder}/jilin.csv", flow="export", province="22")
    assert value(store) == 100


def test_a_month_without_trade(store):
    put(store, "gacc", "95-month-without-trade/202108.csv", flow="export", period="2021-08",
        partner="PRK")  # fmt: skip
    from nktrade.store import status

    row = status(store).iloc[0]
    assert row["rows"] == 0
    assert row["first"] == "2021-08"


@pytest.mark.parametrize(
    "name",
    ["apos", "cmd", "dots", "gbk", "old", "semi", "sp", "ten", "total", "x.xlsx", "zh", "blank"],
)
def test_lists_of_codes(name):
    from click.testing import CliRunner

    from nktrade.cli import main

    file = CASES / "40-hs-map-lists" / (name if "." in name else f"{name}.csv")
    edition = ["--edition", "HS1996"] if name == "old" else []
    result = CliRunner().invoke(main, ["hs", "map", str(file), "--to", "section", *edition])
    assert result.exit_code == 0, result.output
    assert "mapped" in result.output


@pytest.mark.parametrize("name", ["lost", "range"])
def test_lists_of_codes_that_cannot_be(name):
    from click.testing import CliRunner

    from nktrade.cli import main

    file = CASES / "40-hs-map-lists" / f"{name}.csv"
    result = CliRunner().invoke(main, ["hs", "map", str(file), "--to", "section"])
    assert f"{name}.csv" in result.output
    assert "codec" not in result.output


@pytest.mark.parametrize("name", ["jan2018_cny", "janfeb2025_cny", "mar2026_cny"])
def test_english_pages_of_main_countries_are_named(store, name):
    page = SAMPLES / "bulletin-english" / f"release_section4_by_country_{name}.html"
    with pytest.raises(NktradeError, match="main countries"):
        import_files(store, "bulletin", [page])
