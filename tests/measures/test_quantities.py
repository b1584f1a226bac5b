import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nktrade as nk
from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.quantities import (
    METHODS,
    compare_quantities,
    compute_unit_values,
    decompose_change,
)

amount = st.one_of(st.just(0.0), st.floats(0.01, 1e9))
items = st.lists(st.tuples(amount, st.one_of(st.just(np.nan), amount)), min_size=1, max_size=6)


def frame(pairs):
    return pd.DataFrame(pairs, columns=["value", "quantity"], dtype=float)


@pytest.mark.parametrize("method", METHODS)
@given(old=items, new=items)
def test_the_effects_always_add_up_to_the_change(method, old, new):
    parts = decompose_change(frame(old), frame(new), method)
    total = parts[["price", "quantity", "turnover", "unmeasured"]].sum(axis=1)
    scale = max(frame(old)["value"].max(), frame(new)["value"].max(), 1.0)
    # a price effect of a huge quantity may exceed the change by many orders
    scale = max(scale, parts["price"].abs().max())
    assert np.allclose(total, parts["change"], rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize("method", METHODS)
def test_a_pure_price_rise_has_no_quantity_effect(method):
    parts = decompose_change(frame([(100, 10)]), frame([(150, 10)]), method).iloc[0]
    assert parts["price"] == pytest.approx(50)
    assert parts["quantity"] == pytest.approx(0, abs=1e-9)


def test_logarithmic_mean_by_hand():
    parts = decompose_change(frame([(100, 10)]), frame([(400, 20)]), "log_mean").iloc[0]
    assert parts["price"] == pytest.approx(150)  # price and quantity both doubled
    assert parts["quantity"] == pytest.approx(150)


def test_entry_and_missing_quantities_stand_apart():
    parts = decompose_change(frame([(0, 0), (10, np.nan)]), frame([(5, 1), (30, 3)]))
    assert parts["turnover"].tolist() == [5, 0]
    assert parts["unmeasured"].tolist() == [0, 20]


def test_a_partial_or_mixed_quantity_is_no_quantity():
    rows = pd.DataFrame(
        {
            "year": [1, 1, 2, 2, 3],
            "value": [4.0, 2.0, 9.0, 1.0, 6.0],
            "quantity": [2.0, np.nan, 3.0, 1.0, 2.0],
            "unit": ["kg", None, "kg", "m", "kg"],
        }
    )
    assert compute_unit_values(rows, "year")["unit_value"].isna().tolist() == [True, True, False]


def test_ratio_refuses_an_unknown_year():
    table = pd.DataFrame({"year": [2017, 2018, 2023], "quantity": [20.0, 60.0, 160.0]})
    assert compare_quantities(table, 2023, [2017, 2018]) == 4.0
    with pytest.raises(UnanswerableError, match="2019"):
        compare_quantities(table, 2023, [2017, 2019])


def test_unknown_method():
    with pytest.raises(InputError, match="bennet"):
        decompose_change(frame([(1, 1)]), frame([(1, 1)]), "benet")


def test_what_customs_count_in_pieces_has_no_weight():
    rows = pd.DataFrame({"value": [6.0, 8.0], "quantity": [3.0, 2e3], "unit": ["piece", "kg"]})
    found = nk.measures.weigh(rows)
    assert found["tons"].isna().tolist() == [True, False]
    assert found["ton_value"].iloc[1] == 4.0
