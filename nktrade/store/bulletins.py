"""Totals of customs' monthly bulletins in a store: kept apart from rows, and compared with them.

A total has no HS code and would be counted twice beside the rows it is the sum of. So it is no row
of the trade table: it is a part of its own, which `load` never reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.errors import InputError, MixtureError, UnanswerableError, check_choice, count_of
from nktrade.store import manifest as ledger
from nktrade.store.address import locate
from nktrade.store.checking import read_frame
from nktrade.table.periods import parse_period
from nktrade.table.rows import CURRENCIES, FLOWS

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan
    from nktrade.store.parts import Batch

_KEY = ["period", "partner", "flow", "currency", "status"]
_COLUMNS = ["period", "partner", "flow", "currency", "value", "half_unit", "status", "source"]
#: Of a total that is no bulletin's, but the sum of a download of several months at once.
CUMULATIVE = "cumulative"


def stage_totals(
    batch: Batch, path: Path, scan: Scan, sha256: str, files: list[dict], fresh: int
) -> dict:
    """Write one bulletin's totals into a store and return its manifest entry; as `stage_file`."""
    from nktrade.store.footers import write_frame

    assert scan.totals is not None
    frame = scan.totals[_COLUMNS]
    windows = [parse_period(text) for text in frame["period"].unique()]
    entry: dict[str, Any] = ledger.new_entry(path, scan, batch.source.name, sha256) | {
        "rows": len(frame),
        "first": f"{min(window.first for window in windows):%Y-%m}",
        "last": f"{max(window.last for window in windows):%Y-%m}",
        "flows": [flow for flow in FLOWS if flow in set(frame["flow"])],
        "partners": sorted(frame["partner"].unique()),
        "sums": {},
        "truncated": bool(scan.cut),
    }
    entry |= batch.said
    entry["partial"] = bool(entry.get("partial")) or entry["truncated"]
    earlier = [other for other in files if ledger.part_of(other, "totals")]
    together = [o for o in files[len(files) - fresh :] if ledger.part_of(o, "totals")]
    _refuse_contradiction(frame, _read(batch.store, together), entry["name"])
    entry |= _compare(frame, _read(batch.store, earlier))
    place = batch.place(sha256, "totals")
    write_frame(place, frame, entry)
    return batch.finish(entry, place)


def _read(store: Path, entries: list[dict]) -> pd.DataFrame:
    """Read the totals of files, the last word on each."""
    empty = pd.DataFrame({column: pd.Series(dtype="str") for column in _COLUMNS})
    empty = empty.astype({"value": "float64", "half_unit": "float64"})
    parts = [read_frame(store, entry, "totals") for entry in entries]
    frame = pd.concat([empty, *parts], ignore_index=True)
    return frame.drop_duplicates(_KEY, keep="last", ignore_index=True)


def _pair(new: pd.DataFrame, old: pd.DataFrame) -> pd.DataFrame:
    return old.merge(new, on=_KEY, suffixes=("_old", "_new"))


def _refuse_contradiction(frame: pd.DataFrame, together: pd.DataFrame, name: str) -> None:
    both = _pair(frame, together)
    moved = both[both["value_old"] != both["value_new"]]
    if len(moved):
        row = moved.iloc[0]
        raise InputError(
            f"{row['source_old']} has other values for {count_of(len(moved), 'totals')}",
            where=name,
            got=f"{row['flow']} of {row['partner']}, {row['period']}: {row['value_new']:,.0f}, "
            f"there {row['value_old']:,.0f}",
            hint="Import the earlier bulletin first and the later one after it, as its revision.",
        )


def _compare(frame: pd.DataFrame, earlier: pd.DataFrame) -> dict:
    both = _pair(frame, earlier)
    both = both[both["flow"] != "total"]
    moved = both[both["value_old"] != both["value_new"]]
    revised: dict[str, dict] = {}
    for (window, currency), rows in moved.groupby(["period", "currency"]):
        change = {"rows": len(rows), "old": rows["value_old"].sum(), "new": rows["value_new"].sum()}
        revised.setdefault(str(window), {})[str(currency)] = change
    return {"repeated": len(both) - len(moved), "revised": revised}


