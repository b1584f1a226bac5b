"""The one way a file is written: beside its place first, and into its place when it is whole.

Whoever looks sees the old file or the new one, never half of one; so does a machine whose power
fails, because content and folder are forced to disk.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: What a spreadsheet takes for the beginning of a formula, where it is text.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: Files that a killed writer left beside their place; nobody reads them.
LEFTOVERS = ".part-*"


@contextmanager
def replace_file(path: Path, *, parents: bool = False, lasting: bool = True) -> Iterator[Path]:
    """Give a file to write beside `path`; it takes that place when the block ends without error.

    Several processes may write one place at once: the last to finish stands there. `parents` makes
    the folders above it first. What is made again as easily as it was made need not be `lasting`:
    waiting for the disk takes longer than making it.

    Raises
    ------
    InputError
        If the folder or the file cannot be written; what stood at `path` still stands there.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> place = Path(folder.name) / "table.csv"
    >>> with replace_file(place) as part:
    ...     _ = part.write_text("hs,value\\n", encoding="utf-8")
    ...     place.exists()
    False
    >>> [path.name for path in place.parent.iterdir()]
    ['table.csv']
    >>> folder.cleanup()
    """
    # In the same folder, for a rename is one step only within a file system; and with the same
    # ending, by which writers choose their format.
    part = path.with_name(f"{LEFTOVERS[:-1]}{secrets.token_hex(4)}{path.suffix}")
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if lasting:
            force(part)
        os.replace(part, path)
        if lasting:
            force(path.parent)
    except OSError as error:
        raise InputError(
            "the file cannot be written", where=str(path), got=error.strerror or str(error)
        ) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def replace_bytes(
    path: Path, content: bytes, *, parents: bool = False, lasting: bool = True
) -> Path:
    """Write a file, whole or not at all, and return its path; raises as `replace_file`."""
    with replace_file(path, parents=parents, lasting=lasting) as part:
        part.write_bytes(content)
    return path


def replace_text(path: Path, text: str, *, lasting: bool = True) -> Path:
    """Write text as UTF-8, whole or not at all, and return its path; raises as `replace_file`.

    What is no text, as a part of a file's name in another encoding, is spelled as JSON does.
    """
    return replace_bytes(path, text.encode("utf-8", "backslashreplace"), lasting=lasting)


def refuse_foreign(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Refuse to write over a file that was not written so before: a name may be mistyped.

    Parameters
    ----------
    path : path
        Where something is to be written.
    is_ours : callable
        Whether a file that stands there is an earlier one of the same kind.

    Raises
    ------
    InputError
        If another file stands there, which is left alone.
    """
    try:
        if not path.exists() or path.stat().st_size == 0 or is_ours(path):
            return
    except (OSError, ValueError):  # what cannot be read is nobody's to replace
        pass
    raise InputError(
        "another file is there already",
        where=str(path),
        expected="a new name, or a file that this command wrote before",
        hint="Name another file, or move that one away.",
    )


def move_aside(path: Path, target: Path) -> None:
    """Move a file to another folder of the same disk, which is made if it is missing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(path, target)
    force(target.parent)
    force(path.parent)


def force(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    folder = path.is_dir()
    if folder and os.name == "nt":  # where a folder cannot be opened, nor need be
        return
    number = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(number)
    except OSError:
        if not folder:  # some file systems have no such thing for folders
            raise
    finally:
        os.close(number)


def defuse(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas: they begin with ``'``.

    A name of goods or of a file may be ``=HYPERLINK(…)``, which a spreadsheet would carry out.
    Numbers stay as they are, also those that are text, and so does a dash. What a terminal would
    carry out is spelled out; an Excel sheet could not hold it.

    Examples
    --------
    >>> import pandas as pd
    >>> defuse(pd.DataFrame({"name": ["=1+1", "-5", "-", "horses"], "value": [-1, 2, 3, 4]}))
         name  value
    0   '=1+1     -1
    1      -5      2
    2       -      3
    3  horses      4
    """
    made = frame.rename(columns=_defuse)
    for place, kind in enumerate(frame.dtypes):
        if str(kind) in ("object", "str", "string", "category"):
            made.isetitem(place, [*map(_defuse, frame.iloc[:, place])])
    return made


def _defuse(cell: Any) -> Any:
    if isinstance(cell, str) and not cell.isprintable():
        cell = _CONTROLS.sub(lambda found: repr(found[0])[1:-1], cell)
    if not isinstance(cell, str) or not cell.startswith(FORMULAS) or cell.strip() == "-":
        return cell
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return f"'{cell}"
    return cell
