"""Sums by class against numbers made by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from nktrade.codes.classes import classify
from nktrade.errors import InputError, MixtureError
from nktrade.measures import coverage, list_unmapped, sum_classes
from tests.making import make_trade
from tests.tables import random_trade


@pytest.fixture
def china():
    """Bricks, dolls' wigs, vaccines that HS2022 does not know, and toys, worked out by hand."""
    rows = [
        ("2022-03", "export", "690220", 4.0),
        ("2022-03", "export", "670300", 2.0),
        ("2022-04", "export", "670300", 3.0),
        ("2022-04", "export", "300220", 1.0),
        ("2022-04", "import", "670420", 7.0),
        ("2022-04", "import", "720211", 11.0),
    ]
    return make_trade(rows, hs_edition="HS2022")


def test_sums_by_class_by_hand(china):
    sums = sum_classes(china, "industry").set_index(["flow", "industry"])["value"]
    by_hand = {
        ("export", "others"): 4.0,
        ("export", "textile"): 5.0,
        ("import", "textile"): 7.0,
        ("import", "steel"): 11.0,
    }
    assert sums[sums.index.get_level_values(1).notna()].to_dict() == by_hand
    unclassed = sums[sums.index.get_level_values(1).isna()]
    assert unclassed.tolist() == [1.0]  # 300220 left the nomenclature in 2022
    chapters = sum_classes(china, "chapter", ["flow", "period"])
    april = chapters[(chapters["flow"] == "import") & (chapters["period"] == "2022-04-01")]
    assert dict(zip(april["chapter"], april["value"], strict=True)) == {"67": 7.0, "72": 11.0}


#: Classes of five goods, looked up by hand.
BY_HAND = {
    "industry": {"67030000": "textile", "67041100": "textile", "69021000": "others",
                 "69022000": "others", "01012100": "agriculture"},
    "chapter": {"67030000": "67", "67041100": "67", "69021000": "69", "69022000": "69",
                "01012100": "01"},
}  # fmt: skip


@pytest.mark.parametrize("system", BY_HAND)
@settings(deadline=None, max_examples=25)
@given(random_trade())
def test_sums_by_class_are_those_added_one_by_one(system, trade):
    """Added in whole dollars by a loop over rows, with classes that were looked up by hand."""
    wanted = {}
    for flow, code, value in zip(trade["flow"], trade["hs"], trade["value"], strict=True):
        key = flow, BY_HAND[system][code]
        wanted[key] = wanted.get(key, 0) + int(value)
    sums = sum_classes(trade, system).set_index(["flow", system])["value"]
    assert sums.to_dict() == wanted


def test_coverage_counts_every_line_once_and_names_what_has_no_class(china):
    table = coverage(classify(china[china["flow"] == "export"], "bec"))
    assert table["bec"].fillna("").tolist() == ["intermediate", ""]
    assert table["lines"].tolist() == [3, 1]
    assert table["codes"].tolist() == [2, 1]
    assert table["value_share"].tolist() == [0.9, 0.1]
    both = coverage(classify(china, "chapter"), "chapter").set_index(["flow", "chapter"])
    assert both.loc[("import", "67"), "value_share"] == pytest.approx(7 / 18)  # of its own flow
    with pytest.raises(InputError, match="Call classify"):
        coverage(china, "industry")


def test_what_has_no_class_is_listed_with_the_reason():
    rows = [("2022-04", "export", "300220", 1.0), ("2022-04", "export", "9018", 2.0)]
    bare = list_unmapped(make_trade(rows, hs_edition="HS2022"), "bec")
    assert bare[["hs", "reason", "value"]].to_numpy().tolist() == [
        ["9018", "short code over several classes", 2.0],
        ["300220", "not in its edition", 1.0],
    ]


def test_a_hidden_value_hides_the_class_and_every_share(china):
    hidden = china.assign(status="reported")
    hidden.loc[0, ["value", "status"]] = [np.nan, "suppressed"]
    sums = sum_classes(hidden, "industry").set_index(["flow", "industry"])["value"]
    assert np.isnan(sums[("export", "others")])
    assert sums[("export", "textile")] == 5.0
    covered = coverage(classify(hidden[hidden["flow"] == "export"], "industry"), "industry")
    assert covered["value_share"].isna().all()


def test_double_counting_is_refused_with_the_codes():
    months = pd.to_datetime(["2020-01-01", "2020-01-01", "2020-02-01"])
    trade = pd.DataFrame(
        {
            "period": months,
            "flow": "export",
            "hs": ["6902", "690220", "69022000"],
            "hs_edition": "HS2017",
            "value": [3.0, 3.0, 1.0],
        }
    )
    for refuse in (
        lambda: sum_classes(trade, "industry"),
        lambda: coverage(classify(trade, "industry"), "industry"),
    ):
        with pytest.raises(MixtureError, match="690220 is part of 6902"):
            refuse()
    apart = sum_classes(trade.iloc[[0, 2]], "industry", by=["period"])
    assert apart["value"].tolist() == [3.0, 1.0]
    two = trade.iloc[[0, 2]].assign(currency=["USD", "CNY"])
    with pytest.raises(MixtureError, match="currencies"):
        sum_classes(two, "industry")
