"""What is added up under a measure, and what is not."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import MixtureError
from nktrade.measures import mark_bans, sum_after_bans
from nktrade.table.mirrors import mirror
from nktrade.table.rows import check_trade
from tests.making import make_trade


def test_what_was_declared_under_a_measure_is_counted_in_whole_months_after_its_last_day():
    rows = [
        ("2016-12", "import", "72021100", 1.0),
        ("2017-07", "import", "72021100", 2.0),  # the last whole month before the full ban
        ("2017-09", "import", "72021100", 4.0),  # earlier contracts until the fourth
        ("2017-10", "import", "72021100", 8.0),
        ("2017-12", "import", "72021100", 16.0),
        ("2017-12", "import", "26110000", 32.0),
        ("2017-12", "export", "72021100", 64.0),
    ]
    korea = mirror(make_trade(rows))
    found = sum_after_bans(korea, ["7202", "2611"], "export").set_index("id")
    # China's notice 11 of 2016 stood until notice 40 of 2017.
    assert found["value"].fillna(-1).to_dict() == {"2270-29b": 3, "2371-8b": 24, "": -1}
    assert found.loc["2270-29b", "first"] == pd.Timestamp("2016-12-01")
    assert found.loc["2270-29b", "last"] == pd.Timestamp("2017-07-01")
    assert found.loc["2371-8b", "first"] == pd.Timestamp("2017-10-01")
    assert found.loc["", "code"] == "2611"
    council = sum_after_bans(korea, ["7202"], "export", calendar="UN").set_index("id")
    assert council["value"].fillna(-1).to_dict() == {"2270-29b": -1, "2321-26c": 3, "2371-8b": 24}


def test_coal_counts_from_its_own_date_and_alone_was_capped():
    """Customs cleared 511,619 tons of coal in September 2017: it had no days for old contracts."""
    rows = [("2017-03", "import", "27011100", 1.0), ("2017-09", "import", "27011100", 2.0)]
    korea = mirror(make_trade(rows))
    for calendar, kind in (("customs", "suspension"), ("UN", "cap")):
        found = sum_after_bans(korea, ["2701"], "export", calendar).set_index("id")
        assert found.loc["2371-8a", ["first", "value"]].tolist() == [pd.Timestamp("2017-09-01"), 2]
        assert found.loc["2321-26b", ["kind", "value"]].tolist() == [kind, 1]
    # Others' declarations go by the Council's days.
    others = mirror(make_trade([("2017-03", "import", "27011100", 1.0)], reporter="RUS"))
    assert "2321-26a" in set(sum_after_bans(others, ["2701"], "export")["id"])
    assert set(sum_after_bans(others, ["2701"], "export")["kind"]) == {
        *("ban", "ban with livelihood exemption", "cap")
    }


def test_without_the_flow_nothing_is_counted():
    korea = mirror(make_trade([("2018-12", "export", "72021100", 64.0)]))
    found = sum_after_bans(korea, ["7202"], "export")
    assert found["value"].isna().all()
    assert found["first"].isna().all()


def test_a_heading_beside_its_lines_is_refused_and_a_hidden_value_hides_the_sum():
    twice = make_trade(
        [("2018-12", "import", "7202", 1200.0), ("2018-12", "import", "72021100", 1200.0)]
    )
    with pytest.raises(MixtureError, match="72021100 is part of 7202"):
        sum_after_bans(mirror(twice), ["7202"], "export")
    hidden = twice.iloc[1:].assign(value=np.nan, status="suppressed")
    found = sum_after_bans(mirror(check_trade(hidden)), ["7202"], "export").set_index("id")
    assert np.isnan(found.loc["2371-8b", "value"])
    assert found.loc["2371-8b", ["low", "high"]].tolist() == [0, np.inf]


def test_months_of_a_ban_are_whole_months_and_parts_are_not_known():
    """Coal: China's notice took effect on 15 August 2017; iron ore was exempt before that."""
    period = pd.date_range("2017-06-01", "2017-11-01", freq="MS")
    codes = ["2601", "2701", "6704"]
    months = pd.DataFrame([(c, p) for c in codes for p in period], columns=["heading", "period"])
    found = mark_bans(months, "heading", "export").set_index(["heading", "period"])["banned"]
    assert found["6704"].tolist() == [0.0] * 6
    assert found["2601"].iloc[[0, 1, -1]].tolist() == [0.0, 0.0, 1.0]
    assert found["2701"].iloc[[0, 1, -1]].tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(found["2701"]["2017-08-01"])
    assert list(mark_bans(months, "heading", "export")) == ["heading", "period", "banned"]
