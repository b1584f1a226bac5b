"""What a file really is, whatever it is called, and its rows as plain comma-separated text.

People keep a download as it came, zipped, or saved again by a spreadsheet. A reader of plain text
asks here for `Plain(path)`: the file itself where it is plain text already, else a copy that is.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import functools
import gzip
import io
import itertools
import re
import shutil
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from nktrade.errors import InputError
from nktrade.files.temporary import make_folder

HEAD = 1 << 16
#: Rows among which the headings are.
TOP = 20
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: How workbooks of Excel 2 to 5 begin, which have no container around them.
_OLD_BOOKS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
#: Names of kinds for messages.
KINDS = {
    "gzip": "a gzip file",
    "zip": "a zip archive",
    "xlsx": "an Excel workbook",
    "xls": "an old Excel workbook",
    "parquet": "a Parquet file",
    "pdf": "a PDF document",
    "rar": "a RAR archive",
    "tar": "a tar archive",
    "bzip2": "a bzip2 file",
    "xz": "an xz file",
    "zstd": "a Zstandard file",
    "stata": "a Stata data set",
    "spss": "an SPSS data set",
    "feather": "an Arrow (Feather) file",
    "sqlite": "an SQLite database",
    "rds": "an R data file",
    "7z": "a 7z archive",
    "html": "an HTML page",
    "xml": "XML",
    "json": "JSON",
    "utf-16": "UTF-16 text",
    "text": "text",
    "empty": "an empty file",
}
_STARTS = {
    b"\x1f\x8b": "gzip",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"<stata_dta>": "stata",
    b"$FL2@(#)": "spss",
    b"ARROW1": "feather",
    b"SQLite format 3": "sqlite",
    b"RDX": "rds",
    b"X\n\x00\x00\x00": "rds",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "xls",
}
_UNPACK = "Unpack it, and import what is in it."
_HINTS = {
    "html": "The site may have answered with a message page. Download it again.",
    "empty": "Download the table again and leave it as it comes.",
} | dict.fromkeys(("rar", "7z", "tar", "bzip2", "xz", "zstd"), _UNPACK)
#: More than an archive of tables can hold: text packs to a fiftieth, not to a thousandth.
_MOST_BYTES, _MOST_PACKED, _FREE = 1 << 36, 100, 1 << 24
#: Columns of a sheet, and cells of a workbook read whole: many times what any publisher has.
_WIDEST, _MOST_CELLS = 1000, 300_000
#: Empty rows in the middle of a sheet.
_MOST_EMPTY = 10_000


def find_kind(path: Path) -> str:
    """Return what a file is by its content: one of `KINDS`.

    Raises
    ------
    InputError
        If it cannot be read: missing, a folder, forbidden, or a link to nothing.
    """
    head = read_head(path)
    for start, kind in _STARTS.items():
        if head.startswith(start):
            return kind
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                return "xlsx" if "[Content_Types].xml" in archive.namelist() else "zip"
        except (zipfile.BadZipFile, RuntimeError, ValueError):
            return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    if head[:2] in _OLD_BOOKS:
        return "xls"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:200]:
        return "utf-16"
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        return "empty"
    if start.startswith((b"<?xml", b"<response", b"<OpenAPI")) and b"<html" not in start[:2000]:
        return "xml"
    return {b"<": "html", b"{": "json", b"[": "json"}.get(start[:1], "text")


def read_head(path: Path) -> bytes:
    """Return the beginning of a file, or say why there is none."""
    import difflib

    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except FileNotFoundError:
        if path.is_symlink():
            raise InputError(
                "a link to a file that is not there", where=str(path), got=str(path.readlink())
            ) from None
        there = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, there, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "Check the path."
        raise InputError("there is no such file", where=str(path), hint=hint) from None
    except IsADirectoryError:
        raise InputError(
            "this is a folder", where=str(path), expected="a file", hint="Name its files."
        ) from None
    except PermissionError:
        raise InputError("the file may not be read", where=str(path)) from None
    except OSError as error:
        raise InputError("the file cannot be read", where=str(path), got=str(error)) from None


class Plain:
    """A file as plain text with one record a row, separated by commas.

    Attributes
    ----------
    path : Path
        The file itself where it is such text already; else a copy, under the same name, that is
        there as long as this object.
    kind : str
        What the file is, one of `KINDS`.
    separator : str
        What stood between the values of a row in the file itself.

    Raises
    ------
    InputError
        If the file is nothing that has rows, is damaged, or holds several tables.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.kind, self.separator = path, find_kind(path), ","
        kind = self.kind
        if kind in ("gzip", "zip"):
            with _guard(path, kind), _unpacked(path, kind) as source:
                self._copy(source, path)
            kind = find_kind(self.path)
        if kind in ("xlsx", "xls"):
            self._write(_sheet(read_sheets(self.path, kind), path.name))
        elif kind == "utf-16":
            text = decode_utf16(self.path.read_bytes(), path.name)
            self._fresh().write_text(text, encoding="utf-8", newline="")
        elif kind not in ("text", "json", "xml"):
            raise InputError(
                f"this is {KINDS[kind]}" if kind != "empty" else "the file is empty",
                where=path.name,
                expected="a table as text (CSV) or a workbook, as it is or in a zip or gzip file",
                hint=_HINTS.get(kind, "Save the table in it as CSV, and import that."),
            )
        if kind in ("text", "utf-16"):
            self._settle_ends()
            self._settle_separator()

    def _fresh(self) -> Path:
        """Return the place of a new copy; whatever copy there was is still there to be read."""
        folder = make_folder()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = folder / self.path.name
        return self.path

    def _copy(self, source: BinaryIO, path: Path) -> None:
        most = max(_FREE, min(_MOST_BYTES, _MOST_PACKED * path.stat().st_size))
        with self._fresh().open("wb") as file:
            while piece := source.read(1 << 20):
                most -= file.write(piece)
                if most < 0:
                    raise InputError(
                        "the file would unpack to more than a table can be",
                        where=path.name,
                        expected=f"at most {_MOST_PACKED} times its size",
                        hint="Unpack it by hand if you trust it, and import what is in it.",
                    )

    def _write(self, rows: Iterable[Iterable[Any]], encoding: str = "utf-8") -> None:
        with self._fresh().open("w", encoding=encoding, newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    def _settle_ends(self) -> None:
        """Write the rows again with line feeds where old Macs' returns alone end them."""
        head = read_head(self.path)
        if b"\r" in head and b"\n" not in head:
            text = self.path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            self._fresh().write_bytes(text)

    def _settle_separator(self) -> None:
        """Write the rows again with commas where the first rows are parted by something else."""
        head = read_head(self.path).decode("latin-1")
        self.separator = find_separator(itertools.islice(io.StringIO(head), TOP))
        if self.separator != ",":  # latin-1 keeps every byte, and no byte of a character parts it
            with self.path.open(encoding="latin-1", newline="") as file:
                rows = csv.reader(file, delimiter=self.separator)
                self._write(map(_without_last_comma, rows), "latin-1")


def _without_last_comma(row: list[str]) -> list[str]:
    """Return a row without the comma that customs writes at its end, whatever parts the rest."""
    return [*row[:-1], row[-1].removesuffix(",")] if row else row


def find_separator(lines: Iterable[str]) -> str:
    """Return what parts the values of a table's first rows: what most of them have.

    A title above the rows has no separator, and decimal commas are not in the headings; where two
    are in as many rows, the first row decides.

    Examples
    --------
    >>> find_separator(["My table", "period;hs;value", "2020;6704;1,5"]), find_separator(["hs"])
    (';', ',')
    """
    full = [line for line in lines if any(mark in line for mark in SEPARATORS)]
    there = {mark: sum(mark in line for line in full) for mark in SEPARATORS}
    first = full[0] if full else ""
    return max(SEPARATORS, key=lambda mark: (there[mark], first.count(mark), mark == ","))


def decode_utf16(raw: bytes, name: str) -> str:
    """Decode UTF-16 with or without the mark of its byte order; refuse what is none."""
    marked = raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    order = "utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be"
    try:
        return raw.decode("utf-16" if marked else order)
    except UnicodeDecodeError as error:
        raise InputError(
            "the text looks like UTF-16 and is not",
            where=f"{name}, byte {error.start:,}",
            expected="UTF-16, UTF-8 or GB18030, whole",
            hint="Download it again and leave it as it comes.",
        ) from None


def _guard(path: Path, kind: str):
    """Turn what a damaged container provokes into a refusal."""
    import contextlib

    @contextlib.contextmanager
    def guarded() -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise InputError(
                f"{KINDS[kind]} that is damaged or locked",
                where=path.name,
                got=str(error)[:80],
                hint="Get the whole file again, or unpack it and import what is in it.",
            ) from None

    return guarded()


def _unpacked(path: Path, kind: str) -> Any:
    if kind == "gzip":
        return gzip.open(path)
    archive = zipfile.ZipFile(path)
    members = list_members(archive)
    if len(members) != 1:
        shown = ", ".join(sorted(members.values())[:6])
        raise InputError(
            f"a zip archive of {len(members)} files",
            where=path.name,
            expected="one table",
            got=shown or "nothing",
            hint="Unpack it, or import it into a store, which takes each of its files.",
        )
    return archive.open(next(iter(members)))


def list_members(archive: zipfile.ZipFile) -> dict[zipfile.ZipInfo, str]:
    """Return the files of a zip archive and their names, without what systems leave in it.

    Raises
    ------
    InputError
        If it is locked by a password, or would unpack to more than tables can be.
    """
    found: dict[zipfile.ZipInfo, str] = {}
    for member in archive.infolist():
        parts = [part for part in PurePosixPath(_readable(member)).parts if part not in ("/", "..")]
        if member.is_dir() or not parts or "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        packed = max(member.compress_size, 1)
        if member.file_size > _MOST_BYTES or member.file_size > max(_MOST_PACKED * packed, _FREE):
            raise InputError(
                "the archive would unpack to more than a table can be",
                where=Path(str(archive.filename)).name,
                got=f"{member.file_size:,} bytes from {packed:,}",
            )
        if member.flag_bits & 1:
            raise InputError(
                "the archive is locked by a password", where=Path(str(archive.filename)).name
            )
        found[member] = "/".join(parts)
    return found


def _readable(member: zipfile.ZipInfo) -> str:
    """Return a member's name; archives made in China have it in GBK and do not say so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


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
            for row in sheet.iter_rows(values_only=True):
                rows.append(list(row))
                empty = 0 if any(cell is not None for cell in row) else empty + 1
                if len(row) > _WIDEST or empty > _MOST_EMPTY:
                    raise _too_large(path, f"row {len(rows):,} of {len(row):,} columns")
            for area in sheet.merged_cells.ranges if merged else ():
                for row in rows[area.min_row : area.max_row]:
                    row[area.min_col - 1] = rows[area.min_row - 1][area.min_col - 1]
            sheets[sheet.title] = rows
        return sheets


_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,4})([0-9]{1,9})"')
_MERGED = re.compile(rb'<mergeCell\b[^>]*?\bref="[A-Z0-9$]+:([A-Z]{1,4})([0-9]{1,9})"')


def _refuse_huge(path: Path, whole: bool) -> None:
    """Refuse a workbook that says of few bytes that they are more cells than a machine holds."""
    with zipfile.ZipFile(path) as book:
        list_members(book)
        for member in book.infolist() if whole else ():
            if not member.filename.endswith(".xml"):
                continue
            if member.file_size > _FREE:
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
            sheet.name: [sheet.row_values(row) for row in range(sheet.nrows)]
            for sheet in book.sheets()
        }


def _sheet(sheets: dict[str, list[list[Any]]], name: str) -> Iterator[list[str]]:
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
