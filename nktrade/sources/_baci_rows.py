"""Rows of BACI as numbers: a block of them split, checked and looked up at once."""

from __future__ import annotations

import io
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np

from nktrade.codes.hs import normalise
from nktrade.errors import InputError, did_you_mean
from nktrade.files.parsing import read_rows
from nktrade.sources import _blocks
from nktrade.sources._customs_codes import country_isos

if TYPE_CHECKING:
    import pyarrow as pa

HEADINGS = ("t", "i", "j", "k", "v", "q")
#: Bytes parsed at a time; a row is so short that a block has very many.
BLOCK = 1 << 22
GET = "Take the file from the BACI archive and leave it as it comes."
_CHECKS = {
    "t": (r"(19|20)[0-9][0-9]", "a year"),
    "i": (r"[0-9]{1,3}", "a country's number"),
    "j": (r"[0-9]{1,3}", "a country's number"),
    "k": (r"[0-9]{6}", "six digits"),
    "v": (r"[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", "a number, zero or more"),
    "q": (r"[0-9]+(\.[0-9]+)?(e-?[0-9]+)?|NA|", "a number, zero or more, or NA"),
}


class Met:
    """What the blocks of a file have said so far: products, once each, and whether rows ascend."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._places = np.full(10**6, -1, "int32")
        self._ascending, self._last = True, -1
        self._codes = np.zeros(1000, int)

    def look_up(self, numbers: np.ndarray) -> np.ndarray:
        """Return the place of each product, a number below a million, in `words`."""
        places = self._places.take(numbers)
        if places.size and places.min() < 0:
            fresh = np.unique(numbers[places < 0])
            words = [normalise(f"{number:06d}") for number in fresh]
            self._places[fresh] = np.arange(len(self.words), len(self.words) + len(fresh))
            self.words += words
            places = self._places[numbers]
        return places

    def follow(self, *numbers: np.ndarray) -> None:
        """See whether rows go on as BACI orders them: by year, seller, buyer, product."""
        year, seller, buyer, product = numbers
        row = ((year.astype("int64") * 1000 + seller) * 1000 + buyer) * 10**6 + product
        self._ascending &= row[0] > self._last and bool((row[1:] > row[:-1]).all())
        self._last = row[-1]
        self._codes += np.bincount(seller, minlength=1000) + np.bincount(buyer, minlength=1000)

    def has_each_once(self) -> bool:
        """Say whether it is certain that no row was there twice, under one number or two."""
        _, places = countries()
        met = places[self._codes.nonzero()]
        return self._ascending and len(np.unique(met)) == len(met)


@cache
def countries() -> tuple[list[str], np.ndarray]:
    """Return ISO3 codes, and by a country's number its place among them, -1 for no country."""
    words = sorted(set(country_isos().values()))
    places = np.full(1 << 16, -1, "int32")
    for code, iso in country_isos().items():
        places[int(code)] = words.index(iso)
    return words, places


@cache
def _pairs_of_digits() -> np.ndarray:
    """Return by two bytes, taken as one number, what they say: 0 to 99, or -1."""
    said = np.full(1 << 16, -1, "int32")
    for number in range(100):
        said[int.from_bytes(b"%02d" % number, sys.byteorder)] = number
    return said


class Parsed(NamedTuple):
    """A block's columns as numbers: years since 1970, places of countries and products."""

    year: np.ndarray
    seller: np.ndarray
    buyer: np.ndarray
    product: np.ndarray
    value: np.ndarray
    quantity: np.ndarray


