"""Pages of words: a text in Markdown, with the site's frame around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from typing import Any

from markupsafe import Markup, escape

from nktrade.site.shell import render_template
from nktrade.site.tables import tidy_tables

_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a class="anchor-link" href="[^"]*" ?/?>(?:[^<]*</a>)?')
_LINK = re.compile(r'<a href="(?!https?://|#)([^"]*)">(.*?)</a>', re.DOTALL)
_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)


def lay_text(
    markdown: str,
    frame: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
) -> str:
    """Return the page of a text of the project's own; its first heading is the title.

    Parameters
    ----------
    markdown : str
    frame, way : mapping, optional
        As :func:`nktrade.site.shell.render_template`.
    links : mapping, optional
        The name of a file that texts link to → its page. Other files are named, not linked: a
        site holds no sources.
    """
    title = _TITLE.search(markdown)
    body = _write_body(markdown, tuple((links or {}).items()))
    shown = title[1] if title else ""
    return render_template(
        "text.html.j2", frame, way, title=shown, body=body, scripts=["tables.js"]
    )


@lru_cache(maxsize=100)
def _write_body(markdown: str, links: tuple[tuple[str, str], ...]) -> Markup:
    from nbconvert.filters import markdown2html

    # A block of code that is wider than a telephone is scrolled by the keyboard, too.
    html = _ANCHOR.sub("", markdown2html(markdown)).replace("<pre>", '<pre tabindex="0">')
    known = dict(links)

    def lead(found: re.Match) -> str:
        name = found[1].rpartition("/")[2]
        page = known.get(name) or (name if name.endswith(".html") else "")
        return f'<a href="{escape(page)}">{found[2]}</a>' if page else found[2]

    number = count(1)
    tables = _TABLE.sub(
        lambda table: (
            f'<div class="table" role="region" tabindex="0" aria-label="Table {next(number)}">'
            f"{table[0]}</div>"
        ),
        tidy_tables(_LINK.sub(lead, html)),
    )
    return Markup(tables)
