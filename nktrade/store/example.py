"""A tiny store to try things on: two downloads and a bulletin of made-up figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from nktrade.store.importing import import_files

_HEADING = "Date of data,Trading partner code,Commodity code,Commodity,US dollar"
#: Wigs of three months, the second of which is not there; of the first a later download has more.
_FILES = {
    "first.csv": ("202301,109,67042000,Wigs,100", "202301,109,67041100,Wigs of plastic,20"),
    "later.csv": ("202301,109,67042000,Wigs,150", "202303,109,67042000,Wigs,300"),
}
_BULLETIN = """"(2) Imports and Exports by Country (Region) of Origin/Destination, 3.2023"
"Unit: US$1,000"
Country (Region),Total,,Exports,,Imports,
,3,1 to 3,3,1 to 3,3,1 to 3
Total,9,30,6,20,3,10
Dem. People's Rep. of Korea,3,9,2,6,1,3
"""


@contextmanager
def example_store() -> Iterator[Path]:
    """Make a store of made-up figures in a temporary folder, gone again afterwards.

    Yields
    ------
    pathlib.Path
        The store: a download of imports of January 2023, a later one of January and March which
        revises one row and lacks another, and the bulletin of March.

    Examples
    --------
    >>> import nktrade as nk
    >>> with example_store() as store:
    ...     print(nk.load(store, flow="import")["value"].tolist())
    [150.0, 300.0]
    """
    with TemporaryDirectory() as folder:
        store = Path(folder, "store")
        for name, rows in _FILES.items():
            file = Path(folder, name)
            file.write_text("\n".join([_HEADING, *rows]) + "\n", encoding="utf-8")
            import_files(store, "gacc", [file], flow="import")
        bulletin = Path(folder, "bulletin.csv")
        bulletin.write_text(_BULLETIN, encoding="utf-8")
        import_files(store, "bulletin", [bulletin])
        yield store
