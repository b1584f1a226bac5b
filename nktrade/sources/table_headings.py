"""Which column of a publisher's table is which of nktrade's, by what was said of its headings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import pandas as pd

from nktrade.errors import InputError, did_you_mean
from nktrade.sources.months_in_names import number_of_month


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
        self._refuse_runs(wide)
        for month in range(1, 13):
            heads = {
                ours: [c for c in rows.columns if _month_of(t, str(c)) == month]
                for ours, t in wide.items()
            }
            for double in (found for found in heads.values() if len(found) > 1):
                raise InputError(
                    "several columns of one month", where=self.name, got=", ".join(double)
                )
            if all(heads.values()):
                added = {ours: rows[head[0]] for ours, head in heads.items()}
                parts.append(kept.assign(month=str(month), **added))
        if not parts:
            raise InputError(
                "no column of a month", where=self.name, expected=", ".join(wide.values())
            )
        return pd.concat(parts).sort_index(kind="stable")

    def _refuse_runs(self, wide: dict[str, str]) -> None:
        """Refuse a column of several months of which one has no column of its own."""
        for template in wide.values():
            months = {_month_of(template, heading) for heading in self.printed}
            for heading in self.printed:
                first, last = _run_of(template, heading)
                if first and not months.issuperset(range(first, last + 1)):
                    raise InputError(
                        "a column of several months, which have none of their own",
                        where=self.name,
                        got=repr(heading),
                        hint="Save a table in which every month stands by itself, or the months "
                        "one a row, with a release of two as a file of its own.",
                    )

    def where(self, row: Any, column: str) -> str:
        """Name a place in the file as messages do."""
        return f"{self.name}, row {int(row):,}, column {self.columns.get(column, column)!r}"


def _fold(heading: str) -> str:
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", heading)).casefold()


def _month_of(template: str, heading: str) -> int:
    """Return the month that stands in a heading where the template has ``{month}``; else 0."""
    return number_of_month(_within(template, heading))


def _run_of(template: str, heading: str) -> tuple[int, int]:
    """Return the first and last month of a heading as Jan-Feb or 1-2月; else twice 0."""
    ends = re.split(r"[-–~&+,]|to|and|至|到|和|\.\.", _within(template, heading))
    first, last = (number_of_month(end) for end in (ends[0], ends[-1]))
    return (first, last) if len(ends) > 1 and first and last else (0, 0)


def _within(template: str, heading: str) -> str:
    """Return what stands in a heading where the template has ``{month}``; else nothing."""
    before, _, after = _fold(template.replace("{month}", "\0")).partition("\0")
    text = _fold(heading)
    fits = text.startswith(before) and text.endswith(after)
    return text[len(before) : len(text) - len(after)] if fits else ""
