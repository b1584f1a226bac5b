"""A batch from plan to site: what changed is run, then the index and ``runs.json`` are written."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial

from nktrade.errors import InputError
from nktrade.files.terminal import spell_controls
from nktrade.files.writing import replace_text
from nktrade.render.beside import rehearse, write_beside
from nktrade.render.folder import prepare_folder
from nktrade.render.leading import find_place, lay_ways
from nktrade.render.ledger import SITE_FILES, Ledger, Todo, lock_site
from nktrade.render.order import find_failed, find_races, list_waves
from nktrade.render.plan import Run
from nktrade.render.pool import Ended, Started, run_tasks
from nktrade.render.preload import Kernels
from nktrade.render.privacy import hide_paths, list_places
from nktrade.render.progress import Progress
from nktrade.render.run import (
    Outcome,
    Settings,
    execute_run,
    report_failure,
    report_lost,
    rewrite_page,
)

Cluster = tuple[str, Callable[[str], str]]

#: What workers are forked from has imported, in this order: the first keeps out what the second
#: would compile (`nktrade.render.foreign`).
PRELOAD = ("nktrade.render.ready", "nktrade.render.engine")


def render_site(
    runs: Sequence[Run],
    settings: Settings,
    *,
    jobs: int | None = None,
    fail_fast: bool = False,
    force: bool = False,
    only_failed: bool = False,
    keep_others: bool = False,
    warm: bool = True,
    cluster: Cluster | None = None,
) -> list[Outcome]:
    """Run what changed of a plan and write the site.

    Parameters
    ----------
    runs : sequence of Run
    settings : Settings
        Among them the folder of the site: ``index.html``, one page a run, ``runs.json``, the
        executed notebooks and the ledger.
    jobs : int, optional
        Worker processes; by default as many as there are processors that may be used.
    fail_fast : bool
        Start no further run once one has failed; runs that never started have no outcome.
    force : bool
        Run what has not changed as well.
    only_failed : bool
        Of the plan run only what failed the last time; implies `keep_others`.
    keep_others : bool
        Leave earlier pages of other runs in the site, as far as they still hold. Otherwise the
        plan is the whole site.
    warm : bool
        Fork kernels from a process that has done the imports, where this system can.
    cluster : address and callable, optional
        Address of a Dask scheduler whose workers take the runs instead of this machine, and what
        says of a data set what it holds (:func:`nktrade.render.cluster.run_on_cluster`).

    Returns
    -------
    list of Outcome
        In the order of the plan, then those of other pages that were kept. A run for which
        nothing has changed is "cached".

    Raises
    ------
    InputError
        The folder cannot be written or is not the site's, another render is writing there, or
        the cluster would compute something else. Nothing has run then.
    OSError
        The index cannot be written, as on a full disk; what ran is in the ledger.
    """
    waves = list_waves(runs)
    prepare_folder(settings.out)
    with lock_site(settings.out), Kernels(warm) as kernels:
        ledger = Ledger(settings)
        runs = ledger.place(runs)
        if only_failed:
            runs = [run for run in runs if ledger.failed(run)]
            waves = list_waves(runs)
        others = ledger.other_runs(runs) if keep_others or only_failed else []
        # What is shown keeps its order where only a part of it is rendered.
        known = {slug: n for n, slug in enumerate(ledger.entries)} if others else {}
        plan = [*runs, *others]
        names = [name for run in plan for name in run.files]
        ledger.files.claim([*names, *SITE_FILES], [run.notebook.path for run in plan])
        new = [run for run in runs if force or run.slug not in ledger.entries]
        if new and not cluster:  # they will run: imports are done while ways are laid
            kernels.provide(new)
        plan = lay_ways(plan, settings, known, ledger.subjects)
        waves = waves or [[]]
        waves[0] = [*waves[0], *range(len(runs), len(plan))]
        ended: dict[int, Outcome] = {}
        rehearsal: threading.Thread | None = None
        try:
            with closing(Progress(len(plan), jobs or count_processors())) as progress:
                for wave in waves:
                    todo = _sort_out(ledger, plan, wave, ended, settings, force, len(runs))
                    ended |= todo.held
                    if todo.changed and rehearsal is None:
                        rehearsal = rehearse(plan, settings)
                    events = _events(todo, settings, progress, kernels, cluster)
                    if _record(events, todo, ledger, plan, ended, fail_fast):
                        break
            _report_races(ledger, ended, settings)
            if rehearsal:
                rehearsal.join()
        except (KeyboardInterrupt, SystemExit):
            # What ended is in the ledger, and the site shows nothing that no longer holds.
            _, beside = _write_site(ended, settings, ledger)
            ledger.files.wrote([*SITE_FILES, *beside])
            ledger.files.settle()
            raise
        try:
            outcomes, beside = _write_site(ended, settings, ledger)
            shown = sorted((outcome.run for outcome in outcomes), key=partial(find_place, known))
            ledger.close(shown, beside)
        except InputError as failure:  # too late for one: runs have ended, and the ledger has them
            raise OSError(errno.EIO, f"the runs ended, but not the site: {failure}") from None
    return outcomes


def _record(
    events: Generator[tuple[int, Outcome], None, None],
    todo: Todo,
    ledger: Ledger,
    plan: Sequence[Run],
    ended: dict[int, Outcome],
    fail_fast: bool,
) -> bool:
    """Take down each outcome as it comes; say whether a failure stops the rest."""
    with closing(events):
        for number, outcome in events:
            ended[number] = outcome
            ledger.record(plan[number], todo.keys[number], outcome)
            if fail_fast and outcome.status == "failed":
                return True
    return False


def _sort_out(
    ledger: Ledger,
    plan: Sequence[Run],
    wave: Sequence[int],
    ended: dict[int, Outcome],
    settings: Settings,
    force: bool,
    asked: int,
) -> Todo:
    """Judge the runs of a wave; one that comes after a failure fails without running."""
    runs = {place: plan[place] for place in wave}
    todo = ledger.sort_out(runs, range(asked), force)
    for place, run in runs.items():
        before = find_failed(run, ended.values())
        if before:
            ledger.files.expect(run.files)
            message = f"{before}, which it comes after, failed"
            outcome = report_failure(Outcome(run, "failed"), settings, "NotRun", message)
            for plans in (todo.held, todo.pages, todo.changed):
                plans.pop(place, None)
            todo.held[place] = outcome
            ledger.record(run, todo.keys[place], outcome)
    due = [runs[place] for place in (*todo.pages, *todo.changed)]
    ledger.files.expect(name for run in due for name in run.files)
    return todo


def _report_races(ledger: Ledger, ended: dict[int, Outcome], settings: Settings) -> None:
    """Let whoever read what another run wrote later fail, and propose orders that would help."""
    races, proposals = find_races(ended)
    for place, message in races.items():
        ledger.files.expect(ended[place].run.files)
        outcome = report_failure(ended[place], settings, "Race", message)
        ledger.record(outcome.run, ledger.keys(outcome.run), outcome)
    for proposal in proposals:
        print(spell_controls(proposal), file=sys.stderr)


def count_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _write_site(
    ended: dict[int, Outcome], settings: Settings, ledger: Ledger
) -> tuple[list[Outcome], list[str]]:
    """Write the index, the search, ``runs.json`` and what stands beside the runs.

    Returns the outcomes in their order and the names of the files that stand beside them.
    """
    from nktrade.site.page import list_plainly

    ledger.files.expect(SITE_FILES)
    outcomes = [ended[number] for number in sorted(ended)]
    entries = [outcome.entry() for outcome in outcomes]
    try:
        pages = write_beside(entries, settings, ledger)
    except Exception as failure:  # the runs are done: whoever wants to see them must find them
        print(
            f"the index could not be laid out ({type(failure).__name__}: "
            f"{spell_controls(str(failure))}); "
            "it is a plain list",
            file=sys.stderr,
        )
        pages = []
        replace_text(settings.out / "index.html", list_plainly(entries, settings.title))
    places = list_places([outcome.run for outcome in outcomes], settings.out)
    records = hide_paths([outcome.record() for outcome in outcomes], places)
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    replace_text(settings.out / "runs.json", text + "\n")
    return outcomes, pages


def _events(
    todo: Todo, settings: Settings, progress: Progress, kernels: Kernels, cluster: Cluster | None
) -> Generator[tuple[int, Outcome], None, None]:
    """Do what is to be done, show how far it is, and yield each outcome with its place."""
    progress.expect(todo.expected)
    progress.skip(list(todo.held.values()))
    furnishing = settings.furnishing
    preload = [*PRELOAD, *(furnishing.modules if furnishing else ())]
    with ExitStack() as stack:
        if todo.pages:
            rewrite = partial(rewrite_page, settings=settings)
            events = run_tasks(rewrite, list(todo.pages.values()), progress.jobs, {}, preload)
            stack.enter_context(closing(events))
            kept = {place: outcome.run for place, outcome in todo.pages.items()}
            yield from _follow(events, kept, settings, progress)
        if todo.changed:
            runs = list(todo.changed.values())
            if cluster:
                from nktrade.render.cluster import run_on_cluster

                events = run_on_cluster(runs, settings, *cluster)
            else:
                execute = partial(execute_run, settings=settings)
                environment = kernels.provide(runs)
                events = run_tasks(execute, runs, progress.jobs, environment, preload)
            stack.enter_context(closing(events))
            yield from _follow(events, todo.changed, settings, progress)


def _follow(
    events: Iterable[Started | Ended], runs: dict[int, Run], settings: Settings, progress: Progress
) -> Iterator[tuple[int, Outcome]]:
    """Show what happens as it happens; `runs` are those of the tasks, by their places."""
    places = list(runs)
    for event in events:
        place = places[event.task]
        if isinstance(event, Started):
            progress.start(place)
            continue
        outcome = event.result
        if outcome is None:
            outcome = report_lost(runs[place], settings, event.exitcode)
        progress.end(place, outcome)
        yield place, outcome
