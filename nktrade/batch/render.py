"""A batch from plan to site: what changed is run, then the index and ``runs.json`` are written."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from nktrade.batch.ledger import CHANGED, HOLDS, PAGE_CHANGED, Ledger, lock_site
from nktrade.batch.plan import Run
from nktrade.batch.pool import Ended, Started, run_tasks
from nktrade.batch.preload import provide_kernels
from nktrade.batch.progress import Progress
from nktrade.batch.run import Outcome, Settings, execute_run, report_lost, rewrite_page
from nktrade.errors import InputError

_PRELOAD = ("nktrade.batch.run", "nktrade.batch.engine", "nktrade.site.pages")


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
    cluster: str | None = None,
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
        Worker processes; by default one for each processor that may be used.
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
    cluster : str, optional
        Address of a Dask scheduler whose workers take the runs instead of this machine.

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
        plan = [*runs, *others]
        keys = [ledger.keys(run) for run in plan]
        found = [ledger.judge(run, key) for run, key in zip(plan, keys, strict=True)]
        if force:
            found[: len(runs)] = [CHANGED] * len(runs)
        ended = {n: ledger.recall(run) for n, run in enumerate(plan) if found[n] == HOLDS}
        pages = {n: ledger.recall(run) for n, run in enumerate(plan) if found[n] == PAGE_CHANGED}
        changed = {n: run for n, run in enumerate(plan) if found[n] == CHANGED}
        expected = {n: ledger.expected_seconds(run) for n, run in changed.items()}
        jobs = jobs or count_processors()
        try:
            with ExitStack() as stack:
                progress = stack.enter_context(closing(Progress(len(plan), jobs, expected)))
                progress.skip(list(ended.values()))
                events = _events(pages, changed, settings, jobs, warm, cluster)
                stack.enter_context(closing(events))
                for number, outcome in _follow(events, plan, settings, progress):
                    ended[number] = outcome
                    ledger.record(plan[number], keys[number], outcome)
                    if fail_fast and outcome.status == "failed":
                        break
        except (KeyboardInterrupt, SystemExit):
            # What ended is in the ledger, and the site shows nothing that no longer holds.
            _write_site(ended, settings, title)
            raise
        outcomes = _write_site(ended, settings, title)
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


def _write_site(ended: dict[int, Outcome], settings: Settings, title: str) -> list[Outcome]:
    """Write the index and ``runs.json``, and return the outcomes in their order."""
    from nktrade.site.index import write_index

    outcomes = [ended[number] for number in sorted(ended)]
    write_index([outcome.entry() for outcome in outcomes], settings.out, title)
    records = [outcome.record() for outcome in outcomes]
    _write_text(settings.out / "runs.json", json.dumps(records, indent=1, ensure_ascii=False))
    return outcomes


def _events(
    pages: dict[int, Outcome],
    changed: dict[int, Run],
    settings: Settings,
    jobs: int,
    warm: bool,
    cluster: str | None,
) -> Generator[Started | Ended, None, None]:
    """Write pages anew, then run what changed, and say what happens as it happens."""
    rewrite = partial(rewrite_page, settings=settings)
    execute = partial(execute_run, settings=settings)
    with ExitStack() as stack:
        if pages:
            events = run_tasks(rewrite, list(pages.values()), jobs, {}, _PRELOAD)
            yield from _renumber(stack.enter_context(closing(events)), pages)
        if changed and cluster:
            from nktrade.batch.cluster import run_on_cluster

            events = run_on_cluster(list(changed.values()), settings, cluster)
            yield from _renumber(stack.enter_context(closing(events)), changed)
        elif changed:
            environment = stack.enter_context(provide_kernels(changed.values(), warm))
            events = run_tasks(execute, list(changed.values()), jobs, environment, _PRELOAD)
            yield from _renumber(stack.enter_context(closing(events)), changed)


def _renumber(events: Iterable[Started | Ended], numbers: Iterable[int]) -> Iterator:
    """Turn a task's place among the tasks handed out into its place in the plan."""
    places = list(numbers)
    for event in events:
        yield replace(event, task=places[event.task])


def _follow(
    events: Iterable[Started | Ended], plan: Sequence[Run], settings: Settings, progress: Progress
) -> Iterator[tuple[int, Outcome]]:
    """Show what happens as it happens, and yield each outcome with its place in the plan."""
    for event in events:
        if isinstance(event, Started):
            progress.start(event.task)
            continue
        outcome = event.result
        if outcome is None:
            outcome = report_lost(plan[event.task], settings, event.exitcode)
        progress.end(event.task, outcome)
        yield event.task, outcome


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)
