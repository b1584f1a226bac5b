"""UN Comtrade files: totals only, months only, whole or not at all."""

import csv
import gzip
import json

import pandas as pd
import pytest

from nktrade.errors import InputError
from nktrade.sources import TruncatedFileWarning, comtrade, records
from nktrade.sources._customs_codes import country_isos
from nktrade.store import import_files, load, status

ROW = {
    "freqCode": "M", "period": "202006", "reporterISO": "CHN", "partnerISO": "PRK",
    "flowCode": "X", "partner2Code": 0, "classificationCode": "H5", "cmdCode": "010121",
    "customsCode": "C00", "mosCode": "0", "motCode": 0, "netWgt": 12.5, "primaryValue": 100.0,
}  # fmt: skip


def save(folder, *changes):
    file = folder / "saved.json"
    file.write_text(json.dumps({"count": len(changes), "data": [ROW | c for c in changes]}))
    return file


def test_only_totals_are_read(tmp_path):
    parts = [{"customsCode": "C01"}, {"motCode": 2100}, {"partner2Code": 156}, {"mosCode": "1"}]
    others = [{"partnerISO": "W00"}, {"flowCode": "RX"}, {"cmdCode": "TOTAL"}]
    table = comtrade.read(save(tmp_path, *parts, {}, *others))
    assert table[["hs", "flow", "value", "quantity", "unit"]].to_numpy().tolist() == [
        ["010121", "export", 100.0, 12.5, "kg"]
    ]
    assert table["period"].tolist() == [pd.Timestamp("2020-06-01")]


def test_csv_and_gz_read_as_json(tmp_path):
    want = comtrade.read(save(tmp_path, {}))
    lines = pd.DataFrame([ROW]).to_csv(index=False)
    (tmp_path / "saved.csv").write_text(lines)
    (tmp_path / "bulk.gz").write_bytes(gzip.compress(lines.replace(",", "\t").encode()))
    for name in ("saved.csv", "bulk.gz"):
        pd.testing.assert_frame_equal(comtrade.read(tmp_path / name), want)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([{"motCode": 2100}], "only in parts"),
        ([{}, {"cmdCode": "0101"}], "several HS levels"),
        ([{"freqCode": "A", "period": "202001"}], "not a year"),
        ([{}, {"freqCode": "A", "period": "2020"}], "years beside months"),
        ([{"freqCode": "Q"}], "neither monthly nor yearly"),
        ([{}, {}], "same flow"),
        ([{"classificationCode": "S4"}], "unknown classification"),
        ([{"primaryValue": None}], "no value"),
    ],
)
def test_refused(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        comtrade.read(save(tmp_path, *changes))


def test_cut_files_are_refused(tmp_path):
    file = save(tmp_path, {})
    whole = gzip.compress(file.read_bytes())
    for cut in (file.read_bytes()[:-5], whole[: len(whole) // 2]):
        file.write_bytes(cut)
        with pytest.raises(InputError, match="whole"):
            comtrade.read(file)


def test_a_genuine_yearly_answer_has_totals_alone(shared):
    with pytest.raises(InputError, match="no row is wanted; got 4 rows"):
        comtrade.read(shared / "samples/comtrade/response_china_2010_total.json")


def many(number, **changes):
    return [{"cmdCode": f"{10121 + place:06d}"} | changes for place in range(number)]


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_exactly_as_many_rows_as_the_service_gives_out_is_a_cut_file(tmp_path, ending):
    file = save(tmp_path, *many(500))
    if ending == "csv":
        rows = json.loads(file.read_text())["data"]
        file = tmp_path / "saved.csv"
        pd.DataFrame(rows).to_csv(file, index=False)
    with pytest.raises(InputError, match="exactly 500 rows"):
        comtrade.read(file)
    with pytest.raises(InputError, match="exactly 500 rows"):
        import_files(tmp_path / "store", "comtrade", [file])
    assert not (tmp_path / "store").exists()
    with pytest.warns(TruncatedFileWarning):
        import_files(tmp_path / "store", "comtrade", [file], allow_truncated=True)
    assert len(load(tmp_path / "store")) == 500


def test_other_partners_count_towards_the_limit_too(tmp_path):
    file = save(tmp_path, *many(250), *many(250, partnerISO="KOR"))
    with pytest.raises(InputError, match="exactly 500"):
        comtrade.read(file, partner="PRK")


def test_a_count_larger_than_the_rows_is_a_cut_file(tmp_path):
    file = save(tmp_path, *many(3))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"count": 4}))
    with pytest.raises(InputError, match="announces 4 rows and has 3"):
        comtrade.read(file)
    with pytest.warns(TruncatedFileWarning, match="announces 4"):
        assert len(comtrade.read(file, allow_truncated=True)) == 3


