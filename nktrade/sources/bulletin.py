"""Table (2) of customs' monthly bulletin: total trade with each country, without any HS code.

The table gives exports, imports and their sum, for the month and since January. A bulletin is a
workbook in Chinese (.xls), a page in English, or either of them saved again as .xlsx or .csv.

What is known of the layout, from public code that reads the table and figures taken from it (no
genuine workbook was at hand when this was written; some of those figures are in the tests):

- Chinese: a title ``（2）2024年2月进出口商品国别（地区）总值表（人民币值）`` or （美元值）; a line
  ``单位：万元人民币``, for dollars ``单位：千美元``; two rows of headings, 进出口, 出口, 进口 and
  the change on a year ago over ``2月``, ``1至2月``; then the world, continents and countries; at
  the end notes that begin with 注.
- English: ``(2) Imports and Exports by Country (Region) of Origin/Destination, 2.2024``,
  ``Unit: US$1,000``, the same columns, months as ``2`` and ``1 to 2``.
- A bulletin of January has one column a flow. Where January and February came out together there
  is none of January, and ``1至2月`` is all that is printed.
- A dash is no trade: where one flow has a dash, the sum of both equals the other.

The table of *main* countries (主要国别) of the preliminary release is another one: its figures are
not yet verified, and North Korea is not in it. It is refused.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.sources import Source
from nktrade.sources import _customs_codes as _codes
from nktrade.table.periods import Window, parse_period

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

COLUMNS = ("period", "partner", "flow", "value", "currency", "half_unit", "status", "source")
_FLOWS = {
    "total": ("进出口", "total", "importsandexports", "exports&imports", "export&import"),
    "export": ("出口", "exports", "export"),
    "import": ("进口", "imports", "import"),
}
_CHANGE = re.compile(r"%|±|比|change|year-on-year|percentage")
_SINCE = re.compile(r"1月?-?(?:to|至|-|~)-?([0-9]{1,2})月?")
_MONTH = re.compile(r"([0-9]{1,2})月?")
_SCALES = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}
_WANTED = (
    "table (2) of the bulletin, 进出口商品国别（地区）总值表 or Imports and Exports by Country"
)
_GET = "Take the bulletin's own table (2) and leave it as it comes."

#: How workbooks of Excel 2 to 5 begin, which have no container around them.
_OLD_BOOKS = (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")

Cells = list[list[Any]]


@dataclass(frozen=True)
class _Heading:
    """What stands above the rows: the table's month, unit and which column is what."""

    window: Window
    currency: str
    scale: float
    columns: dict[int, tuple[str, Window]]
    first_row: int


def read(path: str | Path, *, partner: str | None = None) -> pd.DataFrame:
    """Read table (2) of a monthly bulletin.

    Parameters
    ----------
    path : path
        A .xls, .xlsx, .csv or .html file; what it is, is read from its content.
    partner : str, optional
        ISO3 code, or "WLD": only this partner's row.

    Returns
    -------
    pandas.DataFrame
        One row a partner, flow and window: period ("2024-02", or "2024-01..2024-02" since
        January), partner (ISO3, "WLD" for the world), flow ("export" and "import" as China
        declares them, "total" for their sum), value and half_unit (half a unit of the last digit
        printed; both in whole dollars or yuan), currency, status ("reported", or "combined" for a
        release of January and February together), source (the name of the file).

    Raises
    ------
    InputError
        Naming row and column, for a file that is another table or is damaged, a row whose exports
        and imports do not add up to its total, or a partner that is not in the table.
    """
    return _read(Path(path), partner)[0]


def scan(path: str | Path, *, partner: str | None = None) -> Scan:
    """Open a bulletin for a store; parameters as `read`."""
    from nktrade.sources._stream import Scan

    frame, layout = _read(Path(path), partner)
    return Scan(iter(()), layout, {"partner": partner}, totals=frame)


