"""One run: papermill executes a notebook, the page is written, and the outcome goes home.

This is what a worker process does, over and over; it never raises for a notebook that failed.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.render.cells import list_named, read_source, tags_of, words_of
from nktrade.render.changes import tell_changes
from nktrade.render.execution import describe_failure, execute, time_cells, write_notebook
from nktrade.render.fingerprints import Hashes
from nktrade.render.foreign import keep_out_address_grammar
from nktrade.render.furnishing import Furnishing
from nktrade.render.outcome import Facts, read_facts
from nktrade.render.plan import Run
from nktrade.render.privacy import hide_paths, list_places
from nktrade.render.reads import hash_named, hash_reads
from nktrade.render.values import plain

keep_out_address_grammar()  # before anything imports nbformat


@dataclass(frozen=True)
class Settings:
    """What holds for every run of a batch.

    Attributes
    ----------
    out : Path
        The site's folder.
    cell_timeout : int or None
        Seconds after which a cell counts as hanging.
    hide_code : bool
        Whether pages leave the code out.
    title : str
        Of the site.
    furnishing : Furnishing or None
        What the collection shows beside its runs.
    address : str
        Where the site will stand, if that is known.
    """

    out: Path
    cell_timeout: int | None = None
    hide_code: bool = False
    title: str = ""
    furnishing: Furnishing | None = None
    address: str = ""

    @property
    def frame(self) -> dict[str, Any]:
        """What every page of the site has."""
        own = self.furnishing.frame if self.furnishing else {}
        return {"title": self.title, "address": self.address, **own}


@dataclass
class Outcome:
    """How a run ended: what ``runs.json`` and the index say of it.

    ``status`` is ``"ok"``, ``"failed"`` or ``"cached"``; ``error`` of a failed run names
    ``cell`` (counted from 1 among the notebook's cells; None when none had started), ``type``
    and ``message``; ``timings`` are seconds by stage; ``reads`` names each file that the run read
    and its sha256, ``writes`` each that it wrote, ``own`` each that it wrote and then read or
    showed itself, with the sha256 that it left; ``unseen`` says what it did that cannot be
    observed; ``ended`` is the UTC time; ``changes`` are lines on what the page says otherwise than
    when it was rendered last; ``span`` is when it began and ended, as `time.time`.
    """

    run: Run
    status: str
    seconds: float = 0.0
    error: dict[str, Any] | None = None
    facts: Facts = field(default_factory=Facts)
    timings: dict[str, float] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    ended: str = ""
    changes: list[str] = field(default_factory=list)
    span: tuple[float, float] = (0.0, 0.0)

    def record(self) -> dict[str, Any]:
        """Return the run as an object of ``runs.json``."""
        return {
            "notebook": self.run.notebook.name,
            "parameters": plain(self.run.parameters),
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "page": self.run.page,
            "notebook_out": self.run.notebook_out,
            "error": self.error,
            "data": self.facts.data,
            "published": self.facts.published,
            "not_observed": self.unseen,
        }

    def entry(self) -> dict[str, Any]:
        """Return what the index shows, as plain data."""
        return {
            **self.record(),
            "title": self.run.notebook.title,
            "question": self.run.notebook.question,
            "part": self.run.part,
            "label": self.run.label,
            "changed": plain(self.run.changed),
            "ended": self.ended,
            **{name: value for name, value in asdict(self.facts).items() if name != "data"},
        }


def execute_run(run: Run, settings: Settings) -> Outcome:
    """Execute a run's notebook and write its page; a failure is an outcome, not an exception."""
    from nbformat.v4 import new_notebook

    began, moment = time.perf_counter(), time.time()
    outcome, node = Outcome(run, "failed", ended=_now()), new_notebook()
    notebook_out = settings.out / run.notebook_out
    executed = began
    before = _read_cells(notebook_out)
    try:
        if run.notebook.problem:
            raise InputError(run.notebook.problem, where=run.notebook.path.name)
        notebook_out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="reads-", dir=_runtime()) as folder:
            log, named = Path(folder) / "reads", hash_named(run)
            source = read_source(run.notebook.path)
            node, outcome.error = execute(run, notebook_out, settings.cell_timeout, log)
            executed = time.perf_counter()
            observed = hash_reads(log, named, moment, run, source)
            outcome.reads, outcome.writes = observed.reads, observed.writes
            outcome.own, outcome.unseen = observed.own, observed.unseen
        outcome.facts = _read_facts(node, outcome, settings)
        outcome.status = "failed" if outcome.error else "ok"
        outcome.changes = tell_changes(before, node.cells) if before else []
    except Exception as failure:
        outcome.error = outcome.error or describe_failure(failure)
    outcome.ended = _now()
    _show(node, outcome, settings)
    ended = time.perf_counter()
    outcome.seconds, outcome.span = ended - began, (moment, time.time())
    outcome.timings = {**time_cells(node.cells, executed - began), "page": ended - executed}
    return outcome


