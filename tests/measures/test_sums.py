"""Measures worked out by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nktrade as nk
from nktrade.errors import GapError, InputError, MixtureError, UnanswerableError
from nktrade.measures import (
    accumulate_year,
    add_up,
    compare_periods,
    compute_balance,
    compute_concentration,
    compute_contributions,
    compute_growth,
    compute_recovery,
    compute_shares,
    keep_largest,
    rank_items,
)
from nktrade.table.months import monthly
from tests.making import make_monthly, make_trade


@pytest.fixture
def china():
    return make_trade(
        [
            ("2020-01", "export", "69021000", 10.0),
            ("2020-02", "export", "69021000", 30.0),
            ("2020-02", "export", "67030000", 60.0),
            ("2020-07", "export", "67030000", 100.0),
            ("2020-07", "import", "67042000", 25.0),
        ]
    )


# --- sums over windows -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "total", "rows"),
    [
        ("2020-H1", 100.0, 3),
        ("2020-02", 90.0, 2),
        ("2020-01..2020-07", 225.0, 5),
        ("2020", 225.0, 5),
        ("2020-H2", 125.0, 2),
    ],
)
def test_any_window(china, period, total, rows):
    sums = add_up(china, period=period, across="flow")
    assert sums["value"].tolist() == [total]
    assert sums["rows"].tolist() == [rows]


def test_sums_by(china):
    sums = add_up(china, ["flow", "hs"], period="2020").set_index(["flow", "hs"])
    assert sums.loc[("export", "69021000"), "value"] == 40
    assert sums["rows"].sum() == 5
    assert add_up(china, "flow")["value"].tolist() == [200.0, 25.0]


def test_empty_window_adds_up_to_nothing(china):
    sums = add_up(china, period="2019")
    assert sums["value"].tolist() == [0.0]
    assert sums["rows"].tolist() == [0]
    assert add_up(china, "hs", period="2019").empty


def test_hidden_value_hides_the_sum(china):
    hidden = china.assign(status="reported")
    hidden.loc[2, ["value", "status"]] = [np.nan, "suppressed"]
    assert add_up(hidden, period="2020-02")["value"].isna().all()
    by_code = add_up(hidden, "hs", period="2020-02").set_index("hs")["value"]
    assert by_code["69021000"] == 30
    assert np.isnan(by_code["67030000"])
    side = compare_periods(hidden, "hs", ["2020-02", "2020-07"])
    assert np.isnan(side.loc["67030000", "2020-02"])
    assert side.loc["69021000", "2020-07"] == 0


def test_quantities_add_up_only_in_one_unit(china):
    counted = china.assign(quantity=1.0, unit="kg")
    for table, quantity in (
        (counted, 5.0),
        (counted.assign(unit=["kg"] * 4 + ["No"]), np.nan),
        (counted.assign(quantity=[1, 1, np.nan, 1, 1]), np.nan),
        (counted.assign(unit=np.nan), np.nan),
        (counted.assign(unit=["kg", "kg", None, "kg", "kg"]), np.nan),  # a quantity of what?
        (counted.assign(value=[0.0, 1, 1, 1, 1], quantity=[np.nan, 1, 1, 1, 1]), 4.0),
    ):
        found = add_up(table, across="flow")["quantity"].tolist()
        assert found == pytest.approx([quantity], nan_ok=True)


# --- growth and year to date -----------------------------------------------------------------


def test_growth_on_the_same_month_a_year_before():
    table = compute_growth(make_monthly([100.0] * 12 + [150.0, 50.0]))
    assert table["growth"].iloc[:12].isna().all()
    assert table["growth"].iloc[12:].tolist() == pytest.approx([50.0, -50.0])


def test_growth_knows_no_base_of_zero_and_bridges_nothing():
    table = compute_growth(make_monthly([0.0, np.nan] + [1.0] * 10 + [5.0, 5.0, np.nan]))
    assert table["growth"].isna().all()


def test_growth_keeps_groups_apart():
    both = pd.concat(
        [make_monthly([10.0] * 13), make_monthly([10.0] * 12 + [20.0]).assign(flow="export")],
        ignore_index=True,
    )
    grown = compute_growth(both).dropna(subset="growth")
    assert dict(zip(grown["flow"], grown["growth"], strict=True)) == pytest.approx(
        {"import": 0.0, "export": 100.0}
    )


def test_growth_keeps_goods_of_one_flow_apart():
    bricks = make_monthly([10.0] * 12 + [15.0]).assign(flow="export", hs="6902")
    wigs = make_monthly([1.0] * 12 + [1.0]).assign(flow="export", hs="6704")
    grown = compute_growth(pd.concat([bricks, wigs], ignore_index=True)).dropna(subset="growth")
    assert grown[["hs", "growth"]].to_numpy().tolist() == [["6902", 50.0], ["6704", 0.0]]


def test_growth_refuses_dropped_months():
    with pytest.raises(GapError, match="before 2017-06"):
        compute_growth(make_monthly([1.0] * 24).drop(index=4))


def test_growth_never_compares_two_months_with_one():
    table = make_monthly([100.0] * 12 + [np.nan, 150.0] + [100.0] * 10 + [90.0, 80.0], "2019-01")
    table.loc[12:13, "state"] = "combined"
    growth = compute_growth(table).set_index("period")["growth"]
    assert np.isnan(growth["2020-02-01"])
    assert np.isnan(growth["2021-02-01"])
    assert growth["2020-03-01"] == 0
    table.loc[24:25, "state"] = "combined"  # two releases of two months may be compared
    table.loc[24, "value"] = np.nan
    growth = compute_growth(table).set_index("period")["growth"]
    assert growth["2021-02-01"] == pytest.approx(100 * (80 / 150 - 1))


def test_year_to_date():
    table = accumulate_year(make_monthly([1.0, 2.0, 3.0] + [0.0] * 9 + [5.0, np.nan, 1.0]))
    assert table["year_to_date"].iloc[[0, 1, 2, 11, 12]].tolist() == [1, 3, 6, 6, 5]
    assert table["year_to_date"].iloc[13:].isna().all()  # unknown from the gap on


def test_year_to_date_through_a_combined_release():
    table = make_monthly([np.nan, 30.0, 4.0], "2020-01")
    table["state"] = ["combined", "combined", "reported"]
    sums = accumulate_year(table)["year_to_date"]
    assert np.isnan(sums.iloc[0])  # nobody knows January by itself; it is not zero
    assert sums.iloc[1:].tolist() == [30, 34]


def test_year_to_date_is_unknown_from_a_hidden_release_on_and_bridges_nothing():
    table = make_monthly([np.nan, np.nan, 4.0], "2020-01")
    table["state"] = ["combined", "combined", "reported"]
    assert accumulate_year(table)["year_to_date"].isna().all()
    with pytest.raises(GapError, match="before 2020-03"):
        accumulate_year(table.drop(index=1))


def test_year_to_date_needs_january():
    table = accumulate_year(make_monthly([1.0] * 10, "2019-06"))
    assert table["year_to_date"].iloc[:7].isna().all()
    assert table["year_to_date"].iloc[7:].tolist() == [1, 2, 3]


@given(st.lists(st.floats(0, 1e9), min_size=36, max_size=36))
def test_december_is_the_year(values):
    table = accumulate_year(make_monthly(values))
    for year, part in table.groupby(table["period"].dt.year):
        assert part["year_to_date"].iloc[-1] == pytest.approx(part["value"].sum())
        assert year in (2017, 2018, 2019)


# --- balance, shares, ranks ------------------------------------------------------------------


def test_balance():
    trade = make_trade(
        [
            ("2020-03", "export", "6902", 7.0),
            ("2020-03", "import", "6704", 10.0),
            ("2020-04", "export", "6902", 1.0),
        ]
    )
    balance = compute_balance(monthly(trade))
    assert balance["balance"].tolist()[0] == -3.0
    assert balance[["export", "import", "balance"]].iloc[1].isna().all()  # one flow's release
    with pytest.raises(MixtureError, match="several times"):
        compute_balance(pd.concat([monthly(trade)] * 2))
    with pytest.raises(UnanswerableError, match="no import in the data"):
        compute_balance(monthly(trade[trade["flow"] == "export"]))


def test_recovery():
    assert compute_recovery(50.0, 200.0) == 25.0
    assert np.isnan(compute_recovery(1.0, 0.0))


def test_shares_and_concentration():
    table = compute_shares(pd.DataFrame({"value": [75.0, 25.0]}))
    assert table["share"].tolist() == [75.0, 25.0]
    assert compute_concentration(table["value"]) == 75**2 + 25**2
    assert compute_concentration(pd.Series([3.0])) == 10_000


@pytest.mark.parametrize("seed", range(20))
def test_the_ends_of_shares_are_reached_and_never_passed(seed):
    """Against every corner of the box of parts: a ratio of sums is extreme in one of them."""
    random = np.random.default_rng(seed)
    low = random.choice([0.0, 1.0, 5.0, 20.0], 6)
    high = low + random.choice([0.0, 3.0, 50.0], 6)
    table = pd.DataFrame({"value": (low + high) / 2, "low": low, "high": high})
    table["flow"] = np.repeat(["import", "export"], 3)
    found = compute_shares(table, by="flow")
    for n in range(6):
        group = [k for k in range(6) if k // 3 == n // 3]
        corners = itertools.product(*[(low[k], high[k]) for k in group])
        ratios = [100 * c[n % 3] / sum(c) for c in corners if sum(c) > 0]
        if ratios and low[group].sum() > 0:
            ends = found.loc[n, ["share_low", "share_high"]].tolist()
            assert ends == pytest.approx([min(ratios), max(ratios)])


def test_a_part_without_a_high_end_leaves_the_others_nothing_for_sure():
    table = pd.DataFrame({"value": [6.0, 4.0], "low": [6.0, 2.0], "high": [6.0, np.inf]})
    found = compute_shares(table)
    assert found["share_low"].tolist() == [0.0, 25.0]
    assert found["share_high"].tolist() == [75.0, 100.0]


def test_shares_of_sums_carry_their_ends():
    sums = nk.add_up(nk.load(flow="import", view="PRK"), "province", period="2019-H1")
    found = nk.compute_shares(sums).set_index("province")
    assert (found["share_low"] <= found["share"] + 1e-9).all()
    assert (found["share"] <= found["share_high"] + 1e-9).all()


def test_contributions_add_up_to_growth():
    old = pd.Series({"a": 50.0, "b": 50.0, "gone": 100.0})
    new = pd.Series({"a": 100.0, "b": 25.0, "new": 25.0})
    parts = compute_contributions(old, new)
    assert parts["contribution"].sum() == pytest.approx(100 * (150 / 200 - 1))
    assert parts.loc["a", ["growth", "contribution"]].tolist() == [100.0, 25.0]
    assert parts.loc["gone", ["growth", "contribution"]].tolist() == [-100.0, -50.0]
    assert np.isnan(parts.loc["new", "growth"])


def test_the_largest_parts_and_what_the_others_add_up_to():
    old = pd.Series({"a": 10.0, "b": 100.0, "c": 50.0, "d": 40.0})
    new = pd.Series({"a": 30.0, "b": 0.0, "c": 55.0, "d": 35.0})
    kept = keep_largest(compute_contributions(old, new), 2)
    assert kept["contribution"].to_dict() == {"b": -50.0, "a": 10.0, "all others (2)": 0.0}
    assert kept.loc["all others (2)", ["old", "new", "growth"]].tolist() == [90.0, 90.0, 0.0]
    hidden = keep_largest(compute_contributions(old, new.where(new != 35)), 2)
    assert hidden.loc["all others (2)"].isna().tolist() == [False, *[True] * 4]
    assert len(keep_largest(compute_contributions(old, new), 9)) == 4


def test_side_by_side_says_only_what_all_periods_have_in_common(winter):
    two = winter.assign(hs_edition=["HS2017", "HS2022", "HS2022"])
    told = compare_periods(two, "flow", ["2019-12", "2020-03"]).attrs["nktrade"]
    assert "hs_edition" not in told
    assert (told["currency"], told["partner"], told["estimated"]) == ("USD", "PRK", False)
    guessed = two.assign(status=["reported", "combined", "estimated"])
    told = compare_periods(guessed, "flow", ["2019-12", "2020-03"]).attrs["nktrade"]
    assert told["estimated"] is True


def test_what_is_added_across_is_a_flow_a_partner_or_a_declarer(china):
    with pytest.raises(InputError, match=r"unknown word in `across`.*'flows'.*mean 'flow'"):
        add_up(china, across="flows")


def test_a_period_that_the_data_do_not_hold_has_no_ranks(china):
    for period in ("2018", "2019..2020", "2020-Q3"):
        with pytest.raises(UnanswerableError, match="none of the periods lies inside"):
            rank_items(china, "hs", period)


def test_ranks(china):
    ranks = rank_items(china, "hs", "2020-01..2020-07", n=2)
    assert ranks["hs"].tolist() == ["67030000", "69021000"]
    assert ranks["rank"].tolist() == [1, 2]
    assert ranks["share"].tolist() == pytest.approx([100 * 160 / 225, 100 * 40 / 225])


def test_periods_side_by_side(china):
    side = compare_periods(china, "hs", ["2020-01", "2020-02", "2020-07", "2021"])
    assert side.columns.tolist() == ["2020-01", "2020-02", "2020-07"]  # 2021 is not in the data
    assert side.loc["67030000"].tolist() == [0.0, 60.0, 100.0]
    assert side.index.name == "hs"
    with pytest.raises(UnanswerableError, match="2020-01 to 2020-07"):
        compare_periods(china, "hs", ["2019", "2021"])
    nested = compare_periods(china, ["flow", "hs"], ["2020-07"])
    assert nested.index.names == ["flow", "hs"]


# --- what is not known -----------------------------------------------------------------------


@pytest.fixture
def winter():
    """January and February 2020 in one release, and the months about them."""
    trade = make_trade(
        [
            ("2019-12", "export", "69021000", 5.0),
            ("2020-02", "export", "69021000", 60.0),
            ("2020-03", "export", "69021000", 7.0),
        ]
    )
    return trade.assign(status=["reported", "combined", "reported"])


@pytest.mark.parametrize("period", ["2020-02", "2020-01", "2020-02..2020-03", "2019-12..2020-01"])
def test_a_window_takes_both_months_of_a_release_or_neither(winter, period):
    for adder in (
        lambda: add_up(winter, period=period),
        lambda: compare_periods(winter, "flow", [period]),
        lambda: rank_items(winter, "hs", period),
    ):
        with pytest.raises(GapError, match="January and February 2020 were released together"):
            adder()


@pytest.mark.parametrize(
    ("period", "total"),
    [("2020-01..2020-02", 60.0), ("2020-Q1", 67.0), ("2020-03", 7.0), ("2019-12", 5.0)],
)
def test_windows_about_a_release(winter, period, total):
    assert add_up(winter, period=period)["value"].tolist() == [total]


def test_a_release_at_the_beginning_covers_january(winter):
    side = compare_periods(winter.iloc[1:], "flow", ["2020-Q1", "2019-12..2020-03"])
    assert side.columns.tolist() == ["2020-Q1"]
    assert side.loc["export", "2020-Q1"] == 67


def test_coverage_says_which_periods_there_are():
    rows = [(f"2020-{m:02}", "export", "67030000", 1.0) for m in range(1, 13) if m != 9]
    trade = make_trade([*rows, ("2020-05", "export", "69021000", 3.0)])
    bricks = trade[trade["hs"] == "69021000"]
    with pytest.raises(UnanswerableError):
        compare_periods(bricks, "hs", ["2020-Q1"])  # alone they seem to begin in May
    side = compare_periods(bricks, "hs", ["2020-Q1", "2020-Q2", "2021"], coverage=trade)
    assert side.loc["69021000"].to_dict() == {"2020-Q1": 0.0, "2020-Q2": 3.0}
    with pytest.raises(GapError, match="no exports of 2020-09"):
        compare_periods(bricks, "hs", ["2020-H2"], coverage=trade)
    later = trade.assign(flow="import")[trade["period"] >= "2020-04-01"]
    both = pd.concat([trade, later], ignore_index=True)
    side = compare_periods(both, "flow", ["2020-Q1", "2020-Q2"], coverage=both)
    assert side.columns.tolist() == ["2020-Q2"]  # no zero imports before they begin


def test_nothing_to_compare(winter):
    with pytest.raises(UnanswerableError, match="no rows"):
        compare_periods(winter.iloc[:0], "hs", ["2020"])
    empty = compare_periods(winter.iloc[:0], "hs", ["2020-Q1"], coverage=winter)
    assert empty.empty


def test_codes_of_two_editions_are_not_compared(winter):
    two = winter.assign(hs_edition=["HS2017", "HS2022", "HS2022"])
    with pytest.raises(MixtureError, match="editions cannot be added or compared"):
        compare_periods(two, "hs", ["2019-12", "2020-Q1"])
    assert compare_periods(two, "flow", ["2019-12", "2020-Q1"]).iloc[0].tolist() == [5.0, 67.0]
    assert compare_periods(two, "hs", ["2020-Q1", "2020-03"]).iloc[0].tolist() == [67.0, 7.0]


def test_a_balance_never_takes_two_months_from_one():
    both = make_monthly([np.nan, 60.0, 7.0], "2020-01")
    both["state"] = ["combined", "combined", "reported"]
    single = make_monthly([10.0, 20.0, 30.0], "2020-01").assign(flow="export")
    balance = compute_balance(pd.concat([both, single], ignore_index=True))["balance"]
    assert balance.isna().tolist() == [True, True, False]
    balance = compute_balance(pd.concat([both, both.assign(flow="export")], ignore_index=True))
    assert balance["balance"].iloc[1:].tolist() == [0.0, 0.0]


def test_an_unknown_part_leaves_no_share():
    parts = pd.Series([75.0, np.nan])
    assert compute_shares(parts.to_frame("value"))["share"].isna().all()
    assert np.isnan(compute_concentration(parts))
    assert np.isnan(compute_concentration(pd.Series([0.0, 0.0])))


def test_an_unknown_part_contributes_nobody_knows_what():
    old, new = pd.Series({"a": 80.0, "b": 20.0}), pd.Series({"a": 100.0, "b": np.nan, "c": 5.0})
    parts = compute_contributions(old, new)
    assert parts["contribution"].dropna().to_dict() == {"a": 20.0, "c": 5.0}
    assert compute_contributions(new, old)["contribution"].isna().all()


def test_other_amounts_in_a_table_do_not_make_series():
    table = make_monthly([10.0] * 12 + [20.0]).assign(quantity=np.arange(13.0))
    assert compute_growth(table)["growth"].iloc[-1] == 100
    with pytest.raises(GapError):
        compute_growth(table.drop(index=3))


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 35), st.sampled_from(["6902", "6703"]), st.integers(0, 1000)),
        min_size=1,
        unique_by=lambda row: row[:2],
    )
)
def test_quarters_add_up_to_the_year(rows):
    months = pd.date_range("2019-01-01", periods=36, freq="MS").strftime("%Y-%m")
    trade = make_trade([(months[m], "export", hs, float(value)) for m, hs, value in rows])
    side = compare_periods(
        trade, "hs", ["2020", *[f"2020-Q{q}" for q in range(1, 5)]], coverage=_every_month()
    )
    assert side["2020"].tolist() == pytest.approx(side.iloc[:, 1:].sum(axis=1).tolist())


def _every_month():
    months = pd.date_range("2019-01-01", periods=36, freq="MS").strftime("%Y-%m")
    return make_trade([(month, "export", "2716", 0.0) for month in months])


# --- whose side, whose total -----------------------------------------------------------------


def test_a_share_is_of_its_own_flow():
    """Liaoning's 60 of imports of 100 is 60 per cent, whatever was exported."""
    rows = [("2020-03", "export", "6902", 60.0), ("2020-03", "import", "6704", 10.0)]
    here = make_trade(rows, province="21")
    there = make_trade([("2020-03", "export", "6902", 40.0)], province="37")
    sums = add_up(pd.concat([here, there], ignore_index=True), ["flow", "province"])
    with pytest.raises(MixtureError, match=r"different flows.*by='flow'"):
        compute_shares(sums)
    assert compute_shares(sums, by="flow")["share"].tolist() == [60.0, 40.0, 100.0]


