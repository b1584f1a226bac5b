"""The ledger of all published figures: its terms, and what it says of single prints."""

import pandas as pd
import pytest

from nktrade._paths import DATA
from nktrade.codes import EDITIONS, exists
from nktrade.published import (
    load_documents,
    load_figures,
    load_reported,
    measure_discrepancy,
    split_codes,
)


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


def test_the_file_is_what_the_rules_make_of_the_collected_prints(shared, tmp_path, monkeypatch):
    """The whole file, again: ids, codes, weighing and the sealed draw."""
    from tools import derive_facts

    collected = [
        shared / "facts" / f"{name}.csv" for name in ("commodity_facts", "published_changes")
    ]
    tariff = shared / "reference" / "gacc" / "gacc_hs8_2015_2023.csv"
    lines = derive_facts.read_lines(str(tariff))
    table = derive_facts.convert_all([str(file) for file in collected], lines)
    kept = pd.read_csv(DATA / "published" / "facts.csv", dtype="str", keep_default_na=False)
    columns = [column for column in derive_facts.COLUMNS if column not in ("honoured", "check")]
    pd.testing.assert_frame_equal(
        table[columns].astype("object").reset_index(drop=True), kept[columns].astype("object")
    )


def test_weighing_again_changes_nothing(figures):
    from tools.weigh_facts import weigh

    kept = pd.read_csv(DATA / "published" / "facts.csv", dtype="str", keep_default_na=False)
    doubt = kept.set_index("id")["doubt"].reindex(figures.index).fillna("").astype("object")
    again = weigh(figures.assign(doubt=doubt))
    assert (again["honoured"] == figures["honoured"]).all()


def test_what_the_machine_found_in_the_collected_prints(figures):
    # 1,680 tons of wigs and 2019's 31 million would make 18 dollars a kilogram.
    tons = figures[(figures["hs"] == "6704") & (figures["value"] == 1680)].iloc[0]
    assert not tons["honoured"]
    assert "unit value" in tons["reason"]
    # Exports and imports of 2014 add up to 6,364.00, not to the 6,363.63 printed beside them.
    total = figures[(figures["period"] == "2014") & (figures["value"] == 6_363_630_000)].iloc[0]
    assert not total["honoured"]
    assert figures.loc[figures["value"].isin([3_522_520_000, 2_841_480_000]), "honoured"].all()


def test_sealed_figures_go_together_and_none_is_a_total(figures):
    sealed = figures[figures["sealed"]]
    drawn_from = figures["source"].eq("facts") & figures["subject"].eq("goods")
    drawn_from &= figures["unit"].eq("USD") & figures["kind"].ne("derived")
    assert 1 / 12 < len(sealed) / drawn_from.sum() < 1 / 5
    assert set(sealed["subject"]) == {"goods"}
    same = figures.merge(sealed[["first", "last", "flow", "hs", "province"]].drop_duplicates())
    money = same[same["unit"].eq("USD") & same["measure"].eq("value") & same["honoured"]]
    open_ = money[~money["sealed"] & money["source"].eq("facts") & money["kind"].eq("printed")]
    assert open_.empty


def test_headline_and_goods_differ_where_both_are_printed():
    gaps = measure_discrepancy().set_index(["flow", "period"])
    assert gaps.loc[("import", "2018"), "low"] > 17e6
    assert gaps.loc[("import", "2017"), "high"] < 75e6


def test_a_reading_that_is_a_range_is_kept_as_one(figures):
    brick = figures.loc["kiep2020h1:84"]
    assert (brick["low"], brick["high"]) == (33.65e6, 33.75e6)  # as printed
    assert (brick["read_low"], brick["read_high"]) == (3.365e6, 3.75e6)
    # January to May took 3.0 of the half-year's 6.51 million of watch movements: June had the rest
    # at most.
    june = figures.loc["kiep2020h1:135"]
    assert (june["read_low"], june["read_high"]) == (0.0, 3.55e6)
