"""The warm parent: a process with the imports done, from which kernels are forked.

A kernel that is started in the ordinary way spends seconds on importing pandas and the rest. Here
that is paid once: this module runs as a process of its own (``python -m nktrade.render.warm SOCKET
MODULE…``), imports, and then forks one real ipykernel for each connection to its socket.

The talk over a connection: the client sends one JSON line (``argv``, ``cwd``, ``env``); back come
``pid N``, ``ready`` once the kernel listens, and ``exit STATUS`` when it is gone. ``signal N``
from the client is sent to the kernel's process group. When the client hangs up its kernel is
killed, and when standard input closes, which is to say when the batch is gone, everything ends.

Nothing that does not survive a fork comes up in the parent: no thread, no ZMQ socket, no event
loop. Should a module have started a thread after all, the answer is ``threads`` and no kernel.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import multiprocessing.process
import os
import selectors
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress

from nktrade.render.foreign import import_pandas_as_in_a_kernel

_INLINE = "module://matplotlib_inline.backend_inline"
_KERNEL = (  # what a kernel imports before its first cell
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger"),
    *("IPython.core.oinspect", "IPython.extensions.storemagic", "IPython.utils.wildcard"),
    *("tornado.platform.asyncio", "nktrade.render.watch"),
)
_LINE = 1 << 20  # longest request read at once: an environment fits many times over


def main(path: str, modules: list[str]) -> None:
    """Import `modules`, then serve kernels on the socket at `path` until standard input ends."""
    ended: list[bool] = []
    # Registered before anything else, and so called after it.
    atexit.register(lambda: _leave() if ended else None)
    # The first entry is the batch's own folder; a kernel must not import from there.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    import_modules(modules)
    try:
        _Parent(path).serve()
    except _Forked as forked:
        kernel = forked.become
    # Here the child goes on, and ends as any process of Python: files are written to the end,
    # and what was registered to run at exit does.
    kernel()
    ended.append(True)


def _leave() -> None:
    """End this kernel without taking all that its parent imported apart, a tenth of a second.

    What the notebook held is gone by now, for IPython lets go of it at exit. Where something else
    has a file open still, as a module may, Python must end in its own way, which writes it.
    """
    gc.collect()
    writers = (io.BufferedWriter, io.BufferedRandom)
    still = [one for one in gc.get_objects() if issubclass(type(one), writers) and not one.closed]
    streams = [sys.__stdout__, sys.__stderr__]
    if all(any(one is stream.buffer for stream in streams if stream) for one in still):
        for stream in (sys.stdout, sys.stderr, *filter(None, streams)):
            stream.flush()
        os._exit(0)


class _Forked(BaseException):
    """Leads out of the parent's loop in the child."""

    def __init__(self, become: Callable[[], None]) -> None:
        self.become = become


def _count_threads() -> int:
    """Count this process's threads, those of libraries too, that a fork would not survive."""
    try:
        tasks = os.listdir("/proc/self/task")
        names = []
        for task in tasks:
            with open(f"/proc/self/task/{task}/comm", encoding="utf-8") as file:
                names.append(file.read().strip())
    except OSError:
        return threading.active_count()
    # The one that Arrow's allocator keeps is started anew in the child by the allocator itself.
    return len([name for name in names if not name.startswith("jemalloc")])


def import_modules(modules: list[str]) -> None:
    """Import what can be imported, pay for first uses, and leave no trace that kernels would see.

    A module that is missing or fails is left to the notebook that wants it.
    """
    os.environ.setdefault("MPLBACKEND", _INLINE)  # as ipykernel does before any import
    gc.disable()  # a tenth of the time, for imports leave nothing to collect
    show = warnings.showwarning
    warnings.showwarning = lambda *_, **__: None  # but filters that modules set are to stay
    for name in _KERNEL:
        importlib.import_module(name)
    if any(name.partition(".")[0] == "pandas" for name in modules):
        import_pandas_as_in_a_kernel()
    for name in modules:
        with suppress(Exception):
            importlib.import_module(name)
    with warnings.catch_warnings():
        with suppress(Exception):
            _use_once()
        for name in modules:
            # By this a package of many notebooks says what each of them would pay again.
            with suppress(Exception):
                sys.modules[name].use_once()
    warnings.showwarning = show
    for module in list(sys.modules.values()):
        # A warning that was shown here once would never be shown in a notebook.
        with suppress(AttributeError):
            del module.__warningregistry__
    gc.enable()
    gc.freeze()  # what little there is to collect would cost a quarter of a second


