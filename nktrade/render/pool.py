"""Worker processes: tasks handed out one at a time, and a worker that dies costs one task.

papermill changes the working folder of its process, so parallel runs are processes, never
threads. `concurrent.futures` gives up the whole pool when one process dies; this one replaces it.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any


@dataclass(frozen=True)
class Started:
    """A task was handed to a worker."""

    task: int


@dataclass(frozen=True)
class Ended:
    """A task came back: with its result, or with the exit status of the worker that it killed."""

    task: int
    result: Any = None
    exitcode: int | None = None


@dataclass
class _Worker:
    process: Any
    connection: Connection
    task: int | None = None


def run_tasks(
    work: Callable[[Any], Any],
    tasks: Sequence[Any],
    jobs: int,
    environment: Mapping[str, str] | None = None,
    preload: Sequence[str] = (),
) -> Generator[Started | Ended, None, None]:
    """Run ``work(task)`` for every task in `jobs` processes and say what happens as it happens.

    Parameters
    ----------
    work : callable
        A function of a module, so that a new process can import it. It should return, not raise.
    tasks : sequence
    jobs : int
        How many processes; no more are started than there are tasks.
    environment : mapping, optional
        Environment variables of the workers, beside those of this process.
    preload : sequence of str
        Modules to import once, before the workers are forked, where forking is to be had.

    Yields
    ------
    Started, Ended
        Whatever ends the iteration, an interrupt included, leaves no process behind.
    """
    context = _context(preload)
    # The server that forks workers has the environment of when it was first needed.
    environment = {**os.environ, **(environment or {})}
    waiting = deque(range(len(tasks)))
    workers: list[_Worker] = []
    try:
        for _ in range(min(jobs, len(tasks))):
            workers.append(_start(context, work, environment))
        while waiting or any(worker.task is not None for worker in workers):
            for number, worker in enumerate(workers):
                if worker.task is None and waiting:
                    if not worker.process.is_alive():
                        workers[number] = worker = _start(context, work, environment)
                    worker.task = waiting.popleft()
                    with suppress(OSError):  # a worker dead by now is noticed below
                        worker.connection.send(tasks[worker.task])
                    yield Started(worker.task)
            busy = [worker for worker in workers if worker.task is not None]
            ready = wait([w.connection for w in busy] + [w.process.sentinel for w in busy])
            for worker in busy:
                if worker.connection in ready or worker.process.sentinel in ready:
                    yield _collect(worker)
    finally:
        stop_processes([worker.process for worker in workers])


def _collect(worker: _Worker) -> Ended:
    """Fetch a finished task's result, or tell how its worker died; the worker is then free."""
    task, worker.task = worker.task or 0, None
    try:
        if worker.connection.poll():
            return Ended(task, worker.connection.recv())
    except (EOFError, OSError):
        pass
    worker.process.join(timeout=5)
    stop_processes([worker.process])
    return Ended(task, exitcode=worker.process.exitcode)


def stop_processes(processes: Sequence[Any]) -> None:
    """Kill processes and everything that they started."""
    import psutil

    doomed = []
    for process in processes:
        if process.pid is None:
            continue
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(process.pid)
            doomed += [*parent.children(recursive=True), parent]
    for process in doomed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=5)
    for process in processes:
        process.join(timeout=5)


def _context(preload: Sequence[str]):
    """Choose how worker processes start: from one process with the imports done, where it can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def _start(context, work: Callable[[Any], Any], environment: Mapping[str, str]) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work, dict(environment)), daemon=False)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(connection: Connection, work: Callable[[Any], Any], environment: dict) -> None:
    """Live as a worker: take a task, do it, send the result back, until the pipe closes."""
    if hasattr(os, "setsid"):
        os.setsid()  # an interrupt typed at the terminal is the parent's to handle
    # Results alone stand on standard output; what kernels say there as well are messages.
    os.dup2(2, 1)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(work(task))


def _die_with_parent() -> None:
    """End this worker and its kernels when the batch's own process is gone."""
    import psutil

    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        os._exit(1)
