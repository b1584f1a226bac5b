"""What the collection's site shows beside its runs: figures, subjects, texts, and how all is found.

`render` knows nothing of trade and `site` only plain dicts: here the two are handed what they show.
Where nothing has changed only the frame is asked for: what the pages need is imported with them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from nktrade._paths import DATA, DOCS
from nktrade.errors import count_of
from nktrade.render.furnishing import Furnishing

#: Texts of the project → their pages, in the order of the site; a wheel may lack some.
TEXTS = {
    DOCS / "method.md": "method.html",
    DOCS / "methods" / "size.md": "size.html",
    DATA / "reconstructed" / "README.md": "panel.html",
    DATA / "published" / "README.md": "published-data.html",
    DATA / "classes" / "README.md": "classes.html",
    DOCS / "quoting.md": "quoting.html",
    DOCS / "tutorial.md": "tutorial.html",
    DOCS / "howto" / "questions.md": "howto-questions.html",
    DOCS / "howto" / "charts.md": "howto-charts.html",
    DOCS / "howto" / "data.md": "howto-data.html",
    DOCS / "howto" / "pages.md": "howto-pages.html",
    DOCS / "dictionary.md": "dictionary.html",
    DOCS / "glossary.md": "glossary.html",
    DOCS / "writing_notebooks.md": "writing-notebooks.html",
    DOCS / "scale.md": "scale.html",
}
LINKS = (
    ("ledger.html", "Published figures"),
    ("explorer.html", "Explorer"),
    ("method.html", "Method"),
    ("glossary.html", "Glossary"),
    ("subjects.html", "Subjects"),
)
GUIDE = (
    ("ledger.html", "Every published figure", "as printed, and what is made of it"),
    ("explorer.html", "Explorer", "flow, goods, province and months of your choice, with the code"),
    ("method.html", "How a number is known", "recorded, printed, bounded or assumed"),
    ("size.html", "Do the tests keep their word?", "errors and coverage, counted by simulation"),
    ("panel.html", "The panel and its measured errors", "what is estimated, and how far it misses"),
    ("subjects.html", "Goods, provinces, events and documents", "each with its pages and figures"),
    ("quoting.html", "Which number may I quote?", "what each kind of knowing allows"),
    ("tutorial.html", "From a hypothesis to a page", "a tutorial; recipes stand beside it"),
    ("glossary.html", "Glossary", "terms of art, each explained once"),
)
LEAD = (
    "What China's customs declared of its trade with North Korea, read in the mirror: China's "
    "exports are North Korea's imports. Three published documents, the press and customs itself "
    "printed figures of it; the pages say which hold, and how each number is known."
)
_TERM = re.compile(r"^## (.+)\n(?:\*(.+)\*\n)?\n((?:.+\n?)+)", re.MULTILINE)


def furnish(title: str) -> Furnishing:
    """Return what the collection shows beside its runs."""
    frame = {
        "title": title,
        "lead": LEAD,
        "links": LINKS,
        "guide": GUIDE,
        "authors": "The nktrade developers",
        "licence": "BSD-3-Clause; published figures are facts of the sources named with them",
        "terms": {
            word: f"glossary.html#{term['anchor']}"
            for term in read_glossary()
            for word in term["terms"]
        },
    }
    return Furnishing(describe, make_pages, frame, modules=("nktrade.cli.subjects",))


def describe(*told: Any) -> list[dict[str, str]]:
    """Return what a notebook is about, as :func:`nktrade.cli.subjects.find_subjects` finds it."""
    from nktrade.cli.subjects import find_subjects

    return find_subjects(*told)


def make_pages(
    runs: Sequence[dict[str, Any]], frame: Mapping[str, Any]
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the pages beside the runs by their names, and what the search finds of them."""
    from nktrade.cli.explored import describe_panel
    from nktrade.cli.site_contents import list_codes, list_figures
    from nktrade.cli.subjects import gather_subjects
    from nktrade.site.explorer import lay_explorer
    from nktrade.site.figure_ledger import lay_ledger
    from nktrade.site.subject import lay_subject
    from nktrade.site.text_page import lay_text
    from nktrade.site.ways import list_parts, name_run, tell_apart

    figures = list_figures(runs)
    subjects = gather_subjects(runs, figures)
    way = list_parts(runs)
    headings = zip(runs, tell_apart(runs), strict=True)
    titles = {run["page"]: name_run(run, heading) for run, heading in headings}
    panel = describe_panel()
    for subject in subjects:
        subject["explore"] = _explore(subject, panel)
    pages = {"ledger.html": lay_ledger(figures, titles, frame, way)}
    pages |= {subject["href"]: lay_subject(subject, frame, way) for subject in subjects}
    links = {path.name: page for path, page in TEXTS.items() if path.is_relative_to(DOCS)}
    texts = _read_texts()
    pages |= {page: lay_text(text, frame, way, links) for page, text in texts.items()}
    pages["explorer.html"] = lay_explorer(panel, frame, way)
    pages["subjects.html"] = lay_text(_list_subjects(subjects), frame, way)
    found = [*map(_find_figure, figures), *list_codes(subjects), *_find_subjects(subjects)]
    return pages, [*found, *list_terms(), *(_find_text(*text) for text in texts.items())]


