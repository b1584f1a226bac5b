"""The two sides of one flow: what the seller declared (FOB) beside what the buyer did (CIF)."""

from __future__ import annotations

import pandas as pd

from nktrade.errors import InputError, MixtureError
from nktrade.trade import check_addable

LEVELS = (2, 4, 6)


def compare_sides(exports: pd.DataFrame, imports: pd.DataFrame, level: int = 6) -> pd.DataFrame:
    """Set the exporter's figures beside the importer's, month by month and code by code.

    Parameters
    ----------
    exports, imports : pandas.DataFrame
        Trade tables: the seller's exports to the buyer and the buyer's imports from the seller,
        in one currency and one HS edition.
    level : {2, 4, 6}
        Digits of the codes at which both are compared.

    Returns
    -------
    pandas.DataFrame
        period, hs, fob, cif (in the tables' currency; missing where that side has no row), ratio
        (cif / fob), margin (ratio - 1: freight and insurance only if both sides saw the same
        goods; missing where fob is zero or a side is missing) and currency.

    Raises
    ------
    InputError
        For an empty table, or tables that are not two sides of one flow.
    MixtureError
        For different currencies, HS editions or levels.
    """
    if level not in LEVELS:
        raise InputError(f"unknown level {level!r}", expected="2, 4 or 6")
    if exports.empty or imports.empty:
        raise InputError("a side has no rows", hint="Load both sides of the flow.")
    _check_sides(exports, imports)
    for column in ("currency", "hs_edition"):
        found = sorted({*exports[column], *imports[column]})
        if len(found) > 1:
            raise MixtureError(f"the sides differ in {column}", got=", ".join(found))
    sides = pd.concat([_sum(exports, level, "fob"), _sum(imports, level, "cif")], axis=1)
    table = sides.sort_index().reset_index()
    both = table["cif"] / table["fob"].where(table["fob"] > 0)
    return table.assign(ratio=both, margin=both - 1, currency=exports["currency"].iloc[0])


def _check_sides(exports: pd.DataFrame, imports: pd.DataFrame) -> None:
    sold = set(zip(exports["reporter"], exports["partner"], exports["flow"], strict=True))
    bought = set(zip(imports["partner"], imports["reporter"], imports["flow"], strict=True))
    pairs = {pair[:2] for pair in sold | bought}
    flows = {pair[2] for pair in sold}, {pair[2] for pair in bought}
    if len(pairs) > 1 or flows != ({"export"}, {"import"}):
        raise InputError(
            "these are not the two sides of one flow",
            expected="one country's exports and its partner's imports from it",
        )


def _sum(trade: pd.DataFrame, level: int, name: str) -> pd.Series:
    check_addable(trade)
    if (trade["hs"].str.len() < level).any():
        raise MixtureError(f"codes shorter than {level} digits", hint="Compare at a lower level.")
    hs = trade["hs"].str[:level]
    # A suppressed value is unknown: a sum without it would pass for the whole.
    values = trade["value"].groupby([trade["period"], hs])
    return values.sum().where(values.count() == values.size()).rename(name)
