"""The trade table in Arrow: what sources hand to the store and what the store keeps as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nktrade.errors import InputError
from nktrade.table.row_rules import (
    COMBINED,
    WORDED,
    Wrong,
    find_wrong_months,
    find_wrong_numbers,
    find_wrong_releases,
    find_wrong_words,
)
from nktrade.table.rows import COLUMNS, KEY

_NUMBERS = {"value", "quantity", "quantity2"}


def _kind(column: str, text: pa.DataType) -> pa.DataType:
    if column == "period":
        return pa.timestamp("us")
    return pa.float64() if column in _NUMBERS else text


#: Codes and words once each, numbers beside them: small while a large file streams through.
SCHEMA = pa.schema([(c, _kind(c, pa.dictionary(pa.int32(), pa.string()))) for c in COLUMNS])

#: The same columns with plain text, as pandas wants them.
PLAIN = pa.schema([(c, _kind(c, pa.string())) for c in COLUMNS])


def from_frame(trade: pd.DataFrame) -> pa.Table:
    """Turn a trade table into Arrow."""
    plain = pa.Table.from_pandas(trade[list(COLUMNS)], schema=PLAIN, preserve_index=False)
    arrays = [
        plain[c].dictionary_encode().combine_chunks()
        if PLAIN.field(c).type == pa.string()
        else plain[c]
        for c in COLUMNS
    ]
    return pa.table(
        [array.cast(SCHEMA.field(c).type) for c, array in zip(COLUMNS, arrays, strict=True)],
        schema=SCHEMA,
    )


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Turn Arrow into a trade table of the declared dtypes."""
    nothing = pa.nulls(len(table), pa.large_string())  # in one place for all columns without words
    made = {
        name: pd.array(_spell_out(table[name], nothing), dtype="str")
        if kind == "str"
        else table[name].to_numpy()
        for name, kind in COLUMNS.items()
    }
    return pd.DataFrame(made)


