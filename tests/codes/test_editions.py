"""Conversion between editions, against the United Nations tables and by hand."""

import re
import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import codes as hs
from nktrade.errors import CodeError, InputError, MixtureError

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_correlation(path):
    """Return the pairs (newer, older) of a United Nations workbook."""
    book = zipfile.ZipFile(path)
    shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    strings = ["".join(text.text or "" for text in item.iter(f"{_NS}t")) for item in shared]
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet2.xml"))
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
    printed = read_correlation(shared / "reference" / "hs" / name)
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
    split = hs.correlate("HS2017", "HS2022").query("kind == 'split'")
    code, targets = next(
        (code, part["to"].tolist()) for code, part in split.groupby("code") if len(part) == 2
    )
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
    )
    by_table, _ = hs.convert(one, to="HS2022", weights=later)
    assert by_table["value"].tolist() == [7.5, 2.5]
    both, _ = hs.convert(pd.concat([one, later]), to="HS2022", weights="value")
    shares = both[(both["status"] == "estimated")].set_index("hs")["value"]
    assert shares.to_dict() == {targets[0]: 7.5, targets[1]: 2.5}


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
    converted, report = hs.convert(trade, to=to, weights=weights)
    for amount in ("value", "quantity"):
        before = trade.groupby("flow")[amount].sum()
        after = converted.groupby("flow")[amount].sum()
        pd.testing.assert_series_equal(before, after, check_dtype=False, rtol=1e-9)
    assert report["lines"].sum() == len(trade)
    assert report["value"].sum() == trade["value"].sum()
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
