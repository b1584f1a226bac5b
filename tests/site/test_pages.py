import re

import pytest
from bs4 import BeautifulSoup

from nktrade.site.page import TEMPLATES
from tests.rendered import FIXTURES, run_nktrade
from tests.site.faults import find_faults

PAGES = [
    "index.html",
    "01_bricks.html",
    "01_bricks-partner-RUS-hs-6902+6901.html",
    "02_plain.html",
    "03_failing.html",
]


@pytest.fixture
def read_page(small_site):
    site, _ = small_site
    return lambda name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_self_contained_and_accessible(name, small_site):
    site, _ = small_site
    assert find_faults((site / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_small(read_page, name):
    # Style, scripts, ways and citation of a page, and the little that these notebooks show.
    page = read_page(name)
    for image in page.find_all("img"):
        image.decompose()
    assert len(str(page)) < 45_000


def test_style_sheets_have_no_rule_without_use(read_page):
    classes = set()
    for name in PAGES:
        for element in read_page(name).select("[class]"):
            classes.update(element["class"])
    for sheet in ("base.css", "page/page.css", "index.css"):
        styled = set(re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", (TEMPLATES / sheet).read_text()))
        # What depends on what a notebook writes, or on what a collection shows beside its runs.
        styled -= {"stderr", "reported", "notice", "term", "guide"}
        assert {c for c in styled - classes if len(c) > 2} == set(), sheet


def test_a_page_says_what_ran_and_on_what(read_page):
    page = read_page("01_bricks-partner-RUS-hs-6902+6901.html")
    text = " ".join(page.get_text().split())
    assert page.h1.get_text() == "What do bricks say?"
    assert page.title.get_text() == "What do bricks say? (Russia)"
    assert "Bricks to RUS fell by half & more." in text
    assert "Estimated data" in text
    assert "2 agree as printed, 1 differs" in text
    assert "sha256" in text
    facts = dict(zip(page.select("dl dt"), page.select("dl dd"), strict=True))
    told = {name.get_text(): value.get_text() for name, value in facts.items()}
    assert told["partner"] == "RUS"
    assert told["hs"] == "6902, 6901"


def test_figures_have_alt_text_and_captions(read_page):
    page = read_page("01_bricks.html")
    assert page.img["alt"] == "A line that falls: trade with PRK"
    caption = page.figcaption.get_text()
    assert caption == "Figure 1. Monthly imports, million USD. Source: a fixture."


def test_messages_to_the_runner_are_not_shown(read_page):
    text = read_page("01_bricks.html").get_text()
    assert "vnd.nktrade" not in text.replace("application/vnd.nktrade+json", "", 3)
    assert "provenance" not in [pre.get_text() for pre in read_page("01_bricks.html")("pre")]


def test_code_folds_and_injected_parameters_stay_out(read_page):
    page = read_page("01_bricks-partner-RUS-hs-6902+6901.html")
    assert len(page.select("details.code")) == 5
    assert not page.select("details.code[open]")
    assert "# Parameters" not in page.get_text()


def test_a_failed_run_has_a_page_that_shows_where(read_page):
    page = read_page("03_failing.html")
    alert = page.find(role="alert")
    assert "no <rows> for raise" in alert.get_text()
    cell = page.find(id=alert.a["href"][1:])
    assert cell.details.has_attr("open")
    assert "Traceback" in cell.get_text()
    assert "before" in page.get_text()


def test_hide_code_leaves_the_code_out(tmp_path):
    done = run_nktrade("render", FIXTURES, "02_plain", "--hide-code", "--out", tmp_path)
    assert done.returncode == 0
    page = BeautifulSoup((tmp_path / "02_plain.html").read_text(), "html.parser")
    assert not page.select("details.code")
    assert "details.code" not in page.get_text() + "".join(s.text for s in page.select("script"))
    assert "1 + 1" not in page.get_text()
    assert "2" in page.pre.get_text()


def test_the_index_groups_runs_in_parts_with_all_there_is_to_say(read_page, small_site):
    page = read_page("index.html")
    assert page.h1.get_text() == "Fixtures"
    assert [h.get_text() for h in page.main("h2")] == ["Bricks", "Others", "Notebooks"]
    first, second, third, fourth = page("article")
    text = " ".join(first.get_text().split())
    for said in (
        "What do bricks say?",
        "Does the import of bricks by North Korea run ahead of its building?",
        "Bricks to PRK fell by half & more.",
        "Estimated data",
        "2 agree as printed, 1 differs",
    ):
        assert said in text
    assert first.img["alt"] == "A line that falls: trade with PRK"
    assert second.h3.get_text() == "What do bricks say? (Russia)"
    assert third.img is None
    assert "Failed in cell 4" in fourth.get_text()
    assert "nktrade" in page.footer.get_text()
    site, _ = small_site
    for link in page.select("article a"):
        assert (site / link["href"].replace("%2B", "+")).is_file()


def test_a_site_whose_address_is_known_offers_pictures_to_whoever_shares_a_page(tmp_path):
    import nbformat

    cell = "import matplotlib.pyplot as plt\nplt.plot([1, 3]); plt.show()"
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Up\n\nDoes it rise?"),
            nbformat.v4.new_code_cell(cell),
        ]
    )
    nbformat.write(book, tmp_path / "up.ipynb")
    site = "title: T\naddress: https://example.org/trade\n"
    site += "parts: [{title: P, notebooks: [{notebook: up}]}]\n"
    (tmp_path / "site.yml").write_text(site, encoding="utf-8")
    run_nktrade("render", "site.yml", "--out", "site", cwd=tmp_path)
    page = BeautifulSoup((tmp_path / "site" / "up.html").read_text(encoding="utf-8"), "html.parser")
    said = {meta["property"]: meta["content"] for meta in page.select("meta[property]")}
    assert said["og:url"] == "https://example.org/trade/up.html"
    assert said["og:image"] == "https://example.org/trade/up.png"
    assert (tmp_path / "site" / "up.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "site.yml").write_text(site.replace("https://", "ftp://"), encoding="utf-8")
    refused = run_nktrade("render", "site.yml", "--out", "site", cwd=tmp_path)
    assert refused.returncode == 2
    assert "address" in refused.stderr
