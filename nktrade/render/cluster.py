"""Past one machine: the same runs on an existing Dask cluster.

Each run travels with the folder of its project (a repository's root, or what ``site.yml`` names,
where it is small; else the notebooks' own) and comes home with its page and with what it wrote
there, so scheduler and workers need no folder in common; only data outside, named by a path or an
address, must be readable where a worker stands. Dask runs a task again when its worker dies, so
nothing is lost; when the last worker is gone the runs that are left fail within seconds.
"""

from __future__ import annotations

import atexit
import importlib.metadata
import io
import os
import platform
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from nktrade import _version
from nktrade.errors import InputError, count_of
from nktrade.files.temporary import lend_folder
from nktrade.files.terminal import spell_controls
from nktrade.files.writing import replace_bytes
from nktrade.render.fingerprints import Hashes
from nktrade.render.plan import Run
from nktrade.render.pool import Ended, Started
from nktrade.render.preload import SOCKET, provide_kernels
from nktrade.render.run import Outcome, Settings, execute_run

#: What is known of a data set, in a word that is the same wherever the data are.
DescribeData = Callable[[str], str]

_MOST_BYTES = 1 << 28  # of a project: what a scheduler keeps in memory without being noticed
_PATIENCE = 10.0  # seconds without an answer or any worker: one that starts anew takes three
_LOOK = 1.0  # seconds between two looks for workers

#: Whose versions decide the numbers and figures on a page.
_LIBRARIES = ("numpy", "pandas", "pyarrow", "scipy", "statsmodels", "matplotlib", "seaborn")


