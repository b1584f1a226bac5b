"""What the collection's site shows beside its pages: the published figures, and the HS codes.

`render` knows nothing of trade; it is handed `furnish_site`, which writes the ledger of published
figures and says what the search can find.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def furnish_site(runs: Sequence[dict[str, Any]], out: Path) -> list[dict[str, str]]:
    """Write the pages beside the runs' own, and return what of them can be found."""
    return list_codes()


def list_codes() -> list[dict[str, str]]:
    """Return the HS codes that have a name, for the search."""
    from nktrade.codes.names import list_names

    return [
        {"kind": "code", "title": f"{code} {name}", "text": "", "words": "", "href": ""}
        for code, name in list_names().items()
    ]
