"""UN Comtrade into a store: plan the calls, ask them, write one file a year, import the files.

Answers are kept in a folder beside the store (``nktrade-store.comtrade`` for ``nktrade-store``),
so whoever is interrupted goes on where it stopped, and the store is only touched at the end. The
files of the years are Comtrade files like any other: `nktrade data import comtrade` reads them too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from nktrade.errors import InputError, ServiceError
from nktrade.sources.comtrade_calls import Call, plan_calls
from nktrade.sources.comtrade_service import Answers, Service, write_whole
from nktrade.store import ledger
from nktrade.store.importing import import_files

#: What makes two rows of an answer the same row.
_ROW = (
    "period", "flowCode", "cmdCode", "classificationCode",
    "customsCode", "motCode", "mosCode", "partner2Code",
)  # fmt: skip


class UncoveredTradeWarning(UserWarning):
    """The lines of a month do not add up to the total that the service gives for it."""


@dataclass
class _Year:
    """What was answered for one year."""

    rows: list[dict] = field(default_factory=list)
    calls: list[dict] = field(default_factory=list)


def fetch_comtrade(
    store: str | Path,
    years: Iterable[int],
    *,
    reporter: str = "CHN",
    partner: str = "PRK",
    level: int = 6,
    flow: str = "both",
    refresh: bool = False,
    service: Service | None = None,
    progress: Callable[[int, int], None] = lambda done, planned: None,
) -> pd.DataFrame:
    """Fetch monthly figures from UN Comtrade into a store.

    Every call asks for the totals only (all customs procedures, modes of transport and second
    partners). An answer as long as the service gives out is not accepted: the call is split by
    flow, month and code until none is cut. With a key the service's own count is asked first, and
    the rows must be as many.

    Parameters
    ----------
    store : path
        The store's folder; made if there is none.
    years : iterable of int
    reporter, partner : str
        ISO3 codes: who declared, with whom.
    level : {2, 4, 6}
        Digits of the HS codes.
    flow : {"export", "import", "both"}
        As the reporter declares it.
    refresh : bool
        Ask everything anew. Otherwise only what was not answered before, and the months for which
        nothing was answered: they may have been published since.
    service : Service, optional
        By default the service as the environment names it.
    progress : callable
        Told after each call how many are done and how many are known to be needed.

    Returns
    -------
    pandas.DataFrame
        As `import_files` returns, one row a year, and: calls (that its rows came from), of_total
        (the lines' share in the totals the service gives for their months; missing where these
        were not asked for because no call was split by codes).

    Raises
    ------
    ServiceError
        If the service does not answer well; the store is as it was.
    InputError
        For a wrong argument, a store that holds another level, or if there are no figures.

    Warns
    -----
    UncoveredTradeWarning
        Where the lines of a month are more or less than its total.
    """
    service = service or Service.from_environment()
    store, answers = Path(store), answers_of(store)
    keyed = service.keyed
    plan = plan_calls(
        years, reporter=reporter, partner=partner, level=level, flow=flow, keyed=keyed
    )
    _refuse_other_level(store, level)
    fetched = _ask_all(plan, service, answers, refresh, progress)
    files, extra = [], []
    for year, what in sorted(fetched.items()):
        if what.rows:
            name = f"comtrade-{reporter}-{partner}-{year}-hs{level}-{flow}.json.gz"
            files.append(_write_year(answers.folder / name, what))
            extra.append((len(what.calls), _compare_total(what.rows, name)))
    if not files:
        raise InputError(
            "UN Comtrade has no such figures",
            where=f"{reporter} with {partner}, {min(fetched)} to {max(fetched)}",
            hint="Not every country reports monthly, and the last months come late.",
        )
    report = import_files(store, "comtrade", files)
    return report.assign(calls=[n for n, _ in extra], of_total=[share for _, share in extra])


def list_calls(store: str | Path, plan: Iterable[Call], service: Service) -> pd.DataFrame:
    """List the calls that a fetch begins with, asking nothing.

    Returns
    -------
    pandas.DataFrame
        One row a call: asks ("count" or "rows"), what, kept (whether it was answered before),
        url (without a key).
    """
    answers = answers_of(store)
    rows = []
    for call in plan:
        for counting in (True, False) if service.keyed else (False,):
            query = call.query(service.rows, count=counting)
            rows.append(
                {
                    "asks": "count" if counting else "rows",
                    "what": call.text(),
                    "kept": answers.find(query) is not None,
                    "url": service.url(query),
                }
            )
    return pd.DataFrame(rows)


def answers_of(store: str | Path) -> Answers:
    """Return the folder of answers that belongs to a store."""
    path = Path(store)
    return Answers(path.with_name(f"{path.resolve().name}.comtrade"))


def _refuse_other_level(store: Path, level: int) -> None:
    if not (store / ledger.MANIFEST).exists():
        return
    entries = ledger.read_entries(store)
    there = {e["layout"].get("level") for e in entries if e["source"] == "comtrade"} - {None}
    if there - {level}:
        raise InputError(
            f"the store holds codes of {there.pop()} digits, and would count its trade twice",
            where=str(store),
            got=f"level {level}",
            hint="Fetch into another store (--store).",
        )


def _ask_all(
    plan: list[Call], service: Service, answers: Answers, refresh: bool, progress
) -> dict[int, _Year]:
    """Ask every call, splitting those that were cut, and gather the rows by year."""
    pending, done = list(plan), 0
    fetched = {int(call.months[0][:4]): _Year() for call in plan}
    while pending:
        call = pending.pop(0)
        rows = _ask(call, service, answers, refresh)
        done += 1
        if rows is None or len(rows) >= service.rows:
            pending[:0] = call.split(rows or ())
        elif rows:
            year = fetched[int(call.months[0][:4])]
            year.rows += rows
            url = service.url(call.query(service.rows))
            year.calls.append({"url": url, "rows": len(rows), "sha256": _hash(rows)})
        progress(done, done + len(pending))
    return fetched


def _ask(call: Call, service: Service, answers: Answers, refresh: bool) -> list[dict] | None:
    """Return the rows of a call, or None if their count says that they would be cut."""
    query = call.query(service.rows)
    kept = None if refresh else answers.find(query)
    if kept is not None:
        return kept["rows"]
    count = None
    if service.keyed:
        count = int(service.ask(call.query(service.rows, count=True), _fault_of_count)["count"])
        if count >= service.rows:
            return None
    answer = service.ask(query, lambda answer: _fault(call, answer, service.rows, count))
    rows = sorted(answer["data"], key=_plain)
    # A month without rows may be published yet; a list of codes is asked only of one that is.
    if call.codes or {str(row["period"]) for row in rows} == set(call.months):
        answers.keep(query, {"rows": rows})
    return rows


def _fault_of_count(answer: dict) -> str:
    return "" if str(answer.get("count", "")).isdecimal() else "an answer without a count"


def _fault(call: Call, answer: dict, most: int, count: int | None) -> str:
    """Say what is wrong with an answer; empty if it is one to this very call, and whole."""
    rows = answer.get("data")
    if rows is None:
        return "an answer without the field 'data'"
    announced = answer.get("count")
    if announced is not None and int(announced) != len(rows) and len(rows) < most:
        return f"{len(rows):,} rows where {int(announced):,} are announced"
    if count is not None and len(rows) != count:
        return f"{len(rows):,} rows where the service counts {count:,}"
    codes = set(call.codes)
    for row in rows:
        try:
            ours = (
                str(row["period"]) in call.months
                and row["flowCode"] in call.flows
                and row["freqCode"] == "M"
                and (row["cmdCode"] in codes if codes else len(row["cmdCode"]) == call.level)
                and all(str(row[f"{side}Code"]) in _countries(call, side) for side in _SIDES)
            )
        except (KeyError, TypeError):
            return "a row without the documented fields"
        if not ours:
            return f"a row of {row['period']}, {row['flowCode']}, {row['cmdCode']}, not asked for"
    if len({tuple(str(row.get(column)) for column in _ROW) for row in rows}) < len(rows):
        return "the same row twice"
    return ""


_SIDES = ("reporter", "partner")


def _countries(call: Call, side: str) -> list[str]:
    from nktrade.sources.comtrade_calls import codes_of_country

    return codes_of_country(getattr(call, side))


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _hash(rows: list[dict]) -> str:
    return hashlib.sha256(_plain(rows).encode()).hexdigest()


def _write_year(path: Path, year: _Year) -> Path:
    """Write a year's rows and the calls they came from; the same rows make the same bytes."""
    _refuse_doubles(year.rows, path.name)
    content = {"count": len(year.rows), "calls": year.calls, "data": year.rows}
    write_whole(path, gzip.compress(_plain(content).encode(), mtime=0))
    return path


