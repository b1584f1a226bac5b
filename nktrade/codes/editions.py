"""Editions of the Harmonized System: what lies under a code, and how codes moved between them.

The correspondence is the United Nations' correlation tables (``data/classes/editions``). HS2007,
for which none is carried, is tied to HS2012 by heading, and whatever rests on that is reported as
"inferred".
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from functools import cache

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import (
    SPECIAL_CHAPTERS,
    _nomenclature,
    check_edition,
    children,
    exists,
    normalise,
    normalise_series,
)
from nktrade.errors import CodeError, InputError, MixtureError, did_you_mean

KINDS = ("exact", "merged", "split", "inferred", "unmatched")
WEIGHTS = ("equal", "value")
_AMOUNTS = ("value", "quantity", "quantity2")
_FOLDER = DATA / "classes" / "editions"


@cache
def _all_subheadings(edition: str) -> list[str]:
    check_edition(edition)
    return sorted(
        code for code, lives in _nomenclature().items() if len(code) == 6 and edition in lives
    )


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


@cache
def counterparts(source: str, target: str) -> dict[str, tuple[str, ...]]:
    """Return `correlate` as a dictionary: each code of `source` and its codes in `target`.

    Examples
    --------
    >>> counterparts("HS2022", "HS2017")["300241"]
    ('300220',)
    """
    table = _correlate(check_edition(source), check_edition(target))
    found: dict[str, list[str]] = {}
    for code, to in zip(table["code"].tolist(), table["to"].tolist(), strict=True):
        found.setdefault(code, []).append(to)
    return {code: tuple(to) for code, to in found.items()}


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


def convert(
    trade: pd.DataFrame, to: str = "HS2017", weights: str | pd.DataFrame = "equal"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bring a trade table to one edition at six digits, and report how far that is certain.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table; codes of six digits or more (cut to six), any editions.
    to : str
        The edition wanted.
    weights : {"equal", "value"} or pandas.DataFrame
        How a split code is shared among its counterparts: equally; by the values that `trade`
        itself has in the edition `to`, flow by flow; or by those of another trade table. Where
        none of the counterparts has a value, equally.

    Returns
    -------
    converted : pandas.DataFrame
        The columns of `trade`, new index. Rows that became alike in every text column are added
        up. Rows made by a split carry an estimated `status`. Values and quantities add up to those
        of `trade`. Rows of a code their edition does not have keep code and edition.
    report : pandas.DataFrame
        One row a kind (and currency): kind, currency, codes, lines, value, share (of the value, 0
        to 1). Kinds: "exact", "merged", "split", "inferred" (by heading, HS2007 only),
        "unmatched".

    Raises
    ------
    InputError, CodeError
        For an unknown edition or weighting, or a code of fewer than six digits.
    MixtureError
        If the weights mix currencies.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["690220", "300241"], "hs_edition": "HS2022",
    ...                       "value": [7.0, 2.0]})
    >>> converted, report = convert(trade, to="HS2017")
    >>> converted["hs"].tolist()
    ['300220', '690220']
    >>> report[["kind", "value"]].to_dict("list")
    {'kind': ['exact'], 'value': [9.0]}
    """
    check_edition(to)
    rows = trade.assign(hs=_cut_to_six(trade["hs"]), _row=np.arange(len(trade)))
    parts = []
    for edition, part in rows.groupby("hs_edition", sort=False):
        pairs = _correlate(check_edition(str(edition)), to)
        parts.append(part.merge(pairs.rename(columns={"code": "hs"}), on="hs", how="left"))
    spread = pd.concat(parts) if parts else rows.assign(to=rows["hs"], kind="exact")
    special = spread["hs"].str[:2].isin(SPECIAL_CHAPTERS)
    spread["kind"] = spread["kind"].mask(special, "exact").fillna("unmatched").astype("str")
    spread["to"] = spread["to"].fillna(spread["hs"])
    spread["_share"] = _share(spread, _weigh(trade, to, weights))
    report = _report(spread)
    return _add_alike(_apply(spread, to), list(trade.columns)), report


