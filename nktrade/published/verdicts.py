"""Whether a trade table agrees with what was published: five words, on intervals.

A figure agrees *as printed* or *only as corrected*, or it *differs*; on a table that was itself
fitted to the figure, agreement is *circular*; and where neither the data nor other prints decide,
it *cannot be checked*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from math import inf
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.published.allowed import allow_by_prints, allow_by_set
from nktrade.published.computing import Amounts, Figure, compute
from nktrade.published.documents import DOCUMENTS, PRINTED_IN, UNITS, name_figures
from nktrade.published.figures import load_reading_ranges
from nktrade.published.intervals import ABOUT, Interval, tolerance
from nktrade.published.space import PANEL_SOURCE
from nktrade.table.periods import parse_period
from nktrade.table.rows import is_estimated

AGREES, CORRECTED, DIFFERS = "agrees as printed", "only as corrected", "differs"
CIRCULAR, UNCHECKED = "circular", "cannot be checked"
#: The verdicts as ``runs.json`` counts them.
COUNTS = {
    "agree": AGREES,
    "corrected": CORRECTED,
    "differ": DIFFERS,
    "circular": CIRCULAR,
    "unchecked": UNCHECKED,
}
#: How a word before a number is shown.
_HEDGES = {"about": "about ", "below": "below ", "above": "more than "}


@dataclass(frozen=True)
class Comparison:
    """Published figures beside what a run computes; shows itself as a table on a page.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `id`. Columns document, place, quote, label, period, unit, qualifier ("about",
        "below", "above" or none), printed, reading, computed, low, high (what other prints allow,
        where the verdict rests on that), verdict (one of `COUNTS`), reason.
    estimated : bool
        Whether the computed figures come from estimated rows.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> figures = load_documents("kiep2023", code="6704", measure="value")
    >>> compared = compare(figures, nk.mirror(nk.load(hs="6704")))
    >>> compared.estimated, compared.counts["circular"]
    (True, 1)
    """

    table: pd.DataFrame
    estimated: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many figures have each verdict, by the names of `COUNTS`."""
        verdict = self.table["verdict"]
        return {name: int(verdict.eq(word).sum()) for name, word in COUNTS.items()}

    def _repr_mimebundle_(self, include=None, exclude=None):
        if self.table.empty:
            text = (
                "No printed figure meets this page: the documents print North Korea's trade with "
                "China in dollars, in the periods and goods they name. Nothing to compare."
            )
            return {"text/plain": text, "text/html": f"<p>{text}</p>"}
        computed = "estimated, or left by other prints" if self.estimated else "computed"
        figure = name_figures(self.table)
        shown = self.table[["unit", "printed", "reading", "computed", "verdict"]].copy()
        for column in ("printed", "reading"):
            shown[column] = shown[column].map(_write_number)
        shown["computed"] = self._write_known()
        shown["printed"] = self.table["qualifier"].map(_HEDGES).fillna("") + shown["printed"]
        shown.insert(0, "figure", figure)
        shown = shown.rename(columns={"computed": computed})
        source = self.table["document"].map(DOCUMENTS)
        where = self.table[["place", "quote", "reason"]].rename(columns={"reason": "note"})
        where = where.assign(figure=figure, document=source)
        where = where[["figure", "document", "place", "quote", "note"]]
        write: dict[str, Any] = {"index": False, "border": 0, "classes": "published"}
        rows = _name_rows(shown.to_html(**write), self.table.index)
        html = (
            f"{rows}<details><summary>Where each figure is printed, and why a "
            f"reading or a verdict stands</summary>{where.to_html(**write)}</details>"
        )
        return {
            "text/html": html,
            "text/plain": shown.to_string(index=False, max_colwidth=40),
            "application/vnd.nktrade+json": {
                "published": self.counts,
                "figures": self.table["verdict"].to_dict(),
                "computed": {
                    str(figure): f"{known} {unit}".strip()
                    for figure, known, unit in zip(
                        self.table.index, self._write_known(), self.table["unit"], strict=True
                    )
                    if known
                },
            },
        }

    def _write_known(self) -> list[str]:
        """Write what stands beside each print: a number, or what other prints leave for it."""
        return [
            _write_number(computed) if pd.isna(low) else _tell_room(Interval(low, high))
            for computed, low, high in self.table[["computed", "low", "high"]].itertuples(
                index=False
            )
        ]


def _name_rows(html: str, figures: pd.Index) -> str:
    """Write each figure's id on its row of a table, so that a page can link it."""
    head, *rows = html.split("<tr>")
    named = zip(figures, rows, strict=True)
    return head + "".join(f'<tr data-figure="{escape(str(name))}">{row}' for name, row in named)


def _write_number(number: float) -> str:
    if pd.isna(number):
        return ""
    if 0 < abs(number) < 1e-4:  # no exponents
        return f"{number:.4f}"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.4g}"


