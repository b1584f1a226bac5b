"""The declared checks: a file that people edit, so its errors say where they are."""

import pytest

from nktrade.errors import InputError
from nktrade.published import claim, load_documents, load_reported
from nktrade.published.claims import read_claims
from nktrade.published.questions import tell_sum

GOOD = "- {kind: claim, document: d, place: p, claim: c, formula: '{d:1} > 2'"


def write(tmp_path, text):
    file = tmp_path / "checks.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_figure_named_is_there():
    known = set(load_documents().index) | set(load_reported().index)
    for check in read_claims():
        formulas = [check.formula, *(formula for _, formula in check.candidates)]
        assert set().union(*(formula.members for formula in formulas)) <= known, check


def test_documents_and_slides_are_there():
    figures = load_documents()
    for check in read_claims():
        assert check.document in set(figures["document"])


def test_no_check_is_declared_twice():
    texts = [check.formula.text for check in read_claims()]
    assert len(texts) == len(set(texts))


def test_a_check_is_read(tmp_path):
    (check,) = read_claims(write(tmp_path, GOOD + ", strength: hint}"))
    assert (check.strength, check.claim, check.figure) == ("hint", "c", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + ", verdict: suspect}", "field too many"),
        ("- {kind: claim, document: d, place: p, claim: c}", "not complete"),
        (GOOD + ", strength: strong}", "proof or hint"),
        ("- {kind: k, document: d, place: p, formula: '1 == 2'}", "neither a claim nor a figure"),
        ("- {kind: k, document: d, place: p, claim: c, formula: '1 +'}", "cannot be read"),
        ("- {kind: k, document: d, place: p, claim: c, formula: 'f(1) == 2'}", "no function 'f'"),
    ],
)
def test_errors_say_which_check(tmp_path, text, told):
    with pytest.raises(InputError, match=r"checks\.yml, check 1") as caught:
        read_claims(write(tmp_path, text))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [(1000, "USD", "1,000 USD"), (160e6, "USD", "160 million USD"), (0, "USD", "0 USD"),
     (160e6, "CNY", "160 million CNY"), (0.5, "", "0.5")],
)  # fmt: skip
def test_a_number_of_a_claim_has_its_unit(number, unit, said):
    assert tell_sum(number, unit) == said


def test_dollars_and_ratios_are_told_apart():
    wigs = {"flow": "import", "hs": "6704", "period": "2022"}
    assert claim(wigs, ">", 1000).text.endswith("exceeded 1,000 USD")
    share = {"part": wigs, "whole": {"flow": "import", "period": "2022"}}
    assert claim(share, ">", 0.01).text.endswith("exceeded 0.01")
