"""Exercises of the collection: each question is solved and checked, or is for discussion."""

import ast
import builtins

import nbformat
import pytest

from nktrade.errors import UnanswerableError
from nktrade.teach import check
from nktrade.teach.collection import OPEN, add_cells, list_questions, load_questions
from nktrade.teach.versions import BEGIN, find_checks, make_nbgrader, make_solution, make_student
from tests.notebooks.style import NOTEBOOKS

by_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path):
    return add_cells(nbformat.read(path, as_version=4), path.stem)


def find_names(source):
    """List the names that code uses and does not give."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]
    given = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    return {node.id for node in nodes} - given - set(dir(builtins))


def prepare(notebook, names):
    """Run a notebook's cells until they have given these names."""
    space = {}
    for cell in notebook.cells:
        if names <= set(space):
            break
        if cell.cell_type == "code":
            try:
                exec(compile(cell.source, "<cell>", "exec"), space)
            except UnanswerableError:
                continue
    return space


@by_notebook
def test_every_solution_passes_its_check(path):
    import matplotlib as mpl

    mpl.use("agg")
    questions = load_questions()[path.stem]
    names = set().union(*(find_names(one.solution) for one in questions))
    space = prepare(nbformat.read(path, as_version=4), names)
    for one in questions:
        exec(compile(one.solution, one.key, "exec"), space)
        assert str(check(one.key, space[one.name])) == "Right.", (one.key, space[one.name])


@by_notebook
def test_every_question_has_its_cells_or_is_for_discussion(path):
    bare = nbformat.read(path, as_version=4)
    asked = [text for text in list_questions(bare) if not text.startswith(OPEN)]
    made = read(path)
    assert find_checks(made) == [one.key for one in load_questions()[path.stem]]
    assert len(asked) == len(find_checks(made)) >= 1
    text = nbformat.writes(bare)
    assert not [one.key for one in load_questions()[path.stem] if one.key in text]


@by_notebook
def test_students_get_questions_and_no_solution(path):
    student, solved = make_student(read(path)), make_solution(read(path))
    left = [line for cell in student.cells for line in cell.source.splitlines()]
    left = [line for line in left if line.endswith(" = ...")]
    assert left == [f"{one.name} = ..." for one in load_questions()[path.stem]]
    for one in load_questions()[path.stem]:
        assert one.solution.strip() in "\n".join(cell.source for cell in solved.cells)
        assert str(check(one.key, ...)) == "Nothing is answered yet."
    assert BEGIN not in nbformat.writes(student) + nbformat.writes(solved)
    graded = [c.metadata.get("nbgrader", {}) for c in make_nbgrader(read(path), path.stem).cells]
    assert sum(one.get("grade", False) for one in graded) == len(load_questions()[path.stem])


def test_every_usual_mistake_hears_a_hint_of_its_own():
    for questions in load_questions().values():
        for one in questions:
            hints = [hint for _, hint in one.exercise.mistakes]
            assert hints, one.key
            assert one.exercise.hint not in hints
