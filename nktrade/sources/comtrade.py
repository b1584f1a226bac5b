"""UN Comtrade: monthly figures saved from the service as JSON, CSV or bulk .gz.

A Comtrade file can hold one flow many times over: by customs procedure, by mode of transport, by
second partner and in total. Only the totals are read, so that nothing is counted twice. `nktrade
data fetch comtrade` writes files that are read here like any other.
"""

from __future__ import annotations

import gzip
import json
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.errors import InputError
from nktrade.sources import Source, TruncatedFileWarning
from nktrade.sources._customs_codes import country_isos
from nktrade.table.rows import check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan

#: Column of each breakdown and the codes that mean "all of it".
TOTALS = {
    "customsCode": ("C00",),
    "motCode": ("0",),
    "mosCode": ("0",),
    "partner2Code": ("0", "W00"),
}
FLOW_CODES = {"X": "export", "M": "import"}
#: Flows the service lists beside X and M; each is a part of one of them.
PARTS = ("DX", "RX", "XIP", "XOP", "FM", "RM", "MIP", "MOP")
#: The rows one answer can hold: of the public preview, and of the service with a key (the second
#: for some subscriptions). An answer of exactly so many was cut off.
PREVIEW_ROWS, KEYED_ROWS = 500, (100_000, 250_000)
EDITIONS = {
    "H3": "HS2007",
    "H4": "HS2012",
    "H5": "HS2017",
    "H6": "HS2022",
}
_LINE = ["period", "reporter", "partner", "flowCode", "classificationCode", "cmdCode"]
_NEEDED = ["period", "flowCode", "classificationCode", "cmdCode", *TOTALS]
_NEEDED += ["freqCode", "primaryValue"]
_WANTED = {*_NEEDED, "reporterCode", "reporterISO", "partnerCode", "partnerISO", "netWgt"}
#: What the service calls countries that ISO 3166 calls otherwise.
_OWN_ISOS = {"S19": "TWN"}
#: Rows of a CSV file read together, so that a bulk file of millions is sifted as it passes.
_CHUNK = 200_000


def read(
    path: str | Path,
    *,
    partner: str | None = None,
    level: int | None = None,
    allow_truncated: bool = False,
) -> pd.DataFrame:
    """Read a file saved from UN Comtrade into a trade table.

    Parameters
    ----------
    path : path
        JSON as the service answers, or CSV, either also as ``.gz``.
    partner : str, optional
        ISO3 code: only trade with this country. The rows for the whole world are never read.
    level : {2, 4, 6}, optional
        Digits of the codes wanted; needed where the file holds several levels.
    allow_truncated : bool
        Take a file that was cut off, with a warning, instead of refusing it.

    Returns
    -------
    pandas.DataFrame
        A trade table: `value` in USD, `quantity` the net weight in kg where one is given.

    Raises
    ------
    InputError, CodeError
        For a damaged file or one that was cut off (exactly 500 rows, or fewer than its own
        count), yearly figures (the trade table is monthly), several HS levels, a partner that is
        no country, or a line given only in parts.

    Warns
    -----
    TruncatedFileWarning
        For a file that was cut off, where that is allowed.
    """
    trade, _, cut = _read(Path(path), partner, level)
    if cut and not allow_truncated:
        raise InputError(cut, where=Path(path).name, hint="Save it in parts of fewer rows.")
    if cut:
        warnings.warn(f"{Path(path).name}: {cut}", TruncatedFileWarning, stacklevel=2)
    return trade


def scan(path: str | Path, *, partner: str | None = None, level: int | None = None) -> Scan:
    """Open a file for a store; see `read`.

    What it says of itself is known when its table has been read: its level, the calls that it came
    from, and whether it was cut off.
    """
    from nktrade.sources._stream import Scan
    from nktrade.table.arrow import from_frame

    def tables() -> Iterator[pa.Table]:
        trade, about, opened.cut = _read(Path(path), partner, level)
        opened.layout["level"] = int(trade["hs"].str.len().iloc[0])
        if "calls" in about:
            opened.layout["calls"] = [_brief(call) for call in about["calls"]]
        yield from_frame(trade)

    given = {"partner": partner, "level": level}
    opened = Scan(tables(), {}, {name: value for name, value in given.items() if value is not None})
    return opened


