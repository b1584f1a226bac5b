"""What a file really is, whatever it is called, and its rows as plain comma-separated text.

People keep a download as it came, zipped, or saved again by a spreadsheet. A reader of plain text
asks here for `Plain(path)`: the file itself where it is plain text already, else a copy that is.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import shutil
import warnings
import weakref
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.files.parsing import read_rows
from nktrade.files.temporary import make_folder
from nktrade.sources import TruncatedFileWarning
from nktrade.sources.archives import unpack
from nktrade.sources.workbooks import only_sheet, read_sheets

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
    "xlsb": "a binary Excel workbook",
    "xmlss": "an Excel workbook saved as XML",
    "ods": "an OpenDocument spreadsheet",
    "docx": "a Word document",
    "pptx": "a presentation",
    "mht": "a web page saved as an archive",
    "picture": "a picture",
    "lfs": "a pointer of Git LFS to a file, not the file",
    "zeros": "nothing but zero bytes",
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
    b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture",
    b"version https://git-lfs": "lfs",
    b"MIME-Version:": "mht",
    b"PK\x05\x06": "zip",
    b"\xd0\xcf\x11\xe0": "xls",
}
_UNPACK = "Unpack it, and import what is in it."
_HINTS = {
    "html": "If the table is in it, open it in a spreadsheet and save that as CSV; the site may "
    "also have answered with a message page. Download it again.",
    "empty": "Download the table again and leave it as it comes.",
    "zeros": "A download was broken off: make it again, and import that.",
    "lfs": "Fetch the file itself (git lfs pull), and import that.",
} | dict.fromkeys(("rar", "7z", "tar", "bzip2", "xz", "zstd"), _UNPACK)


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
                return _find_packed(archive)
        except (zipfile.BadZipFile, RuntimeError, ValueError):
            return "zip"
    if head and not head.strip(b"\0"):
        return "zeros"
    if head[257:262] == b"ustar":
        return "tar"
    if head[:2] in _OLD_BOOKS:
        return "xls"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:200]:
        return "utf-16"
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start:
        return "empty"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start[:2000]:
        return "xmlss"
    if start.startswith((b"<?xml", b"<response", b"<OpenAPI")) and b"<html" not in start[:2000]:
        return "xml"
    return {b"<": "html", b"{": "json", b"[": "json"}.get(start[:1], "text")


def _find_packed(archive: zipfile.ZipFile) -> str:
    """Return what a zip archive is: a document of an office program, or an archive of files."""
    names = archive.namelist()
    if "mimetype" in names and "content.xml" in names:
        return "ods"
    if "[Content_Types].xml" not in names:
        return "zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    kinds = {"word": "docx", "ppt": "pptx"}
    folders = (name.partition("/")[0] for name in names)
    return next((kinds[folder] for folder in folders if folder in kinds), "xlsx")


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


#: Columns of a text: many times what any publisher has.
_WIDEST = 5000


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
    tail : str
        The last letter of a text; a download that was broken off does not end its last line.

    Raises
    ------
    InputError
        If the file is nothing that has rows, is damaged, or holds several tables.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.kind, self.separator = path, find_kind(path), ","
        self.tail = ""
        kind = self.kind
        if kind in ("gzip", "zip"):
            unpack(path, kind, self._fresh())
            kind = find_kind(self.path)
        if kind in ("xlsx", "xls"):
            self._write(only_sheet(read_sheets(self.path, kind), path.name))
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
            self.tail = _last_letter(self.path)
            self._settle_ends()
            self._settle_separator()

    @property
    def unended(self) -> bool:
        """Whether the last line of a text has no end."""
        return self.tail not in ("", "\n", "\r")

    def _fresh(self) -> Path:
        """Return the place of a new copy; whatever copy there was is still there to be read."""
        folder = make_folder()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = folder / self.path.name
        return self.path

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
        widest = max(line.count(self.separator) for line in [*head.splitlines()[:TOP], ""])
        if widest > _WIDEST:
            raise InputError(
                "a row has more columns than a table can have",
                where=self.path.name,
                expected=f"at most {_WIDEST:,}",
                got=f"at least {widest:,}",
            )
        if self.separator != ",":  # latin-1 keeps every byte, and no byte of a character parts it
            with self.path.open(encoding="latin-1", newline="") as file:
                rows = read_rows(file, self.path.name, self.separator)
                self._write(map(_without_last_comma, rows), "latin-1")


def _last_letter(path: Path) -> str:
    """Return the last byte of a text as a letter; the mark of an end of file is none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16))
        return file.read().rstrip(b"\x1a").decode("latin-1")[-1:]


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


def warn_broken_off(name: str) -> None:
    """Warn of a text whose last line has no end, as programs write one.

    Warns
    -----
    TruncatedFileWarning
    """
    warnings.warn(
        f"{name}: the last line has no end. If the download was broken off there, a number may be "
        "short and rows are missing: compare it, or download it again.",
        TruncatedFileWarning,
        stacklevel=4,
    )


def find_nameless(headings: Sequence[str]) -> tuple[int, ...]:
    """Return the places without a heading that follow one with a heading.

    Examples
    --------
    >>> find_nameless(["", "hs", "", "value", ""])
    (2, 4)
    """
    first = next((at for at, text in enumerate(headings) if text), len(headings))
    return tuple(at for at in range(first, len(headings)) if not headings[at])


def decode_utf16(raw: bytes, name: str) -> str:
    """Decode UTF-16 with or without the mark of its byte order; refuse what is none."""
    marked = raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    head = raw[:HEAD]  # commas and digits, of which every other byte is zero
    order = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    try:
        return raw.decode("utf-16" if marked else order)
    except UnicodeDecodeError as error:
        raise InputError(
            "the text looks like UTF-16 and is not",
            where=f"{name}, byte {error.start:,}",
            expected="UTF-16, UTF-8 or GB18030, whole",
            hint="Download it again and leave it as it comes.",
        ) from None
