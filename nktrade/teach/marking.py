"""Exercises, and a check that accepts every right way and answers a wrong one with a hint."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import ChainMap
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from html import escape
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from nktrade.errors import check_choice


@dataclass(frozen=True)
class Exercise:
    """One task, its right answer and the mistakes that people make.

    Attributes
    ----------
    right : Any
        A number, a text, a truth value, a set of codes, or numbers by name (a Series).
    mistakes : tuple of (Any, str)
        Wrong answers that tell how they came about, and the hint that each deserves.
    hint : str
        For every other wrong answer.
    within : float
        How far a number may be off, relative to the right one: people round.
    """

    right: Any
    mistakes: tuple[tuple[Any, str], ...]
    hint: str
    within: float = 0.005


@dataclass(frozen=True)
class Mark:
    """What an answer is told; true if it is right, so that ``assert check(...)`` marks a class."""

    right: bool
    text: str

    def __bool__(self) -> bool:
        return self.right

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        kind = "right" if self.right else "wrong"
        html = f'<p class="mark {kind}">{escape(self.text)}</p>'
        return {"text/plain": self.text, "text/html": html}


#: How far a number may be off that is rounded to the digits it shows, relative to the right one.
_ROUNDED = 0.01
#: Powers of ten by which people miss a unit: thousands, millions, percent.
_UNITS = (-9, -6, -4, -3, -2, 2, 3, 4, 6, 9)
_SIZES = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6}
_SIZES |= {"millions": 1e6, "bn": 1e9, "billion": 1e9, "billions": 1e9}
_NUMBER = re.compile(
    r"\s*+(?:usd|us\$|\$|¥|cny)?\s*+([+-]?\d[\d,\s]*+(?:\.\d*)?(?:e[+-]?\d+)?)\s*+"
    rf"({'|'.join(sorted(filter(None, _SIZES), key=len, reverse=True))})?"
    r"\s*+(?:%|percent|points?|usd|dollars?|tons?|cny)?\s*+"
)
_SMALL = {"the", "a", "an", "hs", "of"}

_EXERCISES: dict[str, Callable[[], Exercise]] = {}


def exercise(key: str) -> Callable[[Callable[[], Exercise]], Callable[[], Exercise]]:
    """Register a function that makes the exercise `key`; it is made when first asked for."""

    def register(make: Callable[[], Exercise]) -> Callable[[], Exercise]:
        _EXERCISES[key] = cache(make)
        return _EXERCISES[key]

    return register


def load_exercises() -> Mapping[str, Callable[[], Exercise]]:
    """Return every exercise by its key, as ``"mirror.october"``."""
    import nktrade.teach.exercises  # noqa: F401  registers them
    from nktrade.teach.collection import load_questions

    asked = [one for questions in load_questions().values() for one in questions]
    return ChainMap(_EXERCISES, {one.key: one.make_exercise for one in asked})


def check(key: str, answer: Any) -> Mark:
    """Say whether an answer is right; if it is not, what to think of next.

    Parameters
    ----------
    key : str
        The exercise, as ``"mirror.october"``.
    answer : Any
        A number of any kind, a text, a truth value, any collection of codes, or a Series. What it
        is, not how it is written, counts: 1900, ``"1,900"``, a Series of one value are the same
        number; a list, a set and an index of codes the same set.

    Raises
    ------
    InputError
        If there is no such exercise.

    Examples
    --------
    >>> print(check("codes.bricks", "6902"))
    Right.
    >>> print(check("codes.bricks", 69))
    Not yet. That is the chapter, all of ceramics: which heading is it?
    """
    one = _find_exercise(key)
    if answer is None or answer is Ellipsis:
        return Mark(False, "Nothing is answered yet.")
    if _same(answer, one.right, one.within):
        return Mark(True, "Right.")
    for wrong, hint in one.mistakes:
        if _same(answer, wrong, one.within):
            return Mark(False, f"Not yet. {hint}")
    if _is_rounded(answer, one.right):
        return Mark(True, "Right.")
    for wrong, hint in one.mistakes:
        if _is_rounded(answer, wrong):
            return Mark(False, f"Not yet. {hint}")
    return Mark(False, f"Not yet. {_tell_apart(answer, one.right, one.within) or one.hint}")


def _find_exercise(key: str) -> Exercise:
    """Return an exercise; the collection's are only looked at if no lesson has it."""
    import nktrade.teach.exercises  # noqa: F401  registers them

    exercises = _EXERCISES if key in _EXERCISES else load_exercises()
    check_choice("exercise", key, exercises)
    return exercises[key]()


def _is_rounded(answer: Any, wanted: Any) -> bool:
    """Say whether an answer is the right number, rounded to the digits it shows."""
    if not _is_number(wanted):
        return False
    text = f"{answer:g}" if isinstance(answer, Real) else str(_lone(answer))
    digits = len(text.partition(".")[2].rstrip("% "))
    rounded = round(float(wanted), digits)
    near = math.isclose(rounded, float(wanted), rel_tol=_ROUNDED)
    return near and rounded in _read_numbers(answer)


