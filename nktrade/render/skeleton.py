"""A notebook to start from: every room in its place, and it runs as it is."""

from __future__ import annotations

from pathlib import Path

from nktrade.errors import InputError

_CELLS: list[tuple[str, str, str]] = [
    ("markdown", "", "# {title}\n\nHow much was traded of one good, and when?"),
    (
        "code",
        "",
        "# Ask your own question above, in one sentence; then change the rooms below in order.\n"
        "from typing import Literal\n\nimport nktrade as nk\nfrom nktrade import charts",
    ),
    (
        "code",
        "parameters",
        """\
partner: str = "PRK"  # ISO3 code of the country whose trade is read
start: str = "2017-01"  # first month
end: str = "2024-12"  # last month
data: str = "default"  # "default" for the estimated panel, or the folder of a store
currency: Literal["USD", "CNY"] = "USD"  # currency of the rows to read
flow: Literal["import", "export"] = "export"  # the country's own flow
product: str = "6704"  # HS code, with everything under it""",
    ),
    (
        "code",
        "",
        """\
korea = nk.Study(partner, start, end, data, currency)
goods = korea.select(flow=flow, hs=product)
years = korea.compare(goods, "flow", korea.whole("year", flow=flow)).loc[flow]
best, what = years.idxmax(), nk.hs.name(product).lower()
nk.finding(f"The {flow}s of {what} were largest in {best}: {korea.money(years[best])}.")""",
    ),
    (
        "code",
        "cover",
        'korea.draw(charts.draw_trend, korea.monthly(goods), "Value by month")',
    ),
    (
        "markdown",
        "",
        """\
Say in two or three sentences what the reader sees, and why it is asked. Everything is read in the \
partner's mirror: what China declares as its export is this country's import. A finding may be \
stated only if it holds over everything that published figures, or records, leave open.

## By year""",
    ),
    ("code", "", 'korea.bars(years, "Value by year")'),
    (
        "markdown",
        "",
        """\
## Data and method

What is computed, in a few lines, and the reference it is taken from. Here, sums of declared value \
by month and year.""",
    ),
    ("code", "", "korea"),
    (
        "markdown",
        "",
        "## Published and computed\n\nWhat was printed of these goods beside what is computed.",
    ),
    ("code", "", 'korea.published({"code": product, "flow": flow})'),
    (
        "markdown",
        "",
        """\
## What these numbers cannot say

- Smuggling, barter and aid are not declared. Say what else is missing here.
- Months that nobody published are assumed on the estimated panel.

## Exercises

1. Ask the same of another HS code.""",
    ),
    (
        "markdown",
        "solution",
        "**Solution to 1.** Set `product` in the parameters, or render with `-p product=6902`.",
    ),
]


def write_skeleton(path: Path) -> Path:
    """Write a notebook with every room and return its path.

    Raises
    ------
    InputError
        The name is no file name, there is already a file of that name, or the folder cannot be
        written.
    """
    import nbformat
    from nbformat import v4

    if not path.name.strip() or not path.name.isprintable():
        raise InputError("a notebook needs a name", expected="as '18_my_question'")
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
