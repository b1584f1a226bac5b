"""The stock of parts between imports and exports."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.measures.stocks import (
    find_largest_share,
    find_shortage,
    keep_stock,
    pair_months,
    suspend_parts,
    trace_vintages,
)
from nktrade.table.mirrors import mirror
from tests.making import make_trade


def pairs(parts, exports, start="2020-01"):
    period = pd.date_range(start, periods=len(parts), freq="MS")
    return pd.DataFrame({"period": period, "parts": parts, "exports": exports})


BY_HAND = pairs([10.0, 4.0, 0.0, 0.0, 20.0], [0.0, 10.0, 10.0, 10.0, 10.0])


def test_the_stock_by_hand():
    stock = keep_stock(BY_HAND, 0.5)
    assert stock["used"].tolist() == [0, 5, 5, 5, 5]
    assert stock["stock"].tolist() == [10, 9, 4, -1, 14]
    assert find_shortage(stock) == pd.Timestamp("2020-04-01")
    assert find_shortage(keep_stock(BY_HAND, 0.5, opening=1.0)) is None
    assert find_shortage(stock.head(3)) is None


def test_parts_wait_for_their_delay():
    stock = keep_stock(BY_HAND, 0.5, delay=1)
    assert stock["ready"].tolist() == [0, 10, 4, 0, 0]
    assert stock["stock"].tolist() == [0, 5, 4, -1, -6]


def test_the_largest_share_by_hand():
    # Parts so far over exports so far: -, 14/10, 14/20, 14/30, 34/40.
    share, month = find_largest_share(BY_HAND)
    assert share == pytest.approx(14 / 30)
    assert month == pd.Timestamp("2020-04-01")
    assert find_largest_share(BY_HAND, opening=6.0)[0] == pytest.approx(20 / 30)
    assert find_largest_share(BY_HAND, delay=1)[0] == pytest.approx(14 / 40)
    assert find_largest_share(pairs([0.0, 5.0], [1.0, 1.0]))[0] == 0


def test_parts_suspended_are_not_in_the_stock():
    late = suspend_parts(BY_HAND, "2020-05")
    assert late["parts"].tolist() == [10, 4, 0, 0, 0]
    assert BY_HAND["parts"].iloc[-1] == 20
    assert find_largest_share(late)[0] == pytest.approx(14 / 40)


def test_the_oldest_parts_are_used_first():
    months = pairs([10.0, 6.0, 4.0, 0.0], [8.0, 4.0, 10.0, 8.0])
    # Half a unit a unit of exports: 4, 2, 5, 4. Month 3 uses parts 7 to 11 in order of arrival.
    found = trace_vintages(months, 0.5, "2020-03")
    assert [f"{m:%m}" for m in found["imported"]] == ["01", "02"]
    assert found["used"].tolist() == [4, 1]
    found = trace_vintages(months, 0.5, "2020-01..2020-02", opening=5.0)
    assert found["imported"].isna().tolist() == [True, False]
    assert found["used"].tolist() == [5, 1]


def test_exports_that_no_part_covers_have_no_vintage():
    with pytest.raises(UnanswerableError, match="runs out in 2020-04"):
        trace_vintages(BY_HAND, 0.5, "2020-04")
    assert trace_vintages(BY_HAND, 0.5, "2020-03")["used"].sum() == 5
    with pytest.raises(UnanswerableError, match="outside the data"):
        trace_vintages(BY_HAND, 0.1, "2021-01")


@pytest.mark.parametrize("bad", [{"share": 0.0}, {"share": float("nan")}])
def test_impossible_shares_are_refused(bad):
    with pytest.raises(InputError, match="above 0"):
        keep_stock(BY_HAND, **bad)


def test_impossible_stocks_and_gaps_are_refused():
    with pytest.raises(InputError, match="negative"):
        keep_stock(BY_HAND, 0.5, opening=-1.0)
    with pytest.raises(InputError, match="negative"):
        keep_stock(BY_HAND, 0.5, delay=-1)
    with pytest.raises(GapError, match="every month"):
        keep_stock(BY_HAND.drop(index=2), 0.5)
    with pytest.raises(UnanswerableError, match="not known in 2020-02"):
        keep_stock(pairs([1.0, None], [1.0, 1.0]), 0.5)
    with pytest.raises(UnanswerableError, match="nothing was exported"):
        find_largest_share(pairs([1.0], [0.0]))


whole = st.integers(0, 10**8).map(float)  # whole dollars, as customs count
amounts = st.lists(st.tuples(whole, whole), min_size=1, max_size=36).map(
    lambda rows: pairs(*map(list, zip(*rows, strict=True)))
)
shares = st.floats(0.01, 1.5)


@settings(deadline=None)
@given(months=amounts, share=shares, opening=whole, delay=st.integers(0, 6))
def test_no_part_is_lost_or_made(months, share, opening, delay):
    stock = keep_stock(months, share, opening=opening, delay=delay)
    waiting = stock["parts"].sum() - stock["ready"].sum()
    entered = opening + stock["parts"].sum()
    left = stock["used"].sum() + stock["stock"].iloc[-1] + waiting
    assert left == pytest.approx(entered, rel=1e-9, abs=1.0)
    assert waiting >= -1.0


@settings(deadline=None)
@given(months=amounts, opening=whole, delay=st.integers(0, 3))
def test_the_largest_share_divides_what_is_possible_from_what_is_not(months, opening, delay):
    if months["exports"].sum() < 1:
        return
    share, month = find_largest_share(months, opening=opening, delay=delay)
    if share > 1e-6:
        at = keep_stock(months, share, opening=opening, delay=delay)
        assert find_shortage(at) is None
    above = keep_stock(months, 1.01 * share + 0.01, opening=opening, delay=delay)
    assert find_shortage(above) is not None
    assert find_shortage(above) <= month


@settings(deadline=None)
@given(months=amounts, share=shares)
def test_vintages_add_up_to_what_was_used_and_none_is_from_the_future(months, share):
    window = f"{months['period'].iloc[len(months) // 2]:%Y-%m}"
    try:
        found = trace_vintages(months, share, window)
    except UnanswerableError:
        return
    used = share * months["exports"].iloc[len(months) // 2]
    assert found["used"].sum() == pytest.approx(used, rel=1e-6, abs=1.0)
    assert not (found["imported"] > window).any()
    came = months.set_index("period")["parts"].reindex(found["imported"])
    assert (found["used"].to_numpy() <= came.to_numpy() * (1 + 1e-9) + 1.0).all()


def test_months_are_paired_from_a_table():
    rows = [
        ("2020-02", "export", "91109090", 3100.0),
        ("2020-03", "export", "10063020", 5.0),
        ("2020-02", "import", "91081100", 60.0),
        ("2020-03", "import", "91081100", 8.0),
    ]
    trade = make_trade(rows, status=["combined", "reported", "combined", "reported"])
    months = pair_months(mirror(trade), ["9110", "9114"], ["9108"])
    assert months["period"].dt.strftime("%Y-%m").tolist() == ["2020-01", "2020-02", "2020-03"]
    assert months["parts"].tolist() == pytest.approx([3100 * 31 / 60, 3100 * 29 / 60, 0])
    assert months["exports"].tolist() == pytest.approx([31, 29, 8])


def test_goods_that_never_traded_are_zero_and_one_flow_alone_is_refused():
    trade = mirror(
        make_trade([("2020-03", "export", "1006", 5.0), ("2020-03", "import", "9108", 8.0)])
    )
    months = pair_months(trade, ["9110"], ["9108"])
    assert months["parts"].tolist() == [0]
    assert months["exports"].tolist() == [8]
    with pytest.raises(UnanswerableError, match="hold no exports"):
        pair_months(trade[trade["flow"] == "import"], ["9110"], ["9108"])


def test_a_month_without_any_row_is_a_gap_until_the_caller_says_it_is_zero():
    rows = [("2020-01", "export", "9110", 5.0)]
    rows += [(f"2020-0{n}", "import", "9108", 8.0) for n in (1, 2, 3)]
    trade = mirror(make_trade(rows))
    with pytest.raises(GapError, match="2 months are absent"):
        pair_months(trade, ["9110"], ["9108"])
    months = pair_months(trade, ["9110"], ["9108"], absent="zero")
    assert months["parts"].tolist() == [5, 0, 0]
    with pytest.raises(InputError, match="Did you mean 'zero'"):
        pair_months(trade, ["9110"], ["9108"], absent="zeros")
