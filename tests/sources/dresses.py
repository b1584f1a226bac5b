"""One table in every dress in which people keep it."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl


def write_text(rows, separator=",", encoding="utf-8", end="\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def write_zip(content: bytes, name: str = "表.csv") -> bytes:
    """Write an archive as archivers in China do: names in GBK, and no word of it."""
    raw, shown = io.BytesIO(), name.encode("gbk")
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("n" * len(shown), content)
        archive.writestr("__MACOSX/._a.csv", b"\x00\x05\x16\x07")
    return raw.getvalue().replace(b"n" * len(shown), shown)


def write_xlsx(rows, more: dict | None = None) -> bytes:
    book, raw = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(list(row))
    for name, others in (more or {}).items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    book.save(raw)
    return raw.getvalue()


def dress(rows, encodings=("utf-8", "utf-8-sig", "gb18030", "utf-16")) -> dict[str, bytes]:
    """Return names and contents of files that all say the same."""
    plain = write_text(rows)
    made = {
        f"{encoding}-{word}.csv": write_text(rows, mark, encoding)
        for encoding in encodings
        for word, mark in (("commas", ","), ("semicolons", ";"), ("tabs", "\t"))
    }
    empty = [""] * len(rows[0])
    return made | {
        "excel.csv": write_text([*rows, [], empty, empty], end="\r\n"),
        "gaps.csv": write_text([rows[0], empty, *rows[1:]]),
        "blank lines.csv": plain.replace(b"\n", b"\n\n"),
        "old mac.csv": plain.replace(b"\n", b"\r"),
        "zipped.zip": write_zip(plain),
        "packed.csv.gz": gzip.compress(plain),
        "book.xlsx": write_xlsx([*rows, [None] * len(rows[0])]),
        "called so.csv": write_xlsx([*rows]),
    }


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
