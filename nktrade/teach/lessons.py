"""The catalogue of lessons: what each is about, what it needs, and where people go wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from nktrade._paths import NOTEBOOKS
from nktrade.errors import InputError
from nktrade.files.parsing import load_yaml, read_text
from nktrade.teach.versions import find_checks

LESSONS = NOTEBOOKS / "lessons"
_FIELDS = {"lesson", "minutes", "needs", "goals", "errors"}


@dataclass(frozen=True)
class Lesson:
    """One lesson: its notebook and what the instructor's guide says of it.

    Attributes
    ----------
    name, title, question : str
        The file's name; the notebook's heading and the line below it.
    minutes : int
        In class, with the exercises.
    needs : str
    goals, errors : tuple of str
    exercises : tuple of str
        Keys of its checks, as ``"mirror.october"``.
    notebook : nbformat.NotebookNode
    """

    name: str
    title: str
    question: str
    minutes: int
    needs: str
    goals: tuple[str, ...]
    errors: tuple[str, ...]
    exercises: tuple[str, ...]
    notebook: Any


def load_lessons(folder: Path = LESSONS) -> tuple[str, list[Lesson]]:
    """Return the course's title and its lessons, in order.

    Raises
    ------
    InputError
        If the catalogue or a lesson is not what it must be.
    """
    path = folder / "lessons.yml"
    try:
        said = load_yaml(read_text(path, "the catalogue of lessons"), "the catalogue", str(path))
        return said["title"], [_read_lesson(folder, entry) for entry in said["lessons"]]
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(error.filename)) from None
    except (KeyError, TypeError) as error:
        raise InputError("the catalogue of lessons cannot be read", where=str(path)) from error


def _read_lesson(folder: Path, entry: dict[str, Any]) -> Lesson:
    if set(entry) != _FIELDS:
        raise InputError(
            "a lesson's entry is incomplete",
            where=f"{folder / 'lessons.yml'}, lesson {entry.get('lesson')!r}",
            expected=", ".join(sorted(_FIELDS)),
            got=", ".join(sorted(entry)),
        )
    path = folder / f"{entry['lesson']}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    found = re.match(r"# (.+)\n+([^\n]+)", notebook.cells[0].source)
    if not found:
        raise InputError("the first cell must be a title and a question", where=str(path))
    return Lesson(
        name=entry["lesson"],
        title=found[1],
        question=found[2],
        minutes=int(entry["minutes"]),
        needs=entry["needs"],
        goals=tuple(entry["goals"]),
        errors=tuple(entry["errors"]),
        exercises=tuple(find_checks(notebook)),
        notebook=notebook,
    )
