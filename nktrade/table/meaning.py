"""What a table of sums means: its currency, sides, edition and level, in columns or kept beside."""

from __future__ import annotations

from typing import Any, TypeVar

import pandas as pd

from nktrade.errors import MixtureError

#: Columns that say what a sum means beside its keys.
MEANING = (
    *("currency", "reporter", "partner", "flow", "declared_by", "valuation", "hs_edition"),
    "level",
)
#: Where a table that has no room for such columns keeps them (`pandas.DataFrame.attrs`).
KEY = "nktrade"
#: What two tables in one picture or model must have in common.
TOGETHER = {
    "currency": "currencies",
    "reporter": "reporters",
    "declared_by": "declarers",
}

Table = TypeVar("Table", bound=pd.DataFrame | pd.Series)


def read_meaning(table: Any) -> dict[str, Any]:
    """Return what all of a table's numbers have in common, from its columns or from beside it.

    Parameters
    ----------
    table : pandas.DataFrame or pandas.Series

    Returns
    -------
    dict
        Some of currency, reporter, partner, flow, declared_by, valuation, hs_edition, level and
        estimated (bool).

    Raises
    ------
    MixtureError
        If the table holds several currencies.

    Examples
    --------
    >>> import nktrade as nk
    >>> read_meaning(nk.monthly(nk.load(start="2023", end="2023")))["currency"]
    'USD'
    """
    said = dict(getattr(table, "attrs", {}).get(KEY, {}))
    told = {name: said[name] for name in (*MEANING, "estimated") if said.get(name) is not None}
    if not isinstance(table, pd.DataFrame):
        return told
    for name in MEANING:
        if name not in table:
            continue
        found = [value for value in table[name].unique() if pd.notna(value)]
        if len(found) == 1:
            told[name] = found[0].item() if hasattr(found[0], "item") else found[0]
        elif len(found) > 1:
            told.pop(name, None)
        if name == "currency" and len(found) > 1:
            raise MixtureError(
                "a table in several currencies has no unit",
                got=", ".join(sorted(found)),
                hint="Select one currency.",
            )
    if "state" in table:
        told["estimated"] = bool(table["state"].astype("str").str.contains("estimated").any())
    return told


def tell_meaning(table: Table, **meaning: Any) -> Table:
    """Return a table that says what its numbers mean.

    Parameters
    ----------
    table : pandas.DataFrame or pandas.Series
        `table` itself is not changed.
    **meaning
        As `read_meaning` returns it.

    Raises
    ------
    MixtureError
        If the table says otherwise.
    """
    known = read_meaning(table)
    for name, value in meaning.items():
        if name in TOGETHER and known.get(name, value) != value:
            raise MixtureError(
                f"the table is of another {name}", expected=str(value), got=str(known[name])
            )
    told: Any = table.copy(deep=False)
    told.attrs = {**table.attrs, KEY: {**table.attrs.get(KEY, {}), **known, **meaning}}
    return told


def read_together(*tables: Any) -> dict[str, Any]:
    """Return what several tables mean, or refuse tables that contradict one another.

    Raises
    ------
    MixtureError
        If their currencies, reporters or declarers differ, so far as they say.
    """
    told: dict[str, Any] = {}
    for table in tables:
        if table is None:
            continue
        for name, value in read_meaning(table).items():
            if name in TOGETHER and told.get(name, value) != value:
                raise MixtureError(
                    f"tables of different {TOGETHER[name]} do not belong together",
                    got=f"{told[name]} and {value}",
                    hint="Select one of them for both.",
                )
            told.setdefault(name, value)
    return told
