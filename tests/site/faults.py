"""What can be wrong with a page, read from its HTML alone."""

import itertools
import re

from bs4 import BeautifulSoup

_LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "link": "href",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}


#: The only elements of HTML that need no end; a browser leaves any other open, "/>" or not.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_VOID |= {"track", "wbr"}


def find_faults(html):
    """List what a page must not do: load from outside, hide figures from the blind, mislead."""
    soup = BeautifulSoup(html, "html.parser")
    faults = []
    outside = re.sub(r"(?s)<(svg|math|script|style)\b.*?</\1>", "", html)
    for tag, name in re.findall(r"(<([a-z][\w-]*)\b[^<>]*/>)", outside):
        if name not in _VOID:
            faults.append(f"a browser leaves {tag} open")
    for name, attribute in _LOADS.items():
        for element in soup.find_all(name):
            address = element.get(attribute) or ""
            if address and not address.startswith("data:"):
                faults.append(f"<{name}> loads {address[:80]}")
    for style in [s.get_text() for s in soup.find_all("style")] + [
        e["style"] for e in soup.select("[style]")
    ]:
        faults += [f"style loads {a}" for a in re.findall(r"url\((?!['\"]?data:)([^)]*)\)", style)]
        faults += ["style imports"] if "@import" in style else []
    for image in soup.find_all("img"):
        if not image.get("alt") or image.get("data-alt") == "missing":
            faults.append(f"a figure without alt text: {image.get('alt')!r}")
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile("^h[1-6]$"))]
    if levels.count(1) != 1 or levels[0] != 1:
        faults.append(f"headings {levels}: the page needs one h1, first")
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            faults.append(f"headings {levels}: h{below} follows h{above}")
    ids = [element["id"] for element in soup.select("[id]")]
    faults += [f"id {name!r} is given twice" for name in {i for i in ids if ids.count(i) > 1}]
    for anchor in soup.select("a[href^='#']"):
        if anchor["href"][1:] not in ids:
            faults.append(f"a link to {anchor['href']} leads nowhere")
    if soup.html is None or soup.html.get("lang") != "en":
        faults.append("no language")
    faults += [f"no <{name}>" for name in ("main", "header", "footer", "title") if not soup(name)]
    return faults
