"""A notebook's outputs as a page can show them: without scripts of others, loading nothing.

Each output becomes one that the page's template knows, or a line that says what is missing; the
whole stays in the executed notebook. What differs from run to run and says nothing, as the random
ids of a styled table, is made the same for the same content.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from nktrade.site.carried import ACTIVE, BESIDE, Beside, carry, keep_still, list_within, write_link
from nktrade.site.cleaning import clean_html
from nktrade.site.text import MIME

#: Types that a page shows, the most telling first.
SHOWN = (
    *("text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg"),
    *("image/gif", "image/webp", "application/json", "text/plain"),
)
#: How a reader calls what a page cannot show.
_NAMES = {
    "plotly": "An interactive chart (Plotly)",
    "vega": "An interactive chart (Vega-Altair)",
    "bokeh": "An interactive chart (Bokeh)",
    "bk-": "An interactive chart (Bokeh)",
    "data-root-id": "An interactive chart (Bokeh)",
    "lets-plot": "An interactive chart (Lets-Plot)",
    "pyviz": "An interactive chart (HoloViews)",
    "leaflet": "An interactive map",
    "widget": "An interactive widget",
    "<iframe": "A page within the page",
    "javascript": "A script",
    "<script": "A script",
}
_WIDGET = "application/vnd.jupyter.widget-view+json"
_WIDGETS = "application/vnd.jupyter.widget-state+json"
#: What libraries write where their script should draw.
_PLACEHOLDERS = ("Make this Notebook Trusted to load map", "Loading BokehJS")
_SIGNATURES = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_LONGEST_TEXT = 200_000  # characters of one output: forty printed pages
_LONGEST_MARKUP = 8_000_000  # characters of one table or picture: what a telephone still opens
_DEEPEST = 20  # widgets within widgets

_MADE_IDS = re.compile(
    r"""\bid=["'][^"'<>]{0,200}?(T_[0-9a-f]{5}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"""
)
#: Of drawings by matplotlib: when they were drawn, and ids made of a random number.
_DRAWN_ON = re.compile(r"<dc:date>[^<]*</dc:date>")
_DRAWN_IDS = re.compile(r"""\bid="([a-z][0-9a-f]{10})\"""")
_HIDDEN = re.compile(r'<[^<>]* hidden="')
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}(?=>)")
_PROCESS = re.compile(r"\b(ipykernel)_\d+\b")


@dataclass(frozen=True)
class _Page:
    """What the outputs of a notebook share: its address, its widgets, and where it lies."""

    notebook: str
    widgets: Mapping[str, Any]
    beside: Beside


def settle_outputs(node: Any, notebook: str, beside: Beside | None = None) -> Any:
    """Return an executed notebook whose outputs a page can show.

    Parameters
    ----------
    node : nbformat.NotebookNode
        It is not changed.
    notebook : str
        Address of the executed notebook, where whatever is missing can be seen.
    beside : Beside, optional
        Where files are looked for that outputs show or link to.
    """
    from nbformat import NotebookNode

    widgets = _find(node.get("metadata"), "widgets", _WIDGETS, "state")
    page = _Page(notebook, widgets, beside or Beside())
    cells = []
    for cell in map(_tidy_cell, node.cells):
        if cell.cell_type == "code":
            told = [
                settled
                for output in join_streams(cell.get("outputs", []))
                for settled in _settle(output, page)
            ]
            # One chart can come as several scripts, of which each would say the same.
            cell.outputs = [o for n, o in enumerate(told) if not n or o != told[n - 1]]
        elif cell.cell_type == "raw" and cell.source.strip():
            html = f'<pre tabindex="0">{escape(cell.source[:_LONGEST_TEXT])}</pre>'
            shown = {"cell_type": "code", "source": "", "outputs": [_output(html)]}
            cell = NotebookNode({**cell, **shown, "execution_count": None})
        cells.append(cell)
    # The format before cells had ids: of strangers' some are none.
    return NotebookNode(nbformat=4, nbformat_minor=4, metadata={}, cells=cells)


