"""What a run's key holds, part by part, without running anything."""

from dataclasses import replace

import nbformat
import pytest

from nktrade.render import ledger as ledger_module
from nktrade.render.catalogue import Declared, read_catalogue
from nktrade.render.fingerprints import hash_machine
from nktrade.render.folder import prepare_folder
from nktrade.render.ledger import Ledger
from nktrade.render.modules import MISSING
from nktrade.render.plan import plan_runs
from nktrade.render.run import Outcome, Settings


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    prepare_folder(tmp_path / "site")
    return folder


def keys(home, tag="", label="", code="1 / 0", words="Why?", kernel="python3", **changed):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(f"# Zero\n\n{words}", id="title"),
        nbformat.v4.new_code_cell("level: int = 1", id="typed", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(code, id="code", metadata={"tags": [tag] if tag else []}),
    ]
    notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
    nbformat.write(notebook, home / "zero.ipynb")
    (run,) = plan_runs(read_catalogue(home), [], [])
    settings = {name: changed.pop(name) for name in ("hide_code", "title") if name in changed}
    ledger = Ledger(Settings(home.parent / "site", **settings))
    return ledger.keys(replace(run, label=label, **changed))


@pytest.mark.parametrize("tag", ["raises-exception", "skip-execution"])
def test_a_tag_that_changes_the_execution_changes_the_key(home, tag):
    assert keys(home).code != keys(home, tag).code


def test_a_tag_that_only_changes_the_look_needs_a_new_page_only(home):
    plain, hidden = keys(home), keys(home, "remove-input")
    assert plain.code == hidden.code
    assert plain.page != hidden.page


def test_a_label_stands_on_the_page_and_decides_no_result(home):
    plain, named = keys(home), keys(home, label="bricks")
    assert plain.code == named.code
    assert plain.page != named.page


def test_words_need_a_new_page_and_code_a_new_run(home):
    plain = keys(home)
    assert keys(home, words="Why not?").code == plain.code
    assert keys(home, words="Why not?").page != plain.page
    assert keys(home, code="1 / 1").code != plain.code
    assert keys(home) == plain


def test_whatever_decides_the_outputs_changes_the_key(home, monkeypatch):
    plain = keys(home)
    declared = Declared(env=("NKTRADE_TEST_LEVEL",))
    known = keys(home, declared=declared)
    monkeypatch.setenv("NKTRADE_TEST_LEVEL", "3")
    ways = {
        "parameters": keys(home, parameters={"level": 2}),
        "kernel": keys(home, kernel="other"),
        "what is declared": known,
        "that it runs each time": keys(home, declared=Declared(always=True)),
        "a variable that is declared": keys(home, declared=declared),
    }
    monkeypatch.setattr(ledger_module, "hash_machine", lambda: "another machine")
    ways["the machine"] = keys(home)
    codes = [plain.code, *(way.code for way in ways.values())]
    assert len(set(codes)) == len(codes), ways


def test_a_module_beside_that_hides_one_of_pythons_changes_the_key(home):
    plain = keys(home)
    (home / "of_my_own.py").write_text("", encoding="utf-8")
    assert keys(home) == plain
    (home / "statistics.py").write_text("", encoding="utf-8")
    assert keys(home).code != plain.code


@pytest.mark.parametrize("changed", [{"hide_code": True}, {"title": "Another"}, {"way": "another"}])
def test_what_only_the_page_shows_changes_the_page_alone(home, changed):
    plain, other = keys(home), keys(home, **changed)
    assert plain.code == other.code
    assert plain.page != other.page


def test_a_file_that_was_looked_for_and_is_there_now_repeats_the_run(home):
    keys(home)
    (run,) = plan_runs(read_catalogue(home), [], [])
    ledger = Ledger(Settings(home.parent / "site"))
    now, sought = ledger.keys(run), str(home / "rates.csv")
    for path in (run.page, run.notebook_out):
        (ledger.out / path).parent.mkdir(parents=True, exist_ok=True)
        (ledger.out / path).write_text("made", encoding="utf-8")
    outcome = Outcome(run, "ok", reads={MISSING + sought: ""})
    ledger.record(run, now, outcome)
    assert ledger.judge(run, now) == "holds"
    (home / "rates.csv").write_text("1\n", encoding="utf-8")
    assert ledger.judge(run, now) == "changed"


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("MPLCONFIGDIR", "matplotlibrc"),
        ("IPYTHONDIR", "profile_default/startup/00.py"),
    ],
)
def test_settings_of_the_user_belong_to_the_machine(tmp_path, monkeypatch, variable, name):
    monkeypatch.setenv(variable, str(tmp_path))
    before, file = hash_machine(), tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("font.size: 7\n")
    assert hash_machine() != before
