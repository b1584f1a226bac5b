"""The collection's own exercises: notebooks ask, ``notebooks/exercises.yml`` solves and checks.

A page shows the question alone. In a course each question has a cell for the answer and a check,
as the lessons have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nbformat.v4 import new_code_cell

from nktrade._paths import NOTEBOOKS
from nktrade.errors import InputError
from nktrade.files.parsing import load_yaml, read_text
from nktrade.teach.marking import Exercise
from nktrade.teach.versions import BEGIN, END, with_cells

PATH = NOTEBOOKS / "exercises.yml"
#: Begins a question that has no one answer: it gets no cell.
OPEN = "For discussion"
_FIELDS = {"name", "answer", "solution", "right", "within", "mistakes", "hint"}
_QUESTION = re.compile(r"^\d+\. (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """An exercise of a notebook of the collection.

    Attributes
    ----------
    key : str
        Of its check, as ``"wig_exports.nothing_left"``.
    name : str
        The variable that holds the answer.
    answer : str
        What kind of answer is asked for.
    solution : str
        Code that may use the notebook's names.
    exercise : Exercise
    """

    key: str
    name: str
    answer: str
    solution: str
    exercise: Exercise

    def make_exercise(self) -> Exercise:
        """Return the exercise, as the functions do that make those of the lessons."""
        return self.exercise


@cache
def load_questions() -> Mapping[str, tuple[Question, ...]]:
    """Return the questions of each notebook, by its name.

    Raises
    ------
    InputError
        If the file of exercises is not what it must be.
    """
    kind = "the file of exercises"
    said = load_yaml(read_text(PATH, kind), kind, str(PATH))
    return {stem: tuple(_read(stem, entry) for entry in said[stem]) for stem in said}


def _read(stem: str, entry: dict[str, Any]) -> Question:
    where = f"{PATH}, {stem}, {entry.get('name')}"
    if _FIELDS - {"within"} - set(entry) or set(entry) - _FIELDS:
        expected, got = ", ".join(sorted(_FIELDS)), ", ".join(sorted(entry))
        raise InputError("an exercise is incomplete", where=where, expected=expected, got=got)
    mistakes = tuple((_freeze(wrong), hint) for wrong, hint in entry["mistakes"])
    within = {"within": entry["within"]} if "within" in entry else {}
    exercise = Exercise(_freeze(entry["right"]), mistakes, entry["hint"], **within)
    key = f"{stem.partition('_')[2]}.{entry['name']}"
    return Question(key, entry["name"], entry["answer"], entry["solution"], exercise)


def _freeze(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def add_cells(notebook: Any, stem: str) -> Any:
    """Return a notebook of the collection with a cell for each answer, and its check.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    stem : str
        Its name, as ``"04_wig_exports"``.
    """
    cells = list(notebook.cells)
    asked = [at for at, text in enumerate(list_questions(notebook), 1) if not text.startswith(OPEN)]
    questions = load_questions().get(stem, ())
    for step, (at, one) in enumerate(zip(asked, questions, strict=True)):
        begin = "" if step else "from nktrade import teach\n\n"
        source = f"{begin}# Exercise {at}: {one.answer}\n{BEGIN}\n{one.solution}{END}"
        cells.append(_new_cell(source, f"{one.name}-answer", "answer"))
        source = f'teach.check("{one.key}", {one.name})'
        cells.append(_new_cell(source, f"{one.name}-check", "check"))
    return with_cells(notebook, cells)


def _new_cell(source: str, identity: str, tag: str) -> Any:
    identity = identity.replace("_", "-")
    return new_code_cell(source, id=identity, metadata={"tags": [tag]})


def list_questions(notebook: Any) -> list[str]:
    """Return the texts of the exercises that a notebook ends with."""
    return [text for cell in notebook.cells for text in _find(cell)]


def _find(cell: Any) -> Iterator[str]:
    _, heading, text = cell.source.partition("## Exercises\n")
    if cell.cell_type == "markdown" and heading:
        yield from _QUESTION.findall(text)
