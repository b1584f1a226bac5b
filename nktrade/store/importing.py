"""Files into a store: all that were named, or none."""

from __future__ import annotations

import fnmatch
import importlib
import inspect
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.errors import InputError, did_you_mean
from nktrade.store import manifest as ledger
from nktrade.table.rows import FLOWS

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

SOURCES = ("gacc", "bulletin", "comtrade", "baci")


def import_files(
    store: str | Path,
    source: str,
    files: Sequence[str | Path],
    *,
    flow: str | Mapping[str, str] | None = None,
    allow_truncated: bool = False,
    **options: Any,
) -> pd.DataFrame:
    """Import files into a store, all of them or none.

    Parameters
    ----------
    store : path
        The store's folder; made if there is none.
    source : {"gacc", "bulletin", "comtrade", "baci"}
        Who published the files. The totals of customs' monthly bulletins are kept apart from the
        rows of commodities: `load` never returns them, `nktrade.store.totals` does.
    files : sequence of paths
        A folder stands for every CSV file under it, in order of name; for Comtrade also for the
        JSON and .gz files, for bulletins for workbooks and pages.
    flow : {"export", "import"} or dict, optional
        As the reporter declares it; customs downloads never say it themselves. A dict tells flows
        by patterns of file names: ``{"import": "*in.csv", "export": "*out.csv"}``.
    allow_truncated : bool
        Take files that the site cut off at its limit, with a warning, instead of refusing them.
    **options
        What else the source's `read` takes, as ``period="2023-06"``. For customs downloads
        ``period="name"`` takes the month of a file without months from its name.

    Returns
    -------
    pandas.DataFrame
        One row a file: file, state ("imported" or "already there"), rows, first, last (months as
        text), partners (count), repeated (rows an earlier file had just so), revised (rows whose
        value moved), sha256.

    Raises
    ------
    InputError
        For the first file that cannot be taken; the store is then as it was.
    """
    store, module = Path(store), _source(source)
    paths = list_files(files, getattr(module, "ENDINGS", (".csv",)))
    report = []
    with ledger.locked(store):
        manifest = ledger.read_or_begin(store)
        known = {entry["sha256"]: entry for entry in manifest["files"]}
        entries = list(manifest["files"])
        for path in paths:
            scan = _open(module, source, path, flow_of(path, flow), options)
            sha256 = ledger.hash_file(path)
            state = "already there" if sha256 in known else "imported"
            if sha256 in known:
                _refuse_other_declaration(known[sha256], scan, path)
            else:
                fresh = len(entries) - len(manifest["files"])
                entry = _stage(store, path, scan, source, sha256, entries, fresh)
                _judge_truncated(entry, scan, allow_truncated)
                known[sha256] = entry
                entries.append(entry)
            report.append(_summary(known[sha256]) | {"file": path.name, "state": state})
        if len(entries) > len(manifest["files"]):
            ledger.write_manifest(store, manifest | {"files": entries})
    return pd.DataFrame(report)


def list_files(files: Sequence[str | Path], endings: Sequence[str] = (".csv",)) -> list[Path]:
    """Return the files named, folders replaced by the files under them with such an ending."""
    listed: list[Path] = []
    for path in map(Path, files):
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in endings)
        if path.is_dir() and not inside:
            kinds = " or ".join(ending.strip(".").upper() for ending in endings)
            raise InputError(f"the folder has no {kinds} file", where=str(path))
        listed += inside if path.is_dir() else [path]
    if not listed:
        raise InputError("no file was named", hint="Name the files to import.")
    return listed


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
        if flow not in FLOWS:
            raise InputError(f"unknown flow {flow!r}", hint=did_you_mean(flow, FLOWS))
    if all(pattern for _, pattern in pairs):
        return dict(pairs) or None
    if len(pairs) > 1:
        raise InputError(
            "one flow for all files, or a pattern of file names for each",
            got=", ".join(texts),
            hint="As --flow 'import=*in*.csv' --flow 'export=*out*.csv'.",
        )
    return pairs[0][0]


def flow_of(path: Path, flow: str | Mapping[str, str] | None) -> str | None:
    """Return the flow of a file: the one named for all, or the one whose pattern its name fits."""
    if not isinstance(flow, Mapping):
        return flow
    fits = [name for name, pattern in flow.items() if fnmatch.fnmatch(path.name, pattern)]
    if len(fits) == 1:
        return fits[0]
    patterns = ", ".join(f"{name}={pattern}" for name, pattern in flow.items())
    raise InputError(
        f"the file's name fits {'no' if not fits else 'more than one'} flow",
        where=path.name,
        expected=f"one of the patterns {patterns}",
        hint="Import this file by itself and name its flow.",
    )


def _stage(store, path, scan, source, sha256, entries, fresh) -> dict:
    from nktrade.store import bulletins, parts

    if scan.totals is not None:
        return bulletins.stage_totals(store, path, scan, source, sha256, entries, fresh)
    return parts.stage_file(store, path, scan, source, sha256, entries, fresh)


def _judge_truncated(entry: dict, scan: Scan, allowed: bool) -> None:
    entry["truncated"] = bool(scan.cut) or entry["rows"] == scan.row_limit
    if not entry["truncated"]:
        return
    from nktrade.sources import comtrade, gacc

    limit = f"exactly {scan.row_limit or 0:,} rows, the most the site gives out: it was cut off"
    if not allowed:
        raise InputError(
            scan.cut or limit,
            where=entry["name"],
            hint="Download it in smaller parts (fewer months, codes or partners), "
            "or allow it (allow_truncated=True, --allow-truncated).",
        )
    if scan.cut:
        message = f"{entry['name']}: {scan.cut}"
        warnings.warn(message, comtrade.TruncatedAnswerWarning, stacklevel=3)
    else:
        warnings.warn(gacc.truncation(entry["name"]), gacc.TruncatedDownloadWarning, stacklevel=3)


def _source(source: str):
    if source not in SOURCES:
        raise InputError(f"unknown source {source!r}", hint=did_you_mean(source, SOURCES))
    try:
        return importlib.import_module(f"nktrade.sources.{source}")
    except ModuleNotFoundError as error:
        if error.name != f"nktrade.sources.{source}":
            raise
        raise InputError(f"files from {source!r} cannot be read yet") from None


def _open(module, source: str, path: Path, flow: str | None, options: dict) -> Scan:
    """Open a file as its source does; a source without `scan` is read as a frame."""
    if source == "gacc" and flow is None:
        raise InputError(
            "the flow is not in the file",
            where=path.name,
            hint="Say what China declared: flow='import' or flow='export' (--flow import).",
        )
    said = options if flow is None else {"flow": flow, **options}
    scan = getattr(module, "scan", None)
    known = list(inspect.signature(scan or module.read).parameters)[1:]
    for name in said:
        if name not in known:
            hint = did_you_mean(name, known)
            raise InputError(f"files from {source!r} take no {name!r}", hint=hint)
    if scan:
        return scan(path, **said)
    from nktrade.sources._stream import Scan
    from nktrade.table.arrow import from_frame

    return Scan(iter([from_frame(module.read(path, **said))]), {}, said)


def _refuse_other_declaration(entry: dict, scan: Scan, path: Path) -> None:
    if entry["declared"] != scan.declared:
        raise InputError(
            "this file was imported before with another declaration",
            where=path.name,
            expected=_said(entry["declared"]),
            got=_said(scan.declared),
            hint="If the earlier one was wrong, import into a new store.",
        )


def _said(declared: dict) -> str:
    return ", ".join(f"{name} {value}" for name, value in declared.items() if value)


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
        "sha256": entry["sha256"],
    }
