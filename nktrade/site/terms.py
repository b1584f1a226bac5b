"""Terms of art: the first mention in a page's prose leads to where it is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markupsafe import escape

#: Where a term is a word of prose: text of paragraphs and list items, outside links and code.
_PROSE = re.compile(r'<section class="prose".*?</section>', re.DOTALL)
_PIECES = re.compile(
    r"(<(a|code|pre|h[1-6]|math|svg|table|script|style)\b.*?</\2>|<[^>]*>|\$\$.*?\$\$|\$[^$]*\$)",
    re.DOTALL,
)


def link_terms(html: str, terms: Mapping[str, str]) -> str:
    """Return a page whose sections of prose link each term the first time they use it.

    Parameters
    ----------
    html : str
        A page; only its ``<section class="prose">`` are read.
    terms : mapping
        A term as it stands in text → the address that explains it. Several terms may share one:
        the first of them that is met is linked.

    Examples
    --------
    >>> link_terms('<section class="prose"><p>A mirror, <code>mirror</code>.</p></section>',
    ...            {"mirror": "glossary.html#mirror"})
    '<section class="prose"><p>A <a class="term" href="glossary.html#mirror">mirror</a>, \
<code>mirror</code>.</p></section>'
    """
    if not terms:
        return html
    pattern = _compile(tuple(terms))
    low = {term.lower(): address for term, address in terms.items()}
    met: set[str] = set()

    def link(found: re.Match) -> str:
        address = low[found[0].lower()]
        if address in met:
            return found[0]
        met.add(address)
        return f'<a class="term" href="{escape(address)}">{found[0]}</a>'

    def read(section: re.Match) -> str:
        pieces, at = [], 0
        for piece in _PIECES.finditer(section[0]):
            pieces += [pattern.sub(link, section[0][at : piece.start()]), piece[0]]
            at = piece.end()
        return "".join([*pieces, section[0][at:]])

    return _PROSE.sub(read, html)


@lru_cache
def _compile(terms: tuple[str, ...]) -> re.Pattern:
    """Return what finds any of the terms as a word of its own, the longest first."""
    words = "|".join(re.escape(str(escape(t))) for t in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
