"""A store's manifests: what it holds, numbered, each with its own checksum and that of the last.

``manifest.json`` only points: it says the number and the checksum of the manifest that counts, in
``manifests/``. Parquet parts are written first and never touched again, then a new manifest beside
the old ones, and the pointer is replaced last and at once. So whoever is killed at any moment
leaves the store as before or as after, a reader needs no lock, and nothing that a store ever said
is overwritten.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade._version import __version__
from nktrade.errors import DamageError, InputError
from nktrade.files.parsing import load_json
from nktrade.files.writing import force, replace_text

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

DEFAULT_STORE = "nktrade-store"
MANIFEST, MANIFESTS = "manifest.json", "manifests"
ROWS = "rows"
#: Format 1 knew no scopes: its files add to each other and revise each other row by row. Until
#: format 3 the manifest was one file, replaced each time, without a checksum.
FORMAT, READ = 3, (1, 2, 3)

_REPAIR = "Rebuild it from the store's own files with: nktrade data repair --store "


def read_manifest(store: Path) -> dict:
    """Return the manifest that counts, or refuse a folder that is no store.

    Raises
    ------
    InputError
        If there is no store, or one of another format.
    DamageError
        If the pointer or the manifest it names is not as it was written.
    """
    pointer = _read_pointer(store)
    if pointer["format"] < FORMAT:
        return pointer
    manifest = read_numbered(store, pointer["number"])
    if manifest["sha256"] != pointer["sha256"]:
        raise DamageError(
            "the store's manifest is not the one that its pointer names",
            where=str(store / MANIFEST),
            expected=f"checksum {pointer['sha256'][:16]}",
            got=str(manifest["sha256"][:16]),
            hint=_REPAIR + str(store),
        )
    return manifest


def _read_pointer(store: Path) -> dict:
    path = store / MANIFEST
    try:
        text = _read_text(path, store)
    except FileNotFoundError:
        if list_numbers(store):
            raise DamageError(
                "the store has lost its pointer",
                where=str(path),
                expected="a file that names the manifest in use",
                hint=_REPAIR + str(store),
            ) from None
        raise InputError(
            "there is no store here",
            where=str(store),
            hint="Make one with: nktrade data import gacc FILE… --flow import",
        ) from None
    pointer = _parse(text)
    if pointer is None:
        raise _unreadable(path, store)
    kind = pointer.get("format")
    if type(kind) is not int or kind not in READ:
        raise InputError(
            "the store is of another format",
            where=str(store),
            expected=f"format {FORMAT}",
            hint="Import the files again into a new store.",
        )
    wanted: dict[str, type] = {"files": list} if kind < FORMAT else {"number": int, "sha256": str}
    if not all(type(pointer.get(name)) is is_ for name, is_ in wanted.items()):
        raise _unreadable(path, store)
    return pointer


def read_numbered(store: Path, number: int) -> dict:
    """Return one of the numbered manifests, once its own checksum is found right."""
    path = _numbered(store, number)
    try:
        manifest = _parse(_read_text(path, store))
    except FileNotFoundError:
        raise DamageError(
            "a manifest of the store is missing", where=str(path), hint=_REPAIR + str(store)
        ) from None
    if manifest is None or manifest.get("sha256") != seal(manifest):
        raise _unreadable(path, store)
    return manifest


def _read_text(path: Path, store: Path) -> str:
    """Return a manifest's text; that it is not there is for the caller to tell."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except NotADirectoryError:
        raise InputError(
            "a store is a folder, and this is a file",
            where=str(store),
            hint="Import it into a store: nktrade data import SOURCE FILE… --store FOLDER",
        ) from None
    except UnicodeDecodeError:
        raise _unreadable(path, store) from None
    except OSError as error:
        raise InputError(
            "the store's manifest cannot be read",
            where=str(path),
            got=error.strerror or type(error).__name__,
        ) from None


def _unreadable(path: Path, store: Path) -> DamageError:
    return DamageError(
        "the store's manifest cannot be read as it was written",
        where=str(path),
        expected="the bytes that its checksum was made of",
        got="a damaged or edited file",
        hint=_REPAIR + str(store),
    )


def _parse(text: str) -> dict | None:
    try:
        content = load_json(text, "the manifest", "")
    except InputError:
        return None
    return content if isinstance(content, dict) else None


