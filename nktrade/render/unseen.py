"""What a notebook's code does that cannot be observed from Python.

The audit of :mod:`nktrade.render.reads` sees files that Python opens. It does not see a clock
being read, an environment variable, what a library reads below Python, or what another process
does. Here the code says it: its syntax tree is searched for the few names by which such things
are done, and its imports for libraries that read by themselves. What is unknown counts as unseen.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache

from nktrade.files.parsing import parse_code

CHILD, READER, NETWORK = "a child process", "a reader below Python", "the network"
CLOCK, ENVIRONMENT, FILES, HIDDEN = "the clock", "the environment", "a file's state", "hidden code"

#: Names, called or not, that give away what is done.
_NAMES = {
    **dict.fromkeys(("now", "today", "utcnow", "localtime", "gmtime", "time_ns", "ctime"), CLOCK),
    **dict.fromkeys(("asctime", "clock_gettime", "clock_gettime_ns", "uuid1"), CLOCK),
    **dict.fromkeys(("environ", "environb", "getenv", "expandvars", "getlogin"), ENVIRONMENT),
    **dict.fromkeys(("getuser", "gethostname"), ENVIRONMENT),
    **dict.fromkeys(("getmtime", "getctime", "getatime", "getsize", "st_mtime"), FILES),
    **dict.fromkeys(("stat", "lstat", "disk_usage", "access", "samefile", "readlink"), FILES),
    **dict.fromkeys(("import_module", "run_path", "run_module"), HIDDEN),
    **dict.fromkeys(("read_hdf", "read_spss", "read_sql_table"), READER),
    "ProcessPoolExecutor": CHILD,
}
_ATTACH = re.compile(r"\s*attach\s", re.IGNORECASE)
_BUILT_IN = {"exec", "eval", "__import__"}
#: Whether a file is there is seen only where its name is written out.
_EXISTENCE = {"exists", "lexists", "isfile", "isdir", "is_file", "is_dir", "islink", "is_symlink"}
_MAGICS = {"env": ENVIRONMENT, "set_env": ENVIRONMENT, "date": CLOCK}

_STANDARD = {
    **dict.fromkeys(("multiprocessing", "pty"), CHILD),
    **dict.fromkeys(("ctypes", "dbm", "mmap", "shelve"), READER),
    "filecmp": FILES,
}
_RUNS_CHILDREN = {"joblib", "dask", "distributed", "ray", "loky", "mpire", "pathos", "ipyparallel"}
#: Libraries with compiled parts that read files through Python, where they are seen.
_SEEN = {
    *("numpy", "pandas", "scipy", "matplotlib", "mpl_toolkits", "seaborn", "statsmodels", "patsy"),
    *("PIL", "pillow", "sklearn", "scikit-learn", "contourpy", "kiwisolver", "formulaic"),
    *("nktrade", "IPython", "ipython", "ipykernel", "ipywidgets", "requests", "httpx"),
    *("urllib3", "yaml", "dateutil", "fonttools", "soupsieve"),
    *("pyyaml", "markupsafe", "jinja2", "psutil", "tornado", "pyzmq", "zmq", "wrapt", "narwhals"),
    *("charset-normalizer", "charset_normalizer", "msgpack", "jsonschema", "referencing", "tqdm"),
}  # fmt: skip
#: Compiled ones to which others hand what they have read.
_HANDED = {"lxml", "orjson", "greenlet", "cffi"}


def find_unseen(sources: Iterable[str]) -> set[str]:
    """Say which unobservable things sources of Python, or cells of a notebook, do.

    Examples
    --------
    >>> sorted(find_unseen(["import os", "print(os.environ['YEAR'])"]))
    ['the environment']
    >>> find_unseen(["import pandas as pd", "pd.read_csv('data/x.csv')"])
    set()
    """
    found: set[str] = set()
    for source in sources:
        for tree in _trees(source):
            if tree is None:
                found.add(HIDDEN)
                continue
            for node in ast.walk(tree):
                found.update(_judge(node))
    return found


def find_imports(sources: Iterable[str]) -> set[str]:
    """Return the modules that sources import, with their dots."""
    names: set[str] = set()
    for source in sources:
        for tree in _trees(source):
            for node in ast.walk(tree) if tree is not None else ():
                names.update(_imported(node))
    return names


def _trees(source: str) -> Iterator[ast.AST | None]:
    """Yield a cell's syntax trees: its own, and those of cells within cell magics."""
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = parse_code(TransformerManager().transform_cell(source))
        except (SyntaxError, ValueError):
            # As papermill's kernel would find out; nothing of it runs, or it is not Python.
            yield None
            return
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "run_cell_magic":
            body = node.args[-1]
            if isinstance(body, ast.Constant) and isinstance(body.value, str):
                yield from _trees(body.value)


