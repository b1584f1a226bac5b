"""Files into a store: all that were named, or none."""

from __future__ import annotations

import hashlib
import json
import secrets
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.errors import InputError, check_choice, count_of
from nktrade.sources import Source, TruncatedFileWarning, find_source
from nktrade.sources.months_in_names import month_in_name, years_in_name
from nktrade.store import manifest as ledger
from nktrade.store.both_flows import BothFlowsWarning, find_same_flows
from nktrade.store.checking import state_of
from nktrade.store.gathering import flow_of, gathered
from nktrade.store.lock import writing
from nktrade.table.rows import FLOWS

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan
    from nktrade.store.parts import Batch


class EarlierVersionWarning(UserWarning):
    """A store has files of an earlier version, which did not note what a file covers."""


class NamedOtherwiseWarning(UserWarning):
    """A file's name says other months than its rows."""


def import_files(
    store: str | Path,
    source: str,
    files: Sequence[str | Path],
    *,
    flow: str | Mapping[str, str] | None = None,
    allow_truncated: bool = False,
    downloaded: str | None = None,
    partial: bool | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Import files into a store, all of them or none.

    A file replaces what an earlier one says about its scope: the months, declarers, partners,
    flows, breakdowns, levels, editions and currencies it covers. Files of one call are parts of
    one download and do not replace each other.

    Parameters
    ----------
    store : path
        The store's folder; made if there is none.
    source : str
        Who published the files: one of `nktrade.sources.list_sources`. The totals of customs'
        monthly bulletins are kept apart from the rows of commodities: `load` never returns them,
        `nktrade.store.totals` does.
    files : sequence of paths
        A folder or zip archive stands for every file in it with one of the source's endings, in
        order of name; what else is there is set aside with a warning.
    flow : {"export", "import"} or dict, optional
        As the reporter declares it; customs downloads never say it themselves. A dict tells flows
        by patterns of names, ``{"import": "*in.csv", "export": "*out.csv"}``, or of folders,
        ``{"import": "import/*", "export": "export/*"}``.
    allow_truncated : bool
        Take files that the site cut off at its limit, with a warning, instead of refusing them.
    downloaded : str, optional
        The day the files were downloaded, as ``"2024-05-31"``. An older download that is imported
        later does not win. By default what a file tells itself, else now.
    partial : bool, optional
        True: the files are a part of their scope; they add and revise rows, and none is gone.
        False: they are whole, however much they lack. By default they are whole, and refused if
        they lack most of an earlier download's headings or partners.
    **options
        What else the source's `read` takes, as ``period="2023-06"``. For customs downloads
        ``period="name"`` takes the month of a file without months from its name.

    Returns
    -------
    pandas.DataFrame
        One row a file: file, state ("imported", "already
        there", or "mended" where its parts were damaged), rows, first, last (months as
        text), partners (count), repeated (rows an earlier file had just so), revised (rows whose
        value moved), gone (rows of earlier files that the import no longer has), sha256.

    Raises
    ------
    InputError
        For the first file that cannot be taken; the store is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> row = {"Date of data": "202301", "Trading partner code": "109"}
    >>> row |= {"Commodity code": "67042000", "US dollar": 100}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "2023.csv")
    ...     pd.DataFrame([row]).to_csv(file, index=False)
    ...     done = import_files(Path(folder, "store"), "gacc", [file], flow="import")
    >>> done[["file", "state", "rows"]].to_numpy().tolist()
    [['2023.csv', 'imported', 1]]
    """
    from nktrade.store.parts import Batch

    store, publisher = Path(store), find_source(source)
    day = None if downloaded is None else _read_day(downloaded)
    report = []
    with gathered(files, publisher) as paths, writing(store) as run:
        marks = {path: _mark(path) for path in paths}
        hashes = {path: _hash(path) for path in paths}
        earlier = ledger.read_manifest(store)["files"]
        known = {entry["sha256"]: entry for entry in earlier}
        entries = [*earlier]
        said = _tell_import({*hashes.values()}, {*known}, partial)
        batch = Batch(store, publisher, run, said)
        (mark,) = said["batches"]
        for path in paths:
            scan = publisher.open(path, flow_of(path, flow), **options)
            sha256 = _identify(hashes[path], scan, known)
            if sha256 in known:
                state = _meet_again(batch, path, scan, known[sha256], entries, mark)
            else:
                state = "imported"
                scan.downloaded = day or scan.downloaded
                fresh = len(entries) - len(earlier)
                known[sha256] = _stage(batch, path, scan, sha256, entries, fresh)
                _judge_truncated(known[sha256], scan, publisher, allow_truncated)
                _warn_named_otherwise(known[sha256])
                entries.append(known[sha256])
            _refuse_changed(path, marks[path], hashes[path])
            report.append((path.name, state, known[sha256]))
        new = entries[len(earlier) :]
        if new:
            _settle(batch, earlier, new, mark, partial)
        if new or any(state == "mended" for _, state, _ in report):
            ledger.write_manifest(store, entries)
    return pd.DataFrame(
        [_summary(entry) | {"file": name, "state": state} for name, state, entry in report]
    )


def _tell_import(files: set[str], known: set[str], partial: bool | None) -> dict[str, Any]:
    """Say what a rebuilt store must know of the files of one import, in each of its parts."""
    whole = {"files": len(files - known), "again": sorted(files & known)}
    return {"batches": [secrets.token_hex(8)], "partial": bool(partial), "import": whole}


def _meet_again(
    batch: Batch, path: Path, scan: Scan, entry: dict, entries: list[dict], mark: str
) -> str:
    """Take a file that is already there for a part of this import; mend it where it is damaged."""
    _refuse_other_declaration(entry, scan, path)
    entry["batches"] = [*entry.get("batches", []), mark]
    if _is_sound(batch.store, entry):
        return "already there"
    _mend(batch, path, scan, entry, entries)
    return "mended"


def _read_day(text: str) -> str:
    """Return the day of a download; one that has not come would win over every later download."""
    day = ledger.read_moment(text)
    if day > pd.Timestamp.now("UTC") + pd.Timedelta(days=1):  # it is tomorrow somewhere
        raise InputError(
            "the day of the download has not come yet",
            expected="as '2024-05-31', today at the latest",
            got=repr(text),
        )
    return f"{day:%Y-%m-%d}"


def _identify(sha256: str, scan: Scan, known: Mapping[str, dict]) -> str:
    """Return what tells a file from others: its hash; of headings alone what was said with it.

    Every silent month is the same to the byte.
    """
    entry = known.get(sha256)
    if entry is None or entry["rows"] or _is_told_alike(entry, scan):
        return sha256
    said = json.dumps(scan.declared, sort_keys=True)
    return hashlib.sha256(f"{sha256} {said}".encode()).hexdigest()


def _hash(path: Path) -> str:
    try:
        return ledger.hash_file(path)
    except OSError as error:
        raise InputError(
            "the file cannot be read", where=str(path), got=error.strerror or type(error).__name__
        ) from None


def _mark(path: Path) -> tuple[int, ...]:
    about = path.stat()
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def _refuse_changed(path: Path, mark: tuple[int, ...], sha256: str) -> None:
    """Refuse a file that is another than when it was hashed, before it was read."""
    if _mark(path) != mark and _hash(path) != sha256:
        raise InputError(
            "the file changed while it was read",
            where=path.name,
            expected="a file that nobody writes to",
            hint="Wait until its download is complete and import it again.",
        )


def _is_sound(store: Path, entry: dict) -> bool:
    return all(state_of(store, entry, part) == "good" for part in entry["parts"])


def _mend(batch: Batch, path: Path, scan: Scan, entry: dict, entries: list[dict]) -> None:
    """Write the damaged parts of a file that is already there anew, from the file itself.

    What later files took away of earlier ones cannot be read from it: a damaged list of rows gone
    is dropped.
    """
    at = next(i for i, other in enumerate(entries) if other is entry)
    kept = {name: entry[name] for name in ("imported", "downloaded", "batches", "partial")}
    fresh = _stage(
        replace(batch, said=batch.said | kept), path, scan, entry["sha256"], entries[:at], 0
    )
    for name in ("parts", "stamps"):
        held = {
            part: entry.get(name, {}).get(part)
            for part in entry["parts"]
            if ledger.kind_of(part) == "gone" and state_of(batch.store, entry, part) == "good"
        }
        fresh[name] |= {part: value for part, value in held.items() if value}
    entry |= {name: fresh[name] for name in ("parts", "stamps", "throughout") if name in fresh}


def _settle(
    batch: Batch, earlier: list[dict], fresh: list[dict], mark: str, partial: bool | None
) -> None:
    """Say what becomes of the rows there were: which are gone, which would be told twice."""
    from nktrade.store import scope
    from nktrade.store.withdrawn import mark_gone

    scope.refuse_months_to_come(fresh)
    rows = [entry for entry in fresh if ledger.part_of(entry, "rows")]
    if not rows:
        return
    again = [entry for entry in earlier if mark in entry.get("batches", ())]
    old = without_scope(earlier)
    if old:
        warnings.warn(
            f"an earlier version imported {', '.join(entry['name'] for entry in old[:4])}"
            f"{' and more' if len(old) > 4 else ''} and did not note what a file covers: later "
            "downloads revise such rows and take none away. Import every file into a new store.",
            EarlierVersionWarning,
            stacklevel=4,
        )
    scope.refuse_half_winters([*earlier, *rows])
    scope.refuse_mixed_frequencies([*earlier, *rows])
    mark_gone(batch, earlier, [*again, *rows], whole=partial is False)
    for entry in rows:
        _warn_both_flows(batch.store, entry, [*earlier, *fresh])


def without_scope(entries: Sequence[dict]) -> list[dict]:
    """Return the files of rows of which nobody noted what they cover: those of format 1."""
    return [entry for entry in entries if "scope" not in entry and ledger.part_of(entry, "rows")]


def _warn_named_otherwise(entry: dict) -> None:
    """Warn where none of a file's rows is of the month, or else of a year, that its name says."""
    first, last = entry["first"], entry["last"]
    if not first:
        return
    try:
        said = (
            [] if entry["layout"].get("frequency") == "yearly" else [month_in_name(entry["name"])]
        )
    except InputError:
        said = []
    if not said:
        said = sorted(years_in_name(entry["name"]))
    if said and not any(first[: len(text)] <= text <= last[: len(text)] for text in said):
        warnings.warn(
            f"{entry['name']}: the name says {', '.join(said)}, the rows are of {first} to {last}: "
            "is it the right file, and are its months right?",
            NamedOtherwiseWarning,
            stacklevel=4,
        )


