"""One file into one Parquet part of a store, with what the manifest says of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nktrade.errors import InputError
from nktrade.files.writing import force
from nktrade.sources import Source
from nktrade.sources._stream import Scan
from nktrade.store.checking import take_down
from nktrade.store.comparing import compare_with_earlier, read_blocks
from nktrade.store.footers import add_note, write_frame
from nktrade.store.manifest import ROWS, name_part, new_entry
from nktrade.store.scope import Members
from nktrade.store.sides import turn_to_seller
from nktrade.store.throughout import Throughout
from nktrade.table.arrow import (
    SCHEMA,
    check_block,
    find_doubled,
    hash_keys,
    join,
    list_words,
    one_chunk,
    reorder,
    to_frame,
)
from nktrade.table.rows import KEY, REQUIRED

#: Rows sorted and written together; and the rows of one Parquet group, the least that is read.
CHUNK, GROUP = 13 << 16, 1 << 15
#: Columns of which each group notes the least and the greatest: what `load` can skip groups by.
NOTED = ["partner", "period"]

#: As `SCHEMA`, but what every row has is so declared: Parquet then notes no missing values.
_FULL = {*REQUIRED, "status"} - {"value"}
_PART = pa.schema([f.with_nullable(f.name not in _FULL) for f in SCHEMA])


@dataclass(frozen=True)
class Batch:
    """What the files of one import share.

    Attributes
    ----------
    store : Path
    source : Source
    run : str
        The name of this run, which its parts bear.
    said : dict
        What goes into every entry: the batch, and whether the caller called the files partial.
    """

    store: Path
    source: Source
    run: str
    said: dict = field(default_factory=dict)

    def place(self, sha256: str, kind: str = "rows") -> Path:
        """Return where a part of a file is written."""
        return self.store / name_part(sha256, self.run, kind)

    def finish(self, entry: dict, *places: Path) -> dict:
        """Return an entry with the names, hashes, sizes and times of its parts."""
        taken = {f"{ROWS}/{place.name}": take_down(place) for place in places}
        return entry | {
            "parts": {name: sha256 for name, (sha256, _) in taken.items()},
            "stamps": {name: stamp for name, (_, stamp) in taken.items()},
        }


def stage_file(
    batch: Batch, path: Path, scan: Scan, sha256: str, files: list[dict], fresh: int
) -> dict:
    """Write one file's rows into a store and return its manifest entry, not yet in the manifest.

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
    places = [batch.place(sha256, kind) for kind in ("rows", "sold")[: 1 + scan.both_ways]]
    tally = _Tally(compares=bool(files))
    slim = pa.schema([column for column in _PART if column.name not in scan.fixed])
    with ExitStack() as stack:
        writers = [
            stack.enter_context(_writer(place, schema))
            for place, schema in zip(places, (_PART, slim), strict=False)
        ]
        _pass(writers, scan.tables, partial(_take, path.name, scan, tally))
        keys, values = tally.columns()
        if not len(keys) and not scan.silent:
            hint = "Is the partner in the file?"
            raise InputError("no row is wanted", where=path.name, hint=hint)
        doubled = find_doubled(keys[: 0 if scan.once else len(keys)])
        if len(doubled):
            writers[0].close()
            _refuse_repeats(keys, doubled, path.name, scan.row_number, _read_part(places[0]))
        scope = tally.members.scope(scan.every) if len(keys) else scan.silent | {"every": []}
        entry: dict[str, Any] = new_entry(path, scan, batch.source.name, sha256) | {
            "rows": len(keys),
            "first": scope["period"][-1 if tally.members.combined else 0],
            "last": scope["period"][-1],
            "flows": scope["flow"],
            "partners": scope["partner"],
            "sums": _nest(tally.sums),
            "scope": scope,
            "throughout": tally.throughout.told,
            "combined": tally.members.combined,
            "truncated": bool(scan.cut) or (scan.seen or len(keys)) == batch.source.row_limit,
        }
        entry |= batch.said
        entry["partial"] = bool(entry.get("partial")) or entry["truncated"]
        entry |= compare_with_earlier(batch.store, entry, keys, values, files, fresh)
        for writer in writers:
            if writer.is_open:
                add_note(writer, entry)
    for place in places:
        force(place)
    if scan.names:
        places.append(batch.place(sha256, "names"))
        frame = pd.DataFrame(sorted(scan.names), columns=["hs", "name", "language"], dtype="str")
        write_frame(places[-1], frame, entry)
    return batch.finish(entry, *places)


class _Tally:
    """What passes by while rows are written: keys, values, sums, members of the scope."""

    def __init__(self, compares: bool) -> None:
        self.compares = compares  # with earlier files: only then are values held
        # Grown in place: eight bytes a row each, which should not be held twice.
        self.hashes, self.values = bytearray(), bytearray()
        self.sums: dict[tuple[str, str], float] = {}
        self.members, self.throughout = Members(), Throughout()

    def add(self, table: pa.Table) -> None:
        self.hashes += hash_keys(table).data
        if self.compares:
            self.values += table["value"].to_numpy().data
        self.members.add(table)
        for month, currency, value in _sums(table):
            key = (f"{month:%Y-%m}", currency)
            self.sums[key] = self.sums.get(key, 0.0) + (value or 0.0)

    @property
    def rows(self) -> int:
        """How many have passed so far."""
        return len(self.hashes) // 8

    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the hash of each row's key and its value, in the order of the file."""
        return np.frombuffer(self.hashes, "uint64"), np.frombuffer(self.values, "float64")


