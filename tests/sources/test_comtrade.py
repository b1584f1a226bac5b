"""UN Comtrade files: totals only, months only, whole or not at all."""

import gzip
import json

import pandas as pd
import pytest

from nktrade.errors import InputError
from nktrade.sources import comtrade

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
        ([{"freqCode": "A", "period": "2010"}], "no month"),
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


def test_genuine_yearly_answer_is_refused(shared):
    with pytest.raises(InputError, match="yearly"):
        comtrade.read(shared / "samples/comtrade/response_china_2010_total.json")
