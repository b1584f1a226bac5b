"""The Security Council's measures: what they cover when, and that the list holds together."""

import pandas as pd
import pytest

from nktrade import codes as hs
from nktrade.codes import classes, sanctions
from nktrade.errors import InputError


def test_sanctions_by_code_flow_and_date():
    coal = classes.sanctions("2701", flow="export")
    assert coal["id"].tolist() == ["2270-29", "2321-26", "2371-8"]
    assert classes.sanctions("2701", "export", on="2017-07")["id"].tolist() == ["2321-26"]
    assert classes.sanctions("2701", "export", on="2018")["id"].tolist() == ["2371-8"]
    assert classes.sanctions("2701", "export", on="2016-02").empty
    pump = classes.sanctions("84137090", flow="import", on="2018-01")
    assert pump[["id", "code_printed", "covers"]].to_numpy().tolist() == [["2397-7a", "yes", "all"]]
    silver = classes.sanctions("2616", flow="export")
    assert silver[["id", "covers"]].to_numpy().tolist() == [["2321-28", "part"]]
    for free in ("6704", "2611", "2613", "2716", "9108"):
        assert classes.sanctions(free).empty, free
    with pytest.raises(InputError, match="Did you mean 'export'"):
        classes.sanctions("2701", flow="exports")


def test_sanctions_dates_and_codes_hold_together():
    table = sanctions._measures()
    assert table["id"].is_unique
    assert table["flow"].isin(["export", "import"]).all()
    assert set(table.loc[table["code_printed"] == "yes", "resolution"]) == {"2397"}
    assert not (table["effective"] < table["adopted"]).any()
    assert not (table["wind_down_end"] <= table["effective"]).any()
    assert not (table["ended"] <= table["effective"]).any()
    days = (table["wind_down_end"] - table["adopted"]).dt.days
    assert set(days.dropna()) == {30, 90}
    codes = {code for cell in table["hs"] for code in cell.split()}
    assert all(hs.exists(code, "HS2017") for code in codes)


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
