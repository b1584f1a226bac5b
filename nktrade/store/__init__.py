"""A folder of imported rows, and `load`: the rows asked for, as a trade table.

A store holds one Parquet part a file and manifests that say what each file was. Files are only
ever added, and what is read is checked against the hash it was written with. A later download
replaces what an earlier one says about its scope (see `nktrade.store.scope`), and what it replaced
is still there for whoever asks `as_of` a day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import pandas as pd

from nktrade._paths import PANEL
from nktrade.codes.geography import check_place
from nktrade.codes.hs import list_codes
from nktrade.codes.names import STORE, read_printed_with
from nktrade.errors import InputError, UnanswerableError
from nktrade.sources import recall_source
from nktrade.store import manifest as ledger
from nktrade.store import mixtures
from nktrade.store.address import locate
from nktrade.store.bulletins import check_totals, monthly_totals, totals
from nktrade.store.doubts import doubts, gone
from nktrade.store.importing import import_files, parse_flows
from nktrade.store.inventory import gaps, names, revisions, status, verify
from nktrade.store.manifest import DEFAULT_STORE
from nktrade.store.provenance import Provenance
from nktrade.store.reading import ORDER, Wanted
from nktrade.store.repair import repair, sweep
from nktrade.table.compact import find_own, read_own
from nktrade.table.mirrors import view_from
from nktrade.table.periods import parse_period
from nktrade.table.rows import FLOWS, KEY
from nktrade.table.support import bound_estimates_by, remember


def _bound_panel(trade, keys, sums):
    """Say what published figures allow; read them only when an estimate is added up."""
    from nktrade.published.panel_support import bound_panel

    return bound_panel(trade, keys, sums)


bound_estimates_by(_bound_panel)
read_printed_with(names)

__all__ = [
    "DEFAULT_STORE",
    "PANEL",
    "Provenance",
    "check_totals",
    "describe",
    "doubts",
    "gaps",
    "gone",
    "import_files",
    "load",
    "monthly_totals",
    "names",
    "parse_flows",
    "repair",
    "revisions",
    "status",
    "sweep",
    "totals",
    "verify",
]


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
    edition: str | None = None,
    level: int | None = None,
    rates: pd.DataFrame | str | Path | None = None,
) -> pd.DataFrame:
    """Read rows from the reconstructed panel or from a store, as a trade table.

    Parameters
    ----------
    data : str or path
        "default" for the reconstructed panel that comes with nktrade (estimated), the folder of a
        store, or its address (``"s3://bucket/store"``, and gs, az, abfs, https).
    partner : str or sequence of str, optional
        ISO3 codes of the reporter's partners; None for all. Where each row tells both sides'
        trade once, as BACI's, a partner's purchases stand as the others' exports to it and its
        sales as their imports from it.
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
        Leave out what was downloaded (where that is not known: imported) after this day
        (``"2024-05-31"``) or moment: the figures as they stood then.
    edition : str, optional
        HS edition, as "HS2017"; needed where a month is there in several.
    level : int, optional
        Digits of the codes; needed where a month is there at several levels.
    rates : pandas.DataFrame or path, optional
        Rates by month or year as `nktrade.table.rates.by_month` takes them, those that come
        with nktrade among them: months that are there in yuan only are converted, so that
        `currency` "USD" is one series; with "CNY" only rows in yuan are read, and converted.
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
        If the months run backwards, or if there is no such store.
    MixtureError
        If publishers, currencies, levels, editions or breakdowns would mix.
    UnanswerableError
        If nothing matches, or nothing is held of one of several partners, saying what there is.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2023", end="2023")
    >>> wigs["currency"].unique().tolist(), wigs["reporter"].unique().tolist()
    (['USD'], ['CHN'])
    """
    turned = view is not None and view in ([partner] if isinstance(partner, str) else partner or [])
    if turned and flow in FLOWS:  # as the reporter declares it
        flow = FLOWS[1 - FLOWS.index(flow)]
    both = rates is not None and currency != "CNY"  # months in dollars beside months in yuan
    where = Wanted(partner, flow, hs, start, end, None if both else currency)
    where.edition, where.level = edition, level
    if str(data) == "default":
        trade = where.read_panel(_check_panel(as_of, source))
    else:
        trade = _read_rows(locate(data), where, source, as_of)
    sorted_ = trade
    if trade.empty:
        _refuse_nothing(where, data, as_of)
    _check_partners(trade, where, data, as_of)
    trade = mixtures.choose_breakdown(trade, breakdown, str(data))
    if rates is not None:
        trade = mixtures.choose_breakdown(_convert(trade, rates), breakdown, str(data))
    mixtures.check_currency(trade, str(data))
    if str(data) != "default":
        mixtures.check_editions(trade, str(data))
    if view is not None:
        trade = view_from(trade, view)
    if trade is not sorted_:
        trade = trade.sort_values(ORDER, ignore_index=True)
    if str(data) == "default":
        codes = None if hs is None else list_codes(hs)
        ends = {"start": start and str(parse_period(start)), "end": end and str(parse_period(end))}
        remember(trade, {"data": "default", "flow": flow, "hs": codes, **ends})
    else:
        trade.attrs[STORE] = str(data)
    return trade


def _convert(trade: pd.DataFrame, rates: pd.DataFrame | str | Path) -> pd.DataFrame:
    from nktrade.table.currency import convert_to_usd, prefer_dollars
    from nktrade.table.rates import read_rates

    table = rates if isinstance(rates, pd.DataFrame) else read_rates(rates)
    return convert_to_usd(prefer_dollars(trade), table)


def _read_rows(store: Path, where: Wanted, source: str | None, as_of: str | None) -> pd.DataFrame:
    import pyarrow as pa

    from nktrade.store.asking import add_silent_months, may_meet, read_store
    from nktrade.table.arrow import SCHEMA, find_doubled, hash_keys, sort_rows, to_frame

    tables = read_store(store, where, source, as_of)
    rows = sort_rows(pa.concat_tables([SCHEMA.empty_table(), *tables]), ORDER)
    sorted_ = trade = to_frame(rows)
    if may_meet(tables) and len(find_doubled(hash_keys(rows))):
        trade = trade.drop_duplicates(list(KEY), keep="last")
    trade = add_silent_months(trade, store, where, source, as_of)
    return trade if trade is sorted_ else trade.sort_values(ORDER, ignore_index=True)


def _refuse_nothing(where: Wanted, data: str | Path, as_of: str | None) -> NoReturn:
    for partner in where.partners or ():
        check_place("partner", partner)
    raise UnanswerableError(
        "no row matches",
        where=str(data),
        expected=where.text(),
        got=_contents(data, as_of),
        hint="Ask for what is there, or import downloads of it: nktrade data import.",
    )


def _check_partners(trade: pd.DataFrame, where: Wanted, data: str | Path, as_of: str | None):
    """Refuse a partner of several of whom nothing is held: a sum would be of the others alone."""
    without = set(where.partners or ()).difference(trade["partner"].unique())
    if without:
        for partner in sorted(without.difference(_describe(data, as_of).partners)):
            check_place("partner", partner)
            raise UnanswerableError(
                f"of {partner} nothing is held",
                where=str(data),
                got=_contents(data, as_of),
                hint="Leave it out, or import downloads of it: nktrade data import.",
            )


def _check_panel(as_of: str | None, source: str | None) -> Path:
    for name, said in (("earlier versions", as_of), ("other sources", source)):
        if said is not None:
            raise InputError(f"the reconstructed panel has no {name}", got=said)
    return _panel()


def _panel() -> Path:
    if not find_own(PANEL).exists():
        raise InputError(
            "the reconstructed panel has not been built",
            where=str(PANEL),
            hint="Build it with: python -m tools.reconstruct",
        )
    return PANEL


def _contents(data: str | Path, as_of: str | None) -> str:
    """Say in a line what a store or the panel has."""
    about = _describe(data, as_of)
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
    about = find_own(_panel()).stat()
    found = _read_panel(_panel(), about.st_mtime_ns, about.st_size)
    return replace(found, files=dict(found.files))


@lru_cache(maxsize=1)
def _read_panel(path: Path, *_changed: int) -> Provenance:
    columns = ["period", "partner", "flow", "currency"]
    file, table = find_own(path), read_own(path, columns)
    found = {name: sorted(table[name].unique()) for name in columns}
    return Provenance(
        "default",
        {file.name: ledger.hash_file(file)},
        "estimated",
        len(table),
        f"{found['period'][0]:%Y-%m}",
        f"{found['period'][-1]:%Y-%m}",
        tuple(found["partner"]),
        tuple(found["flow"]),
        tuple(found["currency"]),
    )


def _describe(data: str | Path, as_of: str | None) -> Provenance:
    return describe(data) if as_of is None else _describe_store(locate(data), as_of)


def _describe_store(store: Path, as_of: str | None = None) -> Provenance:
    entries = ledger.read_holding(store, "rows", as_of)
    if not entries:
        hint = "Totals of bulletins alone have no codes; import downloads beside them."
        raise UnanswerableError(
            "the store holds no rows of commodities", where=str(store), hint=hint
        )
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


def __dir__():
    return sorted(__all__)