def test_contributions_on_a_base_of_zero_are_missing():
    parts = compute_contributions(pd.Series({"a": 0.0, "b": 0.0}), pd.Series({"a": 3.0, "c": 1.0}))
    assert parts["change"].tolist() == [3.0, 0.0, 1.0]
    assert parts[["growth", "contribution"]].isna().all(axis=None)  # missing, not infinite


def test_codes_of_two_editions_are_not_added_whatever_the_window():
    rows = [("2021-12", "export", "854370", 1.0), ("2022-01", "export", "854370", 2.0)]
    table = make_trade(rows).assign(hs_edition=["HS2017", "HS2022"])
    with pytest.raises(MixtureError, match="HS2017, HS2022"):
        add_up(table, "hs")
    assert add_up(table, ["hs", "period"])["value"].tolist() == [1.0, 2.0]  # each in its month
    apart = add_up(table, ["hs", "hs_edition"])
    assert apart[["hs_edition", "value"]].to_numpy().tolist() == [["HS2017", 1.0], ["HS2022", 2.0]]
    assert add_up(table, "hs", period="2022")["value"].tolist() == [2.0]


def test_a_period_past_one_flows_end_is_missing_and_no_zero():
    rows = [(f"2020-{month:02}", "export", "6902", 1.0) for month in range(1, 13)]
    rows += [(f"2020-{month:02}", "import", "6704", 2.0) for month in range(1, 7)]
    trade = make_trade(rows)
    side = compare_periods(trade, "flow", ["2020-H1", "2020-H2"], coverage=trade)
    assert side.columns.tolist() == ["2020-H1"]
    with pytest.raises(UnanswerableError, match="2020-01 to 2020-06"):
        compare_periods(trade, "flow", ["2020-H2"], coverage=trade)


