"""Progress of a batch on standard error: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
from typing import TextIO

from nktrade.batch.run import Outcome


class Progress:
    """Tells how far a batch is: runs done, running, failed and cached, and the time left."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total, self.stream = total, stream or sys.stderr
        self.counts = {"ok": 0, "failed": 0, "cached": 0}
        self.running = 0
        self.bar = None
        if self.stream.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=total, file=self.stream, unit="run", dynamic_ncols=True)

    def start(self) -> None:
        """Note that a run began."""
        self.running += 1
        self._show()

    def end(self, outcome: Outcome) -> None:
        """Note how a run ended."""
        self.counts[outcome.status] += 1
        self.running -= outcome.status != "cached"
        done = sum(self.counts.values())
        if self.bar is not None:
            self.bar.update()
            self._show()
            if outcome.status == "failed":
                self.bar.write(describe_failure(outcome), file=self.stream)
        else:
            line = f"[{done}/{self.total}] {outcome.status:6} {outcome.run.slug}"
            print(f"{line}  {outcome.seconds:.1f} s", file=self.stream, flush=True)

    def close(self) -> None:
        """Leave the line to whatever is printed next."""
        if self.bar is not None:
            self.bar.close()

    def _show(self) -> None:
        if self.bar is not None:
            told = {"running": self.running, **self.counts}
            self.bar.set_postfix_str(", ".join(f"{n} {word}" for word, n in told.items() if n))


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
    return f"failed: {name}, {cell}, {given or 'default parameters'}: {told}"
