"""Months in yuan and months in dollars as one series."""

import warnings

import pandas as pd
import pytest

from nktrade.errors import InputError, MixtureError
from nktrade.published import load_exchange_rates
from nktrade.store import import_files, load
from nktrade.table.currency import PartlyInDollarsWarning
from nktrade.table.rates import by_month
from tests.sources.dresses import put, write_text


@pytest.fixture
def store(tmp_path):
    for name, money, lines in (
        ("cny.csv", "人民币", [("202401", "690220", 700), ("202402", "690220", 70),
                               ("202402", "670420", 14)]),
        ("usd.csv", "美元", [("202402", "690220", 9), ("202403", "690220", 20)]),
    ):  # fmt: skip
        rows = [["数据年月", "贸易伙伴编码", "商品编码", money]]
        rows += [[month, "109", code, str(value)] for month, code, value in lines]
        path = put(tmp_path, name, write_text(rows))
        import_files(tmp_path / "s", "gacc", [path], flow="export")
    return tmp_path / "s"


RATES = pd.DataFrame({"period": ["2024"], "cny_per_usd": [7.0]})


def test_one_series_of_months_in_yuan_and_in_dollars(store):
    with pytest.warns(PartlyInDollarsWarning, match=r"in yuan alone.*2024-02.*: 1 row, converted"):
        trade = load(store, currency="USD", rates=RATES)
    sums = trade.groupby("period")["value"].sum()
    assert sums.tolist() == [100, 9 + 2, 20]
    assert set(trade["currency"]) == {"USD"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bricks = load(store, currency="USD", rates=RATES, hs="6902")
    assert bricks["value"].tolist() == [100, 9, 20]
    assert bricks["source"].str.contains("converted").tolist() == [True, False, False]
    with pytest.raises(MixtureError, match="several currencies"):
        load(store)


def test_rates_of_months_of_years_and_those_that_come_with_nktrade(store, tmp_path):
    shipped = load_exchange_rates()
    trade = load(store, rates=shipped, hs="6902", end="2024-01")
    assert trade["value"].tolist() == [pytest.approx(700 / 7.1217)]
    assert len(by_month(shipped)) == 12 * 2  # a month's own rate stands for its year's
    mixed = pd.DataFrame({"period": ["2024", "2024-02"], "cny_per_usd": [7.0, 6.9]})
    assert by_month(mixed)["cny_per_usd"].tolist()[:3] == [7.0, 6.9, 7.0]
    path = tmp_path / "rates.csv"
    shipped.to_csv(path)
    assert load(store, rates=path, hs="6902", end="2024-01")["value"].tolist() == [
        pytest.approx(700 / 7.1217)
    ]
    with pytest.raises(InputError, match="no rate for 1 month; got 2024-01"):
        load(store, rates=mixed[1:], hs="6902")
