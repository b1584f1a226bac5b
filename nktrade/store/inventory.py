"""What a store holds, what it lacks, what was revised, and whether it is still whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nktrade.sources import recall_source
from nktrade.store import manifest as ledger
from nktrade.table.periods import parse_period


def status(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List the files of a store.

    Returns
    -------
    pandas.DataFrame
        One row a file, in order of import: file, source, flow, currency, rows, first, last,
        partners (count), value (its sum in `currency`; missing for a bulletin), repeated, revised
        (rows), revised_by (change of value), gone (rows of earlier files that it no longer has),
        gone_by (their value), part ("whole" or "partial"), downloaded (day, where it is known),
        imported (UTC), sha256.
    """
    return pd.DataFrame([_status_row(entry) for entry in ledger.read_entries(Path(store))])


def _status_row(entry: dict) -> dict:
    sums = [pair for month in entry["sums"].values() for pair in month.items()]
    moved = [change for month in entry["revised"].values() for change in month.values()]
    left = [change for month in entry.get("gone", {}).values() for change in month.values()]
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
        "value": sum(value for _, value in sums) if sums else None,
        "repeated": entry["repeated"],
        "revised": sum(change["rows"] for change in moved),
        "revised_by": sum(change["new"] - change["old"] for change in moved),
        "gone": sum(change["rows"] for change in left),
        "gone_by": sum(change["value"] for change in left),
        "part": "partial" if entry.get("partial") else "whole",
        "downloaded": entry.get("downloaded"),
        "imported": entry["imported"][:19],
        "sha256": entry["sha256"],
    }


def verify(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """Hash every part of a store again.

    Returns
    -------
    pandas.DataFrame
        One row a part: file, part, state ("good", "changed" or "missing").
    """
    store = Path(store)
    rows = []
    for entry in ledger.read_entries(store):
        for part, sha256 in entry["parts"].items():
            path = store / part
            if not path.exists():
                state = "missing"
            else:
                state = "good" if ledger.hash_file(path) == sha256 else "changed"
            rows.append({"file": entry["name"], "part": part, "state": state})
    return pd.DataFrame(rows)


def revisions(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List what later files changed of earlier ones.

    Returns
    -------
    pandas.DataFrame
        One row a file, month and currency: file, imported (UTC), flow, period (as "2023-01"),
        currency, rows (whose value moved), old, new, change (in `currency`).
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
    """
    covered: dict[tuple[str, str, str], set[pd.Timestamp]] = {}
    for entry in ledger.read_holding(Path(store), "rows"):
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
    """
    store = Path(store)
    parts = [
        store / str(ledger.part_of(entry, "names")) for entry in ledger.read_holding(store, "names")
    ]
    empty = pd.DataFrame(columns=["hs", "name", "language"], dtype="str")
    table = pd.concat([empty, *map(pd.read_parquet, parts)])
    return table.drop_duplicates().sort_values(["hs", "language", "name"], ignore_index=True)
