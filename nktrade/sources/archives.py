"""What is in a zip archive or a gzip file, within what a table can be."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from nktrade.errors import InputError, count_of

#: More than an archive of tables can hold: text packs to a fiftieth, not to a thousandth.
MOST_BYTES, MOST_PACKED, FREE = 1 << 36, 100, 1 << 24


def unpack(path: Path, kind: str, target: Path) -> None:
    """Write what is in a gzip file, or the one table of a zip archive, to another file.

    Raises
    ------
    InputError
        If it is damaged or locked, holds several files, or more than a table can be.
    """
    try:
        with (
            path.open("rb") as packed,
            _open(packed, path, kind) as inside,
            target.open("wb") as file,
        ):
            _copy(inside, file, packed, path.name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise InputError(
            f"a {kind} file that is damaged or locked"
            if kind == "gzip"
            else "a zip archive that is damaged or locked",
            where=path.name,
            got=str(error)[:80],
            hint="Get the whole file again, or unpack it and import what is in it.",
        ) from None


def _open(packed: BinaryIO, path: Path, kind: str) -> Any:
    if kind == "gzip":
        return gzip.open(packed)
    archive = zipfile.ZipFile(packed)
    members = list_members(archive)
    if len(members) != 1:
        shown = ", ".join(sorted(members.values())[:6])
        raise InputError(
            f"a zip archive of {count_of(len(members), 'files')}",
            where=path.name,
            expected="one table",
            got=shown or "nothing",
            hint="Unpack it, or import it into a store, which takes each of its files.",
        )
    return archive.open(next(iter(members)))


def _copy(inside: BinaryIO, file: BinaryIO, packed: BinaryIO, name: str) -> None:
    written = 0
    while piece := inside.read(1 << 20):
        written += file.write(piece)
        # By what was read so far: a file that stands for too much shows it from its first bytes.
        if written > max(FREE, min(MOST_BYTES, MOST_PACKED * packed.tell())):
            raise InputError(
                "the file would unpack to more than a table can be",
                where=name,
                expected=f"at most {MOST_PACKED} times its size",
                hint="Unpack it by hand if you trust it, and import what is in it.",
            )


def list_members(archive: zipfile.ZipFile) -> dict[zipfile.ZipInfo, str]:
    """Return the files of a zip archive and their names, without what systems leave in it.

    Raises
    ------
    InputError
        If it is locked by a password, or would unpack to more than tables can be.
    """
    found: dict[zipfile.ZipInfo, str] = {}
    for member in archive.infolist():
        parts = [part for part in PurePosixPath(_readable(member)).parts if part not in ("/", "..")]
        if not parts or member.is_dir() or "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        packed = max(member.compress_size, 1)
        if member.file_size > MOST_BYTES or member.file_size > max(MOST_PACKED * packed, FREE):
            raise InputError(
                "the archive would unpack to more than a table can be",
                where=Path(str(archive.filename)).name,
                got=f"{member.file_size:,} bytes from {packed:,}",
            )
        if member.flag_bits & 1:
            raise InputError(
                "the archive is locked by a password", where=Path(str(archive.filename)).name
            )
        found[member] = "/".join(parts)
    return found


def _readable(member: zipfile.ZipInfo) -> str:
    """Return a member's name; archives made in China have it in GBK and do not say so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename
