"""The ledger of published figures and the search list, as the collection's site shows them."""

from bs4 import BeautifulSoup

from nktrade.cli.site_contents import furnish_site, list_figures
from nktrade.published.figures import load_figures
from nktrade.site.figure_ledger import name_anchor

RUN = {"page": "04_wig_exports.html", "title": "Wig exports", "figures": {"kiep2023:85": "agrees"}}


def test_every_figure_has_a_row_and_an_anchor_of_its_own(tmp_path):
    found = furnish_site([RUN], tmp_path)
    page = BeautifulSoup((tmp_path / "ledger.html").read_text(encoding="utf-8"), "html.parser")
    anchors = [row["id"] for row in page.select("#rows > details")]
    assert len(anchors) == len(set(anchors)) == len(load_figures())
    for entry in found:
        if entry["kind"] == "figure":
            assert entry["href"].partition("#")[2] in anchors


def test_digits_qualifiers_and_sides_are_those_printed():
    rows = {row["id"]: row for row in list_figures([RUN])}
    assert rows["kiep2023:1"]["printed"] == "more than 120 %"
    wigs = rows["kiep2023:85"]
    assert (wigs["printed"], wigs["verdict"], wigs["page"]) == ("8.7 %", "agrees", RUN["page"])
    assert wigs["period"] == "2022"
    assert rows["kiep2023:84"]["printed"] == "16674 ten thousand USD"


def test_anchors_are_kept_for_good():
    assert [name_anchor(id_) for id_ in ("kiep2023:85", "reported:7", "fact:3f9a01bc")] == [
        "kiep2023-85",
        "reported-7",
        "fact-3f9a01bc",
    ]
