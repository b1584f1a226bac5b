"""The words of the rendered pages: short findings that are known, words before codes, no cause."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from nktrade.study.notes import LONGEST, count_words
from tests.notebooks.rendered_words import list_findings, read_blocks, read_told
from tests.rendered import read_runs

KNOWN = {"recorded", "printed", "bounded", "print alone", "simulation"}
KNOWN |= {"arithmetic on print", "arithmetic on assumptions", "tons as printed or recorded"}

#: What no reader should meet outside code, and why.
UGLY = {
    r"\d{4}-(H[12]|Q[1-4])": "a half-year as people say it: January to June 2020",
    r"(?<![\w'\"-])\d{4}-(0[1-9]|1[0-2])\b(?!-)": "a month as people say it: June 2020",
    r"00:00:00": "a day as people say it: 2 March 2016",
    r"\b[a-z]+_[a-z_]+\b": "words, not the name of a column",
    r"\de[-+]\d": "a number without an exponent",
    r"(?<!HS )(?<![\d,.(])\b\d{8}\b(?![,.]\d)": "words before codes: vitamins (HS 30045000)",
    r"\d\.\.\d": "a span as people say it: 2018 to 2019",
    r"\b(\d+) of \1\b": "'all five', not 'five of five'",
    r"\bnan\b|\binf\b|\bNone\b|\bNaT\b|<NA>": "a number that is not known",
    r"(?<![\w.,-])-0(\.0+)?(?![\d.,])": "nothing has no sign",
    r"(?<!\()\bHS \d{2,10}(?! to)(?<!\d)\b(?=[^)]*$)": "words before codes: medicines (HS 3004)",
}
CAUSES = r"\b(cut|gave|caused|drove|led to|thanks to|because of)\b"


@pytest.fixture(scope="module")
def pages(whole_site):
    """Return the blocks of each page of the collection."""
    site, _ = whole_site
    return {run["page"]: read_blocks(site / run["page"]) for run in read_runs(site)}


def test_findings_are_short_have_a_number_and_say_how_they_are_known(whole_site):
    site, _ = whole_site
    found = list_findings(site)
    assert len(found) == len(read_runs(site))
    for name, text, support in found:
        assert count_words(text) <= LONGEST, name
        assert re.search(r"\d", text), name
        assert support in KNOWN, (name, support)


def test_no_page_says_what_a_reader_must_decode(pages):
    wrong = [
        f"{page}: {block.text[:80]!r} ({why})"
        for page, blocks in pages.items()
        for block in blocks
        for pattern, why in UGLY.items()
        if re.search(pattern, block.text)
    ]
    assert wrong == []


def test_no_code_stands_alone_in_a_table(pages):
    wrong = [
        f"{page}: {block.text}"
        for page, blocks in pages.items()
        for block in blocks
        if block.tag in ("td", "th")
        and re.fullmatch(r"(?!(19|20)\d\d$)\d{4}|\d{6}|\d{8}", block.text)
    ]
    assert wrong == []


def test_an_estimate_has_no_more_than_three_digits(pages):
    wrong = []
    for page, blocks in pages.items():
        estimated = False
        for block in blocks:
            if block.tag == "caption":
                estimated = block.text.endswith(("(estimated)", "(print alone)", "(made here)"))
            elif block.tag not in ("td", "th"):
                estimated = False
            digits = re.fullmatch(r"-?[\d,]{9,}(\.\d+)?", block.text)
            if estimated and digits and len(block.text.replace(",", "").rstrip("0")) > 4:
                wrong.append(f"{page}: {block.text}")
    assert wrong == []


def test_no_finding_title_or_computed_sentence_claims_a_cause(pages):
    wrong = [
        f"{page}: {block.text}"
        for page, blocks in pages.items()
        for block in blocks
        if (block.kind in ("finding", "note") or block.tag in ("h1", "h2"))
        and re.search(CAUSES, block.text)
        and not block.text.endswith("?")
    ]
    assert wrong == []


def test_each_printed_figure_stands_in_the_tables_of_one_page(whole_site):
    site, _ = whole_site
    homes = defaultdict(set)
    for run in read_runs(site):
        for told in read_told(site / run["notebook_out"]):
            for name in told.get("figures", {}):
                homes[name].add(run["page"])
    assert {name: sorted(on) for name, on in homes.items() if len(on) > 1} == {}


def test_the_table_of_findings_is_that_of_the_pages(whole_site):
    """Page by page the same numbers, known alike; words may have been polished since.

    After a change of findings: python -m tests.notebooks.rendered_words SITE.
    """
    site, _ = whole_site
    said = (Path(__file__).parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split(" | ") for line in said.splitlines() if line.startswith("| ")]
    told = [tuple(cell.strip() for cell in row) for row in rows[1:]]
    numbers = re.compile(r"\d[\d,.]*(?<![.,])")

    def core(row):
        return row[0], numbers.findall(row[1]), row[2]

    assert [core(row) for row in told] == [core(row) for row in list_findings(site)]
