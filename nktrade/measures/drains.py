"""Scenarios of foreign exchange spent: cumulated deficits less receipts nobody records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_columns


def accumulate_drain(
    months: pd.DataFrame, start: str, *, receipts: float, margin: float = 0.0, oil: float = 0.0
) -> pd.DataFrame:
    """Cumulate what a country pays beyond what it earns.

    Imports declared FOB by the partner are paid with freight, so times (1 + margin); exports
    declared CIF bring value over (1 + margin). Oil off the record is added to what is paid.

    Parameters
    ----------
    months : pandas.DataFrame
        Columns period (every month), export, import: values as the partner declares them.
    start : str
        First month counted, as ``"2017-09"``.
    receipts, oil : float
        Unrecorded receipts and payments for unrecorded oil, a month, in the table's currency.
    margin : float
        Freight and insurance as a share of FOB value.

    Returns
    -------
    pandas.DataFrame
        Columns period, loss (of the month; negative is a gain), drain (cumulated).

    Raises
    ------
    UnanswerableError
        If the table starts later or a month is missing or unknown.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2020-01", periods=2, freq="MS"),
    ...                        "export": [10.0, 10.0], "import": [30.0, 40.0]})
    >>> accumulate_drain(months, "2020-01", receipts=5.0)["drain"].tolist()
    [15.0, 40.0]
    """
    check_columns(months, ["period", "export", "import"], "Give it as compute_balance returns it.")
    first = parse_period(start).first
    inside = months[months["period"] >= first].sort_values("period", kind="stable")
    if inside.empty:
        raise UnanswerableError(
            f"the table has no month from {start} on",
            hint="Choose an earlier start, or import these months: nktrade data import.",
        )
    wanted = pd.date_range(first, inside["period"].max(), freq="MS")
    if list(inside["period"]) != list(wanted):
        raise UnanswerableError(
            f"the drain from {start} needs every month",
            got=f"{months['period'].min():%Y-%m} to {months['period'].max():%Y-%m}",
            hint="Choose a later start, or import the months before: nktrade data import.",
        )
    if inside[["export", "import"]].isna().any().any():
        raise UnanswerableError(
            "a month's exports or imports are not known",
            hint="Name a policy for gaps (complete_months), or import downloads of both flows.",
        )
    loss = inside["import"] * (1 + margin) - inside["export"] / (1 + margin) + oil - receipts
    return pd.DataFrame({"period": inside["period"], "loss": loss, "drain": loss.cumsum()})


def run_scenarios(
    months: pd.DataFrame,
    *,
    starts: Iterable[str],
    receipts: Iterable[float],
    margins: Iterable[float] = (0.0,),
    oil: Iterable[float] = (0.0,),
) -> pd.DataFrame:
    """Return the drain at the last month for every combination of assumptions.

    Returns
    -------
    pandas.DataFrame
        Columns start, receipts, margin, oil, drain.

    Raises
    ------
    UnanswerableError
        As `accumulate_drain`.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2018-01", periods=2, freq="MS"),
    ...     "export": [10.0, 10.0], "import": [40.0, 50.0]})
    >>> run_scenarios(months, starts=["2018-01"], receipts=[0.0, 5.0])["drain"].tolist()
    [70.0, 60.0]
    """
    check_columns(months, ["period", "export", "import"], "Give it as compute_balance returns it.")
    rows = [
        (*case, accumulate_drain(months, case[0], receipts=case[1], margin=case[2], oil=case[3]))
        for case in product(starts, receipts, margins, oil)
    ]
    table = pd.DataFrame(rows, columns=["start", "receipts", "margin", "oil", "drain"])
    return table.assign(drain=[path["drain"].iloc[-1] for path in table["drain"]])


def find_receipts(months: pd.DataFrame, start: str, drain: float, **assumed: float) -> float:
    """Return the monthly receipts that lead to a given drain: it falls by one month's worth each.

    Examples
    --------
    >>> months = pd.DataFrame({"period": pd.date_range("2020-01", periods=2, freq="MS"),
    ...                        "export": [10.0, 10.0], "import": [30.0, 40.0]})
    >>> find_receipts(months, "2020-01", 40.0)
    5.0
    """
    check_columns(months, ["period", "export", "import"], "Give it as compute_balance returns it.")
    path = accumulate_drain(months, start, receipts=0.0, **assumed)
    return float((path["drain"].iloc[-1] - drain) / len(path))


def tabulate_needs(
    bought: Mapping[str, Any],
    sold: Mapping[str, Any],
    *,
    months: Mapping[str, int],
    claimed: tuple[float, float],
    receipts: float,
    margin: float = 0.0,
    oil: float = 0.0,
) -> pd.DataFrame:
    """Turn a claimed drain round: the receipts it needs, and the drain at guessed receipts.

    Parameters
    ----------
    bought, sold : mapping
        Imports and exports from each month of counting on, as numbers or as amounts with their ends
        (`nktrade.study.Amount`): whatever adds up.
    months : mapping of str to int
        How many months each sum is of.
    claimed : (float, float)
        The claimed drain's two ends.
    receipts, oil : float
        Guessed receipts, and what oil would cost if it were paid for, a month.
    margin : float
        Freight and insurance as a share of FOB value.

    Returns
    -------
    pandas.DataFrame
        Index "counted from", in the unit of the sums. Columns "for … billion" (receipts a month)
        for each end, and "drain, no margin", "drain, with margin", "drain, margin and oil".

    Examples
    --------
    >>> sums = {"bought": {"2018-01": 0.9e9}, "sold": {"2018-01": 0.2e9}, "months": {"2018-01": 2}}
    >>> needs = tabulate_needs(**sums, claimed=(0.2e9, 0.5e9), receipts=0.1e9)
    >>> (needs.loc["2018-01"] / 1e6).round(3).iloc[:3].to_dict()
    {'for 0.2 billion': 250.0, 'for 0.5 billion': 100.0, 'drain, no margin': 500.0}
    """
    rows = {}
    for start, count in months.items():
        bare = bought[start] - sold[start]
        with_margin = (1 + margin) * bought[start] - sold[start] / (1 + margin)
        rows[start] = {
            f"for {end / 1e9:g} billion": (with_margin - end) / count for end in claimed
        } | {
            "drain, no margin": bare - count * receipts,
            "drain, with margin": with_margin - count * receipts,
            "drain, margin and oil": with_margin - count * (receipts - oil),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("counted from")
