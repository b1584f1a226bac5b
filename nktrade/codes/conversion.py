"""Trade brought from one edition of the Harmonized System to another, and how far it is certain.

Codes of several editions can also be grouped into families that are constant over the editions
(`find_family`, after Pierce and Schott 2012, "Concording U.S. Harmonized System Codes over Time",
Journal of Official Statistics 28(1)): a family's total is the same before and after `convert`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import permutations
from typing import overload

import numpy as np
import pandas as pd

from nktrade.codes.editions import check_code, convert_codes, counterparts
from nktrade.codes.hs import (
    EDITIONS,
    SPECIAL_CHAPTERS,
    check_edition,
    exists,
    list_codes,
    normalise,
    normalise_series,
)
from nktrade.errors import (
    CodeError,
    InputError,
    MixtureError,
    UnanswerableError,
    check_choice,
    check_columns,
)

KINDS = ("exact", "merged", "converted", "split", "inferred", "unmatched")
WEIGHTS = ("equal", "value")
#: Among more counterparts than this nothing is shared equally: it would be no estimate.
WIDEST = 5
_AMOUNTS = ("value", "quantity", "quantity2")
#: The editions between which the United Nations' tables are carried.
_TABLED = EDITIONS[1:]


@overload
def convert(
    trade: pd.DataFrame,
    to: str = ...,
    weights: str | pd.DataFrame = ...,
    *,
    widest: int | None = ...,
) -> tuple[pd.DataFrame, pd.DataFrame]: ...


@overload
def convert(trade: Iterable[str], to: str = ..., *, edition: str | None = ...) -> pd.DataFrame: ...


def convert(trade, to="HS2017", weights="equal", *, widest=WIDEST, edition=None):
    """Bring a trade table, or a list of codes, to one edition at six digits.

    A row goes where the United Nations' conversion tables count it: a code that lives on keeps its
    value, one that ended goes to the codes that took it over (see `counterparts`). Only where these
    are several is a row shared out.

    Parameters
    ----------
    trade : pandas.DataFrame or iterable of str
        A trade table, codes of six digits or more (cut to six), any editions; or codes.
    to : str
        The edition wanted.
    weights : {"equal", "value"} or pandas.DataFrame
        How a split code is shared among its counterparts: equally; by the values that `trade`
        itself has in the edition `to`, flow by flow; or by those of another trade table, best of
        the same months in both editions. Where none of the counterparts has a value, equally.
    widest : int or None
        The most counterparts among which a code is shared equally; None for no bound.
    edition : str, optional
        The edition of a list of codes; by default the latest besides `to` that has all of them.

    Returns
    -------
    converted : pandas.DataFrame
        The columns of `trade`, new index. Rows that became alike in every text column are added
        up. Rows made by a split carry an estimated `status`. Values and quantities add up to those
        of `trade`. Rows of a code their edition does not have keep code and edition.
    report : pandas.DataFrame
        One row a kind (and currency): kind, currency, codes, lines, value, share (of the value, 0
        to 1), left_heading and left_chapter (what part of the whole value, 0 to 1, went to another
        heading, another chapter). Kinds as `convert_codes`, and "unmatched".

    For a list one table instead, a row a pair: code, to, kind, share (of the code, equally).

    Raises
    ------
    InputError, CodeError
        For an unknown edition or weighting, or a code of fewer than six digits.
    UnanswerableError
        For a code with more than `widest` counterparts, of none of which the weights have a value.
    MixtureError
        If the weights mix currencies.

    Examples
    --------
    >>> trade = pd.DataFrame({"hs": ["851712", "690220"], "hs_edition": "HS2017",
    ...                       "value": [6.0, 2.0]})
    >>> converted, report = convert(trade, to="HS2022")
    >>> converted[["hs", "value"]].to_numpy().tolist()
    [['690220', 2.0], ['851713', 3.0], ['851714', 3.0]]
    >>> report[["kind", "share", "left_heading"]].to_numpy().tolist()
    [['exact', 0.25, 0.0], ['split', 0.75, 0.0]]
    >>> convert(["300241", "851713"], to="HS2017")["to"].tolist()
    ['300220', '851712']
    """
    check_edition(to)
    if not isinstance(trade, pd.DataFrame):
        return _convert_list(trade, to, edition)
    if edition is not None:
        raise InputError(
            "a trade table says the edition of each row itself",
            got=f"edition={edition!r}",
            hint="Leave `edition` away; it is for a list of codes.",
        )
    check_columns(trade, ["hs", "hs_edition", "value"])
    rows = trade.assign(hs=_cut_to_six(trade["hs"]), _row=np.arange(len(trade)))
    parts = []
    for own, part in rows.groupby("hs_edition", sort=False):
        pairs = convert_codes(str(own), to)
        parts.append(part.merge(pairs.rename(columns={"code": "hs"}), on="hs", how="left"))
    spread = pd.concat(parts) if parts else rows.assign(to=rows["hs"], kind="exact")
    special = spread["hs"].str[:2].isin(SPECIAL_CHAPTERS)
    spread["kind"] = spread["kind"].mask(special, "exact").fillna("unmatched").astype("str")
    spread["to"] = spread["to"].fillna(spread["hs"])
    spread["_share"] = _share(spread, _weigh(trade, to, weights), widest)
    report = _report(spread)
    return _add_alike(_apply(spread, to), list(trade.columns)), report


def _convert_list(codes: Iterable[str], to: str, edition: str | None) -> pd.DataFrame:
    wanted = pd.Series(list_codes(codes), dtype="str", name="codes")
    text = _cut_to_six(wanted).tolist()
    if edition is None:
        others = [one for one in reversed(EDITIONS) if one != to]
        edition = next((e for e in others if all(exists(c, e) for c in text)), others[0])
    listed = pd.DataFrame({"code": [check_code(code, edition) for code in text]}, dtype="str")
    table = listed.merge(convert_codes(edition, to), on="code", how="left")
    table["to"] = table["to"].fillna(table["code"])  # the special chapters
    table["kind"] = table["kind"].fillna("exact")
    return table.assign(share=1 / table.groupby("code")["to"].transform("nunique"))


@cache
def _families() -> dict[str, str]:
    """Join every code with those that take over its trade, and name each family by its first."""
    head: dict[str, str] = {}

    def first(code: str) -> str:
        while head[code] != code:
            code = head[code]
        return code

    for source, target in permutations(_TABLED, 2):
        for code, others in counterparts(source, target).items():
            for one in (code, *others):
                head.setdefault(one, one)
            for other in others:
                low, high = sorted((first(code), first(other)))
                head[high] = low
    return {code: first(code) for code in head}


def find_family(code: str) -> str | None:
    """Return the family of a code: the codes of HS2012 to HS2022 that share trade in any of them.

    Parameters
    ----------
    code : str
        Six digits or more.

    Returns
    -------
    str or None
        The family's lowest code; None for a code of none of these editions.

    Examples
    --------
    >>> find_family("851713"), find_family("851714"), find_family("690220")
    ('851712', '851712', '690220')
    """
    return _families().get(normalise(code)[:6])


def list_family(code: str) -> list[str]:
    """Return every six-digit code of a code's family, in order.

    Examples
    --------
    >>> list_family("300241")
    ['300220', '300241']
    """
    family = find_family(code)
    return sorted(one for one, other in _families().items() if other == family) if family else []


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
        check_choice("weights", weights, WEIGHTS)
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


def _share(spread: pd.DataFrame, weights: pd.DataFrame | None, widest: int | None) -> np.ndarray:
    """Return what part of its row each counterpart receives; one row's parts add up to 1."""
    row = spread["_row"].to_numpy()
    width = np.bincount(row)[row] if len(row) else np.ones(0)
    known = total = np.zeros(len(row))
    if weights is not None:
        keys = [column for column in weights if column != "_weight"]
        weight = spread[keys].merge(weights, on=keys, how="left")["_weight"].fillna(0.0)
        known, total = weight.to_numpy(), weight.groupby(row).transform("sum").to_numpy()
    if widest is not None:
        _refuse_wide(spread[(width > widest) & ~(total > 0)], widest)
    return np.where(total > 0, known / np.where(total > 0, total, 1.0), 1.0 / width)


