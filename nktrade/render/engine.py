"""The papermill engine and kernel options of the batch.

papermill itself is as it comes; an engine is its documented extension point. This one differs
in two ways. A kernel that dies or a cell that hangs becomes an error output of its cell, so that
every failure is reported alike and whatever ran before it is kept. And what a notebook puts out is
kept only as far as memory and disk bear it: a cell that prints without end fills neither.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.paths import jupyter_runtime_dir
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger
from papermill.translators import PythonTranslator, papermill_translators
from traitlets import Type
from traitlets.config import Config

from nktrade.errors import InputError
from nktrade.render.cells import code_of, language_of, read_source
from nktrade.render.plan import Run
from nktrade.render.preload import may_fork
from nktrade.render.provisioner import WarmProvisioner
from nktrade.render.values import Spelled, spell
from nktrade.render.watch import kernel_line

ENGINE = "nktrade"
#: Errors that no cell raises: the engine says them of a cell that never ended.
ENDINGS = {"CellTimeoutError", "DeadKernelError"}

_MOST_OUTPUT = 1 << 28  # characters of one notebook: more than anybody opens again
_PIECE = 1 << 16  # characters up to which printed pieces are joined as they come
_OVERHEAD = 1000  # what an output takes beside its text


class BoundedClient(PapermillNotebookClient):
    """papermill's own client, that keeps no more of a notebook's outputs than can be borne.

    What is printed in many small pieces is joined at once, of which nbclient would make as many
    outputs first. Beyond the bound an output is left out, and a line says so; errors always come.
    """

    def __init__(self, nb_man: Any, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._kept: dict[int, int] = {}  # by cell
        self._cut: set[int] = set()

    def output(self, outs, msg, display_id, cell_index):
        """Take an output, or leave it out."""
        if self.clear_before_next_output:
            self._kept[cell_index] = 0
        content, before = msg["content"], len(outs)
        size = len(content.get("text") or "") + _measure(content.get("data"))
        if msg["msg_type"] != "error" and sum(self._kept.values()) + size > _MOST_OUTPUT:
            if cell_index not in self._cut:
                self._cut.add(cell_index)
                said = (
                    f"The notebook put out more than {_MOST_OUTPUT >> 20} MB; the rest is left out."
                )
                outs.append(nbformat.v4.new_output("stream", name="stderr", text=f"\n{said}\n"))
            return None
        taken = super().output(outs, msg, display_id, cell_index)
        _join_pieces(outs)
        size += _OVERHEAD if len(outs) > before else 0
        self._kept[cell_index] = self._kept.get(cell_index, 0) + size
        return taken

    def clear_output(self, outs, msg, cell_index):
        """Clear a cell's outputs, which leaves room for others."""
        super().clear_output(outs, msg, cell_index)
        if not outs:
            self._kept[cell_index] = 0


def _join_pieces(outs: list[Any]) -> None:
    """Join what was printed last with what was printed before it, so that few outputs are left.

    A large piece waits until another as large comes: each character is copied a few times only.
    """
    while len(outs) > 1:
        last, before = outs[-1], outs[-2]
        if not last["output_type"] == before["output_type"] == "stream":
            return
        if last["name"] != before["name"] or len(before["text"]) > max(_PIECE, len(last["text"])):
            return
        before["text"] += outs.pop()["text"]


def _measure(data: Any) -> int:
    """Return roughly how many characters an output's data have."""
    return sum(len(v if isinstance(v, str) else json.dumps(v)) for v in (data or {}).values())


class FailureKeepingEngine(NBClientEngine):
    """papermill's own engine, with dead kernels and timeouts told as errors of their cell."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, start_timeout=60, execution_timeout=None, **options
    ):
        """Run the notebook's cells one after the other."""
        options.pop("input_path", None)
        options |= {"kernel_name": kernel_name, "startup_timeout": start_timeout}
        client = BoundedClient(nb_man, timeout=execution_timeout, log=logger, **options)
        try:
            client.execute()
        except CellTimeoutError:
            message = f"the cell ran longer than {execution_timeout} s"
            if execution_timeout is None:  # nbclient waits a while for what was put out
                message = "the cell put out more in a moment than could be read"
            _blame_cell(nb_man.nb, "CellTimeoutError", message)
        except DeadKernelError:
            _blame_cell(nb_man.nb, "DeadKernelError", "the kernel died while the cell ran")


papermill_engines.register(ENGINE, FailureKeepingEngine)


class DatedTranslator(PythonTranslator):
    """papermill's own way to write parameters as Python, and dates as dates.

    Of keys papermill makes texts: ``{2019: 0.5}`` would be another mapping.
    """

    @classmethod
    def translate(cls, val):
        """Write one value as Python."""
        told = spell(val)
        return told.code if isinstance(told, Spelled) else super().translate(told)

    @classmethod
    def translate_dict(cls, val):
        """Write a mapping as Python."""
        pairs = (f"{cls.translate(key)}: {cls.translate(item)}" for key, item in val.items())
        return f"{{{', '.join(pairs)}}}"