def _read(path: Path, partner: str | None) -> tuple[pd.DataFrame, dict]:
    if partner is not None:
        _codes.check_partner(partner)
    kind, cells = _read_cells(path)
    heading = _find_heading(cells, path.name)
    rows, unread = _find_partners(cells, heading)
    if partner is not None and partner not in rows:
        found = ", ".join(sorted(rows)[:8]) or "no known partner"
        raise InputError(f"no row of {partner}", where=path.name, got=found, hint=_GET)
    if not rows:
        raise InputError("no row names a partner", where=path.name, expected=_WANTED, hint=_GET)
    kept = rows if partner is None else {partner: rows[partner]}
    layout = {
        "table": "bulletin (2)",
        "format": kind,
        "currency": heading.currency,
        "scale": heading.scale,
        "period": str(heading.window),
        "unread": unread,
    }
    return _tabulate(cells, heading, kept, path.name), layout


def _tabulate(cells: Cells, heading: _Heading, rows: dict[str, int], name: str) -> pd.DataFrame:
    numbers = {
        (at, column): _number(cells[at], at, column, name)
        for at in rows.values()
        for column in heading.columns
    }
    # A sheet is printed to one number of decimals; a single number may end in a zero by chance.
    half = 0.5 * 10.0 ** -max(map(_decimals, numbers.values()))
    made = []
    for partner, at in rows.items():
        values = {place: numbers[at, column] for column, place in heading.columns.items()}
        _check_sum(values, half, f"{name}, row {at + 1}")
        for (flow, window), value in values.items():
            together = len(window.months) == 2 and window == heading.window
            status = "combined" if together else "reported"
            made.append((str(window), partner, flow, value, status))
    frame = pd.DataFrame(made, columns=["period", "partner", "flow", "value", "status"])
    scaled = (frame["value"] * heading.scale).round(2)
    frame = frame.assign(
        value=scaled, currency=heading.currency, half_unit=half * heading.scale, source=name
    )
    return frame[list(COLUMNS)].drop_duplicates(["period", "partner", "flow"], ignore_index=True)


def _check_sum(values: dict[tuple[str, Window], float], half: float, where: str) -> None:
    for (flow, window), total in values.items():
        parts = [("export", window), ("import", window)]
        if flow != "total" or not set(parts) <= set(values):
            continue
        added = sum(values[part] for part in parts)
        if abs(added - total) > 3 * half + 1e-9 * total:
            raise InputError(
                "exports and imports do not add up to the total",
                where=f"{where}, {window}",
                expected=f"{total:,.10g}",
                got=f"{added:,.10g}",
                hint="Are the columns shifted, or was the file edited?",
            )


def _decimals(number: float) -> int:
    return len(f"{number:.15g}".partition(".")[2])


def _number(row: list, at: int, column: int, name: str) -> float:
    """Return a cell as a number; a dash is no trade."""
    cell = row[column] if column < len(row) else None
    text = "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()
    plain = text.replace(",", "")
    if text and not plain.strip("-—–"):
        return 0.0
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", plain) and re.fullmatch(
        r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+", text.partition(".")[0].partition("e")[0]
    ):
        return float(plain)
    raise InputError(
        "not a number" if text else "no value",
        where=f"{name}, row {at + 1}, column {column + 1}",
        expected="a number, zero or more, or a dash",
        got=repr(text),
        hint=_GET,
    )


def _find_partners(cells: Cells, heading: _Heading) -> tuple[dict[str, int], list[str]]:
    """Return the row of each partner, and the labels that are none (continents, groups)."""
    rows: dict[str, int] = {}
    unread: list[str] = []
    for at in range(heading.first_row, len(cells)):
        label = _label(cells[at], min(heading.columns))
        if re.match(r"注|notes?\b", label, re.IGNORECASE):
            break
        iso = _names().get(_plain(label))
        if iso is None:
            unread += [label] if label else []
        elif iso not in rows:  # a group at the end may list a country again
            rows[iso] = at
    return rows, unread


def _label(row: list, before: int) -> str:
    texts = (str(cell).strip() for cell in row[:before] if cell is not None)
    label = next((text for text in texts if text), "")
    label = unicodedata.normalize("NFKC", label).strip(" :*\u3000")
    return re.sub(r"^(其中|of which):?\s*", "", label, flags=re.IGNORECASE)


