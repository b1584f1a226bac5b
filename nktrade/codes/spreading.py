"""The distinct words of a long column, and answers about them spread over its rows.

A column of millions of codes has some thousand different ones. Arrow finds them without copying the
text, in pieces on two cores; answers are taken by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

#: Rows from which a second thread is worth its start.
LONG = 1 << 20


def encode(column: pd.Series) -> tuple[np.ndarray, list]:
    """Return each row's place among the distinct words (-1 for a missing one), and the words."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories.tolist()
    if column.dtype != "str" or column.empty:
        places, words = pd.factorize(column)
        return places, words.tolist()
    text = pa.array(column.array)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if pc.all(pc.equal(text, text[0])).as_py() and not text.null_count:
        return np.zeros(len(text), "int8"), [text[0].as_py()]
    half = len(text) if len(text) < LONG else -(-len(text) // 2)
    with ThreadPoolExecutor(2) as pool:
        pieces = list(pool.map(pc.dictionary_encode, (text[:half], text[half:])))
    whole = pa.chunked_array(pieces).unify_dictionaries().combine_chunks()
    places = whole.indices.fill_null(-1) if whole.null_count else whole.indices
    return places.to_numpy(), whole.dictionary.to_pylist()


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
    missing = len(at) > 0 and int(at.min()) < 0

    def take(name: str) -> pd.Series:
        words = answers[name]
        if several:
            codes, distinct = pd.factorize(np.array([*words, None], dtype=object))
            kind = np.int8 if len(distinct) < 128 else np.int32
            made = pd.Categorical.from_codes(
                codes.astype(kind)[at], categories=pd.Index(distinct), validate=False
            )
            return pd.Series(made, index=column.index, name=name)
        places = np.where(at < 0, len(words), at) if missing else at
        taken = pa.array(pd.array([*words, None], dtype="str")).take(pa.array(places))
        return pd.Series(pd.array(taken, dtype="str"), index=column.index, name=name)

    if len(at) < LONG:
        return {name: take(name) for name in answers}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(answers, pool.map(take, answers), strict=True))
