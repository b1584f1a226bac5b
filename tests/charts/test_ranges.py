"""Ranges: both ends are shown, an open end leaves the picture, prints are points."""

import numpy as np
import pandas as pd

from nktrade.charts import draw_ranges


def draw(**columns):
    table = pd.DataFrame(columns, index=[f"year {n}" for n in range(len(columns["low"]))])
    return draw_ranges(table, "Coke", "Source: made here.", ylabel="million USD", divisor=1e6)


def test_both_ends_and_prints_can_be_taken_from_the_page():
    chart = draw(low=[1e6, 2e6], high=[3e6, 2e6], expected=[2.5e6, np.nan])
    _, about = chart._repr_mimebundle_()
    assert about["image/svg+xml"]["alt"].startswith("Ranges, million USD. Coke. year 0: 1 to 3;")
    series = chart._repr_mimebundle_()[0]["application/vnd.nktrade+json"]["chart"]["values"]
    found = {one["name"]: [float(p[3]) for p in one["points"]] for one in series["series"]}
    assert found == {"least": [1.0, 2.0], "most": [3.0, 2.0], "expected": [2.5]}


def test_what_nothing_bounds_runs_out_of_the_picture():
    chart = draw(low=[0.0, 1e6], high=[np.inf, 2e6])
    axis = chart.figure.axes[0]
    assert max(bar.get_paths()[0].vertices[:, 1].max() for bar in axis.collections) >= 2.0
    assert "year 0: 0 to no bound" in chart.alt


def test_deficits_lie_below_nothing():
    axis = draw(low=[-3e6], high=[-2e6]).figure.axes[0]
    low, high = axis.get_ylim()
    assert low < -3 < -2 < high
