"""A trade table as the explorer of a site reads it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA

_TURNED = {"import": "export", "export": "import"}


def describe_panel() -> dict[str, Any]:
    """Return the default panel, from North Korea's side, for `nktrade.site.explorer.lay_explorer`.

    Sums that standard answers bound (``data/reconstructed/bounds.parquet``) carry their bounds.
    """
    from nktrade.store import describe, load

    bounds = pd.read_parquet(DATA / "reconstructed" / "bounds.parquet")
    plain = bounds[(bounds["industry"] == "") & (bounds["bec"] == "")].copy()
    plain["flow"] = plain["flow"].map(_TURNED)
    plain = plain.dropna(subset="flow")
    told = plain[["flow", "hs", "province", "period", "low", "high", "support"]]
    said = {
        "load": 'nk.load(view="PRK")',
        "bounds": [
            [*row[:4], float(row[4]), float(row[5]) if np.isfinite(row[5]) else None, row[6]]
            for row in told.itertuples(index=False)
        ],
        "unknown": "not bounded here: ask nk.bounds",
        "lead": (
            "All rows of the estimated panel, from North Korea's side, added up as you choose. "
            "It agrees with what was printed and fills the rest from a prior: where nothing "
            "bounds a sum, its value is an assumption."
        ),
        "caption": f"Source: {describe('default').caption()}. Imports and exports are North "
        "Korea's, as China's customs declare them. January and February 2020 were published "
        "together and stand at February.",
    }
    return pack_trade(load(view="PRK")) | said


def pack_trade(trade: pd.DataFrame) -> dict[str, Any]:
    """Return the rows of a trade table of one reporter, partner and currency, packed.

    Parameters
    ----------
    trade : pandas.DataFrame
        Columns flow, hs, province, period, status and value, in whole units.
    """
    from nktrade.codes.geography import list_places
    from nktrade.codes.names import list_names
    from nktrade.site.explorer import pack_rows

    flows, codes = sorted(trade["flow"].unique())[::-1], sorted(trade["hs"].unique())
    known, provinces = list_places("province"), sorted(trade["province"].unique())
    names = list_names(6)
    above = {code[:digits] for code in codes for digits in (2, 4, 6, 8)}
    first = trade["period"].min()
    months = (trade["period"].dt.year - first.year) * 12 + trade["period"].dt.month - first.month
    table = pd.DataFrame(
        {
            "flow": pd.Categorical(trade["flow"], flows).codes,
            "code": pd.Categorical(trade["hs"], codes).codes,
            "province": pd.Categorical(trade["province"], provinces).codes,
            "month": months.to_numpy(),
            "value": trade["value"].to_numpy().round().astype("int64"),
        }
    ).sort_values(["flow", "code", "province", "month"])
    return {
        "flows": flows,
        "codes": codes,
        "names": {
            code: names.get(code) or names.get(code[:6]) or names.get(code[:4], "")
            for code in sorted(above)
            if len(code) != 6
        },
        "provinces": [[code, known.get(code, code)] for code in provinces],
        "first": f"{first:%Y-%m}",
        "combined": sorted(
            trade.loc[trade["status"].str.startswith("combined"), "period"]
            .dt.strftime("%Y-%m")
            .unique()
        ),
        "months": int(months.max()) + 1,
        "rows": len(table),
        "currency": str(trade["currency"].iloc[0]),
        "packed": pack_rows({str(name): table[name].to_numpy() for name in table}),
    }
