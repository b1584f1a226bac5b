"""Where a store lies: a folder here, or an address such as ``s3://bucket/store``.

A store is read at the kinds of address that are named here, through fsspec; importing needs a
folder, for its lock and for putting files in their place in one step. Others that fsspec knows are
refused: a notebook of somebody else's may name an address, and some of them run commands.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError, check_path

if TYPE_CHECKING:
    import pyarrow.parquet as pq


#: Kinds of address at which a store is read; "memory" is fsspec's own, for tests.
KINDS = ("s3", "gs", "az", "abfs", "abfss", "https", "file", "memory")


def locate(data: str | Path) -> Path:
    """Return the place of a store, with the manners of a path.

    Raises
    ------
    InputError
        The address is of another kind than `KINDS`, of one that no installed package reads, or has
        a name and password in it.
    """
    check_path(data, "a store")
    if "://" not in str(data) and "::" not in str(data):
        return Path(data)
    kind, _, rest = str(data).partition("://")
    if "@" in rest.partition("/")[0]:
        raise InputError(
            "an address holds no name and password",
            where=f"{kind}://…@{rest.rpartition('@')[2]}",
            hint="Give them as the service's own settings do, as environment variables.",
        )
    if kind not in KINDS:
        raise InputError(
            "the address cannot be read",
            where=str(data),
            expected=f"one that begins with {', '.join(f'{kind}://' for kind in KINDS[:-1])}",
        )
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
        get_filesystem_class(kind)
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
