"""Interval arithmetic holds the true value, and relations solve for each of their figures."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from nktrade.intervals import Interval
from nktrade.relations import Bound, Ratio, Sum, holds

numbers = st.floats(-1e9, 1e9, allow_nan=False)
slack = st.floats(0, 10)


@given(numbers, numbers, slack, slack)
def test_true_value_is_inside(a, b, x, y):
    first, second = Interval.around(a, x), Interval.around(b, y)
    p, q = Fraction(a), Fraction(b)
    assert first.low <= a <= first.high
    for got, true in ((first + second, p + q), (first - second, p - q), (first * second, p * q)):
        assert Fraction(got.low) <= true <= Fraction(got.high)
    assume(second.low > 1e-6 or second.high < -1e-6)
    ratio = first / second
    assert Fraction(ratio.low) <= p / q <= Fraction(ratio.high)


def test_half_years_of_2020():
    levels = {
        "total": Interval.around(1.04, 0.005),
        "import": Interval.around(1.14, 0.005),
        "export": Interval.around(0.108, 0.0005),
        "later": Interval.around(0.38, 0.005),
        "growth": Interval.around(-66.5, 0.05),
    }
    total = Sum("total", "total", (("import", 1.0), ("export", 1.0)))
    assert not holds(total, levels)
    assert 1.25 in total.solve(levels, "total")
    growth = Ratio("growth", "growth", (("later", 1.0),), (("import", 1.0),), shift=-100.0)
    assert holds(growth, levels)
    assert 1.14 in growth.solve(levels, "import")


def test_june_cannot_exceed_its_half_year():
    levels = {
        "half": Interval.around(6.51, 0.005),
        "may": Interval.around(3.0, 0.05),
        "june": Interval.around(6.5, 0.05),
    }
    bound = Bound("months", "half", (("may", 1.0), ("june", 1.0)))
    assert not holds(bound, levels)
    assert 3.5 in bound.solve(levels, "june")