def _refuse_wide(wide: pd.DataFrame, widest: int) -> None:
    if wide.empty:
        return
    row = wide[wide["_row"] == wide["_row"].iloc[0]]
    others = wide["hs"].nunique() - 1
    raise UnanswerableError(
        "a code has too many counterparts to be shared out equally",
        expected=f"at most {widest}, or weights that know one of them",
        got=f"{row['hs'].iloc[0]} of {row['hs_edition'].iloc[0]} became {', '.join(row['to'])}"
        + (f", and {others} more such codes" if others else ""),
        hint="Pass weights= rows of the new edition, best of months declared in both; or compare "
        f"families (classify to 'family'); or take equal parts as they are with "
        f"widest={len(row)}.",
    )


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
    rows = spread.drop_duplicates("_row").copy()
    for digits, column in ((4, "left_heading"), (2, "left_chapter")):
        left = spread["hs"].str[:digits] != spread["to"].str[:digits]
        share = (spread["_share"] * left).groupby(spread["_row"]).sum()
        rows[column] = rows["value"] * rows["_row"].map(share)
    keys = ["kind", *(["currency"] if "currency" in rows else [])]
    grouped = rows.groupby(keys)
    report = grouped.agg(codes=("hs", "nunique"), lines=("_row", "size"))
    amounts = grouped[["value", "left_heading", "left_chapter"]].sum(skipna=False)
    report = report.join(amounts).reset_index()
    whole = (
        report.groupby(keys[1:])["value"].transform("sum", skipna=False)
        if keys[1:]
        else report["value"].sum(skipna=False)
    )
    shares = ["share", "left_heading", "left_chapter"]
    report = report.assign(share=report["value"])
    report[shares] = report[shares].div(whole, axis=0)
    report = report[[*keys, "codes", "lines", "value", *shares]]
    order = report["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    return report.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _add_alike(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Add up rows alike in all but their amounts, never a known amount to an unknown one."""
    amounts = [column for column in _AMOUNTS if column in columns]
    keys = [column for column in columns if column not in amounts]
    known = [table[column].notna().rename(f"_{column}") for column in amounts]
    grouped = table.groupby([*keys, *known], dropna=False, observed=True)
    return grouped[amounts].sum(min_count=1).reset_index()[columns]
