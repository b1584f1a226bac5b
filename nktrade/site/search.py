"""Search over everything the site holds, without a server: one page with its engine and its list.

Browsers refuse to fetch a file beside a page that was opened from disk. So what can be found
stands in the page as data, and MiniSearch (bundled, MIT licence) ranks it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nktrade.files.writing import replace_text
from nktrade.site.shell import render_template

#: What is found, in the order in which equals are shown.
KINDS = ("page", "subject", "text", "code", "term", "figure")
_FIELDS = ("kind", "title", "text", "words", "href")


def write_search(
    entries: Iterable[Mapping[str, Any]], out: Path, frame: Mapping[str, Any] | None = None
) -> Path:
    """Write ``search.html`` and return its path.

    Parameters
    ----------
    entries : iterable of mapping
        One for each thing that can be found: `kind` (one of `KINDS`), `title`, `text` (one line
        that is shown and searched), `words` (searched only: other names, codes), `href` (beside
        the page).
    out : Path
        The site's folder.
    frame : mapping, optional
        What every page of the site has.

    Raises
    ------
    ValueError
        An entry is of no known kind.
    """
    rows = []
    for entry in entries:
        if entry["kind"] not in KINDS:
            raise ValueError(f"unknown kind {entry['kind']!r}")
        rows.append([entry.get(field, "") for field in _FIELDS])
    html = render_template(
        "search.html.j2",
        frame,
        title="Search",
        rows=rows,
        scripts=["vendor/minisearch.js", "search.js"],
    )
    return replace_text(out / "search.html", html, lasting=False)
