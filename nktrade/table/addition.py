"""Which rows of a trade table may be added: those that measure one thing and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from nktrade.errors import MixtureError
from nktrade.table.rows import COMBINED, check_columns


def check_addable(trade: pd.DataFrame, by: Sequence[str] = ()) -> None:
    """Refuse to add rows that measure different things or count the same thing twice.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : sequence of str
        Columns that keep rows apart, as in a `groupby`.

    Raises
    ------
    MixtureError
        If one sum would mix currencies, HS editions or HS levels (a heading and its own
        subheadings would be counted twice), or province rows and rows not broken down; or if a
        January is there by itself and inside February's combined release.
    InputError
        If a column of `by` is not there.
    """
    needed = ["period", "reporter", "flow", "hs", "value", "status", "unit", "quantity"]
    check_columns(trade, [*needed, "partner", "currency"], "check_trade makes a whole trade table.")
    check_columns(trade, by)
    _check_releases(trade)
    hints = {
        "currency": "Select one currency, as currency='USD'.",
        "hs_edition": "Select one edition or convert the codes first; or sum month by month.",
        "level": "Select one level, or a heading and its subheadings are counted twice.",
        "province": "Select the rows with a province or those without.",
        "regime": "Select the rows with a regime or those without.",
    }
    keys = [trade[column] for column in by]
    for kind in hints:
        if kind in by or not _has_several(trade, kind):
            continue
        noun, values = _name_kinds(trade, kind)
        # Only the currency's own column keeps currencies apart: a sum a month of dollars in one
        # and yuan in the next makes a series that nobody can read.
        apart = keys and kind != "currency"
        if apart and values.groupby(keys, observed=True, dropna=False).nunique().max() < 2:
            continue
        subject = f"rows of different {noun} cannot be added"
        mixed = sorted(values.unique())
        got = ", ".join(f"{kind} {label}" if noun == "breakdowns" else label for label in mixed)
        if kind == "level":
            got += _name_double(trade["hs"])
        raise MixtureError(subject, got=got, hint=hints[kind])


def _has_several(trade: pd.DataFrame, kind: str) -> bool:
    """Say whether the rows are of several kinds."""
    if kind == "level":
        return len(trade["hs"].str.len().dropna().unique()) > 1
    if kind in ("province", "regime"):
        return 0 < trade[kind].count() < len(trade)
    return len(trade[kind].dropna().unique()) > 1


def _name_kinds(trade: pd.DataFrame, kind: str) -> tuple[str, pd.Series]:
    """Return what several kinds are called, and the kind of each row."""
    if kind == "level":
        return "HS levels", trade["hs"].str.len().astype("str") + " digits"
    if kind in ("province", "regime"):
        return "breakdowns", trade[kind].isna().map({True: "no", False: "by"})
    return {"currency": "currencies", "hs_edition": "HS editions"}[kind], trade[kind]


def _check_releases(trade: pd.DataFrame) -> None:
    combined = trade["status"].isin(COMBINED)
    if not combined.any():
        return
    cell = ["period", "reporter", "partner", "flow", "currency"]
    within = trade.loc[combined, cell].drop_duplicates()
    within["period"] -= pd.DateOffset(months=1)
    alone = trade.loc[trade["period"].isin(within["period"]), cell].merge(within)
    if len(alone):
        raise MixtureError(
            "January is there by itself and inside the release of January and February",
            got=", ".join(f"{month:%Y-%m}" for month in sorted(set(alone["period"]))),
            hint="Keep the months by themselves or the combined release.",
        )


def _name_double(codes: pd.Series) -> str:
    """Name a code that stands in the table beside one of its own parts, if there is one."""
    known = sorted(set(codes))
    for code, following in pairwise(known):
        if following.startswith(code):
            return f" ({following} is part of {code})"
    return ""
