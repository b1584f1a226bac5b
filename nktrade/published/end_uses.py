"""What the printed classes by end use leave of the printed totals, from print alone."""

from __future__ import annotations

import pandas as pd

from nktrade.published.documents import read_slides
from nktrade.published.intervals import Interval


def tabulate_end_uses(partner: str, currency: str, flow: str) -> pd.DataFrame:
    """Set the printed classes beside the printed totals, and bound what they leave.

    Parameters
    ----------
    partner, currency, flow : str
        Of the page: KIEP's slides of 2020 print the classes of North Korea's imports, in dollars.

    Returns
    -------
    pandas.DataFrame
        Index period (half-years). Columns capital, intermediate, consumption, total (as read where
        the print is wrong), left_low, left_high (million USD); share_low, share_high (what is left
        in percent of the total, within the rounding of all four figures).

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> table = tabulate_end_uses("PRK", "USD", "import")
    >>> table.loc["2020-H1", ["share_low", "share_high"]].round(0).tolist()
    [23.0, 26.0]
    """
    slides = read_slides(partner, currency, flow, "end uses of North Korea's imports")
    slides = slides[slides["measure"] == "value"]
    classes = slides[slides["classification"] == "bec"]
    printed = classes.pivot(index="period", columns="code", values="value_usd") / 1e6
    totals = slides[slides["place"].str.contains("chart label")].set_index("period")
    totals = totals[totals["classification"] == "total"]
    rows = {}
    for period, row in printed.iterrows():
        said = totals.loc[str(period)].to_dict()
        scale = said["value_usd"] / said["value"] / 1e6
        total = (said["value"] if pd.isna(said["reading"]) else said["reading"]) * scale
        half = said["half_unit"] * scale
        left = Interval.around(total, half)
        for value in row:
            left -= Interval.around(float(value), 0.005)
        rows[period] = {
            **row,
            "total": total,
            "left_low": left.low,
            "left_high": left.high,
            "share_low": 100 * left.low / (total + half),
            "share_high": 100 * left.high / (total - half),
        }
    return pd.DataFrame(rows).T.rename_axis("period")
