"""What may be set in an order: sums that are known, where their ends decide."""

import itertools

import numpy as np
import pandas as pd
import pytest

import nktrade as nk
from nktrade import measures
from nktrade.table.meaning import fill_ends, write_loose


def make_sums(seed):
    """Make sums of five goods in two periods, some recorded, the others between two ends."""
    random = np.random.default_rng(seed)
    goods, periods = list("abcde"), ["2022", "2023"]
    low = random.choice([1.0, 4.0, 5.0, 9.0, 20.0], (5, 2)) + random.uniform(size=(5, 2))
    high = low + random.choice([0.0, 0.2, 6.0], (5, 2))
    support = random.choice(["", "printed", "bounded", "assumed"], (5, 2), p=[0.3, 0.3, 0.3, 0.1])
    high = np.where(support == "", low, high)
    wide = pd.DataFrame((low + high) / 2, pd.Index(goods, name="hs"), periods)
    loose = [
        [[goods[i]], periods[j], wide.iloc[i, j], low[i, j], high[i, j], str(support[i, j])]
        for i, j in itertools.product(range(5), range(2))
        if support[i, j]
    ]
    wide.attrs["nktrade"] = {"currency": "USD", "loose": write_loose(loose)}
    return wide, low, high, support


@pytest.mark.parametrize("seed", range(40))
def test_a_rank_is_given_where_it_is_the_same_between_all_ends(seed):
    """Against every corner: a rank that some table agreeing with print turns round is missing."""
    wide, low, high, support = make_sums(seed)
    ranks = measures.rank_known(wide)
    rows = (support != "assumed").all(axis=1)
    assert ranks.index.tolist() == wide.index[rows].tolist()
    for column, period in enumerate(wide.columns):
        ends = np.array([low[rows, column], high[rows, column]]).T
        corners = np.array(list(itertools.product(*ends)))
        if corners.size == 0:
            continue
        places = pd.DataFrame(corners).rank(axis="columns", ascending=False).to_numpy()
        for n, rank in enumerate(ranks[period]):
            told = set(places[:, n])
            assert told == {rank} if np.isfinite(rank) else len(told) > 1


def test_what_is_assumed_has_no_place():
    wide, _, _, support = make_sums(3)
    fixed = measures.keep_known(wide).notna().to_numpy()
    assert (fixed == np.isin(support, ["", "printed"])).all()
    wider = measures.keep_known(wide, bounded=True).notna().to_numpy()
    assert (wider == (support != "assumed")).all()
    records = pd.DataFrame({"2023": [3.0, 1.0]}, ["rice", "coal"])
    assert measures.keep_known(records).equals(records)
    assert measures.rank_known(records)["2023"].tolist() == [1.0, 2.0]


def test_a_good_that_nobody_prints_is_not_ranked_above_one_that_is_printed():
    """Flour of 2023 is an estimate, and stood tenth before floor coverings, which are printed."""
    korea = nk.Study("PRK", "2022", "2023")
    goods = korea.compare(korea.imports, "heading", ["2022", "2023"])
    ranks = measures.rank_known(goods)
    assert "3918" in ranks.index
    assert "1101" not in ranks.index


def test_a_printed_share_fixes_a_good_among_many():
    """Molybdenum ore of 2022 is printed as a share of exports: 10.2 %."""
    korea = nk.Study("PRK", "2022", "2023")
    sums = korea.compare(korea.exports, "heading", ["2022", "2023"])
    assert measures.keep_known(sums).loc[["2613", "2849", "7005", "5002"], "2022"].notna().all()


def test_beside_a_sum_without_an_upper_end_larger_ones_have_no_place():
    """What is at least 5 may be more than 9, but not less than 3: 3 is third of three."""
    wide = pd.DataFrame({"2023": [9.0, 5.0, 3.0]}, ["rice", "coal", "tin"])
    open_ = [[["coal"], "2023", 5.0, 5.0, None, "bounded"]]
    wide.attrs["nktrade"] = {"currency": "USD", "loose": write_loose(open_)}
    ranks = measures.rank_known(wide)["2023"]
    assert ranks.isna().to_dict() == {"rice": True, "coal": True, "tin": False}
    assert ranks["tin"] == 3.0


@pytest.mark.parametrize("flow", ["import", "export"])
def test_a_good_without_rows_in_an_estimate_is_no_known_zero(flow):
    """Print says whether it is: the panel leaves out goods of which it knows nothing."""
    korea = nk.Study("PRK", "2017", "2023")
    periods = ["2017-H1", "2020-H1", "2023"]
    wide = korea.compare(korea.select(flow=flow), "heading", periods)
    ends = fill_ends(wide).set_index(pd.MultiIndex.from_product([periods, wide.index]))
    assert not ends["support"].eq("recorded").any()
    empty = ends[(wide == 0).to_numpy().ravel(order="F")]
    assert len(empty) > 100
    for period, code in empty.sample(12, random_state=1).index:
        exact = korea.limits([period], flow=flow, hs=code).iloc[0]
        low, high = empty.loc[(period, code), ["low", "high"]]
        assert low <= exact["low"] + 1
        assert high >= exact["high"] - 1


def test_a_good_that_print_says_did_not_come_in_is_a_known_zero():
    korea = nk.Study("PRK", "2019", "2020")
    vaccines = korea.compare(
        korea.select(flow="import", hs="30022000"), "line", ["2019-H1", "2020-H1"]
    )
    assert measures.keep_known(vaccines).loc["30022000"].notna().all()
    assert str(korea.amounts(vaccines).loc["30022000", "2019-H1"]) == "nothing"
