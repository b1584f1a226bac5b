"""The ledger of all published figures: its terms, and what it says of single prints."""

import pytest

from nktrade.codes import EDITIONS, exists
from nktrade.published import load_documents, load_figures, load_reported, split_codes


@pytest.fixture(scope="module")
def figures():
    return load_figures()


def test_every_source_is_there_once(figures):
    assert figures.index.is_unique
    assert set(load_documents().index) | set(load_reported().index) < set(figures.index)
    assert (figures["source"] == "facts").sum() > 1100


def test_flow_is_as_china_declares_it(figures):
    # Table 2 of KIEP's article: North Korea's exports of wigs, which China imports.
    wigs = figures.loc["kiep2023:84"]
    assert (wigs["flow"], wigs["hs"], wigs["period"]) == ("import", "6704", "2023")
    assert (wigs["low"], wigs["high"]) == (166735000.0, 166745000.0)
    # Brown: a North Korean deficit of 16.9 million is a Chinese surplus.
    surplus = figures.loc["brown2020:11"]
    assert (surplus["flow"], surplus["value"]) == ("balance", 16.9e6)


def test_intervals_hold_the_print(figures):
    assert (figures["low"] <= figures["value"]).all()
    assert (figures["value"] <= figures["high"]).all()
    read = figures["read_low"].notna()
    assert (figures["read_low"] <= figures["read_high"])[read].all()


def test_qualifiers_and_zeros_keep_their_kind(figures):
    facts = figures[figures["source"] == "facts"]
    zeros = facts[facts["kind"] == "zero"]
    assert len(zeros) >= 90
    assert (zeros["high"] == 0).all()
    # "Over 7,000 tons" of wheat flour has no upper end; growth of more than 120 % neither.
    flour = facts[(facts["qualifier"] == "above") & (facts["hs"] == "1101")]
    assert (flour["high"] == float("inf")).all()
    assert figures.loc["kiep2023:1", "high"] == float("inf")


def test_other_scopes_do_not_bind(figures):
    notified = figures[figures["statistic"] == "notified"]
    assert len(notified)
    assert not notified["honoured"].any()
    assert not figures.loc[figures["subject"].eq("group"), "hs"].any()


def test_codes_are_of_their_year(figures):
    goods = figures[(figures["subject"] == "goods") & (figures["hs"] != "")]
    assert set(goods["hs_edition"]) <= set(EDITIONS)
    pairs = goods[["hs", "hs_edition"]].drop_duplicates().itertuples(index=False)
    missing = [(hs, edition) for hs, edition in pairs if not _exist(split_codes(hs), edition)]
    assert missing == []


def _exist(codes, edition):
    return all(exists(code, edition) for code in codes)
