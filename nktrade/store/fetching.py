"""UN Comtrade into a store: plan the calls, ask them, write one file a year, import the files.

Answers are kept in a folder beside the store (``nktrade-store.comtrade`` for ``nktrade-store``),
so whoever is interrupted goes on where it stopped, and the store is only touched at the end. The
files of the years are Comtrade files like any other: `nktrade data import comtrade` reads them too.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from nktrade.errors import InputError, ServiceError, count_of
from nktrade.files.writing import replace_bytes
from nktrade.sources.comtrade_calls import ALL, Call, codes_of_country, plan_calls
from nktrade.sources.comtrade_service import Answers, Service
from nktrade.store import manifest as ledger
from nktrade.store.importing import import_files

#: What makes two rows of an answer the same row.
_ROW = (
    "reporterCode", "partnerCode", "period", "flowCode", "cmdCode", "classificationCode",
    "customsCode", "motCode", "mosCode", "partner2Code",
)  # fmt: skip
_SIDES = ("reporter", "partner")


class UncoveredTradeWarning(UserWarning):
    """The lines of a month do not add up to the total that the service gives for it."""


def fetch_comtrade(
    store: str | Path,
    years: Iterable[int],
    *,
    reporter: str = "CHN",
    partner: str = "PRK",
    level: int = 6,
    flow: str = "both",
    yearly: bool = False,
    refresh: bool = False,
    service: Service | None = None,
    progress: Callable[[int, int], None] = lambda done, planned: None,
) -> pd.DataFrame:
    """Fetch monthly or yearly figures from UN Comtrade into a store.

    Calls ask for totals only (all customs procedures, modes of transport and second partners). An
    answer as long as the service gives out is not accepted: its call is split until none is cut.
    With a key the service's own count is asked first, and the rows must be as many.

    Parameters
    ----------
    store : path
        The store's folder; made if there is none.
    years : iterable of int
    reporter, partner : str
        ISO3 codes: who declared, with whom. Several reporters are joined by commas, "ALL" is
        whoever declares.
    level : {2, 4, 6}
        Digits of the HS codes.
    flow : {"export", "import", "both"}
        As the reporter declares it.
    yearly : bool
        Years instead of months; they go far further back.
    refresh : bool
        Ask everything anew. Otherwise only what was not answered before or had no rows: it may
        have been published since.
    service : Service, optional
        By default the service as the environment names it.
    progress : callable
        Told after each call how many are done and how many are known to be needed.

    Returns
    -------
    pandas.DataFrame
        As `import_files` returns, one row a year, with calls (that its rows came from) and
        of_total (the lines' share in the service's totals, which are asked for where a call is
        split by codes; else missing).

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
    plan = plan_calls(
        years, reporter=reporter, partner=partner, level=level, flow=flow, keyed=service.keyed,
        yearly=yearly,
    )  # fmt: skip
    _refuse_other_level(store, level)
    asker = _Asker(service, answers, refresh, progress, len(plan))
    files, calls, shares = [], [], []
    for (who, year), planned in itertools.groupby(plan, lambda c: (c.reporter, c.months[0][:4])):
        rows, origins = asker.ask_all(planned)
        if rows:
            often = "-yearly" if yearly else ""
            name = f"comtrade-{who}-{partner}-{year}-hs{level}-{flow}{often}.json.gz"
            files.append(_write_year(answers.folder / name, rows, origins))
            calls.append(len(origins))
            shares.append(_compare_total(rows, name))
    if not files:
        raise InputError(
            "UN Comtrade has no such figures",
            where=f"{reporter} with {partner}, {plan[0].months[0]} to {plan[-1].months[-1]}",
            hint="Not every country reports monthly, and the last months come late.",
        )
    return import_files(store, "comtrade", files).assign(calls=calls, of_total=shares)


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


class _Asker:
    """Asks calls and their parts, and keeps count of them."""

    def __init__(
        self,
        service: Service,
        answers: Answers,
        refresh: bool,
        progress: Callable[[int, int], None],
        planned: int,
    ) -> None:
        self.service, self.answers, self.refresh = service, answers, refresh
        self.progress, self.planned, self.done = progress, planned, 0

    def ask_all(self, calls: Iterable[Call]) -> tuple[list[dict], list[dict]]:
        """Return the rows of some calls, and the calls they came from, none of them cut."""
        pending, gathered, origins = list(calls), [], []
        while pending:
            call = pending.pop(0)
            answer = self.ask(call)
            if answer is None or len(answer["rows"]) >= self.service.rows:
                parts = call.split(answer["rows"] if answer else ())
                pending[:0] = parts
                self.planned += len(parts)
            elif answer["rows"]:
                gathered += answer["rows"]
                url = self.service.url(call.query(self.service.rows))
                told = {"rows": len(answer["rows"]), "sha256": answer["sha256"]}
                origins.append({"url": url, **told})
            self.done += 1
            self.progress(self.done, self.planned)
        return gathered, origins

    def ask(self, call: Call) -> dict | None:
        """Return a call's rows and their sha256, or None if their count says they would be cut."""
        most = self.service.rows
        query = call.query(most)
        kept = None if self.refresh else self.answers.find(query)
        if kept is not None:
            return kept
        count = None
        if self.service.keyed:
            told = self.service.ask(call.query(most, count=True), _fault_of_count)
            count = int(told["count"])
            if count >= most:
                return None
        answer = self.service.ask(query, lambda answer: _fault(call, answer, most, count))
        lines = sorted(map(_plain, answer["data"]))
        kept = {"rows": [json.loads(line) for line in lines], "sha256": _hash(lines)}
        # A month without rows may be published yet; a list of codes is asked only of one that is.
        if call.codes or {str(row["period"]) for row in answer["data"]} == set(call.months):
            self.answers.keep(query, kept)
        return kept


