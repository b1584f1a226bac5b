"""What a store holds, what it lacks, what was revised, and whether it is still whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from nktrade.errors import DamageError
from nktrade.sources import recall_source
from nktrade.store import checking
from nktrade.store import manifest as ledger
from nktrade.store.address import locate
from nktrade.table.periods import parse_period


def status(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List the files of a store.

    Returns
    -------
    pandas.DataFrame
        One row a file, in order of import: file, source, flow, currency, rows, first, last,
        partners (count), value (its sum in `currency`; missing for a bulletin, and where the file
        holds dollars and yuan), repeated, revised (rows), revised_by (change of value), gone (rows
        of earlier files that it no longer has), gone_by (their value), part ("whole" or
        "partial"), downloaded (day, where it is known), imported (UTC), sha256.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     status(store)[["file", "rows", "revised", "gone"]].to_numpy().tolist()
    [['first.csv', 2, 0, 0], ['later.csv', 2, 1, 1], ['bulletin.csv', 12, 0, 0]]
    """
    return pd.DataFrame([_status_row(entry) for entry in ledger.read_entries(Path(store))])


def _status_row(entry: dict) -> dict:
    sums = [pair for month in entry["sums"].values() for pair in month.items()]
    moved = [pair for month in entry["revised"].values() for pair in month.items()]
    left = [pair for month in entry.get("gone", {}).values() for pair in month.items()]
    return {
        "file": entry["name"],
        "source": entry["source"],
        "flow": ", ".join(entry["flows"]),
        "currency": ", ".join(sorted({currency for currency, _ in sums}))
        or entry["layout"].get("currency", ""),
        "rows": entry["rows"],
        "first": entry["first"],
        "last": entry["last"],
        "partners": len(entry["partners"]),
        "value": _add(sums) if sums else None,
        "repeated": entry["repeated"],
        "revised": sum(change["rows"] for _, change in moved),
        "revised_by": _add([(currency, c["new"] - c["old"]) for currency, c in moved]),
        "gone": sum(change["rows"] for _, change in left),
        "gone_by": _add([(currency, change["value"]) for currency, change in left]),
        "part": "partial" if entry.get("partial") else "whole",
        "downloaded": entry.get("downloaded"),
        "imported": entry["imported"][:19],
        "sha256": entry["sha256"],
    }


def _add(amounts: list[tuple[str, float]]) -> float | None:
    """Add up amounts of one currency; dollars and yuan have no sum."""
    several = len({currency for currency, _ in amounts}) > 1
    return None if several else sum(amount for _, amount in amounts)


