"""Small trade tables made by hand."""

from __future__ import annotations

import pandas as pd

from nktrade.table.rows import check_trade


def make_frame(rows: list[tuple], **columns) -> pd.DataFrame:
    """Rows of (month, flow, hs, value) as China declares them, with what every row needs."""
    frame = pd.DataFrame(rows, columns=["period", "flow", "hs", "value"])
    frame["period"] = pd.to_datetime(frame["period"] + "-01")
    given = {"reporter": "CHN", "partner": "PRK", "hs_edition": "HS2017", "currency": "USD"}
    return frame.assign(**(given | columns))


def make_trade(rows: list[tuple], **columns) -> pd.DataFrame:
    return check_trade(make_frame(rows, **columns), "by hand")


def make_monthly(values: list[float], start: str = "2017-01", **columns) -> pd.DataFrame:
    """A monthly table of one flow, all months reported."""
    months = pd.date_range(f"{start}-01", periods=len(values), freq="MS")
    table = pd.DataFrame({"flow": "import", "period": months, "value": values})
    return table.assign(state="reported", **columns)
