"""What the warm parent imports: whatever the notebooks of the batch would import themselves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nktrade._paths import PACKAGE
from nktrade.errors import InputError
from nktrade.files.temporary import lend_folder
from nktrade.render.cells import code_of, read_source
from nktrade.render.modules import find_hiding, list_modules
from nktrade.render.reads import SETTINGS

if TYPE_CHECKING:
    from nktrade.render.plan import Run

PROVISIONER = "nktrade-warm"  # the name under which jupyter_client knows warm kernels
SOCKET = "NKTRADE_WARM_PARENT"  # the environment variable that says where the parent listens

PARENT = "nktrade.render.warm"
_FIRST_USE = "nktrade.study.first_use"  # what many pages pay alike, and one page hardly

#: Rooms that no page asks for, unless it names them itself.
_NOT_IN_NOTEBOOKS = {"render", "site", "cli", "lab", "teach", "sources"}
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import\b|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
#: Packages that may be imported before a notebook asks for them. Python's own modules cost little,
#: and some warn as they are imported or keep what a kernel replaces, as doctest keeps the debugger.
_SAFE = {
    *("nktrade", "numpy", "pandas", "scipy", "matplotlib", "seaborn", "statsmodels", "patsy"),
    *("pyarrow", "PIL", "IPython", "dateutil", "yaml", "formulaic", "requests", "tqdm", "openpyxl"),
}
#: Signs that a notebook sees to how modules are found or made ready.
_TOUCHES = re.compile(
    r"sys\s*\.\s*(?:path|modules|meta_path|argv|flags|setrecursionlimit|std|settrace|setprofile)"
    r"|from\s+sys\s+import|environ|putenv|set_env|^\s*%\s*(?:env|run|load_ext|cd)\b|importlib|runpy"
    r"|builtins|addaudithook|addsitedir|(?:matplotlib|mpl)\s*\.\s*use|simplefilter|filterwarnings"
    r"|basicConfig|setLevel|\bexec\(|chdir|setlocale|set_start_method|rlimit",
    re.MULTILINE,
)
_MOST_STARTS = 4  # a parent that keeps dying is not worth another try


def can_fork() -> bool:
    """Say whether kernels can be forked here: system libraries of macOS do not survive it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def find_imports(notebooks: Iterable[Path]) -> list[str]:
    """List the modules that notebooks import, and those that nktrade imports for them.

    Only modules that are known to do nothing at their import but define things: they print
    nothing, start no thread, and read no setting that a notebook could make before.

    Examples
    --------
    >>> find_imports([])
    []
    """
    names: set[str] = set()
    for notebook in notebooks:
        with suppress(InputError):
            for source in code_of(read_source(notebook)):
                names |= set(_imports(source))
    if "nktrade" in {name.partition(".")[0] for name in names}:
        for path in PACKAGE.rglob("*.py"):
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            if parts[0] not in _NOT_IN_NOTEBOOKS and not parts[-1].startswith("__"):
                names.add(".".join(["nktrade", *parts]))
                names |= set(_imports(path.read_text(encoding="utf-8")))
    return sorted(name for name in names if name.partition(".")[0] in _SAFE)


def may_fork(source: dict, notebook: Path) -> bool:
    """Say whether a notebook comes out the same where its imports were done before.

    Not if it, or a module beside it that it imports, first changes where modules come from or
    what they find; not if a file beside it has the name of a module that was imported, or the
    settings of one that looks for them in the folder where it is imported.
    """
    folder = notebook.parent
    if find_hiding(folder) or _has_startup_files():
        return False
    if any((place / SETTINGS).exists() for place in (folder, Path.cwd())):
        return False
    beside = list_modules(folder)
    waiting = code_of(source)
    searched: set[str] = set()
    while waiting:
        code = waiting.pop()
        if _TOUCHES.search(code):
            return False
        for name in {name.partition(".")[0] for name in _imports(code)} & set(beside) - searched:
            searched.add(name)
            with suppress(OSError, UnicodeDecodeError):
                waiting.append(beside[name].read_text(encoding="utf-8"))
    return True


