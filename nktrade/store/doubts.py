"""What of a store does not fit together, and what later downloads no longer have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.errors import MixtureError, UnanswerableError
from nktrade.store import manifest as ledger
from nktrade.store.both_flows import find_same_flows
from nktrade.store.bulletins import check_totals, sum_rows_of, totals
from nktrade.store.checking import read_frame
from nktrade.store.importing import without_scope
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import KEY

_CELL = ["period", "reporter", "partner", "flow", "currency"]
#: Sums of what customs rounds to whole units, row by row, may differ by so much.
ROUNDING = 1e-6


def gone(store: str | Path = ledger.DEFAULT_STORE) -> pd.DataFrame:
    """List the rows that a later download of the same scope no longer had.

    Returns
    -------
    pandas.DataFrame
        One row a row: gone_in (the later file), was_in, period, reporter, partner, flow, hs,
        hs_edition, province, regime, value (in `currency`), currency. Empty if none is gone.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     gone(store)[["hs", "value", "was_in", "gone_in"]].to_numpy().tolist()
    [['67041100', 20.0, 'first.csv', 'later.csv']]
    """
    store = Path(store)
    columns = ["gone_in", "was_in", *KEY[:-1], "value", "currency"]
    frames = [
        read_frame(store, entry, "gone").assign(gone_in=entry["name"])
        for entry in ledger.read_holding(store, "gone")
    ]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True).rename(columns={"source": "was_in"})[columns]


def doubts(store: str | Path = ledger.DEFAULT_STORE, *, partner: str = "PRK") -> pd.DataFrame:
    """List what does not fit together: told twice, or parts that are not their total.

    Returns
    -------
    pandas.DataFrame
        One row a doubt: doubt, where (file or breakdown), period, flow, currency, expected, got.
        Files of an earlier version; the same sums under both flows; provinces or regimes that are
        not the total at hand; rows that are more or less than the bulletin's total; sums since
        January that fall, or are not the sum before and the month; a cumulative download that is
        not the bulletin's sum, or not that of its months.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     doubts(store)[["doubt", "period"]].to_numpy().tolist()
    [['less than the bulletin', '2023-02'], ['less than the bulletin', '2023-03']]
    """
    found = [*_earlier_versions(Path(store)), *_both_flows(Path(store))]
    found += [*_breakdowns(store), *_bulletins(store, partner), *_windows(store, partner)]
    columns = ["doubt", "where", "period", "flow", "currency", "expected", "got"]
    return pd.DataFrame(found, columns=columns)


def _earlier_versions(store: Path) -> list[tuple]:
    """Name the files whose rows no later download takes away."""
    doubt = "imported by an earlier version: withdrawn rows stay, import it into a new store"
    return [
        (doubt, entry["name"], f"{entry['first']} to {entry['last']}", None, None, None, None)
        for entry in without_scope(ledger.read_holding(store, "rows"))
    ]


def _both_flows(store: Path) -> list[tuple]:
    entries = ledger.read_holding(store, "rows")
    return [
        ("the same under both flows", ", ".join(files), month, ", ".join(flows), money, None, value)
        for at, entry in enumerate(entries)
        for files, flows, month, money, value in find_same_flows(store, entry, entries[at + 1 :])
    ]


def _breakdowns(store: str | Path) -> list[tuple]:
    """Compare the sums of provinces and regimes with totals of the same level and edition."""
    from nktrade.store import load
    from nktrade.store.mixtures import BREAKDOWNS

    entries = [e for e in ledger.read_holding(Path(store), "rows") if "scope" in e and e["rows"]]
    broken = [
        e for e in entries if e["scope"]["province"] != ["-"] or e["scope"]["regime"] != ["-"]
    ]
    kinds = {
        (source, currency, level, edition, partner)
        for e in broken
        for source in [e["source"]]
        for currency in e["scope"]["currency"]
        for level in e["scope"]["level"]
        for edition in e["scope"]["hs_edition"]
        for partner in e["partners"]
    }
    found = []
    for source, currency, level, edition, partner in sorted(kinds):
        sums = {}
        for breakdown in BREAKDOWNS:
            try:
                rows = load(
                    store, partner=partner, source=source, currency=currency, level=level,
                    edition=edition, breakdown=breakdown,
                )  # fmt: skip
            except (MixtureError, UnanswerableError):  # the store has no such rows
                continue
            sums[breakdown] = rows.groupby(_CELL)["value"].sum(min_count=1)
        total = sums.pop("total", None)
        for breakdown, parts in sums.items() if total is not None else ():
            both = pd.concat([total, parts], axis=1, join="inner", keys=["total", "parts"])
            off = both[(both["parts"] - both["total"]).abs() > 1 + ROUNDING * both["total"]]
            found += [
                (
                    f"by {breakdown} is not the total", f"{cell[1]} with {cell[2]}",
                    f"{cell[0]:%Y-%m}", cell[3], cell[4], row.total, row.parts,
                )
                for cell, row in zip(off.index, off.itertuples(), strict=True)
            ]  # fmt: skip
    return found


def _bulletins(store: str | Path, partner: str) -> list[tuple]:
    table = check_totals(store, partner=partner)
    over = table[table["share"] > 1 + 1e-3]
    under = table[(table["share"] < 0.999) & (table["rows"].notna())]
    return [
        (doubt, f"rows by {row.breakdown}, {row.digits:.0f} digits", row.period, row.flow,
         row.currency, row.total, row.rows)
        for doubt, rows in (("more than the bulletin", over), ("less than the bulletin", under))
        for row in rows.itertuples()
    ]  # fmt: skip


def _windows(store: str | Path, partner: str) -> list[tuple]:
    """Compare totals of several months with each other and with those of their months."""
    found: list[tuple] = []
    printed = totals(store, partner=partner)
    downloads = printed[printed["status"] == "cumulative"]
    sums = sum_rows_of(Path(store), partner, downloads["currency"].unique())
    for row in downloads.to_dict("records"):
        found += _months_at_hand(row, sums)
    for (flow, currency), table in printed.groupby(["flow", "currency"]):
        rows: list[dict[str, Any]] = [*table.to_dict("records")]  # type: ignore[list-item]
        told = {row["period"]: row for row in rows if row["status"] != "cumulative"}
        pairs = [*_downloads(rows, told), *_since_january(told)]
        found += [
            (doubt, row["source"], row["period"], flow, currency, expected, got)
            for doubt, row, expected, got in pairs
        ]
    return found


def _downloads(rows: list[dict], told: dict[str, dict]) -> Iterator[tuple]:
    """Compare cumulative downloads with what the bulletins print of the same months."""
    for row in rows:
        other = told.get(row["period"])
        if row["status"] == "cumulative" and other is not None and _differ(row, [other]):
            word = "more" if row["value"] > other["value"] else "less"
            yield f"{word} than the bulletin", row, other["value"], row["value"]


def _months_at_hand(row: dict, sums: pd.DataFrame) -> Iterator[tuple]:
    """Compare a cumulative download with the rows of its months, where all of them are there."""
    months = parse_period(row["period"]).months
    same = sums["period"].isin(months)
    same &= (sums["flow"] == row["flow"]) & (sums["currency"] == row["currency"])
    for (breakdown, digits), own in sums[same].groupby(["breakdown", "digits"]):
        combined = own.loc[own["status"].str.contains("combined"), "period"]
        covered = {*own["period"], *(combined - pd.DateOffset(months=1))}
        added = {"value": own["rows"].sum(skipna=False), "half_unit": 0.0}
        if covered == {*months} and own["period"].is_unique and _differ(row, [added]):
            word = "more" if row["value"] > added["value"] else "less"
            where = f"{row['source']}, months by {breakdown}, {digits} digits"
            yield (
                f"{word} than the sum of its months", where, row["period"], row["flow"],
                row["currency"], added["value"], row["value"],
            )  # fmt: skip


def _since_january(told: dict[str, dict]) -> Iterator[tuple]:
    """Compare each sum since January with the one before it and the month, or with its months."""
    for row in told.values():
        window = parse_period(row["period"])
        if window.first.month != 1 or len(window.months) not in range(2, 13):
            continue
        earlier = Window(window.first, window.last - pd.DateOffset(months=1))
        before, month = told.get(str(earlier)), told.get(f"{window.last:%Y-%m}")
        if before is not None and row["value"] < before["value"] - before["half_unit"]:
            yield "less since January than before", row, before["value"], row["value"]
        elif before is not None and month is not None and _differ(row, [before, month]):
            added = before["value"] + month["value"]
            yield "since January is not the sum before and the month", row, added, row["value"]


def _differ(row: dict, parts: list[dict]) -> bool:
    """Say whether a sum is not its parts by more than rounding and a thousandth."""
    off = abs(row["value"] - sum(part["value"] for part in parts))
    rounding = sum(part["half_unit"] for part in [row, *parts])
    return off > rounding + 1e-3 * row["value"]
