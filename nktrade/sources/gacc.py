"""Downloads from the query site of China's customs (GACC, http://stats.customs.gov.cn).

The site writes comma-separated text in GB18030; its layout follows what was asked for: Chinese or
English headings, with or without months, partners, regimes and places, in any order. The flow is
never in the file, so the caller must say it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade.codes.hs import check_edition, normalise
from nktrade.errors import InputError, check_choice
from nktrade.sources import Source, TruncatedFileWarning, _blocks
from nktrade.sources import _customs_codes as _codes
from nktrade.sources._layout import Layout, find_layout
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import FLOWS, check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._columns import Declared
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
) -> pd.DataFrame:
    """Read one customs download into a trade table.

    Parameters
    ----------
    path : path
        A CSV file as the site gives it: GB18030 or UTF-8, Chinese or English headings.
    flow : {"export", "import"}
        As China declares it.
    period : str, optional
        The month of a file that has no month column, as ``"2026-01"``; a January-February release
        is ``"2020-01..2020-02"``. For a file that has one: the months to keep.
    partner : str, optional
        ISO3 code, or "WLD" for the world. Needed for a file that has no partner column; for a
        file that has one: the partner to keep. Large files are then sifted before decoding.
    edition : str, optional
        The HS edition of the codes; by default the one China used in each year.

    Returns
    -------
    pandas.DataFrame
        A trade table: reporter "CHN", currency from the heading, values to the yuan or dollar as
        printed, `province` and `regime` as customs' codes, units by nktrade's names, `source` the
        name of the file. Quantities with the unit ``?`` are missing.

    Raises
    ------
    InputError, CodeError
        Naming the row and column, for a file that is no customs download or is damaged, and
        for what the file does not say and the caller did not either.

    Warns
    -----
    TruncatedFileWarning
        For exactly 10,000 rows, the site's limit.
    """
    import pyarrow as pa

    from nktrade.table.arrow import to_frame

    path = Path(path)
    layout = find_layout(path)
    declared = declare(layout, flow=flow, period=period, partner=partner, edition=edition)
    tables = None
    if "partner" in layout.fields and declared.partner and path.stat().st_size > _blocks.BLOCK:
        tables = _read_sifted(path, layout, declared)
    if tables is None:
        said = scan(path, flow=flow, period=declared.window, partner=partner, edition=edition)
        tables = list(said.tables)
        rows = sum(table.num_rows for table in tables)
        if rows == ROW_LIMIT:
            warnings.warn(truncation(path.name), TruncatedFileWarning, stacklevel=2)
    frame = to_frame(pa.concat_tables(tables))
    frame = check_trade(frame, where=path.name, first_row=2)
    return _keep(frame, declared, layout)


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
    layout = find_layout(path)
    names: set[tuple[str, str, str]] = set()
    seen: set[tuple[bytes, bytes]] = set()
    for parsed in _parse(Path(path), layout):
        names |= names_in(parsed, layout, seen)
    return pd.DataFrame(sorted(names), columns=["hs", "name", "language"], dtype="str")


def declare(
    layout: Layout,
    *,
    flow: str,
    period: str | Window | None = None,
    partner: str | None = None,
    edition: str | None = None,
) -> Declared:
    """Check what the caller says about a file against what the file leaves unsaid."""
    from nktrade.sources._columns import Declared

    check_choice("flow", flow, FLOWS)
    window = parse_period(period) if isinstance(period, str) else period
    if "period" not in layout.fields:
        _check_single_month(layout, window)
    if "partner" not in layout.fields and partner is None:
        raise InputError(
            "the file has no partner column: its trade is with the world, or with a partner "
            "chosen at the site",
            where=layout.name,
            hint="Say which: partner='WLD', or the partner as partner='PRK' (--partner WLD).",
        )
    if partner is not None:
        _codes.check_partner(partner)
    if edition is not None:
        check_edition(edition)
    return Declared(flow, window, partner, edition, layout.name)


def _check_single_month(layout: Layout, window: Window | None) -> None:
    if window is None:
        raise InputError(
            "the file has no month column",
            where=layout.name,
            hint="Say its month: period='2023-06' (--period 2023-06).",
        )
    months = window.months
    january_february = len(months) == 2 and months[0].month == 1
    if len(months) > 1 and not january_february:
        raise InputError(
            "the file has no month column and cannot hold more than one",
            where=layout.name,
            expected="one month, or a January-February release",
            got=str(window),
            hint="Download it again with the option to list months.",
        )


def scan(
    path: str | Path,
    *,
    flow: str,
    period: str | Window | None = None,
    partner: str | None = None,
    edition: str | None = None,
) -> Scan:
    """Open a download of any size as a stream of Arrow tables, none left out.

    Parameters as `read`, but `period` and `partner` only complete a file that does not say them;
    ``period="name"`` takes the month from the file's name.
    """
    from nktrade.sources._columns import to_trade
    from nktrade.sources._stream import Scan

    layout = find_layout(path)
    if period == "name":
        period = None if "period" in layout.fields else _month_in_name(layout.name)
    declared = declare(layout, flow=flow, period=period, partner=partner, edition=edition)
    names: set[tuple[str, str, str]] = set()
    seen: set[tuple[bytes, bytes]] = set()

    def tables() -> Iterator[pa.Table]:
        first_row = 2
        for parsed in _parse(Path(path), layout):
            table = to_trade(parsed, layout, declared, first_row)
            names.update(names_in(parsed, layout, seen))
            yield table
            first_row += parsed.num_rows

    own = layout.fields
    said = {
        "flow": flow,
        "period": None if "period" in own else str(declared.window),
        "partner": None if "partner" in own else partner,
        "edition": edition,
    }
    return Scan(tables(), layout.summary(), said, names)


def _month_in_name(name: str) -> str:
    months = re.findall(r"(?<![0-9])((?:19|20)[0-9][0-9])[-_.]?(0[1-9]|1[0-2])(?![0-9])", name)
    if len(months) != 1:
        raise InputError(
            "the file has no month column, and its name does not say one month",
            where=name,
            expected="a name as 202306.csv or imports-2023-06.csv",
        )
    return "-".join(months[0])


def _parse(path: Path, layout: Layout) -> Iterator[pa.Table]:
    from nktrade.sources._columns import parse_rows

    first_row = 2
    for block in _blocks.whole_records(path, layout):
        if block.isspace():
            continue
        parsed = parse_rows(block, layout, first_row)
        first_row += parsed.num_rows
        yield parsed
    if first_row == 2:
        raise InputError("no row follows the headings", where=layout.name)


def names_in(parsed: pa.Table, layout: Layout, known: set[tuple[bytes, bytes]]) -> set:
    """Return (code, name) pairs of parsed rows that are not in `known`, and put them there."""
    from nktrade.sources._columns import decode, distinct_pairs

    if "name" not in layout.fields:
        return set()
    fresh = distinct_pairs(parsed["hs"], parsed["name"]) - known
    known |= fresh
    codes = decode([code for code, _ in fresh], layout, "hs")
    names = decode([name for _, name in fresh], layout, "name")
    return {
        (normalise(code), name, layout.language) for code, name in zip(codes, names, strict=True)
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
        return [to_trade(parse_rows(lines, layout, 2), layout, declared, 2)]
    except InputError:  # read in full, so that the message names the true row
        return None


def _keep(frame: pd.DataFrame, declared: Declared, layout: Layout) -> pd.DataFrame:
    """Keep the partner and months asked for."""
    keep = pd.Series(True, index=frame.index)
    if declared.partner and "partner" in layout.fields:
        keep &= frame["partner"] == declared.partner
    if declared.window and "period" in layout.fields:
        keep &= declared.window.covers(frame["period"])
    if not keep.any():
        months = f"{frame['period'].min():%Y-%m} to {frame['period'].max():%Y-%m}"
        partners = ", ".join(frame["partner"].unique()[:8])
        raise InputError(
            "no row of that partner and period",
            where=layout.name,
            got=f"{months}, partners {partners}",
        )
    return frame[keep].reset_index(drop=True)


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
    row_limit=ROW_LIMIT,
    needs_flow=True,
)
