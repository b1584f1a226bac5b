"""The set of the honoured figures as a file: loaded in milliseconds instead of built in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from nktrade.published.figure_rows import Row
from nktrade.published.figures import SET
from nktrade.published.identified import Identified
from nktrade.published.space import Block, Space

_SIDES = ("flows", "goods", "provinces", "months")


def write_set(model: Identified, file: Path = SET) -> None:
    """Write a set: goods and provinces, rows and their blocks, atoms and matrix.

    Parameters
    ----------
    model : Identified
    file : path
        A NumPy archive, read without unpickling.
    """
    space = model.space
    terms = [(n, weight, block) for n, row in enumerate(model.rows) for weight, block in row.terms]
    blocks = {block.key: block for _, _, block in terms}
    number = {key: n for n, key in enumerate(blocks)}
    leaves = {f"leaf {name}": _plain(column) for name, column in space.leaves.items()}
    sides = {
        f"of {side}": np.packbits([getattr(block, side) for block in blocks.values()], axis=1)
        for side in _SIDES
    }
    np.savez_compressed(
        file,
        allow_pickle=False,
        codes=np.array(space.codes),
        provinces=np.array(space.provinces[:-1]),
        years=np.array([space.months[0].year, space.months[-1].year]),
        ids=np.array([row.id for row in model.rows]),
        kinds=np.array([row.kind for row in model.rows]),
        ends=np.array([(row.low, row.high) for row in model.rows]),
        term_rows=np.array([n for n, _, _ in terms], np.int16),
        term_weights=np.array([weight for _, weight, _ in terms]),
        term_blocks=np.array([number[block.key] for _, _, block in terms], np.int16),
        atom=model.atom.astype(np.int16),
        data=model.matrix.data,
        indices=model.matrix.indices.astype(np.int16),
        indptr=model.matrix.indptr.astype(np.int32),
        **leaves,
        **sides,
    )


def _plain(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype="U" if column.dtype in ("object", "str") else None)


def load_set(file: Path = SET) -> Identified:
    """Return the set that `write_set` wrote."""
    with np.load(file) as archive:
        held = {name: archive[name] for name in archive.files}
    leaves = pd.DataFrame(
        {name.removeprefix("leaf "): held[name] for name in held if name.startswith("leaf ")}
    )
    first, last = map(int, held["years"])
    space = Space(held["codes"].tolist(), held["provinces"].tolist(), first, last, leaves)
    sides = [
        np.unpackbits(held[f"of {side}"], axis=1, count=size).astype(bool)
        for side, size in zip(_SIDES, space.shape, strict=True)
    ]
    blocks = [Block(*one) for one in zip(*sides, strict=True)]
    terms: list[list[tuple[float, Block]]] = [[] for _ in held["ids"]]
    for n, weight, block in zip(
        held["term_rows"], held["term_weights"].tolist(), held["term_blocks"], strict=True
    ):
        terms[n].append((weight, blocks[block]))
    rows = [
        Row(id_, kind, tuple(some), low, high)
        for id_, kind, some, (low, high) in zip(
            held["ids"].tolist(), held["kinds"].tolist(), terms, held["ends"].tolist(), strict=True
        )
    ]
    width = int(held["atom"].max()) + 1 + space.shape[0] * space.shape[3]
    matrix = sp.csr_array(
        (held["data"], held["indices"].astype(np.int32), held["indptr"]), shape=(len(rows), width)
    )
    return Identified(space, rows, (held["atom"].astype(np.int32), matrix))
