"""Rows that tell both sides' trade once, as the buyer and as the seller have them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from nktrade.table.arrow import repeat_word

_OTHER = {"reporter": "partner", "partner": "reporter"}


def turn_to_seller(table: pa.Table) -> pa.Table:
    """Turn exports to the seller's side: its partner's imports from it."""
    told = {"flow": pa.chunked_array([repeat_word("import", table.num_rows)])}
    names = table.column_names
    return pa.table({name: told.get(name, table[_OTHER.get(name, name)]) for name in names})


def turn_words(told: Mapping[str, str | None]) -> dict[str, str | None]:
    """Turn to the seller what every row says, column by column."""
    turned = {_OTHER.get(name, name): word for name, word in told.items()}
    return turned | {"flow": "import"} if told else {}


def told_by_sellers(table: pa.Table) -> pa.Table:
    """Turn the buyers' rows of a table, so that every row is its seller's export, in its place."""
    bought = pc.equal(table["flow"].cast(pa.string()), "import")
    if not pc.any(bought).as_py():
        return table
    plain = {name: table[name].cast(pa.string()) for name in ("reporter", "partner", "flow")}
    told = {
        "reporter": pc.if_else(bought, plain["partner"], plain["reporter"]),
        "partner": pc.if_else(bought, plain["reporter"], plain["partner"]),
        "flow": pc.if_else(bought, "export", plain["flow"]),
    }
    return pa.table(
        {
            name: told[name].dictionary_encode() if name in told else table[name]
            for name in table.column_names
        }
    )
