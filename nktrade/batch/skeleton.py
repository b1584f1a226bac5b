"""A notebook to start from: every room in its place, and it runs as it is."""

from __future__ import annotations

from pathlib import Path

from nktrade.errors import InputError

_CELLS: list[tuple[str, str, str]] = [
    (
        "markdown",
        "",
        """\
# {title}

What do you want to know of North Korea's trade? One question, in one sentence.""",
    ),
    (
        "code",
        "parameters",
        """\
partner: str = "PRK"  # ISO3 code of the country whose trade is read in the mirror
start: str = "2019-01"  # first month
end: str = "2023-12"  # last month
hs: str = "6704"  # HS code, with everything under it
data: str = "default"  # "default" for the reconstructed panel, or the folder of a store""",
    ),
    ("markdown", "", "## The data and where it came from"),
    (
        "code",
        "",
        """\
import nktrade as nk
from nktrade import store

china = nk.load(data, partner=partner, hs=hs, start=start, end=end)
trade = nk.mirror(china)  # from here on flows are the partner's own
store.describe(data)""",
    ),
    (
        "markdown",
        "",
        "## What the figures say\n\nA table or a figure, and a sentence on what it shows.",
    ),
    (
        "code",
        "",
        """\
years = trade.assign(year=trade["period"].dt.year).groupby(["year", "flow"])["value"].sum()
(years.unstack("flow") / 1e6).round(2).rename_axis(columns="million")""",
    ),
    (
        "markdown",
        "",
        """\
## Method

In a few lines: what is computed, and the reference it is taken from.""",
    ),
    (
        "markdown",
        "",
        """\
## Published and computed

Each published figure beside what this run computes.""",
    ),
    (
        "code",
        "",
        """\
from nktrade import documents

figures = documents.load_documents(code=hs, measure="value", flow="export")
documents.compare(figures, trade)""",
    ),
    (
        "markdown",
        "",
        """\
## What the numbers cannot say

Smuggling, barter and aid are not declared; say what else is missing here.""",
    ),
    ("markdown", "", "## Exercises\n\n1. Ask the same question of another HS code."),
]


def write_skeleton(path: Path) -> Path:
    """Write a notebook with every room and return its path.

    Raises
    ------
    InputError
        There is already a file of that name, or the folder cannot be written.
    """
    import nbformat
    from nbformat import v4

    path = path if path.suffix == ".ipynb" else path.with_name(f"{path.name}.ipynb")
    title = path.stem.lstrip("0123456789_- ").replace("_", " ").capitalize() or "A new question"
    notebook = v4.new_notebook()
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    for number, (kind, tag, source) in enumerate(_CELLS):
        make = v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell
        cell = make(source.format(title=title) if number == 0 else source)
        cell.id = f"room-{number:02d}"
        if tag:
            cell.metadata["tags"] = [tag]
        notebook.cells.append(cell)
    try:
        with path.open("x", encoding="utf-8") as file:
            nbformat.write(notebook, file)
    except FileExistsError:
        raise InputError("there is already such a notebook", where=str(path)) from None
    except OSError as error:
        raise InputError(
            "the notebook cannot be written", where=str(path), got=error.strerror or str(error)
        ) from None
    return path
