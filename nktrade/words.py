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


@dataclass(frozen=True)
class Note:
    """One paragraph; a finding is also shown on the index of the site, and so is the
    first refusal of a page that finds nothing."""

    text: str
    kind: str = "note"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        bundle: dict[str, Any] = {
            "text/plain": self.text,
            "text/html": f'<p class="{self.kind}">{escape(self.text)}</p>',
        }
        if self.kind == "finding":
            bundle["application/vnd.nktrade+json"] = {"finding": self.text}
        if self.kind == "refusal":
            bundle["application/vnd.nktrade+json"] = {"refusal": self.text}
        return bundle


@dataclass(frozen=True)
class Folded:
    """A long table behind a line to click on; the rows stay in the page."""

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
        raise UnanswerableError("a number of the sentence is not known", got=repr(text))
    count = count_words(text)
    if count > LONGEST:
        raise InputError(
            "the sentence is too long",
            expected=f"at most {LONGEST} words",
            got=f"{count}: {text!r}",
            hint="Say it in two sentences, each of one thing.",
        )
    return Note(text)


def finding(text: str, *claims: Any) -> Note:
    """Return the page's finding, which is also the sentence of the index.

    Parameters
    ----------
    text : str
        Subject, verb, number; as `say`.
    *claims
        What the sentence rests on: a comparison of known numbers, or what `nktrade.claim` returns.
        A finding is stated only if each holds, and over the whole interval that the published
        figures leave.

    Raises
    ------
    InputError
        If it has more than 25 words or no number.
    UnanswerableError
        If a number in it is not known, or a claim is not decided by what was published.

    Examples
    --------
    >>> finding("Wigs made 56 % of exports in 2023.").kind
    'finding'
    >>> finding("Exports fell steeply.")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: the finding has no number; got 'Exports fell steeply.'
    """
    told = say(text)
    if not re.search(r"\d", text):
        raise InputError("the finding has no number", got=repr(text))
    for claim in claims:
        if isinstance(claim, bool | np.bool_) and not claim:
            raise UnanswerableError("the data do not bear the finding out", got=repr(text))
        if not claim:
            raise UnanswerableError(f"the published figures do not bear the finding out: {claim}")
    return Note(told.text, "finding")


def count_words(text: str) -> int:
    """Count the words of a sentence: whatever has a letter or a digit, without codes in brackets.

    Examples
    --------
    >>> count_words("Wigs (HS 6704) made 56 % of exports.")
    5
    """
    return sum(any(map(str.isalnum, word)) for word in _CODE.sub("", text).split())


def say_change(new: float, old: float) -> str:
    """Say a change in words: "rose 12 %", "fell 67 %", "rose 4.1-fold", "stayed the same".

    Parameters
    ----------
    new, old : float
        Both in the same unit. More than threefold is told as a multiple.

    Examples
    --------
    >>> say_change(112.0, 100.0), say_change(33.0, 100.0), say_change(410.0, 100.0)
    ('rose 12 %', 'fell 67 %', 'rose 4.1-fold')
    >>> say_change(100.2, 100.0), say_change(3.0, 0.0)
    ('stayed the same', 'rose from nothing')
    """
    if not (math.isfinite(new) and math.isfinite(old)):
        raise UnanswerableError("a change needs two known numbers")
    if old == 0:
        return "rose from nothing" if new > 0 else "stayed at nothing"
    ratio = new / old
    if ratio > 3:
        return f"rose {ratio:,.0f}-fold" if ratio >= 10 else f"rose {ratio:.1f}-fold"
    percent = 100 * (ratio - 1)
    if abs(percent) < 0.5:
        return "stayed the same"
    return f"{'rose' if percent > 0 else 'fell'} {abs(percent):.0f} %"


def state_finding(text: str) -> Note:
    """Return a finding of any length; notebooks in the new style say `finding`."""
    return Note(text, "finding")
