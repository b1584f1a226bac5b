"""Ranges: the least and the greatest that a number can be, and points of what was printed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import (
    COLOURS,
    PALETTE,
    Chart,
    finish_chart,
    name_rows,
    start_figure,
    write_figure,
)
from nktrade.table.outwards import cut_digits
from nktrade.table.rows import check_columns

_BAR, _EDGE = "#a9c8e0", "#0072B2"
_MOST_UPRIGHT = 6


def draw_ranges(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    ylabel: str,
    divisor: float = 1.0,
) -> Chart:
    """Draw a bar from the least to the greatest, a row each; further columns are points.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: what each range is of. Columns low and high; high is infinite where nothing bounds
        it, and the bar then runs out of the picture. Any further column is a series of points, as
        printed or expected, missing where there is none.
    title, caption : str
    ylabel : str
        Unit, after division by `divisor`.
    divisor : float

    Returns
    -------
    Chart

    Examples
    --------
    >>> ends = pd.DataFrame({"low": [1.0, 2.0], "high": [3.0, 4.0]}, index=["coal", "rice"])
    >>> draw_ranges(ends, "Two goods", "Source: made here.", ylabel="million USD").alt
    'Ranges, million USD. Two goods. coal: 1 to 3; rice: 2 to 4.'
    """
    check_columns(table, ["low", "high"])
    from matplotlib.patches import Patch

    shown = table / divisor
    ends = shown.to_numpy(dtype=float)
    top = 1.12 * np.max(np.abs(ends[np.isfinite(ends)]), initial=0.0) or 1.0
    lying = len(shown) > _MOST_UPRIGHT  # long names beside one another would run together
    height = 1.6 + 0.36 * len(shown) if lying else 4.2
    figure, axes = start_figure(title, height=height)
    axis, at = axes[0, 0], np.arange(len(shown))
    low, high = shown["low"].to_numpy(float), shown["high"].to_numpy(float)
    reach = np.where(np.isfinite(high), high, top)
    bars = axis.hlines if lying else axis.vlines
    bars(at, low, reach, color=_BAR, linewidth=14 if lying else 22, zorder=1)
    look: dict[str, Any] = {"linestyle": "none"}
    # The ends are drawn as lines of their own: a range that is one number is still seen.
    edge = look | {"marker": "|" if lying else "_", "markeredgewidth": 2.5, "color": _EDGE}
    for name, values in (("least", low), ("most", high)):
        finite = np.where(np.isfinite(values), values, np.nan)
        places = (finite, at) if lying else (at, finite)
        axis.plot(*places, **edge, markersize=16 if lying else 26, label=name, zorder=2)
    marks = zip([one for one in shown if one not in ("low", "high")], "oXDs", strict=False)
    for n, (column, marker) in enumerate(marks):
        values = shown[column].to_numpy(float)
        places = (values, at) if lying else (at, values)
        colour = COLOURS["export"] if n == 0 else PALETTE[2 + n]
        dot = look | {"marker": marker, "markersize": 8, "color": colour, "label": str(column)}
        axis.plot(*places, **dot, zorder=3)
    least = min(0.0, 1.12 * np.nanmin(ends[np.isfinite(ends)], initial=0.0))
    most = top if np.nanmax(reach) > 0 else 0.0
    name_rows(axis, list(shown.index), ylabel, lying=lying)
    if lying:
        axis.set(xlim=(least, most), ylim=(len(shown) - 0.4, -0.6))
    else:
        axis.set(xlim=(-0.6, len(shown) - 0.4), ylim=(least, most))
    points, names = axis.get_legend_handles_labels()
    # The bar is named once; its two ends need no name of their own.
    bar = Patch(color=_BAR)
    place_legend(
        axis, {"from the least to the most": bar, **dict(zip(names[2:], points[2:], strict=True))}
    )
    told = "; ".join(_tell(*row) for row in shown[["low", "high"]].itertuples())
    return finish_chart(figure, caption, f"Ranges, {ylabel}. {title}. {told}.")


def _tell(name: object, low: float, high: float) -> str:
    if cut_digits(low, 3) == cut_digits(high, 3):
        return f"{name}: {write_figure(cut_digits(low, 3))}"
    most = write_figure(cut_digits(high, 3, +1)) if np.isfinite(high) else "no bound"
    return f"{name}: {write_figure(cut_digits(low, 3, -1))} to {most}"
