"""The picture of prints beside the room left for them."""

import pandas as pd

from nktrade.charts import draw_printed_and_meant

TABLE = pd.DataFrame(
    {
        "label": ["total", "lost word", "deficit"],
        "printed": [1.04, 43.9, -0.5],
        "low": [1.2425, 43e6, float("nan")],
        "high": [1.2535, 45e6, -0.9],
        "reading": [1.25, 43.9e6, -1.0],
        "verdict": ["inconsistent", "inconsistent", "suspect"],
    }
)


def test_prints_far_off_have_an_axis_of_their_own():
    chart = draw_printed_and_meant(TABLE, "Two are wrong", "Source: invented")
    near, far = chart.figure.axes
    assert [text.get_text() for text in near.get_yticklabels()] == ["total", "deficit"]
    assert [text.get_text() for text in far.get_yticklabels()] == ["lost word"]
    points = [tuple(xy) for part in near.collections for xy in part.get_offsets()]
    assert (1.04 / 1.25, 0) in points
    assert (0.5, 1) in points
    assert "printed 43.9, meant 43,900,000" in chart.alt


def test_a_negative_figure_turns_its_room_round():
    chart = draw_printed_and_meant(TABLE.iloc[[2]], "One", "Source: invented")
    (axis,) = chart.figure.axes
    bar = axis.lines[0].get_xdata()
    assert list(bar) == [0.9, axis.get_xlim()[1]]  # -0.9 or less is 0.9 times -1 or more
