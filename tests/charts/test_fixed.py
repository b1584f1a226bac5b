"""What print does not fix is not drawn as if it were known."""

import pandas as pd
import pytest

from nktrade import charts
from nktrade.charts.drawing import list_values
from nktrade.table.meaning import is_reckoned, read_ends, write_loose

MONTHS = pd.date_range("2019-01", periods=4, freq="MS")


@pytest.fixture
def months():
    return pd.DataFrame(
        {
            "flow": "import",
            "period": MONTHS,
            "value": [4e6, 5e6, 3e6, 2e6],
            "low": [4e6, 1e6, 0.0, 2e6],
            "high": [4e6, 60e6, float("inf"), 2e6],
            "support": ["printed", "bounded", "assumed", "printed"],
            "state": "reported",
            "currency": "USD",
        }
    )


@pytest.mark.parametrize("draw", [charts.draw_trend, charts.draw_small_multiples])
def test_a_line_is_broken_where_no_print_fixes_its_months(months, draw):
    options = {"by": "flow"} if draw is charts.draw_small_multiples else {"events": False}
    chart = draw(months, "T", "C", **options)
    axis = chart.figure.axes[0]
    line, broken = axis.get_lines()[:2]
    assert broken.get_linestyle() != "-"
    assert broken.get_color() == "white"
    assert [float(y) for y in broken.get_ydata() if y == y] == [4, 5, 5, 3, 3, 2]
    (bars,) = [one for one in axis.collections if one.get_label().startswith("_with")]
    assert [[tuple(end) for end in one] for one in bars.get_segments()] == [
        [(line.get_xdata(orig=False)[1], 1.0), (line.get_xdata(orig=False)[1], 60.0)]
    ]
    assert "no print fixes" in chart.figure.get_supxlabel().replace("\n", " ")
    assert axis.get_ylim()[1] < 20  # a bar far above the line does not flatten it


def test_what_a_chart_gives_away_says_how_far_a_value_is_known(months):
    chart = charts.draw_trend(months, "T", "C", events=False)
    chart._repr_mimebundle_()
    (series,) = list_values(chart.figure)["series"]
    assert [point[2:] for point in series["points"]] == [
        ["2019-01", "4"],
        ["2019-02", "5", "1", "60"],
        ["2019-03", "3"],
        ["2019-04", "2"],
    ]


@pytest.mark.parametrize("given", ["printed", "recorded"])
def test_fixed_values_are_drawn_plainly(months, given):
    fixed = months.assign(support=given)
    chart = charts.draw_trend(fixed, "T", "C", events=False)
    assert len(chart.figure.axes[0].get_lines()) == 1
    assert chart.figure.get_supxlabel() == "C"


def test_bars_mark_what_is_possible_and_fade_what_is_assumed(months):
    bars = months.assign(month=months["period"].dt.strftime("%Y-%m"))
    chart = charts.draw_bars(bars, "T", "C", x="month")
    axis = chart.figure.axes[0]
    assert [patch.get_alpha() for patch in axis.patches] == [None, None, 0.35, None]
    (lines,) = axis.collections
    assert [[float(y) for _, y in one] for one in lines.get_segments()] == [[1.0, 60.0]]
    assert "assumed" in chart.figure.get_supxlabel()


def test_a_wide_table_remembers_how_its_sums_are_known_and_forgets_it_of_others(months):
    wide = pd.DataFrame({"2017": [1.0, 2.0], "2018": [3.0, 4.0]}, index=["import", "export"])
    loose = [
        [["import"], "2017", 1.0, 0.5, None, "assumed"],
        [["export"], "2018", 4.0, 3, 5, "bounded"],
    ]
    wide.attrs["nktrade"] = {"currency": "USD", "loose": write_loose(loose)}
    assert read_ends(wide)["support"].tolist() == ["assumed", "", "", "bounded"]
    assert read_ends(wide.T)["support"].tolist() == ["assumed", "", "", "bounded"]
    assert read_ends(wide[["2018"]])["high"].tolist()[1] == 5
    assert read_ends(wide * 2) is None
    assert read_ends(wide.iloc[:1, 1:]) is None
    tables = [wide.T, wide.iloc[:1, 1:], 100 * wide / wide.sum(), pd.DataFrame({"a": [1.0]})]
    assert [is_reckoned(table) for table in tables] == [False, False, True, True]
    (_, pale) = (
        charts.draw_bars(wide, "T", "C", divisor=1).figure.axes[0].patches[n] for n in (1, 0)
    )
    assert pale.get_alpha() == 0.35
