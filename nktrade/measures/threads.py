"""Numerical libraries keep to one thread where more of them only wait for each other.

A state-space model multiplies matrices of a dozen rows a hundred thousand times. BLAS would give
each product to every processor, and they would spend five times as long on meeting as on counting:
the outlook's page took 88 s instead of 18 on two busy processors, a gravity equation with its
bootstrap 60 s instead of one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Told = TypeVar("Told")


def keep_to_one_thread(function: Callable[Given, Told]) -> Callable[Given, Told]:
    """Return a function that runs with one BLAS thread; afterwards all is as it was."""

    @wraps(function)
    def limited(*arguments: Given.args, **named: Given.kwargs) -> Told:
        import scipy.linalg  # noqa: F401  only a library that is loaded can be told

        try:
            from threadpoolctl import threadpool_limits
        except ImportError:  # in a browser, where there is one thread
            return function(*arguments, **named)
        with threadpool_limits(1, user_api="blas"):
            return function(*arguments, **named)

    return limited
