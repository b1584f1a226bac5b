"""Intervals: what a rounded figure can have been, and arithmetic that never loses the truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isnan, log10, nextafter

#: "About 13 %" is taken to hold within a tenth of the figure.
ABOUT = 0.1


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`, both included.

    Sums, differences, products and ratios are widened outwards by one floating-point step, so the
    result holds every value the true numbers can give (Moore, *Interval Analysis*, 1966).

    Examples
    --------
    >>> growth = Interval.around(0.38, 0.005) / Interval.around(1.14, 0.005) * 100 - 100
    >>> growth.low < -66.5 < growth.high
    True
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if isnan(self.low) or isnan(self.high) or self.low > self.high:
            raise ValueError(f"no interval runs from {self.low} to {self.high}")

    @classmethod
    def around(cls, value: float, half: float) -> Interval:
        """Return value plus and minus half."""
        return _outward(value - abs(half), value + abs(half))

    def __add__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        return _outward(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval | float) -> Interval:
        return self + -_interval(other)

    def __mul__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        ends = [
            0.0 if 0.0 in (a, b) else a * b  # an infinite end times zero is zero
            for a in (self.low, self.high)
            for b in (other.low, other.high)
        ]
        return _outward(min(ends), max(ends))

    def __truediv__(self, other: Interval | float) -> Interval:
        other = _interval(other)
        if other.low <= 0 <= other.high:
            return Interval(-inf, inf)
        return self * _outward(1 / other.high, 1 / other.low)

    def meets(self, other: Interval) -> bool:
        """Whether some number is in both."""
        return self.low <= other.high and other.low <= self.high

    def meet(self, other: Interval) -> Interval | None:
        """Return the numbers in both, or None."""
        if not self.meets(other):
            return None
        return Interval(max(self.low, other.low), min(self.high, other.high))

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    @property
    def middle(self) -> float:
        """The middle, or the finite end of a half-open interval."""
        if self.low == -inf or self.high == inf:
            return self.high if self.low == -inf else self.low
        return (self.low + self.high) / 2


EVERYTHING = Interval(-inf, inf)


def hull(intervals: Iterable[Interval]) -> Interval:
    """Return the smallest interval that holds all of these."""
    several = list(intervals)
    return Interval(min(i.low for i in several), max(i.high for i in several))


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
        power = log10(printed / value)
        if abs(power - round(power)) < 1e-9:
            return half_unit * 10.0 ** round(power)
    return half_unit


def _interval(number: Interval | float) -> Interval:
    return number if isinstance(number, Interval) else Interval(float(number), float(number))


def _outward(low: float, high: float) -> Interval:
    return Interval(nextafter(low, -inf), nextafter(high, inf))
