"""What a table of sums means: its currency, sides, edition and level, in columns or kept beside."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
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
                f"the table is of another {name}",
                expected=str(value),
                got=str(known[name]),
                hint="Draw or join tables of one kind only.",
            )
    told: Any = table.copy(deep=False)
    told.attrs = {**table.attrs, KEY: {**table.attrs.get(KEY, {}), **known, **meaning}}
    return told


def list_loose(sums: pd.DataFrame, by: Sequence[str], column: str) -> list[list[Any]]:
    """Return those sums that are no records, with their ends, for `write_loose`.

    Parameters
    ----------
    sums : pandas.DataFrame
        As `sum_rows` returns them: columns *by*, value, low, high and support.
    by : sequence of str
    column : str
        What the sums are called where periods stand side by side.
    """
    loose = sums[sums["support"].ne("recorded") & sums["value"].notna()]
    return [
        [_spell_key(tuple(key)), column, float(value), float(low), _end(high), str(support)]
        for *key, value, low, high, support in loose[
            [*by, "value", "low", "high", "support"]
        ].itertuples(index=False)
    ]


def write_loose(loose: list[list[Any]]) -> str:
    """Return what `list_loose` lists as `read_ends` reads it.

    As one text: pandas copies what stands beside a table, part by part, at each step taken with it.
    """
    return json.dumps(loose)


def _end(high: float) -> float | None:
    """Return an end as JSON can hold it: it knows no infinity."""
    return float(high) if math.isfinite(high) else None


def read_ends(wide: pd.DataFrame) -> pd.DataFrame | None:
    """Return how the sums of a wide table are known, for as long as they are the sums they were.

    A share, a difference or a sum of them is another number, of which nothing is told here.

    Parameters
    ----------
    wide : pandas.DataFrame
        As `measures.compare_periods` returns it, or turned, or some rows or columns of it.

    Returns
    -------
    pandas.DataFrame or None
        A row a cell, column by column: low, high and support, empty where the table says
        nothing; None where it says nothing at all.
    """
    cells = [ends if same else [None, None, ""] for ends, same in _find_loose(wide)]
    if not any(support for *_, support in cells):
        return None
    ends = pd.DataFrame(cells, columns=["low", "high", "support"])
    return ends.astype({"low": "float64", "high": "float64"})


def fill_ends(wide: pd.DataFrame) -> pd.DataFrame:
    """Return low, high and support of every cell of a wide table, column by column.

    As `read_ends`, with infinity for no end; a cell of which nothing is told is a record.

    Examples
    --------
    >>> fill_ends(pd.DataFrame({"2023": [3.0]})).to_numpy().tolist()
    [[3.0, 3.0, 'recorded']]
    """
    points = wide.to_numpy(dtype="float64").ravel(order="F")
    ends = read_ends(wide)
    if ends is None:
        return pd.DataFrame({"low": points, "high": points, "support": "recorded"})
    plain = ends["support"].eq("")
    return pd.DataFrame(
        {
            "low": ends["low"].where(~plain, points),
            "high": ends["high"].fillna(math.inf).where(~plain, points),
            "support": ends["support"].where(~plain, "recorded"),
        }
    )


def is_reckoned(wide: pd.DataFrame) -> bool:
    """Say whether numbers are others than sums that tell how they are known.

    Parameters
    ----------
    wide : pandas.DataFrame
        As `read_ends` takes it, or shares, differences or an index made of it.
    """
    if "loose" not in wide.attrs.get(KEY, {}):
        return True
    return any(ends and not same for ends, same in _find_loose(wide))


def _find_loose(wide: pd.DataFrame) -> list[tuple[list[Any], bool]]:
    """Return of each cell, column by column, what `write_loose` wrote, and if its value is that."""
    loose = json.loads(wide.attrs.get(KEY, {}).get("loose", "[]"))
    told = {(*key, column): ends for key, column, *ends in loose}
    cells: list[tuple[list[Any], bool]] = []
    if not told:
        return cells
    keys = [[_spell_key(name) for name in names] for names in (wide.columns, wide.index)]
    values = wide.to_numpy().ravel(order="F")
    for (column, row), value in zip(itertools.product(*keys), values, strict=True):
        found = told.get((*row, *column)) or told.get((*column, *row)) or [None]
        cells.append((found[1:], found[0] == value))
    return cells


def _spell_key(key: Any) -> list[str]:
    return [str(one) for one in (key if isinstance(key, tuple) else (key,))]


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
        _check_unit(table)
        for name, value in read_meaning(table).items():
            if name in TOGETHER and told.get(name, value) != value:
                raise MixtureError(
                    f"tables of different {TOGETHER[name]} do not belong together",
                    got=f"{told[name]} and {value}",
                    hint="Select one of them for both.",
                )
            told.setdefault(name, value)
    return told


def _check_unit(table: Any) -> None:
    """Refuse a table whose rows stand for several currencies; raises `MixtureError`."""
    if not isinstance(table, pd.DataFrame) or "currency" not in table.index.names:
        return
    found = sorted(map(str, table.index.unique("currency")))
    if len(found) > 1:
        raise MixtureError(
            "a table in several currencies has no unit",
            got=", ".join(found),
            hint="Select one currency.",
        )
