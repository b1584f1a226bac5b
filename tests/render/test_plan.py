import json
from pathlib import Path

import nbformat
import pytest
import yaml

from nktrade.errors import InputError
from nktrade.render.catalogue import read_catalogue
from nktrade.render.ledger import SITE_FILES
from nktrade.render.plan import choose_catalogue, plan_runs
from nktrade.render.values import freeze, thaw

FIXTURES = Path(__file__).with_name("fixtures")


@pytest.fixture
def catalogue():
    return read_catalogue(FIXTURES)


def test_without_names_the_catalogue_runs(catalogue):
    runs = plan_runs(catalogue)
    assert [run.page for run in runs] == [
        "01_bricks.html",
        "01_bricks-partner-RUS-hs-6902+6901.html",
        "02_plain.html",
    ]
    assert runs[1].label == "Russia"
    assert runs[1].changed == {"partner": "RUS", "hs": ["6902", "6901"]}
    assert runs[1].parameters["top"] == 3


def test_a_named_notebook_with_settings_starts_from_its_defaults(catalogue):
    (run,) = plan_runs(catalogue, ["01_bricks"], ["partner=BRA"])
    assert run.changed == {"partner": "BRA"}
    assert run.part == "Bricks"


def test_sweeps_run_every_combination_once(catalogue):
    runs = plan_runs(
        catalogue, ["01_bricks"], ["top=4"], ["partner=PRK,RUS,PRK", "flow=import,export"]
    )
    assert [(r.parameters["partner"], r.parameters["flow"]) for r in runs] == [
        ("PRK", "import"),
        ("PRK", "export"),
        ("RUS", "import"),
        ("RUS", "export"),
    ]
    assert len({run.slug for run in runs}) == 4


def test_slugs_are_unique_short_and_plain(catalogue, tmp_path):
    values = ["a b", "a/b", "A-B", "조선", "x" * 300, "../../etc"]
    runs = plan_runs(catalogue, ["01_bricks"], [], ["partner=" + ",".join(values)])
    slugs = [run.slug for run in runs]
    assert len({slug.casefold() for slug in slugs}) == len(values)
    for slug in slugs:
        assert slug.isascii()
        assert len(slug) < 120
        assert "/" not in slug


def test_no_notebook_takes_the_name_of_what_every_site_has(tmp_path):
    for name in ("index", "Search", "CON", "nul.x", "feed", "runs"):
        nbformat.write(nbformat.v4.new_notebook(), tmp_path / f"{name}.ipynb")
    pages = {run.page.casefold() for run in plan_runs(read_catalogue(tmp_path))}
    assert len(pages) == 6
    assert not pages & {*SITE_FILES, "con.html", "nul.x.html"}


@pytest.mark.parametrize(
    "values",
    [
        ["1", "1.0", "true", "'1'", "[1]", "[1.0]", "[true]", "{a: 1}", "{a: true}"],
        ["{1: 2}", "{'1': 2}", "{true: 2}", "{2020-01-01: 2}", "{a: 1, b: 2}", "{b: 2, a: 1}"],
        ["{python date: 2020-01-01}", "{python date: '2020-01-01'}", "{}", "[]", "[[a, 1]]"],
        [".nan", "'NaN'", ".inf", "'Infinity'", "[.nan]"],
        ["2020-01-01", "'2020-01-01'", "2020-01-01T00:00:00", "[2020-01-01]"],
        ["A B", "A-B", "a b", "A  B", "a.b", "a/b", "caf\u00e9", "cafe\u0301", "' A B'"],
    ],
)
def test_values_that_differ_in_kind_alone_are_different_runs(tmp_path, values):
    for default in ("None", "1", "[1]"):
        cells = [nbformat.v4.new_code_cell(f"x: object = {default}")]
        cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
        catalogue = read_catalogue(tmp_path)
        given = [yaml.safe_load(text) for text in values]
        runs = [run for x in given for run in plan_runs(catalogue, ["a"], given={"x": x})]
        assert len({run.identity for run in runs}) == len(values)
        assert [repr(run.parameters["x"]) for run in runs] == [repr(x) for x in given]
        assert all(run.changed or repr(x) == default for run, x in zip(runs, given, strict=True))
        assert [repr(thaw(json.loads(json.dumps(freeze(x))))) for x in given] == [
            repr(x) for x in given
        ]


def test_a_relative_data_path_is_the_callers(catalogue, tmp_path):
    (tmp_path / "store").mkdir()
    (run,) = plan_runs(catalogue, ["01_bricks"], ["data=store"], folder=tmp_path)
    assert run.parameters["data"] == str(tmp_path / "store")
    assert run.slug == "01_bricks-data-store"
    (run,) = plan_runs(catalogue, ["01_bricks"], ["data=default"], folder=tmp_path)
    assert run.parameters["data"] == "default"
    (run,) = plan_runs(catalogue, ["01_bricks"], ["data=s3://bucket/x"], folder=tmp_path)
    assert run.parameters["data"] == "s3://bucket/x"
    with pytest.raises(InputError, match="no such file or folder"):
        plan_runs(catalogue, ["01_bricks"], ["data=./nowhere"], folder=tmp_path)


@pytest.mark.parametrize(
    ("names", "settings", "sweeps", "says"),
    [
        (["01_brick"], [], [], "Did you mean '01_bricks'?"),
        (["./nowhere.ipynb"], [], [], "no such notebook"),
        (["01_bricks"], ["partner"], [], "NAME=VALUE"),
        (["01_bricks"], ["partne=X"], [], "Did you mean 'partner'?"),
        (["01_bricks"], ["top=x"], [], "expected int"),
        (["01_bricks"], [], ["top=1,x"], "expected int"),
        (["01_bricks"], ["top=1"], ["top=1,2"], "given twice"),
        (["02_plain"], ["top=1"], [], "takes no parameters"),
        ([], ["top=1"], [], "notebook 02_plain"),
    ],
)
def test_refuses_what_it_cannot_run(catalogue, names, settings, sweeps, says):
    with pytest.raises(InputError) as caught:
        plan_runs(catalogue, names, settings, sweeps)
    assert says in str(caught.value)


def test_the_first_name_may_be_a_catalogue(tmp_path):
    catalogue, names = choose_catalogue([str(FIXTURES / "site.yml"), "02_plain"], tmp_path)
    assert (catalogue.title, list(names)) == ("Fixtures", ["02_plain"])
    catalogue, names = choose_catalogue([], FIXTURES)
    assert (catalogue.title, list(names)) == ("Fixtures", [])
    with pytest.raises(InputError, match="no such catalogue"):
        choose_catalogue(["nowhere/site.yml"], tmp_path)
