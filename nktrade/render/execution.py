"""Let papermill run a notebook; what comes back is the executed notebook and what went wrong.

Nothing is raised for a notebook that fails or cannot be read: it is told as an error of its cell,
or of none.
"""

from __future__ import annotations

import ast
import logging
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.files.parsing import parse_code
from nktrade.files.writing import replace_text
from nktrade.render.cells import REMEDY, tags_of
from nktrade.render.plan import Run
from nktrade.render.privacy import hide_paths, list_places
from nktrade.render.values import spell

_GROUP = re.compile(r"^ *\| (?:[\w.]+\.)?(\w*Group): (.+)$", re.MULTILINE)
_SKIPPED_TAGS = {"injected-parameters", "papermill-error-cell-tag"}


def execute(
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
    write_notebook(node, notebook_out)
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


def _explain(failure: BaseException) -> dict[str, Any]:
    """Say why no cell ran, and what to do."""
    from jupyter_client.kernelspec import NoSuchKernel

    error = describe_failure(failure)
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


def describe_failure(failure: BaseException) -> dict[str, Any]:
    """Return an exception as an error of no cell: its type and message."""
    return {"cell": None, "type": type(failure).__name__, "message": str(failure)}


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


def write_notebook(node: Any, path: Path) -> None:
    """Write a notebook in one step; a reader sees the old one or the new one."""
    import nbformat

    replace_text(path, nbformat.writes(node) + "\n", lasting=False)


def time_cells(cells: list[Mapping], seconds: float) -> dict[str, float]:
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
