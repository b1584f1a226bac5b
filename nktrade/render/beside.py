"""What stands beside the runs: index, search and feed, and what the collection shows of its own.

It is laid out again only where something that it shows has changed.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from nktrade._paths import DOCS
from nktrade.errors import InputError
from nktrade.files.writing import replace_bytes, replace_text
from nktrade.render.fingerprints import digest
from nktrade.render.folder import FOLDER, read_lines
from nktrade.render.ledger import Ledger
from nktrade.render.plan import Run
from nktrade.render.run import Outcome, Settings

_ALWAYS = ("index.html", "search.html", "feed.xml")


def write_beside(entries: list[dict[str, Any]], settings: Settings, ledger: Ledger) -> list[str]:
    """Write it, unless it holds, and return the names of the files, but for those of every site.

    Parameters
    ----------
    entries : list of dict
        Of the runs that the site shows, from :meth:`nktrade.render.run.Outcome.entry`.
    settings : Settings
    ledger : Ledger
    """
    record, key = settings.out / FOLDER / "beside.json", _digest(entries, settings, ledger)
    before = next(read_lines(record), {})
    files = before.get("files", {})
    if before.get("key") != key or any(_hash(n, ledger) != files[n] for n in files):
        names = _lay_out(entries, settings, ledger)
        files = {name: _hash(name, ledger) for name in [*names, *_ALWAYS]}
        with suppress(InputError):  # a full disk: it is laid out again
            replace_text(record, json.dumps({"key": key, "files": files}) + "\n")
    return [name for name in files if name not in _ALWAYS]


def _hash(name: str, ledger: Ledger) -> str:
    return ledger.hashes.file(ledger.out / name)


def _digest(entries: list[dict[str, Any]], settings: Settings, ledger: Ledger) -> str:
    """Return one sha256 of all that is shown: runs, their pages, the project's texts and data."""
    shown = [
        # That a run is "cached", and how long it took, nobody is told here.
        entry | {"status": entry["status"] == "failed", "seconds": 0.0}
        for entry in entries
    ]
    pages = [_hash(entry["page"], ledger) for entry in entries]
    told = [shown, pages, settings.frame, settings.title, settings.address]
    texts = ledger.hashes.folder(DOCS, (".md",))
    return digest([json.dumps(told, sort_keys=True, default=str), *ledger.sources, texts])


def rehearse(plan: Sequence[Run], settings: Settings) -> threading.Thread:
    """Lay out what stands beside the runs while the first of them wait for their kernels.

    The pages are thrown away, for no run has said anything yet; but modules, texts and tables are
    read, and the end of the batch, when but one processor is at work, is short.
    """

    def make() -> None:
        with suppress(Exception):  # what goes wrong is told at the end
            if settings.furnishing:
                entries = [Outcome(run, "").entry() for run in plan]
                settings.furnishing.make_pages(entries, settings.frame)

    rehearsal = threading.Thread(target=make, daemon=True)
    rehearsal.start()
    return rehearsal


def _lay_out(entries: list[dict[str, Any]], settings: Settings, ledger: Ledger) -> list[str]:
    """Write the index, the search and what the collection shows beside its runs."""
    from nktrade.site.index import list_pages, list_pictures, write_index
    from nktrade.site.search import write_search

    furnishing = settings.furnishing
    frame = settings.frame
    pages, found = furnishing.make_pages(entries, frame) if furnishing else ({}, [])
    own = {entry["page"].casefold() for entry in entries}
    for name in [name for name in pages if name.casefold() in own]:  # a run's page is its author's
        del pages[name]
        print(f"{name} is a notebook's page, and the collection's own is left out", file=sys.stderr)
    shared = list_pictures(entries) if settings.address else {}
    ledger.files.claim([*pages, *shared], [])
    ledger.files.expect([*pages, *shared])
    for name, text in pages.items():
        replace_text(settings.out / name, text, lasting=False)
    for name, picture in shared.items():
        replace_bytes(settings.out / name, picture, lasting=False)
    changes = _note_findings(entries, settings)
    write_search([*list_pages(entries, settings.out), *found], settings.out, frame)
    write_index(entries, settings.out, frame, changes)
    return [*pages, *shared]


def _note_findings(entries: list[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Write the feed of findings that changed, and return the changes."""
    from nktrade.site.feed import lay_feed, note_findings
    from nktrade.site.ways import name_run, tell_apart

    path = settings.out / FOLDER / "findings.json"
    known = next(read_lines(path), {})
    headings = zip(entries, tell_apart(entries), strict=True)
    noted = note_findings(known, entries, [name_run(run, heading) for run, heading in headings])
    replace_text(path, json.dumps(noted, ensure_ascii=False) + "\n")
    replace_text(settings.out / "feed.xml", lay_feed(noted["changes"], settings.title))
    return noted["changes"]
