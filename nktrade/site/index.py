"""The index: every run's question, picture, finding and agreement with the published figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nktrade.site.frame import render_template, write_text
from nktrade.site.text import spell_value


def write_index(
    runs: Sequence[dict[str, Any]], out: Path, title: str, ledger: bool = False
) -> Path:
    """Write ``index.html`` and return its path.

    Parameters
    ----------
    runs : sequence of dict
        :meth:`nktrade.render.run.Outcome.entry` of each run, in the order to show them.
    out : Path
        The site's folder.
    title : str
        The site's title.
    ledger : bool
        Whether the site has a page of published figures to lead to.
    """
    shown = [{**run, "heading": _tell_apart(run, runs)} for run in runs]
    html = render_template(
        "index.html.j2",
        title=title or "Notebooks",
        ledger=ledger,
        count=len(shown),
        parts=_group(shown),
        failures=[run for run in shown if run["status"] == "failed"],
        estimated=sum(run["data_status"] == "estimated" for run in shown),
        published=sum_published(shown),
        verdicts=spell_verdicts(shown),
        now=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return write_text(out / "index.html", html)


def list_pages(runs: Sequence[dict[str, Any]], out: Path) -> list[dict[str, str]]:
    """Return what the search can find of the runs' pages: titles, questions, findings, words."""
    return [
        {
            "kind": "page",
            "title": f"{run['title']} ({heading})" if heading else run["title"],
            "text": run["finding"] or run["question"],
            "words": " ".join([run["question"], *_read_words(out / run["notebook_out"])]),
            "href": quote(run["page"]),
        }
        for run in runs
        for heading in [_tell_apart(run, runs)]
    ]


def _read_words(notebook: Path) -> list[str]:
    """Return the words that an executed notebook was written with."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):  # a page without its notebook is found by its title
        return []
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def sum_published(runs: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Add up how many published figures the runs checked, and how many agree and differ."""
    names = ("checked", "agree", "differ")
    return {name: sum(run["published"][name] for run in runs) for name in names}


def spell_verdicts(runs: Sequence[dict[str, Any]]) -> str:
    """Say how the published figures fare on the pages, each figure counted once.

    Where pages judge a figure differently the harsher verdict counts; a page that cannot check a
    figure says nothing against one that can. Pages that name no figures count by their sums.

    Examples
    --------
    >>> one = {"a": "agrees", "b": "agrees with reading", "c": "cannot check"}
    >>> two = {"a": "differs", "c": "agrees"}
    >>> spell_verdicts([{"figures": one}, {"figures": two}])
    '1 of 3 published figures agrees, 1 agrees with the reading of a misprint, 1 differs'
    """
    order = ["cannot check", "agrees", "agrees with reading", "differs"]
    verdicts: dict[str, str] = {}
    for run in runs:
        for figure, verdict in run["figures"].items():
            verdicts[figure] = max(verdict, verdicts.get(figure, verdict), key=order.index)
    if not verdicts:
        published = sum_published(runs)
        return f"{published['agree']} of {published['checked']} published figures agree"
    counts = Counter(verdicts.values())
    agree, reading, differ, unchecked = (counts[verdict] for verdict in [*order[1:], order[0]])
    words = [f"{agree} of {len(verdicts)} published figures agree{'s' * (agree == 1)}"]
    if reading:
        words.append(f"{reading} agree{'s' * (reading == 1)} with the reading of a misprint")
    if differ:
        words.append(f"{differ} differ{'s' * (differ == 1)}")
    if unchecked:
        words.append(f"{unchecked} cannot be checked")
    return ", ".join(words)


def _group(runs: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    parts: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        parts.setdefault(run["part"], []).append(run)
    return list(parts.items())


def _tell_apart(run: dict[str, Any], runs: Sequence[dict[str, Any]]) -> str:
    """Name what sets a run apart from the others of its notebook: its label or its parameters."""
    if run["label"]:
        return run["label"]
    if sum(other["notebook"] == run["notebook"] for other in runs) == 1:
        return ""
    return ", ".join(f"{name} {spell_value(value)}" for name, value in run["changed"].items())
