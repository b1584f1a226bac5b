"""What all charts share: colours, events, the frame of a figure, its caption and its words."""

from __future__ import annotations

import base64
import csv
import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.charts.drawing import LINE
from nktrade.errors import check_choice
from nktrade.table.meaning import read_together
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_columns, check_series, is_estimated

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


def _read_events() -> dict[str, str]:
    """Return the events to mark by month, those of one month together."""
    found: dict[str, str] = {}
    with open(DATA / "published" / "events.csv", encoding="utf-8", newline="") as file:
        for event in csv.DictReader(file):
            if event["mark"] == "yes":
                said = found.get(event["month"])
                found[event["month"]] = f"{said}; {event['label']}" if said else event["label"]
    return found


#: Events drawn on time axes (`data/published/events.csv`): the first month in which each can act.
EVENTS = _read_events()
#: The events of a chart: the project's, none, or one's own by month.
Events = bool | Mapping[str, str]
NAMES = {"import": "Imports", "export": "Exports", "balance": "Balance", "total": "Total trade"}


#: Letters of a drawing above which a chart is a picture instead: thousands of points.
_LARGEST = 400_000


@dataclass(frozen=True, eq=False)
class Chart:
    """A finished figure and what it shows in words.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        Alternative text: what a reader who cannot see the picture should know.

    Examples
    --------
    >>> from nktrade.charts import draw_bars
    >>> years = pd.Series({"2022": 1e6, "2023": 2e6}, name="value")
    >>> chart = draw_bars(years, "Imports", "Source: made here.", ylabel="USD", divisor=1)
    >>> chart.alt
    'Bar chart, USD. Imports. 2022: 1,000,000; 2023: 2,000,000.'
    """

    figure: Figure
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        return _draw(self)

    def save(self, path: str | Path, *, style: str = "", gray: bool = False) -> Path:
        """Write the chart to a file; its ending says which kind: pdf, svg, png or eps.

        Parameters
        ----------
        path : str or Path
        style : {"", "journal"}
            "journal": no title inside the picture, as journals set it below, and 300 dots an inch.
        gray : bool
            In shades of grey, for print without colour. The colours used are told apart by their
            lightness as well.

        Raises
        ------
        InputError
            For an unknown ending or style.
        """
        from nktrade.charts.drawing import save_figure

        return save_figure(self.figure, Path(path), style=style, gray=gray)


