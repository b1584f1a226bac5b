"""What a site owns of its folder: the files that renders wrote there, as they wrote them.

The hidden folder ``.nktrade`` marks a folder as a site. Its ``files.jsonl`` names every file that
a render wrote with the sha256 that it wrote; nothing else in the folder is ever replaced or
removed, and neither is one of these once somebody has changed it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from nktrade.errors import InputError
from nktrade.files.parsing import load_json
from nktrade.files.writing import replace_text
from nktrade.render.fingerprints import Hashes
from nktrade.render.privacy import unfold_home

FOLDER = ".nktrade"
OWNER = "collection.json"
#: What stands in every page that a render writes.
PAGE_SIGN = b'<meta name="generator" content="nktrade'
_OTHER = "Name another folder with --out."


def prepare_folder(out: Path) -> None:
    """Make the site's folder, mark it, and see that it can be written.

    Raises
    ------
    InputError
        It cannot be written, or it holds files and no site.
    """
    try:
        held = {path.name for path in out.iterdir()} if out.is_dir() else set()
        # One that was left off as it was marked holds nothing of anybody's.
        if held - {FOLDER} and not (out / FOLDER / "files.jsonl").is_file():
            raise InputError(
                "the output folder holds files that are no site of nktrade's",
                where=str(out),
                expected="an empty folder, a new one, or an earlier site",
                hint=f"{_OTHER} A site of an earlier version must be removed first.",
            )
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
        (out / FOLDER / "files.jsonl").open("a").close()
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise InputError(
            "the output folder cannot be written",
            where=str(out),
            got=error.strerror or str(error),
            hint=_OTHER,
        ) from None


def find_owner(out: Path) -> Path | None:
    """Return the folder of the collection whose site this is; None where it is nobody's."""
    folder = next(read_lines(out / FOLDER / OWNER), {}).get("folder")
    return Path(folder) if folder and isinstance(folder, str) else None


class SiteFiles:
    """The files of a site's folder that are the site's own.

    Parameters
    ----------
    out : Path
        A folder that `prepare_folder` has marked.
    hashes : Hashes
    """

    def __init__(self, out: Path, hashes: Hashes) -> None:
        self.out, self.hashes = out, hashes
        self._path, self._root = out / FOLDER / "files.jsonl", os.path.realpath(out)
        # Name in the site → sha256; "" from when a render begins to write until it has written.
        self.known: dict[str, str] = {}
        for line in read_lines(self._path):
            self.known |= {n: s for n, s in line.items() if isinstance(s, str) and self._is_in(n)}

    def claim(self, names: Iterable[str], sources: Iterable[Path]) -> None:
        """See that these files may be written, before anything is.

        Raises
        ------
        InputError
            One is a source, or is there and not as a render left it.
        """
        names = list(names)
        inside = {os.path.realpath(source) for source in sources}
        for name in names:
            path = self.out / name
            if not self._is_in(name):
                raise InputError(
                    "a link leads out of the site where a page belongs",
                    where=str(path.parent),
                    got=os.path.realpath(path.parent),
                    hint=f"Remove the link. {_OTHER}",
                )
            if os.path.realpath(path) in inside:
                raise InputError(
                    "a page would be written over its own source", where=str(path), hint=_OTHER
                )
            if os.path.lexists(path) and not self._owns(name):
                raise InputError(
                    "a file of the site was changed by somebody else"
                    if name in self.known
                    else "a file that is not the site's stands where a page belongs",
                    where=str(path),
                    hint=f"Move it elsewhere or remove it, and render again. {_OTHER}",
                )

    def expect(self, names: Iterable[str]) -> None:
        """Note that these files will be written now."""
        if files := dict.fromkeys(names, ""):
            self._note(files)

    def wrote(self, names: Iterable[str]) -> None:
        """Note the sha256 of files that were written."""
        self._note({name: self.hashes.file(self.out / name) for name in names})

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove the site's other files, but none that somebody has changed."""
        kept = set(names)
        for name in set(self.known) - kept:
            if self._owns(name):
                (self.out / name).unlink(missing_ok=True)
        self.known = {n: s for n, s in self.known.items() if n in kept and s}
        replace_text(self._path, json.dumps(self.known) + "\n")

    def settle(self) -> None:
        """Take down how an interrupted render left what it was to write."""
        self.wrote([name for name, sha256 in self.known.items() if not sha256])
        self.known = {name: sha256 for name, sha256 in self.known.items() if sha256}
        replace_text(self._path, json.dumps(self.known) + "\n")

    def _owns(self, name: str) -> bool:
        """Say whether a file is as a render left it, or a render was ended while writing it."""
        path = self.out / name
        if name not in self.known or not self._is_in(name) or not path.is_file():
            return False
        if path.stat().st_size == 0:  # where the power failed a page may be without its content
            return True
        if not self.known[name]:
            return path.suffix != ".html" or PAGE_SIGN in path.read_bytes()
        return self.known[name] == self.hashes.file(path)

    def _is_in(self, name: str) -> bool:
        """Say whether a name stands for a file in the folder: no marker, no link leads out."""
        if "\0" in name:
            return False
        place = os.path.relpath(os.path.realpath((self.out / name).parent), self._root)
        return Path(place).parts[:1] not in ((os.pardir,), (FOLDER,))

    def _note(self, files: dict[str, str]) -> None:
        self.known.update(files)
        with self._path.open("a", encoding="utf-8") as file:
            # On a line of its own, even after one that a crash has torn.
            file.write(f"\n{json.dumps(files)}\n")


def read_lines(path: Path) -> Iterator[dict]:
    """Read a file of JSON objects, one a line; what a crash has torn is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return
    for line in lines:
        with suppress(InputError):
            value = load_json(unfold_home(line), "a line", path.name)
            if isinstance(value, dict):
                yield value
