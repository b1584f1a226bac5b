"""Who waits for whom, and what is said where nobody waited."""

import base64
import hashlib
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from nktrade.errors import InputError
from nktrade.render.batch import render_site
from nktrade.render.catalogue import Notebook, read_catalogue
from nktrade.render.order import find_races, list_waves
from nktrade.render.plan import Run, plan_runs
from nktrade.render.preload import can_fork
from nktrade.render.run import Outcome, Settings


def make_run(home, name, after=()):
    notebook = Notebook(Path(home) / f"{name}.ipynb", name, "", [])
    return Run(notebook, {}, "All", "", name, Path(home), tuple(after))


def test_each_waits_for_those_before_it_and_a_circle_is_refused(tmp_path):
    runs = [make_run(tmp_path, "c", ["b"]), make_run(tmp_path, "b", ["a"]), make_run(tmp_path, "a")]
    assert list_waves(runs) == [[2], [1], [0]]
    with pytest.raises(InputError, match="in a circle; got a and b"):
        list_waves([make_run(tmp_path, "a", ["b"]), make_run(tmp_path, "b", ["a"])])


@pytest.mark.parametrize("after", [(), ("make",)])
def test_an_old_number_is_a_race_unless_the_order_was_said(tmp_path, after):
    made = tmp_path / "made.csv"
    made.write_text("new")
    old = hashlib.sha256(b"old").hexdigest()
    reader = Outcome(make_run(tmp_path, "use", after), "ok", reads={"made.csv": old})
    writer = Outcome(make_run(tmp_path, "make"), "ok", writes=[str(made)])
    races, proposals = find_races({0: reader, 1: writer})
    assert [*races] == ([] if after else [0])
    assert proposals == []


@pytest.mark.parametrize(("after", "told"), [((), 1), (("one",), 0)])
def test_two_that_write_one_file_are_told_unless_the_order_was_said(tmp_path, after, told):
    runs = [make_run(tmp_path, "one"), make_run(tmp_path, "two", after)]
    ended = {n: Outcome(run, "ok", writes=[str(tmp_path / "x")]) for n, run in enumerate(runs)}
    races, proposals = find_races(ended)
    assert (races, len(proposals)) == ({}, told)
    assert all("one and two write x" in line for line in proposals)


@pytest.mark.parametrize(
    ("name", "told"), [("x", 1), ("../x", 1), ("results/", 0), (".cache/fonts.json", 0)]
)
def test_a_folder_that_two_make_and_a_hidden_file_are_nobodys_rivalry(tmp_path, name, told):
    path = tmp_path / "work" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir() if name.endswith("/") else path.write_text("x")
    runs = [make_run(tmp_path / "work", "one"), make_run(tmp_path / "work", "two")]
    ended = {n: Outcome(run, "ok", writes=[str(path.resolve())]) for n, run in enumerate(runs)}
    assert len(find_races(ended)[1]) == told


@pytest.mark.parametrize("folder", ["parts", "", ".cache", "../elsewhere"])
@pytest.mark.parametrize("after", [(), ("make",)])
def test_a_folder_into_which_another_wrote_later_is_told(tmp_path, folder, after):
    home = tmp_path / "home"
    home.mkdir()
    (home / folder).mkdir(exist_ok=True)
    made = (home / folder).resolve() / "made.csv"
    made.write_text("new")
    reads = {f"{folder or '.'}/": hashlib.sha256(b"").hexdigest()}
    ended = {
        0: Outcome(make_run(home, "use", after), "ok", reads=reads),
        1: Outcome(make_run(home, "make"), "ok", writes=[str(made)]),
        2: Outcome(make_run(home, "use", after), "ok", writes=[str(made)]),
    }
    races, proposals = find_races(ended)
    # Elsewhere than in a folder of data it need not be what it looked for.
    assert [*races] == ([0] if folder == "parts" and not after else [])
    told = any("use looks into a folder" in line for line in proposals)
    assert told == (folder != "parts" and not after)


SHARING = {
    "among its words": ("", "![the number](note.svg)"),
    "in an output": ("from IPython.display import HTML\nHTML('<img src=note.svg>')", ""),
    "by reading it": ("print(open('note.svg').read())", ""),
}


@pytest.mark.skipif(not can_fork(), reason="kernels are not forked on this system")
@pytest.mark.parametrize("way", SHARING)
def test_runs_that_write_and_show_one_file_never_show_each_others(tmp_path, way):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    home.mkdir()
    code, words = SHARING[way]

    def render(jobs, said="", sweep="n=1,2,3"):
        sources = [
            "n = 0",
            "import time\nopen('note.svg', 'w').write(f'<svg>number {n}</svg>')\ntime.sleep(0.5)",
            code or "1",
        ]
        cells = [nbformat.v4.new_code_cell(text, id=f"c{k}") for k, text in enumerate(sources)]
        cells[0].metadata["tags"] = ["parameters"]
        cells.append(nbformat.v4.new_markdown_cell(f"{said} {words}", id="words"))
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, home / "one.ipynb")
        runs = plan_runs(read_catalogue(home), ["one"], [], [sweep])
        outcomes = render_site(runs, Settings(site), jobs=jobs, keep_others=True)
        shown = {o.run.parameters["n"]: read_shown(site / o.run.page) for o in outcomes}
        return shown, {o.status for o in outcomes}

    def read_shown(page):
        text = page.read_text(encoding="utf-8")
        for part in re.findall(r'data:image/svg\+xml;base64,([^"]+)', text):
            text += base64.b64decode(part).decode()
        return {int(number) for number in re.findall(r"number (\d)", text)}

    right = {1: {1}, 2: {2}, 3: {3}}
    assert render(1) == (right, {"ok"})
    assert render(1) == (right, {"cached"})
    shown, statuses = render(1, "Other words.")
    assert (shown, "failed" in statuses) == (right, False)
    shown, statuses = render(1, "Other words.", "n=1")
    assert (shown, "failed" in statuses) == (right, False)
    shutil.rmtree(site)
    assert render(3)[1] == {"failed"}  # at the same time it cannot be known whose each saw


def test_who_wrote_what_another_reads_runs_again_where_it_is_gone(tmp_path):
    home = tmp_path / "notebooks"
    home.mkdir()
    sources = {
        "make": "open('made.csv', 'w').write('1'); open('passing.csv', 'w').write('1')",
        "use": "print(open('made.csv').read())",
    }
    for name, source in sources.items():
        cell = nbformat.v4.new_code_cell(source)
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, home / f"{name}.ipynb")
    site = "parts: [{notebooks: [{notebook: use, after: make}, {notebook: make}]}]"
    (home / "site.yml").write_text(site)

    def render():
        runs = plan_runs(read_catalogue(home))
        outcomes = render_site(runs, Settings(tmp_path / "site"), jobs=1)
        return {outcome.run.notebook.name: outcome.status for outcome in outcomes}

    assert render() == {"use": "ok", "make": "ok"}
    (home / "passing.csv").unlink()
    assert render() == {"use": "cached", "make": "cached"}
    (home / "made.csv").unlink()
    assert render()["make"] == "ok"
    home = home.rename(tmp_path / "moved")
    assert render() == {"use": "cached", "make": "cached"}
    (home / "made.csv").unlink()
    assert render()["make"] == "ok"
    assert render() == {"use": "cached", "make": "cached"}
