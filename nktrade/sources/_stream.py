"""What a source hands to the store: a file as a stream of Arrow tables, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa


@dataclass
class Scan:
    """One file, ready to be read once.

    Attributes
    ----------
    tables : iterator of pyarrow.Table
        Blocks in the schema of `nktrade.table.arrow.SCHEMA`, in the file's order.
    layout : dict
        What was found: encoding, language, columns.
    declared : dict
        What the caller said: flow, period, partner.
    names : set of (code, name, language)
        Names of commodities; complete when `tables` is exhausted.
    first_row : int
        The number a reader of the file gives the first row.
    cut : str
        How it is known that the file was cut off, where something else than the rows kept tells
        it; complete when `tables` is exhausted, like `layout`.
    totals : pandas.DataFrame or None
        What a bulletin says instead of rows, as `nktrade.sources.bulletin.read` returns it.
    """

    tables: Iterator[pa.Table]
    layout: dict
    declared: dict
    names: set[tuple[str, str, str]] = field(default_factory=set)
    first_row: int = 2
    cut: str = ""
    totals: pd.DataFrame | None = None
