"""CEPII's BACI: yearly trade between all countries by HS6, the two sides' figures made one.

BACI (Gaulier and Zignago 2010) reconciles what both sides report to UN Comtrade into one FOB value
for each exporter, importer and product. Files are called ``BACI_HS17_Y2022_V202401b.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nktrade.codes.hs import LABELS
from nktrade.errors import InputError, check_choice
from nktrade.sources import Source, _blocks
from nktrade.sources._baci_rows import (
    BLOCK,
    GET,
    HEADINGS,
    Met,
    Parsed,
    countries,
    parse,
    refuse_row,
)
from nktrade.sources._customs_codes import country_isos
from nktrade.sources._layout import Layout
from nktrade.sources.containers import Plain, warn_broken_off
from nktrade.table.rows import check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan

#: Sudan's number before the South left it, and since: a year about 2012 may have both. The former
#: numbers of Germany and Italy ended before BACI begins.
_SUDAN = (b",736,", b",729,")
#: What a year of BACI says in every row, or in none.
_FIXED = (
    "flow", "hs_edition", "province", "regime", "currency", "quantity2", "unit2", "source",
    "status",
)  # fmt: skip


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

    Examples
    --------
    >>> import tempfile
    >>> row = {"t": 2023, "i": 156, "j": 408, "k": "670420", "v": 5.0, "q": 1.0}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "BACI_HS17_Y2023_V202501.csv")
    ...     pd.DataFrame([row]).to_csv(file, index=False)
    ...     wigs = read(file, partner="PRK")
    >>> wigs[["reporter", "flow", "hs", "value"]].to_numpy().tolist()
    [['CHN', 'export', '670420', 5000.0]]
    """
    import pyarrow as pa

    from nktrade.table.arrow import to_frame

    tables = list(scan(path, partner=partner, edition=edition).tables)
    return check_trade(to_frame(pa.concat_tables(tables)), where=Path(path).name, first_row=2)


def scan(
    path: str | Path,
    *,
    partner: str | None = None,
    edition: str | None = None,
) -> Scan:
    """Open a year of BACI as a stream of Arrow tables; parameters as `read`."""
    from nktrade.sources._stream import Scan

    path = Path(path)
    plain = Plain(path)
    body = _check_headings(plain.path)
    if plain.unended:
        warn_broken_off(path.name)
    edition = _edition_in_name(path.name, edition)
    codes = _codes_of(partner) if partner else []
    layout = {"columns": list(HEADINGS), "encoding": "ascii", "edition": edition}
    declared = {"partner": partner, "edition": edition}
    met = Met()

    def tables() -> Iterator[pa.Table]:
        yield from _tables(plain, body, codes, edition, partner, met)
        opened.once = met.has_each_once()

    every = ("reporter",) if partner else ("reporter", "partner")
    release = re.search(r"_v(20\d\d)(0[1-9]|1[0-2])([a-z]?)", path.name.lower())
    opened = Scan(
        tables(),
        layout,
        declared,
        every=every,
        both_ways=partner is None,
        fixed=() if partner else _FIXED,
        downloaded=_day_of(release) if release else "",
    )
    return opened


def _day_of(release: re.Match) -> str:
    """Return a day for a release, that of one mended in its month (V202401b) after the first."""
    return f"{release[1]}-{release[2]}-{1 + ord(release[3] or 'a') - ord('a'):02d}"


def _tables(
    plain: Plain, body: int, codes: list[str], edition: str, partner: str | None, met: Met
) -> Iterator[pa.Table]:
    found, path = 0, plain.path
    for parsed in _join_sudan(path, body, _parse_all(path, body, codes, met)):
        table = _to_trade(parsed, path.name, edition, met.words, partner)
        found += table.num_rows
        if table.num_rows:
            yield table
    if not found:
        raise InputError(
            f"no trade with {partner}" if partner else "no row follows the headings",
            where=path.name,
            hint=GET,
        )


def _parse_all(path: Path, body: int, codes: list[str], met: Met) -> Iterator[Parsed]:
    said = re.search(r"_y((?:19|20)[0-9]{2})(?![0-9])", path.name.lower())
    for block, offset in _blocks_of(path, body, codes):
        try:
            parsed = parse(block, met)
        except ValueError as error:  # something strange: go through the block row by row
            refuse_row(block, path, offset, str(error))
        other = parsed.year != int(said[1]) - 1970 if said else np.zeros(0, bool)
        if other.any():
            at = int(other.argmax())
            row = f"row {_blocks.row_at(path, offset) + at:,}, " if offset else ""
            raise InputError(
                "the rows are of another year than the file's name says",
                where=f"{path.name}, {row}column 't'",
                expected=said[1] if said else "",
                got=str(1970 + int(parsed.year[at])),
                hint="Give the file its own name back, or take the year from the archive again.",
            )
        yield parsed


