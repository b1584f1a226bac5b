"""What the page of each run leads to, known before anything runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from nktrade.render.cells import read_source
from nktrade.render.fingerprints import digest
from nktrade.render.parameters import plain
from nktrade.render.plan import Run
from nktrade.render.run import Outcome, Settings
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
    subjects, kept = {}, {} if kept is None else kept
    describe = settings.furnishing.describe if settings.furnishing else None
    for book in {run.notebook.name: run.notebook for run in plan}.values():
        if describe and not book.problem:
            cells = read_source(book.path)["cells"]
            told = digest([json.dumps([cells, plain(book.defaults)])])
            if kept.get(book.name, [""])[0] != told:
                about = describe(cells, book.defaults, {})
                kept[book.name] = [told, [subject["href"] for subject in about]]
            subjects[book.name] = kept[book.name][1]
    order = sorted(plan, key=partial(find_place, known or {}))
    laid = ways.lay_ways([Outcome(run, "").entry() for run in order], subjects)
    found = {run.slug: way for run, way in zip(order, laid, strict=True)}
    return [replace(run, way=found[run.slug]) for run in plan]
