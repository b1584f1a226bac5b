"""Editions of the Harmonized System: what lies under a code, and how codes moved between them.

The United Nations print two tables for a pair of editions (``data/classes/editions``). The
*correlation* names every code that shares goods with another, however few: electrical waste (8549)
shares goods with hundreds. The *conversion* names the one older code to which the trade of a newer
one is counted. `correlate` is the first; `counterparts`, by which trade is converted, the second.

HS2007, for which no table is carried, is tied to HS2012 by heading, and whatever rests on that is
called "inferred".
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import check_edition, children, codes_of, exists, normalise
from nktrade.errors import CodeError

_FOLDER = DATA / "classes" / "editions"


@cache
def _all_subheadings(edition: str) -> list[str]:
    return codes_of(edition, 6)


def subheadings(code: str, edition: str = "HS2017") -> list[str]:
    """Return every six-digit code at or under a code of two to six digits.

    Examples
    --------
    >>> subheadings("6701")
    ['670100']
    """
    text, known = normalise(code), _all_subheadings(edition)
    return known[bisect_left(known, text) : bisect_left(known, text + "~")]


def check_code(code: object, edition: str = "HS2017") -> str:
    """Return a code as plain digits if it exists in an edition (checked down to six digits).

    Raises
    ------
    CodeError
        If it is no code, or does not exist: the message says what its parent has instead.

    Examples
    --------
    >>> check_code("690230")
    Traceback (most recent call last):
    ...
    nktrade.errors.CodeError: 6902 has no subheading 690230 in HS2017. It has 690210, ...
    """
    text = normalise(code)
    if exists(text, edition):
        return text
    above = [text[:n] for n in (2, 4) if n < len(text) and exists(text[:n], edition)]
    if not above:
        raise CodeError(f"there is no chapter {text[:2]} in {edition}")
    lacking = text[: len(above[-1]) + 2]
    kind = "heading" if len(lacking) == 4 else "subheading"
    raise CodeError(
        f"{above[-1]} has no {kind} {lacking} in {edition}",
        hint=f"It has {', '.join(children(above[-1], edition))}.",
    )


def correlate(source: str, target: str) -> pd.DataFrame:
    """Return which six-digit codes of one edition correspond to which of another.

    Parameters
    ----------
    source, target : str
        Two of `nktrade.codes.EDITIONS`.

    Returns
    -------
    pandas.DataFrame
        Text columns code (of `source`), to (of `target`) and kind, one row a pair. Kinds, of the
        code: "exact" (one counterpart, and it has no other), "merged" (one counterpart, shared
        with others), "split" (several), "inferred" (by heading, between HS2007 and the others).

    Examples
    --------
    >>> table = correlate("HS2022", "HS2017")
    >>> table[table["code"].isin(["300241", "670300"])].to_dict("list")
    {'code': ['300241', '670300'], 'to': ['300220', '670300'], 'kind': ['exact', 'exact']}
    """
    check_edition(source)
    check_edition(target)
    return _correlate(source, target).copy()


def counterparts(source: str, target: str) -> dict[str, tuple[str, ...]]:
    """Return the codes of `target` that take over the trade of each six-digit code of `source`.

    A newer code has the one older code that the conversion table names. An older one is itself if
    it lives on; else it is the newer codes that convert to it, those of its own heading before
    those of its chapter before others; and where none does, the nearest that it correlates with.

    Examples
    --------
    >>> counterparts("HS2022", "HS2017")["300241"], counterparts("HS2017", "HS2022")["851712"]
    (('300220',), ('851713', '851714'))
    """
    return _counterparts(check_edition(source), check_edition(target))


@cache
def _counterparts(source: str, target: str) -> dict[str, tuple[str, ...]]:
    return {code: to for code, (to, _) in _takeovers(source, target).items()}


def convert_codes(source: str, target: str) -> pd.DataFrame:
    """Return `counterparts` as a table that says what each pair rests on.

    Returns
    -------
    pandas.DataFrame
        Text columns code (of `source`), to (of `target`) and kind, one row a pair. Kinds, of the
        code: "exact" (one counterpart, and it has no other), "merged" (its goods all went to one
        counterpart, which has others), "converted" (the conversion table counts all of it to one
        counterpart, though some of its goods went elsewhere), "split" (several counterparts),
        "inferred" (by its place in the tree, where no table names a counterpart).

    Examples
    --------
    >>> table = convert_codes("HS2017", "HS2022").set_index("code")
    >>> table.loc[["690220", "847130", "851712"], "kind"].tolist()
    ['exact', 'converted', 'split', 'split']
    """
    rows = [
        (code, one, kind)
        for code, (to, kind) in sorted(_takeovers(source, target).items())
        for one in to
    ]
    return pd.DataFrame(rows, columns=["code", "to", "kind"], dtype="str")


@cache
def _takeovers(source: str, target: str) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return of each code of `source` its codes in `target`, and the kind."""
    for edition in (source, target):
        check_edition(edition)
    if "HS2007" in (source, target) and "HS2012" not in (source, target) and source != target:
        return _by_way_of("HS2012", source, target)
    correlated: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for code, to, kind in _correlate(source, target).itertuples(index=False):
        correlated.setdefault(code, []).append(to)
        kinds[code] = "converted" if kind == "split" else kind
    named = _conversion(source, target) if "HS2007" not in (source, target) else {}
    new = set(_all_subheadings(target))
    found = {}
    for code in _all_subheadings(source):
        kind = kinds.get(code, "inferred")
        if code in named:
            to = [code] if code in named[code] else _keep_near(code, named[code], (4, 2))
        elif code in new:
            to = [code]
        else:
            to, stated = _find_near(code, correlated.get(code, []), source, target)
            kind = kind if stated else "inferred"
        sure = len(to) == 1 or kind == "inferred"
        found[code] = tuple(to), kind if sure else "split"
    return found


