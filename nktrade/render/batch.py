"""A batch from plan to site: what changed is run, then the index and ``runs.json`` are written."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.render.ledger import Ledger, Todo, lock_site
from nktrade.render.plan import Run
from nktrade.render.pool import Ended, Started, run_tasks
from nktrade.render.preload import provide_kernels
from nktrade.render.progress import Progress
from nktrade.render.run import Outcome, Settings, execute_run, report_lost, rewrite_page

#: Writes what a collection shows beside its runs, and says what of it can be found.
Furnish = Callable[[Sequence[dict[str, Any]], Path], list[dict[str, str]]]

Cluster = tuple[str, Callable[[str], str]]

_PRELOAD = ("nktrade.render.run", "nktrade.render.engine", "nktrade.site.page")


def render_site(
    runs: Sequence[Run],
    settings: Settings,
    *,
    title: str = "",
    jobs: int | None = None,
    fail_fast: bool = False,
    force: bool = False,
    only_failed: bool = False,
    keep_others: bool = False,
    warm: bool = True,
    cluster: Cluster | None = None,
    furnish: Furnish | None = None,
) -> list[Outcome]:
    """Run what changed of a plan and write the site.

    Parameters
    ----------
    runs : sequence of Run
    settings : Settings
        Among them the folder of the site: ``index.html``, one page a run, ``runs.json``, the
        executed notebooks and the ledger.
    title : str
        Title of the site.
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
    furnish : callable, optional
        Called with the runs as they are shown and the site's folder before the index is written:
        it writes pages of its own and returns what the search can find beside the pages, as
        :func:`nktrade.site.search.write_search` takes it.

    Returns
    -------
    list of Outcome
        In the order of the plan, then those of other pages that were kept. A run for which
        nothing has changed is "cached".

    Raises
    ------
    InputError
        The folder cannot be written, another render is writing there, or the cluster would
        compute something else. Nothing has run then.
    """
    prepare_folder(settings.out)
    with lock_site(settings.out):
        ledger = Ledger(settings)
        if only_failed:
            runs = [run for run in runs if ledger.failed(run)]
        others = ledger.other_runs(runs) if keep_others or only_failed else []
        todo = ledger.sort_out(runs, others, force)
        ended = dict(todo.held)
        try:
            events = _events(todo, settings, jobs or count_processors(), warm, cluster)
            with closing(events):
                for number, outcome in events:
                    ended[number] = outcome
                    ledger.record(todo.plan[number], todo.keys[number], outcome)
                    if fail_fast and outcome.status == "failed":
                        break
        except (KeyboardInterrupt, SystemExit):
            # What ended is in the ledger, and the site shows nothing that no longer holds.
            _write_site(ended, settings, title, furnish)
            raise
        outcomes = _write_site(ended, settings, title, furnish)
        ledger.close([outcome.run for outcome in outcomes])
    return outcomes


def count_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_folder(out: Path) -> None:
    """Make the site's folder and see that it can be written.

    Raises
    ------
    InputError
        It cannot.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise InputError(
            "the output folder cannot be written",
            where=str(out),
            got=error.strerror or str(error),
            hint="Name another one with --out.",
        ) from None


def _write_site(
    ended: dict[int, Outcome], settings: Settings, title: str, furnish: Furnish | None
) -> list[Outcome]:
    """Write the index, the search and ``runs.json``, and return the outcomes in their order."""
    from nktrade.site.index import list_pages, write_index
    from nktrade.site.search import write_search

    outcomes = [ended[number] for number in sorted(ended)]
    entries = [outcome.entry() for outcome in outcomes]
    found = furnish(entries, settings.out) if furnish else []
    write_search([*list_pages(entries, settings.out), *found], settings.out, title)
    write_index(entries, settings.out, title, ledger=bool(furnish))
    records = [outcome.record() for outcome in outcomes]
    _write_text(settings.out / "runs.json", json.dumps(records, indent=1, ensure_ascii=False))
    return outcomes


def _events(
    todo: Todo, settings: Settings, jobs: int, warm: bool, cluster: Cluster | None
) -> Generator[tuple[int, Outcome], None, None]:
    """Do what is to be done, show how far it is, and yield each outcome with its place."""
    with ExitStack() as stack:
        progress = stack.enter_context(closing(Progress(len(todo.plan), jobs, todo.expected)))
        progress.skip(list(todo.held.values()))
        if todo.pages:
            rewrite = partial(rewrite_page, settings=settings)
            events = run_tasks(rewrite, list(todo.pages.values()), jobs, {}, _PRELOAD)
            stack.enter_context(closing(events))
            yield from _follow(events, todo, list(todo.pages), settings, progress)
        if todo.changed:
            runs = list(todo.changed.values())
            if cluster:
                from nktrade.render.cluster import run_on_cluster

                events = run_on_cluster(runs, settings, *cluster)
            else:
                environment = stack.enter_context(provide_kernels(runs, warm))
                execute = partial(execute_run, settings=settings)
                events = run_tasks(execute, runs, jobs, environment, _PRELOAD)
            stack.enter_context(closing(events))
            yield from _follow(events, todo, list(todo.changed), settings, progress)


def _follow(
    events: Iterable[Started | Ended],
    todo: Todo,
    places: Sequence[int],
    settings: Settings,
    progress: Progress,
) -> Iterator[tuple[int, Outcome]]:
    """Show what happens as it happens; `places` are those of the tasks in the plan."""
    for event in events:
        place = places[event.task]
        if isinstance(event, Started):
            progress.start(place)
            continue
        outcome = event.result
        if outcome is None:
            outcome = report_lost(todo.plan[place], settings, event.exitcode)
        progress.end(place, outcome)
        yield place, outcome


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)
