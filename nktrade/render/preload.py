"""What the warm parent imports: whatever the notebooks of the batch would import themselves."""

from __future__ import annotations

import json
import os
import re
import shutil
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
from nktrade.render.reads import is_installed

if TYPE_CHECKING:
    from nktrade.render.plan import Run

PROVISIONER = "nktrade-warm"  # the name under which jupyter_client knows warm kernels
SOCKET = "NKTRADE_WARM_PARENT"  # the environment variable that says where the parent listens

PARENT = "nktrade.render.warm"


_NOT_IN_NOTEBOOKS = {"render", "site", "cli"}
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import\b|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
_MOST_STARTS = 4  # a parent that keeps dying is not worth another try


def can_fork() -> bool:
    """Say whether kernels can be forked here: system libraries of macOS do not survive it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def find_imports(notebooks: Iterable[Path]) -> list[str]:
    """List the modules that notebooks import, and those that nktrade imports for them.

    Only what is installed: a module that lies beside a notebook is found from the notebook's
    folder alone and may hide an installed one of the same name, and what somebody's own module
    reads as it is imported must be seen, so each kernel imports it by itself.

    Examples
    --------
    >>> find_imports([])
    []
    """
    names: set[str] = set()
    for notebook in notebooks:
        beside = {path.stem for path in notebook.parent.iterdir()} | {notebook.stem}
        for source in _code_cells(notebook):
            names |= {n for n in _imports(source) if n.partition(".")[0] not in beside}
    if "nktrade" in {name.partition(".")[0] for name in names}:
        for path in PACKAGE.rglob("*.py"):
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            if parts[0] not in _NOT_IN_NOTEBOOKS and not parts[-1].startswith("__"):
                names.add(".".join(["nktrade", *parts]))
                names |= set(_imports(path.read_text(encoding="utf-8")))
    installed = {top for top in {name.partition(".")[0] for name in names} if is_installed(top)}
    return sorted(name for name in names if name.partition(".")[0] in installed)


def _code_cells(notebook: Path) -> Iterator[str]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


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
                process.wait(timeout=5)
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
    # Connection files and sockets of the kernels live here and go with it.
    runtime = tempfile.mkdtemp(prefix="nktrade-", dir=_short_folder())
    # Numerical libraries keep to one thread a kernel: the runs already fill the processors.
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {name: os.environ.get(name, "1") for name in threads}
    environment |= {"JUPYTER_RUNTIME_DIR": runtime, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, runtime, ignore_errors=True)
        if warm and not can_fork():
            warnings.warn(
                "kernels cannot be forked on this system; each starts by itself", stacklevel=2
            )
        elif warm:
            path = str(Path(runtime) / "warm")
            modules = find_imports({run.notebook.path for run in runs})
            stack.enter_context(WarmParent(path, modules, {**os.environ, **environment}))
            environment |= {SOCKET: path, "JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER}
        yield environment


def _short_folder() -> str:
    """Return the folder for temporary files, or /tmp where its path is too long for a socket."""
    folder = tempfile.gettempdir()
    return "/tmp" if os.name == "posix" and len(folder) > 60 else folder
