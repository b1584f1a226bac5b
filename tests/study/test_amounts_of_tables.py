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
    low, high = map(float, re.search(r"(-?[\d.]+) to ([\d.]+) million USD", html).groups())
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


def test_what_is_known_of_several_sums_keeps_its_ends(korea):
    """The middle of two ends was told as the number: wigs of a half-year, printed as a least."""
    wigs = korea.amounts(korea.known(["2023-H1", "2023"], flow="export", hs="6704"))
    half, year = wigs
    assert half.low < 74e6 < 90e6 < half.high < np.inf
    assert (half.support, year.support) == ("bounded", "printed")
    assert year.low <= 166.74e6 <= year.high
    exact = korea.amount("2023-H1", flow="export", hs="6704")
    assert [half.low, half.high] == pytest.approx([exact.low, exact.high], abs=1)  # dollars


def test_sums_from_january_on_are_what_print_leaves_of_them():
    korea = Study("PRK", "2017", "2018")
    months = korea.monthly(korea.trade)
    told = korea.to_date(months)
    ends = korea.amounts(months.set_index(["period", "flow"])[["low", "high", "support"]])
    for flow in told:
        least = most = 0.0
        for at, one in told[flow].items():
            least, most = (0.0, 0.0) if at.month == 1 else (least, most)
            month = ends[at, flow]
            least, most = least + month.low, most + month.high
            assert one.low >= least - 10  # dollars: the ends are kept in whole ones
            assert one.high <= most + 10
        june, half = told.loc["2017-06-01", flow], korea.amount("2017-H1", flow=flow)
        assert (june.low, june.high) == (half.low, half.high)


def test_bars_that_print_fixes_say_print_and_others_the_estimate():
    korea = Study("PRK", "2017", "2020")
    bricks = korea.compare(
        korea.select(flow="import", hs="6902"), "heading", ["2017-H1", "2020-H1"]
    )
    said = [
        " ".join(text.get_text() for text in korea.bars(table, "Bars").figure.texts)
        for table in (bricks, korea.compare(korea.imports, "chapter", ["2017", "2019"]).head(3))
    ]
    assert "published figures" in said[0]
    assert "(estimated)" not in said[0]
    assert "(estimated)" in said[1]
    assert "January to June 2017: 2.4;" in korea.bars(bricks.T, "Bars").alt


def test_a_record_is_written_in_full_where_it_is_asked_for(korea):
    cells = [Amount(635_587_062.0, 635_587_062.0, "recorded"), Amount(1.0e6, 1.2e6, "printed")]
    html = korea.table(pd.DataFrame({"value": cells}), "Values", digits=15).to_html()
    assert "635,587,062" in html
    assert "1,000,000 to 1,200,000" in html


def test_a_plane_of_amounts_writes_both_ends_and_frames_what_is_sure(korea):
    from nktrade import charts

    cells = pd.DataFrame({"receipts": ["0", "50"], "start": "January 2018"})
    cells["drain"] = [Amount(2.1, 2.8, "bounded"), Amount(2.9, 3.4, "bounded")]
    chart = korea.draw(
        charts.draw_plane, cells, "A drain", x="receipts", y="start", value="drain",
        xlabel="receipts", ylabel="from", unit="billion USD", between=(2.0, 3.0),
    )  # fmt: skip
    written = [text.get_text() for text in chart.figure.axes[0].texts]
    assert [" ".join(one.split()) for one in written] == ["2.1 to 2.8", "2.9 to 3.4"]
    assert "1 of 2 cells lie in the published range. 1 may lie there." in chart.alt
    lines = [frame.get_linestyle() for frame in chart.figure.axes[0].patches]
    assert lines == ["-", "--"]
    said = " ".join(text.get_text() for text in chart.figure.texts)
    assert "published figures" in said
    assert "broken" in said
