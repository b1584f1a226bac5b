"""Only what changed: every part of what decides a run is changed in turn, and nothing else runs."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pyarrow
import pytest

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.render import fingerprints, modules, reads, unseen
from nktrade.render.batch import render_site
from nktrade.render.catalogue import read_catalogue
from nktrade.render.fingerprints import Hashes
from nktrade.render.folder import prepare_folder
from nktrade.render.furnishing import Furnishing
from nktrade.render.leading import lay_ways
from nktrade.render.ledger import CHANGED, HOLDS, KEPT, PAGE_CHANGED, Ledger, lock_site
from nktrade.render.plan import plan_runs
from nktrade.render.run import Settings
from tests.conftest import ROOT
from tests.rendered import as_from_a_terminal, read_runs, run_nktrade

#: Writes a line whenever it runs, and reads one file named in its code, one whose name is put
#: together, one named by a parameter and a module beside it.
CELLS = {
    "parameters": 'level: int = 1  # a number\ndata: str = "default"  # a file',
    "": """\
from pathlib import Path
import beside
with open("ran.log", "a") as log:  # what it writes itself is not what it reads
    log.write(f"{level}\\n")
literal = Path("literal.csv").name
computed = open("".join(["comp", "uted.csv"])).read()
print(level, computed, beside.WORD)""",
    "cover": "1 + 1",
}


def write_notebook(folder, cells=CELLS, words="What is the level?", extra=()):
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"# Level\n\n{words}", id="title"))
    for number, (tag, source) in enumerate([*cells.items(), *extra]):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        cell.metadata["tags"] = [tag] if tag else []
        notebook.cells.append(cell)
    nbformat.write(notebook, folder / "level.ipynb")


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "notebooks"
    home.mkdir()
    write_notebook(home)
    for name in ("literal.csv", "computed.csv", "named.csv"):
        (home / name).write_text("1")
    (home / "beside.py").write_text("WORD = 'one'")
    return home


def plan(folder, *settings):
    return plan_runs(read_catalogue(folder), [], [*settings, f"data={folder}/named.csv"])


def render(folder, *settings, **options):
    runs = plan(folder, *settings)
    return render_site(runs, Settings(folder.parent / "site"), jobs=1, **options)


def ran(folder):
    log = folder / "ran.log"
    return log.read_text().splitlines() if log.exists() else []


def judge(folder, *settings):
    """Say what the ledger would do with the runs of a plan."""
    options = Settings(folder.parent / "site")
    ledger = Ledger(options)
    runs = lay_ways(plan(folder, *settings), options)
    return [ledger.judge(run, ledger.keys(run)) for run in runs]


def test_a_run_is_repeated_for_every_part_of_what_decides_it(folder, tmp_path):
    assert [outcome.status for outcome in render(folder)] == ["ok"]
    assert judge(folder) == [HOLDS]
    entry = json.loads((tmp_path / "site/.nktrade/ledger.jsonl").read_text())
    assert {Path(path).name for path, sha256 in entry["reads"].items() if sha256} - {"RECORD"} == {
        "literal.csv",
        "computed.csv",
        "named.csv",
        "beside.py",
    }

    assert judge(folder, "level=2") == [CHANGED]  # a parameter
    for name in ("literal.csv", "computed.csv", "named.csv", "beside.py"):
        file = folder / name
        before = file.read_text()
        file.write_text(f"{before} ")
        assert judge(folder) == [CHANGED], name
        file.write_text(before)
        assert judge(folder) == [HOLDS], name
    (folder / "computed.csv").rename(folder / "gone.csv")
    assert judge(folder) == [CHANGED]
    (folder / "gone.csv").rename(folder / "computed.csv")

    write_notebook(folder, CELLS | {"": CELLS[""] + "\n"})  # code
    assert judge(folder) == [CHANGED]
    write_notebook(folder, {"": CELLS[""], "parameters": CELLS["parameters"]})  # order
    assert judge(folder) == [CHANGED]
    write_notebook(folder)
    assert judge(folder) == [HOLDS]
    write_notebook(folder, words="How high is it?")  # words
    assert judge(folder) == [PAGE_CHANGED]
    write_notebook(folder)


#: Ways to read that a list of opened files alone would miss.
WAYS = """\
import glob, sqlite3
import pandas as pd
names = glob.glob("".join(["li", "sted/*"]))
later = Path("later.csv").exists()
try:
    open("".join(["mis", "sing.csv"]))
