"""Classes of goods: what an HS code means to an economist.

A class is a folder under ``data/classes`` with `rules.csv` (a prefix of a code and the class it
belongs to; the longest prefix that fits decides), `labels.csv` and a README. One loader reads
them all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.baskets import Basket, in_basket, is_basket
from nktrade.codes.conversion import find_family
from nktrade.codes.editions import subheadings
from nktrade.codes.hs import check_edition, exists, normalise, normalise_series
from nktrade.codes.rules import read_rules
from nktrade.codes.spreading import encode, spread
from nktrade.errors import CodeError, InputError, check_choice, check_columns, list_of, shorten

_FOLDER = DATA / "classes"


def list_classes() -> pd.DataFrame:
    """Return the classes that `classify` knows.

    Returns
    -------
    pandas.DataFrame
        Columns name and title.

    Examples
    --------
    >>> list_classes()["name"].tolist()[:3]
    ['bec', 'bec_category', 'chemistry']
    """
    return pd.DataFrame(list(_titles().items()), columns=["name", "title"], dtype="str")


def load_class(name: str) -> pd.DataFrame:
    """Return the rules of a class: the longest prefix that fits a code decides.

    Parameters
    ----------
    name : str
        One of `list_classes`, kept as data (not chapter, heading or subheading); or the path of a
        class system of one's own, a folder or a CSV file (see `nktrade.codes.rules`).

    Returns
    -------
    pandas.DataFrame
        Text columns prefix, class and name (the class in words).

    Raises
    ------
    InputError, CodeError
        If no class is called `name`, or its files do not hold together.

    Examples
    --------
    >>> load_class("industry").query("prefix == '67'")["class"].tolist()
    ['textile']
    """
    if is_own(name):
        return read_rules(Path(name))
    check_choice("class", name, _titles())
    if name in _WITHOUT_RULES:
        raise InputError(f"the class {name!r} is cut from the code and has no rules")
    system = _systems()[name]
    return _load(system.folder, system.column).copy()


@cache
def _load(folder: str, column: str) -> pd.DataFrame:
    return read_rules(_FOLDER / folder, column)


def is_own(name: str) -> bool:
    """Say whether a class is named by the path of one's own file or folder."""
    return name not in _titles() and (name.lower().endswith(".csv") or Path(name).is_dir())


def classify(
    trade: pd.DataFrame, to: str | Basket | Sequence[str | Basket] = "bec"
) -> pd.DataFrame:
    """Add to a table the class each row's HS code belongs to.

    Parameters
    ----------
    trade : pandas.DataFrame
        Columns hs (text, 2 to 10 digits) and hs_edition.
    to : str, Basket or sequence of them
        One or more of `list_classes`, or the path of a class system of one's own, a folder or a CSV
        file of prefix and class: its column is called after the file. Or a basket, as
        `load_basket` takes it: its column says the basket's name or "other goods".

    Returns
    -------
    pandas.DataFrame
        `trade` with one more text column for each class, named after it. Index and rows are
        kept. A code that its edition does not have, that no rule covers, or that is short and
        whose subheadings fall in several classes, has a missing class: see `coverage`.

    Raises
    ------
    InputError
        If a class or an edition is unknown.
    CodeError
        If a code is a number or cannot be read.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["690220", "15"], "hs_edition": "HS2017"}, index=[7, 9])
    >>> classify(trade, to=["industry", "bec"])
            hs hs_edition     industry           bec
    7   690220     HS2017       others  intermediate
    9       15     HS2017  agriculture           NaN
    """
    check_columns(trade, ["hs", "hs_edition"])
    if not isinstance(to, str | Basket | Iterable):
        raise InputError("not a class system", expected=list_of(_titles()), got=shorten(to))
    wanted = [to] if isinstance(to, str | Basket) else list(to)
    systems = [name for name in wanted if isinstance(name, str) and not _is_basket(name)]
    columns = _assign(trade["hs"], systems, trade["hs_edition"])
    for basket in wanted:
        if basket not in systems:
            held = in_basket(trade, basket)
            words = held.map({True: str(held.name), False: "other goods"}).astype("str")
            columns[str(held.name)] = words
    return trade.assign(**columns)


def _is_basket(name: str) -> bool:
    return name not in _titles() and is_basket(name)


