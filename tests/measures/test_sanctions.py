"""The Security Council's measures: what they cover when, and that the list holds together."""

import pandas as pd
import pytest

from nktrade import codes as hs
from nktrade.errors import InputError
from nktrade.measures import sanctions


def test_sanctions_by_code_flow_and_date():
    coal = sanctions.sanctions("2701", flow="export")
    assert coal["id"].tolist() == ["2270-29a", "2321-26a", "2321-26b", "2371-8a"]
    assert sanctions.sanctions("2701", "export", on="2017-07")["id"].tolist() == ["2321-26b"]
    assert sanctions.sanctions("2701", "export", on="2018")["id"].tolist() == ["2371-8a"]
    assert sanctions.sanctions("2701", "export", on="2016-02").empty
    pump = sanctions.sanctions("84137090", flow="import", on="2018-01")
    assert pump[["id", "code_printed", "covers"]].to_numpy().tolist() == [
        ["2397-7-84", "yes", "all"]
    ]
    silver = sanctions.sanctions("2616", flow="export")
    assert silver[["id", "covers"]].to_numpy().tolist() == [
        ["2270-30a", "part"],
        ["2321-28c", "part"],
    ]
    for free in ("6704", "2611", "2613", "2716", "9108"):
        assert sanctions.sanctions(free).empty, free
    with pytest.raises(InputError, match="Did you mean 'export'"):
        sanctions.sanctions("2701", flow="exports")
    with pytest.raises(InputError, match="expected UN or customs"):
        sanctions.sanctions("2701", calendar="china")


def test_what_the_table_once_had_wrong():
    assert sanctions.sanctions("2713", "import", on="2018")["id"].tolist() == ["2397-5"]
    assert sanctions.sanctions("261690", "export")["covers"].tolist() == ["all"]
    condensate = sanctions.sanctions("2709", "import", on="2017-10").set_index("id")
    assert condensate.loc["2375-13a", "covers"] == "part"  # no code tells it from crude oil
    assert "2375-13b" not in set(sanctions.sanctions("271112", "import")["id"])  # propane went on
    capped = sanctions._measures().query("kind == 'cap' and flow == 'export'")
    assert set(capped["hs"]) == {"2701"}


def test_both_calendars():
    textiles = {
        calendar: sanctions.sanctions("620342", "export", calendar=calendar).iloc[0]
        for calendar in sanctions.CALENDARS
    }
    assert f"{textiles['UN']['effective']:%Y-%m-%d}" == "2017-09-11"
    assert f"{textiles['customs']['effective']:%Y-%m-%d}" == "2017-09-22"
    assert textiles["customs"]["notice"] == "MOFCOM/GACC 52/2017"
    assert {f"{textiles[c]['wind_down_end']:%Y-%m-%d}" for c in textiles} == {"2017-12-10"}
    # No notice of China's on luxury goods is known.
    assert (
        sanctions.sanctions("8903", "import", calendar="customs")["id"].str.contains("2094").sum()
        == 0
    )


def test_sanctions_dates_and_codes_hold_together():
    table, notices = sanctions._measures(), sanctions._read("notices")
    assert table["id"].is_unique
    assert set(notices["id"]) <= set(table["id"])
    assert table["flow"].isin(["export", "import", "both"]).all()
    assert set(table.loc[table["code_printed"] == "yes", "resolution"]) == {"2397"}
    assert set(table["checked"]) == {"seen", "secondary", "mapped", "recalled"}
    assert not (table["effective"] < table["adopted"]).any()
    for one in (table, notices):
        assert not (one["wind_down_end"] <= one["effective"]).any()
        assert not (one["ended"] <= one["effective"]).any()
    days = (table["wind_down_end"] - table["adopted"]).dt.days
    assert set(days.dropna()) == {30, 90}
    assert (notices["effective"] >= notices["announced"]).all()
    codes = {(code, row["hs_edition"]) for _, row in table.iterrows() for code in row["hs"].split()}
    assert [pair for pair in codes if not hs.exists(*pair)] == []


def test_every_measure_of_the_draft_is_there(shared):
    path = shared / "reference" / "unsc_dprk_hs_sanctions_DRAFT.csv"
    draft = pd.read_csv(path, dtype="str")
    ours = {
        flow: {code[:2] for cell in part["hs"] for code in cell.split()}
        for flow, part in sanctions._measures().groupby("flow")
    }
    for direction, codes in zip(draft["direction"], draft["hs"], strict=True):
        flow = "export" if direction == "DPRK_export" else "import"
        for code in codes.replace("/", ";").split(";"):
            first = code.split("-")[0][:2]
            assert first in ours[flow], (direction, code)
