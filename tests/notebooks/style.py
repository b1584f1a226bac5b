"""How a notebook is written, counted: lines, guards, words; `python -m tests.notebooks.style`."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


@dataclass(frozen=True)
class Style:
    """What a reader meets in one notebook.

    Attributes
    ----------
    lines : int
        Lines of code that are not empty.
    longest_cell, widest_line : int
        Lines of the longest cell of code; characters of its widest line.
    words : int
        Words of prose in all cells of text.
    conditions : int
        Statements and expressions with ``if``, and comparisons with None.
    functions, nones : int
        Functions defined, and None written.
    """

    lines: int
    longest_cell: int
    widest_line: int
    words: int
    conditions: int
    functions: int
    nones: int

    @property
    def words_a_line(self) -> float:
        return self.words / self.lines


def measure_style(path: Path) -> Style:
    """Count a notebook's lines, guards and words."""
    cells = nbformat.read(path, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    nodes = [node for source in code for node in ast.walk(ast.parse(source))]
    lines = [[line for line in source.splitlines() if line.strip()] for source in code]
    return Style(
        lines=sum(map(len, lines)),
        longest_cell=max(map(len, lines)),
        widest_line=max(len(line) for cell in lines for line in cell),
        words=len(re.findall(r"[^\W\d_][\w'’-]*", prose)),
        conditions=sum(isinstance(node, ast.If | ast.IfExp) for node in nodes),
        functions=sum(isinstance(node, ast.FunctionDef) for node in nodes),
        nones=sum(isinstance(node, ast.Constant) and node.value is None for node in nodes),
    )


def show_styles() -> None:
    """Print the table of measures, one line a notebook."""
    print(f"{'notebook':28} lines cell wide words/line ifs defs None")
    for path in NOTEBOOKS:
        one = measure_style(path)
        print(
            f"{path.stem:28} {one.lines:5} {one.longest_cell:4} {one.widest_line:4} "
            f"{one.words_a_line:10.1f} {one.conditions:3} {one.functions:4} "
            f"{one.nones:4}"
        )
    print(f"{'together':28} {sum(measure_style(path).lines for path in NOTEBOOKS):5}")


if __name__ == "__main__":
    show_styles()
