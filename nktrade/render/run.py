"""One run: papermill executes a notebook, the page is written, and the outcome goes home.

This is what a worker process does, over and over; it never raises for a notebook that failed.
"""

from __future__ import annotations

import ast
import logging
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nktrade.render.outcome import Facts, read_facts
from nktrade.render.plan import Run
from nktrade.render.reads import hash_named, hash_reads

# jsonschema, which nbformat imports, compiles a grammar for international addresses as soon as it
# finds this module: a second and a half for every start. Notebooks hold no such address to check.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

_SKIPPED_TAGS = {"injected-parameters", "papermill-error-cell-tag"}


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
    """

    out: Path
    cell_timeout: int | None = None
    hide_code: bool = False


@dataclass
class Outcome:
    """How a run ended: what ``runs.json`` and the index say of it.

    ``status`` is ``"ok"``, ``"failed"`` or ``"cached"``; ``error`` of a failed run names
    ``cell`` (counted from 1 among the notebook's cells; None when none had started), ``type``
    and ``message``; ``timings`` are seconds by stage; ``reads`` names each file that the run read
    and its sha256; ``ended`` is the UTC time.
    """

    run: Run
    status: str
    seconds: float = 0.0
    error: dict[str, Any] | None = None
    facts: Facts = field(default_factory=Facts)
    timings: dict[str, float] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)
    ended: str = ""

    def record(self) -> dict[str, Any]:
        """Return the run as an object of ``runs.json``."""
        return {
            "notebook": self.run.notebook.name,
            "parameters": self.run.parameters,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "page": self.run.page,
            "notebook_out": self.run.notebook_out,
            "error": self.error,
            "data": self.facts.data,
            "published": self.facts.published,
        }

    def entry(self) -> dict[str, Any]:
        """Return what the index shows, as plain data."""
        return {
            **self.record(),
            "title": self.run.notebook.title,
            "question": self.run.notebook.question,
            "part": self.run.part,
            "label": self.run.label,
            "changed": self.run.changed,
            "ended": self.ended,
            **{name: value for name, value in asdict(self.facts).items() if name != "data"},
        }


def execute_run(run: Run, settings: Settings) -> Outcome:
    """Execute a run's notebook and write its page; a failure is an outcome, not an exception."""
    began, moment = time.perf_counter(), time.time()
    notebook_out = settings.out / run.notebook_out
    notebook_out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="reads-", dir=_runtime()) as folder:
        log, named = Path(folder) / "reads", hash_named(run)
        node, error = _execute(run, notebook_out, settings.cell_timeout, log)
        executed = time.perf_counter()
        reads = hash_reads(log, named, moment)
    outcome = Outcome(run, "failed" if error else "ok", error=error, reads=reads, ended=_now())
    outcome.facts = read_facts(node.cells)
    _write_page(node, outcome, settings)
    ended = time.perf_counter()
    outcome.seconds = ended - began
    outcome.timings = {**_time_cells(node.cells, executed - began), "page": ended - executed}
    return outcome


def _write_page(node: Any, outcome: Outcome, settings: Settings) -> None:
    from nktrade.site.page import write_page

    beside = outcome.run.notebook.path.parent
    write_page(node, outcome.entry(), settings.out, beside=beside, hide_code=settings.hide_code)


def rewrite_page(outcome: Outcome, settings: Settings) -> Outcome:
    """Write the page of a run again that need not run again: its words or tags have changed."""
    import nbformat

    began = time.perf_counter()
    run = outcome.run
    notebook_out = settings.out / run.notebook_out
    executed = nbformat.read(notebook_out, as_version=4)
    node = nbformat.read(run.notebook.path, as_version=4)
    _take_outputs(node, executed)
    _write_notebook(node, notebook_out)
    outcome.facts = read_facts(node.cells)
    _write_page(node, outcome, settings)
    outcome.seconds = time.perf_counter() - began
    outcome.timings["page"] = outcome.seconds
    return outcome


