"""What may stand together in one table: refused where the same trade would be counted twice."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.errors import MixtureError, UnanswerableError, check_choice
from nktrade.store.manifest import is_yearly
from nktrade.table.rows import list_of

#: What rows are called that have neither province nor regime, one of them, or both.
BREAKDOWNS = ("total", "province", "regime", "province and regime")
_CELL = ["period", "reporter", "partner", "flow", "currency"]


def choose_breakdown(trade: pd.DataFrame, breakdown: str | None, where: str) -> pd.DataFrame:
    """Keep one breakdown; refuse a month that is there in two."""
    if breakdown is not None:
        check_choice("breakdown", breakdown, BREAKDOWNS)
    number = trade["province"].notna() + 2 * trade["regime"].notna().astype("int8")
    if breakdown is None and _are_alike(number):
        return trade
    kind = number.map(dict(enumerate(BREAKDOWNS)))
    if breakdown is not None:
        kept = trade[kind == breakdown]
        if kept.empty:
            got = list_of(sorted(kind.unique()))
            raise UnanswerableError(
                "no row of that breakdown",
                where=where,
                expected=breakdown,
                got=got,
                hint="Import downloads by it, or choose another breakdown.",
            )
        return kept
    known = [name for name in BREAKDOWNS if name in set(kind)]
    ways = "as a total and broken down" if known[0] == "total" else "broken down in several ways"
    _refuse_several(
        trade,
        kind,
        where,
        f"the same month is there {ways}, and would be counted twice",
        f"Name one: breakdown={known[0]!r}.",
    )
    return trade


def check_editions(trade: pd.DataFrame, where: str) -> None:
    """Refuse a month that is there in two HS editions, or with a heading beside its subheadings."""
    for kind, noun, argument in (
        (trade["hs_edition"], "in several HS editions", "edition={!r}"),
        (trade["hs"].str.len(), "at several HS levels", "level={}"),
    ):
        if not _are_alike(kind):
            last = kind.max()
            _refuse_several(
                trade,
                kind,
                where,
                f"the same month is there {noun}, and would be counted twice",
                f"Name one: {argument.format(last)}.",
            )


def check_currency(trade: pd.DataFrame, where: str) -> None:
    """Refuse rows in several currencies."""
    if not _are_alike(trade["currency"]):
        found = sorted(trade["currency"].unique())
        raise MixtureError(
            "the rows are in several currencies",
            where=where,
            got=list_of(found),
            hint=f"Name one: currency={found[-1]!r}; or give rates= to have all in USD.",
        )


def _are_alike(column: pd.Series) -> bool:
    """Say whether all rows say the same, without looking for what else there is."""
    return bool((column == column.iloc[0]).all()) if len(column) else True


def check_sources(found: list[str], where: str) -> None:
    """Refuse rows of several publishers, which are the same trade twice."""
    if len(found) > 1:
        raise MixtureError(
            "the rows are from several publishers, and the same trade would be counted twice",
            where=where,
            got=list_of(found),
            hint=f"Name one: source={found[0]!r}; or keep each in a store of its own.",
        )


def check_frequencies(entries: Sequence[dict], where: str) -> None:
    """Refuse years beside months: a year, which stands at its January, would be read as a month."""
    yearly = [entry for entry in entries if is_yearly(entry)]
    monthly = [entry for entry in entries if not is_yearly(entry)]
    if yearly and monthly:
        raise MixtureError(
            "years and months would stand in one table, and a year be read as its January",
            where=where,
            got=f"years in {yearly[0]['name']}, months in {monthly[0]['name']}",
            hint="Name months of one kind (start=, end=), or keep years in a store of their own.",
        )


def _refuse_several(
    trade: pd.DataFrame, kind: pd.Series, where: str, subject: str, hint: str
) -> None:
    kinds = kind.groupby([trade[column] for column in _CELL]).nunique()
    if (kinds > 1).any():
        months = sorted({f"{key[0]:%Y-%m}" for key in kinds.index[kinds > 1]})
        shown = ", ".join(months[:6]) + (", …" if len(months) > 6 else "")
        got = f"{list_of(sorted(kind.unique()))} in {shown}"
        raise MixtureError(subject, where=where, got=got, hint=hint)
