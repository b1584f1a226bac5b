"""An amount and how well it is known: what published figures, or records, leave of it.

Arithmetic on amounts is that of intervals and carries the weakest support; comparisons are claims.
An amount writes itself with the digits that are known: "167 million USD", "0.31 to 0.48 billion
USD", "at most 660 million USD".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite

from nktrade.errors import MixtureError
from nktrade.published.comparisons import Claim, judge_claim
from nktrade.published.intervals import Interval
from nktrade.study.spelling import spell_range
from nktrade.table.support import SUPPORT

_SCALES = ((1e9, "billion "), (1e6, "million "), (1e3, "thousand "), (1.0, ""))


@dataclass(frozen=True)
class Amount:
    """A number between `low` and `high`, and how that is known.

    Parameters
    ----------
    low, high : float
    support : {"recorded", "printed", "bounded", "assumed"}
    unit : str
        A currency, whose amounts are written in thousands, millions or billions; any other unit is
        written behind the number as it stands.
    what : str
        What it measures, for the words of a claim.

    Examples
    --------
    >>> wigs, everything = Amount(166.7e6, 166.8e6, "printed"), Amount(292e6, 292e6, "recorded")
    >>> print(wigs, "or", 100 * wigs / everything, "%")
    167 million USD or 57.1 %
    >>> (wigs + everything).support, bool(everything > wigs)
    ('printed', True)
    >>> print(Amount(0.0, 661e6, "bounded"))
    at most 670 million USD
    """

    low: float
    high: float
    support: str
    unit: str = "USD"
    what: str = "one amount"

    @property
    def middle(self) -> float:
        """The middle, for charts; the finite end where there is but one."""
        return Interval(self.low, self.high).middle

    def __str__(self) -> str:
        if len(self.unit) != 3 or not self.unit.isupper():
            return f"{spell_range(self.low, self.high)} {self.unit}".rstrip()
        ends = [abs(end) for end in (self.low, self.high) if isfinite(end)]
        largest = max(ends, default=0.0)
        scale, word = next((one for one in _SCALES if largest >= 0.9995 * one[0]), _SCALES[-1])
        told = spell_range(self.low / scale, self.high / scale)
        return told if told == "nothing" else f"{told} {word}{self.unit}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __add__(self, other: Amount | float) -> Amount:
        return self._join(other, self._range + self._like(other)._range, "+")

    def __sub__(self, other: Amount | float) -> Amount:
        return self._join(other, self._range - self._like(other)._range, "less")

    def __mul__(self, factor: float) -> Amount:
        ends = self._range * factor
        return replace(self, low=ends.low, high=ends.high)

    __rmul__ = __mul__

    def __neg__(self) -> Amount:
        return self * -1.0

    def __truediv__(self, other: Amount | float) -> Amount:
        if not isinstance(other, Amount):
            return self * (1 / other)
        unit = "" if self.unit == other.unit else f"{self.unit} a {other.unit}"
        ends = self._range / other._range
        if other.low == 0 <= self.low:  # nothing is known of how large it is
            ends = Interval(self.low / other.high if other.high else 0.0, inf)
        return replace(self._join(other, ends, "over"), unit=unit)

    def __gt__(self, other: Amount | float) -> Claim:
        return self._compare(other, ">")

    def __ge__(self, other: Amount | float) -> Claim:
        return self._compare(other, ">=")

    def __lt__(self, other: Amount | float) -> Claim:
        return self._compare(other, "<")

    def __le__(self, other: Amount | float) -> Claim:
        return self._compare(other, "<=")

    @property
    def _range(self) -> Interval:
        return Interval(self.low, self.high)

    def _like(self, other: Amount | float) -> Amount:
        if not isinstance(other, Amount):
            number = float(other)
            return replace(self, low=number, high=number, support="recorded", what=f"{number:,g}")
        if other.unit != self.unit:
            raise MixtureError(
                "amounts in two units",
                got=f"{self.unit} and {other.unit}",
                hint="Convert one of them first: nktrade.convert_to_usd.",
            )
        return other

    def _join(self, other: Amount | float, ends: Interval, word: str) -> Amount:
        two = [self, other] if isinstance(other, Amount) else [self]
        weakest = max((one.support for one in two), key=SUPPORT.index)
        what = f"{self.what} {word} {getattr(other, 'what', other)}"
        return Amount(ends.low, ends.high, weakest, self.unit, what)

    def _compare(self, other: Amount | float, op: str) -> Claim:
        gap = self - self._like(other)
        return judge_claim(self.what, op, self._like(other).what, gap.low, gap.high, gap.support)