def run_on_cluster(
    runs: Sequence[Run], settings: Settings, address: str, describe_data: DescribeData
) -> Generator[Started | Ended, None, None]:
    """Run notebooks on the Dask cluster at `address`, saying what happens as it happens.

    Parameters
    ----------
    runs : sequence of Run
    settings : Settings
        Pages and notebooks are written into its `out` on this machine.
    address : str
        Of the scheduler, as ``tcp://10.0.0.5:8786``.
    describe_data : callable
        Says of a data set that a run names what it holds, for here and a worker to compare.

    Yields
    ------
    Started, Ended
        As `nktrade.render.pool.run_tasks`; a run whose workers all died has no result.

    Raises
    ------
    InputError
        Before anything runs: the scheduler does not answer, a worker has another version of
        nktrade, of Python or of a library, more than one thread, or lacks a data set that a run
        names.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "a cluster needs the package distributed",
            hint="Install it with: pip install 'nktrade[cluster]'.",
        ) from None
    try:
        client = Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError("no scheduler answers", where=address, got=str(error)) from None
    with client:
        check_workers(client, runs, describe_data)
        futures = {}
        batch = uuid.uuid4().hex  # a key already known there would bring another batch's page
        homes = {home_of(run): run for run in runs}
        roots = {home: choose_root(run, settings.out) for home, run in homes.items()}
        projects: dict[Path, Any] = {}
        for number, run in enumerate(runs):
            root, packed = roots[home_of(run)]
            if root not in projects:
                key = f"nktrade-{batch}-project-{len(projects)}"
                # A task, not data: where the worker that holds it dies it is made again.
                projects[root] = client.submit(bytes, packed, pure=False, key=key)
            future = client.submit(
                carry_out,
                run,
                root,
                projects[root],
                settings,
                pure=False,
                key=f"nktrade-{batch}-{number}",
            )
            futures[future] = number
            yield Started(number)
        for future in _await(client, futures):
            number = futures[future]
            root, _ = roots[home_of(runs[number])]
            yield _bring_home(future, number, root, settings.out)
            future.release()  # its worker need not keep what is home


def _await(client: Any, futures: Mapping[Any, int]) -> Iterator[Any]:
    """Yield futures as they end; those left when no worker has been there for a while as well."""
    from distributed import as_completed

    waiting, ending = set(futures), as_completed(futures)
    seen = asked = time.monotonic()
    while waiting:
        if ending.has_ready():
            for future in ending.next_batch(block=False):
                waiting.discard(future)
                yield future
            continue
        now = time.monotonic()
        if now - asked > _LOOK:
            asked = now
            seen = now if _has_workers(client) else seen
        if now - seen > _PATIENCE:
            yield from list(waiting)
            return
        time.sleep(0.05)


def _has_workers(client: Any) -> bool:
    try:
        return bool(client.nthreads(callback_timeout=_PATIENCE))
    except (OSError, TimeoutError, ValueError):  # nor is there a scheduler
        return False


def home_of(run: Run) -> Path:
    """Return the folder that a run's notebook belongs to: its collection's, or its own."""
    return run.home or run.notebook.path.parent


def choose_root(run: Run, out: Path) -> tuple[Path, bytes]:
    """Return the folder that travels with a run, and its files: its project where that is small.

    Standard error is told what travels.
    """
    home = home_of(run)
    roots = [home]
    if run.project and run.project != home and home.is_relative_to(run.project):
        roots = [run.project, home]
    for root in roots:
        try:
            packed, count = pack_project(root, out)
        except InputError:
            if root == roots[-1]:
                raise
            print(
                f"{root} is too large to travel to the workers; the notebooks' folder goes alone "
                "(site.yml can name a smaller one as its project)",
                file=sys.stderr,
            )
            continue
        print(
            spell_controls(
                f"{root}: {count_of(count, 'files')} to travel, {len(packed) / 1e6:.1f} MB"
            ),
            file=sys.stderr,
        )
        return root, packed
    raise AssertionError("one of the roots is packed or refused")


def pack_project(home: Path, out: Path) -> tuple[bytes, int]:
    """Return a folder's files as a ZIP file, and their number.

    Hidden ones stay, and so do the site and environments of Python.

    Raises
    ------
    InputError
        They are too much to send with every batch.
    """
    packed, total, count = io.BytesIO(), 0, 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for folder, folders, names in os.walk(home):
            folders[:] = sorted(
                name
                for name in folders
                if name[0] != "." and name != "__pycache__" and not _stays(Path(folder, name), out)
            )
            for name in sorted(name for name in names if name[0] != "."):
                path = Path(folder, name)
                total += path.stat().st_size if path.is_file() else 0
                if total > _MOST_BYTES:
                    raise InputError(
                        "the folder of the notebooks is too large to travel to the workers",
                        where=str(home),
                        expected=f"at most {_MOST_BYTES >> 20} MB",
                        hint="Put the notebooks in a folder of their own, and data where every "
                        "worker can read them.",
                    )
                if path.is_file():
                    file.write(path, path.relative_to(home))
                    count += 1
    return packed.getvalue(), count


def _stays(folder: Path, out: Path) -> bool:
    return folder == out or (folder / "pyvenv.cfg").exists()


def _bring_home(future: Any, number: int, root: Path, out: Path) -> Ended:
    """Write what a run made here: its page into the site, files of its own where it meant them.

    A run that no worker survived has no result.
    """
    if future.status != "finished":
        return Ended(number)
    outcome, files, made = future.result()
    for folder, contents in ((out, files), (root, made)):
        for name, content in contents.items():
            replace_bytes(folder / name, content, parents=True)
    outcome.writes = [str(root / name) for name in made]
    return Ended(number, outcome)


def carry_out(
    run: Run, root: Path, project: bytes, settings: Settings
) -> tuple[Outcome, dict[str, bytes], dict[str, bytes]]:
    """Execute one run on a worker, its project's files around it.

    Returns the outcome, the files of the site, and those that the notebook wrote in its project.
    """
    _keep_kernels_warm(run)
    with lend_folder() as folder:
        out, place = folder / "site", folder.resolve() / "project"
        with zipfile.ZipFile(io.BytesIO(project)) as file:
            file.extractall(place)

        def move(path: Path) -> Path:
            return place / path.relative_to(root)

        notebook = replace(run.notebook, path=move(run.notebook.path))
        home = move(run.home) if run.home else None
        here = replace(run, notebook=notebook, home=home, project=place)
        outcome = execute_run(here, replace(settings, out=out))
        # What was read beside the notebook's folder is known there by its whole path.
        outcome.reads, outcome.own = (
            {name.replace(str(place), str(root), 1): sha256 for name, sha256 in files.items()}
            for files in (outcome.reads, outcome.own)
        )
        outcome.span = (0.0, 0.0)  # no other run writes here
        files = {
            str(made.relative_to(out)): made.read_bytes()
            for made in sorted(out.rglob("*"))
            if made.is_file()
        }
        inside = [Path(name) for name in outcome.writes if Path(name).is_relative_to(place)]
        made = {str(p.relative_to(place)): p.read_bytes() for p in inside if p.is_file()}
    outcome.run = run
    return outcome, files, made


_KERNELS = ExitStack()  # open as long as this worker lives


def _keep_kernels_warm(run: Run) -> None:
    """Let this worker fork its kernels, from its first run on."""
    if SOCKET not in os.environ:
        os.environ.update(_KERNELS.enter_context(provide_kernels([run])))
        atexit.register(_KERNELS.close)


def check_workers(client: Any, runs: Sequence[Run], describe_data: DescribeData) -> None:
    """Refuse a cluster whose workers would not compute what this machine would.

    Raises
    ------
    InputError
        Naming the worker and what it lacks.
    """
    threads = client.nthreads()
    if not threads:
        raise InputError("the cluster has no worker", where=str(client.scheduler.address))
    crowded = [worker for worker, count in threads.items() if count > 1]
    if crowded:
        raise InputError(
            "a worker has more than one thread",
            where=crowded[0],
            got=f"{threads[crowded[0]]} threads",
            hint="papermill changes the folder of its process: start workers with --nthreads 1.",
        )
    paths = sorted({str(run.parameters.get("data", "default")) for run in runs})
    mine = describe_worker(paths, describe_data)
    for worker, theirs in client.run(describe_worker, paths, describe_data).items():
        for name, value in mine.items():
            if theirs[name] != value:
                raise InputError(
                    f"a worker differs in {name}",
                    where=worker,
                    expected=value,
                    got=theirs[name],
                    hint="Install the same versions there; put the data where it can read them.",
                )


def describe_worker(paths: Sequence[str], describe_data: DescribeData) -> dict[str, str]:
    """Say what decides a run's result here: versions, nktrade's source, and each data set."""
    source = Hashes().package()
    found = {"nktrade": _version.__version__, "nktrade's source": source[:12]}
    found["Python"] = platform.python_version()
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    for path in paths:
        found[f"data {path!r}"] = describe_data(path)
    return found