except FileNotFoundError:
    pass
sqlite3.connect("".join(["trade", ".db"])).execute("SELECT 1 FROM sqlite_master").fetchall()
pd.read_parquet("panel"), pd.read_parquet("level-1.parquet")
query = "SELECT * FROM 'asked.csv'"
told = 'told.txt'"""


@pytest.mark.skipif(os.name != "posix", reason="links and commands differ there")
def test_a_run_is_repeated_whatever_way_it_read(folder):
    for name in ("panel", "listed", "elsewhere"):
        (folder / name).mkdir()
    for name in ("panel/a.parquet", "level-1.parquet"):
        pd.DataFrame({"value": [1]}).to_parquet(folder / name)
    for name in ("listed/a", "asked.csv", "told.txt", "elsewhere/a"):
        (folder / name).write_text("1")
    (folder / "trade.db").touch()
    named = folder / "named.csv"
    named.unlink()
    named.mkdir()
    (named / "linked").symlink_to(folder / "elsewhere")
    (named / "circle").symlink_to(named)
    write_notebook(folder, extra=[("", WAYS)])
    outcome = render(folder)[0]
    assert (outcome.status, judge(folder)) == ("ok", [HOLDS]), outcome.error
    changes = ("level-1.parquet", "panel/a.parquet", "asked.csv", "told.txt", "trade.db")
    for name in (*changes, "elsewhere/a"):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(before + b" ")
        assert judge(folder) == [CHANGED], name
        (folder / name).write_bytes(before)
        assert judge(folder) == [HOLDS], name
    for name in ("listed/b", "panel/b.parquet", "later.csv", "missing.csv"):
        (folder / name).touch()
        assert judge(folder) == [CHANGED], name
        (folder / name).unlink()
        assert judge(folder) == [HOLDS], name


def test_what_a_module_elsewhere_reads_as_it_is_imported_counts(folder, tmp_path, monkeypatch):
    package = tmp_path / "elsewhere" / "weights"
    package.mkdir(parents=True)
    (package / "table.csv").write_text("1")
    code = "from pathlib import Path\nTABLE = Path(__file__).with_name('table.csv').read_text()"
    (package / "__init__.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", f"{package.parent}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(package.parent)
    write_notebook(folder, extra=[("", "import weights")])
    outcome = render(folder)[0]
    assert (outcome.status, judge(folder)) == ("ok", [HOLDS]), outcome.error
    (package / "table.csv").write_text("2")
    assert judge(folder) == [CHANGED]


def test_a_change_of_nktrade_or_of_a_version_repeats_every_run(folder, monkeypatch, tmp_path):
    render(folder)
    package, data = tmp_path / "package", tmp_path / "data"
    shutil.copytree(fingerprints.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(DATA, data)
    monkeypatch.setattr(fingerprints, "PACKAGE", package)
    monkeypatch.setattr(fingerprints, "DATA", data)
    assert judge(folder) == [HOLDS]
    changes = {
        package / "__init__.py": CHANGED,
        package / "codes" / "hs.py": CHANGED,
        package / "render" / "engine.py": CHANGED,
        data / "published" / "kiep2023.csv": CHANGED,
        package / "site" / "page.py": PAGE_CHANGED,
        package / "site" / "templates" / "page" / "page.css": PAGE_CHANGED,
    }
    for file, verdict in changes.items():
        before = file.read_bytes()
        file.write_bytes(before + b"\n")
        assert judge(folder) == [verdict], file
        file.write_bytes(before)
        assert judge(folder) == [HOLDS], file

    (tmp_path / "installed" / "another-2.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "installed")
    assert judge(folder) == [HOLDS]  # an unrelated package
    path = tmp_path / "site/.nktrade/ledger.jsonl"
    entry = json.loads(path.read_text())
    (record,) = [name for name in entry["reads"] if "/ipython-" in name]
    entry["reads"][record] = "0" * 64
    path.write_text(json.dumps(entry))
    assert judge(folder) == [CHANGED]  # one that it imports


def test_unchanged_runs_are_cached_and_new_words_need_no_new_run(folder):
    first = render(folder, "level=3")[0]
    assert (first.status, ran(folder)) == ("ok", ["3"])
    again = render(folder, "level=3")[0]
    assert (again.status, again.seconds, ran(folder)) == ("cached", 0.0, ["3"])
    assert (again.ended, again.facts) == (first.ended, first.facts)

    cells = dict(CELLS)
    cells["another"] = cells.pop("cover")
    write_notebook(folder, cells, words="How high is it now?")
    outcome = render(folder, "level=3")[0]
    site = folder.parent / "site"
    page = (site / outcome.run.page).read_text(encoding="utf-8")
    assert (outcome.status, ran(folder)) == ("cached", ["3"])
    assert "How high is it now?" in page
    assert "3 1 one" in page
    node = nbformat.read(site / outcome.run.notebook_out, as_version=4)
    assert [cell.metadata.get("tags") for cell in node.cells if cell.cell_type == "code"] == [
        ["parameters"],
        ["injected-parameters"],
        [],
        ["another"],
    ]
    assert judge(folder, "level=3") == [HOLDS]
    assert read_runs(site)[0]["status"] == "cached"

    assert render(folder, "level=3", force=True)[0].status == "ok"
    assert ran(folder) == ["3", "3"]


def test_the_longest_run_starts_first_and_before_it_what_was_never_timed(folder, tmp_path):
    runs = plan_runs(read_catalogue(folder), [], [f"data={folder}/named.csv"], ["level=1,2,3"])
    render_site(runs, Settings(tmp_path / "site"), jobs=1)
    shutil.copy(folder / "level.ipynb", folder / "new.ipynb")
    [new] = plan_runs(read_catalogue(folder), ["new"], [f"data={folder}/named.csv"])
    ledger = Ledger(Settings(tmp_path / "site"))
    for run, seconds in zip(runs, (2.0, 9.0, 5.0), strict=True):
        ledger.entries[run.slug]["seconds"] = seconds
    todo = ledger.sort_out(dict(enumerate([*runs, new])), range(4), force=True)
    assert list(todo.changed) == [3, 1, 2, 0]
    assert [todo.changed[place] for place in (1, 2, 0)] == [runs[1], runs[2], runs[0]]


def test_what_stands_beside_the_runs_is_laid_out_again_only_where_it_shows_a_change(folder):
    site = folder.parent / "site"

    def written():
        return {name: (site / name).stat().st_mtime_ns for name in ("index.html", "search.html")}

    render(folder)
    before = written()
    render(folder)
    assert written() == before
    (site / "search.html").unlink()
    render(folder)
    assert all(written()[name] > before[name] for name in before)
    before = written()
    write_notebook(folder, words="How high is the level?")
    render(folder)
    assert all(written()[name] > before[name] for name in before)
    before = written()
    render_site(plan(folder), Settings(site, title="Another"), jobs=1)
    assert all(written()[name] > before[name] for name in before)
    assert "Another" in (site / "index.html").read_text(encoding="utf-8")


def test_a_picture_beside_the_notebook_is_part_of_the_page(folder):
    picture = folder / "map.png"
    picture.write_bytes(b"one")
    write_notebook(folder, words="Where? ![A map](map.png)")
    outcome = render(folder)[0]
    page = folder.parent / "site" / outcome.run.page
    assert "data:image/png;base64,b25l" in page.read_text(encoding="utf-8")
    assert judge(folder) == [HOLDS]
    picture.write_bytes(b"two")
    assert judge(folder) == [PAGE_CHANGED]
    assert render(folder)[0].status == "cached"
    assert "data:image/png;base64,dHdv" in page.read_text(encoding="utf-8")
    assert ran(folder) == ["1"]


@pytest.mark.parametrize("way", ["HTML('<a href=more/{}>it</a>')", "Markdown('[it](more/{})')"])
def test_files_that_a_page_takes_along_are_part_of_it(folder, way):
    (folder / "more").mkdir()
    named, shown = folder / "more" / "words.csv", folder / "more" / "shown5.csv"
    for path in (named, shown):
        path.write_text("one")
    show = "from IPython.display import HTML, Markdown\n" + way.format("shown' + str(5) + '.csv")
    words = "Where? [Here](more/words.csv), and [there](level.ipynb)"
    write_notebook(folder, words=words, extra=[("", show)])
    outcome = render(folder)[0]
    page = folder.parent / "site" / outcome.run.page
    html = page.read_text(encoding="utf-8")
    assert html.count("base64,b25l") == 2
    assert f'<a href="{outcome.run.page}">there</a>' in html
    assert judge(folder) == [HOLDS]
    named.write_text("two")
    assert judge(folder) == [PAGE_CHANGED]
    shown.write_text("two")
    assert judge(folder) == [CHANGED]
    shown.unlink()
    render(folder)
    assert "shown5.csv is missing" in page.read_text(encoding="utf-8")
    assert judge(folder) == [HOLDS]
    shown.write_text("three")
    assert judge(folder) == [CHANGED]


def test_what_somebody_altered_in_the_site_is_not_replaced(folder):
    outcome = render(folder)[0]
    page = folder.parent / "site" / outcome.run.page
    good = page.read_text(encoding="utf-8")
    page.write_text("altered")
    with pytest.raises(InputError, match="changed by somebody else"):
        render(folder, force=True)
    assert (page.read_text(), ran(folder)) == ("altered", ["1"])
    page.unlink()
    assert render(folder)[0].status == "cached"
    assert page.read_text(encoding="utf-8") == good
    assert ran(folder) == ["1"]


def test_a_failure_is_never_cached_and_can_be_retried_alone(folder):
    fail = 'if level == 2:\n    open("mended").close()'
    write_notebook(folder, extra=[("", fail)])
    runs = plan_runs(read_catalogue(folder), [], [], ["level=1,2,3"])
    settings = Settings(folder.parent / "site")
    outcomes = render_site(runs, settings, jobs=1)
    assert [outcome.status for outcome in outcomes] == ["ok", "failed", "ok"]
    assert [o.status for o in render_site(runs, settings, jobs=1)] == ["cached", "failed", "cached"]
    (folder / "mended").touch()
    retried = render_site(runs, settings, jobs=1, only_failed=True)
    assert {o.run.parameters["level"]: o.status for o in retried} == {
        2: "ok",
        1: "cached",
        3: "cached",
    }
    assert ran(folder) == ["1", "2", "3", "2", "2"]
    assert [o.status for o in render_site(runs, settings, jobs=1)] == ["cached"] * 3


def test_a_failure_is_remembered_while_another_page_is_made(folder):
    write_notebook(folder, extra=[("", 'if level == 2: open("mended").close()')])
    assert [o.status for o in render(folder, "level=2")] == ["failed"]
    others = render(folder, "level=3", keep_others=True)
    assert [(o.run.parameters["level"], o.status) for o in others] == [(3, "ok")]
    (folder / "mended").touch()
    both = render(folder, "level=2", only_failed=True)
    assert [(o.run.parameters["level"], o.status) for o in both] == [(2, "ok"), (3, "cached")]


def test_what_a_notebook_is_about_is_found_again_only_where_it_changed(folder):
    asked = []

    def describe(cells, parameters, figures):
        asked.append(parameters)
        return [{"kind": "Good", "title": "Wigs", "href": "hs-6704.html"}]

    settings = Settings(folder.parent / "site", furnishing=Furnishing(describe, dict))
    prepare_folder(settings.out)
    kept = {}
    lay_ways(plan(folder), settings, kept=kept)
    assert lay_ways(plan(folder), settings, kept=kept)[0].way
    assert asked == [{"level": 1, "data": "default"}]
    ledger = Ledger(settings)
    ledger.subjects |= kept
    ledger.close([])
    assert Ledger(settings).subjects == kept
    write_notebook(folder, words="What now?")
    lay_ways(plan(folder), settings, kept=kept)
    assert len(asked) == 2


def test_a_torn_ledger_costs_only_what_was_torn(folder):
    settings = Settings(folder.parent / "site")
    runs = lay_ways(plan_runs(read_catalogue(folder), [], [], ["level=1,2"]), settings)
    outcomes = render_site(runs, settings, jobs=1)
    path = settings.out / ".nktrade" / "ledger.jsonl"
    first, _ = path.read_bytes().splitlines()
    torn = first + b'\n[1]\n{}\n{"slug": "caf\xc3'
    path.write_bytes(torn)
    assert list(Ledger(settings).entries) == [runs[0].slug]
    ledger = Ledger(settings)
    outcomes[1].facts.finding = "one line\u2028and another"
    ledger.record(runs[1], ledger.keys(runs[1]), outcomes[1])
    again = Ledger(settings)
    assert [again.judge(run, again.keys(run)) for run in runs] == [HOLDS, HOLDS]
    assert again.recall(runs[1]).facts == outcomes[1].facts
    (settings.out / ".nktrade" / "hashes.json").write_text("[1]")
    assert len(Ledger(settings).entries) == 2


def test_other_pages_stay_while_they_hold(folder):
    site = folder.parent / "site"
    render(folder, "level=1")
    both = render(folder, "level=2", keep_others=True)
    assert [(o.run.parameters["level"], o.status) for o in both] == [(2, "ok"), (1, "cached")]
    assert len(list(site.glob("level*.html"))) == len(read_runs(site)) == 2
    (folder / "computed.csv").write_text("9")
    only = render(folder, "level=3", keep_others=True)
    assert [outcome.run.parameters["level"] for outcome in only] == [3]
    assert len(list(site.glob("level*.html"))) == len(read_runs(site)) == 1
    assert len(list((site / "notebooks").glob("*.ipynb"))) == 1


@pytest.mark.skipif(os.name != "posix", reason="interrupts are sent another way there")
def test_an_interrupted_batch_goes_on_where_it_stopped(folder):
    """The second of three runs interrupts the batch itself, the first time."""
    stop = """\