def _cut_to_six(codes: pd.Series) -> pd.Series:
    clean = normalise_series(codes)
    short = clean[clean.str.len() < 6]
    if len(short):
        raise CodeError(
            f"the HS code {short.iloc[0]!r} is too short to move between editions",
            expected="six digits or more",
            hint="Headings and chapters change their content; convert the detailed rows.",
        )
    return clean.str[:6]


def _weigh(trade: pd.DataFrame, to: str, weights: str | pd.DataFrame) -> pd.DataFrame | None:
    """Return columns flow (if any), to, _weight: the values known in the edition wanted."""
    if isinstance(weights, str):
        if weights not in WEIGHTS:
            raise InputError(f"unknown weights {weights!r}", hint=did_you_mean(weights, WEIGHTS))
        if weights == "equal":
            return None
        weights = trade
    known = weights[weights["hs_edition"] == to]
    if "currency" in known and len(known["currency"].unique()) > 1:
        raise MixtureError(
            "the weights are in different currencies",
            got=", ".join(sorted(known["currency"].unique())),
            hint="Select one currency, as currency='USD'.",
        )
    keys = [key for key in ("flow",) if key in trade and key in known]
    table = known.assign(to=_cut_to_six(known["hs"]))
    return table.groupby([*keys, "to"])["value"].sum().rename("_weight").reset_index()


def _share(spread: pd.DataFrame, weights: pd.DataFrame | None) -> np.ndarray:
    """Return what part of its row each counterpart receives; one row's parts add up to 1."""
    row = spread["_row"].to_numpy()
    equal = 1.0 / np.bincount(row)[row] if len(row) else np.ones(0)
    if weights is None:
        return equal
    keys = [column for column in weights if column != "_weight"]
    known = spread[keys].merge(weights, on=keys, how="left")["_weight"].fillna(0.0)
    total = known.groupby(row).transform("sum").to_numpy()
    return np.where(total > 0, known.to_numpy() / np.where(total > 0, total, 1.0), equal)


def _apply(spread: pd.DataFrame, to: str) -> pd.DataFrame:
    """Give every part its code, edition, share of the amounts and honest status."""
    table = spread[spread["_share"] > 0].copy()
    for column in _AMOUNTS:
        if column in table:
            table[column] = table[column] * table["_share"]
    matched = table["kind"] != "unmatched"
    table["hs"] = table["to"]
    table["hs_edition"] = table["hs_edition"].mask(matched, to)
    if "status" in table:
        words = {"reported": "estimated", "combined": "combined, estimated"}
        guessed = table["kind"].isin(("split", "inferred")) & table["status"].isin(words)
        table["status"] = table["status"].mask(guessed, table["status"].map(words))
    return table


def _report(spread: pd.DataFrame) -> pd.DataFrame:
    """Return lines, codes and value by kind, counting every row of the source once."""
    rows = spread.drop_duplicates("_row")
    keys = ["kind", *(["currency"] if "currency" in rows else [])]
    report = rows.groupby(keys, as_index=False).agg(
        codes=("hs", "nunique"), lines=("_row", "size"), value=("value", "sum")
    )
    whole = (
        report.groupby(keys[1:])["value"].transform("sum") if keys[1:] else report["value"].sum()
    )
    report["share"] = report["value"] / whole
    order = report["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    return report.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _add_alike(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Add up rows alike in all but their amounts, never a known amount to an unknown one."""
    amounts = [column for column in _AMOUNTS if column in columns]
    keys = [column for column in columns if column not in amounts]
    known = [table[column].notna().rename(f"_{column}") for column in amounts]
    grouped = table.groupby([*keys, *known], dropna=False, observed=True)
    return grouped[amounts].sum(min_count=1).reset_index()[columns]
