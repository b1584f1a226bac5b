import os
import signal
import time

import psutil
import pytest

from nktrade.render.pool import Ended, Started, run_tasks


def work(task):
    if task == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if task == "hang":
        time.sleep(600)
    return (task, os.environ.get("NKTRADE_TEST"))


def run(tasks, jobs):
    events = list(run_tasks(work, tasks, jobs, {"NKTRADE_TEST": "here"}))
    started = [event.task for event in events if isinstance(event, Started)]
    ended = {event.task: event for event in events if isinstance(event, Ended)}
    assert sorted(started) == sorted(ended) == list(range(len(tasks)))
    return ended


@pytest.mark.skipif(os.name != "posix", reason="processes are killed another way there")
def test_a_worker_that_dies_costs_one_task():
    ended = run(["a", "die", "b", "die", "c"], jobs=2)
    assert [ended[n].result for n in (0, 2, 4)] == [("a", "here"), ("b", "here"), ("c", "here")]
    assert [ended[n].exitcode for n in (1, 3)] == [-9, -9]


def test_no_tasks_no_processes():
    assert list(run_tasks(work, [], 3)) == []


def test_leaving_early_kills_every_worker():
    before = set(psutil.Process().children(recursive=True))
    events = run_tasks(work, ["hang", "hang"], 2)
    assert [next(events), next(events)] == [Started(0), Started(1)]
    running = set(psutil.Process().children(recursive=True)) - before
    events.close()
    time.sleep(0.2)
    left = [p for p in running if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    # The server that forks workers and multiprocessing's tracker stay for the next pool.
    assert all("multiprocessing" in " ".join(p.cmdline()) for p in left)
    assert len(left) < len(running)
