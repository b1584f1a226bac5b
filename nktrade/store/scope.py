"""What a download covers, and which rows of earlier ones it replaces.

A scope is months x declarer x partner x flow x province x regime x level x edition x currency.
A download that is whole says everything about its scope: rows of an earlier one in that scope are
gone, whether or not it names them. One that is only a part adds and revises rows, and none is gone.
Downloads count in the order of the day they were made (their vintage), not of their import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nktrade.errors import InputError
from nktrade.store.manifest import in_order, is_yearly, vintage
from nktrade.table.arrow import list_words, one_chunk
from nktrade.table.rows import COMBINED

#: What tells one scope from another. A row without a province or regime is not broken down: "-".
AXES = (
    "period", "reporter", "partner", "flow", "province", "regime", "level", "hs_edition",
    "currency",
)  # fmt: skip
NONE = "-"
_WORDS = tuple(axis for axis in AXES if axis not in ("period", "level"))
#: So many partners in one file were not picked by hand: it is of every partner.
EVERY_PARTNER = 30


class Members:
    """The members of each axis that pass by while the rows of a file are read."""

    def __init__(self) -> None:
        self.seen: dict[str, set] = {axis: set() for axis in AXES}
        self.combined = False

    def add(self, table: pa.Table) -> None:
        """Note the members of a block of rows."""
        months = pc.unique(table["period"]).to_numpy().astype("M8[M]")
        self.seen["period"].update(str(month) for month in months)
        for axis in _WORDS:
            self.seen[axis].update(_members(table[axis]))
        self.seen["level"].update(
            len(code) for code in one_chunk(table["hs"]).dictionary.to_pylist()
        )
        self.combined |= bool(set(_members(table["status"])) & set(COMBINED))

    def scope(self, every: Iterable[str] = ()) -> dict:
        """Return the scope as a manifest keeps it.

        Parameters
        ----------
        every : iterable of str
            Axes of which the file holds whatever there is, so that a member it does not name has
            no trade.
        """
        seen = {axis: sorted(members) for axis, members in self.seen.items()}
        if self.combined:  # written at February, it covers January too
            seen["period"] = sorted({*seen["period"], *map(_month_before, seen["period"])})
        whole = {"period", *every}
        whole |= {axis for axis in ("province", "regime") if len(seen[axis]) > 1}
        whole |= {"partner"} if len(seen["partner"]) >= EVERY_PARTNER else set()
        return seen | {"every": sorted(whole)}


def _month_before(month: str) -> str:
    return str(np.datetime64(month, "M") - 1)


def _members(column: pa.ChunkedArray) -> list[str]:
    return [NONE if word is None else word for word in list_words(column)]


def replacing(entry: dict, entries: Sequence[dict]) -> list[dict]:
    """Return those files, of all `in_order`, that may replace rows of `entry`."""
    at = next(i for i, other in enumerate(entries) if other is entry)
    return [other for other in entries[at + 1 :] if replaces(other, entry)]


def replaces(later: dict, entry: dict) -> bool:
    """Say whether a later file is a whole download of a scope that meets that of `entry`."""
    if "scope" not in later or "scope" not in entry or later.get("partial", True):
        return False
    together = set(later.get("batches", ())) & set(entry.get("batches", ()))
    if together and later.get("downloaded") == entry.get("downloaded"):
        return False  # parts of one download
    return later["source"] == entry["source"] and meets(later, entry)


def meets(one: dict, other: dict) -> bool:
    """Say whether two scopes share a member on every axis."""
    mine, its = one["scope"], other["scope"]
    return all(
        (axis in _every(mine) and axis != "period") or set(mine[axis]) & _told(its, axis)
        for axis in AXES
    )


def _told(scope: dict, axis: str) -> set[str]:
    """Return the members of an axis; whom a file of every reporter names is on both sides."""
    sides = ("reporter", "partner")
    both = axis in sides and "reporter" in scope["every"]
    return {member for side in (sides if both else (axis,)) for member in scope[side]}


def _every(scope: dict) -> set[str]:
    """Return the axes of which a file holds whatever there is.

    One of every reporter has both flows of whom it is about: as BACI tells them, of each trade one.
    """
    every = set(scope["every"])
    return every | {"flow"} if "reporter" in every else every


def covers(later: dict, entry: dict, table: pa.Table, before: int = 0) -> np.ndarray:
    """Say of each row of `entry` whether it, so many months before, is in a later file's scope."""
    scope, old = later["scope"], entry["scope"]
    every = _every(scope)
    keep = np.ones(table.num_rows, bool)
    for axis in AXES:
        members = set(scope[axis])
        same_question = bool(members & set(old[axis]))
        if axis == "period":
            period = table["period"].to_numpy().astype("M8[M]") - before
            keep &= np.isin(period, _months(scope, same_question))
        elif axis == "level":
            lengths = pc.utf8_length(_plain(table["hs"])).to_numpy(zero_copy_only=False)
            keep &= np.isin(lengths, list(members))
        elif axis in every and (same_question or axis in ("reporter", "partner", "flow")):
            if axis in ("province", "regime"):  # broken down, one way or another
                keep &= table[axis].is_valid().to_numpy(zero_copy_only=False) | (NONE in members)
        else:
            keep &= _is_among(table[axis], members)
    return keep


