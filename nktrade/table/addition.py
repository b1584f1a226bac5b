"""The one place where money is added: rows that measure one thing, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from nktrade.codes.classes import list_classes
from nktrade.errors import InputError, MixtureError, check_choice, list_names
from nktrade.table.meaning import MEANING as MEANING
from nktrade.table.rows import COMBINED, check_columns, check_types
from nktrade.table.support import bound_groups

#: How a sum is known.
KNOWN = ("low", "high", "support")

#: What is added.
_ADDED = ("value", "quantity", "quantity2")

#: What may be added up only if the caller says so, and how it is called.
ACROSS = {"flow": "flows", "partner": "partners", "reporter": "reporters"}

#: Partner of the rows that are the sum of all partners.
WORLD = "WLD"


def sum_rows(
    trade: pd.DataFrame, by: str | Sequence[str] = (), *, across: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Add up the rows of a trade table, or refuse to.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    by : str or sequence of str
        Columns to keep apart.
    across : {"flow", "partner", "reporter"} or several, optional
        What is meant to be added up although the rows differ in it: imports and exports to the
        whole trade, several partners or declarers to their sum.

    Returns
    -------
    pandas.DataFrame
        Columns *by*; value (in `currency`, units not scaled; missing where a part is
        suppressed); low and high (the least and the greatest it can be); support (how it is
        known, see `nktrade.table.support`); state ("reported", "estimated" or "suppressed");
        quantity and unit (missing unless every row with a value has one, in the same unit); rows
        (count); and what the sums mean: currency, reporter, partner, flow, hs_edition, level
        (digits), and declared_by and valuation of a mirrored table, missing where they differ.

    Raises
    ------
    MixtureError
        As `check_addable`.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2023-03", end="2023-03")
    >>> sums = sum_rows(wigs, "hs")
    >>> sums[["currency", "level"]].drop_duplicates().to_numpy().tolist()
    [['USD', 8]]
    """
    columns = list_names(by)
    check_addable(trade, columns, across=across)
    group = [trade[column] for column in columns] if columns else [np.zeros(len(trade), "int8")]
    names = columns or ["_all"]
    work = pd.DataFrame({"value": trade["value"].astype("float64"), "rows": 1})
    work["estimated"] = _holds(trade, "estimated")
    _add_quantity(work, trade)
    grouped = work.groupby(group, dropna=False, observed=True)
    sums = grouped[["value", "quantity"]].sum(skipna=False)
    sums["known"] = grouped["value"].sum()
    sums["rows"] = grouped["rows"].sum()
    sums["estimated"] = grouped["estimated"].max()
    number = grouped.ngroup().to_numpy()  # the place among the sums of what each row is part of
    sums["unit"] = _find_unit(trade, work["quantity"], number, len(sums))
    sums["quantity"] = sums["quantity"].where(sums["unit"].notna())
    if not columns and sums.empty:  # nothing adds up to zero
        sums = sums.reindex([0]).assign(value=0.0, known=0.0, rows=0, estimated=False)
    sums = sums.rename_axis(names)
    sums = sums.join(bound_groups(trade, columns, sums))
    sums["state"] = np.select(
        [sums["value"].isna(), sums["estimated"]], ["suppressed", "estimated"], "reported"
    )
    for name in MEANING:
        if name not in columns and ("hs" if name == "level" else name) in trade:
            said = trade["hs"].str.len() if name == "level" else trade[name]
            sums[name] = _find_uniform(said, number, len(sums))
    if "unit" in columns:
        sums = sums.drop(columns="unit")
    order = ["value", *KNOWN, "state", "quantity", "unit", "rows"]
    meaning = [name for name in MEANING if name in sums]
    order = [name for name in order if name in sums]
    table = sums[[*order, *meaning]].reset_index(drop=not columns)
    table = table.astype({"rows": "int64", "state": "str", "support": "str"})
    table.attrs = {}
    return table


def _holds(trade: pd.DataFrame, word: str) -> np.ndarray:
    """Say of each row whether its status holds a word."""
    if "status" not in trade:
        return np.zeros(len(trade), dtype=bool)
    held = [status for status in trade["status"].unique() if word in str(status)]
    return trade["status"].isin(held).to_numpy(dtype=bool)


def _add_quantity(work: pd.DataFrame, trade: pd.DataFrame) -> None:
    """Put quantities beside the values: a row of no value that has none adds none."""
    if "quantity" not in trade or "unit" not in trade:
        work["quantity"] = np.nan
        return
    counted = trade["quantity"]
    work["quantity"] = counted.mask(counted.isna() & (trade["value"] == 0), 0.0)


