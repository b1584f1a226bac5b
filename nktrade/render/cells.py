"""A notebook's cells as plain data, whatever version and state the file is in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nktrade.errors import InputError
from nktrade.parsing import MOST_OF_NOTEBOOK, load_json, read_text

_EXPECTED = "a Jupyter notebook"
_PICTURE = re.compile(
    r"""!\[[^\[\]]*\]\(\s*<?([^)>"']+?)>?\s*(?:["'][^)]*)?\)|<img\b[^<>]*?\bsrc=["']([^"']+)["']""",
    re.IGNORECASE,
)


def read_source(path: Path) -> dict[str, Any]:
    """Read a notebook as a mapping with ``cells`` and ``metadata``.

    Every cell has a ``cell_type``, a ``metadata`` mapping and its ``source`` as one text. A
    notebook of an older format is converted.

    Raises
    ------
    InputError
        There is no such file, or it is no notebook.
    """
    try:
        text = read_text(path, "the notebook", MOST_OF_NOTEBOOK)
        found = load_json(text, "the notebook", str(path))
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
        if not path.exists():
            raise InputError("no such notebook", where=str(path)) from None
        raise InputError(
            "the file is not a notebook", where=str(path), expected=_EXPECTED
        ) from None
    return {"cells": cells, "metadata": metadata if isinstance(metadata, dict) else {}}


def tags_of(cell: Any) -> list[str]:
    """Return a cell's tags; none where its metadata hold something else."""
    tags = (cell.get("metadata") or {}).get("tags") or []
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


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


def list_pictures(source: str) -> list[str]:
    """Return the files that words show, as they are named from the notebook's folder.

    Examples
    --------
    >>> list_pictures('![one](my%20map.png "Map") and <img src="a b.svg"> ![](https://x.org/c.png)')
    ['a b.svg', 'my map.png']
    """
    names = {first or second for first, second in _PICTURE.findall(source)}
    own = {name for name in names if not re.match(r"(?:[a-z]+:)?//|data:|attachment:", name)}
    return sorted({unquote(name.strip()) for name in own})
