"""Whether a comparison of two sums holds over every table that agrees with print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from math import isfinite
from numbers import Real
from typing import Any

from nktrade.errors import InputError, check_choice
from nktrade.published.figure_rows import MILLION
from nktrade.published.honoured import extremes, load_identified, ratio_of
from nktrade.published.identified import Identified
from nktrade.published.questions import as_terms, tell_sum
from nktrade.table.outwards import spell_amount

HOLDS, FAILS, OPEN = "holds", "fails", "not decided by print"
_OPS = {
    ">": "exceeded",
    ">=": "did not fall below",
    "<": "stayed below",
    "<=": "did not exceed",
}


@dataclass(frozen=True)
class Claim:
    """Whether a comparison holds over the whole set that published figures allow.

    Attributes
    ----------
    text : str
        What is claimed, as a sentence without a full stop.
    verdict : {"holds", "fails", "not decided by print"}
    low, high : float
        The least and the greatest of left less right.
    support : {"recorded", "printed", "bounded"}
        What it rests on.
    unit : str
        Of the ends: a currency, or empty for ratios.

    Examples
    --------
    >>> print(Claim("imports of coke are below those of tyres", HOLDS, -3e6, -1e6))
    imports of coke are below those of tyres: holds
    >>> bool(Claim("imports of coke are below those of tyres", OPEN, -3e6, 1e6))
    False
    """

    text: str
    verdict: str
    low: float
    high: float
    support: str = "bounded"
    unit: str = "USD"

    def __bool__(self) -> bool:
        return self.verdict == HOLDS

    def __str__(self) -> str:
        return f"{self.text}: {self.verdict}"

    def _repr_html_(self) -> str:
        """Say what is claimed, what print makes of it, and between which ends the gap lies."""
        told = "bounded by nothing published"
        if isfinite(self.low) or isfinite(self.high):
            told = spell_amount(self.low, self.high, self.unit)
        said = f"{escape(self.text)}: <strong>{self.verdict}</strong>"
        return f'<p class="claim">{said}. The difference is {told}.</p>'


def judge_claim(
    left: str, op: str, right: str, low: float, high: float, support: str, unit: str = "USD"
) -> Claim:
    """Judge a comparison by the least and the greatest that left less right can be.

    Parameters
    ----------
    left, right : str
        What is compared, in words.
    op : {">", ">=", "<", "<="}
    low, high : float
    support : str
        What the ends rest on.
    unit : str
        Of the ends.

    Examples
    --------
    >>> print(judge_claim("imports of coke", "<", "those of tyres", -3.0, 1.0, "bounded"))
    Imports of coke stayed below those of tyres: not decided by print
    """
    check_choice("comparison", op, _OPS)
    text = f"{left} {_OPS[op]} {right}"
    near, far = (low, high) if op in (">", ">=") else (-high, -low)
    strict = op in (">", "<")
    if near > 0 or (not strict and near >= 0):
        verdict = HOLDS
    elif far < 0 or (strict and far <= 0):
        verdict = FAILS
    else:
        verdict = OPEN
    return Claim(text[:1].upper() + text[1:], verdict, low, high, support, unit)


def claim(left: Any, op: str, right: Any) -> Claim:
    """Judge a comparison over every table that agrees with the published figures.

    Parameters
    ----------
    left, right : number or mapping
        A number (USD, or a ratio); the keywords of `bounds` for a sum; or ``{"part": …, "whole":
        …}``, two such mappings, for a ratio.
    op : {">", ">=", "<", "<="}

    Returns
    -------
    Claim
        True in an `if` only where it holds.

    Raises
    ------
    InputError
        For an unknown comparison, or a side that is neither a number nor a mapping.

    Examples
    --------
    >>> print(claim({"flow": "import", "hs": "6704", "period": "2023"}, ">", 160e6))
    Imports of wigs and false eyelashes (HS 6704) in 2023 exceeded 160 million USD: holds
    """
    check_choice("comparison", op, _OPS)
    for side in (left, right):
        if not isinstance(side, Mapping | Real):
            raise InputError(
                "a side of a claim is not understood",
                expected='a number, or the keywords of nk.bounds, as {"flow": "import", "hs": '
                '"6704", "period": "2023"}',
                got=type(side).__name__,
            )
    low, high = _difference(left, right)
    ratios = any(isinstance(side, Mapping) and "part" in side for side in (left, right))
    unit = "" if ratios else "USD"
    return judge_claim(tell_sum(left, unit), op, tell_sum(right, unit), low, high, "bounded", unit)


def _difference(left: Any, right: Any) -> tuple[float, float]:
    """Return the range of left less right: together where both are sums."""
    model = load_identified()
    sums = [side for side in (left, right) if isinstance(side, Mapping) and "part" not in side]
    if len(sums) == 2:
        terms = as_terms(left) + tuple((-weight, one) for weight, one in as_terms(right))
        least, greatest = extremes(model, terms)
        return least.value * MILLION, greatest.value * MILLION
    (low, high), (bottom, top) = _range_of(model, left), _range_of(model, right)
    return low - top, high - bottom


def _range_of(model: Identified, side: Any) -> tuple[float, float]:
    if not isinstance(side, Mapping):
        return float(side), float(side)
    if "part" in side:
        return ratio_of(model, as_terms(side["part"]), as_terms(side["whole"]))
    least, greatest = extremes(model, as_terms(side))
    return least.value * MILLION, greatest.value * MILLION
