"""Every scored month of every series in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import COLOURS, Chart, Events, finish_chart, mark_events, start_figure
from nktrade.table.rows import check_columns


def draw_scan(
    scores: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    names: Mapping[str, str] | None = None,
    label: int = 8,
    events: Events = True,
) -> Chart:
    """Draw all scores by month: grey what is usual, coloured what is not, the furthest named.

    Parameters
    ----------
    scores : pandas.DataFrame
        Columns *by*, period, score, unusual, as `scan_moves` returns them.
    by : str
        Column of the series.
    names : mapping, optional
        What to call them.
    label : int
        How many of the unusual months furthest from zero to name, one a series.
    events : bool or mapping of str to str
        Draw policy events as lines, or one's own: months as ``"2020-02"`` to their names.

    Examples
    --------
    >>> months = pd.date_range("2022-01", periods=3, freq="MS")
    >>> scores = pd.DataFrame({"good": "rice", "period": months,
    ...     "score": [0.0, 6.5, -1.0], "unusual": [False, True, False]})
    >>> draw_scan(scores, "Rice", "Source: made here.", by="good", events=False).alt
    'Scatter chart of 3 scores by month. Rice. Furthest: rice in 2022-02: +6.5.'
    """
    check_columns(scores, ["unusual", by], "Give it the scores of scan_moves.")
    figure, axes = start_figure(title, height=5.2)
    axis = axes[0, 0]
    usual = scores[~scores["unusual"]]
    # Thousands of points are one small picture within the drawing.
    look = {"s": 5, "color": "#999999", "linewidth": 0, "rasterized": True}
    axis.scatter(usual["period"], usual["score"], **look, label="usual")
    for sign, colour, what in ((1, COLOURS["import"], "above"), (-1, COLOURS["export"], "below")):
        part = scores[scores["unusual"] & (scores["score"] * sign > 0)]
        axis.scatter(
            part["period"],
            part["score"],
            s=26,
            marker="^" if sign > 0 else "v",
            color=colour,
            label=f"unusual, {what} level and season",
        )
    hits = scores[scores["unusual"]].sort_values("score", key=abs, ascending=False, kind="stable")
    furthest = hits.drop_duplicates(by).head(label)
    middle = scores["period"].min() + (scores["period"].max() - scores["period"].min()) / 2
    gap = (scores["score"].max() - scores["score"].min()) / 26
    last = {True: float("inf"), False: float("inf")}
    for _, row in furthest.sort_values("score", ascending=False, kind="stable").iterrows():
        left = row["period"] > middle
        last[left] = height = min(row["score"], last[left] - gap)  # labels do not overlap
        axis.annotate(
            f"{row[by]} {(names or {}).get(row[by], '')}",
            (row["period"], row["score"]),
            xytext=(row["period"] + pd.DateOffset(days=-60 if left else 60), height),
            ha="right" if left else "left",
            va="center",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        )
    axis.axhline(0, color="#444444", linewidth=0.8)
    axis.set_ylabel("score, robust standard deviations")
    mark_events(axis, scores["period"], label=False, events=events)
    place_legend(axis)
    told = "; ".join(
        f"{row[by]} in {row['period']:%Y-%m}: {row['score']:+.1f}" for _, row in furthest.iterrows()
    )
    alt = f"Scatter chart of {len(scores):,} scores by month. {title}. Furthest: {told or 'none'}."
    return finish_chart(figure, caption, alt)
