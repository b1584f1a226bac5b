"""Whatever data a page meets, it answers or refuses in one line; only an author's slip fails.

Each day another quarter of the notebooks meets other shapes; all on all:
``NKTRADE_EVERY_SHAPE=1 pytest tests/notebooks/test_shapes.py``.
"""

import os
from datetime import date
from functools import cache

import nbformat
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from nktrade import refusals
from tests.notebooks.shapes import SHAPES, choose_pairs
from tests.notebooks.style import NOTEBOOKS

PATHS = {path.stem: path for path in NOTEBOOKS}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Make each store when it is first asked for."""
    return cache(lambda shape: SHAPES[shape][0](tmp_path_factory.mktemp("shape") / "made"))


def run_notebook(path, parameters, monkeypatch):
    """Run the cells in a shell of their own, without drawing; return what went wrong and was told.

    The shell is not a kernel's, but ends its cells and tells refusals as one does.
    """
    shell = InteractiveShell()
    shell.ast_node_interactivity = "none"
    shell.display_pub = CapturingDisplayPublisher()
    monkeypatch.setattr(refusals._Listener, "current", refusals._Listener(shell))
    wrong = []
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, 1):
        if cell.cell_type != "code":
            continue
        source = cell.source
        if "parameters" in cell.metadata.get("tags", []):
            source += "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
        result = shell.run_cell(source)
        if not result.success:
            error = result.error_in_exec or result.error_before_exec
            wrong.append(f"cell {number}: {type(error).__name__}: {error}")
            break
    told = [output["data"]["text/plain"] for output in shell.display_pub.outputs]
    return wrong, [text for text in told if text.startswith("These data cannot answer")]


def check_pair(name, shape, stores, monkeypatch):
    given = {"data": str(stores(shape))} | SHAPES[shape][1]
    wrong, refused = run_notebook(PATHS[name], given, monkeypatch)
    assert wrong == [], f"{name} on {shape}"
    for text in refused:
        assert "\n" not in text
        assert len(text) < 500, text


#: Minutes of simulation that no data change; they are in the whole matrix.
SLOW = {"18_outlook", "23_closure_cost", "24_measures_of_2017"}
TODAY = list(choose_pairs(sorted(set(PATHS) - SLOW), date.today().toordinal()))


@pytest.mark.parametrize(("name", "shape"), TODAY)
def test_a_page_answers_or_refuses(name, shape, stores, monkeypatch):
    check_pair(name, shape, stores, monkeypatch)


def test_what_all_partners_declare_is_told_on_a_store_of_many(stores, monkeypatch):
    shape = "many declarers"
    wrong, refused = run_notebook(
        PATHS["25_all_partners"], {"data": str(stores(shape)), "flow": "export"}, monkeypatch
    )
    assert (wrong, refused) == ([], [])


@pytest.mark.slow
@pytest.mark.skipif("NKTRADE_EVERY_SHAPE" not in os.environ, reason="half an hour")
@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("name", list(PATHS))
def test_every_page_on_every_shape(name, shape, stores, monkeypatch):
    check_pair(name, shape, stores, monkeypatch)
