import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import nbformat
import psutil
import pytest

from nktrade.errors import InputError
from nktrade.render.folder import prepare_folder
from tests.rendered import (
    FIXTURES,
    as_from_a_terminal,
    read_runs,
    run_nktrade,
)

FIELDS = [
    "notebook",
    "parameters",
    "status",
    "seconds",
    "page",
    "notebook_out",
    "error",
    "data",
    "published",
    "not_observed",
]


def test_one_failure_does_not_stop_the_rest(small_site):
    site, done = small_site
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        f"4 pages in {site / 'index.html'}; 6 published figures: 4 agree as printed, 2 differ"
    )
    told = "failed: 03_failing, cell 4, default parameters: ValueError: no <rows> for raise"
    assert told in done.stdout
    assert "[4/4]" in done.stderr


def test_a_group_of_errors_is_named_and_a_long_message_is_short_on_the_page(tmp_path):
    sources = {
        "group": "raise ExceptionGroup('two', [ValueError('a'), KeyError('b')])",
        "long": "raise ValueError('x' * 50_000)",
    }
    for name, source in sources.items():
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        nbformat.write(made, tmp_path / f"{name}.ipynb")
    done = run_nktrade("render", tmp_path, "--out", tmp_path / "site")
    assert "failed: group, cell 1, default parameters: ExceptionGroup: two (2" in done.stdout
    page = (tmp_path / "site" / "long.html").read_text(encoding="utf-8")
    assert "x" * 1000 + "…" in page[: page.index("What ran before it")]


def test_runs_json_says_what_ran(small_site):
    site, _ = small_site
    runs = read_runs(site)
    assert [list(run) for run in runs] == [FIELDS] * 4
    assert [run["status"] for run in runs] == ["ok", "ok", "ok", "failed"]
    assert runs[1]["parameters"]["hs"] == ["6902", "6901"]
    assert runs[0]["published"] == {
        **{"agree": 2, "corrected": 0, "differ": 1, "circular": 0, "unchecked": 0}
    }
    assert runs[0]["data"] == {"panel.parquet": "ab" * 32}
    assert runs[0]["error"] is None
    assert runs[3]["error"] == {"cell": 4, "type": "ValueError", "message": "no <rows> for raise"}
    for run in runs:
        assert (site / run["page"]).is_file()
        nbformat.validate(nbformat.read(site / run["notebook_out"], as_version=4))
        assert run["seconds"] > 0


def test_a_notebook_runs_in_its_own_folder_with_the_parameters_given(small_site):
    site, _ = small_site
    node = nbformat.read(site / "notebooks/01_bricks.ipynb", as_version=4)
    assert node.cells[-1].outputs[0].text == "fixtures default\n"


@pytest.mark.parametrize(
    ("how", "cell", "kind"),
    [("die", 4, "DeadKernelError"), ("hang", 4, "CellTimeoutError")],
)
def test_a_kernel_that_dies_or_hangs_is_that_runs_failure_alone(tmp_path, how, cell, kind):
    done = run_nktrade(
        "render",
        FIXTURES,
        "03_failing",
        "--sweep",
        f"how={how},nothing",
        "--cell-timeout",
        "3",
        "--out",
        tmp_path,
        "--json",
    )
    assert done.returncode == 1
    bad, good = json.loads(done.stdout)
    assert (bad["status"], bad["error"]["cell"], bad["error"]["type"]) == ("failed", cell, kind)
    assert good["status"] == "ok"
    page = (tmp_path / bad["page"]).read_text(encoding="utf-8")
    assert "This run failed" in page
    assert "before" in page


def test_fail_fast_starts_nothing_more(tmp_path):
    done = run_nktrade(
        "render",
        FIXTURES,
        "03_failing",
        "--sweep",
        "how=raise,nothing",
        "--jobs",
        "1",
        "--fail-fast",
        "--out",
        tmp_path,
    )
    assert done.returncode == 1
    assert "1 of 2 runs were not started" in done.stdout
    assert len(read_runs(tmp_path)) == 1


