"""A figure as a drawing: SVG for a wide page and a narrow one, and the values that it shows."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nktrade.errors import InputError, check_choice, did_you_mean
from nktrade.files.writing import replace_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Inches across a telephone's page; characters of a title and a caption that fit there.
NARROW, NARROW_TITLE, NARROW_CAPTION = 4.4, 40, 62
#: Inches that a line of a caption takes.
LINE = 0.15
#: Characters of all words of a legend side by side above a wide chart.
WIDE = 100
#: Characters of all words side by side along the foot of a narrow chart, and of a name at its side.
NARROW_TICKS, NARROW_NAME = 46, 28

#: Endings of files that a chart can be written to, and ways to write it.
KINDS = ("pdf", "svg", "png", "eps")
STYLES = ("", "journal")

_AS_TEXT = {"svg.fonttype": "none", "svg.hashsalt": "nktrade"}
#: Marks the legends that `place_legend` placed.
_ABOVE = "legend-above"
_FAR = re.compile(r"[\u1100-\u11ff\u2e80-\ud7ff\uf900-\uffef]")  # Chinese, Korean, Japanese
_PERIOD = re.compile(r"\d{4}")
_PROLOG = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LONG = re.compile(r"(-?\d+\.\d)\d+")
_SPACES = re.compile(r"\s*\n\s*")


#: Fonts that hold Chinese and Korean, as systems name them; those at hand follow the house's own.
FAR_EASTERN = (
    *("Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans KR", "Source Han Sans SC"),
    *("PingFang SC", "Apple SD Gothic Neo", "Microsoft YaHei", "Malgun Gothic", "NanumGothic"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Arial Unicode MS"),
)


def choose_fonts(figure: Figure) -> None:
    """Let every letter of a figure have a glyph, where some font at hand has it.

    A text falls back on the fonts that are its own family, never on those of a generic one.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if _FAR.search(text.get_text()):  # the others stay as short as they are
            text.set_fontfamily(_list_fonts())


@cache
def _list_fonts() -> list[str]:
    from matplotlib.font_manager import get_font_names

    held = set(get_font_names())
    return ["DejaVu Sans", *[name for name in FAR_EASTERN if name in held][:2]]


def name_series(figure: Figure) -> None:
    """Give labelled lines and bars names of their own, by which a page switches them on and off."""
    found = (parts for axis in figure.axes for *_, parts in _read_axis(axis))
    for number, parts in enumerate(found):
        for part, artist in enumerate(parts):
            artist.set_gid(f"series-{number}-{part}")


def draw_svg(figure: Figure) -> str:
    """Return a figure as SVG whose text is text; the same figure gives the same bytes.

    Coordinates are kept to a tenth of a point, which no screen or printer shows.
    """
    drawn = _print_svg(figure)
    if _FAR.search(drawn):
        choose_fonts(figure)
        drawn = _print_svg(figure)
    text = _METADATA.sub("", _PROLOG.sub("", drawn))
    text = _TAG.sub(lambda tag: _LONG.sub(r"\1", tag[0]), text)  # numbers in words stay whole
    return _SPACES.sub(" ", text).strip()


