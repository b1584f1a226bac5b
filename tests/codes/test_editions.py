"""Conversion between editions, against the United Nations tables and by hand."""

import re
import zipfile
from itertools import combinations
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nktrade as nk
from nktrade import codes as hs
from nktrade.errors import CodeError, InputError, MixtureError, UnanswerableError

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_sheet(path, number):
    """Return the pairs (newer, older) of a United Nations workbook: 1 conversion, 2 correlation."""
    book = zipfile.ZipFile(path)
    shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    strings = ["".join(text.text or "" for text in item.iter(f"{_NS}t")) for item in shared]
    sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    pairs = set()
    for row in sheet.iter(f"{_NS}row"):
        values = []
        for cell in row:
            value = cell.findtext(f"{_NS}v")
            if value is not None:
                values.append(strings[int(value)] if cell.get("t") == "s" else value)
        codes = [value.strip() for value in values if re.fullmatch(r"\s*\d{6}\s*", value)]
        if len(codes) == 2:
            pairs.add(tuple(codes))
    return pairs


@pytest.mark.parametrize(
    ("newer", "older", "count"),
    [("HS2017", "HS2012", 6141), ("HS2022", "HS2012", 16377), ("HS2022", "HS2017", 15657)],
)
def test_correlation_agrees_with_the_united_nations_pair_by_pair(shared, newer, older, count):
    name = f"{newer}to{older}ConversionAndCorrelationTables.xlsx"
    printed = read_sheet(shared / "reference" / "hs" / name, 2)
    assert len(printed) == count
    printed.remove(("999999", "999999"))  # not elsewhere specified: chapter 99 passes as it is
    down, up = hs.correlate(newer, older), hs.correlate(older, newer)
    assert set(zip(down["code"], down["to"], strict=True)) == printed
    assert set(zip(up["to"], up["code"], strict=True)) == printed


@pytest.mark.parametrize("source", hs.EDITIONS)
@pytest.mark.parametrize("target", hs.EDITIONS)
def test_every_pair_joins_codes_that_exist(source, target):
    table = hs.correlate(source, target)
    assert all(hs.exists(code, source) for code in table["code"].unique())
    assert all(hs.exists(code, target) for code in table["to"].unique())
    assert not table.duplicated(["code", "to"]).any()


def make(*rows):
    columns = ["hs", "hs_edition", "flow", "value", "quantity", "status"]
    return pd.DataFrame(rows, columns=columns)


def test_renamed_merged_and_split_codes_by_hand():
    trade = make(
        ("300241", "HS2022", "export", 10.0, 1.0, "reported"),  # renamed from 300220
        ("69022000", "HS2022", "export", 5.0, 2.0, "reported"),  # unchanged
        ("852581", "HS2022", "export", 8.0, 4.0, "reported"),  # cameras, with their sisters
        ("852589", "HS2022", "export", 2.0, 1.0, "reported"),
        ("98040000", "HS2022", "export", 1.0, 1.0, "reported"),
    )
    converted, report = hs.convert(trade, to="HS2017")
    value = converted.set_index("hs")["value"]
    assert value["300220"] == 10
    assert value["690220"] == 5
    assert value["980400"] == 1
    assert value.sum() == pytest.approx(trade["value"].sum())
    assert set(converted["hs_edition"]) == {"HS2017"}
    assert report["lines"].sum() == 5
    assert report.set_index("kind").loc["exact", "lines"] == 3


def test_a_split_is_shared_equally_or_by_the_values_at_hand_and_says_estimated():
    code, targets = "851712", ["851713", "851714"]  # telephones: smartphones and others
    one = make((code, "HS2017", "export", 10.0, 4.0, "reported"))
    equal, report = hs.convert(one, to="HS2022")
    assert equal["hs"].tolist() == targets
    assert equal["value"].tolist() == [5.0, 5.0]
    assert set(equal["status"]) == {"estimated"}
    assert report["kind"].tolist() == ["split"]
    later = make(
        (targets[0], "HS2022", "export", 3.0, 1.0, "reported"),
        (targets[1], "HS2022", "export", 1.0, 1.0, "reported"),
        (targets[1], "HS2022", "import", 9.0, 1.0, "reported"),  # the other flow does not count
        ("852491", "HS2022", "export", 96.0, 1.0, "reported"),  # nor does another heading
    )
    by_table, _ = hs.convert(one, to="HS2022", weights=later)
    assert by_table["value"].tolist() == [7.5, 2.5]
    both, _ = hs.convert(pd.concat([one, later]), to="HS2022", weights="value")
    shares = both[(both["status"] == "estimated")].set_index("hs")["value"]
    assert shares.to_dict() == {targets[0]: 7.5, targets[1]: 2.5}


