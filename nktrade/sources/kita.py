"""Tables of Korea's trade association (KITA, K-stat): China's customs by HS code and province.

The most used secondary source for trade between China and North Korea. What a table looks like is
in `nktrade.sources.kita_sheet`. Two tables of the site's other statistics were compared with it;
one of China's by HS code and province was not seen on a genuine file.
"""

from __future__ import annotations

import csv
import re
import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade.files.temporary import make_folder
from nktrade.sources import Source
from nktrade.sources.any_table import open_table, read_table
from nktrade.sources.containers import Plain, warn_broken_off
from nktrade.sources.kita_sheet import Sheet, choose
from nktrade.sources.layouts import load_layout
from nktrade.sources.repeats import refuse_years_beside_months

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan


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
    _refuse_mixture(told, plain.path.name)
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
        _refuse_mixture(told, plain.path.name)
        for one in held:
            yield from one
        opened.seen = max(one.seen for one in every)

    opened.tables = tables()
    return opened


def _refuse_mixture(told: list[dict], name: str) -> None:
    yearly = pd.Series([len(said.get("period", "")) == 4 for said in told])
    hint = "Name the one that is meant: period='2023' (--period 2023)."
    refuse_years_beside_months(yearly, lambda row: name, hint)


def _find_layouts(
    plain: Plain, partner: str, period: str | None, reporter: str, level: int | None
) -> list[dict]:
    """Return what `read_table` is told of each period; the table then has one row of headings."""
    if plain.unended:
        warn_broken_off(plain.path.name)
    sheet = Sheet(plain.path)
    sheet.check(reporter, partner, period)
    said = {name: value for name, value in load_layout("kita").items() if name != "columns"}
    said |= {"heading": sheet.at + 1, "partner": partner, "reporter": reporter}
    said |= {"scale": sheet.scale(), "encoding": "utf-8"}
    said |= {"weight_in": "t"} if re.search(r"톤|ton", sheet.above) else {}
    said |= {"level": level} if level is not None else {}
    _write_flat(plain, sheet)
    told: list[tuple[str, str | None]] = [("", period)]
    if [*sheet.columns] != [""]:
        told = [*choose([*sheet.columns], period, sheet.name)]
    layouts = []
    for span, month in told:
        columns = sheet.columns[span]
        kept = {k: v for k, v in said["leave_out"].items() if k in columns}
        layout = said | {"columns": columns, "leave_out": kept}
        layouts.append(layout | ({"period": month} if month else {}))
    return layouts


def _write_flat(plain: Plain, sheet: Sheet) -> None:
    """Write the table with one row of headings, rows in their places."""
    folder = make_folder()
    weakref.finalize(plain, shutil.rmtree, folder, ignore_errors=True)
    plain.path = folder / plain.path.name
    with plain.path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(sheet.records)


SOURCE = Source(
    name="kita",
    publisher="China customs by KITA",
    read=read,
    scan=scan,
    endings=(".csv", ".xls", ".xlsx"),
)
