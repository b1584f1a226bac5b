"""The files that were named, and those in folders and archives: taken, or set aside with a line.

A folder of downloads has more in it than downloads: halves that a browser has not finished, notes
of the system, code lists, links. What is no data of the source is set aside and named in one
warning; what was named outright is taken, or refused with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from nktrade.errors import InputError
from nktrade.files.temporary import make_folder
from nktrade.sources import Source
from nktrade.sources.archives import list_members
from nktrade.sources.containers import find_kind

#: How many archives may stand in one another.
_DEEPEST = 3
#: Endings of what a browser or a tool has not finished, or keeps for itself.
UNFINISHED_WORD = "a download that is not finished"
UNFINISHED = (
    ".crdownload", ".part", ".partial", ".download", ".opdownload", ".tmp", ".!ut", ".!qb", ".td",
    ".xltd", ".downloading", ".bc!", ".filepart", ".fdmdownload", ".crswap", ".aria2",
)  # fmt: skip
#: What a program keeps beside a file as long as it is not finished.
_BESIDE = ".aria2"


#: Names of notes, which some sources would take for tables by their ending.
_NOTE = re.compile(
    r"(read[ _-]?me|licen[cs]e|changelog|notice)([ ._-].*)?|.*(说明书?|须知|읽어보세요)\.txt",
    re.IGNORECASE,
)


class SetAsideWarning(UserWarning):
    """Files of a folder or archive were not taken."""


@contextmanager
def gathered(files: Sequence[str | Path], source: Source) -> Iterator[list[Path]]:
    """Give the files to import, in order of name; those of archives are there while this is open.

    Parameters
    ----------
    files : sequence of paths
        A folder stands for the files under it, links followed, and an archive for those in it,
        that have one of the source's endings.
    source : Source

    Raises
    ------
    InputError
        For a file that was named and cannot be taken, or a folder without a file of the source.

    Warns
    -----
    SetAsideWarning
        For what else is in folders and archives.
    """
    place = make_folder()
    try:
        gatherer = _Gatherer(source, place)
        for path in map(Path, files):
            gatherer.take(path)
        if not files:
            raise InputError("no file was named", hint="Name the files to import.")
        if gatherer.aside:
            shown = "; ".join(f"{name} ({why})" for name, why in gatherer.aside[:8])
            more = f"; and {len(gatherer.aside) - 8} more" if len(gatherer.aside) > 8 else ""
            warnings.warn(f"set aside: {shown}{more}", SetAsideWarning, stacklevel=4)
        yield gatherer.taken
    finally:
        shutil.rmtree(place, ignore_errors=True)


class _Gatherer:
    """Walks what was named, and remembers what was taken and what was set aside."""

    def __init__(self, source: Source, place: Path) -> None:
        self.source, self.place = source, place
        self.taken: list[Path] = []
        self.aside: list[tuple[str, str]] = []
        self._seen: set[Path] = set()
        self._made = 0

    def take(self, path: Path) -> None:
        """Take what was named: a file, a folder or an archive."""
        if path.is_dir():
            before = len(self.taken)
            self._walk(path, path)
            if len(self.taken) == before:
                self._refuse_empty(path)
            return
        if path.exists() and not path.is_file():  # a pipe or a device has no end
            raise InputError(
                "this is no file", where=path.name, expected="a file or a folder of files"
            )
        why = self._why_aside(path)
        if why:
            hint = "Wait until it is whole, and name that file." if why == UNFINISHED_WORD else ""
            raise InputError(f"not a file to import: {why}", where=path.name, hint=hint)
        if find_kind(path) == "zip":  # also says what is wrong with what is not there
            self._unpack(path, named=True)
        else:
            self.taken.append(self._readable(path))

    def _why_aside(self, path: Path) -> str:
        beside = path.with_name(path.name + _BESIDE)
        return UNFINISHED_WORD if beside.exists() else why_aside(path.name, self.source)

    def _walk(self, folder: Path, root: Path) -> None:
        real = folder.resolve()
        if real in self._seen:  # a link back to where it came from
            self.aside.append((str(folder.relative_to(root)), "a link to a folder already read"))
            return
        self._seen.add(real)
        for path in sorted(folder.iterdir()):
            shown = str(path.relative_to(root))
            if path.is_dir():
                if why := why_aside(path.name, self.source):
                    self.aside.append((shown, why))
                else:
                    self._walk(path, root)
            else:
                self._sort(path, shown)

    def _sort(self, path: Path, shown: str) -> None:
        """Take a file of a folder, or set it aside."""
        why = self._why_aside(path)
        if not why and path.is_symlink() and not path.exists():
            why = "a link to a file that is not there"
        if not why and not path.is_file():
            why = "not a file"
        if not why and path.suffix.lower() == ".zip":
            self._unpack(path, named=False)
            return
        why = why or self._why_no_table(path.name)
        if not why and path.resolve() in self._seen:
            why = "a link to a file already taken"
        if why:
            self.aside.append((_spell(shown), why))
            return
        self._seen.add(path.resolve())
        self.taken.append(self._readable(path))

    def _why_no_table(self, name: str, archive: bool = False) -> str:
        """Return why a file is no table by its name; an archive may end as it does."""
        if not archive and Path(name).suffix.lower() not in self.source.endings:
            return "not a table of this source by its ending"
        return "a note that goes with the data" if _NOTE.fullmatch(name) else ""

    def _unpack(self, path: Path, named: bool, depth: int = 1) -> None:
        """Take the files of an archive, and of those in it."""
        try:
            archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(
                "a zip archive that is damaged",
                where=path.name,
                got=str(error)[:80],
                hint="Download it again, or unpack it and import what is in it.",
            ) from None
        before = len(self.taken)
        with archive:
            members = list_members(archive)
            for member, name in sorted(members.items(), key=lambda pair: pair[1]):
                last = name.rpartition("/")[2]
                why = why_aside(last, self.source)
                inner = Path(last).suffix.lower() == ".zip"
                if not why and inner and depth == _DEEPEST:
                    why = "an archive within archives"
                why = why or self._why_no_table(last, archive=inner)
                if why:
                    self.aside.append((f"{path.name}/{name}", why))
                    continue
                self._made += 1
                target = self.place / str(self._made) / _spell(path.name) / name
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    with archive.open(member) as inside, target.open("wb") as file:
                        shutil.copyfileobj(inside, file, 1 << 20)
                except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
                    raise InputError(
                        "a file of the archive is damaged",
                        where=f"{path.name}, {name}",
                        got=str(error)[:80],
                        hint="Download the archive again.",
                    ) from None
                if inner:
                    self._unpack(target, named=False, depth=depth + 1)
                else:
                    self.taken.append(target)
        if named and len(self.taken) == before:
            self._refuse_empty(path)

    def _readable(self, path: Path) -> Path:
        """Return a path under a name that can be written: some disks keep names in GBK."""
        name = _spell(path.name)
        if name == path.name:
            return path
        self._made += 1
        target = self.place / str(self._made) / name
        target.parent.mkdir(parents=True)
        shutil.copyfile(path, target)
        return target

    def _refuse_empty(self, path: Path) -> None:
        kinds = " or ".join(ending.strip(".").upper() for ending in self.source.endings)
        shown = "; ".join(f"{name} ({why})" for name, why in self.aside[:6])
        what = "folder" if path.is_dir() else "archive"
        raise InputError(
            f"the {what} has no {kinds} file",
            where=str(path),
            got=shown or "nothing",
            hint="Name the files themselves." if shown else "",
        )


def why_aside(name: str, source: Source) -> str:
    """Say why a file or folder of that name is no data; empty if it may be.

    Examples
    --------
    >>> from nktrade.sources import find_source
    >>> why_aside("a.csv.crdownload", find_source("gacc"))
    'a download that is not finished'
    >>> why_aside("a.csv", find_source("gacc"))
    ''
    """
    if name.lower().endswith(UNFINISHED):
        return UNFINISHED_WORD
    if name.startswith(("~$", ".~")):
        return "a lock of an office program"
    if name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini"):
        return "hidden, of the system or a program"
    if source.aside and re.fullmatch(source.aside, name, re.IGNORECASE):
        return "a list that goes with the data"
    return ""


def _spell(name: str) -> str:
    """Return a name whose bytes are no UTF-8 as GBK has it."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="replace")
    return name


def flow_of(path: Path, flow: str | Mapping[str, str] | None) -> str | None:
    """Return the flow of a file: the one named for all, or the one whose pattern it fits.

    A pattern is tried on the name, then on the name with its folder, and so on: of
    ``import/*`` and ``export/*`` the nearest folder decides. Capitals do not matter.

    Examples
    --------
    >>> flow_of(Path("import/export/2023.csv"), {"import": "import/*", "export": "export/*"})
    'export'
    """
    if not isinstance(flow, Mapping):
        return flow
    parts = path.parts
    fits: list[str] = []
    for start in range(len(parts) - 1, -1, -1):
        tail = "/".join(parts[start:])
        fits = [
            name for name, pattern in flow.items() if fnmatch(tail.casefold(), pattern.casefold())
        ]
        if fits:
            break
    if len(fits) == 1:
        return fits[0]
    patterns = ", ".join(f"{name}={pattern}" for name, pattern in flow.items())
    raise InputError(
        f"the file's name fits {'no' if not fits else 'more than one'} flow",
        where=path.name,
        expected=f"one of the patterns {patterns}",
        hint="Import this file by itself and name its flow.",
    )