@pytest.mark.parametrize(("newer", "older"), [*combinations(hs.EDITIONS[:0:-1], 2)])
def test_conversion_agrees_with_the_united_nations_pair_by_pair(shared, newer, older):
    name = f"{newer}to{older}ConversionAndCorrelationTables.xlsx"
    printed = read_sheet(shared / "reference" / "hs" / name, 1) - {("999999", "999999")}
    down = hs.convert_codes(newer, older)
    assert set(zip(down["code"], down["to"], strict=True)) == printed
    up = hs.counterparts(older, newer)
    named = {}
    for new, old in printed:
        named.setdefault(old, set()).add(new)
    for code, takers in up.items():
        if code in named:
            assert set(takers) <= named[code]
            assert takers == (code,) or code not in named[code]
            here = {taker for taker in named[code] if taker[:4] == code[:4]}
            assert takers == (code,) or not here or set(takers) == here
        elif hs.exists(code, newer):
            assert takers == (code,)
    # What no newer code converts to goes to codes that the correlation names, or stays beside.
    for code in set(up) - set(named) - set(hs.codes_of(newer, 6)):
        related = set(hs.correlate(older, newer).query("code == @code")["to"])
        assert set(up[code]) <= related or all(taker[:5] == code[:5] for taker in up[code])


def test_no_code_takes_over_the_trade_of_others_as_waste_does_their_scrap():
    """Waste (8549) and displays (8524) share goods with hundreds of codes and are none of them."""
    for older in ("HS2007", "HS2012", "HS2017"):
        for code, takers in hs.counterparts(older, "HS2022").items():
            if not code.startswith("8548"):
                assert not [one for one in takers if one[:4] in ("8549", "8524")], code


def test_what_was_a_telephone_stays_one():
    """In 2017 exports of the panel no value moves to waste or displays.

    HS2022 closed two headings, and their goods follow: aircraft parts and cadmium.
    """
    trade = nk.load(flow="export", start="2017", end="2017")
    converted, report = hs.convert(trade, to="HS2022", widest=7)  # 360300 became seven kinds
    before = trade.groupby(trade["hs"].str[:4])["value"].sum()
    after = converted.groupby(converted["hs"].str[:4])["value"].sum()
    assert before["8517"] > 1e8
    assert after["8517"] == pytest.approx(before["8517"], rel=1e-12)
    assert not {"8549", "8524"} & set(after.index)
    moved = after.sub(before, fill_value=0.0)
    assert set(moved[moved.abs() > 1].index) == {"8803", "8807", "8107", "8112"}
    assert moved.sum() == pytest.approx(0.0, abs=1.0)
    assert report["left_heading"].sum() < 1e-4
    assert report["left_chapter"].sum() == 0


def test_the_report_says_what_left_its_heading_and_its_chapter():
    trade = make(
        ("690810", "HS2012", "export", 3.0, 1.0, "reported"),  # glazed tiles, now under 6907
        ("846900", "HS2012", "export", 2.0, 1.0, "reported"),  # typewriters, now under 8472
        ("690220", "HS2012", "export", 5.0, 1.0, "reported"),
        ("251830", "HS2017", "export", 10.0, 1.0, "reported"),  # ramming mix, now 381600
    )
    _, report = hs.convert(trade, to="HS2022")
    assert report["left_heading"].sum() == pytest.approx(15 / 20)
    assert report["left_chapter"].sum() == pytest.approx(10 / 20)


def test_a_series_over_editions_has_no_jump_that_its_rows_do_not_have():
    """Every year holds the same goods in the codes of its time; either edition shows them level.

    Codes that ended stand in 2017 to 2021; the codes that took them over, in 2022 to 2024, share
    the same value. So every family is level, and so is every code that lives in both.
    """
    up = hs.counterparts("HS2017", "HS2022")
    old = pd.Series(1.0, index=sorted(up))
    new = pd.Series(dict.fromkeys(hs.codes_of("HS2022", 6), 0.0))
    for takers in up.values():
        for taker in takers:
            new[taker] += 1.0 / len(takers)
    rows = [
        pd.DataFrame({"hs": goods.index, "value": goods.to_numpy(), "period": year}).assign(
            hs_edition=edition
        )
        for year, goods, edition in ((2021, old, "HS2017"), (2022, new[new > 0], "HS2022"))
    ]
    for to in ("HS2017", "HS2022"):
        level, _ = hs.convert(pd.concat(rows), to=to, widest=None)
        family = level["hs"].map(hs.find_family)
        years = level.groupby([family, "period"])["value"].sum().unstack()
        assert (years[2021] - years[2022]).abs().max() < 1e-9
        heading = level.groupby([level["hs"].str[:4], "period"])["value"].sum().unstack()
        if to == "HS2022":
            assert (heading[2021] - heading[2022]).abs().max() < 1e-9


