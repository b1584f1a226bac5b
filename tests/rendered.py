"""The fixture notebooks, rendered once for every test that looks at a site."""

import atexit
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

FIXTURES = Path(__file__).parent / "render" / "fixtures"


def run_nktrade(*arguments, cwd=None, timeout=600, prefix=()):
    """Call the command line in a process of its own, as a user would."""
    call = [sys.executable, "-c", "from nktrade.cli import main; main()"]
    command = [*prefix, *call, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=timeout)


@cache
def render_fixtures():
    """Render two good notebooks and a failing one; return the folder and the finished process."""
    folder = Path(tempfile.mkdtemp(prefix="site-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    done = run_nktrade(
        "render", FIXTURES, "01_bricks", "02_plain", "03_failing", "--out", folder / "site"
    )
    return folder / "site", done


@cache
def render_collection():
    """Render the whole catalogue once, as `make render` does; return the folder and the process."""
    folder = Path(tempfile.mkdtemp(prefix="collection-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    done = run_nktrade("render", "--out", folder / "site", timeout=900)
    return folder / "site", done


def as_from_a_terminal():
    """Let a child be interrupted even if the suite itself was started in the background."""
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def read_runs(site):
    return json.loads((site / "runs.json").read_text(encoding="utf-8"))
