"""A trade table as the explorer of a site reads it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError, count_of
from nktrade.table.addition import check_addable
from nktrade.table.compact import read_own
from nktrade.table.mirrors import TURNED


@cache
def describe_panel() -> dict[str, Any]:
    """Return the default panel, from North Korea's side, for `nktrade.site.explorer.lay_explorer`.

    Sums that standard answers bound (``data/reconstructed/bounds.parquet``) carry their bounds.
    """
    from nktrade.store import describe, load

    bounds = read_own(DATA / "reconstructed" / "bounds.parquet")
    plain = bounds[(bounds["industry"] == "") & (bounds["bec"] == "")].copy()
    plain["flow"] = plain["flow"].map(TURNED)
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


def explore_rows(trade: pd.DataFrame, load: str, caption: str) -> str:
    """Return the explorer's page over declared rows.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table of one reporter, partner and currency.
    load : str
        The code that reads it.
    caption : str
        Its source.

    Raises
    ------
    MixtureError, InputError
        As `pack_trade`.
    """
    from nktrade.codes.geography import list_places
    from nktrade.site.explorer import lay_explorer

    packed = pack_trade(trade)
    (reporter,), (partner,) = trade["reporter"].unique(), trade["partner"].unique()
    names = list_places("partner")
    estimated = trade["status"].eq("estimated").any()
    editions = ", ".join(sorted(trade["hs_edition"].dropna().unique()))
    said = {
        "load": load,
        "bounds": [],
        "unknown": "not bounded here: ask nk.bounds" if estimated else "recorded",
        "lead": f"{count_of(len(trade), 'rows')} of trade with {names.get(partner, partner)}, as "
        f"{names.get(reporter, reporter)} declares it, added up as you choose.",
        "caption": f"{caption} Codes as declared ({editions}): the same digits can mean other "
        "goods in another edition.",
    }
    return lay_explorer(packed | said, {"alone": True})


def pack_trade(trade: pd.DataFrame) -> dict[str, Any]:
    """Return the rows of a trade table of one reporter, partner and currency, packed.

    Parameters
    ----------
    trade : pandas.DataFrame
        Columns flow, hs, province, period, status and value, in whole units.

    Raises
    ------
    MixtureError
        If rows cannot be added up: of several currencies, declarers, partners or levels.
    InputError
        If there are no rows, or more codes, months or money than the page can hold.
    """
    check_addable(trade, ["flow"])
    _check_size(trade)
    from nktrade.codes.geography import list_places
    from nktrade.site.explorer import pack_rows

    flows, codes = sorted(trade["flow"].unique())[::-1], sorted(trade["hs"].unique())
    places = trade["province"].astype("str").fillna("")
    known, provinces = list_places("province"), sorted(places.unique())
    table = _number_rows(trade.assign(province=places), flows, codes, provinces)
    combined = trade.loc[trade["status"].str.startswith("combined"), "period"]
    digits = max(map(len, codes))
    return {
        "flows": flows,
        "codes": codes,
        "names": _name_codes(codes, digits),
        "digits": digits,
        "provinces": [[code, known.get(code, code) or "no province"] for code in provinces],
        "first": f"{trade['period'].min():%Y-%m}",
        "combined": sorted(combined.dt.strftime("%Y-%m").unique()),
        "months": int(table["month"].max()) + 1,
        "rows": len(table),
        "currency": str(trade["currency"].iloc[0]),
        "packed": pack_rows({str(name): table[name].to_numpy() for name in table}),
    }


def _check_size(trade: pd.DataFrame) -> None:
    if trade.empty:
        raise InputError("there are no rows to explore")
    for column, most in (("hs", 2**16), ("province", 2**8)):
        if trade[column].nunique() > most:
            raise InputError(
                f"{column!r} has more values than the page holds",
                expected=f"at most {most:,}",
                got=f"{trade[column].nunique():,}",
                hint="Select fewer.",
            )


def _number_rows(
    trade: pd.DataFrame, flows: list[str], codes: list[str], provinces: list[str]
) -> pd.DataFrame:
    """Write each row as places in the lists of flows, codes and provinces, month and value."""
    from nktrade.site.explorer import UNKNOWN

    first, period = trade["period"].min(), trade["period"].dt
    return pd.DataFrame(
        {
            "flow": pd.Categorical(trade["flow"], flows).codes,
            "code": pd.Categorical(trade["hs"], codes).codes,
            "province": pd.Categorical(trade["province"], provinces).codes,
            "month": ((period.year - first.year) * 12 + period.month - first.month).to_numpy(),
            "value": trade["value"].round().fillna(UNKNOWN).to_numpy().astype("int64"),
        }
    ).sort_values(["flow", "code", "province", "month"])


def _name_codes(codes: list[str], digits: int) -> dict[str, str]:
    """Name the codes, and the chapters and headings above them."""
    from nktrade.codes.names import list_names

    names = list_names(6)
    above = {code[:part] for code in codes for part in (2, 4, digits)}
    return {
        code: names.get(code) or names.get(code[:6]) or names.get(code[:4], "")
        for code in sorted(above)
        if len(code) in (2, 4, digits)
    }
