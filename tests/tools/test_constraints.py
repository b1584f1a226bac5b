"""Published figures as intervals in dollars."""

import numpy as np
import pandas as pd
import pytest

from nktrade.published import (
    load_documents,
    load_exchange_rates,
    load_not_honoured,
    load_reported,
)
from nktrade.published.constraints import (
    build_constraints,
    figure_interval,
    reported_interval,
)
from tools.reconstruct import build_prior


def figure(value, half=0.5, unit="million USD", measure="value", period="2020-H1", reading=np.nan):
    return pd.Series(
        {
            **{"value": value, "half_unit": half, "unit": unit, "measure": measure},
            **{"period": period, "reading": reading},
        }
    )


@pytest.mark.parametrize(
    ("row", "low", "high"),
    [
        (figure(33.0), 32.5e6, 33.5e6),
        (figure(4875.0, unit="10 thousand USD"), 48_745_000, 48_755_000),
        (figure(98.6, 0.05, measure="average", period="2020-01..2020-02"), 197.1e6, 197.3e6),
        (figure(6.0, 0.5, "billion USD", "average", "2010..2016"), 38.5e9, 45.5e9),
        (figure(19.0, np.nan, measure="value below"), 0, 19e6),
        (figure(np.nan, np.nan), 0, 0),
        (figure(33.7, 0.05, reading=3.37), 3.365e6, 3.375e6),  # as many digits as printed
        (figure(43.9, 0.05, "USD", reading=43.9e6), 43.85e6, 43.95e6),  # the word million lost
    ],
)
def test_interval_of_a_printed_figure(row, low, high):
    assert figure_interval(row) == pytest.approx((low, high))


def total(value, half, currency="USD", period="2018", reading=np.nan):
    return pd.Series(
        {
            **{"value": value, "half_unit": half, "currency": currency},
            **{"period": period, "reading": reading},
        }
    )


def test_interval_of_a_reported_total():
    assert reported_interval(total(100.0, 5.0)) == (95, 105)
    assert reported_interval(total(100.0, 5.0, reading=50.0)) == (45, 55)


def test_yuan_are_converted_by_the_year():
    rates = load_exchange_rates()
    low, high = reported_interval(total(700.0, 7.0, "CNY", "2024-05"))
    assert (low, high) == pytest.approx((693 / 7.1217, 707 / 7.1217))
    low, high = reported_interval(total(700.0, 0.0, "CNY", "2018"))
    assert (low, high) == pytest.approx(
        (700 / rates.loc[2018, "high"], 700 / rates.loc[2018, "low"])
    )
    assert ((rates["low"] < rates["cny_per_usd"]) & (rates["cny_per_usd"] < rates["high"])).all()


@pytest.fixture(scope="module")
def cells():
    return build_prior()


@pytest.fixture(scope="module")
def built(cells):
    return build_constraints(cells)


def test_every_constraint_is_sound(built, cells):
    known = set(load_documents().index) | set(load_reported().index)
    for constraint in built:
        assert constraint.id.removesuffix(":rank") in known
        assert constraint.lower <= constraint.upper
        assert len(np.unique(constraint.cells)) == len(constraint.cells) > 0
        assert constraint.cells.max() < len(cells)
        assert (constraint.base is not None) == constraint.kind.endswith("growth")


def test_exceptions_bind_nothing(built):
    held = {constraint.id for constraint in built}
    assert held.isdisjoint(load_not_honoured().index)
    lower_only = {i.removesuffix(":exact") for i in load_not_honoured().index if i[-6:] == ":exact"}
    kinds = {constraint.id: constraint.kind for constraint in built}
    assert {kinds[id_] for id_ in lower_only} == {"at least"}


def test_cells_are_those_the_figure_speaks_of(built, cells):
    by_id = {constraint.id: constraint for constraint in built}
    figures = load_documents()
    heads = figures[(figures["classification"] == "HS4") & (figures["measure"] == "value")]
    seen = 0
    for id_, row in heads.iterrows():
        if id_ in by_id:
            chosen = cells.iloc[by_id[id_].cells]
            assert set(chosen["hs"].str[:4]) == {row["code"]}
            assert set(chosen["flow"]) == {row["flow"]}
            seen += 1
    assert seen > 60


def test_a_bound_on_every_month_binds_each(built):
    claims = [c for c in built if c.lower == 0 and c.kind == "value" and c.upper == 19e6]
    assert len(claims) == len({tuple(c.cells) for c in claims})
    assert len(claims) >= 1


def test_january_2020_is_never_asked_for_alone(built, cells):
    """No interval speaks of February 2020 without January, for the panel cannot part them."""
    february = np.flatnonzero((cells["period"] == "2020-02-01").to_numpy())
    for constraint in built:
        months = cells["period"].iloc[constraint.cells].unique()
        if set(months) == {pd.Timestamp("2020-02-01")}:
            assert "2020-01..2020-02" in _period(constraint.id)
    assert len(february)


def _period(id_: str) -> str:
    name = id_.removesuffix(":rank")
    table = load_reported() if name.startswith("reported") else load_documents()
    return table.loc[name, "period"]


def test_prior_is_a_whole_table(cells):
    assert (cells["prior"] > 0).all()
    assert not cells.duplicated(["period", "flow", "hs", "province"]).any()
    assert cells["hs"].str.fullmatch(r"\d{8}").all()
    assert not (cells["period"] == pd.Timestamp("2020-01-01")).any()
