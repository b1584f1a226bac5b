"""Strips of months: in which an item was traded, and how much of its largest month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nktrade.charts.frame import Chart, Events, finish_chart, mark_events, start_figure, wrap
from nktrade.table.months import NOTHING, TOGETHER, UNKNOWN
from nktrade.table.rows import check_columns

_UNKNOWN_COLOUR = "#DDDDDD"


def draw_presence(
    marks: pd.DataFrame,
    title: str,
    caption: str,
    *,
    names: Mapping[str, str] | None = None,
    events: Events = True,
) -> Chart:
    """Draw one strip an item, one cell a month, darker for more trade, white for none.

    Parameters
    ----------
    marks : pandas.DataFrame
        What `presence.mark_presence` returns. Months with a printed figure of their own get a
        dot, months released together or not known a hatch.
    names : mapping, optional
        What to call the codes.
    events : bool or mapping of str to str
        Draw policy events as lines, or one's own: months as ``"2020-02"`` to their names.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.measures import mark_presence
    >>> korea = nk.mirror(nk.load(start="2020-01", end="2020-03"))
    >>> marks = mark_presence(korea, ["2611"], flow="export")
    >>> draw_presence(marks, "Tungsten", "Source: made here.", events=False).alt
    'Strip chart of months by item. Tungsten. 2611: 2 to 3 of 3 months traded.'
    """
    check_columns(marks, ["code"], "Give it as mark_presence returns it.")
    codes = list(dict.fromkeys(marks["code"]))
    months = pd.DatetimeIndex(sorted(marks["period"].unique()))
    edges = months.append(months[-1:] + pd.DateOffset(months=1))
    figure, axes = start_figure(title, height=2.0 + 0.5 * len(codes))
    axis = axes[0, 0]
    wide = marks.pivot(index="code", columns="period", values="value").reindex(codes)
    state = marks.pivot(index="code", columns="period", values="presence").reindex(codes)
    # February carries a joint release: each of its months is drawn as half of it.
    wide = wide.mask(state == TOGETHER, wide.bfill(axis=1, limit=1) / 2)
    share = wide.div(wide.max(axis=1).where(lambda most: most > 0), axis=0)
    # The root keeps a small month apart from none; nothing at all stays white.
    colour = 0.15 + 0.85 * np.sqrt(share.where(state != NOTHING))
    mesh = axis.pcolormesh(
        edges, np.arange(len(codes) + 1), colour, cmap="Blues", vmin=0, vmax=1, linewidth=0
    )
    mesh.set_rasterized(True)
    _hatch(axis, state, edges)
    dots = marks[marks["fixed"]]
    middle = dots["period"] + pd.Timedelta(days=15)
    rows = [codes.index(code) + 0.5 for code in dots["code"]]
    axis.scatter(middle, rows, s=22, facecolor="white", edgecolor="#111111", zorder=3)
    labels = [wrap(f"{code} {names[code]}" if names else str(code), 24) for code in codes]
    axis.set_yticks(np.arange(len(codes)) + 0.5, labels)
    axis.set_ylim(len(codes), 0)
    axis.set_xlabel("month; darker: nearer to the item's largest month; white: no trade")
    axis.grid(visible=False)
    axis.hlines(range(len(codes) + 1), edges[0], edges[-1], color="#aaaaaa", linewidth=0.8)
    mark_events(axis, pd.Series(months), label=False, events=events)
    told = "; ".join(f"{code}: {_tell(state.loc[code])}" for code in codes)
    key = ["Hatched: released together, or not known."] if _has_open(state) else []
    key += ["Dots: months printed by themselves."] if len(dots) else []
    alt = f"Strip chart of months by item. {title}. {told}."
    return finish_chart(figure, " ".join([caption, *key]), alt)


def _tell(state: pd.Series) -> str:
    """Say in how many months there was trade; of a joint release it was in one or in both."""
    together, unknown = (int((state == name).sum()) for name in (TOGETHER, UNKNOWN))
    most = int((state != NOTHING).sum())
    return f"{most - unknown - together // 2} to {most} of {len(state)} months traded"


def _has_open(state: pd.DataFrame) -> bool:
    return bool(state.isin([TOGETHER, UNKNOWN]).to_numpy().any())


def _hatch(axis, state: pd.DataFrame, edges: pd.DatetimeIndex) -> None:
    """Hatch the months of which trade is not told apart, or not known at all."""
    from matplotlib.dates import date2num
    from matplotlib.patches import Rectangle

    at = date2num(edges.to_pydatetime())
    for row, line in enumerate(state.to_numpy()):
        for column, name in enumerate(line):
            if name not in (TOGETHER, UNKNOWN):
                continue
            axis.add_patch(
                Rectangle(
                    (at[column], row),
                    at[column + 1] - at[column],
                    1,
                    facecolor="none" if name == TOGETHER else _UNKNOWN_COLOUR,
                    edgecolor="#777777",
                    hatch="////",
                    linewidth=0,
                )
            )
