"""Tables of Korea's trade association (KITA, K-stat): China's customs by HS code and province.

The most used secondary source for trade between China and North Korea. A table has lines of a
title above its headings (코드, 수출금액 …), the unit in a line (단위 : 천달러) or in the headings
(수출액(천불)), and totals among its rows. Where it compares periods, a row of them (2022년, 2023년)
stands above the headings. Written from the site's documentation and from what people's programs
say of its files; not seen on a genuine file.
"""

from __future__ import annotations

import csv
import re
import shutil
import unicodedata
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade.errors import InputError
from nktrade.files.temporary import make_folder
from nktrade.sources import Source
from nktrade.sources.any_table import open_table, read_table
from nktrade.sources.containers import Plain
from nktrade.sources.layouts import load_layout
from nktrade.sources.months_in_names import read_month
from nktrade.sources.records import find_encoding

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan

#: What the site calls a column, by nktrade's name.
_ALIASES = {
    "period": ("년월", "기간", "연월", "년도", "연도", "시점", "date", "period", "year/month"),
    "hs": ("코드", "hs코드", "hsk코드", "품목코드", "hscode", "code"),
    "province": ("지역", "성", "성시", "지역명", "province"),
    "export": ("수출금액", "수출액", "exports", "export", "exportvalue", "exportamount"),
    "import": ("수입금액", "수입액", "imports", "import", "importvalue", "importamount"),
    "export_weight": ("수출중량", "exportweight"),
    "import_weight": ("수입중량", "importweight"),
}
_SCALES = {"": 1, "천": 1_000, "만": 10_000, "백만": 1_000_000, "억": 100_000_000}
_UNIT = re.compile(
    r"단위[:：]?(천|만|백만|억|)(?:미국?)?(?:달러|불|\$)"
    r"|(천|만|백만|억|)(?:us)?(?:달러|불|\$)"
    r"|unit[:：]?(?:us\$|usd)(1,?000,?000|1,?000|)"
)
_ROWS = 20


def read(
    path: str | Path,
    *,
    partner: str = "PRK",
    period: str | None = None,
    reporter: str = "CHN",
    level: int | None = None,
) -> pd.DataFrame:
    """Read a table of K-stat into a trade table.

    Parameters
    ----------
    path : path
        A workbook or CSV file as the site gives it.
    partner, reporter : str
        ISO3 codes: the partner chosen at the site, and whose customs declared (China's).
    period : str, optional
        Of a table without a column of months; of one that compares periods, the one wanted.
    level : int, optional
        Digits of the codes wanted, of several.

    Returns
    -------
    pandas.DataFrame
        A trade table in USD: both flows of a row, those without trade left out.

    Raises
    ------
    InputError, CodeError
        Naming file, row and column.
    """
    plain = Plain(Path(path))
    told = _find_layouts(plain, partner, period, reporter, level)
    tables = [read_table(plain.path, **said) for said in told]
    _refuse_mixture([said.get("period") for said in told], plain.path.name)
    return pd.concat(tables, ignore_index=True)


def scan(
    path: str | Path,
    *,
    partner: str = "PRK",
    period: str | None = None,
    reporter: str = "CHN",
    level: int | None = None,
) -> Scan:
    """Open a table for a store; see `read`."""
    plain = Plain(Path(path))
    told = _find_layouts(plain, partner, period, reporter, level)
    every = [open_table(plain.path, said) for said in told]
    opened = every[0]
    opened.layout["copy"] = plain.kind
    said = {"partner": partner, "period": period, "reporter": reporter, "level": level}
    opened.declared = {name: value for name, value in said.items() if value is not None}
    held = [one.tables for one in every]

    def tables() -> Iterator[pa.Table]:
        _refuse_mixture([said.get("period") for said in told], plain.path.name)
        for one in held:
            yield from one
        opened.seen = max(one.seen for one in every)

    opened.tables = tables()
    return opened


def _refuse_mixture(periods: list[str | None], name: str) -> None:
    if len({len(period or "") for period in periods}) > 1:
        raise InputError(
            "years beside months, which would be counted twice",
            where=name,
            hint="Name the one that is meant: period='2023' (--period 2023).",
        )


