"""One run: papermill executes a notebook, the page is written, and the outcome goes home.

This is what a worker process does, over and over; it never raises for a notebook that failed.
"""

from __future__ import annotations

import ast
import logging
import os
import re
import tempfile
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.files.parsing import parse_code
from nktrade.files.writing import replace_text
from nktrade.render.cells import REMEDY, list_named, read_source, tags_of, words_of
from nktrade.render.changes import tell_changes
from nktrade.render.fingerprints import Hashes
from nktrade.render.foreign import keep_out_address_grammar
from nktrade.render.furnishing import Furnishing
from nktrade.render.outcome import Facts, read_facts
from nktrade.render.plan import Run
from nktrade.render.privacy import hide_paths, list_places
from nktrade.render.reads import hash_named, hash_reads
from nktrade.render.values import plain, spell

keep_out_address_grammar()  # before anything imports nbformat

_GROUP = re.compile(r"^ *\| (?:[\w.]+\.)?(\w*Group): (.+)$", re.MULTILINE)
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
            node, outcome.error = _execute(run, notebook_out, settings.cell_timeout, log)
            executed = time.perf_counter()
            observed = hash_reads(log, named, moment, run, source)
            outcome.reads, outcome.writes = observed.reads, observed.writes
            outcome.own, outcome.unseen = observed.own, observed.unseen
        outcome.facts = _read_facts(node, outcome, settings)
        outcome.status = "failed" if outcome.error else "ok"
        outcome.changes = tell_changes(before, node.cells) if before else []
    except Exception as failure:
        outcome.error = outcome.error or _describe(failure)
    outcome.ended = _now()
    _show(node, outcome, settings)
    ended = time.perf_counter()
    outcome.seconds, outcome.span = ended - began, (moment, time.time())
    outcome.timings = {**_time_cells(node.cells, executed - began), "page": ended - executed}
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
        outcome.status, outcome.error = "failed", outcome.error or _describe(failure)
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


def _describe(failure: BaseException) -> dict[str, Any]:
    return {"cell": None, "type": type(failure).__name__, "message": str(failure)}


def _explain(failure: BaseException) -> dict[str, Any]:
    """Say why no cell ran, and what to do."""
    from jupyter_client.kernelspec import NoSuchKernel

    error = _describe(failure)
    if isinstance(failure, NoSuchKernel):
        error["message"] += (
            "; install it, or choose one in the notebook that `jupyter kernelspec list` names"
        )
    elif not isinstance(failure, InputError | OSError | RuntimeError) or isinstance(
        failure, RecursionError
    ):
        what = " ".join(str(failure).split())[:200]
        error["message"] = f"the file is not a valid notebook ({what}). {REMEDY}"
    return error


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
        _write_notebook(node, notebook_out)
        outcome.facts = _read_facts(node, outcome, settings)
    except Exception as failure:
        node, outcome.status, outcome.error = executed, "failed", _describe(failure)
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


def _execute(
    run: Run, notebook_out: Path, timeout: int | None, log: Path
) -> tuple[Any, dict | None]:
    """Let papermill run the notebook; return the executed notebook and the error, if any."""
    part = log.with_name(notebook_out.name)  # papermill's own file, which goes with the folder
    node, error = _call_papermill(run, part, timeout, log)
    places = list_places([run], notebook_out.parent.parent)
    node, error = hide_paths(node, places), hide_paths(error, places)
    # Where the site was rendered says nothing to whoever takes the notebook from it.
    told = node.metadata.get("papermill")
    if isinstance(told, dict):
        told.update(input_path=run.notebook.path.name, output_path=run.notebook_out)
    if error:
        error |= _blame(node.cells, error)
        # papermill marks the failure with two cells of its own; the page says it better.
        node.cells = [c for c in node.cells if "papermill-error-cell-tag" not in tags_of(c)]
    _write_notebook(node, notebook_out)
    return node, error or None


