"""Provinces: their names, whether the data have them, and what a printed ranking bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError, UnanswerableError


@cache
def load_provinces() -> dict[str, str]:
    """Return the English names of China's provinces by the two digits customs uses.

    Examples
    --------
    >>> load_provinces()["44"]
    'Guangdong'
    """
    table = pd.read_csv(DATA / "classes" / "gacc" / "provinces.csv", dtype="str")
    return dict(zip(table["code"], table["name"], strict=True))


def check_provinces(trade: pd.DataFrame) -> None:
    """Refuse a trade table that is not broken down by province.

    Raises
    ------
    UnanswerableError
        If no row, or not every row, has a province.
    """
    bare = trade["province"].isna()
    if not bare.any() and len(trade):
        return
    what = "not" if bare.all() else "only in part"
    raise UnanswerableError(
        f"the data are {what} broken down by province",
        got="no rows" if trade.empty else f"{bare.sum():,} of {len(trade):,} rows without one",
        hint="Import customs downloads by province; Comtrade, BACI and monthly totals have none.",
    )


def bound_concentration(
    leaders: Sequence[float], total: tuple[float, float], others: int
) -> tuple[float, float]:
    """Bound the Herfindahl-Hirschman index of a ranking that prints its leaders and the total only.

    What the others hold together is known; the index is lowest if they share it evenly and highest
    if as many as possible are as large as the last leader.

    Parameters
    ----------
    leaders : sequence of float
        The printed values, largest first.
    total : (float, float)
        Lowest and highest total that the print allows, in the leaders' unit.
    others : int
        How many more there can be.

    Returns
    -------
    (float, float)
        0 to 10,000. Rounding of the leaders is not counted.

    Raises
    ------
    InputError
        If the others cannot hold the rest of the total.

    Examples
    --------
    >>> bound_concentration([50.0, 20.0], (100.0, 100.0), 3)
    (3200.0, 3400.0)
    """
    lows, highs = [], []
    held, last = sum(leaders), leaders[-1]
    squares = sum(value**2 for value in leaders)
    for whole in total:
        rest, slack = whole - held, 1e-9 * held  # sums of floats are off by a little
        if not -slack <= rest <= others * last + slack:
            raise InputError(
                "the total does not fit its leaders",
                expected=f"{held:,.4g} to {held + others * last:,.4g}",
                got=f"{whole:,.4g}",
            )
        rest = max(rest, 0.0)
        full, left = divmod(rest, last)
        even = rest**2 / others if others else 0.0
        lows.append(1e4 * (squares + even) / whole**2)
        highs.append(1e4 * (squares + full * last**2 + left**2) / whole**2)
    # Both bounds fall as the total grows, so the ends of its interval are enough.
    return min(lows), max(highs)
