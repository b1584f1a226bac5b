"""Charts over time: trends, growth, small multiples, counterfactuals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.fixed import KEY, draw_known_line
from nktrade.charts.frame import (
    COLOURS,
    NAMES,
    PALETTE,
    Chart,
    Events,
    finish_chart,
    mark_events,
    mark_month,
    scale_table,
    shade_combined,
    start_figure,
    write_figure,
)
from nktrade.errors import MixtureError
from nktrade.table.rows import check_columns, check_result


def draw_trend(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    published: pd.DataFrame | None = None,
    log: bool = False,
    events: Events = True,
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
        Columns period (month), flow, value: drawn as points, as diamonds where a column status
        says "by difference".
    log : bool
        Logarithmic scale; months of zero are left out and the axis says so.
    events : bool or mapping of str to str
        Draw policy events as lines, or one's own: months as ``"2020-02"`` to their names.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> draw_trend(months, "Imports by month", "Source: made here.").alt
    'Line chart. Imports by month. Imports range from 1 (2022-01) to 1.5 million USD (2023-01).'
    """
    check_columns(table, ["flow", "period", "value", "state"], "Call monthly(trade) first.")
    if table.duplicated(["flow", "period"]).any():
        raise MixtureError(
            "a month of one flow is there several times, and would be one line",
            got=", ".join(map(str, table.columns[:6])),
            hint="Select one of them, or draw draw_small_multiples.",
        )
    divisor, unit = scale_table(table["value"], table, published)
    figure, axes = start_figure(title)
    axis = axes[0, 0]
    shade_combined(axis, table)
    if log:
        axis.set_yscale("log")
    loose = False
    for flow, part in table.groupby("flow"):
        if log:
            part = part.assign(value=part["value"].where(part["value"] > 0))
        look = {"color": COLOURS[flow], "linewidth": 1.8, "label": NAMES[flow]}
        loose |= draw_known_line(axis, part, divisor, **look)
        for words, marker, points in _published_inside(published, part, str(flow)):
            axis.scatter(
                points["period"],
                points["value"] / divisor,
                s=26,
                marker=marker,
                facecolor="white",
                edgecolor=COLOURS[flow],
                linewidth=1.3,
                zorder=3,
                label=words,
            )
    if log:
        axis.yaxis.set_major_formatter(lambda value, _: write_figure(value, 6))
        axis.yaxis.set_minor_formatter(lambda value, _: "")
    else:
        axis.set_ylim(bottom=0)
        axis.yaxis.set_major_formatter(lambda value, _: write_figure(value, 6))
    axis.set_ylabel(f"{unit} a month{' (log scale)' if log else ''}")
    named = mark_events(axis, table["period"], label=True, events=events)
    place_legend(axis)
    said = " ".join(filter(None, [caption, KEY if loose else "", named]))
    return finish_chart(figure, said, f"Line chart. {title}. {_describe(table, divisor, unit)}")


def _published_inside(published: pd.DataFrame | None, part: pd.DataFrame, flow: str):
    """Return what was published of these months: words, marker and points of each kind there is."""
    if published is None:
        return []
    inside = published["period"].between(part["period"].min(), part["period"].max())
    points = published[inside & (published["flow"] == flow)]
    status = points.get("status", pd.Series("", index=points.index))
    worked_out = status.isin(["derived", "by difference"])
    kinds = [
        (f"{NAMES[flow]}, as published", "o", points[~worked_out & status.ne("read")]),
        ("by difference", "D", points[worked_out]),
        ("as read where the print is wrong", "X", points[status == "read"]),
    ]
    return [kind for kind in kinds if len(kind[2])]


def _describe(table: pd.DataFrame, divisor: float, unit: str) -> str:
    """Say the extremes of a monthly table in words."""
    parts = []
    for flow, part in table.dropna(subset="value").groupby("flow"):
        top = part.loc[part["value"].idxmax()]
        low = part.loc[part["value"].idxmin()]
        parts.append(
            f"{NAMES.get(str(flow), str(flow))} range from {write_figure(low['value'] / divisor)} "
            f"({low['period']:%Y-%m}) to {write_figure(top['value'] / divisor)} {unit} "
            f"({top['period']:%Y-%m})."
        )
    return " ".join(parts)


