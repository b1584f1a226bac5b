"""Whatever data a page meets, it answers or refuses in one line; only an author's slip fails.

Each day another quarter of the notebooks meets other shapes; all on all:
``NKTRADE_EVERY_SHAPE=1 pytest tests/notebooks/test_shapes.py``.
"""

import html
import os
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import nbformat
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.text import Text

from nktrade import store
from nktrade.errors import InputError, UnanswerableError
from nktrade.study import refusals
from tests.notebooks.shapes import SHAPES, choose_pairs, write_downloads
from tests.notebooks.style import NOTEBOOKS

PATHS = {path.stem: path for path in NOTEBOOKS}
#: What says to a reader that a page computed something that is not there.
NONSENSE = re.compile(
    r"(?<![\w-])(nan|NaN|inf|infinity|NaT|None|<NA>|-0(\.0+)?)(?![\w.,])"
    r"|(rose|fell|by) 0 %|[+-]0 %|object at 0x"
)
#: A remedy is something to do: an imperative, as a refusal's last sentence begins.
REMEDY = re.compile(r"(^|[.:] )(Ask|Choose|Convert|Import|Leave|Load|Name|Roll|Run|Select|Set) ")


@dataclass
class Run:
    """What became of a notebook: what failed, why cells refused, and the words that were shown."""

    wrong: list[str] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Make each store when it is first asked for."""
    return cache(lambda shape: SHAPES[shape][0](tmp_path_factory.mktemp("shape") / "made"))


def run_notebook(path, parameters, monkeypatch):
    """Run the cells in a shell of their own and read what they show; charts are laid out only.

    The shell is not a kernel's, but ends its cells and tells refusals as one does.
    """
    shell = InteractiveShell()
    shell.display_pub = CapturingDisplayPublisher()
    shown = []
    shell.display_trap.hook = shown.append
    listener = refusals._Listener(shell)
    monkeypatch.setattr(refusals._Listener, "current", listener)
    run = Run()
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, 1):
        if cell.cell_type != "code":
            continue
        source = cell.source
        if "parameters" in cell.metadata.get("tags", []):
            source += "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
        shown.clear()
        result = shell.run_cell(source)
        run.words += [word for one in shown for word in read_shown(one)]
        if not result.success:
            error = result.error_in_exec or result.error_before_exec
            run.wrong.append(f"cell {number}: {type(error).__name__}: {error}")
            break
    run.told = [output["data"]["text/plain"] for output in shell.display_pub.outputs]
    run.refused = list({id(reason): reason for reason in listener.missing.values()}.values())
    return run


def read_shown(shown):
    """Yield the pieces of text that a cell's result shows."""
    if shown is None:
        return
    if hasattr(shown, "figure"):
        shown.figure.draw_without_rendering()
        yield shown.alt
        yield from (text.get_text() for text in shown.figure.findobj(Text))
        return
    bundle = shown._repr_mimebundle_() if hasattr(shown, "_repr_mimebundle_") else None
    page = (bundle or {}).get("text/html") or getattr(shown, "_repr_html_", shown.__repr__)()
    page = re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)
    yield from (html.unescape(piece).strip() for piece in re.split(r"<[^>]+>", page))


def check_pair(name, shape, stores, monkeypatch):
    given = {"data": str(stores(shape))} | SHAPES[shape][1]
    run = run_notebook(PATHS[name], given, monkeypatch)
    assert run.wrong == [], f"{name} on {shape}"
    for text in run.told:
        assert "\n" not in text
        assert len(text) < 500, text
        if text.startswith("These data cannot answer"):
            assert REMEDY.search(text), f"{name} on {shape}: what is to be done? {text}"
    for reason in run.refused:
        assert reason.subject
        assert reason.hint, str(reason)
    said = [word for word in [*run.words, *run.told] if NONSENSE.search(word)]
    assert said == [], f"{name} on {shape}"


#: Minutes of simulation that no data change; they are in the whole matrix.
SLOW = {"18_outlook", "23_closure_cost", "24_measures_of_2017"}
TODAY = list(choose_pairs(sorted(set(PATHS) - SLOW), date.today().toordinal()))


@pytest.mark.parametrize(("name", "shape"), TODAY)
def test_a_page_answers_or_refuses(name, shape, stores, monkeypatch):
    check_pair(name, shape, stores, monkeypatch)


def test_what_all_partners_declare_is_told_on_a_store_of_many(stores, monkeypatch):
    shape = "many declarers"
    given = {"data": str(stores(shape)), "flow": "export"}
    run = run_notebook(PATHS["25_all_partners"], given, monkeypatch)
    assert (run.wrong, run.refused) == ([], [])


@pytest.mark.slow
@pytest.mark.skipif("NKTRADE_EVERY_SHAPE" not in os.environ, reason="half an hour")
@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("name", list(PATHS))
def test_every_page_on_every_shape(name, shape, stores, monkeypatch):
    check_pair(name, shape, stores, monkeypatch)


@pytest.mark.parametrize("month", ["2023W05", "2023-05-08", "202313", "20230508", "2023Q5"])
def test_weeks_days_and_thirteenth_months_are_refused_whole(month, tmp_path):
    write_downloads(tmp_path / "files", [month])
    with pytest.raises(InputError) as refused:
        store.import_files(
            tmp_path / "store",
            "gacc",
            [tmp_path / "files"],
            flow={"export": "*out.csv", "import": "*in.csv"},
        )
    assert month in str(refused.value)
    with pytest.raises((InputError, UnanswerableError)):
        store.load(tmp_path / "store")