def _refuse_doubles(rows: list[dict], name: str) -> None:
    """Refuse a row that two calls answered, though no two asked for the same."""
    seen: set[tuple] = set()
    for row in rows:
        key = tuple(str(row.get(column)) for column in _ROW)
        if key in seen:
            raise ServiceError(
                "two calls were answered with the same row",
                where=name,
                got=f"{row['cmdCode']} in {row['period']}",
                hint="Ask anew with refresh=True (--refresh).",
            )
        seen.add(key)


def _compare_total(rows: list[dict], name: str) -> float:
    """Return the lines' share in the totals asked for beside them; warn where it is not all."""
    frame = pd.DataFrame(rows)
    whole = (frame["customsCode"] == "C00") & (frame["motCode"].astype(str) == "0")
    whole &= frame["partner2Code"].astype(str) == "0"
    frame = frame[whole].assign(
        value=pd.to_numeric(frame["primaryValue"]), total=frame["cmdCode"] == "TOTAL"
    )
    sums = frame.pivot_table(
        index=["period", "flowCode"], columns="total", values="value", aggfunc="sum"
    )
    if True not in sums:
        return float("nan")
    pairs = sums[sums[True].notna()].rename(columns={True: "total", False: "lines"}).fillna(0.0)
    off = pairs[(pairs["lines"] / pairs["total"] - 1).abs() > 1e-6]
    if len(off):
        month, flow = off.index[0]
        share = off["lines"].iloc[0] / off["total"].iloc[0]
        warnings.warn(
            f"{name}: in {len(off)} of {len(pairs)} months and flows held against their total the "
            f"lines differ from it; in {month} {flow} they are {share:.1%} of it",
            UncoveredTradeWarning,
            stacklevel=3,
        )
    return float(pairs["lines"].sum() / pairs["total"].sum())
