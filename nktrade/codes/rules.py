"""The rules of one class system, read from its folder or from one file, and checked.

A folder holds `rules.csv` (prefix, class) and `labels.csv` (class, name and perhaps coarser
classes). A file of one's own may be such a rules table by itself: ``prefix,class``, in CSV. A
prefix whose class is left empty has none, whatever a shorter prefix says.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nktrade.codes.hs import EDITIONS, SPECIAL_CHAPTERS, codes_of
from nktrade.errors import CodeError, InputError, check_choice


def read_rules(path: Path, column: str = "class") -> pd.DataFrame:
    """Read and check a class system.

    Parameters
    ----------
    path : Path
        A folder with `rules.csv` and `labels.csv`, or a CSV file with the columns prefix, class.
    column : str
        The column of the labels that holds the class wanted; "class" is the finest.

    Returns
    -------
    pandas.DataFrame
        Text columns prefix, class and name (the class in words).

    Raises
    ------
    InputError
        A file or column is missing, a prefix is there twice, a class has no label or
        (in the labels) no rule.
    CodeError
        A prefix is no beginning of an HS code of any edition.
    """
    folder = path.is_dir()
    file = path / "rules.csv" if folder else path
    rules = _read(file, ["prefix", "class"])
    _refuse_repeated(rules["prefix"], file)
    known = _prefixes()
    for row, prefix in enumerate(rules["prefix"], 2):
        if not (prefix.isascii() and prefix.isdigit() and prefix[:6] in known):
            hint = f"Did you mean '0{prefix}'?" if f"0{prefix}"[:6] in known else ""
            raise CodeError(
                f"no HS code begins with {prefix!r}",
                where=f"{file}, row {row}, column 'prefix'",
                hint=hint or "Write digits only, as text, with the leading zero.",
            )
    if not folder:
        return rules.replace("", None).assign(name=rules["class"]).astype("str")
    labels = _read(path / "labels.csv", list(dict.fromkeys(["class", "name", column])))
    _refuse_repeated(labels["class"], path / "labels.csv")
    for row, word in enumerate(rules["class"], 2):
        if word:
            check_choice("class", word, labels["class"], where=f"{file}, row {row}, column 'class'")
    for row, word in enumerate(labels["class"], 2):
        where = f"{path / 'labels.csv'}, row {row}, column 'class'"
        check_choice("class without a rule", word, rules["class"].unique(), where=where)
    rules = rules.replace("", None).astype("str")
    table = rules.merge(labels, on="class", how="left", validate="many_to_one")
    if column != "class":
        table = table.assign(**{"class": table[column], "name": table[column]})
    return table[["prefix", "class", "name"]]


def _read(file: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(file)) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError("the file cannot be read", where=str(file), got=str(error)) from None
    for column in columns:
        if column not in table:
            expected, got = ", ".join(columns), ", ".join(map(str, table))
            raise InputError("a column is missing", where=str(file), expected=expected, got=got)
        blank = [row for row, text in enumerate(table[column], 2) if not text.strip()]
        if blank and not (column == "class" and file.name != "labels.csv"):
            where = f"{file}, row {blank[0]}, column {column!r}"
            raise InputError("the cell is empty", where=where)
    return table[columns]


def _refuse_repeated(words: pd.Series, file: Path) -> None:
    twice = [row for row, again in enumerate(words.duplicated(), 2) if again]
    if twice:
        raise InputError(
            f"{words.iloc[twice[0] - 2]!r} is there twice",
            where=f"{file}, row {twice[0]}, column {words.name!r}",
            hint="Leave one of the two lines.",
        )


def _prefixes() -> set[str]:
    codes = [code for edition in EDITIONS for code in codes_of(edition, 6)]
    special = {f"{chapter}{rest}" for chapter in SPECIAL_CHAPTERS for rest in ("", "00", "0000")}
    return {code[:n] for code in codes for n in range(2, 7)} | special
