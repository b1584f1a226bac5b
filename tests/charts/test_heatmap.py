"""The heat map: numbers, dashes, frames and words."""

import pandas as pd

from nktrade.charts import Chart, draw_heatmap

ROWS = [
    ("food", "Liaoning", "2019", 37.5, False),
    ("food", "Liaoning", "2020", 55.6, False),
    ("food", "Fujian", "2019", 13.3, False),
    ("food", "Fujian", "2020", None, False),
    ("cloth", "Liaoning", "2019", 20.7, False),
    ("cloth", "Liaoning", "2020", 7.9, False),
    ("cloth", "Fujian", "2019", 49.5, True),
    ("cloth", "Fujian", "2020", 41.6, False),
]
TABLE = pd.DataFrame(ROWS, columns=["industry", "province", "year", "share", "odd"])
HOW = {"x": "year", "y": "industry", "group": "province"}


def draw(**more) -> Chart:
    return draw_heatmap(TABLE, "A finding", "Source: test.", **(HOW | more))


def test_every_cell_has_its_number_and_a_missing_one_a_dash():
    axis = draw().figure.axes[0]
    said = {text.get_position(): text.get_text() for text in axis.texts}
    rows = [["37.5", "55.6", "13.3", "–"], ["20.7", "7.9", "49.5", "41.6"]]
    for row, line in enumerate(rows):
        assert [said[column + 0.5, row + 0.5] for column in range(4)] == line
    assert {"Liaoning", "Fujian"} <= {text.get_text() for text in axis.texts}
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["food", "cloth"]
    assert axis.get_xlabel() == "cells: %"


def test_marked_cells_are_framed_and_named():
    chart = draw(marked="odd")
    frames = chart.figure.axes[0].patches
    assert [frame.get_xy() for frame in frames] == [
        (2 + 0.03, 1 + 0.06)
    ]  # inside the cell from (2, 1)
    assert "Framed: Fujian 2019 cloth." in chart.alt
    assert "Liaoning 2020: food 55.6" in chart.alt


def test_without_groups_and_with_one_cell():
    one = TABLE.head(1)
    chart = draw_heatmap(one, "A finding", "Source: test.", x="year", y="industry")
    assert "2019: food 37.5" in chart.alt
    empty = one.assign(share=None)
    assert draw_heatmap(empty, "A finding", "Source: test.", x="year", y="industry").alt