def _find(value: Any, *keys: str) -> Any:
    """Return what stands in mappings within mappings; an empty one where something else does."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _tidy_cell(cell: Any) -> Any:
    """Return a cell with what the page reads of it, whatever else its file says or lacks."""
    from nbformat import NotebookNode

    tags = (cell.get("metadata") or {}).get("tags")
    tags = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    kind = cell.cell_type if cell.cell_type in ("code", "markdown") else "raw"
    tidy = NotebookNode(cell_type=kind, source=cell.source, metadata=NotebookNode(tags=tags))
    if kind == "code":
        tidy.outputs, tidy.execution_count = cell.get("outputs", []), cell.get("execution_count")
    elif isinstance(cell.get("attachments"), Mapping):
        tidy.attachments = cell.attachments
    return tidy


def join_streams(outputs: list[Any]) -> Iterator[Any]:
    """Yield outputs, what was printed in pieces in one, as a terminal would leave it.

    Examples
    --------
    >>> pieces = [{"output_type": "stream", "name": "stdout", "text": t}
    ...           for t in ("1 of 2" + chr(13), "2 of 2")]
    >>> [output["text"] for output in join_streams(pieces)]
    ['2 of 2']
    """
    waiting: dict[str, Any] | None = None
    for output in [*outputs, None]:
        is_stream = output is not None and output["output_type"] == "stream"
        if is_stream and waiting is not None and waiting["name"] == output["name"]:
            waiting["text"].append(output["text"])
            continue
        if waiting is not None:
            yield {**waiting, "text": _overwrite("".join(waiting["text"]))}
            waiting = None
        if is_stream:
            waiting = {**output, "text": [output["text"]]}
        elif output is not None:
            yield output


def _overwrite(text: str) -> str:
    """Carry out returns to the start of a line: what comes after stands in its place."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_overwrite_line(line) if "\r" in line else line for line in lines)


def _overwrite_line(line: str) -> str:
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown


def _settle(output: Any, page: _Page, depth: int = 0) -> Iterator[Any]:
    """Yield what the page shows of one output."""
    from nbformat import NotebookNode

    kind = output["output_type"]
    if kind == "stream":
        text = _forget_process(output["text"][:_LONGEST_TEXT])
        yield NotebookNode({**output, "text": text})
        yield from _tell_cut(output["text"], _LONGEST_TEXT, page.notebook)
    elif kind == "error":
        lines = [line[:_LONGEST_TEXT] for line in output.get("traceback") or []]
        yield NotebookNode({**output, "traceback": [_forget_process(line) for line in lines]})
    else:
        data = output.get("data") or {}
        if _WIDGET in data and not any(kind.startswith("image/") for kind in data):
            yield from _settle_widget(data, page, depth)
        else:
            yield from _settle_data(output, data, page)


def _settle_data(output: Any, data: Mapping[str, Any], page: _Page) -> Iterator[Any]:
    from nbformat import NotebookNode

    data = {kind: _as_told(kind, value) for kind, value in data.items()}
    known = [kind for kind in SHOWN if kind in data]
    pictures = [kind for kind in known if kind.startswith("image/")]
    foreign = [kind for kind in data if kind not in SHOWN and kind != MIME]
    active = "text/html" in data and bool(ACTIVE.search(data["text/html"]))
    if (active or foreign) and pictures:  # a still picture of what would move
        known, foreign, active = pictures, [], False
    missing, within = "", list_within(data["text/html"]) if active else []
    if active or (foreign and known in ([], ["text/plain"])):
        missing = _name(data["text/html"] if active else f"{foreign[0]} {data[foreign[0]]!s:.2000}")
    if not known:
        if missing:
            yield _notice(missing, page, within)
        elif MIME in data:
            yield output
        return
    kind = known[0]
    if kind == "text/plain" and missing and str(data[kind]).startswith("<"):
        yield _notice(missing, page)  # "<IPython.core.display.Javascript object>" says nothing
        return
    value = data[kind]
    if kind == "text/html":
        value = _still(value, page)
    elif kind == "image/svg+xml":
        value = _name_anew(_DRAWN_ON.sub("", value), _DRAWN_IDS)
    elif kind == "text/plain":
        value = _forget_process(str(value))
    elif kind == "application/json":
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
        kind, value = "text/plain", text
    elif kind in _SIGNATURES and not _is_picture(value, _SIGNATURES[kind]):
        yield _output('<p class="notice">A picture here cannot be read.</p>')
        return
    plain = kind in ("text/plain", "text/markdown", "text/latex")
    longest = _LONGEST_TEXT if plain else _LONGEST_MARKUP
    cut = len(value) > longest
    if not cut or plain:
        rest = {MIME: data[MIME]} if MIME in data else {}
        shown = {kind: value[:longest], **rest}
        if not isinstance(value, str) or value.strip() or rest:
            yield NotebookNode({**output, "data": shown})
        yield from _tell_cut(value, longest, page.notebook)
    else:
        yield _notice(f"An output of {len(value) / 1e6:,.0f} MB", page)
    if missing:
        yield _notice(missing, page, within)


def _as_told(kind: str, value: Any) -> Any:
    """Return what an output holds: text where its type is one of text, whatever it was given."""
    whole = kind not in SHOWN or kind == "application/json" or isinstance(value, str)
    return value if whole else str(value)


