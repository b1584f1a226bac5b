"""A store's manifest: the one file that says what the store holds.

Parquet parts are written first and never touched again; the manifest is replaced last and at once.
So whoever is killed at any moment leaves the store as before or as after, and a reader needs no
lock. Parts that no manifest names are leftovers and are removed by the next import.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade._version import __version__
from nktrade.errors import InputError
from nktrade.writing import LEFTOVERS, force, replace_text

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

DEFAULT_STORE = "nktrade-store"
MANIFEST = "manifest.json"
ROWS = "rows"
#: Format 1 knew no scopes: its files add to each other and revise each other row by row.
FORMAT, READ = 2, (1, 2)


def read_manifest(store: Path) -> dict:
    """Return a store's manifest, or refuse a folder that is no store."""
    try:
        manifest = json.loads((store / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            "there is no store here",
            where=str(store),
            hint="Make one with: nktrade data import gacc FILE… --flow import",
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError, NotADirectoryError) as error:
        raise InputError("the store's manifest cannot be read", where=str(store)) from error
    if not isinstance(manifest, dict) or manifest.get("format") not in READ:
        raise InputError(
            "the store is of another format",
            where=str(store),
            expected=f"format {FORMAT}",
            hint="Import the files again into a new store.",
        )
    return manifest


def read_or_begin(store: Path) -> dict:
    """Return a store's manifest, an empty one where there is no store yet."""
    if (store / MANIFEST).exists():
        return read_manifest(store)
    return {"format": FORMAT, "files": []}


def read_entries(store: Path, as_of: str | None = None) -> list[dict]:
    """Return the files of a store, oldest import first.

    `as_of` leaves out what was downloaded after that day; where the day of downloading is not
    known, what was imported after it.
    """
    entries = read_manifest(store)["files"]
    if as_of is None:
        return entries
    try:
        moment = pd.Timestamp(as_of)
    except ValueError:
        raise InputError(f"the day {as_of!r} cannot be read", expected="as '2024-05-31'") from None
    if len(as_of.strip()) <= 10:
        moment += pd.Timedelta(days=1)
    moment = moment.tz_localize("UTC") if moment.tz is None else moment
    kept = [entry for entry in entries if _moment(entry) < moment]
    if not kept:
        first = min(f"{_moment(entry):%Y-%m-%d}" for entry in entries) if entries else "never"
        raise InputError(
            f"nothing was imported by {as_of}", where=str(store), got=f"first import {first}"
        )
    return kept


def vintage(entry: dict) -> str:
    """Return when a file was downloaded; where nobody said so, when it was imported."""
    return entry.get("downloaded") or entry["imported"]


def in_order(entries: Sequence[dict]) -> list[dict]:
    """Return files in the order in which they count, the last word last."""
    return sorted(entries, key=vintage)  # stable: at the same moment the later import counts


def _moment(entry: dict) -> pd.Timestamp:
    moment = pd.Timestamp(vintage(entry))
    return moment.tz_localize("UTC") if moment.tz is None else moment


def new_entry(path: Path, scan: Scan, source: str, sha256: str) -> dict:
    """Begin the manifest's entry of a file: what it is, what was said of it, when and by whom."""
    return {
        "name": path.name,
        "sha256": sha256,
        "source": source,
        "layout": scan.layout,
        "declared": scan.declared,
        "downloaded": scan.downloaded or None,
        "imported": dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
        "nktrade": __version__,
    }


def part_of(entry: dict, kind: str) -> str | None:
    """Return the part of a file that holds "rows", "names" or "totals"; None if it has none."""
    found = [part for part in entry["parts"] if _kind(part) == kind]
    return found[0] if found else None


def read_holding(store: Path, kind: str, as_of: str | None = None) -> list[dict]:
    """Return the files of a store that hold "rows", "names" or "totals", oldest import first."""
    return [entry for entry in read_entries(store, as_of) if part_of(entry, kind)]


def _kind(part: str) -> str:
    kind = part.removesuffix(".parquet").partition(".")[2]
    return kind or "rows"


def write_manifest(store: Path, manifest: dict) -> None:
    """Replace the manifest in one step, after the parts that it names."""
    force(store / ROWS)
    replace_text(store / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def locked(store: Path) -> Iterator[None]:
    """Let one importer at a time into a store; leave no folder behind if nothing was imported."""
    from filelock import FileLock

    try:
        store.mkdir(parents=True, exist_ok=True)
        lock = FileLock(store / ".lock")
        lock.acquire()
    except OSError as error:
        raise InputError(
            "the store cannot be written", where=str(store), got=error.strerror or str(error)
        ) from None
    try:
        (store / ROWS).mkdir(parents=True, exist_ok=True)
        yield
    finally:
        with contextlib.suppress(InputError):  # an unreadable manifest: nothing may be removed
            remove_leftovers(store)
        empty = not (store / MANIFEST).exists()
        if empty:
            with contextlib.suppress(OSError):
                (store / ROWS).rmdir()
                (store / ".lock").unlink(missing_ok=True)
        lock.release()
        if empty:
            with contextlib.suppress(OSError):
                store.rmdir()


def remove_leftovers(store: Path) -> None:
    """Remove parts that the manifest does not name: an import that was refused or killed."""
    kept = {part for entry in read_or_begin(store)["files"] for part in entry["parts"]}
    for path in store.glob(LEFTOVERS):
        path.unlink()
    for path in (store / ROWS).glob("*"):
        if f"{ROWS}/{path.name}" not in kept:
            path.unlink()


def hash_file(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
