"""Classes against the tables they are taken from, and against cases worked by hand."""

import csv
from collections import defaultdict

import pandas as pd
import pytest

from nktrade import classes, hs
from nktrade.errors import CodeError, InputError
from nktrade.hs.editions import subheadings

#: Monetary gold and legal tender: in the nomenclature, in no BEC table.
NOT_MERCHANDISE = {"710820", "711890"}


def read_bec(shared, year):
    """Return {code: set of BEC categories} as the United Nations print them."""
    given = defaultdict(set)
    path = shared / "reference" / "bec" / f"hs{year}_to_bec4.csv"
    with open(path, encoding="utf-8-sig", newline="") as file:
        for code, category, *_ in list(csv.reader(file))[1:]:
            if code.strip() and category.strip() != "n/a":
                given[code.strip().replace(".", "")].add(category.strip())
    return given


@pytest.mark.parametrize("year", [2007, 2012, 2017, 2022])
def test_bec_agrees_with_the_united_nations_code_by_code(shared, year):
    given = read_bec(shared, year)
    codes = pd.Series(sorted(given), dtype="str")
    ours = dict(zip(codes, classes.assign(codes, "bec_category", f"HS{year}"), strict=True))
    ours.pop("999999", None)
    wrong = {code: (own, given[code]) for code, own in ours.items() if own not in given[code]}
    assert wrong == {}
    assert set(subheadings_of_all(f"HS{year}")) - set(ours) == NOT_MERCHANDISE
    assert classes.assign(pd.Series(sorted(NOT_MERCHANDISE)), "bec").isna().all()


def subheadings_of_all(edition):
    return [code for n in range(1, 98) for code in subheadings(f"{n:02d}", edition)]


@pytest.mark.parametrize("year", [2012, 2017, 2022])
def test_bec_end_use_is_the_only_one_wherever_the_tables_leave_only_one(shared, year):
    use = {
        "capital": {"41", "521"},
        "intermediate": {"111", "121", "21", "22", "31", "322", "42", "53"},
        "consumption": {"112", "122", "522", "61", "62", "63"},
        "not classified": {"32", "51", "7"},
    }
    of = {category: end for end, members in use.items() for category in members}
    expected = {}
    for code, categories in read_bec(shared, year).items():
        ends = {of[category] for category in categories}
        if len(ends) == 1 and code != "999999":
            expected[code] = ends.pop()
    ours = classes.assign(pd.Series(list(expected), dtype="str"), "bec", f"HS{year}")
    assert ours.tolist() == list(expected.values())
    assert len(expected) > 5100


def test_bec_of_well_known_goods():
    codes = {
        "300490": "consumption",
        "670300": "intermediate",
        "670419": "consumption",
        "690220": "intermediate",
        "870110": "capital",
        "870323": "not classified",
        "901811": "capital",
        "910811": "intermediate",
        "98040000": "not classified",
    }
    ours = classes.assign(pd.Series(list(codes), dtype="str"), "bec")
    assert dict(zip(codes, ours, strict=True)) == codes


def test_every_subheading_has_an_industry_and_a_section():
    for edition in ("HS2007", "HS2012", "HS2017", "HS2022"):
        codes = pd.Series(subheadings_of_all(edition), dtype="str")
        for name in ("industry", "section", "chapter", "heading"):
            assert classes.assign(codes, name, edition).notna().all()


def test_there_are_twelve_industries_and_the_printed_decisions_hold():
    rules = classes.load_class("industry")
    assert rules["class"].nunique() == 12
    headings = {
        "0505": "agriculture",
        "2207": "agriculture",
        "2403": "agriculture",
        "0307": "marine",
        "3918": "plastic_rubber",
        "6703": "textile",
        "9111": "others",
        "9804": "others",
        "2704": "mine",
        "3105": "chemistry",
    }
    ours = classes.assign(pd.Series(list(headings), dtype="str"), "industry")
    assert dict(zip(headings, ours, strict=True)) == headings


def test_the_industries_can_hold_the_top_ten_of_2023():
    """Points of total imports printed for the ten headings, against the four printed shares."""
    top = {
        "6703": 8.0,
        "1507": 4.5,
        "3105": 4.0,
        "5407": 4.0,
        "1006": 3.8,
        "1701": 3.5,
        "6006": 3.3,
        "3004": 2.9,
        "2403": 2.6,
        "3918": 2.4,
    }
    printed = {"textile": 30.0, "agriculture": 26.3, "chemistry": 14.0, "plastic_rubber": 13.7}
    industry = classes.assign(pd.Series(list(top), dtype="str"), "industry")
    sums = pd.Series(top.values()).groupby(industry).sum()
    assert set(sums.index) <= set(printed)
    assert all(sums[name] <= share for name, share in printed.items())


