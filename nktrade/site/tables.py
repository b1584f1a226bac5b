"""Tables for reading: numbers to the right, text to the left, headers tied to their cells.

pandas writes a table's HTML without saying which columns hold numbers. Style sheets cannot know
either, so the page's tables are marked here: every number's cell, and the header above it, gets
the class ``num``. Every cell repeats the words above it in ``data-label``: on a telephone a row
becomes a list of names and values, and nothing hangs over the edge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

from nktrade.site.figure_ledger import name_anchor

#: First column, width and cell of each cell of a row.
_Row = list[tuple[int, int, Any]]
#: No column of a table for readers spans more; a wider one is a slip or a bomb.
_WIDEST = 1000
_NUMBER = re.compile(
    r"^[\s(]*+[+\-−–~<>≈]?\s*+[$¥€]?\s*+[+\-−]?\d[\d,.\s]*+(?:e[+-]?\d+)?\s*+"
    r"(?:%|pp|points|×|x|bn|m|k|million|billion|thousand|USD|CNY)?[)*\s]*$",
    re.IGNORECASE,
)
_EMPTY = {"", "nan", "none", "<na>", "nat", "–", "—", "-", "n/a", "…"}
# "2020-06", "2017" in the first column of an index is a label, not an amount; HS codes are text.
_DIGITS_ONLY = re.compile(r"^0\d+$|^\d{6,10}$")


def tidy_tables(html: str) -> str:
    """Return a piece of HTML with its tables marked for the page's style.

    Examples
    --------
    >>> print(tidy_tables("<table><thead><tr><th>flow</th><th>value</th></tr></thead><tbody>"
    ...                   "<tr><td>import</td><td>1,204.5</td></tr></tbody></table>"))
    <table><thead><tr><th scope="col">flow</th><th class="num" scope="col">value</th></tr></thead>\
<tbody><tr><td data-label="flow">import</td><td class="num" data-label="value">1,204.5</td></tr>\
</tbody></table>
    """
    if "<table" not in html:
        return html
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style"):
        if style.has_attr("scoped") or ".dataframe" in style.get_text():
            style.decompose()  # pandas' own spacing and borders, of every table of the page
    for table in soup.find_all("table"):
        del table["border"]
        _fold_names(table)
        rows = table.find_all("tr")
        heads = {id(row) for head in table.find_all("thead") for row in head.find_all("tr")}
        above = [_spans(row) for row in rows if id(row) in heads]
        below = [_spans(row) for row in rows if id(row) not in heads]
        _mark_numbers(above, below)
        _label_cells(above, below)
        for header in table.find_all("th"):
            header.attrs.pop("valign", None)
            if header.get_text().strip():
                header["scope"] = "col" if header.find_parent("thead") else "row"
            else:  # a corner of the table heads nothing
                header.name = "td"
        for row in rows:
            row.attrs.pop("style", None)
            if "data-figure" in row.attrs:
                _link_figure(soup, row)
    return str(soup)


def _link_figure(soup, row) -> None:
    """Lead from a published figure's row to its place in the ledger."""
    cell = row.find("td", recursive=False)
    anchor = name_anchor(str(row.attrs.pop("data-figure")))
    if cell is not None and not cell.find("a"):
        link = soup.new_tag("a", href=f"ledger.html#{anchor}")
        link.extend(list(cell.contents))
        cell.append(link)


def _fold_names(table) -> None:
    """Set the names of the index beside the names of the columns: pandas gives them a row."""
    head = table.find("thead", recursive=False)
    rows = head.find_all("tr", recursive=False) if head else []
    if len(rows) != 2:
        return
    above, below = (row.find_all("th", recursive=False) for row in rows)
    named = [cell for cell in below if cell.get_text().strip()]
    fits = named and len(above) == len(below) and named == below[: len(named)]
    if fits and not any(cell.get_text().strip() for cell in above[: len(named)]):
        for empty, name in zip(above, named, strict=False):
            empty.replace_with(name)
        rows[1].decompose()


def _spans(row) -> _Row:
    """Return the first column, the width and the cell of each cell of a row.

    Columns are counted from the right end: rows below a row header that spans several start
    further right, and so their columns stay in step.
    """
    cells = [cell for cell in row.children if cell.name in ("td", "th")]
    widths = [_width(cell) for cell in cells]
    starts = [sum(widths[:n]) - sum(widths) for n in range(len(cells))]
    return list(zip(starts, widths, cells, strict=True))


def _width(cell) -> int:
    text = str(cell.get("colspan", "1")).strip()
    return min(max(int(text), 1), _WIDEST) if text.isascii() and text.isdigit() else 1


def _label_cells(above: Sequence[_Row], below: Sequence[_Row]) -> None:
    """Write the words of the headers above a cell, outermost first, into its ``data-label``."""
    words: dict[int, list[str]] = {}
    for start, width, cell in chain.from_iterable(above):
        said = " ".join(cell.get_text(" ").split())
        for column in range(start, start + width):
            if said and said not in words.setdefault(column, []):
                words[column].append(said)
    for start, _, cell in chain.from_iterable(below):
        if cell.name == "td" and start in words:
            cell["data-label"] = ", ".join(words[start])


def _mark_numbers(above: Sequence[_Row], below: Sequence[_Row]) -> None:
    columns: dict[int, list] = {}
    headers: dict[int, list] = {}
    for home, rows in ((headers, above), (columns, below)):
        for start, width, cell in chain.from_iterable(rows):
            if width == 1:
                home.setdefault(start, []).append(cell)
    for place, cells in columns.items():
        body = [cell for cell in cells if cell.name == "td"]
        texts = [cell.get_text().strip() for cell in body]
        told = [text for text in texts if text.lower() not in _EMPTY]
        numbers = sum(bool(_NUMBER.match(t)) and not _DIGITS_ONLY.match(t) for t in told)
        if told and numbers >= 0.8 * len(told):
            for cell in body + headers.get(place, []):
                cell["class"] = [*cell.get("class", []), "num"]
