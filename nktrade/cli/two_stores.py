"""One flow in two stores: loaded from each, and compared as two sides or as two sources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nktrade.errors import MixtureError, UnanswerableError, check_choice
from nktrade.measures.two_sides import compare_sides, compare_sources, sum_years
from nktrade.sources import recall_source
from nktrade.store import load, status

_OTHER = {"export": "import", "import": "export"}


def compare_stores(
    first: str | Path,
    second: str | Path,
    *,
    partner: str = "PRK",
    flow: str = "export",
    reporter: str = "CHN",
    currency: str | None = "USD",
    level: int = 6,
    yearly: bool = False,
) -> pd.DataFrame:
    """Load one flow from two stores and compare it: its two sides, or two sources of one side.

    Parameters
    ----------
    first, second : path
        Stores, or "default". `first` holds the reporter's declarations. If `second` holds the
        partner's declarations of the same goods, the sides are compared; else the sources.
    partner, reporter : str
        ISO3 codes.
    flow : {"export", "import"}
        As the reporter declares it.
    currency, level
        As `nktrade.load` and `compare_sides`.
    yearly : bool
        Add up months to years first; a store of BACI is yearly already.

    Returns
    -------
    pandas.DataFrame
        What `compare_sides` or `compare_sources` returns.

    Raises
    ------
    InputError, MixtureError
        As these, or if a store has no such rows.
    """

    def read(data: str | Path, of: str, to: str, direction: str) -> pd.DataFrame:
        rows = load(data, partner=to, flow=direction, currency=currency)
        rows = rows[rows["reporter"] == of]
        return sum_years(rows) if yearly and not _is_yearly(data) else rows

    check_choice("flow", flow, _OTHER)
    one = read(first, reporter, partner, flow)
    try:
        other = read(second, partner, reporter, _OTHER[flow])
    except (MixtureError, UnanswerableError):
        # The partner has declared nothing there: one side from two sources.
        other = one.iloc[:0]
    if other.empty:
        return compare_sources(one, read(second, reporter, partner, flow), level)
    sides = (one, other) if flow == "export" else (other, one)
    return compare_sides(*sides, level)


def _is_yearly(data: str | Path) -> bool:
    """Say whether a store holds yearly figures, at the January of each year."""
    if str(data) == "default":
        return False
    return any(recall_source(name).frequency == "yearly" for name in status(data)["source"])
