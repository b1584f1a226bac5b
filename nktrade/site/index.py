"""The index: every run's question, picture, finding and agreement with the published figures."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nktrade.files.writing import replace_text
from nktrade.site.shell import render_template
from nktrade.site.text import VERDICTS, spell_agreement
from nktrade.site.ways import name_run, tell_apart

#: Changes of findings that the index shows.
CHANGES = 8


def write_index(
    runs: Sequence[dict[str, Any]],
    out: Path,
    frame: Mapping[str, Any] | None = None,
    changes: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Write ``index.html`` and return its path.

    Parameters
    ----------
    runs : sequence of dict
        :meth:`nktrade.render.run.Outcome.entry` of each run, in the order to show them.
    out : Path
        The site's folder.
    frame : mapping, optional
        What every page has: `title` of the site, `lead` (what it is, in a paragraph), `links`.
    changes : sequence of mapping
        Findings that changed, as :func:`nktrade.site.feed.note_findings` says them.
    """
    frame = frame or {}
    shown = [
        {**run, "heading": heading} for run, heading in zip(runs, tell_apart(runs), strict=True)
    ]
    html = render_template(
        "index.html.j2",
        frame,
        title=frame.get("title") or "Notebooks",
        count=len(shown),
        changes=[{**change, "href": quote(change["page"])} for change in changes[:CHANGES]],
        parts=_group(shown),
        failures=[run for run in shown if run["status"] == "failed"],
        estimated=sum(run["data_status"] == "estimated" for run in shown),
        verdicts=spell_verdicts(shown) if any(count_verdicts(shown).values()) else "",
    )
    return replace_text(out / "index.html", html, lasting=False)


def list_pages(runs: Sequence[dict[str, Any]], out: Path) -> list[dict[str, str]]:
    """Return what the search can find of the runs' pages: titles, questions, findings, words."""
    return [
        {
            "kind": "page",
            "title": name_run(run, heading),
            "text": run["finding"] or run["question"],
            "words": " ".join([run["question"], *_read_words(out / run["notebook_out"])]),
            "href": quote(run["page"]),
        }
        for run, heading in zip(runs, tell_apart(runs), strict=True)
    ]


def name_picture(page: str) -> str:
    """Return the name of the file that other sites show of a page that is shared.

    Examples
    --------
    >>> name_picture("04_wig_exports.html")
    '04_wig_exports.png'
    """
    return f"{page.removesuffix('.html')}.png"


def list_pictures(runs: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """Return the runs' pictures as files, for other sites that show no data addresses."""
    return {
        name_picture(run["page"]): b64decode(run["picture"].partition(",")[2])
        for run in runs
        if run["picture"]
    }


def _read_words(notebook: Path) -> list[str]:
    """Return the words that an executed notebook was written with."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):  # a page without its notebook is found by its title
        return []
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def count_verdicts(runs: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count the published figures by verdict, each figure once.

    Where pages judge a figure differently the harsher verdict counts; a page that cannot check a
    figure, or to whose data it was imposed, says nothing against one that can. Pages that name no
    figures count by their sums.

    Examples
    --------
    >>> one = {"a": "agrees as printed", "b": "only as corrected", "c": "cannot be checked"}
    >>> two = {"a": "differs", "c": "agrees as printed"}
    >>> count_verdicts([{"figures": one}, {"figures": two}])
    {'differ': 1, 'corrected': 1, 'agree': 1, 'circular': 0, 'unchecked': 0}
    """
    harshness = [*VERDICTS.values()]
    verdicts: dict[str, str] = {}
    for run in runs:
        for figure, verdict in run["figures"].items():
            verdicts[figure] = min(verdict, verdicts.get(figure, verdict), key=harshness.index)
    if not verdicts:
        return {name: sum(run["published"].get(name, 0) for run in runs) for name in VERDICTS}
    counts = Counter(verdicts.values())
    return {name: counts[word] for name, word in VERDICTS.items()}


def spell_verdicts(runs: Sequence[dict[str, Any]]) -> str:
    """Say how the published figures fare on the pages, each figure counted once.

    Examples
    --------
    >>> spell_verdicts([{"figures": {"a": "agrees as printed", "b": "circular"}}])
    '2 published figures: 1 agrees as printed, 1 circular (imposed on the estimate)'
    >>> spell_verdicts([])
    'no published figures to check'
    """
    counts = count_verdicts(runs)
    number = sum(counts.values())
    if not number:
        return "no published figures to check"
    return f"{number} published figure{'s' * (number != 1)}: {spell_agreement(counts)}"


def _group(runs: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        parts.setdefault(run["part"], []).append(run)
    return list(parts.items())
