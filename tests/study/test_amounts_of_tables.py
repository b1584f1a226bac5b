"""Tables and charts of amounts: whatever is worked out of known sums keeps their ends."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.study import Amount, Study
from nktrade.study.amount import take_ends
from nktrade.study.wording import round_outwards


@pytest.fixture(scope="module")
def korea():
    """Return a page of four years."""
    return Study("PRK", "2020", "2023")


def test_arithmetic_with_sums_of_a_table_holds_whatever_lies_between_their_ends(korea):
    wide = korea.compare(korea.exports, "heading", ["2022", "2023"])
    known = korea.amounts(wide)
    share = 100 * known / korea.amounts(wide.sum().to_frame().T).iloc[0]
    inside = wide.map(lambda value: value) * 100 / wide.sum()
    for period in wide:
        for code in wide.index:
            one, told = known.loc[code, period], share.loc[code, period]
            assert one.low - 1 <= wide.loc[code, period] <= one.high + 1
            assert told.low - 1e-6 <= inside.loc[code, period] <= told.high + 1e-6
    assert known.loc["6704", "2023"].support == "printed"


def test_a_sum_without_a_high_end_stays_without():
    korea = Study("PRK", "2022", "2023")
    wide = pd.DataFrame({"2023": [5.0, np.nan]}, ["rice", "coal"])
    told = '[[["rice"], "2023", 5.0, 1.0, null, "assumed"]]'
    wide.attrs["nktrade"] = {"loose": told}
    rice, coal = korea.amounts(wide)["2023"]
    assert (rice.low, rice.high, rice.support) == (1.0, np.inf, "assumed")
    assert np.isnan(coal)


def test_bars_of_amounts_end_where_it_is_certain(korea):
    cells = {"2022": Amount(2e6, 9e6, "bounded"), "2023": Amount(4e6, 4.2e6, "printed")}
    values, ends = take_ends(pd.DataFrame({"rice": cells}))
    assert values["rice"].tolist() == [2e6, 4.1e6]
    assert ends["high"].tolist() == [9e6, 4.2e6]
    chart = korea.bars(pd.DataFrame({"rice": cells}), "Rice")
    assert "2022: 2; 2023: 4.1" in chart.alt
    said = " ".join(text.get_text() for text in chart.figure.texts)
    assert "Thin lines" in said
    assert "not drawn" not in said


def test_a_table_of_amounts_writes_both_ends_and_is_of_print(korea):
    table = pd.DataFrame({"rice": {"2023": Amount(8.61, 8.79, "bounded", "%")}})
    html = korea.table(table, "Shares").to_html()
    assert "8.6 to 8.8" in html
    assert "Shares (print alone)" in html


def test_an_estimate_has_three_digits_whatever_is_asked(korea):
    """Months that nobody printed stood to the dollar in a folded table."""
    html = korea.table(pd.DataFrame({"value": [204_944_786.0]}), "Estimated", digits=15).to_html()
    assert "205,000,000" in html


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6)), min_size=1, max_size=8),
    st.integers(0, 3),
)
def test_rounded_ends_never_say_more_than_is_known(rows, places):
    """Outwards, or to the one number that both ends are at so many places."""
    low = pd.Series([one for one, _ in rows])
    high = low + pd.Series([width for _, width in rows])
    table = round_outwards(
        pd.DataFrame({"at least": low, "at most": high}), {"at least": places, "at most": places}
    )
    alike = low.round(places) == high.round(places)
    assert (table["at least"][~alike] <= low[~alike] + 1e-5).all()
    assert (table["at most"][~alike] >= high[~alike] - 1e-5).all()
    for end in ("at least", "at most"):
        shown = table[end][~alike]
        assert np.allclose(shown, shown.round(places), atol=1e-6)


def test_a_claim_writes_its_gap_outwards(korea):
    html = korea.claim(
        {"flow": "export", "hs": "9108", "period": "2020-Q2"},
        ">",
        {"flow": "import", "hs": "9114", "period": "2020-Q2"},
    )._repr_html_()
    low, high = map(float, re.findall(r"(-?[\d.]+) million", html))
    sold = korea.amount("2020-Q2", flow="export", hs="9108")
    assert high * 1e6 >= sold.high - 1
    assert low < 0 < high


def test_shares_of_classes_stand_in_the_order_of_what_is_certain(korea):
    shares = korea.shares("2023", "industry", flow="import")
    assert len(shares) == 12
    least = [one.low for one in shares.values()]
    assert least == sorted(least, reverse=True)
    first, *others = shares.values()
    assert all(first > one for one in others)
    assert (first > others[-1]).support == "bounded"
