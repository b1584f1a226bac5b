"""What stands above the rows of a bulletin's table (2): month, unit, and which column is what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import pandas as pd

from nktrade.errors import InputError
from nktrade.table.periods import Window, parse_period
from nktrade.table.spelled_months import find_month

Cells = list[list[Any]]
_FLOWS = {
    "total": ("进出口", "total", "importsandexports", "exports&imports", "export&import"),
    "export": ("出口", "exports", "export"),
    "import": ("进口", "imports", "import"),
}
_CHANGE = re.compile(r"%|±|比|change|year-on-year|percentage")
_SINCE = re.compile(r"1月?-?(?:to|至|-|~)-?([0-9]{1,2})月?")
_MONTH = re.compile(r"([0-9]{1,2})月?")
_SCALES = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8}
WANTED = "table (2) of the bulletin, 进出口商品国别（地区）总值表 or Imports and Exports by Country"
GET = "Take the bulletin's own table (2) and leave it as it comes."


@dataclass(frozen=True)
class Heading:
    """What stands above the rows: the table's month, unit and which column is what."""

    window: Window
    currency: str
    scale: float
    columns: dict[int, tuple[str, Window]]
    first_row: int


def plain(cell: Any) -> str:
    """Write a cell without spaces, in lower case and half width, a whole number without point."""
    if cell is None:
        return ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return "".join(unicodedata.normalize("NFKC", text).replace("∶", ":").split()).casefold()


def find_heading(cells: Cells, outside: list[str], name: str) -> Heading:
    """Return what stands above the rows of a sheet; `outside` are titles that are not in it.

    Raises
    ------
    InputError
        Saying what is missing, for a sheet that is not table (2).
    """
    flows = {text: flow for flow, texts in _FLOWS.items() for text in texts}
    top = [[plain(cell) for cell in row] for row in cells[:20]]
    at = next((i for i, row in enumerate(top) if {"export", "import"} <= _named(row, flows)), None)
    above = [text for row in top[:at] for text in row if text] + [plain(t) for t in outside]
    refuse = partial(_refuse, name, above)
    window = _find_window(above, refuse)
    if at is None:
        refuse("there are no headings of exports and imports")
    currency, scale = _find_unit(above, refuse)
    below = top[at + 1] if at + 1 < len(top) else []
    columns, headed = _find_columns(_groups_of(top[at], flows), below, window)
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
    return Heading(window, currency, scale, columns, at + 1 + headed)


def _groups_of(row: list[str], flows: dict[str, str]) -> list[str]:
    """Return the flow of each column; a heading merged over several stands in the first."""
    groups: list[str] = []
    for text in row:
        group = flows.get(text, "") if text else (groups[-1] if groups else "")
        groups.append("" if _CHANGE.search(text) else group)
    return groups


def _find_columns(
    groups: list[str], below: list[str], window: Window
) -> tuple[dict[int, tuple[str, Window]], bool]:
    """Return each column's flow and months, and whether a row of months is below the flows."""
    columns: dict[int, tuple[str, Window]] = {}
    for column, group in enumerate(groups):
        if group:
            text = below[column] if column < len(below) else ""
            columns[column] = (group, _window_of(text, window) or window)
    return columns, any(text and _window_of(text, window) for text in below)


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
        "expected": WANTED,
        "got": repr(" ".join(above)[:60]),
        "hint": GET,
    }
    raise InputError(subject, **(given | parts))
