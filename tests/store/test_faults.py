"""The table of faults: whatever the machine does, a store is as before or as after, and says so."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from nktrade import store
from nktrade.store.lock import writing
from tests.store.test_store import HEAD, line

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

#: Imports two files into a copy of a store, in a child of its own for each fault: killed at one
#: file call after the other, as Python's audit events tell them, or with a limit on file sizes.
CHILD = """
    import itertools, json, os, shutil, signal, sys
    from pathlib import Path
    from nktrade import store
    from nktrade.errors import NktradeError
    from nktrade.store import bulletins, footers, parts, withdrawn
    import filelock, pyarrow.csv

    base, work, kind, *files = sys.argv[1:]
    base, work = Path(base), Path(work)
    CALLS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir", "os.scandir"}

    def bring(fault):
        fault()
        try:
            store.import_files(work, "gacc", files, flow="export")
        except NktradeError as refusal:
            return "refused"
        return "imported"

    def look():
        if not (work / "manifest.json").exists():
            return "none"
        state = store.verify(work)
        assert (state["state"] == "good").all(), state
        return len(store.status(work))

    def in_child(function, *given):
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                told = json.dumps(function(*given))
            except BaseException as fault:
                told = json.dumps(f"{type(fault).__name__}: {fault}")
            os.write(writing, told.encode())
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as file:
            told = file.read()
        os.waitpid(pid, 0)
        return json.loads(told) if told else "killed"

    def kill_at(number):
        def fault():
            seen = itertools.count(1)
            def hook(event, given):
                if event in CALLS and str(given[0]).startswith(str(work)):
                    if next(seen) == number:
                        os.kill(os.getpid(), signal.SIGKILL)
            sys.addaudithook(hook)
        return fault

    def fill_at(size):
        def fault():
            import resource
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return fault

    step = 1 if os.environ.get("NKTRADE_FAULTS") else 5 if base.exists() else 3
    faults = map(kill_at, range(1, 400, step))
    if kind == "fill":
        faults = map(fill_at, range(0, 60000, 1500))
    for fault in faults:
        shutil.rmtree(work, ignore_errors=True)
        if base.exists():
            shutil.copytree(base, work)
        came = in_child(bring, fault)
        print(json.dumps([came, in_child(look), in_child(bring, lambda: None), in_child(look)]))
        if came == "imported":
            break
"""


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("kind", ["kill", "fill"])
def test_whatever_happens_the_store_is_as_before_or_as_after(tmp_path, kind, existing):
    files = []
    for name, month in (("old.csv", "201901"), ("a.csv", "202301"), ("b.csv", "202302")):
        files.append(tmp_path / name)
        files[-1].write_bytes((HEAD + line(month)).encode("gb18030"))
    if existing:
        store.import_files(tmp_path / "base", "gacc", files[:1], flow="export")
    places = map(str, [tmp_path / "base", tmp_path / "work"])
    command = [sys.executable, "-c", textwrap.dedent(CHILD), *places, kind, *map(str, files[1:])]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=500)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert len(rows) > (5 if kind == "kill" else 2)
    expected = "killed" if kind == "kill" else "refused"
    assert {came for came, *_ in rows[:-1]} == {expected}
    assert rows[-1][0] == "imported"
    whole = 2 + existing
    for came, after, again, end in rows:
        assert after in ({1, whole} if existing else {"none", 0, whole}), (came, after)
        assert (again, end) == ("imported", whole)


def run(*words, cwd, **options):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    environment |= options.pop("environment", {})
    return subprocess.run(
        [sys.executable, "-m", "nktrade", *words],
        cwd=cwd,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        **options,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    (folder / "马.csv").write_bytes((HEAD + line()).encode("gb18030"))
    return folder


@pytest.mark.parametrize(
    ("environment", "number"),
    [({}, 1), ({"LC_ALL": "C"}, 2), ({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, 3)],
    ids=["no home", "language C", "ascii"],
)
def test_without_home_or_language_the_answer_is_the_same(made, environment, number):
    where = ["--store", f"s{number}"]
    done = run(
        "data", "import", "gacc", "马.csv", "--flow", "export", *where,
        cwd=made, environment=environment, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert (done.returncode, "5,917,063" in done.stdout or "imported" in done.stdout) == (0, True)
    assert "Traceback" not in done.stderr
    assert store.load(made / f"s{number}")["value"].tolist() == [5917063]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_an_output_that_is_full_is_one_line(made):
    with open("/dev/full", "w") as full:
        done = run("hs", "show", "6704", cwd=made, stdout=full)
    assert done.returncode == 1
    (told,) = done.stderr.strip().splitlines()
    assert told == "nktrade: the system refuses: No space left on device"


def test_an_output_whose_reader_has_gone(made):
    reading, writing_end = os.pipe()
    os.close(reading)
    done = run("hs", "show", "6704", cwd=made, stdout=writing_end)
    os.close(writing_end)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_call_that_is_ended_leaves_nothing_behind(made):
    """It waits for the store, is told to end, and ends with the signal's status."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "nktrade", "data", "import", "gacc", "马.csv"]
    with writing(made / "held") as _:
        before = sorted(path.name for path in (made / "held").rglob("*"))
        process = subprocess.Popen(
            [*command, "--flow", "export", "--store", "held"], cwd=made, env=environment,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(4)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        assert process.returncode in (128 + signal.SIGTERM, -signal.SIGTERM)
        assert "Traceback" not in told
        assert sorted(path.name for path in (made / "held").rglob("*")) == before
