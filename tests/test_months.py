"""Months and their states: nothing unknown is bridged without a policy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from nktrade.errors import GapError, InputError
from nktrade.months import complete_months, monthly
from nktrade.trade import select
from tests.tables import make_trade, random_trade


def _states(table):
    return dict(zip(table["period"].dt.strftime("%Y-%m"), table["state"], strict=True))


def test_each_state_is_told_apart():
    trade = pd.concat(
        [
            make_trade(
                ("2019-12-01", "export", "6902", 4.0), ("2019-12-01", "export", "6704", 1.0)
            ),
            make_trade(("2020-02-01", "export", "6902", 9.0), status="combined"),
            make_trade(("2020-03-01", "export", "6704", 1.0)),
            make_trade(("2020-04-01", "export", "6902", np.nan), status="suppressed"),
            make_trade(("2020-06-01", "export", "6902", 3.0), status="estimated"),
        ],
        ignore_index=True,
    )
    bricks = monthly(select(trade, hs="6902"), coverage=trade, end="2020-07")
    assert _states(bricks) == {
        "2019-12": "reported",
        "2020-01": "combined",
        "2020-02": "combined",
        "2020-03": "reported zero",
        "2020-04": "suppressed",
        "2020-05": "absent",
        "2020-06": "estimated",
        "2020-07": "absent",
    }
    values = bricks["value"].tolist()
    assert values[0] == 4.0
    assert np.isnan(values[1])
    assert values[2] == 9.0
    assert values[3] == 0.0
    assert np.isnan(values[4])
    assert np.isnan(values[5])


def test_without_the_table_it_came_from_a_missing_month_is_absent_not_zero():
    bricks = make_trade(
        ("2020-01-01", "export", "6902", 4.0), ("2020-03-01", "export", "6902", 1.0)
    )
    assert _states(monthly(bricks))["2020-02"] == "absent"


def test_a_gap_is_refused_unless_a_policy_is_named():
    gappy = monthly(
        make_trade(("2020-01-01", "export", "6902", 4.0), ("2020-03-01", "export", "6902", 1.0))
    )
    with pytest.raises(GapError, match=r"1 month is absent; got 2020-02.*Name a policy"):
        complete_months(gappy)
    assert complete_months(gappy, "zero")["value"].tolist() == [4.0, 0.0, 1.0]
    assert np.isnan(complete_months(gappy, "leave")["value"].iloc[1])
    with pytest.raises(GapError):
        complete_months(gappy, "split")
    with pytest.raises(InputError, match="Did you mean 'split'"):
        complete_months(gappy, "splitt")


def test_a_combined_release_is_split_by_days_and_marked():
    trade = pd.concat(
        [
            make_trade(("2020-02-01", "export", "6902", 60.0), status="combined"),
            make_trade(("2020-03-01", "export", "6902", 1.0)),
        ],
        ignore_index=True,
    )
    table = monthly(trade)
    with pytest.raises(GapError, match="combined"):
        complete_months(table)
    done = complete_months(table, "split")
    assert done["value"].tolist() == pytest.approx([31.0, 29.0, 1.0])
    assert done["state"].tolist() == ["estimated", "estimated", "reported"]
    assert table["state"].tolist() == ["combined", "combined", "reported"]


@given(random_trade())
def test_sums_are_conserved_by_adding_and_by_splitting(trade):
    # A combined release stands at February, and nothing stands at January.
    trade = trade[trade["period"].dt.month != 1]
    if trade.empty:
        return
    february = trade["period"].dt.month == 2
    trade = trade.assign(status=february.map({True: "combined", False: "reported"}))
    table = monthly(trade)
    assert table["value"].sum() == pytest.approx(trade["value"].sum())
    if (table["state"] == "absent").any():
        return
    assert complete_months(table, "split")["value"].sum() == pytest.approx(trade["value"].sum())


def test_an_empty_table_has_no_months():
    with pytest.raises(GapError, match="no rows"):
        monthly(make_trade(("2020-01-01", "export", "6902", 4.0)).iloc[:0])
