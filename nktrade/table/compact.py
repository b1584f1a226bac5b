"""The package's own Parquet files once more as NumPy's, for places without pyarrow: a browser.

Whoever writes one of these files writes both; a test holds them equal. `read_own` takes the Parquet
file where pyarrow is, its twin (``panel.npz`` beside ``panel.parquet``) where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd


@cache
def has_arrow() -> bool:
    """Say whether pyarrow is there."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def write_own(table: pd.DataFrame, path: Path) -> tuple[Path, Path]:
    """Write a table as Parquet and as its twin; return both paths.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns of numbers, months and text; text may be missing.
    path : Path
        Ends in ``.parquet``.
    """
    table.to_parquet(path, compression="zstd", index=False)
    arrays = {}
    for name in map(str, table):
        column = table[name]
        if column.dtype.kind in "fiM":
            arrays[name] = column.to_numpy()
            continue
        places, words = pd.factorize(column.astype("str"))
        arrays[name] = places.astype(np.min_scalar_type(-1 - len(words)))
        arrays[f"{name}.words"] = np.array(words, dtype=str)
    twin = path.with_suffix(".npz")
    np.savez_compressed(twin, allow_pickle=False, **arrays)
    return path, twin


def find_own(path: Path) -> Path:
    """Return the file that is read for one of the package's own: itself, or its twin."""
    return path if has_arrow() else path.with_suffix(".npz")


def read_own(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read one of the package's own tables, or some of its columns.

    Returns
    -------
    pandas.DataFrame
        From the twin, text comes as categories.
    """
    if has_arrow():
        import pyarrow.parquet as pq

        # Threads for files this small would cost more, and keep a process from being forked.
        file = pq.ParquetFile(path, pre_buffer=False)
        table = file.read(None if columns is None else list(columns), use_threads=False)
        return table.to_pandas(use_threads=False)
    with np.load(find_own(path)) as file:
        names = [name for name in file.files if not name.endswith(".words")]
        made = {}
        for name in columns or names:
            made[name] = file[name]
            if f"{name}.words" in file:
                made[name] = pd.Categorical.from_codes(file[name], file[f"{name}.words"])
    return pd.DataFrame(made)
