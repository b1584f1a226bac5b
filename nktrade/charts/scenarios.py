"""Scenarios: an outcome over two assumptions, or paths over time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import (
    PALETTE,
    Chart,
    finish_chart,
    scale_table,
    shade_months,
    start_figure,
    write_figure,
)
from nktrade.charts.heatmap import colour_cells, frame_cell
from nktrade.table.outwards import cut
from nktrade.table.rows import check_columns


def draw_plane(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    x: str,
    y: str,
    value: str,
    xlabel: str,
    ylabel: str,
    unit: str,
    between: tuple[float, float] | None = None,
) -> Chart:
    """Draw one outcome over two assumptions as a table of colours with its numbers.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *x*, *y*, *value*, one row a cell, in the order of the axes. With columns low and
        high a cell is written with what is known of it.
    between : (float, float), optional
        A published range: cells inside it are framed, with a broken line where only a part of what
        they may be is inside.

    Returns
    -------
    Chart

    Examples
    --------
    >>> cells = pd.DataFrame({"fuel": ["1", "2", "1", "2"], "rubber": ["1", "1", "2", "2"],
    ...     "trucks": [1.0, 1.5, 1.5, 2.0]})
    >>> draw_plane(cells, "Trucks", "Source: made here.", x="fuel", y="rubber", value="trucks",
    ...     unit="thousand", xlabel="fuel", ylabel="rubber").alt
    'Table of colours, rubber by fuel. Trucks. 1 to 2 thousand.'
    """
    check_columns(table, [x, y, value])
    ends = ["low", "high"] if {"low", "high"} <= set(table) else [value, value]
    wide, lows, highs = (_lay_plane(table, x, y, column) for column in (value, *ends))
    figure, axes = start_figure(title, height=1.8 + 0.42 * len(wide))
    axis = axes[0, 0]
    span = float(wide.abs().to_numpy().max()) or 1.0
    words = np.vectorize(_write_cell, otypes=[str])(lows, highs)
    colour_cells(axis, wide, words, cmap="PuOr_r", vmin=-span, vmax=span)
    least, most = between or (np.inf, -np.inf)
    sure = ((lows >= least) & (highs <= most)).to_numpy()
    maybe = ((highs >= least) & (lows <= most)).to_numpy() & ~sure
    for cells, style in ((sure, "-"), (maybe, "--")):
        for row, column in np.argwhere(cells):
            frame_cell(axis, row, column, "#111111", style)
    axis.set(xlabel=f"{xlabel} (cells: {unit})", ylabel=ylabel)
    low, high = write_figure(lows.to_numpy().min()), write_figure(highs.to_numpy().max())
    framed = f" {sure.sum()} of {wide.size} cells lie in the published range." if between else ""
    framed += f" {maybe.sum()} may lie there." if maybe.any() else ""
    alt = f"Table of colours, {ylabel} by {xlabel}. {title}. {low} to {high} {unit}."
    if between:
        perhaps = "; broken frames: perhaps" if maybe.any() else ""
        caption = f"{caption} Framed: inside the range that is printed{perhaps}."
    return finish_chart(figure, caption, alt + framed)


def _lay_plane(table: pd.DataFrame, x: str, y: str, column: str) -> pd.DataFrame:
    wide = table.pivot(index=y, columns=x, values=column).astype("float64")
    return wide.reindex(index=list(dict.fromkeys(table[y])), columns=list(dict.fromkeys(table[x])))


def _write_cell(low: float, high: float) -> str:
    """Write a cell to a tenth, or both its ends where they differ at a tenth."""
    if np.isnan(low):
        return ""
    least, most = cut(low, 0.1, -1), cut(high, 0.1, +1)
    alike = cut(low, 0.1) == cut(high, 0.1)
    return f"{low:,.1f}" if alike else f"{least:,.1f} to\n{most:,.1f}"  # two lines fit a phone


def draw_paths(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    value: str = "value",
    ylabel: str = "",
    window: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> Chart:
    """Draw one line a scenario over months, with zero marked: below it the scenario cannot hold.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period, *value*, in the order of the scenarios.
    window : (Timestamp, Timestamp), optional
        First and last month of what the scenarios are about, shaded.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> paths = months.assign(stock=months["value"].cumsum(), share="50%")
    >>> draw_paths(paths, "A stock", "Source: made here.", by="share", value="stock",
    ...     ylabel="stock").alt
    'Line chart, million USD. A stock. 50%: lowest 1 (2022-01).'
    """
    check_columns(table, ["period", by, value])
    groups = list(dict.fromkeys(table[by]))
    divisor, unit = scale_table(table[value], table)
    figure, axes = start_figure(title, height=4.4)
    axis = axes[0, 0]
    if window is not None:
        shade_months(axis, *window)
    told = []
    for n, group in enumerate(groups):
        path = table[table[by] == group].set_index("period")[value] / divisor
        axis.plot(path.index, path, color=PALETTE[n % len(PALETTE)], linewidth=1.8, label=group)
        told.append(f"{group}: lowest {write_figure(path.min())} ({path.idxmin():%Y-%m})")
    axis.axhline(0, color="#444444", linewidth=1.0)
    axis.set_ylabel(f"{ylabel}, {unit}" if ylabel else unit)
    axis.yaxis.set_major_formatter(lambda number, _: write_figure(number, 6))
    place_legend(axis)
    return finish_chart(figure, caption, f"Line chart, {unit}. {title}. {'; '.join(told)}.")
