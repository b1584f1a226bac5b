"""What could run in HTML, found by a parser other than the one that cleans it."""

import re

from bs4 import BeautifulSoup

FORBIDDEN = {
    *("script", "iframe", "object", "embed", "applet", "base", "meta", "link", "form", "input"),
    *("button", "textarea", "select", "template", "foreignobject", "animate", "set", "frame"),
    *("frameset", "portal", "noscript", "maction", "xmp"),
}
#: A file that stands in the page is saved from it, never opened.
SAVED = "data:application/octet-stream;base64,"
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def leads_astray(address):
    """Say whether a browser finds a scheme in an address, and none of web, mail or picture."""
    plain = re.sub(r"[\t\n\r]", "", address).lstrip("".join(map(chr, range(33))))
    scheme = SCHEME.match(plain)
    allowed = ("http:", "https:", "mailto:", "data:image/")
    return scheme is not None and not plain.lower().startswith(allowed)


def find_active(html):
    """List whatever could run in HTML."""
    found = []
    for element in BeautifulSoup(html, "html.parser").find_all(True):
        if element.name.lower() in FORBIDDEN:
            found.append(element.name)
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            if name.lower().startswith("on") or name.lower() in ("srcdoc", "formaction", "action"):
                found.append(name)
            if element.has_attr("download") and text.startswith(SAVED):
                continue
            if name.lower() in ("href", "src", "xlink:href", "poster") and leads_astray(text):
                found.append(f"{name}={text}")
    return found