def _is_picture(content: str, signature: bytes) -> bool:
    """Say whether a picture in base 64 begins as one of its kind does."""
    head = "".join(content[:40].split())
    try:
        return base64.b64decode(head[: len(head) // 4 * 4]).startswith(signature)
    except ValueError:
        return False


def _still(html: str, page: _Page) -> str:
    """Return HTML without what would run or load, and with ids that its content decides."""
    if any(words in html for words in _PLACEHOLDERS):
        return ""
    html = _drop_hidden(clean_html(_name_anew(keep_still(html), _MADE_IDS), BESIDE))
    # A style sheet for what a script would have drawn, and the empty places for it.
    bare = re.sub(r"<style\b.*?(?:</style>|\Z)", "", html, flags=re.DOTALL | re.IGNORECASE)
    has_something = re.search(r"<(img|svg|table|video|audio|math|hr|input)\b", bare, re.IGNORECASE)
    words = re.sub(r"<[^<>]*>", "", bare).strip()
    return carry(html, page.beside) if has_something or words else ""


def _drop_hidden(html: str) -> str:
    """Return HTML without elements that wait for a script to show them."""
    if not _HIDDEN.search(html):
        return html
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for element in soup.find_all(hidden=True):
        element.decompose()
    return str(soup)


def _name_anew(markup: str, ids: re.Pattern[str]) -> str:
    """Return markup whose random ids are counted instead."""
    for number, made in enumerate(dict.fromkeys(ids.findall(markup)), start=1):
        markup = markup.replace(made, f"made-{number}")
    return markup


def _forget_process(text: str) -> str:
    """Return text without the number and the addresses of the process that wrote it."""
    return _ADDRESS.sub("", _PROCESS.sub(r"\1", text))


def _settle_widget(data: Mapping[str, Any], page: _Page, depth: int) -> Iterator[Any]:
    """Yield what a widget held: outputs that were caught in it, its text, or its name."""
    model = page.widgets.get(str((data[_WIDGET] or {}).get("model_id")), {})
    found = [*_open_widget(model, page, depth)]
    if found:
        yield from found
        return
    if model.get("model_name") == "OutputModel":
        return
    text = _forget_process(str(data.get("text/plain") or ""))
    if text:
        yield _output(f'<pre tabindex="0">{escape(text[:_LONGEST_TEXT])}</pre>')
    yield _notice(_NAMES["widget"], page)


def _open_widget(model: Mapping[str, Any], page: _Page, depth: int) -> Iterator[Any]:
    if depth > _DEEPEST:
        return
    from nbformat.v4 import new_output

    inside = model.get("state") or {}
    for output in join_streams(inside.get("outputs") or []):
        yield from _settle(output, page, depth + 1)
    if model.get("model_name") in ("HTMLModel", "HTMLMathModel", "LabelModel"):
        value = str(inside.get("value") or "")
        html = _still(value, page) if model["model_name"] != "LabelModel" else str(escape(value))
        if html:
            yield _output(f"<div>{html}</div>")
    if model.get("model_name") == "ImageModel":
        kind = f"image/{inside.get('format')}".replace("jpg", "jpeg")
        for held in model.get("buffers") or []:
            yield from _settle(new_output("display_data", {kind: held.get("data")}), page)
    for child in inside.get("children") or []:
        name = str(child).removeprefix("IPY_MODEL_")
        yield from _open_widget(page.widgets.get(name, {}), page, depth + 1)


def _name(told: str) -> str:
    """Name what is missing by a sign of it."""
    low = told[:100_000].lower()
    named = next((words for sign, words in _NAMES.items() if sign in low), "")
    return named or f"An output of the type {told.split()[0]}"


def _tell_cut(value: str, longest: int, notebook: str) -> Iterator[Any]:
    if len(value) > longest:
        said = f"Cut after {longest:,} of {len(value):,} characters; the whole"
        yield _output(f'<p class="notice">{said} is in {_link(notebook)}.</p>')


def _notice(what: str, page: _Page, within: Sequence[str] = ()) -> Any:
    """Return the line that stands for what is not shown, and says where it is."""
    where = f"; it is in {_link(page.notebook)}"
    if within:
        links = ", ".join(map(write_link, within))
        where = f": {carry(clean_html(links, BESIDE), page.beside)}"
    return _output(f'<p class="notice">{escape(what)} is not shown{where}.</p>')


def _link(notebook: str) -> str:
    return f'<a href="{escape(notebook)}">the notebook</a>'


def _output(html: str) -> Any:
    from nbformat.v4 import new_output

    return new_output("display_data", data={"text/html": html})
