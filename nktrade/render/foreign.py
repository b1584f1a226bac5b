"""What is done to other libraries from outside their public face: all of it stands here.

Each with its reason, the version up to which it is done, and in ``tests/render/test_foreign.py`` a
test that fails once the reason is gone. Another module that tried is found by
``tests/test_rooms.py``.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace
from typing import Any

#: The first version of a package for which a step is left undone, for nobody has looked at it.
BOUNDS = {"jsonschema": 5, "pandas": 4}


def is_known(package: str) -> bool:
    """Say whether the installed version of a package is one for which its step was written."""
    try:
        return int(version(package).partition(".")[0]) < BOUNDS[package]
    except (PackageNotFoundError, ValueError):
        return False


def keep_out_address_grammar() -> None:
    """Let jsonschema, which nbformat imports, not find the module of international addresses.

    It compiles a grammar as soon as it finds it: a second and a half for every start. Notebooks
    hold no such address to check.
    """
    if is_known("jsonschema"):
        sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def import_pandas_as_in_a_kernel() -> None:
    """Import pandas so that it sets its display for a notebook: it looks for a kernel once.

    It asks IPython's ``get_ipython``, which only a kernel has among its built-in names.
    """
    if is_known("pandas"):
        builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    try:
        importlib.import_module("pandas")
    except ImportError:
        pass
    finally:
        vars(builtins).pop("get_ipython", None)


def tell_of_links(tell: Callable[[Any], None]) -> None:
    """Call `tell` with each path of which it is asked where it leads as a link.

    Python's audit has an event for files and folders and none for links, whose targets' names a
    notebook may show. Whoever resolves a path in Python asks ``os.readlink``.
    """
    follow = os.readlink

    @functools.wraps(follow)
    def follow_and_tell(path: Any, *, dir_fd: int | None = None) -> Any:
        leads = follow(path, dir_fd=dir_fd)
        if dir_fd is None:
            tell(path)
        return leads

    os.readlink = follow_and_tell
    if follow in os.supports_dir_fd:
        os.supports_dir_fd.add(follow_and_tell)
