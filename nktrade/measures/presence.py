"""In which months something was traded at all, and which of these rest on a printed figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.table.meaning import read_meaning, tell_meaning
from nktrade.table.months import NOTHING, TOGETHER, TRADED, UNKNOWN, monthly
from nktrade.table.rows import check_columns
from nktrade.table.selecting import select


def mark_presence(
    trade: pd.DataFrame,
    codes: Sequence[str],
    *,
    flow: str,
    fixed: Mapping[str, pd.DatetimeIndex] | None = None,
) -> pd.DataFrame:
    """Say of every month and item whether it was traded.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    codes : sequence of str
        Codes of any level, each with everything under it.
    flow : {"export", "import"}
    fixed : mapping of str to DatetimeIndex, optional
        Months of each code that a printed figure fixes, as `documents.find_fixed_months` finds
        them.

    Returns
    -------
    pandas.DataFrame
        Columns code, period (every month that the flow covers), value (missing where not known),
        presence ("traded", "nothing", "together", "not known"), fixed (bool).

    Raises
    ------
    UnanswerableError
        If the data hold nothing of the flow.

    Examples
    --------
    >>> import nktrade as nk
    >>> korea = nk.mirror(nk.load(start="2020-01", end="2020-03"))
    >>> mark_presence(korea, ["2611"], flow="export")["presence"].tolist()
    ['together', 'together', 'traded']
    """
    covered = select(trade, flow=flow)
    if covered.empty:
        raise UnanswerableError(
            f"the data hold no {flow}s", hint="Import the other flow's download too."
        )
    months_known = covered[["flow", "period", "status"]].drop_duplicates()
    tables, meaning = [], {}
    for code in codes:
        chosen = select(covered, hs=code)
        if chosen.empty:  # covered, and never traded
            chosen = covered.assign(value=covered["value"] * 0.0)
        table = monthly(chosen, coverage=months_known)
        months = (fixed or {}).get(code, pd.DatetimeIndex([]))
        meaning = read_meaning(table)
        tables.append(
            pd.DataFrame(
                {
                    "code": code,
                    "period": table["period"],
                    "value": table["value"],
                    "presence": _name_presence(table),
                    "fixed": table["period"].isin(months),
                }
            )
        )
    meaning.pop("hs_edition", None)
    return tell_meaning(pd.concat(tables, ignore_index=True), **meaning)


def _name_presence(table: pd.DataFrame) -> pd.Series:
    """Name the state; both months of a release that holds the goods are "together"."""
    combined = table["state"] == "combined"
    both = table["value"].where(table["value"].notna(), table["value"].shift(-1))
    presence = pd.Series(UNKNOWN, index=table.index, dtype="str")
    presence[table["value"] > 0] = TRADED
    presence[table["value"] == 0] = NOTHING
    presence[combined & (both > 0)] = TOGETHER
    presence[combined & (both == 0)] = NOTHING
    return presence


def count_presence(marks: pd.DataFrame) -> pd.DataFrame:
    """Count months by item.

    Parameters
    ----------
    marks : pandas.DataFrame
        What `mark_presence` returns, or some of its months.

    Returns
    -------
    pandas.DataFrame
        Index code. Columns months (all), least and most (months with trade for certain and
        perhaps: a joint release holds one or two, an unknown month none or one), nothing, unknown,
        fixed (months with a printed figure of their own), continuous ("yes", "no", "not known":
        whether every month has trade).

    Examples
    --------
    >>> import nktrade as nk
    >>> korea = nk.mirror(nk.load(start="2020-01", end="2020-03"))
    >>> counts = count_presence(mark_presence(korea, ["2611"], flow="export"))
    >>> int(counts.loc["2611", "least"]), counts.loc["2611", "continuous"]
    (2, 'not known')
    """
    check_columns(marks, ["code"], "Give it as mark_presence returns it.")
    rows = {}
    for code, part in marks.groupby("code", sort=False):
        number = part["presence"].value_counts()
        traded, nothing, together, unknown = (
            int(number.get(name, 0)) for name in (TRADED, NOTHING, TOGETHER, UNKNOWN)
        )
        least = traded + (together + 1) // 2
        rows[code] = {
            "months": len(part),
            "least": least,
            "most": traded + together + unknown,
            "nothing": nothing,
            "unknown": unknown,
            "fixed": int(part["fixed"].sum()),
            "continuous": "no" if nothing else "yes" if least == len(part) else "not known",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")
