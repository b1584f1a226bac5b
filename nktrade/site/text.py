"""Values as a reader wants to see them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any


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


def spell_agreement(published: dict[str, int]) -> str:
    """Spell how many of the published figures agree with the run.

    Examples
    --------
    >>> spell_agreement({"checked": 12, "agree": 11, "differ": 1})
    '11 of 12 agree'
    """
    if not published.get("checked"):
        return "none checked"
    return f"{published['agree']} of {published['checked']} agree"