@cache
def _names() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "gacc" / "partner_names.csv", dtype="str")
    return {_plain(name): iso for name, iso in zip(table["printed"], table["iso3"], strict=True)}


def _plain(cell: Any) -> str:
    """Write a cell without spaces, in lower case and half width, a whole number without point."""
    if cell is None:
        return ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return "".join(unicodedata.normalize("NFKC", text).replace("∶", ":").split()).casefold()


def _find_heading(cells: Cells, name: str) -> _Heading:
    flows = {text: flow for flow, texts in _FLOWS.items() for text in texts}
    top = [[_plain(cell) for cell in row] for row in cells[:20]]
    at = next((i for i, row in enumerate(top) if {"export", "import"} <= _named(row, flows)), None)
    above = [text for row in top[:at] for text in row if text]
    refuse = partial(_refuse, name, above)
    window = _find_window(above, refuse)
    if at is None:
        refuse("there are no headings of exports and imports")
    currency, scale = _find_unit(above, refuse)
    groups: list[str] = []
    for text in top[at]:
        group = flows.get(text, "") if text else (groups[-1] if groups else "")
        groups.append("" if _CHANGE.search(text) else group)
    below = top[at + 1] if at + 1 < len(top) else []
    columns: dict[int, tuple[str, Window]] = {}
    for column, group in enumerate(groups):
        if group:
            text = below[column] if column < len(below) else ""
            columns[column] = (group, _window_of(text, window) or window)
    headed = any(text and _window_of(text, window) for text in below)
    for column, text in enumerate(below):
        if headed and column in columns and not _window_of(text, window):
            refuse(
                "a heading of another month",
                where=f"{name}, row {at + 2}, column {column + 1}",
                expected=f"the month of the title, {window}",
                got=repr(text),
            )
    if len(set(columns.values())) < len(columns) and window.last.month > 1:
        refuse("two columns of the same flow and months", got=", ".join(below))
    return _Heading(window, currency, scale, columns, at + 1 + headed)


def _named(row: list[str], flows: dict[str, str]) -> set[str]:
    """Return the flows a row names; none for the row of months, which repeats them for changes."""
    if any(_SINCE.fullmatch(text) or _MONTH.fullmatch(text) for text in row):
        return set()
    return {flows[text] for text in row if text in flows}


def _window_of(text: str, window: Window) -> Window | None:
    """Return the months a heading stands for; None if they are not those of the title."""
    start = pd.Timestamp(window.last.year, 1, 1)
    if match := _SINCE.fullmatch(text):
        return Window(start, window.last) if int(match[1]) == window.last.month else None
    if (match := _MONTH.fullmatch(text)) and len(window.months) == 1:
        return Window(window.last, window.last) if int(match[1]) == window.last.month else None
    return None


def _find_window(above: list[str], refuse: Callable[..., NoReturn]) -> Window:
    title = next((t for t in above if "国别" in t or "bycountry" in t), None)
    if title is None:
        refuse("the title of the table is missing")
    if "主要国别" in title or "majorcountr" in title:
        refuse("this is the preliminary table of main countries", got=repr(title[:60]))
    since = r"(?P<since>1月?(?:至|-|to))?-?(?P<month>[0-9]{1,2})"
    match = re.search(rf"(?P<year>(?:19|20)[0-9][0-9])年{since}月", title)
    match = match or re.search(rf",{since}\.(?P<year>(?:19|20)[0-9][0-9])", title)
    if not match or not 1 <= int(match["month"]) <= 12:
        refuse("the title does not say the month", got=repr(title[:80]))
    month = f"{match['year']}-{int(match['month']):02d}"
    return parse_period(f"{match['year']}-01..{month}" if match["since"] else month)


