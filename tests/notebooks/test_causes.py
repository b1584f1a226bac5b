"""What pages may say: an event is the subject of a causal verb only where a design carries it."""

import re

import nbformat
import pytest

from tests.notebooks.style import NOTEBOOKS

EVENTS = (
    "sanctions?|closures?|bans?|embargo|border|resolutions?|measures?|reopening|epidemic|pandemic"
    "|lockdown|polic(?:y|ies)|notices?|blockade|shortage|exemptions?"
)
CAUSAL = (
    "cuts?|gave|gives|did|caused?|causes|drove|drives|made|makes|brought|brings|forced|forces|took"
    "|takes|led|leads|pushed|reduced|reduces|lowered|raised|raises|boosted|boosts|halved|destroyed"
    "|ended|killed|stopped|hit|hits|hurts?|depressed|lifted|sent|cost|costs"
)
#: An event and, before the clause ends, what it is said to have done.
ACTING = re.compile(
    rf"\b(?:the|a|these|those|this|each|every|\w+'s)\s(?:\w+\s){{0,3}}(?:{EVENTS})"
    rf"(?:\s(?:of|in|on|at|from|by)\s[\w ]{{1,40}}?)?\s(?:alone\s|itself\s|also\s)?(?:{CAUSAL})\b",
    re.IGNORECASE,
)
BECAUSE = re.compile(
    rf"\b(?:because of|due to|owing to|thanks to|caused by|result of|impact of)\b"
    rf"[^.;?]{{0,40}}\b(?:{EVENTS})\b",
    re.IGNORECASE,
)
#: What is asked, supposed, denied, or said by somebody named, is no claim of the page.
HEDGED = re.compile(
    r"\?$|\b(?:would|could|might|may|can|whether|suppose|if|not|no|never|cannot|made-up|KIEP|Brown"
    r"|Choi|documents?|slides?|report|says?|said|writes?|claims?|speaks?|expects?|expected)\b"
)
#: Calls that compare with something that the event did not befall.
DESIGNS = ("compare_with_others(", "fit_gravity(")
#: Rooms of a page that claim nothing of the trade.
SILENT = ("What these numbers cannot say", "Exercises")


def read_sentences(text: str) -> list[str]:
    """Prose as sentences: no code, titles of papers, headings, or rooms that claim nothing."""
    for room in SILENT:
        text = re.sub(rf"^## {room}\n(?:(?!^## ).*\n?)*", "", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`]*`|\*[^*\n]*\*|\"[^\"\n]*\"|^#.*$", " ", text, flags=re.MULTILINE)
    parts = re.split(r"(?<=[.?!])\s+|\n{2,}|^- ", text, flags=re.MULTILINE)
    return [" ".join(part.split()) for part in parts if part.strip()]


def find_claims(text: str) -> list[str]:
    return [
        sentence
        for sentence in read_sentences(text)
        if (ACTING.search(sentence) or BECAUSE.search(sentence)) and not HEDGED.search(sentence)
    ]


def read_page(path) -> tuple[str, str]:
    """A notebook's prose, computed sentences among it, and its code."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    for call in re.findall(r"\b(?:say|finding)\(((?:\s*f?\"[^\"\n]*\"\s*)+)", code):
        prose.append("".join(re.findall(r"\"([^\"\n]*)\"", call)))
    for title in re.findall(r"^\s*f?\"([A-Z][^\"\n]{15,})\",?\)?$", code, re.MULTILINE):
        prose.append(title)
    return "\n\n".join(prose), code


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_event_does_anything_without_a_design(path):
    prose, code = read_page(path)
    if any(design in code for design in DESIGNS):
        return
    assert find_claims(prose) == []


@pytest.mark.parametrize(
    "claim",
    [
        "The closure cut imports by 67 percent.",
        "These sanctions of 2017 took most of the exports.",
        "Imports fell because of the closure.",
        "In 2018 the new measures halved exports.",
        "The fall was due to the border closure.",
        "China's ban on coal stopped the trade.",
        "The reopening gave trade back.",
    ],
)
def test_a_claim_is_recognised(claim):
    assert find_claims(claim) == [claim]


@pytest.mark.parametrize(
    "sentence",
    [
        "When the border closed imports fell.",
        "Did the closure cut imports?",
        "KIEP says that the closure cut imports.",
        "That the closure cut imports is not shown.",
        "Imports fell by 67 percent after the closure.",
        "Three events are marked: the sanctions, the closure and the reopening.",
        "## What these numbers cannot say\n\n- The closure cut imports.\n",
        "Wagner, *The ban cut trade* (2002).",
    ],
)
def test_a_date_a_question_and_another_s_claim_are_none(sentence):
    assert find_claims(sentence) == []
