"""CEPII's BACI: yearly trade between all countries by HS6, the two sides' figures made one.

BACI (Gaulier and Zignago 2010) reconciles what both sides report to UN Comtrade into one FOB value
for each exporter, importer and product. Files are called ``BACI_HS17_Y2022_V202401b.csv``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from nktrade.errors import InputError, did_you_mean
from nktrade.hs.codes import EDITIONS, check_edition, normalise
from nktrade.sources import _blocks
from nktrade.sources._codes import country_isos
from nktrade.sources._layout import Layout
from nktrade.trade import check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._scan import Scan

HEADINGS = ("t", "i", "j", "k", "v", "q")
#: Bytes read and parsed at a time; a row is so short that a block has very many.
BLOCK = 1 << 22
_GET = "Take the file from the BACI archive and leave it as it comes."
_CHECKS = {
    "t": (r"(19|20)\d\d", "a year"),
    "i": (r"\d{1,3}", "a country's number"),
    "j": (r"\d{1,3}", "a country's number"),
    "k": (r"\d{6}", "six digits"),
    "v": (r"\d+(\.\d+)?(e-?\d+)?", "a number, zero or more"),
    "q": (r"\d+(\.\d+)?(e-?\d+)?|NA|", "a number, zero or more, or NA"),
}


def read(
    path: str | Path, *, partner: str | None = None, edition: str | None = None
) -> pd.DataFrame:
    """Read a year of BACI into a trade table.

    Parameters
    ----------
    path : path
        A year's file with the columns t, i, j, k, v, q.
    partner : str, optional
        ISO3 code: only trade with this country, sifted out while the file is read. Its purchases
        are the other countries' exports to it, its sales their imports from it, so that `partner`
        is this country throughout. By default every row is the exporter's export.
    edition : str, optional
        The HS edition; by default the one in the file's name.

    Returns
    -------
    pandas.DataFrame
        A trade table of yearly figures: `period` is the January of the year, `value` in USD (BACI
        prints thousands), FOB also for imports, `quantity` in kg (BACI prints tonnes; missing
        where it prints NA).

    Raises
    ------
    InputError, CodeError
        Naming row and column, for a file that is no BACI year or is damaged.
    """
    import pyarrow as pa

    from nktrade._arrow import to_frame

    tables = list(scan(path, partner=partner, edition=edition).tables)
    return check_trade(to_frame(pa.concat_tables(tables)), where=Path(path).name, first_row=2)


def scan(
    path: str | Path,
    *,
    partner: str | None = None,
    edition: str | None = None,
) -> Scan:
    """Open a year of BACI as a stream of Arrow tables; parameters as `read`."""
    from nktrade.sources._scan import Scan

    path = Path(path)
    body = _check_headings(path)
    edition = check_edition(edition) if edition else _edition_in_name(path.name)
    codes = _codes_of(partner) if partner else []
    layout = {"columns": list(HEADINGS), "encoding": "ascii", "edition": edition}
    declared = {"partner": partner, "edition": edition}
    return Scan(_tables(path, body, codes, edition, partner), layout, declared)


def _tables(
    path: Path, body: int, codes: list[str], edition: str, partner: str | None
) -> Iterator[pa.Table]:
    found = 0
    for block, first_row in _blocks_of(path, body, codes):
        table = _to_trade(block, path.name, first_row, edition, codes, partner)
        found += table.num_rows
        if table.num_rows:
            yield table
    if not found:
        raise InputError(
            f"no trade with {partner}" if partner else "no row follows the headings",
            where=path.name,
            hint=_GET,
        )


def _blocks_of(path: Path, body: int, codes: list[str]) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole rows and the number of the first, 0 for rows that were sifted out."""
    if len(codes) == 1:
        lines = _blocks.sift(path, body, f",{codes[0]},".encode(), lambda line: True)
        if lines:
            yield lines, 0
            return
    layout = Layout(path.name, "ascii", "en", HEADINGS, {}, "USD", body, False)
    row = 2
    for block in _blocks.whole_records(path, layout, BLOCK):
        yield block, row
        row += block.count(b"\n")


def _to_trade(
    block: bytes, name: str, first_row: int, edition: str, codes: list[str], partner: str | None
) -> pa.Table:
    import pyarrow as pa

    from nktrade._arrow import SCHEMA, encode_words, repeat_word

    year, sellers, buyers, goods, value, quantity = _parse(block, name, first_row)
    seller, buyer = _isos(sellers, name), _isos(buyers, name)
    rows = len(value)
    sells = (np.array(seller[0]) == (partner or ""))[seller[1]]
    keep = np.ones(rows, bool) if not codes else sells | (np.array(buyer[0]) == partner)[buyer[1]]
    words = seller[0] + buyer[0]  # one list, so that the sides can change places
    first, second = seller[1], buyer[1] + len(seller[0])
    made = {
        "period": pa.array((year - 1970).astype("datetime64[Y]").astype("datetime64[us]")),
        "reporter": encode_words(words, np.where(sells, second, first)),
        "partner": encode_words(words, np.where(sells, first, second)),
        "flow": encode_words(["export", "import"], sells.astype(int)),
        "hs": encode_words([_code(code) for code in goods[0]], goods[1]),
        "hs_edition": repeat_word(edition, rows),
        "value": pa.array(np.round(value * 1000, 3)),
        "currency": repeat_word("USD", rows),
        "quantity": pa.array(np.round(quantity * 1000, 3), from_pandas=True),
        "unit": pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(rows, "int32"), mask=np.isnan(quantity)), pa.array(["kg"])
        ),
        "source": repeat_word(name, rows),
        "status": repeat_word("reported", rows),
    }
    nothing = {field.name: pa.nulls(rows, field.type) for field in SCHEMA}
    table = pa.table([(nothing | made)[field.name] for field in SCHEMA], schema=SCHEMA)
    return table if keep.all() else table.filter(pa.array(keep))


