"""Texts that others wrote (YAML, JSON, CSV, Python): read within limits, or refused.

A few letters can stand for more than a machine holds: aliases within aliases of YAML, brackets
within brackets. Every such text passes here.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nktrade.errors import InputError

#: Bytes of a file of settings; a notebook may hold pictures and may have many more.
MOST_BYTES, MOST_OF_NOTEBOOK = 1 << 22, 1 << 28
#: Lists within lists; the deepest of people's files has a dozen, and of notebooks' outputs two.
DEEPEST = 60
MOST_ALIASES = 1000


def read_text(path: Path, kind: str, most: int = MOST_BYTES) -> str:
    """Read a file of UTF-8 text.

    Parameters
    ----------
    kind : str
        What to call it in a refusal: "the catalogue".

    Raises
    ------
    InputError
        If it is missing, no text, or larger than `most` bytes.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", where=str(path)) from None
    except OSError as error:
        got = error.strerror or type(error).__name__
        raise InputError(f"{kind} cannot be read", where=str(path), got=got) from None
    if len(raw) > most:
        raise InputError(
            f"{kind} is too large", where=str(path), expected=f"at most {most >> 20} megabytes"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{kind} is no text in UTF-8", where=f"{path}, line {line}", hint="Save it as UTF-8."
        ) from None


def load_yaml(text: str, kind: str, where: str) -> Any:
    """Read YAML of plain values.

    Raises
    ------
    InputError
        If it is not YAML, names a key twice, or is nested or repeated beyond what people write.

    Examples
    --------
    >>> load_yaml("a: [1, 2]", "the basket", "mine.yml")
    {'a': [1, 2]}
    >>> load_yaml("a: [1, 2", "the basket", "mine.yml")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: mine.yml, line 1: the basket is not YAML; got expected ',' or ']'...
    """
    import yaml

    try:
        _check_events(yaml.parse(text, Loader=yaml.SafeLoader), kind, where)
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error)
        got = " ".join(str(problem).split())[:80]
        raise InputError(f"{kind} is not YAML", where=place, got=got) from None


def _check_events(events: Any, kind: str, where: str) -> None:
    import yaml

    named: list[bool] = []  # of each list or mapping around: whether it has a name
    held: list[_Keys | None] = []  # of each mapping around: its keys so far
    aliases = 0
    for event in events:
        if isinstance(event, yaml.NodeEvent) and held and held[-1] is not None:
            held[-1].take(event, kind, where)
        if isinstance(event, yaml.CollectionStartEvent):
            named.append(event.anchor is not None)
            held.append(_Keys() if isinstance(event, yaml.MappingStartEvent) else None)
        elif isinstance(event, yaml.CollectionEndEvent):
            named.pop()
            held.pop()
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if any(named) or aliases > MOST_ALIASES:
                raise InputError(
                    f"{kind} repeats parts within parts",
                    where=where,
                    got=f"the alias *{event.anchor}"[:80],
                    hint="Write out what it stands for.",
                )
        if len(named) > DEEPEST:
            raise InputError(f"{kind} is nested too deeply", where=where, got=f"over {DEEPEST}")


class _Keys:
    """The keys of a mapping of YAML, of whose nodes every other is one."""

    def __init__(self) -> None:
        self.seen: set[tuple[str | None, bool]] = set()
        self.key_follows = True

    def take(self, event: Any, kind: str, where: str) -> None:
        """Refuse a key that is there: YAML's reader would keep the last without a word."""
        is_key, self.key_follows = self.key_follows, not self.key_follows
        if not is_key:
            return
        written = getattr(event, "value", None)
        key = (written, getattr(event, "style", None) is None)  # "1" is not 1
        if written not in (None, "<<") and key in self.seen:
            place = f"{where}, line {event.start_mark.line + 1}"
            hint = "Keep one of the two."
            raise InputError(f"{kind} names a key twice", where=place, got=written[:80], hint=hint)
        self.seen.add(key)


def load_json(text: str | bytes, kind: str, where: str, **options: Any) -> Any:
    """Read JSON, bytes of which are UTF-8; `options` as of `json.loads`.

    Raises
    ------
    InputError
        If it is not JSON, or nested beyond what people write.

    Examples
    --------
    >>> load_json(b'{"a": ["[", 2]}', "the answer", "a.json")
    {'a': ['[', 2]}
    >>> load_json("[" * 1000, "the answer", "a.json")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: a.json: the answer is nested too deeply; got over 60
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if _is_deeper(raw, DEEPEST):
        raise InputError(f"{kind} is nested too deeply", where=where, got=f"over {DEEPEST}")
    try:
        plain = text if isinstance(text, str) else text.decode("utf-8-sig")
        return json.loads(plain, **options)
    except ValueError as error:
        raise InputError(f"{kind} is not JSON", where=where, got=str(error)[:80]) from None


_MARKS = b'[]{}"'
_OTHERS = bytes(letter for letter in range(256) if letter not in _MARKS)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_TEXT = re.compile(rb'"[^"]*"?')


def parse_code(source: str, mode: str = "exec") -> Any:
    """Return the syntax tree of others' Python.

    Parameters
    ----------
    mode : {"exec", "eval"}
        As `ast.parse` takes it.

    Raises
    ------
    SyntaxError
        Also where Python's own parser gives up: code nested too deeply, a character NUL.
    """
    try:
        with suppress(SystemError):
            return ast.parse(source, mode=mode)
        # Python 3.11 loses count where its garbage collector lets something else be parsed
        # meanwhile, as the traceback of a task that nobody asked after. Once more is enough.
        return ast.parse(source, mode=mode)
    except (ValueError, MemoryError, RecursionError) as error:
        raise SyntaxError(str(error) or "nested too deeply") from None


def _is_deeper(raw: bytes, most: int) -> bool:
    """Say whether brackets of JSON stand deeper than `most` within each other.

    They are counted as bytes before anything reads them: a reader that goes down with them may
    have no room left to come back. Only what stands outside of texts counts.
    """
    if raw.count(b"[") + raw.count(b"{") <= most:
        return False
    # Without pairs of backslashes, and then quotes after one, each quote opens or closes a text.
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    # Two quotes side by side can go: whatever else stands in a text or outside stays there.
    marks = _TEXT.sub(b"", plain.translate(_AS_LISTS, _OTHERS).replace(b'""', b""))
    marks += b"]" * (marks.count(b"[") - marks.count(b"]"))  # what was left open
    for _ in range(most):  # the innermost lists go, and with them one level
        if b"[" * (most + 1) in marks:
            return True
        marks = marks.replace(b"[]", b"")
        if b"[" not in marks:
            return False
    return b"[]" in marks


def read_rows(lines: Iterable[str], name: str, separator: str = ",") -> Iterator[list[str]]:
    """Yield the rows of comma-separated text.

    Raises
    ------
    InputError
        For a row that is none, as where a quotation mark stays open over the rest of a file.

    Examples
    --------
    >>> list(read_rows(["a,b"], "a.csv"))
    [['a', 'b']]
    """
    rows = csv.reader(lines, delimiter=separator)
    try:
        yield from rows
    except csv.Error as error:
        raise InputError(
            "a row cannot be read as a table's",
            where=f"{name}, line {rows.line_num:,}",
            got=str(error),
            hint="Is there a quotation mark that nothing closes?",
        ) from None
