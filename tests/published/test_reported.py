"""Reported totals: against the list they were taken from, and against each other."""

import pandas as pd
import pytest

from nktrade.published import (
    load_exchange_rates,
    load_figures,
    load_monthly_rates,
    load_not_honoured,
    load_reported,
)
from nktrade.table.periods import parse_period
from nktrade.table.rates import by_month
from tools.derive_rates import average

UNITS = {"USD mn": ("USD", 1e6), "CNY mn": ("CNY", 1e6), "CNY": ("CNY", 1.0), "USD": ("USD", 1.0)}
#: China's exports are North Korea's imports.
SIDES = {
    "china_exports_to_dprk": "import",
    "china_imports_from_dprk": "export",
    "total": "total",
}


@pytest.fixture(scope="module")
def reported():
    return load_reported()


def test_form(reported):
    assert reported.index.tolist() == [f"reported:{n}" for n in range(1, len(reported) + 1)]
    assert set(reported["flow"]) == {"import", "export", "total"}
    assert set(reported["currency"]) == {"USD", "CNY"}
    assert set(reported["kind"]) == {"reported", "derived"}
    assert (reported["value"] > 0).all()
    assert (reported["half_unit"] > 0).all()
    assert (reported["half_unit"] < reported["value"]).all()
    assert (reported["source"].str.len() > 5).all()
    assert not reported["period"].map(parse_period).isna().any()


def test_a_reading_has_a_reason(reported):
    read = reported[reported["reading"].notna()]
    assert (read["reason"].str.len() > 20).all()
    assert (read["reading"] != read["value"]).all()


def test_nothing_is_said_twice_by_one_source(reported):
    assert not reported.duplicated(["period", "flow", "value", "currency", "source"]).any()


def test_every_total_of_the_list_is_here(reported, shared):
    """Each number of the list, on North Korea's side, in whole dollars or yuan."""
    listed = pd.read_csv(shared / "facts" / "reported_totals.csv", dtype="str")
    held = set(
        zip(
            reported["period"].map(lambda text: str(parse_period(text))),
            reported["flow"],
            reported["currency"],
            reported["value"].round(-1),
            strict=True,
        )
    )
    missing = []
    for _, row in listed.iterrows():
        period = str(parse_period(_write(row["period"])))
        currency, scale = UNITS[row["unit"]]
        for column, flow in SIDES.items():
            if pd.notna(row[column]):
                value = round(float(row[column].replace(",", "")) * scale, -1)
                if (period, flow, currency, value) not in held:
                    missing.append((period, flow, currency, value))
    assert missing == []


def _write(period: str) -> str:
    """``2017-01..09`` of the list is ``2017-01..2017-09`` here."""
    first, dots, last = period.partition("..")
    return f"{first}..{first[:5]}{last}" if dots and len(last) == 2 else period


def test_rates():
    rates = load_exchange_rates()
    assert set(rates.index) == {"2018", "2024", "2024-05"}
    assert rates["source"].str.contains("National Bureau of Statistics|customs").all()
    assert (rates["low"] < rates["cny_per_usd"]).all()
    assert (rates["cny_per_usd"] < rates["high"]).all()


def test_market_rates_of_months_are_near_those_that_customs_took():
    """Where a month is printed in dollars and in yuan, within the band of two percent and rounding.

    Since 2014 the market may move two percent from the central parity, which customs go by.
    """
    market, figures = load_monthly_rates()["cny_per_usd"], load_figures()
    one = figures[(figures["first"] == figures["last"]) & figures["subject"].eq("total")]
    one = one[one["measure"].eq("value") & one["honoured"] & one["qualifier"].eq("")]
    one = one[~one.index.isin(load_not_honoured().index)]
    both = one[one["unit"] == "CNY"].merge(one[one["unit"] == "USD"], on=["period", "flow"])
    both = both[(both["period"] >= "2018") & (both["low_y"] > 1e6)]
    rate = both["period"].map(market)
    assert len(both) >= 10
    assert (both["low_x"] / both["high_y"] <= rate * 1.02).all()
    assert (both["high_x"] / both["low_y"] >= rate * 0.98).all()
    assert len(by_month(load_monthly_rates())) == len(market)


def test_market_rates_are_the_mean_of_days():
    days = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-02-01"])
    daily = pd.DataFrame({"USD": [1.0, 1.25, 1.0], "CNY": [7.0, 8.875, 7.2]}, index=days)
    table = average(daily)
    assert table.loc["2024-01"].tolist() == [7.05, 7.0, 7.1, 2]
    assert table.index.tolist() == ["2024-01", "2024-02"]


def test_yuan_need_a_rate(reported):
    yuan = reported[(reported["currency"] == "CNY")]
    years = {str(parse_period(text).first.year) for text in yuan["period"]}
    assert {year for year in years if "2017" <= year <= "2024"} <= set(load_exchange_rates().index)
