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
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.sources import Source
from nktrade.sources import _customs_codes as _codes
from nktrade.sources.containers import (
    KINDS,
    TOP,
    Plain,
    decode_utf16,
    find_kind,
    find_separator,
)
from nktrade.sources.workbooks import read_sheets
from nktrade.table.periods import Window, find_month, parse_period

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

#: More than the world's trade in any unit of any currency: a slip, or no number at all.
_MOST = 1e15
#: Columns, tables and bytes of a page, many times those of any bulletin.
_WIDEST, _MOST_TABLES, _MOST_BYTES = 200, 200, 1 << 26

Cells = list[list[Any]]


class UnreadLabelsWarning(UserWarning):
    """Rows of a bulletin are named by labels that are no partner and no group that is known."""


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
    kind, tables, outside = _read_tables(path)
    frames, layout = [], {}
    for cells, heading in _with_headings(tables, outside, path.name):
        rows, unread = _find_partners(cells, heading, path.name)
        if partner is not None and partner not in rows:
            found = ", ".join(sorted(rows)[:8]) or "no known partner"
            raise InputError(
                f"no row of {partner}", where=path.name, got=found, hint=_hint_unread(unread)
            )
        if not rows:
            raise InputError("no row names a partner", where=path.name, expected=_WANTED, hint=_GET)
        kept = rows if partner is None else {partner: rows[partner]}
        frames.append(_tabulate(cells, heading, kept, path.name))
        layout = {
            "table": "bulletin (2)",
            "format": kind,
            "currency": heading.currency,
            "scale": heading.scale,
            "period": str(heading.window),
            "unread": unread,
        }
        strange = [label for label in unread if _plain(label) not in _groups()]
        if strange:
            warnings.warn(
                f"{path.name}: {len(strange)} labels name no partner that is known and were not "
                f"read: {', '.join(strange[:12])}",
                UnreadLabelsWarning,
                stacklevel=4,
            )
    if not frames:
        raise InputError("there is no table", where=path.name, expected=_WANTED, hint=_GET)
    frame = pd.concat(frames, ignore_index=True)
    key = ["period", "partner", "flow", "currency"]
    twice = frame.drop_duplicates([*key, "value"]).duplicated(key)
    if twice.any():
        row = frame.loc[twice[twice].index[0]]
        raise InputError(
            "two sheets with different figures of the same month",
            where=path.name,
            got=f"{row['flow']} of {row['partner']}, {row['period']}",
            hint=_GET,
        )
    return frame.drop_duplicates(key, ignore_index=True), layout


def _hint_unread(unread: list[str]) -> str:
    shown = ", ".join(map(repr, unread[:12]))
    return f"Labels that were not read: {shown}." if shown else _GET


def _with_headings(
    tables: list[Cells], outside: list[str], name: str
) -> Iterator[tuple[Cells, _Heading]]:
    """Yield the sheets that are table (2) and what stands above their rows."""
    found, refusal = 0, None
    for cells in tables:
        try:
            heading = _find_heading(cells, outside, name)
        except InputError as error:
            refusal = refusal or error
            continue
        found += 1
        yield cells, heading
    if not found and refusal:
        raise refusal


def _tabulate(cells: Cells, heading: _Heading, rows: dict[str, int], name: str) -> pd.DataFrame:
    _refuse_dots(cells, heading, name)
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
        _check_since(values, half, heading.window, f"{name}, row {at + 1}")
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


def _check_since(values: dict, half: float, window: Window, where: str) -> None:
    """Refuse a sum since January that is below its last month: the columns are exchanged."""
    since = Window(window.last.replace(month=1), window.last)
    for (flow, months), value in values.items():
        whole = values.get((flow, since))
        if months == window and whole is not None and whole < value - 2 * half:
            raise InputError(
                "the sum since January is less than its last month",
                where=f"{where}, {flow} of {window}",
                expected=f"at least {value:,.10g}",
                got=f"{whole:,.10g}",
                hint="Are the columns shifted or exchanged, or was the file edited?",
            )


def _decimals(number: float) -> int:
    return len(f"{number:.15g}".partition(".")[2])


def _refuse_dots(cells: Cells, heading: _Heading, name: str) -> None:
    """Refuse thousands written with dots: every number is short, or has three digits after one."""
    texts = {
        (at, column): str(cells[at][column] or "").strip()
        for at in range(heading.first_row, len(cells))
        for column in heading.columns
        if column < len(cells[at])
    }
    numbers = {place: text for place, text in texts.items() if re.search("[0-9]", text)}
    dotted = [place for place, text in numbers.items() if _DOTTED.fullmatch(text)]
    if dotted and all(
        _DOTTED.fullmatch(t) or re.fullmatch("[0-9]{1,3}", t) for t in numbers.values()
    ):
        at, column = dotted[0]
        raise InputError(
            "not a whole number",
            where=f"{name}, row {at + 1}, column {column + 1}",
            expected="a number as 1,234",
            got=repr(numbers[at, column]),
            hint=f"Are these dots for thousands? Customs prints commas. {_GET}",
        )


#: Thousands with dots, which would be read as a thousandth of what they say.
_DOTTED = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+")


