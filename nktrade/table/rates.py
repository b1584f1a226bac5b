"""Rates of exchange that a caller names: a table of months or years, units of money for a dollar.

The column of a currency's rates is called after it: ``cny_per_usd``, ``eur_per_usd``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.errors import InputError, shorten
from nktrade.table.periods import parse_period

#: Yuan a dollar has been between these since 1990.
_BOUNDS = {"CNY": (4.0, 10.0)}


class RateNameWarning(UserWarning):
    """A column of rates does not say of which currency they are."""


#: Of a table of a rate a month.
_MOST_BYTES = 1 << 22


def read_rates(path: str | Path, currency: str = "CNY") -> pd.DataFrame:
    """Read a table of monthly or yearly rates.

    Parameters
    ----------
    path : path
        A CSV file (commas, semicolons or tabs; UTF-8 or UTF-16) with the columns period (as
        ``2023-01``, or ``2023`` for a year's average) and the rates, as cny_per_usd: units of
        the currency for one dollar. Others are ignored.
    currency : str
        As "CNY".

    Returns
    -------
    pandas.DataFrame
        period (first of month), cny_per_usd (or of the currency; units for one dollar), in order
        of period; a year's average stands at each of its months.

    Raises
    ------
    InputError
        For a missing column, a month that cannot be read or is there twice, or a rate that is no
        number above zero; of yuan, one outside 4 to 10 for a dollar.

    Warns
    -----
    RateNameWarning
        For a column called per_usd, which is taken for the currency's.
    """
    if not isinstance(path, str | PathLike):
        raise InputError(
            "rates are a table or a file",
            expected=f"a data frame or a CSV file of period and {currency.lower()}_per_usd",
            got=shorten(path),
        )
    path = Path(path)
    try:
        raw = path.read_bytes()
        if len(raw) > _MOST_BYTES:
            raise ValueError(f"{len(raw) >> 20} megabytes")
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = raw.decode("utf-16" if wide else "utf-8-sig").removeprefix("\ufeff")
    except (OSError, ValueError) as error:
        raise InputError(
            "the rates cannot be read",
            where=str(path),
            expected="a CSV file of period and rates",
            got="letters of another encoding, or no text"
            if isinstance(error, UnicodeError)
            else str(error)[:80],
        ) from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=lambda mark: (first.count(mark), mark == ","))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise InputError("the rates cannot be read", where=path.name, got=str(error)) from None
    if not rows:
        raise InputError("the file is empty", where=path.name, expected="a table of rates")
    headings = [heading.strip() for heading in rows[0]]
    period = _find_period(headings, path.name, currency)
    name = _find_column(headings, currency, path.name)
    said: list[tuple[int, str, str]] = []
    for row, cells in enumerate(rows[1:], 2):
        if any(map(str.strip, cells)):
            padded = [*cells, *[""] * len(headings)]
            said.append((row, padded[headings.index(period)], padded[headings.index(name)]))
    if separator != ",":  # where a comma parts no values it may stand for the point
        said = [
            (row, month, re.sub(r"^\s*([0-9]+),([0-9]+)\s*$", r"\1.\2", rate))
            for row, month, rate in said
        ]
    return _settle(said, name, path.name, currency)


def by_month(table: pd.DataFrame, where: str = "the rates", currency: str = "CNY") -> pd.DataFrame:
    """Return rates a month from a table of months, of years, or of both; as `read_rates`.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns period (or an index called period or year) and cny_per_usd: what `read_rates`,
        `nktrade.table.currency.imply_rates` or `nktrade.published.load_exchange_rates` returns,
        or one of one's own.

    Examples
    --------
    >>> from nktrade.published import load_exchange_rates
    >>> rates = by_month(load_exchange_rates())
    >>> f"{rates['period'].iloc[0]:%Y-%m}", float(rates["cny_per_usd"].iloc[0])
    ('2018-01', 6.6174)
    """
    if table.index.name in ("period", "year"):
        table = table.rename_axis("period").reset_index()
    headings = list(map(str, table.columns))
    period = _find_period(headings, where, currency)
    name = _find_column(headings, currency, where)
    rows = zip(range(2, len(table) + 2), table[period], table[name], strict=True)
    return _settle(rows, name, where, currency)


def _settle(
    rows: Iterable[tuple[int, Any, Any]], name: str, where: str, currency: str
) -> pd.DataFrame:
    """Return the rates of every month from rows of (number, period, rate)."""
    low, high = _BOUNDS.get(currency, (0.0, float("inf")))
    months: dict[pd.Timestamp, float] = {}
    years: dict[pd.Timestamp, float] = {}
    for row, said, rate in rows:
        window = _read_window(said)
        known = years if window is not None and len(window) == 12 else months
        if window is None or window[0] in known:
            raise InputError(
                "not a month, or there twice",
                where=f"{where}, row {row:,}, column 'period'",
                expected="as 2023-01 or 2023",
                got=repr(str(said)),
            )
        number = pd.to_numeric(str(rate).strip(), errors="coerce")
        if not (low <= number <= high and 0 < number < float("inf")):
            raise InputError(
                "not a rate",
                where=f"{where}, row {row:,}, column {name!r}",
                expected=f"yuan for one dollar, {low:g} to {high:g}"
                if currency in _BOUNDS
                else f"{currency} for one dollar, above zero",
                got=repr(str(rate)),
            )
        known[window[0]] = float(number)
    for year, rate in years.items():  # a month's own rate before its year's
        for month in pd.date_range(year, periods=12, freq="MS"):
            months.setdefault(month, rate)
    rates = pd.Series(months, dtype="float64").sort_index()
    own = f"{currency.lower()}_per_usd"
    return pd.DataFrame({"period": pd.DatetimeIndex(rates.index), own: rates.to_numpy()})


def _find_period(headings: list[str], where: str, currency: str) -> str:
    found = [heading for heading in headings if heading.casefold() in ("period", "year", "month")]
    if len(found) != 1:
        raise InputError(
            "the column 'period' is missing" if not found else "several columns of months",
            where=where,
            expected=f"period, {currency.lower()}_per_usd",
            got=", ".join(headings),
        )
    return found[0]


def _read_window(said: object) -> pd.DatetimeIndex | None:
    """Return the months of a period, one or a year's; None where it is neither."""
    text = re.sub(r"( 00:00:00)$", "", str(said).strip())
    text = re.sub(r"^([0-9]{4}[-/][0-9]{2})[-/]01$", r"\1", text)
    text = re.sub(r"^([0-9]{1,2})[/.-]([0-9]{4})$", r"\2-\1", text)
    text = re.sub(r"^([0-9]{4})(?:年|M|[-/.])([0-9])月?$", r"\1-0\2", text)
    text = re.sub(r"^([0-9]{4})(?:年|M)([0-9]{2})月?$", r"\1-\2", text)
    try:
        months = parse_period(text).months
    except InputError:
        return None
    whole_year = len(months) == 12 and months[0].month == 1
    return months if len(months) == 1 or whole_year else None


def _find_column(headings: list[str], currency: str, where: str) -> str:
    """Return the column of a currency's rates."""
    own = f"{currency.lower()}_per_usd"
    folded = {re.sub(r"[^a-z0-9]", "", heading.casefold()): heading for heading in headings}
    found = folded.get(own.replace("_", ""))
    if found is not None:
        return found
    if "perusd" in folded:
        warnings.warn(
            f"{where}: the column {folded['perusd']!r} does not say of which currency the rates "
            f"are; read as {own}, which is the name to give it",
            RateNameWarning,
            stacklevel=4,
        )
        return folded["perusd"]
    inverse = folded.get(f"usdper{currency.lower()}")
    turned = f"{inverse} is dollars for one {currency}: give 1 / it. " if inverse else ""
    raise InputError(
        f"the column {own!r} is missing",
        where=where,
        expected=f"period, {own}",
        got=", ".join(headings),
        hint=f"{turned}{own} is how many {currency} one dollar is.",
    )