def _parse(block: bytes, name: str, first_row: int):
    """Split a block; on anything strange go through it row by row and name the place."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    from nktrade._arrow import one_chunk

    word = pa.dictionary(pa.int32(), pa.string())
    kinds = {"t": pa.int64(), "i": word, "j": word, "k": word, "v": pa.float64()}

    def split(weights: pa.DataType, missing: list[str]) -> pa.Table:
        table = pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(column_names=HEADINGS, use_threads=len(block) > 1 << 22),
            convert_options=pacsv.ConvertOptions(
                column_types=kinds | {"q": weights}, null_values=missing
            ),
        )
        return table.unify_dictionaries().combine_chunks()

    try:
        try:
            table = split(pa.float64(), ["NA", ""])
            quantity = table["q"].to_numpy()
            if table["t"].null_count or table["v"].null_count:
                raise pa.ArrowInvalid("a year or a value is missing")
        except pa.ArrowInvalid:  # some editions pad NA with spaces, which only text can hold
            table = split(pa.string(), [])
            weight = pc.utf8_trim_whitespace(table["q"])
            weight = pc.if_else(pc.is_in(weight, pa.array(["NA", ""])), None, weight)
            quantity = weight.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        _refuse_row(block, name, first_row, str(error))
    year, value = table["t"].to_numpy(), table["v"].to_numpy()
    pairs = []
    for column in ("i", "j", "k"):
        array = one_chunk(table[column])
        texts = pc.utf8_trim_whitespace(array.dictionary).to_pylist()
        pairs.append((texts, array.indices.to_numpy()))
    sound = (
        ((year >= 1990) & (year < 2100)).all()
        and np.isfinite(value).all()
        and (value >= 0).all()
        and not (quantity < 0).any()
        and all(map(_code, pairs[2][0]))
        and all(text in country_isos() for texts, _ in pairs[:2] for text in texts)
    )
    if not sound:
        _refuse_row(block, name, first_row, "")
    return year, *pairs, value, quantity


@lru_cache(1 << 14)
def _code(text: str) -> str | None:
    """Return a product as an HS code; None if it is none. Every block names the same thousands."""
    return normalise(text) if re.fullmatch(_CHECKS["k"][0], text) else None


def _refuse_row(block: bytes, name: str, first_row: int, reason: str) -> NoReturn:
    rows = csv.reader(io.StringIO(block.decode("ascii", errors="replace"), newline=""))
    for row, record in enumerate(rows, first_row):
        # Sifted lines have lost their row numbers, so the line itself says where to look.
        place = f"row {row:,}" if first_row else f"the row {','.join(record)[:60]!r}"
        if record and len(record) != len(HEADINGS):
            raise InputError(
                "a row with a different number of fields",
                where=f"{name}, {place}",
                expected="6 fields",
                got=str(len(record)),
                hint=_GET,
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
                    hint=f"Did you mean '0{text.strip()}'? {_GET}" if lost else _GET,
                )
            if column in "ij" and text.strip() not in country_isos():
                raise InputError(
                    "unknown country code",
                    where=f"{name}, {place}, column {column!r}",
                    got=repr(text),
                    hint=did_you_mean(text.strip(), country_isos()),
                )
    raise InputError("the rows cannot be read", where=name, got=reason[:120], hint=_GET)


def _isos(pair: tuple[list[str], np.ndarray], name: str) -> tuple[list[str], np.ndarray]:
    return [country_isos()[code] for code in pair[0]], pair[1]


def _codes_of(partner: str) -> list[str]:
    codes = [code for code, iso in country_isos().items() if iso == partner]
    if not codes:
        hint = did_you_mean(partner, country_isos().values())
        raise InputError(f"unknown partner {partner!r}", expected="an ISO3 code", hint=hint)
    return codes


def _check_headings(path: Path) -> int:
    """Return the offset of the first row, having read the headings."""
    try:
        with path.open("rb") as file:
            line = file.readline(1000)
    except OSError as error:
        raise InputError(
            "the file cannot be read", where=str(path), got=type(error).__name__
        ) from None
    if not line:
        raise InputError("the file is empty", where=path.name, hint=_GET)
    text = line.removeprefix(b"\xef\xbb\xbf").decode("ascii", errors="replace").strip()
    if tuple(name.strip('" ') for name in text.split(",")) != HEADINGS:
        raise InputError(
            "this is no year of BACI",
            where=f"{path.name}, row 1",
            expected=repr(",".join(HEADINGS)),
            got=repr(text[:60]),
            hint=_GET,
        )
    return len(line)


def _edition_in_name(name: str) -> str:
    match = re.search(r"HS(\d\d)(?=_|\b)", name)
    edition = f"HS20{match[1]}" if match else ""
    if edition in EDITIONS:
        return edition
    raise InputError(
        "the file's name does not say an HS edition that nktrade knows",
        where=name,
        expected="as BACI_HS17_Y2022_V202401b.csv, with HS07, HS12, HS17 or HS22",
        hint="Take the archive of a later edition, or name it: edition='HS2017'.",
    )