def _has_startup_files() -> bool:
    """Say whether IPython is told to run files of the user's before any notebook."""
    home = Path(os.environ.get("IPYTHONDIR") or Path.home() / ".ipython")
    return any((home / "profile_default" / "startup").glob("*.*py"))


def _imports(source: str) -> Iterator[str]:
    """Yield the modules that a source names; reading lines is ten times quicker than parsing."""
    for line in _IMPORT.finditer(source):
        names = line["module"] or line["modules"]
        yield from (name.split()[0] for name in names.split(",") if name.strip())


class WarmParent:
    """Keeps a warm parent alive while a batch runs; a context manager.

    Parameters
    ----------
    path : str
        Where its socket shall be.
    modules : sequence of str
    environment : dict
        Environment variables of the parent, and so of what it imports.
    """

    def __init__(self, path: str, modules: Sequence[str], environment: dict[str, str]) -> None:
        self.path, self.modules, self.environment = path, modules, environment
        self.process: subprocess.Popen | None = None
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)

    def __enter__(self) -> WarmParent:
        self._watch.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopping.set()
        process = self.process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
            try:
                # Before it listens it hears nothing, and has no kernels that could outlive it.
                process.wait(timeout=5 if Path(self.path).exists() else 0)
            except subprocess.TimeoutExpired:
                process.kill()
        self._watch.join(timeout=5)

    def _keep_alive(self) -> None:
        """Start the parent, and start another when it dies."""
        command = [sys.executable, "-m", PARENT, self.path, *self.modules]
        for _ in range(_MOST_STARTS):
            if self._stopping.is_set():
                return
            Path(self.path).unlink(missing_ok=True)
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.environment
            )
            self.process.wait()
        if not self._stopping.is_set():
            Path(f"{self.path}.failed").touch()


@contextmanager
def provide_kernels(runs: Iterable[Run], warm: bool = True) -> Iterator[dict[str, str]]:
    """Provide what the kernels of some runs need, and yield the environment of their workers."""
    # Numerical libraries keep to one thread a kernel: the runs already fill the processors.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {name: os.environ.get(name, "1") for name in threads}
    # The order of a set of texts is the same in every kernel, and so on every page.
    environment["PYTHONHASHSEED"] = os.environ.get("PYTHONHASHSEED", "0")
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    with ExitStack() as stack:
        # Connection files and sockets of the kernels live here and go with it.
        runtime = stack.enter_context(lend_folder(_short_folder()))
        environment["JUPYTER_RUNTIME_DIR"] = str(runtime)
        if warm and not can_fork():
            warnings.warn(
                "kernels cannot be forked on this system; each starts by itself", stacklevel=2
            )
        elif warm:
            path = str(runtime / "warm")
            runs = list(runs)
            modules = find_imports({run.notebook.path for run in runs})
            if len(runs) == 1:  # it pays for its own questions alone
                modules = [name for name in modules if name != _FIRST_USE]
            stack.enter_context(WarmParent(path, modules, {**os.environ, **environment}))
            environment |= {SOCKET: path, "JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
        yield environment


class Kernels(ExitStack):
    """The kernels of a batch, provided once and until it ends."""

    def __init__(self, warm: bool) -> None:
        super().__init__()
        self._warm = warm
        self._environment: dict[str, str] = {}

    def provide(self, runs: Sequence[Run]) -> dict[str, str]:
        """Return the environment of their workers; what the first runs import is done by then."""
        if not self._environment:
            self._environment = self.enter_context(provide_kernels(runs, self._warm))
        return self._environment


def _short_folder() -> str:
    """Return the folder for temporary files, or /tmp where its path is too long for a socket."""
    folder = tempfile.gettempdir()
    return "/tmp" if os.name == "posix" and len(folder) > 60 else folder