@pytest.mark.parametrize("source", hs.EDITIONS[1:])
@pytest.mark.parametrize("target", hs.EDITIONS[1:])
def test_families_are_constant_over_editions(source, target):
    """Whatever the values, a family's total is the same before and after conversion."""
    codes = hs.codes_of(source, 6)
    values = [float(17 * n % 1009 + 1) for n in range(len(codes))]
    trade = pd.DataFrame({"hs": codes, "value": values, "hs_edition": source})
    converted, _ = hs.convert(trade, to=target, widest=None)
    before, after = (
        table.groupby(table["hs"].map(hs.find_family))["value"].sum()
        for table in (trade, converted)
    )
    pd.testing.assert_series_equal(before, after, rtol=1e-12)


def test_families_are_small_and_a_class_like_any_other():
    assert hs.list_family("690220") == ["690220"]
    assert {"851712", "851713", "851714"} <= set(hs.list_family("851713"))
    assert hs.find_family("010110") is None  # ended before 2012
    trade = make(
        ("300220", "HS2017", "export", 1.0, 1.0, "reported"),
        ("30024100", "HS2022", "export", 1.0, 1.0, "reported"),
        ("3002", "HS2022", "export", 1.0, 1.0, "reported"),  # a heading is in several
    )
    found = nk.classify(trade, to="family")["family"].tolist()
    assert found[:2] == ["300220", "300220"]
    assert pd.isna(found[2])


def test_a_wide_split_is_refused_unless_the_weights_know_it():
    trade = make(("950890", "HS2017", "export", 9.0, 1.0, "reported"))  # rides, now nine codes
    with pytest.raises(UnanswerableError, match="950890 of HS2017 became 950821"):
        hs.convert(trade, to="HS2022")
    parts, _ = hs.convert(trade, to="HS2022", widest=9)
    assert parts["value"].tolist() == [1.0] * 9
    known = make(("950825", "HS2022", "export", 4.0, 1.0, "reported"))
    weighted, _ = hs.convert(trade, to="HS2022", weights=known)
    assert weighted[["hs", "value"]].to_numpy().tolist() == [["950825", 9.0]]
    other = make(("950825", "HS2022", "import", 4.0, 1.0, "reported"))  # of the other flow
    with pytest.raises(UnanswerableError):
        hs.convert(trade, to="HS2022", weights=other)


def test_a_plain_list_of_codes():
    table = hs.convert(["851712", "690220", "9801.00"], to="HS2022")
    assert table["to"].tolist() == ["851713", "851714", "690220", "980100"]
    assert table["kind"].tolist() == ["split", "split", "exact", "exact"]
    assert table["share"].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert hs.convert(["851713"], to="HS2017")["to"].tolist() == ["851712"]
    assert hs.convert("8469.00", to="HS2022")["to"].tolist() == ["847290"]
    assert hs.convert(["690220"], to="HS2012", edition="HS2017")["kind"].tolist() == ["exact"]
    with pytest.raises(CodeError, match="851713"):
        hs.convert(["851713"], to="HS2022", edition="HS2017")
    with pytest.raises(CodeError, match="too short"):
        hs.convert(["8517"], to="HS2022")
    with pytest.raises(CodeError, match="is a number"):
        hs.convert([851712], to="HS2022")
    with pytest.raises(InputError, match="edition of each row"):
        hs.convert(make(), to="HS2022", edition="HS2017")


def test_a_code_its_edition_does_not_have_is_kept_and_reported():
    trade = make(("300220", "HS2022", "export", 10.0, 1.0, "reported"))
    converted, report = hs.convert(trade, to="HS2017")
    assert converted[["hs", "hs_edition", "value"]].to_numpy().tolist() == [
        ["300220", "HS2022", 10.0]
    ]
    assert report[["kind", "codes", "lines", "share"]].to_numpy().tolist() == [
        ["unmatched", 1, 1, 1.0]
    ]


def test_what_rests_on_headings_alone_is_called_inferred():
    trade = make(("010110", "HS2007", "export", 10.0, 1.0, "reported"))
    converted, report = hs.convert(trade, to="HS2012")
    assert report["kind"].tolist() == ["inferred"]
    assert set(converted["hs"].str[:4]) == {"0101"}
    assert converted["value"].sum() == pytest.approx(10)
    assert set(converted["status"]) == {"estimated"}


