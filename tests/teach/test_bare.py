"""No notebook needs more than the scientific libraries, so that it runs in a browser."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from nktrade._paths import NOTEBOOKS
from nktrade.teach.lessons import load_lessons
from nktrade.teach.session import Session
from nktrade.teach.versions import make_solution
from tests.conftest import ROOT

_, LESSONS = load_lessons()
#: Pages that answer soon without a warm solver; NKTRADE_PAGES=1 runs the whole collection.
PAGES = ["19_input_bottlenecks.ipynb"]
if os.environ.get("NKTRADE_PAGES"):
    PAGES = [path.name for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every lesson with its solutions and some pages, run with everything else refused."""
    folder = tmp_path_factory.mktemp("bare")
    for lesson in LESSONS:
        nbformat.write(make_solution(lesson.notebook), folder / f"{lesson.name}.ipynb")
    paths = [*sorted(folder.glob("*.ipynb")), *(NOTEBOOKS / name for name in PAGES)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bare", *map(str, paths)],
        **{"cwd": ROOT, "capture_output": True, "text": True, "check": False},
        env=os.environ | {"MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = map(json.loads, done.stdout.splitlines())
    return {line["notebook"]: line["outputs"] for line in lines}


def test_every_lesson_is_solved_by_the_scientific_libraries_alone(told):
    for lesson in LESSONS:
        outputs = told[lesson.name]
        assert [one["traceback"] for one in outputs if one["output_type"] == "error"] == []
        marks = [one for one in outputs if 'class="mark' in str(one.get("data"))]
        assert [mark["data"]["text/plain"] for mark in marks] == ["Right."] * len(lesson.exercises)


def test_pages_of_the_collection_run_so_too(told):
    for name in PAGES:
        outputs = told[name.removesuffix(".ipynb")]
        assert [one["traceback"] for one in outputs if one["output_type"] == "error"] == []
        assert any("data" in one for one in outputs)


def test_a_session_tells_what_a_kernel_would():
    session = Session()
    assert session.run("x = 1;") == []
    kinds = [one["output_type"] for one in session.run("print(x); display(x); x")]
    assert kinds == ["stream", "display_data", "execute_result"]
    (error,) = session.run("y = x\ny / 0")
    assert error["ename"] == "ZeroDivisionError"
    assert error["traceback"] == ["Cell 3, line 2: y / 0\nZeroDivisionError: division by zero"]
    (wrong,) = session.run("x = = 2")
    assert "SyntaxError" in wrong["traceback"][0]
    (known,) = session.run("import nktrade as nk\nnk.load(flow='imports')")
    assert "nk.load(flow='imports')" in known["traceback"][0]
    assert "Did you mean 'import'?" in known["traceback"][0]
    refused, again = session.run("rows = nk.load(partner='JPN')"), session.run("len(rows)")
    assert "These data cannot answer" in refused[0]["data"]["text/plain"]
    assert "Nor this" in again[0]["data"]["text/plain"]
    (exit_,) = session.run("raise SystemExit(1)")
    assert exit_["ename"] == "SystemExit"
