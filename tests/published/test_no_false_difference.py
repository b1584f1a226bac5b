"""What agrees with some table that print allows cannot differ: on every figure, by the solver."""

from math import isfinite

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import load, mirror
from nktrade.published import (
    AGREES,
    CIRCULAR,
    CORRECTED,
    DIFFERS,
    UNCHECKED,
    UNITS,
    Interval,
    allow_by_prints,
    compare,
    judge,
    judge_claim,
    judge_peaks,
    judge_ranks,
    load_documents,
    load_figures,
)
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import build_rows, list_terms, list_whole, make_space
from nktrade.published.honoured import load_identified
from nktrade.published.identified import TOLERANCE, Identified
from nktrade.published.programme import Programme
from nktrade.published.verdicts import read_correction, read_print
from nktrade.table.periods import Window


@pytest.fixture(scope="module")
def panel():
    return compare(load_documents(), mirror(load())).table


@pytest.fixture(scope="module")
def drawn():
    """Some tables of the set, each at a corner of it: atoms, million USD."""
    model, rng = load_identified(), np.random.default_rng(0)
    low, high = (np.array([getattr(row, end) for row in model.rows]) for end in ("low", "high"))
    zeros = np.zeros(model.sums.shape[0])
    programme = Programme(
        sp.vstack([model.matrix, model.sums], format="csr"),
        np.append(low - TOLERANCE, zeros),
        np.append(high + TOLERANCE, zeros),
    )
    costs = [rng.uniform(0.5, 1.5, len(model.size)) for _ in range(3)]
    costs[1] *= rng.random(len(model.size)) < 0.5
    return [programme.minimise(np.append(c, zeros)).x[: len(model.size)] for c in costs]


def read_off(model: Identified, atoms: np.ndarray, terms) -> Interval:
    """Return what a sum is in one table, as far as its atoms say: some may lie in it in part."""
    least = greatest = 0.0
    for weight, one in terms:
        inside = model.atom[model.space.block(one).cells].ravel()
        count = np.bincount(inside[inside >= 0], minlength=len(model.size))
        whole, some = (float(atoms[mask].sum()) for mask in (count == model.size, count > 0))
        least += weight * (whole if weight > 0 else some)
        greatest += weight * (some if weight > 0 else whole)
    return Interval(least, greatest)


def test_no_figure_differs_that_a_table_of_the_set_holds(panel, drawn):
    """Computed from three tables of the set: no figure that differs meets its print in any."""
    model, ledger, documents = load_identified(), load_figures(), load_documents()
    tried = 0
    for id_ in panel.index[panel["verdict"] == DIFFERS]:
        figure, printed = ledger.loc[id_], documents.loc[id_]
        window = Window(figure["first"], figure["last"])
        rooms = [room for room in (read_print(printed), read_correction(printed)) if room]
        for atoms in drawn:
            value = read_off(model, atoms, list_terms(figure, window)) * 1e6
            if figure["measure"] == "share":
                value = value / (read_off(model, atoms, list_whole(figure, window)) * 1e6) * 100.0
            elif figure["measure"] in ("growth", "recovery"):
                then = Window(figure["base_first"], figure["base_last"])
                base = read_off(model, atoms, list_terms(figure, then)) * 1e6
                value = value / base * (100.0 * then.years / window.years)
                value = value - (100.0 if figure["measure"] == "growth" else 0.0)
            if figure["flow"] == "balance" and figure["measure"] == "value":
                value = value * -1.0
            value = value * (1 / UNITS[printed["unit"]])
            assert not any(room.meets(value) for room in rooms), id_
            tried += 1
    assert tried >= 9


