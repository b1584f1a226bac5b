"""What was declared while a Security Council measure was in force."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.codes.hs import list_codes
from nktrade.measures.sanctions import sanctions
from nktrade.measures.sums import add_up
from nktrade.table.months import find_first_month
from nktrade.table.periods import Window
from nktrade.table.rows import check_columns, check_is_trade
from nktrade.table.selecting import select


def sum_after_bans(
    trade: pd.DataFrame, codes: Sequence[str], flow: str, calendar: str | None = None
) -> pd.DataFrame:
    """Add up what was declared while each measure was in force, in whole months.

    Counting begins with the first month that lies wholly after the effective date, or after the
    last day for earlier contracts (coal had none in August 2017). A sum is not a violation: see
    the table's own notes.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`).
    codes : sequence of str
    flow : {"export", "import"}
        From North Korea's side.
    calendar : {"UN", "customs"}, optional
        By the resolutions' days or by China's notices; by default customs' for what China declared
        and the Security Council's for others.

    Returns
    -------
    pandas.DataFrame
        One row a code and measure, and one for a code no measure touches. Columns code, id, goods,
        kind, code_printed, checked, covers (empty without a measure), effective, first, last
        (months added up; missing where the data hold none of them), value, low, high, support and
        currency (as `sum_rows`; missing likewise).

    Raises
    ------
    MixtureError
        As `add_up`.
    GapError
        If counting would begin or end between a January and a February released together.

    Examples
    --------
    >>> import nktrade as nk
    >>> korea = nk.mirror(nk.load(start="2017", end="2018"))
    >>> found = sum_after_bans(korea, ["7202", "2611"], "export")
    >>> found["id"].tolist()
    ['2270-29b', '2371-8b', '']
    >>> f"{found['first'][1]:%Y-%m}"
    '2017-10'
    """
    check_is_trade(trade)
    covered = select(trade, flow=flow)
    columns = ["id", "goods", "kind", "code_printed", "checked", "covers", "effective"]
    amounts = ["value", "low", "high", "support", "currency"]
    if calendar is None:
        declared = trade["declared_by" if "declared_by" in trade else "reporter"]
        calendar = "customs" if declared.eq("CHN").all() else "UN"
    rows = []
    for code in list_codes(codes):
        table = sanctions(code, flow=flow, calendar=calendar)
        goods = select(covered, hs=code)
        for _, measure in table.iterrows():
            row = {"code": code, **measure[columns], "first": pd.NaT, "last": pd.NaT}
            window = None if covered.empty else _whole_months(measure, covered)
            if window is not None:
                sums = add_up(goods, period=window).iloc[0]
                row |= {"first": window.first, "last": window.last, **sums[amounts]}
            rows.append(row)
        if table.empty:
            rows.append({"code": code, **dict.fromkeys(columns[:-1], "")})
    found = pd.DataFrame(rows, columns=["code", *columns, "first", "last", *amounts])
    days = ["effective", "first", "last"]
    return found.assign(**{day: pd.to_datetime(found[day]) for day in days})


def mark_bans(months: pd.DataFrame, by: str, flow: str, calendar: str = "customs") -> pd.DataFrame:
    """Say of each month of each good whether a ban on it was in force.

    Parameters
    ----------
    months : pandas.DataFrame
        Columns *by* (HS codes) and period.
    by : str
        Column of the codes, as "heading".
    flow : {"export", "import"}
        From North Korea's side.
    calendar : {"UN", "customs"}
        As `sanctions`.

    Returns
    -------
    pandas.DataFrame
        `months` with banned (a ban with an exemption for livelihood is none): 1 from the first
        month that lies wholly after the ban took effect, or after the last day for earlier
        contracts, until it ended; else 0. Missing where a ban was in force on part of the code
        only, or took effect within the month.

    Raises
    ------
    CodeError, InputError
        As `sanctions`.

    Examples
    --------
    >>> rows = pd.DataFrame({"heading": ["2601", "2601", "6704"],
    ...                      "period": pd.to_datetime(["2017-01-01", "2018-01-01", "2018-01-01"])})
    >>> mark_bans(rows, "heading", "export")["banned"].tolist()
    [0.0, 1.0, 0.0]
    """
    check_columns(months, [by, "period"])
    banned = pd.Series(0.0, index=months.index)
    for code, rows in months.groupby(by):
        table = sanctions(str(code), flow=flow, calendar=calendar)
        for _, measure in table[table["kind"] == "ban"].iterrows():
            begins = measure["effective"]
            if pd.notna(measure["wind_down_end"]):
                begins = measure["wind_down_end"] + pd.Timedelta(days=1)
            whole = pd.offsets.MonthBegin().rollforward(begins)
            open_end = pd.isna(measure["ended"])
            last = pd.Timestamp.max if open_end else measure["ended"]
            inside = rows.index[(rows["period"] >= whole) & (rows["period"] <= last)]
            between = rows["period"] >= measure["effective"].replace(day=1)
            partly = rows.index[between & (rows["period"] < whole)]
            if measure["covers"] == "all":
                banned[inside] = 1.0
                banned[partly] = banned[partly].where(banned[partly] == 1, float("nan"))
            else:
                held = inside.union(partly)
                banned[held] = banned[held].where(banned[held] == 1, float("nan"))
    return months.assign(banned=banned)


def _whole_months(measure: pd.Series, covered: pd.DataFrame) -> Window | None:
    """Return the whole months of a measure that lie among the months of the data."""
    begins = measure["effective"]
    if pd.notna(measure["wind_down_end"]):
        begins = measure["wind_down_end"] + pd.Timedelta(days=1)
    first = max(pd.offsets.MonthBegin().rollforward(begins), find_first_month(covered))
    last = covered["period"].max()
    if pd.notna(measure["ended"]):
        last = min(last, measure["ended"].replace(day=1) - pd.DateOffset(months=1))
    return Window(first, last) if first <= last else None
