"""One flow loaded from two stores."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from nktrade import store
from nktrade.cli import main
from nktrade.cli.two_stores import compare_stores
from nktrade.errors import UnanswerableError
from tests.measures.test_two_sides import CIF, FOB

HEAD = '"数据年月","贸易伙伴编码","商品编码","美元",\n'


def test_stores_side_by_side(tmp_path):
    customs, baci = tmp_path / "customs.csv", tmp_path / "BACI_HS22_Y2022_V202401b.csv"
    lines = [f'"2022{month:02d}","109","67042000","1,000",\n' for month in range(1, 13)]
    customs.write_text(HEAD + "".join(lines), encoding="utf-8")
    baci.write_text("t,i,j,k,v,q\n2022,156,408,670420,11.5,NA\n", encoding="ascii")
    store.import_files(tmp_path / "gacc", "gacc", [customs], flow="export")
    store.import_files(tmp_path / "baci", "baci", [baci], partner="PRK")
    table = compare_stores(tmp_path / "gacc", tmp_path / "baci", yearly=True)
    assert table[["hs", "first", "second", "difference"]].to_numpy().tolist() == [
        ["670420", 12000.0, 11500.0, -500.0]
    ]
    told = CliRunner().invoke(
        main, ["data", "mirror", f"{tmp_path}/gacc", f"{tmp_path}/baci", "--yearly", "--json"]
    )
    assert json.loads(told.stdout)[0]["ratio"] == pytest.approx(11.5 / 12)
    with pytest.raises(UnanswerableError, match="import"):
        compare_stores(tmp_path / "gacc", tmp_path / "baci", flow="import")


def test_the_partners_own_declarations_are_its_side(tmp_path, monkeypatch):
    sides = {"a": FOB, "b": CIF}

    def load(data, partner, flow, currency):
        rows = sides[data]
        return rows[(rows["partner"] == partner) & (rows["flow"] == flow)]

    monkeypatch.setattr("nktrade.cli.two_stores.load", load)
    table = compare_stores("a", "b", level=4)
    assert table.loc[0, "margin"] == pytest.approx(0.1)
    back = compare_stores("b", "a", reporter="PRK", partner="CHN", flow="import", level=4)
    pd.testing.assert_frame_equal(back, table)
