"""UN Comtrade: monthly figures saved from the service as JSON, CSV or bulk .gz.

A Comtrade file can hold one flow many times over: by customs procedure, by mode of transport, by
second partner and in total. Only the totals are read, so that nothing is counted twice.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from pathlib import Path

import pandas as pd

from nktrade.errors import InputError
from nktrade.trade import check_trade

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
_LINE = ["period", "reporterISO", "partnerISO", "flowCode", "classificationCode", "cmdCode"]
_NEEDED = [*_LINE, *TOTALS, "freqCode", "primaryValue"]
_EDITIONS = {
    "H3": "HS2007",
    "H4": "HS2012",
    "H5": "HS2017",
    "H6": "HS2022",
}


def read(path: str | Path, *, partner: str | None = None, level: int | None = None) -> pd.DataFrame:
    """Read a file saved from UN Comtrade into a trade table.

    Parameters
    ----------
    path : path
        JSON as the service answers, or CSV, either also as ``.gz``.
    partner : str, optional
        ISO3 code: only trade with this country. The rows for the whole world are never read.
    level : {2, 4, 6}, optional
        Digits of the codes wanted; needed where the file holds several levels.

    Returns
    -------
    pandas.DataFrame
        A trade table: `value` in USD, `quantity` the net weight in kg where one is given.

    Raises
    ------
    InputError, CodeError
        For a damaged file, yearly figures (the trade table is monthly), several HS levels, or
        a line given only in parts.
    """
    name = Path(path).name
    rows = _load(Path(path))
    for column in _NEEDED:
        if column not in rows:
            raise InputError(
                f"the column {column!r} is missing",
                where=name,
                hint="Ask the service for descriptions (includeDesc=true).",
            )
    _refuse_other(rows, name, "freqCode", ("M",), "yearly figures have no month in this table")
    _refuse_other(rows, name, "period", None, "not a month")
    rows = rows[rows["partnerISO"] != "W00"]
    if partner is not None:
        rows = rows[rows["partnerISO"] == partner]
    _refuse_other(rows, name, "flowCode", (*FLOW_CODES, *PARTS), "unknown flow")
    rows = rows[rows["flowCode"].isin(FLOW_CODES)]
    _refuse_other(rows, name, "classificationCode", tuple(_EDITIONS), "unknown classification")
    rows = _keep_totals(_keep_level(rows, name, level), name)
    if rows.empty:
        raise InputError("no row is wanted", where=name, hint="Is the partner in the file?")
    return check_trade(_to_trade(rows), where=name)


def _load(path: Path) -> pd.DataFrame:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
        if not text.lstrip().startswith("{"):
            separator = "\t" if "\t" in text.partition("\n")[0] else ","
            return pd.read_csv(io.StringIO(text), sep=separator, dtype="str")
        rows = pd.DataFrame(json.loads(text, parse_float=str, parse_int=str)["data"])
        return rows.astype("str").where(rows.notna())
    except (ValueError, KeyError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            "not a whole Comtrade file", where=path.name, hint="Save the file again."
        ) from error


def _refuse_other(rows: pd.DataFrame, name: str, column: str, known, subject: str) -> None:
    if known is None:
        good = rows[column].str.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])")
    else:
        good = rows[column].isin(known)
    bad = rows[~good.fillna(False).astype(bool)]
    if len(bad):
        where = f"{name}, row {bad.index[0] + 1}, column {column!r}"
        expected = "a month as 202006" if known is None else " or ".join(known)
        raise InputError(subject, where=where, expected=expected, got=repr(bad[column].iloc[0]))


def _keep_level(rows: pd.DataFrame, name: str, level: int | None) -> pd.DataFrame:
    rows = rows[rows["cmdCode"] != "TOTAL"]
    digits = rows["cmdCode"].str.len()
    if level is not None:
        return rows[digits == level]
    if len(set(digits)) > 1:
        got = ", ".join(f"{number} digits" for number in sorted(set(digits)))
        raise InputError("several HS levels", where=name, got=got, hint="Name one, as level=6.")
    return rows


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
            "reporter": rows["reporterISO"],
            "partner": rows["partnerISO"],
            "flow": rows["flowCode"].map(FLOW_CODES),
            "hs": rows["cmdCode"],
            "hs_edition": rows["classificationCode"].map(_EDITIONS),
            "value": pd.to_numeric(rows["primaryValue"], errors="coerce"),
            "currency": "USD",
            "quantity": weight,
            "unit": pd.Series("kg", index=rows.index).where(weight.notna()),
            "source": "UN Comtrade",
        }
    ).reset_index(drop=True)
