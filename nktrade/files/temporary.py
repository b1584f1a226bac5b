"""Folders for a moment: named by the process that made them, so that a killed one's can be told.

They are removed by whoever made them. What a killed process left is removed by the next that needs
such a folder, an hour later at the earliest.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from nktrade.errors import InputError

_NAME = re.compile(r"nktrade-([0-9]+)-[a-z0-9_]+")
_OLD = 3600.0


def make_folder(place: str | None = None) -> Path:
    """Make a folder in `place`, or in the system's for such; its maker removes it.

    Raises
    ------
    InputError
        If there is no place for one.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"nktrade-{os.getpid()}-", dir=place))
    except OSError as error:
        raise InputError(
            "no temporary folder can be written",
            got=(error.strerror or str(error)).partition(" in [")[0],
            hint="Make room, or name another with the variable TMPDIR.",
        ) from None
    _sweep_once(folder.parent)
    return folder


@contextmanager
def lend_folder(place: str | None = None) -> Iterator[Path]:
    """Make such a folder, and remove it with what is in it when it has served."""
    folder = make_folder(place)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _sweep_once(place: Path) -> None:
    sweep_folders(place)


def sweep_folders(place: Path) -> list[Path]:
    """Remove the folders of processes of this user's that are no more, and return them."""
    import psutil

    gone = []
    for path in place.glob("nktrade-*"):
        found = _NAME.fullmatch(path.name)
        try:
            about = path.lstat()
        except OSError:
            continue
        if found is None or not path.is_dir() or path.is_symlink():
            continue
        ours = not hasattr(os, "getuid") or about.st_uid == os.getuid()
        old = time.time() - about.st_mtime > _OLD
        if ours and old and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)
            gone.append(path)
    return gone
