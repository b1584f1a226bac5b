"""What is read from a store is what was written: every part against the hash in the manifest.

A part is hashed when it is first opened, and again only when its size or time has changed. Large
parts whose size and time are still those of their writing are not hashed at each start: of what is
read of them Parquet's own checksum of each page is checked, as of every part. `verify` hashes all.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nktrade.errors import DamageError
from nktrade.store.address import open_part
from nktrade.store.manifest import hash_file, kind_of, part_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.parquet as pq

#: Bytes up to which a part is always hashed once a process: some thousandths of a second.
SMALL = 1 << 24

_seen: dict[str, tuple] = {}


def find_part(store: Path, entry: dict, kind: str) -> Path:
    """Return the place of a file's part, once it is found to be as it was written.

    Raises
    ------
    DamageError
        If it is missing or changed, naming the source file to import again.
    """
    part = str(part_of(entry, kind))
    state = state_of(store, entry, part)
    if state != "good":
        raise damage(store, entry, part, state)
    return store / part


def state_of(store: Path, entry: dict, part: str, again: bool = False) -> str:
    """Say of a part whether it is "good", "changed" or "missing"; `again` hashes whatever is."""
    path = store / part
    try:
        about = path.stat()
        stamp = [about.st_size, getattr(about, "st_mtime_ns", None)]
        if "://" in str(path):  # far away: size and page checksums, for a hash would fetch it all
            written = entry.get("stamps", {}).get(part, stamp)
            return "good" if written[0] == stamp[0] else "changed"
        mark = (*stamp, about.st_ino, entry["parts"][part])
        known = _seen.get(str(path.absolute())) == mark
        known |= about.st_size > SMALL and entry.get("stamps", {}).get(part) == stamp
        if again or not known:
            if hash_file(path) != entry["parts"][part]:
                return "changed"
            _seen[str(path.absolute())] = mark
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return "missing"
    except OSError as error:
        return f"unreadable: {error.strerror or type(error).__name__}"
    return "good"


def take_down(path: Path) -> tuple[str, list[int]]:
    """Return hash, and size and time, of a part just written, and remember it as good."""
    about, sha256 = path.stat(), hash_file(path)
    stamp = [about.st_size, about.st_mtime_ns]
    _seen[str(path.absolute())] = (*stamp, about.st_ino, sha256)
    return sha256, stamp


def damage(store: Path, entry: dict, part: str, state: str) -> DamageError:
    """Word the refusal of a part that is not as it was written."""
    return DamageError(
        f"a part of the store is {'missing' if state == 'missing' else 'damaged'}",
        where=str(store / part),
        expected=f"the {kind_of(part)} of {entry['name']} as they were written",
        got=f"a part that is {state}",
        hint=f"Import {entry['name']} again into this store (sha256 {entry['sha256'][:16]}), or "
        "put the part back from a backup.",
    )


@contextlib.contextmanager
def opened(store: Path, entry: dict, kind: str, texts: list[str]) -> Iterator[pq.ParquetFile]:
    """Open a part that is as it was written; what its pages' checksums refuse is damage too.

    Raises
    ------
    DamageError
        As `find_part`; and for a page that is not as it was written.
    """
    import pyarrow as pa

    path = find_part(store, entry, kind)
    try:
        with open_part(path, texts) as file:
            yield file
    except (pa.ArrowException, OSError):
        raise damage(store, entry, str(part_of(entry, kind)), "changed") from None


def read_frame(store: Path, entry: dict, kind: str) -> pd.DataFrame:
    """Read a small part whole: names, totals or rows gone; raises as `opened`."""
    with opened(store, entry, kind, []) as file:
        return file.read().to_pandas()