def draw_change(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    column: str,
    ylabel: str,
    limit: float = 300,
    events: Events = True,
) -> Chart:
    """Draw a percentage by month and flow; values beyond `limit` are clipped and marked.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns flow, period and *column* (percent, missing where unknown), as `compute_growth`
        returns it; where its ends and its support stand beside it, as in growth_low, growth_high
        and growth_support, what is not fixed is drawn as in `draw_trend`.
    column, ylabel : str
        What is drawn, and its unit on the axis.
    title : str
        The finding.
    caption : str
        Source and status.
    limit : float
        Percent above which a value is drawn as a triangle at the limit.
    events : bool or mapping of str to str
        Draw policy events as lines, or one's own: months as ``"2020-02"`` to their names.

    Returns
    -------
    Chart

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> growth = months.assign(growth=50.0)
    >>> draw_change(growth, "Growth", "Source: made here.", column="growth", ylabel="percent").alt
    'Line chart. Growth.'
    """
    check_columns(table, ["flow", "period", column])
    figure, axes = start_figure(title, height=3.8)
    axis = axes[0, 0]
    known = {f"{column}_{name}": name for name in ("low", "high", "support")}
    loose = False
    for flow, part in table.groupby("flow"):
        line = part.set_index("period")[column]
        ends = part[["period", column, *known]] if {*known} <= {*part} else part[["period", column]]
        ends = ends.rename(columns={column: "value", **known})
        numbers = ends.select_dtypes("number").columns
        ends[numbers] = ends[numbers].clip(upper=limit)
        loose |= draw_known_line(axis, ends, 1.0, color=COLOURS[flow], label=NAMES[flow])
        over = line[line > limit]
        axis.scatter(over.index, [limit] * len(over), marker="^", s=22, color=COLOURS[flow])
    axis.axhline(0, color="#444444", linewidth=0.9)
    axis.set_ylabel(ylabel)
    if (table[column] > limit).any():
        axis.scatter([], [], marker="^", s=22, color="#555555", label=f"above {limit:g} %")
    mark_events(axis, table["period"], label=False, events=events)
    place_legend(axis)
    said = f"{caption} {KEY}" if loose else caption
    return finish_chart(figure, said, f"Line chart. {title}.")


