"""What the page of each run leads to, known before anything runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from nktrade.render.cells import list_named, read_source, words_of
from nktrade.render.fingerprints import digest
from nktrade.render.plan import Run
from nktrade.render.run import Outcome, Settings
from nktrade.render.values import plain
from nktrade.site import ways


def find_place(known: Mapping[str, int], run: Run) -> int:
    """Return a run's place among those that were shown before; new ones follow."""
    return known.get(run.slug, len(known))


def lay_ways(
    plan: Sequence[Run],
    settings: Settings,
    known: Mapping[str, int] | None = None,
    kept: dict[str, list] | None = None,
) -> list[Run]:
    """Let every run know what its page leads to.

    Parameters
    ----------
    plan : sequence of Run
        All that the site will show.
    settings : Settings
    known : mapping, optional
        Place in the site by slug, where that is not the order of the plan.
    kept : dict, optional
        What notebooks were found to be about, and from what; brought up to date here.
    """
    subjects, named, kept = {}, {}, {} if kept is None else kept
    order = sorted(plan, key=partial(find_place, known or {}))
    pages = {run.notebook.path: quote(run.page) for run in reversed(order)}
    describe = settings.furnishing.describe if settings.furnishing else None
    for book in {run.notebook.name: run.notebook for run in plan}.values():
        if book.problem:
            continue
        source = read_source(book.path)
        named[book.path] = _list_notebooks(book.path.parent, words_of(source), pages)
        if describe:
            told = digest([json.dumps([source["cells"], plain(book.defaults)])])
            if kept.get(book.name, [""])[0] != told:
                about = describe(source["cells"], book.defaults, {})
                kept[book.name] = [told, [subject["href"] for subject in about]]
            subjects[book.name] = kept[book.name][1]
    laid = ways.lay_ways([Outcome(run, "").entry() for run in order], subjects)
    found = {run.slug: way for run, way in zip(order, laid, strict=True)}
    return [replace(run, way=found[run.slug] | named.get(run.notebook.path, {})) for run in plan]


def _list_notebooks(folder: Path, words: str, pages: Mapping[Path, str]) -> dict[str, dict]:
    """Return the pages of the notebooks that words lead to, if there are any, as part of a way."""
    spelled = {os.path.normpath(name) for name in list_named(words) if name.endswith(".ipynb")}
    led = {name: Path(os.path.normpath(folder / name)) for name in sorted(spelled)}
    found = {name: pages[path] for name, path in led.items() if path in pages}
    return {"notebooks": found} if found else {}
