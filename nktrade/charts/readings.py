"""Prints beside the intervals that they should lie in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import COLOURS, Chart, finish_chart, start_figure, wrap
from nktrade.table.rows import check_columns

#: Beyond this factor a print is drawn on an axis of its own: a point or a word of scale is off.
FAR = 8.0
_ROOM = "#9a9a9a"


def draw_printed_and_meant(table: pd.DataFrame, title: str, caption: str) -> Chart:
    """Draw each print, as a multiple of what was meant, over the interval it should lie in.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns label, printed, low, high, reading (numbers; low and high missing where there is no
        bound) and verdict ("inconsistent" or "suspect"), one row a figure.

    Returns
    -------
    Chart
        Prints near what was meant above, those beyond a factor of eight below.

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["Wigs"], "printed": [43.9], "low": [43e6], "high": [45e6],
    ...     "reading": [43.9e6], "verdict": ["inconsistent"]})
    >>> draw_printed_and_meant(table, "A word was lost", "Source: made here.").alt
    'Prints as multiples of what was meant. A word was lost. Wigs: printed 43.9, meant 43,900,000.'
    """
    check_columns(table, ["printed"])
    shown = table.assign(times=table["printed"] / table["reading"])
    near = shown["times"].between(1 / FAR, FAR)
    parts = [part for part in (shown[near], shown[~near]) if len(part)]
    rows = sum(map(len, parts))
    figure, axes = start_figure(title, rows=len(parts), height=2.2 + 0.31 * rows)
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([len(part) + 1.5 for part in parts])
    for axis, part in zip(axes[:, 0], parts, strict=True):
        _draw_rows(axis, part)
    place_legend(axes[0, 0])
    axes[-1, 0].set_xlabel("times what was meant (logarithmic)")
    told = "; ".join(
        f"{row.label}: printed {row.printed:,.10g}, meant {row.reading:,.10g}"
        for row in shown.itertuples()
    )
    return finish_chart(figure, caption, f"Prints as multiples of what was meant. {title}. {told}.")


def _draw_rows(axis, part: pd.DataFrame) -> None:
    at = np.arange(len(part))
    turned = (part["reading"] < 0).to_numpy()  # a negative figure turns its interval round
    ends = part[["low", "high"]].div(part["reading"], axis=0).to_numpy()
    lows, highs = np.where(turned, ends[:, 1], ends[:, 0]), np.where(turned, ends[:, 0], ends[:, 1])
    values = [part["times"].to_numpy(), lows, highs, np.ones(1)]
    known = np.concatenate(values)
    known = known[np.isfinite(known) & (known > 0)]
    left, right = known.min() / 1.4, known.max() * 1.4
    for row, low, high in zip(at, lows, highs, strict=True):
        open_low = not np.isfinite(low) or low <= 0
        bar = (left if open_low else low, right if not np.isfinite(high) else high)
        axis.plot(bar, (row, row), color=_ROOM, linewidth=7, solid_capstyle="butt")
        if bar[1] < 1.05 * bar[0]:  # else a narrow interval would not be seen
            axis.scatter(np.sqrt(bar[0] * bar[1]), row, s=40, marker="s", color=_ROOM)
    axis.plot([], [], color=_ROOM, linewidth=7, label="room left by other figures")
    axis.axvline(1.0, color="#555555", linewidth=1, zorder=1)
    for verdict, colour in (("inconsistent", COLOURS["export"]), ("suspect", COLOURS["import"])):
        mine = (part["verdict"] == verdict).to_numpy()
        axis.scatter(
            part["times"].to_numpy()[mine],
            at[mine],
            s=46,
            color=colour if verdict == "inconsistent" else "white",
            edgecolor=colour,
            linewidth=1.6,
            zorder=3,
            label=f"printed, {verdict}",
        )
    axis.set_xscale("log")
    axis.set_xlim(left, right)
    ticks = [1e-4, 1e-2, 0.2, 0.5, 1, 2, 5, 1e2, 1e4]
    far = right / left > 1e3
    inside = [t for t in ticks if left <= t <= right and not (far and t in (0.2, 0.5, 2, 5))]
    axis.set_xticks(inside, [f"{tick:g}" for tick in inside])
    axis.minorticks_off()
    axis.set_ylim(len(part) - 0.4, -0.6)
    axis.set_yticks(at, [wrap(label, 58) for label in part["label"]], fontsize=8.5)
    axis.grid(visible=False, axis="y")
