"""Rows that say one thing several times: by level, by year and month, twice, or in parts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from nktrade.errors import InputError, count_of


def check_one_level(codes: pd.Series, name: str, hint: str = "Name one, as level=6.") -> None:
    """Refuse codes of several lengths: a heading counts its own subheadings again."""
    digits = sorted(codes.str.len().unique())
    if len(digits) > 1:
        got = ", ".join(f"{number} digits" for number in digits)
        raise InputError("several HS levels", where=name, got=got, hint=hint)


class OtherLevelWarning(UserWarning):
    """Codes of other levels were left out, and what they are of is not in the level kept."""


def warn_left_out(every: Iterable[str], level: int, name: str) -> None:
    """Warn of codes that the choice of a level leaves out and no code of that level stands for.

    Parameters
    ----------
    every : iterable of str
        The codes of the rows that are otherwise wanted, of whatever level.

    Warns
    -----
    OtherLevelWarning
    """
    codes = set(every)
    kept = {code for code in codes if len(code) == level}
    above = {code[:digits] for code in kept for digits in range(2, level, 2)}
    lost = sorted(code for code in codes - kept if code[:level] not in kept | above)
    if kept and lost:
        warnings.warn(
            f"{name}: level={level} leaves out {count_of(len(lost), 'codes')} of which no code of "
            f"{level} digits is there: {', '.join(lost[:8])}{', …' if len(lost) > 8 else ''}. "
            "Their trade is in no row. (A spreadsheet makes 2704 of 2704.00.)",
            OtherLevelWarning,
            stacklevel=5,
        )


def refuse_years_beside_months(yearly: pd.Series, where: Callable[[Any], str], hint: str) -> None:
    """Refuse years beside months of them; `where` names the place of a row by its index."""
    if yearly.any() and not yearly.all():
        raise InputError(
            "years beside months, which would be counted twice",
            where=where(yearly.index[yearly.to_numpy()][0]),
            hint=hint,
        )


def refuse_repeats(rows: pd.DataFrame, key: Sequence[str], name: str, told: str, hint: str) -> None:
    """Refuse rows alike in `key`, naming the first two by the file's own numbers.

    Parameters
    ----------
    rows : pandas.DataFrame
        Index the row numbers.
    told : str
        What is said of them, with their columns in braces.
    """
    twice = rows.duplicated(list(key), keep=False)
    if not twice.any():
        return
    row, cells = rows[twice].iloc[0], rows[list(key)]
    same = (cells.isna() & row[list(key)].isna()) | (cells == row[list(key)])
    first, second = rows.index[same.all(axis=1)][:2]
    raise InputError(
        "the same flow, commodity, place and month twice",
        where=f"{name}, rows {first:,} and {second:,}",
        expected="each row once",
        got=told.format_map({str(name): cell for name, cell in row.items()}),
        hint=hint,
    )


def refuse_totals_among_parts(
    parts: pd.DataFrame, key: Sequence[str], name: str, hint: str = "Leave the totals out."
) -> None:
    """Refuse parts to be added up of which, line by line, the largest is the sum of the others.

    One line of three parts may be so by chance, and two lines of two parts, which are then equal;
    that more are, and every line, is none.
    """
    lines = parts.groupby(list(key), dropna=False, sort=False)["value"]
    size, most, whole = (getattr(lines, what)() for what in ("size", "max", "sum"))
    several = size > 1
    if int((size[several] - 1).sum()) < 3:
        return
    alike = (2 * most - whole).abs() <= 1e-9 * most
    if alike[several].all() and (most[several] > 0).all():
        first = parts[parts.duplicated(list(key), keep=False)]
        row = first.loc[first["value"].isin(most[several])].index[0]
        raise InputError(
            "in every line the largest part is the sum of the others: a total beside its parts",
            where=f"{name}, row {row:,}",
            got=f"{first.loc[row, 'value']:,.0f}",
            hint=hint,
        )


def add_up_parts(parts: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return a row a line: values added, quantities where every part has one in one unit."""
    lines = parts.groupby(list(key), dropna=False, sort=False)
    firsts = parts[~parts.duplicated(list(key))].copy()
    firsts["value"] = lines["value"].sum().to_numpy()
    for amount, unit in (("quantity", "unit"), ("quantity2", "unit2")):
        if amount in parts:
            one = (lines[unit].min() == lines[unit].max()).to_numpy()
            whole = one & (lines[amount].count() == lines.size()).to_numpy()
            firsts[amount] = lines[amount].sum().where(whole).to_numpy()
            firsts[unit] = firsts[unit].where(whole)
    return firsts