@cache
def _draw(chart: Chart) -> tuple[dict, dict]:
    """Return a chart as a drawing, with what it shows, and as a small picture of it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    from nktrade.charts.drawing import (
        draw_narrow_svg,
        draw_svg,
        keep_layout,
        list_values,
        name_series,
    )

    name_series(chart.figure)
    wide = draw_svg(chart.figure)
    about = {"alt": chart.alt}
    if len(wide) > _LARGEST:
        chart.figure.set_dpi(160)
    said: dict[str, Any] = {"values": list_values(chart.figure)}
    canvas = FigureCanvasAgg(chart.figure)
    with keep_layout(chart.figure):  # as the drawing has it
        canvas.draw()
    buffer = io.BytesIO()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    pixels.save(buffer, format="png", compress_level=3)
    picture = base64.b64encode(buffer.getvalue()).decode()
    data: dict[str, Any] = {"image/png": picture, "text/plain": chart.alt}
    if len(wide) > _LARGEST:
        return data, {"image/png": about}
    said["narrow"] = draw_narrow_svg(chart.figure)
    data |= {"image/svg+xml": wide, "application/vnd.nktrade+json": {"chart": said}}
    return data, {"image/svg+xml": about, "image/png": about}


def start_figure(
    title: str, rows: int = 1, columns: int = 1, height: float = 4.4
) -> tuple[Figure, Any]:
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
        figure = MakeFigure(figsize=(9, height), dpi=80, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    figure.suptitle(wrap(title, 80), x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    for axis in axes.flat:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def name_rows(axis: Axes, names: Sequence[Any], unit: str, *, lying: bool) -> None:
    """Name what stands at 0, 1, 2 … of an axis, and the unit of the other one."""
    room = 34 if lying else max(6, 90 // len(names))
    name, measure = (
        (axis.set_yticks, axis.set_xlabel) if lying else (axis.set_xticks, axis.set_ylabel)
    )
    name(range(len(names)), [wrap(str(one), room) for one in names])
    measure(unit)
    axis.grid(visible=False, axis="y" if lying else "x")


def finish_chart(figure: Figure, caption: str, alt: str) -> Chart:
    """Put the caption under a figure and return it as a `Chart`."""
    words = wrap(caption, 125)
    width, height = figure.get_size_inches()
    # A long caption takes room below the picture, not from it.
    figure.set_size_inches(width, height + LINE * max(0, words.count("\n") - 1))
    figure.supxlabel(words, x=0.01, ha="left", fontsize=8.5, color="#555555")
    return Chart(figure, alt)


def wrap(text: str, width: int) -> str:
    """Break text into lines of at most `width` characters, between its words."""
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def write_figure(number: float, digits: int = 3, sign: str = "") -> str:
    """Write a number to so many digits that say something, never with an exponent.

    Parameters
    ----------
    number : float
    digits : int
        Significant digits; whole numbers keep all of theirs.
    sign : {"", "+"}
        "+" writes the sign of positive numbers too.

    Examples
    --------
    >>> write_figure(1627.4), write_figure(0.0029), write_figure(12.04), write_figure(5, sign="+")
    ('1,627', '0.0029', '12', '+5')
    """
    check_choice("sign", sign, ("", "+"))
    if not math.isfinite(number) or number == 0:
        return f"{number:.0f}"
    places = max(digits - 1 - math.floor(math.log10(abs(number))), 0)
    text = f"{number:{sign},.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def scale_money(values: pd.Series, currency: str) -> tuple[float, str]:
    """Return a divisor and a unit that keep axis labels short: (1e6, "million USD").

    Examples
    --------
    >>> scale_money(pd.Series([2.5e8]), "USD")
    (1000000.0, 'million USD')
    """
    check_series(values)
    largest = float(values.abs().max()) if len(values) else 0.0
    for divisor, name in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if largest >= (5 * divisor if divisor == 1e9 else divisor):
            return divisor, f"{name} {currency}"
    return 1.0, currency


def scale_table(values: pd.Series, *tables: Any) -> tuple[float, str]:
    """Return a divisor and a unit for values, in the currency that their tables say.

    Raises
    ------
    MixtureError
        If the tables contradict one another.

    Examples
    --------
    >>> table = pd.DataFrame({"value": [2.5e8], "currency": "CNY"})
    >>> scale_table(table["value"], table)
    (1000000.0, 'million CNY')
    """
    return scale_money(values, read_currency(*tables))


def read_currency(*tables: Any) -> str:
    """Return the currency of the tables drawn, and say so where none of them says it."""
    return read_together(*tables).get("currency", "(currency not stated)")


def mark_events(axis: Axes, months: pd.Series, label: bool, events: Events = True) -> str:
    """Draw events inside the months shown as dashed lines, and number them if wanted.

    Parameters
    ----------
    events : bool or mapping of str to str
        `EVENTS`, none, or one's own: months as ``"2020-02"`` to what they are called.

    Returns
    -------
    str
        What the numbers stand for, for the caption: names over the data would hide it.
    """
    if events is False:
        return ""
    marked = EVENTS if events is True else events
    first, last = months.min(), months.max()
    inside = [
        (at, name)
        for at, name in sorted((parse_period(month).first, name) for month, name in marked.items())
        if first < at < last
    ]
    if not label:
        inside = [(at, "") for at, _ in inside]
    elif inside:  # room for two rows of numbers, over which no line runs
        low, high = axis.get_ylim()
        log = axis.get_yscale() == "log"
        axis.set_ylim(low, high * (high / low) ** 0.14 if log else high + 0.14 * (high - low))
    before, row = first - (last - first), 0
    for number, (at, name) in enumerate(inside, start=1):
        mark_month(axis, at, zorder=0)
        if name:
            row = 1 - row if at - before < (last - first) / 18 else 0
            before = at
            axis.annotate(
                str(number),
                (at, 1),
                xycoords=("data", "axes fraction"),
                xytext=(2, -2 - 9 * row),
                textcoords="offset points",
                va="top",
                fontsize=8,
                color="#555555",
                zorder=3,
            )
    told = [f"{n} {name}, {at:%B %Y}" for n, (at, name) in enumerate(inside, start=1) if name]
    return f"Dashed: {'; '.join(told)}." if told else ""


def mark_month(axis: Axes, month: pd.Timestamp, **look: Any) -> None:
    """Draw a dashed line where something begins."""
    axis.axvline(month, color="#888888", linewidth=0.8, linestyle=(0, (4, 3)), **look)


def shade_combined(axis: Axes, table: pd.DataFrame) -> None:
    """Shade the months of a combined release, so that the break in the line explains itself."""
    combined = table.loc[table["state"] == "combined", "period"].drop_duplicates()
    if len(combined):
        shade_months(axis, combined.min(), combined.max())


def shade_months(axis: Axes, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Shade from the first month to the end of the last."""
    end = last + pd.DateOffset(months=1)
    axis.axvspan(first, end, color="#f3e3b3", alpha=0.6, linewidth=0, zorder=0)


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

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.mirror(nk.load(hs="6704", start="2022", end="2022"))
    >>> write_caption(wigs, "nktrade reconstruction", side="North Korea")
    "Source: nktrade reconstruction (estimated).
    Imports and exports are North Korea's, as its partner declared them."
    """
    check_columns(trade, ["status"])
    status = "" if "estimated" in source or not is_estimated(trade) else " (estimated)"
    many = "declared_by" in trade and len(trade["declared_by"].unique()) > 1
    partner = "partners" if many else "partner"
    whose = f" Imports and exports are {side}'s, as its {partner} declared them." if side else ""
    return f"Source: {source}{status}.{whose}"