def totals(
    store: str | Path,
    *,
    partner: str = "PRK",
    flow: str | None = None,
    currency: str | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return the totals of the bulletins in a store as customs printed them.

    Parameters
    ----------
    store : str or path
        "default", the panel, has none.
    partner : str
        ISO3 code, or "WLD" for the world.
    flow : {"export", "import", "total"}, optional
        As China declares it; "total" is both ways.
    currency : {"USD", "CNY"}, optional
    as_of : str, optional
        As for `nktrade.load`.

    Returns
    -------
    pandas.DataFrame
        One row a window: period ("2024-02", or "2024-01..2024-02" since January), partner, flow,
        currency, value, half_unit (half a unit of the last digit printed; both in whole units of
        `currency`), status ("reported" or "combined"; "cumulative" for the sum of a download of
        several months that does not tell them apart, which is all its codes and no more), source
        (the file). In order of currency, flow and months. Empty if there is none of this partner.

    Raises
    ------
    InputError
        If there is no such store, or for an unknown flow or currency.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     totals(store, flow="import")[["period", "value"]].to_numpy().tolist()
    [['2023-03', 1000.0], ['2023-Q1', 3000.0]]
    """
    for name, said, known in (
        ("flow", flow, (*FLOWS, "total")),
        ("currency", currency, CURRENCIES),
    ):
        if said is not None:
            check_choice(name, said, known)
    place = locate(store)
    held = [] if str(store) == "default" else ledger.read_holding(place, "totals", as_of)
    frame = _read(place, held)
    keep = frame["partner"] == partner
    for column, said in (("flow", flow), ("currency", currency)):
        if said is not None:
            keep &= frame[column] == said
    kept = frame[keep]
    last = kept["period"].map(lambda text: parse_period(text).last)
    order = pd.DataFrame({"last": last, "single": kept["period"].str.len()})
    order = kept[["currency", "flow"]].join(order).sort_values(["currency", "flow", *order])
    return kept.loc[order.index].reset_index(drop=True)


def monthly_totals(
    store: str | Path,
    *,
    partner: str = "PRK",
    currency: str | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return one total a month: the printed one, or the difference of two sums since January.

    Parameters as `totals`.

    Returns
    -------
    pandas.DataFrame
        period (first of month), partner, flow ("export", "import", "total"), currency, value,
        half_unit, status, source. Status: "reported" where a bulletin prints the month; "combined"
        where January and February came out together (at February, for both); "by difference"
        where the month is what is left of the year so far when the months before are taken off,
        `source` naming both bulletins. A difference holds whatever was revised of the earlier
        months in between. One below zero is no month's trade and is left out, as is a month that
        no pair of bulletins gives.

    Examples
    --------
    With bulletins of March and May (each with its month and the sum since January) April is the
    sum to May, less May, less the sum to March. Of the bulletin of March alone the sum since
    January, less March, is January and February together:

    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     monthly_totals(store)[["value", "status"]].head(2).to_numpy().tolist()
    [[4000.0, 'combined'], [2000.0, 'reported']]
    """
    printed = totals(store, partner=partner, currency=currency, as_of=as_of)
    printed = printed[printed["status"] != CUMULATIVE]
    windows = printed["period"].map(parse_period)
    year = windows.map(lambda window: window.first.year)
    rows: list[dict] = []
    for _, group in printed.groupby([printed["currency"], printed["flow"], year]):
        rows += _months_of_year(group)
    made = pd.DataFrame(rows, columns=_COLUMNS).astype(
        {"period": "datetime64[us]", "value": "float64", "half_unit": "float64"}
    )
    return made.sort_values(["currency", "flow", "period"], ignore_index=True)


def _months_of_year(group: pd.DataFrame) -> list[dict]:
    """Return the months of one flow and year, in one currency."""
    windows = [parse_period(text) for text in group["period"]]
    records = dict(zip(windows, group.to_dict("records"), strict=True))
    month = {w.last.month: record for w, record in records.items() if w.first == w.last}
    since = {w.last.month: record for w, record in records.items() if w.first.month == 1}
    for number in sorted(month, reverse=True):  # the year before a month is the sum less it
        if number in since and number > 1 and number - 1 not in since:
            since[number - 1] = _subtract(since[number], month[number])
    made = []
    for number in range(1, 13):
        record = month.get(number) or (since.get(1) if number == 1 else None)
        if record is None and number in since and number - 1 in since:
            record = _subtract(since[number], since[number - 1])
        if record is None and number == 2 and 2 in since:
            record = since[2] | {"status": "combined"}
        if record is not None and record["value"] >= 0:
            first = windows[0].first.replace(month=number)
            made.append(record | {"period": first})
    return made


def _subtract(whole: dict, part: dict) -> dict:
    source = whole["source"]
    if part["source"] != source:
        source = f"{source} less {part['source']}"
    return whole | {
        "value": round(whole["value"] - part["value"], 2),
        "half_unit": whole["half_unit"] + part["half_unit"],
        "status": "by difference",
        "source": source,
    }


def check_totals(store: str | Path, *, partner: str = "PRK") -> pd.DataFrame:
    """Compare the sums of a store's customs rows with the totals of its bulletins, month by month.

    Parameters
    ----------
    store : path
    partner : str
        ISO3 code.

    Returns
    -------
    pandas.DataFrame
        One row a month, flow, currency, breakdown and number of digits of the codes: period (as
        "2024-02"), flow, currency, rows (their sum; missing where there are none), total, missing
        (total less rows), share (rows over total), breakdown ("total", "province" …), digits,
        status of the total. Where one side has January and February together, both are added up
        at February. A share far below one is a download of some codes only; one above one by more
        than rounding is a contradiction.

    Raises
    ------
    InputError
        If there is no such store.

    Examples
    --------
    >>> from nktrade.store.example import example_store
    >>> with example_store() as store:
    ...     check_totals(store)[["period", "rows", "total"]].tail(2).to_numpy().tolist()
    [['2023-02', 150.0, 2000.0], ['2023-03', 300.0, 1000.0]]
    """
    published = monthly_totals(store, partner=partner)
    published = published[published["flow"] != "total"].rename(columns={"value": "total"})
    sums = sum_rows_of(locate(store), partner, published["currency"].unique())
    key = ["flow", "currency", "period"]
    together = _combined_years(published) | _combined_years(sums)
    published, sums = (_join_winter(table, together) for table in (published, sums))
    table = published[[*key, "total", "status"]].merge(sums.drop(columns="status"), "left", key)
    table = table.sort_values([*key, "breakdown"], ignore_index=True)
    return pd.DataFrame(
        {
            "period": table["period"].map("{:%Y-%m}".format),
            "flow": table["flow"],
            "currency": table["currency"],
            "rows": table["rows"],
            "total": table["total"],
            "missing": table["total"] - table["rows"],
            "share": table["rows"] / table["total"].where(table["total"] > 0),
            "breakdown": table["breakdown"],
            "digits": table["digits"],
            "status": table["status"],
        }
    )


def sum_rows_of(store: Path, partner: str, currencies: Iterable[str]) -> pd.DataFrame:
    """Add up a store's customs rows by month, flow, currency, breakdown, digits and edition."""
    from nktrade.store.mixtures import BREAKDOWNS

    key = ["flow", "currency", "period"]
    columns = [*key, "breakdown", "digits", "hs_edition", "rows", "status"]
    found = []
    for currency in currencies:
        for breakdown in BREAKDOWNS:
            for rows in _load_apart(store, partner, currency, breakdown):
                groups = rows.groupby([*key, rows["hs"].str.len().rename("digits"), "hs_edition"])
                sums = groups.agg(
                    rows=("value", lambda values: values.sum(skipna=False)),
                    status=("status", "max"),
                )
                found.append(sums.reset_index().assign(breakdown=breakdown))
    if not found:
        return pd.DataFrame(columns=columns, dtype="str").astype(
            {"period": "datetime64[us]", "digits": "int64", "rows": "float64"}
        )
    return pd.concat(found, ignore_index=True)[columns]


def _load_apart(store: Path, partner: str, currency: str, breakdown: str) -> Iterator[pd.DataFrame]:
    """Yield customs rows; where a month is there at several levels or editions, each by itself."""
    from nktrade.store import load

    asked: dict[str, Any] = {"source": "gacc", "partner": partner, "currency": currency}
    asked["breakdown"] = breakdown
    try:
        yield load(store, **asked)
    except UnanswerableError:  # no such rows of customs
        return
    except MixtureError:
        entries = ledger.read_holding(store, "rows")
        scopes = [entry["scope"] for entry in entries if "scope" in entry]
        axes = ({word for one in scopes for word in one[axis]} for axis in ("level", "hs_edition"))
        for level, edition in product(*map(sorted, axes)):
            with suppress(MixtureError, UnanswerableError):
                yield load(store, **asked, level=level, edition=edition)


def _combined_years(table: pd.DataFrame) -> set[tuple]:
    """Return the flows, currencies and years whose first two months are together."""
    rows = table[table["status"].astype("str").str.contains("combined")]
    if rows.empty:
        return set()
    return set(zip(rows["flow"], rows["currency"], rows["period"].dt.year, strict=True))


def _join_winter(table: pd.DataFrame, together: set[tuple]) -> pd.DataFrame:
    """Add January to February where the other side has both together."""
    if table.empty:
        return table
    keys = zip(table["flow"], table["currency"], table["period"].dt.year, strict=True)
    joined = pd.Series([key in together for key in keys], index=table.index)
    january = joined & (table["period"].dt.month == 1)
    winter = joined & (table["period"].dt.month <= 2)
    period = table["period"].where(~january, table["period"] + pd.DateOffset(months=1))
    status = table["status"].where(~winter, "combined")
    number = "total" if "total" in table else "rows"
    keep = ["flow", "currency", "breakdown", "digits", "hs_edition"]
    keep = [column for column in keep if column in table]
    moved = table.assign(period=period, status=status)
    return moved.groupby([*keep, "period", "status"])[number].sum(min_count=1).reset_index()
