"""Toyland's customs print one line a commodity and month: in thousand dollars, or hidden."""

from pathlib import Path

import pandas as pd

from nktrade.errors import InputError
from nktrade.sources import Source
from nktrade.table.rows import check_trade

HEADINGS = ["month", "flow", "partner", "code", "thousand dollars"]


def read(path: str | Path, *, edition: str = "HS2017") -> pd.DataFrame:
    """Read one file of Toyland's customs into a trade table."""
    rows = pd.read_csv(path, sep=";", dtype="str")
    if list(rows) != HEADINGS:
        raise InputError("other headings", where=Path(path).name, expected=", ".join(HEADINGS))
    frame = rows[["partner", "flow"]].assign(
        period=pd.to_datetime(rows["month"]),
        reporter="CHN",
        hs=rows["code"],
        hs_edition=edition,
        value=rows["thousand dollars"].astype(float) * 1000,
        currency="USD",
        status=rows["thousand dollars"].isna().map({True: "suppressed", False: "reported"}),
        source=Path(path).name,
    )
    return check_trade(frame, where=Path(path).name, first_row=2)


SOURCE = Source("toyland", "Toyland customs", read, declarer="CHN", endings=(".toy",))
