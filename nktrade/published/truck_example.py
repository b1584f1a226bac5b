"""The planning example of Brown (October 2020): what a plan of trucks uses up, round by round."""

from __future__ import annotations

import pandas as pd

from nktrade._paths import DATA


def load_truck_example() -> pd.DataFrame:
    """Return what one unit of each good uses up in the document's planning example.

    Returns
    -------
    pandas.DataFrame
        Columns used, made, amount (of `used`, in `unit`, to make one of `made`), unit, source (the
        document's own numbers, a published ratio, or an assumption: each says which).

    Examples
    --------
    >>> recipe = load_truck_example()
    >>> recipe[recipe["made"] == "truck"].set_index("used")["amount"].to_dict()
    {'steel': 1.0, 'tyre': 5.0}
    """
    return pd.read_csv(DATA / "published" / "truck_example.csv", dtype={"amount": "float64"})
