"""Which figures are the misprints, and what they should have been.

Both follow from arithmetic alone. A broken relation says only that one of its figures is wrong; the
figure that stands in the most broken relations is taken for the misprint, until none is left
unexplained. Its reading is the slip of a printer (digits exchanged, a point moved, a word lost)
that mends every relation it stands in, or else what the other figures leave for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from math import inf, isfinite

import pandas as pd

from nktrade.published import UNITS
from nktrade.published.formulas import Formula, Levels
from nktrade.published.intervals import EVERYTHING, Interval


def find_misprints(formulas: Sequence[Formula], levels: Levels, figures: pd.DataFrame) -> list[str]:
    """Return the fewest figures that explain every broken formula, most disputed first.

    A figure that no equation confirms comes before one that some do; then the one in most broken
    formulas; then one that is right but for its scale (a point moved, a word lost), one whose unit
    is rare in its document, the one that the formula is about, the larger.

    Parameters
    ----------
    formulas : sequence of Formula
        Those that leave no room.
    levels : mapping of Interval
        As `relations.read_levels` returns it.
    figures : pandas.DataFrame
        As `load_documents` returns it.
    """
    held = [formula.holds(levels) for formula in formulas]
    open_ = [formula for formula, ok in zip(formulas, held, strict=True) if not ok]
    # That a figure stays within a bound confirms little; that an equation holds, much.
    good = Counter(
        member
        for formula, ok in zip(formulas, held, strict=True)
        if ok and formula.sign == "=="
        for member in formula.members
    )
    rare = Counter(figures["document"] + figures["unit"])
    rows = {str(id_): row for id_, row in figures.iterrows()}
    blamed: list[str] = []
    while open_:
        bad = Counter(m for formula in open_ for m in sorted(formula.members) if m in rows)
        if not bad:
            break

        def blame(name: str, bad=bad, open_=open_):
            mine = [formula for formula in open_ if name in formula.members]
            figure = rows[name]
            share = bad[name] / (bad[name] + good[name])
            scaled = _is_scaled(figure, meet_all(f.allow(levels, name) for f in mine))
            unit = rare[figure["document"] + figure["unit"]]
            about = any(formula.subject == name for formula in mine)
            return share > 0.5, bad[name], share, scaled, -unit, about, abs(levels[name].middle)

        worst = max(bad, key=blame)
        blamed.append(worst)
        open_ = [formula for formula in open_ if worst not in formula.members]
    return blamed


def _is_scaled(figure: pd.Series, room: Interval | None) -> bool:
    unit = UNITS.get(figure["unit"], 1.0)
    if room is None or figure["unit"] in ("%", "times", "rank"):
        return False
    return any(figure["value"] * unit * 10.0**power in room for power in _POWERS)


_POWERS = (-1, 1, -3, 3, 4, -4, 6, -6)


def meet_all(rooms: Iterable[Interval]) -> Interval | None:
    """Return what lies in all of several intervals, or None."""
    found: Interval | None = EVERYTHING
    for room in rooms:
        found = found.meet(room) if found is not None else None
    return found


def imagine_slips(figure: pd.Series) -> Iterator[float]:
    """Yield what a figure may have been before a slip of the printer, likeliest first.

    Two neighbouring digits exchanged; the point one place off; a word of scale lost or wrong;
    the digits in another order; a digit too many.

    Examples
    --------
    >>> list(imagine_slips(pd.Series({"value": 1.36, "unit": "billion USD"})))[0]
    1.63
    """
    value, unit = figure["value"], figure["unit"]
    text = f"{abs(value):.10g}"
    sign = -1 if value < 0 else 1
    for at in range(len(text) - 1):
        swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if "." not in text[at : at + 2]:
            yield sign * float(swapped)
    # A share or a rate has no unit to lose.
    powers = (-1, 1) if unit in ("%", "rank") else _POWERS
    yield from (value * 10.0**power for power in powers)
    digits = text.replace(".", "")
    point = text.find(".")
    if len(digits) <= 4:
        for order in dict.fromkeys(permutations(digits)):
            turned = "".join(order)
            yield sign * float(turned if point < 0 else f"{turned[:point]}.{turned[point:]}")
    for at, digit in enumerate(text):
        shorter = text[:at] + text[at + 1 :]
        if digit != "." and shorter.strip("."):
            yield sign * float(shorter)


def propose_reading(figure: pd.Series, room: Interval, narrow: Interval) -> float | None:
    """Return the figure that was meant, in the figure's own unit, or None if none can be defended.

    Parameters
    ----------
    figure : pandas.Series
        A row of `load_documents`.
    room : Interval
        What all relations with the other figures leave for it, in its own unit.
    narrow : Interval
        The same, with the other figures taken as printed, without their rounding.

    Examples
    --------
    >>> figure = pd.Series({"value": 1.36, "unit": "billion USD", "half_unit": 0.005})
    >>> propose_reading(figure, Interval(1.592, 1.642), Interval(1.617, 1.617))
    1.63
    """
    bounded = isfinite(room.low) and isfinite(room.high)
    if bounded:
        for value in imagine_slips(figure):
            if value in room and value != figure["value"]:
                return float(f"{value:.10g}")
    target = narrow.middle if bounded else (narrow.low if room.high == inf else narrow.high)
    if not isfinite(target):
        return None
    half = figure["half_unit"]
    # A hedged figure has no last digit; its reading is given one digit more than the print.
    unit = 2 * half if pd.notna(half) else 0.1 * 10.0 ** -_count_decimals(figure["value"])
    rounded = round(target / unit + 1e-9) * unit
    near = Interval.around(rounded, unit / 2)
    return float(f"{rounded:.10g}") if near.meets(room) else None


def _count_decimals(value: float) -> int:
    return len(f"{value:.10g}".partition(".")[2])
