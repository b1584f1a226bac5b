"""Errors that say what is wrong, where, what was expected and what to do next."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import TypeVar

_Choice = TypeVar("_Choice")


class NktradeError(Exception):
    """Base of every error nktrade raises on purpose.

    Parameters
    ----------
    subject : str
        What is wrong, as a short sentence without a full stop.
    where : str, optional
        File, row and column: ``"2023.csv, row 7, column 'value'"``.
    expected, got : str, optional
        What should have been there, and what was.
    hint : str, optional
        What to do next, as a full sentence.

    Examples
    --------
    >>> raise InputError("the flow is unknown", got="'imports'", hint="Did you mean 'import'?")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: the flow is unknown; got 'imports'. Did you mean 'import'?
    """

    def __init__(
        self, subject: str, *, where: str = "", expected: str = "", got: str = "", hint: str = ""
    ) -> None:
        self.subject, self.where = subject, where
        self.expected, self.got, self.hint = expected, got, hint
        parts = [f"{where}: {subject}" if where else subject]
        if expected:
            parts.append(f"expected {expected}")
        if got:
            parts.append(f"got {got}")
        message = "; ".join(parts)
        super().__init__(f"{message}. {hint}" if hint else message)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: the reader's own line and the message, not our inside."""
        here = str(Path(__file__).parent)
        frames = traceback.extract_tb(self.__traceback__)
        own = [frame for frame in frames if not frame.filename.startswith(here) and frame.line]
        shown = [f"----> {own[-1].lineno} {own[-1].line}"] if own else []
        return [*shown, f"{type(self).__name__}: {self}"]

    def __reduce__(self):
        """Survive the trip between worker processes with every part intact."""
        return _rebuild, (type(self), self.subject, self.where, self.expected, self.got, self.hint)


class InputError(NktradeError):
    """A file, a code or an argument is not what it must be; nothing was changed."""


class DamageError(InputError):
    """A file that nktrade wrote is not as it wrote it: nothing is answered from it."""


class ServiceError(NktradeError):
    """A service did not answer as it says it does; nothing was imported, its answers are kept."""


class CodeError(InputError):
    """An HS code is malformed or does not exist in its edition."""


class MixtureError(NktradeError):
    """Rows that cannot be added were about to be: mixed HS levels, editions or currencies."""


class GapError(NktradeError):
    """A month is absent, combined or suppressed, and the caller named no policy for it."""


class UnanswerableError(NktradeError, LookupError):
    """The data at hand cannot answer the question asked of it."""


