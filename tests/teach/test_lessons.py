"""Lessons: every solution passes its check, every version runs, every wrong answer hears a hint."""

import json
from html import unescape

import nbformat
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nktrade.cli import main
from nktrade.teach import check, plant
from nktrade.teach.collection import load_questions
from nktrade.teach.course import write_course
from nktrade.teach.lessons import load_lessons
from nktrade.teach.marking import load_exercises
from nktrade.teach.planted import _SETS
from nktrade.teach.slides import render_cell, split_slides, write_slides
from nktrade.teach.versions import find_checks, make_nbgrader, make_solution, make_student
from tests.site.test_cleaning import ATTACKS, find_active

TITLE, LESSONS = load_lessons()
IDS = [lesson.name for lesson in LESSONS]
WRITTEN = ["4_audit", "7_breaks"]


def run(notebook):
    """Run a notebook's cells here, and return the answer that each check was given."""
    import matplotlib as mpl

    mpl.use("agg")
    space, answers = {}, {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, "<cell>", "exec"), space)
            for key in find_checks(nbformat.from_dict({"cells": [cell]})):
                answers[key] = eval(cell.source, space)
    return answers


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_solutions_pass_and_students_notebooks_run_unanswered(lesson):
    solved = run(make_solution(lesson.notebook))
    assert list(solved) == list(lesson.exercises)
    assert {key: mark.text for key, mark in solved.items() if not mark} == {}
    student = make_student(lesson.notebook)
    assert "SOLUTION" not in nbformat.writes(student)
    assert {mark.text for mark in run(student).values()} == {"Nothing is answered yet."}


def test_every_exercise_is_asked_in_a_lesson_and_every_lesson_asks():
    asked = [key for lesson in LESSONS for key in lesson.exercises]
    collection = {one.key for questions in load_questions().values() for one in questions}
    assert sorted(asked) == sorted(set(load_exercises()) - collection)
    assert len(asked) == len(set(asked))
    assert all(len(lesson.exercises) >= 2 for lesson in LESSONS)


@pytest.mark.parametrize("key", load_exercises())
def test_known_mistakes_hear_their_own_hint_and_seeded_ones_any(key):
    exercise = load_exercises()[key]()
    assert check(key, exercise.right).text == "Right."
    for wrong, hint in exercise.mistakes:
        assert check(key, wrong).text == f"Not yet. {hint}"
    random = np.random.RandomState(3)
    if not isinstance(exercise.right, str | frozenset | set | bool):
        for factor in 1 + random.uniform(0.2, 4, 20):
            mark = check(key, float(exercise.right or 1) * factor)
            assert not mark
            assert mark.text.startswith("Not yet. ")
    for strange in ("no idea", [], {}, pd.DataFrame(), object(), float("nan"), None):
        assert not check(key, strange)


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("mirror.october", [2880000, 2880000.0, "2,880,000", np.float64(2.88e6), [2880000]]),
        ("mirror.october", [pd.Series([2880000.0]), pd.DataFrame({"value": [2880000.0]})]),
        ("mirror.liaoning", ["75 %", 75, pd.Series({"21": 75.0}), 75.2]),
        ("codes.damaged", [["3031400", "7123300"], pd.Index(["7123300", "3031400"])]),
        ("codes.damaged", ["7123300, 3031400", pd.DataFrame({"code": ["3031400", "7123300"]})]),
        ("codes.bricks", ["6902", " 6902 ", 6902, pd.Series(["6902"])]),
        ("print.share", [True, np.True_, "True", "yes"]),
        ("print.row", ["Jilin", "jilin", pd.Index(["Jilin"])]),
        ("mirror.october", ["2.88 million", "$2,880,000", "2 880 000", "2.88m", "USD 2.88 mn"]),
        ("print.meant", ["31.6 million", "31.6"]),
        ("growth.fall", [-79, "−78.6 %", "-79 percent"]),
        ("codes.bricks", ["HS 6902", "HS6902", "69.02", 6902.0, "hs 6902."]),
        ("codes.phones", [{"8517.13", "8517.14"}, "8517.13, 8517.14"]),
        ("known.claim", ["not decided.", "Not Decided"]),
        ("spikes.where", [("8502", "2019-05"), "8502, 2019-05", "2019-05 8502"]),
        ("factory.bottleneck", ["the coke", ["Coke"]]),
        ("print.share", [1, "y", "Yes, it can."]),
    ],
)
def test_every_right_way_is_right(key, ways):
    assert [str(check(key, way)) for way in ways] == ["Right."] * len(ways)


@pytest.mark.parametrize(
    ("key", "wrong", "hint"),
    [
        ("mirror.october", [2880, 2.88, "2,880"], "The digits are right: mind the unit."),
        ("mirror.october", [[1.0, 2.0], pd.Series([1.0, 2.0])], "That is several values"),
        ("growth.recovery", [-57, "-57 %"], "The size is right: mind the sign."),
        ("codes.damaged", [["3031400"]], "Right as far as it goes: something is missing."),
        ("codes.phones", [{"851713", "851714", "851711"}], "All that is right is there"),
        ("growth.fall", [-77, -80], "New over old"),
        ("growth.fall", [79, "79 %"], "The size is right: a fall is negative."),
        ("mirror.october", [True, "many"], "North Korea's imports"),
    ],
)
def test_slips_of_any_exercise_hear_what_they_are(key, wrong, hint):
    for answer in wrong:
        assert str(check(key, answer)).startswith(f"Not yet. {hint}")


