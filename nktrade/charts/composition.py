"""What a total is made of, and who leads it: composition areas and rank ("bump") charts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pandas as pd

from nktrade.charts.frame import (
    PALETTE,
    Chart,
    Events,
    finish_chart,
    mark_events,
    scale_table,
    start_figure,
    wrap,
    write_figure,
)
from nktrade.errors import MixtureError, UnanswerableError
from nktrade.table.addition import check_parts
from nktrade.table.ordering import order_largest
from nktrade.table.rows import check_columns

REST = "all others"
_REST_COLOUR = "#BBBBBB"


def draw_composition(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    names: Mapping[str, str] | None = None,
    keep: int = 7,
    share: bool = True,
    events: Events = True,
) -> Chart:
    """Draw the parts of a total over time as stacked areas.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period (datetime), value. A period of which a part is unknown is a gap in the
        areas; a part without a row in a known period counts as zero.
    by : str
        Column of the parts.
    names : mapping, optional
        What to call them.
    keep : int
        The largest parts drawn apart; the others are added up, for more colours than eight cannot
        be told apart.
    share : bool
        Draw per cent of the total (the default), or values.

    Returns
    -------
    Chart

    Raises
    ------
    MixtureError
        If both flows, several partners or declarers, or two currencies would be stacked.
    UnanswerableError
        If no period has a value, or for shares a total above zero.

    Examples
    --------
    >>> days = pd.to_datetime(["2022-01-01", "2022-01-01", "2022-02-01", "2022-02-01"])
    >>> parts = pd.DataFrame({"period": days, "good": ["rice", "coal"] * 2,
    ...     "value": [1.0, 3.0, 2.0, 2.0]})
    >>> draw_composition(parts, "Two goods", "Source: made here.", by="good").alt
    'Stacked area chart, percent of the total. Two goods.
    First to last period: coal 75 to 50; rice 25 to 50.'
    """
    check_columns(table, ["period", "value", by])
    wide = stack_parts(table, by, keep)
    divisor, unit = scale_table(wide.sum(axis=1), table)
    total = wide.sum(axis=1)
    shown = 100 * wide.div(total.where(total > 0), axis=0) if share else wide / divisor
    if shown.dropna().empty:
        raise UnanswerableError(
            "there is nothing to draw",
            expected="a period with a known total above zero" if share else "a known value",
            hint="Choose periods in which there was trade.",
        )
    figure, axes = start_figure(title, height=4.8)
    axis = axes[0, 0]
    label = {part: (names or {}).get(part, str(part)) for part in shown}
    colours = [_REST_COLOUR if part == REST else PALETTE[n] for n, part in enumerate(shown)]
    for first, last in _runs(shown):
        part = shown.loc[first:last]
        if len(part) == 1:  # one period alone has no area: draw it as wide as a month
            part = part.reindex([first, first + pd.DateOffset(days=27)], method="ffill")
        axis.stackplot(part.index, part.to_numpy().T, colors=colours, linewidth=0.4, edgecolor="w")
    axis.set_ylabel("share of the total, %" if share else f"{unit} a period")
    axis.set_ylim(0, 100 if share else None)
    axis.margins(x=0.01)
    mark_events(axis, pd.Series(shown.index), label=False, events=events)
    handles = [axis.fill_between([], [], color=colour) for colour in colours]
    ordered = list(zip(handles, label.values(), strict=True))[::-1]
    axis.legend(
        [handle for handle, _ in ordered],
        [wrap(name, 22) for _, name in ordered],
        frameon=False,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        fontsize=9,
    )
    ends = shown.dropna().iloc[[0, -1]]
    told = "; ".join(
        f"{label[p]} {write_figure(ends[p].iloc[0])} to {write_figure(ends[p].iloc[1])}"
        for p in shown
    )
    what = "percent of the total" if share else unit
    alt = f"Stacked area chart, {what}. {title}. First to last period: {told}."
    return finish_chart(figure, caption, alt)


def stack_parts(table: pd.DataFrame, by: str, keep: int) -> pd.DataFrame:
    """Return periods by parts, largest part first, what is beyond `keep` added up as the last.

    Examples
    --------
    >>> days = pd.to_datetime(["2020-01-01"] * 3)
    >>> table = pd.DataFrame({"period": days, "part": list("abc"), "value": [1.0, 5.0, 2.0]})
    >>> stack_parts(table, "part", keep=1).iloc[0].to_dict()
    {'b': 5.0, 'all others': 3.0}
    """
    for column in ("flow", "reporter", "partner"):  # currencies have no unit either
        kinds = sorted(table[column].dropna().unique()) if column in table else []
        if column != by and len(kinds) > 1:
            raise MixtureError(
                f"parts of one total with several values of {column!r}",
                got=", ".join(map(str, kinds[:6])),
                hint=f"Select one, or draw by={column!r}.",
            )
    check_parts(table)
    keep = min(keep, len(PALETTE))
    hidden = table.loc[table["value"].isna(), "period"]  # without one part there is no total
    known = table[~table["period"].isin(hidden)]
    order = order_largest(known.groupby(by)["value"].sum()).index
    part = known[by].where(known[by].isin(order[:keep]), REST)
    wide = known.assign(part=part).pivot_table(
        index="period", columns="part", values="value", aggfunc="sum"
    )
    wide = wide.fillna(0.0).reindex(sorted(table["period"].unique()))
    columns = [*order[:keep], *([REST] if len(order) > keep else [])]
    return wide[columns].rename_axis(columns=None)


def _runs(wide: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """First and last of every run of known periods, so that an area never bridges a gap."""
    known = wide.notna().all(axis=1)
    group = (known != known.shift()).cumsum()[known]
    return [(part.index[0], part.index[-1]) for _, part in group.groupby(group)]


def draw_ranks(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    by: str,
    names: Mapping[str, str] | None = None,
    top: int = 10,
) -> Chart:
    """Draw how items changed ranks: a line an item, first place on top.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period (text, in the order of the axis), rank (1 is the largest; missing or
        beyond `top` is drawn below the line "not among the first").
    by : str
        Column of the items.
    names : mapping, optional
        What to call them.
    top : int
        Ranks shown.

    Returns
    -------
    Chart

    Examples
    --------
    >>> places = pd.DataFrame({"period": ["2021", "2021", "2022", "2022"],
    ...     "good": ["rice", "coal"] * 2, "rank": [1, 2, 2, 1]})
    >>> draw_ranks(places, "Two goods", "Source: made here.", by="good", top=2).alt
    'Rank chart, 2021, 2022. Two goods. Ranks: coal: 2, 1; rice: 1, 2.'
    """
    check_columns(table, ["period", by, "rank"])
    periods = list(dict.fromkeys(table["period"]))
    ranks = table.pivot(index=by, columns="period", values="rank")[periods]
    ranks = ranks[(ranks <= top).any(axis=1)]
    ranks = ranks.sort_values(periods[::-1], na_position="last")
    below = top + 1
    height = ranks.where(ranks <= top, below)
    figure, axes = start_figure(title, height=1.6 + 0.36 * below)
    axis = axes[0, 0]
    leaders = set(ranks.index[: len(PALETTE) - 1])
    for n, (item, line) in enumerate(height.iterrows()):
        colour = PALETTE[n] if item in leaders else _REST_COLOUR
        axis.plot(range(len(periods)), line, color=colour, linewidth=2.2, alpha=0.9)
        inside = [at for at, place in enumerate(line) if place < below]
        axis.scatter(
            inside, line.iloc[inside], s=150, color=colour, edgecolor="white", zorder=3, linewidth=1
        )
        for at in inside:
            axis.annotate(
                f"{line.iloc[at]:.0f}",
                (at, line.iloc[at]),
                ha="center",
                va="center",
                fontsize=7.5,
                color="white" if item in leaders else "#222222",
                zorder=4,
            )
    _name_ends(axis, height, names or {}, below)
    axis.set_xticks(range(len(periods)), periods)
    axis.set_xlim(-0.25, len(periods) - 0.75)
    axis.set_ylim(below + 0.5, 0.5)
    axis.set_yticks([1, top, below], ["1", str(top), "not among\nthe first"])
    axis.set_ylabel("rank")
    axis.grid(visible=False)
    axis.axhline(top + 0.5, color="#cccccc", linewidth=0.8)
    told = "; ".join(
        f"{_name(item, names or {})}: "
        + ", ".join(f"{place:.0f}" if place < below else "below" for place in line)
        for item, line in height.iterrows()
    )
    alt = f"Rank chart, {', '.join(periods)}. {title}. Ranks: {told}."
    return finish_chart(figure, caption, alt)


def _name(item: object, names: Mapping[str, str]) -> str:
    return str(names.get(str(item), item))


def _name_ends(axis, height: pd.DataFrame, names: Mapping[str, str], below: int) -> None:
    """Name each item beside its last place; those that left are listed below the line."""
    last = len(height.columns) - 1
    for item, place in height.iloc[:, -1].items():
        if place < below:
            text = textwrap.fill(_name(item, names), 38)
            axis.annotate(
                text,
                (last, place),
                xytext=(11, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                annotation_clip=False,
            )
    gone = height.index[height.iloc[:, -1] == below]
    if len(gone):
        listed = "; ".join(_name(item, names) for item in gone[:3])
        more = f"; and {len(gone) - 3} more" if len(gone) > 3 else ""
        axis.annotate(
            textwrap.fill(f"left: {listed}{more}", 46),
            (last, below),
            xytext=(11, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color="#555555",
            annotation_clip=False,
        )
