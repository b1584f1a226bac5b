"""The explorer: one page over a whole table of trade, which adds up what its reader chooses.

The rows stand in the page, packed: a plane of bytes for each part of a column, compressed. A few
hundred lines of script add them up; a test compares a thousand selections with the library's sums.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np

from nktrade.site.shell import render_template

#: Bytes that hold a value: up to a trillion.
_BYTES = 5
#: Stands for a value that is not known.
UNKNOWN = 256**_BYTES - 1
#: Where each province of China stands on a map of tiles, row and column, and its letters of
#: ISO 3166-2.
TILES = {
    **{"23": (0, 8, "HL"), "15": (1, 6, "NM"), "22": (1, 8, "JL"), "65": (2, 1, "XJ")},
    **{"62": (2, 3, "GS"), "64": (2, 4, "NX"), "11": (2, 6, "BJ"), "12": (2, 7, "TJ")},
    **{"21": (2, 8, "LN"), "63": (3, 3, "QH"), "61": (3, 4, "SN"), "14": (3, 5, "SX")},
    **{"13": (3, 6, "HE"), "37": (3, 7, "SD"), "54": (4, 2, "XZ"), "51": (4, 3, "SC")},
    **{"50": (4, 4, "CQ"), "41": (4, 5, "HA"), "34": (4, 6, "AH"), "32": (4, 7, "JS")},
    **{"53": (5, 3, "YN"), "52": (5, 4, "GZ"), "42": (5, 5, "HB"), "36": (5, 6, "JX")},
    **{"33": (5, 7, "ZJ"), "31": (5, 8, "SH"), "45": (6, 4, "GX"), "43": (6, 5, "HN")},
    **{"44": (6, 6, "GD"), "35": (6, 7, "FJ"), "46": (7, 5, "HI")},
}


def pack_rows(columns: Mapping[str, Any]) -> str:
    """Return rows as text: columns flow, code, province, month and value, whole numbers from 0.

    A value that is not known is `UNKNOWN`.

    Examples
    --------
    >>> columns = dict.fromkeys(["flow", "code", "province", "month", "value"], [1, 2])
    >>> len(gzip.decompress(__import__("base64").b64decode(pack_rows(columns))))
    20
    """
    planes = [np.asarray(columns["flow"], dtype="uint8").tobytes()]
    for name, size in (("code", 2), ("province", 1), ("month", 1), ("value", _BYTES)):
        whole = np.asarray(columns[name], dtype="int64")
        planes += [(whole >> 8 * byte & 255).astype("uint8").tobytes() for byte in range(size)]
    return _compress(b"".join(planes))


def _compress(content: bytes) -> str:
    return b64encode(gzip.compress(content, 9, mtime=0)).decode()


def lay_explorer(
    data: Mapping[str, Any],
    frame: Mapping[str, Any] | None = None,
    way: Mapping[str, Any] | None = None,
) -> str:
    """Return the explorer's page.

    Parameters
    ----------
    data : mapping
        `flows`, `codes` (of one number of `digits`, in order), `names` (of codes and what is above
        them), `provinces` (pairs of code and name), `first` (month) and `months` (how many),
        `rows` (how many) and `packed` (`pack_rows`), `combined` (months that hold the one before),
        `bounds` (lists of flow, code, province, period, low, high, support), `currency`, `load`
        (the code that reads the table), `lead`, `caption`, and `unknown`, what is said of the
        support of a sum that no standard answer bounds.
    frame, way : mapping, optional
        As :func:`nktrade.site.shell.render_template`.
    """
    bounds = json.dumps(data["bounds"], separators=(",", ":")).encode()
    told = {**data, "bounds": _compress(bounds), "tiles": TILES, "missing": UNKNOWN}
    shown = {"title": "Explorer", "data": told, "scripts": ["explorer.js"]}
    return render_template("explorer.html.j2", frame, way, **shown)
