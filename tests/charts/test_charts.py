"""Charts: what is drawn, what is said under it and what a reader who cannot see it is told."""

import base64
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade import charts
from nktrade._paths import DATA
from nktrade.charts.frame import EVENTS, PALETTE
from nktrade.errors import MixtureError
from nktrade.measures import breaks as models
from nktrade.measures import compare_periods
from nktrade.published import published_months
from nktrade.table.mirrors import mirror
from nktrade.table.months import monthly
from tests.making import make_monthly, make_trade

TITLE, CAPTION = "Imports fell", "Source: by hand (estimated)."


@pytest.fixture
def table():
    imports = make_monthly([float(n) * 1e6 for n in range(1, 49)], "2018-01")
    exports = make_monthly([2e6] * 48, "2018-01").assign(flow="export")
    return pd.concat([imports, exports], ignore_index=True)


def draw_each(table: pd.DataFrame) -> dict[str, charts.Chart]:
    imports = table[table["flow"] == "import"]
    breaks = {"closure": "2020-02"}
    fit = models.fit_interruption(imports, breaks, counterfactual_of="closure")
    changes = table.assign(growth=np.linspace(-50, 500, len(table)))
    bars = imports.tail(3).assign(month=lambda t: t["period"].dt.strftime("%Y-%m"))
    return {
        "trend": charts.draw_trend(table, TITLE, CAPTION),
        "log": charts.draw_trend(table, TITLE, CAPTION, log=True),
        "change": charts.draw_change(
            changes, TITLE, CAPTION, column="growth", ylabel="percent on the year"
        ),
        "multiples": charts.draw_small_multiples(table, TITLE, CAPTION, by="flow"),
        "counterfactual": charts.draw_counterfactual(fit, TITLE, CAPTION),
        "bars": charts.draw_bars(bars, TITLE, CAPTION, x="month"),
        "lying bars": charts.draw_bars(bars, TITLE, CAPTION, x="month", horizontal=True),
    }


def test_every_chart_says_what_it_is(table):
    for name, chart in draw_each(table).items():
        assert chart.figure.get_suptitle() == TITLE, name
        assert chart.figure.get_supxlabel().startswith(CAPTION), name  # a model adds its own
        assert TITLE in chart.alt, name
        assert "chart" in chart.alt, name
        axis = chart.figure.axes[0]
        assert axis.get_ylabel() or axis.get_xlabel(), name


def test_a_chart_shows_itself_once_with_its_words(table):
    data, about = charts.draw_trend(table, TITLE, CAPTION)._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert about["image/png"]["alt"] == data["text/plain"]


def test_published_months_are_points_over_the_estimate(table):
    published = table.iloc[[0, 5]].assign(value=[9e6, 8e6])
    axis = charts.draw_trend(table, TITLE, CAPTION, published=published).figure.axes[0]
    points = [tuple(p[1] for p in drawn.get_offsets()) for drawn in axis.collections]
    assert (9.0, 8.0) in [tuple(map(float, ys)) for ys in points]
    labels = [text.get_text() for text in axis.get_legend().get_texts()]
    assert "Imports, as published" in labels
    assert all(drawn.get_zorder() > 2 for drawn in axis.collections if len(drawn.get_offsets()))


def test_a_month_by_difference_is_marked_as_such(table):
    published = table.iloc[[0, 5]].assign(value=[9e6, 8e6], status=["reported", "by difference"])
    axis = charts.draw_trend(table, TITLE, CAPTION, published=published).figure.axes[0]
    labels = [text.get_text() for text in axis.get_legend().get_texts()]
    assert "Imports, as published" in labels
    assert labels.count("by difference") == 1


def test_a_month_without_a_value_breaks_the_line(table):
    gap = table.copy()
    gap.loc[10, "value"] = np.nan
    line = next(
        line
        for line in charts.draw_trend(gap, TITLE, CAPTION).figure.axes[0].lines
        if line.get_label() == "Imports"
    )
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)[10])


def test_no_zero_on_a_log_scale(table):
    zero = table.copy()
    zero.loc[3, "value"] = 0.0
    axis = charts.draw_trend(zero, TITLE, CAPTION, log=True).figure.axes[0]
    assert axis.get_yscale() == "log"
    assert "log scale" in axis.get_ylabel()
    line = next(line for line in axis.lines if line.get_label() == "Imports")
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)[3])


def test_a_combined_release_is_shaded(table):
    plain = len(charts.draw_trend(table, TITLE, CAPTION).figure.axes[0].patches)
    combined = table.copy()
    combined.loc[24:25, "state"] = "combined"
    assert len(charts.draw_trend(combined, TITLE, CAPTION).figure.axes[0].patches) == plain + 1


