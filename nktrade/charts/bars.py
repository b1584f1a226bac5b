"""Bars by item, period or flow."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.charts.drawing import place_legend
from nktrade.charts.fixed import BARS_KEY, mark_known_bars
from nktrade.charts.frame import (
    COLOURS,
    NAMES,
    PALETTE,
    Chart,
    finish_chart,
    name_rows,
    read_currency,
    start_figure,
    write_figure,
)
from nktrade.errors import UnanswerableError
from nktrade.table.meaning import read_ends
from nktrade.table.rows import check_columns, check_series


def draw_bars(
    table: pd.DataFrame | pd.Series,
    title: str,
    caption: str,
    *,
    x: str | None = None,
    hue: str | None = None,
    value: str = "value",
    ylabel: str | None = None,
    divisor: float | None = None,
    published: Sequence[float] | pd.DataFrame | None = None,
    readings: Sequence[float] | pd.DataFrame | None = None,
    ends: pd.DataFrame | None = None,
    horizontal: bool = False,
) -> Chart:
    """Draw bars of a tidy or a wide frame, with published values as points over them.

    Parameters
    ----------
    table : pandas.DataFrame or pandas.Series
        Tidy: columns *x*, *value* and perhaps *hue*, one row a bar, in the order to be drawn.
        Wide, where no *x* is named: a group of bars a row, a colour a column.
    title : str
        The finding.
    caption : str
        Source and status.
    x, hue : str
        Columns of the names under the bars and of the colours beside one another.
    value : str
        Column of the heights; a row without one keeps its place and has no bar. Where columns low,
        high and support say so, as in sums, a line marks what is possible and what is only assumed
        is pale.
    ylabel : str, optional
        Unit of the heights, after division by `divisor`; by default millions in the currency
        that the table says.
    divisor : float, optional
        What the values are divided by: 1e6 for millions, the default.
    published : sequence of float or pandas.DataFrame, optional
        One a row of a tidy `table`, or a wide frame like it, in the unit of *value*; missing where
        nothing was published. As printed, also where the print is wrong.
    readings : sequence of float or pandas.DataFrame, optional
        What was meant where a print is wrong, likewise: a second mark.
    ends : pandas.DataFrame, optional
        How the cells of a wide table are known, as `read_ends` tells it of the table itself.
    horizontal : bool
        Draw the bars lying, for long names.

    Returns
    -------
    Chart

    Raises
    ------
    UnanswerableError
        If the table has no rows.

    Examples
    --------
    >>> years = pd.Series({"2022": 1e6, "2023": 2e6}, name="value")
    >>> draw_bars(years, "Imports by year", "Source: made here.", ylabel="USD", divisor=1).alt
    'Bar chart, USD. Imports by year. 2022: 1,000,000; 2023: 2,000,000.'
    """
    meant = table
    if x is None:
        wide = table.to_frame() if isinstance(table, pd.Series) else table
        check_columns(wide, [])
        for column in wide:
            check_series(wide[column])
        published, readings = _lay_points(wide, published), _lay_points(wide, readings)
        table = _lay_long(wide, read_ends(wide) if ends is None else ends)
        x, value, hue = "x", "value", "hue" if len(wide.columns) > 1 else None
    check_columns(table, [x, value, *([hue] if hue else [])])
    if table.empty:
        raise UnanswerableError(
            "there is nothing to draw: the table has no rows",
            hint="Select rows that the data hold, or import them: nktrade data import.",
        )
    divisor = divisor or 1e6
    ylabel = f"million {read_currency(meant)}" if ylabel is None else ylabel
    marks = [
        (np.asarray(given, dtype=float) / divisor, look)
        for given, look in ((published, _PUBLISHED), (readings, _READ))
        if given is not None
    ]
    hues = list(dict.fromkeys(table[hue])) if hue else [None]
    groups = _part_by_length(list(dict.fromkeys(table[x])), horizontal)
    # Two lines a name must fit beside a lying bar.
    height = max(4.2, 1.5 + 0.42 * len(groups[0])) if horizontal else 4.2
    figure, axes = start_figure(title, rows=len(groups), height=height + 2.4 * (len(groups) - 1))
    width, loose = 0.8 / len(hues), False
    for axis, group in zip(axes[:, 0], groups, strict=True):
        for n, name in enumerate(hues):
            part = table[table[x].isin(group) & (hue is None or table[hue] == name)]
            colour = COLOURS.get(str(name), PALETTE[n % len(PALETTE)])
            at = np.array([group.index(item) for item in part[x]], dtype=float)
            at += (n - (len(hues) - 1) / 2) * width
            draw = axis.barh if horizontal else axis.bar
            look = {"color": colour, "label": NAMES.get(name, name)}
            bars = draw(at, part[value] / divisor, width * 0.92, **look)
            loose |= mark_known_bars(axis, bars, at, part, divisor, horizontal=horizontal)
            for given, shape in marks:
                points = given[table.index.get_indexer(part.index)]
                pair = (points, at) if horizontal else (at, points)
                axis.scatter(*pair, **_POINT, **(shape if n == 0 else shape | {"label": None}))
        name_rows(axis, group, ylabel, lying=horizontal)
        if horizontal:
            axis.invert_yaxis()
        elif len(groups) > 1:  # bars of one width in all panels
            axis.set_xlim(-0.55, max(map(len, groups)) - 0.45)
    if hue or marks:
        place_legend(axes[0, 0])
    caption = f"{caption} {BARS_KEY}" if loose else caption
    told = _tell(table, [x, hue] if hue else [x], value, divisor)
    return finish_chart(figure, caption, f"Bar chart, {ylabel}. {title}. {told}.")


#: How points over bars look, and what they are called.
_POINT = {"s": 28, "color": "white", "edgecolor": "#111111", "zorder": 3}
_PUBLISHED = {"marker": "o", "label": "as published"}
_READ = {"marker": "X", "label": "as read"}


def _tell(table: pd.DataFrame, names: list[str], value: str, divisor: float) -> str:
    """Say the first bars in words."""
    known = table.dropna(subset=[value]).head(12)
    # Column by column: a row of numbers would turn the year 2017 into 2017.0.
    words = [known[name].astype(str) for name in names]
    called = map(", ".join, zip(*words, strict=True))
    return "; ".join(
        f"{name}: {write_figure(height / divisor)}"
        for name, height in zip(called, known[value], strict=True)
    )


#: Words of a period by how long it is.
_KINDS = (
    (re.compile(r"\d{4}"), "year"),
    (re.compile(r"January to June \d{4}|July to December \d{4}"), "half-year"),
    (re.compile(r"[A-Z][a-z]+ \d{4}"), "month"),
)


def _part_by_length(names: list, horizontal: bool) -> list[list]:
    """Part upright bars by how long their periods are: each length has a panel.

    A year's bar beside a half-year's would be read as twice the trade. Names of which some are no
    periods of such kinds stay together.

    Examples
    --------
    >>> _part_by_length(["January to June 2020", "2022"], horizontal=False)
    [['January to June 2020'], ['2022']]
    >>> _part_by_length(["coal", "2022"], horizontal=False)
    [['coal', '2022']]
    """
    kinds = [
        next((kind for pattern, kind in _KINDS if pattern.fullmatch(str(name))), "")
        for name in names
    ]
    if horizontal or not all(kinds):
        return [names]
    pairs = list(zip(names, kinds, strict=True))
    return [[name for name, kind in pairs if kind == one] for one in dict.fromkeys(kinds)]


def _lay_long(wide: pd.DataFrame, ends: pd.DataFrame | None) -> pd.DataFrame:
    """Turn a wide table into one row a bar, with how its values are known."""
    bars = pd.DataFrame(
        {
            "x": np.tile(wide.index, len(wide.columns)),
            "hue": np.repeat(wide.columns, len(wide)),
            "value": wide.to_numpy(dtype=float).ravel(order="F"),
        }
    )
    return bars if ends is None else bars.join(ends)


def _lay_points(
    wide: pd.DataFrame, points: Sequence[float] | pd.DataFrame | None
) -> Sequence[float] | None:
    """Bring points that are given as a wide frame into the order of the bars."""
    if not isinstance(points, pd.DataFrame):
        return points
    like = points.reindex(index=wide.index, columns=wide.columns)
    return like.to_numpy(dtype=float).ravel(order="F").tolist()
