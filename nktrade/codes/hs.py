"""The shape of an HS code: always text, always an even number of digits, zeros kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from numbers import Integral, Real

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import CodeError, InputError, check_choice, shorten

EDITIONS = ("HS2007", "HS2012", "HS2017", "HS2022")
#: Editions that rows may be in, those whose nomenclature nktrade does not have among them.
LABELS = ("HS1992", "HS1996", "HS2002", *EDITIONS)

#: Chapters a national customs adds for goods outside the common nomenclature.
SPECIAL_CHAPTERS = ("98", "99")

_DOTTED = re.compile(r"[0-9]{4}(\.[0-9]{2}){1,3}|[0-9]{2}\.[0-9]{2}(\.[0-9]{2}){0,3}")


def normalise(code: object) -> str:
    """Return an HS code as plain digits, or refuse it and say what was probably meant.

    Parameters
    ----------
    code : str
        2, 4, 6, 8 or 10 digits, with or without dots between them. Numbers are refused: a
        spreadsheet that turned codes into numbers has already lost their leading zeros.

    Returns
    -------
    str
        Digits only, leading zeros kept.

    Raises
    ------
    CodeError
        If `code` is not text, has an odd number of digits, or is not a code at all.

    Examples
    --------
    >>> normalise("6902.20")
    '690220'
    >>> normalise("10121")
    Traceback (most recent call last):
    ...
    nktrade.errors.CodeError: the HS code '10121' has 5 digits; expected 2, 4, 6, 8 or 10 ...
    """
    wanted = "2, 4, 6, 8 or 10 digits as text"
    if not isinstance(code, str):
        if not isinstance(code, Real) or code != code:
            raise CodeError(f"an HS code is one text, not {shorten(code)}", expected=wanted)
        digits = re.sub(r"\.0$", "", str(code))
        padded = digits.zfill(len(digits) + len(digits) % 2)
        hint = f"Did you mean {padded!r}? " if _is_known(padded) else ""
        raise CodeError(
            f"the HS code {shorten(code)} is a number",
            expected=wanted,
            hint=hint + "Read the column as text, so that leading zeros are kept.",
        )
    text = code.strip()
    if text.isascii() and text.isdigit():
        if len(text) in (2, 4, 6, 8, 10):
            return text
        long = "1 digit" if len(text) == 1 else f"{len(text)} digits"
        if len(text) % 2 and len(text) < 10 and _is_known(f"0{text}"):
            hint = f"Did you mean '0{text}'? A spreadsheet may have dropped the zero."
        else:
            hint = f"Did you mean {text[:-1]!r}?" if _is_known(text[:-1]) else ""
        raise CodeError(f"the HS code {code!r} has {long}", expected=wanted, hint=hint)
    if _DOTTED.fullmatch(text):
        return text.replace(".", "")
    if re.fullmatch(r"[0-9]+\.0", text):
        whole = text[:-2]
        padded = whole.zfill(len(whole) + len(whole) % 2)
        raise CodeError(
            f"the HS code {code!r} has passed through a number",
            expected=wanted,
            hint=f"Did you mean {padded!r}? Read the column as text.",
        )
    raise CodeError(f"{code!r} is not an HS code", expected=wanted, hint=_guess(text))


def _guess(text: str) -> str:
    """Return what to do about a text that is no code: what it was meant for, or where to look."""
    if text.isalpha():
        return f"Look it up by name: nktrade hs search {text}"
    several = re.split(r"\s*[,;/]\s*", text)
    if len(several) > 1 and all(map(_is_known, several)):
        return f"Give several as a list: {several}."
    plain = unicodedata.normalize("NFKC", text)  # digits of full width
    digits = re.sub(r"(?i)^hs|[\s'’.]", "", plain)
    return f"Did you mean {digits!r}?" if _is_known(digits) else ""


def _is_known(digits: str) -> bool:
    """Say whether digits are a code, so far as its heading says."""
    code = digits.isascii() and digits.isdecimal() and len(digits) in (2, 4, 6, 8, 10)
    return code and (digits[:4] in _nomenclature() or digits[:2] in SPECIAL_CHAPTERS)


def list_codes(codes: str | Iterable[str]) -> list[str]:
    """Normalise one code or several, as an argument gives them.

    Raises
    ------
    CodeError
        For the first that cannot be read.

    Examples
    --------
    >>> list_codes("6902"), list_codes(["69.02", "67"])
    (['6902'], ['6902', '67'])
    >>> list_codes(6902)
    Traceback (most recent call last):
    ...
    nktrade.errors.CodeError: the HS code 6902 is a number; expected 2, 4, 6, 8 or 10 digits ...
    """
    several = isinstance(codes, Iterable) and not isinstance(codes, str)
    return [normalise(code) for code in (codes if several else [codes])]


def normalise_series(codes: pd.Series, where: str = "", first_row: int = 1) -> pd.Series:
    """Normalise a column of codes, keeping its index; an error names the row.

    Parameters
    ----------
    codes : pandas.Series of str
    where : str
        The file, for the message.
    first_row : int
        The row number of the first value, as a reader of the file would count it.

    Raises
    ------
    CodeError
        For the first code that cannot be read, with its row and column.

    Examples
    --------
    >>> normalise_series(pd.Series(["27.01", "6704.20"])).tolist()
    ['2701', '670420']
    """
    if not isinstance(codes, pd.Series):
        got = type(codes).__name__
        raise InputError("not a column of codes", expected="a pandas.Series", got=got)
    distinct = {}
    for code in codes.unique():
        try:
            distinct[code] = normalise(code)
        except CodeError as error:
            hit = codes.isna() if pd.isna(code) else codes.eq(code)
            row = int(hit.to_numpy().argmax()) + first_row
            place = f"{where + ', ' if where else ''}row {row}, column {codes.name!r}"
            raise CodeError(
                error.subject, where=place, expected=error.expected, hint=error.hint
            ) from None
    return codes.map(distinct).astype("str")


def level(code: str) -> int:
    """Return the number of digits: 2 chapter, 4 heading, 6 subheading, 8 tariff line.

    Examples
    --------
    >>> level("27"), level("2701"), level("67042000")
    (2, 4, 8)
    """
    return len(normalise(code))


def parents(code: str) -> list[str]:
    """Return the codes above `code`, nearest last.

    Examples
    --------
    >>> parents("69022000")
    ['69', '6902', '690220']
    """
    text = normalise(code)
    return [text[:n] for n in range(2, len(text), 2)]


@cache
def _nomenclature() -> dict[str, frozenset[str]]:
    """Every 2-, 4- and 6-digit code of every edition: code to the editions it lives in."""
    path = DATA / "classes" / "hs" / "codes.csv"
    table = pd.read_csv(path, dtype="str")
    return {
        code: frozenset(f"HS{year}" for year in years.split())
        for code, years in zip(table["code"], table["editions"], strict=True)
    }


def check_edition(edition: str) -> str:
    """Return `edition` if nktrade knows it, else raise `InputError` with the nearest name."""
    return check_choice("HS edition", edition, EDITIONS)


def editions_of(code: str) -> list[str]:
    """Return the editions in which a code of up to six digits exists (longer codes: its six).

    Examples
    --------
    >>> editions_of("300220")
    ['HS2007', 'HS2012', 'HS2017']
    """
    return sorted(_nomenclature().get(normalise(code)[:6], frozenset()))


def codes_of(edition: str, digits: int) -> list[str]:
    """Return every code of an edition with so many digits (2, 4 or 6), in order.

    Examples
    --------
    >>> codes_of("HS2022", 2)[:3]
    ['01', '02', '03']
    """
    check_edition(edition)
    return sorted(
        code for code, there in _nomenclature().items() if len(code) == digits and edition in there
    )


def exists(code: str, edition: str = "HS2017") -> bool:
    """Say whether a code (its first six digits, if longer) exists in `edition`.

    Chapters 98 and 99 are national and exist by definition.

    Examples
    --------
    >>> exists("6704"), exists("9802"), exists("0077")
    (True, True, False)
    """
    check_edition(edition)
    text = normalise(code)
    return text[:2] in SPECIAL_CHAPTERS or edition in editions_of(text)


def children(code: str, edition: str = "HS2017") -> list[str]:
    """Return the codes one level below a chapter or heading.

    Examples
    --------
    >>> children("6902")
    ['690210', '690220', '690290']
    """
    check_edition(edition)
    text = normalise(code)
    wanted = len(text) + 2
    return sorted(
        other
        for other, editions in _nomenclature().items()
        if len(other) == wanted and other.startswith(text) and edition in editions
    )


def edition_of_year(year: int) -> str:
    """Return the edition China's customs used in `year`: HS2017 in 2017-2021, HS2022 since.

    Examples
    --------
    >>> edition_of_year(2021), edition_of_year(2022)
    ('HS2017', 'HS2022')
    """
    if not isinstance(year, Integral):
        raise InputError("not a year", expected="a number as 2022", got=shorten(year))
    for first, edition in ((2022, "HS2022"), (2017, "HS2017"), (2012, "HS2012"), (2007, "HS2007")):
        if year >= first:
            return edition
    raise InputError(f"no HS edition is known for {year}", expected="2007 or later")