def _by_way_of(middle: str, source: str, target: str) -> dict[str, tuple[tuple[str, ...], str]]:
    first, second = _takeovers(source, middle), _takeovers(middle, target)
    found = {}
    for code, (to, kind) in first.items():
        onward = sorted({last for one in to for last in second[one][0]})
        kinds = [kind, *(second[one][1] for one in to)]
        worst = next((k for k in ("inferred", "split", "converted", "merged") if k in kinds), kind)
        found[code] = tuple(onward), worst
    return found


def _keep_near(code: str, others: Iterable[str], widths: Sequence[int]) -> list[str]:
    """Keep those that share most of their first digits with a code; all if none shares any."""
    for width in widths:
        near = [other for other in others if other[:width] == code[:width]]
        if near:
            return sorted(near)
    return sorted(others)


def _find_near(
    code: str, correlated: list[str], source: str, target: str
) -> tuple[list[str], bool]:
    """Return the codes nearest to one that ended unnamed, and whether the correlation has them."""
    if len(correlated) == 1 or any(other[:4] == code[:4] for other in correlated):
        return _keep_near(code, correlated, (5, 4)), True
    beside = [other for other in subheadings(code[:4], target) if other[:5] == code[:5]]
    began = [other for other in beside if not exists(other, source)]
    if began or (beside and not correlated):
        return began or beside, False
    return _keep_near(code, correlated, (2,)), True


@cache
def _conversion(source: str, target: str) -> dict[str, tuple[str, ...]]:
    """Return the conversion table of two editions, read in one direction or the other."""
    older, newer = sorted((source, target))
    older_of = {code: code for code in _all_subheadings(newer) if exists(code, older)}
    with open(_FOLDER / "conversions.csv", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if (line["newer"], line["older"]) == (newer, older):
                older_of |= dict.fromkeys(line["codes"].split(), line["to"])
    if source == newer:
        return {code: (to,) for code, to in older_of.items()}
    found: dict[str, list[str]] = {}
    for code, to in older_of.items():
        found.setdefault(to, []).append(code)
    return {code: tuple(sorted(newer)) for code, newer in found.items()}


@cache
def _correlate(source: str, target: str) -> pd.DataFrame:
    older, newer = sorted((source, target))
    ends = {"code": "older" if source == older else "newer", "to": "newer"}
    if source != older:
        ends["to"] = "older"
    pairs = _pairs(older, newer)
    table = pd.DataFrame({name: pairs[end] for name, end in ends.items()})
    out = table.groupby("code")["to"].transform("size")
    shared = table.groupby("to")["code"].transform("size") > 1
    guessed = pairs["inferred"].groupby(table["code"]).transform("any")
    kind = np.select([guessed, out > 1, shared], ["inferred", "split", "merged"], "exact")
    table["kind"] = pd.Series(kind, index=table.index, dtype="str")
    return table.sort_values(["code", "to"], ignore_index=True)


@cache
def _pairs(older: str, newer: str) -> pd.DataFrame:
    """Return columns older, newer, inferred: one row a pair of corresponding codes."""
    if older == newer:
        pairs = {(code, code): False for code in _all_subheadings(older)}
    elif older == "HS2007" and newer == "HS2012":
        pairs = _pair_by_heading()
    elif older == "HS2007":
        first = _pairs("HS2007", "HS2012").rename(columns={"newer": "middle"})
        onward = _pairs("HS2012", newer).rename(columns={"older": "middle"})
        both = first.merge(onward[["middle", "newer"]], on="middle")
        return both.groupby(["older", "newer"])["inferred"].max().reset_index()
    else:
        pairs = _read_pairs(older, newer)
    rows = [(old, new, guess) for (old, new), guess in sorted(pairs.items())]
    table = pd.DataFrame(rows, columns=["older", "newer", "inferred"])
    return table.astype({"older": "str", "newer": "str", "inferred": "bool"})


def _read_pairs(older: str, newer: str) -> dict[tuple[str, str], bool]:
    """Read the United Nations pairs; codes not listed correspond only to themselves."""
    pairs = set()
    with open(_FOLDER / f"{newer}_{older}.csv", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            pairs |= {(old, new) for old in line["older"].split() for new in line["newer"].split()}
    listed = {old for old, _ in pairs}, {new for _, new in pairs}
    for code in set(_all_subheadings(older)) & set(_all_subheadings(newer)):
        if code not in listed[0] and code not in listed[1]:
            pairs.add((code, code))
    return dict.fromkeys(pairs, False)


def _pair_by_heading() -> dict[tuple[str, str], bool]:
    """Tie HS2007 to HS2012 without a table: a code that is in both is itself.

    A code that ended in 2012 goes to the codes that began in its heading, or to the heading's last
    code where none began; a code that began where none ended comes from the heading's last.
    """
    old, new = set(_all_subheadings("HS2007")), set(_all_subheadings("HS2012"))
    pairs = {(code, code): False for code in old & new}
    for heading in sorted({code[:4] for code in old ^ new}):
        in_old = subheadings(heading, "HS2007")
        in_new = subheadings(heading, "HS2012")
        ended = [code for code in in_old if code not in new]
        began = [code for code in in_new if code not in old]
        for one in ended or in_old[-1:]:
            for other in began or in_new[-1:]:
                pairs[one, other] = True
    return pairs
