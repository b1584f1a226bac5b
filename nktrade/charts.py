"""Charts with one look: a title that states the finding, units, a caption with source and status.

Each function takes a tidy frame and returns a `Chart`, which shows itself in a notebook with its
alternative text. Published figures are drawn as points over whatever is estimated.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nktrade.trade import is_estimated

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito's colours, told apart by colour-blind readers: imports blue, exports orange.
COLOURS = {
    "import": "#0072B2",
    "export": "#D55E00",
    "balance": "#444444",
    "total": "#009E73",
    "highlight": "#CC79A7",
}
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444", "#F0E442"]

#: Policy events drawn on time axes: first month in which each can act.
EVENTS = {
    "2017-09": "UN ban on coal, seafood (Aug 2017)",
    "2018-01": "UN ban on machinery, metals (Dec 2017)",
    "2020-02": "border closed (Jan 2020)",
    "2022-01": "rail freight resumes",
    "2023-08": "border reopens",
}
NAMES = {"import": "Imports", "export": "Exports", "balance": "Balance", "total": "Total trade"}


@dataclass(frozen=True)
class Chart:
    """A finished figure and what it shows in words.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        Alternative text: what a reader who cannot see the picture should know.
    """

    figure: Figure
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=120)
        picture = base64.b64encode(buffer.getvalue()).decode()
        data = {"image/png": picture, "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}


def _start(title: str, rows: int = 1, columns: int = 1, height: float = 4.4) -> tuple[Figure, Any]:
    """Make an empty figure with the house's look; not through pyplot, so nothing shows twice."""
    import seaborn as sns
    from matplotlib.figure import Figure as MakeFigure

    look = {
        **sns.axes_style("whitegrid"),
        "font.size": 11,
        "axes.edgecolor": "#888888",
        "grid.color": "#e4e4e4",
        "axes.axisbelow": True,
    }
    with sns.axes_style(look):
        figure = MakeFigure(figsize=(9, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    figure.suptitle(_wrap(title, 80), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _finish(figure: Figure, caption: str, alt: str) -> Chart:
    figure.supxlabel(_wrap(caption, 125), x=0.01, ha="left", fontsize=8.5, color="#555555")
    return Chart(figure, alt)


def _wrap(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def scale_money(values: pd.Series, currency: str) -> tuple[float, str]:
    """Return a divisor and a unit that keep axis labels short: (1e6, "million USD").

    Examples
    --------
    >>> scale_money(pd.Series([2.5e8]), "USD")
    (1000000.0, 'million USD')
    """
    largest = float(values.abs().max()) if len(values) else 0.0
    for divisor, name in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if largest >= (5 * divisor if divisor == 1e9 else divisor):
            return divisor, f"{name} {currency}"
    return 1.0, currency


def _mark_events(axis: Axes, months: pd.Series, label: bool) -> None:
    for month, name in EVENTS.items():
        at = pd.Timestamp(f"{month}-01")
        if months.min() < at < months.max():
            axis.axvline(at, color="#888888", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
            if label:
                axis.annotate(
                    name,
                    (at, 1),
                    xycoords=("data", "axes fraction"),
                    xytext=(3, -3),
                    textcoords="offset points",
                    rotation=90,
                    va="top",
                    fontsize=7.5,
                    color="#555555",
                )


def _shade_combined(axis: Axes, table: pd.DataFrame) -> None:
    combined = table.loc[table["state"] == "combined", "period"].drop_duplicates()
    if len(combined):
        first, last = combined.min(), combined.max() + pd.DateOffset(months=1)
        axis.axvspan(first, last, color="#f3e3b3", alpha=0.6, linewidth=0, zorder=0)


def draw_trend(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    currency: str = "USD",
    published: pd.DataFrame | None = None,
    log: bool = False,
    events: bool = True,
) -> Chart:
    """Draw monthly values by flow, with published months as points.

    Parameters
    ----------
    table : pandas.DataFrame
        What `monthly` returns; months without a value leave a break in the line.
    title : str
        The finding.
    caption : str
        Source and status.
    published : pandas.DataFrame, optional
        Columns period (month), flow, value: drawn as points.
    log : bool
        Logarithmic scale; months of zero are left out and the axis says so.
    events : bool
        Draw policy events as lines.
    """
    divisor, unit = scale_money(table["value"], currency)
    figure, axes = _start(title)
    axis = axes[0, 0]
    _shade_combined(axis, table)
    for flow, part in table.groupby("flow"):
        line = part.set_index("period")["value"] / divisor
        if log:
            line = line.where(line > 0)
        axis.plot(line.index, line, color=COLOURS[flow], linewidth=1.8, label=NAMES[flow])
        if published is not None:
            points = published[published["flow"] == flow]
            axis.scatter(
                points["period"],
                points["value"] / divisor,
                s=26,
                facecolor="white",
                edgecolor=COLOURS[flow],
                linewidth=1.3,
                zorder=3,
                label=f"{NAMES[flow]}, as published",
            )
    if log:
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    else:
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    axis.set_ylabel(f"{unit} a month{' (log scale)' if log else ''}")
    if events:
        _mark_events(axis, table["period"], label=True)
    axis.legend(frameon=False, ncols=4, loc="upper left", bbox_to_anchor=(0, 1.12), fontsize=9.5)
    return _finish(figure, caption, f"Line chart. {title}. {_describe(table, divisor, unit)}")


def _describe(table: pd.DataFrame, divisor: float, unit: str) -> str:
    """Say the extremes of a monthly table in words."""
    parts = []
    for flow, part in table.dropna(subset="value").groupby("flow"):
        top = part.loc[part["value"].idxmax()]
        low = part.loc[part["value"].idxmin()]
        parts.append(
            f"{NAMES.get(str(flow), str(flow))} range from {low['value'] / divisor:,.3g} "
            f"({low['period']:%Y-%m}) to {top['value'] / divisor:,.3g} {unit} "
            f"({top['period']:%Y-%m})."
        )
    return " ".join(parts)


def draw_change(
    table: pd.DataFrame, column: str, ylabel: str, title: str, caption: str, *, limit: float = 300
) -> Chart:
    """Draw a percentage by month and flow; values beyond `limit` are clipped and marked."""
    figure, axes = _start(title, height=3.8)
    axis = axes[0, 0]
    for flow, part in table.groupby("flow"):
        line = part.set_index("period")[column]
        axis.plot(line.index, line.clip(upper=limit), color=COLOURS[flow], label=NAMES[flow])
        over = line[line > limit]
        axis.scatter(over.index, [limit] * len(over), marker="^", s=22, color=COLOURS[flow])
    axis.axhline(0, color="#444444", linewidth=0.9)
    axis.set_ylabel(ylabel)
    axis.annotate(
        f"triangles: above {limit:g} %",
        (0.995, 0.96),
        xycoords="axes fraction",
        ha="right",
        fontsize=8,
        color="#555555",
    )
    _mark_events(axis, table["period"], label=False)
    axis.legend(frameon=False, loc="upper left", fontsize=9.5)
    return _finish(figure, caption, f"Line chart. {title}.")


def draw_bars(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    x: str,
    hue: str | None = None,
    value: str = "value",
    ylabel: str = "million USD",
    divisor: float = 1e6,
    published: Sequence[float] | None = None,
    horizontal: bool = False,
) -> Chart:
    """Draw bars of a tidy frame; `published` (one a row of `table`) are drawn as points."""
    figure, axes = _start(title, height=4.2)
    axis = axes[0, 0]
    hues = list(dict.fromkeys(table[hue])) if hue else [None]
    names = list(dict.fromkeys(table[x]))
    width = 0.8 / len(hues)
    for n, name in enumerate(hues):
        part = table if hue is None else table[table[hue] == name]
        colour = COLOURS.get(str(name), PALETTE[n % len(PALETTE)])
        at = np.array([names.index(item) for item in part[x]]) + (n - (len(hues) - 1) / 2) * width
        bars = axis.barh if horizontal else axis.bar
        bars(at, part[value] / divisor, width * 0.92, color=colour, label=NAMES.get(name, name))
        if published is not None:
            points = (
                np.asarray(published, dtype=float)[table.index.get_indexer(part.index)] / divisor
            )
            pair = (points, at) if horizontal else (at, points)
            axis.scatter(
                *pair,
                s=28,
                color="white",
                edgecolor="#111111",
                zorder=3,
                label="as published" if n == 0 else None,
            )
    labels = [_wrap(str(item), 26) for item in names]
    if horizontal:
        axis.set_yticks(range(len(names)), labels)
        axis.invert_yaxis()
        axis.set_xlabel(ylabel)
    else:
        axis.set_xticks(range(len(names)), labels)
        axis.set_ylabel(ylabel)
    if hue or published is not None:
        axis.legend(frameon=False, fontsize=9.5)
    axis.grid(visible=False, axis="y" if horizontal else "x")
    told = "; ".join(
        f"{row[x]}{f', {row[hue]}' if hue else ''}: {row[value] / divisor:,.3g}"
        for _, row in table.head(12).iterrows()
    )
    return _finish(figure, caption, f"Bar chart, {ylabel}. {title}. {told}.")


def draw_small_multiples(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    names: Mapping[str, str] | None = None,
    currency: str = "USD",
    marks: pd.DataFrame | None = None,
    columns: int = 2,
) -> Chart:
    """Draw one small panel a value of `by`, each on its own scale.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period, value (and optionally expected, drawn as a thin line).
    marks : pandas.DataFrame, optional
        Columns *by*, period, value: months to circle.
    """
    groups = list(dict.fromkeys(table[by]))
    rows = -(-len(groups) // columns)
    figure, axes = _start(title, rows, columns, height=1.1 + 1.9 * rows)
    told = []
    for axis, group in zip(axes.flat, groups, strict=False):
        part = table[table[by] == group]
        divisor, unit = scale_money(part["value"], currency)
        axis.plot(part["period"], part["value"] / divisor, color=PALETTE[0], linewidth=1.5)
        if "expected" in part:
            axis.plot(part["period"], part["expected"] / divisor, color="#888888", linewidth=0.9)
        if marks is not None:
            hit = marks[marks[by] == group]
            axis.scatter(
                hit["period"],
                hit["value"] / divisor,
                s=44,
                facecolor="none",
                edgecolor=COLOURS["export"],
                linewidth=1.6,
                zorder=3,
            )
            told.append(f"{group}: {', '.join(f'{m:%Y-%m}' for m in hit['period']) or 'none'}")
        label = f"{group} {names[group]}" if names else str(group)
        axis.set_title(label, loc="left", fontsize=10)
        axis.set_ylabel(unit, fontsize=8.5)
        axis.tick_params(labelsize=8.5)
        axis.set_ylim(bottom=0)
        _mark_events(axis, part["period"], label=False)
    for axis in list(axes.flat)[len(groups) :]:
        axis.set_visible(False)
    marked = f" Marked months: {'; '.join(told)}." if told else ""
    return _finish(figure, caption, f"{len(groups)} small line charts. {title}.{marked}")


def draw_counterfactual(
    fit, title: str, caption: str, *, currency: str = "USD", flow: str = "import"
) -> Chart:
    """Draw an interrupted time series: observed, fitted, and what was expected without the break.

    Parameters
    ----------
    fit : Interruption
        From `models.fit_interruption`.
    """
    table = fit.table
    divisor, unit = scale_money(table["value"], currency)
    figure, axes = _start(title)
    axis = axes[0, 0]
    axis.plot(
        table["period"],
        table["value"] / divisor,
        color=COLOURS[flow],
        linewidth=1.2,
        alpha=0.75,
        label=NAMES[flow],
    )
    axis.plot(
        table["period"], table["fitted"] / divisor, color="#111111", linewidth=1.8, label="fitted"
    )
    axis.plot(
        table["period"],
        table["counterfactual"] / divisor,
        color=COLOURS["highlight"],
        linewidth=1.8,
        linestyle=(0, (5, 2)),
        label="expected without the break",
    )
    axis.fill_between(
        table["period"],
        table["low"] / divisor,
        table["high"] / divisor,
        color=COLOURS["highlight"],
        alpha=0.15,
        linewidth=0,
        label="95 % interval of its mean",
    )
    for _, row in fit.effects.iterrows():
        axis.axvline(
            pd.Timestamp(f"{row['month']}-01"),
            color="#888888",
            linewidth=0.8,
            linestyle=(0, (4, 3)),
        )
    axis.axhline(0, color="#444444", linewidth=0.8)
    axis.set_ylabel(f"{unit} a month")
    axis.legend(frameon=False, fontsize=9.5, ncols=2, loc="upper right")
    effects = "; ".join(
        f"{row['event']} ({row['month']}): level {row['level'] / divisor:+,.3g}, "
        f"slope {row['slope'] / divisor:+,.3g} {unit} a month"
        for _, row in fit.effects.iterrows()
    )
    return _finish(figure, caption, f"Line chart. {title}. {effects}.")


def write_caption(trade: pd.DataFrame, source: str, *, side: str = "") -> str:
    """Return a caption: source, status and perspective.

    Parameters
    ----------
    trade : pandas.DataFrame
        The table drawn; if any row is estimated the caption says so.
    source : str
        As `describe(data).caption()` gives it.
    side : str
        Whose imports and exports these are, as "North Korea".
    """
    status = "" if "estimated" in source or not is_estimated(trade) else " (estimated)"
    whose = f" Imports and exports are {side}'s, as its partner declared them." if side else ""
    return f"Source: {source}{status}.{whose}"
