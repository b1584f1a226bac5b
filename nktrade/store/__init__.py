"""A folder of imported rows, and `load`: the rows asked for, as a trade table.

A store holds one Parquet part a file and a manifest that says what each file was. Files are only
ever added. Where two files say something about the same row, the one imported later counts; a row
that only the earlier one has stays. Import the whole of a month again to revise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.geography import check_place
from nktrade.codes.hs import list_codes
from nktrade.errors import InputError, did_you_mean
from nktrade.sources import find_source, recall_source
from nktrade.store import manifest as ledger
from nktrade.store.address import locate
from nktrade.store.bulletins import check_totals, monthly_totals, totals
from nktrade.store.importing import import_files, parse_flows
from nktrade.store.inventory import gaps, names, revisions, status, verify
from nktrade.store.manifest import DEFAULT_STORE
from nktrade.store.provenance import Provenance
from nktrade.store.reading import Wanted
from nktrade.table.periods import parse_period
from nktrade.table.rows import FLOWS, KEY, list_of, view_from
from nktrade.table.support import bound_estimates_by, remember

if TYPE_CHECKING:
    import pyarrow as pa


def _bound_panel(trade, keys, sums):
    """Say what published figures allow; read them only when an estimate is added up."""
    from nktrade.published.panel_support import bound_panel

    return bound_panel(trade, keys, sums)


bound_estimates_by(_bound_panel)

__all__ = [
    "DEFAULT_STORE",
    "PANEL",
    "Provenance",
    "check_totals",
    "describe",
    "gaps",
    "import_files",
    "load",
    "monthly_totals",
    "names",
    "parse_flows",
    "revisions",
    "status",
    "totals",
    "verify",
]

#: What rows are called that have neither province nor regime, one of them, or both.
BREAKDOWNS = ("total", "province", "regime", "province and regime")
PANEL = DATA / "reconstructed" / "panel.parquet"


def load(
    data: str | Path = "default",
    *,
    partner: str | Sequence[str] | None = "PRK",
    flow: str | None = None,
    hs: str | Sequence[str] | None = None,
    start: str | None = None,
    end: str | None = None,
    currency: str | None = None,
    breakdown: str | None = None,
    source: str | None = None,
    as_of: str | None = None,
    view: str | None = None,
) -> pd.DataFrame:
    """Read rows from the reconstructed panel or from a store, as a trade table.

    Parameters
    ----------
    data : str or path
        "default" for the reconstructed panel that comes with nktrade (estimated), the folder of a
        store, or its address (``"s3://bucket/store"``, whatever fsspec reads).
    partner : str or sequence of str, optional
        ISO3 codes of the reporter's partners; None for all.
    flow : {"export", "import"}, optional
        As the reporter (China) declares it; with `view`, that country's own.
    hs : str or sequence of str, optional
        Codes to keep with everything under them.
    start, end : str, optional
        First and last month, as ``"2017-01"``; a year or half-year stands for its first month as
        `start` and its last as `end`.
    currency : {"USD", "CNY"}, optional
        Needed where the rows are in both.
    breakdown : {"total", "province", "regime", "province and regime"}, optional
        Needed where a month is there both as a total and broken down, which would count it twice.
    source : str, optional
        One of `nktrade.sources.list_sources`, as "gacc", "comtrade" or "baci".
        Needed where a store has such rows of several publishers: the same trade twice.
    as_of : str, optional
        Leave out files imported after this day (``"2024-05-31"``) or moment: the figures as they
        stood then.
    view : str, optional
        ISO3 code of the country from whose side the rows are wanted: ``view="PRK"`` gives North
        Korea's imports and exports, as `nktrade.mirror` does.

    Returns
    -------
    pandas.DataFrame
        A trade table in order of period, flow, hs. Values in `currency`, units not scaled.

    Raises
    ------
    InputError
        If nothing matches (saying what there is), if publishers, currencies or breakdowns would
        mix, if the months run backwards, or if there is no such store.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2023", end="2023")
    >>> wigs["currency"].unique().tolist(), wigs["reporter"].unique().tolist()
    (['USD'], ['CHN'])
    """
    import pyarrow as pa

    from nktrade.table.arrow import PLAIN, to_frame

    turned = view is not None and view in ([partner] if isinstance(partner, str) else partner or [])
    if turned and flow in FLOWS:  # as the reporter declares it
        flow = FLOWS[1 - FLOWS.index(flow)]
    where = Wanted(partner, flow, hs, start, end, currency)
    parts = _parts(data, as_of, where, source)
    tables = _one_source([(name, where.read(path)) for name, path in parts], str(data))
    trade = to_frame(pa.concat_tables([PLAIN.empty_table(), *tables]))
    if len(tables) > 1:
        trade = trade.drop_duplicates(list(KEY), keep="last")
    if trade.empty:
        _refuse_nothing(where, data, as_of)
    trade = _one_breakdown(trade, breakdown, str(data))
    _check_currency(trade, str(data))
    if view is not None:
        trade = view_from(trade, view)
    trade = trade.sort_values(["period", "flow", "hs", "partner"], ignore_index=True)
    if str(data) == "default":
        asked = {"flow": flow, "hs": None if hs is None else list_codes(hs)}
        ends = {"start": start, "end": end}
        asked |= {name: end and str(parse_period(end)) for name, end in ends.items()}
        remember(trade, {"data": "default", **asked})
    return trade


def _refuse_nothing(where: Wanted, data: str | Path, as_of: str | None) -> NoReturn:
    for partner in where.partners or ():
        check_place("partner", partner)
    raise InputError(
        "no row matches",
        where=str(data),
        expected=where.text(),
        got=_contents(data, as_of),
        hint="Ask for a partner, flow, code and months that are there.",
    )


def _check_currency(trade: pd.DataFrame, where: str) -> None:
    found = sorted(trade["currency"].unique())
    if len(found) > 1:
        raise InputError(
            "the rows are in several currencies",
            where=where,
            got=list_of(found),
            hint=f"Name one: currency={found[-1]!r}.",
        )


def _one_breakdown(trade: pd.DataFrame, breakdown: str | None, where: str) -> pd.DataFrame:
    """Keep one breakdown; refuse a month that is there in two."""
    if breakdown is not None and breakdown not in BREAKDOWNS:
        hint = did_you_mean(breakdown, BREAKDOWNS)
        raise InputError(f"unknown breakdown {breakdown!r}", hint=hint)
    number = trade["province"].notna() + 2 * trade["regime"].notna().astype("int8")
    if breakdown is None and number.nunique() < 2:
        return trade
    kind = number.map(dict(enumerate(BREAKDOWNS)))
    if breakdown is not None:
        kept = trade[kind == breakdown]
        if kept.empty:
            got = list_of(sorted(kind.unique()))
            raise InputError("no row of that breakdown", where=where, expected=breakdown, got=got)
        return kept
    cell = [trade[column] for column in ("period", "reporter", "partner", "flow", "currency")]
    kinds = kind.groupby(cell).nunique()
    if (kinds > 1).any():
        months = sorted({f"{key[0]:%Y-%m}" for key in kinds.index[kinds > 1]})
        raise InputError(
            "the same month is there as a total and broken down, and would be counted twice",
            where=where,
            got=f"{list_of(sorted(kind.unique()))} in {', '.join(months[:6])}",
            hint="Name one: breakdown='total'.",
        )
    return trade


def _one_source(tables: list[tuple[str, pa.Table]], where: str) -> list[pa.Table]:
    """Return the tables; refuse rows of several publishers, which are the same trade twice."""
    found = sorted({name for name, table in tables if table.num_rows})
    if len(found) > 1:
        raise InputError(
            "the rows are from several publishers, and the same trade would be counted twice",
            where=where,
            got=list_of(found),
            hint=f"Name one: source={found[0]!r}; or keep each in a store of its own.",
        )
    return [table for _, table in tables]


def _parts(
    data: str | Path, as_of: str | None, where: Wanted, source: str | None
) -> list[tuple[str, Path]]:
    """Return the panel, or the parts of a store that may hold the rows, in the order of import."""
    if str(data) == "default":
        for name, said in (("earlier versions", as_of), ("other sources", source)):
            if said is not None:
                raise InputError(f"the reconstructed panel has no {name}", got=said)
        return [("panel", _panel())]
    if source is not None:
        find_source(source)
    store = locate(data)
    entries = [
        entry
        for entry in ledger.read_holding(store, "rows", as_of)
        if where.may_be_in(entry) and source in (None, entry["source"])
    ]
    paths = [store / str(ledger.part_of(entry, "rows")) for entry in entries]
    for path in paths:
        if not path.exists():
            raise InputError(
                "a part of the store is missing",
                where=str(path),
                hint="Import its file again into a new store.",
            )
    return [(entry["source"], path) for entry, path in zip(entries, paths, strict=True)]


def _panel() -> Path:
    if not PANEL.exists():
        raise InputError(
            "the reconstructed panel has not been built",
            where=str(PANEL),
            hint="Build it with: python -m tools.reconstruct",
        )
    return PANEL


def _contents(data: str | Path, as_of: str | None) -> str:
    """Say in a line what a store or the panel has."""
    about = describe(data) if as_of is None else _describe_store(locate(data), as_of)
    partners = ", ".join(about.partners[:8]) + (", …" if len(about.partners) > 8 else "")
    return (
        f"partners {partners}; {about.first} to {about.last}; flows {', '.join(about.flows)}; "
        f"currencies {', '.join(about.currencies)}"
    )


def describe(data: str | Path = "default") -> Provenance:
    """Say where the rows of `load(data)` come from.

    Raises
    ------
    InputError
        If there is no such store, or the panel has not been built.

    Examples
    --------
    >>> describe().caption()
    'nktrade reconstruction of China customs data (estimated)'
    """
    return _describe_panel() if str(data) == "default" else _describe_store(locate(data))


def _describe_panel() -> Provenance:
    import pyarrow.parquet as pq

    path = _panel()
    columns = ["period", "partner", "flow", "currency"]
    table = pq.read_table(path, columns=columns)
    found = {name: sorted(table[name].unique().to_pylist()) for name in columns}
    return Provenance(
        "default",
        {path.name: ledger.hash_file(path)},
        "estimated",
        len(table),
        f"{found['period'][0]:%Y-%m}",
        f"{found['period'][-1]:%Y-%m}",
        tuple(found["partner"]),
        tuple(found["flow"]),
        tuple(found["currency"]),
    )


def _describe_store(store: Path, as_of: str | None = None) -> Provenance:
    entries = ledger.read_holding(store, "rows", as_of)
    if not entries:
        hint = "Totals of bulletins alone have no codes; import downloads beside them."
        raise InputError("the store holds no rows of commodities", where=str(store), hint=hint)
    files: dict[str, str] = {}
    for entry in ledger.read_entries(store, as_of):  # bulletins too: their points are drawn
        name = entry["name"]
        files[name if name not in files else f"{name} ({entry['sha256'][:8]})"] = entry["sha256"]
    return Provenance(
        str(store),
        files,
        "reported",
        sum(entry["rows"] for entry in entries),
        min(entry["first"] for entry in entries),
        max(entry["last"] for entry in entries),
        tuple(sorted({p for entry in entries for p in entry["partners"]})),
        tuple(sorted({f for entry in entries for f in entry["flows"]})),
        tuple(sorted({c for e in entries for sums in e["sums"].values() for c in sums})),
        " and ".join(dict.fromkeys(recall_source(entry["source"]).publisher for entry in entries)),
    )
