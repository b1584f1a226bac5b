"""What a store answers in the form of bounds: sums of what it holds, and of nothing else."""

import pytest

from nktrade.errors import GapError, InputError, UnanswerableError
from nktrade.study import known
from tests.making import make_trade

MONTHS = [f"2022-{month:02}" for month in range(1, 13)]
ROWS = [(month, "export", "15079000", 2.0) for month in MONTHS]
ROWS += [("2022-03", "export", "67030000", 5.0), ("2022-04", "export", "67030000", 1.0)]


@pytest.fixture
def ask(monkeypatch):
    def ask(rows=ROWS, **asked):
        monkeypatch.setattr(known, "load", lambda data, **how: make_trade(rows))
        return known.bounds(data="a-store", flow="export", **asked)

    return ask


def test_every_code_has_a_row_of_its_own(ask):
    found = ask(period=["2022-H1", "2022-03"], by="hs", hs=["1507", "6703"])
    assert found[["period", "hs", "low"]].to_numpy().tolist() == [
        ["2022-H1", "1507", 12.0],
        ["2022-H1", "6703", 6.0],
        ["2022-03", "1507", 2.0],
        ["2022-03", "6703", 5.0],
    ]


def test_a_rare_good_is_nothing_in_the_months_of_others(ask):
    assert ask(period="2022-H2", hs="6703")["high"].tolist() == [0.0]


@pytest.mark.parametrize("period", ["2021", "2023", "2021..2022"])
def test_nothing_is_recorded_of_months_that_are_not_held(ask, period):
    with pytest.raises(UnanswerableError, match="got 2022-01 to 2022-12"):
        ask(period=period, hs="6703")


def test_a_month_between_that_is_not_held_is_told(ask):
    with pytest.raises(GapError, match="no exports of 2022-07"):
        ask([row for row in ROWS if row[0] != "2022-07"], period="2022")


@pytest.mark.parametrize("data", ["a-store", "default"])
def test_no_codes_are_no_way_to_keep_sums_apart(ask, data):
    with pytest.raises(InputError, match="no codes are given"):
        known.bounds(period="2022", by="hs") if data == "default" else ask(period="2022", by="hs")
