"""When a trade stopped."""

import pandas as pd
import pytest

from nktrade.errors import UnanswerableError
from nktrade.measures.endings import find_stops


def table(values, what="coal", start="2017-01-01"):
    months = pd.date_range(start, periods=len(values), freq="MS")
    return pd.DataFrame({"what": what, "period": months, "value": values})


def test_a_pause_shorter_than_asked_is_no_stop():
    found = find_stops(
        table([100.0] * 12 + [0.0] * 11 + [50.0] * 3), "what", reference="2017", quiet=12
    )
    assert found.loc["coal", "usual"] == 100
    assert pd.isna(found.loc["coal", "stopped"])


def test_a_trickle_below_the_residue_counts_as_stopped():
    values = [100.0] * 12 + [4.0] * 12 + [6.0]
    found = find_stops(table(values), "what", reference="2017", residue=0.05)
    assert found.loc["coal", "stopped"] == pd.Timestamp("2018-01-01")
    assert found.loc["coal", "resumed"] == pd.Timestamp("2019-01-01")


def test_an_unknown_month_breaks_the_run_of_quiet_months():
    values = [100.0] * 12 + [0.0] * 6 + [None] + [0.0] * 6
    found = find_stops(table(values), "what", reference="2017", quiet=12)
    assert pd.isna(found.loc["coal", "stopped"])


def test_groups_are_judged_apart_and_one_that_never_traded_has_no_stop():
    both = pd.concat([table([1.0] * 24, "rice"), table([0.0] * 24, "gold")])
    found = find_stops(both, "what", reference="2017")
    assert found["stopped"].isna().all()
    assert found.loc["gold", "usual"] == 0


def test_a_reference_outside_the_data_is_refused():
    with pytest.raises(UnanswerableError, match="outside the data"):
        find_stops(table([1.0] * 12, start="2018-01-01"), "what", reference="2017")
