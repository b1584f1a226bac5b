"""Which files a run reads: its kernel keeps a list of what it opens.

Python tells an audit hook of every file that is opened, every folder that is listed, every
connection to another machine and every process that is started. What cannot be observed so, by
the hook or from the code (:mod:`nktrade.render.unseen`), makes a run "not fully observed". Files
that the notebook names, in its code, its commands or its parameters, count as read too. A file
that was looked for and not there counts as well: it may come.
"""

from __future__ import annotations

import ast
import glob
import importlib.util
import os
import re
import site
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from nktrade.errors import InputError
from nktrade.files.parsing import parse_code
from nktrade.render.cells import code_of, read_source
from nktrade.render.fingerprints import PACKAGE, Hashes

if TYPE_CHECKING:
    from nktrade.render.plan import Run

UNSETTLED = "changed while it was read"
#: Stands before the name of a module that the notebook asks for and that is not there.
MISSING = "module "
#: What matplotlib reads of the folder where it is imported, if it is there.
SETTINGS = "matplotlibrc"

#: Endings of tables that are read below Python, whole folders of them at once.
_TABLES = (".parquet", ".arrow", ".feather")
_WORD = re.compile(r"[^\s'\"()\[\],;|<>=&]+")  # of a command or a query
_FILE_NAME = re.compile(r"[^\s*?]+\.[A-Za-z]\w{0,7}")
#: Commands by which Python and its packages ask what machine this is.
_HARMLESS = {"uname", "ldconfig", "lscpu", "fc-list", "gcc", "cc", "ld", "sysctl", "objdump"}
_CHILDREN = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system")
_NETWORK = (
    *("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"),
    *("socket.connect", "socket.sendto"),
)


def _name_data_base(name: Any) -> str | bytes:
    """Return the file of an SQLite data base, which may be named as ``file:PATH?mode=ro``."""
    text = os.fsdecode(name)
    if not text.startswith("file:"):
        return text
    path = text.removeprefix("file:").partition("#")[0].partition("?")[0]
    if path.startswith("//"):  # an authority, which SQLite takes to be empty or this machine
        path = "/" + path[2:].partition("/")[2]
    return unquote(path)


def watch_reads(log: str) -> None:
    """Write the path of every file that this process opens to the file `log`.

    A line is ``r PATH`` for a file read, ``b PATH`` for a module that was there before, ``w PATH``
    for a file written, ``l PATH`` for a folder whose names were read, ``u WHAT`` for what cannot be
    observed.
    """
    from nktrade.render.unseen import CHILD, NETWORK

    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    home, process = os.getcwd(), os.getpid()
    # A kernel forked from the warm parent has imported much already.
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    paths = {path for path in modules if isinstance(path, str)}
    os.write(kept, os.fsencode("".join(f"b {path}\n" for path in paths)))
    seen = {f"r {path}" for path in paths}
    harmless = [0]

    def note(line: str) -> None:
        if line not in seen:
            seen.add(line)
            os.write(kept, os.fsencode(f"{line}\n"))

    def place(path: Any) -> str:
        # What is named from the notebook's folder stays so, for the folder may move.
        text = os.fsdecode(path)
        inside = os.path.isabs(text) or os.getcwd() == home
        return os.path.normpath(text) if inside else os.path.abspath(text)

    def hook(event: str, arguments: tuple) -> None:
        if os.getpid() != process:
            return  # of a child, which is noted as such
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and isinstance(flags, int):
                word = "r" if flags & os.O_ACCMODE == os.O_RDONLY else "w"
                note(f"{word} {place(path)}")
        elif event in ("os.listdir", "os.scandir"):
            # Python looks through its folders for modules; those that it finds are opened.
            if "importlib" not in sys._getframe(1).f_code.co_filename:
                folder = arguments[0] if arguments[0] is not None else "."
                if not isinstance(folder, int):
                    note(f"l {place(folder)}")
        elif event == "sqlite3.connect":
            path = place(_name_data_base(arguments[0]))
            note(f"r {path}")
            note(f"r {path}-wal")  # what was written and is not yet in the file itself
        elif event in _NETWORK:  # or a server on this machine
            note(f"u {NETWORK}")
        elif event == "subprocess.Popen":
            if _is_harmless(arguments[0], arguments[1]):
                harmless[0] += 1
            else:
                note(f"u {CHILD}")
        elif event in _CHILDREN:
            note(f"u {CHILD}")

    sys.addaudithook(hook)
    # One that was harmless may have been the only one.
    _watch_children(lambda: None if harmless[0] else note(f"u {CHILD}"))


