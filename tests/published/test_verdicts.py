"""Verdicts on an estimate: what was put in proves nothing, what print allows does."""

import pandas as pd
import pytest

from nktrade import load, mirror
from nktrade.published import (
    AGREES,
    CIRCULAR,
    CORRECTED,
    COUNTS,
    DIFFERS,
    UNCHECKED,
    Interval,
    allow_by_prints,
    allow_by_set,
    compare,
    is_forecast,
    judge,
    load_documents,
    load_imposed,
)
from nktrade.published.verdicts import _judge_record, tell_room
from nktrade.render.outcome import VERDICTS
from nktrade.site import text
from tests.making import make_trade


@pytest.fixture(scope="module")
def panel():
    return compare(load_documents(), mirror(load())).table


def test_the_runner_and_the_site_know_the_same_words():
    assert set(VERDICTS) == set(COUNTS)
    assert text.VERDICTS == COUNTS


def test_what_was_imposed_never_agrees(panel):
    imposed = panel[panel.index.isin(load_imposed())]
    assert len(imposed) > 300
    # What is told of an imposed figure is that it is circular, or what its correction was.
    assert AGREES not in set(imposed.loc[imposed["unit"].str.contains("USD"), "verdict"])
    assert (panel["verdict"] == CIRCULAR).sum() > 250


def test_corrections_are_counted_apart(panel):
    corrected = panel[panel["verdict"] == CORRECTED]
    assert {"kiep2020h1:84", "kiep2023:79", "kiep2023:67"} <= set(corrected.index)
    assert (corrected["reading"].notna() | corrected["reason"].ne("")).all()


def test_a_printed_growth_is_judged_by_its_printed_levels(panel):
    assert panel.loc["kiep2020h1:124", "verdict"] == AGREES
    assert 2301.5 <= panel.loc["kiep2020h1:124", "computed"] <= 2302.5  # held to the rate as well
    assert "2269" in panel.loc["kiep2020h1:124", "reason"].replace(",", "")


def test_rates_on_records_are_judged_by_printed_levels_too():
    """The records give what the printed levels round to, and the rate was worked out from them."""
    figure = load_documents().loc["kiep2020h1:124"]
    now, then = (
        load_documents(code="2611", measure="value", period=period, flow="export")[
            "value_usd"
        ].iloc[0]
        for period in ("2018-H1", "2017-H1")
    )
    months = [f"{year}-0{month}" for year in (2017, 2018) for month in range(1, 7)]
    rows = [(month, "import", "26110000", 0.0) for month in months]
    rows += [("2017-06", "import", "26111000", then), ("2018-06", "import", "26111000", now)]
    found = compare(pd.DataFrame([figure]), mirror(make_trade(rows))).table.iloc[0]
    assert abs(found["computed"] - 2302) > 0.5
    assert found["verdict"] == AGREES


def test_a_forecast_is_not_agreed_with(panel):
    deficit = load_documents().loc["kiep2023:120"]
    assert is_forecast(deficit)
    assert panel.loc["kiep2023:120", "verdict"] == UNCHECKED
    assert "forecast" in panel.loc["kiep2023:120", "reason"].lower()
    assert not is_forecast(load_documents().loc["brown2020:4"])


def test_qualifiers_are_kept(panel):
    assert panel.loc["kiep2023:1", "qualifier"] == "above"
    shown = compare(load_documents("kiep2023", flow="total"), mirror(load()))._repr_mimebundle_()
    assert "more than 120" in shown["text/html"]


def test_intervals_are_judged_whole():
    figure = load_documents().loc["kiep2020h1:84"]  # 33.7, read 3.37
    assert judge(figure, Interval(33.66, 33.74)) == AGREES
    assert judge(figure, Interval(3.368, 3.372)) == CORRECTED
    assert judge(figure, Interval(3.0, 3.372)) == UNCHECKED
    assert judge(figure, Interval(5.0, 20.0)) == DIFFERS


def test_sums_and_balances_follow_from_their_flows():
    deficit = load_documents().loc["brown2020:11"]  # 18.9 less 1.9, printed 16.9
    room = allow_by_prints(deficit)
    assert (round(room.low, 6), round(room.high, 6)) == (-17.1, -16.9)


def test_the_set_answers_for_what_is_not_in_it():
    growth = allow_by_set("kiep2023:1")  # trade of 2023 grew by more than 120 %
    assert 120 < growth.low <= growth.high < 125
    assert allow_by_set("kiep2023:51") is None  # among the honoured figures
    assert allow_by_set("brown2020:24") is None  # floors of a flat


def test_a_year_that_was_not_over_when_it_was_printed_is_a_forecast():
    assert is_forecast({"document": "kiep2023", "period": "2020..2030"})
    assert not is_forecast({"document": "kiep2023", "period": "2019..2020"})


@pytest.mark.parametrize(
    ("room", "said"),
    [((5.0, float("inf")), "5 or more"), ((-float("inf"), 5.0), "5 or less"), ((5, 6), "5 to 6")],
)
def test_room_is_told_by_the_ends_it_has(room, said):
    assert tell_room(Interval(*room)) == said


def test_records_outside_what_prints_allow_are_judged_by_themselves():
    """The prints agree with one another; the records do not agree with them, and that stands."""
    figure = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    printed = figure["value"]
    allowed = Interval(0.99 * printed, 1.01 * printed)
    assert _judge_record(figure, 2 * printed, allowed).verdict == DIFFERS
    assert _judge_record(figure, printed, allowed).verdict == AGREES
