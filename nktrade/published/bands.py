"""A band around the panel's point: how far figures of the same kind were missed, cut to print."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError, check_choice
from nktrade.published.bounds import bounds, bounds_ratio
from nktrade.table.periods import parse_period

FILE = DATA / "reconstructed" / "bands.csv"
LEVELS = (80, 95)
#: Digits of a tariff line.
LINE = 8
_GOODS = ("hs", "chapter", "heading", "industry", "bec")


def bands(
    level: int = 80, *, share_of: Mapping[str, Any] | None = None, **asked: Any
) -> pd.DataFrame:
    """Return the panel's point with a band that holds so many of a hundred such figures.

    The band uses the prior, so it is an assumption and no finding; where print leaves less, it ends
    there. Its width is that of figures which were left out of the panel in blocks.

    Parameters
    ----------
    level : {80, 95}
        Percent of left-out figures of the same kind that the band held.
    share_of : mapping, optional
        The keywords of the sum to take a share of, over the same period: ``{"flow": "import"}``.
    **asked
        The keywords of `bounds`.

    Returns
    -------
    pandas.DataFrame
        The columns of `bounds` without figures and proof, and kind (of figure: a line, a good, a
        province, all goods, of a month or longer; a share), band_low and band_high (USD, of shares
        from 0 to 1; missing where the panel has no point).

    Raises
    ------
    InputError
        For another level; and as `bounds`.

    Source: split conformal prediction (Vovk, Gammerman and Shafer, *Algorithmic Learning in a
    Random World*, 2005); the measured coverage is in the method pages.

    Examples
    --------
    >>> year = bands(flow="export", hs="30", period="2019").loc[0]
    >>> bool(year["low"] <= year["band_low"] <= year["point"] <= year["band_high"] <= year["high"])
    True
    >>> rice = bands(95, share_of={"flow": "export"}, flow="export", hs="1006", period="2021")
    >>> rice["kind"].tolist()
    ['a share']
    """
    check_choice("level of a band", level, LEVELS, expected="80 or 95")
    if share_of is not None:
        table = _share(asked, share_of)
        kinds = ["a share"] * len(table)
    else:
        table = bounds(**asked).drop(columns=["figures", "proof"])
        kinds = [name_kind(row, asked) for _, row in table.iterrows()]
    factor = _read()[f"factor_{level}"].reindex(kinds).to_numpy()
    low, high, point = (table[name].to_numpy(float) for name in ("low", "high", "point"))
    ends = np.sort(np.array([point / factor, point * factor]), axis=0)
    return table.assign(
        kind=kinds,
        band_low=np.minimum(np.maximum(ends[0], low), point),
        band_high=np.maximum(np.minimum(ends[1], high), point),
    )


def _share(part: Mapping[str, Any], whole: Mapping[str, Any]) -> pd.DataFrame:
    """Return the bounds of one share, or of the same share in several periods."""
    if part.get("by"):
        raise InputError("a share is asked for one sum at a time", got=f"by={part['by']!r}")
    periods = part.get("period", ())
    rows = []
    for text in [periods] if isinstance(periods, str) else list(periods):
        window = {"period": text}
        found = bounds_ratio({**part, **window}, {**whole, **window})
        rows.append(found.assign(**window, flow=part.get("flow", "total")))
    if not rows:
        raise InputError("no period is given", expected="period='2020-H1'")
    return pd.concat(rows, ignore_index=True)[["period", "flow", "low", "high", "point", "support"]]


def name_kind(row: pd.Series, asked: Mapping[str, Any]) -> str:
    """Return the kind of figure that a row of `bounds` is, as the bands tell kinds apart."""
    codes = row.get("hs") or asked.get("hs") or ()
    codes = [codes] if isinstance(codes, str) else list(codes)
    if codes and all(len(str(code)) >= LINE for code in codes):
        return "a line"
    window = parse_period(row["period"])
    length = "a month" if window.first == window.last else "longer"
    if any(asked.get(name) for name in _GOODS) or any(name in row for name in _GOODS):
        return f"a good, {length}"
    if asked.get("province") or "province" in row:
        return "a province, longer"
    return f"all goods, {length}"


@cache
def _read() -> pd.DataFrame:
    return pd.read_csv(FILE, index_col="kind")
