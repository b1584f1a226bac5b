"""Numbers as people and programs write them: with a decimal point or a comma, or nothing at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from nktrade.errors import InputError


class Numbers:
    """How numbers are written in a file: with a decimal point, or with a comma.

    A mark that was said is the only one. Else a comma is a decimal one if some number of the file
    can be read in no other way and none has a point: ``1,5`` or ``1234,567`` cannot be thousands,
    while ``1,234`` may be either. So may points be, where every number is as ``1.234``.

    Parameters
    ----------
    name : str
        The file, as messages call it.
    columns : dict, optional
        Every column of numbers, by its heading: one may tell how the others are written.
    thousands, decimal : str, optional
        The marks, where the caller knows them. A space is any kind of space.

    Raises
    ------
    InputError
        For marks that cannot be.
    """

    def __init__(
        self,
        name: str,
        columns: Mapping[str, pd.Series] | None = None,
        thousands: str | None = None,
        decimal: str | None = None,
    ) -> None:
        self.name = name
        self.columns = {heading: _bare(column) for heading, column in (columns or {}).items()}
        self.thousands = thousands or ""
        self.decimal = decimal or ("," if thousands == "." else ".")
        self.said = bool(thousands or decimal)
        marks = (self.thousands, self.decimal)
        if self.thousands == self.decimal or any(len(m) > 1 or m.isalnum() for m in marks if m):
            raise InputError(
                "the marks of numbers cannot be told apart",
                expected="as thousands='.' and decimal=','",
                got=f"thousands={self.thousands!r}, decimal={self.decimal!r}",
            )

    def read(self, column: pd.Series, heading: str, most: float = np.inf) -> pd.Series:
        """Return a column as numbers, zero or more; missing where a cell says there is nothing.

        Parameters
        ----------
        column : pandas.Series
            Texts, by their rows in the file.
        heading : str
        most : float
            More than this is no number of the column: other columns have moved into it.

        Raises
        ------
        InputError
            Naming the row, for the first cell that is no such number.
        """
        text = _bare(column)
        text = text.mask(text.isin([word for word in text.dropna().unique() if is_nothing(word)]))
        plain, remedy = self._as_said(text) if self.said else self._as_found(text, heading, most)
        bad = text.notna() & ~_fits(plain, _PLAIN)
        if bad.any():
            got = str(text[bad].iloc[0])
            negative = bool(re.fullmatch(r"[-−][0-9., ]+", got))
            raise InputError(
                "negative" if negative else "not a number",
                where=f"{self.name}, row {text[bad].index[0]:,}, column {heading!r}",
                expected=f"a number, zero or more, as {self._example()}",
                got=repr(got),
                hint="" if negative else remedy(got),
            )
        number = pd.to_numeric(plain, errors="coerce").astype("float64")
        bad = (number > most) | np.isinf(number)
        if bad.any():
            raise InputError(
                "absurdly large",
                where=f"{self.name}, row {text[bad].index[0]:,}, column {heading!r}",
                expected=f"at most {most:,.0f}" if np.isfinite(most) else "a number",
                got=repr(str(text[bad].iloc[0])),
                hint="Are the columns shifted?",
            )
        return number

    def _example(self) -> str:
        return f"1{self.thousands}234{self.decimal}5" if self.said else "1234.5"

    def _as_said(self, text: pd.Series):
        """Return texts with a point and no thousands; one written otherwise becomes no number."""
        mark = r"[\s\u00a0\u202f\u2009]" if self.thousands.isspace() else re.escape(self.thousands)
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+)" if mark else "[0-9]+"
        good = _fits(text, rf"{whole}(?:{re.escape(self.decimal)}[0-9]*)?(?:[eE][+-]?[0-9]+)?")
        plain = text.str.replace(mark, "", regex=True) if mark else text
        plain = plain.str.replace(self.decimal, ".", regex=False)
        told = f"decimal={self.decimal!r}"
        told += f" and thousands={self.thousands!r}" if self.thousands else ""
        return plain.where(good, "?").where(
            text.notna()
        ), lambda got: f"It was said that numbers are written with {told}."

    def _as_found(self, text: pd.Series, heading: str, most: float):
        """Return texts with a decimal point, where the file tells that commas are points."""
        told = self.columns or {heading: text}
        comma, point = _fits(text, _COMMA), _fits(text, _DOTS)
        against = ""
        if comma.any():
            sure = any((_fits(c, _COMMA) & ~_fits(c, _THOUSANDS)).any() for c in told.values())
            against = _first_fit(told, _POINT)
            if sure and not against:
                text = text.mask(comma, text.str.replace(",", ".", regex=False))
        # One weight may have three decimals by chance; that every number has is no chance.
        elif point.any() and (np.isfinite(most) or point.sum() > 1):
            points = any((_fits(c, _POINT) & ~_fits(c, _DOTS)).any() for c in told.values())
            long = any(_fits(c, r"[0-9]{4,}(\.[0-9]*)?").any() for c in told.values())
            if not (points or long):
                return text.mask(point, "?"), lambda got: _DOUBT.format("point", "decimal='.'")
        return text, lambda got: _tell_remedy(got, against)


_PLAIN = r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"
_COMMA = r"[0-9]+,[0-9]+([eE][+-]?[0-9]+)?"
_THOUSANDS = r"[1-9][0-9]{0,2},[0-9]{3}"
_DOTS = r"[1-9][0-9]{0,2}\.[0-9]{3}"
_POINT = r"[0-9,]*\.[0-9]+([eE][+-]?[0-9]+)?"
_DOUBT = (
    "It may be thousands or a decimal {}: save the numbers plainly, as 1234 or 1.2; of a table of "
    "one's own say which, as {}."
)

#: Letters as wide as a Chinese sign, to those that they stand for. Not as Unicode folds letters: of
#: a footnote's mark, 12² or 12①, that makes a digit of the number.
_HALF = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " "}


def half_width(text: str) -> str:
    """Return a text with letters of full width as plain ones.

    Examples
    --------
    >>> half_width("１，２３４"), half_width("１２²")
    ('1,234', '12²')
    """
    return text.translate(_HALF)


def unwrap(text: str) -> str:
    """Return a text in half width, without what keeps a spreadsheet from reading it as a number.

    Examples
    --------
    >>> [unwrap(text) for text in ('="040221"', "'040221", "０４０２２１", " 0402.21 ")]
    ['040221', '040221', '040221', '0402.21']
    """
    return _WRAPPED.sub(r"\1\2", half_width(text).strip())


_WRAPPED = re.compile(r"""^(?:="(.*)"|['’]([0-9][0-9.]*)'?)$""")


#: What is written where there is nothing, besides dashes of any kind and length.
_MARKS = "?？−ー*/\\…．.·"
_NOTHING = re.compile(r"n/?a|nan|none|null|nil|\\n|无|無", re.IGNORECASE)


def is_nothing(text: str | None) -> bool:
    """Say whether a cell is one that says there is nothing.

    Examples
    --------
    >>> is_nothing("—"), is_nothing("N/A"), is_nothing("0"), is_nothing("-5")
    (True, True, False, False)
    """
    return not text or bool(_NOTHING.fullmatch(text)) or all(map(_is_mark, text))


def _is_mark(letter: str) -> bool:
    return letter in _MARKS or letter.isspace() or unicodedata.category(letter) == "Pd"


def _bare(column: pd.Series) -> pd.Series:
    """Return texts in half width, without the spaces around them."""
    text = column.astype("str")
    plain = text.str.isascii().fillna(True).all()  # nearly always, and seen at once
    return (text if plain else text.str.translate(_HALF)).str.strip()


def _fits(text: pd.Series, pattern: str) -> pd.Series:
    return text.str.fullmatch(pattern).fillna(False).astype(bool)


def _first_fit(told: Mapping[str, pd.Series], pattern: str) -> str:
    """Name the first number of any column that fits a pattern; empty if there is none."""
    for name, column in told.items():
        found = column[_fits(column, pattern)]
        if len(found):
            return f"row {found.index[0]:,}, {name!r}: {found.iloc[0]}"
    return ""


def _tell_remedy(got: str, against: str) -> str:
    """Say what to do about a text that is no number."""
    if re.fullmatch(_COMMA, got) and against:
        return f"Other numbers have a decimal point ({against}): write all in one way."
    if re.fullmatch(_THOUSANDS, got):
        return _DOUBT.format("comma", "thousands=','")
    if re.search(r"[,'’\s\u00a0\u202f]", got):
        return "Thousands are not read with marks between them: save the numbers plainly."
    return "Are the columns shifted, or was the file edited?"
