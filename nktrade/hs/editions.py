"""Editions of the Harmonized System: what lies under a code, and how codes moved between them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

from nktrade.hs.codes import _nomenclature, check_edition, normalise


@cache
def _all_subheadings(edition: str) -> list[str]:
    check_edition(edition)
    return sorted(
        code for code, lives in _nomenclature().items() if len(code) == 6 and edition in lives
    )


def subheadings(code: str, edition: str = "HS2017") -> list[str]:
    """Return every six-digit code at or under a code of two to six digits.

    Examples
    --------
    >>> subheadings("6701")
    ['670100']
    """
    text, known = normalise(code), _all_subheadings(edition)
    return known[bisect_left(known, text) : bisect_left(known, text + "~")]