def _call_papermill(
    run: Run, part: Path, timeout: int | None, log: Path
) -> tuple[Any, dict[str, Any]]:
    """Return the executed notebook, or the one that could not be, and what went wrong."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from nktrade.render.engine import ENGINE, choose_kernel

    # papermill cannot read a Literal's annotation and warns of an "unknown parameter"; ours were
    # checked against the typed cell before anything started.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without an id
            node = papermill.execute_notebook(
                _as_template(run.notebook.path),
                _as_template(part),
                parameters=spell(run.changed),
                engine_name=ENGINE,
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=timeout,
                cwd=str(run.notebook.path.parent),
                **choose_kernel(run, log),
            )
        return node, {}
    except PapermillExecutionError as failure:
        error = {"cell": None, "type": failure.ename, "message": failure.evalue}
        return nbformat.read(part, as_version=4), error
    except Exception as failure:
        # The kernel did not come up, or the notebook could not be read: no cell is to blame.
        return _read_anyhow(run.notebook.path), _explain(failure)


def _as_template(path: Path) -> str:
    """Spell a path for papermill, which puts parameters where braces stand in it."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _read_anyhow(path: Path) -> Any:
    """Return a notebook as it lies; an empty one where it cannot be read or written."""
    import nbformat

    try:
        node = nbformat.read(path, as_version=4)
        nbformat.writes(node)
        return node
    except Exception:
        return nbformat.v4.new_notebook()


def _blame(cells: list[Mapping], error: Mapping) -> dict[str, Any]:
    """Say which cell failed, and of what."""
    from nktrade.render.engine import ENDINGS

    number, failed = _failed_cell(cells)
    blamed = {"cell": number, "message": error["message"]}
    told = [out for out in failed.get("outputs", []) if out["output_type"] == "error"]
    # As papermill, the first of several; what the engine says of a lost kernel comes last.
    for output in told[-1:] if told and told[-1]["ename"] in ENDINGS else told[:1]:
        blamed |= {"type": output["ename"], "message": output["evalue"]}
    printed = "".join(o["text"] for o in failed.get("outputs", []) if o.get("name") == "stderr")
    # IPython only prints a group of errors, and what is wrong with a magic.
    if not told and (group := _GROUP.search(printed)):
        blamed |= {"type": group[1], "message": group[2]}
    elif not blamed["message"]:
        blamed["message"] = printed.strip().rpartition("\n")[2]
    return blamed


def _write_notebook(node: Any, path: Path) -> None:
    import nbformat

    replace_text(path, nbformat.writes(node) + "\n", lasting=False)


def _time_cells(cells: list[Mapping], seconds: float) -> dict[str, float]:
    """Split the seconds of a run: its kernel's start, cells that only import, the other cells."""
    spent = {"imports": 0.0, "cells": 0.0}
    for cell in cells:
        took = cell.get("metadata", {}).get("papermill", {}).get("duration") or 0.0
        spent["imports" if _only_imports(cell) else "cells"] += took
    return {"start": max(0.0, seconds - sum(spent.values())), **spent}


def _only_imports(cell: Mapping) -> bool:
    try:
        statements = parse_code(cell["source"]).body if cell["cell_type"] == "code" else []
    except SyntaxError:
        return False
    kinds = (ast.Import, ast.ImportFrom)
    return bool(statements) and all(isinstance(statement, kinds) for statement in statements)


def _runtime() -> str | None:
    """Return the folder that goes with the batch; None for the system's own."""
    folder = os.environ.get("JUPYTER_RUNTIME_DIR")
    return folder if folder and os.path.isdir(folder) else None


def _failed_cell(cells: list[Mapping]) -> tuple[int | None, Mapping]:
    """Find the cell that ended the run, counted from 1 among the author's own cells.

    papermill marks it; an error that a cell was to raise does not end a run by itself.
    """
    own = [cell for cell in cells if not _SKIPPED_TAGS & set(tags_of(cell))]
    numbered = list(enumerate(own, start=1))
    for number, cell in numbered:
        if cell["metadata"].get("papermill", {}).get("exception"):
            return number, cell
    for number, cell in numbered:
        if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
            return number, cell
    return None, {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
