"""Interval arithmetic holds every value the true numbers can give."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nktrade.published.intervals import EVERYTHING, Interval, hull

numbers = st.floats(-1e9, 1e9, allow_nan=False)
slack = st.floats(0, 10)


@given(numbers, numbers, slack, slack, st.floats(0, 1), st.floats(0, 1))
def test_every_true_value_is_inside(a, b, x, y, s, t):
    first, second = Interval.around(a, x), Interval.around(b, y)
    # Any numbers inside, not only the middles.
    p = Fraction(first.low) + Fraction(s) * (Fraction(first.high) - Fraction(first.low))
    q = Fraction(second.low) + Fraction(t) * (Fraction(second.high) - Fraction(second.low))
    for got, true in ((first + second, p + q), (first - second, p - q), (first * second, p * q)):
        assert Fraction(got.low) <= true <= Fraction(got.high)
    assume(second.low > 1e-6 or second.high < -1e-6)
    ratio = first / second
    assert Fraction(ratio.low) <= p / q <= Fraction(ratio.high)


def test_by_hand():
    product = Interval(-2, 3) * Interval(-5, 4)
    assert (product.low, product.high) == pytest.approx((-15, 12))
    assert Interval(1, 2) / Interval(-1, 1) == EVERYTHING
    assert Interval(1, 3).meet(Interval(2, 5)) == Interval(2, 3)
    assert Interval(1, 2).meet(Interval(2.5, 5)) is None
    assert Interval(1, 2).meets(Interval(2, 5))  # ends belong to it
    assert hull([Interval(1, 2), Interval(5, 6)]) == Interval(1, 6)
    assert Interval(-inf, 2).middle == 2
    with pytest.raises(ValueError, match="no interval"):
        Interval(2, 1)