def read_periods(figure: pd.Series) -> pd.Series | None:
    """Return a figure with the period and base that are meant; None if they are printed.

    Examples
    --------
    >>> figure = pd.Series({"period": "2019", "base_period": "2018", "period_reading": "2020"})
    >>> read_periods(figure)["period"]
    '2020'
    """
    meant = {column: figure.get(f"{name}_reading", "") for column, name in _PERIODS.items()}
    changed = {column: period for column, period in meant.items() if period}
    return pd.Series(figure.to_dict() | changed, name=figure.name) if changed else None


_PERIODS = {"period": "period", "base_period": "base"}


def read_print(figure: Figure) -> Interval:
    """Return what the rounding and the words of a print leave of its number, in its own unit.

    "About" is within a tenth; a bound ends at its number, which is no longer in it.
    """
    qualifier = figure["measure"].partition(" ")[2]
    value, half = figure["value"], figure["half_unit"]
    if qualifier == "below":
        return Interval(-inf, np.nextafter(value, -inf))
    if qualifier == "above":
        return Interval(np.nextafter(value, inf), inf)
    if qualifier == "about":
        return Interval.around(value, ABOUT * abs(value))
    return Interval.around(value, (half if pd.notna(half) else 0.0) + 1e-9 * max(abs(value), 1.0))


def read_correction(figure: Figure) -> Interval | None:
    """Return the same of a figure's reading, which can be a range; None where the print stands."""
    reading, half = figure["reading"], figure["half_unit"]
    ranges, name = load_reading_ranges(), str(getattr(figure, "name", ""))
    if name in ranges.index:
        low, high = ranges.loc[[name], ["low", "high"]].to_numpy()[0]
        return Interval(low, high * (1 + 1e-5)) * (1 / UNITS[figure["unit"]])
    if pd.isna(reading):
        return None
    width = tolerance(reading, half if pd.notna(half) else 0.0, figure["value"])
    return Interval.around(reading, width + 1e-9 * max(abs(reading), 1.0))


