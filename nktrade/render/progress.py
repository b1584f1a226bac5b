"""Progress of a batch on standard error: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from nktrade.files.terminal import spell_controls
from nktrade.render.run import Outcome

#: A batch of more runs does not tell what its pages say otherwise than before.
FEW = 5


class Progress:
    """Tells how far a batch is: runs done, running, failed and cached, and the time left.

    Parameters
    ----------
    total : int
        Runs of the batch, cached ones among them.
    jobs : int
        Runs at a time.
    expected : mapping of int to float or None
        Seconds that each run to be executed took the last time, by its number; None where there
        was no last time.
    stream : text file, optional
        By default standard error.
    """

    def __init__(
        self,
        total: int,
        jobs: int = 1,
        expected: Mapping[int, float | None] | None = None,
        stream: TextIO | None = None,
    ) -> None:
        self.total, self.jobs, self.stream = total, jobs, stream or sys.stderr
        self.expected = dict(expected or {})
        self.counts = {"ok": 0, "failed": 0, "cached": 0}
        self.running: dict[int, float] = {}  # number of a run → when it started
        self.took: list[float] = []
        self.bar = None
        if self.stream.isatty() and _has_width(self.stream):
            from tqdm import tqdm

            form = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
            self.bar = tqdm(total=total, file=self.stream, dynamic_ncols=True, bar_format=form)

    def expect(self, expected: Mapping[int, float | None]) -> None:
        """Note runs to come, and the seconds that each took the last time."""
        self.expected |= expected

    def skip(self, outcomes: Sequence[Outcome]) -> None:
        """Note runs for which there is nothing to do."""
        cached = [outcome for outcome in outcomes if outcome.status == "cached"]
        self.counts["cached"] += len(cached)
        self.counts["failed"] += len(outcomes) - len(cached)
        if self.bar is not None:
            self.bar.update(len(outcomes))
            self._show()
        elif cached:
            count = sum(self.counts.values())
            print(f"[{count}/{self.total}] cached: nothing changed", file=self.stream, flush=True)

    def start(self, number: int) -> None:
        """Note that a run began."""
        self.running[number] = time.monotonic()
        self._show()

    def end(self, number: int, outcome: Outcome) -> None:
        """Note how a run ended."""
        self.counts[outcome.status] += 1
        self.running.pop(number, None)
        if self.expected.pop(number, self) is not self:
            self.took.append(outcome.seconds)
        done = sum(self.counts.values())
        if self.bar is not None:
            self.bar.update()
            self._show()
            if outcome.status == "failed":
                self.bar.write(describe_failure(outcome), file=self.stream)
        else:
            line = f"[{done}/{self.total}] {outcome.status:6} {outcome.run.slug}"
            left = self.seconds_left()
            rest = "" if left is None else f", about {spell_seconds(left)} left"
            print(f"{line}  {outcome.seconds:.1f} s{rest}", file=self.stream, flush=True)
        ran = self.total - self.counts["cached"]
        for line in outcome.changes if ran <= FEW else ():
            words = spell_controls(f"    {line}")
            print(words, file=self.stream) if self.bar is None else self.bar.write(
                words, self.stream
            )

    def seconds_left(self) -> float | None:
        """Estimate the time left from earlier times; None while nothing is known, or all done."""
        known = [*self.took, *(seconds for seconds in self.expected.values() if seconds)]
        if not self.expected or not known:
            return None
        usual = sum(known) / len(known)
        now = time.monotonic()
        left = []
        for number, seconds in self.expected.items():
            gone = now - self.running[number] if number in self.running else 0.0
            left.append(max(0.0, (seconds or usual) - gone))
        return max(sum(left) / self.jobs, max(left))

    def close(self) -> None:
        """Leave the line to whatever is printed next."""
        if self.bar is not None:
            self.bar.close()

    def _show(self) -> None:
        if self.bar is not None:
            told = {"running": len(self.running), **self.counts}
            words = [f"{n} {word}" for word, n in told.items() if n]
            left = self.seconds_left()
            words += [] if left is None else [f"about {spell_seconds(left)} left"]
            self.bar.set_postfix_str(", ".join(words))


def _has_width(stream: TextIO) -> bool:
    """Say whether a terminal has room for a bar; one that a program opened may have no size."""
    try:
        return os.get_terminal_size(stream.fileno()).columns > 0
    except (OSError, ValueError):
        return True


def spell_seconds(seconds: float) -> str:
    """Spell a span of time.

    Examples
    --------
    >>> spell_seconds(4.2), spell_seconds(61), spell_seconds(7380)
    ('5 s', '1 min 1 s', '2 h 3 min')
    """
    whole = math.ceil(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def tabulate_timings(outcomes: Sequence[Outcome]) -> str:
    """Lay out where the seconds of each run went.

    Stages are the kernel's start (and end), cells that only import, the other cells, and the
    page. A cached run took none.
    """
    import pandas as pd

    stages = ["start", "imports", "cells", "page"]
    frame = pd.DataFrame([outcome.timings for outcome in outcomes], columns=stages).fillna(0.0)
    frame["all"] = [outcome.seconds for outcome in outcomes]
    frame.index = pd.Index([outcome.run.slug for outcome in outcomes])
    frame = frame.sort_values("all", ascending=False, kind="stable")
    frame.loc["all runs"] = frame.sum()
    return frame.to_string(float_format="{:.2f}".format)


def describe_failure(outcome: Outcome) -> str:
    """Say in one line which notebook failed, in which cell, with which parameters, and how.

    Only the last line of a long message is told; the page has it all.
    """
    error = outcome.error or {}
    cell = f"cell {error['cell']}" if error.get("cell") else "before the first cell"
    given = ", ".join(f"{name}={value}" for name, value in outcome.run.changed.items())
    message = str(error.get("message", "")).strip().splitlines()
    told = f"{error.get('type')}: {message[-1] if message else ''}"
    name = outcome.run.notebook.name
    return spell_controls(f"failed: {name}, {cell}, {given or 'default parameters'}: {told}")
