"""The one place where money is added, against sums worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import MixtureError
from nktrade.table.addition import check_addable, sum_rows
from nktrade.table.mirrors import mirror
from tests.making import make_trade


@pytest.fixture
def china():
    rows = [
        ("2020-03", "export", "690220", 10.0),
        ("2020-04", "export", "690220", 30.0),
        ("2020-04", "export", "670300", 5.0),
    ]
    return make_trade(rows)


def only(table, **asked):
    sums = sum_rows(table, **asked)
    assert len(sums) == 1
    return sums.iloc[0]


def test_one_hidden_value_leaves_the_least_and_no_most(china):
    hidden = china.assign(status="reported")
    hidden.loc[2, ["value", "status"]] = [np.nan, "suppressed"]
    total = only(hidden)
    assert np.isnan(total["value"])
    assert (total["low"], total["high"], total["support"]) == (40.0, np.inf, "bounded")
    assert total["state"] == "suppressed"


def test_one_estimate_makes_an_estimate_and_a_hidden_value_hides_it(china):
    guessed = china.assign(status=["reported", "estimated", "reported"])
    assert only(guessed)["state"] == "estimated"
    assert only(guessed)["value"] == 45.0
    hidden = guessed.assign(status=["reported", "estimated", "suppressed"])
    hidden.loc[2, "value"] = np.nan
    assert only(hidden)["state"] == "suppressed"


def test_what_is_in_no_class_is_a_group_of_its_own(china):
    sums = sum_rows(china.assign(kind=["a", None, "a"]), "kind")
    assert sums["kind"].fillna("none").tolist() == ["a", "none"]
    assert sums["value"].tolist() == [15.0, 30.0]


def test_a_unit_is_said_only_if_all_that_counts_says_it(china):
    counted = china.assign(quantity=2.0, unit="kg")
    assert only(counted)[["quantity", "unit"]].tolist() == [6.0, "kg"]
    lacking = only(counted.assign(unit=["kg", None, "kg"]))
    assert lacking[["quantity", "unit"]].isna().all()
    nothing = counted.assign(value=[0.0, 30.0, 5.0], quantity=[np.nan, 2, 2], unit=[None, *"KK"])
    assert only(nothing)[["quantity", "unit"]].tolist() == [4.0, "K"]  # no trade has no unit
    counts = counted.assign(value=[0.0, 30.0, 5.0], unit=[None, *"KK"])
    assert only(counts)[["quantity", "unit"]].isna().all()


def test_one_row_that_is_mirrored_is_not_added_to_others(china):
    both = pd.concat([china.iloc[:2], mirror(china.iloc[2:])], ignore_index=True)
    both["reporter"], both["partner"], both["flow"] = "CHN", "PRK", "export"
    with pytest.raises(MixtureError, match="mirrored rows stand beside"):
        sum_rows(both)


def test_an_estimated_release_beside_its_january_is_refused():
    rows = [("2020-01", "export", "6902", 1.0), ("2020-02", "export", "6703", 2.0)]
    table = make_trade(rows).assign(status=["reported", "combined, estimated"])
    with pytest.raises(MixtureError, match="January is there by itself"):
        sum_rows(table)
    other = table.assign(partner=["RUS", "PRK"])  # another partner's January is in no release
    assert only(other, across="partner")["value"] == 3.0


def test_what_may_be_added_across_is_said_one_by_one(china):
    two = china.assign(flow=["export", "import", "export"], partner=["PRK", "PRK", "RUS"])
    for across, noun in (((), "flows"), ("flow", "partners"), ("partner", "flows")):
        with pytest.raises(MixtureError, match=f"rows of different {noun}"):
            sum_rows(two, across=across)
    assert only(two, across=("flow", "partner"))["value"] == 45.0
    assert sum_rows(two, ["flow", "partner"])["value"].tolist() == [10.0, 5.0, 30.0]


def test_the_world_stands_beside_nobody_on_either_side(china):
    for side in ("partner", "reporter"):
        for across in ((), side):
            with pytest.raises(MixtureError, match="the world stands beside"):
                sum_rows(china.assign(**{side: ["WLD", "RUS", "RUS"]}), across=across)


def test_rows_all_of_one_breakdown_are_added_whatever_else_they_say():
    check_addable(pd.DataFrame({"value": [1.0, 2.0], "province": ["21", "22"]}))
    one = pd.DataFrame({"value": [1.0, 2.0, 3.0], "province": ["21", None, None]})
    with pytest.raises(MixtureError, match="breakdowns"):
        check_addable(one)