def test_february_and_march_are_no_release(winter):
    """Only a January stands inside the release of February."""
    assert add_up(winter, period="2020-03..2020-03")["value"].tolist() == [7.0]
    assert add_up(winter, "period", period="2020-Q1")["value"].tolist() == [60.0, 7.0]


def test_sums_remember_what_they_mean(china):
    sums = add_up(china.assign(currency="CNY"), "flow")
    told = ["currency", "reporter", "partner", "hs_edition", "level", "state", "support"]
    assert sums[told].drop_duplicates().to_numpy().tolist() == [
        ["CNY", "CHN", "PRK", "HS2017", 8, "reported", "recorded"]
    ]
    assert sums["low"].tolist() == sums["high"].tolist() == sums["value"].tolist()
    side = compare_periods(china, "flow", ["2020-02", ("2020-01", "Jul 2020")])
    assert side.columns.tolist() == ["2020-02", "2020-01..2020-07"]
    assert side.attrs["nktrade"]["reporter"] == "CHN"
    assert not side.attrs["nktrade"]["estimated"]


def make_bounded(seed):
    """Make fifteen months of both flows, each known between two ends."""
    random = np.random.default_rng(seed)
    months = [make_monthly([10.0] * 15, flow=flow) for flow in ("export", "import")]
    table = pd.concat(months, ignore_index=True)
    low = random.choice([0.0, 1.0, 5.0, 20.0], len(table))
    high = low + random.choice([0.0, 3.0, 50.0], len(table))
    support = random.choice(["recorded", "printed", "bounded", "assumed"], len(table))
    return table.assign(value=(low + high) / 2, low=low, high=high, support=support)