def _read_texts() -> dict[str, str]:
    """Return the texts by their pages, with what is measured of the panel filled in."""
    filled = {"<!-- errors -->\n": tabulate_errors(), "<!-- bands -->\n": tabulate_bands()}
    texts = {}
    for path, page in TEXTS.items():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for mark, table in filled.items():
                text = text.replace(mark, table)
            texts[page] = text
    return texts


def _find_text(page: str, text: str) -> dict[str, str]:
    """Return what the search finds of a text."""
    title, _, words = text.removeprefix("# ").partition("\n")
    words = "" if page == "glossary.html" else words  # found term by term
    told = "; ".join(re.findall(r"^## (.+)$", words, re.MULTILINE))
    return {"kind": "text", "title": title, "text": told, "words": words, "href": page}


def _find_figure(figure: Mapping[str, str]) -> dict[str, str]:
    """Return what the search finds of a published figure."""
    return {
        "kind": "figure",
        "title": f"{figure['printed']}: {figure['what']}",
        "text": f"{figure['period']}; {figure['document']}",
        "words": f"{figure['code']} {figure['quote']}",
        "href": f"ledger.html#{figure['anchor']}",
    }


def _explore(subject: Mapping[str, Any], panel: Mapping[str, Any]) -> str:
    """Return the address in the explorer of a good or province that the panel holds; or none."""
    from nktrade.cli.subjects import KINDS

    key = subject["href"].removesuffix(".html").partition("-")[2]
    if subject["kind"] == KINDS["province"] and key in dict(panel["provinces"]):
        return f"explorer.html#province={key}"
    if subject["kind"] == KINDS["good"] and len(key) != 6 and key in panel["names"]:
        return f"explorer.html#hs={key}"
    return ""


def _find_subjects(subjects: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "kind": "subject",
            "title": subject["title"],
            "text": f"{subject['kind']}; on {count_of(len(subject['pages']), 'pages')}, "
            f"{count_of(len(subject['figures']), 'published figures')}",
            "words": subject["lead"],
            "href": subject["href"],
        }
        for subject in subjects
        if subject["kind"] != "Good"  # found by their codes
    ]


def _list_subjects(subjects: Sequence[Mapping[str, Any]]) -> str:
    """Write the list of all subjects as a text."""
    lines = ["# Goods, provinces, events and documents", ""]
    lines += ["What the pages of this site touch, each with its pages and published figures.", ""]
    for kind in dict.fromkeys(subject["kind"] for subject in subjects):
        lines += [f"## {kind}", ""]
        lines += [
            f"- [{subject['title']}]({subject['href']}): {len(subject['pages'])} "
            f"page{'s' * (len(subject['pages']) != 1)}, {len(subject['figures'])} "
            f"figure{'s' * (len(subject['figures']) != 1)}"
            for subject in subjects
            if subject["kind"] == kind
        ]
        lines.append("")
    return "\n".join(lines)


@cache
def read_glossary() -> list[dict[str, Any]]:
    """Return the terms of the glossary: `title`, `terms` (as texts say it), `anchor`, `text`.

    Examples
    --------
    >>> mirror = read_glossary()[0]
    >>> mirror["anchor"], mirror["terms"][:2]
    ('Mirror-statistics', ['mirror statistics', 'mirror'])
    """
    path = DOCS / "glossary.md"
    if not path.is_file():
        return []
    return [
        {
            "title": title,
            "terms": list(dict.fromkeys([title.lower(), *filter(None, (also or "").split(", "))])),
            "anchor": title.replace(" ", "-"),
            "text": " ".join(text.split()),
        }
        for title, also, text in _TERM.findall(path.read_text(encoding="utf-8"))
    ]


def list_terms() -> list[dict[str, str]]:
    """Return the terms of the glossary for the search."""
    return [
        {
            "kind": "term",
            "title": term["title"],
            "text": term["text"],
            "words": " ".join(term["terms"]),
            "href": f"glossary.html#{term['anchor']}",
        }
        for term in read_glossary()
    ]


@cache
def tabulate_errors() -> str:
    """Return rows of a Markdown table: how far leaving a block out misses it, in per cent.

    Quartiles of the absolute error by kind of figure, from ``data/reconstructed/errors.csv``.
    """
    import numpy as np

    path = DATA / "reconstructed" / "errors.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        kind = "sealed figures of goods" if row["sealed"] else row["kind"]
        kinds.setdefault(kind, []).append(row)
    lines = []
    for kind, some in sorted(kinds.items()):
        errors = np.abs([float(row["error"]) for row in some])
        told = np.quantile(errors, [0.25, 0.5, 0.75, 1])
        lines.append(f"| {kind} | {len(some)} | " + " | ".join(f"{q:.1f}" for q in told) + " |\n")
    return "".join(lines)


def tabulate_bands() -> str:
    """Return rows of a Markdown table: factors of the bands by kind of figure, and what they held.

    From ``data/reconstructed/bands.csv``, which ``python -m tools.reconstruct.bands`` writes.
    """
    path = DATA / "reconstructed" / "bands.csv"
    lines = []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cells = [row["kind"], row["number"], row["blocks"]]
            for level in ("80", "95"):
                factor = float(f"{float(row[f'factor_{level}']):.3g}")
                cells.append(f"{factor:,.0f}" if factor >= 100 else f"{factor:g}")
                cells.append(f"{float(row[f'coverage_{level}']):.0f} %")
                cells.append(f"{row[f'sealed_{level}']} of {row['sealed']}")
            lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)
