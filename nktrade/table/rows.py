"""The trade table: one tidy frame, one meaning everywhere.

One row is one flow of one commodity in one month. `flow` is always as the reporter declares it;
`mirror` turns the table to the partner's side.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.codes.hs import normalise_series
from nktrade.errors import (
    InputError,
    check_columns,
    count_of,
    did_you_mean,
    list_of,
    name_some,
    shorten,
)
from nktrade.table.row_rules import (
    CHOICES,
    SIDES,
    Wrong,
    find_wrong_months,
    find_wrong_numbers,
    find_wrong_releases,
    find_wrong_words,
)
from nktrade.table.row_rules import COMBINED as COMBINED
from nktrade.table.row_rules import CURRENCIES as CURRENCIES
from nktrade.table.row_rules import FLOWS as FLOWS

#: Columns of the trade table and their pandas dtypes, in order.
COLUMNS = {
    "period": "datetime64[us]",
    "reporter": "str",
    "partner": "str",
    "flow": "str",
    "hs": "str",
    "hs_edition": "str",
    "province": "str",
    "regime": "str",
    "value": "float64",
    "currency": "str",
    "quantity": "float64",
    "unit": "str",
    "quantity2": "float64",
    "unit2": "str",
    "source": "str",
    "status": "str",
}
REQUIRED = ("period", "reporter", "partner", "flow", "hs", "hs_edition", "value", "currency")

#: What makes a row one row: two rows alike in all of these say the same thing twice.
KEY = (
    "period", "reporter", "partner", "flow", "hs", "hs_edition", "province", "regime", "currency",
)  # fmt: skip


def check_trade(frame: pd.DataFrame, where: str = "", first_row: int = 1) -> pd.DataFrame:
    """Return `frame` as a trade table, or refuse it naming file, row, column and value.

    Parameters
    ----------
    frame : pandas.DataFrame
        At least the columns period, reporter, partner, flow, hs, hs_edition, value, currency.
        The others are filled with missing values; `source` with `where`, `status` with
        "reported". Columns the table does not know are refused.
    where : str
        The file the rows came from, for messages.
    first_row : int
        The number a reader of the file would give the first row.

    Returns
    -------
    pandas.DataFrame
        The columns of `COLUMNS` in order, typed, index kept. `frame` is not changed.

    Raises
    ------
    InputError
        For a missing or unknown column, an unreadable period, an unknown flow, edition, currency
        or status, a negative, missing or absurd value, a hidden value that is there all the
        same, a combined release that is not in February, or a repeated row.
    CodeError
        For an HS code that is not text or has lost its zeros.

    Examples
    --------
    >>> row = {"period": "2020-06-01", "reporter": "CHN", "partner": "PRK", "flow": "export",
    ...        "hs": "69022000", "hs_edition": "HS2017", "value": "1500", "currency": "USD"}
    >>> table = check_trade(pd.DataFrame([row]), "bricks.csv")
    >>> table["value"].tolist(), table["source"].tolist(), table["status"].tolist()
    ([1500.0], ['bricks.csv'], ['reported'])
    >>> check_trade(pd.DataFrame([row | {"flow": "exports"}]), "bricks.csv")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: bricks.csv, row 1, column 'flow': unknown flow; expected 'export' ...
    """
    check = _Checker(frame, where, first_row)
    check.columns()
    table = frame.reindex(columns=list(COLUMNS))
    table["period"] = check.periods()
    table["hs"] = normalise_series(frame["hs"], where, first_row)
    if "source" not in frame:
        table["source"] = where or "unnamed"
    if "status" not in frame:
        table["status"] = "reported"
    for column in CHOICES:
        check.words(table[column])
    for column in ("province", "regime"):
        check.text(column)
    for column in SIDES:
        check.words(table[column])
    check.numbers(table["status"])
    combined = table["status"].isin(COMBINED).to_numpy()
    check.rule("period", find_wrong_releases(table["period"].to_numpy(), combined))
    table = table.astype(COLUMNS)
    check.repeats(table)
    return table


#: What can be done in a frame that a reader of files does not know.
_HINTS = {"no value": "Mark a hidden value with status 'suppressed'."}


class _Checker:
    """Finds the first offending row of each kind and words the refusal."""

    def __init__(self, frame: pd.DataFrame, where: str, first_row: int) -> None:
        self.frame, self.where, self.first_row = frame, where, first_row

    def refuse(self, bad: np.ndarray, column: str, subject: str, expected: str, hint: str = ""):
        at = int(np.flatnonzero(bad)[0])
        place = f"{self.where + ', ' if self.where else ''}row {at + self.first_row}"
        got = _write(self.frame[column].iloc[at]) if column in self.frame else ""
        more = int(bad.sum()) - 1
        if more:
            hint = f"{hint} {count_of(more, 'more rows')} like it.".strip()
        raise InputError(
            subject, where=f"{place}, column {column!r}", expected=expected, got=got, hint=hint
        )

    def columns(self) -> None:
        check_columns(self.frame, [])
        repeated = self.frame.columns[self.frame.columns.duplicated()]
        if len(repeated):
            raise InputError(
                f"the column {repeated[0]!r} is there twice",
                where=self.where,
                hint="Keep one of the two.",
            )
        for column in REQUIRED:
            if column not in self.frame:
                raise InputError(
                    f"the column {column!r} is missing", where=self.where, expected=list_of(COLUMNS)
                )
        for column in self.frame.columns:
            if column not in COLUMNS:
                raise InputError(
                    f"the column {column!r} is not part of a trade table",
                    where=self.where,
                    hint=did_you_mean(column, COLUMNS),
                )

    def periods(self) -> pd.Series:
        raw = self.frame["period"]
        parsed = raw
        if not pd.api.types.is_datetime64_any_dtype(raw):
            text = raw.astype("str").str.removesuffix(" 00:00:00")
            parsed = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
        elif raw.dt.tz is not None:  # a month of customs has no hour, so no time zone either
            parsed = raw.dt.tz_localize(None)
        self.rule("period", find_wrong_months(parsed.to_numpy()))
        return parsed

    def rule(self, column: str, wrong: Wrong | None) -> None:
        """Refuse the rows that break a rule, if any does."""
        if wrong is not None and wrong.bad.any():
            hint = wrong.hint or _HINTS.get(wrong.subject, "")
            self.refuse(wrong.bad, column, wrong.subject, wrong.expected, hint)

    def words(self, column: pd.Series) -> None:
        rows, words = pd.factorize(column, use_na_sentinel=False)
        wrong = find_wrong_words(str(column.name), list(words))
        self.rule(str(column.name), wrong and wrong._replace(bad=wrong.bad[rows]))

    def text(self, column: str) -> None:
        """Refuse codes that a spreadsheet has turned into numbers: 21.0 for province '21'."""
        if column not in self.frame:
            return
        raw = self.frame[column]
        if raw.dtype == "str":
            return
        number = raw.map(lambda code: not isinstance(code, str)).astype(bool) & raw.notna()
        if number.any():
            hint = "Read the column as text, so that codes are kept as they are."
            self.refuse(number.to_numpy(dtype=bool), column, "not text", "a code as text", hint)

    def numbers(self, status: pd.Series) -> None:
        for column in ("value", "quantity", "quantity2"):
            if column not in self.frame:
                continue
            raw = self.frame[column]
            number = pd.to_numeric(raw, errors="coerce").astype("float64")
            bad = (number.isna() & raw.notna()).to_numpy()
            if bad.any():
                self.refuse(bad, column, "not a number", "a plain number")
            hidden = (status == "suppressed").to_numpy()
            for wrong in find_wrong_numbers(column, number.to_numpy(), hidden):
                self.rule(column, wrong)

    def repeats(self, table: pd.DataFrame) -> None:
        bad = table.duplicated(list(KEY)).to_numpy()
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            twin = (table[list(KEY)].fillna("") == table[list(KEY)].fillna("").iloc[at]).all(axis=1)
            first = int(np.flatnonzero(twin.to_numpy())[0]) + self.first_row
            self.refuse(
                bad,
                "hs",
                f"the same flow, commodity, place and month as row {first}",
                "each row once",
                "Remove the repeated rows or the repeated download.",
            )


def _write(value: object) -> str:
    """Write a cell's value as a reader of the file knows it, not as NumPy or pandas keep it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else str(value)
    return repr(value.item() if isinstance(value, np.generic) else value)


