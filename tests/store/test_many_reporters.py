"""Whoever declares trade with a country, fetched in months and in years, and never added up."""

import pandas as pd
import pytest

import nktrade as nk
from nktrade.errors import InputError, MixtureError, NktradeError
from nktrade.sources.comtrade_calls import plan_calls
from nktrade.sources.comtrade_service import Service
from nktrade.store import gaps
from nktrade.store.fetching import fetch_comtrade
from tests.comtrade_server import KEY, make_trade, serving


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("reporter", ["ALL", "CHN,RUS"])
def test_years_of_whoever_declares(tmp_path, key, reporter):
    with serving(make_trade(["1998", "2020"])) as server:
        service = Service(key, server.address, sleep=lambda seconds: None, clock=lambda: 0.0)
        store = tmp_path / "s"
        fetch_comtrade(store, [1998, 2020], reporter=reporter, yearly=True, service=service)
        assert {asked["path"].split("/")[-2] for asked in server.asked} == {"A"}
        assert all(("reporterCode" in asked) == (reporter != "ALL") for asked in server.asked)
        wanted = {at: sum(lines.values()) for at, lines in server.trade.items()}
    trade = nk.load(store)
    sums = trade.groupby([trade["period"].dt.year, "flow", "reporter"])["value"].sum()
    assert len(sums) == 8
    for (year, flow, _), value in sums.items():
        assert value == wanted[str(year), {"export": "X", "import": "M"}[flow]]
    assert gaps(store).empty
    with pytest.raises(NktradeError, match=r"CHN.*RUS"):
        nk.add_up(trade, "flow")


@pytest.mark.parametrize("year", [1998, 2020])
def test_months_of_whoever_declares_are_split_until_none_is_cut(tmp_path, year):
    with serving(make_trade([f"{year}06"], lines=400)) as server:
        service = Service(None, server.address, sleep=lambda seconds: None, clock=lambda: 0.0)
        fetch_comtrade(tmp_path / "s", [year], reporter="ALL", service=service)
    trade = nk.load(tmp_path / "s")
    assert trade.groupby(["reporter", "flow"]).size().tolist() == [400] * 4
    assert trade["period"].unique().tolist() == [pd.Timestamp(f"{year}-06-01")]


def test_what_cannot_be_asked():
    with pytest.raises(InputError, match="all reporters, or some of them"):
        plan_calls([2020], reporter="ALL,CHN")
    with pytest.raises(InputError, match="unknown country 'CNH'"):
        plan_calls([2020], reporter="CHN,CNH")


@pytest.mark.parametrize("other", ["2020", "2021"])
def test_a_year_is_not_read_as_a_month_of_others(tmp_path, other):
    """A year stands at its January: beside months of other years it would be taken for one."""
    with serving(make_trade(["2020", "202101", "202102"])) as server:
        service = Service(KEY, server.address, sleep=lambda seconds: None, clock=lambda: 0.0)
        fetch_comtrade(tmp_path / "s", [2020], yearly=True, service=service)
        fetch_comtrade(tmp_path / "s", [2021], service=service)
    with pytest.raises(
        MixtureError, match=r"a year be read as its January.*months in.*start=, end="
    ):
        nk.load(tmp_path / "s")
    months = nk.load(tmp_path / "s", start=other, end=other)["period"].dt.strftime("%Y%m")
    assert {*months} == {"2020": {"202001"}, "2021": {"202101", "202102"}}[other]
