"""Findings that changed: what a render found otherwise than the one before, as a feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from nktrade.site.shell import render_piece

#: Changes that are kept.
KEPT = 50


def note_findings(
    known: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], titles: Sequence[str]
) -> dict[str, Any]:
    """Return what is known of findings after a render.

    Parameters
    ----------
    known : mapping
        What this returned the last time; empty at first.
    runs : sequence of mapping
        With `page`, `finding` and `ended`.
    titles : sequence of str
        Of the runs.

    Returns
    -------
    dict
        `findings`, page → finding, and `changes`, the latest first: page, title, finding, `before`
        (empty for a new page) and `at`. Pages of a first render are no changes.

    Examples
    --------
    >>> runs = [{"page": "a.html", "finding": "It rose 2 %.", "ended": "2026-01-02T00:00:00+00:00"}]
    >>> first = note_findings({}, runs, ["A"])
    >>> first["changes"]
    []
    >>> again = note_findings(first, [{**runs[0], "finding": "It rose 3 %."}], ["A"])
    >>> [(change["finding"], change["before"]) for change in again["changes"]]
    [('It rose 3 %.', 'It rose 2 %.')]
    """
    found = dict(known.get("findings", {}))
    changes = []
    for run, title in zip(runs, titles, strict=True):
        before = found.get(run["page"], "")
        if known and run["finding"] != before:
            told = {"page": run["page"], "title": title, "finding": run["finding"]}
            changes.append({**told, "before": before, "at": run["ended"]})
        found[run["page"]] = run["finding"]
    return {"findings": found, "changes": [*changes, *known.get("changes", [])][:KEPT]}


def lay_feed(changes: Sequence[Mapping[str, str]], title: str) -> str:
    """Return the changes as an Atom feed, ``feed.xml``."""
    at = max((change["at"] for change in changes), default="1970-01-01T00:00:00+00:00")
    shown = [{**change, "href": quote(change["page"])} for change in changes]
    return str(render_piece("feed.xml.j2", title=title, changes=shown, at=at))
