"""Formulas: worked out forwards, carried backwards, refused where they cannot be read."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.published import Formula, Interval

HALVES = {
    "total": Interval.around(1.04, 0.005),
    "import": Interval.around(1.14, 0.005),
    "export": Interval.around(0.108, 0.0005),
    "later": Interval.around(0.38, 0.005),
    "growth": Interval.around(-66.5, 0.05),
}


def test_half_years_by_hand():
    total = Formula("{total} == {import} + {export}")
    assert not total.holds(HALVES)
    room = total.allow(HALVES, "total")
    assert (room.low, room.high) == pytest.approx((1.2425, 1.2535))
    growth = Formula("{growth} == 100 * {later} / {import} - 100")
    assert growth.holds(HALVES)
    base = growth.allow(HALVES, "import")  # 0.375 / 0.3355 to 0.385 / 0.3345
    assert (base.low, base.high) == pytest.approx((1.117735, 1.150972), abs=1e-6)
    assert growth.subject == "growth"
    assert growth.members == {"growth", "later", "import"}


def test_a_month_is_bounded_by_its_half_year():
    levels = {"half": Interval.around(6.51, 0.005), "may": Interval.around(3.0, 0.05)}
    levels["june"] = Interval.around(6.5, 0.05)
    bound = Formula("{half} >= {may} + {june}")
    assert not bound.holds(levels)
    room = bound.allow(levels, "june")
    assert room.low == -inf
    assert room.high == pytest.approx(6.515 - 2.95)


def test_inequalities_turn_for_the_right_side():
    levels = {"a": Interval(4, 5), "b": Interval(1, 2)}
    assert Formula("{a} <= {b} * 3").allow(levels, "b").low == pytest.approx(4 / 3)
    assert Formula("{a} < {b}").allow_left(levels).high == 2


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("1 == rank({a}, {b})", True),
        ("2 == rank({a}, {b})", False),
        ("about({a}) == 4", True),
        ("about({a}) == 3", False),
        ("between(1, 10) == {a}", True),
        ("below(3) == {b}", True),
        ("above(3) == {b}", False),
        ("-{b} == 1 - {b} - 1", True),
        ('5 == weekday("2020-10-23")', True),
        ('21 == day("2020-08-23") - day("2020-08-02")', True),
        ("center({a}) > 4.4", True),
        ("center({a}) > 4.6", False),
    ],
)
def test_functions(text, holds):
    assert Formula(text).holds({"a": Interval(4, 5), "b": Interval(1, 2)}) is holds


@pytest.mark.parametrize(
    "text",
    ["{a} + {b}", "{a} == {b} == {c}", "{a} == sum({b})", "{a} == {b} ** 2", "{a} == 'x'"],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Formula(text).members  # noqa: B018


@given(*[st.floats(0.5, 100) for _ in range(4)], st.floats(0, 0.4))
def test_carrying_back_never_loses_the_truth(a, b, c, half, slack):
    """Whatever true numbers satisfy a formula, each is left by the intervals of the others."""
    truth = {"a": a, "b": b, "c": c, "r": 100 * (a + b) / c - half}
    levels = {name: Interval.around(value, slack) for name, value in truth.items()}
    formula = Formula(f"{{r}} == 100 * ({{a}} + {{b}}) / {{c}} - {half!r}")
    for name, value in truth.items():
        room = formula.allow(levels, name)
        assert room.low - 1e-9 * abs(value) <= value <= room.high + 1e-9 * abs(value)
