"""Values as a reader wants to see them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

#: The type of outputs by which a notebook speaks to whoever renders it.
MIME = "application/vnd.nktrade+json"


def spell_value(value: Any) -> str:
    """Spell a parameter's value.

    A path is told by its last part: a page is published, and where its author keeps files is
    nobody's business.

    Examples
    --------
    >>> spell_value(["3001", "3002"]), spell_value(None), spell_value(True)
    ('3001, 3002', 'none', 'yes')
    >>> spell_value("/home/user/stores/brazil")
    'brazil'
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(spell_value, value))
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return str(value)


def spell_date(stamp: str) -> str:
    """Spell a time stamp as a date.

    Examples
    --------
    >>> spell_date("2024-03-05T10:00:00+00:00")
    '5 March 2024'
    """
    if not stamp:
        return ""
    day = datetime.fromisoformat(stamp)
    return f"{day.day} {day:%B %Y}"


#: The verdicts on published figures: as ``runs.json`` counts them, and in words, harshest first.
VERDICTS = {
    "differ": "differs",
    "corrected": "only as corrected",
    "agree": "agrees as printed",
    "circular": "circular",
    "unchecked": "cannot be checked",
}
_SPELT = {
    "agree": "{n} agree{s} as printed",
    "corrected": "{n} only as corrected",
    "differ": "{n} differ{s}",
    "circular": "{n} circular (imposed on the estimate)",
    "unchecked": "{n} cannot be checked",
}


def spell_agreement(published: dict[str, int]) -> str:
    """Spell how the published figures fare, each verdict apart.

    Examples
    --------
    >>> spell_agreement({"agree": 11, "corrected": 2, "differ": 1, "circular": 0, "unchecked": 3})
    '11 agree as printed, 2 only as corrected, 1 differs, 3 cannot be checked'
    >>> spell_agreement({})
    'none'
    """
    counts = {name: published.get(name, 0) for name in _SPELT}
    words = [_SPELT[name].format(n=n, s="s" * (n == 1)) for name, n in counts.items() if n]
    return ", ".join(words) or "none"


#: What the words of support say of a finding.
_SUPPORT = {
    "recorded": "rows that customs declared",
    "printed": "published figures, which fix it within their rounding",
    "bounded": "published figures, over all that they leave",
    "assumed": "the panel's assumption alone",
}


def spell_support(support: str) -> str:
    """Spell how a finding is known; a page's own word stands as it is.

    Examples
    --------
    >>> spell_support("printed"), spell_support("simulation")
    ('published figures, which fix it within their rounding', 'simulation')
    """
    return _SUPPORT.get(support, support)
