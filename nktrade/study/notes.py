"""Sentences of a page: what it says, what it finds, what folds away."""

from __future__ import annotations

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