def _use_once() -> None:
    """Pay for the first figure, font look-up, fit and table, if the modules are there."""
    import io

    if "matplotlib" in sys.modules:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure()
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.plot([1, 2], [1, 2], label="line")
        axes.legend(title="first")
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    if "pandas" in sys.modules:
        import pandas as pd

        frame = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": ["x", "y", "z"]})
        frame.to_html()
        repr(frame.set_index(["a", "b"]).assign(c=1).unstack())
        with suppress(ImportError):
            frame.style.format(precision=1).to_html()
    if "pyarrow.parquet" in sys.modules:
        importlib.import_module("pyarrow.dataset")  # which tables want at their first filter
    if "statsmodels.api" in sys.modules:
        import numpy as np
        import statsmodels.api as sm

        trend = np.arange(12.0)
        fit = sm.OLS(trend**2, sm.add_constant(trend)).fit(cov_type="HAC", cov_kwds={"maxlags": 1})
        fit.summary()


class _Parent:
    """The serving half: connections in, kernels out, exit statuses back."""

    def __init__(self, path: str) -> None:
        self.kernels: dict[int, socket.socket] = {}  # process id of a kernel → its client
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(64)
        self.woken, waker = socket.socketpair()
        self.woken.setblocking(False)
        waker.setblocking(False)
        self.waker = waker
        signal.set_wakeup_fd(waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # typed at the terminal; the batch decides
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        self.selector.register(self.woken, selectors.EVENT_READ, self._reap)
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._end)

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select():
                key.data(key.fileobj)

    def _accept(self, _) -> None:
        client, _address = self.listener.accept()
        self.selector.register(client, selectors.EVENT_READ, self._hear)

    def _hear(self, client: socket.socket) -> None:
        try:
            said = client.recv(_LINE)
            while said and not said.endswith(b"\n"):
                said += client.recv(_LINE)
        except OSError:
            said = b""
        if not said:
            self._hang_up(client)
        elif said.startswith(b"signal "):
            for line in said.splitlines():
                self._kill(client, int(line.split()[1]))
        else:
            self._fork(client, json.loads(said))

    def _fork(self, client: socket.socket, request: dict) -> None:
        if _count_threads() > 1:
            # A thread does not survive a fork, and what it held stays locked in the child.
            self._say(client, "threads")
            return
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            raise _Forked(lambda: self._become_kernel(client, request, parent))
        self.kernels[pid] = client
        self._say(client, f"pid {pid}")

    def _become_kernel(self, client: socket.socket, request: dict, parent: int) -> None:
        """Be the kernel, until it is told to stop."""
        os.setsid()  # its own process group, so that it can be killed with all it started
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for key in list(self.selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket) and key.fileobj is not client:
                key.fileobj.close()
        self.waker.close()
        self.selector.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        run_kernel(request, parent, on_ready=lambda: _announce(client))

    def _reap(self, _) -> None:
        """Collect kernels that ended and tell their clients how."""
        with suppress(BlockingIOError):
            while self.woken.recv(1024):
                pass
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                client = self.kernels.pop(pid, None)
                # Whatever the kernel started is in its group and must not outlive it.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
                if client is not None:
                    self._say(client, f"exit {os.waitstatus_to_exitcode(status)}")

    def _hang_up(self, client: socket.socket) -> None:
        self._kill(client, signal.SIGKILL)
        self.selector.unregister(client)
        client.close()

    def _kill(self, client: socket.socket, number: int) -> None:
        for pid, owner in self.kernels.items():
            if owner is client:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, number)

    def _say(self, client: socket.socket, line: str) -> None:
        with suppress(OSError):
            client.sendall(f"{line}\n".encode())

    def _end(self, _) -> None:
        """The batch closed its end: kill every kernel and go."""
        for pid in self.kernels:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        os._exit(0)


def _announce(client: socket.socket) -> None:
    client.sendall(b"ready\n")
    client.close()


def run_kernel(request: dict, parent: int, on_ready) -> None:
    """Run an ipykernel in this freshly forked process until it is told to stop."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ.setdefault("MPLBACKEND", _INLINE)
    os.chdir(request["cwd"])
    # Where children that are started anew look for the modules beside the notebook.
    vars(multiprocessing.process)["ORIGINAL_DIR"] = os.getcwd()
    sys.argv = ["ipykernel_launcher.py", *request["argv"]]
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize([*request["argv"], f"--IPKernelApp.parent_handle={parent}"])
    _freshen()
    on_ready()
    app.start()
    # The control thread is still answering the request that ended the loop. Were the channels
    # closed under it, as they are at exit, it would wait ten seconds to flush what it says.
    if app.control_thread is not None:
        app.control_thread.join(timeout=2)


def _freshen() -> None:
    """Make the child what an ordinary kernel would be: with a chance of its own."""
    import random

    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
