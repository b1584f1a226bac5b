"""A batch from plan to site: runs in worker processes, then the index and ``runs.json``."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

from nktrade.batch.plan import Run
from nktrade.batch.pool import Ended, Started, run_tasks
from nktrade.batch.preload import PROVISIONER, SOCKET, WarmParent, can_fork, find_imports
from nktrade.batch.progress import Progress
from nktrade.batch.run import Outcome, Settings, execute_run, report_lost
from nktrade.errors import InputError

_PRELOAD = ("nktrade.batch.run", "nktrade.batch.engine", "nktrade.site.pages")


def render_site(
    runs: Sequence[Run],
    settings: Settings,
    *,
    title: str = "",
    jobs: int | None = None,
    fail_fast: bool = False,
    warm: bool = True,
    cluster: str | None = None,
) -> list[Outcome]:
    """Run every notebook of a plan and write the site.

    Parameters
    ----------
    runs : sequence of Run
    settings : Settings
        Among them the folder of the site: ``index.html``, one page a run, ``runs.json`` and the
        executed notebooks.
    title : str
        Title of the site.
    jobs : int, optional
        Worker processes; by default one for each processor that may be used.
    fail_fast : bool
        Start no further run once one has failed; runs that never started have no outcome.
    warm : bool
        Fork kernels from a process that has done the imports, where this system can.
    cluster : str, optional
        Address of a Dask scheduler whose workers take the runs instead of this machine.

    Returns
    -------
    list of Outcome
        In the order of the plan.

    Raises
    ------
    InputError
        The folder cannot be written, or the cluster would compute something else. Nothing has
        run then.
    """
    from nktrade.site.index import write_index

    prepare_folder(settings.out)
    with ExitStack() as stack:
        if cluster:
            from nktrade.batch.cluster import run_on_cluster

            events = run_on_cluster(runs, settings, cluster)
        else:
            environment = stack.enter_context(_kernels(runs, warm))
            work = partial(execute_run, settings=settings)
            events = run_tasks(work, runs, jobs or count_processors(), environment, _PRELOAD)
        stack.enter_context(closing(events))
        outcomes = _follow(events, runs, settings, fail_fast)
    write_index([outcome.entry() for outcome in outcomes], settings.out, title)
    _forget_old_pages(settings.out, outcomes)
    records = [outcome.record() for outcome in outcomes]
    _write_text(settings.out / "runs.json", json.dumps(records, indent=1, ensure_ascii=False))
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


def _follow(
    events: Iterator[Started | Ended], runs: Sequence[Run], settings: Settings, fail_fast: bool
) -> list[Outcome]:
    """Show what happens as it happens and gather the outcomes."""
    ended: dict[int, Outcome] = {}
    with closing(Progress(len(runs))) as progress:
        for event in events:
            if isinstance(event, Started):
                progress.start()
                continue
            outcome = event.result
            if outcome is None:
                outcome = report_lost(runs[event.task], settings, event.exitcode)
            ended[event.task] = outcome
            progress.end(outcome)
            if fail_fast and outcome.status == "failed":
                break
    return [ended[number] for number in sorted(ended)]


@contextmanager
def _kernels(runs: Sequence[Run], warm: bool) -> Iterator[dict[str, str]]:
    """Provide what kernels need while a batch runs, and yield the workers' environment."""
    # Connection files and sockets of the kernels live here and go with it.
    runtime = tempfile.mkdtemp(prefix="nktrade-", dir=_short_folder())
    # Numerical libraries keep to one thread a kernel: the runs already fill the processors.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {name: os.environ.get(name, "1") for name in threads}
    environment |= {"JUPYTER_RUNTIME_DIR": runtime, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, runtime, ignore_errors=True)
        if warm and can_fork():
            path = str(Path(runtime) / "warm")
            modules = find_imports({run.notebook.path for run in runs})
            stack.enter_context(WarmParent(path, modules, {**os.environ, **environment}))
            environment |= {SOCKET: path, "JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
        yield environment


def _short_folder() -> str:
    """Return the folder for temporary files, or /tmp where its path is too long for a socket."""
    folder = tempfile.gettempdir()
    return "/tmp" if os.name == "posix" and len(folder) > 60 else folder


def _forget_old_pages(out: Path, outcomes: Sequence[Outcome]) -> None:
    """Remove pages of an earlier render that this site does not show."""
    try:
        earlier = json.loads((out / "runs.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    kept = {outcome.run.page for outcome in outcomes}
    for record in earlier:
        page = str(record.get("page", ""))
        if page not in kept and Path(page).name == page and page.endswith(".html"):
            (out / page).unlink(missing_ok=True)


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}")
    part.write_text(text + "\n", encoding="utf-8")
    os.replace(part, path)
