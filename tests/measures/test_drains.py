import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade import charts
from nktrade.errors import UnanswerableError
from nktrade.measures.drains import accumulate_drain, find_receipts, run_scenarios


def months(exports, imports, start="2020-01"):
    period = pd.date_range(start, periods=len(exports), freq="MS")
    return pd.DataFrame({"period": period, "export": exports, "import": imports})


def test_a_month_by_hand():
    path = accumulate_drain(months([11.0], [100.0]), "2020-01", receipts=50, margin=0.1, oil=5)
    assert path["drain"].tolist() == pytest.approx([110 - 10 + 5 - 50])


flows = st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), min_size=1, max_size=24)


@given(flows=flows, receipts=st.floats(0, 1e8), margin=st.floats(0, 0.2))
def test_receipts_are_recovered_from_the_drain(flows, receipts, margin):
    table = months(*map(list, zip(*flows, strict=True)))
    drain = accumulate_drain(table, "2020-01", receipts=receipts, margin=margin)["drain"].iloc[-1]
    assert find_receipts(table, "2020-01", drain, margin=margin) == pytest.approx(
        receipts, abs=1e-3
    )


@given(flows=flows, receipts=st.floats(0, 1e8))
def test_more_receipts_never_drain_more(flows, receipts):
    table = months(*map(list, zip(*flows, strict=True)))
    cases = run_scenarios(table, starts=["2020-01"], receipts=[receipts, receipts + 1])
    assert cases["drain"].iloc[1] <= cases["drain"].iloc[0]


def test_gaps_and_late_starts_are_refused():
    table = months([1.0, 1.0, 1.0], [2.0, 2.0, 2.0])
    with pytest.raises(UnanswerableError, match="every month"):
        accumulate_drain(table, "2019-01", receipts=0)
    with pytest.raises(UnanswerableError, match="every month"):
        accumulate_drain(table.drop(index=1), "2020-01", receipts=0)
    with pytest.raises(UnanswerableError, match="no month"):
        accumulate_drain(table.head(0), "2020-01", receipts=0)
    with pytest.raises(UnanswerableError, match="not known"):
        accumulate_drain(table.assign(export=float("nan")), "2020-01", receipts=0)


def test_the_plane_says_how_many_cells_lie_in_the_range():
    cells = run_scenarios(
        months([0.0, 0.0], [3.0, 3.0]), starts=["2020-01", "2020-02"], receipts=[0.0, 1.0]
    )
    chart = charts.draw_plane(
        cells, "A plane", "Source: test.", x="receipts", y="start", value="drain",
        xlabel="receipts", ylabel="start", unit="USD", between=(3.0, 4.0),
    )  # fmt: skip
    assert "2 of 4 cells" in chart.alt