def _number(row: list, at: int, column: int, name: str) -> float:
    """Return a cell as a number; a dash is no trade."""
    cell = row[column] if column < len(row) else None
    text = "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()
    plain = text.replace(",", "")
    if text and all(unicodedata.category(mark) in ("Pd", "Sm") for mark in plain):
        return 0.0
    if (
        re.fullmatch(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", plain)
        and re.fullmatch(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+", text.partition(".")[0].partition("e")[0])
        and float(plain) < _MOST
    ):
        return float(plain)
    raise InputError(
        "not a number" if text else "no value",
        where=f"{name}, row {at + 1}, column {column + 1}",
        expected="a number, zero or more, or a dash",
        got=repr(text[:60]),
        hint=_GET,
    )


def _at(row: list, column: int) -> str:
    return _plain(row[column]) if column < len(row) else ""


def _find_partners(cells: Cells, heading: _Heading, name: str) -> tuple[dict[str, int], list[str]]:
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
        elif iso not in rows:  # a group at the end may list a country again, with its figures
            rows[iso] = at
        elif any(_at(cells[at], c) != _at(cells[rows[iso]], c) for c in heading.columns):
            raise InputError(
                "a country stands twice, with different figures",
                where=f"{name}, rows {rows[iso] + 1} and {at + 1}",
                got=repr(label),
                hint=_GET,
            )
    return rows, unread


def _label(row: list, before: int) -> str:
    texts = (str(cell).strip() for cell in row[:before] if cell is not None)
    label = next((text for text in texts if text), "")
    label = unicodedata.normalize("NFKC", label).strip(" :*\u3000")
    label = re.sub(r"\s*[(\[]?[0-9*]{1,2}[)\]]?$", "", label)  # the mark of a footnote
    return re.sub(r"^(其中|of which):?\s*", "", label, flags=re.IGNORECASE)


@cache
def _names() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "gacc" / "partner_names.csv", dtype="str")
    return {_plain(name): iso for name, iso in zip(table["printed"], table["iso3"], strict=True)}


@cache
def _groups() -> set[str]:
    """Return the labels of continents and groups of countries, which no partner is read from."""
    path = DATA / "classes" / "gacc" / "groups.csv"
    return {_plain(name) for name in pd.read_csv(path, dtype="str")["printed"]}


def _plain(cell: Any) -> str:
    """Write a cell without spaces, in lower case and half width, a whole number without point."""
    if cell is None:
        return ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return "".join(unicodedata.normalize("NFKC", text).replace("∶", ":").split()).casefold()


def _find_heading(cells: Cells, outside: list[str], name: str) -> _Heading:
    flows = {text: flow for flow, texts in _FLOWS.items() for text in texts}
    top = [[_plain(cell) for cell in row] for row in cells[:20]]
    at = next((i for i, row in enumerate(top) if {"export", "import"} <= _named(row, flows)), None)
    above = [text for row in top[:at] for text in row if text] + [_plain(t) for t in outside]
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
    title = next((t for t in above if re.search(r"国别|by(?:major|main)?countr", t)), None)
    if title is None:
        refuse("the title of the table is missing")
    if re.search(r"主要国别|majorcountr|maincountr|^\(4\)|total(export|value)", title):
        refuse("this is the preliminary table of main countries", got=repr(title[:60]))
    since = r"(?P<since>1月?(?:至|-|to|~))?-?(?P<month>[0-9]{1,2})"
    words = r"(?P<since>jan(?:uary)?\.?(?:-|to|~))?(?P<name>[a-z]{3,9})[.,]*(?P<year>20[0-9]{2})"
    match = re.search(rf"(?P<year>(?:19|20)[0-9][0-9])年{since}月", title)
    match = match or re.search(rf",{since}\.(?P<year>(?:19|20)[0-9][0-9])", title)
    match = match or re.search(rf"[,)(:]{words}", title)
    said = match.groupdict() if match else {}
    number = find_month(said["name"][:3]) if "name" in said else int(said.get("month") or 0)
    if not 1 <= number <= 12:
        refuse("the title does not say the month", got=repr(title[:80]))
    month = f"{said['year']}-{number:02d}"
    return parse_period(f"{said['year']}-01..{month}" if said["since"] else month)


def _find_unit(above: list[str], refuse: Callable[..., NoReturn]) -> tuple[str, float]:
    line = next((t for t in above if re.search(r"(单位|unit):", t)), None)
    if line is None:
        refuse(
            "no line says the unit",
            expected="a line as 单位：万元人民币 or Unit: US$1,000",
            hint="Some pages leave it out: write it above the headings if you know it.",
        )
    text = re.split(r"单位:|unit:", line)[1]
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text)
    if match := re.match(r"(百万|千|万|亿|)(?:元人民币|(美元)|元)", text):
        unit = "USD" if match[2] else "CNY", _SCALES[match[1]]
    elif match := re.match(r"(us\$|usd|rmb|cny)((?:10{0,8})?)(million|billion|)(yuan|)$", plain):
        count = float(match[2] or 1)
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


def _read_tables(path: Path) -> tuple[str, list[Cells], list[str]]:
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
            expected=f"at most {_MOST_BYTES >> 20} megabytes",
            got=f"{inside.stat().st_size >> 20}",
        )
    raw = inside.read_bytes()
    if kind == "html":
        return kind, *_read_html(raw, path.name)
    if kind not in ("text", "utf-16"):
        raise InputError(
            "the file is empty" if kind == "empty" else f"this is {KINDS[kind]}",
            where=path.name,
            expected=_WANTED,
            hint=_GET,
        )
    return "csv", [_read_csv(raw, kind, path.name)], []


def _read_html(raw: bytes, name: str) -> tuple[list[Cells], list[str]]:
    from bs4 import BeautifulSoup

    if raw.lower().count(b"<table") > _MOST_TABLES:
        raise _too_large(name, f"more than {_MOST_TABLES} tables")
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
        hint=_GET,
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
                hint=_GET,
            ) from None
    separator = find_separator(text.splitlines()[:TOP])
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]


SOURCE = Source(
    name="bulletin",
    publisher="China customs",
    read=read,
    scan=scan,
    declarer="CHN",
    endings=(".csv", ".xls", ".xlsx", ".htm", ".html"),
    holds="totals",
)
