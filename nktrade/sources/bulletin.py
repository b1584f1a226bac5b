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

import re
import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.sources import Source
from nktrade.sources import _customs_codes as _codes
from nktrade.sources.bulletin_files import read_tables
from nktrade.sources.bulletin_headings import GET, WANTED, Cells, Heading, find_heading, plain
from nktrade.sources.written_numbers import half_width
from nktrade.table.periods import Window

if TYPE_CHECKING:
    from nktrade.sources._stream import Scan

COLUMNS = ("period", "partner", "flow", "value", "currency", "half_unit", "status", "source")

#: More than the world's trade in any unit of any currency: a slip, or no number at all.
_MOST = 1e15


class UnreadLabelsWarning(UserWarning):
    """Rows of a bulletin are named by labels that are no partner and no group that is known."""


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
    kind, tables, outside = read_tables(path)
    frames, layout = [], {}
    for cells, heading in _with_headings(tables, outside, path.name):
        rows, unread = _find_partners(cells, heading, path.name)
        kept = _keep_partner(rows, unread, partner, path.name)
        frames.append(_tabulate(cells, heading, kept, path.name))
        layout = {
            "table": "bulletin (2)",
            "format": kind,
            "currency": heading.currency,
            "scale": heading.scale,
            "period": str(heading.window),
            "unread": unread,
        }
        _warn_unread(unread, path.name)
    if not frames:
        raise InputError("there is no table", where=path.name, expected=WANTED, hint=GET)
    return _join_sheets(frames, path.name), layout


def _keep_partner(
    rows: dict[str, int], unread: list[str], partner: str | None, name: str
) -> dict[str, int]:
    """Return the rows that are wanted, or say what there is instead."""
    if partner is not None and partner not in rows:
        found = ", ".join(sorted(rows)[:8]) or "no known partner"
        raise InputError(f"no row of {partner}", where=name, got=found, hint=_hint_unread(unread))
    if not rows:
        raise InputError("no row names a partner", where=name, expected=WANTED, hint=GET)
    return rows if partner is None else {partner: rows[partner]}


def _warn_unread(unread: list[str], name: str) -> None:
    strange = [label for label in unread if plain(label) not in _groups()]
    if strange:
        warnings.warn(
            f"{name}: left unread, as no partner is known by such names: "
            f"{', '.join(strange[:12])}{', …' if len(strange) > 12 else ''}",
            UnreadLabelsWarning,
            stacklevel=5,
        )


def _join_sheets(frames: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the rows of all sheets once; refuse sheets that contradict each other."""
    frame = pd.concat(frames, ignore_index=True)
    key = ["period", "partner", "flow", "currency"]
    twice = frame.drop_duplicates([*key, "value"]).duplicated(key)
    if twice.any():
        row = frame.loc[twice[twice].index[0]]
        raise InputError(
            "two sheets with different figures of the same month",
            where=name,
            got=f"{row['flow']} of {row['partner']}, {row['period']}",
            hint=GET,
        )
    return frame.drop_duplicates(key, ignore_index=True)


def _hint_unread(unread: list[str]) -> str:
    shown = ", ".join(map(repr, unread[:12]))
    return f"Labels that were not read: {shown}." if shown else GET


def _with_headings(
    tables: list[Cells], outside: list[str], name: str
) -> Iterator[tuple[Cells, Heading]]:
    """Yield the sheets that are table (2) and what stands above their rows."""
    found, refusal = 0, None
    for cells in tables:
        try:
            heading = find_heading(cells, outside, name)
        except InputError as error:
            refusal = refusal or error
            continue
        found += 1
        yield cells, heading
    if not found and refusal:
        raise refusal


def _tabulate(cells: Cells, heading: Heading, rows: dict[str, int], name: str) -> pd.DataFrame:
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


def _refuse_dots(cells: Cells, heading: Heading, name: str) -> None:
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
            hint=f"Are these dots for thousands? Customs prints commas. {GET}",
        )


#: Thousands with dots, which would be read as a thousandth of what they say.
_DOTTED = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+")


def _number(row: list, at: int, column: int, name: str) -> float:
    """Return a cell as a number; a dash is no trade."""
    cell = row[column] if column < len(row) else None
    text = "" if cell is None else half_width(str(cell)).strip()
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
        hint=GET,
    )


def _at(row: list, column: int) -> str:
    return plain(row[column]) if column < len(row) else ""


def _find_partners(cells: Cells, heading: Heading, name: str) -> tuple[dict[str, int], list[str]]:
    """Return the row of each partner, and the labels that are none (continents, groups)."""
    rows: dict[str, int] = {}
    unread: list[str] = []
    for at in range(heading.first_row, len(cells)):
        label = _label(cells[at], min(heading.columns))
        if re.match(r"注|notes?\b", label, re.IGNORECASE):
            break
        iso = _names().get(plain(label))
        if iso is None:
            unread += [label] if label else []
        elif iso not in rows:  # a group at the end may list a country again, with its figures
            rows[iso] = at
        elif any(_at(cells[at], c) != _at(cells[rows[iso]], c) for c in heading.columns):
            raise InputError(
                "a country stands twice, with different figures",
                where=f"{name}, rows {rows[iso] + 1} and {at + 1}",
                got=repr(label),
                hint=GET,
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
    return {plain(name): iso for name, iso in zip(table["printed"], table["iso3"], strict=True)}


@cache
def _groups() -> set[str]:
    """Return the labels of continents and groups of countries, which no partner is read from."""
    path = DATA / "classes" / "gacc" / "groups.csv"
    return {plain(name) for name in pd.read_csv(path, dtype="str")["printed"]}


SOURCE = Source(
    name="bulletin",
    publisher="China customs",
    read=read,
    scan=scan,
    declarer="CHN",
    endings=(".csv", ".xls", ".xlsx", ".htm", ".html"),
    holds="totals",
)
