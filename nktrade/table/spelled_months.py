"""Months as people write them, as year and month: read without the seconds that pandas takes."""

from __future__ import annotations

import re
from typing import Any

from nktrade.errors import InputError, shorten

_FORMS = "'2023', '2020-H1', '2020-Q1', '2020-06', '2020-01..2020-09' or '2010..2016'"
_YEAR = r"(?P<year>[12][0-9]{3})"
_PART = r"(?:H(?P<half>[12])|Q(?P<quarter>[1-4]))"
#: A year and what of it, in the orders in which people write them; never a day of a month.
_POINTS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_YEAR}(?:[-/.]?(?P<month>[0-9]{{2}}))?",
        rf"{_YEAR}年(?: ?(?P<month>[0-9]{{1,2}})月)?",
        rf"{_YEAR}-?M(?P<month>[0-9]{{1,2}})",
        rf"{_YEAR}[-/ ]?{_PART}",
        rf"{_PART}[-/ ]?{_YEAR}",
        rf"(?P<name>[a-z]{{3,9}})\.?,?[-/ ]*{_YEAR}",
        rf"{_YEAR}[-/ ]*(?P<name>[a-z]{{3,9}})\.?",
    )
)
#: What stands between the first and the last of a run.
_BETWEEN = re.compile(r"\.\.|[–—]|\bto\b")

MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)

Month = tuple[int, int]


def find_month(name: str) -> int:
    """Return the month that an English name of three letters or more begins; 0 for none.

    Examples
    --------
    >>> find_month("Sept"), find_month("ju"), find_month("Janus")
    (9, 0, 0)
    """
    word = name.casefold()
    found = [n for n, month in enumerate(MONTH_NAMES, 1) if month.startswith(word)]
    return found[0] if len(word) >= 3 and len(found) == 1 else 0


def read_months(text: object) -> tuple[Month, Month]:
    """Return the first and the last month of a period in text, or of a year as a number.

    Raises
    ------
    InputError
        It cannot be read, or runs backwards.

    Examples
    --------
    >>> read_months("2020-Q1"), read_months("Jan 2019..2020")
    (((2020, 1), (2020, 3)), ((2019, 1), (2020, 12)))
    """
    ends = _BETWEEN.split(str(text))
    if len(ends) > 2:
        raise InputError(f"the period {shorten(text)} cannot be read", expected=_FORMS)
    read = [_read_point(end, text) for end in ends]
    first, last = read[0][0], read[-1][1]
    if last < first:
        raise refuse_backwards(text)
    return first, last


def _read_point(point: str, whole: object) -> tuple[Month, Month]:
    found = (form.fullmatch(point.strip()) for form in _POINTS)
    said: dict[str, str] = next((match.groupdict() for match in found if match), {})
    month = find_month(said["name"]) if said.get("name") else int(said.get("month") or 1)
    if not said or not 1 <= month <= 12:
        raise InputError(
            f"the period {shorten(whole)} cannot be read", expected=_FORMS, hint=_guess(point)
        )
    if half := said.get("half"):
        month, length = 6 * int(half) - 5, 6
    elif quarter := said.get("quarter"):
        month, length = 3 * int(quarter) - 2, 3
    else:
        length = 1 if said.get("month") or said.get("name") else 12
    year = int(said["year"])
    return (year, month), (year, month + length - 1)


#: Months as people write them that are no period here: of one digit, before the year, with a day.
_LOOSE = tuple(
    map(
        re.compile,
        (
            rf"{_YEAR}[-/](?P<month>[0-9]{{1,2}})(?:[-/][0-9]{{1,2}})?",
            rf"(?P<month>[0-9]{{1,2}})[-/]{_YEAR}",
        ),
    )
)


def _guess(point: str) -> str:
    """Return which month is meant by what is no period, as a question; nothing if it is unclear."""
    found = next((match for form in _LOOSE if (match := form.fullmatch(point.strip()))), None)
    if found is None or not 1 <= int(found["month"]) <= 12:
        return ""
    return f"Did you mean '{found['year']}-{int(found['month']):02}'?"


def refuse_backwards(text: object) -> InputError:
    """Return what to raise for a period whose last month is before its first."""
    return InputError(
        f"the period {shorten(text)} runs backwards", hint="Put the earlier end first."
    )


def check_order(first: Any, last: Any, start: object, end: object) -> None:
    """Refuse months of which the last, read from `end`, is before the first, read from `start`.

    Raises
    ------
    InputError
        If it is; a month that is None is not given.
    """
    if first is not None and last is not None and last < first:
        raise InputError(
            "the months run backwards",
            got=f"start {start}, end {end}",
            hint="Put the earlier month first.",
        )
