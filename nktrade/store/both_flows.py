"""The same rows under both flows: a file under a wrong name, or named with the wrong flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nktrade.sources import recall_source
from nktrade.table.rows import FLOWS

_CELL = ("period", "currency", "reporter", "partner")
#: Fewer lines than this may have the same value in both flows by chance.
_LEAST = 2


class BothFlowsWarning(UserWarning):
    """The same is said of exports and of imports."""


def find_same_flows(store: Path, entry: dict, entries: Sequence[dict]) -> Iterator[tuple]:
    """Yield what is the same under both flows: files, flows, month, currency and value.

    Of two files a month's sums are compared, within one file a month's with each partner.
    """
    for month, currency, value in _same_within(store, entry):
        yield (entry["name"],), tuple(entry["flows"]), month, currency, value
    for other in entries:
        for month in _same_sums(entry, other):
            files, flows = (entry["name"], other["name"]), (*entry["flows"], *other["flows"])
            for currency, value in entry["sums"][month].items():
                yield files, flows, month, currency, value


def _same_sums(entry: dict, other: dict) -> list[str]:
    """Return the months in which two files of different flows have one and the same sums."""
    if entry["source"] != other["source"] or set(entry["flows"]) & set(other["flows"]):
        return []
    if _tells_once(entry) or not set(entry["partners"]) & set(other["partners"]):
        return []
    theirs = other["sums"]
    return [
        month
        for month, sums in entry["sums"].items()
        if any(sums.values()) and theirs.get(month) == sums
    ]


def _tells_once(entry: dict) -> bool:
    """Say whether a sale may rightly be told as a purchase, too."""
    return recall_source(entry["source"]).reconciled


def _same_within(store: Path, entry: dict) -> Iterator[tuple[str, str, float]]:
    """Yield month, currency and value of trade with a partner that one file has in both flows."""
    from nktrade.store.comparing import read_blocks

    if len(entry["flows"]) < 2 or _tells_once(entry):
        return
    sums: dict[tuple, list[float]] = {}
    for table in read_blocks(store, entry):
        grouped = table.group_by([*_CELL, "flow"]).aggregate([("value", "sum"), ("value", "count")])
        for row in grouped.to_pylist():
            told = sums.setdefault(tuple(row[name] for name in (*_CELL, "flow")), [0.0, 0])
            told[0] += row["value_sum"] or 0.0
            told[1] += row["value_count"]
    for (*cell, flow), told in sorted(sums.items()):
        if (
            flow == FLOWS[0]
            and told[1] >= _LEAST
            and told[0]
            and told == sums.get((*cell, FLOWS[1]))
        ):
            yield f"{cell[0]:%Y-%m}", cell[1], told[0]