def test_classify_keeps_rows_index_and_order():
    trade = pd.DataFrame(
        {
            "hs": ["69022000", "010121", "690220", "6902.20", "9999", "770000", None],
            "hs_edition": ["HS2017", "HS2012", "HS2022", "HS2017", "HS2017", "HS2017", "HS2017"],
            "value": range(7),
        },
        index=list("zyxwvut"),
    )
    before = trade.copy()
    out = classes.classify(trade, to=["industry", "bec", "chapter", "subheading"])
    pd.testing.assert_frame_equal(out[list(trade)], before)
    assert out["industry"].fillna("").tolist() == [
        "others", "agriculture", "others", "others", "others", "", "",
    ]  # fmt: skip
    assert out["subheading"].fillna("").tolist() == [
        "690220", "010121", "690220", "690220", "", "", "",
    ]  # fmt: skip
    assert all(str(out[name].dtype) == "str" for name in ("industry", "bec", "chapter"))


def test_a_code_of_another_edition_has_no_class():
    codes = pd.Series(["300220", "300220"])
    editions = pd.Series(["HS2017", "HS2022"])
    assert classes.assign(codes, "bec", editions).isna().tolist() == [False, True]


def test_a_heading_over_two_classes_has_none():
    assert classes.assign(pd.Series(["9018"]), "bec").isna().all()
    assert classes.assign(pd.Series(["9018"]), "industry").tolist() == ["others"]
    assert classes.assign(pd.Series(["16"]), "industry").isna().all()


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'industry'"):
        classes.assign(pd.Series(["67"]), "industri")
    with pytest.raises(InputError, match="Did you mean 'HS2017'"):
        classes.assign(pd.Series(["67"]), "bec", "HS2071")
    with pytest.raises(CodeError, match="Did you mean '690220'"):
        classes.assign(pd.Series([690220.0]), "bec")


def test_an_empty_table_is_classified():
    empty = pd.DataFrame({"hs": pd.Series(dtype="str"), "hs_edition": pd.Series(dtype="str")})
    assert list(classes.classify(empty, to=["bec", "chapter"])) == [
        "hs", "hs_edition", "bec", "chapter",
    ]  # fmt: skip


def test_sanctions_by_code_flow_and_date():
    coal = classes.sanctions("2701", flow="export")
    assert coal["id"].tolist() == ["2270-29", "2321-26", "2371-8"]
    assert classes.sanctions("2701", "export", on="2017-07")["id"].tolist() == ["2321-26"]
    assert classes.sanctions("2701", "export", on="2018")["id"].tolist() == ["2371-8"]
    assert classes.sanctions("2701", "export", on="2016-02").empty
    pump = classes.sanctions("84137090", flow="import", on="2018-01")
    assert pump[["id", "code_printed", "covers"]].to_numpy().tolist() == [["2397-7a", "yes", "all"]]
    silver = classes.sanctions("2616", flow="export")
    assert silver[["id", "covers"]].to_numpy().tolist() == [["2321-28", "part"]]
    for free in ("6704", "2611", "2613", "2716", "9108"):
        assert classes.sanctions(free).empty, free
    with pytest.raises(InputError, match="Did you mean 'export'"):
        classes.sanctions("2701", flow="exports")


def test_sanctions_dates_and_codes_hold_together():
    table = classes._measures()
    assert table["id"].is_unique
    assert table["flow"].isin(["export", "import"]).all()
    assert set(table.loc[table["code_printed"] == "yes", "resolution"]) == {"2397"}
    assert not (table["effective"] < table["adopted"]).any()
    assert not (table["wind_down_end"] <= table["effective"]).any()
    assert not (table["ended"] <= table["effective"]).any()
    days = (table["wind_down_end"] - table["adopted"]).dt.days
    assert set(days.dropna()) == {30, 90}
    codes = {code for cell in table["hs"] for code in cell.split()}
    assert all(hs.exists(code, "HS2017") for code in codes)


def test_every_measure_of_the_draft_is_there(shared):
    path = shared / "reference" / "unsc_dprk_hs_sanctions_DRAFT.csv"
    draft = pd.read_csv(path, dtype="str")
    ours = {
        flow: {code[:2] for cell in part["hs"] for code in cell.split()}
        for flow, part in classes._measures().groupby("flow")
    }
    for direction, codes in zip(draft["direction"], draft["hs"], strict=True):
        flow = "export" if direction == "DPRK_export" else "import"
        for code in codes.replace("/", ";").split(";"):
            first = code.split("-")[0][:2]
            assert first in ours[flow], (direction, code)
