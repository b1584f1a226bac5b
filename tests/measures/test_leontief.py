"""The quantity model: textbook numbers, cases by hand, and what must hold for any technology."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.leontief import find_requirements, invert_technology, maximise_output

GOODS = ["truck", "steel", "tyre"]
DOMESTIC = pd.DataFrame(0.0, GOODS, GOODS)
DOMESTIC.loc["steel", "truck"], DOMESTIC.loc["tyre", "truck"] = 1.0, 5.0
IMPORTED = pd.DataFrame(0.0, ["coal", "rubber"], GOODS)
IMPORTED.loc["coal", "steel"], IMPORTED.loc["rubber", "tyre"] = 0.8, 0.01
DEMAND = pd.Series({"truck": 100_000.0})


def make_technology(seed: int, size: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A productive technology: columns sum to less than one."""
    random = np.random.default_rng(seed)
    goods, inputs = [f"g{n}" for n in range(size)], ["a", "b"]
    domestic = random.random((size, size))
    domestic *= random.uniform(0.1, 0.9, size) / domestic.sum(axis=0)
    imported = random.random((2, size))
    return pd.DataFrame(domestic, goods, goods), pd.DataFrame(imported, inputs, goods)


# --- the inverse -----------------------------------------------------------------------------


def test_the_textbook_example():
    """Miller and Blair, ch. 2: two sectors, final demand from 350 and 1700 to 600 and 1500."""
    goods = ["one", "two"]
    domestic = pd.DataFrame([[0.15, 0.25], [0.20, 0.05]], goods, goods)
    inverse = invert_technology(domestic)
    assert inverse.to_numpy() == pytest.approx(
        np.array([[1.2541, 0.3300], [0.2640, 1.1221]]), abs=5e-5
    )
    none = pd.DataFrame(np.zeros((0, 2)), [], goods)
    for demand, output in (([350, 1700], [1000, 2000]), ([600, 1500], [1247.52, 1841.58])):
        found, _ = find_requirements(domestic, none, pd.Series(demand, goods, dtype=float))
        assert found.tolist() == pytest.approx(output, abs=0.01)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_inverse_undoes_what_goods_use_up(seed, size):
    domestic, imported = make_technology(seed, size)
    inverse = invert_technology(domestic).to_numpy()
    assert inverse @ (np.eye(size) - domestic.to_numpy()) == pytest.approx(np.eye(size), abs=1e-9)
    assert (inverse >= np.eye(size) - 1e-12).all()
    powers = sum(np.linalg.matrix_power(domestic.to_numpy(), n) for n in range(400))
    assert inverse == pytest.approx(powers, abs=1e-6)
    demand = pd.Series(np.arange(1.0, size + 1), domestic.columns)
    output, needed = find_requirements(domestic, imported, demand)
    assert (output - domestic @ output).to_numpy() == pytest.approx(demand.to_numpy())
    assert needed.to_numpy() == pytest.approx((imported @ output).to_numpy())


def test_a_technology_that_uses_itself_up_is_refused():
    goods = ["one", "two"]
    with pytest.raises(UnanswerableError, match="use each other up"):
        invert_technology(pd.DataFrame([[0.0, 2.0], [0.6, 0.0]], goods, goods))
    with pytest.raises(InputError, match="not the same goods"):
        invert_technology(pd.DataFrame([[0.0, 0.1], [0.6, 0.0]], goods, goods[::-1]))
    for bad in (-0.1, np.nan):
        with pytest.raises(InputError, match="negative or missing"):
            invert_technology(pd.DataFrame([[0.0, bad], [0.6, 0.0]], goods, goods))


# --- the plan --------------------------------------------------------------------------------


def test_the_trucks_by_hand():
    """100,000 trucks take 100,000 t of steel, 500,000 tyres, 80,000 t of coal, 5,000 of rubber."""
    output, needed = find_requirements(DOMESTIC, IMPORTED, DEMAND)
    assert output.tolist() == pytest.approx([100_000, 100_000, 500_000])
    assert needed.tolist() == pytest.approx([80_000, 5_000])
    plan = maximise_output(DOMESTIC, IMPORTED, DEMAND, pd.Series({"coal": 40_000.0, "rubber": 4e3}))
    assert plan.final["truck"] == pytest.approx(50_000)
    assert plan.bottlenecks == ("coal",)
    assert plan.shadow["coal"] == pytest.approx(1.25)
    assert plan.shadow["rubber"] == pytest.approx(0)
    assert plan.imports["rubber"] == pytest.approx(2_500)
    plan = maximise_output(DOMESTIC, IMPORTED, DEMAND, pd.Series({"coal": 40_000.0, "rubber": 1e3}))
    assert plan.final["truck"] == pytest.approx(20_000)
    assert plan.bottlenecks == ("rubber",)
    assert plan.shadow["rubber"] == pytest.approx(20)


