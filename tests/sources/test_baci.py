"""BACI years: thousands of dollars and tonnes become dollars and kilograms."""

import csv
import io

import pandas as pd
import pytest

from nktrade import store
from nktrade.errors import CodeError, InputError
from nktrade.sources import _blocks, baci

HEAD = "t,i,j,k,v,q\n"
ROWS = (
    "2022,156,408,010121,1.234,0.5\n"
    "2022,408,156,670420,10.1,           NA\n"
    "2022,156,410,670420,10.1,3\n"
    "2022,842,156,408,12\n"
)
NAME = "BACI_HS17_Y2022_V202401b.csv"


@pytest.fixture
def make(tmp_path):
    def make(text, name=NAME):
        path = tmp_path / name
        path.write_text(text, encoding="ascii")
        return path

    return make


def good(rows=300):
    places = [4, 408, 410, 156, 842]
    lines = [
        f"2022,{i},{j},{code:06d},{code % 977 + 0.125},{'NA' if code % 3 else code % 89}\n"
        for code in range(10121, 10121 + rows // 20)
        for i in places
        for j in places
        if i != j
    ]
    return HEAD + "".join(lines)


def test_rows(make):
    trade = baci.read(make(HEAD + "".join(ROWS.splitlines(True)[:3])))
    assert trade["reporter"].tolist() == ["CHN", "PRK", "CHN"]
    assert trade["partner"].tolist() == ["PRK", "CHN", "KOR"]
    assert set(trade["flow"]) == {"export"}
    assert trade["hs"].tolist() == ["010121", "670420", "670420"]
    assert trade["value"].tolist() == [1234, 10100, 10100]
    assert trade["quantity"].fillna(-1).tolist() == [500, -1, 3000]
    assert trade["unit"].fillna("").tolist() == ["kg", "", "kg"]
    assert set(trade["hs_edition"]) == {"HS2017"}
    assert set(trade["period"]) == {pd.Timestamp("2022-01-01")}


def test_padded_values_are_the_same_values(make):
    """Some editions pad NA with spaces, others every column."""
    plain = "2022,156,408,010121,1.234,0.5\n2022,4,156,670420,10.1,NA\n"
    padded = "2022, 156, 408, 010121, 1.234,  0.5\n2022,  4, 156, 670420, 10.1,  NA\n"
    expected, found = baci.read(make(HEAD + plain)), baci.read(make(HEAD + padded))
    pd.testing.assert_frame_equal(found, expected)


def test_the_row_named_counts_from_the_top_of_the_file(make, monkeypatch):
    monkeypatch.setattr(baci, "BLOCK", 1000)
    text = good()
    bad = text + "2022,4,408,999,1,1\n"
    with pytest.raises(InputError, match=f"row {text.count(chr(10)) + 1:,}, column 'k'"):
        baci.read(make(bad))


def test_one_country_is_the_partner_throughout(make):
    trade = baci.read(make(HEAD + "".join(ROWS.splitlines(True)[:3])), partner="PRK")
    assert trade[["reporter", "partner", "flow"]].to_numpy().tolist() == [
        ["CHN", "PRK", "export"],
        ["CHN", "PRK", "import"],
    ]


@pytest.mark.parametrize("size", [31, 1000, 1 << 18])
def test_sums_agree_with_the_csv_module(make, monkeypatch, size):
    monkeypatch.setattr(_blocks, "SIEVE", size)
    monkeypatch.setattr(_blocks, "BLOCK", size * 3)
    text = good()
    rows = list(csv.DictReader(io.StringIO(text)))
    path = make(text)
    whole = baci.read(path)
    assert len(whole) == len(rows)
    assert whole["value"].sum() == pytest.approx(sum(float(row["v"]) for row in rows) * 1000)
    korea = baci.read(path, partner="PRK")
    wanted = [row for row in rows if "408" in (row["i"], row["j"])]
    assert len(korea) == len(wanted)
    assert korea["value"].sum() == pytest.approx(sum(float(row["v"]) for row in wanted) * 1000)
    bought = sum(float(row["v"]) for row in rows if row["j"] == "408") * 1000
    assert korea.loc[korea["flow"] == "export", "value"].sum() == pytest.approx(bought)


def test_a_country_of_two_numbers_is_found_without_sifting(make):
    text = HEAD + "2022,736,156,010121,1,NA\n2022,729,156,010129,1,NA\n2022,4,156,010129,1,NA\n"
    assert len(baci.read(make(text), partner="SDN")) == 2


def test_rows_of_another_year_than_the_name_says_are_refused(make, tmp_path):
    row = "2021,156,408,670420,1,NA\n"
    for rows in (row, row.replace("2021", "2022") + row):
        path = make(HEAD + rows, "BACI_HS17_Y2022_V202501.csv")
        with pytest.raises(InputError, match=r"Y2022.*row [23], column 't'.*2022; got 2021"):
            store.import_files(tmp_path / "store", "baci", [path])
    assert not (tmp_path / "store").exists()
    assert len(baci.read(make(HEAD + row, "BACI_HS17_V202501.csv"))) == 1


def test_a_release_mended_in_its_month_is_the_later_one(make, tmp_path):
    row = "2021,156,408,670420,{},NA\n"
    for name, value in (("V202401b", 2), ("V202401", 1)):  # however they are imported
        path = make(HEAD + row.format(value), f"BACI_HS17_Y2021_{name}.csv")
        store.import_files(tmp_path / "store", "baci", [path])
    assert store.load(tmp_path / "store")["value"].tolist() == [2000]


def test_years_into_a_store(make, tmp_path):
    files = [make(good().replace("2022,", f"{y},"), f"BACI_HS17_Y{y}_V1.csv") for y in (2021, 2022)]
    report = store.import_files(tmp_path / "store", "baci", files, partner="PRK")
    assert report["rows"].tolist() == [120, 120]
    assert (
        store.describe(tmp_path / "store").caption().startswith("CEPII BACI downloads (reported)")
    )
    assert store.gaps(tmp_path / "store").empty
    trade = store.load(tmp_path / "store", partner="PRK", start="2022")
    assert len(trade) == 120
    with pytest.raises(InputError, match="take no 'flow'"):
        store.import_files(tmp_path / "other", "baci", files, flow="export")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("010121", "10121", ["row 2", "'k'", "Did you mean '010121'"]),
        ("1.234", "-1.234", ["row 2", "'v'"]),
        ("1.234", "x", ["row 2", "'v'", "'x'"]),
        ("1.234,0.5", "1.234", ["row 2", "6 fields"]),
        (",0.5", ",-0.5", ["row 2", "'q'"]),
        ("2022,156", "22,156", ["row 2", "'t'"]),
        ("156,408", "156,999", ["row 2", "'j'", "unknown country"]),
        ("156,408", "156,0x198", ["row 2", "'j'", "0x198"]),
        ("156,408", "156,40800", ["row 2", "'j'", "40800"]),
        ("010121", "01O121", ["row 2", "'k'", "01O121"]),
        ("010121", "", ["row 2", "'k'"]),
        ("1.234", "inf", ["row 2", "'v'", "inf"]),
        (",0.5", ",inf", ["row 2", "'q'", "inf"]),
    ],
)
@pytest.mark.parametrize("partner", [None, "CHN"])
def test_damage(make, old, new, words, partner):
    path = make(HEAD + "".join(ROWS.splitlines(True)[:3]).replace(old, new, 1))
    with pytest.raises((InputError, CodeError)) as caught:
        baci.read(path, partner=partner)
    for word in [NAME, *words]:
        if not (partner and word == "row 2"):
            assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        ("", NAME, "empty"),
        (HEAD, NAME, "no row follows"),
        ("a,b\n1,2\n", NAME, "no year of BACI"),
        (good(), "baci.csv", "does not say an HS edition"),
        (good(), "BACI_HS88_Y2000_V1.csv", "does not say an HS edition"),
    ],
)
def test_no_baci(make, text, name, word):
    with pytest.raises(InputError, match=word):
        baci.read(make(text, name))
    with pytest.raises(InputError, match="Did you mean 'PRK'"):
        baci.read(make(good()), partner="PRKK")


