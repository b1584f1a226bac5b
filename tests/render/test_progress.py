"""Progress: a bar on a terminal, plain lines on one that has no size."""

import io
import os
import struct
from contextlib import suppress

import pytest

from nktrade.render.plan import Run
from nktrade.render.progress import Progress
from nktrade.render.run import Outcome

pty = pytest.importorskip("pty")


@pytest.mark.parametrize(("columns", "expected"), [(100, "1/1 ["), (0, "[1/1] ok     page  2.0 s")])
def test_a_terminal_gets_a_bar_if_it_has_room_for_one(columns, expected):
    import fcntl
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(
        theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40 if columns else 0, columns, 0, 0)
    )
    with open(theirs, "w") as terminal:
        progress = Progress(1, stream=terminal)
        progress.start(0)
        progress.end(0, Outcome(Run(None, {}, "", "", "page"), "ok", seconds=2.0))
        progress.close()
    shown = b""
    with suppress(OSError):  # what a closed terminal answers at its end on Linux
        while more := os.read(ours, 10_000):
            shown += more
    os.close(ours)
    assert expected in shown.decode()


@pytest.mark.parametrize(("cached", "told"), [(6, True), (0, False)])
def test_what_changed_is_told_of_the_few_pages_that_ran(cached, told):
    kept = [Outcome(Run(None, {}, "", "", f"page-{n}"), "cached") for n in range(cached)]
    stream = io.StringIO()
    progress = Progress(7, stream=stream)
    progress.skip(kept)
    ran = Outcome(Run(None, {}, "", "", "mine"), "ok", changes=["finding: 3 -> 4"])
    progress.start(0)
    progress.end(0, ran)
    assert ("finding: 3 -> 4" in stream.getvalue()) is told
