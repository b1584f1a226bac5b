"""Refusals become lines of the page, slips fail the run: in a bare shell and in every runner."""

import subprocess
import sys

import nbformat
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from nktrade.errors import GapError, InputError, MixtureError, UnanswerableError
from nktrade.study import refusals
from nktrade.study.refusals import find_made
from tests.rendered import read_runs, run_nktrade

#: A page whose second cell refuses; the third needs what the second would have made.
PAGE = [
    "import nktrade as nk\nkorea = nk.Study('PRK', '2020', '2020')",
    "kept = 1\nhorses = korea.select(flow='export', hs='0101')\nlate = 2",
    "share = horses['value'].sum()",
    "print('still', kept, 'here', share)",
    "print('the end', kept)",
]


@pytest.fixture
def shell(monkeypatch):
    """A shell of its own that listens, as a kernel's does."""
    one = InteractiveShell()
    one.display_pub = CapturingDisplayPublisher()
    monkeypatch.setattr(refusals._Listener, "current", refusals._Listener(one))
    one.user_ns.update(
        Unanswerable=UnanswerableError, Gap=GapError, Mixture=MixtureError, Slip=InputError
    )
    return one


def run(shell, source):
    """Run a cell; return whether it succeeded and what it showed."""
    shell.display_pub.outputs.clear()
    result = shell.run_cell(source)
    return result.success, [output["data"]["text/plain"] for output in shell.display_pub.outputs]


@pytest.mark.parametrize("kind", ["Unanswerable", "Gap", "Mixture"])
def test_what_the_data_cannot_answer_is_one_line(shell, kind):
    done, told = run(shell, f"x = 1\nraise {kind}('there are no provinces', hint='Import them.')")
    assert done
    assert told == ["These data cannot answer: there are no provinces. Import them."]


@pytest.mark.parametrize("source", ["raise Slip('unknown flow')", "1 / 0", "nothing", "None.x"])
def test_slips_fail(shell, source):
    assert run(shell, source)[0] is False


def test_later_cells_say_it_again_shorter_and_others_go_on(shell):
    run(
        shell,
        "before = 1\ntable = (lambda: (_ for _ in ()).throw(Gap('no May', hint='Get it.')))()",
    )
    assert run(shell, "twice = table * 2") == (True, ["Nor this: no May."])
    assert run(shell, "twice + 1") == (True, ["Nor this: no May."])
    assert run(shell, "before + 1") == (True, [])


def test_a_refused_cell_forgets_what_an_earlier_run_made(shell):
    run(shell, "first, table, last = 'old', 'old', 'old'")
    run(shell, "first = 'new'\ntable = [0, 1]\nraise Gap('no May')\nlast = 'new'")
    assert shell.user_ns["first"] == "new"
    assert "last" not in shell.user_ns
    run(shell, "table = 'new'\nfor row in [1]:\n    table = row\n    raise Gap('no May')")
    assert "table" not in shell.user_ns


def test_a_name_made_after_all_is_no_longer_missing(shell):
    run(shell, "raise Gap('no May')\ntable = 1")
    assert run(shell, "table = 2")[0]
    assert run(shell, "del table\ntable")[0] is False


def test_only_the_notebooks_own_missing_name_is_a_refusal(shell):
    run(shell, "raise Gap('no May')\nundefined_name = 1")
    library = compile("def broken(): return undefined_name", "library.py", "exec")
    elsewhere = {}
    exec(library, elsewhere)
    shell.user_ns["broken"] = elsewhere["broken"]
    assert run(shell, "broken()")[0] is False
    assert run(shell, "def mine(): return undefined_name\nmine()")[0]


def test_listening_twice_is_listening_once(shell, monkeypatch):
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    heard = refusals._Listener.current
    refusals.listen()
    refusals.listen()
    assert refusals._Listener.current is heard


def test_names_made_by_a_cell():
    source = "%time a = 1\n"
    assert find_made(InteractiveShell().transform_cell(source)) == []
    assert find_made("def f(): z = 1\nwith g() as h: pass\nif (k := 2): m = [n for n in k]") == [
        *("f", "h", "k", "m")
    ]
    assert find_made("a = {x: [y for y in x] for x in {z for z in b}}") == ["a"]


def test_what_a_cell_only_changes_is_half_made_when_it_refuses():
    assert find_made("a.b['x'].c = 1\nd[0], e = f()\ng['x'] += 1\ndel h['y']") == [
        *("e", "a", "d", "g", "h")
    ]
    assert find_made("rows.insert(0, x)\nkorea.hold('2020')\nz = rows.pop()") == ["z", "rows"]


def write_page(folder, cells):
    node = nbformat.v4.new_notebook()
    node.cells = [nbformat.v4.new_markdown_cell("# Horses\n\nWere horses exported?")]
    node.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(node, folder / "horses.ipynb")
    return folder / "horses.ipynb"


def read_texts(path):
    node = nbformat.read(path, as_version=4)
    outputs = [output for cell in node.cells for output in cell.get("outputs", [])]
    return [
        "".join(output.get("text", "") or output.data["text/plain"]).strip()
        for output in outputs
        if output.output_type != "error"
    ]


TOLD = "These data cannot answer: the data hold no exports of live horses and donkeys (HS 0101). "
TOLD += "Import downloads of them, or choose others: nktrade data import."
AGAIN = "Nor this: the data hold no exports of live horses and donkeys (HS 0101)."


@pytest.mark.parametrize("runner", ["papermill", "nbconvert", "nktrade render"])
def test_every_runner_shows_the_same_page(tmp_path, runner):
    path, out = write_page(tmp_path, PAGE), tmp_path / "out.ipynb"
    call = [sys.executable, "-m"]
    if runner == "papermill":
        call += ["papermill", str(path), str(out), "--no-progress-bar"]
    elif runner == "nbconvert":
        call += ["nbconvert", "--to", "notebook", "--execute", str(path), "--output", str(out)]
    else:
        done = run_nktrade("render", path, "--out", tmp_path / "site")
        out = tmp_path / "site" / read_runs(tmp_path / "site")[0]["notebook_out"]
    if runner in ("papermill", "nbconvert"):
        done = subprocess.run(call, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert read_texts(out) == [TOLD, AGAIN, AGAIN, "the end 1"]


@pytest.mark.parametrize(
    "slip", ["korea.select(flow='exports')", "korea.select(hs='9')", "1 / 0", "koera"]
)
def test_a_slip_fails_the_run(tmp_path, slip):
    done = run_nktrade("render", write_page(tmp_path, [*PAGE, slip]), "--out", tmp_path / "site")
    assert done.returncode == 1
    assert read_runs(tmp_path / "site")[0]["status"] == "failed"