def _sums(table: pa.Table) -> Iterator[tuple[datetime, str, float | None]]:
    """Yield each month and currency of a block with its value; a block mostly has one of each."""
    span = pc.min_max(table["period"]).as_py()
    currencies = [str(word) for word in list_words(table["currency"])]
    if span["min"] == span["max"] and len(currencies) == 1:
        yield span["min"], currencies[0], pc.sum(table["value"]).as_py()
        return
    sums = table.group_by(["period", "currency"]).aggregate([("value", "sum")])
    for row in sums.to_pylist():
        yield row["period"], row["currency"], row["value_sum"]


def _nest(sums: dict[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for (month, currency), value in sorted(sums.items()):
        nested.setdefault(month, {})[currency] = value
    return nested


def _writer(place: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # Without Arrow's own schema in the file the columns are plain text to a reader, which can then
    # skip whole groups by the first and last partner that Parquet notes of each.
    texts = [column.name for column in schema if pa.types.is_dictionary(column.type)]
    return pq.ParquetWriter(
        place,
        schema,
        compression="lz4",
        use_dictionary=texts,
        use_byte_stream_split=[column.name for column in schema if column.type == pa.float64()],
        write_batch_size=GROUP,
        write_statistics=NOTED,
        store_schema=False,
        write_page_checksum=True,
    )


def _take(name: str, scan: Scan, tally: _Tally, table: pa.Table) -> None:
    """Take a block in: checked as any source's, then counted."""
    before = tally.rows
    check_block(table, name, lambda at: scan.row_number(before + at))
    tally.add(table)
    tally.throughout.add(table)


def _pass(
    writers: list[pq.ParquetWriter], tables: Iterator[pa.Table], take: Callable[[pa.Table], None]
) -> None:
    """Write rows sorted by partner in small groups, so that one partner is a few groups to read.

    Rows that tell both sides' trade once are written to a second part, turned to the seller, so
    that a country's sales are as few groups as its purchases; it lacks what every row says.
    """
    under_way: list[Future] = []
    with ThreadPoolExecutor(len(writers) + 1) as beside:
        for held in _gather(tables):
            for step in under_way:
                step.result()
            under_way = _start(beside, writers, take, held)
        for step in under_way:
            step.result()


def _start(
    beside: ThreadPoolExecutor,
    writers: list[pq.ParquetWriter],
    take: Callable[[pa.Table], None],
    held: list[pa.Table],
) -> list[Future]:
    """Sort, write and count rows, while the next are read."""
    chunk = join(held)
    held.clear()
    both = zip(writers, (chunk, turn_to_seller(chunk)), strict=False)
    written = [beside.submit(_put_sorted, writer, told) for writer, told in both]
    return [*written, beside.submit(take, chunk)]


def _put_sorted(writer: pq.ParquetWriter, chunk: pa.Table) -> None:
    chunk = chunk.select(writer.schema.names)
    partner = one_chunk(chunk["partner"])
    ranks = pc.rank(partner.dictionary).to_numpy().astype("uint16").take(partner.indices.to_numpy())
    starts = np.flatnonzero(np.append(True, ranks[1:] != ranks[:-1]))
    if len(starts) <= len(partner.dictionary):  # a partner's rows stand together in the file
        ends = np.append(starts[1:], len(ranks))
        runs = sorted(zip(ranks[starts], starts, ends, strict=True))
        chunk = pa.concat_tables([chunk.slice(start, end - start) for _, start, end in runs])
    else:
        chunk = reorder(chunk, np.argsort(ranks, kind="stable"))
    writer.write_table(pa.table(chunk.columns, schema=writer.schema), row_group_size=GROUP)


def _gather(tables: Iterator[pa.Table]) -> Iterator[list[pa.Table]]:
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(piece.num_rows for piece in held) >= CHUNK:
            yield held
            held = []
    if held:
        yield held


def _refuse_repeats(
    keys: np.ndarray,
    doubled: np.ndarray,
    name: str,
    number: Callable[[int], int],
    table: pa.Table,
) -> None:
    for key in doubled:
        first, second = (number(int(at)) for at in np.flatnonzero(keys == key)[:2])
        rows = to_frame(table.filter(pa.array(hash_keys(table) == key)))
        if rows.duplicated(list(KEY)).any():  # and not two rows alike only in their hash
            row = rows.iloc[0]
            raise InputError(
                "the same flow, commodity, place and month twice",
                where=f"{name}, rows {first:,} and {second:,}",
                expected="each row once",
                got=f"{row['hs']} of {row['period']:%Y-%m} with {row['partner']}",
                hint="Remove the repeated rows or download the table again.",
            )


def compare_with_entry(store: Path, entry: dict) -> str:
    """Work out number, months, partners and sums of a file's rows again; "good" or what differs."""
    tally = _Tally(compares=False)
    rows = 0
    for table in read_blocks(store, entry):
        tally.add(table)
        rows += table.num_rows
    if rows != entry["rows"]:
        return "differs: rows"
    if not rows:
        return "good"
    sums = _nest(tally.sums)
    if sums.keys() != entry["sums"].keys():
        return "differs: months"
    if tally.members.scope()["partner"] != entry["partners"]:
        return "differs: partners"
    for month, said in entry["sums"].items():  # added in another order: equal but for rounding
        same = said.keys() == sums[month].keys() and all(
            math.isclose(value, sums[month][money], rel_tol=1e-9, abs_tol=0.01)
            for money, value in said.items()
        )
        if not same:
            return f"differs: sums of {month}"
    return "good"


def _read_part(path: Path) -> pa.Table:
    texts = [column.name for column in SCHEMA if pa.types.is_dictionary(column.type)]
    return pq.read_table(path, read_dictionary=texts).cast(SCHEMA)
