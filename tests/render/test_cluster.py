"""Runs on a Dask cluster of two worker processes, one of which is killed in mid-batch."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

import nktrade
from nktrade.cli.answerable import describe_data
from nktrade.errors import InputError
from nktrade.render.catalogue import read_catalogue
from nktrade.render.plan import plan_runs
from nktrade.render.pool import Ended, Started
from nktrade.render.run import Settings
from tests.conftest import ROOT
from tests.rendered import run_nktrade

distributed = pytest.importorskip("distributed")
FIXTURES = Path(__file__).parent / "fixtures"


def _start(folder, program, *options):
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", "--host", "127.0.0.1", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@contextmanager
def _run_cluster(folder):
    """Run a scheduler and two single-threaded workers, each a process of its own."""
    join = ("--scheduler-file", str(folder / "scheduler.json"))
    scheduler = _start(folder, "dask_scheduler", "--port", "0", "--no-dashboard", *join)
    single = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
    workers = [_start(folder, "dask_worker", *single, *join) for _ in range(2)]
    try:
        with distributed.Client(scheduler_file=join[1], timeout=120) as client:
            client.wait_for_workers(2, timeout=120)
            address = client.scheduler.address
        yield address, workers
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster for all who leave its workers as they were."""
    with _run_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running[0]


@pytest.fixture
def own_cluster(tmp_path):
    """A cluster for one test, which may kill and change its workers."""
    with _run_cluster(tmp_path) as running:
        yield running


def _plan(**sweeps):
    named = [f"{name}={','.join(values)}" for name, values in sweeps.items()]
    return plan_runs(read_catalogue(FIXTURES), ["01_bricks"], [], named)


def test_a_worker_killed_in_mid_batch_loses_nothing(own_cluster, tmp_path):
    from nktrade.render.cluster import run_on_cluster

    address, workers = own_cluster
    runs = _plan(partner=["PRK", "RUS", "MNG", "VNM", "LAO", "KHM"])
    events = []
    for event in run_on_cluster(runs, Settings(tmp_path / "site"), address, describe_data):
        events.append(event)
        if isinstance(event, Ended) and sum(isinstance(e, Ended) for e in events) == 1:
            workers[0].kill()
    ended = {event.task: event.result for event in events if isinstance(event, Ended)}
    assert [event.task for event in events if isinstance(event, Started)] == list(range(6))
    assert sorted(ended) == list(range(6))
    assert [outcome.error for outcome in ended.values() if outcome.error] == []
    for number, run in enumerate(runs):
        assert ended[number].run == run
        assert (tmp_path / "site" / run.page).is_file()
        assert (tmp_path / "site" / run.notebook_out).is_file()


def test_two_batches_on_one_cluster_bring_home_each_its_own_pages(cluster, tmp_path):
    from nktrade.render.cluster import run_on_cluster

    batches = {}
    for partner in ("PRK", "RUS"):
        (run,) = _plan(partner=[partner])
        batches[partner] = run_on_cluster(
            [run], Settings(tmp_path / partner), cluster, describe_data
        )
        next(batches[partner])  # submitted
    for partner, events in batches.items():
        (ended,) = events
        assert ended.result.run.parameters["partner"] == partner
        assert (tmp_path / partner / ended.result.run.page).is_file()


def _claim_version(version):
    from nktrade import _version

    _version.__version__ = version


def test_refuses_before_anything_runs_what_the_workers_do_not_have(own_cluster, tmp_path):
    from nktrade.render.cluster import check_workers, run_on_cluster

    address, _ = own_cluster
    runs, version = _plan(partner=["PRK"]), nktrade.__version__
    with distributed.Client(address) as client:
        check_workers(client, runs, describe_data)
        client.run(_claim_version, "0.0.9")
        with pytest.raises(InputError, match=r"a worker differs in nktrade; .*0\.0\.9"):
            check_workers(client, runs, describe_data)
    with distributed.Client(address) as client:
        client.run(_claim_version, version)
        client.run(lambda: __import__("platform").__dict__.update(python_version=lambda: "3.1"))
        with pytest.raises(InputError, match=r"a worker differs in Python; .*3\.1"):
            check_workers(client, runs, describe_data)
    with pytest.raises(InputError, match="a worker differs"):
        next(run_on_cluster(runs, Settings(tmp_path / "site"), address, describe_data))
    assert not (tmp_path / "site").exists()


