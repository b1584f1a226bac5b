"""Composition areas and rank charts."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.charts import Chart, draw_composition, draw_ranks
from nktrade.charts.composition import REST, stack_parts
from nktrade.errors import MixtureError


def parts(n=12, months=6):
    periods = pd.date_range("2019-01-01", periods=months, freq="MS")
    return pd.DataFrame(
        [(p, f"part{i}", float(i + 1)) for p in periods for i in range(n)],
        columns=["period", "part", "value"],
    )


def test_small_parts_are_added_up_last():
    wide = stack_parts(parts(), "part", keep=7)
    assert list(wide.columns[:2]) == ["part11", "part10"]
    assert wide.columns[-1] == REST
    assert wide[REST].iloc[0] == 1 + 2 + 3 + 4 + 5


def test_an_unknown_period_stays_a_gap_and_is_not_bridged():
    table = parts(3)
    table.loc[table["period"] == "2019-03-01", "value"] = float("nan")
    assert stack_parts(table, "part", 7).loc["2019-03-01"].isna().all()
    chart = draw_composition(table, "A finding", "Source: test.", by="part")
    areas = chart.figure.axes[0].collections
    drawn = [a for a in areas if len(a.get_paths()) and len(a.get_paths()[0].vertices)]
    assert len(drawn) == 6  # three parts before the gap, three after


@given(st.integers(1, 12), st.integers(1, 12))
def test_stacking_loses_nothing(n, keep):
    table = parts(n)
    wide = stack_parts(table, "part", keep)
    assert wide.sum().sum() == pytest.approx(table["value"].sum())


def test_composition_says_its_ends_in_words_and_names_parts():
    names = {"part2": "the largest"}
    chart = draw_composition(parts(3), "A finding", "Source: test.", by="part", names=names)
    assert isinstance(chart, Chart)
    assert "the largest 50 to 50" in chart.alt
    assert chart.figure.axes[0].get_ylim() == (0, 100)


def test_ranks_hold_the_first_on_top_and_list_who_left():
    rows = [("2019", "a", 1), ("2019", "b", 2), ("2020", "a", 2), ("2020", "c", 1)]
    table = pd.DataFrame(rows, columns=["period", "item", "rank"])
    chart = draw_ranks(table, "A finding", "Source: test.", by="item", names={"c": "coal"}, top=2)
    low, high = chart.figure.axes[0].get_ylim()
    assert low > high
    assert "coal: below, 1" in chart.alt
    said = [text.get_text() for text in chart.figure.axes[0].texts]
    assert {"left: b", "coal"} <= set(said)


def test_one_period_is_drawn():
    table = pd.DataFrame({"period": ["2020"], "item": ["a"], "rank": [1]})
    assert draw_ranks(table, "A finding", "Source: test.", by="item").alt
    assert draw_composition(parts(2, 1), "A finding", "Source: test.", by="part").alt


@pytest.mark.parametrize("column", ["flow", "partner", "currency"])
def test_what_cannot_be_added_is_not_stacked(column):
    words = {"flow": ["export", "import"], "partner": ["CHN", "RUS"], "currency": ["USD", "CNY"]}
    table = parts(2, 2).assign(**{column: words[column] * 2})
    with pytest.raises(MixtureError, match=column):
        draw_composition(table, "Parts", "By hand", by="part")
    if column != "currency":
        draw_composition(table, "Parts", "By hand", by=column)
