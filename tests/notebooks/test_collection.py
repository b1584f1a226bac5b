"""The collection: rooms and parameters of each notebook, and a whole render through the runner."""

import json
import re

import nbformat
import pytest

from nktrade import published as documents
from tests.conftest import ROOT
from tests.downloads import write_downloads
from tests.rendered import read_runs

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
ROOMS = [
    *("Data and method", "Published and computed", "What these numbers cannot say", "Exercises")
]


def _cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_rooms_stand_in_their_order(path):
    text = "\n".join(cell.source for cell in _cells(path, "markdown"))
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [heading for heading in headings if heading in ROOMS] == ROOMS
    title, _, question = _cells(path, "markdown")[0].source.partition("\n\n")
    assert title.startswith("# ")
    assert question.strip().endswith("?")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_stored_without_outputs(path):
    for cell in _cells(path, "code"):
        assert not cell.outputs
        assert cell.execution_count is None
    tags = [tag for cell in _cells(path, "code") for tag in cell.metadata.get("tags", [])]
    assert tags.count("parameters") == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_begin_alike(path):
    from nktrade.render.catalogue import read_notebook

    names = [parameter.name for parameter in read_notebook(path).parameters]
    assert names[:5] == ["partner", "start", "end", "data", "currency"]
    assert [cell for cell in _cells(path, "code") if "cover" in cell.metadata.get("tags", [])]


def test_the_catalogue_holds_every_notebook():
    listed = (ROOT / "notebooks" / "site.yml").read_text(encoding="utf-8")
    assert [path.stem for path in NOTEBOOKS if f"notebook: {path.stem}" not in listed] == []


def test_the_whole_collection_runs_green(whole_site):
    site, done = whole_site
    runs = read_runs(site)
    assert done.returncode == 0, done.stderr
    assert {run["status"] for run in runs} == {"ok"}
    assert {run["notebook"] for run in runs} == {path.stem for path in NOTEBOOKS}
    last = done.stdout.strip().splitlines()[-1]
    figures, agree = map(int, re.search(r"(\d+) published figures: (\d+) agree", last).groups())
    assert 0 < agree < figures <= len(documents.load_documents())


def test_every_page_says_what_it_found_and_from_what(whole_site):
    site, _ = whole_site
    for run in read_runs(site):
        page = (site / run["page"]).read_text(encoding="utf-8")
        kind = "Made-up data" if "Known by: simulation" in page else "Estimated data"
        assert kind in page, run["page"]
        assert 'class="finding"' in page, run["page"]
        assert run["data"], run["page"]


def test_every_figure_of_every_page_has_its_own_words(whole_site):
    site, _ = whole_site
    for run in read_runs(site):
        page = (site / run["page"]).read_text(encoding="utf-8")
        notebook = json.loads((site / run["notebook_out"]).read_text(encoding="utf-8"))
        told = [
            output["metadata"].get("image/png", {}).get("alt", "")
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        assert told, run["page"]
        assert all(len(words) > 30 for words in told), run["page"]
        assert len(set(told)) == len(told), run["page"]
        assert page.count("<figure") == len(told), run["page"]
        assert page.count('role="img"') + page.count("<img") >= len(told), run["page"]


def test_records_make_a_page_whose_months_equal_the_file_to_the_yuan(tmp_path):
    import csv

    from tests.rendered import run_nktrade

    source = write_downloads(tmp_path / "downloads") / "2023.csv"
    store, site = tmp_path / "store", tmp_path / "site"
    done = run_nktrade("data", "import", "gacc", source, "--flow", "import", "--store", store)
    assert done.returncode == 0, done.stderr
    settings = [f"data={store}", "partner=BRA", "currency=CNY"]
    flags = [part for setting in settings for part in ("-p", setting)]
    done = run_nktrade("render", "01_monthly_trends", *flags, "--out", site)
    assert done.returncode == 0, done.stderr
    run = read_runs(site)[0]
    page = (site / run["page"]).read_text(encoding="utf-8")
    with open(source, encoding="gb18030", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["贸易伙伴编码"] == "410"]
    months = {}
    for row in rows:
        yuan = int(row["人民币"].replace(",", ""))
        months[row["数据年月"]] = months.get(row["数据年月"], 0) + yuan
    assert len(months) == 12
    for yuan in months.values():
        assert f"{yuan:,}" in page
    assert "Reported data" in page


def test_records_without_provinces_make_a_page_that_says_so(tmp_path):
    from tests.rendered import run_nktrade

    source = write_downloads(tmp_path / "downloads") / "2023.csv"
    store, site = tmp_path / "store", tmp_path / "site"
    done = run_nktrade("data", "import", "gacc", source, "--flow", "import", "--store", store)
    assert done.returncode == 0, done.stderr
    settings = [f"data={store}", "partner=BRA", "currency=CNY"]
    flags = [part for setting in settings for part in ("-p", setting)]
    done = run_nktrade("render", "10_provinces", *flags, "--out", site)
    assert done.returncode == 0, done.stderr
    page = (site / read_runs(site)[0]["page"]).read_text(encoding="utf-8")
    assert "12 of 12 rows without one" in page
    assert "Import customs downloads by province" in page