papermill_translators.register("python", DatedTranslator)


class PromptClient(AsyncKernelClient):
    """A client that takes a kernel for ready as soon as it is.

    jupyter_client's own waits until the kernel has published nothing for 0.2 s; but the last word
    that a kernel publishes before it can run a cell is known: that it is idle again after the
    request for its description.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and what it publishes is heard."""
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            asked = self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self._hear_idle(asked)
                    return
            except Empty:
                pass
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it was ready")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the kernel was not ready after {timeout} s")

    async def _hear_idle(self, asked: str) -> None:
        """Take what is published off the channel, up to the end of a request, or raise Empty."""
        while True:
            told = await self.iopub_channel.get_msg(timeout=0.05)
            ended = told["content"].get("execution_state") == "idle"
            if ended and told["parent_header"].get("msg_id") == asked:
                return


class PromptManager(AsyncKernelManager):
    """jupyter_client's manager of one kernel, with a `PromptClient`."""

    client_factory = Type(PromptClient, klass=AsyncKernelClient)


def choose_kernel(run: Run, log: Path) -> dict[str, Any]:
    """Return the options that make papermill run a notebook in the kernel that it names.

    A kernel of this environment's Python is forked where that is known to be safe, and lists in
    `log` the files that it reads. Any other is started as papermill would.

    Raises
    ------
    jupyter_client.kernelspec.NoSuchKernel
        There is no such kernel here.
    InputError
        No kernel is named, and the notebook is not in Python.
    """
    source = read_source(run.notebook.path)
    named = source["metadata"].get("kernelspec") or {}
    name, spoken = named.get("name"), language_of(source)
    if not name and spoken != "python":
        raise InputError(
            f"the notebook is in {spoken} and names no kernel",
            where=run.notebook.path.name,
            hint="Open it in JupyterLab, choose a kernel, and save it.",
        )
    name = name or "python3"
    spec = KernelSpecManager().get_kernel_spec(name)
    ours = _is_ours(spec)
    WarmProvisioner.fork = ours and may_fork(source, run.notebook.path)
    language = "python" if ours else spoken
    options = {"kernel_name": name, "language": language, "shutdown_kernel": "graceful"}
    path = str(Path(jupyter_runtime_dir()) / f"k{uuid.uuid4().hex[:12]}")
    # By default it would lie among the system's temporary files, and stay when a worker is killed.
    manager = {"connection_file": f"{path}.json", "transport": "tcp"}
    if ours and os.name == "posix":
        # Two kernels started together can pick the same TCP port; sockets named by hand cannot
        # collide. The default name can: it is the same for every kernel of a folder.
        manager |= {"transport": "ipc", "ip": path}
    options["config"] = Config({"KernelManager": manager})
    if ours:
        line = "; ".join([kernel_line(log), *_shadow_magics(run, source)])
        options |= {
            "kernel_manager_class": PromptManager,
            "extra_arguments": [
                "--HistoryManager.enabled=False",
                f"--IPKernelApp.exec_lines={line}",
            ],
        }
    return options


def _is_ours(spec: KernelSpec) -> bool:
    """Say whether a kernel is this very Python with nothing else about it."""
    if not spec.argv:
        return False
    mine = {sys.executable, "python", "python3", f"python3.{sys.version_info.minor}"}
    plainly = [word for word in spec.argv[1:] if not word.startswith("-X")]
    usual = [["-m", "ipykernel_launcher", "-f", "{connection_file}"]]
    usual += [["-m", "ipykernel", "-f", "{connection_file}"]]
    return spec.argv[0] in mine and plainly in usual and not spec.env


def _shadow_magics(run: Run, source: dict[str, Any]) -> list[str]:
    """Name the typed parameters before the cell that declares them.

    IPython would take ``env: str = "x"`` for a call of its command ``%env``, unless something of
    that name is there.
    """
    # One without a value stays without one.
    typed = [
        p.name for p in run.notebook.parameters if p.typed and not (p.computed and not p.default)
    ]
    first = next(iter(code_of(source)), "")
    names = [name for name in typed if name.isidentifier() and f"{name}:" in first.replace(" ", "")]
    return [f"{' = '.join(names)} = None"] if names else []


def _blame_cell(notebook, kind: str, message: str) -> None:
    """Write the error into the last cell that started."""
    started = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.papermill.get("status") != "pending"
    ]
    if not started:
        raise RuntimeError(message)
    output = nbformat.v4.new_output("error", ename=kind, evalue=message, traceback=[])
    started[-1].outputs.append(output)
