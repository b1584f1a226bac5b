"""Where a store lies: a folder here, or an address such as ``s3://bucket/store``.

A store is read at any address that fsspec knows; importing needs a folder, for its lock and for
putting files in their place in one step.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError

if TYPE_CHECKING:
    import pyarrow.parquet as pq


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


def open_part(path: Path, texts: list[str]) -> pq.ParquetFile:
    """Open a part of a store, wherever it lies, to read `texts` as words once and their places."""
    import pyarrow.parquet as pq

    if "://" not in str(path):
        return pq.ParquetFile(path, read_dictionary=texts, page_checksum_verification=True)
    place: Any = path  # far away: neighbouring columns are fetched together
    return pq.ParquetFile(
        place.path,
        filesystem=place.fs,
        read_dictionary=texts,
        pre_buffer=True,
        page_checksum_verification=True,
    )
