"""Every chapter and heading has a short name, and search finds it."""

import csv
import json

import pandas as pd
import pytest

from nktrade import codes as hs
from nktrade.errors import InputError


def read_nomenclature(shared, edition):
    """Return the codes the United Nations list for an edition."""
    folder = shared / "reference" / "hs"
    if edition == "HS2022":
        with open(folder / "hs2022.csv", encoding="utf-8-sig", newline="") as file:
            return {row["hscode"] for row in csv.DictReader(file)}
    text = (folder / "classificationH5.json").read_text(encoding="utf-8-sig")
    return {entry["id"] for entry in json.loads(text)["results"]}


@pytest.mark.parametrize("edition", ["HS2017", "HS2022"])
def test_every_chapter_and_heading_has_a_name_of_its_own(shared, edition):
    listed = {c for c in read_nomenclature(shared, edition) if c.isdigit() and len(c) in (2, 4)}
    listed = {code for code in listed if code[:2] not in ("98", "99")}
    assert len(listed) > 1300
    assert [code for code in sorted(listed) if not hs.name(code)] == []
    assert [code for code in sorted(listed) if not hs.exists(code, edition)] == []


@pytest.mark.parametrize("edition", ["HS2017", "HS2022"])
def test_the_subheadings_are_those_listed(shared, edition):
    listed = {c for c in read_nomenclature(shared, edition) if c.isdigit() and len(c) == 6}
    listed -= {"999999"}
    ours = {code for n in range(1, 98) for code in hs.subheadings(f"{n:02d}", edition)}
    assert ours == listed


def test_a_line_is_told_by_its_own_subheading_or_as_a_part():
    assert hs.name("69022000") == hs.name("690220") != hs.name("6902") == "Refractory bricks"
    assert hs.name("90183100") == "Syringes"
    assert hs.name("7777") == ""


@pytest.mark.parametrize("edition", ["HS2012", "HS2017", "HS2022"])
def test_every_subheading_has_a_name_that_tells_it_from_its_sisters(edition):
    codes = [code for code in hs.codes_of(edition, 6) if not code.startswith(("98", "99"))]
    named = pd.DataFrame({"code": codes, "name": [hs.name(code).lower() for code in codes]})
    assert named["name"].ne("").all()
    assert named[named["name"].str.startswith("part of")].empty
    heading = named["code"].str[:4].map(lambda code: hs.name(code).lower())
    undivided = named["code"].str.endswith("00")  # a heading that is not divided is its subheading
    assert named[named["name"].eq(heading) & ~undivided].empty
    assert named[named.assign(heading=heading).duplicated(["name", "heading"], keep=False)].empty


def test_a_table_is_labelled_beside_its_codes():
    table = pd.DataFrame({"hs": ["6704", "90183100", None], "value": [1, 2, 3]})
    labelled = hs.label(table)
    assert list(labelled.columns) == ["hs", "name", "value"]
    assert labelled["name"].tolist()[:2] == ["Wigs and false eyelashes", "Syringes"]
    assert "name" not in table
    with pytest.raises(InputError, match="no column of codes"):
        hs.label(table[["value"]])
