"""The fan chart: what was known, what was forecast with how much doubt, and what came."""

from __future__ import annotations

import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.frame import (
    COLOURS,
    Chart,
    finish_chart,
    scale_table,
    start_figure,
    write_figure,
)
from nktrade.errors import check_choice
from nktrade.table.rows import check_columns

_OTHERS = ["#444444", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"]
_DASHES = [(0, (1, 1)), (0, (5, 2)), (0, (3, 1, 1, 1)), (0, (6, 1, 1, 1, 1, 1)), (0, (2, 2))]


def draw_fan(
    known: pd.DataFrame,
    ahead: pd.DataFrame,
    title: str,
    caption: str,
    *,
    model: str,
    came: pd.DataFrame | None = None,
    flow: str = "import",
) -> Chart:
    """Draw one model's forecast as a fan of 80 and 95 percent, the other models' as thin lines.

    Parameters
    ----------
    known : pandas.DataFrame
        Columns period, value, and optionally state: months marked "published" are drawn as points.
    ahead : pandas.DataFrame
        As `forecast_months` returns it.
    model : str
        The model whose fan is drawn.
    came : pandas.DataFrame, optional
        Columns period, value: what was reported later, drawn as points.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> ahead = pd.DataFrame({"model": "naive", "period": pd.date_range("2023-02", periods=2,
    ...     freq="MS"), "mean": 1e6, "low_80": 8e5, "high_80": 1.2e6, "low_95": 6e5,
    ...     "high_95": 1.4e6})
    >>> draw_fan(months, ahead, "What may come", "Source: made here.", model="naive").alt
    'Fan chart. What may come. By 2023-03 1 million USD, 80 percent between 0.8 and 1.2.'
    """
    check_columns(known, ["period", "value"], "Call monthly(trade) first.")
    check_columns(ahead, ["model", "period"], "Give it as forecast_months returns it.")
    check_choice("model", model, ahead["model"].dropna().unique())
    fan = ahead[ahead["model"] == model]
    top = pd.concat([known["value"], fan["high_80"]])
    divisor, unit = scale_table(top, known, ahead, came)
    figure, axes = start_figure(title, height=4.6)
    axis, colour = axes[0, 0], COLOURS[flow]
    guessed = "state" in known and known["state"].str.contains("estimated").any()
    label = "known, partly estimated" if guessed else "known"
    axis.plot(known["period"], known["value"] / divisor, color=colour, label=label)
    if "state" in known and (known["state"] == "published").any():
        points = known[known["state"] == "published"]
        style = {"s": 20, "facecolor": "white", "edgecolor": colour, "linewidth": 1.1, "zorder": 3}
        axis.scatter(points["period"], points["value"] / divisor, **style, label="as published")
    for level, depth in ((95, 0.13), (80, 0.24)):
        axis.fill_between(
            fan["period"],
            fan[f"low_{level}"] / divisor,
            fan[f"high_{level}"] / divisor,
            color=colour,
            alpha=depth,
            linewidth=0,
            label=f"{model}, {level} %",
        )
    axis.plot(fan["period"], fan["mean"] / divisor, color=colour, linewidth=2, linestyle="--")
    others = [name for name in dict.fromkeys(ahead["model"]) if name != model]
    for n, name in enumerate(others):
        line, way = ahead[ahead["model"] == name], n % len(_OTHERS)
        axis.plot(
            line["period"],
            line["mean"] / divisor,
            color=_OTHERS[way],
            linewidth=1.2,
            linestyle=_DASHES[way],
            label=name,
        )
    if came is not None and len(came):
        style = {"s": 34, "color": "#111111", "marker": "D", "zorder": 4}
        axis.scatter(came["period"], came["value"] / divisor, **style, label="came, as reported")
    axis.set_ylim(bottom=0)
    axis.set_ylabel(f"{unit} a month")
    place_legend(axis)
    return finish_chart(figure, caption, _tell(fan, came, title, divisor, unit))


def _tell(
    fan: pd.DataFrame, came: pd.DataFrame | None, title: str, divisor: float, unit: str
) -> str:
    """Say in words what the fan shows."""
    last = fan.iloc[-1]
    mean, low, high = (write_figure(last[name] / divisor) for name in ("mean", "low_80", "high_80"))
    told = (
        f"Fan chart. {title}. By {last['period']:%Y-%m} {mean} {unit}, "
        f"80 percent between {low} and {high}."
    )
    if came is None or came.empty:
        return told
    both = fan.merge(came[["period", "value"]], on="period")
    inside = both["value"].between(both["low_80"], both["high_80"]).sum()
    return f"{told} {inside} of {len(both)} months that came lie inside the 80 percent."
