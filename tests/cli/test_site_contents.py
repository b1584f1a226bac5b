"""What the collection's site shows beside its runs."""

import re

import pytest
from bs4 import BeautifulSoup

from nktrade.cli.site_contents import list_figures
from nktrade.cli.site_furnishing import furnish
from nktrade.cli.subjects import find_subjects, publisher_of
from nktrade.published.figures import load_figures
from nktrade.site.figure_ledger import name_anchor

CELL = {
    "cell_type": "markdown",
    "source": "Wigs (HS 6704) of Jilin, HS2022, HS 2050, in 2021",
    "metadata": {},
}
FIGURES = {"kiep2023:85": "agrees as printed"}
RUN = {
    "page": "04_wig_exports.html",
    "title": "Wig exports",
    "label": "",
    "part": "Goods",
    "question": "Why?",
    "finding": "",
    "notebook": "04_wig_exports",
    "changed": {},
    "figures": FIGURES,
    "computed": {"kiep2023:85": "8.71 %"},
    "subjects": find_subjects([CELL], {"hs": ["2701", "270112"]}, FIGURES),
}


@pytest.fixture(scope="module")
def site():
    """The pages beside one run, and what the search finds of them."""
    furnishing = furnish("Site")
    return furnishing.make_pages([RUN], furnishing.frame)


def test_every_figure_has_a_row_and_an_anchor_of_its_own(site):
    pages, found = site
    page = BeautifulSoup(pages["ledger.html"], "html.parser")
    anchors = [row["id"] for row in page.select("#rows > details")]
    assert len(anchors) == len(set(anchors)) == len(load_figures())
    for entry in found:
        if entry["kind"] == "figure":
            assert entry["href"].partition("#")[2] in anchors


def test_digits_qualifiers_and_sides_are_those_printed():
    rows = {row["id"]: row for row in list_figures([RUN])}
    assert rows["kiep2023:1"]["printed"] == "more than 120 %"
    wigs = rows["kiep2023:85"]
    assert (wigs["printed"], wigs["verdict"]) == ("8.7 %", "agrees as printed")
    assert (wigs["computed"], wigs["pages"]) == ("8.71 %", [RUN["page"]])
    assert rows["kiep2020h1:163"]["printed"] == "14.0 %"
    assert wigs["period"] == "2022"
    assert rows["kiep2023:84"]["printed"] == "16674 ten thousand USD"


def test_anchors_are_kept_for_good():
    assert [name_anchor(id_) for id_ in ("kiep2023:85", "reported:7", "fact:3f9a01bc")] == [
        "kiep2023-85",
        "reported-7",
        "fact-3f9a01bc",
    ]


def test_each_subject_that_a_run_touches_has_a_page_that_leads_to_it(site):
    pages, _ = site
    touched = [subject["href"] for subject in RUN["subjects"]]
    assert touched == [
        "hs-2701.html",
        "hs-270112.html",
        "hs-6704.html",
        "province-22.html",
        "document-kiep2023.html",
    ]
    for name in touched:
        page = BeautifulSoup(pages[name], "html.parser")
        assert page.find("a", href=RUN["page"]), name
    wigs = BeautifulSoup(pages["hs-6704.html"], "html.parser")
    assert "8.7 %" in wigs.get_text()


def test_no_link_among_these_pages_leads_nowhere(site):
    pages, found = site
    ids = {name: set(re.findall(r'\bid="([^"]+)"', text)) | {""} for name, text in pages.items()}
    ids |= {"index.html": {"", "part-1"}, "search.html": {""}, RUN["page"]: {""}}
    pattern = re.compile(r'href="(?!https?://|data:|#main)([^"]+)"')
    links = [(name, link) for name, text in pages.items() for link in pattern.findall(text)]
    links += [("search", entry["href"]) for entry in found if entry["href"]]
    for name, link in links:
        page, _, anchor = link.partition("#")
        asked = page == "explorer.html"  # where what follows is a selection
        assert asked or anchor in ids[page or name], (name, link)


def test_errors_of_the_method_page_are_those_its_data_page_tells(site):
    def cells(html):
        rows = BeautifulSoup(html, "html.parser").find_all("tr")
        return {tuple(cell.get_text() for cell in row.find_all("td")) for row in rows}

    pages, _ = site
    kinds = ("a good, a month", "a good, longer", "a province, longer", "all goods, longer")
    rows = {row for row in cells(pages["method.html"]) if row and row[0] in kinds}
    told = {row for row in rows if len(row) == 6}  # the others are of bands
    assert len(told) == 4
    assert told <= cells(pages["panel.html"])


def test_the_publisher_of_a_figure_is_told_by_its_id_alone():
    """Workers of a batch ask, and do not load the figures for it."""
    published = load_figures()["publisher"].replace("", "Customs totals")
    assert {figure: publisher_of(figure) for figure in published.index} == published.to_dict()
