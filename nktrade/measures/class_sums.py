"""Sums by class of goods, and what share of a table has a class at all."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.codes.classes import assign, classify, list_classes
from nktrade.codes.hs import exists, normalise
from nktrade.errors import InputError, did_you_mean, list_names
from nktrade.table.addition import sum_rows
from nktrade.table.rows import check_columns

#: What a table may hold several of, and what is then kept apart.
_APART = ("flow", "reporter", "partner", "currency")


def sum_classes(
    trade: pd.DataFrame,
    to: str,
    by: str | Sequence[str] = ("flow",),
    *,
    across: str | Sequence[str] = (),
) -> pd.DataFrame:
    """Add up a trade table by class; what has no class keeps a row of its own.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    to : str
        As `classify` takes it.
    by : str or sequence of str
        Columns to keep apart besides the class.
    across : str or sequence of str, optional
        As `sum_rows`.

    Returns
    -------
    pandas.DataFrame
        Columns *by*, `to` (text, missing for what has no class), and what `sum_rows` gives.

    Raises
    ------
    MixtureError, InputError
        As `sum_rows` and `classify`.

    Examples
    --------
    >>> import nktrade as nk
    >>> months = nk.load(start="2023-03", end="2023-03")
    >>> sums = sum_classes(months, "industry").set_index(["flow", "industry"])
    >>> sums.loc[("export", "textile"), "currency"]
    'USD'
    """
    check_columns(trade, ["hs", "hs_edition"])
    return sum_rows(classify(trade, to), [*list_names(by), to], across=across)


def coverage(trade: pd.DataFrame, column: str = "bec") -> pd.DataFrame:
    """Say what share of a classified table's lines and value each class holds, and what none holds.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table with `column`, as `classify` returns it.
    column : str
        The class to look at.

    Returns
    -------
    pandas.DataFrame
        Columns `column` (text; missing, in the last row, for what has no class); flow, reporter,
        partner and currency, so far as there are several (currency always, if the table has it);
        codes, lines, value (in that currency, units not scaled; missing where a part is
        suppressed), line_share, value_share (0 to 1, of the same flow, sides and currency).

    Raises
    ------
    InputError
        If `trade` has no such column.
    MixtureError
        As `sum_rows`.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["690220", "770000"], "hs_edition": "HS2017",
    ...                       "value": [3.0, 1.0]})
    >>> coverage(classify(trade, "industry"), "industry")["value_share"].tolist()
    [0.75, 0.25]
    """
    check_columns(trade, [])
    if column not in trade:
        known = list_classes()["name"].tolist()
        hint = f"Call classify(trade, to={column!r}) first." if column in known else ""
        raise InputError(
            f"the table has no column {column!r}", hint=hint or did_you_mean(column, known)
        )
    several = [
        name
        for name in _APART
        if name in trade and name != column and len(trade[name].unique()) > 1
    ]
    keys = [*several, *(["currency"] if "currency" in trade and "currency" not in several else [])]
    sums = sum_rows(trade, [column, *keys])[[column, *keys, "value", "rows"]]
    codes = trade.groupby([column, *keys], dropna=False, observed=True)["hs"].nunique()
    table = sums.rename(columns={"rows": "lines"})
    table = table.assign(codes=codes.to_numpy())
    table = table[[column, *keys, "codes", "lines", "value"]]
    for amount, share in (("lines", "line_share"), ("value", "value_share")):
        groups = table.groupby(keys)[amount] if keys else table[amount]
        whole = groups.transform("sum", skipna=False) if keys else groups.sum(skipna=False)
        table[share] = table[amount] / whole
    return table.sort_values([column, *keys], na_position="last", ignore_index=True)


def list_unmapped(trade: pd.DataFrame, to: str = "bec") -> pd.DataFrame:
    """Return the codes of a table that have no class, and why, largest value first.

    Returns
    -------
    pandas.DataFrame
        Columns hs, hs_edition, flow, reporter, partner and currency (so far as the table has
        them), reason ("not in its edition", "short code over several classes", "no rule"), lines,
        value (missing where a part is suppressed).

    Raises
    ------
    MixtureError
        As `sum_rows`.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["9018", "300220"], "hs_edition": "HS2022", "value": 1.0})
    >>> list_unmapped(trade, "bec")["reason"].tolist()
    ['not in its edition', 'short code over several classes']
    """
    check_columns(trade, ["hs", "hs_edition", "value"])
    bare = trade[assign(trade["hs"], to, trade["hs_edition"]).isna()]
    keys = ["hs", "hs_edition", *[name for name in _APART if name in trade]]
    table = sum_rows(bare, keys)[[*keys, "rows", "value"]].rename(columns={"rows": "lines"})
    reasons = [
        "not in its edition"
        if pd.isna(code) or not exists(normalise(code), edition)
        else ("short code over several classes" if len(normalise(code)) < 6 else "no rule")
        for code, edition in zip(table["hs"], table["hs_edition"], strict=True)
    ]
    table.insert(2, "reason", pd.Series(reasons, dtype="str"))
    order = ["value", "hs"]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)
