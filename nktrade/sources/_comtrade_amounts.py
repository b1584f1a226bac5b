"""The amounts of UN Comtrade's rows: the value, and two quantities with their units."""

from __future__ import annotations

import warnings

import pandas as pd

from nktrade.errors import InputError
from nktrade.sources._comtrade_rows import Dress, units
from nktrade.sources.written_numbers import Numbers
from nktrade.table.row_rules import ABSURD_VALUE

#: Quantities beside the weight, and all columns of numbers.
QUANTITIES = ("qty", "altQty")
NUMBERS = ("primaryValue", "netWgt", *QUANTITIES)


class ThirdQuantityWarning(UserWarning):
    """Rows give quantities in three units, and a trade table has place for two."""


def measure(rows: pd.DataFrame, dress: Dress, quantity2: str) -> pd.DataFrame:
    """Read the numbers: `value`, and two quantities with their units, the weight first.

    Raises
    ------
    InputError
        For a row without a value, or a number that is none.

    Warns
    -----
    ThirdQuantityWarning
        For quantities in three units; `quantity2` says which is the second.
    """
    columns = [column for column in NUMBERS if column in rows]
    numbers = Numbers(dress.name, {dress.printed.get(name, name): rows[name] for name in columns})
    absent = pd.Series(pd.NA, index=rows.index, dtype="str")

    def number(column: str, most: float = float("inf")) -> pd.Series:
        return numbers.read(rows.get(column, absent), dress.printed.get(column, column), most)

    value = number("primaryValue", ABSURD_VALUE)
    if value.isna().any():
        printed = rows.loc[value.isna(), "primaryValue"]
        raise InputError(
            "no value",
            where=dress.where(printed.index[0], "primaryValue"),
            expected="a number",
            got=repr("" if pd.isna(printed.iloc[0]) else printed.iloc[0]),
            hint="Use the file as the service gives it.",
        )
    given = [(number("netWgt"), pd.Series("kg", index=rows.index))]
    for column in sorted(QUANTITIES, key=lambda column: column != quantity2):
        factor, unit = _units_of(rows, column)
        given.append((number(column) * factor, unit))
    first, second, left = _choose_two(given, rows.index)
    if left:
        warnings.warn(
            f"{dress.name}: a third quantity has no place in a trade table and was left out "
            f"({', '.join(sorted(left))}); quantity2='{QUANTITIES[quantity2 == 'qty']}' "
            f"(--quantity2) takes it in place of the second",
            ThirdQuantityWarning,
            stacklevel=4,
        )
    return rows.assign(
        value=value, quantity=first[0], unit=first[1], quantity2=second[0], unit2=second[1]
    )


def _units_of(rows: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    """Return how many of which unit a quantity counts, by its code or else its short name."""
    absent = pd.Series(pd.NA, index=rows.index, dtype="str")
    codes = rows.get(f"{column}UnitCode", absent).str.casefold()
    named = rows.get(f"{column}UnitAbbr", absent).str.strip().str.casefold()
    known = codes.map(units()).where(codes.isin(units().keys()), named.map(units()))
    factor = known.map(lambda pair: pair[1], na_action="ignore").astype("float64")
    return factor, known.map(lambda pair: pair[0], na_action="ignore").astype("str")


def _choose_two(
    given: list[tuple[pd.Series, pd.Series]], index: pd.Index
) -> tuple[tuple[pd.Series, pd.Series], tuple[pd.Series, pd.Series], set[str]]:
    """Return each row's first quantity, its first in another unit, and the units left over."""
    empty = pd.Series(float("nan"), index=index)
    absent = pd.Series(pd.NA, index=index, dtype="str")
    first, second = (empty, absent), (empty, absent)
    left: set[str] = set()
    for amount, unit in given:
        there = (amount > 0) & unit.notna()  # nothing weighed is written as zero
        place = there & first[0].isna()
        first = first[0].where(~place, amount), first[1].where(~place, unit)
        other = there & ~place & (unit != first[1])
        beyond = other & second[0].notna() & (unit != second[1])
        left |= set(unit[beyond].tolist())
        other = other & second[0].isna()
        second = second[0].where(~other, amount), second[1].where(~other, unit)
    return first, second, left