def test_events_inside_the_window_are_named(table):
    def said(**how):
        figure = charts.draw_trend(table, TITLE, CAPTION, **how).figure
        numbers = [text.get_text() for text in figure.axes[0].texts]
        return figure.get_supxlabel().replace("\n", " "), numbers

    caption, numbers = said()
    assert f"{EVENTS['2020-02']}, February 2020" in caption
    assert EVENTS["2023-08"] not in caption  # the table ends before
    for number in numbers:
        assert f"{number} " in caption
    caption, numbers = said(events=False)
    assert not numbers
    assert not [name for name in EVENTS.values() if name in caption]


def test_events_are_those_of_the_file():
    file = DATA / "published" / "events.csv"
    table = pd.read_csv(file, dtype="str", keep_default_na=False)
    marked = table[table["mark"] == "yes"]
    assert set(marked["month"]) == set(EVENTS)
    assert marked["label"].ne("").all()
    assert EVENTS["2017-09"] == "these no longer cleared; textiles barred, new contracts"
    # The border closed on the last day of January: nothing of it shows before February.
    assert "2020-01" not in EVENTS


def test_a_print_and_its_reading_are_two_marks():
    table = pd.Series([3.0, 4.0], index=["2019", "2020"])
    chart = charts.draw_bars(
        table, TITLE, CAPTION, published=[3.0, 40.0], readings=[np.nan, 4.0], divisor=1
    )
    printed, read = chart.figure.axes[0].collections
    assert printed.get_offsets()[:, 1].tolist() == [3.0, 40.0]
    assert read.get_offsets()[1, 1] == 4.0
    assert [text.get_text() for text in chart.figure.axes[0].get_legend().get_texts()][-2:] == [
        *("as published", "as read")
    ]


def test_growth_that_print_does_not_fix_is_drawn_between_its_ends(table):
    """The month that is bounded has a pale bar from its least growth to its most."""
    known = {"growth": 20.0, "growth_low": -10.0, "growth_high": 400.0}
    growth = table.assign(**known, growth_support="printed")
    growth.loc[growth.index[3], "growth_support"] = "bounded"
    chart = charts.draw_change(growth, "G", "S", column="growth", ylabel="percent", limit=300)
    bars = [one for one in chart.figure.axes[0].collections if one.get_linewidths()[0] == 5]
    (segment,) = bars[0].get_segments()
    assert segment[:, 1].tolist() == [-10.0, 300.0]
    assert "Broken lines" in " ".join(text.get_text() for text in chart.figure.texts)
    plain = charts.draw_change(
        growth.drop(columns="growth_support"), "G", "S", column="growth", ylabel="percent"
    )
    assert "Broken lines" not in " ".join(text.get_text() for text in plain.figure.texts)


def test_growth_beyond_the_limit_is_marked(table):
    changes = table.assign(growth=[1000.0] + [1.0] * (len(table) - 1))
    axis = charts.draw_change(
        changes, TITLE, CAPTION, column="growth", ylabel="percent", limit=300
    ).figure.axes[0]
    tops = [line.get_ydata().max() for line in axis.lines if len(line.get_ydata()) > 2]
    assert max(tops) == 300
    assert any(len(marks.get_offsets()) == 1 for marks in axis.collections)


def test_marked_months_are_told_in_words(table):
    marks = table.iloc[[7]]
    chart = charts.draw_small_multiples(table, TITLE, CAPTION, by="flow", marks=marks)
    assert "import: 2018-08" in chart.alt
    assert "export: none" in chart.alt


@pytest.mark.parametrize(
    ("largest", "unit"),
    [
        (6e9, (1e9, "billion CNY")),
        (4e9, (1e6, "million CNY")),
        (1e6, (1e6, "million CNY")),
        (999.0, (1.0, "CNY")),
        (-2e3, (1e3, "thousand CNY")),
    ],
)
def test_units_keep_labels_short(largest, unit):
    assert charts.scale_money(pd.Series([0.0, largest]), "CNY") == unit
    assert charts.scale_money(pd.Series(dtype=float), "CNY") == (1.0, "CNY")


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [
        (288_767.3, 3, "288,767"),
        (999.96, 3, "1,000"),
        (100.0, 3, "100"),
        (46.0369, 3, "46"),
        (1.914, 3, "1.91"),
        (0.003, 3, "0.003"),
        (0.0000123, 2, "0.000012"),
        (0.0, 3, "0"),
        (-12.34, 2, "-12"),
    ],
)
def test_figures_have_no_exponent_at_any_magnitude(number, digits, text):
    assert charts.write_figure(number, digits) == text


def test_signs_are_written_where_asked():
    assert charts.write_figure(4.7e3, sign="+") == "+4,700"
    assert charts.write_figure(-4.7e3, sign="+") == "-4,700"


