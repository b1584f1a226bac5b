"""HTML and drawings of others as a page may hold them: whatever would run is taken out.

What a notebook's author or a table's text wrote is parsed as browsers parse it (nh3, on ammonia and
html5ever) and written again with the elements and attributes named here alone: no script, no event
handler, no address but of the web, of mail or of a picture within the page. The pages' policy
forbids such things too; this holds where a browser knows no policy, or the HTML is taken elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

import nh3

from nktrade.site.carried import NAMING

_HTML = nh3.ALLOWED_TAGS | {
    *(
        "style",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "nav",
        "aside",
        "figure",
        "hgroup",
    ),
    *("figcaption", "details", "summary", "table", "caption", "colgroup", "col", "meter"),
    *("progress", "audio", "video", "source", "track", "picture", "dl", "dt", "dd", "mark", "u"),
    *("label", "output", "time", "wbr", "center", "font", "big", "address"),
}
_MATHML = {
    *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup"),
    *("mfrac", "msqrt", "mroot", "mstyle", "mover", "munder", "munderover", "mtable", "mtr"),
    *("mtd", "mlabeledtr", "mpadded", "mphantom", "menclose", "mfenced", "merror"),
    *("mmultiscripts", "mprescripts", "none"),
}
_SVG = {
    *("svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "path", "rect", "circle"),
    *("ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath", "image", "clipPath"),
    *("mask", "pattern", "marker", "linearGradient", "radialGradient", "stop", "filter", "switch"),
    *("feGaussianBlur", "feOffset", "feBlend", "feColorMatrix", "feFlood", "feComposite"),
    *("feMerge", "feMergeNode", "a", "style", "view"),
}
_TAGS = _HTML | _MATHML | _SVG
#: Attributes of any element; what is an address among them is looked at one by one.
_NAMED = """
    class style id title lang dir role tabindex scope headers colspan rowspan span width height
    alt src href name value min max low high optimum open start reversed type align valign
    bgcolor color face size border cellpadding cellspacing cite datetime controls loop muted
    poster kind srclang label media for hidden translate abbr compact nowrap display xmlns
    mathvariant mathsize mathcolor mathbackground stretchy fence separator lspace rspace minsize
    maxsize largeop movablelimits accent accentunder form symmetric depth linethickness
    columnalign rowalign columnspacing rowspacing columnlines rowlines frame notation
    scriptlevel displaystyle viewBox preserveAspectRatio version d x y x1 y1 x2 y2 cx cy r rx ry
    dx dy rotate points transform fill fill-opacity fill-rule stroke stroke-width stroke-opacity
    stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity
    clip-path clip-rule clipPathUnits mask maskUnits maskContentUnits filter filterUnits
    patternUnits patternContentUnits patternTransform gradientUnits gradientTransform
    spreadMethod fx fy offset stop-color stop-opacity marker-start marker-mid marker-end
    markerWidth markerHeight markerUnits refX refY orient font-family font-size font-style
    font-weight font-variant text-anchor dominant-baseline alignment-baseline baseline-shift
    letter-spacing word-spacing text-decoration textLength lengthAdjust startOffset
    vector-effect shape-rendering text-rendering image-rendering pointer-events visibility
    overflow xlink:href stdDeviation in in2 mode result values flood-color flood-opacity
    operator k1 k2 k3 k4 xml:space
"""
_ATTRIBUTES = set(_NAMED.split())
_ADDRESSES = {"href", "xlink:href", "src", "poster", "cite"}
_CONTROLS = "".join(map(chr, range(33)))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PICTURE = re.compile(
    r"data:(image/(png|jpeg|gif|webp|avif|svg\+xml)|audio/[\w.+-]+|video/[\w.+-]+)[;,]",
    re.IGNORECASE,
)
_WITHIN = {"img", "image", "source", "audio", "video", "track"}
_IMPORT = re.compile(r"@import|expression\s*\(|-moz-binding|behavior\s*:", re.IGNORECASE)


def clean_html(html: str, beside: Collection[str] = ()) -> str:
    """Return HTML with nothing in it that runs, asks for input or leads to a strange address.

    Addresses with the schemes `beside` stay in what :mod:`nktrade.site.carried` looks at later.

    Examples
    --------
    >>> clean_html('<b onclick="go()">x</b><script>go()</script>')
    '<b>x</b>'
    >>> clean_html('<a href="java&#x73;cript:go()">x</a> <a href="https://un.org">UN</a>')
    '<a>x</a> <a href="https://un.org">UN</a>'
    """
    if "<" not in html:
        return html
    if _is_deep(html):
        return _DEEP
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": _ATTRIBUTES},
        clean_content_tags={"script"},
        attribute_filter=partial(_filter, beside),
        generic_attribute_prefixes={"data-", "aria-"},
        link_rel=None,
        url_schemes={"http", "https", "mailto", "data", *beside},
        strip_comments=True,
    )


#: Elements within elements: more than browsers keep. What parses them walks up at each.
_DEEPEST = 500
_DEEP = '<p class="notice">HTML here is nested too deeply to be shown.</p>'
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_EMPTY = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr"),
}
#: Where the elements within are HTML again, among foreign ones.
_HTML_WITHIN = {
    *("foreignobject", "desc", "title", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"),
}


def _is_deep(html: str) -> bool:
    """Say whether elements may stand deeper than `_DEEPEST`, before anything parses them.

    Counted strictly: an element is closed only by its own end, with nothing open within. That
    finds no less than a browser's many rules for what is left open would.
    """
    if html.count("<") - html.count("</") <= _DEEPEST:
        return False
    within: list[str] = []
    end = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if found[1]:
            if within and within[-1] == name:
                within.pop()
            continue
        if name in _EMPTY:
            continue
        if -1 < end < found.end():  # the end of this element's tag; none when there are no more
            end = html.find(">", found.end())
        # "<path/>" has no end of its own in a drawing or formula; of HTML "<b/>" is a beginning.
        if end > 0 and html[end - 1] == "/" and _is_foreign(name, within):
            continue
        within.append(name)
        if len(within) > _DEEPEST:
            return True
    return False


def _is_foreign(name: str, within: list[str]) -> bool:
    for around in reversed(within):
        if around in _HTML_WITHIN or (around in _HTML and around not in _SVG):
            return False
        if around in ("svg", "math"):
            return name not in _HTML or name in _SVG
    return False


def clean_svg(svg: str) -> str:
    """Return a drawing to stand in a page, without what would run; raises nothing.

    Examples
    --------
    >>> clean_svg('<?xml version="1.0"?><svg onload="go()"><path d="M0 0"/></svg>')
    '<svg><path d="M0 0"></path></svg>'
    """
    start = svg.find("<svg")
    return clean_html(svg[max(start, 0) :])


def _filter(beside: Collection[str], element: str, attribute: str, value: str) -> str | None:
    """Return an attribute's value, or None for one that must go."""
    if attribute in _ADDRESSES:
        # As browsers read an address (WHATWG URL): without these, and no other space left out.
        address = re.sub(r"[\t\n\r]", "", value).lstrip(_CONTROLS)
        scheme = _SCHEME.match(address)
        if scheme is None or scheme[1].lower() in ("http", "https", "mailto"):
            return value
        if scheme[1].lower() in beside and attribute in NAMING.get(element, ()):
            return value
        return value if element in _WITHIN and _PICTURE.match(address) else None
    if attribute == "style" and _IMPORT.search(value):
        return None
    return value
