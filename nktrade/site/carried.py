"""What HTML names beside its notebook: it travels within the page, or a line says that it does not.

A page is one file that can be sent on: pictures, sound and films stand in it, and a file that it
links to is saved from it. Nothing is taken from outside the notebook's project, nothing hidden, and
no more than a telephone opens.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markupsafe import escape

#: Bytes of one file and of all that a page takes along, of words and of outputs each.
LARGEST, MOST = 6_000_000, 30_000_000

#: Elements that name what they load or lead to, and the attributes by which they do.
NAMING = {
    "a": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
    **dict.fromkeys(("img", "audio", "source", "track"), ("src",)),
    "video": ("src", "poster"),
}
#: Schemes of addresses that lie beside a notebook, which no browser would follow.
BESIDE = ("file", "attachment")
_KINDS = {"img": "image/", "image": "image/", "track": "text/", "poster": "image/"}
_AROUND = {"a", "audio", "video", "svg"}  # a line about what is in them comes after them
_ELEMENT = re.compile(
    r'<(/?)(a|audio|image|img|source|style|svg|track|video)((?: [^\s=<>"]+="[^"]*")*+)>'
)
_ATTRIBUTE = re.compile(r' ([^\s=<>"]+)="([^"]*)"')
_BROKEN = re.compile(r"[\t\n\r]")
_ELSEWHERE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
#: What would run, or load a page into the page, and the address of that.
ACTIVE = re.compile(
    r"<(script|iframe|object|embed|applet)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_WITHIN = re.compile(
    r"""<(?:iframe|object|embed)\b((?:"[^"]*"|'[^']*'|[^"'<>])*+)>""", re.IGNORECASE
)
_GIVEN = re.compile(r"""([^\s"'<>=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_NOSCRIPT = re.compile(r"</?noscript\b[^<>]*>", re.IGNORECASE)


@dataclass
class Beside:
    """Where a notebook lies, and what its page has taken along from there.

    Attributes
    ----------
    folder : Path or None
        The notebook's; without one nothing is taken, and links stay as they are.
    project : Path or None
        Nothing outside it is taken; by default the notebook's folder.
    pages : mapping
        Another notebook, as it is named from this one → its page.
    taken : dict of str to str
        Path of each file that was asked for → its sha256, empty where there is none.
    """

    folder: Path | None = None
    project: Path | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    _left: int = MOST

    def __deepcopy__(self, _: Any) -> Beside:
        """Stay the same: nbconvert copies whatever it is given, and what is taken is told here."""
        return self

    def find(self, address: str) -> str:
        """Return the path that an address means: as it is spelled, or as addresses are."""
        assert self.folder is not None
        plain = re.sub(r"^file:(?://(?:localhost)?(?=/))?", "", address)
        ways = [plain, unquote(plain), unquote(re.split("[?#]", plain)[0])]
        paths = [os.path.join(self.folder, way) for way in ways if "\0" not in way]
        return next((path for path in paths if os.path.lexists(path)), paths[-1] if paths else "")

    def take(self, address: str, kinds: str | tuple[str, ...] = "") -> tuple[str, str]:
        """Return a file's type and content as a data address, or why it is not taken."""
        if self.folder is None:
            return "", "lies beside the notebook"
        path = self.find(address)
        real = Path(os.path.realpath(path))
        root = Path(os.path.realpath(self.project or self.folder))
        if not os.path.exists(path):
            self.taken[path] = ""
            return "", "is missing"
        if not real.is_relative_to(root):
            return "", "lies outside the notebook's project"
        if any(part[0] == "." for part in real.relative_to(root).parts):
            return "", "is hidden"
        if not real.is_file():
            return "", "is a folder" if real.is_dir() else "is no file"
        kind = mimetypes.guess_type(real)[0] or ""
        if kinds and not kind.startswith(kinds):
            return "", "is of another kind"
        try:
            with real.open("rb") as file:
                self.taken[path] = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
                if size > min(LARGEST, self._left):
                    return "", f"is too large for a page ({size / 1e6:.1f} MB)"
                file.seek(0)
                content = file.read(size)
        except OSError:
            return "", "cannot be read"
        self._left -= size
        # What is linked is to be saved, whatever a browser would do with its type.
        kind = kind if kinds else "application/octet-stream"
        return f"data:{kind};base64,{base64.b64encode(content).decode()}", ""


def carry(html: str, beside: Beside, attachments: Mapping[str, Any] | None = None) -> str:
    """Return HTML whose local files stand in it, with a line for whatever is not there.

    Parameters
    ----------
    html : str
        As :func:`nktrade.site.cleaning.clean_html` writes it: attributes in double quotes.
    beside : Beside
    attachments : mapping, optional
        A cell's own files: name → type → content in base 64.

    Examples
    --------
    >>> print(carry('<img src="https://x.org/a.png">', Beside()).strip())
    <span class="notice">Not shown, for pages load nothing: \
<a href="https://x.org/a.png">https://x.org/a.png</a></span>
    >>> carry('<a href="no.csv">it</a>', Beside(Path(".")))
    '<a>it</a> <span class="notice">Not on this page: no.csv is missing.</span>'
    """
    if "<" not in html:
        return html
    return _Carrier(beside, attachments or {}).carry(html)


def keep_still(html: str, told: Callable[[re.Match[str]], str] = lambda found: "") -> str:
    """Return HTML without what would run or load a page, and with what stands for scripts there.

    `told` says what stands in the place of such an element.
    """
    return _NOSCRIPT.sub("", ACTIVE.sub(told, html))


def tell_active(found: re.Match[str]) -> str:
    """Return the line that stands for an element among words which would run or load a page.

    Examples
    --------
    >>> keep_still('<iframe src="a.html"></iframe>', tell_active)
    '<span class="notice">Not shown here: <a href="a.html">a.html</a></span>'
    """
    addresses = list_within(found[0])
    what = write_link(addresses[0]) if addresses else f"an element {found[1].lower()}"
    return f'<span class="notice">Not shown here: {what}</span>'


def list_within(html: str) -> list[str]:
    """Return the addresses of the pages that HTML would load into itself."""
    addresses = []
    for found in _WITHIN.finditer(html):
        given = {key.lower(): "".join(value) for key, *value in _GIVEN.findall(found[1])}
        address = unescape(given.get("src") or given.get("data") or "")
        if address and not address.startswith(("data:", "about:", "javascript:")):
            addresses.append(address)
    return [*dict.fromkeys(addresses)]


def write_link(address: str) -> str:
    """Return a link whose words are where it leads."""
    return f'<a href="{escape(address)}">{escape(address)}</a>'


class _Carrier:
    """Goes through HTML once, from element to element."""

    def __init__(self, beside: Beside, attachments: Mapping[str, Any]) -> None:
        self.beside, self.attachments = beside, attachments
        self.parts: list[str] = []
        self.lines: list[str] = []
        #: Elements that are open: name, where each began, and whether something in it arrived.
        self.open: list[list[Any]] = []

    def carry(self, html: str) -> str:
        at = 0
        while found := _ELEMENT.search(html, at):
            self.parts.append(html[at : found.start()])
            at = found.end()
            end, element, attributes = found.groups()
            if element == "style" and not end:  # what stands in it is no HTML
                close = html.find("</style", at)
                at = close if close > 0 else len(html)
                self.parts.append(html[found.start() : at])
                continue
            if end:
                self.parts.append(found[0])
                self._close(element)
                continue
            if element in _AROUND:
                self.open.append([element, len(self.parts), False])
            told = dict(_ATTRIBUTE.findall(attributes)) if element in NAMING else {}
            named = any(name in told for name in NAMING.get(element, ()))
            self.parts.append(self._settle(element, told) if named else found[0])
            self._say()
        self.parts.append(html[at:])
        self.open.clear()
        self._say()
        return "".join(self.parts)

    def _close(self, element: str) -> None:
        if self.open and self.open[-1][0] == element:
            _, start, arrived = self.open.pop()
            if element in ("audio", "video") and self.lines and not arrived:
                del self.parts[start:]
        self._say()

    def _say(self) -> None:
        if not self.open and self.lines:
            self.parts.append("".join(f" {line}" for line in self.lines))
            self.lines.clear()

    def _settle(self, element: str, told: dict[str, str]) -> str:
        """Return the beginning of an element, with what it names."""
        shown = element != "img"
        for name in NAMING[element]:
            if name not in told:
                continue
            address = _BROKEN.sub("", unescape(told.pop(name))).strip()
            leads = element == "a"
            made, line = self._lead(address) if leads else self._load(address, element, name)
            if line and name != "poster":
                self.lines.append(line)
            if made:
                shown = True
                told[name] = str(escape(made))
                if self.open and name == "src":
                    self.open[-1][2] = True
            if leads and made.startswith("data:"):
                told["download"] = str(escape(self._name(address)))
        if not shown:
            return ""
        return " ".join([f"<{element}", *(f'{key}="{value}"' for key, value in told.items())]) + ">"

    def _lead(self, address: str) -> tuple[str, str]:
        """Return where a link leads, and a line if that is nowhere."""
        scheme = _SCHEME.match(address)
        if not address or address[0] in "#?" or _ELSEWHERE.match(address):
            return address, ""
        if address.startswith("attachment:"):
            return self._unpack(address, "application/octet-stream")
        if (scheme and scheme[0].lower() != "file:") or self.beside.folder is None:
            return address, ""
        name, mark, anchor = address.partition("#")
        page = self.beside.pages.get(os.path.normpath(unquote(name)))
        if page:
            return f"{page}{mark}{anchor}", ""
        if (
            name.endswith(".html")
            and "/" not in name
            and not os.path.exists(self.beside.find(address))
        ):
            return address, ""  # a page of the site, which only the site knows
        made, why = self.beside.take(address)
        return made, _tell(address, why)

    def _load(self, address: str, element: str, name: str) -> tuple[str, str]:
        """Return what stands in the place of what an element would load, or a line."""
        if address.lower().startswith("data:") or (element == "image" and address[:1] == "#"):
            return address, ""
        if _ELSEWHERE.match(address):
            return "", _tell_remote(address)
        if address.startswith("attachment:"):
            return self._unpack(address, "")
        kind = _KINDS.get(name) or _KINDS.get(element)
        made, why = self.beside.take(address, kind or ("audio/", "video/"))
        return made, _tell(address, why)

    def _name(self, address: str) -> str:
        """Return the name under which a file is saved."""
        if address.startswith("attachment:"):
            return unquote(address.removeprefix("attachment:"))
        return os.path.basename(self.beside.find(address))

    def _unpack(self, address: str, kind: str) -> tuple[str, str]:
        """Return an attachment of the cell; as a picture where no other type is asked for."""
        name = address.removeprefix("attachment:")
        kinds = self.attachments.get(unquote(name)) or self.attachments.get(name) or {}
        for told, content in kinds.items() if isinstance(kinds, Mapping) else ():
            if kind or told.startswith("image/"):
                return f"data:{kind or told};base64,{''.join(content)}", ""
        return "", _tell(name, "is missing")


def _tell_remote(address: str) -> str:
    return f'<span class="notice">Not shown, for pages load nothing: {write_link(address)}</span>'


def _tell(address: str, why: str) -> str:
    said = escape(unquote(address.removeprefix("file://")))
    return f'<span class="notice">Not on this page: {said} {why}.</span>' if why else ""
