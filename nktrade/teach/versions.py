"""One lesson, several notebooks: for students, with solutions, for marking.

Lessons are written as nbgrader writes its source notebooks (BSD-3-Clause; release 0.9): the
solution stands between ``### BEGIN SOLUTION`` and ``### END SOLUTION``. A cell tagged ``check``
follows it.
"""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from functools import partial
from typing import Any

import nbformat

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_SOLUTION = re.compile(rf"[ \t]*{BEGIN}\n(.*?)[ \t]*{END}\n?", re.DOTALL)
_NAME, _COMMENT = re.compile(r"[^\W\d]\w*"), re.compile(r"#.*")
_CHECK = re.compile(r"^teach\.check\((['\"])(?P<key>[\w.]+)\1", re.MULTILINE)


def has_tag(cell: Any, tag: str) -> bool:
    """Say whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def make_student(notebook: Any) -> Any:
    """Return a notebook without its solutions; what is needed of them is left open, as ``...``.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    """
    cells = []
    for place, cell in enumerate(notebook.cells):
        changed = _copy(cell)
        if cell.cell_type == "code":
            rest = [cell, *notebook.cells[place + 1 :]]
            code = [_SOLUTION.sub("", one.source) for one in rest if one.cell_type == "code"]
            asked = set(_NAME.findall(_COMMENT.sub("", "\n".join(code))))
            changed.source = _SOLUTION.sub(partial(_leave_open, asked=asked), cell.source)
        cells.append(changed)
    return with_cells(notebook, cells)


def make_solution(notebook: Any) -> Any:
    """Return a notebook with its solutions, without the marks around them."""
    cells = []
    for cell in notebook.cells:
        changed = _copy(cell)
        if cell.cell_type == "code":
            changed.source = _SOLUTION.sub(lambda found: found[1], cell.source).rstrip()
        cells.append(changed)
    return with_cells(notebook, cells)


def make_nbgrader(notebook: Any, name: str) -> Any:
    """Return a notebook as nbgrader takes it for a source: one point a check.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A lesson.
    name : str
        Its name, which makes the cells' identifiers unique in a course.
    """
    cells: list[Any] = []
    for cell in notebook.cells:
        changed, found = _copy(cell), _CHECK.search(cell.source)
        if has_tag(cell, "answer"):
            changed.metadata["nbgrader"] = _nbgrader(f"{name}-answer-{len(cells)}", solution=True)
        elif has_tag(cell, "check") and found:
            changed.source = _CHECK.sub(lambda call: f"assert {call[0]}", cell.source)
            identity = f"{name}-{found['key'].replace('.', '-')}"
            changed.metadata["nbgrader"] = _nbgrader(identity, grade=True)
        cells.append(changed)
    return with_cells(notebook, cells)


def find_checks(notebook: Any) -> list[str]:
    """Return the keys of the exercises that a notebook checks, in order."""
    return [found["key"] for cell in notebook.cells for found in _CHECK.finditer(cell.source)]


def _leave_open(found: re.Match[str], asked: set[str]) -> str:
    """Return lines that leave open each name that a solution gives and others ask for."""
    names: list[str] = []
    for statement in ast.parse(found[1]).body:
        targets = getattr(statement, "targets", [])
        nodes = [node for target in targets for node in ast.walk(target)]
        stored = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        names += [node.id for node in stored if node.id not in names]
    return "".join(f"{name} = ...\n" for name in names if name in asked).rstrip()


def _nbgrader(identity: str, *, solution: bool = False, grade: bool = False) -> dict[str, Any]:
    said = {"schema_version": 3, "grade_id": identity, "task": False, "locked": grade}
    points = {"points": 1} if grade else {}
    return said | {"solution": solution, "grade": grade} | points


def _copy(cell: Any) -> Any:
    changed = deepcopy(cell)
    if cell.cell_type == "code":
        changed.outputs, changed.execution_count = [], None
    return changed


def with_cells(notebook: Any, cells: list[Any]) -> Any:
    """Return a notebook of other cells, checked."""
    made = nbformat.from_dict({**notebook, "cells": cells})
    nbformat.validate(made)
    return made
