"""Months without trade, and downloads that do not tell their months apart."""

import shutil

import pandas as pd
import pytest

from nktrade.errors import InputError, UnanswerableError
from nktrade.store import (
    check_totals,
    gaps,
    import_files,
    load,
    monthly_totals,
    repair,
    status,
    totals,
    verify,
)
from tests.sources.dresses import put, write_text

HEADS = ["贸易伙伴编码", "商品编码", "美元", ""]


@pytest.fixture
def bring(tmp_path):
    def bring(name, *rows, **said):
        path = put(tmp_path, name, write_text([HEADS, *([*row, ""] for row in rows)]))
        return import_files(tmp_path / "s", "gacc", [path], **({"flow": "export"} | said))

    return bring


def test_a_month_asked_for_and_found_empty_is_a_reported_zero(bring, tmp_path):
    bring("7.csv", ["109", "6902", "10"], period="2021-07")
    bring("8.csv", period="2021-08", partner="PRK")
    bring("9.csv", ["109", "6902", "30"], period="2021-09")
    trade = load(tmp_path / "s")
    assert trade["period"].dt.month.tolist() == [7, 8, 9]
    assert trade["value"].tolist() == [10, 0, 30]
    assert trade["status"].eq("reported").all()
    assert gaps(tmp_path / "s").empty
    assert load(tmp_path / "s", start="2021-09")["value"].tolist() == [30]
    assert status(tmp_path / "s")["rows"].tolist() == [1, 0, 1]


def test_silence_gives_way_to_rows_and_takes_none_away_by_itself(bring, tmp_path):
    bring("a.csv", period="2021-08", partner="PRK")
    bring("b.csv", ["109", "6902", "5"], period="2021-08")
    assert load(tmp_path / "s")["value"].tolist() == [5]
    with pytest.raises(InputError, match=r"lacks 1 of 1 headings.*--whole"):
        bring("c.csv", [], [], [], period="2021-08", partner="PRK")
    bring("d.csv", [], period="2021-08", partner="PRK", partial=False)
    with pytest.raises(UnanswerableError, match="no row matches"):
        load(tmp_path / "s")
    assert load(tmp_path / "s", hs="6902")["value"].tolist() == [0]


def test_headings_alone_say_nothing_unless_month_and_partner_are_known(bring, tmp_path):
    path = put(tmp_path, "x.csv", write_text([["数据年月", *HEADS]]))
    with pytest.raises(InputError, match=r"no row follows.*period='2021-08'"):
        import_files(tmp_path / "s", "gacc", [path], flow="export")
    assert not (tmp_path / "s").exists()
    named = put(tmp_path, "2021年8月.csv", path.read_bytes())
    import_files(tmp_path / "s", "gacc", [named], flow="export", period="name", partner="PRK")
    assert load(tmp_path / "s", hs="6902")["period"].tolist() == [pd.Timestamp("2021-08-01")]


def test_a_sum_of_several_months_is_a_total_of_its_window(bring, tmp_path):
    rows = [["109", "6902", "10"], ["109", "6903", "5"], ["133", "6902", "7"]]
    bring("half.csv", *rows, period="2023-H1")
    table = totals(tmp_path / "s")
    assert table[["period", "flow", "value", "half_unit", "status"]].to_numpy().tolist() == [
        ["2023-H1", "export", 15, 1, "cumulative"]
    ]
    assert totals(tmp_path / "s", partner="KOR")["value"].tolist() == [7]
    assert monthly_totals(tmp_path / "s").empty
    assert check_totals(tmp_path / "s").empty
    with pytest.raises(InputError, match="one province or regime"):
        bring("part.csv", *rows, period="2023-H1", province="21")
    with pytest.raises(InputError, match="several HS levels"):
        bring("mixed.csv", ["109", "69", "9"], *rows, period="2023")


def test_import_chooses_among_a_files_rows(bring, tmp_path):
    heads = ["数据年月", *HEADS]
    rows = [["202301", "109", "6902", "1", ""], ["202301", "133", "6902", "2", ""],
            ["202302", "109", "6902", "4", ""]]  # fmt: skip
    path = put(tmp_path, "a.csv", write_text([heads, *rows]))
    chosen = {"flow": "export", "partner": "PRK", "period": "2023-02"}
    import_files(tmp_path / "s", "gacc", [path], **chosen)
    assert load(tmp_path / "s", partner=None)["value"].tolist() == [4]
    with pytest.raises(InputError, match="another declaration"):
        import_files(tmp_path / "s", "gacc", [path], flow="export")
    with pytest.raises(InputError, match=r"no row of that partner.*2023-01 to 2023-02.*KOR, PRK"):
        import_files(tmp_path / "t", "gacc", [path], flow="export", partner="BRA")
    twice = put(tmp_path, "b.csv", write_text([heads, *rows, rows[2]]))
    with pytest.raises(InputError, match="rows 4 and 5"):
        import_files(tmp_path / "t", "gacc", [twice], **chosen)
    assert pd.notna(status(tmp_path / "s")["value"]).all()


@pytest.mark.parametrize("own_months", [False, True])
@pytest.mark.parametrize("by_name", [False, True])
def test_months_without_rows_are_the_same_to_the_byte_and_each_counts(
    tmp_path, own_months, by_name
):
    heads = ["数据年月", *HEADS] if own_months else HEADS
    said = {"flow": "export", "partner": "PRK"}
    for round_ in ("imported", "already there"):
        for month in ("2021-08", "2021-09", "2021-10"):
            path = put(tmp_path, f"{month}.csv", write_text([heads]))
            period = "name" if by_name else month
            done = import_files(tmp_path / "s", "gacc", [path], period=period, **said)
            assert done["state"].tolist() == [round_]
    assert load(tmp_path / "s", hs="69")["period"].dt.month.tolist() == [8, 9, 10]
    assert verify(tmp_path / "s")["state"].eq("good").all()
    shutil.rmtree(tmp_path / "s" / "manifests")
    (tmp_path / "s" / "manifest.json").unlink()
    assert repair(tmp_path / "s")["state"].tolist() == ["good"] * 3


def test_a_zero_stands_beside_rows_of_another_flow_or_partner(bring, tmp_path):
    bring("in.csv", ["109", "6902", "10"], ["133", "6902", "10"], period="2021-08", flow="import")
    bring("out.csv", ["133", "6902", "7"], period="2021-08")
    bring("none.csv", period="2021-08", partner="PRK")
    found = load(tmp_path / "s", partner=["PRK", "KOR"]).set_index(["partner", "flow"])["value"]
    wanted = {("PRK", "import"): 10, ("KOR", "import"): 10, ("KOR", "export"): 7}
    assert found.to_dict() == wanted | {("PRK", "export"): 0}


def test_silence_of_one_province_is_that_province_s(bring, tmp_path):
    bring("7.csv", ["109", "6902", "10"], period="2021-07", province="21")
    bring("8.csv", period="2021-08", partner="PRK", province="21")
    trade = load(tmp_path / "s", breakdown="province")
    assert trade["value"].tolist() == [10, 0]
    assert trade["province"].tolist() == ["21", "21"]