def test_what_differs_cannot_be_added_to_the_honoured_figures(panel):
    """The solver's least slack: neither its print nor its reading fits beside them."""
    ledger = load_figures()
    model = load_identified()
    honoured = ledger.loc[list(dict.fromkeys(row.id for row in model.rows))]
    differs = panel.index[(panel["verdict"] == DIFFERS) & ~panel.index.isin(honoured.index)]
    asked = ledger.loc[differs].assign(honoured=True, qualifier="")
    asked = asked[asked["measure"].isin(["value", "share", "growth"])]
    read = asked[asked["read_low"].notna()].rename(index=lambda id_: f"{id_} read")
    plain = asked.assign(read_low=np.nan, read_high=np.nan)
    figures = pd.concat([honoured, plain, read])
    space = make_space(figures)
    rows = build_rows(space, figures)
    wider = Identified(space, rows)
    numbers: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        numbers.setdefault(row.id, []).append(n)
    held = [n for id_ in honoured.index if id_ in numbers for n in numbers[id_]]
    assert len(plain) >= 2
    for id_ in [*plain.index, *read.index]:
        assert Contradictions(wider).least_slack(numbers[id_], held)[0].any(), id_


def test_rates_that_differ_miss_what_their_own_levels_allow(panel):
    documents = load_documents()
    for id_ in panel.index[panel["verdict"] == DIFFERS]:
        allowed = allow_by_prints(documents.loc[id_])
        assert allowed is None or not read_print(documents.loc[id_]).meets(allowed), id_


def test_an_estimate_is_judged_by_print_and_never_by_its_own_rows(panel):
    """The same rows at ten times and at a tenth of their money get the same verdicts."""
    documents = load_documents("kiep2023")
    for factor in (0.1, 10.0):
        rows = mirror(load(start="2017"))
        other = compare(documents, rows.assign(value=rows["value"] * factor)).table
        assert other["verdict"].equals(panel.loc[other.index, "verdict"])


def test_another_estimate_was_fitted_to_nothing():
    rows = mirror(load())
    mine = compare(load_documents("kiep2023"), rows.assign(source="my own estimate")).table
    assert CIRCULAR not in set(mine["verdict"])


PRINT = pd.Series({"measure": "value", "unit": "million USD"}, name="mine:1", dtype=object)
NUMBERS = st.floats(0.01, 1e4, allow_subnormal=False)


@given(value=NUMBERS, half=st.floats(0, 1), low=NUMBERS, width=st.floats(0, 1e4))
@settings(max_examples=100, deadline=None)
def test_a_verdict_on_an_interval_is_that_of_all_its_numbers(value, half, low, width):
    figure = PRINT.copy()
    figure["value"], figure["half_unit"], figure["reading"] = value, half, value / 10
    room = Interval(low, low + width)
    told = judge(figure, room)
    points = {judge(figure, number) for number in np.linspace(room.low, room.high, 7)}
    if told in (AGREES, DIFFERS):
        assert points == {told}
    if told == CORRECTED:
        assert points <= {CORRECTED, AGREES}
    if AGREES in points or CORRECTED in points:
        assert told != DIFFERS
    assert told in (AGREES, CORRECTED, DIFFERS, UNCHECKED)


ENDS = st.tuples(st.floats(-100, 100), st.floats(0, 50)).map(lambda one: (one[0], sum(one)))


@given(gap=ENDS, op=st.sampled_from([">", ">=", "<", "<="]), at=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_a_claim_holds_or_fails_only_if_it_does_at_every_gap(gap, op, at):
    low, high = gap
    whole = judge_claim("a", op, "b", low, high, "bounded").verdict
    gap_here = min(max(low + at * (high - low), low), high)
    here = judge_claim("a", op, "b", gap_here, gap_here, "bounded").verdict
    if whole in ("holds", "fails"):
        assert here == whole


@given(st.lists(ENDS, min_size=2, max_size=6), st.integers(1, 3), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_ranks_and_peaks_are_those_of_every_choice_of_numbers(ends, n, random):
    table = pd.DataFrame(ends, columns=["low", "high"])
    told, peaks = judge_ranks(table, n), set(judge_peaks(table).index)
    for _ in range(5):
        values = pd.Series([random.uniform(*one) for one in ends])
        order = values.rank(ascending=False, method="min")
        assert (order[told == "surely"] <= n).all()
        assert (values.rank(ascending=False, method="max")[told == "not"] > n).all()
        assert int(values.idxmax()) in peaks
    assert all(isfinite(end) for one in ends for end in one)
