"""Where modules come from: Python's own, installed packages, and those of the notebook's folder."""

from __future__ import annotations

import glob
import importlib.util
import os
import site
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path

from nktrade.render.fingerprints import PACKAGE

#: Stands before the name of a module that the notebook asks for and that is not there.
MISSING = "module "


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


def list_their_folders() -> tuple[str, ...]:
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
    folders |= {str(PACKAGE), str(DATA), "/usr/lib"}
    folders.add(os.environ.get("JUPYTER_RUNTIME_DIR", "/usr/lib"))
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
    return origin in ("built-in", "frozen") or origin.startswith(list_their_folders())
