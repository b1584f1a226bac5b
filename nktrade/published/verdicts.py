"""Whether a trade table agrees with what was published: five words, on intervals.

A figure agrees *as printed* or *only as corrected*, or it *differs*; on a table that was itself
fitted to the figure, agreement is *circular*; and where neither the data nor other prints decide,
it *cannot be checked*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import inf
from typing import NamedTuple

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.published.allowed import allow_by_prints, allow_by_set
from nktrade.published.computing import Amounts, Figure, compute
from nktrade.published.documents import PRINTED_IN, UNITS
from nktrade.published.figures import load_reading_ranges
from nktrade.published.intervals import ABOUT, Interval, tolerance
from nktrade.table.outwards import cut_digits
from nktrade.table.periods import parse_period

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


class Ruling(NamedTuple):
    """A verdict, why it stands, and what other prints allow where it rests on that."""

    verdict: str
    reason: str = ""
    room: Interval | None = None


class Judged(NamedTuple):
    """A figure's verdict beside what the table computes, and the ends that other prints allow."""

    verdict: str
    reason: str
    computed: float = np.nan
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Judge:
    """Judges figures one by one from the same table.

    Attributes
    ----------
    amounts : Amounts
        What the table holds.
    estimated : bool
        Whether its rows are estimates.
    fitted : bool
        Whether all are the default panel's, which was fitted to prints.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import Amounts, load_documents
    >>> rows = nk.mirror(nk.load(hs="6704", start="2023"))
    >>> wigs = load_documents("kiep2023", code="6704", measure="value").iloc[0]
    >>> Judge(Amounts(rows), estimated=True, fitted=True)(wigs).verdict
    'circular'
    """

    amounts: Amounts
    estimated: bool
    fitted: bool

    def __call__(self, figure: pd.Series) -> Judged:
        """Judge one row of `load_documents`."""
        meant = read_periods(figure)
        asked = figure if meant is None else meant
        try:
            computed = compute(asked, self.amounts)
        except LookupError as error:
            return Judged(UNCHECKED, str(error))
        if is_forecast(figure):
            return Judged(UNCHECKED, "A forecast, printed before its period was over.", computed)
        verdict, reason, room = self._decide(asked, computed)
        if meant is not None and verdict in (AGREES, CIRCULAR):
            verdict = CORRECTED
        told = " ".join(text for text in (figure["reason"], reason) if text)
        ends = (room.low, room.high) if room else ()
        return Judged(verdict, told, computed, *ends)

    def _decide(self, figure: pd.Series, computed: float) -> Ruling:
        """Judge a figure that the table can answer, over the periods that are meant."""
        allowed = allow_by_prints(figure)
        if not self.estimated:
            return _judge_record(figure, computed, allowed)
        # A rate beside printed levels tests them, whether or not the estimate holds it.
        tests = figure["measure"] in ("growth", "recovery", "ratio")
        imposed = self.fitted and figure.name in load_imposed()
        if allowed is not None and (tests or not imposed):
            by_print = _judge_by_prints(figure, allowed)
            if by_print.verdict != DIFFERS:
                return by_print
        if imposed and read_correction(figure) is None:
            return Ruling(CIRCULAR, "The estimate was fitted to this figure.")
        if imposed:
            return Ruling(CORRECTED, "The estimate was fitted to the reading.")
        return _judge_by_set(figure)


def _judge_record(figure: pd.Series, computed: float, allowed: Interval | None) -> Ruling:
    """Judge what records give; by other prints where they allow it and say otherwise."""
    own = Ruling(judge(figure, computed))
    if allowed is None or computed not in allowed:
        return own
    by_print = _judge_by_prints(figure, allowed)
    return own if by_print.verdict == own.verdict else by_print


def _judge_by_prints(figure: pd.Series, allowed: Interval) -> Ruling:
    """Judge a rate or share by its printed levels: it is a misprint only if none of them fit."""
    correction = read_correction(figure)
    verdict = DIFFERS
    if read_print(figure).meets(allowed):
        verdict = AGREES
    elif correction is not None and correction.meets(allowed):
        verdict = CORRECTED
    return Ruling(verdict, f"Other prints allow {tell_room(allowed)}.", allowed)


def _judge_by_set(figure: pd.Series) -> Ruling:
    """Judge by what other prints leave, since an estimate by itself proves nothing."""
    room = allow_by_set(str(figure.name))
    if room is not None:
        return Ruling(judge(figure, room), f"Other prints allow {tell_room(room)}.", room)
    if figure.name not in load_not_honoured().index:
        return Ruling(UNCHECKED, "No other print fixes it; the estimate alone does not test it.")
    slack, against = load_not_honoured().loc[str(figure.name), ["slack", "against"]]
    others, least = ", ".join(str(against).split()), cut_digits(float(str(slack)), 3, -1)
    return Ruling(DIFFERS, f"It contradicts {others} by at least {least:,.12g} million USD.")


def tell_room(room: Interval) -> str:
    """Write both ends with as many digits as tell them apart.

    Examples
    --------
    >>> tell_room(Interval(1.23456e6, 1.23457e6))
    '1,234,560 to 1,234,570'
    """
    digits = next((n for n in range(4, 10) if f"{room.low:.{n}g}" != f"{room.high:.{n}g}"), 9)
    # Rounded first and written then: no exponent, and no digit that is not meant.
    low, high = (f"{float(f'{end:.{digits}g}'):,.10g}" for end in (room.low, room.high))
    if room.high == inf:
        return f"{low} or more"
    return f"{high} or less" if room.low == -inf else f"{low} to {high}"


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