def test_the_whole_catalogue_is_the_whole_site(tmp_path):
    notebooks, site = tmp_path / "notebooks", tmp_path / "site"
    notebooks.mkdir()
    shutil.copy(FIXTURES / "02_plain.ipynb", notebooks)
    shutil.copy(FIXTURES / "02_plain.ipynb", notebooks / "04_other.ipynb")
    assert run_nktrade("render", notebooks, "--out", site).returncode == 0
    (site / "mine.html").write_text("kept")
    assert len(read_runs(site)) == 2
    (notebooks / "02_plain.ipynb").unlink()
    done = run_nktrade("render", notebooks, "--out", site, "--timings")
    assert "cached" in done.stderr
    assert done.stdout.splitlines()[1].split() == ["start", "imports", "cells", "page", "all"]
    pages = sorted(page.name for page in site.glob("*.html"))
    assert pages == ["04_other.html", "index.html", "mine.html", "search.html"]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="--out"):
        prepare_folder(file / "site")
    done = run_nktrade("render", FIXTURES, "--out", file / "site")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "[" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="interrupts are sent another way there")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_an_interrupt_leaves_no_process_and_no_file(tmp_path, name):
    signum = getattr(signal, name)
    shutil.copy(FIXTURES / "03_failing.ipynb", tmp_path)
    command = "import sys; from nktrade.cli import main; main()"
    arguments = ["render", tmp_path, "03_failing", "--sweep", "how=hang,hang on", "--jobs", "2"]
    temporary = tempfile.mkdtemp(prefix="t-", dir="/tmp")  # short enough for the path of a socket
    process = subprocess.Popen(
        [sys.executable, "-c", command, *map(str, arguments), "--out", str(tmp_path / "site")],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": temporary},
        start_new_session=True,
        preexec_fn=as_from_a_terminal,
    )
    started = _descendants_when(process.pid, tmp_path)
    process.send_signal(signum)
    process.wait(timeout=20)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    if name == "SIGKILL":
        assert process.returncode == -9
    else:
        assert process.returncode == 128 + signum
        assert os.listdir(temporary) == []
    shutil.rmtree(temporary)


def _descendants_when(pid, folder):
    """Wait until a kernel hangs in its cell, then return every process under `pid`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = psutil.Process(pid).children(recursive=True)
        if sum(_is_kernel(process) for process in found) == 2:
            time.sleep(1)
            return psutil.Process(pid).children(recursive=True)
        time.sleep(0.1)
    raise AssertionError("no kernel came up")


def _is_kernel(process):
    """Say whether a process was forked from the warm parent, or started as a kernel."""
    try:
        above = " ".join(process.parent().cmdline())
        return "nktrade.render.warm" in above or "ipykernel" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, AttributeError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_a_name_that_is_no_text_stops_nothing(tmp_path):
    for name in (b"a.ipynb", b"caf\xe9.ipynb"):
        nbformat.write(nbformat.v4.new_notebook(), tmp_path / os.fsdecode(name))
    done = run_nktrade("render", tmp_path, "--out", tmp_path / "site")
    assert (done.returncode, "Rename it" in done.stdout) == (1, True), done.stderr
    runs = read_runs(tmp_path / "site")
    names = [os.fsencode(run["notebook"]) for run in runs]
    assert dict(zip(names, [run["status"] for run in runs], strict=True)) == {
        b"a": "ok",
        b"caf\xe9": "failed",
    }
    assert all((tmp_path / "site" / run["page"]).is_file() for run in runs)


def test_an_index_that_cannot_be_laid_out_is_a_plain_list(tmp_path, monkeypatch, capsys):
    from nktrade.render.batch import render_site
    from nktrade.render.catalogue import read_catalogue
    from nktrade.render.plan import plan_runs
    from nktrade.render.run import Settings
    from nktrade.site import search

    def fail(*_):
        raise RecursionError("a strange title")

    monkeypatch.setattr(search, "write_search", fail)
    runs = plan_runs(read_catalogue(FIXTURES), ["02_plain"])
    (outcome,) = render_site(runs, Settings(tmp_path / "site"), jobs=1)
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert f'<a href="{outcome.run.page}">' in index
    assert "RecursionError: a strange title" in capsys.readouterr().err
    assert [run["status"] for run in read_runs(tmp_path / "site")] == ["ok"]


def write_books(folder, **sources):
    folder.mkdir()
    for name, source in sources.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.mark.skipif(os.name != "posix", reason="no limit of the size of files")
def test_a_file_that_cannot_be_written_is_the_failure_of_its_run_alone(tmp_path):
    import resource

    large = "from IPython.display import HTML\nHTML('<p>' + 'z ' * 400_000 + '</p>')"
    write_books(tmp_path / "books", large=large, small="print(1)")
    call = [sys.executable, "-m", "nktrade", "render", tmp_path / "books"]
    done = subprocess.run(
        [*call, "--out", tmp_path / "site"],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)),
    )
    assert done.returncode == 1
    assert "failed: large" in done.stdout
    assert "Traceback" not in done.stderr
    runs = {run["notebook"]: run["status"] for run in read_runs(tmp_path / "site")}
    assert runs == {"large": "failed", "small": "ok"}
    assert {"large.html", "small.html", "index.html"} <= set(os.listdir(tmp_path / "site"))
    assert [*(tmp_path / "site").rglob(".part-*")] == []
