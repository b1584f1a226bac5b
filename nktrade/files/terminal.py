"""What is written to a terminal: text, with whatever would move its cursor spelled out.

Names of files, goods and parameters are anybody's. Every line that a command writes passes here.
"""

from __future__ import annotations

import re
import unicodedata

#: What a terminal carries out, or shows in another order than it stands: controls and marks.
_ODD = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_NOT_PLAIN = re.compile(r"[^\n\t\x20-\x7e]")


def tell(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Write a text to standard output or, if it is no result, to standard error."""
    import click

    click.echo(spell_controls(text), err=err, nl=nl)


def spell_controls(text: str) -> str:
    """Spell out what would move a terminal's cursor or turn its writing: names may hold it.

    Examples
    --------
    >>> spell_controls("a\\x1b[2Jb 朝鲜")
    'a\\\\x1b[2Jb 朝鲜'
    """
    return _NOT_PLAIN.sub(_spell, text)


def _spell(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1] if unicodedata.category(found[0]) in _ODD else found[0]


def spell_json(text: str) -> str:
    """Spell out the same in JSON, in its own way.

    Examples
    --------
    >>> spell_json('{"name": "a\\x9bb"}')
    '{"name": "a\\\\u009bb"}'
    """
    return _NOT_PLAIN.sub(_spell_json, text)


def _spell_json(found: re.Match[str]) -> str:
    odd = unicodedata.category(found[0]) in _ODD and ord(found[0]) < 0x10000
    return f"\\u{ord(found[0]):04x}" if odd else found[0]
