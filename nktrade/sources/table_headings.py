"""Which column of a publisher's table is which of nktrade's, by what was said of its headings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import pandas as pd

from nktrade.errors import InputError, did_you_mean
from nktrade.table.spelled_months import find_month


class Headings:
    """The headings of one file, found among those that were said.

    Attributes
    ----------
    columns : dict
        nktrade's name of a column to the heading in the file.
    printed : list of str
        All headings the file has, for messages.
    """

    def __init__(self, name: str, columns: Mapping[str, Any]) -> None:
        self.name = name
        # Some publishers have called a column differently at different times.
        self.choices = {
            str(ours): [*map(str, theirs)] if isinstance(theirs, list | tuple) else [str(theirs)]
            for ours, theirs in columns.items()
        }
        self.columns = {ours: names[0] for ours, names in self.choices.items()}
        self.printed: list[str] = []

    def is_wanted(self, heading: str) -> bool:
        """As `knows`, noting the heading."""
        self.printed.append(heading)
        return self.knows(heading)

    def knows(self, heading: str) -> bool:
        """Say whether a heading is one that was said."""
        plain = _fold(heading)
        return any(
            plain == _fold(theirs) if "{month}" not in theirs else _month_of(theirs, heading)
            for names in self.choices.values()
            for theirs in names
        )

    def rename(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows under nktrade's names; twelve columns of months become rows.

        Raises
        ------
        InputError
            For a heading that is not there, or is there twice.
        """
        found: dict[str, list[str]] = {}
        for column in rows.columns:
            found.setdefault(_fold(str(column)), []).append(column)
        for ours, names in self.choices.items():
            self.columns[ours] = next((name for name in names if _fold(name) in found), names[0])
        plain = {ours: t for ours, t in self.columns.items() if "{month}" not in t}
        for theirs in plain.values():
            alike = found.get(_fold(theirs), [])
            if len(alike) != 1:
                raise InputError(
                    f"several columns are called {theirs!r}"
                    if alike
                    else f"there is no column {theirs!r}",
                    where=self.name,
                    got=", ".join(alike or self.printed),
                    hint="" if alike else did_you_mean(theirs, self.printed),
                )
        kept = pd.DataFrame({ours: rows[found[_fold(t)][0]] for ours, t in plain.items()})
        wide = {ours: t for ours, t in self.columns.items() if "{month}" in t}
        return self._lengthen(rows, kept, wide) if wide else kept

    def _lengthen(
        self, rows: pd.DataFrame, kept: pd.DataFrame, wide: dict[str, str]
    ) -> pd.DataFrame:
        parts = []
        for month in range(1, 13):
            heads = {
                ours: next((c for c in rows.columns if _month_of(t, str(c)) == month), None)
                for ours, t in wide.items()
            }
            if all(head is not None for head in heads.values()):
                added = {ours: rows[head] for ours, head in heads.items()}
                parts.append(kept.assign(month=str(month), **added))
        if not parts:
            raise InputError(
                "no column of a month", where=self.name, expected=", ".join(wide.values())
            )
        return pd.concat(parts).sort_index(kind="stable")

    def where(self, row: Any, column: str) -> str:
        """Name a place in the file as messages do."""
        return f"{self.name}, row {int(row):,}, column {self.columns.get(column, column)!r}"


def _fold(heading: str) -> str:
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", heading)).casefold()


def _month_of(template: str, heading: str) -> int:
    """Return the month that stands in a heading where the template has ``{month}``; else 0."""
    before, _, after = _fold(template.replace("{month}", "\0")).partition("\0")
    text = _fold(heading)
    if not (text.startswith(before) and text.endswith(after)):
        return 0
    word = text[len(before) : len(text) - len(after)].rstrip("月월")
    if number := find_month(word[:3]):
        return number
    return int(word) if word.isdecimal() and 1 <= int(word) <= 12 else 0
