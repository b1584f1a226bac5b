"""What measures refuse, models and scans refuse: two months' value never passes for one."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import GapError
from nktrade.measures import find_stops, forecast_months, scan_moves
from nktrade.measures.spikes import find_spikes
from nktrade.table.completing import complete_months
from nktrade.table.months import monthly
from tests.making import make_trade


@pytest.fixture
def winter():
    """Five years of two goods, and January and February 2020 in one release."""
    random = np.random.default_rng(3)
    rows = [
        (f"{year}-{month:02}", "export", code, float(random.integers(100, 200)))
        for year in range(2017, 2022)
        for month in range(1, 13)
        for code in ("69022000", "67030000")
        if (year, month) != (2020, 1)
    ]
    trade = make_trade(rows)
    february = trade["period"] == "2020-02-01"
    return trade.assign(
        value=trade["value"].mask(february, trade["value"] * 2),
        status=trade["status"].mask(february, "combined"),
    )


MODELS = {
    "find_spikes": lambda trade, fill: find_spikes(fill(monthly(trade))),
    "scan_moves": lambda trade, fill: scan_moves(fill(monthly(trade, "hs")), "hs"),
    "forecast_months": lambda trade, fill: forecast_months(
        fill(monthly(trade)), 3, models=["seasonal naive"]
    ),
    "find_stops": lambda trade, fill: find_stops(
        fill(monthly(trade, "hs")), "hs", reference="2017"
    ),
}


@pytest.mark.parametrize("model", MODELS)
def test_a_release_of_two_months_is_refused_until_a_policy_is_named(model, winter):
    for fill in (lambda table: table, lambda table: complete_months(table, "leave")):
        with pytest.raises(GapError, match=r"2 months are combined; got 2020-01, 2020-02.*split"):
            MODELS[model](winter, fill)
    MODELS[model](winter, lambda table: complete_months(table, "split"))


def test_stops_never_add_imports_to_exports(winter):
    both = pd.concat([winter, winter.assign(flow="import")], ignore_index=True)
    with pytest.raises(GapError, match="every month in order"):
        find_stops(complete_months(monthly(both, "hs"), "split"), "hs", reference="2017")
