"""What a kernel tells of itself while it runs: the files that it opens, and what cannot be seen.

Python tells an audit hook of every file that is opened, every folder that is listed, every
connection to another machine and every process that is started. Here they are written into a log,
for :mod:`nktrade.render.reads` to read. A kernel imports this module before its first cell, and
with it only what it has already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote

from nktrade.render.foreign import tell_of_links

CHILD, NETWORK, CHANCE = "a child process", "the network", "chance without a seed"
ENVIRONMENT, FILES = "the environment", "a file's state"

#: Ends a line of the log: no path holds it, as one may hold the end of a line.
END = "\0"
#: Commands by which Python and its packages ask what machine this is.
_HARMLESS = {"uname", "ldconfig", "lscpu", "fc-list", "gcc", "cc", "ld", "sysctl", "objdump"}
_CHILDREN = ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.spawn", "os.system")
_NETWORK = (
    *("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"),
    *("socket.connect", "socket.sendto"),
)
#: Events by which something comes to a path or goes from it, and where among what they tell it is.
_MADE = {
    **dict.fromkeys(("os.mkdir", "os.rmdir", "os.remove", "os.truncate"), (0,)),
    **dict.fromkeys(("os.link", "os.symlink"), (1,)),
    "os.rename": (0, 1),
}
#: Events by which names are looked for, and how each tells folder and pattern.
_LOOKS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "glob.glob/2": lambda pattern, _, folder, *rest: (folder, pattern),
    "pathlib.Path.glob": lambda folder, pattern: (folder, pattern),
    "pathlib.Path.rglob": lambda folder, pattern: (os.path.join(folder, "**"), pattern),
}
#: What the system makes up as it is asked, and what of it that says.
_MADE_UP = {
    **dict.fromkeys(("/proc/", "/sys/"), ENVIRONMENT),
    **dict.fromkeys(("/dev/urandom", "/dev/random"), CHANCE),
}
_NEW = os.O_TRUNC | os.O_EXCL  # nothing that was there before is read


def kernel_line(log: str | Path) -> str:
    """Return the line of code that a kernel runs before its first cell."""
    return f"__import__({__name__!r}, fromlist=['*']).watch({str(log)!r})"


def watch(log: str) -> None:
    """Write what this process opens into the file `log`, each once, in the order of the first time.

    A line is ``r PATH`` for a file read, ``b PATH`` for a module that was there before, ``w PATH``
    for what was written, made, moved or removed, ``l PATH`` for a folder whose names were read,
    ``k PATH`` for a link that was followed by name, ``g PATTERN`` for names that were looked for,
    ``m PATH`` for a folder in which modules were, ``u WHAT`` for what cannot be observed.
    """
    kept = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    home, process = os.getcwd(), os.getpid()
    # A kernel forked from the warm parent has imported much already.
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    paths = {path for path in modules if isinstance(path, str)}
    os.write(kept, os.fsencode("".join(f"b {path}{END}" for path in paths)))
    seen = {f"r {path}" for path in paths}
    harmless, searched = [0], [list[str]()]
    follow = os.readlink

    def note(line: str) -> None:
        if line not in seen:
            seen.add(line)
            os.write(kept, os.fsencode(f"{line}{END}"))

    def place(path: Any) -> str:
        # What is named from the notebook's folder stays so, for the folder may move.
        text = os.fsdecode(path)
        inside = os.path.isabs(text) or os.getcwd() == home
        return os.path.normpath(text) if inside else os.path.abspath(text)

    def note_made_up(where: str) -> bool:
        for beginning, what in _MADE_UP.items():
            if f"{where}{os.sep}".startswith(beginning):
                if not _is_packages_own(sys._getframe(3)):
                    note(f"u {what}")
                return True
        return False

    def note_opened(path: Any, flags: Any) -> None:
        if not (isinstance(path, str | bytes) and isinstance(flags, int)):
            return
        where, way = place(path), flags & os.O_ACCMODE
        if note_made_up(where):
            return
        if way == os.O_RDONLY or (way == os.O_RDWR and not flags & _NEW):
            note(f"r {where}")
        if way != os.O_RDONLY:
            note(f"w {where}")

    def note_listed(folder: Any) -> None:
        if isinstance(folder, int):
            try:
                folder = follow(f"/proc/self/fd/{folder}")
            except OSError:
                note(f"u {FILES}")
                return
        where = place("." if folder is None else folder)
        if not note_made_up(where):
            note(f"l {where}")

    def note_searched(folders: Any) -> None:
        if folders != searched[0] and isinstance(folders, list):
            searched[0] = [*folders]
            for folder in folders:
                if isinstance(folder, str):
                    note(f"m {place(folder or '.')}")

    def note_looked(folder: Any, pattern: Any) -> None:
        parts = [os.fsdecode(part) for part in (folder or "", pattern)]
        note(f"g {place(os.path.join(*parts))}")

    def note_followed(path: Any) -> None:
        if os.getpid() == process and not note_made_up(place(path)):
            note(f"k {place(path)}")

    def hook(event: str, arguments: tuple) -> None:
        if os.getpid() != process:
            return  # of a child, which is noted as such
        if event == "open":
            note_opened(arguments[0], arguments[2])
        elif event == "import":
            note_searched(arguments[2])
        elif event in ("os.listdir", "os.scandir"):
            # Python looks through its folders for modules; those that it finds are opened.
            if "importlib" not in sys._getframe(1).f_code.co_filename:
                note_listed(arguments[0])
        elif event == "os.chdir" and isinstance(arguments[0], str | bytes | os.PathLike):
            os.path.realpath(arguments[0])  # what is named from there is named without the link
        elif event in _LOOKS:
            note_looked(*_LOOKS[event](*arguments))
        elif event in _MADE and (event == "os.truncate" or arguments[-1] == -1):
            # Otherwise the name is one in a folder that only its descriptor tells.
            for where in _MADE[event]:
                if isinstance(arguments[where], str | bytes | os.PathLike):
                    note(f"w {place(arguments[where])}")
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

    tell_of_links(note_followed)
    sys.addaudithook(hook)
    # One that was harmless may have been the only one.
    _watch_children(lambda: None if harmless[0] else note(f"u {CHILD}"))


def _is_packages_own(frame: FrameType | None) -> bool:
    """Say whether an installed package asked, by itself or by Python's modules.

    Some ask what machine this is, for their own ends; those that tell it are known by name.
    """
    python = os.path.dirname(os.__file__) + os.sep
    while frame is not None:
        file = frame.f_code.co_filename
        if "-packages" in file or not file.startswith((python, "<frozen")):
            return "-packages" in file
        frame = frame.f_back
    return True


def _name_data_base(name: Any) -> str | bytes:
    """Return the file of an SQLite data base, which may be named as ``file:PATH?mode=ro``."""
    text = os.fsdecode(name)
    if not text.startswith("file:"):
        return text
    path = text.removeprefix("file:").partition("#")[0].partition("?")[0]
    if path.startswith("//"):  # an authority, which SQLite takes to be empty or this machine
        path = "/" + path[2:].partition("/")[2]
    return unquote(path)


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