import os, signal, time
if level == 2:
    try:
        open("stopped", "x").close()
        os.kill(int(Path("..", "batch" + ".pid").read_text()), signal.SIGINT)
        time.sleep(60)
    except FileExistsError:
        pass"""
    write_notebook(folder, extra=[("", stop)])
    site = folder.parent / "site"
    command = (
        "import os; from pathlib import Path\n"
        f"Path({str(folder.parent / 'batch.pid')!r}).write_text(str(os.getpid()))\n"
        "from nktrade.cli import main; main()"
    )
    call = [sys.executable, "-c", command, "render", str(folder), "level", "--jobs", "1"]
    call += ["--sweep", "level=1,2,3", "--out", str(site)]
    first = subprocess.run(
        call, capture_output=True, text=True, timeout=120, preexec_fn=as_from_a_terminal
    )
    assert first.returncode == 130, first.stderr
    assert [run["parameters"]["level"] for run in read_runs(site)] == [1]
    with (site / ".nktrade" / "ledger.jsonl").open("a") as ledger:
        ledger.write('{"slug": "torn')
    second = run_nktrade(*call[3:])
    assert second.returncode == 0, second.stderr
    assert [run["status"] for run in read_runs(site)] == ["cached", "ok", "ok"]
    assert ran(folder) == ["1", "2", "2", "3"]


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import socket\ntry: socket.getaddrinfo('', 80)\nexcept OSError: 0", "network"),
        ("import pyarrow as pa\nn = 'lit'\npa.memory_map(f'{n}eral.csv')", "below Python"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])", "child"),
        ("n = 'literal'\n!tail -1 {n}.csv", "child"),
        ("import multiprocessing as mp\nmp.get_context('fork').Pool(1).close()", "child"),
        ("import os\nprint(os.environ.get('YEAR'))", "environment"),
        ("import datetime\nprint(datetime.date.today())", "clock"),
        ("import time\nprint(time.strftime('%Y'))", "clock"),
        (
            "import sqlite3\nn = 'x'\nsqlite3.connect('').execute(f\"attach '{n}' as o\")",
            "below Python",
        ),
        ("import os\nprint(os.path.getmtime('lit' + 'eral.csv'))", "file's state"),
    ],
)
def test_what_cannot_be_observed_runs_each_time_unless_it_is_declared(folder, code, what):
    write_notebook(folder, extra=[("", code)])
    outcome = render(folder)[0]
    assert outcome.status == "ok", outcome.error
    assert [reason for reason in outcome.unseen if what in reason]
    assert judge(folder) == [CHANGED]
    entry = "{notebook: level, inputs: [literal.csv], env: [LEVEL_YEAR]}"
    (folder / "site.yml").write_text(f"parts: [{{notebooks: [{entry}]}}]")
    shutil.rmtree(folder.parent / "site")
    render(folder)
    assert judge(folder) == [HOLDS]
    (folder / "literal.csv").write_text("2")
    assert judge(folder) == [CHANGED]


def test_an_entry_of_another_version_is_repeated(folder):
    render(folder)
    ledger = folder.parent / "site" / ".nktrade" / "ledger.jsonl"
    entry = json.loads(ledger.read_text())
    assert set(entry) == set(KEPT)
    for name in ("identity", "after", "facts"):
        ledger.write_text(json.dumps({key: told for key, told in entry.items() if key != name}))
        assert judge(folder) == [CHANGED]
        assert render(folder)[0].status == "ok"
        assert judge(folder) == [HOLDS]


def test_a_folder_that_was_not_there_may_come(folder):
    write_notebook(folder, extra=[("", "import glob\nprint(len(glob.glob('par' + 'ts/*.csv')))")])
    assert (render(folder)[0].unseen, judge(folder)) == ([], [HOLDS])
    (folder / "parts").mkdir()
    (folder / "parts" / "1.csv").touch()
    assert judge(folder) == [CHANGED]


def test_a_reader_that_another_package_loads_is_not_observed(tmp_path, monkeypatch):
    for name, files in {
        "front_of_theirs": ["__init__.py"],  # names that no other test has asked about
        "reader_of_theirs": ["__init__.py", "core.so"],
    }.items():
        about = tmp_path / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "RECORD").write_text("".join(f"{name}/{file},,\n" for file in files))
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    unseen.is_known.cache_clear()
    installed = modules._package_folders()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(modules, "_package_folders", lambda: (str(tmp_path), *installed))
    loaded = f"{tmp_path}/front_of_theirs/__init__.py"
    assert (
        reads.judge_loaded([loaded, f"{tmp_path}/reader_of_theirs-1.0.dist-info/METADATA"]) == set()
    )
    assert reads.judge_loaded([loaded, f"{tmp_path}/reader_of_theirs/__init__.py"]) == {
        unseen.READER
    }
    assert reads.judge_loaded([pyarrow.__file__]) == set()  # pandas hands it what it has read


def test_a_page_that_was_not_fully_observed_stays_while_another_is_asked_for(folder):
    write_notebook(folder, extra=[("", "import datetime\nprint(datetime.date.today())")])
    render(folder, "level=1")
    both = render(folder, "level=2", keep_others=True)
    assert [(o.run.parameters["level"], o.status) for o in both] == [(2, "ok"), (1, "cached")]
    assert ran(folder) == ["1", "2"]


def test_a_declared_variable_or_age_counts(folder, monkeypatch):
    entry = "{notebook: level, env: [LEVEL_YEAR], max_age: 1 h}"
    (folder / "site.yml").write_text(f"parts: [{{notebooks: [{entry}]}}]")
    render(folder)
    assert judge(folder) == [HOLDS]
    monkeypatch.setenv("LEVEL_YEAR", "2026")
    assert judge(folder) == [CHANGED]
    monkeypatch.delenv("LEVEL_YEAR")
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 3700)
    assert judge(folder) == [CHANGED]


def test_a_collection_that_was_moved_reruns_nothing(folder, tmp_path):
    runs = plan_runs(read_catalogue(folder))
    render_site(runs, Settings(tmp_path / "site"), jobs=1)
    moved = tmp_path / "elsewhere" / "notebooks"
    shutil.move(folder, moved)
    outcomes = render_site(plan_runs(read_catalogue(moved)), Settings(tmp_path / "site"), jobs=1)
    assert [outcome.status for outcome in outcomes] == ["cached"]


def test_a_second_collection_is_refused(folder, tmp_path):
    render_site(plan_runs(read_catalogue(folder)), Settings(tmp_path / "site"), jobs=1)
    other = tmp_path / "other"
    other.mkdir()
    nbformat.write(nbformat.v4.new_notebook(), other / "a.ipynb")
    with pytest.raises(InputError, match="another collection"):
        render_site(plan_runs(read_catalogue(other)), Settings(tmp_path / "site"), jobs=1)
    assert (tmp_path / "site" / "level.html").is_file()


def test_an_address_among_the_parameters_is_the_network(folder, tmp_path):
    runs = plan_runs(read_catalogue(folder), [], ["data=memory://panel"])
    outcome = render_site(runs, Settings(tmp_path / "site"), jobs=1)[0]
    assert outcome.unseen == ["the network"]


def test_two_renders_do_not_write_into_one_folder(folder, tmp_path):
    prepare_folder(tmp_path / "site")
    with lock_site(tmp_path / "site"), pytest.raises(InputError, match="another render"):
        render(folder)
    assert ran(folder) == []
    assert [outcome.status for outcome in render(folder)] == ["ok"]


def test_a_file_is_read_again_only_when_it_was_touched(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("one")
    first = Hashes()
    sha256 = first.file(file)
    stat = file.stat()
    with monkeypatch.context() as patch:
        patch.delattr(fingerprints.hashlib, "file_digest")
        assert Hashes(first.remembered).file(file) == sha256
    time.sleep(0.02)  # a tick of the file system's clock
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as unpacking an archive does
    assert Hashes(first.remembered).file(file) == Hashes().file(file) != sha256
    assert Hashes().file(tmp_path / "missing") == ""
    assert Hashes().file(f"{tmp_path}{os.sep}") != Hashes().file(f"{tmp_path / 'none'}{os.sep}")
    assert Hashes().folder(tmp_path) != Hashes().folder(tmp_path.parent)


#: Values of kinds that JSON does not hold, as a call gives them, and as the notebook shows them.
STRANGE = {
    "nan": "nan",
    "inf": "inf",
    "(1,)": "(1,)",
    "[1]": "[1]",
    "{3}": "{3}",
    "2j": "2j",
    "b'x'": "b'x'",
    " a b": "' a b'",
    "a b": "'a b'",
}


def test_values_of_strange_kinds_arrive_and_keep_their_pages(tmp_path):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    home.mkdir()
    sources = ("x = None\nday: date = date(2020, 1, 1)", "print('shown', repr(x), day)")
    cells = [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(sources)]
    cells[0].source = f"from datetime import date\n{cells[0].source}"
    cells[0].metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, home / "a{x}.ipynb")  # braces are no place for a parameter

    def render(value):
        runs = plan_runs(read_catalogue(home), ["a{x}"], [f"x={value}", "day=2021-05-06"])
        return render_site(runs, Settings(site), jobs=1, keep_others=True)

    for number, (value, shown) in enumerate(STRANGE.items(), start=1):
        outcomes = render(value)
        assert [o.status for o in outcomes] == ["ok", *["cached"] * (number - 1)], value
        executed = (site / outcomes[0].run.notebook_out).read_text(encoding="utf-8")
        node = nbformat.reads(executed, as_version=4)
        assert node.cells[-1].outputs[0].text == f"shown {shown} 2021-05-06\n"
        json.loads(executed, parse_constant=lambda word: pytest.fail(word))
    assert {o.status for o in render("nan")} == {"cached"}


def describe_nothing(*_):
    return []


def make_rivals(entries, frame):
    return {"hs-6704.html": "the collection's", "HS-6704.html": "the same", "b.html": "b"}, []


def test_a_page_beside_the_runs_never_replaces_a_notebooks(tmp_path, capsys):
    home, site = tmp_path / "notebooks", tmp_path / "site"
    home.mkdir()
    for name in ("HS-6704", "other"):
        cells = [nbformat.v4.new_code_cell("print('mine')", id="c")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), home / f"{name}.ipynb")

    furnishing = Furnishing(describe_nothing, make_rivals)
    outcomes = render_site(
        plan_runs(read_catalogue(home)), Settings(site, furnishing=furnishing), jobs=1
    )
    assert {o.status for o in outcomes} == {"ok"}
    assert "mine" in (site / "HS-6704.html").read_text(encoding="utf-8")
    assert not (site / "hs-6704.html").exists() or (site / "hs-6704.html").samefile(
        site / "HS-6704.html"
    )
    assert (site / "b.html").read_text(encoding="utf-8") == "b"
    assert "is a notebook's page" in capsys.readouterr().err