def test_capitals_of_a_name_do_not_matter(make):
    assert set(baci.read(make(good(), NAME.lower()))["hs_edition"]) == {"HS2017"}
    with pytest.raises(InputError, match="rows are of another year than the file's name says"):
        baci.read(make(good(), NAME.lower().replace("2022", "2021")))
    assert baci.scan(make(good(), NAME.lower())).downloaded == "2024-01-02"


def test_edition_can_be_named(make):
    assert set(baci.read(make(good(), "year.csv"), edition="HS2012")["hs_edition"]) == {"HS2012"}


SUDAN = (
    "2012,156,736,270400,1.5,3\n2012,156,729,270400,2.5,4\n2012,156,643,270400,1,1\n"
    "2012,736,156,270400,9,NA\n2012,729,156,270400,1,2\n2012,729,156,520100,1,2\n"
)


def test_sudans_two_numbers_in_one_year_are_one_country(make, monkeypatch, tmp_path):
    path = make(HEAD + SUDAN, "BACI_HS12_Y2012_V202501.csv")
    for block in (baci.BLOCK, 40):
        monkeypatch.setattr(baci, "BLOCK", block)
        rows = baci.read(path).fillna({"quantity": -1})
        told = rows.set_index(["reporter", "partner", "hs"])[["value", "quantity"]]
        told = told.T.to_dict("list")
        assert told == {
            ("CHN", "RUS", "270400"): [1000, 1000], ("CHN", "SDN", "270400"): [4000, 7000],
            ("SDN", "CHN", "270400"): [10_000, -1], ("SDN", "CHN", "520100"): [1000, 2000],
        }  # fmt: skip
    sudan, china = (sorted(baci.read(path, partner=p)["value"]) for p in ("SDN", "CHN"))
    assert sudan == [1000, 4000, 10_000]
    assert china == [1000, *sudan]
    store.import_files(tmp_path / "s", "baci", [path])
    assert store.load(tmp_path / "s", partner="SDN")["value"].sum() == 15_000
    twice = make(HEAD + SUDAN + SUDAN[:26], "BACI_HS12_Y2012_V202502.csv")
    with pytest.raises(InputError, match="the same flow, commodity, place and month"):
        baci.read(twice)


