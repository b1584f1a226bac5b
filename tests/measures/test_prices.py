"""Index numbers: a manual's example as outside truth, identities, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import GapError, InputError, MixtureError, UnanswerableError
from nktrade.measures.prices import compare_prices, compute_terms_of_trade, index_prices
from tests.making import make_trade

# Producer Price Index Manual (IMF and others 2004), tables 19.1 and 19.2: six goods, five periods.
PRICES = np.array(
    [
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        [1.2, 3.0, 1.3, 0.7, 1.4, 0.8],
        [1.0, 1.0, 1.5, 0.5, 1.7, 0.6],
        [0.8, 0.5, 1.6, 0.3, 1.9, 0.4],
        [1.0, 1.0, 1.6, 0.1, 2.0, 0.2],
    ]
)
QUANTITIES = np.array(
    [
        [1.0, 1.0, 2.0, 1.0, 4.5, 0.5],
        [0.8, 0.9, 1.9, 1.3, 4.7, 0.6],
        [1.0, 1.1, 1.8, 3.0, 5.0, 0.8],
        [1.2, 1.2, 1.9, 6.0, 5.6, 1.3],
        [0.9, 1.2, 2.0, 12.0, 6.5, 2.5],
    ]
)
# The manual's fixed-base results, four decimals.
MANUAL = {
    "laspeyres": [1.0, 1.4200, 1.3450, 1.3550, 1.4400],
    "paasche": [1.0, 1.3824, 1.2031, 1.0209, 0.7968],
    "fisher": [1.0, 1.4011, 1.2721, 1.1762, 1.0712],
    "tornqvist": [1.0, 1.4052, 1.2890, 1.2268, 1.2477],
}
YEARS = [f"{2015 + n}-01" for n in range(5)]
CODES = [f"1006{n}00" for n in range(10, 16)]


def make_manual(**columns) -> pd.DataFrame:
    rows = [
        (YEARS[t], "import", CODES[n], PRICES[t, n] * QUANTITIES[t, n])
        for t in range(5)
        for n in range(6)
    ]
    given = {"quantity": QUANTITIES.ravel(), "unit": "kg"}
    return make_trade(rows, **(given | columns))


def table(prices, quantities) -> pd.DataFrame:
    values = {"value": np.multiply(prices, quantities), "quantity": quantities}
    return pd.DataFrame(values, [f"good {n}" for n in range(len(prices))])


def test_the_manual_s_example():
    found = index_prices(make_manual(), YEARS, chained=False, outliers=None).table
    for formula, printed in MANUAL.items():
        assert (found[formula] / 100).tolist() == pytest.approx(printed, abs=5e-5)
    assert found["value"].tolist() == pytest.approx([10.00, 14.10, 15.28, 17.56, 20.00])
    assert found["deflated"].iloc[1] == pytest.approx(14.10 / 1.4011, abs=1e-3)


def test_a_chain_is_the_product_of_its_links():
    chained = index_prices(make_manual(), YEARS, outliers=None).table
    links = [
        compare_prices(table(PRICES[t], QUANTITIES[t]), table(PRICES[t + 1], QUANTITIES[t + 1]))
        for t in range(4)
    ]
    for formula in MANUAL:
        product = 100 * np.cumprod([link[formula] for link in links])
        assert chained[formula].iloc[1:].tolist() == pytest.approx(product.tolist())


positive = st.floats(0.01, 100)
goods = st.integers(1, 6).flatmap(
    lambda n: st.tuples(*[st.lists(positive, min_size=n, max_size=n) for _ in range(4)])
)


@settings(max_examples=40, deadline=None)
@given(goods, st.floats(0.1, 10))
def test_identities(numbers, factor):
    p0, q0, p1, q1 = (np.array(one) for one in numbers)
    old, new = table(p0, q0), table(p1, q1)
    found, back = compare_prices(old, new), compare_prices(new, old)
    value = (p1 @ q1) / (p0 @ q0)
    # Fisher's factor reversal; for the others price and quantity change roles.
    assert found["fisher"] * found["fisher quantity"] == pytest.approx(value)
    assert found["tornqvist"] * found["tornqvist quantity"] == pytest.approx(value)
    assert found["laspeyres"] * found["paasche quantity"] == pytest.approx(value)
    swapped = compare_prices(table(q0, p0), table(q1, p1))
    for formula in ("laspeyres", "paasche", "fisher"):
        assert swapped[formula] == pytest.approx(found[f"{formula} quantity"])
    # Time reversal.
    for formula in ("fisher", "tornqvist"):
        assert found[formula] * back[formula] == pytest.approx(1)
    assert found["laspeyres"] * back["paasche"] == pytest.approx(1)
    # Every price times a factor: the index is the factor, whatever the quantities.
    same = compare_prices(old, table(factor * p0, q1))
    for formula in MANUAL:
        assert same[formula] == pytest.approx(factor)
    # An index lies between the smallest and the largest change; so do all formulas.
    for formula in MANUAL:
        assert (p1 / p0).min() - 1e-9 <= found[formula] <= (p1 / p0).max() + 1e-9


@pytest.mark.parametrize("formula", list(MANUAL))
def test_price_times_quantity_is_the_value_of_matched_lines(formula):
    found = index_prices(make_manual(), YEARS, formula=formula, outliers=None).table
    product = found["price"] * found["quantity"] / 1e4
    assert product.tolist() == pytest.approx((found["value"] / found["value"].iloc[0]).tolist())


def test_an_outlier_is_taken_out_by_the_stated_rule_and_listed():
    trade = make_manual()
    slip = trade["period"].eq("2016-01-01") & trade["hs"].eq(CODES[0])
    trade.loc[slip, "quantity"] /= 1000  # tons written for kilograms
    found = index_prices(trade, YEARS[:2])
    assert found.outliers["hs"].tolist() == [CODES[0]]
    assert found.links["outliers"].tolist() == [1]
    assert found.links["lines"].tolist() == [5]
    assert "1 line taken out" in " ".join(found.notes)
    assert found.table["price"].iloc[1] == pytest.approx(141, abs=3)
    kept = index_prices(trade, YEARS[:2], outliers=None)
    assert kept.table["price"].iloc[1] > 1000


def test_a_line_traded_once_is_not_matched_and_its_share_is_said():
    trade = make_manual()
    gone = trade["period"].eq("2016-01-01") & trade["hs"].eq(CODES[2])
    found = index_prices(trade[~gone], YEARS[:2], outliers=None)
    assert found.links["share_from"].tolist() == pytest.approx([80.0])
    assert found.links["share_to"].tolist() == pytest.approx([100.0])
    few = trade[trade["period"].eq("2015-01-01") | trade["hs"].eq(CODES[2])]
    with pytest.raises(UnanswerableError, match="got 20 and 100 percent"):
        index_prices(few, YEARS[:2])


def test_missing_and_mixed_quantities_are_refused():
    trade = make_manual()
    lost = trade.copy()
    lost.loc[lost["hs"].eq(CODES[1]) & lost["period"].eq("2016-01-01"), "quantity"] = np.nan
    with pytest.raises(UnanswerableError, match=r"10061100 in 2016-01|10061\d+ in January 2016"):
        index_prices(lost, YEARS[:2])
    left = index_prices(lost, YEARS[:2], unknown="leave", outliers=None)
    assert left.links["lines"].tolist() == [5]
    mixed = trade.copy()
    mixed.loc[mixed["hs"].eq(CODES[1]) & mixed["period"].eq("2016-01-01"), "unit"] = "piece"
    with pytest.raises(UnanswerableError, match=r"several units.*got kg, piece"):
        index_prices(mixed, YEARS[:2])
    twice = pd.concat([trade, mixed[mixed["unit"].eq("piece")]], ignore_index=True)
    with pytest.raises(UnanswerableError, match="missing, zero or in several units"):
        index_prices(twice, YEARS[:2])
    with pytest.raises(UnanswerableError, match="no quantities"):
        index_prices(trade.assign(quantity=np.nan), YEARS[:2])


def test_what_is_no_index_is_refused():
    trade = make_manual()
    with pytest.raises(GapError, match="whole periods"):
        index_prices(trade, ["2015-01", "2016"])
    with pytest.raises(InputError, match="two periods"):
        index_prices(trade, ["2015-01"])
    with pytest.raises(InputError, match="unknown formula"):
        index_prices(trade, YEARS, formula="walsh")
    with pytest.raises(UnanswerableError, match="estimate"):
        index_prices(trade.assign(status="estimated"), YEARS)
    other = trade.assign(flow="export")
    with pytest.raises(MixtureError, match="flows"):
        index_prices(pd.concat([trade, other]), YEARS)
    editions = trade.assign(
        hs_edition=np.where(trade["period"] < "2017", "HS2012", "HS2017").astype(str)
    )
    with pytest.raises(MixtureError, match="editions"):
        index_prices(editions, YEARS)
    with pytest.raises(InputError, match="not above zero"):
        compare_prices(table([1.0], [0.0]), table([1.0], [1.0]))
    with pytest.raises(InputError, match="items of the two periods differ"):
        compare_prices(table([1.0], [1.0]), table([1.0, 2.0], [1.0, 1.0]))


def test_terms_of_trade_by_hand():
    imports = make_manual()
    exports = imports.assign(
        flow="export",
        value=imports["value"].where(imports["period"] < "2016", imports["value"] * 2),
    )
    both = pd.concat([imports, exports], ignore_index=True)
    found = compute_terms_of_trade(both, YEARS, outliers=None)
    assert found["barter"].tolist() == pytest.approx([100, 200, 200, 200, 200])
    value = 2 * 14.10 / 10
    assert found["income"].iloc[1] == pytest.approx(100 * value / 1.40105, rel=1e-4)


def test_a_paper_gets_its_table():
    found = index_prices(make_manual(), YEARS)
    assert "Fisher of unit values, chained" in found.to_markdown()
    assert "booktabs" not in found.to_latex()
    assert found.table.attrs["nktrade"]["currency"] == "USD"
