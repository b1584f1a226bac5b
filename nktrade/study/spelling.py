"""Numbers in words, with no more digits than are known; and changes."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from nktrade.errors import InputError, UnanswerableError, shorten


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
        if math.isfinite(high) and _cut(low, digits) == (cut := _cut(high, digits)):
            return _write(cut, digits) if cut else "nothing"
    if math.isinf(high):
        return f"at least {_write(_cut(low, 2, -1), 2)}"
    if low == 0 or math.isinf(low):
        return f"at most {_write(_cut(high, 2, +1), 2)}"
    return f"{_write(_cut(low, 2, -1), 2)} to {_write(_cut(high, 2, +1), 2)}"


def _cut(number: float, digits: int, towards: int = 0) -> float:
    """Round to significant digits: down (-1), up (+1) or to the nearest (0)."""
    if abs(number) < 1e-12:  # nothing, but for the rounding of the machine
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(number))) - digits + 1)
    steps = round(number / step, 6)
    whole = math.floor(steps) if towards < 0 else math.ceil(steps) if towards else round(steps)
    return whole * step


def _write(number: float, digits: int) -> str:
    places = max(digits - 1 - math.floor(math.log10(abs(number))), 0) if number else 0
    return f"{number:,.{places}f}"


def say_change(new: Any, old: Any) -> str:
    """Say a change in words: "rose 12 %", "fell 67 %", "rose 4.1-fold", "stayed the same".

    Parameters
    ----------
    new, old : float or Amount
        Both in the same unit. More than threefold is told as a multiple. Of amounts that are known
        within limits both ends are said, unless they round alike.

    Examples
    --------
    >>> say_change(112.0, 100.0), say_change(33.0, 100.0), say_change(410.0, 100.0)
    ('rose 12 %', 'fell 67 %', 'rose 4.1-fold')
    >>> say_change(100.2, 100.0), say_change(3.0, 0.0)
    ('stayed the same', 'rose from nothing')
    """
    (least, most), (bottom, top) = _ends(new), _ends(old)
    if not all(map(math.isfinite, (least, bottom, top))) or math.isnan(most):
        raise UnanswerableError(
            "a change needs two known numbers",
            hint="Choose other periods, or import downloads: nktrade data import.",
        )
    if top == 0:
        return "rose from nothing" if least > 0 else "stayed at nothing"
    low, high = least / top, most / bottom if bottom else math.inf
    words = [_say_ratio(low), _say_ratio(high)]
    if words[0] == words[1]:
        return words[0]
    if low > 3:
        return f"rose {spell_range(low, high)}-fold"
    if high <= 1:
        return f"fell {_percents(1 - high, 1 - low)} %"
    if low >= 1 and math.isinf(high):
        return f"rose {_percents(low - 1, low - 1)} % or more"
    if low >= 1:
        return f"rose {_percents(low - 1, high - 1)} %"
    upper = "an unknown rise" if math.isinf(high) else f"a rise of {math.ceil(100 * (high - 1))} %"
    return f"moved anywhere from a fall of {math.ceil(100 * (1 - low))} % to {upper}"


def _ends(number: Any) -> tuple[float, float]:
    ends = getattr(number, "low", number), getattr(number, "high", number)
    if any(isinstance(end, bool) or not isinstance(end, Real) for end in ends):
        raise InputError(
            "not a number", expected="a number or an amount with its ends", got=shorten(number)
        )
    return float(ends[0]), float(ends[1])


def _percents(low: float, high: float) -> str:
    ends = math.floor(100 * low), math.ceil(100 * high)
    return " to ".join(dict.fromkeys(f"{end:,}" for end in ends))


def _say_ratio(ratio: float) -> str:
    if ratio > 3:
        return f"rose {ratio:,.0f}-fold" if ratio >= 10 else f"rose {ratio:.1f}-fold"
    percent = 100 * (ratio - 1)
    if abs(percent) < 0.5:
        return "stayed the same"
    return f"{'rose' if percent > 0 else 'fell'} {abs(percent):.0f} %"
