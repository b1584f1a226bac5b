"""Sums of the panel carry what print allows; sums of records are what they are."""

import numpy as np
import pandas as pd
import pytest

import nktrade as nk
from nktrade import measures
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import build_rows, make_space
from nktrade.published.figures import load_figures
from nktrade.published.honoured import NOT_HONOURED, extremes, load_identified
from nktrade.published.identified import Identified
from nktrade.published.panel_support import FILE, answer
from nktrade.published.space import Selection
from nktrade.table.periods import parse_period


@pytest.fixture(scope="module")
def korea():
    return nk.mirror(nk.load())


def test_what_was_asked_decides_and_not_the_lines_that_the_panel_happens_to_hold(korea):
    medicines = measures.add_up(nk.select(korea, hs="30", flow="import"), period="2020-H1").loc[0]
    asked = nk.bounds(flow="import", hs="30", period="2020-H1", view="PRK").loc[0]
    assert medicines["low"] == pytest.approx(asked["low"], abs=2)
    assert medicines["high"] >= asked["high"] - 2
    assert medicines["support"] == asked["support"] == "bounded"


def test_months_of_totals_carry_their_sets(korea):
    months = nk.monthly(nk.select(korea, flow="import"), start="2020-03", end="2020-07")
    june = months[months["period"] == "2020-06"].iloc[0]
    assert june["support"] == "printed"
    assert 87.5e6 < june["low"] <= june["high"] < 88e6
    assert {"low", "high", "support"} <= set(months)


def test_no_cell_of_the_panel_lies_outside_its_own_ends(korea):
    """Hainan traded nothing in early 2017; what no good is known of stands under 99000000."""
    trade = korea.assign(chapter=korea["hs"].str[:2])
    months = nk.complete_months(nk.monthly(trade, ["province", "chapter"]), "split")
    assert len(months) > 100_000
    beside = (months["value"] < months["low"] - 30) | (months["value"] > months["high"] + 30)
    assert not beside.any()


def test_a_class_of_the_panel_holds_what_no_code_says(korea):
    """Half of "others" of early 2017 is the headline's rest, which print counts to no industry."""
    asked = {"flow": "export", "period": "2017-H1", "view": "PRK"}
    others, rest = (
        nk.bounds(**asked, **one).loc[0] for one in ({"industry": "others"}, {"hs": "99"})
    )
    sums = measures.add_up(nk.classify(korea, "industry"), ["flow", "industry"], period="2017-H1")
    found = sums.set_index(["flow", "industry"]).loc[("export", "others")]
    assert found["low"] > others["low"] + 40e6
    assert others["point"] < found["value"] - 40e6
    assert found["high"] <= others["high"] + rest["high"] + 2
    steel = sums.set_index(["flow", "industry"]).loc[("export", "steel")]
    alone = nk.bounds(**asked, industry="steel").loc[0]
    assert steel[["low", "high"]].tolist() == pytest.approx(alone[["low", "high"]].tolist(), abs=2)


def test_a_heading_is_known_within_its_industry_as_it_is_by_itself():
    """Chosen by its lines, soybean oil stood as an assumption under its printed value."""
    study = nk.Study("PRK", "2017-01", "2024-12")
    rows = study.select(flow="import", industry="agriculture")
    within = study.compare(rows, "heading", ["2017-H1", "2020-H1"])
    alone = study.compare(study.select(flow="import"), "heading", ["2017-H1", "2020-H1"])
    within, alone = (measures.keep_known(one).notna() for one in (within, alone))
    assert within.loc["1507", "2020-H1"]
    assert within.equals(alone.loc[within.index])


def test_a_quick_answer_is_never_narrower_than_the_exact_one():
    model = load_identified()
    for one in (
        Selection("export", parse_period("2020-H1"), ("30",)),
        Selection("import", parse_period("2022"), ("6704",)),
        Selection("export", parse_period("2019-H1"), (), ("21",)),
        Selection("import", parse_period("2023-05")),
    ):
        low, high, _ = model.enclose(one)
        least, greatest = extremes(model, ((1.0, one),))
        assert low <= least.value + 1e-5
        assert high >= greatest.value - 1e-5


def test_the_table_of_standard_answers_is_of_these_figures():
    if not FILE.exists():
        pytest.skip("python -m tools.precompute_bounds has not been run")
    model = load_identified()
    table = pd.read_parquet(FILE).sample(12, random_state=0)
    for row in table.itertuples():
        window = parse_period(row.period)
        codes, places = tuple(row.hs.split()), tuple(row.province.split())
        one = Selection(row.flow, window, codes, places, row.industry, row.bec)
        least, greatest = extremes(model, ((1.0, one),))
        assert row.low == pytest.approx(least.value * 1e6, abs=2)
        assert row.high == pytest.approx(greatest.value * 1e6, abs=2)
        assert answer([one])[one][2] == row.support


def test_each_figure_that_is_not_honoured_contradicts_those_that_are():
    figures = load_figures()
    figures = figures[figures["honoured"]]
    listed = pd.read_csv(NOT_HONOURED, index_col="id")
    space = make_space(figures)
    model = Identified(space, build_rows(space, figures))
    numbers = {id_: [] for id_ in listed.index}
    for n, row in enumerate(model.rows):
        numbers.setdefault(row.id, []).append(n)
    held = [n for id_, some in numbers.items() if id_ not in listed.index for n in some]
    here = [id_ for id_ in listed.index if numbers[id_]]
    for id_ in np.random.default_rng(0).choice(here, 8, replace=False):
        slack, against = Contradictions(model).least_slack(numbers[id_], held)
        assert slack.max() == pytest.approx(listed.loc[id_, "slack"], rel=0.02, abs=2e-4), id_
        assert len(against) > 1