def _print_svg(figure: Figure) -> str:
    """Return a figure as matplotlib writes it; `savefig` would draw all of it twice."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer, dpi = io.StringIO(), figure.dpi
    canvas = FigureCanvasSVG(figure)
    try:
        with mpl.rc_context(_AS_TEXT), warnings.catch_warnings():
            # Text stays text: whoever shows the drawing has the letters, or not.
            warnings.filterwarnings("ignore", message="Glyph")
            canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
    finally:
        figure.set_dpi(dpi)
    return buffer.getvalue()


@contextmanager
def keep_layout(figure: Figure) -> Iterator[None]:
    """Leave everything of a figure where it is while it is drawn once more."""
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    try:
        yield
    finally:
        figure.set_layout_engine(engine)


def draw_narrow_svg(figure: Figure) -> str:
    """Return the figure laid out again for a telephone, or nothing if it has panels side by side.

    The figure is left as it was.
    """
    columns = {round(axis.get_position().x0, 2) for axis in figure.axes}
    if len(columns) > 1:
        return ""
    with ExitStack() as undo, warnings.catch_warnings():
        _lay_narrow(figure, undo)
        warnings.simplefilter("error", UserWarning)
        try:
            return draw_svg(figure)
        except UserWarning:  # words as wide as the page leave the axes no room
            return ""


def _lay_narrow(figure: Figure, undo: ExitStack) -> None:
    """Lay a figure out for a telephone, and note how each change is undone."""
    size, title, caption = (
        figure.get_size_inches().copy(),
        figure.get_suptitle(),
        figure.get_supxlabel(),
    )
    undo.callback(_label, figure, title, caption)
    undo.callback(_relay_legend, figure, WIDE)
    undo.callback(figure.set_size_inches, *size)
    for axis, at, words in _list_words(figure, "x"):
        undo.callback(axis.set_xticks, at, words)
        # A row of many periods is read from every second or third of them.
        step = -(-len(words) // 7) if all(map(_PERIOD.search, words)) else 1
        width = NARROW_TICKS * step // len(words)
        axis.set_xticks(at[::step], [_fold(word, width) for word in words[::step]])
    for axis, at, words in _list_words(figure, "y"):
        undo.callback(axis.set_yticks, at, words)
        axis.set_yticks(at, [_fold(word, NARROW_NAME) for word in words])
    for axis in figure.axes:
        undo.callback(axis.set_xlabel, axis.get_xlabel())
        axis.set_xlabel(_fold(axis.get_xlabel(), NARROW_TICKS))
        _thin_dates(axis, undo)
    more = len(textwrap.wrap(caption, NARROW_CAPTION)) - caption.count("\n") - 1
    _relay_legend(figure, NARROW_TICKS)
    figure.set_size_inches(NARROW, size[1] * 1.15 + LINE * max(0, more - 1))
    _relabel(figure, *(" ".join(text.split()) for text in (title, caption)))


def _thin_dates(axis: Axes, undo: ExitStack) -> None:
    """Let so few dates stand along the foot of a narrow chart that they do not touch."""
    from matplotlib.dates import AutoDateLocator

    locator = axis.xaxis.get_major_locator()
    sizes = [len(label.get_text()) for label in axis.get_xticklabels()]
    if not isinstance(locator, AutoDateLocator) or sum(sizes) <= NARROW_TICKS:
        return
    for name, value in (("minticks", locator.minticks), ("maxticks", locator.maxticks)):
        undo.callback(setattr, locator, name, value)
    fit = NARROW_TICKS // max(sizes)
    locator.minticks = 2
    locator.maxticks = {often: min(most, fit) for often, most in locator.maxticks.items()}


def place_legend(axis: Axes, keys: Mapping[str, Any] | None = None, width: int = 0) -> None:
    """Put the legend of a figure above its first axis, never over it, in as many columns as fit.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    keys : mapping, optional
        Words to what they name; by default whatever has a label, each word once.
    width : int
        Characters that fit side by side.
    """
    from matplotlib.ticker import FixedLocator
    from matplotlib.transforms import blended_transform_factory

    keys = keys or dict(zip(*axis.get_legend_handles_labels()[::-1], strict=True))
    shapes, words = list(keys.values()), list(keys)
    if not words:
        return
    columns = max(1, min(len(words), (width or WIDE) // (max(map(len, words)) + 5)))
    look = {"frameon": False, "fontsize": 9.5, "loc": "lower left", "ncols": columns}
    legend = axis.legend(shapes, words, bbox_to_anchor=(0, 1), borderaxespad=0.2, **look)
    legend.set_gid(_ABOVE)
    if width == NARROW_TICKS or isinstance(axis.yaxis.get_major_locator(), FixedLocator):
        # From the page's edge: beside long names half the page is gone.
        edge = blended_transform_factory(axis.figure.transFigure, axis.transAxes)
        legend.set_bbox_to_anchor((0.01, 1), edge)


def _relay_legend(figure: Figure, width: int) -> None:
    for axis in figure.axes:
        legend = axis.get_legend()
        if legend is not None and legend.get_gid() == _ABOVE:
            words = (text.get_text() for text in legend.get_texts())
            place_legend(axis, dict(zip(words, legend.legend_handles, strict=True)), width)


def _list_words(figure: Figure, side: str) -> list[tuple[Axes, list[float], list[str]]]:
    """Return the axes whose places along "x" or "y" are named in words, with places and words."""
    from matplotlib.ticker import FixedLocator

    sides = [(axis, getattr(axis, f"{side}axis")) for axis in figure.axes]
    return [
        (axis, list(ticks.get_ticklocs()), [label.get_text() for label in ticks.get_ticklabels()])
        for axis, ticks in sides
        if isinstance(ticks.get_major_locator(), FixedLocator) and len(ticks.get_ticklocs())
    ]


def _fold(words: str, width: int) -> str:
    if max(map(len, words.split("\n"))) <= width:
        return words
    return "\n".join(textwrap.wrap(words, max(width, 7), break_long_words=False))


def _relabel(figure: Figure, title: str, caption: str) -> None:
    _label(
        figure,
        "\n".join(textwrap.wrap(title, NARROW_TITLE)),
        "\n".join(textwrap.wrap(caption, NARROW_CAPTION)),
    )


def _label(figure: Figure, title: str, caption: str) -> None:
    """Change the words of a figure's title and caption and leave how they look."""
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    if caption:
        figure.supxlabel(caption, x=0.01, ha="left", fontsize=8.5, color="#555555")