def _is_harmless(executable: Any, arguments: Any) -> bool:
    first = executable
    if first is None:
        first = arguments if isinstance(arguments, str | bytes) else next(iter(arguments), "")
    try:
        return os.path.basename(os.fsdecode(first)) in _HARMLESS
    except TypeError:
        return False


def _watch_children(note: Any) -> None:
    """After each cell look for a child that nobody told of, as one started below Python."""
    if os.name != "posix":
        return
    import resource

    def look(*_: Any) -> None:
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > before
        alive = True
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            alive = False
        if alive or reaped:
            note()

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with suppress(ImportError, AttributeError):
        from IPython import get_ipython

        get_ipython().events.register("post_run_cell", look)


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
    found.add(os.path.join(home, SETTINGS))
    for pattern in run.declared.inputs if run.declared else ():
        path = os.path.join(home, pattern)
        found |= {path} if glob.escape(path) == path else _matches(path)
    return {path: hashes.file(path) for path in sorted(found)}


def _matches(pattern: str) -> set[str]:
    """Return the files that a pattern fits, and the folders where more of them may come."""
    found = set(glob.glob(pattern, recursive=True))
    return found | {os.path.dirname(path) + os.sep for path in [*found, pattern]}


def hash_reads(
    log: str | Path, named: dict[str, str], began: float, run: Run, source: dict[str, Any]
) -> tuple[dict[str, str], list[str], list[str]]:
    """Return what a run read and the sha256 of each, what it wrote, and what was not observed.

    What Python and installed packages read of themselves is left out; of a package its list of
    files, RECORD, stands for it. Names are those from the notebook's folder where they can be.

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
    run : Run
    source : dict
        The notebook, read before it ran: it may change or remove its own file.
    """
    try:
        told = Path(log).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        told = []
    home = str(run.notebook.path.parent)
    fixed = home in f"{source['cells']}{run.parameters}"  # the code says where it stands

    def name(path: str) -> str:
        """Spell a path as a moved collection would find it again."""
        inside = path.startswith(home + os.sep) and not fixed
        return os.path.relpath(path, home) + os.sep * path.endswith(os.sep) if inside else path

    def whole(path: str) -> str:
        return os.path.normpath(os.path.join(home, path))

    lines = [line for line in told if len(line) > 2]
    relative = {line[2:] for line in lines if line[0] in "rl" and not os.path.isabs(line[2:])}
    spelled = {whole(path): path for path in relative}
    written = {whole(line[2:]) for line in lines if line[0] == "w"}
    found = {_source_of(whole(line[2:])) for line in lines if line[0] in "rb"}
    theirs, hashes = _own_folders(), Hashes()
    reads = {name(path): sha256 for path, sha256 in named.items() if path not in written}
    for path in sorted(found - written - {os.path.normpath(path) for path in named}):
        if _under(path, theirs):
            record = find_record(path)
            reads |= {record: hashes.file(record)} if record and record not in reads else {}
        elif os.path.isfile(path):
            stat = os.stat(path)
            settled = max(stat.st_mtime, stat.st_ctime) < began
            reads[spelled.get(path, name(path))] = hashes.file(path) if settled else UNSETTLED
        elif not os.path.exists(path):
            reads[spelled.get(path, name(path))] = ""
    listed = {whole(line[2:]) + os.sep for line in lines if line[0] == "l"}
    for path in sorted(listed | {path for path in named if path.endswith(os.sep)}):
        if not _under(path, theirs) and not os.path.exists(path):
            reads[name(path)] = ""  # it may come, as a file may
        elif not _under(path, theirs) and os.path.isdir(path):
            # What the run itself put there it will find there again.
            settled = os.stat(path).st_mtime < began or any(w.startswith(path) for w in written)
            reads[name(path)] = hashes.file(path) if settled else UNSETTLED
    own = [path for path in found if path.endswith((".py", ".ipynb")) and not _under(path, theirs)]
    unseen, missing = _search(run, source, own)
    unseen |= {line[2:] for line in lines if line[0] == "u"}
    loaded = {whole(line[2:]) for line in lines if line[0] == "r"}
    unseen |= judge_loaded(path for path in loaded if _under(path, theirs))
    reads |= {f"{MISSING}{module}": "" for module in missing}
    kept = {path for path in written if not _under(path, theirs)}
    return reads, sorted(kept), sorted(unseen)