def test_refusals():
    with pytest.raises(CodeError, match="too short"):
        hs.convert(make(("6902", "HS2017", "export", 1.0, 1.0, "reported")), to="HS2022")
    with pytest.raises(InputError, match="Did you mean 'HS2017'"):
        hs.convert(make(), to="HS2107")
    with pytest.raises(InputError, match="Did you mean 'value'"):
        hs.convert(make(), to="HS2017", weights="values")
    mixed = make(
        ("690220", "HS2017", "export", 1.0, 1.0, "reported"),
        ("690210", "HS2017", "export", 1.0, 1.0, "reported"),
    ).assign(currency=["USD", "CNY"])
    with pytest.raises(MixtureError):
        hs.convert(mixed, to="HS2017", weights="value")


def test_an_empty_table_converts_to_an_empty_table():
    converted, report = hs.convert(make(), to="HS2017")
    assert len(converted) == len(report) == 0


def random_tables():
    """Rows of genuine codes of every edition, with values and quantities, some missing."""
    pools = {edition: hs.subheadings("84", edition) + hs.subheadings("03", edition)
             + hs.subheadings("85", edition) for edition in hs.EDITIONS}  # fmt: skip
    row = st.sampled_from(hs.EDITIONS).flatmap(
        lambda edition: st.tuples(
            st.sampled_from(pools[edition]),
            st.just(edition),
            st.sampled_from(["export", "import"]),
            st.integers(0, 10**9).map(float),
            st.one_of(st.none(), st.integers(0, 10**6).map(float)),
            st.just("reported"),
        )
    )
    return st.lists(row, min_size=1, max_size=12).map(lambda rows: make(*rows))


@settings(max_examples=60, deadline=None)
@given(random_tables(), st.sampled_from(hs.EDITIONS), st.sampled_from(["equal", "value"]))
def test_totals_are_conserved_whatever_the_table(trade, to, weights):
    converted, report = hs.convert(trade, to=to, weights=weights, widest=None)
    for amount in ("value", "quantity"):
        before = trade.groupby("flow")[amount].sum()
        after = converted.groupby("flow")[amount].sum()
        pd.testing.assert_series_equal(before, after, check_dtype=False, rtol=1e-9)
    assert report["lines"].sum() == len(trade)
    assert report["value"].sum() == trade["value"].sum()
    assert report["share"].sum() == pytest.approx(1 if report["value"].sum() else 0)
    assert str(converted["hs"].dtype) == "str"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(hs.EDITIONS), st.sampled_from(hs.EDITIONS), st.data())
def test_one_to_one_codes_come_back_unchanged(source, target, data):
    table = hs.correlate(source, target)
    exact = table.loc[table["kind"] == "exact", "code"]
    code = data.draw(st.sampled_from(exact.tolist()))
    there, _ = hs.convert(make((code, source, "export", 3.0, 1.0, "reported")), to=target)
    back, _ = hs.convert(there, to=source)
    assert back["hs"].tolist() == [code]
    assert back["value"].tolist() == [3.0]
    assert back["status"].tolist() == ["reported"]


def test_a_code_that_is_not_there_is_told_by_its_level():
    for code, words in (("6998", "69 has no heading 6998"), ("690299", "no subheading 690299")):
        with pytest.raises(CodeError, match=words):
            hs.check_code(code)


def test_a_whole_with_an_unknown_value_has_no_share_that_left():
    trade = make(
        ("690810", "HS2012", "export", 3.0, 1.0, "reported"),
        ("846900", "HS2012", "export", float("nan"), 1.0, "suppressed"),
    )
    _, report = hs.convert(trade, to="HS2022")
    assert report[["share", "left_heading", "left_chapter"]].isna().all(axis=None)


@pytest.mark.parametrize(("source", "target"), [("HS2012", "HS2017"), ("HS2022", "HS2017")])
def test_a_code_is_merged_if_its_counterpart_has_another(source, target):
    table = hs.correlate(source, target)
    targets, sources = table.groupby("code")["to"].size(), table.groupby("to")["code"].size()
    alone = table[(table["code"].map(targets) == 1) & (table["kind"] != "inferred")]
    shared = alone["to"].map(sources) > 1
    assert shared.any()
    assert (alone["kind"] == "merged").equals(shared)


def test_what_began_where_nothing_ended_comes_from_the_last_of_its_heading():
    """In 2012 camels, rabbits and bees were taken out of other live animals (0106 19, 39, 90)."""
    kinds = hs.convert_codes("HS2007", "HS2012").set_index("code")["kind"]
    assert kinds[["010611", "010690"]].tolist() == ["exact", "inferred"]
