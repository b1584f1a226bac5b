"""Numbers as people's programs write them: read exactly, or refused."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import InputError
from nktrade.sources.written_numbers import Numbers

#: Thousands and decimal marks of spreadsheets in English, German, Swiss, French, Indian ways.
WAYS = [("", "."), ("", ","), (",", "."), (".", ","), ("'", "."), ("’", "."), (" ", ","),
        ("\u00a0", ","), ("\u202f", ",")]  # fmt: skip


def write(number: float, thousands: str, decimal: str, decimals: int) -> str:
    text = f"{number:,.{decimals}f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


@settings(max_examples=200, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 10**10), min_size=1, max_size=6),
    way=st.sampled_from(WAYS),
    decimals=st.integers(0, 3),
)
def test_a_number_is_read_exactly_or_refused(numbers, way, decimals):
    thousands, decimal = way
    true = [number / 10**decimals for number in numbers]
    column = pd.Series([write(number, *way, decimals) for number in true])
    said = Numbers("a.csv", thousands=thousands or None, decimal=decimal)
    assert said.read(column, "value", 1e12).tolist() == true
    try:
        found = Numbers("a.csv").read(column, "value", 1e12).tolist()
    except InputError as refusal:
        found = str(refusal)
    refused = f"a.csv, row {found[11:12]}, column 'value'" in found
    assert found == true or (refused and (thousands or decimal == "," or decimals == 3))


@pytest.mark.parametrize(
    ("text", "thousands", "decimal"),
    [("1,23", ",", None), ("1234,5", ",", None), ("1,234,56", ",", None), ("1.500", None, ","),
     ("12.34", ".", ","), ("1 234", ".", ","), ("(5)", ",", "."), ("5%", None, "."),
     ("-5", ",", ".")],
)  # fmt: skip
def test_what_is_written_otherwise_than_was_said_is_refused(text, thousands, decimal):
    with pytest.raises(InputError, match=r"row 0, column 'value'"):
        Numbers("a.csv", None, thousands, decimal).read(pd.Series([text]), "value")


def test_marks_that_cannot_be():
    for marks in (",", ","), ("..", ","), ("1", "."):
        with pytest.raises(InputError, match="cannot be told apart"):
            Numbers("a.csv", None, *marks)
