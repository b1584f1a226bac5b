"""Every public function shows how it is called: its docstring has an example, which runs."""

import inspect
from importlib import import_module

import pytest

ROOMS = (
    "nktrade",
    "nktrade.charts",
    "nktrade.codes",
    "nktrade.lab",
    "nktrade.measures",
    "nktrade.published",
    "nktrade.sources",
    "nktrade.store",
    "nktrade.teach",
)


def find_without_example(room):
    """Return the public functions and classes of a room whose docstrings show no call."""
    module = import_module(room)
    public = {name: getattr(module, name) for name in module.__all__}
    return sorted(
        name
        for name, thing in public.items()
        if (
            inspect.isfunction(thing) or (inspect.isclass(thing) and not issubclass(thing, Warning))
        )
        and ">>> " not in (thing.__doc__ or "")
    )


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_function_has_an_example(room):
    assert find_without_example(room) == []