def _find_unit(above: list[str], refuse: Callable[..., NoReturn]) -> tuple[str, float]:
    line = next((t for t in above if re.search(r"(单位|unit):", t)), None)
    if line is None:
        refuse(
            "no line says the unit",
            expected="a line as 单位：万元人民币 or Unit: US$1,000",
            hint="Some pages leave it out: write it above the headings if you know it.",
        )
    text = re.split(r"单位:|unit:", line)[1]
    if match := re.match(r"(百万|千|万|亿|)(?:元人民币|(美元)|元)", text):
        unit = "USD" if match[2] else "CNY", _SCALES[match[1]]
    elif match := re.match(r"(us\$|usd|rmb|cny)([0-9,]*)(million|billion|)(yuan|)$", text):
        count = float(match[2].replace(",", "") or 1)
        factor = {"": 1.0, "million": 1e6, "billion": 1e9}[match[3]]
        unit = "USD" if match[1].startswith("us") else "CNY", count * factor
    else:
        refuse("unknown unit", expected="as 万元人民币, 千美元 or US$1,000", got=repr(text[:40]))
    said = {"人民币": "CNY", "美元": "USD", "incny": "CNY", "inusd": "USD"}
    titled = {said[word] for word in said for t in above if t is not line and word in t}
    if titled - {unit[0]}:
        refuse("title and unit name different currencies", got=f"{titled} and {text!r}")
    return unit


def _refuse(name: str, above: list[str], subject: str, **parts: str) -> NoReturn:
    given = {
        "where": name,
        "expected": _WANTED,
        "got": repr(" ".join(above)[:60]),
        "hint": _GET,
    }
    raise InputError(subject, **(given | parts))


def _read_cells(path: Path) -> tuple[str, Cells]:
    """Return what the file is and its first sheet as rows of cells."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            "the file cannot be read", where=str(path), got=str(error.strerror)
        ) from None
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:8]
    if not start:
        raise InputError("the file is empty", where=path.name, hint=_GET)
    readers: dict[str, tuple[bool, Callable[[bytes], Cells]]] = {
        "xlsx": (raw[:4] == b"PK\x03\x04", _read_xlsx),
        "xls": (raw[:4] == b"\xd0\xcf\x11\xe0" or raw[:2] in _OLD_BOOKS, _read_xls),
        "html": (start[:1] == b"<", _read_html),
        "csv": (True, _read_csv),
    }
    kind, reader = next((kind, read) for kind, (fits, read) in readers.items() if fits)
    try:
        return kind, reader(raw)
    except ImportError:
        raise InputError(
            "reading .xls files needs the package xlrd",
            where=path.name,
            hint="Install it with: pip install xlrd; or save the workbook as .xlsx.",
        ) from None
    except InputError:
        raise
    except Exception as error:  # the readers of workbooks raise whatever a damaged file provokes
        raise InputError(
            f"the {kind} file cannot be read", where=path.name, got=str(error)[:80], hint=_GET
        ) from error


def _read_xlsx(raw: bytes) -> Cells:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _read_xls(raw: bytes) -> Cells:
    import xlrd

    with xlrd.open_workbook(file_contents=raw, logfile=io.StringIO()) as book:
        sheet = book.sheet_by_index(0)
        return [sheet.row_values(row) for row in range(sheet.nrows)]


def _read_html(raw: bytes) -> Cells:
    from bs4 import BeautifulSoup

    page = BeautifulSoup(raw, "html.parser")
    tables = page.find_all("table")
    longest = max(tables, key=lambda table: len(table.find_all("tr")), default=page)
    cells: Cells = []
    for row in longest.find_all("tr"):
        texts: list[Any] = []
        for cell in row.find_all(["td", "th"]):
            texts.append(cell.get_text(" ", strip=True))
            texts += [""] * (int(str(cell.get("colspan") or 1)) - 1)
        cells.append(texts)
    return cells


def _read_csv(raw: bytes) -> Cells:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]


SOURCE = Source(
    name="bulletin",
    publisher="China customs",
    read=read,
    scan=scan,
    declarer="CHN",
    endings=(".csv", ".xls", ".xlsx", ".htm", ".html"),
    holds="totals",
)
