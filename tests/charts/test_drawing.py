import re
import warnings

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from nktrade.charts import draw_bars, draw_trend
from nktrade.charts.drawing import FAR_EASTERN, draw_narrow_svg, draw_svg, list_values
from nktrade.errors import InputError


def chart(title="Coal and wigs"):
    rows = pd.DataFrame({"good": ["coal", "wigs"], "value": [2.0e6, 3.5e6]})
    return draw_bars(rows, title, "Source: made here.", x="good", ylabel="million USD")


def test_text_is_text_and_the_same_chart_gives_the_same_bytes():
    svg = draw_svg(chart().figure)
    assert svg == draw_svg(chart().figure)
    words = {text.get_text() for text in BeautifulSoup(svg, "html.parser")("text")}
    assert {"Coal and wigs", "coal", "wigs"} <= words


def test_the_values_are_those_drawn_and_stand_where_the_bars_do():
    figure = chart().figure
    draw_svg(figure)
    said = list_values(figure)
    (series,) = said["series"]
    assert [point[2:] for point in series["points"]] == [["coal", "2"], ["wigs", "3.5"]]
    assert series["points"][0][1] > series["points"][1][1]  # down is greater in a drawing
    assert all(0 < x < said["width"] and 0 < y < said["height"] for x, y, *_ in series["points"])


def test_the_narrow_drawing_leaves_the_figure_as_it_was():
    title = "A title that is a good deal longer than a telephone is wide, and so is broken"
    figure = chart(title).figure
    before = (*figure.get_size_inches(), figure.get_suptitle(), figure.get_supxlabel())
    narrow = draw_narrow_svg(figure)
    assert (*figure.get_size_inches(), figure.get_suptitle(), figure.get_supxlabel()) == before
    assert BeautifulSoup(narrow, "html.parser").svg["viewbox"].split()[2] == "316.8"


@pytest.mark.parametrize("ending", ["pdf", "svg", "png", "eps"])
def test_a_chart_is_saved_as_its_ending_says(tmp_path, ending):
    made = chart()
    for options in ({}, {"style": "journal"}, {"gray": True}):
        path = made.save(tmp_path / f"a.{ending}", **options)
        assert path.stat().st_size > 1000
    assert made.figure.get_suptitle() == "Coal and wigs"
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]


def test_gray_has_no_colour_and_the_chart_keeps_its_own(tmp_path):
    made = chart()
    grey = made.save(tmp_path / "a.svg", gray=True).read_text()
    colours = re.findall(r"(?:fill|stroke): #([0-9a-f]{6})", grey)
    assert colours
    assert all(code[:2] == code[2:4] == code[4:] for code in colours)
    assert "#0072b2" in made.save(tmp_path / "b.svg").read_text()


def test_an_unknown_ending_or_style_is_refused(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'pdf'"):
        chart().save(tmp_path / "a.pfd")
    with pytest.raises(InputError, match="journal"):
        chart().save(tmp_path / "a.pdf", style="journals")


def test_numbers_in_words_stay_whole():
    assert "a 0.00125 share" in draw_svg(chart("a 0.00125 share").figure)


def test_long_names_of_bars_are_folded_on_a_telephone_and_whole_again_after():
    names = [f"January to June {year}" for year in range(2017, 2022)]
    table = pd.DataFrame({"period": names, "value": [1.0, 2, 3, 4, 5]})
    chart = draw_bars(table, "A title", "A caption", x="period", ylabel="%", divisor=1)
    wide = draw_svg(chart.figure)
    narrow = draw_narrow_svg(chart.figure)
    assert ">to June" in re.sub(r"\s+", " ", narrow)
    assert draw_svg(chart.figure) == wide


def test_periods_of_several_lengths_stand_in_panels_of_their_own():
    names = ["January to June 2020", "2022", "January to June 2021", "2023", "May 2024"]
    chart = draw_bars(pd.Series([1.0, 2, 3, 4, 5], index=names), "T", "C", ylabel="%", divisor=1)
    heights = [[bar.get_height() for bar in axis.patches] for axis in chart.figure.axes]
    assert heights == [[1, 3], [2, 4], [5]]
    assert draw_narrow_svg(chart.figure)
    plain = draw_bars(pd.Series([1.0, 2], index=["Coal", "2023"]), "T", "C", ylabel="%", divisor=1)
    assert len(plain.figure.axes) == 1


def test_a_legend_stands_above_the_bars_in_both_drawings():
    table = pd.DataFrame({"one long name of goods": [9.0, 9], "another long name": [9.0, 9]})
    figure = draw_bars(table, "T", "C", ylabel="%", divisor=1).figure
    for width in (None, 4.4):
        if width:
            figure.set_size_inches(width, 5)
        figure.canvas.draw()
        axis = figure.axes[0]
        legend = axis.get_legend().get_window_extent()
        assert legend.y0 >= max(bar.get_window_extent().y1 for bar in axis.patches)


def test_parts_of_a_series_have_names_by_which_a_page_hides_them():
    table = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}, index=["x", "y"])
    data, _ = draw_bars(table, "T", "C", ylabel="%", divisor=1)._repr_mimebundle_()
    chart = data["application/vnd.nktrade+json"]["chart"]
    assert [(one["name"], one["id"]) for one in chart["values"]["series"]] == [
        ("a", "series-0"),
        ("b", "series-1"),
    ]
    for svg in (data["image/svg+xml"], chart["narrow"]):
        for part in ("series-0-0", "series-0-1", "series-1-0", "series-1-1"):
            assert svg.count(f'id="{part}"') == 1


def test_letters_of_china_and_korea_come_from_fonts_at_hand(tmp_path):
    from matplotlib.font_manager import get_font_names

    if not set(FAR_EASTERN) & set(get_font_names()):
        pytest.skip("no font with Chinese and Korean letters on this system")
    table = pd.DataFrame({"good": ["假发", "가발"], "value": [1.0, 2.0]})
    chart = draw_bars(table, "中国海关", "来源", x="good", ylabel="万美元", divisor=1)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")  # what matplotlib says of a box
        chart._repr_mimebundle_()
        for name in ("a.png", "a.pdf"):
            chart.save(tmp_path / name)
    plain = draw_bars(table.assign(good=["a", "b"]), "T", "C", x="good", ylabel="%", divisor=1)
    assert not [name for name in FAR_EASTERN if name in draw_svg(plain.figure)]


def test_of_many_periods_a_telephone_names_every_second():
    months = pd.date_range("2023-01", periods=12, freq="MS").strftime("%B %Y")
    chart = draw_bars(pd.Series(range(12), index=months, dtype=float), "T", "C", ylabel="%")
    narrow = draw_narrow_svg(chart.figure)
    assert "January" in narrow
    assert "February" not in narrow
    assert "February" in draw_svg(chart.figure)


@pytest.mark.parametrize("log", [False, True])
def test_numbers_of_events_stand_above_the_data_and_their_names_in_the_caption(log):
    months = pd.date_range("2019-01", periods=36, freq="MS")
    table = pd.DataFrame({"flow": "import", "period": months, "value": 5e6, "state": "reported"})
    chart = draw_trend(table.assign(currency="USD"), "T", "C", log=log)
    assert "border closed" in draw_svg(chart.figure)
    axis = chart.figure.axes[0]
    chart.figure.canvas.draw()
    top = axis.transData.transform((0, 5))[1]
    assert axis.texts
    assert all(text.get_window_extent().y0 >= top for text in axis.texts)
