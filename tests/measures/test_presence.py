"""In which months something was traded."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import charts
from nktrade import published as documents
from nktrade.errors import UnanswerableError
from nktrade.measures.presence import count_presence, mark_presence
from nktrade.table.mirrors import mirror
from tests.making import make_trade

ROWS = [
    ("2020-02", "import", "26110000", 70.0),
    ("2020-03", "import", "26110000", 5.0),
    ("2020-04", "import", "72021100", 9.0),
    ("2020-06", "import", "26110000", 8.0),
]
STATUS = ["combined", "reported", "reported", "reported"]


def marks(fixed=None):
    trade = mirror(make_trade(ROWS, status=STATUS))
    return mark_presence(trade, ["2611", "7202", "2613"], flow="export", fixed=fixed)


def test_states_by_hand():
    table = marks().set_index(["code", "period"])["presence"]
    together, traded, nothing, unknown = "together", "traded", "nothing", "not known"
    # May was released for no item at all, so nothing is known of it.
    assert table["2611"].tolist() == [together, together, traded, nothing, unknown, traded]
    assert table["7202"].tolist() == [nothing, nothing, nothing, traded, unknown, nothing]
    assert table["2613"].tolist() == [nothing] * 4 + [unknown, nothing]


def test_counts_by_hand():
    fixed = {"2611": pd.DatetimeIndex(["2020-06-01", "2019-01-01"])}
    counts = count_presence(marks(fixed))
    assert counts.loc["2611"].tolist() == [6, 3, 5, 1, 1, 1, "no"]
    assert counts.loc["2613", ["least", "most", "continuous"]].tolist() == [0, 1, "no"]
    late = marks().query("code == '2611' and period >= '2020-05-01'")
    assert count_presence(late)["continuous"].tolist() == ["not known"]
    assert count_presence(late.tail(1))["continuous"].tolist() == ["yes"]


def test_a_flow_that_is_not_there_is_refused():
    trade = mirror(make_trade(ROWS, status=STATUS))
    with pytest.raises(UnanswerableError, match="hold no imports"):
        mark_presence(trade, ["2611"], flow="import")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=24))
def test_every_month_is_counted_once(values):
    months = pd.date_range("2018-01-01", periods=len(values), freq="MS").strftime("%Y-%m")
    rows = [(m, "import", "2611", float(v)) for m, v in zip(months, values, strict=True)]
    table = mark_presence(mirror(make_trade(rows)), ["2611"], flow="export")
    row = count_presence(table).loc["2611"]
    assert row["months"] == len(values) == row["most"] + row["nothing"]
    assert row["least"] == row["most"] == sum(v > 0 for v in values)
    assert row["continuous"] == ("yes" if all(values) else "no")


def test_only_a_figure_of_its_own_fixes_a_month():
    # Printed: a half-year, May of 2020, a June that can only be read as "at most 3.5 million", and
    # a dash for the first half of 2017.
    fixed = documents.find_fixed_months("export", "9108").strftime("%Y-%m").tolist()
    first_half = [f"2017-0{n}" for n in range(1, 7)]
    assert fixed == [*first_half, "2020-05"]
    assert documents.find_fixed_months("export", "2716").empty
    assert documents.find_fixed_months("import", "9110").empty


def test_the_strip_tells_what_it_shows():
    fixed = {"2611": pd.DatetimeIndex(["2020-06-01"])}
    chart = charts.draw_presence(marks(fixed), "Traded on", "Source: by hand.", names=None)
    assert "2611: 3 to 5 of 6 months traded" in chart.alt
    caption = chart.figure.get_supxlabel()
    assert "Hatched" in caption
    assert "Dots" in caption
    axis = chart.figure.axes[0]
    assert len(axis.patches) == 2 + 3  # one joint release, one month unknown to all three
    plain = charts.draw_presence(marks().query("period >= '2020-06-01'"), "A", "Source: by hand.")
    assert plain.figure.get_supxlabel() == "Source: by hand."


def test_paths_say_their_lowest_month():
    table = pd.DataFrame(
        {
            "share": ["40 %"] * 3 + ["60 %"] * 3,
            "period": list(pd.date_range("2020-01-01", periods=3, freq="MS")) * 2,
            "value": [3e6, 2e6, 1e6, 2e6, -1e6, 0.0],
            "currency": "USD",
        }
    )
    chart = charts.draw_paths(table, "It ran out", "Source: by hand.", by="share", ylabel="stock")
    assert "60 %: lowest -1 (2020-02)" in chart.alt
    assert chart.figure.axes[0].get_ylabel() == "stock, million USD"