def _search(run: Run, source: dict[str, Any], modules: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return what the code of a run does unseen, and the modules it asks for in vain."""
    from nktrade.render.unseen import NETWORK, find_imports, find_unseen

    if run.notebook.language != "python":
        return {f"a kernel of {run.notebook.language}"}, set()
    sources = code_of(source)
    missing = {
        top
        for top in {name.partition(".")[0] for name in find_imports(sources)}
        if not is_there(top, str(run.notebook.path.parent))
    }
    for module in modules:
        with suppress(OSError, UnicodeDecodeError, InputError):
            if module.endswith(".ipynb"):
                sources += code_of(read_source(Path(module)))
            else:
                sources.append(Path(module).read_text(encoding="utf-8"))
    unseen = find_unseen(sources)
    if any("://" in str(value) for value in run.parameters.values()):
        unseen.add(NETWORK)
    return unseen, missing


def judge_loaded(paths: Iterable[str]) -> set[str]:
    """Say what packages do unseen that others loaded: a table's reader may be chosen by a word."""
    from nktrade.render.unseen import READER, is_known

    # Whoever asks what is installed opens what every package says of itself.
    modules = {path for path in paths if path.endswith((".py", ".pyc", ".pyd", ".so"))}
    records = {os.path.basename(os.path.dirname(find_record(path))) for path in modules}
    names = {name.partition("-")[0] for name in records if name.endswith(".dist-info")}
    return set() if all(map(is_known, names)) else {READER}


def is_there(module: str, home: str) -> bool:
    """Say whether a module, named without dots, can be imported here or from `home`."""
    beside = os.path.join(home, module)
    if os.path.exists(beside) or os.path.exists(f"{beside}.py"):
        return True
    try:
        return module in sys.modules or importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def find_record(path: str) -> str:
    """Return the RECORD of the installed package that a file belongs to; empty if there is none."""
    for folder in _package_folders():
        if path.startswith(folder + os.sep):
            # A file that no package lists was put there by hand, and stands for itself.
            top = path[len(folder) + 1 :].partition(os.sep)[0]
            return _records(folder, os.stat(folder).st_mtime_ns).get(top, path)
    return ""


@cache
def _package_folders() -> tuple[str, ...]:
    """Return where packages are installed; Python works it out anew whenever it is asked."""
    return tuple({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


@cache
def _records(folder: str, _changed: int) -> dict[str, str]:
    """Return the RECORD of every file and folder that lies directly among installed packages.

    Asked anew when the folder has changed: whoever installs a package need not start again.
    """
    found: dict[str, str] = {}
    for record in glob.glob(os.path.join(glob.escape(folder), "*.dist-info", "RECORD")):
        with open(record, encoding="utf-8", errors="replace") as file:
            for line in file:
                found.setdefault(line.split(",")[0].strip('"').split("/")[0], record)
    return found


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
    for cell in code_of(read_source(notebook)):
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


def _own_folders() -> tuple[str, ...]:
    """List folders of Python, of installed packages and of the system, each with its separator."""
    from nktrade._paths import DATA

    home = os.path.expanduser("~")
    python = {path for name, path in sysconfig.get_paths().items() if name != "data"}
    folders = {*python, *site.getsitepackages()}
    for prefix in (sys.prefix, sys.base_prefix):
        folders |= {
            f"{prefix}/{name}" for name in ("lib", "lib64", "bin", "include", "share", "etc")
        }
    folders |= {f"{home}/{name}" for name in (".ipython", ".jupyter")}
    for name in ("matplotlib", "fontconfig", "pip"):
        folders |= {f"{home}/.cache/{name}", f"{home}/.config/{name}"}
    folders |= {str(PACKAGE), str(DATA), "/proc", "/sys", "/dev", "/etc"}
    folders |= {"/usr/share", "/usr/lib", os.environ.get("JUPYTER_RUNTIME_DIR", "/proc")}
    for name in ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        folders |= {os.environ[name]} if os.environ.get(name) else set()
    folders = {os.path.abspath(folder) for folder in folders}
    return tuple(f"{folder}{os.sep}" for folder in folders - {"/", home, tempfile.gettempdir()})


def list_modules(folder: Path) -> dict[str, Path]:
    """Return the modules and packages in a folder by their names."""
    modules = {path.stem: path for path in folder.glob("*.py")}
    return modules | {path.parent.name: path for path in folder.glob("*/__init__.py")}


def find_hiding(folder: Path) -> list[str]:
    """Name the modules in a folder that hide one of Python's or of an installed package."""
    return sorted(name for name in list_modules(folder) if is_installed(name))


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
