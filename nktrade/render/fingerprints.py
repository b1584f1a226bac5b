"""What a run depends on, as sha256: files, the package's own source, the machine."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from stat import S_ISREG

from nktrade._paths import DATA

PACKAGE = Path(__file__).resolve().parents[1]


#: What Python, Jupyter and nktrade itself leave in folders.
_PASSING = {"__pycache__", ".ipynb_checkpoints", ".nktrade"}
#: Ends a path that stands for where a link leads; no other path ends so.
LINK = f"{os.sep}."


class Hashes:
    """sha256 of files and folders, reading again only what changed since it was last read.

    A file is known by its size and the nanoseconds when it was last written and last changed, as
    git's index knows it: the second cannot be set by hand, as copying and unpacking set the first.

    Parameters
    ----------
    known : mapping, optional
        `remembered` of an earlier object: path → [size, written, changed, number, sha256].
    """

    def __init__(self, known: Mapping[str, list] | None = None) -> None:
        # A file of another version, or that somebody changed, may hold anything.
        told = (known or {}).items()
        self._known = {path: one for path, one in told if isinstance(one, list) and len(one) == 5}
        self.remembered: dict[str, list] = {}

    def file(self, path: str | Path) -> str:
        """Return the sha256 of a file's content, or of a folder's; empty if there is none.

        A path that ends with a separator stands for the names in a folder, without content; one
        that ends with `LINK` for where a link leads.
        """
        if str(path).endswith(LINK):
            link = str(path).removesuffix(LINK)
            return digest([os.readlink(link)]) if os.path.islink(link) else ""
        if str(path).endswith(os.sep):
            return self._names(path)
        path = os.path.abspath(path)
        if os.path.isdir(path):
            return self.folder(path)
        try:
            stat = os.stat(path)
            if not S_ISREG(stat.st_mode):  # a pipe would be waited for
                return ""
            stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
            known = self.remembered.get(path) or self._known.get(path)
            if known is None or known[:-1] != stamp:
                with open(path, "rb") as file:
                    known = [*stamp, hashlib.file_digest(file, "sha256").hexdigest()]
        except OSError:
            return ""
        self.remembered[path] = known
        return known[-1]

    def _names(self, path: str | Path) -> str:
        try:
            names = os.listdir(path)
        except OSError:
            return ""
        return digest(sorted(set(names) - _PASSING))

    def folder(self, path: str | Path, endings: tuple[str, ...] = ("",), skip: str = "") -> str:
        """Return one sha256 of the files under a folder, hidden ones left out.

        `endings` are those of the names wanted, `skip` the folders at the top to pass over.
        """
        lines, walked = [], set()
        for folder, folders, files in os.walk(path, followlinks=True):
            if os.path.realpath(folder) in walked:  # links that go in a circle
                folders.clear()
                continue
            walked.add(os.path.realpath(folder))
            passed = skip.split() if folder == str(path) else []
            folders[:] = sorted({f for f in folders if f[0] != "."} - {"__pycache__", *passed})
            for name in sorted(files):
                if name[0] != "." and name.endswith(endings):
                    whole = os.path.join(folder, name)
                    lines.append(f"{os.path.relpath(whole, path)} {self.file(whole)}")
        return digest(lines)

    def package(self) -> str:
        """Return what of nktrade decides a run's outputs: its source and its data."""
        source = self.folder(PACKAGE, (".py",), skip="site _data _notebooks")
        return digest([source, self.folder(DATA)])

    def site(self) -> str:
        """Return what of nktrade decides how a page looks."""
        return self.folder(PACKAGE / "site", (".py", ".j2", ".css", ".js", ".json"))


def digest(lines: Iterable[str]) -> str:
    """Return one sha256 of several texts."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def hash_machine() -> str:
    """Return what of this machine decides a run: Python's version, language and time zone.

    And what kernels and matplotlib read of their user's own before a notebook's first cell.
    """
    names = ["LANG", "LANGUAGE", "TZ", "PYTHONHASHSEED"]
    names += sorted(name for name in os.environ if name.startswith("LC_"))
    told, home, hashes = os.environ.get, Path.home(), Hashes()
    drawing = Path(told("XDG_CONFIG_HOME") or home / ".config", "matplotlib")
    shell = Path(told("IPYTHONDIR") or home / ".ipython")
    own = [
        hashes.file(Path(told("MPLCONFIGDIR") or drawing, "matplotlibrc")),
        hashes.folder(shell / "profile_default" / "startup", (".py", ".ipy")),
    ]
    return digest([sys.version, *(told(name, "") for name in names), *own])
