"""Sentences of a page: what it says, what it finds, what folds away; and the house's words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from nktrade.errors import InputError, UnanswerableError

#: A reader keeps a sentence this long in mind at once.
LONGEST = 25

_UNKNOWN = re.compile(r"(?<![\w-])(nan|NaN|inf|NaT|None|<NA>)(?!\w)")
_CODE = re.compile(r"\(HS [0-9 ,]+\)")
_ORDER = ["recorded", "printed", "bounded"]  # ways to know an amount, the weakest last


@dataclass(frozen=True)
class Note:
    """One paragraph; a finding is also shown on the index of the site, and so is the
    first refusal of a page that finds nothing.

    Examples
    --------
    >>> note = Note("Imports fell by half.", "finding")
    >>> note.text, note.kind
    ('Imports fell by half.', 'finding')
    """

    text: str
    kind: str = "note"
    support: str = ""  # how what a finding rests on is known

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/plain": self.text,
            "text/html": f'<p class="{self.kind}">{escape(self.text)}</p>',
        }
        if self.kind == "finding":
            bundle["application/vnd.nktrade+json"] = {"finding": self.text}
            if self.support:
                bundle["application/vnd.nktrade+json"]["support"] = self.support
        if self.kind == "refusal":
            bundle["application/vnd.nktrade+json"] = {"refusal": self.text}
        return bundle


@dataclass(frozen=True)
class Folded:
    """A long table behind a line to click on; the rows stay in the page.

    Examples
    --------
    >>> import pandas as pd
    >>> Folded(pd.DataFrame({"value": [1.0]}), "All one row").summary
    'All one row'
    """

    table: Any
    summary: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        html = self.table.to_html()
        return {
            "text/plain": f"{self.summary} (folded table)",
            "text/html": f"<details><summary>{escape(self.summary)}</summary>{html}</details>",
        }


def say(text: str) -> Note:
    """Return a computed sentence of the page.

    Parameters
    ----------
    text : str
        Mostly an f-string; at most 25 words. Codes in brackets, as "(HS 3004)", do not count.

    Raises
    ------
    InputError
        If it is longer: an author's slip.
    UnanswerableError
        If a number in it is not known (nan): a sentence that the data cannot fill is refused.

    Examples
    --------
    >>> say(f"Imports fell {67.04:.0f} %.").text
    'Imports fell 67 %.'
    >>> say(f"Imports fell {float('nan'):.0f} %.")
    Traceback (most recent call last):
    ...
    nktrade.errors.UnanswerableError: a number of the sentence is not known; got 'Imports fell ...
    """
    if _UNKNOWN.search(text):
        raise UnanswerableError(
            "a number of the sentence is not known",
            got=repr(_UNKNOWN.sub("?", text)),
            hint="Choose another period, or import downloads: nktrade data import.",
        )
    count = count_words(text)
    if count > LONGEST:
        raise InputError(
            "the sentence is too long",
            expected=f"at most {LONGEST} words",
            got=f"{count}: {text!r}",
            hint="Say it in two sentences, each of one thing.",
        )
    return Note(text)


def finding(text: str, *rests: Any, by: str = "") -> Note:
    """Return the page's finding, which is also the sentence of the index.

    Parameters
    ----------
    text : str
        Subject, verb, number; as `say`.
    *rests
        What the sentence rests on: amounts (`Study.amount`) and claims about them, which say how
        they are known, or a plain comparison. A finding is stated only if every claim holds over
        the whole interval that the published figures leave, and no amount is only assumed.
    by : str
        How it is known where it rests on no amount, as "arithmetic on print".

    Raises
    ------
    InputError
        If it has more than 25 words or no number.
    UnanswerableError
        If a number in it is not known, a claim is not decided by what was published, or an amount
        is an assumption.

    Examples
    --------
    >>> finding("Wigs made 56 % of exports in 2023.", by="arithmetic on print").support
    'arithmetic on print'
    >>> finding("Exports fell steeply.")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: the finding has no number; got 'Exports fell steeply.'
    """
    told = say(text)
    if not re.search(r"\d", text):
        raise InputError("the finding has no number", got=repr(text))
    for one in rests:
        if isinstance(one, bool | np.bool_) and not one:
            raise UnanswerableError(
                "the figures do not bear the finding out",
                got=repr(text),
                hint="Set other periods or goods (the parameters), or read on.",
            )
        if getattr(one, "support", "") == "assumed":
            raise UnanswerableError(
                f"nothing published tells {getattr(one, 'what', 'the number of the finding')}",
                hint="Run the page on a store of customs downloads.",
            )
        if not one:
            raise UnanswerableError(
                f"the figures do not bear the finding out: {one}",
                hint="Set other periods or goods (the parameters), or read on.",
            )
    known = [str(one.support) for one in rests if getattr(one, "support", "")]
    return Note(told.text, "finding", by or max(known, key=_ORDER.index, default=""))


def count_words(text: str) -> int:
    """Count the words of a sentence: whatever has a letter or a digit, without codes in brackets.

    Examples
    --------
    >>> count_words("Wigs (HS 6704) made 56 % of exports.")
    5
    """
    return sum(any(map(str.isalnum, word)) for word in _CODE.sub("", text).split())


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
    low, high = getattr(number, "low", number), getattr(number, "high", number)
    return float(low), float(high)


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
