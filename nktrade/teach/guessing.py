"""Guess, then see: a prediction asked before the chart and scored after it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nktrade.errors import InputError
from nktrade.table.outwards import cut_digits


@dataclass(frozen=True)
class Guess:
    """A number that somebody expects, with the range they would be surprised to see it leave.

    Parameters
    ----------
    low, high : float
        Between which the truth is expected with 80 percent certainty.
    what : str
        What is guessed, with its unit.

    Examples
    --------
    >>> Guess(50, 70, "% of imports").see(67.0)
    'You said 50 to 70 % of imports; it is 67: inside.'
    """

    low: float
    high: float
    what: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InputError("a guess runs from low to high", got=f"{self.low} to {self.high}")

    def see(self, truth: float) -> str:
        """Say how the guess fared; without an answer to set it against, that one is needed."""
        if truth is Ellipsis:
            return "Answer the exercise first, then see."
        what = f" {self.what}" if self.what else ""
        told = f"You said {self._tell()}{what}; it is {_write(truth)}: "
        if self.low <= truth <= self.high:
            return told + "inside."
        off = truth - self.high if truth > self.high else self.low - truth
        return told + f"outside, by {_write(off)}. Surprises are what evidence is for."

    def score(self, truth: float) -> float:
        """Return the interval score at 80 percent: the width, and a fine of ten times the miss.

        Less is better; a range too wide and a range too sure both cost (Gneiting and Raftery
        2007).

        Examples
        --------
        >>> Guess(50, 70).score(67.0), Guess(50, 60).score(67.0)
        (20.0, 80.0)
        """
        miss = max(self.low - truth, truth - self.high, 0.0)
        return float(self.high - self.low + 2 / 0.2 * miss)

    def _tell(self) -> str:
        return f"{_write(self.low)} to {_write(self.high)}"

    def _repr_html_(self) -> str:
        what = f" {self.what}" if self.what else ""
        text = f"Your guess stands: {self._tell()}{what}."
        return f'<p class="guess">{escape(text)}</p>'


def _write(number: float) -> str:
    """Write a number to three digits, and never with an exponent."""
    return f"{cut_digits(number, 3):,.12g}"
