"""Everyday words in three languages find their codes; what is found is named rightly."""

import csv
from pathlib import Path

import pytest

from nktrade import codes as hs
from nktrade.codes.finder import split_words
from nktrade.codes.names import list_names
from nktrade.errors import InputError

QUERIES = Path(__file__).with_name("hs_queries.csv")


def read_queries():
    with open(QUERIES, encoding="utf-8", newline="") as file:
        return [(row["query"], tuple(row["code"].split("|"))) for row in csv.DictReader(file)]


def test_the_right_code_comes_first():
    """Of some 380 queries all but a few in a hundred; and always among the first three."""
    asked = read_queries()
    found = {query: hs.search(query)["code"].tolist() for query, _ in asked}
    late = [q for q, right in asked if not any(c.startswith(right) for c in found[q][:3])]
    assert late == []
    first = [q for q, right in asked if found[q] and found[q][0].startswith(right)]
    print(f"{len(first)} of {len(asked)} queries have a right code in the first place")
    assert len(first) >= 0.97 * len(asked)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refractry brick", "6902"),
        ("syrnge", "901831"),
        ("fertlizer", "31"),
        ("umbrela", "6601"),
        ("soyabean oil", "1507"),
        ("TYRES!", "4011"),
        ("electrodes of graphite", "8545"),
    ],
)
def test_typing_errors_and_manners_are_forgiven(typed, meant):
    assert any(code.startswith(meant) for code in hs.search(typed, limit=3)["code"])


def test_digits_are_read_as_the_beginning_of_a_code():
    assert hs.search("8541")["code"].iloc[0] == "8541"
    assert set(hs.search("85.41")["code"].str[:4]) == {"8541"}
    assert hs.search("90183100")["code"].tolist() == ["901831"]
    assert hs.search("7777").empty


def test_an_edition_narrows():
    everywhere = hs.search("smartphone")["code"].tolist()
    assert "851713" in everywhere
    assert "851713" not in hs.search("smartphone", edition="HS2017")["code"].tolist()
    with pytest.raises(InputError, match="HS2071"):
        hs.search("smartphone", edition="HS2071")


def test_nothing_is_refused_and_nonsense_finds_nothing():
    for empty in ("", "   "):
        with pytest.raises(InputError, match="nothing to search for"):
            hs.search(empty)
    for nonsense in ("qwrtzpsdf", "no such thing as xylqzt", "!!!", "的", "🙂"):
        assert len(hs.search(nonsense)) <= 20


def test_both_spellings_find_the_same():
    for one, other in [("tires", "tyres"), ("aluminum", "aluminium"), ("sulfur", "sulphur")]:
        assert hs.search(one)["code"].tolist() == hs.search(other)["code"].tolist()
    assert split_words("The knives, of fibers") == ["knife", "fibre"]


def test_words_stand_at_codes_that_exist_and_every_heading_has_them_in_three_languages():
    with open(QUERIES.parents[2] / "data/classes/hs/words.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    assert codes == sorted(codes)
    assert [code for code in codes if code not in list_names(6)] == []
    headings = {code for code in list_names() if len(code) == 4 and code[:2] not in ("98", "99")}
    assert headings <= set(codes)
    assert all(row["chinese"] and row["korean"] for row in rows if len(row["code"]) == 4)
