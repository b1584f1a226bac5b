"""Printed tons: what the point's money is drawn to, and the kilograms that its rows get.

Tons bound no sum of money: what a ton cost is not printed with most of them. But a table near a
prior should not hold a cargo of rice at a tenth or at ten times what rice cost. So the panel's
money, and no bound, is drawn to the tons times the unit values that print has of the good
elsewhere; and each row's kilograms are such that every printed tonnage holds within its rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import scipy.sparse as sp

from nktrade.published import load_figures, split_codes
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import BINDING, build_rows
from nktrade.published.identified import Identified
from nktrade.table.periods import Window
from tools.reconstruct.nearest import Limits, draw_in, rake, settle
from tools.reconstruct.prior import FIRST_YEAR, LAST_YEAR

_SAME = ["flow", "hs", "province", "period"]
#: Up and down from what a ton cost in print, to what it may have cost at another time.
APART = 1.25
#: What must be left of a group's tons where rounding is settled, beside what they were.
LEAST = 1e-3


@cache
def read_tons() -> pd.DataFrame:
    """Return the printed tons that the panel is held to: rows of the ledger, a mean as its sum."""
    ledger = load_figures()
    keep = ledger["honoured"] & ~ledger["sealed"] & ledger["unit"].eq("t")
    keep &= ledger["measure"].isin(["quantity", "average"]) & ledger["subject"].eq("goods")
    keep &= ledger["statistic"].isin(BINDING) & ledger["hs"].ne("") & ledger["kind"].ne("zero")
    keep &= ledger["first"].dt.year.ge(FIRST_YEAR) & ledger["last"].dt.year.le(LAST_YEAR)
    keep &= ledger["qualifier"].eq("") | ledger["source"].ne("documents")
    tons = ledger[keep].copy()
    for end in ("low", "high"):
        tons[end] = tons[f"read_{end}"].fillna(tons[end])
    months = [len(Window(*ends).months) for ends in zip(tons["first"], tons["last"], strict=True)]
    count = pd.Series(months, tons.index)
    times = count.where(count <= 12, count / 12).where(tons["measure"].eq("average"), 1.0)
    return tons.assign(low=tons["low"] * times, high=tons["high"] * times)


@cache
def read_unit_values() -> pd.DataFrame:
    """Return what a ton cost wherever print has the money and the tons of the same.

    Returns
    -------
    pandas.DataFrame
        Columns hs, first (month), dollars (a ton).
    """
    ledger = load_figures()
    plain = ledger["honoured"] & ~ledger["sealed"] & ledger["subject"].eq("goods")
    plain &= ledger["kind"].ne("zero") & ledger["low"].gt(0) & np.isfinite(ledger["high"])
    money = ledger[plain & ledger["measure"].eq("value") & ledger["unit"].eq("USD")]
    tons = ledger[plain & ledger["measure"].eq("quantity") & ledger["unit"].eq("t")]
    both = money.merge(tons, on=_SAME, suffixes=("", "_tons"))
    table = both[["hs", "first"]]
    return table.assign(dollars=both["value"] / both["value_tons"])


def find_unit_value(hs: str, month: pd.Timestamp | None = None) -> float:
    """Return what a ton cost in print, of the good or else of goods near it.

    That of the nearest month; or, if no month is given, the median.
    """
    known = read_unit_values()
    first = split_codes(hs)[0]
    for near in (
        known["hs"].eq(hs),
        known["hs"].str.startswith(first[:4]),
        known["hs"].str.startswith(first[:2]),
        known["hs"].ne(""),
    ):
        if near.any():
            some = known[near]
            if month is None:
                return float(some["dollars"].median())
            away = (some["first"] - month).abs()
            return float(some.loc[away == away.min(), "dollars"].median())
    raise ValueError("nothing is printed in money and in tons")


def draw_money(model: Identified) -> Identified:
    """Return a set with what printed tons were worth besides, as far as its figures allow it."""
    tons = read_tons()
    asked_of = zip(tons["hs"], tons["first"], strict=True)
    worth = np.array([find_unit_value(hs, month) for hs, month in asked_of])
    asked = tons.assign(
        **{"measure": "value", "unit": "USD", "kind": "printed", "source": "facts"},
        **{"low": tons["low"] * worth / APART, "high": tons["high"] * worth * APART},
        **{"read_low": np.nan, "read_high": np.nan},
    )
    rows = [*model.rows, *build_rows(model.space, asked)]
    finer = Identified(model.space, rows)
    extra = range(len(model.rows), len(rows))
    slack, _ = Contradictions(finer).least_slack(list(extra), list(range(len(model.rows))))
    kept = [row for row, gives in zip(rows, slack > 0, strict=True) if not gives]
    return Identified(model.space, kept)


def add_quantities(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give rows kilograms: every printed tonnage holds within its rounding, if it can.

    Rows alike for all prints have one unit value. Rows that no tonnage covers get none.

    Returns
    -------
    pandas.DataFrame
        The table with quantity (kg) and unit.
    list of str
        The figures that its quantities hold to.
    """
    tons = read_tons()
    covers = np.array([_covers(figure, table) for figure in tons.itertuples()])
    fixed = np.isfinite(tons["high"].to_numpy())
    inside = covers[fixed].any(axis=0)
    # At least so many tons can only be said of rows that all have some.
    used = covers.any(axis=1) & (fixed | ~(covers & ~inside).any(axis=1))
    figures, covers = tons[used], covers[used]
    heading = table["hs"].str[:4].where(inside, "")
    alike = pd.DataFrame(covers.T[inside]).assign(heading=heading[inside].to_numpy())
    group = alike.groupby(list(alike.columns), sort=False).ngroup().to_numpy()
    worth = {hs: find_unit_value(hs) for hs in heading[inside].unique()}
    usual = table.loc[inside, "value"].to_numpy() / heading[inside].map(worth).to_numpy() / 1e3
    start = np.bincount(group, usual)
    matrix = np.zeros((len(figures), len(start)))
    for n, row in enumerate(covers[:, inside]):
        matrix[n, np.unique(group[row])] = 1.0
    limits = Limits(
        sp.csr_array(matrix), *(figures[end].to_numpy() / 1e3 for end in ("low", "high"))
    )
    held = list(_find_agreeing(limits))
    some = Limits(limits.matrix[held], limits.low[held], limits.high[held])
    drawn = draw_in(some, np.full(len(held), 1e-4))
    near = rake(start, drawn)
    some_left = Limits(
        sp.vstack([drawn.matrix, sp.eye_array(len(near))], format="csr"),
        np.concatenate([drawn.low, LEAST * near]),
        np.concatenate([drawn.high, np.full(len(near), np.inf)]),
    )
    thousands = settle(near, some_left)
    kilograms = pd.Series(np.nan, table.index)
    kilograms[inside] = 1e6 * usual * (thousands / start)[group]
    unit = kilograms.notna().map({True: "kg", False: None}).astype("str")
    return table.assign(quantity=kilograms, unit=unit), list(figures.index[held])


def _covers(figure, table: pd.DataFrame) -> np.ndarray:
    keep = (table["flow"] == figure.flow) & table["hs"].str.startswith(split_codes(figure.hs))
    keep &= np.array(Window(figure.first, figure.last).covers(table["period"]))
    if figure.province:
        keep &= table["province"].isin(figure.province.split())
    return keep.to_numpy()


def _find_agreeing(limits: Limits) -> Iterator[int]:
    """Yield the rows that hold together: of two that contradict each other, the first."""
    from scipy.optimize import linprog

    held: list[int] = []
    for n in range(len(limits.low)):
        some = [*held, n]
        matrix = limits.matrix[some]
        tops = np.isfinite(limits.high[some])
        found = linprog(
            np.zeros(matrix.shape[1]),
            A_ub=sp.vstack([matrix[np.flatnonzero(tops)], -matrix]),
            b_ub=np.concatenate([limits.high[some][tops], -limits.low[some]]),
            method="highs",
        )
        if found.status == 0:
            held.append(n)
    yield from sorted(held)