def _brief(call: dict) -> dict:
    """Return a call as the manifest has it; a list of hundreds of codes stays in the file."""
    url = call["url"]
    short = url if len(url) <= 300 else f"{url[:300]}…"
    return {"url": short, "rows": int(call["rows"]), "sha256": call["sha256"]}


def _read(path: Path, partner: str | None, level: int | None) -> tuple[pd.DataFrame, dict, str]:
    """Return the trade table, what the file says of itself, and how it is known to be cut."""
    name, total, kept = path.name, 0, []
    about: dict[str, Any] = {}
    for rows in _load(path, about):
        total += len(rows)
        kept.append(_select(_name_countries(rows, name), name, partner, level))
    cut = _cut(total, about)
    rows = pd.concat(kept) if kept else pd.DataFrame()
    if rows.empty:
        raise InputError("no row is wanted", where=name, hint="Is the partner in the file?")
    digits = sorted(set(rows["cmdCode"].str.len()))
    if len(digits) > 1:
        got = ", ".join(f"{number} digits" for number in digits)
        raise InputError("several HS levels", where=name, got=got, hint="Name one, as level=6.")
    return check_trade(_to_trade(_keep_totals(rows, name)), where=name), about, cut


def _cut(total: int, about: dict) -> str:
    """Say how it is known that rows are missing from a file; empty if nothing speaks for it."""
    count = about.get("count")
    if count is not None and int(count) != total:
        return f"the file announces {int(count):,} rows and has {total:,}: it was cut off"
    if "calls" not in about and total in (PREVIEW_ROWS, *KEYED_ROWS):
        return f"exactly {total:,} rows, the most the service gives out: it was cut off"
    return ""


def _load(path: Path, about: dict) -> Iterator[pd.DataFrame]:
    """Yield the rows of a file as text; `about` receives what a JSON answer says beside them."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as file:
            start = file.read(4096).decode("utf-8-sig", errors="ignore")
            file.seek(0)
            if start.lstrip().startswith("{"):
                text = file.read().decode("utf-8-sig")
                answer = json.loads(text, parse_float=str, parse_int=str)
                rows = pd.DataFrame(answer.pop("data"))
                about |= answer
                if len(rows):
                    rows = rows[[column for column in rows if column in _WANTED]]
                    yield rows.astype("str").where(rows.notna())
                return
            separator = "\t" if "\t" in start.partition("\n")[0] else ","
            for rows in pd.read_csv(
                file,
                sep=separator,
                dtype="str",
                encoding="utf-8-sig",
                encoding_errors="replace",  # the site writes names in other encodings, codes never
                index_col=False,  # and may end each row with a comma
                usecols=lambda column: column in _WANTED,
                chunksize=_CHUNK,
            ):
                yield rows.set_axis(rows.index + 1)  # the headings are the first row to a reader
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise _damaged(path) from error
        got = type(error).__name__
        raise InputError("the file cannot be read", where=str(path), got=got) from None
    except (ValueError, KeyError, EOFError, zlib.error) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> InputError:
    return InputError("not a whole Comtrade file", where=path.name, hint="Save the file again.")


def _name_countries(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add `reporter` and `partner` as ISO3; files without descriptions have the codes only."""
    for column in _NEEDED:
        if column not in rows:
            raise InputError(f"the column {column!r} is missing", where=name)
    named = {}
    for side in ("reporter", "partner"):
        code, iso = f"{side}Code", f"{side}ISO"
        if code not in rows and iso not in rows:
            raise InputError(f"the column {code!r} is missing", where=name)
        absent = pd.Series(pd.NA, index=rows.index, dtype="str")
        printed = rows.get(iso, absent).str.strip().replace(_OWN_ISOS)
        found = rows.get(code, absent).map(country_isos()).astype("str")
        found = found.where(found.notna(), printed)
        named[side] = found.where(rows.get(code, absent).ne("0"), "W00")
    return rows.assign(**named)


