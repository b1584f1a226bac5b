"""A lesson as slides: one a heading, in reveal.js (MIT licence), which lies beside them."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markupsafe import Markup

from nktrade.site.carried import Beside
from nktrade.site.cleaning import clean_html
from nktrade.site.outputs import settle_outputs
from nktrade.site.prose import write_words
from nktrade.site.tables import tidy_tables
from nktrade.teach.lessons import LESSONS
from nktrade.teach.versions import has_tag, make_solution

TEMPLATES = Path(__file__).with_name("templates")
#: Files that every set of slides uses.
ASSETS = ("reveal.js", "reveal.css", "reset.css")


def write_slides(executed: Any, title: str, notebook: str = "") -> str:
    """Return the HTML of a lesson's slides; nothing in it runs but reveal.js.

    Parameters
    ----------
    executed : nbformat.NotebookNode
        The lesson with solutions and outputs.
    title : str
    notebook : str
        Address of the notebook, where what slides cannot show can be seen.
    """
    slides = []
    for cells in split_slides(settle_outputs(executed, notebook)):
        heading = cells[0].source.splitlines()[0].lstrip("# ")
        slides.append([render_cell(cell, heading) for cell in cells])
    return _environment().get_template("slides.html.j2").render(title=title, slides=slides)


def split_slides(notebook: Any) -> list[list[Any]]:
    """Return the cells slide by slide: each heading of the first or second level begins one.

    Cells of an exercise's answer wait for a click: a class answers before it sees.
    """
    slides: list[list[Any]] = []
    for cell in notebook.cells:
        if not slides or (cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))):
            slides.append([])
        slides[-1].append(cell)
    return slides


def execute(notebook: Any) -> Any:
    """Run a lesson with its solutions and return it with its outputs."""
    from nbclient import NotebookClient

    made = make_solution(notebook)
    quiet = ["--log-level=ERROR"]  # of the kernel: what a cell raises is told by the client
    NotebookClient(made, timeout=120, kernel_name="python3", extra_arguments=quiet).execute()
    return made


def render_cell(cell: Any, heading: str) -> dict[str, Any]:
    """Return a cell's HTML and whether it waits for a click; a picture is named by its slide."""
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            output.metadata["image/png"] = {"alt": f"Chart of the slide: {heading}"}
    alone = nbformat.from_dict(
        {"cells": [{"id": "cell"} | cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )
    body, _ = _exporter().from_notebook_node(alone)
    return {
        "html": Markup(tidy_tables(clean_html(body))),
        "waits": has_tag(cell, "answer") or has_tag(cell, "check"),
    }


@cache
def _exporter() -> Any:
    import nbconvert

    exporter = nbconvert.HTMLExporter(template_name="basic")
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    exporter.register_filter("markdown2html", _write_words)
    return exporter


def _write_words(source: str) -> str:
    return write_words(source, Beside(LESSONS))


@cache
def _environment() -> jinja2.Environment:
    from pygments.formatters import HtmlFormatter

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True
    )
    start = (TEMPLATES / "start.js").read_text(encoding="utf-8").strip()
    digest = b64encode(sha256(start.encode()).digest()).decode()
    environment.globals |= {"start": Markup(start), "start_hash": digest}
    environment.globals["code_style"] = Markup(HtmlFormatter(style="default").get_style_defs())
    return environment


def render_template(name: str, **values: Any) -> str:
    """Return the HTML of one of the course's own pages."""
    return _environment().get_template(name).render(**values)