def _judge(node: ast.AST) -> Iterator[str]:
    name = _name(node)
    # A bare name is the notebook's own, as `now = "2023"`, unless it was imported: see below.
    if name in _NAMES and isinstance(getattr(node, "func", node), ast.Attribute):
        yield _NAMES[name]
    if isinstance(node, ast.Attribute) and node.attr == "time" and _name(node.value) == "time":
        yield CLOCK
    if isinstance(node, ast.Call) and name == "strftime" and len(node.args) == 1:
        # Of the module time it tells the time; of a date it spells the date.
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        yield from {CLOCK} if owner is None or _name(owner) == "time" else ()
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ATTACH.match(node.value):
        yield READER  # another data base of SQLite's, opened by its own words
    if isinstance(node, ast.Constant) and node.value in ("now", "today"):
        yield CLOCK
    # The same names as texts: ``getattr(os, "environ")``, ``vars(os)["environ"]``.
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield from {ENVIRONMENT} if node.slice.value in ("environ", "environb", "getenv") else ()
    if name == "getattr" and isinstance(node, ast.Call) and len(node.args) > 1:
        told = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        yield from {HIDDEN} if told is None else {_NAMES[told]} if told in _NAMES else ()
    if isinstance(node, ast.keyword) and node.arg == "n_jobs":
        yield CHILD
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        yield from {_NAMES[name] for name in names & set(_NAMES)}
        if node.module == "time" and "time" in names:
            yield CLOCK
    for module in _imported(node):
        yield from _judge_module(module.partition(".")[0])
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in _BUILT_IN:
            yield HIDDEN
        elif name in _EXISTENCE and not _is_literal(node):
            yield FILES
        elif name == "read_parquet" and not all(_is_literal(value) for value in node.args):
            yield READER  # of a whole folder, below Python
        elif name == "run_line_magic":
            magic = next((a.value for a in node.args if isinstance(a, ast.Constant)), None)
            yield from {_MAGICS[magic]} if magic in _MAGICS else ()


def _name(node: ast.AST) -> str:
    """Return the last name of ``a``, ``b.a`` or ``b.a()``."""
    node = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_literal(node: ast.AST) -> bool:
    """Say whether a call such as ``Path("a.csv").exists()`` is made of texts alone."""
    if isinstance(node, ast.Call):
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        inside = [*node.args, *([inner] if isinstance(inner, ast.Call) else [])]
        return bool(inside) and all(_is_literal(value) for value in inside)
    return isinstance(node, ast.Constant)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _judge_module(top: str) -> Iterator[str]:
    if top in _STANDARD:
        yield _STANDARD[top]
    elif top in _RUNS_CHILDREN:
        yield CHILD
    elif top not in sys.stdlib_module_names and not reads_through_python(top):
        yield READER


@cache
def reads_through_python(name: str) -> bool:
    """Say whether a package reads only where Python sees it.

    One that is known to does; and one without compiled parts does if all that it requires do.
    What belongs to no package is the notebook's own, and searched like the notebook.
    """
    if name in _SEEN:
        return True
    packages = _packages().get(name)
    return packages is None or all(_is_plain(package, frozenset()) for package in packages)


@cache
def is_known(package: str) -> bool:
    """Say whether what an installed package reads is seen, or is read for one that is known."""
    package = _plain_name(package)
    return package in _known() or not _is_compiled(package)


@cache
def _known() -> frozenset[str]:
    """Return the packages that are known to read through Python, and all that they require."""
    found: set[str] = set()
    waiting = [_plain_name(name) for name in _SEEN | _HANDED]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            waiting += _requires(package)
    return frozenset(found)


def _plain_name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _requires(package: str) -> list[str]:
    """Return what an installed package requires, without what it would for more."""
    try:
        lines = importlib.metadata.requires(package) or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return []
    needed = [line for line in lines if "extra" not in line.partition(";")[2]]
    return [_plain_name(match[0]) for line in needed if (match := re.match(r"[\w.-]+", line))]


def _is_compiled(package: str) -> bool:
    try:
        files = importlib.metadata.distribution(package).files or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return False  # not there, so it reads nothing
    return any(str(file).endswith((".so", ".pyd", ".dll", ".dylib")) for file in files)


def _is_plain(package: str, above: frozenset[str]) -> bool:
    package = _plain_name(package)
    if package in _SEEN or package in above:
        return True
    if package in _RUNS_CHILDREN or _is_compiled(package):
        return False
    return all(_is_plain(name, above | {package}) for name in _requires(package))


@cache
def _packages() -> dict[str, list[str]]:
    with suppress(Exception):  # a broken installation is the notebook's to meet
        return dict(importlib.metadata.packages_distributions())
    return {}
