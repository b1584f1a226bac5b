"""Which files a run reads: its kernel keeps a list of what it opens.

What cannot be observed so (:mod:`nktrade.render.watch`), or from the code
(:mod:`nktrade.render.unseen`), makes a run "not fully observed". Files that the notebook names, in
its code, its commands or its parameters, count as read too. A file that was looked for and not
there counts as well: it may come.
"""

from __future__ import annotations

import ast
import glob
import importlib.util
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError
from nktrade.files.parsing import parse_code
from nktrade.render.cells import code_of, read_source
from nktrade.render.fingerprints import LINK, Hashes
from nktrade.render.modules import MISSING, find_record, is_there, list_their_folders
from nktrade.render.watch import END, NETWORK

if TYPE_CHECKING:
    from nktrade.render.plan import Run

UNSETTLED = "changed while it was read"
#: What matplotlib reads of the folder where it is imported, if it is there.
SETTINGS = "matplotlibrc"

#: Endings of tables that are read below Python, whole folders of them at once.
_TABLES = (".parquet", ".arrow", ".feather")
_WORD = re.compile(r"[^\s'\"()\[\],;|<>=&]+")  # of a command or a query
_FILE_NAME = re.compile(r"[^\s*?]+\.[A-Za-z]\w{0,7}")


def hash_named(run: Run) -> dict[str, str]:
    """Return the files that a run's code names and the files and folders that parameters name.

    Each with its sha256, taken before the run.
    """
    home, hashes = run.notebook.path.parent, Hashes()
    found = set()
    for value in run.parameters.values():
        for text in value if isinstance(value, list) else [value]:
            path = os.path.join(home, text) if isinstance(text, str) and text else ""
            if os.path.exists(path) and not _is_around(path, home):
                found.add(path)
    cells = code_of(read_source(run.notebook.path))
    for text in _literals(cells):
        path = os.path.join(home, text)
        if os.path.isfile(path) or (_FILE_NAME.fullmatch(text) and not os.path.exists(path)):
            found.add(path)
        found |= _find_tables(path, home)
    found |= _find_asked(cells, home)
    found.add(os.path.join(home, SETTINGS))
    for pattern in run.declared.inputs if run.declared else ():
        path = os.path.join(home, pattern)
        found |= {path} if glob.escape(path) == path else _matches(path)
    return {path: hashes.file(path) for path in sorted(found)}


def _matches(pattern: str) -> set[str]:
    """Return the files that a pattern fits, and the folders where more of them may come."""
    found = set(glob.glob(pattern, recursive=True))
    return found | {os.path.dirname(path) + os.sep for path in [*found, pattern]}


@dataclass
class Observed:
    """What is known of how a run came out.

    Attributes
    ----------
    reads : dict of str to str
        What it read → sha256. Names are those from the notebook's folder where they can be.
    writes : list of str
        What it wrote.
    own : dict of str to str
        What it wrote and read itself → sha256 when it ended.
    unseen : list of str
        What it did that was not observed.
    """

    reads: dict[str, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    own: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)


class _Log:
    """What a kernel told, by the kind of a line; every path is whole."""

    def __init__(self, log: str | Path, home: str) -> None:
        try:
            told = Path(log).read_text(encoding="utf-8", errors="surrogateescape").split(END)
        except OSError:
            told = []
        self._home = home
        self._lines = [line for line in told if len(line) > 2]
        #: Whole path → how it was named from the notebook's folder.
        self.spelled = {
            self.whole(line[2:]): line[2:]
            for line in self._lines
            if line[0] in "rl" and not os.path.isabs(line[2:])
        }
        self.written = self.paths("w")
        self.unseen = {line[2:] for line in self._lines if line[0] == "u"}

    def whole(self, path: str) -> str:
        """Return the whole path of one that may be named from the notebook's folder."""
        return os.path.normpath(os.path.join(self._home, path))

    def paths(self, kinds: str) -> set[str]:
        """Return what the lines of some kinds name."""
        return {self.whole(line[2:]) for line in self._lines if line[0] in kinds}

    def list_read_first(self) -> set[str]:
        """Return what was read before it was written."""
        order: dict[str, str] = {}
        for line in self._lines:
            if line[0] in "rw":
                order.setdefault(self.whole(line[2:]), line[0])
        return {path for path, kind in order.items() if kind == "r"} & self.written


