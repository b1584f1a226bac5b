"""The sheets of a workbook as rows of cells, within what a machine holds."""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.sources.archives import FREE, list_members

#: Columns of a sheet, and cells of a workbook read whole: many times what any publisher has.
_WIDEST, _MOST_CELLS = 1000, 300_000

#: What a message says behind the name of a sheet that Excel does not show.
_MARK_HIDDEN = " (hidden)"

#: Empty rows in the middle of a sheet, and all rows that Excel has: a program may mark every one.
_MOST_EMPTY, _MOST_ROWS = 10_000, 1 << 20


def read_sheets(path: Path, kind: str, merged: bool = False) -> dict[str, list[list[Any]]]:
    """Return the sheets of a workbook that hold anything: name to rows of cells.

    `merged` repeats what stands in cells merged over several rows in each of them.

    Raises
    ------
    InputError
        If it is damaged, or xlrd (for old workbooks) is not installed.
    """
    try:
        sheets = _read_xls(path) if kind == "xls" else _read_xlsx(path, merged)
    except InputError:
        raise
    except ImportError:
        raise InputError(
            "reading .xls files needs the package xlrd",
            where=path.name,
            hint="Install it with: pip install xlrd; or save the workbook as .xlsx.",
        ) from None
    except Exception as error:  # the readers of workbooks raise whatever a damaged file provokes
        raise InputError(
            f"the {kind} file cannot be read",
            where=path.name,
            got=str(error)[:80],
            hint="Download it again, or save it again as CSV.",
        ) from None
    return {name: rows for name, rows in sheets.items() if any(any(_full(row)) for row in rows)}


def _full(row: list[Any]) -> Iterator[bool]:
    return (cell is not None and str(cell).strip() != "" for cell in row)


def _read_xlsx(path: Path, merged: bool) -> dict[str, list[list[Any]]]:
    import openpyxl

    _refuse_huge(path, merged)
    # Only a workbook that is read whole knows its merged cells; rows alone are read as they pass.
    with path.open("rb") as file:  # whatever it is called
        book = openpyxl.load_workbook(file, data_only=True, read_only=not merged)
        sheets = {}
        for sheet in book.worksheets:
            if not merged:
                sheet.reset_dimensions()  # some programs write a wrong one
            rows: list[list[Any]] = []
            empty = 0
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                full = any(cell is not None for cell in row)
                if len(row) > _WIDEST or number > _MOST_ROWS or (full and empty > _MOST_EMPTY):
                    raise _too_large(path, f"row {number:,} of {len(row):,} columns")
                if not (full or merged):
                    empty += 1
                    continue
                rows += [[] for _ in range(empty)]
                rows.append(list(row))
                empty = 0
            for area in sheet.merged_cells.ranges if merged else ():
                for row in rows[area.min_row : area.max_row]:
                    row[area.min_col - 1] = rows[area.min_row - 1][area.min_col - 1]
            sheets[sheet.title + _MARK_HIDDEN * (sheet.sheet_state != "visible")] = rows
        return sheets


_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,4})([0-9]{1,9})"')

_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="[A-Z0-9$]+:([A-Z]{1,4})([0-9]{1,9})"')


_MOST_BESIDE = 1 << 20


def _refuse_huge(path: Path, whole: bool) -> None:
    """Refuse a workbook that says of few bytes that they are more cells than a machine holds."""
    with zipfile.ZipFile(path) as book:
        list_members(book)
        for member in book.infolist():  # styles and the like, of which each word becomes an object
            beside = not member.filename.startswith(
                ("xl/worksheets/", "xl/sharedStrings", "xl/media/")
            )
            if beside and member.file_size > _MOST_BESIDE:
                raise _too_large(path, f"{member.filename} of {member.file_size >> 20} megabytes")
        for member in book.infolist() if whole else ():
            if not member.filename.endswith(".xml"):
                continue
            if member.file_size > FREE:
                raise _too_large(path, f"a sheet of {member.file_size >> 20} megabytes")
            text = book.read(member)
            for found in (*_CELL.finditer(text), *_MERGED.finditer(text)):
                column = functools.reduce(lambda n, letter: 26 * n + letter - 64, found[1], 0)
                if column > _WIDEST or column * int(found[2]) > _MOST_CELLS:
                    place = found[1].decode() + found[2].decode()
                    raise _too_large(path, f"cells up to {place}")


def _too_large(path: Path, got: str) -> InputError:
    return InputError(
        "the workbook says it is larger than a table can be",
        where=path.name,
        expected=f"at most {_WIDEST:,} columns and {_MOST_CELLS:,} cells",
        got=got,
        hint="Save the table alone in a new workbook, or as CSV.",
    )


def _read_xls(path: Path) -> dict[str, list[list[Any]]]:
    import xlrd

    with xlrd.open_workbook(file_contents=path.read_bytes(), logfile=io.StringIO()) as book:
        return {
            sheet.name + _MARK_HIDDEN * bool(sheet.visibility): [
                [_xls_value(cell, book.datemode) for cell in sheet.row(row)]
                for row in range(sheet.nrows)
            ]
            for sheet in book.sheets()
        }


def _xls_value(cell: Any, datemode: int) -> Any:
    """Return what a cell shows: a moment, and of a fault its name, where the file has numbers."""
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value


def only_sheet(sheets: dict[str, list[list[Any]]], name: str) -> Iterator[list[str]]:
    """Return the rows of the one sheet that holds a table, cells as text."""
    if len(sheets) > 1:  # notes beside a table have one column, or one row
        wide = {n: rows for n, rows in sheets.items() if sum(sum(_full(r)) > 1 for r in rows) > 1}
        sheets = wide if len(wide) == 1 else sheets
    if len(sheets) != 1:
        raise InputError(
            "the workbook has several sheets" if sheets else "the workbook is empty",
            where=name,
            expected="one sheet",
            got=", ".join(map(repr, list(sheets)[:6])),
            hint="Keep the table in a workbook of its own, or save it as CSV.",
        )
    (rows,) = sheets.values()
    width = max(i + 1 for row in rows for i, full in enumerate(_full(row)) if full)
    return ([cell_text(cell) for cell in row[:width]] for row in rows)


def cell_text(cell: Any) -> str:
    """Write a cell as text: whole numbers without a point, moments as ISO dates."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time() else cell.isoformat()
    return str(cell)
