"""A kernel provisioner that asks the warm parent for a kernel instead of starting a process.

Provisioners are jupyter_client's documented way to say where kernels come from; it finds this one
by the package's entry point ``nktrade-warm``. It differs from the ordinary one only in how the
process is got; where no warm parent answers, it starts an ordinary kernel and says so once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import time
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from nktrade.render.preload import SOCKET

_GRACE = 1.0  # seconds for a kernel to end before jupyter_client takes over, which kills it
_LOOK = 0.005  # seconds between two looks; jupyter_client's are a tenth apart
_PATIENCE = 60.0  # seconds in which the parent must have done its imports


class WarmProvisioner(LocalProvisioner):
    """Launches kernels by having the warm parent fork them."""

    #: Whether the next kernel may be forked; a worker runs one notebook at a time.
    fork = False
    _warned = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any):
        """Fork a kernel, or start an ordinary one where there is no parent to fork from."""
        if not WarmProvisioner.fork or SOCKET not in os.environ:
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index("-f") :] if "-f" in cmd else cmd[1:]
        request = {
            "argv": arguments,
            "cwd": str(kwargs.get("cwd") or os.getcwd()),
            "env": dict(kwargs.get("env") or os.environ),
        }
        try:
            kernel = await ForkedKernel.request(os.environ[SOCKET], request)
        except (KeyError, OSError) as error:
            if not WarmProvisioner._warned:
                WarmProvisioner._warned = True
                logging.getLogger(__name__).warning(
                    "no warm kernels (%r); starting ordinary ones", error
                )
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]
        self.pid, self.pgid = kernel.pid, None  # signals go through the parent
        self.cwd = request["cwd"]
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal, but no interrupt.

        jupyter_client interrupts a kernel just before it asks it to end; an idle one would only
        complain on the terminal, and one that is writing its last file would leave it half done.
        """
        if signum != signal.SIGINT:
            await super().send_signal(signum)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait for a forked kernel to end by itself; jupyter_client would look too rarely."""
        await super().shutdown_requested(restart)
        deadline = time.monotonic() + _GRACE
        while isinstance(self.process, ForkedKernel) and time.monotonic() < deadline:
            if await self.poll() is not None:
                return
            await asyncio.sleep(_LOOK)


class ForkedKernel:
    """A kernel of the warm parent, with the manners of :class:`subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.pid = 0
        self.ready = False
        self.returncode: int | None = None
        self._heard = b""

    @classmethod
    async def request(cls, path: str, request: dict) -> ForkedKernel:
        """Ask for a kernel and wait until it listens."""
        kernel = cls(await _connect(path))
        kernel.connection.sendall(json.dumps(request).encode() + b"\n")
        kernel._listen_until_ready()
        return kernel

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        if self.returncode is None:
            self.connection.settimeout(0)
            with suppress(BlockingIOError):
                self._listen()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the kernel to end and return its exit status."""
        self.connection.settimeout(timeout)
        while self.returncode is None:
            self._listen()
        self.connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and everything it started."""
        if self.poll() is None:
            self.connection.settimeout(None)
            with suppress(OSError):
                self.connection.sendall(f"signal {int(number)}\n".encode())
            if number == signal.SIGKILL:
                # The word comes back within a few milliseconds; without waiting for it here
                # jupyter_client would sleep a tenth of a second before it looks again.
                with suppress(TimeoutError):
                    self.connection.settimeout(5)
                    while self.returncode is None:
                        self._listen()

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def _listen_until_ready(self) -> None:
        self.connection.settimeout(_PATIENCE)
        while not self.ready and self.returncode is None:
            self._listen()

    def _listen(self) -> None:
        try:
            said = self.connection.recv(4096)
        except ConnectionError:
            said = b""
        if not said:
            self._orphaned()
            return
        *lines, self._heard = (self._heard + said).split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "threads":
                raise OSError("a module that was imported has started a thread")
            if word == "pid":
                self.pid = int(value)
            elif word == "ready":
                self.ready = True
            elif word == "exit":
                self.returncode = int(value)

    def _orphaned(self) -> None:
        """The parent died: so must the kernel, which nobody would look after."""
        if self.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self.returncode = -signal.SIGKILL


async def _connect(path: str) -> socket.socket:
    """Connect to the parent; at the start of a batch it is still importing."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            if time.monotonic() > deadline or os.path.exists(f"{path}.failed"):
                raise
            await asyncio.sleep(0.02)