@pytest.mark.parametrize("seed", range(10))
def test_what_is_made_of_months_lies_between_its_ends(seed):
    """Any trade between the months' ends gives growth, sums and balances between theirs."""
    table = make_bounded(seed)
    grown, summed, balance = compute_growth(table), accumulate_year(table), compute_balance(table)
    for within in np.random.default_rng(seed).uniform(size=(50, len(table))).round():
        drawn = table.assign(value=table["low"] + within * (table["high"] - table["low"]))
        for ends, found, name, low, high in (
            (grown, compute_growth(drawn), "growth", "growth_low", "growth_high"),
            (
                summed,
                accumulate_year(drawn),
                *(f"year_to_date{end}" for end in ("", "_low", "_high")),
            ),
            (balance, compute_balance(drawn), "balance", "low", "high"),
        ):
            known = found[name].notna() & ends[low].notna()
            assert known.any()
            assert (found[name] >= ends[low] - 1e-9)[known].all()
            assert (found[name] <= ends[high] + 1e-9)[known].all()
    both = accumulate_year(grown)  # how growth is known keeps no series apart
    assert both["year_to_date"].equals(summed["year_to_date"])
    rank = ["recorded", "printed", "bounded", "assumed"].index
    before = table.groupby("flow")["support"].shift(12)
    for own, earlier, told in zip(table["support"], before, grown["growth_support"], strict=True):
        assert pd.isna(told) or told == max(own, earlier, key=rank)
    assert grown["growth_support"].notna().equals(grown["growth"].notna())
    exports, imports = (table[table["flow"] == flow]["support"] for flow in ("export", "import"))
    pairs = zip(exports, imports, balance["support"], strict=True)
    assert all(both == max(one, other, key=rank) for one, other, both in pairs)


@pytest.mark.parametrize("period", ["2018", "2021", "2019..2020", "2020-12..2021-01"])
def test_rows_are_not_asked_of_months_that_were_not_loaded(period):
    """Zero "recorded" for a year nobody loaded, or one year's sum under the name of two."""
    loaded = nk.load(start="2020", end="2020")
    for trade in (loaded, nk.mirror(loaded), nk.select(loaded, flow="import")):
        with pytest.raises(GapError, match=r"the rows do not speak of .*2020-01 to 2020-12"):
            add_up(trade, "flow", period=period)
    with pytest.raises(GapError, match="the rows do not speak of"):
        add_up(nk.select(nk.load(start="2017"), period="2020"), "flow", period=period)


@pytest.mark.parametrize("n", [0, -3])
def test_no_rank_is_asked_for(n):
    trade = make_trade([("2020-03", "export", "69021000", 10.0)])
    with pytest.raises(InputError, match="n of 1 or more"):
        rank_items(trade, "hs", "2020-03", n=n)
