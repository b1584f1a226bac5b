"""People's lists of HS codes: which column has them, and what they say once they are plain."""

from __future__ import annotations

import re

import pandas as pd

from nktrade.codes.classes import assign
from nktrade.codes.hs import EDITIONS, LABELS, normalise_series
from nktrade.errors import InputError, check_choice, did_you_mean

#: Headings of codes, without spaces and signs and in lower case; in order of preference.
_HEADINGS = (
    *(
        "hs",
        "hscode",
        "hs10",
        "hs8",
        "hs6",
        "hs4",
        "hs2",
        "cmdcode",
        "commoditycode",
        "productcode",
    ),
    *(
        "商品编码",
        "商品编号",
        "税号",
        "hs编码",
        "海关编码",
        "编码",
        "품목코드",
        "hsコード",
        "品目番号",
        "統計品目番号",
        "кодтнвэд",
        "тнвэд",
        "hs코드",
        "hts",
        "htsno",
    ),
    *("tariffcode", "tnved", "cn8", "hsn", "ncm", "code", "product", "commodity", "k"),
)


def find_codes(table: pd.DataFrame, column: str | None, where: str) -> str:
    """Return the column of codes: the one that is named, is called so, or alone looks so.

    Raises
    ------
    InputError
        If there is none, or several look like codes.
    """
    columns = [str(name) for name in table.columns]
    if table.empty:
        _refuse_headless(columns, where)
        raise InputError("the list has no row", where=where)
    if column is not None:
        if column in columns:
            return column
        folded = {_fold(name): name for name in columns}
        if _fold(column) in folded:
            return folded[_fold(column)]
        hint = did_you_mean(column, columns)
        raise InputError(f"there is no column {column!r}", where=where, hint=hint)
    for heading in _HEADINGS:
        for name in columns:
            if _fold(name) == heading:
                return name
    alike = [name for name in columns if _look_like_codes(table[name])]
    if len(alike) == 1:
        _refuse_headless(alike, where)
        return alike[0]
    raise InputError(
        "no column is called as codes are" if not alike else "several columns may be the codes",
        where=where,
        got=", ".join(alike or columns[:8]),
        hint="Name it: --column NAME.",
    )


def is_heading(text: str) -> bool:
    """Say whether a heading is one that codes commonly have."""
    return _fold(text) in _HEADINGS


def refuse_strange_letters(table: pd.DataFrame, where: str) -> None:
    """Refuse a list in another encoding, whose words would be written out as they cannot be read.

    Raises
    ------
    InputError
        Naming the first column with such words.
    """
    for name in table.columns:
        cells = table[name].dropna()
        strange = cells[cells.str.contains("\ufffd", regex=False)]
        if "\ufffd" in str(name) or len(strange):
            raise InputError(
                "letters that are neither UTF-8 nor GB18030",
                where=f"{where}, column {str(name)!r}",
                got=repr(str(strange.iloc[0] if len(strange) else name)[:40]),
                hint="Say which they are: --encoding cp1251 (Russian), cp949 (Korean) or "
                "cp1252 (Western).",
            )


def _refuse_headless(headings: list[str], where: str) -> None:
    """Refuse a list whose first row is a code already: as a heading it would be lost."""
    codes = [name for name in headings if re.fullmatch(r"([0-9]{2}){1,5}", name.replace(".", ""))]
    if codes:
        raise InputError(
            "the list has no heading: its first row is a code",
            where=f"{where}, row 1",
            got=", ".join(map(repr, codes[:3])),
            hint="Write a heading above it, as hs, and each code in a row of its own.",
        )


def _fold(name: str) -> str:
    return re.sub(r"[\s_.\-()（）]", "", name).casefold()


def _look_like_codes(column: pd.Series) -> bool:
    text = _plain(column.dropna())
    return len(text) > 0 and text.str.fullmatch(r"([0-9]{2}){1,5}").mean() > 0.8


def _plain(codes: pd.Series) -> pd.Series:
    """Return codes without what people and spreadsheets put around and between their digits."""
    text = codes.str.normalize("NFKC").str.replace(r"^=?[\"'’‘`]|[\"'’]$|\s", "", regex=True)
    return text.str.replace(r"^(?:HS|hs)[:.]?(?=[0-9])", "", regex=True)


def map_list(codes: pd.Series, to: str, edition: str, where: str) -> tuple[pd.Series, pd.Series]:
    """Return the class of each code, and the texts that are no code, index kept.

    An edition whose nomenclature nktrade does not have (before 2007) is told by chapter alone:
    chapters have not moved since.

    Raises
    ------
    CodeError
        For digits that are no code, as one that lost a zero, with their row.
    """
    check_choice("HS edition", edition, LABELS)
    text = _plain(codes.astype("str"))
    text = text.mask(text.eq(""))
    digits = text.str.fullmatch(r"[0-9.]*[0-9]").fillna(False).astype(bool)
    unread = codes[text.notna() & ~digits]
    kept = text[digits]
    if kept.empty:
        raise InputError(
            "no cell of the column is an HS code",
            where=f"{where}, column {codes.name!r}",
            expected="2 to 10 digits in each",
            got=", ".join(map(repr, unread.head(3))) or "nothing",
            hint="A range as 2701-2704 is written out, a code a line.",
        )
    for row, code in kept.items():  # each is tried alone, so that the message names its row
        normalise_series(pd.Series([code], name=codes.name), where, int(str(row)))
    clean = normalise_series(kept) if len(kept) else kept
    if edition not in EDITIONS:
        clean, edition = clean.str[:2], EDITIONS[0]
    answers = assign(clean, to, edition)
    return answers.reindex(codes.index).rename(str(answers.name)), unread
