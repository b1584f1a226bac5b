import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from nktrade import __version__
from nktrade.cli import main
from tests.rendered import FIXTURES, run_nktrade


@pytest.fixture
def call():
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


def test_version(call):
    assert call("--version").stdout == f"nktrade {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["render", "--help"], ["data", "--help"]])
def test_help_is_quick_to_start(arguments):
    code = (
        "import sys; from nktrade.cli import main; main(sys.argv[1:], standalone_mode=False);"
        "print({'pandas', 'papermill', 'nbconvert', 'jinja2'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr == "set()\n"
    assert "Usage" in done.stdout


def test_list_tells_notebooks_questions_and_parameters(call, monkeypatch):
    monkeypatch.setattr("nktrade._paths.NOTEBOOKS", FIXTURES)
    text = call("list").stdout
    assert "01_bricks: What do bricks say?" in text
    assert "Does the import of bricks" in text
    assert 'flow: Literal["import", "export"] = \'import\'' in text
    assert "whose side" in text
    listed = json.loads(call("list", "--json").stdout)
    assert [notebook["notebook"] for notebook in listed] == ["01_bricks", "02_plain", "03_failing"]
    assert listed[0]["parameters"][2] == {
        "name": "flow",
        "type": 'Literal["import", "export"]',
        "default": "import",
        "choices": ["import", "export"],
        "help": "whose side",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["render", FIXTURES, "01_brick"], "Did you mean '01_bricks'?"),
        (["render", FIXTURES, "01_bricks", "-p", "partne=X"], "Did you mean 'partner'?"),
        (["render", FIXTURES, "01_bricks", "-p", "top=x"], "expected int"),
        (["render", FIXTURES, "01_bricks", "--sweep", "flow=import,exprt"], "'export'"),
        (["render", "--jobs", "0"], "--jobs"),
        (["render", "01_monthly_trends", "-p", "data=nowhere"], "no such store"),
        (["render", "01_monthly_trends", "-p", "data=/nowhere"], "no such file or folder"),
        (["render", "01_monthly_trends", "-p", "start=2020-13"], "'2020-13' cannot be read"),
        (["render", "01_monthly_trends", "-p", "start=2025-01"], "run backwards"),
        (["render", "01_monthly_trends", "-p", "partner=PKR"], "Did you mean 'PRK'?"),
        (["render", "01_monthly_trends", "--sweep", "closure=2020-02,2020-2"], "'2020-2' cannot"),
        (["render", "-p", "start=2030"], "run backwards"),
        (["rendr"], "rendr"),
        (["hs", "show", "10121"], "Did you mean '010121'?"),
        (["data", "status", "--store", "nowhere"], "no store"),
        (["data", "import", "gacc", "nowhere.csv", "--flow", "import"], "nowhere.csv"),
        (["data", "import", "gacc", "nowhere.csv", "--flow", "imports"], "imports"),
        (["data", "export", "x.txt"], ".parquet"),
        (["documents", "--csv", "nowhere/at/all.csv"], "cannot be written"),
        (["hs", "map", "nowhere.csv", "--to", "bec"], "no such file"),
        (["hs", "show", "wig"], "nktrade hs search wig"),
        (["documents", "--csv", "figures.xlsx"], "'.csv', '.parquet'"),
        (["data", "export", "x.csv", "--partner", "prk"], "Did you mean 'PRK'?"),
        (["new", ""], "needs a name"),
        (["new", "nowhere/x"], "cannot be written"),
    ],
)
def test_a_wrong_call_is_told_on_standard_error_and_changes_nothing(
    call, arguments, says, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_hs_show(call):
    text = call("hs", "show", "6902").stdout
    assert "6902  Refractory bricks" in text
    assert "690220" in text
    shown = json.loads(call("hs", "show", "690220", "--json").stdout)
    assert list(shown["parents"]) == ["69", "6902"]
    assert shown["classes"]["bec"] == "intermediate"
    assert shown["level"] == 6


def test_hs_search(call):
    found = json.loads(call("hs", "search", "refractory", "bricks", "--json").stdout)
    assert found[0]["code"] == "6902"
    assert {row["code"][:4] for row in found} == {"6902"}
    nothing = call("hs", "search", "zzzz")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "nothing found" in nothing.stderr


def test_hs_map(call, tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text("hs,value\n670300,1\n901811,2\n", encoding="utf-8")
    assert call("hs", "map", file, "--to", "bec").stdout == (
        "hs,value,bec\n670300,1,intermediate\n901811,2,capital\n"
    )
    wrong = call("hs", "map", file, "--to", "bec", "--column", "code")
    assert wrong.exit_code == 2
    assert "'code'" in wrong.stderr


def test_documents_writes_every_figure(call, tmp_path):
    import pandas as pd

    file = tmp_path / "figures.csv"
    told = call("documents", "--csv", file).stdout
    table = pd.read_csv(file)
    assert told == f"{len(table):,} figures in {file}\n"
    assert {"brown2020", "kiep2020h1", "kiep2023"} < set(table["publisher"])
    assert set(table["source"]) == {"documents", "totals", "facts"}
    assert {"low", "high", "qualifier", "honoured", "reason"} <= set(table)


def test_documents_audit(call, tmp_path):
    import pandas as pd

    file = tmp_path / "audit.csv"
    told = call("documents", "--audit", "--csv", file)
    table = pd.read_csv(file, keep_default_na=False)
    assert list(table.columns) == [
        *("check", "document", "place", "printed", "recomputed_low", "recomputed_high"),
        *("verdict", "reading", "reason"),
    ]
    counts = table["verdict"].value_counts()
    assert told.exit_code == 0
    assert f"{len(table)} checks in {file}: {counts['consistent']} consistent" in told.stdout
    shown = call("documents", "--audit", "--json")
    rows = json.loads(shown.stdout)
    assert [row["verdict"] for row in rows] == table["verdict"].tolist()
    plain = call("documents", "--audit")
    assert f"{counts['gap']} gap" in plain.stderr
    assert len(plain.stdout.splitlines()) == len(table) + 1
    unwritable = call("documents", "--audit", "--csv", tmp_path / "no" / "audit.csv")
    assert unwritable.exit_code == 2


def test_data_commands_on_a_download(call, downloads, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = downloads / "2023.csv"
    assert call("data", "import", "gacc", file).exit_code == 2  # the file never says the flow
    (row,) = json.loads(call("data", "import", "gacc", file, "--flow", "import", "--json").stdout)
    assert row["state"] == "imported"
    told = json.loads(call("data", "status", "--json").stdout)
    assert [row["file"] for row in told["files"]] == ["2023.csv"]
    assert told["revised"] == []
    assert call("data", "verify").exit_code == 0
    told = call("data", "export", "all.csv", "--store", "nktrade-store", "--currency", "CNY")
    assert "rows in all.csv, explained in all.csv.README.md" in told.stdout
    for part in (tmp_path / "nktrade-store").rglob("*.parquet"):
        part.write_bytes(b"changed")
    damaged = call("data", "verify")
    assert damaged.exit_code == 1
    assert "changed" in damaged.stdout


HEAD = '"数据年月","贸易伙伴编码","商品编码","{}",\n'
ROWS = [("202301", "67042000", 10_000), ("202301", "01012100", 20_000), ("202302", "67042000", 10)]


def write_download(path, currency, rate):
    lines = "".join(f'"{month}","109","{hs}","{rate * value:,}",\n' for month, hs, value in ROWS)
    path.write_text(HEAD.format(currency) + lines, encoding="utf-8")


def test_export_selects_and_converts(call, tmp_path, monkeypatch):
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    write_download(tmp_path / "cny.csv", "人民币", 7)
    write_download(tmp_path / "usd.csv", "美元", 1)
    assert call("data", "import", "gacc", "cny.csv", "usd.csv", "--flow", "export").exit_code == 0
    both = call("data", "export", "x.csv", "--store", "nktrade-store")
    assert (both.exit_code, "several currencies" in both.stderr) == (2, True)
    rates = call("data", "rates", "rates.csv")
    assert rates.exit_code == 0, rates.stderr
    table = pd.read_csv("rates.csv", dtype={"period": "str"})
    assert table[["period", "cny_per_usd", "rows"]].to_numpy().tolist() == [
        ["2023-01", 7.0, 2], ["2023-02", 7.0, 1]
    ]  # fmt: skip
    (tmp_path / "other.csv").write_text("period,cny_per_usd\n2023-01,6.3\n2023-02,7\n")
    told = call("data", "rates", "other.csv", "--check").stdout
    assert "0.1111" in told  # 7 / 6.3 - 1
    chosen = ["--currency", "CNY", "--hs", "67", "--start", "2023-01", "--end", "2023-01"]
    done = call(
        *("data", "export", "wigs.csv", "--store", "nktrade-store", "--rates", "rates.csv"), *chosen
    )
    assert done.stdout.startswith("1 row in wigs.csv"), done.stderr
    row = pd.read_csv("wigs.csv", dtype="str").iloc[0]
    assert row[["hs", "currency", "value"]].tolist() == ["67042000", "USD", "10000.0"]
    assert row["source"] == "cny.csv, CNY converted at monthly rates"
    for option, says in (
        (["--as-of", "2001-01-01"], "nothing was imported"),
        (["--breakdown", "provinc"], "Did you mean 'province'"),
        (["--source", "baci"], "no row matches"),
    ):
        wrong = call(
            *("data", "export", "x.csv", "--store", "nktrade-store", "--currency", "USD"), *option
        )
        assert (wrong.exit_code, says in wrong.stderr) == (2, True), wrong.stderr


def test_new_notebooks_of_every_shape_run_as_they_are(call, tmp_path, monkeypatch):
    """One batch: each finds something and its published figures, then tells what changed."""
    from nktrade.render.skeleton import list_shapes

    (tmp_path / "site.yml").write_text(
        "title: Mine  # kept\nparts:\n  - title: Goods\n    notebooks: []\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    for number, shape in enumerate(list_shapes()):
        made = call("new", f"0{number}_{shape}", "--like", shape)
        assert (made.exit_code, made.stderr) == (0, "")
    again = call("new", "02_good")
    assert (again.exit_code, "already" in again.stderr) == (2, True)
    wrong = call("new", "x", "--like", "goods")
    assert (wrong.exit_code, "Did you mean 'good'" in wrong.stderr) == (2, True)
    (tmp_path / "site.yml").unlink()
    done = run_nktrade("render", ".", "--out", "site", "--json", cwd=tmp_path, timeout=400)
    assert done.returncode == 0, done.stdout
    for run in json.loads(done.stdout):
        assert sum(run["published"].values()) > 0, run["notebook"]
        page = (tmp_path / "site" / run["page"]).read_text(encoding="utf-8")
        assert 'class="finding"' in page, run["notebook"]
    path = tmp_path / "02_good.ipynb"
    path.write_text(path.read_text().replace("6704", "7202"))
    told = run_nktrade("render", ".", "--out", "site", cwd=tmp_path)
    assert "    finding: From 2022 to 2023 exports of wigs" in told.stderr


def test_a_new_notebook_has_every_room_of_the_collection(call, tmp_path, monkeypatch):
    from nktrade.render.skeleton import list_shapes
    from tests.notebooks import test_collection as rooms
    from tests.notebooks.style import measure_style

    monkeypatch.chdir(tmp_path)
    for shape in list_shapes():
        assert call("new", f"18_{shape}", "--like", shape).exit_code == 0
        path = tmp_path / f"18_{shape}.ipynb"
        rooms.test_rooms_stand_in_their_order(path)
        rooms.test_cells_are_stored_without_outputs(path)
        rooms.test_parameters_begin_alike(path)
        assert measure_style(path).lines < 60


def test_a_notebook_is_named_in_its_catalogue_by_one_command(call, tmp_path, monkeypatch):
    from nktrade.render.catalogue import read_catalogue

    monkeypatch.chdir(tmp_path)
    assert call("new", "01_first").exit_code == 0
    refused = call("new", "02_second", "--part", "Goods")
    assert (refused.exit_code, "no catalogue" in refused.stderr) == (2, True)
    text = "title: Mine  # kept\nparts:\n  - title: Goods\n    notebooks:\n"
    (tmp_path / "site.yml").write_text(
        text + "      - notebook: 01_first\n  - title: Rest\n    notebooks:\n"
        "      - notebook: 01_first\n"
    )
    for name, part in (("02_second", "Goods"), ("03_third", "Places")):
        done = call("new", name, "--part", part)
        assert done.exit_code == 0, done.stderr
    found = [(one.part, one.notebook.name) for one in read_catalogue(tmp_path).requests]
    assert found[1] == ("Goods", "02_second")
    assert found[-1] == ("Places", "03_third")
    assert "# kept" in (tmp_path / "site.yml").read_text()
    for part, says in (("Goods", "already"), ("Good", "already")):
        refused = call("new", "02_second", "--part", part)
        assert (refused.exit_code, says in refused.stderr) == (2, True), refused.stderr
    refused = call("new", "04_fourth", "--part", "Plces")
    assert (refused.exit_code, "Did you mean 'Places'" in refused.stderr) == (2, True)


def test_hs_map_names_the_line_of_a_bad_code(call, tmp_path):
    file = tmp_path / "codes.csv"
    file.write_text("hs\n670300\n670300\n999\n", encoding="utf-8")
    told = call("hs", "map", file, "--to", "bec")
    assert told.exit_code == 2
    assert f"{file}, row 4, column 'hs': the HS code '999'" in told.stderr


def test_a_strangers_notebook_gets_its_page_and_an_index_alone(tmp_path):
    cell = nbformat.v4.new_code_cell("import sys\nprint('said', file=sys.__stdout__)", id="a")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "own.ipynb")
    done = run_nktrade("render", "./own.ipynb", "--out", "site", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)[0]["status"] == "ok"  # what a kernel says there is no result
    found = {path.name for path in (tmp_path / "site").iterdir() if path.name[0] != "."}
    site = {"index.html", "runs.json", "search.html", "feed.xml"}
    assert found == {"own.html", "notebooks", *site}
    assert "North Korea" not in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("spelled", ["--out=~/x", "--out=~/x/", "--out ~/x"])
def test_a_tilde_is_the_home_and_of_nobody_a_folders_name(tmp_path, monkeypatch, spelled):
    """No shell does this for ``--out=~/x``; what it does not know either it leaves as it stands."""
    from nktrade.cli.common import Folder

    monkeypatch.setenv("HOME", str(tmp_path))
    told = spelled.replace("--out", "").strip(" =")
    assert Folder().convert(told, None, None) == tmp_path / "x"
    assert Folder().convert("~nobody-of-this-name/x", None, None) == Path("~nobody-of-this-name/x")