def test_a_folder_of_saved_files_of_every_kind(tmp_path):
    folder = tmp_path / "saved"
    for number, name in enumerate(["a.json", "b.csv", "c.txt.gz"]):
        (folder / str(number)).mkdir(parents=True)
        file = save(folder / str(number), {"period": f"20200{number + 1}"})
        rows = json.loads(file.read_text())
        if name != "a.json":
            text = pd.DataFrame(rows["data"]).to_csv(index=False)
            file.unlink()
            file = file.with_name(name)
            content = text.encode()
            file.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    import_files(tmp_path / "store", "comtrade", [folder])
    assert status(tmp_path / "store")["file"].tolist() == ["saved.json", "b.csv", "c.txt.gz"]
    assert load(tmp_path / "store")["period"].dt.month.tolist() == [1, 2, 3]


def test_bulk_files_name_countries_by_code_alone(tmp_path):
    bare = {name: value for name, value in ROW.items() if not name.endswith("ISO")}
    rows = [{"partnerCode": code, "reporterCode": 156} for code in (408, 490, 0, 842)]
    lines = pd.DataFrame([bare | row for row in rows]).to_csv(index=False, sep="\t")
    file = tmp_path / "bulk.txt.gz"
    file.write_bytes(gzip.compress(lines.encode()))
    table = comtrade.read(file)
    assert table["partner"].tolist() == ["PRK", "TWN", "USA"]
    assert set(table["reporter"]) == {"CHN"}
    assert comtrade.read(file, partner="PRK")["value"].tolist() == [100.0]


def test_a_file_in_latin_letters_with_commas_at_the_ends_of_rows(tmp_path):
    rows = [ROW | {"partnerDesc": "Türkiye"}, ROW | {"partnerDesc": "Curaçao", "flowCode": "M"}]
    head, *lines = pd.DataFrame(rows).to_csv(index=False).splitlines()
    file = tmp_path / "TradeData.csv"
    file.write_bytes("\r\n".join([head, *(line + "," for line in lines)]).encode("latin-1"))
    table = comtrade.read(file)
    assert table[["flow", "hs", "value"]].to_numpy().tolist() == [
        ["export", "010121", 100.0],
        ["import", "010121", 100.0],
    ]


def test_a_large_file_is_sifted_in_pieces(tmp_path, monkeypatch):
    file = tmp_path / "large.csv"
    rows = [ROW | row for row in [*many(60, partnerISO="KOR"), *many(45)]]
    pd.DataFrame(rows).to_csv(file, index=False)
    whole = comtrade.read(file, partner="PRK")
    monkeypatch.setattr(records, "CHUNK", 7)
    pd.testing.assert_frame_equal(comtrade.read(file, partner="PRK"), whole)
    rows[97] |= {"flowCode": "Q"}
    pd.DataFrame(rows).to_csv(file, index=False)
    with pytest.raises(InputError, match=r"row 99, column 'flowCode'.*'Q'"):
        comtrade.read(file)


def test_a_partner_that_is_no_country_is_refused_unless_another_is_named(tmp_path):
    file = save(tmp_path, {}, {"partnerISO": "_X ", "partnerCode": 899})
    with pytest.raises(InputError, match=r"row 2, column 'partner'.*no country"):
        comtrade.read(file)
    assert len(comtrade.read(file, partner="PRK")) == 1


def test_country_codes_are_those_of_the_service(shared):
    """Those that nktrade names otherwise, and those it leaves out, are the known ones."""
    path = shared / "reference/comtrade/comtradr_ref_partner.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        theirs = list(csv.DictReader(file))
    ours = country_isos()
    other = {row["id"] for row in theirs if row["id"] in ours and row["iso_3"] != ours[row["id"]]}
    assert other == {
        "58",
        "490",
        "697",
        "711",
    }  # Belgium-Luxembourg, Taiwan, EFTA, SACU
    absent = [row for row in theirs if row["id"] not in ours]
    now = [row for row in absent if not row["exit_year"] and row["group"] == "False"]
    countries = {row["iso_3"] for row in now if row["iso_3"].isalpha() and len(row["iso_3"]) == 3}
    assert countries <= set(ours.values())  # the same country under an older code
    assert (ours["408"], ours["156"], ours["410"]) == ("PRK", "CHN", "KOR")


def test_customs_and_transport_totals_are_those_of_the_service(shared):
    for name, code in (("customs", "C00"), ("mot", "0")):
        path = shared / f"reference/comtrade/comtradr_ref_{name}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            (total,) = [row["id"] for row in csv.DictReader(file) if "TOTAL" in row["text"]]
        assert total == code
    path = shared / "reference/comtrade/comtradr_ref_flow.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        flows = {row["id"] for row in csv.DictReader(file)}
    assert flows == {*comtrade.FLOW_CODES, *comtrade.PARTS}