@pytest.mark.parametrize(
    ("rows", "once"),
    [
        ("2022,4,8,010121,1,1\n2022,4,8,010129,1,1\n2022,4,12,010121,1,1\n", True),
        ("2022,4,8,010121,1,1\n2022,4,8,010121,2,1\n", False),
        ("2022,4,8,010129,1,1\n2022,4,8,010121,1,1\n2022,4,8,010129,2,1\n", False),
        ("2022,8,4,010121,1,1\n2022,4,8,010121,1,1\n", False),  # each once, in another order
        ("2022,276,4,010121,1,1\n2022,280,4,010121,1,1\n", False),  # Germany by two numbers
    ],
)  # fmt: skip
def test_rows_in_order_are_known_to_be_there_once(make, tmp_path, monkeypatch, rows, once):
    path = make(HEAD + rows)
    for block in (baci.BLOCK, 20):
        monkeypatch.setattr(baci, "BLOCK", block)
        scan = baci.scan(path)
        table = pd.concat([block.to_pandas() for block in scan.tables])
        assert scan.once is once
        twice = table.duplicated(["reporter", "partner", "hs"]).any()
        if not twice:
            store.import_files(tmp_path / f"good-{block}", "baci", [path])
            continue
        with pytest.raises(InputError, match="the same flow, commodity, place and month twice"):
            store.import_files(tmp_path / "twice", "baci", [path])
