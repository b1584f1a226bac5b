"""An amount and how well it is known: what published figures, or records, leave of it.

Arithmetic on amounts is that of intervals and carries the weakest support; comparisons are claims.
An amount writes itself with the digits that are known: "167 million USD", "0.31 to 0.48 billion
USD", "at most 660 million USD".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

import pandas as pd

from nktrade.charts.frame import write_figure
from nktrade.errors import MixtureError
from nktrade.published.comparisons import Claim, judge_claim
from nktrade.published.intervals import Interval
from nktrade.table.outwards import spell_amount, spell_range
from nktrade.table.support import SUPPORT


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
        return spell_amount(self.low, self.high, self.unit)

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
        # What holds between all ends is not assumed, though one of the two amounts may be.
        support = "bounded" if gap.support == "assumed" else gap.support
        return judge_claim(
            self.what, op, self._like(other).what, gap.low, gap.high, support, self.unit
        )


def lay_ends(amounts: Mapping[str, Any]) -> pd.DataFrame:
    """Lay amounts out as a table: a row each, columns low and high.

    Examples
    --------
    >>> lay_ends({"wigs": Amount(1.0, 2.0, "printed")}).loc["wigs"].tolist()
    [1.0, 2.0]
    """
    ends = {name: [one.low, one.high] for name, one in amounts.items()}
    return pd.DataFrame.from_dict(ends, orient="index", columns=["low", "high"])


def is_of_amounts(table: pd.DataFrame) -> bool:
    """Say whether the cells of a table are amounts; some may be missing.

    Examples
    --------
    >>> is_of_amounts(pd.DataFrame({"2023": [Amount(1.0, 2.0, "printed")]}))
    True
    """
    return bool(table.map(lambda cell: isinstance(cell, Amount)).any(axis=None))


def take_ends(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the numbers to which amounts are certain, and the ends of each cell.

    Parameters
    ----------
    table : pandas.DataFrame
        Of amounts.

    Returns
    -------
    values : pandas.DataFrame
        Like `table`: the middle of what records or print fix, else the low end.
    ends : pandas.DataFrame
        A row a cell, column by column: low, high and support.

    Examples
    --------
    >>> values, ends = take_ends(pd.DataFrame({"2023": [Amount(1.0, 3.0, "bounded")]}))
    >>> values["2023"].tolist(), ends["high"].tolist()
    ([1.0], [3.0])
    """
    cells = [one for name in table for one in table[name]]
    ends = pd.DataFrame(
        [[one.low, one.high, one.support] for one in cells], columns=["low", "high", "support"]
    )
    sure = table.map(lambda one: one.middle if one.support in SUPPORT[:2] else one.low)
    return sure.astype("float64"), ends


def part_ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return a tidy table with the middle of a column of amounts, and its ends beside it.

    Examples
    --------
    >>> table = pd.DataFrame({"from": ["2018"], "drain": [Amount(1.0, 3.0, "bounded")]})
    >>> part_ends(table).loc[0].to_dict()
    {'from': '2018', 'drain': 2.0, 'low': 1.0, 'high': 3.0}
    """
    name = next(str(name) for name in table if is_of_amounts(table[[name]]))
    ends = lay_ends({str(n): one for n, one in enumerate(table[name])}).set_axis(table.index)
    middles = [one.middle for one in table[name]]
    return table.assign(**{name: middles}).join(ends)


def write_amount(cell: Any, digits: int = 3) -> Any:
    """Write an amount for the cell of a table, whose caption says the unit; else return the cell.

    A record is written in full where more than three digits are asked for.

    Examples
    --------
    >>> write_amount(Amount(8.6, 8.8, "printed", "%")), write_amount(Amount(0.0, inf, "assumed"))
    ('8.6 to 8.8', 'not known')
    """
    if not isinstance(cell, Amount):
        return cell
    if cell.support == "recorded" and digits > 3:
        return write_figure(cell.low, digits)
    return spell_range(cell.low, cell.high) if cell.low > 0 or isfinite(cell.high) else "not known"
