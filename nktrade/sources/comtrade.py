"""UN Comtrade: figures saved from the service or its site, in whatever dress people keep them.

Headings may be those of the service (camelCase), of R's comtradr (snake_case) or of the site before
2023; the file CSV, JSON, a workbook or Parquet, zipped or not. A Comtrade file can hold one flow
many times over: by customs procedure, by mode of transport, by second partner and in total. Only
the totals are read, so that nothing is counted twice. `nktrade data fetch comtrade` writes files
that are read here like any other.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.codes.hs import LABELS
from nktrade.errors import InputError, check_choice, count_of
from nktrade.sources import Source, TruncatedFileWarning
from nktrade.sources._comtrade_amounts import QUANTITIES, ThirdQuantityWarning, measure
from nktrade.sources._comtrade_rows import FLOW_CODES, TOTALS, Dress, is_wanted
from nktrade.sources._customs_codes import country_isos
from nktrade.sources.records import judge_unended, read_records
from nktrade.sources.repeats import (
    add_up_parts,
    check_one_level,
    refuse_repeats,
    refuse_totals_among_parts,
    refuse_years_beside_months,
    warn_left_out,
)
from nktrade.table.rows import check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan

__all__ = ["SOURCE", "SummedPartsWarning", "ThirdQuantityWarning", "read", "scan"]

#: Flows the service lists beside X and M; each is a part of one of them.
PARTS = ("DX", "RX", "XIP", "XOP", "FM", "RM", "MIP", "MOP")
#: The rows one answer can hold: of the public preview, and of the service with a key (the second
#: for some subscriptions). An answer of exactly so many was cut off.
PREVIEW_ROWS, KEYED_ROWS = 500, (100_000, 250_000)
EDITIONS = {
    "H0": "HS1992",
    "H1": "HS1996",
    "H2": "HS2002",
    "H3": "HS2007",
    "H4": "HS2012",
    "H5": "HS2017",
    "H6": "HS2022",
}
_AS_GIVEN = "Use the file as the service gives it, or ask it again for goods by HS."
_LINE = ["period", "reporter", "partner", "flowCode", "classificationCode", "cmdCode"]
_YEAR, _MONTH = r"(19|20)[0-9]{2}", r"(0[1-9]|1[0-2])"


class SummedPartsWarning(UserWarning):
    """Tariff lines without a total were added up over their parts."""


def read(
    path: str | Path,
    *,
    partner: str | None = None,
    level: int | None = None,
    edition: str | None = None,
    totals: bool = False,
    sum_parts: bool = False,
    quantity2: str = "qty",
    allow_truncated: bool = False,
) -> pd.DataFrame:
    """Read a file saved from UN Comtrade into a trade table.

    Parameters
    ----------
    path : path
        As `nktrade.sources.records.read_records` takes it.
    partner : str, optional
        ISO3 code: only trade with this country. The rows for the whole world are never read.
    level : int, optional
        Digits of the codes wanted; needed where the file holds several levels.
    edition : str, optional
        HS edition of a file that does not say it. What a file says may not contradict it.
    totals : bool
        The rows of a file without those columns are totals over all customs procedures, modes of
        transport, modes of supply and second partners.
    sum_parts : bool
        Add up the parts of a line whose total is not there. Tariff lines (of more than six
        digits), which the service gives in parts only, are added up with a warning in any case.
    quantity2 : {"qty", "altQty"}
        Which of the two is `quantity2` where weight, quantity and other quantity have three units.
    allow_truncated : bool
        Take a file that was cut off, with a warning, instead of refusing it.

    Returns
    -------
    pandas.DataFrame
        A trade table: `value` in USD; `quantity` the net weight in kg where one is given, else the
        quantity (`qty`); `quantity2` what is given beside the weight in another unit (items, kWh,
        litres …). Yearly figures stand at the January of the year.

    Raises
    ------
    InputError, CodeError
        For a damaged file or one that was cut off (exactly 500 rows, or fewer than its own count),
        codes that lost their zeros, months beside years, several HS levels, a partner that is no
        country, a line given only in parts, or a number that is none. Rows are the file's own.

    Warns
    -----
    TruncatedFileWarning
        For a file that was cut off, where that is allowed.
    SummedPartsWarning
        For tariff lines that were added up.
    ThirdQuantityWarning
        For quantities in three units.
    """
    path = Path(path)
    trade, about, _ = _read(path, partner, level, edition, totals, sum_parts, quantity2)
    cut = about["cut"]
    if cut and not allow_truncated:
        raise InputError(cut, where=path.name, hint="Save it in parts of fewer rows.")
    if cut:
        warnings.warn(f"{path.name}: {cut}", TruncatedFileWarning, stacklevel=2)
    return trade


def scan(
    path: str | Path,
    *,
    partner: str | None = None,
    level: int | None = None,
    edition: str | None = None,
    totals: bool = False,
    sum_parts: bool = False,
    quantity2: str = "qty",
) -> Scan:
    """Open a file for a store; see `read`.

    What it says of itself is known when its table has been read: its level, whether it is yearly,
    the calls that it came from, and whether it was cut off.
    """
    from nktrade.sources._stream import Scan
    from nktrade.table.arrow import from_frame

    def tables() -> Iterator[pa.Table]:
        trade, about, numbers = _read(
            Path(path), partner, level, edition, totals, sum_parts, quantity2
        )
        opened.cut, opened.seen = about["cut"], about["total"]
        opened.numbers.append(numbers)
        opened.layout["level"] = int(trade["hs"].str.len().iloc[0])
        opened.layout["frequency"] = about["frequency"]
        if "calls" in about:
            opened.layout["calls"] = [_brief(call) for call in about["calls"]]
        yield from_frame(trade)

    given = {"partner": partner, "level": level, "edition": edition}
    given |= {"totals": totals or None, "sum_parts": sum_parts or None}
    given |= {"quantity2": quantity2 if quantity2 != "qty" else None}
    said = {name: value for name, value in given.items() if value is not None}
    opened = Scan(tables(), {}, said)
    return opened


def _brief(call: dict) -> dict:
    """Return a call as the manifest has it; a list of hundreds of codes stays in the file."""
    url = call["url"]
    short = url if len(url) <= 300 else f"{url[:300]}…"
    return {"url": short, "rows": int(call["rows"]), "sha256": call["sha256"]}


def _read(
    path: Path,
    partner: str | None,
    level: int | None,
    edition: str | None,
    totals: bool,
    sum_parts: bool,
    quantity2: str,
) -> tuple[pd.DataFrame, dict, Any]:
    """Return the trade table, what the file says of itself, and the numbers of its rows."""
    check_choice("quantity", quantity2, QUANTITIES)
    if partner is not None:
        check_choice("partner", partner, country_isos().values(), expected="an ISO3 code")
    if edition is not None:
        check_choice("HS edition", edition, LABELS)
    name, total, kept = path.name, 0, []
    about: dict[str, Any] = {}
    dress, codes = None, set[str]()
    for rows in read_records(path, wanted=is_wanted, about=about):
        dress = dress or Dress(rows.columns, name, edition, totals)
        total += len(rows)
        rows = dress.put_on(rows)
        dress.refuse_lost_zeros(rows)
        rows = _select(rows, dress, partner)
        codes.update(rows["cmdCode"])
        kept.append(rows if level is None else rows[rows["cmdCode"].str.len() == level])
    judge_unended(about, name)
    if level is not None:
        warn_left_out(codes, level, name)
    rows = pd.concat(kept) if kept else pd.DataFrame()
    if dress is None or rows.empty:
        told = about.get("error") or about.get("message") or ""
        raise InputError(
            "no row is wanted" if total else "there is no row",
            where=name,
            got=count_of(total, "rows") + (f" and the words {str(told)[:120]!r}" if told else ""),
            hint="Are the partner, the level and exports or imports in the file?"
            if total
            else "Nothing was found, or the call was refused: look at what it asked for.",
        )
    hint = "Save the years and the months in files of their own."
    yearly = rows["freqCode"] == "A"
    refuse_years_beside_months(yearly, lambda row: dress.where(row, "freqCode"), hint)
    check_one_level(rows["cmdCode"], name)
    rows = measure(rows, dress, quantity2)
    rows = _keep_totals(rows, dress, sum_parts)
    hint = "Remove the repeated rows or save the file again."
    refuse_repeats(rows, _LINE, name, "{cmdCode} in {period} with {partner}", hint)
    about |= {"cut": _cut(total, about), "total": total}
    about["frequency"] = "yearly" if rows["freqCode"].iloc[0] == "A" else "monthly"
    return check_trade(_to_trade(rows), where=name), about, rows.index.to_numpy()


def _cut(total: int, about: dict) -> str:
    """Say how it is known that rows are missing from a file; empty if nothing speaks for it."""
    count = about.get("count")
    if count is not None and int(count) != total:
        return (
            f"the file announces {count_of(int(count), 'rows')} and has {total:,}: it was cut off"
        )
    for rows in [] if "calls" in about else about.get("pages", [total]):
        if rows in (PREVIEW_ROWS, *KEYED_ROWS):
            return (
                f"exactly {count_of(rows, 'rows')}, the most the service gives out: it was cut off"
            )
    return ""


def _select(rows: pd.DataFrame, dress: Dress, partner: str | None) -> pd.DataFrame:
    """Keep the wanted partner, flows and goods; refuse what the trade table cannot hold."""
    _refuse_other(rows, dress, "freqCode", ("M", "A"), "neither monthly nor yearly figures")
    yearly = rows["freqCode"] == "A"
    for frequency, pattern, expected in (
        (yearly, _YEAR, "a year as 2020"),
        (~yearly, _YEAR + _MONTH, "a month as 202006"),
    ):
        subject = f"not {expected.partition(' as')[0]}"
        _refuse_other(rows[frequency], dress, "period", pattern, subject, expected)
    dress.refuse_contradictions(rows)
    rows = rows[(rows["partner"] != "W00") & (rows["reporter"] != "W00")]
    if partner is not None:
        rows = rows[rows["partner"] == partner]
    for side in ("reporter", "partner"):
        subject = f"the {side} is no country; name the partner that is wanted"
        shown = rows.get(f"{side}Code", rows[side])
        named = rows.assign(**{side: rows[side].fillna("an area called " + shown)})
        _refuse_other(named, dress, side, r"[A-Z]{3}", subject, "a country")
    _refuse_other(rows, dress, "flowCode", (*FLOW_CODES, *PARTS), "unknown flow")
    rows = rows[rows["flowCode"].isin(FLOW_CODES)]
    known = (*EDITIONS, *EDITIONS.values())
    _refuse_other(rows, dress, "classificationCode", known, "unknown classification")
    if dress.edition:
        same = tuple(code for code in known if EDITIONS.get(code, code) == dress.edition)
        subject = "another HS edition than was said"
        _refuse_other(rows, dress, "classificationCode", same, subject)
    rows = rows[rows["cmdCode"] != "TOTAL"]
    _refuse_other(rows, dress, "cmdCode", r"([0-9]{2}){1,5}", "no HS code", "2 to 10 digits")
    return rows


def _refuse_other(
    rows: pd.DataFrame,
    dress: Dress,
    column: str,
    known: tuple | str,
    subject: str,
    expected: str = "",
) -> None:
    """Refuse the first value that is not among `known`, or does not fit it as a pattern."""
    if isinstance(known, str):
        good = rows[column].str.fullmatch(known)
    else:
        good, expected = rows[column].isin(known), " or ".join(known)
    bad = rows[~good.fillna(False).astype(bool)]
    if len(bad):
        first = bad[column].iloc[0]
        raise InputError(
            subject,
            where=dress.where(bad.index[0], column),
            expected=expected,
            got=repr("" if pd.isna(first) else first),
            hint=_AS_GIVEN,
        )


def _keep_totals(rows: pd.DataFrame, dress: Dress, sum_parts: bool) -> pd.DataFrame:
    """Keep the row that is the total of each line; add up, or refuse, a line that has none."""
    total = pd.Series(True, index=rows.index)
    for column, codes in TOTALS.items():
        total &= rows[column].isin(codes)
    orphan = ~pd.MultiIndex.from_frame(rows[_LINE]).isin(
        pd.MultiIndex.from_frame(rows.loc[total, _LINE])
    )
    if not orphan.any():
        return rows[total]
    tariff = not total.any() and bool((rows["cmdCode"].str.len() > 6).all())
    if not (sum_parts or tariff):
        first = rows[orphan].iloc[0]
        raise InputError(
            "a line is given only in parts, its total is absent",
            where=f"{dress.name}, row {rows.index[orphan][0]:,}",
            got=f"{first['cmdCode']} in {first['period']}",
            hint="Ask for customsCode=C00, motCode=0 and partner2Code=0; or have the parts added "
            "up: sum_parts=True (--sum-parts).",
        )
    parts = _finest(rows[orphan], dress)
    if not sum_parts:
        warnings.warn(
            f"{dress.name}: {count_of(len(parts), 'parts')} of tariff lines were added up; "
            "the sums are the totals only if no part was left out",
            SummedPartsWarning,
            stacklevel=4,
        )
    return pd.concat([rows[total], add_up_parts(parts, _LINE)]).sort_index()


def _finest(parts: pd.DataFrame, dress: Dress) -> pd.DataFrame:
    """Return parts that can be added up; refuse a partial total beside its own parts."""
    for column, codes in TOTALS.items():
        kinds = parts[column].isin(codes).groupby([parts[c] for c in _LINE]).nunique()
        if (kinds > 1).any():
            line = kinds.index[kinds > 1][0]
            raise InputError(
                "parts of a line and a sum of some of them, which would be counted twice",
                where=dress.name,
                got=f"{line[-1]} in {line[0]}, by {column}",
                hint="Save one breakdown only, or the totals.",
            )
    _refuse_nested_modes(parts, dress)
    refuse_totals_among_parts(parts, _LINE, dress.name)
    return parts


def _refuse_nested_modes(parts: pd.DataFrame, dress: Dress) -> None:
    """Refuse a mode of transport beside one within it: 2000, water, counts 2100, sea, again."""
    mode, line = parts["motCode"], pd.MultiIndex.from_frame(parts[_LINE])
    for code in mode.unique():
        within = mode.str.startswith(code.rstrip("0")) & (mode != code)
        both = (mode == code).to_numpy() & line.isin(line[within.to_numpy()])
        if both.any():
            row = parts.index[both][0]
            raise InputError(
                "a mode of transport beside a part of it, which would be counted twice",
                where=dress.where(row, "motCode"),
                got=f"{code} beside {', '.join(sorted(mode[within].unique())[:4])}",
                hint="Save one of them only, or the totals.",
            )


def _to_trade(rows: pd.DataFrame) -> pd.DataFrame:
    month = rows["period"].where(rows["freqCode"] != "A", rows["period"] + "01")
    edition = rows["classificationCode"]
    return pd.DataFrame(
        {
            "period": pd.to_datetime(month, format="%Y%m"),
            "reporter": rows["reporter"],
            "partner": rows["partner"],
            "flow": rows["flowCode"].map(FLOW_CODES),
            "hs": rows["cmdCode"],
            "hs_edition": edition.map(EDITIONS).where(edition.isin(EDITIONS), edition),
            "value": rows["value"],
            "currency": "USD",
            "quantity": rows["quantity"],
            "unit": rows["unit"],
            "quantity2": rows["quantity2"],
            "unit2": rows["unit2"],
            "source": "UN Comtrade",
        }
    ).reset_index(drop=True)


SOURCE = Source(
    name="comtrade",
    publisher="UN Comtrade",
    read=read,
    scan=scan,
    endings=(".csv", ".tsv", ".json", ".jsonl", ".gz", ".xlsx", ".xls", ".parquet"),
)
