"""Search over everything the site holds, without a server: one page, one script, one list.

Browsers refuse to fetch a file beside a page that was opened from disk; a script they do load. So
what can be found is written as a script, and MiniSearch (bundled, MIT licence) ranks it there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nktrade.site.shell import TEMPLATES, render_template
from nktrade.writing import replace_text

#: What is found, in the order in which equals are shown.
KINDS = ("page", "figure", "code", "term")


def write_search(entries: Iterable[Mapping[str, Any]], out: Path, title: str) -> Path:
    """Write ``search.html``, its script and its list, and return the page's path.

    Parameters
    ----------
    entries : iterable of mapping
        One for each thing that can be found: `kind` (one of `KINDS`), `title`, `text` (one line
        that is shown and searched), `words` (searched only: other names, codes), `href` (beside
        the page).
    out : Path
        The site's folder.
    title : str
        The site's title.

    Raises
    ------
    ValueError
        An entry is of no known kind.
    """
    rows = []
    for entry in entries:
        if entry["kind"] not in KINDS:
            raise ValueError(f"unknown kind {entry['kind']!r}")
        rows.append([entry.get(field, "") for field in ("kind", "title", "text", "words", "href")])
    listed = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    engine = (TEMPLATES / "vendor" / "minisearch.js").read_text(encoding="utf-8")
    finder = (TEMPLATES / "search.js").read_text(encoding="utf-8")
    replace_text(out / "search-list.js", f"var NKTRADE_SEARCH = {listed};\n")
    replace_text(out / "search.js", f"{engine}\n{finder}")
    html = render_template("search.html.j2", title=title, count=len(rows))
    return replace_text(out / "search.html", html)
