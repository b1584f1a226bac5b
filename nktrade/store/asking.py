"""The rows of a store that are asked for: of each file those that no later one replaces."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nktrade.codes.hs import edition_of_year
from nktrade.sources import find_source, recall_source
from nktrade.store import manifest as ledger
from nktrade.store.checking import opened
from nktrade.store.mixtures import check_frequencies, check_sources
from nktrade.store.reading import TEXTS, Wanted, says
from nktrade.store.scope import NONE, live, replaces, replacing
from nktrade.store.sides import turn_to_seller, turn_words
from nktrade.table.rows import COLUMNS

#: What a silent month is of; of the same some other file may have rows.
_SILENT = ["period", "reporter", "partner", "flow"]
#: Parts from which on several are read at a time: of fewer one is read before a thread is ready.
SEVERAL = 4


def read_store(store: Path, where: Wanted, source: str | None, as_of: str | None) -> list[pa.Table]:
    """Return the rows asked for of each file, those that a later file replaces left out."""
    if source is not None:
        find_source(source)
    entries = ledger.in_order(ledger.read_holding(store, "rows", as_of))
    asked = [
        (entry, kind)
        for entry in entries
        if source in (None, entry["source"]) and where.may_be_in(entry)
        for kind in where.kinds(entry)
    ]

    # Asked for no side, the same trade is not read from one side and, of a later file, the other.
    tells_once = not where.partners and where.flow is None

    def read(entry: dict, kind: str) -> pa.Table:
        told = entry.get("throughout", {})
        told = turn_words(told) if kind == "sold" else told
        with opened(store, entry, kind, [name for name in TEXTS if name not in told]) as part:
            table = where.read(part, told)
        if kind == "sold" and where.partners:  # told from their side already
            own = says(table["reporter"], set(where.partners).__contains__)
            table = table.filter(pa.array(~own))
        later = replacing(entry, entries)
        if later and table.num_rows:
            kept = live(entry, later, table)
            if tells_once and recall_source(entry["source"]).reconciled:
                kept &= live(entry, later, turn_to_seller(table))
            table = table.filter(pa.array(kept))
        return table

    with ThreadPoolExecutor() as pool:
        each = pool.map if len(asked) >= SEVERAL else map
        tables = list(each(lambda job: read(*job), asked))
    found = [entry for (entry, _), table in zip(asked, tables, strict=True) if len(table)]
    check_sources(sorted({entry["source"] for entry in found}), str(store))
    check_frequencies(found, str(store))
    return [table for table in tables if len(table)]


def may_meet(tables: list[pa.Table]) -> bool:
    """Say whether any two tables have rows of the same month and flow, and so maybe the same."""
    told = [
        pair
        for table in tables
        for pair in product(*(pc.unique(table[name]).to_pylist() for name in ("period", "flow")))
    ]
    return len(set(told)) < len(told)


def add_silent_months(
    rows: pd.DataFrame, store: Path, where: Wanted, source: str | None, as_of: str | None
) -> pd.DataFrame:
    """Add a zero for each month that a download without rows says had no trade.

    The zero stands under the first code asked for, or the first of the other rows: a month that
    was asked for and found empty is reported, not absent.
    """
    entries = ledger.in_order(ledger.read_holding(store, "rows", as_of))
    made = []
    for at, entry in enumerate(entries):
        silent = not entry["rows"] and source in (None, entry["source"])
        if not silent or not where.may_be_in(entry):
            continue
        for month in entry["scope"]["period"]:
            one = entry["scope"] | {"period": [month]}
            if any(replaces(later, entry | {"scope": one}) for later in entries[at + 1 :]):
                continue
            made += _zeros(entry["name"], one, rows, where)
    if not made:
        return rows
    there = {*zip(*(rows[name] for name in _SILENT), strict=True)}
    made = [*{cell: row for row in made if (cell := _cell(row)) not in there}.values()]
    if not made:  # other files have rows of the very months
        return rows
    zeros = pd.DataFrame(made).reindex(columns=list(COLUMNS)).astype(COLUMNS)
    return pd.concat([rows, zeros], ignore_index=True) if len(rows) else zeros


def _cell(row: dict) -> tuple:
    return tuple(row[name] for name in _SILENT)


def _zeros(name: str, scope: dict, trade: pd.DataFrame, where: Wanted) -> list[dict]:
    month = pd.Timestamp(scope["period"][0])
    codes = [trade["hs"].iloc[0]] if len(trade) else where.codes
    code = codes[0] if codes else None
    early = where.first is not None and month < where.first
    late = where.last is not None and month > where.last
    if code is None or early or late:
        return []
    row = {
        "period": month,
        "hs": code,
        "hs_edition": edition_of_year(month.year),
        "province": None if scope["province"] == [NONE] else scope["province"][0],
        "regime": None if scope["regime"] == [NONE] else scope["regime"][0],
        "value": 0.0,
        "source": name,
        "status": "reported",
    }
    return [
        row
        | {"reporter": scope["reporter"][0], "partner": partner, "flow": flow, "currency": money}
        for partner in scope["partner"]
        for flow in scope["flow"]
        for money in scope["currency"]
        if (not where.partners or partner in where.partners)
        and where.flow in (None, flow)
        and where.currency in (None, money)
    ]