def _spell_out(column: pa.ChunkedArray, nothing: pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a column of words as pandas holds text; most say one thing throughout, or nothing."""
    kind, rows = nothing.type, len(column)
    if column.null_count == rows:
        return nothing
    if column.num_chunks == 1 and not column.null_count and pa.types.is_dictionary(column.type):
        words = column.chunk(0).dictionary
        if len(words) == 1:
            return pa.repeat(pa.scalar(words[0].as_py(), kind), rows)
    return column.cast(kind)


def check_block(table: pa.Table, name: str, number: Callable[[int], int]) -> None:
    """Refuse a block of rows that breaks a rule of a trade table, whichever source made it.

    Parameters
    ----------
    table : pyarrow.Table
        In `SCHEMA`.
    name : str
        The file, for the message.
    number : callable
        The number that a reader of the file gives a row, by its place in the block.

    Raises
    ------
    InputError
        Naming the row, as `check_trade`, but for rows that are there twice.
    """

    def refuse(column: str, bad: np.ndarray, wrong: Wrong) -> None:
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise InputError(
                wrong.subject,
                where=f"{name}, row {number(at):,}, column {column!r}",
                expected=wrong.expected,
                got=repr(table[column][at].as_py()),
                hint=wrong.hint,
            )

    for column in WORDED:
        array = one_chunk(table[column])
        words = [*array.dictionary.to_pylist(), *([None] if array.null_count else [])]
        if wrong := find_wrong_words(column, words):
            places = array.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
            refuse(column, wrong.bad[places], wrong)
    months = table["period"].to_numpy()
    if len(months) and (months != months[0]).any():
        places, distinct = pd.factorize(
            months, use_na_sentinel=False
        )  # a block has many rows and few months
        wrong = find_wrong_months(distinct)
        refuse("period", wrong.bad[places], wrong)
    else:
        refuse("period", (wrong := find_wrong_months(months[:1])).bad, wrong)
    status = one_chunk(table["status"])
    if set(COMBINED) & set(status.dictionary.to_pylist()):
        combined = pc.is_in(status.cast(pa.string()), pa.array(COMBINED)).to_numpy(False)
        refuse("period", (wrong := find_wrong_releases(months, combined)).bad, wrong)
    hidden = None
    if "suppressed" in status.dictionary.to_pylist():
        hidden = pc.equal(status, "suppressed").to_numpy(zero_copy_only=False)
    for column in ("value", "quantity", "quantity2"):
        array = table[column]
        if array.null_count < len(array):
            for wrong in find_wrong_numbers(column, array.to_numpy(), hidden):
                refuse(column, wrong.bad, wrong)


def hash_keys(table: pa.Table) -> np.ndarray:
    """Return one 64-bit number a row that is equal for rows alike in all of `trade.KEY`.

    Equal rows always agree; different ones agree by chance about once in 10 ** 19 pairs, so
    whoever acts on a match looks at the rows themselves.
    """
    total = np.zeros(table.num_rows, dtype="uint64")
    for place, column in enumerate(KEY):
        array = one_chunk(table[column])
        weight = np.uint64(pow(0x9E3779B97F4A7C15, place, 1 << 64))
        if array.null_count == len(array):
            continue  # a missing word counts nothing
        if pa.types.is_dictionary(array.type):
            words = np.array(array.dictionary.to_pylist(), dtype=object)
            hashes = pd.util.hash_array(words, categorize=False) * weight
            if array.null_count:
                hashes = np.append(hashes, np.uint64(0))
                rows = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            else:
                rows = array.indices.to_numpy()
        else:
            numbers, rows = array.to_numpy(zero_copy_only=False).astype("int64"), slice(None)
            if numbers.min() == numbers.max():  # a month a block: hashed once
                numbers = numbers[:1]
            hashes = pd.util.hash_array(numbers) * weight
        total += hashes[rows] if len(hashes) > 1 else hashes
    return total


def join(tables: Sequence[pa.Table]) -> pa.Table:
    """Put blocks of rows into one: a column one array, each of its words once.

    What says one thing throughout, as most columns of a large file do, takes no memory.
    """
    table = pa.concat_tables(tables).unify_dictionaries()
    columns = [_say_once(column) or one_chunk(column) for column in table.columns]
    return pa.table(columns, schema=table.schema)


def _say_once(column: pa.ChunkedArray | pa.Array) -> pa.Array | None:
    """Return a column that says one word throughout, or nothing; None if it says more."""
    if column.null_count == len(column):
        return repeat_nothing(column.type, len(column))
    if column.null_count or not pa.types.is_dictionary(column.type):
        return None
    words = one_chunk(column[:1]).dictionary
    return repeat_word(words[0].as_py(), len(column)) if len(words) == 1 else None


def sort_rows(table: pa.Table, by: Sequence[str]) -> pa.Table:
    """Sort rows by columns of words or months, equal ones as they stand, by places of words."""
    table = join([table])
    order = np.arange(table.num_rows)
    for name in reversed(by):  # each keeps among equals the order of the one before
        array = one_chunk(table[name])
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        ranks = pc.rank(array.dictionary).to_numpy()
        # Of two bytes, numbers are sorted by their digits, which is several times quicker.
        narrow = ranks.astype(np.min_scalar_type(len(ranks))).take(array.indices.to_numpy())
        if narrow.min(initial=0) != narrow.max(initial=0):
            order = order[np.argsort(narrow[order], kind="stable")]
    return reorder(table, order)


def reorder(table: pa.Table, order: np.ndarray) -> pa.Table:
    """Return the rows at these places, as `take` does, but quickly; `table` as from `join`."""
    columns = [_take(one_chunk(column), order) for column in table.columns]
    return pa.table(columns, schema=table.schema)


def _take(array: pa.Array, order: np.ndarray) -> pa.Array:
    if array.null_count == len(array):
        return repeat_nothing(array.type, len(order))
    if array.null_count:
        return array.take(pa.array(order))
    if not pa.types.is_dictionary(array.type):  # months too are eight bytes each
        numbers = array.view(pa.int64()).to_numpy()
        return pa.array(numbers.take(order)).view(array.type)
    if len(array.dictionary) == 1:
        return repeat_word(array.dictionary[0].as_py(), len(order))
    places = array.indices.to_numpy().take(order)
    return pa.DictionaryArray.from_arrays(places, array.dictionary, safe=False)  # were in range


def find_doubled(keys: np.ndarray) -> np.ndarray:
    """Return the numbers that are there more than once."""
    ordered = np.sort(keys)  # which is quicker than `np.unique` of all
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def one_chunk(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def list_words(column: pa.ChunkedArray) -> list[str | None]:
    """Return the words of a column, once each; None among them if one is missing."""
    array = one_chunk(column)
    if array.null_count == len(array):
        return [None]
    if len(array.dictionary) == 1 and not array.null_count:
        return array.dictionary.to_pylist()
    return array.dictionary.take(pc.unique(array.indices)).to_pylist()


def repeat_word(word: str | None, rows: int) -> pa.Array:
    """Return a column that says the same in every row; missing for None."""
    if word is None:
        return repeat_nothing(SCHEMA.field("hs").type, rows)
    places = _zeros(_room(rows)).slice(0, rows)
    return pa.DictionaryArray.from_arrays(places, pa.array([word]), safe=False)  # all are 0


def repeat_nothing(kind: pa.DataType, rows: int) -> pa.Array:
    """Return a column without values."""
    return _nulls(kind, _room(rows)).slice(0, rows)


# Most columns of a large file say one thing throughout: they share one stretch of memory.


def _room(rows: int) -> int:
    return max(1 << 16, 1 << (rows - 1).bit_length()) if rows else 1


@lru_cache(4)
def _zeros(rows: int) -> pa.Array:
    return pa.array(np.zeros(rows, "int32"))


@lru_cache(8)
def _nulls(kind: pa.DataType, rows: int) -> pa.Array:
    return pa.nulls(rows, kind)


def encode_words(words: Sequence[str | None], rows: np.ndarray) -> pa.Array:
    """Return ``words[row]`` for each row; several of the words may be the same or missing."""
    codes, distinct = pd.factorize(np.array(words, dtype=object))
    indices = codes[rows].astype("int32")
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, mask=indices < 0), pa.array(distinct.tolist(), pa.string())
    )
