"""One code, everything that is known of it."""

import json

import pytest

from nktrade import codes as hs
from nktrade.errors import CodeError


def test_the_card_of_a_refractory_brick():
    card = hs.describe("690220")
    assert card["name"] == "Refractory bricks of alumina or silica"
    assert card["classes"] == {
        "bec": "intermediate",
        "bec_category": "22",
        "industry": "others",
        "chemistry": None,
        "section": "XIII",
        "chapter": "69",
        "heading": "6902",
        "subheading": "690220",
        "family": "690220",
    }
    assert card["editions"] == list(hs.EDITIONS)
    assert "refractory_bricks" in card["baskets"]
    json.dumps(card)


def test_the_card_of_a_code_that_moved():
    card = hs.describe("300220")
    assert card["edition"] == "HS2017"
    assert card["elsewhere"]["HS2022"] == ["300241"]
    json.dumps(hs.describe("2701"))


def test_a_code_that_is_nowhere_is_refused_with_its_sisters():
    with pytest.raises(CodeError, match="6902 has no subheading 690230 in HS2022"):
        hs.describe("690230")
    with pytest.raises(CodeError, match="no subheading 300220 in HS2022"):
        hs.describe("300220", "HS2022")


def test_units_are_those_of_the_customs_list_line_by_line(shared):
    import pandas as pd

    from nktrade.codes.card import find_units

    lines = pd.read_csv(shared / "reference" / "gacc" / "gacc_hs8_2015_2023.csv", dtype="str")
    lines = lines[lines["year"] == "2023"].drop_duplicates("hs8").set_index("hs8")
    kilograms = lines.index[(lines["unit1_zh"] == "千克") & (lines["unit2_zh"] == "?")]
    assert len(kilograms) > 5000
    assert all(find_units(code) == ["kg"] for code in kilograms)
    with_a_second = lines.index[lines["unit2_zh"] != "?"]
    assert all("," in find_units(code)[0] for code in with_a_second)
    for heading, part in lines.groupby(lines.index.str[:4]):
        own = {units for code in part.index for units in find_units(code)}
        assert own <= set(find_units(heading)), heading
    for heading in ("2716", "2715", "8206", "9704"):  # wholly under rules of their own
        own = {units for code in lines.index if code[:4] == heading for units in find_units(code)}
        assert set(find_units(heading)) == own, heading
