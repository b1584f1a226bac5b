"""What a page says otherwise than when it was rendered last: its finding, its tables, its pictures.

For an author who changes a notebook and renders it again: `tell_changes` compares the outputs of
two runs and says in lines what moved. Nothing is judged, and nothing of trade is known.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from nktrade.errors import count_of
from nktrade.render.outcome import read_facts

#: More lines than this say only that much changed.
MOST = 12
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_CAPTION = re.compile(r"<caption\b[^>]*>(.*?)</caption>", re.DOTALL)


def tell_changes(old: list[Mapping], new: list[Mapping]) -> list[str]:
    """Return in lines what the outputs of a notebook say otherwise than before.

    Parameters
    ----------
    old, new : list of mapping
        Cells of the two executed notebooks.

    Examples
    --------
    >>> table = "<table><caption>Tons</caption><tr><th>2023</th><td>{}</td></tr></table>"
    >>> def cell(number):
    ...     return {"cell_type": "code", "source": "", "metadata": {}, "outputs": [
    ...         {"data": {"text/html": table.format(number)}}]}
    >>> tell_changes([cell(3)], [cell(4)])
    ['table "Tons": 2023: 3 is now 4']
    """
    lines = []
    was, now = read_facts(old), read_facts(new)
    if was.finding != now.finding:
        lines.append(f"finding: {was.finding or 'none'} -> {now.finding or 'none'}")
    lines += [
        f"figure {name}: {was.figures.get(name, 'not there')} is now {verdict}"
        for name, verdict in now.figures.items()
        if was.figures.get(name) != verdict
    ]
    before, after = dict(_tables(old)), dict(_tables(new))
    lines += [f'table "{name}" is gone' for name in before if name not in after]
    lines += [f'table "{name}" is new' for name in after if name not in before]
    for name in [name for name in after if name in before]:
        lines += [f'table "{name}": {line}' for line in _compare(before[name], after[name])]
    left = len(lines) - MOST
    return [*lines[:MOST], f"and {count_of(left, 'changes')} more"] if left > 0 else lines


def _tables(cells: list[Mapping]) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield caption and rows of each table of a notebook's outputs."""
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            text = "".join(text) if isinstance(text, list) else text
            for part in text.split("<table")[1:]:
                caption = _CAPTION.search(part)
                name = _read(caption[1]) if caption else f"of cell {number}"
                yield name, [[_read(c) for c in _CELL.findall(row)] for row in _ROW.findall(part)]


def _read(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _compare(old: list[list[str]], new: list[list[str]]) -> Iterator[str]:
    """Yield what became of the rows, each known by its first cell."""
    was = {row[0]: row for row in old if row}
    now = {row[0]: row for row in new if row}
    yield from (f"row {name} is gone" for name in was if name not in now)
    for name, row in now.items():
        if name not in was:
            yield f"row {name} is new"
            continue
        pairs: list[tuple[Any, Any]] = list(zip_longest(was[name], row, fillvalue="nothing"))
        yield from (f"{name}: {one} is now {other}" for one, other in pairs if one != other)