def _warn_both_flows(store: Path, entry: dict, entries: list[dict]) -> None:
    """Warn where a month's trade is to the cent what is said of the other flow."""
    months: dict[tuple, list[str]] = {}
    for files, flows, month, *_ in find_same_flows(store, entry, entries):
        months.setdefault((files, flows), []).append(month)
    for ((_, *others), flows), found in months.items():
        what = f"sums of {others[0]}" if others else "sums of one flow in the other"
        warnings.warn(
            f"{entry['name']} ({', '.join(flows)}) has the very {what} in "
            f"{', '.join(dict.fromkeys(found[:6]))}: the same rows under both flows?",
            BothFlowsWarning,
            stacklevel=4,
        )


def parse_flows(texts: Sequence[str]) -> str | dict[str, str] | None:
    """Read the flow as a command line gives it: ``import``, or ``import=*in*.csv`` and so on.

    Examples
    --------
    >>> parse_flows(["import=*in.csv", "export=*out.csv"])
    {'import': '*in.csv', 'export': '*out.csv'}
    >>> parse_flows(["import"])
    'import'
    """
    pairs = [text.partition("=")[::2] for text in texts]
    for flow, _ in pairs:
        check_choice("flow", flow, FLOWS)
    if all(pattern for _, pattern in pairs):
        return dict(pairs) or None
    if len(pairs) > 1:
        raise InputError(
            "one flow for all files, or a pattern of file names for each",
            got=", ".join(texts),
            hint="As --flow 'import=*in*.csv' --flow 'export=*out*.csv'.",
        )
    return pairs[0][0]


