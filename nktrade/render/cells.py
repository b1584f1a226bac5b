"""A notebook's cells as plain data, whatever version and state the file is in."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nktrade.errors import InputError
from nktrade.files.parsing import MOST_OF_NOTEBOOK, load_json, read_text

#: What helps a file that is no notebook any more.
REMEDY = "Open it in JupyterLab and save it again, or restore an earlier copy."
#: What people's tools leave where a notebook was: a sign of it, what it is, and the remedy.
_INSTEAD = (
    (re.compile(r"\A\s*\Z"), "it is empty", "Write a notebook there, or remove the file."),
    (
        re.compile(r"^<{7} ", re.MULTILINE),
        "it holds a merge conflict",
        "Settle it; nbdime merges notebooks cell by cell.",
    ),
    (
        re.compile(r"\Aversion https://git-lfs"),
        "only the pointer of Git LFS is there",
        "Fetch it with: git lfs pull.",
    ),
    (re.compile(r"\A\s*<"), "it is a web page", "Download the notebook itself, its raw file."),
)
#: How Markdown and HTML name what they show or lead to.
_NAMED = re.compile(
    r"""\]\(\s*+<?([^)>"'\[\]\n]++)>?\s*+(?:["'][^)\n]*)?\)"""
    r"""|^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*+<?(\S[^>\s]*+)"""
    r"""|\b(?:src|href|data)\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)'|([^\s"'<>]+))""",
    re.IGNORECASE | re.MULTILINE,
)


def read_source(path: Path) -> dict[str, Any]:
    """Read a notebook as a mapping with ``cells`` and ``metadata``.

    Every cell has a ``cell_type``, a ``metadata`` mapping and its ``source`` as one text. A
    notebook of an older format is converted.

    Raises
    ------
    InputError
        There is no such file, or it is no notebook: what it is instead, and what to do.
    """
    if not path.is_file():
        if path.is_dir():
            raise _refuse(path, "it is a folder", "Rename the folder.")
        if path.is_symlink():
            raise _refuse(path, "it is a link to a file that is not there", "Mend the link.")
        raise InputError("no such notebook", where=str(path))
    if not str(path).isascii() and str(path).encode(errors="replace") != os.fsencode(path):
        raise _refuse(path, "its name is no text in UTF-8", "Rename it.")
    text = read_text(path, "the notebook", MOST_OF_NOTEBOOK)
    with path.open("rb") as file:
        if file.read(3) == BOM_UTF8:
            why = "it begins with a byte order mark, which Jupyter does not read"
            raise _refuse(path, why, "Save it as UTF-8 without one.")
    try:
        found = load_json(text, "the notebook", str(path))
    except InputError as error:
        for sign, why, hint in _INSTEAD:
            if sign.search(text):
                raise _refuse(path, why, hint) from None
        why = error.subject.replace("the notebook", "it")
        raise _refuse(path, f"{why} ({error.got})" if error.got else why, REMEDY) from None
    try:
        if isinstance(found, dict) and found.get("nbformat", 4) < 4:
            import nbformat

            found = nbformat.reads(text, as_version=4)
        cells = [
            {
                **cell,
                "metadata": dict(cell.get("metadata") or {}),
                "source": "".join(cell["source"]),
            }
            for cell in found["cells"]
            if cell["cell_type"]
        ]
        metadata = found.get("metadata") or {}
    except Exception:  # of whatever kind: no file may end a batch of others
        raise _refuse(path, _find_fault(found), REMEDY) from None
    return {"cells": cells, "metadata": metadata if isinstance(metadata, dict) else {}}


def _refuse(path: Path, why: str, hint: str) -> InputError:
    return InputError(f"the file is not a notebook: {why}", where=str(path), hint=hint)


def _find_fault(found: Any) -> str:
    """Say what is wrong with JSON that is no notebook."""
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        return "it has no list of cells"
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            return f"cell {number} is no mapping"
        for key in ("cell_type", "source"):
            value = cell.get(key)
            lines = value if isinstance(value, list) else [value]
            if not all(isinstance(line, str) for line in lines):
                return f"cell {number} has no {key} that is text"
    return f"its format is {found.get('nbformat')!r}"


def tags_of(cell: Any) -> list[str]:
    """Return a cell's tags; none where its metadata hold something else."""
    tags = (cell.get("metadata") or {}).get("tags") or []
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def words_of(source: dict[str, Any]) -> str:
    """Return the words of a notebook, one text."""
    return "\n".join(c["source"] for c in source["cells"] if c["cell_type"] == "markdown")


def code_of(source: dict[str, Any]) -> list[str]:
    """Return the sources of a notebook's code cells."""
    return [cell["source"] for cell in source["cells"] if cell["cell_type"] == "code"]


def language_of(source: dict[str, Any]) -> str:
    """Return the language that a notebook's metadata name, in small letters; else ``python``."""
    metadata = source["metadata"]
    for kind, key in (("kernelspec", "language"), ("language_info", "name")):
        named = metadata.get(kind)
        if isinstance(named, dict) and isinstance(named.get(key), str):
            return named[key].lower()
    return "python"


def list_named(source: str) -> list[str]:
    """Return the files that words show or link to, however their names are spelled there.

    Examples
    --------
    >>> list_named('![one](my%20map.png "Map"), <a href="a b.csv">it</a> ![](https://x.org/c.png)')
    ['a b.csv', 'my map.png', 'my%20map.png']
    """
    names = {unescape("".join(found)).strip() for found in _NAMED.findall(source)}
    own = {name for name in names if not re.match(r"(?:[a-z]+:)?//(?!/)|[a-z]{2,}:(?!//)|#", name)}
    own = {name.removeprefix("file://") for name in own}
    spelled = {way for name in own for way in (name, unquote(name), unquote(name.split("#")[0]))}
    return sorted(name for name in spelled if name and "\0" not in name)
