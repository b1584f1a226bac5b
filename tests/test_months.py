"""States of months, and what each policy makes of them."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import GapError, InputError
from nktrade.months import POLICIES, check_every_month, complete_months, monthly
from nktrade.trade import select
from tests.making import make_monthly, make_trade


def states(table: pd.DataFrame, **where) -> dict[str, str]:
    for column, value in where.items():
        table = table[table[column] == value]
    return dict(zip(table["period"].dt.strftime("%Y-%m"), table["state"], strict=True))


@pytest.fixture
def china():
    """Bricks in January, a declared zero in March, hair only in February; nothing in April."""
    return make_trade(
        [
            ("2021-01", "export", "69021000", 10.0),
            ("2021-01", "export", "69022000", 2.0),
            ("2021-02", "export", "67030000", 5.0),
            ("2021-03", "export", "69021000", 0.0),
            ("2021-05", "export", "69021000", 7.0),
        ]
    )


def test_reported_zero_is_not_absence(china):
    bricks = select(china, hs="6902")
    table = monthly(bricks, coverage=china)
    assert states(table) == {
        "2021-01": "reported",
        "2021-02": "reported zero",  # other goods came, no bricks did
        "2021-03": "reported",
        "2021-04": "absent",
        "2021-05": "reported",
    }
    assert table["value"].fillna(-1).tolist() == [12, 0, 0, -1, 7]
    assert states(monthly(bricks))["2021-02"] == "absent"  # without coverage nobody can know


def test_window_may_be_wider_than_the_data(china):
    table = monthly(china, start="2020-11", end="2021-H1")
    assert len(table) == 8
    assert states(table)["2020-11"] == "absent"
    assert states(table)["2021-06"] == "absent"


def test_combined_release():
    trade = make_trade(
        [("2020-02", "export", "69021000", 60.0), ("2020-03", "export", "69021000", 1.0)]
    )
    trade["status"] = ["combined", "reported"]
    table = monthly(trade)
    assert states(table) == {"2020-01": "combined", "2020-02": "combined", "2020-03": "reported"}
    assert table["value"].isna().tolist() == [True, False, False]
    done = complete_months(table, "split")
    assert done["value"].tolist() == pytest.approx([31.0, 29.0, 1.0])  # 2020 was a leap year
    assert done["state"].tolist() == ["estimated", "estimated", "reported"]


def test_combined_zero_of_one_code():
    trade = make_trade(
        [("2020-02", "export", "69021000", 60.0), ("2020-03", "export", "67030000", 1.0)]
    )
    trade["status"] = ["combined", "reported"]
    table = monthly(trade, "hs")
    hair = table[table["hs"] == "67030000"]
    assert hair["state"].tolist() == ["combined", "combined", "reported"]
    assert hair["value"].iloc[1:].tolist() == [0.0, 1.0]
    assert complete_months(table, "split")["value"].sum() == pytest.approx(61)


def test_suppressed_is_neither_zero_nor_absent():
    trade = make_trade([("2021-01", "export", "69021000", 4.0)] * 1)
    hidden = make_trade([("2021-02", "export", "69021000", 0.0)]).assign(
        value=np.nan, status="suppressed"
    )
    other = make_trade([("2021-02", "export", "67030000", 3.0)])
    table = monthly(pd.concat([trade, hidden, other], ignore_index=True), "hs")
    assert states(table, hs="69021000")["2021-02"] == "suppressed"
    assert states(table, hs="67030000") == {"2021-01": "reported zero", "2021-02": "reported"}
    total = monthly(pd.concat([trade, hidden, other], ignore_index=True))
    assert states(total)["2021-02"] == "suppressed"
    assert total["value"].isna().tolist() == [False, True]  # never the sum of what is left


def test_a_code_without_rows_is_zero_where_another_is_suppressed():
    hidden = make_trade([("2021-02", "export", "69021000", 0.0)]).assign(
        value=np.nan, status="suppressed"
    )
    rest = make_trade(
        [("2021-01", "export", "67030000", 3.0), ("2021-01", "export", "69021000", 3.0)]
    )
    table = monthly(pd.concat([hidden, rest], ignore_index=True), "hs")
    assert states(table, hs="67030000")["2021-02"] == "reported zero"


def test_suppressed_inside_a_combined_release_is_not_zero():
    trade = make_trade(
        [("2020-02", "export", "69021000", 1.0), ("2020-02", "export", "67030000", 3.0)]
    )
    trade["status"] = ["suppressed", "combined"]
    trade.loc[0, "value"] = np.nan
    table = monthly(trade, "hs", end="2020-02")
    assert states(table, hs="69021000")["2020-02"] == "suppressed"
    assert table.loc[table["hs"] == "69021000", "value"].isna().all()
    with pytest.raises(GapError, match="2020-0"):
        complete_months(table, "split")


def test_estimates_say_so(china):
    table = monthly(china.assign(status="estimated"), end="2021-03")
    assert set(table["state"]) == {"estimated"}


def test_nothing_to_add_up(china):
    with pytest.raises(GapError, match="no rows"):
        monthly(china.iloc[:0])


def test_flows_are_never_added_together():
    trade = make_trade([("2021-01", "export", "6902", 4.0), ("2021-01", "import", "6902", 1.0)])
    assert monthly(trade)["value"].tolist() == [4.0, 1.0]


# --- policies --------------------------------------------------------------------------------


@pytest.fixture
def gappy():
    table = make_monthly([np.nan, 59.0, 4.0, np.nan, np.nan, 6.0], "2021-01")
    return table.assign(
        state=["combined", "combined", "reported", "absent", "suppressed", "reported"]
    )


def test_refuse_names_the_months(gappy):
    with pytest.raises(GapError, match=r"4 months are .*2021-01, 2021-02, 2021-04, 2021-05"):
        complete_months(gappy)
    assert complete_months(gappy.iloc[[2, 5]])["value"].tolist() == [4, 6]


def test_leave_leaves(gappy):
    pd.testing.assert_frame_equal(complete_months(gappy, "leave"), gappy)


def test_zero_fills_absence_and_nothing_else(gappy):
    with pytest.raises(GapError, match="2021-01, 2021-05"):
        complete_months(gappy, "zero")
    absent = gappy.iloc[2:4]
    assert complete_months(absent, "zero")["value"].tolist() == [4.0, 0.0]


def test_split_settles_releases_and_nothing_else(gappy):
    with pytest.raises(GapError, match="2021-04, 2021-05"):
        complete_months(gappy, "split")
    done = complete_months(gappy.iloc[:3], "split")
    assert done["value"].tolist() == pytest.approx([31.0, 28.0, 4.0])


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_leave_the_table_alone(policy, gappy):
    before = gappy.copy()
    with contextlib.suppress(GapError):
        complete_months(gappy, policy)
    pd.testing.assert_frame_equal(gappy, before)


def test_unknown_policy():
    with pytest.raises(InputError, match="Did you mean 'split'"):
        complete_months(make_monthly([1.0]), "splitt")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(2017, 2024),
            st.sampled_from(["export", "import"]),
            st.sampled_from(["69021000", "67030000", "30045000"]),
            st.floats(0, 1e11),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda row: row[:3],
    )
)
def test_split_conserves_the_sum(rows):
    """Whatever was released together, by flow and code, is shared out to the last cent."""
    trade = make_trade([(f"{year}-02", *rest) for year, *rest in rows], status="combined")
    table = monthly(trade, "hs")
    winter = table[table["state"] == "combined"]
    done = complete_months(winter, "split")
    known = winter.dropna(subset="value")
    assert done["value"].sum() == pytest.approx(trade["value"].sum())
    assert set(done["state"]) == {"estimated"}
    for (flow, hs, year), part in done.groupby(["flow", "hs", done["period"].dt.year]):
        release = known[
            (known["flow"] == flow) & (known["hs"] == hs) & (known["period"].dt.year == year)
        ]
        assert len(part) == 2
        assert part["value"].sum() == pytest.approx(release["value"].sum())


def test_dropped_months_are_seen():
    table = make_monthly([1.0, 2.0, 3.0, 4.0])
    check_every_month(table)
    with pytest.raises(GapError, match="before 2017-03"):
        check_every_month(table.drop(index=1))
    with pytest.raises(GapError):
        check_every_month(table.iloc[::-1])
    two = pd.concat([table, table.assign(flow="export")])
    check_every_month(two, ["flow"])
