"""List customs' tariff lines with their first and last year: data/reconstructed/prior/codes.csv.

``python -m tools.derive_lines LISTS.csv``, where LISTS.csv has a row for each line and year (hs8,
year), as customs' yearly lists do. The lists reach to 2023; 2024 is taken to be like it.
"""

from __future__ import annotations

import sys

import pandas as pd

from nktrade._paths import DATA

FILE = DATA / "reconstructed" / "prior" / "codes.csv"
FIRST_YEAR, LAST_LIST, LAST_YEAR = 2017, 2023, 2024


def list_lines(lists: pd.DataFrame) -> pd.DataFrame:
    """Return hs8, first_year, last_year of every line in force from 2017 on."""
    lists = lists[lists["year"].between(FIRST_YEAR, LAST_LIST)]
    years = lists.groupby("hs8")["year"].agg(first_year="min", last_year="max")
    return years.replace({"last_year": {LAST_LIST: LAST_YEAR}}).reset_index()


if __name__ == "__main__":
    list_lines(pd.read_csv(sys.argv[1], dtype={"hs8": "str"})).to_csv(FILE, index=False)
