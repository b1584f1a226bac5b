"""What a file says otherwise than the files before it: rows met again, and values that moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from nktrade.errors import InputError, count_of
from nktrade.store.checking import opened
from nktrade.store.manifest import in_order, part_of, vintage
from nktrade.store.scope import live, replacing
from nktrade.table.arrow import SCHEMA, hash_keys
from nktrade.table.rows import KEY

#: Rows of an earlier part that are held at a time.
HELD = 1 << 19


def compare_with_earlier(
    store: Path, entry: dict, keys: np.ndarray, values: np.ndarray, files: list[dict], fresh: int
) -> dict:
    """Say which rows earlier files already had, and by how much the values of the others moved.

    Earlier parts pass by in blocks, so that a second download of a large file takes hardly more
    memory than the first. Rows are matched by the hashes of their keys.
    """
    recent = files[len(files) - fresh :]
    ordered = in_order([other for other in files if part_of(other, "rows")])
    earlier = [
        other
        for other in reversed(ordered)
        if _may_overlap(entry, other) and vintage(other) <= vintage(entry)
    ]
    if not earlier or not len(keys):
        return {"repeated": 0, "revised": {}}
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    open_ = np.ones(len(keys), bool)  # an older file says nothing new about a row found before
    repeated = 0
    revised: dict[str, dict] = {}
    for other in earlier:
        contradicting = []
        same = any(other is one for one in recent) and vintage(other)[:10] == vintage(entry)[:10]
        later = replacing(other, ordered)
        for table in read_blocks(store, other):
            hashes = hash_keys(table)
            at = np.searchsorted(keys, hashes) % len(keys)
            shared = (keys[at] == hashes) & open_[at]
            if later:
                shared &= live(other, later, table)
            open_[at[shared]] = False
            old, new = table["value"].to_numpy(), values[at]
            moved = shared & ~((old == new) | (np.isnan(old) & np.isnan(new)))
            repeated += int(shared.sum() - moved.sum())
            if moved.any():
                rows = _pick_rows(table, moved).assign(new=new[moved])
                _add_changes(revised, rows)
                contradicting += [rows] if same else []
        if contradicting:
            _refuse_contradiction(pd.concat(contradicting), entry["name"], other["name"])
    return {"repeated": repeated, "revised": revised}


def _pick_rows(table: pa.Table, which: np.ndarray) -> pd.DataFrame:
    """Return the chosen rows: period, hs, currency and value."""
    columns = ["period", "hs", "currency", "value"]
    return table.select(columns).filter(pa.array(which)).to_pandas()


def _add_changes(revised: dict[str, dict], rows: pd.DataFrame) -> None:
    for (month, currency), moved in rows.groupby(["period", "currency"], observed=True):
        change = revised.setdefault(f"{month:%Y-%m}", {}).setdefault(
            str(currency), {"rows": 0, "old": 0.0, "new": 0.0}
        )
        change["rows"] += len(moved)
        change["old"] += float(moved["value"].sum())
        change["new"] += float(moved["new"].sum())


def _may_overlap(entry: dict, other: dict) -> bool:
    months = {(month, c) for month, sums in entry["sums"].items() for c in sums}
    others = {(month, c) for month, sums in other["sums"].items() for c in sums}
    return bool(
        part_of(other, "rows")
        and entry["source"] == other["source"]  # one publisher does not revise another
        and (months & others)
        and set(entry["flows"]) & set(other["flows"])
        and set(entry["partners"]) & set(other["partners"])
    )


def read_blocks(store: Path, entry: dict) -> Iterator[pa.Table]:
    """Read what tells a file's rows apart, their values and status, a block at a time."""
    columns = [name for name in SCHEMA.names if name in (*KEY, "value", "status")]
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    texts = [column.name for column in schema if pa.types.is_dictionary(column.type)]
    with opened(store, entry, "rows", texts) as part:
        for batch in part.iter_batches(HELD, columns=columns):
            table = pa.Table.from_batches([batch]).select(columns)
            yield table.cast(schema).unify_dictionaries()


def _refuse_contradiction(moved: pd.DataFrame, name: str, other: str) -> None:
    months = sorted({f"{month:%Y-%m}" for month in moved["period"]})
    codes = sorted(set(moved["hs"]))
    raise InputError(
        f"{other} has other values for {count_of(len(moved), 'rows')}",
        where=name,
        got=f"months {_some(months)}; codes {_some(codes)}",
        hint="Import the earlier download first and the later one after it, as its revision.",
    )


def _some(items: list[str], most: int = 6) -> str:
    return ", ".join(items[:most]) + (", …" if len(items) > most else "")