def hash_reads(
    log: str | Path, named: dict[str, str], began: float, run: Run, source: dict[str, Any]
) -> Observed:
    """Say what a run read and wrote, and what of it was not observed.

    What Python and installed packages read of themselves is left out; of a package its list of
    files, RECORD, stands for it. What a run found and then wrote over stands as it left it.

    Parameters
    ----------
    log : path
        What `nktrade.render.watch.watch` wrote.
    named : dict
        From `hash_named`.
    began : float
        When the run did, as `time.time`. A file that was written since then by somebody else
        has no sha256: nobody knows which of its contents was read. A folder that was listed
        ends with a separator and has the sha256 of the names in it.
    run : Run
    source : dict
        The notebook, read before it ran: it may change or remove its own file.
    """
    home = str(run.notebook.path.parent)
    told = _Log(log, home)
    fixed = home in f"{source['cells']}{run.parameters}"  # the code says where it stands

    def name(path: str) -> str:
        """Spell a path as a moved collection would find it again."""
        if path in told.spelled:
            return told.spelled[path]
        inside = path.startswith(home + os.sep) and not fixed
        return os.path.relpath(path, home) + os.sep * path.endswith(os.sep) if inside else path

    theirs, hashes = list_their_folders(), Hashes()
    written, first = told.written, told.list_read_first()
    found = {_source_of(path) for path in told.paths("rb")}
    own_code = [p for p in found if p.endswith((".py", ".ipynb")) and not p.startswith(theirs)]
    unseen, coming, asked = _search(run, source, own_code, told)
    reads = {name(path): sha256 for path, sha256 in named.items() if path not in written}
    looked = found | {path for path in asked if not path.endswith(os.sep)}
    for path in sorted(looked - (written - first) - {os.path.normpath(path) for path in named}):
        if path.startswith(theirs):
            record = find_record(path)
            reads |= {record: hashes.file(record)} if record and record not in reads else {}
        elif os.path.isfile(path):
            stat = os.stat(path)
            settled = max(stat.st_mtime, stat.st_ctime) < began or path in written
            reads[name(path)] = hashes.file(path) if settled else UNSETTLED
        elif not os.path.exists(path):
            reads[name(path)] = ""
    reads |= {name(path): hashes.file(path) for path in first & set(named)}
    listed = {path + os.sep for path in told.paths("l")} | _find_looked(told.paths("g"))
    for path in sorted(listed | {path for path in [*named, *asked] if path.endswith(os.sep)}):
        if not path.startswith(theirs) and not os.path.exists(path):
            reads[name(path)] = ""  # it may come, as a file may
        elif not path.startswith(theirs) and os.path.isdir(path):
            # What the run itself put there it will find there again.
            ours = any(f"{w}{os.sep}".startswith(path) for w in written)
            settled = os.stat(path).st_mtime < began or ours
            reads[name(path)] = hashes.file(path) if settled else UNSETTLED
    for link in sorted(told.paths("k") - written):
        if not link.startswith(theirs):
            reads[name(link) + LINK] = hashes.file(link + LINK)
    loaded = told.paths("r")
    unseen |= judge_loaded(path for path in loaded if path.startswith(theirs)) | told.unseen
    reads |= dict.fromkeys(map(name, coming), "")
    kept = {path for path in written if not path.startswith(theirs)}
    own = {path: hashes.file(path) for path in sorted(kept & loaded)}
    return Observed(reads, sorted(kept), own, sorted(unseen))


def _find_looked(patterns: Iterable[str]) -> set[str]:
    """Return the folders, each with its separator, in which names that come may fit a pattern."""
    found: set[str] = set()
    for pattern in patterns:
        folder = os.path.dirname(pattern)
        while folder not in ("", os.sep):
            places = glob.glob(folder, recursive=True) or [folder]
            found |= {os.path.normpath(place) + os.sep for place in places}
            if glob.escape(folder) == folder:
                break
            folder = os.path.dirname(folder)
    return found