def _stage(
    batch: Batch, path: Path, scan: Scan, sha256: str, entries: list[dict], fresh: int
) -> dict:
    if scan.totals is not None:
        from nktrade.store.bulletins import stage_totals

        return stage_totals(batch, path, scan, sha256, entries, fresh)
    from nktrade.store.parts import stage_file

    return stage_file(batch, path, scan, sha256, entries, fresh)


def _judge_truncated(entry: dict, scan: Scan, source: Source, allowed: bool) -> None:
    if not entry["truncated"]:
        return
    rows = count_of(source.row_limit or 0, "rows")
    limit = f"exactly {rows}, the most the site gives out: it was cut off"
    hint = "Download it in smaller parts (fewer months, codes or partners)"
    if not allowed:
        raise InputError(
            scan.cut or limit,
            where=entry["name"],
            hint=f"{hint}, or allow it (allow_truncated=True, --allow-truncated).",
        )
    message = f"{entry['name']}: {scan.cut or f'{limit}. {hint}.'}"
    warnings.warn(message, TruncatedFileWarning, stacklevel=3)


def _refuse_other_declaration(entry: dict, scan: Scan, path: Path) -> None:
    if not _is_told_alike(entry, scan):
        raise InputError(
            "this file was imported before with another declaration",
            where=path.name,
            expected=_said(entry["declared"]),
            got=_said(scan.declared),
            hint="If the earlier one was wrong, import into a new store.",
        )


def _is_told_alike(entry: dict, scan: Scan) -> bool:
    taken = entry["declared"]
    every = [name for name in scan.choosing if taken.get(name) is None]  # all its rows are there
    return taken == scan.declared | dict.fromkeys(every)


def _said(declared: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in declared.items() if value)


def count_gone(entry: dict) -> int:
    """Return how many rows of earlier files an import took away."""
    said = entry.get("gone", {})
    return sum(change["rows"] for month in said.values() for change in month.values())


def _summary(entry: dict) -> dict:
    moved = [change["rows"] for month in entry["revised"].values() for change in month.values()]
    return {
        "file": entry["name"],
        "state": "",
        "rows": entry["rows"],
        "first": entry["first"],
        "last": entry["last"],
        "partners": len(entry["partners"]),
        "repeated": entry["repeated"],
        "revised": sum(moved),
        "gone": count_gone(entry),
        "sha256": entry["sha256"],
    }
