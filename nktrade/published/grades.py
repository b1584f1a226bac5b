"""How well print knows a sum, and the figures that prove it."""

from __future__ import annotations

from math import isfinite

from nktrade.published.figure_rows import Terms
from nktrade.published.honoured import extremes
from nktrade.published.identified import End, Identified
from nktrade.published.space import Selection

#: Half the width of a set over its middle, up to which print is said to fix a sum.
FIXED = 0.02
#: A set narrower than this factor, or this factor below what the total allows, is "bounded".
ORDER = 10.0


def grade(
    model: Identified,
    terms: Terms,
    low: float,
    high: float,
    printed: bool,
    most: float | None = None,
) -> str:
    """Say how well print knows a sum.

    "printed" where figures fix it within `FIXED`, or one prints it; "bounded" where they leave
    less than a factor of `ORDER`, or keep it that far below all goods of the same months; else
    "assumed": nothing published narrows it.

    Parameters
    ----------
    model : Identified
    terms : tuple of (float, Selection)
    low, high : float
        Million USD.
    printed : bool
        Whether a figure prints this very sum.
    most : float, optional
        The greatest that all goods of the same months can be, if it is known already.
    """
    if not isfinite(high) or not isfinite(low):
        return "assumed"
    if high - low <= FIXED * (abs(high) + abs(low)) or (printed and low > 0):
        return "printed"
    near, far = sorted((abs(low), abs(high)))
    if low * high > 0 and far <= ORDER * near:
        return "bounded"
    if len(terms) != 1:
        return "assumed"
    (sign, one), whole = terms[0], Selection(terms[0][1].flow, terms[0][1].window)
    if one == whole:
        return "assumed"
    if most is None:
        most = extremes(model, ((sign, whole),))[1].value
    return "bounded" if high <= most / ORDER else "assumed"


def write_proof(end: End, words: str) -> str:
    """Write the sum of figures that proves one end, in million USD.

    Figures that compare two sums, as shares and growth, add nothing by themselves: they are named
    after "by", and are the reason for the factors.
    """
    if not isfinite(end.value):
        return f"{words}: nothing published bounds it"
    steps, by = [], []
    for part in end.proof:
        if part.bound == 0.0:
            by.append(part.row.id)
            continue
        sign = "-" if part.bound * part.times < 0 else "+"
        times = "" if abs(abs(part.times) - 1) < 1e-6 else f"{abs(part.times):.6g} x "
        steps.append(f"{sign} {times}{abs(part.bound):,.6g} [{part.row.id}]")
    told = " ".join(steps).removeprefix("+ ") or "0"
    reason = f" by {', '.join(dict.fromkeys(by))}" if by else ""
    return f"{words} {end.value:,.6g} = {told}{reason}"
