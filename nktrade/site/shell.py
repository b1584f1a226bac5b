"""What the site's pages share: frame, ways and policy.

No page loads anything: style and scripts stand in it, and a content-security policy allows the
site's own scripts by their hashes and no other, so that what strangers wrote into a notebook or a
table cannot run.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nktrade._version import __version__
from nktrade.site.text import spell_agreement, spell_date, spell_value

TEMPLATES = Path(__file__).with_name("templates")

#: Where the contents and the ways of a page go: they are known when the rest is written.
_SLOT = "<!--ways-->"
_MAIN = re.compile(r'<main id="main">(.*)</main>', re.DOTALL)
_HEADING = re.compile(r'<h2[^>]*\bid="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


#: What XML cannot hold, and HTML need not.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _drop_controls(value: Any) -> Any:
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return _CONTROLS.sub("\ufffd", value)


@cache
def _environment():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        finalize=_drop_controls,
    )
    environment.globals["policy"] = write_policy
    environment.filters |= {
        "read_asset": read_asset,
        "spell_agreement": spell_agreement,
        "spell_date": spell_date,
        "spell_value": spell_value,
        "write_json": write_json,
    }
    return environment


@cache
def read_asset(name: str) -> Markup:
    """Return a style sheet or script of the site, to stand inside a page."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8").strip())


@cache
def write_policy(*scripts: str) -> Markup:
    """Return the element that lets a browser run these scripts of the site and load nothing.

    Parameters
    ----------
    *scripts : str
        Names of assets, each alone in its script element.
    """
    hashes = [b64encode(sha256(read_asset(name).encode()).digest()).decode() for name in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
    return Markup(
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; media-src data:; "
        "font-src data:; base-uri 'none'; form-action 'self' file:\">"
    )


def write_json(value: Any) -> Markup:
    """Return a value as JSON that can stand in a script element."""
    import json

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def render_template(
    name: str,
    frame: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
    **values: Any,
) -> str:
    """Return the HTML of one of the site's own pages; what it is given is text, never markup.

    Parameters
    ----------
    name : str
        Of the template.
    frame : mapping, optional
        What every page of the site has: `links`, pairs of address and title.
    way : mapping, optional
        What this page leads to, as :func:`nktrade.site.ways.lay_ways` says it.
    **values
        What else the template shows.
    """
    html = render_piece(name, frame=frame or {}, **values)
    return add_ways(html, way or {})


def render_piece(name: str, **values: Any) -> Markup:
    """Return the HTML of a template that is part of a page."""
    return Markup(_environment().get_template(name).render(version=__version__, **values))


def add_ways(html: str, way: Mapping[str, Any]) -> str:
    """Put a page's contents, and what it leads to, where its template left room for them."""
    before, slot, after = html.rpartition(_SLOT)
    if not slot:
        return html
    main = _MAIN.search(before)
    contents = list_contents(main[1] if main else "")
    return f"{before}{render_piece('ways.html.j2', way=way, contents=contents)}{after}"


def list_contents(html: str) -> Sequence[tuple[str, str]]:
    """Return the anchors and words of a page's headings of the second level.

    Examples
    --------
    >>> list_contents('<h2 id="a">Of <em>one</em> &amp; all</h2><h2>without</h2>')
    [('a', 'Of one & all')]
    """
    return [
        (anchor, " ".join(unescape(_TAG.sub("", words)).split()))
        for anchor, words in _HEADING.findall(html)
    ]
