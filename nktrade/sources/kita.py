"""Tables of Korea's trade association (KITA, K-stat): China's customs by HS code and province.

The most used secondary source for trade between China and North Korea. A table has lines of a
title above its headings (코드, 수출금액 …), a line of the unit, (단위 : 천달러), and totals
among its rows. Written from the site's documentation; not seen on a genuine file.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade.errors import InputError
from nktrade.sources import Source
from nktrade.sources.any_table import load_layout, open_table, read_table
from nktrade.sources.containers import Plain
from nktrade.sources.records import find_encoding

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

#: What the site calls a column, by nktrade's name; the first is the one in the layout.
_ALIASES = {
    "period": ("년월", "기간", "연월", "년도", "연도"),
    "hs": ("코드", "hs코드", "품목코드", "hscode"),
    "province": ("지역", "성", "성시", "지역명"),
    "export": ("수출금액", "수출액"),
    "import": ("수입금액", "수입액"),
    "export_weight": ("수출중량",),
    "import_weight": ("수입중량",),
}
_SCALES = {"": 1, "천": 1_000, "만": 10_000, "백만": 1_000_000, "억": 100_000_000}
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
        Of a table without a column of months.
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
    return read_table(plain.path, **_find_layout(plain.path, partner, period, reporter, level))


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
    opened = open_table(plain.path, _find_layout(plain.path, partner, period, reporter, level))
    opened.layout["copy"] = plain.kind
    said = {"partner": partner, "period": period, "reporter": reporter, "level": level}
    opened.declared = {name: value for name, value in said.items() if value is not None}
    held = opened.tables
    opened.tables = (table for table in held if plain)  # the copy lasts until it is read
    return opened


def _find_layout(
    path: Path, partner: str, period: str | None, reporter: str, level: int | None
) -> dict:
    """Return what `read_table` is told: where the headings stand, which there are, the unit."""
    encoding = find_encoding(path)
    with path.open(newline="", encoding=encoding, errors="replace") as file:
        top = [record for record, _ in zip(csv.reader(file), range(_ROWS), strict=False)]
    folded = [[_fold(cell) for cell in row] for row in top]
    known = {name for names in _ALIASES.values() for name in names}
    at = next((i for i, row in enumerate(folded) if len(known & set(row)) >= 2), None)
    if at is None:
        raise InputError(
            "there are no headings of K-stat",
            where=path.name,
            expected="코드 and 수출금액 or 수입금액 in one of the first rows",
            hint="Another table is read with: nktrade data import table FILE --layout …",
        )
    columns = {}
    for ours, names in _ALIASES.items():
        found = next((top[at][folded[at].index(n)] for n in names if n in folded[at]), None)
        if found is not None:
            columns[ours] = found
    above = "".join(cell for row in folded[: at + 1] for cell in row)
    unit = re.search(
        r"단위[:：]?(천|만|백만|억|)(?:미국?)?(?:달러|불|\$)|(천|만|백만|억|)(?:us)?(?:달러|\$)",
        above,
    )
    if unit is None:
        raise InputError(
            "no line says the unit", where=path.name, expected="as (단위 : 천달러)",
            hint="Write it above the headings if you know it.",
        )  # fmt: skip
    said = {name: value for name, value in load_layout("kita").items() if name != "columns"}
    said |= {"columns": columns, "heading": at + 1, "partner": partner, "reporter": reporter}
    said["scale"] = _SCALES[unit[1] or unit[2] or ""]
    said |= {"weight_in": "t"} if re.search(r"톤|ton", above) else {}
    said |= {name: v for name, v in (("period", period), ("level", level)) if v is not None}
    said["leave_out"] = {k: v for k, v in said["leave_out"].items() if k in columns}
    return said


def _fold(cell: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).casefold()


SOURCE = Source(
    name="kita",
    publisher="China customs by KITA",
    read=read,
    scan=scan,
    endings=(".csv", ".xls", ".xlsx"),
)
