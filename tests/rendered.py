"""The sites that tests look at, rendered once for all processes of the suite."""

import json
import pickle
import signal
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

FIXTURES = Path(__file__).parent / "render" / "fixtures"


def run_nktrade(*arguments, cwd=None, timeout=600, prefix=()):
    """Call the command line in a process of its own, as a user would."""
    call = [sys.executable, "-c", "from nktrade.cli import main; main()"]
    command = [*prefix, *call, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=timeout)


def render_fixtures(out):
    """Render two good notebooks and a failing one; return the folder and the finished process."""
    return out, run_nktrade("render", FIXTURES, "01_bricks", "02_plain", "03_failing", "--out", out)


def render_collection(out):
    """Render the whole catalogue, as `make render` does; return the folder and the process."""
    return out, run_nktrade("render", "--out", out, timeout=900)


def make_once(folder, name, make):
    """Return what `make` returned to the first of all processes that asked in this folder."""
    kept = folder / f"{name}.pickle"
    with FileLock(folder / f"{name}.lock"):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(folder / name)))
    return pickle.loads(kept.read_bytes())


def as_from_a_terminal():
    """Let a child be interrupted even if the suite itself was started in the background."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def read_runs(site):
    return json.loads((site / "runs.json").read_text(encoding="utf-8"))