def _select(rows: pd.DataFrame, name: str, partner: str | None, level: int | None) -> pd.DataFrame:
    """Keep the wanted partner, flows and codes; refuse what the trade table cannot hold."""
    _refuse_other(rows, name, "freqCode", ("M",), "yearly figures have no month in this table")
    _refuse_other(
        rows, name, "period", r"(19|20)[0-9]{2}(0[1-9]|1[0-2])", "not a month", "as 202006"
    )
    rows = rows[rows["partner"] != "W00"]
    if partner is not None:
        rows = rows[rows["partner"] == partner]
    for side in ("reporter", "partner"):
        subject = f"the {side} is no country; name the partner that is wanted"
        _refuse_other(rows, name, side, r"[A-Z]{3}", subject, "a country")
    _refuse_other(rows, name, "flowCode", (*FLOW_CODES, *PARTS), "unknown flow")
    rows = rows[rows["flowCode"].isin(FLOW_CODES)]
    _refuse_other(rows, name, "classificationCode", tuple(EDITIONS), "unknown classification")
    rows = rows[rows["cmdCode"] != "TOTAL"]
    return rows if level is None else rows[rows["cmdCode"].str.len() == level]


def _refuse_other(
    rows: pd.DataFrame, name: str, column: str, known: tuple | str, subject: str, expected: str = ""
) -> None:
    """Refuse the first value that is not among `known`, or does not fit it as a pattern."""
    if isinstance(known, str):
        good = rows[column].str.fullmatch(known)
    else:
        good, expected = rows[column].isin(known), " or ".join(known)
    bad = rows[~good.fillna(False).astype(bool)]
    if len(bad):
        where = f"{name}, row {bad.index[0] + 1}, column {column!r}"
        raise InputError(subject, where=where, expected=expected, got=repr(bad[column].iloc[0]))


def _keep_totals(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Keep the row that is the total of each line; refuse a line that has none."""
    total = pd.Series(True, index=rows.index)
    for column, codes in TOTALS.items():
        total &= rows[column].isin(codes)
    orphan = ~pd.MultiIndex.from_frame(rows[_LINE]).isin(
        pd.MultiIndex.from_frame(rows.loc[total, _LINE])
    )
    if orphan.any():
        first = rows[orphan].iloc[0]
        raise InputError(
            "a line is given only in parts, its total is absent",
            where=f"{name}, row {rows.index[orphan][0] + 1}",
            got=f"{first['cmdCode']} in {first['period']}",
            hint="Ask for customsCode=C00, motCode=0 and partner2Code=0.",
        )
    return rows[total]


def _to_trade(rows: pd.DataFrame) -> pd.DataFrame:
    weight = pd.to_numeric(rows.get("netWgt", pd.Series(pd.NA, index=rows.index)), errors="coerce")
    weight = weight.astype("float64").where(lambda kg: kg > 0)
    return pd.DataFrame(
        {
            "period": pd.to_datetime(rows["period"], format="%Y%m"),
            "reporter": rows["reporter"],
            "partner": rows["partner"],
            "flow": rows["flowCode"].map(FLOW_CODES),
            "hs": rows["cmdCode"],
            "hs_edition": rows["classificationCode"].map(EDITIONS),
            "value": pd.to_numeric(rows["primaryValue"], errors="coerce"),
            "currency": "USD",
            "quantity": weight,
            "unit": pd.Series("kg", index=rows.index).where(weight.notna()),
            "source": "UN Comtrade",
        }
    ).reset_index(drop=True)


SOURCE = Source(
    name="comtrade",
    publisher="UN Comtrade",
    read=read,
    scan=scan,
    endings=(".csv", ".json", ".gz"),
)