def _tell_apart(answer: Any, wanted: Any, within: float) -> str:
    """Return a hint for what goes wrong with any number or set of codes; empty where none does."""
    if isinstance(wanted, Set):
        given, right = _read_set(answer), _read_set(list(wanted))
        if given and given < right:
            return "Right as far as it goes: something is missing."
        return "All that is right is there, and something too much." if given > right else ""
    if not _is_number(wanted):
        return ""
    if isinstance(answer, pd.DataFrame | pd.Series | np.ndarray | list | tuple):
        return "" if _read_numbers(answer) else "That is several values: the answer is one number."
    for number in _read_numbers(answer):
        if _same(-number, wanted, within):
            return "The size is right: mind the sign."
        if any(_same(number * 10.0**power, wanted, within) for power in _UNITS):
            return "The digits are right: mind the unit."
    return ""


def _is_number(wanted: Any) -> bool:
    return isinstance(wanted, Real) and not isinstance(wanted, bool | np.bool_) and wanted != 0


def _same(answer: Any, wanted: Any, within: float) -> bool:
    if isinstance(wanted, bool | np.bool_):
        return _read_truth(answer) is bool(wanted)
    if isinstance(wanted, Real):
        near = {"rel_tol": within, "abs_tol": within * 1e-6}
        return any(math.isclose(one, float(wanted), **near) for one in _read_numbers(answer))
    if isinstance(wanted, str):
        return _read_words(answer) == _read_words(wanted)
    if isinstance(wanted, Set):
        return _read_set(answer) == _read_set(list(wanted))
    if isinstance(wanted, pd.Series):
        return _read_series(answer, wanted, within)
    raise TypeError(f"no rule compares answers with {type(wanted).__name__}")


def _lone(answer: Any) -> Any:
    """Take a value out of a table, a column, a list or an array that holds nothing else."""
    if isinstance(answer, pd.DataFrame | pd.Series | pd.Index | np.ndarray):
        flat = np.asarray(answer).ravel()
        return flat[0] if flat.size == 1 else answer
    if isinstance(answer, list | tuple | set | frozenset) and len(answer) == 1:
        return _lone(next(iter(answer)))
    return answer


def _read_numbers(answer: Any) -> tuple[float, ...]:
    """Return the number that an answer says, and where it names a size that times its size."""
    answer = _lone(answer)
    if isinstance(answer, bool | np.bool_):
        return ()
    scale = 1.0
    if isinstance(answer, str):
        text = unicodedata.normalize("NFKC", answer).replace("\u2212", "-")
        found = _NUMBER.fullmatch(text.casefold())
        if found is None:
            return ()
        answer, scale = re.sub(r"[,\s]", "", found[1]), _SIZES[found[2] or ""]
    try:
        number = float(answer)
    except (TypeError, ValueError):
        return ()
    return tuple({number, number * scale}) if math.isfinite(number) else ()


def _read_words(answer: Any) -> list[str]:
    """Return an answer's words in any order, codes without dots, without marks and articles."""
    if isinstance(answer, list | tuple) and len(answer) > 1:
        answer = " ".join(_read_text(one) for one in answer)
    text = re.sub(r"(?<=\d)\.(?=\d)", "", _read_text(answer))
    words = re.findall(r"[^\s,;/.!]+", re.sub(r"\bhs(?=\d)", "", text))
    return sorted(word for word in words if word not in _SMALL)


def _read_text(answer: Any) -> str:
    answer = _lone(answer)
    if isinstance(answer, pd.Timestamp | pd.Period | np.datetime64):
        return f"{pd.Timestamp(str(answer)):%Y-%m}"
    if isinstance(answer, float) and answer.is_integer():
        return str(int(answer))
    return str(answer).strip().casefold()


def _read_truth(answer: Any) -> bool | None:
    answer = _lone(answer)
    if isinstance(answer, str):
        said = re.match(r"\s*(yes|true|y|no|false|n)\s*(?:[,.!;]|$)", answer.casefold())
        return said[1][0] in "yt" if said else None
    if isinstance(answer, Real) and answer in (0, 1):
        return bool(answer)
    return bool(answer) if isinstance(answer, np.bool_) else None


def _read_set(answer: Any) -> set[str]:
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if isinstance(answer, pd.DataFrame):
        answer = answer.to_numpy().ravel()
    try:
        found = [_read_words(one) for one in answer]
    except TypeError:
        found = [_read_words(answer)]
    return {" ".join(words) for words in found if words}


def _read_series(answer: Any, wanted: pd.Series, within: float) -> bool:
    """Whether the same names have the same numbers; their order and the column's name are free."""
    if isinstance(answer, pd.DataFrame) and len(answer.columns) == 1:
        answer = answer.iloc[:, 0]
    if isinstance(answer, Mapping):
        answer = pd.Series(dict(answer))
    if not isinstance(answer, pd.Series) or len(answer) != len(wanted):
        return False
    given = {_read_text(name): value for name, value in answer.items()}
    return all(
        _read_text(name) in given and _same(given[_read_text(name)], float(value), within)
        for name, value in wanted.items()
    )
