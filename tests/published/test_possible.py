import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.published.possible import (
    bound_concentration,
    bound_leaders,
    judge_peaks,
    judge_ranks,
)
from nktrade.study.amount import Amount


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 5))
def test_every_table_within_the_intervals_agrees(seed, n):
    rng = np.random.default_rng(seed)
    truth = rng.lognormal(0, 1, 8)
    table = pd.DataFrame(
        {"low": truth * rng.uniform(0, 1, 8), "high": truth * rng.uniform(1, 2, 8)}
    )
    told = judge_ranks(table, n)
    top = np.argsort(-truth)[:n]
    assert not told.iloc[top].eq("not").any()
    assert not told.drop(told.index[top]).eq("surely").any()
    assert int(truth.argmax()) in judge_peaks(table).index
    index = 1e4 * ((truth / truth.sum()) ** 2).sum()
    low, high = bound_concentration(table, (truth.sum() * 0.98, truth.sum() * 1.01))
    assert low - 1e-6 <= index <= high + 1e-6


def test_parts_that_cannot_be_the_whole_are_refused():
    with pytest.raises(InputError, match="cannot add up"):
        bound_concentration(pd.DataFrame({"low": [1.0], "high": [2.0]}), (10.0, 10.0))
    with pytest.raises(InputError, match="n=0"):
        judge_ranks(pd.DataFrame({"low": [1.0], "high": [2.0]}), 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.1, 100), min_size=3, max_size=12), st.integers(1, 3))
def test_leaders_bound_the_index_of_the_whole(values, known):
    """Whatever the rest is, the true index lies between the bounds."""
    parts = pd.Series(sorted(values, reverse=True))
    total = float(parts.sum())
    ends = pd.DataFrame({"low": parts[:known] * 0.99, "high": parts[:known] * 1.01})
    low, high = bound_leaders(ends, Amount(total * 0.999, total * 1.001, "bounded"))
    true = 1e4 * float(((parts / total) ** 2).sum())
    assert low - 1e-6 <= true <= high + 1e-6
