"""Relations between printed figures: sums, ratios and bounds that each figure must satisfy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from nktrade.intervals import Interval, add_intervals

Levels = Mapping[str, Interval]


@dataclass(frozen=True)
class Sum:
    """subject = sum of factor times part; one part with factor 1 says that two are equal.

    Attributes
    ----------
    check : str
        What is checked, in words.
    subject : str
        Identifier of the figure checked.
    parts : tuple of (identifier, factor)
    """

    check: str
    subject: str
    parts: tuple[tuple[str, float], ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Every figure of the relation, the subject first."""
        return (self.subject, *(name for name, _ in self.parts))

    def solve(self, levels: Levels, member: str) -> Interval:
        """Return what `member` must be if all other figures are right."""
        if member == self.subject:
            return add_intervals(factor * levels[name] for name, factor in self.parts)
        others = add_intervals(f * levels[name] for name, f in self.parts if name != member)
        return (levels[self.subject] - others) / dict(self.parts)[member]


@dataclass(frozen=True)
class Ratio:
    """subject = scale * (sum of tops) / (sum of bottoms) + shift.

    Growth has scale 100 and shift -100, a share or a recovery scale 100, a ratio neither. Tops and
    bottoms are pairs of identifier and factor.
    """

    check: str
    subject: str
    tops: tuple[tuple[str, float], ...]
    bottoms: tuple[tuple[str, float], ...]
    scale: float = 100.0
    shift: float = 0.0

    @property
    def members(self) -> tuple[str, ...]:
        """Every figure of the relation, the subject first."""
        return (self.subject, *(name for name, _ in (*self.tops, *self.bottoms)))

    def solve(self, levels: Levels, member: str) -> Interval:
        """Return what `member` must be if all other figures are right."""
        if member == self.subject:
            return self.scale * (self._add(levels, self.tops) / self._add(levels, self.bottoms)) + (
                self.shift
            )
        quotient = (levels[self.subject] - self.shift) / self.scale
        if member in dict(self.tops):
            rest = self._add(levels, self.tops, without=member)
            return (quotient * self._add(levels, self.bottoms) - rest) / dict(self.tops)[member]
        rest = self._add(levels, self.bottoms, without=member)
        return (self._add(levels, self.tops) / quotient - rest) / dict(self.bottoms)[member]

    @staticmethod
    def _add(levels: Levels, terms, without: str = "") -> Interval:
        return add_intervals(f * levels[name] for name, f in terms if name != without)


@dataclass(frozen=True)
class Bound:
    """sum of factor times part <= subject: a month in its half-year, a rank below another."""

    check: str
    subject: str
    parts: tuple[tuple[str, float], ...]

    @property
    def members(self) -> tuple[str, ...]:
        """Every figure of the relation, the subject first."""
        return (self.subject, *(name for name, _ in self.parts))

    def solve(self, levels: Levels, member: str) -> Interval:
        """Return what `member` can be if all other figures are right."""
        if member == self.subject:
            return Interval(add_intervals(f * levels[n] for n, f in self.parts).low, inf)
        others = add_intervals(f * levels[name] for name, f in self.parts if name != member)
        room = (levels[self.subject] - others) / dict(self.parts)[member]
        # Where the other parts alone are too much already, nothing is left.
        return Interval(min(0.0, room.high), room.high)


Relation = Sum | Ratio | Bound


def holds(relation: Relation, levels: Levels) -> bool:
    """Whether some true numbers inside the printed intervals satisfy the relation."""
    return relation.solve(levels, relation.subject).meets(levels[relation.subject])


def find_misprints(relations: list[Relation], levels: Levels) -> list[str]:
    """Return the fewest figures that explain every broken relation, most disputed first.

    Greedy: the figure in most broken relations goes first; among equals the one with the smaller
    share of relations that hold, then one off by a power of ten, as when a unit is misprinted.
    Figures whose name begins with "reported:" are not blamed.
    """
    held = [holds(relation, levels) for relation in relations]
    open_ = [relation for relation, ok in zip(relations, held, strict=True) if not ok]
    good: dict[str, int] = {}
    for relation, ok in zip(relations, held, strict=True):
        for member in set(relation.members):
            good[member] = good.get(member, 0) + ok
    blamed: list[str] = []
    while open_:
        bad: dict[str, int] = {}
        for relation in open_:
            for member in set(relation.members):
                if not member.startswith("reported:"):
                    bad[member] = bad.get(member, 0) + 1
        worst = max(bad, key=lambda name: _blame(name, bad[name], good[name], open_, levels))
        blamed.append(worst)
        open_ = [relation for relation in open_ if worst not in relation.members]
    return blamed


def _blame(name: str, bad: int, good: int, broken: list[Relation], levels: Levels):
    mine = [relation for relation in broken if name in relation.members]
    scaled = any(shift_point(levels[name], r.solve(levels, name)) for r in mine)
    return bad / (bad + good) > 0.5, bad, bad / (bad + good), scaled and levels[name].high > 1e3


def shift_point(printed: Interval, wanted: Interval) -> int:
    """Return the power of ten that takes a printed figure into an interval, or 0.

    Examples
    --------
    >>> shift_point(Interval.around(39.556, 0.0005), Interval(0.0386, 0.0396))
    -3
    """
    for power in (1, -1, 3, -3, 4, -4, 6, -6):
        if printed.middle * 10.0**power in wanted:
            return power
    return 0