def _find_unit(trade: pd.DataFrame, counted: pd.Series, number: np.ndarray, size: int):
    """Return the unit of each group's quantities; a row that counts nothing need not say one."""
    said = trade.get("unit")
    if said is None or not (silent := said.isna() & (counted == 0)).any():
        return _find_uniform(said, number, size)
    counts = ~silent.to_numpy()
    return _find_uniform(said[counts], number[counts], size)


def _find_uniform(said: pd.Series | None, number: np.ndarray, size: int):
    """Return what all rows of each group say; missing where they differ or say nothing."""
    if said is None or said.isna().all():
        return pd.array([None] * size, dtype="str")
    kind: Any = "Int64" if pd.api.types.is_numeric_dtype(said) else "str"
    if (said == (first := said.iloc[0])).all():
        return pd.array([first] * size, dtype=kind)
    codes, values = pd.factorize(said)
    spread = pd.Series(codes).groupby(number)
    least, most = (ends.reindex(range(size)) for ends in (spread.min(), spread.max()))
    at = least.where(least == most, -1).fillna(-1).to_numpy(dtype="int64")
    return pd.array(values, dtype=kind).take(at, allow_fill=True)


def check_addable(
    trade: pd.DataFrame, by: Sequence[str] = (), *, across: str | Sequence[str] = ()
) -> None:
    """Refuse to add rows that measure different things or count the same thing twice.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table. What it has no column for is not asked.
    by : sequence of str
        Columns that keep rows apart, as in a `groupby`.
    across : {"flow", "partner", "reporter"} or several, optional
        What is meant to be added up.

    Raises
    ------
    MixtureError
        If one sum would mix currencies, or, in one month, HS editions or HS levels (a heading and
        its own subheadings would be counted twice), or rows with a province or a regime and rows
        not broken down; if a January is there by itself and inside February's combined release;
        if the world stands beside its partners; if some rows are mirrored and some are not; if
        sums by code span several editions; if flows, partners or declarers meet in one sum and
        `across` does not say that it is meant.
    InputError
        If a column of `by` is not there, or `across` is something else.
    """
    _check_apart(trade, by)
    check_columns(trade, ["value"], "check_trade makes a whole trade table.")
    check_types(trade)
    _check_releases(trade)
    _check_mirror(trade)
    hints = {
        "currency": "Select one currency, as currency='USD'.",
        "hs_edition": "Select one edition or convert the codes first; or sum month by month.",
        "level": "Select one level, or a heading and its subheadings are counted twice.",
        "province": "Select the rows with a province or those without.",
        "regime": "Select the rows with a regime or those without.",
    }
    # Rows of other months, flows and sides are added, but never count the same thing twice.
    apart = dict.fromkeys([*by, "period", "reporter", "partner", "flow"])
    keys = [trade[column] for column in apart if column in trade]
    months = [trade["period"]] if "period" in trade else []
    for kind in hints:
        if kind in by or not _has_several(trade, kind):
            continue
        noun, values = _name_kinds(trade, kind)
        # Only the currency's own column keeps currencies apart: a sum a month of dollars in one
        # and yuan in the next makes a series that nobody can read. Of the others, what months
        # alone keep apart, which is quickly seen, is apart.
        if kind != "currency" and not (_meets(values, months) and _meets(values, keys)):
            continue
        subject = f"rows of different {noun} cannot be added"
        mixed = sorted(values.unique())
        got = ", ".join(f"{kind} {label}" if noun == "breakdowns" else label for label in mixed)
        if kind == "level":
            got += _name_double(trade["hs"])
        raise MixtureError(subject, got=got, hint=hints[kind])
    _check_sides(trade, by, list_names(across))
    check_codes(trade, by)


def _check_apart(trade: pd.DataFrame, by: Sequence[str]) -> None:
    """Refuse to keep apart what is not there or is itself added, and say how classes are had."""
    missing = next((name for name in by if name not in trade), None)
    made = missing is not None and missing in set(list_classes()["name"])
    check_columns(trade, by, f"Call classify(trade, to={missing!r}) first." if made else "")
    if added := [name for name in by if name in _ADDED]:
        raise InputError(f"{added[0]!r} is added up, so that nothing is kept apart by it")


