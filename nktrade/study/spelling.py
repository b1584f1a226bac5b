"""Changes in words, with no more digits than are known."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from nktrade.errors import InputError, UnanswerableError, shorten
from nktrade.table.outwards import spell_range


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
