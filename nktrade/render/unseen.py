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
from functools import cache, lru_cache

from nktrade.files.parsing import parse_code

CHILD, READER, NETWORK = "a child process", "a reader below Python", "the network"
CLOCK, ENVIRONMENT, FILES, HIDDEN = "the clock", "the environment", "a file's state", "hidden code"
CHANCE = "chance without a seed"

#: Names, called or not, that give away what is done.
_NAMES = {
    **dict.fromkeys(("now", "today", "utcnow", "localtime", "gmtime", "time_ns", "ctime"), CLOCK),
    **dict.fromkeys(("asctime", "clock_gettime", "clock_gettime_ns", "uuid1"), CLOCK),
    "formatdate": CLOCK,
    **dict.fromkeys(("environ", "environb", "getenv", "expandvars", "getlogin"), ENVIRONMENT),
    **dict.fromkeys(("getuser", "gethostname", "getfqdn", "uname", "cpu_count"), ENVIRONMENT),
    **dict.fromkeys(("sched_getaffinity", "getloadavg", "get_exec_path"), ENVIRONMENT),
    **dict.fromkeys(("process_cpu_count", "sysconf", "getuid", "geteuid", "getgid"), ENVIRONMENT),
    **dict.fromkeys(("getpwuid", "getpwnam", "getpwall", "getproxies", "getnode"), ENVIRONMENT),
    # What is installed, beyond what is imported.
    **dict.fromkeys(("distributions", "entry_points", "packages_distributions"), ENVIRONMENT),
    **dict.fromkeys(("getmtime", "getctime", "getatime", "getsize", "st_mtime"), FILES),
    **dict.fromkeys(("stat", "lstat", "disk_usage", "access", "samefile", "readlink"), FILES),
    **dict.fromkeys(("which", "is_mount", "ismount", "statvfs", "getxattr", "listxattr"), FILES),
    **dict.fromkeys(("import_module", "run_path", "run_module", "find_spec"), HIDDEN),
    **dict.fromkeys(("run_cell", "run_cell_async", "run_code", "safe_execfile"), HIDDEN),
    **dict.fromkeys(("runsource", "runcode", "resolve_name"), HIDDEN),
    **dict.fromkeys(("read_hdf", "read_spss", "read_sql_table"), READER),
    **dict.fromkeys(("uuid4", "urandom", "getrandom", "SystemRandom"), CHANCE),
    "ProcessPoolExecutor": CHILD,
}
_ATTACH = re.compile(r"(?:^|;)\s*attach\s", re.IGNORECASE)
_BUILT_IN = {"exec", "eval", "__import__"}
_EXISTENCE = {"exists", "lexists", "isfile", "isdir", "is_file", "is_dir", "islink", "is_symlink"}
#: What is asked of a file that Python's audit is not told of: seen only where a name is written.
_ASKS = {**dict.fromkeys(_EXISTENCE, FILES), "read_parquet": READER}  # of a whole folder
#: Modules that draw; whoever draws is seeded by what it is given, or else by a call.
_DRAWERS = {"default_rng", "RandomState", "Random", "SeedSequence", "PCG64", "MT19937", "Philox"}
_CHANCES = {"random", "numpy.random"}
_SEEDS = {"seed", "set_state", "setstate", "seed_everything", "manual_seed"}
_SEED_WORDS = {"seed", "random_state", "rng", "random_seed"}
_DRAWN = {
    **dict.fromkeys(("sample", "rvs", "train_test_split", "permutation_test"), "numpy.random"),
    **dict.fromkeys(("differential_evolution", "dual_annealing", "basinhopping"), "numpy.random"),
    **dict.fromkeys(("KMeans", "RandomForestClassifier", "RandomForestRegressor"), "numpy.random"),
}
#: Magics that run the code which follows them, after options of their own.
_TIMERS = {"time", "timeit", "prun", "memit"}
_MAGICS = {"env": ENVIRONMENT, "set_env": ENVIRONMENT, "date": CLOCK}