@given(st.floats(-1e15, 1e15).filter(lambda number: abs(number) > 1e-12), st.integers(1, 6))
def test_a_written_figure_reads_back_within_its_digits(number, digits):
    back = float(charts.write_figure(number, digits).replace(",", ""))
    assert back == pytest.approx(number, rel=5.1 * 10.0**-digits)


def test_bars_tell_years_and_large_values_as_they_are_written():
    table = pd.DataFrame({"year": [2017, 2018], "value": [288_767.3e6, 1.5e6]})
    chart = charts.draw_bars(table, TITLE, CAPTION, x="year")
    assert "2017: 288,767; 2018: 1.5." in chart.alt


def test_captions_say_estimated_and_whose_side():
    trade = make_trade([("2020-03", "export", "6902", 1.0)])
    assert "estimated" not in charts.write_caption(trade, "customs")
    estimate = trade.assign(status="estimated")
    assert charts.write_caption(estimate, "the panel") == "Source: the panel (estimated)."
    once = charts.write_caption(estimate, "the panel, estimated", side="North Korea")
    assert once.count("estimated") == 1
    assert "North Korea's" in once


def test_colours_are_apart_for_colour_blind_readers():
    """Okabe and Ito's set: no two alike, and none differs from another by hue alone."""
    assert len(set(PALETTE)) == len(PALETTE)
    light = [
        0.2126 * int(c[1:3], 16) + 0.7152 * int(c[3:5], 16) + 0.0722 * int(c[5:], 16)
        for c in PALETTE[:2]
    ]
    assert abs(light[0] - light[1]) > 10


def test_a_bar_without_a_value_keeps_its_place_and_long_lists_get_room():
    table = pd.DataFrame({"year": ["2017", "2018", "2019"], "value": [2e6, np.nan, 4e6]})
    chart = charts.draw_bars(table, TITLE, CAPTION, x="year")
    labels = [tick.get_text() for tick in chart.figure.axes[0].get_xticklabels()]
    assert labels == ["2017", "2018", "2019"]
    assert "2018" not in chart.alt
    many = pd.DataFrame({"good": [f"good {n}" for n in range(20)], "value": 1e6})
    tall = charts.draw_bars(many, TITLE, CAPTION, x="good", horizontal=True).figure
    assert tall.get_figheight() > chart.figure.get_figheight()


def test_names_of_many_lying_bars_do_not_run_into_each_other():
    names = [f"{n:04d} a good whose name runs over two lines" for n in range(12)]
    table = pd.DataFrame({"good": names, "value": 1e6})
    figure = charts.draw_bars(table, TITLE, CAPTION, x="good", horizontal=True).figure
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    tops = sorted((box.y0, box.y1) for box in boxes)
    assert all(upper[0] >= lower[1] for lower, upper in pairwise(tops))


# --- what a table says -----------------------------------------------------------------------


def test_a_chart_names_the_currency_of_its_table():
    """Yuan stay yuan from the rows to the axis and the alternative text."""
    rows = [(f"2020-{month:02}", "import", "6902", 2e8) for month in range(3, 13)]
    yuan = monthly(make_trade(rows, currency="CNY"))
    chart = charts.draw_trend(yuan, TITLE, CAPTION)
    assert "million CNY" in chart.alt
    assert "CNY" in chart.figure.axes[0].get_ylabel()
    wide = compare_periods(make_trade(rows, currency="CNY"), "flow", ["2020-Q2", "2020-Q3"])
    assert wide.attrs["nktrade"]["currency"] == "CNY"
    assert "million CNY" in charts.draw_bars(wide, TITLE, CAPTION).alt
    unsaid = charts.draw_trend(yuan.drop(columns="currency"), TITLE, CAPTION)
    assert "currency not stated" in unsaid.alt


def test_points_that_contradict_the_line_are_refused():
    rows = [(f"2020-{month:02}", "export", "6902", 2e8) for month in range(3, 13)]
    china, seoul = mirror(make_trade(rows)), mirror(make_trade(rows, reporter="KOR"))
    points = published_months()
    assert charts.draw_trend(monthly(china), TITLE, CAPTION, published=points).alt
    with pytest.raises(MixtureError, match=r"different declarers.*KOR and CHN"):
        charts.draw_trend(monthly(seoul), TITLE, CAPTION, published=points)
    with pytest.raises(MixtureError, match="different currencies"):
        charts.draw_trend(monthly(china.assign(currency="CNY")), TITLE, CAPTION, published=points)


def test_events_of_ones_own():
    rows = [(f"2020-{month:02}", "export", "6902", 2e8) for month in range(3, 13)]
    chart = charts.draw_trend(
        monthly(make_trade(rows)), TITLE, CAPTION, events={"2020-06": "a flood"}
    )
    assert "1 a flood, June 2020" in chart.figure.get_supxlabel()
