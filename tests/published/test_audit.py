"""The audit of invented documents: no false alarm on sound ones, every misprint found."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nktrade.published import audit_documents
from nktrade.published.audit import COLUMNS
from nktrade.published.intervals import Interval
from nktrade.published.misprints import imagine_slips, propose_reading
from tests.published.making import NO_REPORTS, make_document, make_figure, make_table

money = st.floats(5, 900).map(lambda value: round(value, 4))
goods = st.lists(money, min_size=3, max_size=6)
SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def audit(figures, claims=()):
    return audit_documents(figures, NO_REPORTS, list(claims))


@SLOW
@given(goods, goods, st.tuples(money, money))
def test_a_sound_document_raises_no_alarm(old, new, exports):
    checks = audit(make_document(old, new, exports))
    assert set(checks["verdict"]) == {"consistent"}
    kinds = {"growth", "share", "sum", "balance", "total of flows", "rank", "part of a period"}
    assert kinds <= set(checks["kind"])


@SLOW
@given(goods, st.tuples(money, money), st.data())
def test_one_planted_misprint_is_found_and_blamed(new, exports, data):
    figures = make_document([40.0, 60.0], new, exports)
    printed_in_words = figures["measure"].eq("growth") | figures["period"].eq("2002-H1")
    victim = data.draw(st.sampled_from(figures.index[~printed_in_words].tolist()))
    value = figures.loc[victim, "value"]
    assume(abs(value) > 1.0)
    factor = data.draw(st.sampled_from([10.0, 0.1, 1.9]))
    planted = figures.assign(value=figures["value"].where(figures.index != victim, factor * value))
    checks = audit(planted)
    wrong = checks[checks["verdict"] == "inconsistent"]
    assert len(wrong) > 0
    assert victim in set(wrong["figure"])


def test_figures_by_hand():
    figures = make_document([30.0, 70.0], [50.0, 100.0], (20.0, 10.0))
    checks = audit(figures)
    (growth,) = checks[checks["figure"].eq("d:9") & checks["kind"].eq("growth")].itertuples()
    assert growth.printed == "50.0"
    assert growth.recomputed_low == pytest.approx(100 * 149.995 / 100.005 - 100)
    assert growth.recomputed_high == pytest.approx(100 * 150.005 / 99.995 - 100)
    assert "150.00 million USD" in growth.reason
    (balance,) = checks[checks["figure"].eq("d:4") & checks["kind"].eq("balance")].itertuples()
    assert (balance.recomputed_low, balance.recomputed_high) == pytest.approx((-80.01, -79.99))


def test_transposed_digits_are_read():
    figures = make_document([30.0, 106.0], [50.0, 100.0], (20.0, 10.0))
    figures.loc["d:1", "value"] = 163.0  # imports of 2001 are 136.00
    checks = audit(figures)
    wrong = checks[checks["verdict"] == "inconsistent"]
    assert set(wrong["figure"]) == {"d:1"}
    assert set(wrong["reading"]) == {"136.00"}


def test_a_misprinted_year_is_read_as_a_period():
    whole = {"flow": "export", "classification": "total", "quote": "up 100 % from 5 in 2002"}
    rows = [
        make_figure(10.0, period="2002", **whole),
        make_figure(
            100.0, 1, period="2002", base_period="2002", measure="growth", unit="%", **whole
        ),
        make_figure(5.0, period="2002", **whole),
        make_figure(10.0, period="2002", **(whole | {"quote": "the table"})),
    ]
    checks = audit(make_table(rows))
    read = checks[checks["verdict"] == "inconsistent"].groupby("figure")["reading"].first()
    assert read.to_dict() == {"d:2": "base 2001", "d:3": "period 2001"}


def test_parts_that_leave_some_of_their_total_are_a_gap():
    whole = {"flow": "import", "period": "2002"}
    rows = [make_figure(100.0, classification="total", **whole)]
    rows += [
        make_figure(
            value, classification="bec", code=code, place=f"Categories, table, {code}", **whole
        )
        for code, value in {"capital": 20.0, "consumption": 50.0}.items()
    ]
    (row,) = audit(make_table(rows)).itertuples()
    assert row.verdict == "gap"
    assert (row.recomputed_low, row.recomputed_high) == pytest.approx((69.99, 70.01))
    assert "70.0 %" in row.reason
    rows[1] = rows[1] | {"value": 60.0}
    assert audit(make_table(rows))["verdict"].tolist() == ["inconsistent"]


def test_an_outside_witness_makes_a_print_suspect_only():
    figures = make_table([make_figure(15.0, flow="export", period="2002", classification="total")])
    witness = {"period": "2002", "flow": "export", "currency": "USD", "half_unit": 5e3}
    witness |= {"reading": float("nan"), "kind": "reported"}
    for value, verdict in ((10.5e6, "suspect"), (15.4e6, "consistent")):
        reported = pd.DataFrame([witness | {"value": value}], index=["reported:1"])
        assert audit_documents(figures, reported, [])["verdict"].tolist() == [verdict]


@pytest.mark.parametrize(
    ("value", "unit", "half", "room", "reading"),
    [
        (1.36, "billion USD", 0.005, (1.592, 1.642), 1.63),  # digits exchanged
        (33.7, "million USD", 0.05, (3.15, 19.5), 3.37),  # the point moved
        (43.9, "USD", 0.05, (43e6, 45e6), 43.9e6),  # a word lost
        (17.6, "%", 0.05, (7.55, 7.65), 7.6),  # a digit too many
        (2910, "year", 0.5, (2017, 2020), 2019),  # digits in another order
        (27.5, "%", 0.05, (93.5, 94.5), 94.0),  # no slip: what the others leave
    ],
)
def test_readings(value, unit, half, room, reading):
    figure = pd.Series({"value": value, "unit": unit, "half_unit": half})
    assert propose_reading(figure, Interval(*room), Interval(*room)) == pytest.approx(reading)


def test_no_reading_where_nothing_bounds_it():
    figure = pd.Series({"value": 5.0, "unit": "%", "half_unit": 0.5})
    everything = Interval(float("-inf"), float("inf"))
    assert propose_reading(figure, everything, everything) is None


def test_slips_keep_the_sign():
    assert all(slip < 0 for slip in imagine_slips(pd.Series({"value": -12.0, "unit": "%"})) if slip)


def test_columns():
    checks = audit(make_document([3.0, 7.0], [5.0, 10.0], (2.0, 1.0)))
    assert list(checks.columns) == [*COLUMNS, "kind", "figure", "formula"]