def verify(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """Hash every part of a store again, and work out again what the manifest says of its rows.

    Returns
    -------
    pandas.DataFrame
        One row a part, and one a manifest (file empty): file, part, state ("good", "changed",
        "missing", "unreadable: …", or "differs: …" where the rows' number, months, partners or
        sums are not those that the manifest tells).

    Raises
    ------
    DamageError
        If the manifest in use is damaged; the older ones are listed.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     verify(store)["state"].unique().tolist()
    ['good']
    """
    from nktrade.store.parts import compare_with_entry

    store = locate(store)
    manifest = ledger.read_manifest(store)
    rows = []
    for entry in manifest["files"]:
        for part in entry["parts"]:
            state = checking.state_of(store, entry, part, again=True)
            if state == "good" and ledger.kind_of(part) == "rows":
                state = compare_with_entry(store, entry)
            rows.append({"file": entry["name"], "part": part, "state": state})
    rows += [{"file": "", **row} for row in _chain(store, manifest)]
    return pd.DataFrame(rows, columns=["file", "part", "state"])


def _chain(store: Path, manifest: dict) -> Iterator[dict]:
    """Yield the state of the numbered manifests, from the one in use back to the first."""
    if manifest["format"] < ledger.FORMAT:
        return
    number, state = manifest["number"], "good"
    chain = ledger.follow_chain(store, manifest)
    while state == "good":
        yield {"part": f"{ledger.MANIFESTS}/{number:06d}.json", "state": state}
        try:
            number = next(chain)["number"]
        except StopIteration:
            return
        except DamageError as damage:
            state = "missing" if "missing" in damage.subject else "changed"
            where = Path(damage.where).name
            yield {"part": f"{ledger.MANIFESTS}/{where}", "state": state}


def revisions(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List what later files changed of earlier ones.

    Returns
    -------
    pandas.DataFrame
        One row a file, month and currency: file, imported (UTC), flow, period (as "2023-01"),
        currency, rows (whose value moved), old, new, change (in `currency`).

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     revisions(store)[["file", "period", "old", "new"]].to_numpy().tolist()
    [['later.csv', '2023-01', 100.0, 150.0]]
    """
    rows = [
        {
            "file": entry["name"],
            "imported": entry["imported"][:19],
            "flow": ", ".join(entry["flows"]),
            "period": month,
            "currency": currency,
            **moved,
            "change": moved["new"] - moved["old"],
        }
        for entry in ledger.read_entries(Path(store))
        for month, changes in entry["revised"].items()
        for currency, moved in changes.items()
    ]
    columns = ["file", "imported", "flow", "period", "currency", "rows", "old", "new", "change"]
    return pd.DataFrame(rows, columns=columns)


def gaps(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List the months that a store lacks between its first and its last.

    A month counts as there if any file has a row of it; a January-February release covers January.

    Returns
    -------
    pandas.DataFrame
        One row a run of missing months: source, flow, currency, first, last (as "2023-01"),
        months (count). Empty if nothing is missing.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     gaps(store)[["flow", "first", "months"]].to_numpy().tolist()
    [['import', '2023-02', 1]]
    """
    covered: dict[tuple[str, str, str], set[pd.Timestamp]] = {}
    for entry in ledger.read_holding(Path(store), "rows"):
        if entry["layout"].get("frequency") == "yearly":
            continue
        own = "period" in entry["layout"].get("columns", ())
        said = None if own else entry["declared"].get("period")
        silent = {} if entry["rows"] else dict.fromkeys(entry["scope"]["period"], ())
        for month, sums in (entry["sums"] | silent).items():
            months = parse_period(said or month).months
            for currency in sums or entry["scope"]["currency"]:
                for flow in entry["flows"]:
                    covered.setdefault((entry["source"], flow, currency), set()).update(months)
    rows = []
    for (source, flow, currency), there in sorted(covered.items()):
        if recall_source(source).frequency == "yearly":
            continue
        everything = [m for key, found in covered.items() if key[0] == source for m in found]
        wanted = pd.date_range(min(everything), max(everything), freq="MS")
        for first, last, count in _runs([month for month in wanted if month not in there]):
            rows.append((source, flow, currency, f"{first:%Y-%m}", f"{last:%Y-%m}", count))
    columns = ["source", "flow", "currency", "first", "last", "months"]
    return pd.DataFrame(rows, columns=columns)


def _runs(months: list[pd.Timestamp]) -> list[tuple[pd.Timestamp, pd.Timestamp, int]]:
    runs: list[list[pd.Timestamp]] = []
    for month in months:
        if runs and month == runs[-1][-1] + pd.DateOffset(months=1):
            runs[-1].append(month)
        else:
            runs.append([month])
    return [(run[0], run[-1], len(run)) for run in runs]


def names(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """Return the names of commodities as the imported files print them.

    Returns
    -------
    pandas.DataFrame
        hs, name, language ("zh", "en"), all text; one row each, in order of hs. A code whose
        wording changed has several.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     names(store)[["hs", "name"]].to_numpy().tolist()
    [['67041100', 'Wigs of plastic'], ['67042000', 'Wigs']]
    """
    store = locate(store)
    held = ledger.read_holding(store, "names")
    parts = [checking.read_frame(store, entry, "names") for entry in held]
    empty = pd.DataFrame(columns=["hs", "name", "language"], dtype="str")
    table = pd.concat([empty, *parts])
    return table.drop_duplicates().sort_values(["hs", "language", "name"], ignore_index=True)