def test_refuses_an_address_where_nobody_listens(tmp_path, monkeypatch):
    from nktrade.render import cluster as module

    monkeypatch.setattr(module, "_PATIENCE", 1.0)
    with pytest.raises(InputError, match="no scheduler answers"):
        next(
            module.run_on_cluster(
                _plan(partner=["PRK"]), Settings(tmp_path), "tcp://127.0.0.1:9", describe_data
            )
        )


def test_the_command_line_sends_the_runs_there_and_knows_them_again(cluster, tmp_path):
    call = ["render", FIXTURES, "02_plain", "--cluster", cluster, "--out", tmp_path / "site"]
    done = run_nktrade(*call)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "index.html").is_file()
    assert "cached" not in done.stderr
    done = run_nktrade(*call)
    assert done.returncode == 0, done.stderr
    assert "cached: nothing changed" in done.stderr


def write_project(folder, *sources):
    """A notebook that reads a file and a module beside it, and writes a file."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "x.csv").write_text("v\n41\n")
    (folder / "beside.py").write_text("ONE = 1")
    for number, source in enumerate(sources):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"n{number}.ipynb")
    return plan_runs(read_catalogue(folder))


def test_the_project_travels_and_what_it_wrote_comes_home(cluster, tmp_path):
    from nktrade.render.cluster import run_on_cluster

    code = """\
import beside
value = int(open("data/x.csv").read().split()[1]) + beside.ONE
open("made.txt", "w").write(str(value))
print(value)"""
    runs = write_project(tmp_path / "project", code)
    site = tmp_path / "site"
    *_, ended = run_on_cluster(runs, Settings(site), cluster, describe_data)
    outcome = ended.result
    assert outcome.error is None
    assert (tmp_path / "project" / "made.txt").read_text() == "42"
    assert "42" in (site / runs[0].page).read_text(encoding="utf-8")
    assert {"data/x.csv", "beside.py"} <= set(outcome.reads)
    assert outcome.writes == [str(tmp_path / "project" / "made.txt")]


def test_a_project_that_is_too_large_is_refused(tmp_path, monkeypatch):
    from nktrade.render import cluster as module

    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    (tmp_path / "large.bin").write_bytes(bytes(1001))
    with pytest.raises(InputError, match="too large to travel"):
        module.pack_project(tmp_path, tmp_path / "site")


def test_when_the_last_worker_is_gone_that_is_said_in_seconds(own_cluster, tmp_path, monkeypatch):
    from nktrade.render import cluster as module

    monkeypatch.setattr(module, "_PATIENCE", 3.0)
    address, workers = own_cluster
    runs = write_project(tmp_path / "project", "import time\ntime.sleep(600)", "print(1)")
    began, ended = 0.0, []
    for event in module.run_on_cluster(runs, Settings(tmp_path / "site"), address, describe_data):
        if isinstance(event, Ended):
            ended.append(event)
        elif event.task == len(runs) - 1:
            for worker in workers:
                worker.kill()
            began = time.monotonic()
    assert time.monotonic() - began < 45
    assert sorted(event.task for event in ended) == [0, 1]
    assert ended[-1].result is None


def test_what_lies_beside_the_notebooks_travels_where_a_project_holds_both(
    cluster, tmp_path, capsys
):
    from nktrade.render.batch import render_site

    code = """\
import sys
sys.path.insert(0, "../src")
import helper
print(helper.read("../data/x.csv"))
1 / helper.ZERO"""
    root = tmp_path / "repository"
    for name in ("src", "data", "notebooks", "env"):
        (root / name).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    (root / "env" / "pyvenv.cfg").touch()
    (root / "src" / "helper.py").write_text("ZERO = 1\ndef read(p): return open(p).read()\n")
    (root / "data" / "x.csv").write_text("forty-one")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id="a")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, root / "notebooks" / "a.ipynb")

    def render():
        runs = plan_runs(read_catalogue(root / "notebooks"))
        assert runs[0].project == root
        (outcome,) = render_site(
            runs, Settings(tmp_path / "site"), cluster=(cluster, describe_data)
        )
        return outcome

    outcome = render()
    assert outcome.error is None
    assert "forty-one" in (tmp_path / "site" / "a.html").read_text(encoding="utf-8")
    assert f"{root}: 4 files to travel" in capsys.readouterr().err
    assert render().status == "cached"
    (root / "src" / "helper.py").write_text("ZERO = 0\ndef read(p): return open(p).read()\n")
    assert render().error["type"] == "ZeroDivisionError"
    (root / "notebooks" / "site.yml").write_text("parts: []\nproject: ../data")
    with pytest.raises(InputError, match="no folder around the notebooks"):
        read_catalogue(root / "notebooks")
