"""Cells run without Jupyter: what a page in a browser asks of Python, whichever engine it has.

A `Session` remembers what earlier cells made, as a kernel does, and answers each cell with outputs
in the form that notebooks store. It has the hooks of IPython that `nktrade.study.refusals` listens
by, so a refusal is a line of the page here too.
"""

from __future__ import annotations

import ast
import io
import json
import linecache
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from types import SimpleNamespace
from typing import Any

from nktrade.errors import NktradeError
from nktrade.study import refusals

Output = dict[str, Any]


class Session:
    """One notebook's memory.

    Attributes
    ----------
    user_ns : dict
        The names that its cells made.
    """

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {"__name__": "__main__", "display": self.display}
        self._outputs: list[Output] = []
        self._heard: tuple[tuple[type[BaseException], ...], Callable | None] = ((), None)
        self._after: list[Callable[[Any], None]] = []
        self._number = 0
        self.display_pub = SimpleNamespace(publish=lambda data: self._tell("display_data", data))
        self.events = SimpleNamespace(register=lambda _, call: self._after.append(call))
        refusals.listen(self)

    def run(self, source: str) -> list[Output]:
        """Run a cell and return its outputs; an error is one of them.

        Examples
        --------
        >>> Session().run("a = 2\\nprint('two')\\na + 1")[1]["data"]
        {'text/plain': '3'}
        """
        self._outputs, self._number = [], self._number + 1
        name = f"Cell {self._number}"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        told, errors = io.StringIO(), io.StringIO()
        result = SimpleNamespace(info=SimpleNamespace(raw_cell=source), error_in_exec=None)
        with redirect_stdout(told), redirect_stderr(errors):
            try:
                self._execute(source, name)
            except BaseException as error:  # also what a cell asks to exit with
                result.error_in_exec = error
                self._hear(error)
            for call in self._after:
                call(result)
        self._show_figures()
        texts = [{"output_type": "stream", "name": "stdout", "text": told.getvalue()}]
        texts += [{"output_type": "stream", "name": "stderr", "text": errors.getvalue()}]
        return [text for text in texts if text["text"]] + self._outputs

    def run_json(self, source: str) -> str:
        """Run a cell and return its outputs as JSON, for a page."""
        return json.dumps(self.run(source), default=str)

    def display(self, *things: Any) -> None:
        """Show something before the cell is done, as IPython's ``display`` does."""
        for thing in things:
            self._tell("display_data", _bundle(thing))

    def set_custom_exc(self, kinds: tuple[type[BaseException], ...], hear: Callable) -> None:
        """Give errors of some kinds to somebody else."""
        self._heard = kinds, hear

    def transform_cell(self, source: str) -> str:
        """Return a cell as Python; there are no magics here."""
        return source

    def showtraceback(self, about: tuple[Any, BaseException, Any], tb_offset: Any = None) -> None:
        """Tell an error: of the library's own the message, of others the lines of the cells too."""
        error = about[1]
        if isinstance(error, NktradeError):
            lines = error._render_traceback_()
        else:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if frame.filename.startswith("Cell ")]
            lines = [f"{frame.filename}, line {frame.lineno}: {frame.line}" for frame in own]
            lines += traceback.format_exception_only(error)
        text = "\n".join(line.rstrip() for line in lines)
        about_error = {"ename": type(error).__name__, "evalue": str(error)}
        self._outputs.append({"output_type": "error", **about_error, "traceback": [text]})

    def _execute(self, source: str, name: str) -> None:
        tree = ast.parse(source, name)
        last = tree.body[-1] if tree.body else None
        shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
        rest = ast.Module(tree.body[:-1] if shown else tree.body, [])
        exec(compile(rest, name, "exec"), self.user_ns)
        if shown and isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.user_ns)
            if value is not None:
                self._tell("execute_result", _bundle(value))

    def _hear(self, error: BaseException) -> None:
        kinds, hear = self._heard
        if hear is not None and isinstance(error, kinds):
            hear(self, type(error), error, error.__traceback__, None)
        else:
            self.showtraceback((type(error), error, error.__traceback__))

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        self._outputs.append({"output_type": kind, "data": data, "metadata": {}})

    def _show_figures(self) -> None:
        """Show what was drawn through pyplot, as notebooks do."""
        if "matplotlib.pyplot" not in sys.modules:
            return
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            drawn = io.StringIO()
            plt.figure(number).savefig(drawn, format="svg", bbox_inches="tight")
            self._tell("display_data", {"image/svg+xml": drawn.getvalue()})
        plt.close("all")


#: Jupyter's protocol: what an object is asked, and what kind its answer is.
_ASKED = {"_repr_html_": "text/html", "_repr_markdown_": "text/markdown"}
_WHOLE = "_repr_mimebundle_"


def _bundle(thing: Any) -> dict[str, Any]:
    """Return what an object says of itself, by kind."""
    if hasattr(type(thing), _WHOLE):
        said = getattr(thing, _WHOLE)()
        return dict(said[0] if isinstance(said, tuple) else said)
    told = {
        kind: getattr(thing, way)() for way, kind in _ASKED.items() if hasattr(type(thing), way)
    }
    return {"text/plain": repr(thing)} | {kind: text for kind, text in told.items() if text}
