"""Exercises, and a check that accepts every right way and answers a wrong one with a hint."""

from __future__ import annotations

import math
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
    return Mark(False, f"Not yet. {one.hint}")


def _find_exercise(key: str) -> Exercise:
    """Return an exercise; the collection's are only looked at if no lesson has it."""
    import nktrade.teach.exercises  # noqa: F401  registers them

    exercises = _EXERCISES if key in _EXERCISES else load_exercises()
    check_choice("exercise", key, exercises)
    return exercises[key]()


def _same(answer: Any, wanted: Any, within: float) -> bool:
    if isinstance(wanted, bool | np.bool_):
        return _read_truth(answer) is bool(wanted)
    if isinstance(wanted, Real):
        number = _read_number(answer)
        if number is None or isinstance(answer, bool):
            return False
        return math.isclose(number, float(wanted), rel_tol=within, abs_tol=within * 1e-6)
    if isinstance(wanted, str):
        return _read_text(answer) == wanted.casefold()
    if isinstance(wanted, Set):
        return _read_set(answer) == {str(one).casefold() for one in wanted}
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


def _read_number(answer: Any) -> float | None:
    answer = _lone(answer)
    if isinstance(answer, str):
        answer = answer.replace(",", "").replace("%", "").strip()
    try:
        number = float(answer)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _read_text(answer: Any) -> str:
    answer = _lone(answer)
    if isinstance(answer, pd.Timestamp | pd.Period | np.datetime64):
        return f"{pd.Timestamp(str(answer)):%Y-%m}"
    return str(answer).strip().casefold()


def _read_truth(answer: Any) -> bool | None:
    answer = _lone(answer)
    if isinstance(answer, str):
        return {"yes": True, "true": True, "no": False, "false": False}.get(answer.casefold())
    return bool(answer) if isinstance(answer, bool | np.bool_) else None


def _read_set(answer: Any) -> set[str]:
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if isinstance(answer, pd.DataFrame):
        answer = answer.to_numpy().ravel()
    try:
        return {_read_text(one) for one in answer}
    except TypeError:
        return {_read_text(answer)}


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