def draw_small_multiples(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    names: Mapping[str, str] | None = None,
    marks: pd.DataFrame | None = None,
    columns: int = 2,
    events: Events = True,
) -> Chart:
    """Draw one small panel a value of `by`, each on its own scale.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period, value (and optionally expected, drawn as a thin line).
    marks : pandas.DataFrame, optional
        Columns *by*, period, value: months to circle.
    columns : int
        Panels beside one another.
    events : bool or mapping of str to str
        Draw policy events as lines, or one's own: months as ``"2020-02"`` to their names.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2022-01", periods=13, freq="MS"),
    ...     "flow": "import", "value": [1e6] * 12 + [1.5e6], "state": "reported",
    ...     "currency": "USD"})
    >>> goods = pd.concat([months.assign(good="rice"), months.assign(good="flour")])
    >>> draw_small_multiples(goods, "Two goods", "Source: made here.", by="good").alt
    '2 small line charts. Two goods.'
    """
    check_columns(table, ["period", "value", by])
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    groups = list(dict.fromkeys(table[by]))
    rows = -(-len(groups) // columns)
    figure, axes = start_figure(title, rows, columns, height=1.1 + 1.9 * rows)
    told, loose = [], False
    for axis, group in zip(axes.flat, groups, strict=False):
        part = table[table[by] == group]
        divisor, unit = scale_table(part["value"], part)
        loose |= draw_known_line(axis, part, divisor, color=PALETTE[0], linewidth=1.5)
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
        # Few labels in a small panel: whole years from three years on.
        ticks = AutoDateLocator(minticks=3, maxticks=max(4, 18 // columns))
        axis.xaxis.set_major_locator(ticks)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(ticks, show_offset=False))
        axis.set_ylim(bottom=0)
        mark_events(axis, part["period"], label=False, events=events)
    for axis in list(axes.flat)[len(groups) :]:
        axis.set_visible(False)
    marked = f" Marked months: {'; '.join(told)}." if told else ""
    said = f"{caption} {KEY}" if loose else caption
    return finish_chart(figure, said, f"{len(groups)} small line charts. {title}.{marked}")


def draw_counterfactual(fit, title: str, caption: str, *, flow: str = "import") -> Chart:
    """Draw an interrupted time series: observed, fitted, and what was expected without the break.

    Parameters
    ----------
    fit : Interruption
        From `measures.fit_interruption`.
    title : str
        The finding.
    caption : str
        Source and status.
    flow : {"import", "export"}
        Which flow was fitted, for its colour and name.

    Returns
    -------
    Chart

    Examples
    --------
    >>> from nktrade.measures import fit_interruption
    >>> months = pd.date_range("2017-01-01", periods=72, freq="MS")
    >>> values = 100.0 + months.month % 2 - 40 * (months >= "2020-02")
    >>> series = pd.DataFrame({"period": months, "value": values, "currency": "USD"})
    >>> fit = fit_interruption(series, {"closure": "2020-02"}, counterfactual_of="closure")
    >>> draw_counterfactual(fit, "A closure", "Source: made here.").alt[:41]
    'Line chart. A closure. closure (2020-02):'
    """
    check_result(fit, "table", "fit_interruption")
    table = fit.table
    divisor, unit = scale_table(table["value"], table)
    figure, axes = start_figure(title)
    axis = axes[0, 0]
    at, names = table["period"], ["value", "fitted", "counterfactual", "low", "high"]
    shown = table[names] / divisor
    thin = {"color": COLOURS[flow], "linewidth": 1.2, "alpha": 0.75}
    axis.plot(at, shown["value"], **thin, label=NAMES[flow])
    axis.plot(at, shown["fitted"], color="#111111", linewidth=1.8, label="fitted")
    course = shown.rename(columns={"counterfactual": "expected"})
    words = ("expected without the break", "95 % interval of its mean")
    draw_course(axis, at, course, *words)
    if table["beyond"].any():
        axis.plot(
            at,
            shown["counterfactual"].where(table["beyond"]),
            color=COLOURS["highlight"],
            marker="x",
            markersize=4,
            linestyle="none",
            label="beyond anything observed",
        )
    for month in fit.effects["month"]:
        mark_month(axis, pd.Timestamp(f"{month}-01"))
    axis.axhline(0, color="#444444", linewidth=0.8)
    axis.set_ylabel(f"{unit} a month")
    place_legend(axis)
    effects = "; ".join(
        f"{row['event']} ({row['month']}): level {write_figure(row['level'] / divisor, sign='+')}, "
        f"slope {write_figure(row['slope'] / divisor, sign='+')} {unit} a month"
        for _, row in fit.effects.iterrows()
    )
    # Errors, support and extrapolation are said under the picture too.
    notes = " ".join(fit.notes)
    return finish_chart(figure, f"{caption} {notes}", f"Line chart. {title}. {effects}. {notes}")


def draw_course(axis, at: pd.Series, course: pd.DataFrame, words: str, band: str) -> None:
    """Draw what was expected, by the columns expected, low and high, and name line and band."""
    colour = COLOURS["highlight"]
    dashed = {"color": colour, "linewidth": 1.8, "linestyle": (0, (5, 2))}
    axis.plot(at, course["expected"], **dashed, label=words)
    if course["high"].notna().any():
        pale = {"color": colour, "alpha": 0.15, "linewidth": 0}
        axis.fill_between(at, course["low"], course["high"], **pale, label=band)