def list_values(figure: Figure) -> dict[str, Any]:
    """Return what labelled lines and upright bars show, and where, once the figure was drawn.

    Returns
    -------
    dict
        `width` and `height` of the drawing in points; `series`, a list of dicts with name, panel
        (its title or axis label), `id` (how `name_series` named its parts) and points: lists of x
        and y in the drawing, and the two values in words; where the value is not fixed, the least
        and the most that it can be, too.
    """
    width, height = figure.get_size_inches() * 72
    found = [(axis, *read) for axis in figure.axes for read in _read_axis(axis)]
    series = []
    for number, (axis, name, x, y, parts) in enumerate(found):
        panel = axis.get_title(loc="left") or axis.get_title() or axis.get_ylabel()
        spots = axis.transData.transform(np.column_stack([x, y])) * 72 / figure.dpi
        words = zip(_spell_x(axis, x), y, x, strict=True)
        ends = _read_ends(parts)
        points = [
            [round(float(at), 1), round(float(height - up), 1), said, f"{value:.6g}"]
            + [f"{end:.6g}" for end in ends.get(float(place), ())]
            for (at, up), (said, value, place) in zip(spots, words, strict=True)
            if np.isfinite(up)
        ]
        if points:
            told = {"name": name, "panel": panel, "id": f"series-{number}"}
            series.append({**told, "points": points})
    return {"width": round(width, 1), "height": round(height, 1), "series": series}


def go_with(shown: Any) -> str:
    """Return the label of what goes with a line or bars: shown and hidden so, in no legend."""
    return f"_with {shown.get_label()}"


def _read_axis(axis: Axes) -> list[tuple[str, np.ndarray, np.ndarray, list[Any]]]:
    """Return name, x, y and the drawn parts of each labelled line and each set of upright bars."""
    found: list[tuple[str, np.ndarray, np.ndarray, list[Any]]] = []
    for line in axis.get_lines():
        if not str(line.get_label()).startswith("_") and len(line.get_xdata()) > 1:
            x, y = np.asarray(line.get_xydata(), dtype="float64").T
            found.append((str(line.get_label()), x, y, [line, *_list_company(axis, line)]))
    for bars in axis.containers:
        boxes = [patch for patch in bars if hasattr(patch, "get_height")]
        if boxes:
            x = np.array([box.get_x() + box.get_width() / 2 for box in boxes])
            name = str(bars.get_label())
            shown = "" if name.startswith("_") else name
            parts = [*boxes, *_list_company(axis, bars)]
            found.append((shown, x, np.array([box.get_height() for box in boxes]), parts))
    return found