def parse(block: bytes, met: Met) -> Parsed:
    """Split a block into numbers; ValueError for anything that BACI does not print."""
    try:
        table = _split(block, padded=False)
    except ValueError:  # some editions pad with spaces, which only text can hold
        table = _split(block, padded=True)
    year, seller, buyer, value, quantity = (table[c].to_numpy() for c in "tijvq")
    sound = (
        sum(table[column].null_count for column in "tijkv") == 0
        and not (b"x" in block or b"X" in block)  # Arrow takes 0x1F for a number
        and ((year >= 1990) & (year < 2100)).all()
        and np.isfinite(value).all()
        and (value >= 0).all()
        and not (quantity < 0).any()
        and not np.isinf(quantity).any()
    )
    if not sound:
        raise ValueError("a value is missing or impossible")
    said = _pairs_of_digits()[_bytes_of(table["k"]).view("uint16").reshape(-1, 3)]
    product = said[:, 0] * 10_000 + said[:, 1] * 100 + said[:, 2]
    _, places = countries()
    first, second = places.take(seller), places.take(buyer)
    if product.size and min(said.min(), first.min(), second.min()) < 0:
        raise ValueError("a product or country is unknown")
    if product.size:
        met.follow(year, seller, buyer, product)
    return Parsed(year - 1970, first, second, met.look_up(product), value, quantity)


def _split(block: bytes, padded: bool) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    code = pa.binary(6)
    kinds = {"t": pa.int16(), "i": pa.uint16(), "j": pa.uint16(), "k": code, "v": pa.float64()}
    kinds["q"] = pa.float64()
    table = pacsv.read_csv(
        pa.BufferReader(block),
        pacsv.ReadOptions(
            column_names=HEADINGS, use_threads=len(block) > BLOCK << 1, block_size=BLOCK << 1
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=kinds | ({"k": pa.string(), "q": pa.string()} if padded else {}),
            null_values=[] if padded else ["NA", ""],
        ),
    )
    if padded:
        weight = pc.utf8_trim_whitespace(table["q"])
        weight = pc.if_else(pc.is_in(weight, pa.array(["NA", ""])), None, weight)
        product = pc.utf8_trim_whitespace(table["k"]).cast(pa.binary()).cast(code)
        table = table.set_column(3, "k", product)
        table = table.set_column(5, "q", weight.cast(pa.float64()))
    return table


def _bytes_of(column: pa.ChunkedArray) -> np.ndarray:
    """Return the bytes of a column of a fixed width."""
    from nktrade.table.arrow import one_chunk

    array = one_chunk(column)
    width = array.type.byte_width
    data = np.frombuffer(array.buffers()[1], "uint8")
    return data[array.offset * width : (array.offset + len(array)) * width]


def refuse_row(block: bytes, path: Path, offset: int, reason: str) -> NoReturn:
    """Refuse a block for its first row that is not as BACI writes it, or else for the reason."""
    name, first_row = path.name, offset and _blocks.row_at(path, offset)
    rows = read_rows(io.StringIO(block.decode("ascii", errors="replace"), newline=""), name)
    for row, record in enumerate(rows, first_row):
        # Sifted lines have lost their row numbers, so the line itself says where to look.
        place = f"row {row:,}" if first_row else f"the row {','.join(record)[:60]!r}"
        if record and len(record) != len(HEADINGS):
            raise InputError(
                "a row with a different number of fields",
                where=f"{name}, {place}",
                expected="6 fields",
                got=str(len(record)),
                hint=GET,
            )
        for column, text in zip(HEADINGS, record, strict=False):
            pattern, expected = _CHECKS[column]
            if not re.fullmatch(pattern, text.strip()):
                lost = column == "k" and text.strip().isdigit() and len(text.strip()) == 5
                raise InputError(
                    "a value that BACI does not print",
                    where=f"{name}, {place}, column {column!r}",
                    expected=expected,
                    got=repr(text),
                    hint=f"Did you mean '0{text.strip()}'? {GET}" if lost else GET,
                )
            if column in "ij" and text.strip() not in country_isos():
                raise InputError(
                    "unknown country code",
                    where=f"{name}, {place}, column {column!r}",
                    got=repr(text),
                    hint=did_you_mean(text.strip(), country_isos()),
                )
    raise InputError("the rows cannot be read", where=name, got=reason[:120], hint=GET)
