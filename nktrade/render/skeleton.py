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

How much was traded under one HS code, and when?""",
    ),
    (
        "code",
        "",
        """\
# Ask your own question in the title above: one sentence. Then change the rooms below in order.
from typing import Literal

import nktrade as nk
from nktrade import charts, measures, published
from nktrade.errors import UnanswerableError
from nktrade.study import attempt, name_country, state_finding
from nktrade.store import describe""",
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
        "markdown",
        "",
        """\
## Data

Everything is read from the partner's mirror: what China declares as its export is this country's \
import, valued FOB; what China declares as its import is this country's export, valued CIF.""",
    ),
    (
        "code",
        "",
        """\
source = describe(data)
trade = nk.mirror(nk.load(data, partner=partner, start=start, end=end, currency=currency))
goods = nk.select(trade, flow=flow, hs=product)
country, what = name_country(partner), nk.hs.name(product) or f"HS {product}"
caption = charts.write_caption(trade, source.caption(), side=country)
source""",
    ),
    (
        "markdown",
        "",
        """\
## Month by month

The figure's title states what it shows, computed, so that it stays true for any parameters.""",
    ),
    (
        "code",
        "cover",
        """\
def draw():
    months = nk.monthly(goods, coverage=trade)
    single = months[(months["state"] != "combined") & months["value"].notna()]
    if single.empty:
        raise UnanswerableError(f"the data hold no month of {flow}s under {product}")
    peak = single.loc[single["value"].idxmax()]
    divisor, unit = charts.scale_money(months["value"], currency)
    height = charts.write_figure(peak["value"] / divisor)
    title = (
        f"{country}'s {flow}s of {what.lower()} peaked at {height} {unit} "
        f"in {peak['period']:%B %Y}"
    )
    events = partner == "PRK"
    return charts.draw_trend(months, title, caption, currency=currency, events=events)


attempt(draw)""",
    ),
    (
        "code",
        "",
        """\
years = measures.add_up(goods.assign(year=goods["period"].dt.year), ["year", "currency"])
years.style.format({"value": "{:,.0f}", "quantity": "{:,.0f}"}, na_rep="").hide(axis="index")""",
    ),
    (
        "code",
        "",
        """\
def find():
    known = years.dropna(subset="value")
    if known.empty:
        raise UnanswerableError(f"the data hold no value of {flow}s under {product}")
    best = known.loc[known["value"].idxmax()]
    return state_finding(
        f"{country}'s {flow}s of {what.lower()} were largest in {best['year']}: "
        f"{best['value'] / 1e6:,.2f} million {currency}."
    )


attempt(find)""",
    ),
    (
        "markdown",
        "",
        """\
## Method

In a few lines: what is computed, and the reference it is taken from. Here, sums of declared value \
by month and year.

## Published and computed

Each published figure on these goods beside what this run computes.""",
    ),
    (
        "code",
        "",
        """\
figures = published.figures_for(partner, currency, {"code": product, "flow": flow})
published.compare(figures, trade)""",
    ),
    (
        "markdown",
        "",
        """\
## What these numbers cannot say

- Smuggling, barter and aid are not declared. Say what else is missing here.
- Months drawn from the estimated panel between published points follow a written prior.

## Exercises

1. Ask the same of another HS code.""",
    ),
    (
        "markdown",
        "solution",
        """\
**Solution to 1.** Set `product` in the parameters cell, or render with `-p product=6902`.""",
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

    if not path.name:
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