def _search(
    run: Run, source: dict[str, Any], modules: Iterable[str], told: _Log
) -> tuple[set[str], set[str], set[str]]:
    """Search the code of a run.

    Returns what it does unseen, where a module might come that it asks for, and what its modules
    ask of by a name that is written out.
    """
    from nktrade.render.unseen import find_imports, find_unseen

    if run.notebook.language != "python":
        return {f"a kernel of {run.notebook.language}"}, set(), set()
    cells, beside = code_of(source), list[str]()
    for module in modules:
        with suppress(OSError, UnicodeDecodeError, InputError):
            if module.endswith(".ipynb"):
                beside += code_of(read_source(Path(module)))
            else:
                beside.append(Path(module).read_text(encoding="utf-8"))
    home = run.notebook.path.parent
    unseen = find_unseen([*cells, *beside])
    if any("://" in str(value) for value in run.parameters.values()):
        unseen.add(NETWORK)
    coming = _find_coming(find_imports([*cells, *beside]), told.paths("m"), str(home))
    return unseen, coming, _find_asked(beside, home)


def _find_coming(modules: set[str], folders: set[str], home: str) -> set[str]:
    """Return where modules that are asked for may come: in vain so far, or before those found.

    In folders of the notebook's own, that is; installed packages tell of themselves.
    """
    tops = {module.partition(".")[0] for module in modules}
    found = {f"{MISSING}{top}" for top in tops if not is_there(top, home)}
    theirs = list_their_folders()
    for folder in {home, *folders}:
        if f"{folder}{os.sep}".startswith(theirs) or not os.path.isdir(folder):
            continue
        for module in modules:
            top, _, rest = module.partition(".")
            path = os.path.join(folder, *module.split("."))
            # What hides an installed package in the notebook's folder is known from elsewhere.
            if os.path.isdir(os.path.join(folder, top)) if rest else folder != home:
                found |= {way for way in (f"{path}.py", path) if not os.path.exists(way)}
    return found


def judge_loaded(paths: Iterable[str]) -> set[str]:
    """Say what packages do unseen that others loaded: a table's reader may be chosen by a word."""
    from nktrade.render.unseen import READER, is_known

    # Whoever asks what is installed opens what every package says of itself.
    modules = {path for path in paths if path.endswith((".py", ".pyc", ".pyd", ".so"))}
    records = {os.path.basename(os.path.dirname(find_record(path))) for path in modules}
    names = {name.partition("-")[0] for name in records if name.endswith(".dist-info")}
    return set() if all(map(is_known, names)) else {READER}


def _find_tables(path: str, home: Path) -> set[str]:
    """Find the tables in a folder, or those that a pattern fits, and the folders they lie in."""
    tables: set[str] = set()
    if "*" in path and path.endswith(_TABLES):
        tables = set(glob.glob(path, recursive=True))
    elif os.path.isdir(path) and not _is_around(path, home):
        tables = {str(file) for ending in _TABLES for file in Path(path).rglob(f"*{ending}")}
    return tables | {os.path.dirname(table) + os.sep for table in tables}


def _find_asked(sources: Iterable[str], home: Path) -> set[str]:
    """Find what sources ask of by a name that is written out: files, the names in folders."""
    from nktrade.render.unseen import list_asked

    found: set[str] = set()
    for text in list_asked(sources):
        path = os.path.join(home, text)
        if "\0" in text or (os.path.isdir(path) and _is_around(path, home)):
            continue
        found |= {path + os.sep if os.path.isdir(path) else path, *_find_tables(path, home)}
    return found


def _is_around(path: str, home: Path) -> bool:
    return Path(path).resolve() in (home, *home.parents)


def _literals(cells: Iterable[str]) -> Iterator[str]:
    """Yield the texts in a notebook's code that can be a file's name."""
    for cell in cells:
        lines = cell.splitlines()
        commands = [line for line in lines if line.lstrip().startswith(("%", "!"))]
        texts = list(commands)
        with suppress(SyntaxError):
            tree = parse_code("\n".join(line for line in lines if line not in commands))
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
