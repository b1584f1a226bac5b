"""Undecoded rows to the columns of the trade table, each value checked."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from nktrade.codes.hs import edition_of_year, normalise
from nktrade.errors import InputError, NktradeError, count_of, did_you_mean
from nktrade.files.parsing import read_rows
from nktrade.sources import _customs_codes as _codes
from nktrade.sources._layout import Layout
from nktrade.sources.written_numbers import is_nothing, unwrap
from nktrade.table.arrow import SCHEMA, encode_words, one_chunk, repeat_nothing, repeat_word
from nktrade.table.periods import Window
from nktrade.table.row_rules import find_wrong_numbers

NUMBERS = ("value", "quantity", "quantity2")
_TEXT = pa.dictionary(pa.int32(), pa.binary())
#: Customs prints whole units; a spreadsheet may add a zero or two, and three are thousands.
_WHOLE = "a whole number, zero or more, as 1234 or 1,234"
_NUMBER = r"^([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.0{1,2})?$"
_SPREADSHEET = "A spreadsheet seems to have saved the file; use the download itself."


@dataclass(frozen=True)
class Declared:
    """What the caller knows and the file does not say."""

    flow: str
    window: Window | None
    partner: str | None
    edition: str | None
    source: str
    province: str | None = None
    regime: str | None = None


class Parsed(NamedTuple):
    """Rows split into fields, still undecoded: codes and words once each, numbers as bytes."""

    table: pa.Table
    rows: np.ndarray  # their numbers in the file
    next_row: int


def parse_rows(block: bytes, layout: Layout, first_row: int) -> Parsed:
    """Split a block into fields; rows of which every field is empty are left out."""
    labels = [field or f"_{i}" for i, field in enumerate(layout.fields)]
    used = [field for field in layout.fields if field]
    types = {name: pa.binary() if name in NUMBERS else _TEXT for name in used}
    nameless = [labels[at] for at in layout.nameless]
    types |= dict.fromkeys(nameless, pa.binary())
    try:
        table = pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(
                column_names=labels, block_size=1 << 22, use_threads=len(block) > 1 << 22
            ),
            pacsv.ParseOptions(newlines_in_values=True),
            pacsv.ConvertOptions(include_columns=[*types], column_types=types, check_utf8=False),
        )
    except pa.ArrowInvalid:
        return _parse_with_care(block, layout, first_row)
    if any(pc.max(pc.binary_length(table[label])).as_py() for label in nameless):
        return _parse_with_care(block, layout, first_row)
    table = table.select(used).unify_dictionaries().combine_chunks()
    more = block.count(b"\n") > table.num_rows  # lines that are empty, or within a value
    if (more and (b"\n\n" in block or b"\n\r\n" in block or block[:1] in b"\r\n")) or (
        not all(map(bytes.strip, one_chunk(table["hs"]).dictionary.to_pylist()))
    ):
        return _parse_with_care(block, layout, first_row)
    rows = np.arange(first_row, first_row + table.num_rows)
    return Parsed(table, rows, first_row + table.num_rows)


def _parse_with_care(block: bytes, layout: Layout, first_row: int) -> Parsed:
    """Parse row by row what has empty rows or, as Excel writes them, empty fields at the end.

    Raises
    ------
    InputError
        For a row that has too few fields, or too many that are not empty.
    """
    wanted, kept, rows = len(layout.fields), [], []
    # Latin-1 keeps every byte, and no byte of a longer character is a comma, quote or line end.
    records = read_rows(io.StringIO(block.decode("latin-1"), newline=""), layout.name)
    row = first_row - 1
    for row, record in enumerate(records, first_row):
        if not any(field.strip() for field in record):
            continue
        pushed = any(record[at] for at in layout.nameless if at < len(record))
        if len(record) < wanted or any(record[wanted:]) or pushed:
            text = ",".join(record).encode("latin-1").decode(layout.encoding, errors="replace")
            raise InputError(
                "a row with a different number of fields",
                where=f"{layout.name}, row {row:,}",
                expected=f"{wanted - len(layout.nameless)} fields",
                got=f"{len(record)}: {text[:60]!r}",
                hint="The download was cut off or edited, or is a comma in a number that stands in "
                "no quotes? Download it again.",
            )
        kept.append(record)
        rows.append(row)
    columns = {
        name: pa.array([record[at].encode("latin-1") for record in kept], pa.binary())
        for at, name in enumerate(layout.fields)
        if name
    }
    table = pa.table(
        {
            name: array if name in NUMBERS else array.dictionary_encode().cast(_TEXT)
            for name, array in columns.items()
        }
    )
    return Parsed(table, np.array(rows, "int64"), row + 1)


def to_trade(parsed: Parsed, layout: Layout, declared: Declared) -> pa.Table:
    """Turn parsed rows into the columns of `SCHEMA`.

    Raises
    ------
    InputError, CodeError
        For the first value of a column that cannot be, with its row.
    """
    column = _Columns(parsed, layout)
    rows = parsed.table.num_rows
    months = column.months(declared)
    made: dict[str, pa.Array] = {
        "period": months,
        "reporter": repeat_word("CHN", rows),
        "partner": column.partners(declared),
        "flow": repeat_word(declared.flow, rows),
        "hs": column.translate("hs", _code),
        "hs_edition": _editions(months, declared.edition),
        "province": column.translate("province", _two_digits, declared.province),
        "regime": column.translate("regime", _two_digits, declared.regime),
        "value": column.values(),
        "currency": repeat_word(layout.currency, rows),
        "source": repeat_word(declared.source, rows),
        "status": repeat_word(_status(declared, layout), rows),
    }
    for number, unit in (("quantity", "unit"), ("quantity2", "unit2")):
        made[unit] = column.translate(unit, _unit)
        made[number] = column.quantities(number, made[unit] if unit in layout.fields else None)
    return pa.table([made[name] for name in SCHEMA.names], schema=SCHEMA)


class _Columns:
    """Columns of one parsed block; each method decodes and checks one of them."""

    def __init__(self, parsed: Parsed, layout: Layout) -> None:
        self.parsed, self.rows, self.layout = parsed.table, parsed.rows, layout

    def refuse(self, bad: np.ndarray, column: str, subject: str, **parts: Any) -> NoReturn:
        at = int(np.flatnonzero(bad)[0])
        more = int(bad.sum()) - 1
        if more:
            note = f"{count_of(more, 'more rows')} like it."
            parts["hint"] = f"{parts.get('hint', '')} {note}".strip()
        raise InputError(subject, where=self.layout.where(int(self.rows[at]), column), **parts)

    def words(self, column: str) -> tuple[list[str], np.ndarray]:
        """Return the distinct decoded texts of a column and each row's place among them."""
        array = one_chunk(self.parsed[column])
        raw = array.dictionary.to_pylist()
        texts = [plain_text(text) for text in decode(raw, self.layout, column)]
        return texts, array.indices.to_numpy(zero_copy_only=False)

    def translate(
        self, column: str, meaning: Callable[[str], str | None], said: str | None = None
    ) -> pa.Array:
        """Map each distinct text; a column the file does not have is what was `said` of it."""
        if column not in self.layout.fields:
            return repeat_word(said, self.parsed.num_rows)
        texts, rows = self.words(column)
        meanings: list[str | None] = []
        for i, text in enumerate(texts):
            try:
                meanings.append(meaning(text))
            except NktradeError as error:
                at = int(self.rows[np.flatnonzero(rows == i)[0]])
                raise type(error)(
                    error.subject,
                    where=self.layout.where(at, column),
                    expected=error.expected,
                    got=error.got,
                    hint=error.hint or "Use the download as it comes from the site.",
                ) from None
        return encode_words(meanings, rows)

    def months(self, declared: Declared) -> pa.Array:
        if "period" not in self.layout.fields:
            assert declared.window is not None
            stamp = np.datetime64(declared.window.last, "us")
            return pa.array(np.full(self.parsed.num_rows, stamp), pa.timestamp("us"))
        texts, rows = self.words("period")
        stamps: list[pd.Timestamp] = []
        for i, text in enumerate(texts):
            month = _month(text)
            if month is None:
                self.refuse(
                    rows == i,
                    "period",
                    "not a month",
                    expected="a year and month as 202301",
                    got=repr(text),
                    hint=_SPREADSHEET,
                )
            stamps.append(month)
        return pa.array(np.array(stamps, "datetime64[us]")[rows], pa.timestamp("us"))

    def partners(self, declared: Declared) -> pa.Array:
        if "partner" not in self.layout.fields:
            return repeat_word(declared.partner, self.parsed.num_rows)
        return self.translate("partner", _partner)

    def values(self) -> pa.Array:
        number = self.numbers("value")
        for wrong in find_wrong_numbers("value", number):
            if not wrong.bad.any():
                continue
            expected, got, hint = wrong.expected, f"{number[wrong.bad][0]:,.0f}", wrong.hint
            if got == "nan":  # nothing is printed, or what says so
                at = int(np.flatnonzero(wrong.bad)[0])
                text = one_chunk(self.parsed["value"])[at].as_py()
                got = repr(decode([text], self.layout, "value")[0])
                expected = _WHOLE
                hint = "Customs prints a value in every row; download the table again."
            self.refuse(wrong.bad, "value", wrong.subject, expected=expected, got=got, hint=hint)
        return pa.array(number)

    def quantities(self, column: str, unit: pa.Array | None) -> pa.Array:
        if column not in self.layout.fields:
            return repeat_nothing(pa.float64(), self.parsed.num_rows)
        number = pa.array(self.numbers(column), from_pandas=True)
        return number if unit is None else pc.if_else(unit.is_valid(), number, None)

    def numbers(self, column: str) -> np.ndarray:
        """Return numbers without their thousands separators; missing where nothing is printed."""
        raw = one_chunk(self.parsed[column])
        try:
            text = raw.cast(pa.string())
            good = pc.match_substring_regex(text, _NUMBER)
            known = pc.all(good).as_py()
        except pa.ArrowInvalid:  # a long dash in GB18030
            known = False
        if not known:  # two bytes of GB18030 may pass for a letter of UTF-8
            words = raw.dictionary_encode()
            decoded = decode(words.dictionary.to_pylist(), self.layout, column)
            decoded = [unwrap(word) for word in decoded]
            text = pa.array(decoded, pa.string()).take(words.indices)
            text = pc.utf8_trim_whitespace(text)
            good = pc.match_substring_regex(text, _NUMBER)
            odd = pc.unique(text.filter(pc.invert(good))).to_pylist()
            blank = [word for word in odd if is_nothing(word)]
            empty = pc.is_in(text, pa.array(blank, pa.string()))
            good = pc.or_(pc.match_substring_regex(text, _NUMBER), empty)
            bad = ~good.to_numpy(zero_copy_only=False)
            if bad.any():
                got = text[int(np.flatnonzero(bad)[0])].as_py()
                subject, hint = _misprint(got)
                self.refuse(bad, column, subject, expected=_WHOLE, got=repr(got), hint=hint)
            text = pc.if_else(empty, None, text)
        plain = pc.replace_substring(text, ",", "")
        return pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)


