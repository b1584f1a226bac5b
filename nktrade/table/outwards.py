"""Ends rounded outwards, in numbers and in words: what is written never says more than is known."""

from __future__ import annotations

import math
from typing import TypeVar

import pandas as pd

from nktrade.errors import UnanswerableError

Number = TypeVar("Number", float, pd.Series)

_SCALES = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))


def cut(number: Number, step: float, towards: int = 0) -> Number:
    """Round to a multiple of a step: down (-1), up (+1) or to the nearest (0).

    Examples
    --------
    >>> cut(0.3121, 0.01, -1), cut(0.3121, 0.01, +1), cut(-1833.5, 10.0)
    (0.31, 0.32, -1830.0)
    """
    # In whole tens: 0.3 is thirty hundredths, and 31 times a hundredth is not 0.31.
    places = round(-math.log10(step))
    scale: float = 10.0 ** abs(places)
    steps = round(number * scale if places > 0 else number / scale, 6)
    whole = steps // 1 if towards < 0 else -(-steps // 1) if towards else round(steps)
    return (whole / scale if places > 0 else whole * scale) + 0.0  # nothing has no sign


def cut_digits(number: float, digits: int, towards: int = 0) -> float:
    """Round to significant digits, as `cut` does.

    Examples
    --------
    >>> cut_digits(661.2, 2, +1), cut_digits(-5e-324, 3, -1)
    (670.0, 0.0)
    """
    if not math.isfinite(number) or abs(number) < 1e-12:  # nothing, but for the machine's rounding
        return number if not math.isfinite(number) else 0.0
    return cut(number, 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1), towards)


def spell_range(low: float, high: float) -> str:
    """Write what is known of a number: to three digits or two if both ends agree, else both ends.

    The ends are rounded outwards, so that the words never say more than is known.

    Examples
    --------
    >>> spell_range(2003.5, 2004.4), spell_range(0.3121, 0.4788), spell_range(30.2, math.inf)
    ('2,000', '0.31 to 0.48', 'at least 30')
    >>> spell_range(0.0, 661.2), spell_range(0.0, 0.0)
    ('at most 670', 'nothing')
    """
    if not (math.isfinite(low) or math.isfinite(high)) or math.isnan(low) or math.isnan(high):
        raise UnanswerableError(
            "nothing published bounds a number of the sentence",
            hint="Run the page on a store of customs downloads: nktrade data import.",
        )
    for digits in (3, 2):
        if math.isfinite(high) and cut_digits(low, digits) == (end := cut_digits(high, digits)):
            return _write(end, digits) if end else "nothing"
    least, most = (_write(cut_digits(end, 2, to), 2) for end, to in ((low, -1), (high, +1)))
    if math.isinf(high):
        return f"at least {least}"
    nothing = math.isinf(low) or not cut_digits(low, 3)
    return f"at most {most}" if nothing else f"{least} to {most}"


def spell_amount(low: float, high: float, unit: str) -> str:
    """Write what is known of an amount with its unit: money in thousands, millions or billions.

    Examples
    --------
    >>> spell_amount(166.7e6, 166.8e6, "USD"), spell_amount(-1.83e9, 324.6e6, "USD")
    ('167 million USD', '-1.9 to 0.33 billion USD')
    >>> spell_amount(8.61, 8.79, "%")
    '8.6 to 8.8 %'
    """
    if len(unit) != 3 or not unit.isupper():
        return f"{spell_range(low, high)} {unit}".rstrip()
    largest = max((abs(end) for end in (low, high) if math.isfinite(end)), default=0.0)
    scale, word = next((one for one in _SCALES if largest >= 0.9995 * one[0]), _SCALES[-1])
    told = spell_range(low / scale, high / scale)
    return told if told == "nothing" else f"{told} {word}{unit}"


def _write(number: float, digits: int) -> str:
    if not math.isfinite(number):
        return ""
    places = max(digits - 1 - math.floor(math.log10(abs(number))), 0) if number else 0
    return f"{number:,.{places}f}"
