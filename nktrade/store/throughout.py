"""What every row of a file says: told once in the manifest, and not read from the part again.

Most columns of a download say one thing throughout (its declarer, currency, edition, name) or
nothing. A part has them all, for other tools; `load` reads those whose rows differ.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from nktrade.table.arrow import SCHEMA, one_chunk, repeat_nothing, repeat_word


class Throughout:
    """The columns that have said one thing so far, while the rows of a file pass by."""

    def __init__(self) -> None:
        self.told: dict[str, str | None] = {}
        self._open = SCHEMA.names

    def add(self, table: pa.Table) -> None:
        """Keep the columns that say in these rows, too, what they said before."""
        here = {name: _distinct(table[name]) for name in self._open}
        self.told = {
            name: words[0]
            for name, words in here.items()
            if len(words) == 1 and self.told.get(name, words[0]) == words[0]
        }
        self._open = list(self.told)


def _distinct(column: pa.ChunkedArray) -> list[str | None]:
    """Return the words of a column; none for dates and numbers, unless these are all missing."""
    array = one_chunk(column)
    if array.null_count == len(array):
        return [None]
    if not pa.types.is_dictionary(array.type):
        return []
    return array.dictionary.take(pc.unique(array.indices)).to_pylist()


def fill(table: pa.Table, told: Mapping[str, str | None]) -> pa.Table:
    """Return rows with all columns of a trade table, those that every row says alike filled in."""
    rows = table.num_rows
    columns = [
        table[field.name]
        if field.name not in told
        else repeat_nothing(field.type, rows)
        if (word := told[field.name]) is None
        else repeat_word(word, rows)
        for field in SCHEMA
    ]
    made = pa.table(columns, SCHEMA.names)
    return made if made.schema.equals(SCHEMA) else made.cast(SCHEMA)