def _fault_of_count(answer: dict) -> str:
    return "" if str(answer.get("count", "")).isdecimal() else "an answer without a count"


def _fault(call: Call, answer: dict, most: int, count: int | None) -> str:
    """Say what is wrong with an answer; empty if it is one to this very call, and whole."""
    rows = answer.get("data")
    if rows is None:
        return "an answer without the field 'data'"
    announced = answer.get("count")
    if announced is not None and int(announced) != len(rows) and len(rows) < most:
        return f"{count_of(len(rows), 'rows')} where {int(announced):,} are announced"
    if count is not None and len(rows) != count:
        return f"{count_of(len(rows), 'rows')} where the service counts {count:,}"
    codes = set(call.codes)
    sides = {
        f"{side}Code": codes_of_country(getattr(call, side))
        for side in _SIDES
        if getattr(call, side) != ALL
    }
    often = "A" if len(call.months[0]) == 4 else "M"
    for row in rows:
        try:
            ours = (
                str(row["period"]) in call.months
                and row["flowCode"] in call.flows
                and row["freqCode"] == often
                and (row["cmdCode"] in codes if codes else len(row["cmdCode"]) == call.level)
                and all(str(row[column]) in known for column, known in sides.items())
            )
        except (KeyError, TypeError):
            return "a row without the documented fields"
        if not ours:
            return f"a row of {row['period']}, {row['flowCode']}, {row['cmdCode']}, not asked for"
    if len({_identity(row) for row in rows}) < len(rows):
        return "the same row twice"
    return ""


def _identity(row: dict) -> tuple[str, ...]:
    return tuple(str(row.get(column)) for column in _ROW)


def _plain(row: dict) -> str:
    """Write a row so that equal rows are equal texts; what it leaves open is left out."""
    filled = {name: value for name, value in row.items() if value is not None}
    return json.dumps(filled, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _hash(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _write_year(path: Path, rows: list[dict], origins: list[dict]) -> Path:
    """Write a year's rows and the calls they came from; the same rows make the same bytes."""
    times = Counter(_identity(row) for row in rows)
    double = next((row for row in rows if times[_identity(row)] > 1), None)
    if double is not None:
        raise ServiceError(
            "two calls were answered with the same row, though no two ask for the same",
            where=path.name,
            got=f"{double['cmdCode']} in {double['period']}",
            hint="Ask anew with refresh=True (--refresh).",
        )
    content = {"count": len(rows), "calls": origins, "data": rows}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    replace_bytes(path, gzip.compress(text.encode(), compresslevel=5, mtime=0), parents=True)
    return path


def _compare_total(rows: list[dict], name: str) -> float:
    """Return the lines' share in the totals asked for beside them; warn where it is not all."""
    frame = pd.DataFrame(rows)
    whole = (frame["customsCode"] == "C00") & (frame["motCode"].astype(str) == "0")
    whole &= frame["partner2Code"].astype(str) == "0"
    frame = frame[whole].assign(
        value=pd.to_numeric(frame["primaryValue"]), total=frame["cmdCode"] == "TOTAL"
    )
    sums = frame.pivot_table(
        index=["period", "flowCode", "reporterCode"], columns="total", values="value", aggfunc="sum"
    )
    if True not in sums:
        return float("nan")
    pairs = sums[sums[True].notna()].rename(columns={True: "total", False: "lines"}).fillna(0.0)
    off = pairs[(pairs["lines"] / pairs["total"] - 1).abs() > 1e-6]
    if len(off):
        month, flow, _ = off.index[0]
        share = off["lines"].iloc[0] / off["total"].iloc[0]
        warnings.warn(
            f"{name}: in {len(off)} of {len(pairs)} months and flows held against their total the "
            f"lines differ from it; in {month} {flow} they are {share:.1%} of it",
            UncoveredTradeWarning,
            stacklevel=3,
        )
    return float(pairs["lines"].sum() / pairs["total"].sum())
