"""Whether a trade table agrees with what was published.

Every figure says what it measures (flow, measure, period, geography, classification, code), so
one function computes any of them from any trade table.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nktrade.published.documents import DOCUMENTS, UNITS
from nktrade.table.addition import check_addable
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import COMBINED, FLOWS, check_is_trade, is_estimated, mirror

#: A row of `load_documents`, or its fields.
Figure = pd.Series | Mapping[Any, Any]

BASKETS = {"refractory_brick": ("6902",)}
_CLASSES = ("industry", "bec")
#: What tells apart the rows of a month that a figure can speak of.
_CELL = ("flow", "province", "hs", "hs_edition")

#: "About 13 %" is taken to hold within a tenth of the figure.
ABOUT = 0.1

AGREES, READING, DIFFERS, UNCHECKED = "agrees", "agrees with reading", "differs", "cannot check"


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


class _Amounts:
    """Adds up what figures speak of, month by month of one table, and refuses gaps."""

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
        return float(self._monthly(figure, window, what).sum())

    def largest_month(self, figure: Figure, window: Window, what: str) -> float:
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


def compute(figure: Figure, trade: pd.DataFrame) -> float:
    """Compute from a trade table what a published figure measures, in the figure's own unit.

    A claim that a monthly value stayed below a bound is computed as the largest month.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`), USD.

    Raises
    ------
    LookupError
        With the reason, if the table cannot answer.
    """
    return _compute(figure, _Amounts(trade))


def _compute(figure: Figure, amounts: _Amounts) -> float:
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


@dataclass(frozen=True)
class Comparison:
    """Published figures beside what a run computes; shows itself as a table on a page.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `id`. Columns document, place, quote, label, period, unit, printed, reading,
        computed, verdict ("agrees", "agrees with reading", "differs", "cannot check"), reason.
    estimated : bool
        Whether the computed figures come from estimated rows.
    """

    table: pd.DataFrame
    estimated: bool

    @property
    def counts(self) -> dict[str, int]:
        """Figures checked, those that agree (with the print or its reading), those that differ."""
        verdict = self.table["verdict"]
        agree = int(verdict.isin([AGREES, READING]).sum())
        differ = int((verdict == DIFFERS).sum())
        return {"checked": agree + differ, "agree": agree, "differ": differ}

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.table.empty:
            text = (
                "No printed figure meets this page: the documents print North Korea's trade with "
                "China in dollars, in the periods and goods they name. Nothing to compare."
            )
            return {"text/plain": text, "text/html": f"<p>{text}</p>"}
        computed = "estimated" if self.estimated else "computed"
        figure = self.table["label"] + ", " + self.table["period"]
        shown = self.table[["unit", "printed", "reading", "computed", "verdict"]].copy()
        for column in ("printed", "reading", "computed"):
            shown[column] = shown[column].map(_write_number)
        shown.insert(0, "figure", figure)
        shown = shown.rename(columns={"computed": computed})
        source = self.table["document"].map(DOCUMENTS)
        where = self.table[["place", "quote", "reason"]].rename(columns={"reason": "note"})
        where = where.assign(figure=figure, document=source)
        where = where[["figure", "document", "place", "quote", "note"]]
        write: dict[str, Any] = {"index": False, "border": 0, "classes": "published"}
        html = (
            f"{shown.to_html(**write)}<details><summary>Where each figure is printed, and why a "
            f"reading stands</summary>{where.to_html(**write)}</details>"
        )
        return {
            "text/html": html,
            "text/plain": shown.to_string(index=False, max_colwidth=40),
            "application/vnd.nktrade+json": {
                "published": self.counts,
                "figures": self.table["verdict"].to_dict(),
            },
        }


def _write_number(number: float) -> str:
    if pd.isna(number):
        return ""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.4g}"


def tolerance(printed: float, half_unit: float, value: float) -> float:
    """Return half a unit of the last digit of a reading.

    A reading has as many decimals as the print, also where its last is a zero (94.0 for 27.5); one
    that only moves the point, or restores a lost word of scale, moves the rounding with it (3.37
    for 33.7). Where the print is hedged and has no rounding, the reading's own digits count.

    Parameters
    ----------
    printed : float
        The reading.
    half_unit, value : float
        Of the print; a half unit of zero if it has none.

    Examples
    --------
    >>> tolerance(94.0, 0.05, 27.5)
    0.05
    >>> round(tolerance(3.37, 0.05, 33.7), 6)
    0.005
    """
    if not half_unit:
        return 0.5 * 10.0 ** -len(f"{printed:.10g}".partition(".")[2])
    if value and printed / value > 0:
        power = np.log10(printed / value)
        if abs(power - round(power)) < 1e-9:
            return half_unit * 10.0 ** round(power)
    return half_unit


def read_periods(figure: pd.Series) -> pd.Series | None:
    """Return a figure with the period and base that are meant; None if they are printed."""
    meant = {column: figure.get(f"{name}_reading", "") for column, name in _PERIODS.items()}
    changed = {column: period for column, period in meant.items() if period}
    return pd.Series(figure.to_dict() | changed, name=figure.name) if changed else None


_PERIODS = {"period": "period", "base_period": "base"}


def judge(figure: pd.Series, computed: float) -> str:
    """Say whether a computed number agrees with a published figure within its rounding.

    Returns
    -------
    str
        "agrees", "agrees with reading", "differs".
    """
    qualifier = figure["measure"].partition(" ")[2]
    value, half, reading = figure["value"], figure["half_unit"], figure["reading"]
    slack = 1e-9 * max(abs(value), 1.0)
    if qualifier == "below" and computed < value:
        return AGREES
    if qualifier == "above" and computed > value:
        return AGREES
    if qualifier == "about" and abs(computed - value) <= ABOUT * abs(value):
        return AGREES
    if not qualifier and abs(computed - value) <= half + slack:
        return AGREES
    if pd.notna(reading):
        width = tolerance(reading, half if pd.notna(half) else 0.0, value)
        if abs(computed - reading) <= width + slack:
            return READING
    return DIFFERS


def compare(figures: pd.DataFrame, trade: pd.DataFrame) -> Comparison:
    """Compute each published figure from a trade table and judge it.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `load_documents`; printed dashes are left out.
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`), USD.

    Returns
    -------
    Comparison
    """
    amounts = _Amounts(trade)
    figures = figures[figures["value"].notna()]
    rows = [_compare_one(figure, amounts) for _, figure in figures.iterrows()]
    judged = pd.DataFrame(rows, index=figures.index, columns=["computed", "verdict", "reason"])
    table = figures[["document", "place", "quote", "label", "period", "unit"]].assign(
        label=_label_growth(figures), printed=figures["value"], reading=figures["reading"]
    )
    return Comparison(table.join(judged), estimated=is_estimated(trade))


def _label_growth(figures: pd.DataFrame) -> pd.Series:
    """Say that a rate is one: under "Electricity, %" a reader would take it for a share."""
    rate = figures["measure"].str.startswith("growth")
    told = figures["label"].str.contains("growth|change", case=False)
    return figures["label"].where(~rate | told, figures["label"] + ", growth")


def _compare_one(figure: pd.Series, amounts: _Amounts) -> tuple[float, str, str]:
    """Compute one figure, over the period that is meant if another is printed, and judge it."""
    meant = read_periods(figure)
    try:
        computed = _compute(figure if meant is None else meant, amounts)
    except LookupError as error:
        return np.nan, UNCHECKED, str(error)
    verdict = judge(figure, computed)
    if meant is not None and verdict == AGREES:
        verdict = READING
    return computed, verdict, figure["reason"]
