"""Downloads from the query site of China's customs (GACC, http://stats.customs.gov.cn).

The site writes comma-separated text in GB18030; its layout follows what was asked for: Chinese or
English headings, with or without months, partners, regimes and places, in any order. The flow is
never in the file, so the caller must say it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nktrade.codes.hs import normalise
from nktrade.errors import InputError
from nktrade.sources import Source, TruncatedFileWarning, _blocks
from nktrade.sources import _customs_codes as _codes
from nktrade.sources._customs_windows import add_up_window, declare, is_cumulative, silence
from nktrade.sources._layout import Layout, find_layout
from nktrade.sources.containers import Plain, warn_broken_off
from nktrade.sources.months_in_names import month_in_name
from nktrade.table.periods import Window
from nktrade.table.rows import check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._columns import Declared, Parsed
    from nktrade.sources._stream import Scan

#: The site cuts every download at this many rows and does not say so.
ROW_LIMIT = 10_000


def read(
    path: str | Path,
    *,
    flow: str,
    period: str | Window | None = None,
    partner: str | None = None,
    edition: str | None = None,
    province: str | None = None,
    regime: str | None = None,
) -> pd.DataFrame:
    """Read one customs download into a trade table.

    Parameters
    ----------
    path : path
        A file as the site gives it (GB18030 or UTF-8, Chinese or English headings), also zipped,
        or saved again by a spreadsheet as CSV or workbook.
    flow : {"export", "import"}
        As China declares it.
    period : str, optional
        The month of a file that has no month column, as ``"2026-01"``; a January-February release
        is ``"2020-01..2020-02"``; ``"name"`` takes it from the file's name. For a file that has
        one: the months to keep.
    partner : str, optional
        ISO3 code, or "WLD" for the world. Needed for a file that has no partner column; for a
        file that has one: the partner to keep. Large files are then sifted before decoding.
    edition : str, optional
        The HS edition of the codes; by default the one China used in each year.
    province, regime : str, optional
        Customs' two digits of the one province or regime chosen at the site, for a file without
        such a column.

    Returns
    -------
    pandas.DataFrame
        A trade table: reporter "CHN", currency from the heading, values to the yuan or dollar as
        printed, `province` and `regime` as customs' codes, units by nktrade's names, `source` the
        name of the file. Quantities whose unit is ``?`` or a dash are missing.

    Raises
    ------
    InputError, CodeError
        Naming the row and column, for a file that is no customs download or is damaged, and
        for what the file does not say and the caller did not either.

    Warns
    -----
    TruncatedFileWarning
        For exactly 10,000 rows, the site's limit.

    Examples
    --------
    >>> import tempfile
    >>> row = {"Date of data": "202301", "Trading partner code": "109"}
    >>> row |= {"Commodity code": "67042000", "US dollar": 100}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "2023.csv")
    ...     pd.DataFrame([row]).to_csv(file, index=False)
    ...     wigs = read(file, flow="import", partner="PRK")
    >>> wigs[["partner", "hs", "value", "currency"]].to_numpy().tolist()
    [['PRK', '67042000', 100.0, 'USD']]
    """
    import pyarrow as pa

    from nktrade.table.arrow import to_frame

    path = Path(path)
    plain = Plain(path)
    layout = _layout_of(plain)
    declared = declare(
        layout, flow=flow, period=period, partner=partner, edition=edition, province=province,
        regime=regime,
    )  # fmt: skip
    if is_cumulative(layout, declared):
        raise InputError(
            "the file has no month column and cannot hold more than one",
            where=layout.name,
            expected="one month, or a January-February release",
            got=str(declared.window),
            hint="Download it again with the option to list months; a store keeps such a file as "
            "totals of its months.",
        )
    tables = None
    large = plain.path.stat().st_size > _blocks.BLOCK
    if "partner" in layout.fields and declared.partner and large:
        tables = _read_sifted(plain.path, layout, declared)
    if tables is None:
        opened = _open(plain, layout, declared)
        tables = list(opened.tables)
        if opened.seen == ROW_LIMIT:
            warnings.warn(truncation(path.name), TruncatedFileWarning, stacklevel=2)
        if not opened.seen:
            raise InputError("no row follows the headings", where=layout.name)
    return check_trade(
        to_frame(pa.concat_tables(tables)), where=path.name, first_row=layout.heading + 1
    )


def read_names(path: str | Path) -> pd.DataFrame:
    """Read the names of the commodities in a download.

    Returns
    -------
    pandas.DataFrame
        One row a code and name: hs, name, language ("zh" or "en"), all text, in order of hs.

    Raises
    ------
    InputError
        As `read`.
    """
    plain = Plain(Path(path))
    layout = find_layout(plain.path)
    names: set[tuple[str, str, str]] = set()
    seen: set[tuple[bytes, bytes]] = set()
    for parsed in _parse(plain.path, layout):
        names |= names_in(parsed.table, layout, seen)
    return pd.DataFrame(sorted(names), columns=["hs", "name", "language"], dtype="str")


def scan(
    path: str | Path,
    *,
    flow: str,
    period: str | Window | None = None,
    partner: str | None = None,
    edition: str | None = None,
    province: str | None = None,
    regime: str | None = None,
) -> Scan:
    """Open a download of any size as a stream of Arrow tables; parameters as `read`.

    A file of several months without a column of months becomes totals of that window, by partner.
    One without rows says that there was no trade, if its month and partner are known.
    """
    plain = Plain(Path(path))
    layout = _layout_of(plain)
    declared = declare(
        layout, flow=flow, period=period, partner=partner, edition=edition, province=province,
        regime=regime,
    )  # fmt: skip
    opened = _open(plain, layout, declared, by_name=period == "name")
    if is_cumulative(layout, declared):
        opened.totals = add_up_window(opened, declared, layout)
    return opened


def _layout_of(plain: Plain) -> Layout:
    layout = find_layout(plain.path)
    if plain.unended:
        warn_broken_off(layout.name)
    return layout


def _open(plain: Plain, layout: Layout, declared: Declared, by_name: bool = False) -> Scan:
    from nktrade.sources._columns import to_trade
    from nktrade.sources._stream import Scan

    names: set[tuple[str, str, str]] = set()
    known: set[tuple[bytes, bytes]] = set()

    def tables() -> Iterator[pa.Table]:
        there: set[tuple[str, str]] = set()
        kept = 0
        for parsed in _parse(plain.path, layout):
            table, keep = _keep(to_trade(parsed, layout, declared), declared, layout, there)
            opened.numbers.append(parsed.rows[keep])
            opened.seen += len(parsed.rows)
            names.update(names_in(parsed.table, layout, known))
            kept += table.num_rows
            yield table
        if opened.seen and not kept:
            raise InputError(
                "no row of that partner and period",
                where=layout.name,
                got=_shorten(sorted(there)),
            )
        if not opened.seen:
            opened.silent = silence(layout, declared, by_name)
        elif kept == opened.seen:
            opened.declared |= dict.fromkeys(opened.choosing)
        elif by_name:
            opened.declared["period"] = said["period"]

    said = {
        "flow": declared.flow,
        "period": declared.window and str(declared.window),
        "partner": declared.partner,
        "edition": declared.edition,
    }
    said |= {"province": declared.province} if declared.province else {}
    said |= {"regime": declared.regime} if declared.regime else {}
    own = tuple(name for name in ("period", "partner") if name in layout.fields)
    opened = Scan(tables(), layout.summary(), {**said}, names, choosing=own)
    if by_name and declared.window is None:  # its own months; of headings alone the name's
        with suppress(InputError):
            opened.declared["period"] = month_in_name(layout.name)
    return opened


def _shorten(pairs: list[tuple[str, str]]) -> str:
    months, partners = (sorted(set(side)) for side in zip(*pairs, strict=True))
    return f"{months[0]} to {months[-1]}, partners {', '.join(partners[:8])}"


def _parse(path: Path, layout: Layout) -> Iterator[Parsed]:
    from nktrade.sources._columns import parse_rows

    next_row = layout.heading + 1
    for block in _blocks.whole_records(path, layout):
        if block.isspace():
            continue
        parsed = parse_rows(block, layout, next_row)
        next_row = parsed.next_row
        if parsed.table.num_rows:
            yield parsed


def names_in(parsed: pa.Table, layout: Layout, known: set[tuple[bytes, bytes]]) -> set:
    """Return (code, name) pairs of parsed rows that are not in `known`, and put them there."""
    from nktrade.sources._columns import decode, distinct_pairs, plain_text

    if "name" not in layout.fields:
        return set()
    fresh = distinct_pairs(parsed["hs"], parsed["name"]) - known
    known |= fresh
    codes = decode([code for code, _ in fresh], layout, "hs")
    names = decode([name for _, name in fresh], layout, "name")
    return {
        (normalise(plain_text(code)), name, layout.language)
        for code, name in zip(codes, names, strict=True)
    }


def _read_sifted(path: Path, layout: Layout, declared: Declared) -> list[pa.Table] | None:
    """Read only the lines that name the partner; None if the file has to be read in full."""
    from nktrade.sources._columns import parse_rows, to_trade

    code = _codes.partner_codes().get(str(declared.partner))
    if not code or not layout.quoted:
        return None
    whole = partial(_blocks.is_quoted_record, commas=len(layout.fields) - 1)
    lines = _blocks.sift(path, layout.body, f'"{code}"'.encode(), whole)
    if not lines:
        return None
    try:
        table = to_trade(parse_rows(lines, layout, 2), layout, declared)
    except InputError:  # read in full, so that the message names the true row
        return None
    table, _ = _keep(table, declared, layout, set())
    return [table] if table.num_rows else None


def _keep(
    table: pa.Table, declared: Declared, layout: Layout, there: set[tuple[str, str]]
) -> tuple[pa.Table, np.ndarray]:
    """Keep the partner and months asked for; `there` learns what a message would say there is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    own_partner = declared.partner is not None and "partner" in layout.fields
    window = declared.window if "period" in layout.fields else None
    keep = np.ones(table.num_rows, bool)
    if not own_partner and window is None:
        return table, keep
    months = table["period"].to_numpy().astype("M8[M]")
    if own_partner:
        keep &= pc.equal(table["partner"], declared.partner).to_numpy()
    if window is not None:
        keep &= (months >= np.datetime64(window.first, "M")) & (
            months <= np.datetime64(window.last, "M")
        )
    if not keep.any() and len(there) < 100:
        partners = pc.unique(table["partner"]).to_pylist()[:8]
        there.update((str(month), partner) for month in np.unique(months) for partner in partners)
    return table.filter(pa.array(keep)), keep


def truncation(name: str) -> str:
    """Word the warning for a file of exactly as many rows as the site gives out."""
    return (
        f"{name} has exactly {ROW_LIMIT:,} rows, the most the customs site gives out: it was "
        "almost certainly cut off. Download it in smaller parts (fewer months, codes or partners)."
    )


SOURCE = Source(
    name="gacc",
    publisher="China customs",
    read=read,
    scan=scan,
    declarer="CHN",
    endings=(".csv", ".tsv", ".gz", ".xls", ".xlsx"),
    row_limit=ROW_LIMIT,
    needs_flow=True,
)
