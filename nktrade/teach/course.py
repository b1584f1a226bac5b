"""What ``nktrade teach`` writes: notebooks for students and with solutions, slides, a guide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from nktrade._paths import NOTEBOOKS
from nktrade.errors import InputError, check_choice, count_of
from nktrade.files.writing import replace_bytes
from nktrade.teach.collection import add_cells
from nktrade.teach.lessons import Lesson, load_lessons
from nktrade.teach.slides import ASSETS, TEMPLATES, execute, render_template, write_slides
from nktrade.teach.versions import make_nbgrader, make_solution, make_student

#: Lists the files that a course wrote: only those are ever replaced or removed.
LIST = "course.json"


def write_course(
    out: Path,
    names: Sequence[str] = (),
    *,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write a course into a folder and return its files.

    student/      what a class gets: lessons and the collection's notebooks, solutions left open
    solution/     the same with solutions
    slides/       a lesson's slides, to open in a browser without a network
    nbgrader/     source/<notebook>/<notebook>.ipynb, one point a check
    guide.html    for whoever teaches: goals, time, order, common errors
    index.html    for the class

    Parameters
    ----------
    out : Path
        A new or empty folder, or one that an earlier call wrote.
    names : sequence of str
        Lessons to write, as ``"1_mirror"``; by default all.
    tell : callable
        Hears a line for each lesson that is run.

    Raises
    ------
    InputError
        If the folder holds somebody else's files or cannot be written, or a lesson is unknown;
        nothing is written.
    """
    earlier = read_list(out)
    title, lessons = choose_lessons(names)
    claim_folder(out, earlier)
    collection = sorted(p for p in NOTEBOOKS.glob("*.ipynb") if not p.name.startswith("_"))
    texts: dict[str, str] = {}
    for lesson in lessons:
        tell(f"{lesson.title}: {count_of(len(lesson.exercises), 'exercises')}")
        texts |= _write_lesson(lesson)
    for path in collection:
        notebook = add_cells(nbformat.read(path, as_version=4), path.stem)
        texts |= _write_versions(notebook, path.stem, "collection/")
    about = {"title": title, "lessons": lessons, "collection": [p.name for p in collection]}
    texts["index.html"] = render_template("class.html.j2", **about)
    texts["guide.html"] = render_template("guide.html.j2", **about)
    for name in ASSETS:
        asset = TEMPLATES / "vendor" / name
        texts[f"slides/reveal/{name}"] = asset.read_text(encoding="utf-8")
    return write_files(out, {name: text.encode() for name, text in texts.items()}, earlier)


def choose_lessons(names: Sequence[str]) -> tuple[str, list[Lesson]]:
    """Return the course's title and the lessons of these names, or all."""
    title, lessons = load_lessons()
    for name in names:
        check_choice("lesson", name, [lesson.name for lesson in lessons])
    return title, [lesson for lesson in lessons if lesson.name in names or not names]


def write_files(out: Path, files: Mapping[str, bytes], earlier: set[str]) -> list[Path]:
    """Write the files of a course and their list; take away what only an earlier one had."""
    for name, content in files.items():
        replace_bytes(out / name, content, parents=True)
    for gone in earlier - set(files):
        (out / gone).unlink(missing_ok=True)
    claim_folder(out, files)
    return [out / name for name in files]


def claim_folder(out: Path, names: Iterable[str]) -> None:
    """List a course's files in its folder; done first, it shows that the folder can be written."""
    text = json.dumps({"files": sorted(names)}, indent=1) + "\n"
    replace_bytes(out / LIST, text.encode(), parents=True)


def read_list(out: Path) -> set[str]:
    """Return what an earlier call wrote; refuse a folder of somebody else's."""
    if (out / LIST).is_file():
        return set(json.loads((out / LIST).read_text(encoding="utf-8"))["files"])
    if out.is_dir() and any(out.iterdir()):
        raise InputError(
            "the folder holds files that are no course",
            where=str(out),
            expected="a new or empty folder, or a course written before",
            hint="Choose another with --out.",
        )
    return set()


def _write_lesson(lesson: Lesson) -> dict[str, str]:
    told = f"../solution/{lesson.name}.ipynb"
    slides = write_slides(execute(lesson.notebook), lesson.title, told)
    return {
        **_write_versions(lesson.notebook, lesson.name),
        f"slides/{lesson.name}.html": slides,
    }


def _write_versions(notebook: Any, name: str, folder: str = "") -> dict[str, str]:
    marked = make_nbgrader(notebook, name)
    return {
        f"student/{folder}{name}.ipynb": nbformat.writes(make_student(notebook)),
        f"solution/{folder}{name}.ipynb": nbformat.writes(make_solution(notebook)),
        f"nbgrader/source/{name}/{name}.ipynb": nbformat.writes(marked),
    }