def _list_company(axis: Axes, shown: Any) -> list[Any]:
    """Return what goes with a line or bars: broken parts, and what is possible."""
    drawn = [*axis.get_lines(), *axis.collections]
    return [artist for artist in drawn if artist.get_label() == go_with(shown)]


def _read_ends(parts: Sequence[Any]) -> dict[float, tuple[float, float]]:
    """Return the least and the most at each place, where upright lines of them are drawn."""
    drawn = [part for part in parts if hasattr(part, "get_segments")]
    segments = (segment for part in drawn for segment in part.get_segments())
    return {float(low[0]): (float(low[1]), float(high[1])) for low, high in segments}


def _spell_x(axis: Axes, x: np.ndarray) -> list[str]:
    """Write positions as the axis names them: months, the words of ticks, or numbers."""
    from matplotlib.dates import AutoDateLocator, RRuleLocator, YearLocator, num2date

    if isinstance(axis.xaxis.get_major_locator(), AutoDateLocator | RRuleLocator | YearLocator):
        return [f"{num2date(value):%Y-%m}" for value in x]
    ticks = zip(axis.get_xticks(), axis.get_xticklabels(), strict=False)
    words = {round(float(at)): label.get_text() for at, label in ticks}
    return [words.get(round(float(value)), "") or f"{value:.6g}" for value in x]


def save_figure(figure: Figure, path: Path, *, style: str = "", gray: bool = False) -> Path:
    """Write a figure to a file as a journal or a reader wants it; the figure stays as it was.

    Fonts are embedded as TrueType, which journals ask for, and SVG keeps its text as text.

    Raises
    ------
    InputError
        For an unknown ending or style, or a file that cannot be written.
    """
    import matplotlib as mpl

    kind = path.suffix.lower().lstrip(".")
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS)
        raise InputError("a chart is not written so", where=str(path), got=repr(kind), hint=hint)
    check_choice("style", style, STYLES)
    title = figure.get_suptitle()
    fonts = {
        "svg.fonttype": "none",
        "svg.hashsalt": "nktrade",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
    }
    try:
        if style == "journal" and title:
            figure.suptitle("")
        choose_fonts(figure)
        with mpl.rc_context(fonts), replace_file(path) as part:
            if gray:
                _save_gray(figure, part, kind)
            else:
                dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
                figure.savefig(part, format=kind, dpi=300 if style else 150, metadata=dated)
    finally:
        if style == "journal" and title:
            _label(figure, title, "")
    return path


def _save_gray(figure: Figure, path: Path, kind: str) -> None:
    """Write a figure in the lightness of its colours (Rec. 709), lines and text alike."""
    from matplotlib.colors import to_rgba

    def lightness(colour: Any) -> tuple[float, float, float, float]:
        red, green, blue, alpha = to_rgba(colour)
        level = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        return level, level, level, alpha

    undo = []
    for artist in figure.findobj():
        for name in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            get, change = getattr(artist, f"get_{name}", None), getattr(artist, f"set_{name}", None)
            if get is None or change is None:
                continue
            colour = get()
            several = isinstance(colour, np.ndarray) and colour.ndim == 2
            try:
                grey = [lightness(one) for one in colour] if several else lightness(colour)
            except (TypeError, ValueError):  # "none", or a colour that follows another
                continue
            change(grey)
            undo.append((change, colour))
    try:
        figure.savefig(path, format=kind, dpi=300)
    finally:
        for change, colour in reversed(undo):
            change(colour)
