"""Rows that a later download of the same scope no longer has: found, listed, doubted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from nktrade.errors import InputError
from nktrade.sources import recall_source
from nktrade.store import manifest as ledger
from nktrade.store.comparing import read_blocks
from nktrade.store.footers import write_frame
from nktrade.store.parts import Batch
from nktrade.store.scope import live, replacing
from nktrade.store.sides import told_by_sellers
from nktrade.table.arrow import hash_keys
from nktrade.table.rows import KEY

COLUMNS = [*KEY, "value", "source"]
#: A download that lacks more than this share of an earlier one's headings (or partners, or
#: provinces) looks like a part of it. A revision withdraws lines, not most of the nomenclature.
DOUBTFUL = 0.5
_AXES = {"hs": "headings", "partner": "partners", "reporter": "reporters", "province": "provinces"}


def mark_gone(batch: Batch, earlier: Sequence[dict], fresh: Sequence[dict], whole: bool) -> None:
    """Find the rows that an import takes away, and write them beside the last file of it.

    Parameters
    ----------
    earlier, fresh : sequence of dict
        Manifest entries of the files already there, and of those of this import. The last of the
        second receives the part of the rows gone, and what the manifest says of them.
    whole : bool
        Whether the caller said that the files are whole: then nothing is doubted.

    Raises
    ------
    InputError
        If so much would go that the files are probably a part of a download.
    """
    store = batch.store
    before = ledger.in_order([entry for entry in earlier if ledger.part_of(entry, "rows")])
    known = {entry["sha256"] for entry in before}
    after = ledger.in_order([*before, *(e for e in fresh if e["sha256"] not in known)])
    found: list[pd.DataFrame] = []
    keys: np.ndarray | None = None
    for old in before:
        newer = [entry for entry in replacing(old, after) if any(entry is one for one in fresh)]
        if not newer:
            continue
        if keys is None:
            keys, kept = _read_fresh(store, fresh)
        settled = replacing(old, before)
        lost: dict[str, set] = {axis: set() for axis in _AXES}
        for table in read_blocks(store, old):
            within = live(old, settled, table) & ~live(old, newer, table)
            if not within.any():
                continue
            table = table.filter(pa.array(within))
            told = _as_compared(table, old)
            _collect(told, lost)
            gone = ~np.isin(hash_keys(told), keys)
            if gone.any():
                rows = table.filter(pa.array(gone)).to_pandas()
                found.append(rows.assign(source=old["name"]))
        if not whole:
            _refuse_part(lost, kept, old, newer[-1])
    if not found:
        return
    rows = pd.concat(found, ignore_index=True).drop_duplicates(list(KEY), keep="last")
    last = fresh[-1]
    last["gone"] = _summarise(rows)
    text = [column for column in COLUMNS if column not in ("period", "value")]
    place = batch.place(last["sha256"], "gone")
    write_frame(place, rows[COLUMNS].astype(dict.fromkeys(text, "str")), last)
    noted = batch.finish({}, place)
    last["parts"] |= noted["parts"]
    last["stamps"] |= noted["stamps"]


def _read_fresh(store: Path, fresh: Sequence[dict]) -> tuple[np.ndarray, dict[str, set]]:
    """Return the keys of the rows that an import brings, and the members of its axes."""
    keys = [np.zeros(0, "uint64")]
    kept: dict[str, set] = {axis: set() for axis in _AXES}
    for entry in fresh:
        for table in read_blocks(store, entry):
            told = _as_compared(table, entry)
            keys.append(hash_keys(told))
            _collect(told, kept)
    return np.concatenate(keys), kept


def _as_compared(table: pa.Table, entry: dict) -> pa.Table:
    """Return rows as the next download may have them: those told from either side, from one."""
    return told_by_sellers(table) if recall_source(entry["source"]).reconciled else table


def _collect(table: pa.Table, into: dict[str, set]) -> None:
    for axis, members in into.items():
        found = table[axis].unique().to_pylist()
        members.update(word[:4] if axis == "hs" else word for word in found if word)


def _refuse_part(lost: dict[str, set], kept: dict[str, set], old: dict, new: dict) -> None:
    for axis, noun in _AXES.items():
        missing = lost[axis] - kept[axis]
        if len(missing) > DOUBTFUL * len(lost[axis]):
            raise InputError(
                f"the file lacks {len(missing)} of {len(lost[axis])} {noun} that an earlier "
                "download has of the same months, and may be only a part of it",
                where=new["name"],
                expected=f"{noun} as in {old['name']}",
                got=f"without {', '.join(sorted(missing)[:6])}",
                hint="Say partial=True (--partial) if it is a part, which then adds to the "
                "earlier rows; partial=False (--whole) if those rows are withdrawn; and import "
                "the parts of one download in one command.",
            )


def _summarise(gone: pd.DataFrame) -> dict:
    """Return what a manifest says of rows that are gone: by month and currency, rows and value."""
    said: dict[str, dict] = {}
    for (month, currency), rows in gone.groupby(["period", "currency"], observed=True):
        change = {"rows": len(rows), "value": float(rows["value"].sum())}
        said.setdefault(f"{month:%Y-%m}", {})[str(currency)] = change
    return said
