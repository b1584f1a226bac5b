"""Every public function shows how it is called: its docstring has an example, which runs."""

import inspect
from doctest import DocTestParser
from importlib import import_module
from pkgutil import iter_modules

import pytest

import nktrade

ROOMS = ["nktrade", *(f"nktrade.{found.name}" for found in iter_modules(nktrade.__path__))]
PUBLIC = [room for room in ROOMS if hasattr(import_module(room), "__all__")]


def shows_a_result(docstring):
    """Say whether a docstring has a call with what comes of it."""
    return any(example.want for example in DocTestParser().get_examples(docstring or ""))


def find_without_example(room):
    """Return the public functions and classes of a room whose docstrings show no result."""
    module = import_module(room)
    things = {name: getattr(module, name) for name in module.__all__}
    callables = {
        name: thing
        for name, thing in things.items()
        if inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, Warning))
    }
    return sorted(name for name, thing in callables.items() if not shows_a_result(thing.__doc__))


@pytest.mark.parametrize("room", PUBLIC)
def test_every_public_function_has_an_example(room):
    assert find_without_example(room) == []


def test_an_example_without_a_result_is_none():
    assert not shows_a_result("Add.\n\n>>> 1 + 1")
    assert shows_a_result("Add.\n\n>>> 1 + 1\n2")