def check_parts(table: pd.DataFrame, by: Sequence[str] = ()) -> None:
    """Refuse a table of sums that holds a whole beside its parts: its total would count them twice.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a part, as `sum_rows` or `months.monthly` return them. What it has no column for is
        not asked.
    by : sequence of str
        Columns of groups, each with a total of its own.

    Raises
    ------
    MixtureError
        If codes of several levels, rows with a province or regime and rows without, or the world
        and its partners are parts of one total.

    Examples
    --------
    >>> check_parts(pd.DataFrame({"hs": ["6704", "670411"]}))
    Traceback (most recent call last):
    ...
    nktrade.errors.MixtureError: rows of different HS levels cannot be added; got 4 digits, 6 ...
    """
    told = ["hs", "province", "regime", "partner", "reporter", "flow"]
    if "period" in table and table["period"].dtype.kind == "M":
        told.append("period")
    kept = [name for name in dict.fromkeys([*told, *by]) if name in table]
    check_addable(table[kept].assign(value=0.0), [*by], across=tuple(ACROSS))


def _has_several(trade: pd.DataFrame, kind: str) -> bool:
    """Say whether the rows are of several kinds."""
    column = "hs" if kind == "level" else kind
    if column not in trade:
        return False
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
    if "status" not in trade or "period" not in trade:
        return
    combined = trade["status"].isin(COMBINED)
    if not combined.any():
        return
    cell = [
        column
        for column in ("period", "reporter", "partner", "flow", "currency")
        if column in trade
    ]
    within = trade.loc[combined, cell].drop_duplicates()
    within["period"] -= pd.DateOffset(months=1)
    alone = trade.loc[trade["period"].isin(within["period"]), cell].merge(within)
    if len(alone):
        raise MixtureError(
            "January is there by itself and inside the release of January and February",
            got=", ".join(f"{month:%Y-%m}" for month in sorted(set(alone["period"]))),
            hint="Keep the months by themselves or the combined release.",
        )


def _check_mirror(trade: pd.DataFrame) -> None:
    if "declared_by" in trade and 0 < trade["declared_by"].count() < len(trade):
        raise MixtureError(
            "mirrored rows stand beside rows that are not, and cannot be added",
            hint="Mirror each table once before joining them.",
        )


def _check_sides(trade: pd.DataFrame, by: Sequence[str], across: Sequence[str]) -> None:
    """Refuse the world beside its partners, and several sides or flows in one sum.

    Raises
    ------
    InputError
        If `across` names something else.
    """
    for name in across:
        check_choice("word in `across`:", name, ACROSS)
    for column, noun in ACROSS.items():
        if column not in trade or column in by:
            continue
        found = sorted(trade[column].dropna().unique())
        if len(found) < 2:
            continue
        keys = [trade[name] for name in by]
        if column != "flow" and WORLD in found and _meets(trade[column] == WORLD, keys):
            raise MixtureError(
                "the world stands beside its own partners, which would be counted twice",
                got=", ".join([WORLD, *(name for name in found if name != WORLD)][:6]),
                hint=f"Select the {noun} that are meant, or add {column!r} to `by`.",
            )
        if column in across or not _meets(trade[column], keys):
            continue
        declared = column == ("partner" if "declared_by" in trade else "reporter")
        raise MixtureError(
            f"rows of different {'declarers' if declared else noun} cannot be added",
            got=", ".join(found[:6]) + (", …" if len(found) > 6 else ""),
            hint=f"Select one, add {column!r} to `by`, or ask for their sum: across={column!r}.",
        )


def _meets(kinds: pd.Series, keys: list[pd.Series]) -> bool:
    """Say whether any one group holds several kinds."""
    if not keys:
        return True
    grouped = kinds.groupby(keys, observed=True, dropna=False)
    return bool(grouped.nunique().max() > 1)


def check_codes(trade: pd.DataFrame, by: Sequence[str]) -> None:
    """Refuse sums by code over several editions: the same digits may mean other goods."""
    if "hs" not in by or "hs_edition" in by or "period" in by or "hs_edition" not in trade:
        return
    editions = sorted(trade["hs_edition"].dropna().unique())
    if len(editions) > 1:
        raise MixtureError(
            "codes of different HS editions cannot be added or compared",
            got=", ".join(editions),
            hint="Add 'hs_edition' to `by`, choose years of one edition, or convert the codes.",
        )


def _name_double(codes: pd.Series) -> str:
    """Name a code that stands in the table beside one of its own parts, if there is one."""
    known = sorted(set(codes))
    for code, following in pairwise(known):
        if following.startswith(code):
            return f" ({following} is part of {code})"
    return ""
