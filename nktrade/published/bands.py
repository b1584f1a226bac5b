"""A band around the panel's point: how far figures of the same kind were missed, cut to print."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.published.bounds import bounds
from nktrade.table.periods import parse_period

FILE = DATA / "reconstructed" / "bands.csv"
LEVELS = (80, 95)
_GOODS = ("hs", "chapter", "heading", "industry", "bec")


def bands(level: int = 80, **asked: Any) -> pd.DataFrame:
    """Return the panel's point with a band that holds so many of a hundred such figures.

    The band uses the prior, so it is an assumption and no finding; where print leaves less, it ends
    there. Its width is that of figures which were left out of the panel in blocks.

    Parameters
    ----------
    level : {80, 95}
        Percent of left-out figures of the same kind that the band held.
    **asked
        The keywords of `bounds`.

    Returns
    -------
    pandas.DataFrame
        The columns of `bounds` without figures and proof, and kind (of figure), band_low and
        band_high (USD; missing where the panel has no point).

    Examples
    --------
    >>> year = bands(flow="export", hs="30", period="2019").loc[0]
    >>> bool(year["low"] <= year["band_low"] <= year["point"] <= year["band_high"] <= year["high"])
    True
    """
    if level not in LEVELS:
        raise InputError(f"no bands of {level} percent", expected="80 or 95")
    table = bounds(**asked).drop(columns=["figures", "proof"])
    goods = any(asked.get(name) for name in _GOODS) | any(name in table for name in _GOODS)
    place = bool(asked.get("province")) or "province" in table
    kinds = []
    for text in table["period"]:
        window = parse_period(text)
        length = "a month" if window.first == window.last else "longer"
        what = "a good" if goods else "a province" if place else "all goods"
        kinds.append("a province, longer" if what == "a province" else f"{what}, {length}")
    factor = _read()[f"factor_{level}"].reindex(kinds).to_numpy()
    low, high, point = (table[name].to_numpy() for name in ("low", "high", "point"))
    ends = np.sort(np.array([point / factor, point * factor]), axis=0)
    return table.assign(
        kind=kinds,
        band_low=np.minimum(np.maximum(ends[0], low), point),
        band_high=np.maximum(np.minimum(ends[1], high), point),
    )


@cache
def _read() -> pd.DataFrame:
    return pd.read_csv(FILE, index_col="kind")