def _rebuild(kind, subject, where, expected, got, hint):
    return kind(subject, where=where, expected=expected, got=got, hint=hint)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ``"Did you mean 'x'?"`` for the choice nearest to `word`, or the choices themselves.

    Examples
    --------
    >>> did_you_mean("imports", ["import", "export"])
    "Did you mean 'import'?"
    >>> did_you_mean("usd", ["USD", "CNY"])
    "Did you mean 'USD'?"
    >>> did_you_mean("PKR", ["UKR", "PRK"])
    "Did you mean 'PRK'?"
    >>> did_you_mean("zzz", ["import", "export"])
    "Choose one of 'export', 'import'."
    """
    known = sorted({str(choice) for choice in choices})
    folded = {choice.casefold(): choice for choice in known}
    typed = str(word).casefold()
    # Two letters exchanged are the commonest slip in a short code: PKR for PRK, not for UKR.
    near = [choice for choice in folded if sorted(choice) == sorted(typed)]
    near = near[:1] or difflib.get_close_matches(typed, folded, n=1)
    if near:
        return f"Did you mean {folded[near[0]]!r}?"
    shown = ", ".join(repr(choice) for choice in known[:12])
    return f"Choose one of {shown}{', …' if len(known) > 12 else ''}."


def check_choice(
    kind: str, word: _Choice, choices: Iterable[_Choice], *, where: str = "", expected: str = ""
) -> _Choice:
    """Return `word` if it is one of `choices`; else refuse it and name the nearest.

    Parameters
    ----------
    kind : str
        What the word is, for the message: "flow", "HS edition".
    word : str or int
    choices : iterable of str or int
    where, expected : str, optional
        As for `NktradeError`.

    Raises
    ------
    InputError
        If it is none of them.

    Examples
    --------
    >>> check_choice("flow", "imports", ("export", "import"))
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown flow 'imports'. Did you mean 'import'?
    """
    known = list(choices)
    if isinstance(word, str | int) and word in known:
        return word
    hint = did_you_mean(shorten(word).strip("'\""), map(str, known))
    raise InputError(f"unknown {kind} {shorten(word)}", where=where, expected=expected, hint=hint)


def check_named(names: Iterable[str] | None, noun: str) -> None:
    """Refuse a selection of nothing, which is not one of everything; raises `InputError`."""
    if names is not None and not [*names]:
        raise InputError(f"no {noun} is named", hint=f"For every {noun} say None.")


def check_columns(table: object, columns: Iterable[str], hint: str = "") -> None:
    """Refuse what is no table, or lacks a column; the hint is the nearest name by default.

    Raises
    ------
    InputError
        Naming the first column that is not there, and those that are.
    """
    if not hasattr(table, "columns") or isinstance(table, type):
        raise InputError(
            "not a table", expected="a pandas.DataFrame", got=type(table).__name__, hint=hint
        )
    here = [str(column) for column in table.columns]
    columns = list(columns)
    if twice := next((column for column in columns if here.count(column) > 1), ""):
        raise InputError(f"the column {twice!r} is there twice", hint="Keep one of the two.")
    for column in columns:
        if column not in here:
            raise InputError(
                f"the table has no column {column!r}",
                expected=list_of(columns),
                got=name_some(here),
                hint=hint or (did_you_mean(column, here) if here else ""),
            )


def list_names(names: str | Iterable[str] | None, noun: str = "column") -> list[str]:
    """Return one name or several, as an argument gives them, as a list; none for None.

    Raises
    ------
    InputError
        If something else than names is given.

    Examples
    --------
    >>> list_names("hs"), list_names(["flow", "hs"]), list_names(None)
    (['hs'], ['flow', 'hs'], [])
    """
    if names is None or isinstance(names, str):
        return [names] if names else []
    several = list(names) if isinstance(names, Iterable) else [names]
    if odd := [name for name in several if not isinstance(name, str)]:
        number = isinstance(odd[0], Integral) and not isinstance(odd[0], bool)
        raise InputError(
            f"not the name of a {noun}",
            expected=f"a {noun}, or several",
            got=shorten(odd[0]),
            hint=f"Write it as text: {str(odd[0])!r}." if number else "",
        )
    return several


def check_path(path: object, noun: str) -> None:
    """Refuse what is no path, as a table given where its file is meant; raises `InputError`."""
    if not isinstance(path, str | PathLike) or not str(path):
        expected = f"the path of {noun} as text"
        raise InputError(f"not a path: {shorten(path)}", expected=expected, got=type(path).__name__)


def shorten(said: object, most: int = 60) -> str:
    """Write what somebody gave, on one line and not whole where it is long."""
    if type(said).__module__ == "numpy" and getattr(said, "ndim", 1) == 0:
        said = said.item()  # type: ignore[attr-defined]
    text = " ".join(repr(said).split())
    return text if len(text) <= most else f"{text[:most]}…"


def list_of(names: Iterable[object]) -> str:
    """Write names as a readable list: ``'a', 'b' or 'c'``."""
    quoted = [repr(str(name)) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def count_of(number: int, nouns: str) -> str:
    """Write how many there are of what stands in the plural: ``'1 row'``, ``'2,345 rows'``."""
    one = f"{nouns[:-3]}y" if nouns.endswith("ies") else nouns.removesuffix("s")
    return f"{number:,} {one if number == 1 else nouns}"


def name_some(names: Iterable[object]) -> str:
    """Write the first of many names, for what an error says there is."""
    found = [str(name) for name in names]
    return ", ".join(found[:8]) + (", …" if len(found) > 8 else "") or "no columns"
