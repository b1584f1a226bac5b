"""The Security Council's measures on trade with North Korea, by HS code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import normalise
from nktrade.errors import InputError, did_you_mean
from nktrade.table.periods import parse_period
from nktrade.table.rows import FLOWS, select


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


def sum_after_bans(trade: pd.DataFrame, codes: Sequence[str], flow: str) -> pd.DataFrame:
    """Add up what was declared while each measure was in force, in whole months.

    Counting begins with the first month that lies wholly after the effective date, or after the
    last day for earlier contracts. A sum is not a violation: see the table's own notes.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`), one currency.
    codes : sequence of str
    flow : {"export", "import"}
        From North Korea's side.

    Returns
    -------
    pandas.DataFrame
        One row a code and measure, and one for a code no measure touches. Columns code, id, goods,
        kind, code_printed, checked, covers (empty without a measure), effective, first, last
        (months added up; missing where the data hold none of them), value (missing likewise).

    Examples
    --------
    >>> import nktrade as nk
    >>> korea = nk.mirror(nk.load(start="2017", end="2018"))
    >>> found = sum_after_bans(korea, ["7202", "2611"], "export")
    >>> found[["code", "id"]].to_numpy().tolist()[2:]
    [['7202', '2371-8'], ['2611', '']]
    >>> f"{found['first'][2]:%Y-%m}"
    '2017-10'
    """
    covered = select(trade, flow=flow)
    columns = ["id", "goods", "kind", "code_printed", "checked", "covers", "effective"]
    rows = []
    for code in codes:
        table = sanctions(code, flow=flow)
        goods = select(covered, hs=code)
        for _, measure in table.iterrows():
            first, last = _whole_months(measure, covered["period"])
            inside = goods["period"].between(first, last)
            held = not covered.empty and first <= last
            row = {"code": code, **measure[columns], "first": pd.NaT, "last": pd.NaT}
            if held:
                value = goods.loc[inside, "value"].sum(skipna=False)
                row |= {"first": first, "last": last, "value": value}
            rows.append(row)
        if table.empty:
            rows.append({"code": code, **dict.fromkeys(columns[:-1], "")})
    found = pd.DataFrame(rows, columns=["code", *columns, "first", "last", "value"])
    days = ["effective", "first", "last"]
    return found.assign(**{day: pd.to_datetime(found[day]) for day in days})


def _whole_months(measure: pd.Series, periods: pd.Series) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last whole month of a measure that lie among the months of the data."""
    begins = measure["effective"]
    if pd.notna(measure["wind_down_end"]):
        begins = measure["wind_down_end"] + pd.Timedelta(days=1)
    first = max(pd.offsets.MonthBegin().rollforward(begins), periods.min())
    last = periods.max()
    if pd.notna(measure["ended"]):
        last = min(last, measure["ended"].replace(day=1) - pd.DateOffset(months=1))
    return first, last


@cache
def _measures() -> pd.DataFrame:
    table = pd.read_csv(DATA / "classes" / "sanctions" / "measures.csv", dtype="str")
    for column in ("adopted", "effective", "wind_down_end", "ended"):
        table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
    return table
