"""The distinct words of a long column, and answers about them spread over its rows.

A column of millions of codes has some thousand different ones. Arrow finds them without copying the
text, in pieces on two cores; answers are taken by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ImportError:  # in a browser, where pandas does the same
    pa = pc = None

#: Rows from which a second thread is worth its start.
LONG = 1 << 20


def encode(column: pd.Series) -> tuple[np.ndarray, list]:
    """Return each row's place among the distinct words (-1 for a missing one), and the words."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories.tolist()
    if pa is None or column.dtype != "str" or column.empty:
        places, words = pd.factorize(column)
        return places, words.tolist()
    text = pa.array(column.array)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if not text.null_count and text[1:].equals(text[:-1]):
        return np.zeros(len(text), "int8"), [text[0].as_py()]
    words = _as_numbers(text)
    half = len(words) if len(words) < LONG else -(-len(words) // 2)
    with ThreadPoolExecutor(2) as pool:
        pieces = list(pool.map(pc.dictionary_encode, (words[:half], words[half:])))
    whole = pa.chunked_array(pieces).unify_dictionaries().combine_chunks()
    places = whole.indices.fill_null(-1) if whole.null_count else whole.indices
    distinct = whole.dictionary
    if distinct.type != text.type:
        distinct = distinct.view(pa.binary(8)).cast(pa.binary()).cast(text.type)
    return places.to_numpy(), distinct.to_pylist()


def _as_numbers(text: pa.Array) -> pa.Array:
    """Take words of eight bytes, as HS8 codes are, for numbers: the same memory, quickly hashed."""
    lengths = pc.min_max(pc.binary_length(text)).as_py()
    if text.null_count or lengths != {"min": 8, "max": 8}:
        return text
    _, ends, data = text.buffers()
    kind = "int64" if pa.types.is_large_string(text.type) else "int32"
    first = int(np.frombuffer(ends, kind)[text.offset])
    return pa.Array.from_buffers(pa.int64(), len(text), [None, data.slice(first)])


def spread(
    answers: Mapping[str, Sequence[str | None]], at: np.ndarray, column: pd.Series
) -> dict[str, pd.Series]:
    """Return ``answer[at]`` as a column for each: text, or categories where `column` has those.

    Parameters
    ----------
    answers : dict
        By name, an answer for each place.
    at : numpy.ndarray
        Places, -1 for none; one alone stands for every row.
    column : pandas.Series
        Whose index and kind the answers have.
    """
    several = isinstance(column.dtype, pd.CategoricalDtype)
    if pa is None:
        kind = "category" if several else "str"
        told = {name: np.array([*words, None], dtype=object)[at] for name, words in answers.items()}
        return {n: pd.Series(t, column.index, kind, name=n) for n, t in told.items()}
    missing = len(at) > 0 and int(at.min()) < 0
    places = pa.array(at, mask=at < 0 if missing else None)

    def take(name: str) -> pd.Series:
        words = answers[name]
        if several:
            codes, distinct = pd.factorize(np.array(words, dtype=object))
            kind = np.int8 if len(distinct) < 128 else np.int32
            taken = pa.array(codes.astype(kind)).take(places)
            made = pd.Categorical.from_codes(
                (taken.fill_null(-1) if missing else taken).to_numpy(),
                categories=pd.Index(distinct),
                validate=False,
            )
            return pd.Series(made, index=column.index, name=name)
        taken = pa.array(pd.array(words, dtype="str")).take(places)
        return pd.Series(pd.array(taken, dtype="str"), index=column.index, name=name)

    if len(at) < LONG:
        return {name: take(name) for name in answers}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(answers, pool.map(take, answers), strict=True))
