"""The default panel's own sums: one member of the set, shown as the point between the ends."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from nktrade._paths import PANEL
from nktrade.published.figure_rows import Terms
from nktrade.published.space import ALL_GOODS, REMAINDER, Selection
from nktrade.table.compact import read_own


@lru_cache(maxsize=1)
def read_panel() -> pd.DataFrame:
    """Return the default panel's cells; missing columns come with the first question for them."""
    columns = ["period", "flow", "hs", "hs_edition", "province", "value"]
    return read_own(PANEL, columns).astype({"flow": "str", "province": "str"})


@lru_cache(maxsize=2)
def _panel_class(kind: str) -> np.ndarray:
    from nktrade.codes.classes import classify

    return classify(read_panel(), to=kind)[kind].to_numpy(dtype=object)


def add_panel(terms: Terms) -> float:
    """Return the panel's sum; missing beyond its months, or between January and February 2020."""
    return sum(weight * _point_of(one) for weight, one in terms)


@lru_cache(maxsize=20_000)
def _point_of(one: Selection) -> float:
    panel = read_panel()
    first, last = panel["period"].min(), panel["period"].max()
    cut = one.window.first == pd.Timestamp("2020-02-01") or one.window.last == pd.Timestamp(
        "2020-01-01"
    )
    if one.window.first < first or one.window.last > last or cut:
        return np.nan
    keep = np.array(one.window.covers(panel["period"]))
    if one.flow != "total":
        keep &= (panel["flow"] == one.flow).to_numpy()
    if one.province:
        keep &= panel["province"].isin(one.province).to_numpy()
    if one.hs or one.industry or one.bec:
        codes = panel["hs"][keep]
        wanted = codes.ne(REMAINDER)
        keep[keep] = (wanted & codes.str.startswith(one.hs or ALL_GOODS)).to_numpy()
    for kind in ("industry", "bec"):
        if getattr(one, kind):
            keep &= _panel_class(kind) == getattr(one, kind)
    return float(panel["value"].to_numpy()[keep].sum())
