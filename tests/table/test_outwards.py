"""Ends rounded outwards: in numbers, in words, in tables and under charts by one rule."""

import math
import re

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from nktrade.charts import draw_ranges
from nktrade.published import judge_claim
from nktrade.study import Amount
from nktrade.table.outwards import cut, cut_digits, spell_amount, spell_range

ENDS = st.tuples(st.floats(-1e10, 1e10), st.floats(0, 1e10)).map(lambda p: (p[0], p[0] + p[1]))
_NUMBER = r"-?\d[\d,]*(?:\.\d+)?"


def read_numbers(words):
    """Return the numbers of a text, and by what its unit multiplies them."""
    scale = next((one for name, one in SCALES.items() if name in words), 1.0)
    return [scale * float(one.replace(",", "")) for one in re.findall(_NUMBER, words)]


SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}


def holds(words, low, high):
    """Say whether words hold all from low to high; one number stands for all that round to it."""
    found = read_numbers(words)
    if not found:  # "nothing" is what the machine leaves of it
        return max(abs(low), abs(high)) < 1e-12
    if len(found) == 2:
        slack = 1e-6 * max(abs(low), abs(high))
        return found[0] <= low + slack and found[1] >= high - slack
    (one,) = found
    if "at most" in words or "at least" in words:
        return one >= high * (1 - 1e-6) if "most" in words else one <= low * (1 + 1e-6)
    return max(abs(one - low), abs(one - high)) <= 0.051 * max(abs(low), abs(high))


@given(ENDS)
def test_no_words_say_more_than_is_known(ends):
    """A sentence, an amount, a claim and the words for a picture."""
    low, high = ends
    assert holds(spell_range(low, high), low, high)
    assert holds(spell_amount(low, high, "USD"), low, high)
    assert holds(str(Amount(low, high, "bounded", "%")), low, high)
    claim = judge_claim("one", ">", "another", low, high, "bounded")._repr_html_()
    assert holds(claim.partition("difference is ")[2].partition(".</p>")[0], low, high)


@given(st.floats(1e-9, 1e10), st.floats(0, 1e10))
def test_the_words_for_a_picture_say_no_more_and_write_no_exponent(low, width):
    table = pd.DataFrame({"low": [low], "high": [low + width]}, ["coal"])
    told = draw_ranges(table, "T", "Source: made here.", ylabel="USD").alt.partition("coal: ")[2]
    assert not re.search(r"\de[-+]\d", told)
    assert holds(told.removesuffix("."), low, low + width)


@given(st.floats(-1e9, 1e9), st.sampled_from([0.001, 0.01, 0.1, 1.0, 10.0, 1000.0]))
def test_a_number_lies_between_its_two_cuts(number, step):
    down, up = cut(number, step, -1), cut(number, step, +1)
    slack = 1e-6 * step + 1e-9 * abs(number)
    assert down - slack <= number <= up + slack
    assert up - down <= step * (1 + 1e-6) + slack
    series = cut(pd.Series([number]), step, -1)
    assert series.tolist() == [down]


def test_what_the_machine_leaves_of_nothing_is_nothing():
    assert cut_digits(-5e-324, 3, -1) == 0.0
    assert math.copysign(1, cut(-0.004, 0.01)) == 1.0
    assert spell_range(-5e-324, 16.2) == "at most 17"
    assert np.isinf(cut_digits(np.inf, 2))


def test_a_claim_about_ratios_has_no_currency():
    share = Amount(40.0, 50.0, "printed", "%"), Amount(10.0, 20.0, "printed", "%")
    assert "20 to 40 %." in (share[0] > share[1])._repr_html_()
    dollars = judge_claim("one", ">", "another", 2e3, 3e3, "bounded")._repr_html_()
    assert "2.0 to 3.0 thousand USD" in dollars
