"""A refusal is a sentence of the page, in whatever runs the notebook.

Where the data cannot answer, a library function raises. `listen` asks IPython, by its public hooks,
to put such an error under the cell as one line, to forget the names that the cell would have made,
and to go on. A later cell that needs one of them says the same again, shorter. Everything else that
goes wrong (an unknown word, a misspelt name, a division by zero) is the author's slip and fails the
run as it always did.

It works in JupyterLab, papermill, nbconvert and at an IPython prompt, for all of them end a cell in
the same shell. `Study` calls it, so a notebook never has to.
"""

from __future__ import annotations

import ast
import symtable
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from nktrade.errors import GapError, MixtureError, NktradeError, UnanswerableError
from nktrade.study.notes import Note
from nktrade.table.periods import spell_periods

#: Errors that say what the data cannot answer; a wrong word or code is not among them.
REFUSALS = (UnanswerableError, GapError, MixtureError)


def listen(shell: Any = None) -> None:
    """Turn refusals into lines of the page from this cell on; outside IPython do nothing.

    Parameters
    ----------
    shell : optional
        What runs the cells, where it is not IPython but has its hooks (`nktrade.teach.session`).
    """
    if shell is None and "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
    if shell is not None and getattr(_Listener.current, "shell", None) is not shell:
        _Listener.current = _Listener(shell)


class _Listener:
    """Hears what cells of one shell raise and remembers which names are missing, and why."""

    current: _Listener | None = None

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.missing: dict[str, NktradeError] = {}
        self.refused: tuple[NktradeError, int] | None = None  # the error, and the line that raised
        shell.set_custom_exc((*REFUSALS, NameError), self.hear)
        shell.events.register("post_run_cell", self.end)

    def hear(self, shell, kind, error, trace, tb_offset=None) -> None:
        """Tell a refusal on the page; show any other error as IPython would."""
        reason = self.missing.get(str(error.name)) if isinstance(error, NameError) else error
        line = self._line(trace)
        # A name that a library function lacks is a fault of the library, whatever it is called.
        if reason is None or (reason is not error and not self._in_notebook(trace)):
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        first = reason is error
        told = f"These data cannot answer: {reason}" if first else f"Nor this: {reason.subject}."
        note = Note(spell_periods(told), "refusal" if first else "refusal again")
        shell.display_pub.publish(note._repr_mimebundle_())
        self.refused = (reason, line)

    def end(self, result) -> None:
        """After a cell: if it refused, forget what it would have made and call it done."""
        if self.refused is None:
            self.missing = {n: e for n, e in self.missing.items() if n not in self.shell.user_ns}
            return
        (reason, line), self.refused = self.refused, None
        for name in find_made(self.shell.transform_cell(result.info.raw_cell), line):
            self.shell.user_ns.pop(name, None)  # whatever an earlier run left is stale
            self.missing[name] = reason
        result.error_in_exec = None

    def _line(self, trace: TracebackType | None) -> int:
        """Return the line of the cell that led to the error."""
        lines = (at for frame, at in traceback.walk_tb(trace) if self._is_cell(frame))
        return next(lines, 1)

    def _in_notebook(self, trace: TracebackType | None) -> bool:
        *_, (frame, _) = traceback.walk_tb(trace)
        return self._is_cell(frame)

    def _is_cell(self, frame) -> bool:
        return frame.f_globals is self.shell.user_ns


def find_made(source: str, line: int = 1) -> list[str]:
    """Return the names that the statements of a cell make or change, from the one at `line` on.

    What a cell only changes (``table["share"] = …``, ``rows.append(…)``) is left half made where
    the cell refuses, and is of no more use than what was never made.

    Examples
    --------
    >>> find_made("a = 1\\nb, c = f(a)\\nd = [e for e in b]\\nimport os", 2)
    ['b', 'c', 'd', 'os']
    >>> find_made("pairs = f()\\npairs['true'] = g()\\nrows.append(pairs)", 2)
    ['pairs', 'rows']
    """
    rest = [part for part in ast.parse(source).body if (part.end_lineno or line) >= line]
    code = ast.unparse(_Unfolded().visit(ast.Module(rest, [])))
    table = symtable.symtable(code, "cell", "exec")
    made = [s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()]
    return list(dict.fromkeys([*made, *_find_changed(rest)]))


#: Methods that change what they are called on, of lists, dicts, sets and tables.
_CHANGING = {"add", "append", "extend", "insert", "pop", "remove", "setdefault", "sort", "update"}


def _find_changed(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the names of which a part is set, or a changing method called as a statement."""
    for node in (one for statement in statements for one in ast.walk(statement)):
        target = None
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            target = node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = node.value.func
            if isinstance(called, ast.Attribute) and called.attr in _CHANGING:
                target = called.value
        while isinstance(target, ast.Subscript | ast.Attribute):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id


class _Unfolded(ast.NodeTransformer):
    """Writes comprehensions as generators, whose own names Python 3.12 still keeps apart."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit what a node holds, then the node itself."""
        node = super().generic_visit(node)
        if isinstance(node, ast.ListComp | ast.SetComp):
            return ast.GeneratorExp(node.elt, node.generators)
        if isinstance(node, ast.DictComp):
            return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)
        return node
