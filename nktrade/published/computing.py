"""What a trade table says a published figure should be.

Every figure says what it measures (flow, measure, period, geography, classification, code), so
one function computes any of them from any trade table.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from nktrade.published.documents import UNITS
from nktrade.table.addition import check_addable
from nktrade.table.mirrors import mirror
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import COMBINED, FLOWS, check_is_trade

#: A row of `load_documents`, or its fields.
Figure = pd.Series | Mapping[Any, Any]

BASKETS = {"refractory_brick": ("6902",)}
_CLASSES = ("industry", "bec")
#: What tells apart the rows of a month that a figure can speak of.
_CELL = ("flow", "province", "hs", "hs_edition")


def rows_of(figure: Figure, trade: pd.DataFrame) -> np.ndarray:
    """Return a boolean array: the rows of a table that a figure speaks of, in any month.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`). Columns "industry" and "bec" spare
        the classification.

    Raises
    ------
    LookupError
        If the figure speaks of something a trade table does not hold.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> wigs = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    >>> trade = nk.mirror(nk.load(hs="67", start="2022", end="2022"))
    >>> trade.loc[rows_of(wigs, trade), "hs"].str[:4].unique().tolist()
    ['6704']
    """
    keep = np.ones(len(trade), dtype=bool)
    if figure["flow"] in ("import", "export"):
        keep &= (trade["flow"] == figure["flow"]).to_numpy()
    elif figure["flow"] not in ("total", "balance"):
        raise LookupError("not a trade flow")
    country, _, province = str(figure["geography"]).partition("-")
    if country != "CHN":
        raise LookupError("not trade with China")
    if province:
        if trade["province"].isna().all():
            raise LookupError("the data are not broken down by province")
        keep &= (trade["province"] == province).to_numpy()
    kind, code = figure["classification"], figure["code"]
    if kind.startswith("HS"):
        keep &= trade["hs"].str.startswith(code).to_numpy()
    elif kind == "basket" and code in BASKETS:
        keep &= trade["hs"].str.startswith(BASKETS[code]).to_numpy()
    elif kind in _CLASSES:
        from nktrade.codes.classes import classify

        classed = trade if kind in trade else classify(trade, to=kind)
        keep &= (classed[kind] == code).to_numpy()
    elif kind != "total":
        raise LookupError(f"no rule for {kind} {code}")
    return keep


def select_declared(trade: pd.DataFrame, declarer: str = "CHN", of: str = "PRK") -> pd.DataFrame:
    """Return the rows that one country declared of its trade with another, from the other's side.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table, from either side (`mirror`) and of any declarers.
    declarer, of : str
        ISO3 codes: who filed the declarations, and whose trade they are.

    Returns
    -------
    pandas.DataFrame
        Some rows of `trade`, mirrored if they were not; none if the table has none of them.

    Raises
    ------
    InputError
        If `trade` is no trade table, or is mirrored in part.

    Examples
    --------
    >>> import nktrade as nk
    >>> march = nk.load(start="2023-03", end="2023-03")
    >>> len(select_declared(march)) == len(march), len(select_declared(march, "KOR"))
    (True, 0)
    """
    check_is_trade(trade)
    if "declared_by" not in trade:
        return mirror(trade[(trade["reporter"] == declarer) & (trade["partner"] == of)])
    if trade["declared_by"].isna().any():
        mirror(trade)  # which refuses half a mirror
    return trade[(trade["declared_by"] == declarer) & (trade["reporter"] == of)]


class Amounts:
    """What figures speak of, added up month by month of one table; gaps are refused.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> wigs = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    >>> amounts = Amounts(nk.mirror(nk.load(hs="6704")))
    >>> round(compute(wigs, amounts), 1), wigs["unit"]
    (16673.9, '10 thousand USD')
    """

    def __init__(self, given: pd.DataFrame) -> None:
        trade = select_declared(given)
        self.foreign = ""
        if trade.empty and len(given):
            who, whose = (
                ("declared_by", "reporter")
                if "declared_by" in given
                else (
                    "reporter",
                    "partner",
                )
            )
            pairs = given[[who, whose]].drop_duplicates().sort_values([who, whose])
            found = ", ".join(f"{one} of {other}" for one, other in pairs.head(4).to_numpy())
            self.foreign = f"the figure is China's declaration of North Korea's trade, not {found}"
        check_addable(trade, ["period"], across="flow")
        # A figure chooses among cells, of which there are few, and not among rows.
        columns = [column for column in _CELL if column in trade]
        self.cell = trade.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()
        self.cells = trade.loc[~pd.Series(self.cell, trade.index).duplicated(), columns]
        self.month, self.months = pd.factorize(trade["period"], sort=True)
        self.amounts = {what: trade[what].to_numpy() for what in ("value", "quantity")}
        self.other_unit = (trade["unit"] != "kg").to_numpy(dtype=bool, na_value=True)
        self.known: dict[tuple, pd.DataFrame] = {}
        self.dollars = not set(trade["currency"].unique()) - {"USD"}
        months = trade[["flow", "period", "status"]].drop_duplicates()
        self.flows = set(months["flow"])
        self.covered = set(zip(months["flow"], months["period"], strict=True))
        together = months[months["status"].isin(COMBINED)]
        self.combined = set(zip(together["flow"], together["period"], strict=True))

    def _check(self, flow: str, window: Window) -> None:
        if self.foreign:
            raise LookupError(self.foreign)
        if not self.dollars:
            raise LookupError("the figures are in dollars and the data are not")
        wanted = {flow} if flow in FLOWS else set(FLOWS)
        if not wanted <= self.flows:
            raise LookupError(f"the data hold no {min(wanted - self.flows)}s")
        for one, month in itertools.product(sorted(wanted), window.months):
            if (one, month) in self.covered:
                continue
            if (one, month + pd.DateOffset(months=1)) not in self.combined:
                raise LookupError(f"{month:%Y-%m} is not in the data on {one}s")
        for one in wanted:
            after = (one, window.last + pd.DateOffset(months=1))
            if (one, window.first) in self.combined or after in self.combined:
                raise LookupError("January and February were released together")

    def sum(self, figure: Figure, window: Window, what: str) -> float:
        """Add up the "value" or "quantity" of a figure's rows over a window."""
        return float(self._monthly(figure, window, what).sum())

    def largest_month(self, figure: Figure, window: Window, what: str) -> float:
        """Return the largest month of the same."""
        return float(self._monthly(figure, window, what).max())

    def _monthly(self, figure: Figure, window: Window, what: str) -> pd.Series:
        self._check(figure["flow"], window)
        subject = tuple(figure[name] for name in ("flow", "geography", "classification", "code"))
        if subject not in self.known:
            self.known[subject] = self._add_up(figure)
        months = self.known[subject]
        inside = months[window.covers(pd.DatetimeIndex(months.index))]
        if what == "quantity" and inside["quantity"].isna().any():
            raise LookupError("the data give no quantity, or not for every row")
        if what == "quantity" and inside["other_unit"].any():
            raise LookupError("the quantity is not counted in kilograms")
        if inside[what].isna().any():
            raise LookupError("a value is suppressed")
        return inside[what]

    def _add_up(self, figure: Figure) -> pd.DataFrame:
        """Add up every month's rows of what a figure speaks of; a sum lacking a part is missing."""
        kind = figure["classification"]
        if kind in _CLASSES and kind not in self.cells:
            from nktrade.codes.classes import classify

            self.cells = classify(self.cells, to=kind)
        keep = rows_of(figure, self.cells)
        sign = np.where(self.cells["flow"] == "import", -1.0, 1.0)
        weights = sign if figure["flow"] == "balance" else np.ones(len(keep))
        rows = np.flatnonzero(keep[self.cell])
        month, weight, count = self.month[rows], weights[self.cell[rows]], len(self.months)
        sums = {
            what: np.bincount(month, amounts[rows] * weight, count)
            for what, amounts in self.amounts.items()
        }
        other_unit = np.bincount(month, self.other_unit[rows], count) > 0
        table = pd.DataFrame({**sums, "other_unit": other_unit}, index=self.months)
        return table[np.bincount(month, minlength=count) > 0]


def compute(figure: Figure, trade: pd.DataFrame | Amounts) -> float:
    """Compute from a trade table what a published figure measures, in the figure's own unit.

    A claim that a monthly value stayed below a bound is computed as the largest month.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`), USD; or its `Amounts`, which spare
        the work where many figures are computed.

    Raises
    ------
    LookupError
        With the reason, if the table cannot answer.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> wigs = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    >>> computed = compute(wigs, nk.mirror(nk.load(hs="6704")))
    >>> round(computed, 1), float(wigs["value"]), wigs["unit"]
    (16673.9, 16674.0, '10 thousand USD')
    """
    amounts = trade if isinstance(trade, Amounts) else Amounts(trade)
    measure, _, qualifier = figure["measure"].partition(" ")
    unit = figure["unit"]
    if unit not in UNITS or not figure["period"]:
        raise LookupError(f"no rule for a figure in {unit or 'no unit'}")
    window = parse_period(figure["period"])
    what = "quantity" if unit.endswith("tons") or measure == "ratio" else "value"
    if measure == "value" and qualifier == "below":
        return amounts.largest_month(figure, window, what) / UNITS[unit]
    amount = amounts.sum(figure, window, what)
    if measure in ("value", "quantity", "average"):
        scale = 1e-3 if what == "quantity" else 1.0  # customs count kilograms, the documents tons
        return amount * scale / UNITS[unit] / _units_in(window, measure)
    if measure == "share":
        whole = dict(figure.items()) | {"classification": "total"}
        total = amounts.sum(whole, window, what)
        if total == 0:
            raise LookupError("the total is zero")
        return 100 * amount / total
    if measure in ("growth", "recovery", "ratio"):
        if not figure["base_period"]:
            raise LookupError("the document does not define the base")
        base_window = parse_period(figure["base_period"])
        base = amounts.sum(figure, base_window, what) * window.years / base_window.years
        if base == 0:
            raise LookupError("the base is zero")
        ratio = amount / base
        return {"growth": 100 * (ratio - 1), "recovery": 100 * ratio, "ratio": ratio}[measure]
    raise LookupError(f"no rule for {measure}")


def _units_in(window: Window, measure: str) -> float:
    """An average is per year where it spans years, else per month."""
    if measure != "average":
        return 1.0
    months = len(window.months)
    return months / 12 if months > 12 else months
