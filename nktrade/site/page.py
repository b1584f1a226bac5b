"""Pages: an executed notebook as one HTML file that needs nothing outside itself.

nbconvert does the work with the template in ``templates/page``; it is compiled once a process.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup, escape

from nktrade._version import __version__
from nktrade.files.writing import replace_text
from nktrade.site.carried import Beside
from nktrade.site.citing import cite_page
from nktrade.site.cleaning import clean_svg
from nktrade.site.index import name_picture
from nktrade.site.outputs import SHOWN, settle_outputs
from nktrade.site.shell import (
    TEMPLATES,
    add_ways,
    read_asset,
    render_piece,
    write_json,
    write_policy,
)
from nktrade.site.tables import tidy_tables
from nktrade.site.terms import link_terms
from nktrade.site.text import MIME, spell_agreement, spell_date, spell_support, spell_value
from nktrade.site.told import read_told

if TYPE_CHECKING:
    import nbconvert

_LONGEST_TEXT = 100_000  # characters of one output on a page of text
_ID = re.compile(r"""((?:\bid=["']|url\(#|href=["']#))""")


def write_page(
    node: Any,
    run: Mapping[str, Any],
    out: Path,
    *,
    beside: Beside,
    hide_code: bool = False,
    frame: Mapping[str, Any] | None = None,
) -> Path:
    """Write the page of a run and return its path; where it cannot be laid out, as plain text.

    Parameters
    ----------
    node : nbformat.NotebookNode
        The executed notebook; of a failed run as far as it came.
    run : mapping
        What the page says of the run above and below the notebook, as the index reads it; `page`
        is its name.
    out : Path
        The site's folder.
    beside : Beside
        Where the notebook lies: pictures and files there become part of the page. Afterwards it
        says which of them outputs asked for.
    hide_code : bool
        Whether the page leaves out the code.
    frame : mapping, optional
        What every page of the site has: `title` of the site, `links` (pairs of address and title),
        `authors`, `licence`, and `terms` (a term of art → the address that explains it).

    Raises
    ------
    OSError
        The file cannot be written.
    """
    frame = frame or {}
    scripts = [*([] if hide_code else ["page/page.js"]), "tables.js", "page/charts.js"]
    label = f" ({run['label']})" if run.get("label") else ""
    pieces = {
        "head": render_piece(
            "head.html.j2",
            title=f"{run['title']}{label}",
            description=run["finding"] or run["question"],
            scripts=scripts,
            address=frame.get("address", ""),
            page=run["page"],
            picture=name_picture(run["page"]) if run.get("picture") else "",
        ),
        "bar": render_piece("bar.html.j2", frame=frame),
        "take": render_piece("take.html.j2", cite=cite_page(run, frame), run=run, frame=frame),
    }
    resources = {
        "nktrade": {
            "beside": beside,
            "words": Beside(beside.folder, beside.project, beside.pages),
            "run": run,
            "hide_code": hide_code,
            "scripts": scripts,
            "version": __version__,
            **pieces,
        },
    }
    try:
        settled = settle_outputs(node, run["notebook_out"], beside)
        body, _ = _exporter().from_notebook_node(settled, resources=resources)
        body = link_terms(body, frame.get("terms", {}))
        body = add_ways(body, run.get("way") or {})
    except Exception as failure:
        body = _write_plainly(node, run, failure)
    return replace_text(out / run["page"], body, lasting=False)


def _write_plainly(node: Any, run: Mapping[str, Any], failure: Exception) -> str:
    """Return a page made of text alone: every cell and what it printed."""
    error = run.get("error")
    said = [f"This run failed: {error['type']}: {error['message']}"] if error else []
    said.append(f"This page could not be laid out ({type(failure).__name__}); here is its text.")
    parts = [f"<p>{escape(line)}</p>" for line in said]
    for cell in node.get("cells", []):
        texts = [cell.get("source", "")]
        for output in cell.get("outputs", []):
            data = output.get("data") or {}
            told = output.get("text") or data.get("text/plain") or output.get("evalue") or ""
            texts.append("".join(told) if isinstance(told, list) else str(told))
        parts += [f"<pre>{escape(text[:_LONGEST_TEXT])}</pre>" for text in texts if text]
    return _frame_plainly(str(run.get("title")), ['<a href="index.html">All pages</a>', *parts])


def list_plainly(runs: Sequence[Mapping[str, Any]], title: str) -> str:
    """Return an index made of links alone, for where the site's own cannot be laid out."""
    parts = []
    for run in runs:
        words = f"{run['title']} {run['label'] or run['changed'] or ''} ({run['status']})"
        parts.append(f'<p><a href="{escape(quote(run["page"]))}">{escape(words)}</a></p>')
    return _frame_plainly(title or "Notebooks", parts)


def _frame_plainly(title: str, parts: Sequence[str]) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{write_policy()}'
        f'<meta name="generator" content="nktrade"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1>\n" + "\n".join(parts) + "</body></html>\n"
    )


@cache
def _exporter() -> nbconvert.HTMLExporter:
    import nbconvert

    from nktrade.site.prose import write_latex, write_words

    class PageExporter(nbconvert.HTMLExporter):
        """nbconvert's exporter without its second thoughts.

        It parses the finished page again, pictures and all, to add alternative texts and tab stops
        that the template has already written: half the time that a page takes. And its eleven
        preprocessors, each of which checks the whole notebook, change nothing of ours.
        """

        def from_notebook_node(self, nb, resources=None, **options):
            return super(nbconvert.HTMLExporter, self).from_notebook_node(nb, resources, **options)

    exporter = PageExporter(
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        embed_images=True,
        default_preprocessors=[],
    )
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    prose = {"write_latex": write_latex, "write_words": write_words}
    for name, function in {**FILTERS, **prose}.items():
        exporter.register_filter(name, function)
    return exporter


def highlight_code(source: str, **_: Any) -> str:
    """Return the HTML of a cell's code; runs of one notebook share it."""
    return _highlight(source)


@lru_cache(maxsize=1000)
def _highlight(source: str) -> str:
    from nbconvert.filters import Highlight2HTML

    return Highlight2HTML("ipython3")(source)


def choose_type(data: Mapping[str, Any]) -> list[str]:
    """Return the most telling type of an output's data that the page shows, if there is one."""
    return [kind for kind in SHOWN if kind in data][:1]


def pick_alt(output: Any, title: str, number: int) -> tuple[str, bool]:
    """Return a figure's words for those who cannot see it, and whether its author wrote them."""
    about = (output.get("metadata") or {}).values()
    alts = [one["alt"] for one in about if isinstance(one, Mapping) and one.get("alt")]
    return (str(alts[0]), True) if alts else (f"{title}, figure {number}", False)


def read_chart(output: Any) -> dict[str, Any]:
    """Return the values and the narrow drawing that came with a chart of nktrade's, if any did."""
    return read_told(output).get("chart", {})


def scope_ids(svg: str, prefix: str) -> Markup:
    """Return a drawing whose ids are its own: a page holds many, and matplotlib counts anew.

    Whatever would run in it is taken out: a notebook may draw what it likes.
    """
    return Markup(_ID.sub(rf"\1{prefix}-", clean_svg(svg)))


def base64(text: str) -> str:
    """Return text in the letters that a data address takes."""
    return b64encode(text.encode("utf-8")).decode()


def is_shown(output: Any) -> bool:
    """Say whether an output is for the reader here.

    One that only speaks to the runner is not, and the finding stands at the head of the page.
    """
    kinds = set(output.get("data", {}))
    spoken = bool(kinds - {MIME, "text/plain"}) and "finding" not in read_told(output)
    return MIME not in kinds or spoken


def show_any(outputs: list[Any]) -> bool:
    """Say whether a cell shows its reader anything."""
    return any(map(is_shown, outputs))


FILTERS = {
    "choose_type": choose_type,
    "highlight_code": highlight_code,
    "is_shown": is_shown,
    "show_any": show_any,
    "tidy_tables": tidy_tables,
    "spell_agreement": spell_agreement,
    "spell_support": spell_support,
    "spell_value": spell_value,
    "spell_date": spell_date,
    "base64": base64,
    "pick_alt": pick_alt,
    "read_chart": read_chart,
    "scope_ids": scope_ids,
    "write_json": write_json,
    "read_asset": read_asset,
}