def test_planted_data_are_new_each_time_and_alike():
    for name in _SETS:
        one = plant(name)
        pd.testing.assert_frame_equal(one, plant(name))
        one["mine"] = 1
        assert "mine" not in plant(name)


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_a_lesson_is_about_fifteen_slides(lesson):
    slides = split_slides(lesson.notebook)
    assert 13 <= len(slides) <= 17
    assert all(len("".join(c.source for c in s if c.cell_type == "markdown")) < 700 for s in slides)


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_cells_for_marking_carry_what_nbgrader_asks(lesson):
    made = make_nbgrader(lesson.notebook, lesson.name)
    said = [c.metadata["nbgrader"] for c in made.cells if "nbgrader" in c.metadata]
    graded = [one for one in said if one["grade"]]
    assert len(graded) == len(lesson.exercises)
    assert len({one["grade_id"] for one in said}) == len(said)
    assert all(one["schema_version"] == 3 and one["locked"] for one in graded)
    with pytest.raises(AssertionError):
        exec("assert teach.check('mirror.october', 1)", {"teach": __import__("nktrade").teach})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    out = tmp_path_factory.mktemp("course") / "course"
    result = CliRunner().invoke(main, ["teach", *WRITTEN, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def test_a_course_is_whole_and_needs_no_network(course):
    names = json.loads((course / "course.json").read_text())["files"]
    assert all((course / name).stat().st_size for name in names)
    written = [lesson for lesson in LESSONS if lesson.name in WRITTEN]
    for lesson in written:
        page = (course / "slides" / f"{lesson.name}.html").read_text()
        assert page.count("<section>") == len(split_slides(lesson.notebook))
        assert "https://" not in page.replace("https://revealjs.com", "")
        assert "Right." in page
        assert "No description" not in page
    guide = unescape((course / "guide.html").read_text())
    assert all(error in guide for lesson in written for error in lesson.errors)
    student = "".join(path.read_text() for path in (course / "student").rglob("*.ipynb"))
    assert "SOLUTION" not in student
    assert "**Solution" not in student


def test_a_course_that_was_interrupted_is_written_again(tmp_path, monkeypatch):
    from nktrade.teach import course

    def stop(*given, **about):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "render_template", stop)
    monkeypatch.setattr(course, "_write_lesson", lambda lesson: {"student/x.ipynb": "{}"})
    monkeypatch.setattr(course, "_write_versions", lambda *given: {})
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            write_course(tmp_path / "out", ["4_audit"])
    assert course.read_list(tmp_path / "out") == set()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, course):
    (tmp_path / "thesis.txt").write_text("mine")
    result = CliRunner().invoke(main, ["teach", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "no course" in result.output
    unknown = CliRunner().invoke(main, ["teach", "4_audits", "--out", str(tmp_path / "new")])
    assert unknown.exit_code == 2
    assert "Did you mean '4_audit'?" in unknown.output
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    (course / "notes.txt").write_text("mine")  # one's own file in a course stays, too
    write_course(course, ["4_audit"])
    assert not (course / "slides" / "7_breaks.html").exists()
    assert (course / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_a_lesson_runs_in_its_slides(attack):
    styled = pd.DataFrame({"x": [attack]}).style.format(escape=None).set_caption(attack)
    data = [{"text/html": f"<div>{attack}</div>"}, {"text/html": styled.to_html()}]
    data += [{kind: attack} for kind in ("text/markdown", "text/plain", "image/svg+xml")]
    outputs = [new_output("display_data", data=one) for one in data]
    outputs.append(new_output("error", ename=attack, evalue=attack, traceback=[attack]))
    words = new_markdown_cell(
        f"# Of {attack}\n\ntext {attack}\n\n{attack}\n\n[x](javascript:ran())"
    )
    lesson = new_notebook(cells=[words, new_code_cell(attack, outputs=outputs)])
    page = write_slides(lesson, attack)
    assert find_active(page[page.index("<main") : page.index("</main>")]) == []


def test_slides_show_formulas_and_styled_tables_without_a_script():
    styled = pd.DataFrame({"x": [1.5]}).style.set_caption("of one")
    output = new_output("display_data", data={"text/html": styled.to_html()})
    cells = [new_markdown_cell("# One\n\n$a^2$"), new_code_cell("x", outputs=[output])]
    page = write_slides(new_notebook(cells=cells), "One")
    assert "<msup>" in page
    assert "<caption>of one</caption>" in page
    assert page.count("<script") == 2


def test_slides_of_cells_without_a_name_are_made_without_another_programs_warning(recwarn):
    cell = new_markdown_cell("# One\n\ntext")
    del cell["id"]
    assert "text" in render_cell(cell, "One")["html"]
    assert [str(one.message) for one in recwarn if "id" in str(one.message)] == []