def distinct_pairs(one: pa.ChunkedArray, other: pa.ChunkedArray) -> set[tuple[bytes, bytes]]:
    """Return the pairs that occur in two undecoded columns of words."""
    left, right = one_chunk(one), one_chunk(other)
    width = len(right.dictionary)
    rows = left.indices.to_numpy().astype("int64") * width + right.indices.to_numpy()
    rows = pd.unique(rows)
    firsts, seconds = left.dictionary.to_pylist(), right.dictionary.to_pylist()
    return {(firsts[row // width], seconds[row % width]) for row in rows.tolist()}


def decode(raw: list[bytes], layout: Layout, column: str) -> list[str]:
    """Decode distinct texts; a file with English headings may still be in GB18030."""
    for encoding in dict.fromkeys((layout.encoding, "gb18030")):
        if layout.language == "zh" and encoding != layout.encoding:
            continue
        try:
            return [(text or b"").decode(encoding).strip() for text in raw]
        except UnicodeDecodeError as error:
            broken = error.object
    raise InputError(
        f"the text cannot be decoded as {layout.encoding}",
        where=f"{layout.name}, column {layout.headings.get(column, column)!r}",
        got=repr(broken[:40]),
        hint="The file mixes encodings or is damaged; download it again.",
    )


def _editions(months: pa.Array, edition: str | None) -> pa.Array:
    if edition:
        return repeat_word(edition, len(months))
    years = months.to_numpy(zero_copy_only=False).astype("datetime64[Y]").astype(int) + 1970
    distinct, rows = np.unique(years, return_inverse=True)
    return encode_words([edition_of_year(int(year)) for year in distinct], rows)


def _status(declared: Declared, layout: Layout) -> str:
    combined = declared.window and len(declared.window.months) > 1
    return "combined" if combined and "period" not in layout.fields else "reported"


def _month(text: str) -> pd.Timestamp | None:
    if re.fullmatch(r"(19|20)[0-9][0-9](0[1-9]|1[0-2])", text):
        return pd.Timestamp(int(text[:4]), int(text[4:]), 1)
    return None


#: A large file names the same few thousand lines in every block.
_code = lru_cache(1 << 15)(normalise)


def plain_text(text: str) -> str:
    """Return a text in half width, without what keeps a spreadsheet from reading it as a number."""
    if text.isascii() and text[:1] not in ("=", "'"):  # nearly always
        return text
    return unwrap(unicodedata.normalize("NFKC", text))


def _two_digits(text: str) -> str | None:
    if is_nothing(text):
        return None
    if re.fullmatch(r"[0-9][0-9]", text):
        return text
    raise InputError("not a customs code", expected="two digits", got=repr(text), hint=_SPREADSHEET)


def _partner(text: str) -> str:
    known = _codes.partner_isos()
    if text in known:
        return known[text]
    hint = _SPREADSHEET if "." in text else did_you_mean(text, known)
    raise InputError("unknown partner code", expected="as '109'", got=repr(text), hint=hint)


def _unit(text: str) -> str | None:
    if is_nothing(text):
        return None
    if any(letter.isalpha() for letter in text):
        return _codes.name_unit(text)
    raise InputError(
        "not a unit", expected="as '千克'", got=repr(text), hint="Are the columns shifted?"
    )


def _misprint(text: str) -> tuple[str, str]:
    """Say what is wrong with a text that should be a number."""
    if text.startswith("-") and re.fullmatch(_NUMBER, text[1:]):
        return "negative", "Customs declares no negative trade; a correction is a new download."
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?[eE][+]?[0-9]+", text):
        return "rounded to powers of ten", _SPREADSHEET
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+", text):
        return "not a whole number", "Are these dots for thousands? Customs prints commas."
    if re.fullmatch(r"[0-9,]+\.[0-9]+", text):
        return "not a whole number", "Customs prints whole units; was the file edited?"
    return "not a number", "Are the columns shifted, or was the file edited?"
