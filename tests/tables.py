"""Small trade tables for tests: hand-made, and random ones for properties."""

import pandas as pd
from hypothesis import strategies as st

from nktrade.table.rows import check_trade

MONTHS = [f"{year}-{month:02d}-01" for year in (2019, 2020) for month in range(1, 13)]


def make_trade(*rows, **common):
    """Build a trade table from (month, flow, hs, value) rows; `common` fills other columns."""
    frame = pd.DataFrame(rows, columns=["period", "flow", "hs", "value"])
    given = {"reporter": "CHN", "partner": "PRK", "hs_edition": "HS2017", "currency": "USD"}
    months = pd.to_datetime(frame["period"])
    return check_trade(frame.assign(period=months, **(given | common)), "made by hand")


@st.composite
def random_trade(draw):
    """A table of distinct rows over 2019 and 2020 with values in whole dollars."""
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from(MONTHS),
                st.sampled_from(["export", "import"]),
                st.sampled_from(["67030000", "67041100", "69021000", "69022000", "01012100"]),
            ),
            min_size=1,
            max_size=40,
            unique=True,
        )
    )
    values = draw(st.lists(st.integers(0, 10**9), min_size=len(keys), max_size=len(keys)))
    rows = [(*key, float(value)) for key, value in zip(keys, values, strict=True)]
    return make_trade(*rows)
