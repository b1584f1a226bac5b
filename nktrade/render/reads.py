"""Which files a run reads: its kernel keeps a list of what it opens.

Python tells an audit hook of every file that is opened, every folder that is listed and every
connection to another machine. What a library or another program opens below Python, as Arrow
does, is not seen; so files that the notebook names, in its code, its commands or its parameters,
count as read too. A file that was looked for and not there counts as well: it may come.
"""

from __future__ import annotations

import ast
import glob
import importlib.util
import json
import os
import re
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nktrade.render.fingerprints import PACKAGE, Hashes

if TYPE_CHECKING:
    from nktrade.render.plan import Run

#: Stands in the list for a connection to another machine: what came over it can change unseen.
NETWORK = "network"
UNSETTLED = "changed while it was read"

#: Endings of tables that are read below Python, whole folders of them at once.
_TABLES = (".parquet", ".arrow", ".feather")
_WORD = re.compile(r"[^\s'\"()\[\],;|<>=&]+")  # of a command or a query
_FILE_NAME = re.compile(r"[^\s*?]+\.[A-Za-z]\w{0,7}")


def watch_reads(log: str) -> None:
    """Write the path of every file that this process opens to the file `log`.

    A line is ``r PATH`` for a file read, ``w PATH`` for a file written, ``l PATH`` for a folder
    whose names were read.
    """
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    # A kernel forked from the warm parent has imported much already.
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    seen = {f"r {path}" for path in modules if isinstance(path, str)}
    os.write(kept, os.fsencode("".join(f"{line}\n" for line in seen)))

    def note(line: str) -> None:
        if line not in seen:
            seen.add(line)
            os.write(kept, os.fsencode(f"{line}\n"))

    def hook(event: str, arguments: tuple) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and isinstance(flags, int):
                word = "r" if flags & os.O_ACCMODE == os.O_RDONLY else "w"
                note(f"{word} {os.path.abspath(os.fsdecode(path))}")
        elif event in ("os.listdir", "os.scandir"):
            # Python looks through its folders for modules; those that it finds are opened.
            if "importlib" not in sys._getframe(1).f_code.co_filename:
                folder = arguments[0] if arguments[0] is not None else "."
                if not isinstance(folder, int):
                    note(f"l {os.path.abspath(os.fsdecode(folder))}")
        elif event == "sqlite3.connect":
            note(f"r {os.path.abspath(os.fsdecode(arguments[0]))}")
        elif event in ("socket.getaddrinfo", "urllib.Request"):
            note(f"r {NETWORK}")

    sys.addaudithook(hook)


def kernel_line(log: str | Path) -> str:
    """Return the line of code that a kernel runs before its first cell."""
    return f"__import__({__name__!r}, fromlist=['*']).watch_reads({str(log)!r})"


def hash_named(run: Run) -> dict[str, str]:
    """Return the files that a run's code names and the files and folders that parameters name.

    Each with its sha256, taken before the run.
    """
    home, hashes = run.notebook.path.parent, Hashes()
    found = set()
    for value in run.parameters.values():
        for text in value if isinstance(value, list) else [value]:
            path = os.path.join(home, text) if isinstance(text, str) and text else ""
            if os.path.exists(path) and Path(path).resolve() not in (home, *home.parents):
                found.add(path)
    for text in _literals(run.notebook.path):
        path = os.path.join(home, text)
        if os.path.isfile(path) or (_FILE_NAME.fullmatch(text) and not os.path.exists(path)):
            found.add(path)
        found |= _find_tables(path, home)
    return {path: hashes.file(path) for path in sorted(found)}