def _find_layouts(
    plain: Plain, partner: str, period: str | None, reporter: str, level: int | None
) -> list[dict]:
    """Return what `read_table` is told of each period: headings, where they stand, the unit."""
    path = plain.path
    values = {name for ours in ("export", "import") for name in _ALIASES[ours]}
    known = {name for names in _ALIASES.values() for name in names}
    encoding = find_encoding(path, lambda cell: _label(cell) in values)
    with path.open(newline="", encoding=encoding, errors="replace") as file:
        records = list(csv.reader(file))
    top = records[:_ROWS]
    labels = [[_label(cell) for cell in row] for row in top]
    at = next((i for i, row in enumerate(labels) if _is_heading(row, known, values)), None)
    if at is None:
        raise InputError(
            "there are no headings of K-stat",
            where=path.name,
            expected="코드 and 수출금액 or 수입금액 in one of the first rows",
            hint="Another table is read with: nktrade data import table FILE --layout …",
        )
    above = "".join(_fold(cell) for row in top[: at + 1] for cell in row)
    said = {name: value for name, value in load_layout("kita").items() if name != "columns"}
    said |= {"heading": at + 1, "partner": partner, "reporter": reporter, "encoding": encoding}
    said["scale"] = _find_scale(above, path.name)
    said |= {"weight_in": "t"} if re.search(r"톤|ton", above) else {}
    said |= {"level": level} if level is not None else {}
    spans = _spans(top[at - 1], labels[at]) if at else {}
    if spans:
        columns = _write_flat(plain, records, at, spans)
        told = _choose(spans, period, path.name)
        layouts = [said | {"columns": columns[span], "period": month} for span, month in told]
    else:
        found = {ours: _first(labels[at], names) for ours, names in _ALIASES.items()}
        named = {ours: top[at][column] for ours, column in found.items() if column is not None}
        layouts = [said | {"columns": named} | ({"period": period} if period else {})]
    for layout in layouts:
        kept = {k: v for k, v in said["leave_out"].items() if k in layout["columns"]}
        layout["leave_out"] = kept
    return layouts


def _is_heading(row: list[str], known: set[str], values: set[str]) -> bool:
    return bool(values & set(row)) and sum(label in known for label in row) >= 2


def _first(labels: list[str], names: tuple[str, ...]) -> int | None:
    return next((labels.index(name) for name in names if name in labels), None)


def _spans(above: list[str], labels: list[str]) -> dict[int, str]:
    """Return by column the period that stands above its heading, where there is one."""
    spans: dict[int, str] = {}
    last = ""
    for column, label in enumerate(labels):
        text = above[column].strip() if column < len(above) else ""
        last = text or last
        if label and re.match(r"[12][0-9]{3}", last):
            spans[column] = last
    return spans


def _choose(spans: dict[int, str], period: str | None, name: str) -> list[tuple[str, str]]:
    """Return the periods that are wanted, as they stand and as months or years."""
    read: dict[str, str] = {}
    for span in dict.fromkeys(spans.values()):
        try:
            read[span] = read_month(span)
        except InputError:
            if period is None:
                raise InputError(
                    "a sum over several months is no month and no year",
                    where=name,
                    got=repr(span),
                    hint="Leave it aside by naming what is wanted: period='2023' (--period 2023).",
                ) from None
    chosen = [(span, month) for span, month in read.items() if period in (None, month, span)]
    if not chosen:
        got = ", ".join(dict.fromkeys(spans.values()))
        raise InputError("the table has no such period", where=name, expected=period or "", got=got)
    return chosen


def _write_flat(
    plain: Plain, records: list[list[str]], at: int, spans: dict[int, str]
) -> dict[str, dict[str, str]]:
    """Write the table with one row of headings, rows in their places; return them by period."""
    columns: dict[str, dict[str, str]] = {span: {} for span in spans.values()}
    heads = []
    for column in range(max(map(len, records))):
        cells = [row[column] if column < len(row) else "" for row in records[at - 1 : at + 1]]
        own = cells[1].strip() or cells[0].strip()
        label = f"{own} {spans[column]}" if column in spans else own
        heads.append(label)
        for ours, names in _ALIASES.items():
            if _label(own) in names:
                for span in [spans[column]] if column in spans else columns:
                    columns[span].setdefault(ours, label)
    folder = make_folder()
    weakref.finalize(plain, shutil.rmtree, folder, ignore_errors=True)
    plain.path = folder / plain.path.name
    with plain.path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*records[:at], heads, *records[at + 1 :]])
    return columns


def _find_scale(above: str, name: str) -> int:
    unit = _UNIT.search(above)
    if unit is None:
        raise InputError(
            "no line says the unit", where=name, expected="as (단위 : 천달러)",
            hint="Write it above the headings if you know it.",
        )  # fmt: skip
    if unit[3] is not None:
        return int(unit[3].replace(",", "") or 1)
    return _SCALES[unit[1] or unit[2] or ""]


def _label(cell: str) -> str:
    """Return a heading without the unit behind it."""
    return re.sub(r"\(.*?\)", "", _fold(cell))


def _fold(cell: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).casefold()


SOURCE = Source(
    name="kita",
    publisher="China customs by KITA",
    read=read,
    scan=scan,
    endings=(".csv", ".xls", ".xlsx"),
)
