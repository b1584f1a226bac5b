"""What published figures alone allow: hand-computed sets, proofs, tables of known truth."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nktrade as nk
from nktrade.errors import CodeError, InputError, UnanswerableError
from nktrade.published import load_figures
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import build_rows
from nktrade.published.honoured import load_identified
from nktrade.published.identified import Identified
from nktrade.published.space import Selection, Space
from nktrade.table.periods import parse_period

MILLION = 1e6


def make_figures(rows: list[dict]) -> pd.DataFrame:
    """Return figures in the form of the ledger; unless told, printed dollars."""
    plain = {
        **{"flow": "export", "statistic": "headline", "subject": "total", "hs": "", "province": ""},
        **{"measure": "value", "unit": "USD", "kind": "printed", "whole": "", "qualifier": ""},
        **{"source": "facts", "sealed": False, "base_period": ""},
    }
    full = []
    for row in rows:
        one = plain | row
        one["subject"] = one["subject"] if not one["hs"] else "goods"
        for name in ("", "base_"):
            text = one[f"{name}period"]
            window = parse_period(text) if text else None
            one[f"{name}first"] = window.first if window else pd.NaT
            one[f"{name}last"] = window.last if window else pd.NaT
        full.append(one)
    index = [f"figure:{number}" for number in range(1, len(full) + 1)]
    return pd.DataFrame(full, index=index).reindex(columns=load_figures().columns)


def make_set(rows: list[dict], codes=("30", "6704", "30049090"), provinces=("21",)) -> Identified:
    space = Space(codes, provinces, 2022, 2023)
    return Identified(space, build_rows(space, make_figures(rows)))


def ask(model: Identified, flow="export", period="2023", **chosen) -> tuple[float, float]:
    low, high = model.range_of([(1.0, Selection(flow, parse_period(period), **chosen))])
    return round(low.value, 4), round(high.value, 4)


TOTAL = {"period": "2023", "low": 99.5e6, "high": 100.5e6}
WIGS = {"period": "2023", "hs": "6704", "low": 39.5e6, "high": 40.5e6}


def test_a_printed_sum_is_what_is_printed():
    assert ask(make_set([TOTAL])) == (99.5, 100.5)


def test_what_is_not_printed_is_what_the_print_leaves():
    model = make_set([TOTAL, WIGS])
    assert ask(model, hs=("30",)) == (0.0, 61.0)  # 100.5 less 39.5
    assert ask(model, hs=("67",)) == (39.5, 100.5)
    assert ask(model, period="2023-05") == (0.0, 100.5)
    assert ask(model, period="2022")[1] == np.inf


def test_shares_and_growth_are_linear():
    model = make_set(
        [
            TOTAL,
            {"period": "2023", "hs": "6704", "measure": "share", "whole": "flow"}
            | {"unit": "%", "low": 57.05, "high": 57.15},
            {"period": "2023", "measure": "growth", "base_period": "2022"}
            | {"unit": "%", "low": 99.5, "high": 100.5},
        ]
    )
    wigs = ask(model, hs=("6704",))
    assert wigs == pytest.approx((0.5705 * 99.5, 0.5715 * 100.5), abs=1e-4)
    before = ask(model, period="2022")
    assert before == pytest.approx((99.5 / 2.005, 100.5 / 1.995), abs=1e-4)


def test_a_balance_has_signs():
    model = make_set([TOTAL, {"flow": "balance", "period": "2023", "low": 60e6, "high": 62e6}])
    assert ask(model, flow="import") == (37.5, 40.5)


def test_a_printed_nothing_in_tons_is_nothing_in_dollars():
    none = {"period": "2023", "hs": "6704", "measure": "quantity", "unit": "t", "kind": "zero"}
    assert ask(make_set([TOTAL, none | {"low": 0.0, "high": 0.0}]), hs=("6704",)) == (0.0, 0.0)


def test_a_headline_may_hold_more_than_the_list_of_goods():
    goods = {"period": "2023", "statistic": "goods", "low": 90e6, "high": 90e6}
    model = make_set([TOTAL, goods])
    assert ask(model) == (99.5, 100.5)
    assert ask(model, hs=("30",)) == (0.0, 90.0)


def test_a_code_that_print_does_not_name_is_part_of_one_that_it_does():
    model = make_set([TOTAL, {"period": "2023", "hs": "30", "low": 10e6, "high": 10e6}])
    assert ask(model, hs=("300215",)) == (0.0, 10.0)
    assert ask(model, hs=("30049010",)) == (0.0, 10.0)
    assert ask(model, province=("62",)) == (0.0, 100.5)


def test_a_code_exists_only_in_the_years_of_its_edition():
    model = make_set([{"period": "2023", "low": 1e6, "high": 1e6}])
    assert ask(model, hs=("300220",)) == (0.0, 0.0)  # of HS2017; 2022 brought 300241 and 300242


def test_a_proof_adds_up_to_the_end_that_it_proves():
    model = make_set([TOTAL, WIGS])
    for end in model.range_of([(1.0, Selection("export", parse_period("2023"), hs=("30",)))]):
        assert sum(part.bound * part.times for part in end.proof) == pytest.approx(
            end.value, abs=1e-5
        )
    _, high = model.range_of([(1.0, Selection("export", parse_period("2023"), hs=("30",)))])
    assert {part.row.id: part.times for part in high.proof} == {"figure:1": 1.0, "figure:2": -1.0}


@pytest.mark.parametrize(
    "chosen",
    [{"hs": ("3004",)}, {"hs": ("30", "100610")}, {"hs": ("30049099",), "province": ("65", "21")}],
)
def test_a_sum_is_as_great_as_its_two_halves(chosen):
    """One selection is weighed in a quicker way than several; `30049099` and `65` cut atoms."""
    model = load_identified()
    one = Selection("export", parse_period("2020-H1"), **chosen)
    ends = model.range_of([(1.0, one)])
    halves = model.range_of([(0.5, one), (0.5, one)])
    assert [end.value for end in ends] == pytest.approx([end.value for end in halves], abs=1e-9)


def test_a_ratio_is_taken_over_the_set_and_not_end_by_end():
    half = {"period": "2023", "hs": "6704", "measure": "share", "whole": "flow"}
    model = make_set([TOTAL | {"high": 200e6}, half | {"unit": "%", "low": 50, "high": 50}])
    window = parse_period("2023")
    part = [(1.0, Selection("export", window, hs=("6704",)))]
    whole = [(1.0, Selection("export", window))]
    assert model.ratio_of(part, whole) == pytest.approx((0.5, 0.5), abs=1e-6)
    base = [(1.0, Selection("export", parse_period("2022")))]
    assert model.ratio_of(whole, base) == (0.0, np.inf)


def test_a_ratio_over_what_can_only_be_zero_is_refused():
    model = make_set([TOTAL, {"period": "2023", "hs": "6704", "low": 0.0, "high": 0.0}])
    window = parse_period("2023")
    total, wigs = ([(1.0, Selection("export", window, hs=hs))] for hs in ((), ("6704",)))
    with pytest.raises(UnanswerableError, match="the whole can only be zero"):
        model.ratio_of(total, wigs)
    assert model.ratio_of(wigs, total) == (0.0, 0.0)


def test_least_slack_names_by_how_much_and_with_what():
    model = make_set([TOTAL, {"period": "2023-H1", "low": 103e6, "high": 104e6}])
    slack, names = Contradictions(model).least_slack([1], [0])
    assert slack.tolist() == pytest.approx([0.0, 2.5], abs=1e-5)
    assert set(names) == {"figure:1", "figure:2"}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_set_of_rounded_figures_holds_the_truth(seed):
    """A table is drawn, some of its sums are printed with few digits, all other sums are asked."""
    rng = np.random.default_rng(seed)
    codes, places = ["30049090", "300490", "6704", "31", "8703"], ["21", "22", "44"]
    cells = [
        (flow, code, place, f"2023-{month:02}", float(rng.lognormal(0, 2)) * rng.integers(0, 2))
        for flow, code, place, month in itertools.product(
            ("export", "import"), codes, places, range(1, 13)
        )
    ]
    truth = pd.DataFrame(cells, columns=["flow", "hs", "province", "month", "value"])

    def draw():
        flow = str(rng.choice(["export", "import", "total"]))
        hs = str(rng.choice(["", "30", "3004", "30049090", "6704", "67", "8703", "87"]))
        place = str(rng.choice(["", "", "21", "44"]))
        period = str(rng.choice(["2023", "2023-H1", "2023-Q2", "2023-05", "2023-01..2023-09"]))
        keep = parse_period(period).covers(pd.to_datetime(truth["month"]))
        keep &= truth["hs"].str.startswith(hs) & truth["province"].str.startswith(place)
        keep &= truth["flow"].eq(flow) | (flow == "total")
        return flow, hs, place, period, float(truth.loc[keep, "value"].sum())

    rows = []
    for flow, hs, place, period, value in [draw() for _ in range(25)]:
        half = 0.5 * 10.0 ** -rng.integers(0, 3)
        printed = round(value / (2 * half)) * 2 * half
        ends = {"low": max(printed - half, 0) * MILLION, "high": (printed + half) * MILLION}
        rows.append({"flow": flow, "hs": hs, "province": place, "period": period} | ends)
    named = ("30", "3004", "30049090", "6704", "67", "8703", "87")
    model = make_set(rows, codes=named, provinces=("21", "44"))
    assert not Contradictions(model).least_slack()[0].any()
    asked = [draw() for _ in range(8)]
    for flow, hs, place, period, value in asked:
        chosen = {"hs": (hs,) if hs else (), "province": (place,) if place else ()}
        low, high = model.range_of([(1.0, Selection(flow, parse_period(period), **chosen))])
        assert low.value - 1e-5 <= value <= high.value + 1e-5
        for end in (low, high):
            if np.isfinite(end.value):
                proof = sum(part.bound * part.times for part in end.proof)
                assert proof == pytest.approx(end.value, abs=1e-4)
    for part, whole in itertools.pairwise(asked):
        if whole[-1] > 0:
            terms = []
            for flow, hs, place, period, _ in (part, whole):
                chosen = {"hs": (hs,) if hs else (), "province": (place,) if place else ()}
                terms.append([(1.0, Selection(flow, parse_period(period), **chosen))])
            low, high = model.ratio_of(*terms)
            assert low - 1e-4 <= part[-1] / whole[-1] <= high + 1e-4


def test_the_honoured_figures_agree_with_one_another():
    slack, _ = Contradictions(load_identified()).least_slack()
    assert not slack.any()


def test_bounds_speak_of_dollars_and_of_the_side_that_is_asked():
    china = nk.bounds(flow="export", period="2020-H1", hs="1507")
    korea = nk.bounds(flow="import", period="2020-H1", hs="1507", view="PRK")
    assert china[["low", "high"]].equals(korea[["low", "high"]])
    assert china["support"].tolist() == ["printed"]
    assert china.loc[0, "low"] == pytest.approx(52_965_000, abs=1)
    balance = nk.bounds(flow="balance", period="2023", view="PRK").loc[0]
    assert balance["high"] < 0


def test_an_open_sum_is_assumed_and_not_printed():
    assert nk.bounds(flow="export", period="2019-06", hs="30")["support"].tolist() == ["assumed"]


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InputError, match="unknown flow 'exprt'"):
        nk.bounds(flow="exprt", period="2020")
    with pytest.raises(CodeError, match="does not exist"):
        nk.bounds(flow="export", period="2020", hs="3055")
    with pytest.raises(UnanswerableError, match="2031"):
        nk.bounds(flow="export", period="2031")
    with pytest.raises(InputError, match="unknown industry"):
        nk.bounds(flow="export", period="2020", industry="textiles")


def test_claims_hold_over_the_whole_set_or_are_not_decided():
    wigs = {"flow": "import", "hs": "6704", "period": "2023"}
    assert nk.claim(wigs, ">", {"flow": "import", "hs": "7202", "period": "2023"})
    assert nk.claim(wigs, "<", 1e6).verdict == "fails"
    medicines = {"flow": "export", "hs": "30", "period": "2019-06"}
    assert nk.claim(medicines, ">", 1e6).verdict == "not decided by print"
    assert nk.claim({"part": wigs, "whole": {"flow": "import", "period": "2023"}}, ">", 0.5)


def test_a_users_own_figure_moves_the_sets(tmp_path):
    file = tmp_path / "facts.csv"
    file.write_text("flow,period,hs,value,half_unit\nexport,2019-06,30,2500000,50000\n")
    moved = nk.bounds(flow="export", period="2019-06", hs="30", facts=file).loc[0]
    assert (round(moved["low"], -2), round(moved["high"], -2)) == (2_450_000, 2_550_000)
    assert moved["figures"] == "yours:1"


def test_a_users_figure_that_contradicts_print_is_refused(tmp_path):
    file = tmp_path / "facts.csv"
    file.write_text("flow,period,value\nexport,2020-06,900000000\n")
    with pytest.raises(UnanswerableError, match="row 1"):
        nk.bounds(flow="export", period="2020-06", facts=file)
    file.write_text("flow,period,value\nexport,2020-13,900000000\n")
    with pytest.raises(InputError, match="row 1, column 'period'"):
        nk.bounds(flow="export", period="2020-06", facts=file)


def test_more_than_is_no_print_of_a_sum():
    over = {
        "period": "2023",
        "hs": "6704",
        "low": 3.55e6,
        "high": float("inf"),
        "qualifier": "above",
    }
    model = make_set([TOTAL, over])
    wigs = Selection("export", parse_period("2023"), ("6704",))
    assert model.printing(wigs) == []
    assert model.enclose(wigs)[2] is False
    assert make_set([TOTAL, WIGS]).printing(wigs) == ["figure:2"]


def test_what_is_called_printed_has_two_printed_ends():
    """Soap of October 2021 is printed as more than 3.6 million: nothing says how much more."""
    soap = nk.bounds(flow="export", hs="3401", period=["2021-10", "2022-10"])
    assert soap["support"].tolist()[1] == "printed"
    assert soap["support"].tolist()[0] in ("bounded", "assumed")


def test_a_share_that_may_be_nothing_is_assumed():
    part = {"flow": "import", "hs": "6704", "period": "2019-03"}
    found = nk.bounds_ratio(part, {"flow": "import", "period": "2019"}).iloc[0]
    assert (found["low"], found["support"]) == (0.0, "assumed")


def test_a_printed_sum_is_enclosed_by_its_print_and_a_part_by_what_it_holds():
    model = make_set([TOTAL, WIGS])
    year = parse_period("2023")
    whole, goods = model.enclose(Selection("export", year)), Selection("export", year, hs=("67",))
    assert whole == pytest.approx((99.5, 100.5, True))
    assert model.enclose(goods) == pytest.approx((39.5, 100.5, False))


@pytest.mark.parametrize("name", ["hs", "province"])
def test_a_bound_of_nothing_named_is_not_that_of_all(name):
    with pytest.raises(InputError, match="is named"):
        nk.bounds(flow="import", period="2023", **{name: []})