def judge(figure: Figure, computed: float | Interval) -> str:
    """Say whether what is known of a figure agrees with its print.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.
    computed : float or Interval
        The number that records give, or all numbers that are possible.

    Returns
    -------
    str
        `AGREES` if all that is possible lies in the print, `CORRECTED` if all lies in its reading,
        `DIFFERS` if nothing lies in either, `UNCHECKED` if some does.

    Examples
    --------
    >>> from nktrade.published import load_documents
    >>> wigs = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    >>> judge(wigs, wigs["value"]), judge(wigs, 2 * wigs["value"]), judge(wigs, float("nan"))
    ('agrees as printed', 'differs', 'cannot be checked')
    """
    if not isinstance(computed, Interval):
        if pd.isna(computed):
            return UNCHECKED
        computed = Interval(computed, computed)
    readings = [(AGREES, read_print(figure)), (CORRECTED, read_correction(figure))]
    for verdict, room in readings:
        if room is not None and room.low <= computed.low and computed.high <= room.high:
            return verdict
    open_ = any(room is not None and room.meets(computed) for _, room in readings)
    return UNCHECKED if open_ else DIFFERS


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

    Notes
    -----
    Records are compared as they are. An estimate is fitted to prints and tests none: it is judged
    by what other prints allow (`allow_by_prints`), and else by the whole set of tables that agree
    with the honoured figures (`allow_by_set`).

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> figures = load_documents("kiep2023", code="6704", measure="value")
    >>> compared = compare(figures, nk.mirror(nk.load(hs="6704")))
    >>> compared.table["verdict"].tolist()  # the estimate was fitted to this very figure
    ['circular']
    """
    amounts = Amounts(trade)
    estimated = is_estimated(trade)
    figures = figures[figures["value"].notna()]
    fitted = estimated and "source" in trade and bool(trade["source"].eq(PANEL_SOURCE).all())
    judge_one = _Judge(amounts, estimated, fitted)
    rows = [judge_one(figure) for _, figure in figures.iterrows()]
    names = ["computed", "low", "high", "verdict", "reason"]
    judged = pd.DataFrame(rows, index=figures.index, columns=names)
    table = figures[["document", "place", "quote", "label", "period", "unit"]].assign(
        label=_label_growth(figures),
        qualifier=figures["measure"].map(lambda measure: measure.partition(" ")[2]),
        printed=figures["value"],
        reading=figures["reading"],
    )
    return Comparison(table.join(judged), estimated=estimated)


def _label_growth(figures: pd.DataFrame) -> pd.Series:
    """Say that a rate is one: under "Electricity, %" a reader would take it for a share."""
    rate = figures["measure"].str.startswith("growth")
    told = figures["label"].str.contains("growth|change", case=False)
    return figures["label"].where(~rate | told, figures["label"] + ", growth")


class _Judge:
    """Judges figures one by one from the same table."""

    def __init__(self, amounts: Amounts, estimated: bool, fitted: bool) -> None:
        self.amounts, self.estimated, self.fitted = amounts, estimated, fitted

    def __call__(self, figure: pd.Series) -> tuple[float, float, float, str, str]:
        meant = read_periods(figure)
        asked = figure if meant is None else meant
        try:
            computed = compute(asked, self.amounts)
        except LookupError as error:
            return np.nan, np.nan, np.nan, UNCHECKED, str(error)
        if is_forecast(figure):
            why = "A forecast, printed before its period was over."
            return computed, np.nan, np.nan, UNCHECKED, why
        verdict, reason, room = self._decide(asked, computed)
        low, high = (room.low, room.high) if room else (np.nan, np.nan)
        if meant is not None and verdict in (AGREES, CIRCULAR):
            verdict = CORRECTED
        told = " ".join(text for text in (figure["reason"], reason) if text)
        return computed, low, high, verdict, told

    def _decide(self, figure: pd.Series, computed: float) -> tuple[str, str, Interval | None]:
        """Judge a figure that the table can answer, over the periods that are meant.

        Returns the verdict, why, and what other prints allow where it rests on that.
        """
        allowed = allow_by_prints(figure)
        text = "" if allowed is None else f"Other prints allow {_tell_room(allowed)}."
        if not self.estimated:
            verdict = judge(figure, computed)
            if allowed is not None and computed in allowed:
                of_print = _meet(figure, allowed)
                if of_print != verdict:
                    return of_print, text, allowed
            return verdict, "", None
        # A rate beside printed levels tests them, whether or not the estimate holds it.
        tests = figure["measure"] in ("growth", "recovery", "ratio")
        imposed = self.fitted and figure.name in load_imposed()
        if allowed is not None and (tests or not imposed):
            of_print = _meet(figure, allowed)
            if of_print != DIFFERS:
                return of_print, text, allowed
        if imposed and read_correction(figure) is None:
            return CIRCULAR, "The estimate was fitted to this figure.", None
        if imposed:
            return CORRECTED, "The estimate was fitted to the reading.", None
        return self._bound(figure)

    def _bound(self, figure: pd.Series) -> tuple[str, str, Interval | None]:
        """Judge by what other prints leave, since an estimate by itself proves nothing."""
        room = allow_by_set(str(figure.name))
        if room is None:
            if figure.name in load_not_honoured().index:
                slack, against = load_not_honoured().loc[str(figure.name), ["slack", "against"]]
                others = ", ".join(str(against).split())
                told = f"It contradicts {others} by {slack:,.3g} million USD at least."
                return DIFFERS, told, None
            return UNCHECKED, "No other print fixes it; the estimate alone does not test it.", None
        return judge(figure, room), f"Other prints allow {_tell_room(room)}.", room


def _tell_room(room: Interval) -> str:
    """Write both ends with as many digits as tell them apart."""
    digits = next((n for n in range(4, 10) if f"{room.low:.{n}g}" != f"{room.high:.{n}g}"), 9)
    # Rounded first and written then: no exponent, and no digit that is not meant.
    low, high = (f"{float(f'{end:.{digits}g}'):,.10g}" for end in (room.low, room.high))
    if room.high == inf:
        return f"{low} or more"
    return f"{high} or less" if room.low == -inf else f"{low} to {high}"


def _meet(figure: pd.Series, allowed: Interval) -> str:
    """Judge a rate or share by its printed levels: it is a misprint only if none of them fit."""
    if read_print(figure).meets(allowed):
        return AGREES
    correction = read_correction(figure)
    return CORRECTED if correction is not None and correction.meets(allowed) else DIFFERS


def is_forecast(figure: Figure) -> bool:
    """Say whether a document speaks of months that were not over when it was printed.

    Examples
    --------
    >>> is_forecast({"document": "kiep2023", "period": "2022"})
    False
    >>> is_forecast({"document": "kiep2023", "period": "2030"})
    True
    """
    printed = PRINTED_IN.get(figure["document"])
    if not printed or not figure["period"]:
        return False
    return parse_period(figure["period"]).last >= pd.Timestamp(printed)


@cache
def load_imposed() -> frozenset[str]:
    """Return the figures that the default panel was fitted to, by their ids.

    Those that bind it from below alone are not among them: it can still exceed their print.
    """
    table = pd.read_csv(DATA / "reconstructed" / "imposed.csv", dtype="str")
    return frozenset(table.loc[table["kind"].ne("at least"), "id"])


@cache
def load_not_honoured() -> pd.DataFrame:
    """Return the figures that contradict others and bind nothing.

    Returns
    -------
    pandas.DataFrame
        Index `id`; columns slack (million USD: the least by which the figure would have to give
        way) and against (ids of those that it contradicts, apart by a space).
    """
    return pd.read_csv(DATA / "published" / "not_honoured.csv", index_col="id")
