"""A damaged store rebuilt from its own files, and what nobody names moved aside on request."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from nktrade.errors import DamageError, InputError, NktradeError
from nktrade.files.writing import move_aside
from nktrade.store import manifest as ledger
from nktrade.store.checking import read_frame, state_of, take_down
from nktrade.store.lock import locking

TRASH = "trash"
#: Names that only this library gives: parts of files, with and without the run that wrote them.
_PART = re.compile(r"[0-9a-f]{16}(-[0-9a-f]{8})?(\.(sold|names|totals|gone))?\.parquet")


def repair(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """Point a store to its latest manifest that is whole; where none is, make one of its parts.

    Nothing is removed: a new manifest is written beside the old ones. Without any whole manifest
    the parts' own notes are gathered, of imports whose every file is there; what was said of a file
    again in a later import that brought no new file is then lost.

    Returns
    -------
    pandas.DataFrame
        One row a file of the store: file, rows, imported (UTC), state ("good", or "damaged": then
        import the file again).

    Raises
    ------
    InputError
        If the folder is no store, or not one part of it can be read.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     repair(store)[["file", "state"]].to_numpy().tolist()
    [['first.csv', 'good'], ['later.csv', 'good'], ['bulletin.csv', 'good']]
    """
    store = Path(store)
    if not (store / ledger.ROWS).is_dir():
        raise InputError("there is no store here", where=str(store), hint="Name a store's folder.")
    with locking(store):
        entries, lost = _repair(store)
    rows = [_tell(entry, _is_sound(store, entry)) for entry in entries]
    rows += [_tell(entry, False) for entry in lost]
    return pd.DataFrame(rows, columns=["file", "rows", "imported", "state"])


def _tell(entry: dict, good: bool) -> dict:
    return {
        "file": entry["name"],
        "rows": entry["rows"],
        "imported": entry["imported"][:19],
        "state": "good" if good else "damaged",
    }


def _is_sound(store: Path, entry: dict) -> bool:
    return all(state_of(store, entry, part, again=True) == "good" for part in entry["parts"])


def _repair(store: Path) -> tuple[list[dict], list[dict]]:
    """Return the entries of the store, and those of files that are lost."""
    latest = _latest(store)
    try:
        used = ledger.read_manifest(store)
    except NktradeError:
        used = None
    if used is not None and (latest is None or used.get("number", 0) >= latest["number"]):
        return used["files"], []
    if latest is None:
        entries, lost = _gather(store)
        if not entries:
            raise InputError(
                "no part of the store says what it is",
                where=str(store),
                hint="Import its files again into a new store.",
            )
        return ledger.point_to_new(store, entries, None)["files"], lost
    link = {name: latest[name] for name in ("number", "sha256")}
    return ledger.point_to_new(store, latest["files"], link)["files"], []


def _latest(store: Path) -> dict | None:
    """Return the manifest of the highest number that is whole and names parts that are there."""
    for number in reversed(ledger.list_numbers(store)):
        try:
            manifest = ledger.read_numbered(store, number)
        except DamageError:
            continue
        if all((store / part).exists() for entry in manifest["files"] for part in entry["parts"]):
            return manifest
    return None


def _gather(store: Path) -> tuple[list[dict], list[dict]]:
    """Return the entries that the parts tell of themselves, in order of import, and those lost."""
    from nktrade.store.footers import read_note

    found: dict[tuple[str, str], dict] = {}
    for path in sorted((store / ledger.ROWS).glob("*.parquet")):
        note = read_note(path)
        if note is None:
            continue
        run = path.name.partition(".")[0].partition("-")[2]
        entry = found.setdefault((run, note["sha256"]), note | {"parts": {}, "stamps": {}})
        if "gone" in note:
            entry["gone"] = note["gone"]
        name = f"{ledger.ROWS}/{path.name}"
        entry["parts"][name], entry["stamps"][name] = take_down(path)
    runs = Counter(run for (run, _), entry in found.items() if _is_told(entry))
    kept: dict[str, dict] = {}
    lost: dict[str, dict] = {}
    for (run, sha256), entry in sorted(found.items(), key=lambda item: item[1]["imported"]):
        whole = _is_told(entry) and runs[run] >= entry["import"]["files"]
        if sha256 not in kept and whole and _is_as_told(store, entry):
            kept[sha256] = entry
        else:
            lost[sha256] = entry
    for entry in kept.values():
        for sha256 in entry["import"]["again"]:
            if sha256 in kept:  # named again in this import: parts of one download
                batches = kept[sha256].get("batches", [])
                kept[sha256]["batches"] = list(dict.fromkeys([*batches, *entry["batches"]]))
    return list(kept.values()), [entry for sha256, entry in lost.items() if sha256 not in kept]


def _is_told(entry: dict) -> bool:
    return ledger.part_of(entry, "rows") is not None or ledger.part_of(entry, "totals") is not None


def _is_as_told(store: Path, entry: dict) -> bool:
    """Say whether parts can be read whole and their rows are what the note says of them."""
    from nktrade.store.parts import compare_with_entry

    try:
        for part in entry["parts"]:
            if ledger.kind_of(part) not in ("rows", "sold"):
                read_frame(store, entry, ledger.kind_of(part))
        return not ledger.part_of(entry, "rows") or compare_with_entry(store, entry) == "good"
    except NktradeError:
        return False


def sweep(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """Move parts that no manifest names into a trash folder of the store: what killed runs left.

    Only what bears a name that this library gives is moved, and nothing is deleted.

    Returns
    -------
    pandas.DataFrame
        One row a part: part, bytes, moved_to.

    Raises
    ------
    InputError
        If there is no such store.
    DamageError
        If a manifest is damaged: repair the store first, for its parts may be named there.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     len(sweep(store))  # no killed run has left anything
    0
    """
    store = Path(store)
    ledger.read_manifest(store)
    moved = []
    with locking(store):
        named = {
            part
            for number in ledger.list_numbers(store)
            for entry in ledger.read_numbered(store, number)["files"]
            for part in entry["parts"]
        }
        named |= {part for entry in ledger.read_manifest(store)["files"] for part in entry["parts"]}
        trash = store / TRASH / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}"
        for path in sorted((store / ledger.ROWS).iterdir()):
            ours = _PART.fullmatch(path.name) and path.is_file() and not path.is_symlink()
            if ours and f"{ledger.ROWS}/{path.name}" not in named:
                size = path.stat().st_size
                move_aside(path, trash / path.name)
                place = f"{TRASH}/{trash.name}/{path.name}"
                moved.append(
                    {"part": f"{ledger.ROWS}/{path.name}", "bytes": size, "moved_to": place}
                )
    return pd.DataFrame(moved, columns=["part", "bytes", "moved_to"])