def test_enough_of_everything_meets_the_demand_and_nothing_is_scarce():
    plan = maximise_output(DOMESTIC, IMPORTED, DEMAND, pd.Series({"coal": 9e4, "rubber": 9e3}))
    assert plan.final["truck"] == pytest.approx(100_000)
    assert plan.bottlenecks == ()
    free = maximise_output(DOMESTIC, IMPORTED, DEMAND, pd.Series({"coal": 9e4}))
    assert free.final["truck"] == pytest.approx(100_000)  # what has no cap is unlimited


def test_what_is_also_made_at_home_may_be_imported_up_to_its_cap():
    caps = pd.Series({"coal": 40_000.0, "rubber": 1_000.0, "tyre": 100_000.0})
    plan = maximise_output(DOMESTIC, IMPORTED, DEMAND, caps)
    assert plan.final["truck"] == pytest.approx(40_000)  # 100,000 tyres made, 100,000 brought
    assert plan.imports["tyre"] == pytest.approx(100_000)
    assert plan.output["tyre"] == pytest.approx(100_000)
    assert plan.shadow[["rubber", "tyre"]].tolist() == pytest.approx([20, 0.2])
    assert plan.bottlenecks == ("rubber", "tyre")


def test_weights_say_which_good_a_scarce_input_goes_to():
    goods = ["truck", "pot"]
    domestic = pd.DataFrame(0.0, goods, goods)
    imported = pd.DataFrame([[1.0, 0.1]], ["coal"], goods)
    demand, caps = pd.Series({"truck": 10.0, "pot": 50.0}), pd.Series({"coal": 6.0})
    plan = maximise_output(domestic, imported, demand, caps)
    assert plan.final.tolist() == pytest.approx([1, 50])
    dear = maximise_output(domestic, imported, demand, caps, pd.Series({"truck": 20.0, "pot": 1.0}))
    assert dear.final.tolist() == pytest.approx([6, 0])
    assert dear.shadow["coal"] == pytest.approx(20)


_case = st.tuples(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(0.1, 50))


@settings(max_examples=40, deadline=None)
@given(_case, st.floats(0.01, 1000))
def test_twice_the_demand_and_the_caps_is_twice_the_output(case, factor):
    seed, a, b = case
    domestic, imported = make_technology(seed)
    demand, caps = pd.Series(10.0, domestic.columns), pd.Series({"a": a, "b": b})
    one = maximise_output(domestic, imported, demand, caps)
    other = maximise_output(domestic, imported, demand * factor, caps * factor)
    assert other.final.sum() == pytest.approx(factor * one.final.sum(), rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(_case, st.floats(0, 20))
def test_more_of_an_input_never_makes_less_and_at_most_its_price(case, more):
    seed, a, b = case
    domestic, imported = make_technology(seed)
    demand = pd.Series(10.0, domestic.columns)
    one = maximise_output(domestic, imported, demand, pd.Series({"a": a, "b": b}))
    other = maximise_output(domestic, imported, demand, pd.Series({"a": a + more, "b": b}))
    gain = other.final.sum() - one.final.sum()
    assert -1e-6 <= gain <= one.shadow["a"] * more + 1e-6  # returns never grow
    assert (one.shadow >= -1e-9).all()
    balance = one.output - domestic @ one.output - one.final
    assert balance.to_numpy() == pytest.approx(0, abs=1e-6)
    assert (one.imports <= pd.Series({"a": a, "b": b}) + 1e-6).all()
    assert (one.final <= demand + 1e-6).all()


@settings(max_examples=30, deadline=None)
@given(_case)
@example((4678, 0.125, 0.125))  # caps ten million times below the demand
def test_what_the_plan_is_worth_is_what_its_scarce_inputs_and_demands_are_worth(case):
    """Without an upper demand in the way the shadow prices add up to the whole (duality)."""
    seed, a, b = case
    domestic, imported = make_technology(seed)
    demand, caps = pd.Series(1e6, domestic.columns), pd.Series({"a": a, "b": b})
    plan = maximise_output(domestic, imported, demand, caps)
    assert (plan.shadow * caps).sum() == pytest.approx(plan.final.sum(), rel=1e-6)


def test_what_the_technology_does_not_know_is_refused():
    caps = pd.Series({"coal": 1.0})
    with pytest.raises(InputError, match="Did you mean 'coal'"):
        maximise_output(DOMESTIC, IMPORTED, DEMAND, pd.Series({"coals": 1.0}))
    with pytest.raises(InputError, match="unknown good 'trucks'"):
        maximise_output(DOMESTIC, IMPORTED, pd.Series({"trucks": 1.0}), caps)
    with pytest.raises(InputError, match="a cap is negative"):
        maximise_output(DOMESTIC, IMPORTED, DEMAND, -caps)
    with pytest.raises(InputError, match="imported inputs of 'tyre'"):
        maximise_output(DOMESTIC, IMPORTED.drop(columns="tyre"), DEMAND, caps)
    with pytest.raises(InputError, match="a demand is negative"):
        find_requirements(DOMESTIC, IMPORTED, -DEMAND)
