"""Rows that tell both sides' trade once, as the buyer and as the seller have them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from nktrade.table.arrow import repeat_word

_OTHER = {"reporter": "partner", "partner": "reporter"}


def turn_to_seller(table: pa.Table) -> pa.Table:
    """Turn exports to the seller's side: its partner's imports from it."""
    return _turn(table, "import")


def turn_to_buyer(table: pa.Table) -> pa.Table:
    """Turn a seller's rows back to how their file told them: exports of the other side."""
    return _turn(table, "export")


def _turn(table: pa.Table, flow: str) -> pa.Table:
    told = {"flow": pa.chunked_array([repeat_word(flow, table.num_rows)])}
    names = table.column_names
    return pa.table({name: told.get(name, table[_OTHER.get(name, name)]) for name in names})


def turn_words(told: Mapping[str, str | None]) -> dict[str, str | None]:
    """Turn to the seller what every row says, column by column."""
    turned = {_OTHER.get(name, name): word for name, word in told.items()}
    return turned | {"flow": "import"} if told else {}
