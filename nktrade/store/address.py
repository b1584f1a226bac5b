"""Where a store lies: a folder here, or an address such as ``s3://bucket/store``.

A store is read at any address that fsspec knows; importing needs a folder, for its lock and for
putting files in their place in one step.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError

if TYPE_CHECKING:
    import pyarrow.dataset as pads


def locate(data: str | Path) -> Path:
    """Return the place of a store, with the manners of a path.

    Raises
    ------
    InputError
        The address is of a kind that no installed package reads.
    """
    if "://" not in str(data):
        return Path(data)
    try:
        from fsspec import get_filesystem_class
        from upath import UPath
    except ImportError:
        raise InputError(
            "a store at an address needs the package universal-pathlib",
            where=str(data),
            hint="Install it with: pip install 'nktrade[cluster]'.",
        ) from None
    try:
        get_filesystem_class(str(data).partition("://")[0])
    except (ImportError, ValueError) as error:
        raise InputError("the address cannot be read", where=str(data), got=str(error)) from None
    place: Any = UPath(str(data))
    return place


def open_part(path: Path, schema: Any) -> pads.Dataset:
    """Open a part of a store, wherever it lies."""
    import pyarrow.dataset as pads

    if "://" not in str(path):
        return pads.dataset(path, schema=schema)
    place: Any = path
    return pads.dataset(place.path, schema=schema, filesystem=place.fs)
