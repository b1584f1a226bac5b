"""Processing trade: parts that come in, products that go out, and the stock between them.

A model, not a record: nobody declares stocks. What is assumed is in the arguments.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.table.completing import check_every_month, complete_months
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.months import monthly
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_columns
from nktrade.table.selecting import select

ABSENT = ("refuse", "zero")

#: A stock within this fraction of all parts below zero is zero: the rest is floating point.
_ROUNDING = 1e-12


def pair_months(
    trade: pd.DataFrame,
    parts: Sequence[str],
    products: Sequence[str],
    *,
    absent: str = "refuse",
) -> pd.DataFrame:
    """Lay imports of parts beside exports of products, month by month.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table with both flows, seen from the processing country (`mirror`).
    parts, products : sequence of str
        Codes imported and codes exported.
    absent : {"refuse", "zero"}
        A month in which the data hold nothing of a flow is refused, or counts as without trade:
        in a download of these codes alone a month without trade leaves no row.

    Returns
    -------
    pandas.DataFrame
        Columns period (every month), parts, exports, in the table's currency. A covered month
        without a row of the goods is 0; a January-February release is shared by days.

    Raises
    ------
    UnanswerableError
        If the data hold one flow only.
    GapError
        If a month is absent, and the caller did not say that it is zero, or suppressed.
    InputError
        For an unknown policy.

    Examples
    --------
    >>> import nktrade as nk
    >>> trade = nk.mirror(nk.load(start="2019-01", end="2019-03"))
    >>> pair_months(trade, ["6703"], ["6704"]).columns[:3].tolist()
    ['period', 'parts', 'exports']
    """
    check_choice("policy", absent, ABSENT)
    every = monthly(trade)["period"]  # begins in January where a joint release comes first
    first, last = f"{every.min():%Y-%m}", f"{every.max():%Y-%m}"
    columns, meaning = {}, {}
    for flow, name, codes in (("import", "parts", parts), ("export", "exports", products)):
        covered = select(trade, flow=flow)
        if covered.empty:
            raise UnanswerableError(
                f"the data hold no {flow}s, so parts and products cannot be laid side by side",
                hint="Import the other flow's download too.",
            )
        chosen = select(covered, hs=list(codes))
        if chosen.empty:  # a flow that is covered but never held the goods: every month is 0
            chosen = covered.assign(value=covered["value"] * 0.0)
        table = monthly(chosen, coverage=covered, start=first, end=last)
        if absent == "zero":
            gap = table["state"] == "absent"
            value, state = table["value"].mask(gap, 0.0), table["state"].mask(gap, "reported zero")
            table = table.assign(value=value, state=state)
        meaning = read_meaning(table.drop(columns=["flow", "valuation"], errors="ignore"))
        columns[name] = complete_months(table, "split").set_index("period")["value"]
    paired = pd.DataFrame(columns).rename_axis("period").reset_index()
    return tell_meaning(paired, **meaning)


def keep_stock(
    months: pd.DataFrame, share: float, *, opening: float = 0.0, delay: int = 0
) -> pd.DataFrame:
    """Carry a stock of parts forward: what came in, less what the exports used up.

    stock(t) = stock(t - 1) + parts(t - delay) - share * exports(t). This is the perpetual
    inventory of the national accounts, entries less withdrawals (System of National Accounts
    2008, chapter 10, changes in inventories), with withdrawals assumed proportional to exports.

    Parameters
    ----------
    months : pandas.DataFrame
        Columns period (every month), parts, exports: values in one currency.
    share : float
        Value of the parts in a unit of export value, above 0. Above 1 parts cost more than the
        product brings.
    opening : float
        Parts in stock before the first month. What came in before it is not in the table.
    delay : int
        Months from a part's import until it can be used.

    Returns
    -------
    pandas.DataFrame
        Columns period, parts, ready (parts that can be used from this month), used, stock (at
        the month's end). A negative stock says that under these assumptions parts were used that
        never came in. Opening + parts = used + stock + (parts - ready), summed over all months.

    Raises
    ------
    InputError
        If share, opening or delay is out of range.
    GapError, UnanswerableError
        If a month is left out or not known.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2020-01", periods=3, freq="MS"),
    ...                        "parts": [10.0, 0.0, 0.0], "exports": [5.0, 8.0, 8.0]})
    >>> keep_stock(months, 0.5)["stock"].tolist()
    [7.5, 3.5, -0.5]
    """
    check_columns(months, ["period", "parts", "exports"], "Give it as pair_months returns it.")
    if not share > 0:
        raise InputError("a product without parts uses no stock", expected="a share above 0")
    if opening < 0 or delay < 0:
        raise InputError("opening and delay cannot be negative", got=f"{opening:g}, {delay}")
    _check(months)
    ready = months["parts"].shift(delay, fill_value=0.0)
    used = share * months["exports"]
    stock = pd.DataFrame(
        {
            "period": months["period"],
            "parts": months["parts"],
            "ready": ready,
            "used": used,
            "stock": opening + (ready - used).cumsum(),
        }
    ).reset_index(drop=True)
    return tell_meaning(stock, **read_meaning(months))


def find_shortage(stock: pd.DataFrame) -> pd.Timestamp | None:
    """Return the first month at whose end the stock is below zero; None if there is none.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2018-01", periods=2, freq="MS")})
    >>> months = months.assign(parts=[5.0, 0.0], used=[4.0, 4.0], stock=[1.0, -3.0])
    >>> find_shortage(months)
    Timestamp('2018-02-01 00:00:00')
    """
    check_columns(stock, ["period", "parts"], "Give it as keep_stock returns it.")
    floor = -_ROUNDING * max(float(stock["parts"].sum()), float(stock["used"].sum()), 1.0)
    short = stock.loc[stock["stock"] < floor, "period"]
    return None if short.empty else short.iloc[0]


def find_largest_share(
    months: pd.DataFrame, *, opening: float = 0.0, delay: int = 0
) -> tuple[float, pd.Timestamp]:
    """Return the largest share of parts under which the stock never runs out, and what binds.

    It is the least, over all months, of the parts that could have been used so far over the
    exports so far; above it some exports had no parts.

    Returns
    -------
    float, pandas.Timestamp
        The share and the month that sets it. A share of 0: exports before any part came in.

    Raises
    ------
    UnanswerableError
        If nothing was exported, or a month is not known.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2020-01", periods=3, freq="MS"),
    ...                        "parts": [10.0, 0.0, 0.0], "exports": [5.0, 8.0, 12.0]})
    >>> share, month = find_largest_share(months)
    >>> share, f"{month:%Y-%m}"
    (0.4, '2020-03')
    """
    check_columns(months, ["period", "parts", "exports"], "Give it as pair_months returns it.")
    _check(months)
    sold = months["exports"].cumsum()
    if not (sold > 0).any():
        raise UnanswerableError(
            "nothing was exported, so any share of parts is possible",
            hint="Choose products that were exported in these months.",
        )
    ready = opening + months["parts"].shift(delay, fill_value=0.0).cumsum()
    ratio = (ready / sold.where(sold > 0)).dropna()
    return float(ratio.min()), pd.Timestamp(months["period"][ratio.index].iloc[ratio.argmin()])


def suspend_parts(months: pd.DataFrame, since: str) -> pd.DataFrame:
    """Return the months as if no part had come in from `since` on.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2018-01", periods=3, freq="MS")})
    >>> suspend_parts(months.assign(parts=5.0, exports=9.0), "2018-02")["parts"].tolist()
    [5.0, 0.0, 0.0]
    """
    check_columns(months, ["period", "parts"], "Give it as pair_months returns it.")
    late = months["period"] >= parse_period(since).first
    return months.assign(parts=months["parts"].mask(late, 0.0))


def trace_vintages(
    months: pd.DataFrame, share: float, window: str, *, opening: float = 0.0
) -> pd.DataFrame:
    """Say when the parts in a window's exports came in, if the oldest parts are used first.

    Parameters
    ----------
    months, share, opening
        As `keep_stock` takes them, without a delay.
    window : str
        The exports traced, as ``"2020-04..2020-06"``.

    Returns
    -------
    pandas.DataFrame
        Columns imported (month; missing for the opening stock) and used: parts from that month in
        the window's exports. They add up to share times exports.

    Raises
    ------
    UnanswerableError
        If the window does not lie inside the months, or the stock runs out before its end: then
        some parts have no month.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2020-01", periods=3, freq="MS"),
    ...                        "parts": [10.0, 6.0, 0.0], "exports": [5.0, 8.0, 12.0]})
    >>> found = trace_vintages(months, 0.5, "2020-03")
    >>> {f"{m:%Y-%m}": used for m, used in found.to_numpy()}
    {'2020-01': 3.5, '2020-02': 2.5}
    """
    check_columns(months, ["period", "parts", "exports"], "Give it as pair_months returns it.")
    stock = keep_stock(months, share, opening=opening)
    span = parse_period(window)
    if span.first < stock["period"].min() or span.last > stock["period"].max():
        raise UnanswerableError(
            "the exports to trace lie outside the data",
            expected=str(span),
            hint="Choose other periods, or import downloads of these: nktrade data import.",
        )
    short = find_shortage(stock)
    if short is not None and short <= span.last:
        raise UnanswerableError(
            f"with parts at {share:.0%} of export value the stock runs out in {short:%Y-%m}",
            hint=f"Only a lower share gives every part in the exports of {span} a month of import.",
        )
    used = stock.set_index("period")["used"].cumsum()
    last = float(used[span.last])
    first = last - float(stock.loc[span.covers(stock["period"]), "used"].sum())
    # Parts are numbered in the order they came in: a month's parts end where the next begin.
    arrived = pd.concat([pd.Series([opening]), stock["parts"]], ignore_index=True).cumsum()
    began = arrived.shift(fill_value=0.0)
    taken = (arrived.clip(upper=last) - began.clip(lower=first)).clip(lower=0.0)
    when = pd.concat([pd.Series([pd.NaT]), stock["period"]], ignore_index=True)
    table = pd.DataFrame({"imported": when, "used": taken})
    return table[taken > _ROUNDING * last].reset_index(drop=True)


def _check(months: pd.DataFrame) -> None:
    check_every_month(months)
    unknown = months[["parts", "exports"]].isna().any(axis=1)
    if unknown.any():
        raise UnanswerableError(
            f"parts or exports are not known in {months.loc[unknown, 'period'].iloc[0]:%Y-%m}",
            hint="Name a policy for gaps (complete_months), or import downloads of that month.",
        )