def _months(scope: dict, same_question: bool) -> np.ndarray:
    """Return the months of a scope; a silent one between its first and last had no trade."""
    months = np.array(scope["period"], "M8[M]")
    if same_question and len(months):
        months = np.arange(months.min(), months.max() + 1)
    return months


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _is_among(column: pa.ChunkedArray, members: set[str]) -> np.ndarray:
    found = pc.is_in(_plain(column), pa.array(sorted(members - {NONE}), pa.string()))
    if NONE in members:
        found = pc.or_(found, column.is_null())
    return found.to_numpy(zero_copy_only=False)


def live(entry: dict, later: Sequence[dict], table: pa.Table) -> np.ndarray:
    """Say of each row of `entry` whether no later file replaces it; `later` as `replacing`."""
    gone = _any_covers(entry, later, table)
    if later and entry.get("combined"):  # replaced by both its months, or not at all
        release = _is_among(table["status"], set(COMBINED))
        gone &= ~release | _any_covers(entry, later, table, before=1)
    return ~gone


def _any_covers(entry: dict, later: Sequence[dict], table: pa.Table, before: int = 0) -> np.ndarray:
    covered = np.zeros(table.num_rows, bool)
    for other in later:
        covered |= covers(other, entry, table, before)
    return covered


def refuse_half_winters(entries: Sequence[dict]) -> None:
    """Refuse a store in which a release of January and February stands beside one of them.

    Raises
    ------
    InputError
        Naming both files. Whole downloads of both months together replace the release.
    """
    ordered = in_order([entry for entry in entries if "scope" in entry])
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if one["source"] != other["source"] or not meets_winter(one, other):
                continue
            if other.get("combined"):
                settled = replaces(other, one) or one.get("combined")
            else:
                later = [entry for entry in ordered[at + 1 :] if replaces(entry, one)]
                there = {month for entry in later for month in entry["scope"]["period"]}
                settled = set(one["scope"]["period"]) <= there
            if not settled:
                release, month = (other, one) if other.get("combined") else (one, other)
                raise InputError(
                    "January and February, released together, would stand beside one of them",
                    where=month["name"],
                    got=f"the release in {release['name']}",
                    hint="Import both months in one command, or the release alone, after them.",
                )


def refuse_months_to_come(entries: Iterable[dict]) -> None:
    """Refuse a file with months that had not begun when it was downloaded.

    Raises
    ------
    InputError
        Naming the file: a year was typed wrongly, or a sum to now is called one of the whole year.
    """
    for entry in entries:
        day = vintage(entry)
        if entry["last"] > day[:7]:
            raise InputError(
                "the file has months that had not come when it was downloaded",
                where=entry["name"],
                expected=f"{day[:7]} at the latest",
                got=entry["last"],
                hint="Is the year right? Of a year that goes on, say its months to the last there.",
            )


def meets_winter(one: dict, other: dict) -> bool:
    """Say whether just one of two files is a release of two months, and the other has one."""
    return bool(one.get("combined")) != bool(other.get("combined")) and meets(one, other)


def refuse_mixed_frequencies(entries: Sequence[dict]) -> None:
    """Refuse a store in which a year stands beside months of it: the same trade twice.

    Raises
    ------
    InputError
        Naming both files.
    """
    scoped = [entry for entry in entries if "scope" in entry]
    yearly = [entry for entry in scoped if is_yearly(entry)]
    for one in yearly:
        for other in scoped:
            if is_yearly(other) or one["source"] != other["source"]:
                continue
            years = [{month[:4] for month in e["scope"]["period"]} for e in (one, other)]
            sides = [
                set(e["scope"][a]) for a in ("reporter", "partner", "flow") for e in (one, other)
            ]
            if years[0] & years[1] and all(sides[i] & sides[i + 1] for i in (0, 2, 4)):
                raise InputError(
                    "yearly figures would stand beside months of the same year",
                    where=one["name"],
                    got=f"months in {other['name']}",
                    hint="Keep years and months in stores of their own (--store).",
                )
