"""What a reader meets on a rendered page: its sentences, titles and tables, without the code.

``python -m tests.notebooks.rendered_words SITE`` prints every finding and how it is known.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

MIME = "application/vnd.nktrade+json"
_UNREAD = ("code", "script", "style", "svg", "noscript", "nav", "footer")
_BLOCKS = ("p", "li", "h1", "h2", "h3", "th", "td", "caption", "figcaption", "summary")


@dataclass
class Block:
    """One paragraph, heading or cell: its tag, its class and its words."""

    tag: str
    kind: str
    text: str = ""


@dataclass
class PageReader(HTMLParser):
    """Collects the blocks of a page's main part that are read as words."""

    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._unread: list[str] = []
        self._open: list[Block] = []

    def handle_starttag(self, tag, attrs):
        kind = dict(attrs).get("class") or ""
        if tag in _UNREAD or tag == "pre" or (tag == "details" and kind in ("code", "")):
            self._unread.append(tag)
        elif tag in _BLOCKS and not self._unread:
            self._open.append(Block(tag, kind))

    def handle_endtag(self, tag):
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()
        elif self._open and self._open[-1].tag == tag:
            self.blocks.append(self._open.pop())

    def handle_data(self, data):
        if self._open and not self._unread:
            self._open[-1].text += data


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a rendered page, without code and what is folded away."""
    reader = PageReader()
    reader.feed(page.read_text(encoding="utf-8").partition("<main")[2])
    return [Block(b.tag, b.kind, " ".join(b.text.split())) for b in reader.blocks if b.text.strip()]


def read_told(notebook: Path) -> Iterator[dict]:
    """Yield what the cells of a finished notebook hand to whoever renders it."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                yield output["data"][MIME]


def list_findings(site: Path) -> list[tuple[str, str, str]]:
    """Return page, finding and how it is known, of every page that finds something."""
    rows = []
    for path in sorted((site / "notebooks").glob("*.ipynb")):
        told = [one for one in read_told(path) if "finding" in one]
        rows += [(path.stem, one["finding"], one.get("support", "")) for one in told[-1:]]
    return rows


def main() -> None:
    """Print the findings of a site as a table in Markdown."""
    print("| page | finding | known by |\n|---|---|---|")
    for name, text, support in list_findings(Path(sys.argv[1])):
        print(f"| {name} | {text} | {support} |")


if __name__ == "__main__":
    main()
