"""The lanes of the suite: a test is slow by its room or by a measured list, not by hand.

``make test-fast`` leaves out what is marked `slow`. ``pytest --measure`` runs what it is told to
run and writes into `tests/slow.txt` which of it is slow now; other lines of that list stay.
"""

import os
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
SLOW = ROOT / "tests" / "slow.txt"

#: Rooms whose tests start kernels, browsers or the command line, or rebuild a shipped table.
SLOW_ROOMS = {"browser", "cli", "lab", "notebooks", "render", "site", "teach", "tools"}

#: Seconds of processor time, its own and its children's, from which a test is slow.
LIMIT = 0.3

_seconds: dict[str, float] = {}
_began = time.time()


def pytest_addoption(parser):
    """Offer to measure."""
    parser.addoption("--measure", action="store_true", help="write tests/slow.txt anew")


def _read_slow():
    return set(SLOW.read_text(encoding="utf-8").split()) if SLOW.exists() else set()


def _name(item):
    """Return a test's name without its parameters."""
    return item.nodeid.partition("[")[0]


def pytest_collection_modifyitems(items):
    """Mark what is slow."""
    listed = _read_slow()
    for item in items:
        file, *_ = item.nodeid.partition("::")
        if set(file.split("/")[1:-1]) & SLOW_ROOMS or {file, _name(item)} & listed:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Take a test's time, of the processor and not of the clock: the machine may be busy."""
    began = os.times()[:4]
    done = yield
    spent = sum(os.times()[:4]) - sum(began)
    # All cases of one test, for it is listed as one.
    _seconds[_name(item)] = _seconds.get(_name(item), 0.0) + spent
    return done


def pytest_sessionfinish(session):
    """Write the list, if it was measured."""
    if session.config.getoption("--measure"):
        slow = {name for name, spent in _seconds.items() if spent > LIMIT}
        names = sorted((_read_slow() - set(_seconds)) | slow)
        SLOW.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def pytest_terminal_summary(terminalreporter):
    """Name what of the package was changed meanwhile: processes begun later have run that."""
    files = [path for path in (ROOT / "nktrade").rglob("*.*") if path.suffix != ".pyc"]
    changed = [str(path.relative_to(ROOT)) for path in files if path.stat().st_mtime > _began]
    if changed:
        named = ", ".join(sorted(changed)[:5])
        terminalreporter.line(f"changed while the suite ran, and so a reason to fail: {named}")
