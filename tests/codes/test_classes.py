"""Classes against the tables they are taken from, and against cases worked by hand."""

import csv
from collections import defaultdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import codes as hs
from nktrade.codes import classes
from nktrade.codes.editions import subheadings
from nktrade.errors import CodeError, InputError

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


def test_refractory_bricks_cannot_be_in_mine():
    """Half-year 2020, ten thousand USD: the provinces' totals and the shares of mine in them."""
    mine = {"Liaoning": (19433, 0.3), "Guangdong": (10504, 1.3), "Fujian": (4114, 0.3),
            "Jilin": (1970, 5.6)}  # fmt: skip
    most = sum(total * (share + 0.05) / 100 for total, share in mine.values())
    elsewhere = 38000 + 500 - sum(total for total, _ in mine.values())
    assert most == pytest.approx(336, abs=1)
    assert most + elsewhere < 3370  # the printed 33.7 million fits nowhere
    assert most < 337  # nor does 3.37 million fit in the four provinces
    assert classes.assign(pd.Series(["6902"]), "industry").tolist() == ["others"]


def test_medical_equipment_cannot_be_in_electronics_or_machinery():
    """Half-year 2019, thousand USD, against shares that round to 0.0 per cent or are a dash."""
    totals = [344450, 128050, 403710, 121280]  # Liaoning, Jilin, Guangdong, Fujian
    most = 2 * (totals[0] + totals[2]) * 0.05 / 100
    assert most < 2044 + 290 + 43
    assert set(classes.assign(pd.Series(["9018", "9019", "9022"]), "industry")) == {"others"}


def test_every_line_of_chinas_tariff_is_in_the_edition_of_its_year(shared):
    path = shared / "reference" / "gacc" / "gacc_hs8_2015_2023.csv"
    lines = pd.read_csv(path, dtype="str", usecols=["hs8", "year"]).rename(columns={"hs8": "hs"})
    lines["hs_edition"] = lines["year"].astype(int).map(hs.edition_of_year).astype("str")
    out = classes.classify(lines, ["industry", "bec", "chapter", "section"])
    assert out[["industry", "chapter"]].notna().all(axis=None)
    assert set(out.loc[out["bec"].isna(), "hs"].str[:6]) == NOT_MERCHANDISE
    assert set(out.loc[out["section"].isna(), "chapter"]) == {"98", "99"}


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


POOL = {
    edition: [code for n in range(1, 98) for code in hs.subheadings(f"{n:02d}", edition)][::29]
    for edition in hs.EDITIONS
}
ROWS = st.sampled_from(hs.EDITIONS).flatmap(
    lambda edition: st.tuples(
        st.sampled_from([*POOL[edition], "980400", "777777"]),
        st.just(edition),
        st.sampled_from(["export", "import"]),
        st.integers(0, 10**9).map(float),
    )
)
TABLES = st.lists(ROWS, min_size=1, max_size=20).map(
    lambda rows: pd.DataFrame(rows, columns=["hs", "hs_edition", "flow", "value"])
)
NAMES = classes.list_classes()["name"].tolist()


@settings(max_examples=60, deadline=None)
@given(TABLES, st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_a_class_does_not_depend_on_order_or_repetition(trade, to, random):
    once = classes.classify(trade, to)[to]
    order = list(range(len(trade))) * 2
    random.shuffle(order)
    again = classes.classify(trade.iloc[order], to)[to]
    pd.testing.assert_series_equal(again, once.iloc[order])


@settings(max_examples=30, deadline=None)
@given(TABLES)
def test_the_levels_nest(trade):
    out = classes.classify(trade, ["subheading", "heading", "chapter", "section"])
    known = out.dropna(subset=["subheading"])
    assert (known["subheading"].str[:4] == known["heading"]).all()
    assert (known["heading"].str[:2] == known["chapter"]).all()
    assert known.groupby("chapter")["section"].nunique().le(1).all()


@settings(max_examples=20, deadline=None)
@given(TABLES)
def test_codes_and_classes_stay_text_through_files(tmp_path_factory, trade):
    out = classes.classify(trade, ["chapter", "bec_category"])
    folder = tmp_path_factory.mktemp("files")
    out.to_parquet(folder / "t.parquet")
    out.to_csv(folder / "t.csv", index=False)
    out.to_json(folder / "t.json", orient="records")
    text = dict.fromkeys(["hs", "hs_edition", "flow", "chapter", "bec_category"], "str")
    for back in (
        pd.read_parquet(folder / "t.parquet"),
        pd.read_csv(folder / "t.csv", dtype=text),
        pd.read_json(folder / "t.json", orient="records", dtype=text),
    ):
        pd.testing.assert_frame_equal(back, out, check_dtype=False)
        assert back["hs"].map(type).eq(str).all()