def check_series(values: object) -> None:
    """Refuse what is no column of numbers; raises `InputError`."""
    if not isinstance(values, pd.Series) or not pd.api.types.is_numeric_dtype(values):
        raise InputError(
            "not a column of numbers", expected="a pandas.Series", got=type(values).__name__
        )


def check_result(result: object, part: str, verb: str) -> None:
    """Refuse what has no such part and so was not made by that verb; raises `InputError`."""
    if not hasattr(result, part):
        got = type(result).__name__
        raise InputError(f"not what {verb} returns", got=got, hint=f"Call {verb} first.")


def check_types(table: pd.DataFrame) -> None:
    """Refuse a table whose months are no dates, whose codes are numbers or whose values are text.

    Only the columns of a trade table are asked, and only those that are there. A month is its
    first day; a flow, edition, currency or status is one of the words there are. What is written
    otherwise would be in no sum, or in one of another name, and nobody would be told.

    Raises
    ------
    InputError
        Naming the first column of another kind, and what makes a trade table of it.
    """
    here = [column for column in COLUMNS if column in table]
    check_columns(table, here)
    for column in here:
        wanted, held = COLUMNS[column], table[column]
        if wanted == "float64":
            good = pd.api.types.is_numeric_dtype(held)
        elif wanted == "str":
            kinds = (pd.CategoricalDtype, pd.StringDtype)
            good = isinstance(held.dtype, kinds) or bool(held.dtype == object or held.isna().all())
        else:
            good = held.dtype.kind == "M" and getattr(held.dtype, "tz", None) is None
        if not good:
            raise InputError(
                f"the column {column!r} is of another kind than a trade table's",
                expected=_KINDS[wanted.partition("[")[0]],
                got=f"{held.dtype}, as {shorten(next(iter(held), None))}",
                hint="check_trade(table) makes a trade table of it, or says which row is wrong.",
            )
        if column == "period" or column in CHOICES:
            _check_distinct(held)


