"""Names of a package that are loaded when they are first used (PEP 562), with no library for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from nktrade._blame import explain


def attach(
    package: str, names: Mapping[str, Sequence[str]], modules: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return a package's ``__getattr__``, ``__dir__`` and ``__all__``.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    names : dict
        By module of the package, the names that it gives.
    modules : dict, optional
        Modules that are names themselves, by what they are called.

    Examples
    --------
    >>> get, names, _ = attach("nktrade.codes", {"hs": ["level"]})
    >>> get("level")("6704"), names()
    (4, ['level'])
    """
    home = {name: module for module, some in names.items() for name in some}
    inside = dict(modules or {})
    handed: dict[str, Any] = {}

    def get(name: str) -> Any:
        if name in handed:
            return handed[name]
        if name in home:
            value = getattr(import_module(f"{package}.{home[name]}"), name)
            return handed.setdefault(name, explain(value, package))
        if name in inside:
            return import_module(f"{package}.{inside[name]}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    everything = sorted([*home, *inside])
    return get, lambda: list(everything), everything