def _join_sudan(path: Path, body: int, blocks: Iterator[Parsed]) -> Iterator[Parsed]:
    """Yield blocks; where both of Sudan's numbers are in a file, its rows come last, added up."""
    former = _blocks.sift(path, body, _SUDAN[0], lambda line: True) or b""
    present = former and (_blocks.sift(path, body, _SUDAN[1], lambda line: True) or b"")
    lines = {line.rsplit(b",", 2)[0] for text in (former, present) for line in text.splitlines()}
    # A row that is there twice under one number is left for the store to refuse.
    if not present or len(lines) < (former + present).count(b"\n"):
        yield from blocks
        return
    place = countries()[0].index("SDN")
    held = []
    for block in blocks:
        here = (block.seller == place) | (block.buyer == place)
        held.append(pd.DataFrame({n: c[here] for n, c in block._asdict().items()}))
        yield Parsed(*(column[~here] for column in block))
    rows = pd.concat(held)
    grouped = rows.groupby(["year", "seller", "buyer", "product"])
    sums = grouped[["value", "quantity"]].sum(min_count=1)
    whole = grouped["quantity"].count() == grouped.size()
    sums = sums.assign(quantity=sums["quantity"].where(whole)).reset_index()
    sums = sums.astype(rows.dtypes.to_dict())
    yield Parsed(*(sums[name].to_numpy() for name in Parsed._fields))


def _blocks_of(path: Path, body: int, codes: list[str]) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole rows and where in the file they begin, 0 for rows sifted out."""
    if len(codes) == 1:
        lines = _blocks.sift(path, body, f",{codes[0]},".encode(), lambda line: True)
        if lines:
            yield lines, 0
            return
    layout = Layout(path.name, "ascii", "en", HEADINGS, {}, "USD", body, False)
    offset = body
    for block in _blocks.whole_records(path, layout, BLOCK):
        yield block, offset
        offset += len(block)


def _to_trade(
    parsed: Parsed, name: str, edition: str, goods: list[str], partner: str | None
) -> pa.Table:
    import pyarrow as pa

    from nktrade.table.arrow import SCHEMA, repeat_nothing, repeat_word

    words, _ = countries()
    isos = pa.array(words, pa.string())
    encode = pa.DictionaryArray.from_arrays
    rows = len(parsed.value)
    first, second, flow = parsed.seller, parsed.buyer, repeat_word("export", rows)
    if partner:
        sells = parsed.seller == words.index(partner)
        first, second = np.where(sells, second, first), np.where(sells, first, second)
        flow = encode(sells.astype("int32"), pa.array(["export", "import"]))
    unit, bare = repeat_word("kg", rows), np.isnan(parsed.quantity)
    if bare.any():
        unit = encode(pa.array(np.zeros(rows, "int32"), mask=bare), pa.array(["kg"]))
    made = {
        "period": pa.array(np.arange(2100 - 1970).astype("M8[Y]").astype("M8[us]")[parsed.year]),
        "reporter": encode(first, isos),
        "partner": encode(second, isos),
        "flow": flow,
        "hs": encode(parsed.product, pa.array(goods, pa.string())),
        "hs_edition": repeat_word(edition, rows),
        "value": pa.array(_thousand(parsed.value)),
        "currency": repeat_word("USD", rows),
        "quantity": pa.array(_thousand(parsed.quantity), from_pandas=True),
        "unit": unit,
        "source": repeat_word(name, rows),
        "status": repeat_word("reported", rows),
    }
    columns = [
        made[field.name] if field.name in made else repeat_nothing(field.type, rows)
        for field in SCHEMA
    ]
    table = pa.table(columns, schema=SCHEMA)
    return table.filter(pa.array(second == words.index(partner))) if partner else table


def _thousand(numbers: np.ndarray) -> np.ndarray:
    """Return a thousand times as much, to three decimals as printed: dollars, kilograms."""
    made = numbers * 1000
    return np.round(made, 3, out=made)


def _codes_of(partner: str) -> list[str]:
    codes = [code for code, iso in country_isos().items() if iso == partner]
    check_choice("partner", partner, country_isos().values(), expected="an ISO3 code")
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
        raise InputError("the file is empty", where=path.name, hint=GET)
    text = line.removeprefix(b"\xef\xbb\xbf").decode("ascii", errors="replace").strip()
    if tuple(name.strip('" ') for name in text.split(",")) != HEADINGS:
        raise InputError(
            "this is no year of BACI",
            where=f"{path.name}, row 1",
            expected=repr(",".join(HEADINGS)),
            got=repr(text[:60]),
            hint=GET,
        )
    return len(line)


def _edition_in_name(name: str, said: str | None) -> str:
    """Return the edition that a file's name says; what the caller says may not contradict it."""
    match = re.search(r"hs([0-9][0-9])(?=_|\b)", name.lower())
    named = f"HS{'19' if match[1] > '50' else '20'}{match[1]}" if match else ""
    edition = check_choice("HS edition", said, LABELS) if said else named
    if named and edition != named:
        raise InputError(
            "the file's name says another HS edition",
            where=name,
            expected=named,
            got=edition,
            hint="Leave the edition out: it is taken from the name.",
        )
    if edition in LABELS:
        return edition
    raise InputError(
        "the file's name does not say an HS edition that nktrade knows",
        where=name,
        expected="as BACI_HS17_Y2022_V202401b.csv, with HS92, HS96, HS02, HS07, HS12, HS17 or HS22",
        hint="Give the file back the name it has in the archive.",
    )


SOURCE = Source(
    name="baci",
    publisher="CEPII BACI",
    read=read,
    scan=scan,
    endings=(".csv", ".gz", ".xlsx"),
    frequency="yearly",
    aside=r"(country|product)_codes_.*",
    reconciled=True,
)
