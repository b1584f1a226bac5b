"""One file into one Parquet part of a store, with what the manifest says of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nktrade._arrow import SCHEMA, hash_keys, to_frame
from nktrade.errors import InputError
from nktrade.sources._scan import Scan
from nktrade.store.ledger import ROWS, hash_file, new_entry, part_of
from nktrade.trade import KEY

#: Rows sorted and written together; and the rows of one Parquet group, the least that is read.
CHUNK, GROUP = 1 << 19, 1 << 14


def stage_file(
    store: Path, path: Path, scan: Scan, source: str, sha256: str, files: list[dict], fresh: int
) -> dict:
    """Write one file's rows into `store` and return its manifest entry, not yet in the manifest.

    Parameters
    ----------
    files : list of dict
        Manifest entries of the files already there, oldest first.
    fresh : int
        How many of these, at the end, belong to the same import.

    Raises
    ------
    InputError
        If a row is there twice, or a file of the same import says something else about it.
    """
    part = f"{ROWS}/{sha256[:16]}.parquet"
    tally = _Tally()
    _write(store / part, tally.watch(scan.tables))
    keys = tally.keys()
    _refuse_repeats(keys, path.name, scan.first_row, lambda: _read_part(store / part))
    entry: dict[str, Any] = new_entry(path, scan, source, sha256) | {
        "rows": len(keys),
        "first": min(tally.sums)[0],
        "last": max(tally.sums)[0],
        "flows": sorted(tally.flows),
        "partners": sorted(tally.partners),
        "sums": _nest(tally.sums),
        "parts": {part: hash_file(store / part)},
    }
    if scan.names:
        entry["parts"].update(_write_names(store, sha256, scan.names))
    return entry | _compare(store, entry, keys, files, fresh)


class _Tally:
    """What passes by while rows are written: keys, sums, flows, partners."""

    def __init__(self) -> None:
        self.hashes: list[np.ndarray] = []
        self.sums: dict[tuple[str, str], float] = {}
        self.partners: set[str] = set()
        self.flows: set[str] = set()

    def watch(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        for table in tables:
            self.hashes.append(hash_keys(table))
            self.partners.update(_distinct(table["partner"]))
            self.flows.update(_distinct(table["flow"]))
            sums = table.group_by(["period", "currency"]).aggregate([("value", "sum")])
            for row in sums.to_pylist():
                key = (f"{row['period']:%Y-%m}", row["currency"])
                self.sums[key] = self.sums.get(key, 0.0) + (row["value_sum"] or 0.0)
            yield table

    def keys(self) -> np.ndarray:
        whole = np.concatenate(self.hashes)
        self.hashes.clear()  # eight bytes a row, which should not be held twice
        return whole


def _distinct(column: pa.ChunkedArray) -> list[str]:
    return pc.unique(column.cast(pa.string())).to_pylist()


def _nest(sums: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for (month, currency), value in sorted(sums.items()):
        nested.setdefault(month, {})[currency] = value
    return nested


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write rows sorted by partner in small groups, so that one partner is a few groups to read."""
    # Without Arrow's own schema in the file the columns are plain text to a reader, which can then
    # skip whole groups by the first and last partner that Parquet notes of each.
    with pq.ParquetWriter(path, SCHEMA, compression="zstd", store_schema=False) as writer:
        for chunk in _gather(tables):
            partner = chunk["partner"].combine_chunks()
            words = np.array(partner.dictionary.to_pylist(), dtype=object)
            rank = np.argsort(np.argsort(words))[partner.indices.to_numpy()]
            order = np.argsort(rank.astype("int16"), kind="stable")
            writer.write_table(chunk.take(pa.array(order)), row_group_size=GROUP)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _gather(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(piece.num_rows for piece in held) >= CHUNK:
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _write_names(store: Path, sha256: str, names: set[tuple[str, str, str]]) -> dict[str, str]:
    part = f"{ROWS}/{sha256[:16]}.names.parquet"
    frame = pd.DataFrame(sorted(names), columns=["hs", "name", "language"], dtype="str")
    frame.to_parquet(store / part, index=False)
    return {part: hash_file(store / part)}


def _refuse_repeats(
    keys: np.ndarray, name: str, first_row: int, read: Callable[[], pa.Table]
) -> None:
    ordered = np.sort(keys)
    for key in np.unique(ordered[1:][ordered[1:] == ordered[:-1]]):
        at = np.flatnonzero(keys == key)[:2]
        table = read()
        rows = to_frame(table.filter(pa.array(hash_keys(table) == key)))
        if rows.duplicated(list(KEY)).any():  # and not two rows alike only in their hash
            row = rows.iloc[0]
            raise InputError(
                "the same flow, commodity, place and month twice",
                where=f"{name}, rows {at[0] + first_row:,} and {at[1] + first_row:,}",
                expected="each row once",
                got=f"{row['hs']} of {row['period']:%Y-%m} with {row['partner']}",
                hint="Remove the repeated rows or download the table again.",
            )


def _compare(store: Path, entry: dict, keys: np.ndarray, files: list[dict], fresh: int) -> dict:
    """Say which rows earlier files already had, and by how much the values of the others moved."""
    repeated = 0
    revised: dict[str, dict] = {}
    for age, other in enumerate(reversed(files)):
        if not _may_overlap(entry, other):
            continue
        table = _part_table(store, other, entry)
        hashes = hash_keys(table)
        shared = np.isin(hashes, keys)
        if not shared.any():
            continue
        keys = np.setdiff1d(keys, hashes)  # older files say nothing new about these rows
        old = to_frame(table.filter(pa.array(shared)))
        new = to_frame(_part_table(store, entry, other))
        both = old.merge(new, on=list(KEY), suffixes=("_old", "_new"))
        moved = both[both["value_old"] != both["value_new"]]
        repeated += len(both) - len(moved)
        if len(moved) and age < fresh:
            _refuse_contradiction(moved, entry["name"], other["name"])
        for (month, currency), rows in moved.groupby(["period", "currency"]):
            change = revised.setdefault(f"{month:%Y-%m}", {}).setdefault(
                currency, {"rows": 0, "old": 0.0, "new": 0.0}
            )
            change["rows"] += len(rows)
            change["old"] += float(rows["value_old"].sum())
            change["new"] += float(rows["value_new"].sum())
    return {"repeated": repeated, "revised": revised}


def _may_overlap(entry: dict, other: dict) -> bool:
    months = {(month, c) for month, sums in entry["sums"].items() for c in sums}
    others = {(month, c) for month, sums in other["sums"].items() for c in sums}
    return bool(
        part_of(other, "rows")
        and entry["source"] == other["source"]  # one publisher does not revise another
        and months & others
        and set(entry["flows"]) & set(other["flows"])
        and set(entry["partners"]) & set(other["partners"])
    )


def _part_table(store: Path, entry: dict, other: dict) -> pa.Table:
    """Read the rows of `entry` in the months that `other` covers too."""
    part = str(part_of(entry, "rows"))
    months = [pd.Timestamp(month) for month in entry["sums"] if month in other["sums"]]
    return _read_part(store / part, [("period", "in", months)])


def _read_part(path: Path, filters: list | None = None) -> pa.Table:
    texts = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type)]
    return pq.read_table(path, filters=filters, read_dictionary=texts).cast(SCHEMA)


def _refuse_contradiction(moved: pd.DataFrame, name: str, other: str) -> None:
    months = sorted({f"{month:%Y-%m}" for month in moved["period"]})
    codes = sorted(set(moved["hs"]))
    raise InputError(
        f"{len(moved):,} rows have other values in {other}",
        where=name,
        got=f"months {_some(months)}; codes {_some(codes)}",
        hint="Import the earlier download first and the later one after it, as its revision.",
    )


def _some(items: list[str], most: int = 6) -> str:
    return ", ".join(items[:most]) + (", …" if len(items) > most else "")
