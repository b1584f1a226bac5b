"""What a notebook says to its reader and to whoever renders it: findings and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

from nktrade.codes.geography import list_places
from nktrade.errors import NktradeError

T = TypeVar("T")


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


def state_finding(text: str) -> Note:
    """Return the page's finding in one sentence, shown on the page and on the index."""
    return Note(text, "finding")


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


def attempt(function: Callable[..., T], *args: Any, **kwargs: Any) -> T | None:
    """Call `function`; where the data cannot answer, say why on the page and return None.

    Examples
    --------
    >>> from nktrade.errors import UnanswerableError
    >>> def refuse():
    ...     raise UnanswerableError("there are no provinces in the data")
    >>> attempt(refuse) is None
    These data cannot answer: there are no provinces in the data
    True
    """
    try:
        return function(*args, **kwargs)
    except NktradeError as error:
        note = Note(f"These data cannot answer: {error}", "refusal")
        try:
            from IPython import get_ipython
            from IPython.display import display
        except ImportError:  # outside a notebook the sentence is enough
            print(note.text)
            return None
        if get_ipython() is None:
            print(note.text)
        else:
            display(note)
        return None


def name_country(iso3: str) -> str:
    """Return a country's English name for titles; the code itself where nobody lists it.

    Examples
    --------
    >>> name_country("PRK"), name_country("CHN"), name_country("XYZ")
    ('North Korea', 'China', 'XYZ')
    """
    return list_places("partner").get(iso3, iso3)
