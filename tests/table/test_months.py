"""States of months, and what each policy makes of them."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nktrade as nk
from nktrade.errors import GapError, InputError
from nktrade.table.completing import POLICIES, check_every_month, complete_months
from nktrade.table.months import check_window, monthly
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_trade
from nktrade.table.selecting import select
from nktrade.table.whole_periods import find_whole
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
    with pytest.raises(GapError, match="2021-01, 2021-02, 2021-05"):
        complete_months(gappy, "zero")
    absent = gappy.iloc[2:4]
    assert complete_months(absent, "zero")["value"].tolist() == [4.0, 0.0]


def test_a_month_that_a_policy_put_in_is_known_by_the_policy_alone():
    trade = make_trade(
        [(f"2021-{month:02d}", "import", "67030000", 5.0) for month in (3, 4, 6)], status="reported"
    )
    table = complete_months(monthly(trade), "zero").set_index(monthly(trade)["period"])
    may = table.loc["2021-05-01"]
    assert may[["value", "low", "high", "support"]].tolist() == [0.0, 0.0, np.inf, "assumed"]
    assert table["support"].tolist() == ["recorded", "recorded", "assumed", "recorded"]


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
    assert set(done["support"]) == {"assumed"}  # the rule alone says how much in which month
    assert (done["low"] == 0).all()
    assert (done["high"] >= done["value"] - 1e-6).all()
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


# --- releases, coverage and windows ----------------------------------------------------------


def test_a_split_keeps_to_what_was_printed_of_january_later():
    """Asia Economy, 18 April 2021: 186.851 million USD in January 2020, 10.345 in February."""
    imports = nk.load(flow="import", view="PRK", start="2019-12", end="2020-03")
    months = complete_months(monthly(imports), "split").set_index("period")
    winter = months.loc["2020-01-01":"2020-02-01"]
    assert winter["value"].tolist() == pytest.approx([186_851_000, 10_345_000], abs=1000)
    assert winter["support"].tolist() == ["printed", "printed"]
    assert (months["low"] <= months["value"]).all()
    assert (months["value"] <= months["high"]).all()
    release = monthly(imports).set_index("period")["value"]
    assert winter["value"].sum() == pytest.approx(release["2020-02-01"])


@pytest.mark.parametrize("by", ["heading", "province", "chapter"])
def test_every_month_that_is_put_in_lies_between_its_own_ends(by):
    trade = nk.load(view="PRK", start="2019-11", end="2020-04")
    digits = {"chapter": 2, "heading": 4}
    if by in digits:
        trade = trade.assign(**{by: trade["hs"].str[: digits[by]]})
    months = complete_months(monthly(trade, by), "split")
    winter = months[months["period"].between("2020-01-01", "2020-02-01")]
    assert len(winter) > 40
    assert (winter["low"] - 1 <= winter["value"]).all()
    assert (winter["value"] <= winter["high"] + 1).all()


def test_a_split_never_overwrites_a_january():
    table = make_monthly([10.0, 60.0, 1.0], "2020-01")
    table["state"] = ["reported", "combined", "reported"]
    with pytest.raises(GapError, match=r"January has a value of its own.*2020-01"):
        complete_months(table, "split")
    table["state"] = ["combined", "combined", "reported"]
    with pytest.raises(GapError, match="value of its own"):
        complete_months(table, "split")
    table.loc[0, "value"] = np.nan
    assert complete_months(table, "split")["value"].tolist() == pytest.approx([31, 29, 1])


def test_a_split_keeps_the_index_and_groups_apart():
    one = make_monthly([np.nan, 60.0], "2020-01").assign(state="combined", hs="6902")
    two = one.assign(hs="6703", value=[np.nan, 0.0])
    table = pd.concat([one, two]).assign(year_to_date=[np.nan, 60.0, np.nan, 0.0])
    table.index = [7, 3, 9, 3]
    done = complete_months(table, "split")
    assert done.index.tolist() == [7, 3, 9, 3]
    assert done["value"].tolist() == pytest.approx([31, 29, 0, 0])


def test_zero_does_not_take_a_release_for_a_month():
    table = make_monthly([60.0, 1.0], "2020-02").assign(state=["combined", "reported"])
    with pytest.raises(GapError, match="2020-02"):
        complete_months(table, "zero")


def test_a_zero_of_estimated_data_is_an_estimate(china):
    panel = china.assign(status="estimated")
    table = monthly(select(panel, hs="6902"), coverage=panel, end="2021-02")
    assert states(table) == {"2021-01": "estimated", "2021-02": "estimated"}
    assert table["value"].tolist() == [12.0, 0.0]


def test_another_declarers_rows_prove_no_zero():
    from nktrade.table.mirrors import mirror

    china = make_trade([("2021-01", "export", "6902", 1.0), ("2021-02", "export", "6902", 2.0)])
    russia = make_trade([("2021-01", "export", "2710", 4.0)], reporter="RUS")
    both = pd.concat([china, russia], ignore_index=True)
    table = monthly(both, "reporter")
    assert states(table, reporter="RUS") == {"2021-01": "reported", "2021-02": "absent"}
    assert np.isnan(table["value"].iloc[-1])
    for side in ("partner", "declared_by"):
        turned = monthly(mirror(both), side)
        assert states(turned, **{side: "RUS"})["2021-02"] == "absent"
        assert states(turned, **{side: "CHN"})["2021-02"] == "reported"


def test_months_that_run_backwards_are_refused(china):
    with pytest.raises(InputError, match="run backwards; got start 2021-05, end 2021-01"):
        monthly(china, start="2021-05", end="2021-01")
    with pytest.raises(GapError, match="2021-01 to 2021-05"):
        monthly(china, start="2022-01")


def test_flow_may_be_named_too(china):
    pd.testing.assert_frame_equal(monthly(china, ["flow", "hs"]), monthly(china, "hs"))


MONTHS = pd.date_range("2019-01-01", "2021-12-01", freq="MS").strftime("%Y-%m").tolist()


@st.composite
def releases(draw):
    """A few rows of three years of which some Februaries are combined and some values hidden."""
    cells = draw(
        st.lists(
            st.tuples(
                st.sampled_from(MONTHS),
                st.sampled_from(["export", "import"]),
                st.sampled_from(["69021000", "67030000"]),
            ),
            min_size=1,
            max_size=30,
            unique=True,
        )
    )
    years = draw(st.sets(st.sampled_from(["2019", "2020", "2021"])))
    cells = [cell for cell in cells if not (cell[0][5:] == "01" and cell[0][:4] in years)]
    if not cells:
        cells = [("2019-03", "export", "69021000")]
    table = make_trade([(*cell, draw(st.integers(0, 1000))) for cell in cells])
    february = (table["period"].dt.month == 2) & table["period"].dt.year.astype(str).isin(years)
    hidden = pd.Series([draw(st.integers(0, 9)) == 0 for _ in cells])
    status = np.select([hidden, february], ["suppressed", "combined"], "reported")
    return table.assign(status=status, value=table["value"].mask(hidden))


@settings(max_examples=150, deadline=None)
@given(releases(), st.sampled_from([(), "hs"]))
def test_months_hold_every_value_once_and_know_what_they_do_not(trade, by):
    table = monthly(trade, by, start="2019-01", end="2021-12")
    assert len(table) == 36 * len(trade[["flow", *([by] if by else [])]].drop_duplicates())
    hidden = trade["status"] == "suppressed"
    assert (table["state"] == "suppressed").any() == hidden.any()
    keys = ["flow", "period", *([by] if by else [])]
    lost = trade.loc[hidden, keys].drop_duplicates()
    known = trade.merge(lost, how="left", indicator="lost").query("lost == 'left_only'")
    assert table["value"].sum() == pytest.approx(known["value"].sum())
    unknown = table["state"].isin(["absent", "suppressed"])
    january = (table["state"] == "combined") & (table["period"].dt.month == 1)
    assert (table["value"].isna() == (unknown | january)).all()
    assert (table.loc[table["state"] == "reported zero", "value"] == 0).all()


@settings(max_examples=150, deadline=None)
@given(releases(), st.sampled_from(["leave", "zero", "split", "refuse"]))
def test_no_policy_loses_value_or_passes_an_unsettled_month(trade, policy):
    table = monthly(trade, "hs", start="2019-01", end="2021-12")
    try:
        done = complete_months(table, policy)
    except GapError:
        assert table["state"].isin(["absent", "suppressed", "combined"]).any()
        return
    assert done["value"].sum() == pytest.approx(table["value"].sum())
    if policy != "leave":
        assert done["value"].notna().all()
        assert not done["state"].isin(["combined", "suppressed"]).any()


def test_a_policy_needs_a_monthly_table(china):
    with pytest.raises(InputError, match=r"no column 'state'.*Call monthly"):
        complete_months(china)


def test_periods_are_chosen_only_if_every_month_is_covered():
    rows = [(f"2020-{m:02d}", "export", "69021000", 1.0) for m in range(1, 13) if m != 9]
    trade = make_trade(rows)
    assert find_whole(trade, ["2020", "2020-H1", "2020-Q4"]) == ["2020-H1", "2020-Q4"]
    assert find_whole(trade, ["2019"]) == []


def test_a_combined_release_serves_only_periods_with_both_months():
    rows = [(f"2020-{m:02d}", "export", "69021000", 1.0) for m in range(2, 7)]
    trade = make_trade(rows)
    trade.loc[trade["period"] == "2020-02-01", "status"] = "combined"
    assert find_whole(trade, ["2020-H1", "2020-01", "2020-02", "2020-03"]) == [
        "2020-H1",
        "2020-03",
    ]


def test_only_january_and_february_are_released_together():
    """February and March of one year are two months, whatever stands beside them."""
    rows = [("2020-02", "export", "6902", 60.0), ("2020-03", "export", "6902", 31.0)]
    trade = make_trade(rows).assign(status=["combined", "reported"])
    assert select(trade, period="2020-03")["value"].tolist() == [31.0]
    check_window(trade, parse_period("2020-03"))
    for cut in ("2020-01", "2020-02", "2020-02..2020-03"):
        with pytest.raises(GapError, match="January and February 2020"):
            check_window(trade, parse_period(cut))
    done = complete_months(monthly(trade), "split")
    assert done["value"].tolist() == pytest.approx([31.0, 29.0, 31.0])
    frame = trade.assign(status="reported").drop(columns="status").assign(status="combined")
    with pytest.raises(InputError, match=r"combined release of another month.*got '?2020-03"):
        check_trade(frame)