def _check_distinct(column: pd.Series) -> None:
    """Refuse a column of few different cells of which one cannot be."""
    cells = pd.Series(column.unique())  # a third of the time of drop_duplicates
    if column.name == "period":
        wrong: Wrong | None = find_wrong_months(cells.to_numpy())
    else:
        wrong = find_wrong_words(str(column.name), list(cells))
    if wrong is not None and wrong.bad.any():
        raise InputError(
            f"the column {column.name!r} of the table holds {_write(cells[wrong.bad].iloc[0])}",
            expected=wrong.expected,
            hint=wrong.hint or "check_trade(table) says in which row.",
        )


#: What a dtype is called.
_KINDS = {
    "datetime64": "dates, the first of each month, without a time zone",
    "str": "text",
    "float64": "numbers",
}


def check_is_trade(table: object) -> None:
    """Refuse what is no trade table, as a monthly table or sums, and say what it is instead.

    Raises
    ------
    InputError
        Naming the first column that is not there.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            "not a trade table",
            expected="a pandas.DataFrame, as nktrade.load returns it",
            got=type(table).__name__,
        )
    missing = [column for column in REQUIRED if column not in table]
    if not missing:
        return check_types(table)
    hint = "Give it the rows themselves, as nktrade.load or check_trade return them."
    if "state" in table:
        hint = f"This is a table of sums, as monthly or add_up make it. {hint}"
    raise InputError(
        f"not a trade table: it has no column {missing[0]!r}",
        expected=list_of(REQUIRED),
        got=name_some(list(map(str, table.columns))),
        hint=hint,
    )


def is_estimated(trade: pd.DataFrame) -> bool:
    """Say whether any row is an estimate, so that whatever is drawn from it must say so."""
    return any("estimated" in str(status) for status in trade["status"].unique())