def _take_outputs(node: Any, executed: Any) -> None:
    """Give a notebook the outputs of its own code, executed before."""
    ran = [cell for cell in executed.cells if cell.cell_type == "code"]
    injected = next((cell for cell in ran if "injected-parameters" in _tags(cell)), None)
    theirs = (cell for cell in ran if cell is not injected)
    cells = []
    for cell in node.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            old = next(theirs)
            cell.outputs, cell.execution_count = old.outputs, old.execution_count
            cell.metadata = {**old.metadata, **cell.metadata, "tags": _tags(cell)}
            if injected is not None and "parameters" in _tags(cell):
                cells.append(injected)
    node.cells = cells
    node.metadata = {**executed.metadata, **node.metadata}


def report_lost(run: Run, settings: Settings, exitcode: int | None) -> Outcome:
    """Write the page of a run whose worker process died under it, and return its outcome."""
    import nbformat

    message = f"the worker process ended with status {exitcode}"
    error = {"cell": None, "type": "WorkerLost", "message": message}
    outcome = Outcome(run, "failed", error=error, ended=_now())
    _write_page(nbformat.read(run.notebook.path, as_version=4), outcome, settings)
    return outcome


def _execute(
    run: Run, notebook_out: Path, timeout: int | None, log: Path
) -> tuple[Any, dict | None]:
    """Let papermill run the notebook; return the executed notebook and the error, if any."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from nktrade.render.engine import ENGINE, kernel_options

    # papermill cannot read a Literal's annotation and warns of an "unknown parameter"; ours were
    # checked against the typed cell before anything started.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    part = notebook_out.with_name(f".{notebook_out.name}")
    error = None
    try:
        node = papermill.execute_notebook(
            str(run.notebook.path),
            str(part),
            parameters=run.changed,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            execution_timeout=timeout,
            cwd=str(run.notebook.path.parent),
            **kernel_options(log),
        )
    except PapermillExecutionError as failure:
        node = nbformat.read(part, as_version=4)
        error = {"cell": None, "type": failure.ename, "message": failure.evalue}
    except Exception as failure:
        # The kernel did not come up, or the notebook could not be read: no cell is to blame.
        node = nbformat.read(run.notebook.path, as_version=4)
        error = {"cell": None, "type": type(failure).__name__, "message": str(failure)}
    if not error:
        os.replace(part, notebook_out)
        return node, None
    error["cell"] = _failed_cell(node.cells)
    # papermill marks the failure with two cells of its own; the page says it better.
    node.cells = [cell for cell in node.cells if "papermill-error-cell-tag" not in _tags(cell)]
    _write_notebook(node, notebook_out)
    part.unlink(missing_ok=True)
    return node, error


def _write_notebook(node: Any, path: Path) -> None:
    import nbformat

    part = path.with_name(f".{path.name}.part")
    nbformat.write(node, part)
    os.replace(part, path)


def _time_cells(cells: list[Mapping], seconds: float) -> dict[str, float]:
    """Split the seconds of a run: its kernel's start, cells that only import, the other cells."""
    spent = {"imports": 0.0, "cells": 0.0}
    for cell in cells:
        took = cell.get("metadata", {}).get("papermill", {}).get("duration") or 0.0
        spent["imports" if _only_imports(cell) else "cells"] += took
    return {"start": max(0.0, seconds - sum(spent.values())), **spent}


def _only_imports(cell: Mapping) -> bool:
    try:
        statements = ast.parse(cell["source"]).body if cell["cell_type"] == "code" else []
    except SyntaxError:
        return False
    kinds = (ast.Import, ast.ImportFrom)
    return bool(statements) and all(isinstance(statement, kinds) for statement in statements)


def _runtime() -> str | None:
    """Return the folder that goes with the batch; None for the system's own."""
    folder = os.environ.get("JUPYTER_RUNTIME_DIR")
    return folder if folder and os.path.isdir(folder) else None


def _failed_cell(cells: list[Mapping]) -> int | None:
    """Count, from 1 among the author's own cells, to the cell that raised."""
    own = [cell for cell in cells if not _SKIPPED_TAGS & set(_tags(cell))]
    for number, cell in enumerate(own, start=1):
        if any(output.get("output_type") == "error" for output in cell.get("outputs", [])):
            return number
    return None


def _tags(cell: Mapping) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
