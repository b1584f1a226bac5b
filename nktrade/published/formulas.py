"""What printed figures must satisfy, written as formulas and solved for any figure in them.

A formula compares two sides, as ``{kiep2020h1:5} == 100 * {kiep2020h1:7} / {kiep2020h1:6} - 100``.
The right side is worked out forwards in intervals; carried backwards through the formula, the
comparison says what any one figure can be if the others are right (the "hull consistency" of
Benhamou and others 1999, *Revising hull and box consistency*).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import inf

from nktrade.published.intervals import EVERYTHING, Interval, hull

Levels = Mapping[str, Interval]

#: A hedged figure or claim ("about 13 %", "similar to") holds within a tenth, as on every page.
HEDGE = Interval(0.9, 1.1)

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Eq: "==", ast.LtE: "<=", ast.GtE: ">=", ast.Lt: "<", ast.Gt: ">"}


@dataclass(frozen=True, eq=False)
class _Node:
    kind: str  # "figure", "number", an operator or a function
    parts: tuple[_Node, ...] = ()
    name: str = ""
    number: Interval = EVERYTHING
    members: frozenset[str] = field(default_factory=frozenset)

    def work_out(self, levels: Levels) -> Interval:
        """Return all values that this part of the formula can have."""
        if self.kind == "figure":
            return levels[self.name]
        if self.kind == "number":
            return self.number
        values = [part.work_out(levels) for part in self.parts]
        return _FORWARDS[self.kind](*values)

    def carry_back(self, allowed: Interval, levels: Levels, member: str) -> Interval:
        """Return what `member` may be if this part of the formula has to be in `allowed`."""
        if self.kind == "figure":
            return allowed if self.name == member else EVERYTHING
        found = EVERYTHING
        for place, part in enumerate(self.parts):
            if member in part.members:
                others = [other.work_out(levels) for other in self.parts]
                wanted = _carry_through(self.kind, place, allowed, others)
                # A figure that stands in a formula twice obeys both; if it cannot, say the last.
                room = part.carry_back(wanted, levels, member)
                found = found.meet(room) or room
        return found


def _rank(first: Interval, *others: Interval) -> Interval:
    surely = sum(other.low > first.high for other in others)
    perhaps = sum(other.high > first.low for other in others)
    return Interval(1 + surely, 1 + perhaps)


_FORWARDS: dict[str, Callable[..., Interval]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "minus": lambda a: -a,
    "about": lambda a: a * HEDGE,
    "between": lambda *several: hull(several),
    "center": lambda a: Interval(a.middle, a.middle),
    "below": lambda a: Interval(-inf, a.high),
    "above": lambda a: Interval(a.low, inf),
    "rank": _rank,
}


def _carry_through(kind: str, place: int, allowed: Interval, parts: list[Interval]) -> Interval:
    other = parts[1 - place] if len(parts) == 2 else EVERYTHING
    if kind == "+":
        return allowed - other
    if kind == "-":
        return allowed + other if place == 0 else other - allowed
    if kind == "*":
        return allowed / other
    if kind == "/":
        return allowed * other if place == 0 else other / allowed
    if kind == "minus":
        return -allowed
    if kind == "about":
        return allowed / HEDGE
    return EVERYTHING


@dataclass(frozen=True)
class Formula:
    """A comparison of two sides that holds figures by their identifiers.

    Attributes
    ----------
    text : str
        Figures in braces, numbers, ``+ - * /``, one of ``== <= >= < >``, and the functions
        ``about(x)`` (within a tenth), ``between(x, y)`` (anything between), ``above(x)``,
        ``below(x)``, ``center(x)`` (the number as printed, without its rounding),
        ``rank(x, others...)`` (1 for the largest), ``day("2020-08-02")`` (a date as a number)
        and ``weekday("2020-10-23")`` (1 for Monday).

    Examples
    --------
    >>> formula = Formula("{whole} == {one} + {other}")
    >>> levels = {"whole": Interval(9, 9), "one": Interval(3, 4), "other": Interval(4, 5)}
    >>> formula.holds(levels)
    True
    >>> room = formula.allow(levels, "other")
    >>> round(room.low, 9), round(room.high, 9)
    (5.0, 6.0)
    """

    text: str

    @cached_property
    def _sides(self) -> tuple[_Node, str, _Node]:
        body = ast.parse(_hide_figures(self.text), mode="eval").body
        if not isinstance(body, ast.Compare) or len(body.ops) != 1:
            raise ValueError(f"not a comparison of two sides: {self.text}")
        sign = _COMPARISONS[type(body.ops[0])]
        return _read(body.left), sign, _read(body.comparators[0])

    @property
    def sign(self) -> str:
        """How the two sides compare."""
        return self._sides[1]

    @property
    def members(self) -> frozenset[str]:
        """Every figure in the formula."""
        return self._sides[0].members | self._sides[2].members

    @property
    def subject(self) -> str | None:
        """The figure that is the left side, if one figure is."""
        left = self._sides[0]
        return left.name if left.kind == "figure" else None

    def work_out(self, levels: Levels) -> tuple[Interval, Interval]:
        """Return both sides."""
        return self._sides[0].work_out(levels), self._sides[2].work_out(levels)

    def holds(self, levels: Levels) -> bool:
        """Whether some true numbers inside the printed intervals satisfy the formula."""
        left, right = self.work_out(levels)
        return left.meets(_room(self.sign, right))

    def allow_left(self, levels: Levels) -> Interval:
        """Return what the left side can be."""
        return _room(self.sign, self._sides[2].work_out(levels))

    def allow(self, levels: Levels, member: str) -> Interval:
        """Return what a figure can be if all others are right."""
        left, sign, right = self._sides
        room = EVERYTHING
        if member in left.members:
            room = left.carry_back(self.allow_left(levels), levels, member)
        if member in right.members:
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
            wanted = _room(turned, left.work_out(levels))
            other = right.carry_back(wanted, levels, member)
            room = room.meet(other) or other
        return room


def _room(sign: str, right: Interval) -> Interval:
    if sign in ("<", "<="):
        return Interval(-inf, right.high)
    if sign in (">", ">="):
        return Interval(right.low, inf)
    return right


def _hide_figures(text: str) -> str:
    return re.sub(r"\{([^{}]+)\}", r'figure("\1")', text)


def _read(tree: ast.expr) -> _Node:
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int | float):
        return _Node("number", number=Interval(float(tree.value), float(tree.value)))
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return _join("minus", _read(tree.operand))
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
        return _join(_OPERATORS[type(tree.op)], _read(tree.left), _read(tree.right))
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        return _read_call(tree.func.id, tree.args)
    raise ValueError(f"a formula cannot hold {ast.unparse(tree)}")


def _read_call(name: str, arguments: list[ast.expr]) -> _Node:
    if name in ("figure", "day", "weekday"):
        (only,) = arguments
        if not isinstance(only, ast.Constant) or not isinstance(only.value, str):
            raise ValueError(f"{name} takes one text, not {ast.unparse(only)}")
        if name == "figure":
            return _Node("figure", name=only.value, members=frozenset([only.value]))
        when = date.fromisoformat(only.value)
        number = float(when.toordinal() if name == "day" else when.isoweekday())
        return _Node("number", number=Interval(number, number))
    if name not in _FORWARDS:
        raise ValueError(f"there is no function {name!r}; there are {', '.join(_FORWARDS)}")
    return _join(name, *(_read(argument) for argument in arguments))


def _join(kind: str, *parts: _Node) -> _Node:
    return _Node(kind, parts, members=frozenset().union(*(part.members for part in parts)))
