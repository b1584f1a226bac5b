"""A bulletin's file as sheets of cells: a workbook, a page or a table of text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.files.parsing import read_rows
from nktrade.sources.bulletin_headings import GET, WANTED, Cells
from nktrade.sources.containers import (
    KINDS,
    TOP,
    Plain,
    decode_utf16,
    find_kind,
    find_separator,
    warn_broken_off,
)
from nktrade.sources.workbooks import read_sheets

#: Columns, tables and bytes of a page, many times those of any bulletin (customs' have 42 kB).
_WIDEST, _MOST_TABLES, _MOST_BYTES = 200, 200, 1 << 20


def read_tables(path: Path) -> tuple[str, list[Cells], list[str]]:
    """Return what the file is, its sheets as rows of cells, and titles that stand outside them."""
    kind = find_kind(path)
    plain = Plain(path) if kind in ("gzip", "zip") else None
    inside, kind = (plain.path, find_kind(plain.path)) if plain else (path, kind)
    if kind in ("xlsx", "xls"):
        return kind, list(read_sheets(inside, kind, merged=True).values()), []
    if inside.stat().st_size > _MOST_BYTES:
        raise InputError(
            "the file is too large for a bulletin",
            where=path.name,
            expected="at most a megabyte",
            got=f"{inside.stat().st_size / 2**20:.1f}",
        )
    raw = inside.read_bytes()
    if kind == "html":
        return kind, *_read_html(raw, path.name)
    if kind not in ("text", "utf-16"):
        raise InputError(
            "the file is empty" if kind == "empty" else f"this is {KINDS[kind]}",
            where=path.name,
            expected=WANTED,
            hint=GET,
        )
    if not raw[-4:].strip(b"\0").endswith((b"\n", b"\r")):  # UTF-16 has zeros there
        warn_broken_off(path.name)
    return "csv", [_read_csv(raw, kind, path.name)], []


def _read_html(raw: bytes, name: str) -> tuple[list[Cells], list[str]]:
    from bs4 import BeautifulSoup

    if raw.lower().count(b"<table") > _MOST_TABLES:
        raise _too_large(name, f"more than {_MOST_TABLES} tables")
    if raw.lower().count(b"<table") > raw.lower().count(b"</table"):
        raise InputError(
            "the page breaks off within a table",
            where=name,
            expected="the end of every table",
            got=repr(raw[-40:].decode("utf-8", "replace")),
            hint="Save the page again whole.",
        )
    page = BeautifulSoup(raw, "html.parser")
    titles = page.select(".atcl-ttl, h1, h2, h3, caption, title")
    longest = max(page.find_all("table"), key=lambda t: len(t.find_all("tr")), default=page)
    cells: Cells = []
    hanging: dict[int, tuple[int, str]] = {}  # column: rows still to fill, and with what
    for row in longest.find_all("tr"):
        texts: list[Any] = []

        def fill(texts: list[Any]) -> None:
            while len(texts) in hanging:
                left, text = hanging.pop(len(texts))
                if left > 1:
                    hanging[len(texts)] = (left - 1, text)
                texts.append(text)

        for cell in row.find_all(["td", "th"]):
            fill(texts)
            text = cell.get_text(" ", strip=True)
            wide, deep = (_span(cell.get(name)) for name in ("colspan", "rowspan"))
            if len(texts) + wide > _WIDEST:
                raise _too_large(name, f"a row of {len(texts) + wide:,} columns or more")
            for _ in range(wide):
                if deep > 1:
                    hanging[len(texts)] = (deep - 1, text)
                texts.append(text)
                text = ""
        fill(texts)
        cells.append(texts)
    return [cells], [title.get_text(" ", strip=True) for title in titles]


def _too_large(name: str, got: str) -> InputError:
    return InputError(
        "the page says it is larger than a bulletin can be",
        where=name,
        expected=f"at most {_WIDEST} columns in {_MOST_TABLES} tables",
        got=got,
        hint=GET,
    )


def _span(said: Any) -> int:
    """Return over how many columns or rows a cell goes; a page may say anything."""
    digits = str(said or 1).strip()
    return min(max(int(digits), 1), 1000) if digits.isdecimal() else 1


def _read_csv(raw: bytes, kind: str, name: str) -> Cells:
    try:
        text = decode_utf16(raw, name) if kind == "utf-16" else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise InputError(
                "the text cannot be decoded",
                where=name,
                expected="UTF-8, GB18030 or UTF-16",
                got=repr(raw[error.start : error.start + 8]),
                hint=GET,
            ) from None
    separator = find_separator(text.splitlines()[:TOP])
    return [[*row] for row in read_rows(io.StringIO(text, newline=""), name, separator)]
