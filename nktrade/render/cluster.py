"""Past one machine: the same runs on an existing Dask cluster.

Each run travels with its notebook and comes home with its page, so scheduler and workers need no
folder in common; only data named by a path or an address must be readable where a worker stands.
Dask runs a task again when its worker dies, so nothing is lost.
"""

from __future__ import annotations

import atexit
import importlib.metadata
import os
import platform
import tempfile
import uuid
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from nktrade import _version
from nktrade.errors import InputError
from nktrade.render.fingerprints import Hashes
from nktrade.render.plan import Run
from nktrade.render.pool import Ended, Started
from nktrade.render.preload import SOCKET, provide_kernels
from nktrade.render.run import Outcome, Settings, execute_run
from nktrade.writing import replace_bytes

#: What is known of a data set, in a word that is the same wherever the data are.
DescribeData = Callable[[str], str]

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
        from distributed import Client, as_completed
    except ImportError:
        raise InputError(
            "a cluster needs the package distributed",
            hint="Install it with: pip install 'nktrade[cluster]'.",
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError("no scheduler answers", where=address, got=str(error)) from None
    with client:
        check_workers(client, runs, describe_data)
        futures = {}
        batch = uuid.uuid4().hex  # a key already known there would bring another batch's page
        for number, run in enumerate(runs):
            source = run.notebook.path.read_bytes()
            future = client.submit(
                carry_out, run, source, settings, pure=False, key=f"nktrade-{batch}-{number}"
            )
            futures[future] = number
            yield Started(number)
        for future in as_completed(futures):
            yield _bring_home(future, futures[future], settings.out)
            future.release()  # its worker need not keep what is home


def _bring_home(future: Any, number: int, out: Path) -> Ended:
    """Write what a run made into the site; a run that no worker survived has no result."""
    if future.status != "finished":
        return Ended(number)
    outcome, files = future.result()
    for name, content in files.items():
        replace_bytes(out / name, content, parents=True)
    return Ended(number, outcome)


def carry_out(run: Run, source: bytes, settings: Settings) -> tuple[Outcome, dict[str, bytes]]:
    """Execute one run on a worker: its notebook in a folder of its own, its files sent back."""
    _keep_kernels_warm(run)
    with tempfile.TemporaryDirectory(prefix="nktrade-") as folder:
        path = Path(folder) / run.notebook.path.name
        path.write_bytes(source)
        out = Path(folder) / "site"
        here = replace(run, notebook=replace(run.notebook, path=path))
        outcome = execute_run(here, replace(settings, out=out))
        files = {
            str(made.relative_to(out)): made.read_bytes()
            for made in sorted(out.rglob("*"))
            if made.is_file()
        }
    outcome.run = run
    return outcome, files


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