def _read_cells(notebook_out: Path) -> list[Any]:
    """Return the cells of the run before, if there was one that can be read."""
    import nbformat

    try:
        return list(nbformat.read(notebook_out, as_version=4).cells)
    except Exception:
        return []


def _show(node: Any, outcome: Outcome, settings: Settings) -> None:
    """Write the page of an outcome; where that is impossible the run has failed."""
    from nktrade.site.carried import Beside
    from nktrade.site.page import write_page

    run, hide = outcome.run, settings.hide_code
    home = run.notebook.path.parent
    beside = Beside(home, run.project, run.way.get("notebooks", {}))
    entry = outcome.entry() | {"way": run.way}
    try:
        write_page(node, entry, settings.out, beside=beside, hide_code=hide, frame=settings.frame)
    except Exception as failure:  # a full disk: there is no page to say it on
        outcome.status, outcome.error = "failed", outcome.error or describe_failure(failure)
    for path, sha256 in beside.taken.items():
        whole = os.path.abspath(path)
        if whole in outcome.writes:
            outcome.own[whole] = sha256
        else:
            inside = whole.startswith(f"{home}{os.sep}")
            outcome.reads.setdefault(os.path.relpath(whole, home) if inside else whole, sha256)
    if outcome.writes:
        hashes = Hashes()
        for name in list_named(words_of(node)):
            whole = os.path.abspath(os.path.join(home, name))
            if whole in outcome.writes:
                outcome.own[whole] = hashes.file(whole)


def _read_facts(node: Any, outcome: Outcome, settings: Settings) -> Facts:
    facts = read_facts(node.cells)
    if settings.furnishing:
        parameters = plain(outcome.run.parameters)
        facts.subjects = settings.furnishing.describe(node.cells, parameters, facts.figures)
    return facts


def rewrite_page(outcome: Outcome, settings: Settings) -> Outcome:
    """Write the page of a run again that need not run again: its words or tags have changed."""
    import nbformat

    began = time.perf_counter()
    run = outcome.run
    notebook_out = settings.out / run.notebook_out
    executed = nbformat.read(notebook_out, as_version=4)
    try:
        node = nbformat.read(run.notebook.path, as_version=4)
        _take_outputs(node, executed)
        write_notebook(node, notebook_out)
        outcome.facts = _read_facts(node, outcome, settings)
    except Exception as failure:
        node, outcome.status, outcome.error = executed, "failed", describe_failure(failure)
    _show(node, outcome, settings)
    outcome.seconds = time.perf_counter() - began
    outcome.timings["page"] = outcome.seconds
    return outcome


def _take_outputs(node: Any, executed: Any) -> None:
    """Give a notebook the outputs of its own code, executed before."""
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    injected = next((cell for cell in ran if "injected-parameters" in tags_of(cell)), None)
    theirs = (cell for cell in ran if cell is not injected)
    cells = []
    for cell in node.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            old = next(theirs)
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
            cell.metadata = {**old.metadata, **cell.metadata, "tags": tags_of(cell)}
            if injected is not None and "parameters" in tags_of(cell):
                cells.append(injected)
    node.cells = cells
    node.metadata = {**executed.metadata, **node.metadata}


def report_lost(run: Run, settings: Settings, exitcode: int | None) -> Outcome:
    """Write the page of a run whose worker process died under it, and return its outcome."""
    how = "no worker is left" if exitcode is None else f"the worker process ended with {exitcode}"
    return report_failure(Outcome(run, "failed"), settings, "WorkerLost", how)


def report_failure(outcome: Outcome, settings: Settings, kind: str, message: str) -> Outcome:
    """Write the page of a run that failed for a reason outside its cells."""
    import nbformat
    from nbformat.v4 import new_notebook

    outcome.status, outcome.ended = "failed", _now()
    places = list_places([outcome.run], settings.out)
    outcome.error = {"cell": None, "type": kind, "message": hide_paths(message, places)}
    executed = settings.out / outcome.run.notebook_out
    try:
        path = executed if executed.is_file() and outcome.reads else outcome.run.notebook.path
        node = nbformat.read(path, as_version=4)
    except Exception:
        node = new_notebook()
    _show(node, outcome, settings)
    return outcome


def _runtime() -> str | None:
    """Return the folder that goes with the batch; None for the system's own."""
    folder = os.environ.get("JUPYTER_RUNTIME_DIR")
    return folder if folder and os.path.isdir(folder) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