def hash_reads(log: str | Path, named: dict[str, str], began: float) -> dict[str, str]:
    """Return what a run read and the sha256 of each, without what Python and packages read.

    Parameters
    ----------
    log : path
        What `watch_reads` wrote.
    named : dict
        From `hash_named`.
    began : float
        When the run did, as `time.time`. A file that was written since then by somebody else
        has no sha256: nobody knows which of its contents was read. A folder that was listed
        ends with a separator and has the sha256 of the names in it.
    """
    try:
        told = Path(log).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        told = []
    written = {line[2:] for line in told if line[0] == "w"}
    found = {_source_of(line[2:]) for line in told if line[0] == "r"}
    theirs, hashes = _own_folders(), Hashes()
    reads = {path: sha256 for path, sha256 in named.items() if path not in written}
    for path in sorted(found - written - set(named)):
        if path == NETWORK:
            reads[path] = ""
        elif _under(path, theirs):
            continue
        elif os.path.isfile(path):
            stat = os.stat(path)
            settled = max(stat.st_mtime, stat.st_ctime) < began
            reads[path] = hashes.file(path) if settled else UNSETTLED
        elif not os.path.exists(path):
            reads[path] = ""
    listed = {f"{line[2:]}{os.sep}" for line in told if line[0] == "l"}
    for path in sorted(listed | {path for path in named if path.endswith(os.sep)}):
        if not _under(path, theirs) and os.path.isdir(path):
            # What the run itself put there it will find there again.
            settled = os.stat(path).st_mtime < began or any(w.startswith(path) for w in written)
            reads[path] = hashes.file(path) if settled else UNSETTLED
    return reads


def _find_tables(path: str, home: Path) -> set[str]:
    """Find the tables in a folder, or those that a pattern fits, and the folders they lie in."""
    tables: set[str] = set()
    if "*" in path and path.endswith(_TABLES):
        tables = set(glob.glob(path, recursive=True))
    elif os.path.isdir(path) and Path(path).resolve() not in (home, *home.parents):
        tables = {str(file) for ending in _TABLES for file in Path(path).rglob(f"*{ending}")}
    return tables | {os.path.dirname(table) + os.sep for table in tables}


def _literals(notebook: Path) -> Iterator[str]:
    """Yield the texts in a notebook's code that can be a file's name."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        lines = "".join(cell["source"]).splitlines() if cell["cell_type"] == "code" else []
        commands = [line for line in lines if line.lstrip().startswith(("%", "!"))]
        texts = list(commands)
        with suppress(SyntaxError):
            tree = ast.parse("\n".join(line for line in lines if line not in commands))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    texts.append(_pattern(node))
        words = {word for line in texts for word in _WORD.findall(line)}
        for text in {*texts, *words}:
            if 0 < len(text) < 250 and "\n" not in text and "\0" not in text:
                yield text


def _pattern(node: ast.JoinedStr) -> str:
    """Spell an f-string with a star for whatever is put in."""
    return "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)


def _source_of(path: str) -> str:
    """Return the module that a compiled file was made from: it is the one that people change."""
    if path.endswith(".pyc"):
        with suppress(ValueError):
            return importlib.util.source_from_cache(path)
    return path


def _own_folders() -> tuple[str, ...]:
    """List folders of Python, of installed packages and of the system, each with its separator."""
    from nktrade._paths import DATA

    home = os.path.expanduser("~")
    folders = {*sysconfig.get_paths().values(), *site.getsitepackages(), sys.prefix}
    folders |= {f"{home}/{name}" for name in (".cache", ".config", ".ipython", ".jupyter")}
    folders |= {str(PACKAGE), str(DATA), sys.base_prefix, "/proc", "/sys", "/dev", "/etc"}
    folders |= {"/usr/share", "/usr/lib", os.environ.get("JUPYTER_RUNTIME_DIR", "/proc")}
    for name in ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        folders |= {os.environ[name]} if os.environ.get(name) else set()
    folders = {os.path.abspath(folder) for folder in folders}
    return tuple(f"{folder}{os.sep}" for folder in folders - {"/", home, tempfile.gettempdir()})


def is_installed(module: str) -> bool:
    """Say whether a module, named without dots, belongs to Python or to an installed package."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return False
    origin = (spec.origin if spec else None) or ""
    return origin in ("built-in", "frozen") or _under(origin, _own_folders())


def _under(path: str, folders: tuple[str, ...]) -> bool:
    return path.startswith(folders)
