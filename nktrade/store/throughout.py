"""What every row of a file says: told once in the manifest, and not read from the part again.

Most columns of a download say one thing throughout (its declarer, currency, edition, name) or
nothing. A part has them all, for other tools; `load` reads those whose rows differ.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from nktrade.table.arrow import SCHEMA, list_words, repeat_nothing, repeat_word


class Throughout:
    """The columns that have said one thing so far, while the rows of a file pass by."""

    def __init__(self) -> None:
        self.told: dict[str, str | None] = {}
        self._open = SCHEMA.names

    def add(self, table: pa.Table) -> None:
        """Keep the columns that say in these rows, too, what they said before."""
        here = {name: list_words(table[name]) for name in self._open if _has_words(table[name])}
        self.told = {
            name: words[0]
            for name, words in here.items()
            if len(words) == 1 and self.told.get(name, words[0]) == words[0]
        }
        self._open = list(self.told)


def _has_words(column: pa.ChunkedArray) -> bool:
    """Say whether a column is of words, or says nothing at all."""
    return pa.types.is_dictionary(column.type) or column.null_count == len(column)


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
