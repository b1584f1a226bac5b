"""Trade against what others' course would have made it."""

from __future__ import annotations

import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import (
    Chart,
    finish_chart,
    mark_month,
    scale_table,
    start_figure,
    write_figure,
)
from nktrade.charts.trends import draw_course
from nktrade.table.periods import spell_period
from nktrade.table.rows import check_result


def draw_expected(found, title: str, caption: str) -> Chart:
    """Draw a unit's trade by month beside what the others' course would have made it.

    Parameters
    ----------
    found : Counterfactual
        From `measures.compare_with_others`.
    title : str
        What is drawn.
    caption : str
        Source and status; which comparison, and with how many, is added.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import numpy as np
    >>> from nktrade.measures import compare_with_others
    >>> period = pd.date_range("2016-01-01", periods=72, freq="MS")
    >>> values = np.random.default_rng(1).normal(10, 0.3, (72, 14))
    >>> months = pd.DataFrame(values, period, list("ABCDEFGHIJKLMN")).rename_axis("period").melt(
    ...     var_name="partner", ignore_index=False).reset_index()
    >>> found = compare_with_others(months.assign(currency="USD"), "A", "2021-01")
    >>> draw_expected(found, "As the others", "Source: made here.").alt[:26]
    'Line chart. As the others.'
    """
    check_result(found, "table", "find_spikes")
    table = found.table
    per_month = table[["value", "expected", "low", "high"]].div(table["months"], axis=0)
    divisor, unit = scale_table(per_month["expected"], table)
    shown = per_month / divisor
    figure, axes = start_figure(title)
    axis = axes[0, 0]
    axis.plot(table["period"], shown["value"], color="#111111", linewidth=1.6, label=found.unit)
    draw_course(axis, table["period"], shown, "as the others went", "95 % of it, by placebos")
    mark_month(axis, pd.Timestamp(f"{found.start}-01"))
    axis.set_ylim(bottom=0)
    axis.set_ylabel(f"{unit} a month")
    place_legend(axis)
    gap = found.sum_gap()
    numbers = [write_figure(gap[name] / divisor) for name in ("gap", "low", "high")]
    told = f"{numbers[0]} {unit} less than expected in {spell_period(gap['period'])}"
    if gap["low"] == gap["low"]:
        told += f", 95 percent limits {numbers[1]} and {numbers[2]}"
    notes = " ".join(found.notes)
    return finish_chart(figure, f"{caption} {notes}", f"Line chart. {title}. {told}.")
