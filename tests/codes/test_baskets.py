"""Baskets: shipped, written by a user, and wrong."""

import csv

import pandas as pd
import pytest

from nktrade.codes import baskets
from nktrade.errors import CodeError, InputError


def test_every_shipped_basket_has_a_title_a_source_and_members_in_every_edition():
    table = baskets.list_baskets()
    assert (table[["title", "source", "codes"]] != "").all(axis=None)
    assert table["name"].is_unique
    for name in table["name"]:
        for edition in ("HS2012", "HS2017", "HS2022"):
            assert baskets.load_basket(name).members(edition), (name, edition)


def test_the_common_high_priority_list_is_the_published_one(shared):
    path = shared / "reference" / "common_high_priority_list_hs6_2024-02-23.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert baskets.load_basket("chpl").members() == sorted(row["hs6_hs2022"] for row in rows)
    for tier in {row["tier"] for row in rows}:
        members = baskets.load_basket("chpl_" + tier.lower()).members()
        assert members == sorted(row["hs6_hs2022"] for row in rows if row["tier"] == tier)


def write(folder, text):
    path = folder / "mine.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_wildcards_and_exclusions(tmp_path):
    path = write(
        tmp_path, 'b:\n  edition: HS2017\n  codes: ["6902*", "69??10"]\n  except: ["690290"]\n'
    )
    members = baskets.load_basket(f"{path}#b").members()
    assert {"690210", "690220", "690310", "691010"} <= set(members)
    assert "690290" not in members
    assert baskets.load_basket(str(path)).name == "b"


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ('b: {edition: HS2017, codes: ["690230"]}', CodeError,
         "6902 has no subheading 690230 in HS2017. It has 690210, 690220, 690290"),
        ("b: {edition: HS2017, codes: [690220]}", CodeError, "Put it in quotes"),
        ('b: {edition: HS2017, codes: ["10121"]}', CodeError, "Did you mean '010121'"),
        ('b: {edition: HS2017, codes: ["7701"]}', CodeError, "no chapter 77"),
        ('b: {edition: HS2017, codes: ["6998"]}', CodeError, "69 has no heading 6998"),
        ('b: {edition: HS2017, codes: ["5?9999"]}', CodeError, "nothing in HS2017 matches"),
        ('b: {edition: HS2017, codes: ["69"], except: ["7005"]}', CodeError, "takes nothing out"),
        ('b: {edition: HS2071, codes: ["69"]}', InputError, "Did you mean 'HS2017'"),
        ('b: {edition: HS2017, code: ["69"]}', InputError, "Did you mean 'codes'"),
        ("b: {edition: HS2017}", InputError, "'codes' is missing"),
        ('b: {edition: HS2017, codes: "69"}', InputError, "not a list"),
        ("- 69", InputError, "no baskets"),
        ("b: {", InputError, "not YAML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_name_and_code(tmp_path, text, error, message):
    path = write(tmp_path, text)
    with pytest.raises(error) as caught:
        baskets.load_baskets(path)
    assert message in str(caught.value)
    assert "mine.yml" in str(caught.value)


def test_unknown_baskets_are_answered_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'wigs'"):
        baskets.load_basket("wig")
    with pytest.raises(InputError, match="there is no such file"):
        baskets.load_basket(str(tmp_path / "none.yml"))


def test_rows_are_found_in_any_edition_and_at_any_level():
    trade = pd.DataFrame(
        [
            ("69072100", "HS2017", True),
            ("690890", "HS2012", True),  # 6908 ended in 2017 and is the same tiles
            ("6907", "HS2022", True),
            ("69", "HS2022", False),  # a chapter holds more than the basket
            ("690220", "HS2022", False),
        ],
        columns=["hs", "hs_edition", "in"],
        index=[5, 4, 3, 2, 2],
    )
    held = baskets.in_basket(trade, "tiles_ceramics")
    assert held.tolist() == trade["in"].tolist()
    assert held.index.tolist() == trade.index.tolist()
    assert baskets.select_basket(trade, "tiles_ceramics")["hs"].tolist() == trade["hs"].tolist()[:3]


def test_special_codes_and_tariff_lines():
    trade = pd.DataFrame({"hs": ["98040000", "9804", "98", "67"], "hs_edition": "HS2022"})
    assert baskets.in_basket(trade, "not_classified_by_hs").tolist() == [True, True, True, False]
    assert baskets.in_basket(trade, "9804").tolist() == [True, True, False, False]
    lines = pd.DataFrame({"hs": ["30049090", "30049010", "300490"], "hs_edition": "HS2017"})
    assert baskets.in_basket(lines, "30049090").tolist() == [True, False, False]
    assert baskets.in_basket(lines, "3004, !30049090").tolist() == [False, True, False]


def test_a_basket_of_telephones_holds_neither_waste_nor_displays():
    phones = baskets.make_basket("phones", {"edition": "HS2017", "codes": ["851712"]})
    assert phones.members("HS2022") == ["851713", "851714"]
    smart = baskets.make_basket("smart", {"edition": "HS2022", "codes": ["851713"]})
    assert smart.members("HS2017") == ["851712"]  # wider, as nothing narrower is known
