"""What a customs download looks like before its rows are read: encoding, headings, currency."""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.sources.containers import TOP, find_nameless, read_head
from nktrade.table.rows import CURRENCIES

_GET_CSV = "Download the table again as CSV and leave it as it comes."


#: Words of a unit that customs' downloads do not have: the nearest heading would be a wrong one.
_SCALED = re.compile(r"[千万萬亿億]|thousand|million|billion|1,?0+", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How one file is laid out.

    Attributes
    ----------
    name : str
        The file, as messages call it.
    encoding : str
        "utf-8" or "gb18030".
    language : str
        "zh" or "en": the language of headings and names.
    fields : tuple of str
        For each field of a row the column of the trade table it fills ("value" for the money);
        "" for what is not read.
    headings : dict
        Column of the trade table to the heading printed in the file.
    currency : str
        "USD" or "CNY", from the heading of the value.
    body : int
        Offset of the first byte after the headings.
    heading : int
        The row of the headings: 1, or the first that is not empty.
    quoted : bool
        Whether codes stand in quotes.
    nameless : tuple of int
        Fields without a heading that follow one with a heading, and are empty in every row: what
        stands in one was pushed there, as by a comma within a number.
    """

    name: str
    encoding: str
    language: str
    fields: tuple[str, ...]
    headings: dict[str, str]
    currency: str
    body: int
    quoted: bool
    heading: int = 1

    nameless: tuple[int, ...] = ()

    def where(self, row: int, column: str) -> str:
        """Name a place in the file as messages do."""
        return f"{self.name}, row {row:,}, column {self.headings.get(column, column)!r}"

    def summary(self) -> dict:
        """Return what a manifest keeps: encoding, language, currency and columns."""
        return {
            "encoding": self.encoding,
            "language": self.language,
            "currency": self.currency,
            "columns": [field for field in self.fields if field],
        }


@cache
def _headings() -> dict[str, tuple[str, str]]:
    """Known headings, without spaces and in lower case: to (language, column)."""
    with (DATA / "classes" / "gacc" / "headings.csv").open(encoding="utf-8", newline="") as file:
        return {
            _plain(row["heading"]): (row["language"], row["column"]) for row in csv.DictReader(file)
        }


def _plain(heading: str) -> str:
    return "".join(heading.split()).casefold()


def find_layout(path: str | Path) -> Layout:
    """Read the beginning of a download, as plain text, and say how it is laid out.

    Raises
    ------
    InputError
        If the file is missing, in an unknown encoding, or has headings that customs does not print.
    """
    path = Path(path)
    head = read_head(path)
    start, heading = 3 if head.startswith(b"\xef\xbb\xbf") else 0, 1
    body = _end_of_record(head, start, path.name)
    while body < len(head) and not head[start:body].strip(b'\r\n\t ,"'):
        start, heading = body, heading + 1
        body = _end_of_record(head, start, path.name)
    where = f"{path.name}, row {heading}"
    encoding = _find_encoding(head[start:], path.name)
    records = _first_records(head[start:], encoding)
    _refuse_titles(records, where, heading)
    heading_record, first_record = records[0], records[1] if len(records) > 1 else []
    fields, language = _match_headings(heading_record, where)
    printed = {field: text for field, text in zip(fields, heading_record, strict=True) if field}
    currency = _find_currency(printed, heading_record, where)
    printed["value"] = printed.pop(currency)
    fields = tuple("value" if field == currency else field for field in fields)
    fields = _fit_trailing_comma(fields, heading_record, first_record)
    rest = head[body : body + 64].lstrip()
    return Layout(
        path.name,
        encoding,
        language,
        fields,
        printed,
        currency,
        body,
        rest.startswith(b'"'),
        heading,
        find_nameless([*heading_record, ""][: len(fields)]),
    )


def _find_currency(printed: dict[str, str], record: list[str], where: str) -> str:
    """Return the currency of the one value column; refuse headings without codes or values."""
    found = [currency for currency in CURRENCIES if currency in printed]
    for subject, needed, good in (
        ("there is no column of commodity codes", ("hs",), "hs" in printed),
        ("there is not one column of values", CURRENCIES, len(found) == 1),
    ):
        if not good:
            raise InputError(
                subject,
                where=where,
                expected="one of the headings " + ", ".join(map(repr, _known_texts(needed))),
                got=", ".join(repr(text) for text in record),
                hint=_GET_CSV,
            )
    return found[0]


def _end_of_record(head: bytes, start: int, name: str) -> int:
    """Return the offset after the first line end that stands outside quotes."""
    at = start
    while (end := head.find(b"\n", at)) >= 0:
        if head.count(b'"', start, end) % 2 == 0:
            return end + 1
        at = end + 1
    return len(head)


def _find_encoding(head: bytes, name: str) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:  # in steps, because a sample may end inside a character
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return encoding
    raise InputError(
        "the text cannot be decoded", where=name, expected="GB18030 or UTF-8", hint=_GET_CSV
    )


def _first_records(head: bytes, encoding: str) -> list[list[str]]:
    """Return the first records; there is always one, of headings."""
    rows = csv.reader(io.StringIO(head.decode(encoding, errors="replace"), newline=""))
    found = list(itertools.islice(rows, TOP)) or [[]]
    return [[text.strip() for text in found[0]], *found[1:]]


def _refuse_titles(records: list[list[str]], where: str, first: int) -> None:
    """Refuse lines of a title above the headings, which no download has."""
    known = _headings()
    counts = [sum(_plain(text) in known for text in record if text) for record in records]
    if counts[0] == 0 and max(counts) > 1:
        row = counts.index(max(counts)) + first
        raise InputError(
            "lines stand above the headings",
            where=where,
            expected=f"the headings, which are in row {row}",
            got=repr(",".join(records[0])[:60]),
            hint=f"Delete the lines above row {row}, or use the download as it comes.",
        )


def _match_headings(record: list[str], where: str) -> tuple[tuple[str, ...], str]:
    """Return the trade-table column of each heading, and the headings' language."""
    known, fields, languages = _headings(), [], []
    for text in record:
        if not text:
            fields.append("")
            continue
        if _plain(text) not in known:
            near = difflib.get_close_matches(_plain(text), known, n=1)
            meant = next((t for t in _known_texts() if near and _plain(t) == near[0]), "")
            raise InputError(
                "a heading customs does not print",
                where=where,
                expected="headings such as '商品编码' or 'Commodity code'",
                got=repr(text[:60]),
                hint=(f"Did you mean {meant!r}? " if near and not _SCALED.search(text) else "")
                + "Strange letters mean a wrong encoding, one long heading another separator. "
                + _GET_CSV,
            )
        language, field = known[_plain(text)]
        if field and field in fields:
            raise InputError("the same column twice", where=where, got=repr(text), hint=_GET_CSV)
        languages.append(language)
        fields.append(field)
    if not languages:
        raise InputError(
            "there are no headings",
            where=where,
            expected="headings such as '商品编码' or 'Commodity code'",
            got=repr(",".join(record)[:60]),
            hint=_GET_CSV,
        )
    return tuple(fields), max(set(languages), key=languages.count)


@cache
def _known_texts(columns: tuple[str, ...] | None = None) -> tuple[str, ...]:
    with (DATA / "classes" / "gacc" / "headings.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            row["heading"]
            for row in csv.DictReader(file)
            if columns is None or row["column"] in columns
        )


def _fit_trailing_comma(fields: tuple[str, ...], headings: list[str], first: list[str]):
    """Agree headings and rows when only one of them ends in a comma."""
    if first and len(first) == len(fields) + 1 and not first[-1]:
        return (*fields, "")
    if first and len(first) == len(fields) - 1 and not headings[-1]:
        return fields[:-1]
    return fields