def seal(manifest: dict) -> str:
    """Return the checksum of a manifest: of its content but the checksum, in one fixed spelling."""
    content = {name: value for name, value in manifest.items() if name != "sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _numbered(store: Path, number: int) -> Path:
    return store / MANIFESTS / f"{number:06d}.json"


def list_numbers(store: Path) -> list[int]:
    """Return the numbers of the manifests that lie in a store, readable or not, in order."""
    found = (path.stem for path in (store / MANIFESTS).glob("*.json"))
    return sorted(int(stem) for stem in found if stem.isdecimal() and stem.isascii())


def follow_chain(store: Path, manifest: dict) -> Iterator[dict]:
    """Yield the manifests before one, latest first, as far back as each bears the noted checksum.

    Raises
    ------
    DamageError
        For the first that is damaged, missing or another.
    """
    while manifest.get("previous"):
        before = read_numbered(store, manifest["previous"]["number"])
        if before["sha256"] != manifest["previous"]["sha256"]:
            raise _unreadable(_numbered(store, before["number"]), store)
        yield before
        manifest = before


def write_manifest(store: Path, entries: Sequence[dict]) -> dict:
    """Write a new manifest and point to it, after the parts that it names; the old ones stay."""
    previous = read_manifest(store) if (store / MANIFEST).exists() else {}
    link = {name: previous[name] for name in ("number", "sha256") if name in previous}
    return point_to_new(store, entries, link if len(link) == 2 else None)


def point_to_new(store: Path, entries: Sequence[dict], previous: dict | None) -> dict:
    """As `write_manifest`, with the number and checksum of the manifest that goes before."""
    number = max(list_numbers(store), default=-1) + 1
    manifest: dict[str, Any] = {"format": FORMAT, "number": number, "previous": previous}
    manifest["files"] = list(entries)
    manifest["sha256"] = seal(manifest)
    if (store / ROWS).is_dir():
        force(store / ROWS)
    (store / MANIFESTS).mkdir(exist_ok=True)
    replace_text(_numbered(store, number), _spell(manifest))
    pointer = {"format": FORMAT, "number": number, "sha256": manifest["sha256"]}
    replace_text(store / MANIFEST, _spell(pointer))
    return manifest


def _spell(content: dict) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_entries(store: Path, as_of: str | None = None) -> list[dict]:
    """Return the files of a store, oldest import first.

    `as_of` leaves out what was downloaded after that day; where the day of downloading is not
    known, what was imported after it.
    """
    entries = read_manifest(store)["files"]
    if as_of is None:
        return entries
    moment = read_moment(as_of)
    if len(as_of.strip()) <= 10:
        moment += pd.Timedelta(days=1)
    kept = [entry for entry in entries if _moment(entry) < moment]
    if not kept:
        first = min(f"{_moment(entry):%Y-%m-%d}" for entry in entries) if entries else "never"
        raise InputError(
            f"nothing was imported by {as_of}", where=str(store), got=f"first import {first}"
        )
    return kept


def read_moment(text: str) -> pd.Timestamp:
    """Read a day or moment that is said of a download, in UTC where it says no zone.

    The year comes first: 05.06.2024 is a day of May to some and of June to others.

    Raises
    ------
    InputError
        If it cannot be read, or is of no year in which trade was recorded by these codes.
    """
    try:
        moment = pd.Timestamp(text)
        known = 1988 <= moment.year < 2100  # never so of what is no moment
        known &= not isinstance(text, str) or bool(re.match(r"\s*[12][0-9]{3}", text))
    except (ValueError, OverflowError, TypeError):
        known = False
    if not known:
        raise InputError(f"the day {text!r} cannot be read", expected="as '2024-05-31'")
    return moment.tz_localize("UTC") if moment.tz is None else moment


def is_yearly(entry: dict) -> bool:
    """Say whether a file, of a source that has both, holds years."""
    return entry["layout"].get("frequency") == "yearly"


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
    found = [part for part in entry["parts"] if kind_of(part) == kind]
    return found[0] if found else None


def read_holding(store: Path, kind: str, as_of: str | None = None) -> list[dict]:
    """Return the files of a store that hold "rows", "names" or "totals", oldest import first."""
    return [entry for entry in read_entries(store, as_of) if part_of(entry, kind)]


def kind_of(part: str) -> str:
    """Return what a part holds, by its name: "rows", "sold", "names", "totals" or "gone".

    Examples
    --------
    >>> kind_of("rows/00ff-ab12.parquet"), kind_of("rows/00ff-ab12.names.parquet")
    ('rows', 'names')
    """
    kind = part.removesuffix(".parquet").partition(".")[2]
    return kind or "rows"


def name_part(sha256: str, run: str, kind: str = "rows") -> str:
    """Return the name of a new part: of its file, of the run that writes it, and what it holds.

    Two runs never write one name, so that nothing there is ever written over.
    """
    ending = "" if kind == "rows" else f".{kind}"
    return f"{ROWS}/{sha256[:16]}-{run}{ending}.parquet"


def hash_file(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
