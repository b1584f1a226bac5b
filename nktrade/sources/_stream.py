"""What a source hands to the store: a file as a stream of Arrow tables, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
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
    choosing : tuple of str
        Which of `declared` only choose among the file's rows; None where all of them were kept.
    names : set of (code, name, language)
        Names of commodities; complete when `tables` is exhausted.
    first_row : int
        The number a reader of the file gives the first row.
    numbers : list of numpy.ndarray
        The numbers a reader gives the rows of each table, where some of the file were left out.
    cut : str
        How it is known that the file was cut off, where something else than the rows kept tells
        it; complete when `tables` is exhausted, like `layout`.
    totals : pandas.DataFrame or None
        What a bulletin says instead of rows, as `nktrade.sources.bulletin.read` returns it.
    every : tuple of str
        "reporter", "partner": sides of which the file holds all there are, so that one it does
        not name had no trade.
    both_ways : bool
        Each row is one flow between two countries, told once, by its exporter: a country's
        purchases and sales both are rows of the file.
    fixed : tuple of str
        Columns that say one thing in every row, or nothing, whatever the file holds.
    once : bool
        It is certain that no row is there twice; complete when `tables` is exhausted.
    silent : dict
        Scope of a file without rows: trade that was asked for and found to be none.
    seen : int
        Rows read so far, those left out by `declared` among them.
    downloaded : str
        The day of the download or of the release, as ``"2024-05-31"``, where the file tells it.
    """

    tables: Iterator[pa.Table]
    layout: dict
    declared: dict
    names: set[tuple[str, str, str]] = field(default_factory=set)
    first_row: int = 2
    numbers: list[np.ndarray] = field(default_factory=list)
    cut: str = ""
    totals: pd.DataFrame | None = None
    every: tuple[str, ...] = ()
    both_ways: bool = False
    fixed: tuple[str, ...] = ()
    once: bool = False
    silent: dict = field(default_factory=dict)
    seen: int = 0
    downloaded: str = ""
    choosing: tuple[str, ...] = ()

    def row_number(self, at: int) -> int:
        """Return the number that a reader of the file gives the row that was read as `at`."""
        return int(np.concatenate(self.numbers)[at]) if self.numbers else at + self.first_row
