"""What printed parts leave, and which categories would account for it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.published.residuals import bound_residual, find_omitted

PARTS = pd.DataFrame(
    {"2019": [50.0, 20.0, 10.0], "2020": [30.0, 5.0, 4.0]}, index=["supplies", "parts", "fuel"]
)


def test_the_residual_of_the_slide_by_hand():
    # Ten thousand dollars, first half of 2020: 38,000 less 15,240, 13,082 and 264.
    low, high = bound_residual((38_000, 500), [(15_240, 0.5), (13_082, 0.5), (264, 0.5)])
    assert (low, high) == (8912.5, 9915.5)


def test_the_set_left_out_is_found():
    found = find_omitted(PARTS, pd.Series({"2019": 60.0, "2020": 34.0}))
    assert found.iloc[0].to_dict() == {"omitted": "parts", "miss": 0.0}
    assert len(found) == 7  # every set but all three
    nothing = found.set_index("omitted").loc[""]
    assert nothing["miss"] == pytest.approx(100 * (80 / 60 - 1))


def test_periods_that_the_data_lack_are_left_out():
    found = find_omitted(PARTS[["2020"]], pd.Series({"2019": 1.0, "2020": 35.0}))
    assert found.iloc[0]["omitted"] == "fuel"


@given(st.floats(0, 100), st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1)), max_size=5))
def test_the_true_residual_lies_between_the_bounds(rest, parts):
    total = rest + sum(value for value, _ in parts)
    low, high = bound_residual((total, 0.5), parts)
    assert low <= rest + 1e-9
    assert rest <= high + 1e-9