_STANDARD = {
    **dict.fromkeys(("multiprocessing", "pty"), CHILD),
    **dict.fromkeys(("ctypes", "dbm", "mmap", "shelve"), READER),
    "filecmp": FILES,
    **dict.fromkeys(("platform", "psutil"), ENVIRONMENT),
    "secrets": CHANCE,
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
    >>> find_unseen(["import random", "print(random.random())"])
    {'chance without a seed'}
    """
    return set(_search(tuple(sources)).found)


def list_asked(sources: Iterable[str]) -> set[str]:
    """Return the written names of which sources ask whether they are there, or read whole.

    Examples
    --------
    >>> sorted(list_asked(["os.path.exists('a b')", "Path('raw').is_dir()", "exists(name)"]))
    ['a b', 'raw']
    """
    return set(_search(tuple(sources)).asked)


@lru_cache(maxsize=32)
def _search(sources: tuple[str, ...]) -> _Search:
    """Search the code of a run; those of one notebook share it."""
    trees = [tree for source in sources for tree in _trees(source)]
    nodes = [node for tree in trees if tree is not None for node in ast.walk(tree)]
    search = _Search()
    for node in nodes:
        search.learn(node)
    for node in nodes:
        search.found.update(search.judge(node))
    search.found |= {HIDDEN} if None in trees else set()
    return search


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
        if isinstance(node, ast.Call) and _name(node) in ("run_line_magic", "run_cell_magic"):
            told = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            if len(told) > 1 and told[0] in _TIMERS:
                yield from _trees_after_options(told[1])
            if len(told) > 2:
                yield from _trees(told[2])


def _trees_after_options(line: str) -> Iterator[ast.AST | None]:
    """Yield the tree of the code that a magic's line ends with: ``-n 3 -q f(x)``."""
    words = line.split(" ")
    for first in range(len(words)):
        with suppress(SyntaxError):
            yield parse_code(" ".join(words[first:]))
            return


class _Search:
    """Goes through the code of a run twice: names are given in one cell and used in another."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.asked: set[str] = set()  # names that are written out where a file's state is asked
        self.modules = {
            "time": "time",
            "__builtins__": "builtins",
        }  # names of modules that matter here
        self.everything = False  # of one of Python's modules is imported by a star
        self.moves = False  # to another folder, from which names are other files
        self.bare: dict[str, str] = {}  # names that were imported by themselves, and theirs there
        self.seeded: set[str] = set()
        self.settled: set[int] = set()  # nodes that a call around them has settled

    def learn(self, node: ast.AST) -> None:
        """Take down what other cells may rely on."""
        if isinstance(node, ast.Import):
            self.modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            names = {alias.name: alias.asname or alias.name for alias in node.names}
            # Of Python's own; other modules are judged by what they do.
            self.everything |= "*" in names and top in sys.stdlib_module_names
            self.bare |= {own: name for name, own in names.items() if name in {*_ASKS, *_DRAWN}}
            if top == "numpy" and "random" in names:
                self.modules[names["random"]] = "numpy.random"
        elif isinstance(node, ast.Call) and _name(node) in _SEEDS and _is_given(node):
            owner = self._owner(node.func)
            self.seeded |= {owner} if owner in _CHANCES else _CHANCES
        elif isinstance(node, ast.Call) and _name(node) in _DRAWERS and _is_given(node):
            self.seeded.add("a generator")
        elif isinstance(node, ast.Call) and _name(node) in ("chdir", "fchdir", "run_line_magic"):
            magics = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
            self.moves |= _name(node) != "run_line_magic" or "cd" in magics

    def judge(self, node: ast.AST) -> Iterator[str]:
        """Yield what a node does unseen; whatever is around it was judged before."""
        if isinstance(node, ast.Call):
            yield from self._judge_call(node)
        elif isinstance(node, ast.Attribute) or self._is_imported(node):
            yield from self._judge_name(node)  # type: ignore[arg-type]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from {READER} if _ATTACH.search(node.value) else ()
            yield from {CLOCK} if node.value in ("now", "today") else ()
        elif isinstance(node, ast.Subscript):
            # The same names as texts: ``vars(os)["environ"]``.
            told = node.slice.value if isinstance(node.slice, ast.Constant) else None
            yield from {ENVIRONMENT} if told in ("environ", "environb", "getenv") else ()
            module = _namespace(node.value)
            if module is not None and _name(module) in self.modules:
                yield from self._judge_text(module, node.slice)
        elif isinstance(node, ast.keyword):
            yield from {CHILD} if node.arg == "n_jobs" else ()
            yield from {FILES} if node.arg in ("dir_fd", "src_dir_fd") else ()
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from self._judge_import(node)

    def _name(self, node: ast.AST) -> str:
        """Return the last name of a node, as it is called where it comes from."""
        name, bare = _name(node), isinstance(getattr(node, "func", node), ast.Name)
        return self.bare.get(name, name) if bare else name

    def _is_imported(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and (self.everything or node.id in self.bare)

    def _owner(self, node: ast.AST) -> str:
        """Return the module that a name is taken from, as far as that matters."""
        if not isinstance(node, ast.Attribute):
            return ""
        if isinstance(node.value, ast.Attribute) and node.value.attr == "random":
            return "numpy.random"
        return self.modules.get(_name(node.value), "")

    def _judge_name(self, node: ast.Attribute | ast.Name) -> Iterator[str]:
        # A bare name is the notebook's own, as `now = "2023"`, unless it was imported.
        name, owner = self._name(node), self._owner(node)
        if name in _NAMES:
            yield _NAMES[name]
        if name in _ASKS and id(node) not in self.settled:
            yield _ASKS[name]
        if name == "time" and (owner == "time" or isinstance(node, ast.Name)):
            yield CLOCK
        elif name in _BUILT_IN and owner == "builtins":
            yield HIDDEN
        elif owner in _CHANCES - self.seeded and name.islower() and name not in _DRAWERS | _SEEDS:
            yield CHANCE

    def _judge_text(self, owner: ast.expr, told: ast.expr) -> Iterator[str]:
        """Judge a name that is told as a text: what is put together may be any."""
        if isinstance(told, ast.Constant) and isinstance(told.value, str):
            yield from self._judge_name(ast.Attribute(owner, told.value))
        else:
            yield HIDDEN

    def _judge_call(self, node: ast.Call) -> Iterator[str]:
        name, owner = self._name(node), self._owner(node.func)
        bare = isinstance(node.func, ast.Name)
        if name in _ASKS:
            written = "" if self.moves else _written(node)
            self.settled.add(id(node.func))
            self.asked |= {written} if written else set()
            yield from () if written else {_ASKS[name]}
        elif name == "strftime" and len(node.args) == 1 and (bare or owner == "time"):
            yield CLOCK  # of the module time it tells the time; of a date it spells the date
        elif name == "getattr" and len(node.args) > 1:
            yield from self._judge_text(*node.args[:2])
        elif name in ("attrgetter", "methodcaller") and node.args:
            yield from self._judge_text(ast.Name("time"), node.args[0])  # of what, nobody knows
        elif (name in _BUILT_IN and bare) or (name in ("ex", "ev") and _is_shells(node)):
            yield HIDDEN
        elif name == "run_line_magic":
            magic = next((a.value for a in node.args if isinstance(a, ast.Constant)), None)
            yield from {_MAGICS[magic]} if magic in _MAGICS else ()
        elif name in _DRAWERS and not _is_given(node):
            yield CHANCE
        elif name in _DRAWN and not (bare and _name(node) not in self.bare):
            given = _SEED_WORDS & {word.arg for word in node.keywords if not _is_none(word.value)}
            known = given or self.seeded & {_DRAWN[name], "a generator"}
            yield from () if known or owner == "random" else {CHANCE}

    def _judge_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            yield from {_NAMES[name] for name in names & set(_NAMES)}
            if node.module == "time" and "time" in names:
                yield CLOCK
            drawn = {name for name in names if name.islower()} - _DRAWERS - _SEEDS
            if drawn and node.module in _CHANCES - self.seeded:
                yield CHANCE
        for module in _imported(node):
            yield from _judge_module(module.partition(".")[0])


def _is_shells(node: ast.Call) -> bool:
    """Say whether a call is of the notebook's own shell, as ``get_ipython().ex(...)``."""
    return isinstance(node.func, ast.Attribute) and _name(node.func.value) == "get_ipython"


def _name(node: ast.AST) -> str:
    """Return the last name of ``a``, ``b.a`` or ``b.a()``."""
    node = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_given(node: ast.Call) -> bool:
    """Say whether a call is given something, as a seed: None is as good as nothing."""
    return not all(map(_is_none, [*node.args, *(word.value for word in node.keywords)]))


def _namespace(node: ast.expr) -> ast.expr | None:
    """Return the module whose names ``vars(module)`` or ``module.__dict__`` are."""
    if isinstance(node, ast.Call) and _name(node) == "vars" and node.args:
        return node.args[0]
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    return node if _name(node) == "__builtins__" else None


def _written(node: ast.Call) -> str:
    """Return the one name that ``exists("a.csv")`` or ``Path("a.csv").exists()`` is about."""
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    call = node if node.args or node.keywords else inner
    if not isinstance(call, ast.Call) or len(call.args) != 1:
        return ""
    if call is inner and _name(call) not in ("Path", "PosixPath"):
        return ""
    told = call.args[0]
    return told.value if isinstance(told, ast.Constant) and isinstance(told.value, str) else ""


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
