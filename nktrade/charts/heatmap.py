"""Heat maps: shares of many rows in a few columns, told by colour and by number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.charts.frame import Chart, finish_chart, start_figure, wrap
from nktrade.table.rows import check_columns


def draw_heatmap(
    table: pd.DataFrame,
    title: str,
    caption: str,
    *,
    x: str,
    y: str,
    group: str | None = None,
    value: str = "share",
    unit: str = "%",
    marked: str | None = None,
) -> Chart:
    """Draw one number a cell, darker where larger.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *x*, *y*, *value* and perhaps *group* and *marked*, one row a cell, in the order of
        the axes. A cell that is missing stays white with a dash.
    x, y : str
        Columns of the axes.
    group : str, optional
        What neighbouring columns belong to: written over them, with a line between two groups.
    unit : str
        Of the cells, named under the axis.
    marked : str, optional
        A column of booleans: cells to frame. The caption should say why.

    Returns
    -------
    Chart

    Examples
    --------
    >>> cells = pd.DataFrame({"year": ["2021", "2022"], "good": "rice", "share": [40.0, 60.0]})
    >>> draw_heatmap(cells, "Rice", "Source: made here.", x="year", y="good").alt
    'Heat map chart, %. Rice. Largest cell of each column: 2021: rice 40.0; 2022: rice 60.0.'
    """
    check_columns(table, [x, y, value])
    across = [group, x] if group else [x]
    heads = table[across].drop_duplicates()
    rows = list(dict.fromkeys(table[y]))
    wide = table.set_index([y, *across])[value].unstack(across)
    wide = wide.reindex(index=rows, columns=_labels(heads)).astype("float64")
    figure, axes = start_figure(title, height=1.9 + 0.34 * len(rows))
    axis = axes[0, 0]
    span = float(wide.max().max()) or 1.0
    colour_cells(axis, wide, cmap="Blues", vmin=0, vmax=1.1 * span)
    if marked:
        for _, cell in table[table[marked].astype(bool)].iterrows():
            at = list(wide.columns).index(_labels(cell[across].to_frame().T)[0])
            frame_cell(axis, rows.index(cell[y]), at, "#D55E00")
    axis.set_xticks(np.arange(len(heads)) + 0.5, [str(name) for name in heads[x]])
    axis.set_yticks(np.arange(len(rows)) + 0.5, [wrap(str(name), 28) for name in rows])
    axis.set(xlabel=f"cells: {unit}", ylabel="")
    if group:
        _name_groups(axis, list(heads[group]))
    return finish_chart(figure, caption, _tell(table, title, across, y, value, unit, marked))


def colour_cells(axis, wide: pd.DataFrame, words: np.ndarray | None = None, **look) -> None:
    """Colour the cells of a table and write their numbers, or words for them.

    A cell that is missing has a dash.
    """
    import seaborn as sns

    words = wide.map("{:,.1f}".format).to_numpy() if words is None else words
    texts = {"annot": words, "annot_kws": {"fontsize": 9.5}, "fmt": ""}
    sns.heatmap(wide, ax=axis, cbar=False, **texts, **look)
    for row, column in np.argwhere(wide.isna().to_numpy()):
        axis.text(column + 0.5, row + 0.5, "–", ha="center", va="center", fontsize=9.5)
    axis.tick_params(axis="both", rotation=0, length=0)
    axis.grid(visible=False)


def frame_cell(axis, row: int, column: int, colour: str, style: str = "-") -> None:
    """Draw a frame inside a cell that `colour_cells` drew."""
    from matplotlib.patches import Rectangle

    corner = (column + 0.03, row + 0.06)
    look = {"fill": False, "edgecolor": colour, "linewidth": 2.0, "linestyle": style}
    axis.add_patch(Rectangle(corner, 0.94, 0.88, **look))


def _labels(heads: pd.DataFrame) -> list:
    if heads.shape[1] == 1:
        return heads.iloc[:, 0].tolist()
    return list(heads.itertuples(index=False, name=None))


def _name_groups(axis, groups: list) -> None:
    """Write each group over its columns and draw a line where the next one begins."""
    for name in dict.fromkeys(groups):
        at = [n for n, group in enumerate(groups) if group == name]
        axis.annotate(
            str(name),
            (sum(at) / len(at) + 0.5, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontweight="bold",
            fontsize=10,
        )
        if at[0]:
            axis.axvline(at[0], color="white", linewidth=4)


def _tell(table, title, across, y, value, unit, marked) -> str:
    """Say the largest cell of every column, and which cells are framed."""
    told = []
    for heads, part in table.groupby(across, sort=False):
        known = part.dropna(subset=[value])
        if len(known):
            top = known.loc[known[value].idxmax()]
            told.append(f"{' '.join(map(str, heads))}: {top[y]} {top[value]:,.1f}")
    alt = f"Heat map chart, {unit}. {title}. Largest cell of each column: {'; '.join(told)}."
    if marked and table[marked].any():
        framed = table[table[marked].astype(bool)]
        names = [" ".join(map(str, cell)) for cell in framed[[*across, y]].to_numpy()]
        alt += f" Framed: {'; '.join(names)}."
    return alt
