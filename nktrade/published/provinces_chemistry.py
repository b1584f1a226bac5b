"""Chemical imports of four provinces, from print alone: printed shares of printed totals."""

from __future__ import annotations

import pandas as pd

from nktrade.published.documents import read_slides


def sum_printed_chemistry(partner: str, currency: str, flow: str) -> pd.DataFrame:
    """Add up what printed shares of chemistry make of the printed totals of their provinces.

    Parameters
    ----------
    partner, currency, flow : str
        Of the page: the slides print shares of North Korea's imports, in dollars, and no others.

    Returns
    -------
    pandas.DataFrame
        Index "as printed", "as read" (with the reading of suspect cells). One column a half-year,
        in million USD, and "change, %" from the first to the last.

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> sum_printed_chemistry("PRK", "USD", "import").index.tolist()
    ['as printed', 'as read']
    """
    slides = read_slides(partner, currency, flow, "shares of North Korea's imports")
    parts = slides[(slides["code"] == "chemistry") & (slides["measure"] == "share")]
    totals = slides[(slides["classification"] == "total") & (slides["measure"] == "value")]
    totals = totals.drop_duplicates(["geography", "period"]).set_index(["geography", "period"])
    keys = pd.MultiIndex.from_frame(parts[["geography", "period"]])
    worth = totals["value_usd"].reindex(keys).to_numpy() / 1e8
    sums = (
        parts.assign(
            printed=parts["value"] * worth,
            read=parts["reading"].fillna(parts["value"]) * worth,
        )
        .groupby("period")[["printed", "read"]]
        .sum(min_count=1)
        .T.rename_axis(columns=None)
        .rename({"printed": "as printed", "read": "as read"})
    )
    return sums.assign(**{"change, %": 100 * (sums.iloc[:, -1] / sums.iloc[:, 0] - 1)})
