"""Render the notebook one is in: the same as ``nktrade render`` does, and a link to the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nktrade._paths import NOTEBOOKS
from nktrade.errors import InputError, check_path

#: What Jupyter's server tells a kernel: the file whose cells it runs.
_SESSION = "JPY_SESSION_NAME"
#: Where Visual Studio Code says the same.
_VSCODE = "__vsc_ipynb_file__"


@dataclass(frozen=True)
class Rendered:
    """What came of rendering: the page, or why there is none.

    Attributes
    ----------
    page : Path or None
        The page, unless nothing was run.
    text : str
        What to tell whoever asked.
    address : str
        The page from the notebook's folder, where links in its outputs begin.
    """

    page: Path | None
    text: str
    address: str = ""

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        words = escape(self.text)
        if self.page is not None:
            link = f'<a href="{quote(self.address)}" target="_blank">{escape(self.page.name)}</a>'
            words += f" {link}"
        return {"text/plain": self.text, "text/html": f"<p>{words}</p>"}


def find_notebook() -> Path | None:
    """Return the notebook whose cell is running, where JupyterLab or Visual Studio Code tell it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    told = getattr(shell, "user_ns", {}).get(_VSCODE) or os.environ.get(_SESSION, "")
    path = Path(str(told))
    return path.resolve() if path.suffix == ".ipynb" and path.is_file() else None


def demand_notebook(path: str | Path | None) -> Path:
    """Return a notebook's path: the one given, or the one whose cell is running.

    Raises
    ------
    InputError
        If neither is known.
    """
    if path is not None:
        check_path(path, "a notebook")
    found = Path(path).resolve() if path is not None else find_notebook()
    if found is None:
        raise InputError(
            "it is not known which notebook this is",
            expected="JupyterLab or Visual Studio Code, or a path",
            hint='Say it: path="my_notebook.ipynb".',
        )
    if not found.is_file():
        raise InputError("there is no such notebook", where=str(path))
    return found


def render_here(
    values: Mapping[str, Any] | None = None,
    *,
    path: str | Path | None = None,
    out: str | Path | None = None,
) -> Rendered:
    """Render the notebook of this cell, as last saved, and return a link to its page.

    It runs ``nktrade render`` in a process of its own: the cells here, and what they made, are
    left alone. In a run that is itself a rendering nothing happens.

    Parameters
    ----------
    values : mapping of str to value, optional
        Parameters that differ from the notebook's defaults, checked as ``nktrade render`` checks
        them.
    path : str or Path, optional
        The notebook, where Jupyter does not tell it.
    out : str or Path, optional
        Folder of the site; by default ``build/site``, of the checkout for a notebook of the
        collection, else beside the notebook.

    Returns
    -------
    Rendered
        Shows itself as a line with a link.

    Raises
    ------
    InputError
        A value does not fit its parameter, or the notebook is unknown; nothing was run.

    Examples
    --------
    >>> print(render_here())  # at a prompt
    Nothing is rendered: no notebook is open here. Or say path=...
    """
    if path is None and find_notebook() is None:
        return Rendered(None, "Nothing is rendered: no notebook is open here. Or say path=...")
    notebook = demand_notebook(path)
    own = notebook.parent == NOTEBOOKS
    home = NOTEBOOKS.parent if own else notebook.parent
    site = Path(out).resolve() if out is not None else home / "build" / "site"
    listed = notebook.with_name("site.yml")
    asked = [str(listed), notebook.stem] if listed.is_file() else [str(notebook)]
    call = [sys.executable, "-m", "nktrade", "render", *asked, "--out", str(site), "--json"]
    if values:
        from nktrade.render.values import plain

        call += ["-y", json.dumps(plain(dict(values)), ensure_ascii=False)]
    # A cell that renders is rendered too: there it must not begin again.
    environment = {name: text for name, text in os.environ.items() if name != _SESSION}
    done = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", env=environment)
    if done.returncode not in (0, 1):
        raise InputError(_last_words(done.stderr), where=f"notebook {notebook.stem}")
    records = [one for one in json.loads(done.stdout) if one["notebook"] == notebook.stem]
    wanted = dict(values or {})
    record = next(
        (one for one in records if wanted.items() <= one["parameters"].items()), records[0]
    )
    page = site / record["page"]
    return Rendered(page, _tell(record), Path(os.path.relpath(page, notebook.parent)).as_posix())


def _tell(record: Mapping[str, Any]) -> str:
    if record["status"] == "failed":
        error = record["error"] or {}
        return f"It failed: {error.get('type')}: {error.get('message')} The page so far:"
    words = {"cached": "Nothing has changed since"}.get(record["status"], "Rendered in")
    return f"{words} {record['seconds']:.0f} s." if words == "Rendered in" else f"{words}."


def _last_words(told: str) -> str:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return lines[-1].removeprefix("nktrade: ") if lines else "the rendering ended without a word"
