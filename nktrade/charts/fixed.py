"""How a value is known, as it is drawn: fixed by print or record, or between two ends.

A line is whole where customs or print fix its months, and broken where they do not; a bar there
runs from the least to the most that published figures allow. What is only assumed has no bar: it
could be nearly anything.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.charts.drawing import go_with

#: What a caption says where a value drawn is not fixed.
KEY = (
    "Broken lines: months that no print fixes. Pale bars: from the least to the most that "
    "published figures allow; where there is none, the month is assumed."
)
BARS_KEY = (
    "Thin lines: from the least to the most that published figures allow. Pale bars: assumed."
)
#: How far what is possible may stand above the highest point of a line.
_ROOM = 1.6


def is_loose(table: pd.DataFrame) -> pd.Series:
    """Say of each row whether nothing recorded or printed fixes its value.

    Parameters
    ----------
    table : pandas.DataFrame
        With a column support, as sums have it; without one nothing is loose.

    Examples
    --------
    >>> is_loose(pd.DataFrame({"support": ["printed", "bounded", "assumed"]})).tolist()
    [False, True, True]
    """
    if "support" not in table:
        return pd.Series(False, index=table.index)
    return table["support"].isin(["bounded", "assumed"])


def _is_bounded(table: pd.DataFrame) -> pd.Series:
    """Say of each row whether published figures leave it two ends."""
    return table["support"].eq("bounded") & np.isfinite(table["high"].astype("float64"))


def draw_known_line(axis, table: pd.DataFrame, divisor: float, **look) -> bool:
    """Draw values over months as a line that shows which of them are fixed.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    table : pandas.DataFrame
        Columns period and value, in order; perhaps low, high and support.
    divisor : float
        What values are divided by.
    **look
        color, label and linewidth of the line.

    Returns
    -------
    bool
        Whether some month drawn is not fixed: the caption should then hold `KEY`.
    """
    at, value = table["period"], table["value"] / divisor
    (line,) = axis.plot(at, value, **look)
    loose = (is_loose(table) & value.notna()).to_numpy()
    if not loose.any():
        return False
    broken = [
        part
        for n in range(len(table) - 1)
        if loose[n] or loose[n + 1]
        for part in (n, n + 1, -1)  # a place beyond the table: the pen is lifted
    ]
    x, y = at.reset_index(drop=True), value.reset_index(drop=True)
    places = np.array(broken, dtype=int)
    axis.plot(
        x.reindex(places).to_numpy(),
        y.reindex(places).to_numpy(),
        color="white",
        linewidth=line.get_linewidth() + 0.5,
        linestyle=(0, (1.4, 1.6)),
        label=go_with(line),
    )
    _draw_possible(axis, table[_is_bounded(table)], divisor, line)
    return True


def mark_known_bars(
    axis, bars, at: np.ndarray, table: pd.DataFrame, divisor: float, *, horizontal: bool = False
) -> bool:
    """Draw on bars what is possible where nothing fixes them, and fade what is only assumed.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    bars : matplotlib.container.BarContainer
        One bar a row of the table, at the places `at`.
    at : numpy.ndarray
    table : pandas.DataFrame
        Perhaps with the columns low, high and support.
    divisor : float
        What values were divided by.
    horizontal : bool
        Whether the bars lie.

    Returns
    -------
    bool
        Whether some bar is not fixed: the caption should then hold `BARS_KEY`.
    """
    loose = is_loose(table)
    if not loose.any():
        return False
    for bar, support in zip(bars, table["support"], strict=True):
        if support == "assumed":
            bar.set_alpha(0.35)
    ended = _is_bounded(table).to_numpy()
    low, high = (table.loc[ended, name].to_numpy(float) / divisor for name in ("low", "high"))
    lines = axis.hlines if horizontal else axis.vlines
    drawn = lines(at[ended], low, high, colors="#333333", linewidth=1.4, zorder=3)
    drawn.set_label(go_with(bars))
    return True


def _draw_possible(axis, table: pd.DataFrame, divisor: float, line) -> None:
    """Draw what is possible for each month; a logarithmic axis shows no zero."""
    from matplotlib.collections import LineCollection
    from matplotlib.dates import date2num

    if table.empty:
        return
    low, high = (table[name].to_numpy(float) / divisor for name in ("low", "high"))
    if axis.get_yscale() == "log":
        low = np.maximum(low, axis.get_ylim()[0])
    at = date2num(table["period"])
    ends = [[(x, least), (x, most)] for x, least, most in zip(at, low, high, strict=True)]
    bars = LineCollection(ends, colors=line.get_color(), alpha=0.28, linewidths=5, zorder=1)
    bars.set_label(go_with(line))
    axis.add_collection(bars, autolim=False)
    # A bar far above what is drawn runs out of the picture: it must not flatten the line.
    most = _ROOM * np.nanmax(line.get_ydata())
    axis.update_datalim([(x, min(end, most)) for x, end in zip(at, high, strict=True)])
    axis.autoscale_view()