def assign(codes: pd.Series, to: str = "bec", edition: str | pd.Series = "HS2017") -> pd.Series:
    """Return the class of each code, index kept, missing where there is none.

    Codes as categories get classes as categories, which is quicker still.

    Parameters
    ----------
    codes : pandas.Series of str
        HS codes of 2 to 10 digits.
    to : str
        One of `list_classes`.
    edition : str or pandas.Series of str
        One edition for all, or one a code.

    Raises
    ------
    InputError, CodeError
        As `classify`.

    Examples
    --------
    >>> assign(pd.Series(["67", "9018", "8703"]), "bec").tolist()
    [nan, nan, nan]
    >>> assign(pd.Series(["670300", "901811", "870323"]), "bec").tolist()
    ['intermediate', 'capital', 'not classified']
    """
    return next(iter(_assign(codes, [to], edition).values()))


def _assign(
    codes: pd.Series, names: Sequence[str], edition: str | pd.Series
) -> dict[str, pd.Series]:
    """Classify each distinct pair of code and edition once, and spread the answers."""
    finders = {name: _finder(name) for name in names}
    code_at, distinct = encode(codes)
    if isinstance(edition, str):
        edition_at, editions = np.zeros(1, "int8"), [edition]
    else:
        edition_at, editions = encode(edition)
    for known in editions:
        check_edition(known)
    present = np.ones(len(distinct) * len(editions), dtype=bool)
    pair_at = code_at
    if len(editions) > 1 or (len(edition_at) and edition_at.min() < 0):
        pair_at = code_at.astype("int64") * len(editions) + edition_at
        pair_at[(code_at < 0) | (edition_at < 0)] = -1
        present[:] = False
        present[pair_at[pair_at >= 0]] = True
    try:
        clean = [normalise(code) for code in distinct]
    except CodeError:
        normalise_series(codes.fillna("00").rename(str(codes.name or "hs")))  # which names the row
        raise
    answers = {}
    for name, find in finders.items():
        answers[Path(name).stem if is_own(name) else name] = [
            find(code, edition) if present[i * len(editions) + j] else None
            for i, code in enumerate(clean)
            for j, edition in enumerate(editions)
        ]
    return spread(answers, pair_at, codes)


#: Classes that are cut from the code or found in the editions, and need no rules.
_WITHOUT_RULES = {
    "chapter": "The two-digit chapter",
    "heading": "The four-digit heading",
    "subheading": "The six-digit subheading",
    "family": "Families of codes that are constant over HS2012 to HS2022, by their lowest code",
}
_WIDTHS = {"chapter": 2, "heading": 4, "subheading": 6}


class _System(NamedTuple):
    """A class system kept as data: its folder and the column of the labels that holds it."""

    folder: str
    column: str
    title: str


@cache
def _systems() -> dict[str, _System]:
    """Find the class systems: every folder that has rules, and each column of its labels."""
    found = {}
    for rules in sorted(_FOLDER.glob("*/rules.csv")):
        folder = rules.parent
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            coarser = [name for name in next(csv.reader(file)) if name not in ("class", "name")]
        with (folder / "README.md").open(encoding="utf-8") as file:
            title = file.readline().strip("# \n")
        own = folder.name if folder.name not in coarser else f"{folder.name}_category"
        found[own] = _System(folder.name, "class", title)
        for column in coarser:
            name = column if column == folder.name else f"{folder.name}_{column}"
            found[name] = _System(folder.name, column, title)
    return found


def _titles() -> dict[str, str]:
    kept = {name: system.title for name, system in _systems().items()}
    return dict(sorted(kept.items())) | _WITHOUT_RULES


def _finder(name: str):
    """Return a function of a code and an edition that gives its class or None."""
    return _match(load_class(name)) if is_own(name) else _built_in(name)


@cache
def _built_in(name: str):
    if name == "family":
        return lambda code, edition: (
            find_family(code) if len(code) >= 6 and exists(code, edition) else None
        )
    if name in _WIDTHS:
        width = _WIDTHS[name]
        return lambda code, edition: (
            code[:width] if len(code) >= width and exists(code, edition) else None
        )
    return _match(load_class(name))


def _match(rules: pd.DataFrame):
    known = dict(zip(rules["prefix"], rules["class"], strict=True))
    return cache(lambda code, edition: _find(known, code, edition))


def _find(rules: dict[str, str], code: str, edition: str) -> str | None:
    if not exists(code, edition):
        return None
    leaves = subheadings(code, edition) if len(code) < 6 else []
    found = {_longest(rules, leaf) for leaf in leaves or [code]}
    return found.pop() if len(found) == 1 else None


def _longest(rules: dict[str, str], code: str) -> str | None:
    for width in range(len(code), 1, -1):
        if code[:width] in rules:
            return rules[code[:width]]
    return None
