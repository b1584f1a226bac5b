"""Who waits for whom, and what is said where nobody waited."""

import hashlib
from pathlib import Path

import pytest

from nktrade.errors import InputError
from nktrade.render.catalogue import Notebook
from nktrade.render.order import find_races, list_waves
from nktrade.render.plan import Run
from nktrade.render.run import Outcome


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
