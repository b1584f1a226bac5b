"""The stored set is the one that the ledger's figures give."""

import hashlib
import json

import numpy as np

from nktrade._paths import DATA
from nktrade.published.honoured import build_identified
from nktrade.published.shipped_set import SET, load_set


def test_the_shipped_set_is_that_of_the_figures():
    """After a change of figures: python -m tools.decide_honoured, then tools.precompute_bounds."""
    built, stored = build_identified(), load_set()
    assert [(row.id, row.kind, row.low, row.high) for row in built.rows] == [
        (row.id, row.kind, row.low, row.high) for row in stored.rows
    ]
    assert [[(weight, block.key) for weight, block in row.terms] for row in built.rows] == [
        [(weight, block.key) for weight, block in row.terms] for row in stored.rows
    ]
    assert built.space.leaves.astype("str").equals(stored.space.leaves.astype("str"))
    assert np.array_equal(built.atom, stored.atom)
    assert (built.matrix != stored.matrix).nnz == 0


def test_manifest_holds_the_sha256_of_the_set():
    noted = json.loads((DATA / "manifest.json").read_text())[f"reconstructed/{SET.name}"]
    assert noted["sha256"] == hashlib.sha256(SET.read_bytes()).hexdigest()
