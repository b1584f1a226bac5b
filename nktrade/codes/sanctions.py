"""The Security Council's measures on trade with North Korea, by HS code."""

from __future__ import annotations

from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import normalise
from nktrade.errors import InputError, did_you_mean
from nktrade.table.periods import parse_period
from nktrade.table.rows import FLOWS


def sanctions(code: str, flow: str | None = None, on: str | None = None) -> pd.DataFrame:
    """Return the United Nations measures on North Korea that touch an HS code.

    Parameters
    ----------
    code : str
        2 to 10 digits.
    flow : {"export", "import"}, optional
        From North Korea's side.
    on : str, optional
        A month or period as `parse_period` reads it: only the measures in force at some time in
        it.

    Returns
    -------
    pandas.DataFrame
        The columns of ``data/classes/sanctions/measures.csv`` (see the README there, above all on
        `checked`), dates as datetime64, and covers: "all" (the code lies within the measure) or
        "part" (the measure names something under it).

    Raises
    ------
    CodeError, InputError
        For a code, flow or period that cannot be read.

    Examples
    --------
    >>> sanctions("27011210", flow="export", on="2017-07")["id"].tolist()
    ['2321-26']
    >>> sanctions("6704").empty
    True
    """
    text = normalise(code)
    table = _measures()
    prefixes = table["hs"].str.split()
    within = prefixes.map(lambda codes: text.startswith(tuple(codes)))
    above = prefixes.map(lambda codes: any(one.startswith(text) for one in codes))
    keep = within | above
    if flow is not None:
        if flow not in FLOWS:
            raise InputError(f"unknown flow {flow!r}", hint=did_you_mean(flow, FLOWS))
        keep &= table["flow"] == flow
    if on is not None:
        window = parse_period(on)
        last = window.last + pd.offsets.MonthEnd(0)
        keep &= (table["effective"] <= last) & ~(table["ended"] <= window.first)
    covers = within.map({True: "all", False: "part"}).astype("str")
    return table.assign(covers=covers)[keep].reset_index(drop=True)


@cache
def _measures() -> pd.DataFrame:
    table = pd.read_csv(DATA / "classes" / "sanctions" / "measures.csv", dtype="str")
    for column in ("adopted", "effective", "wind_down_end", "ended"):
        table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
    return table
