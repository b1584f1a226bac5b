"""The cells that published figures speak of: flow, good, province, month.

Goods are the whole nomenclature, not the lines a table happens to hold: a good that a table leaves
out is not known to be zero. Every six-digit code of the editions in force is a leaf, and so is
each longer or national code that print names, beside the rest of its subheading. Leaves that no
figure tells apart are one group of goods, and provinces that none names are "rest".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nktrade.codes.classes import assign
from nktrade.codes.hs import SPECIAL_CHAPTERS, codes_of, edition_of_year
from nktrade.table.periods import Window

#: As China's customs declares them.
FLOWS = ("export", "import")
REST = "rest"
#: Trade that a headline holds and no list of goods does: the two kinds of total differ by it.
UNSPECIFIED = "unspecified"
#: Customs' line for goods not classified by kind, which stands for it in the default panel.
REMAINDER = "99000000"
#: What the rows of that panel say of their source.
PANEL_SOURCE = "nktrade reconstruction"
#: Every good, by its first digit.
ALL_GOODS = tuple("0123456789")


@dataclass(frozen=True)
class Selection:
    """What a figure or a question adds up; what is not given is not restricted.

    Attributes
    ----------
    flow : {"import", "export", "total"}
        As China's customs declares it.
    window : Window
    hs : tuple of str
        Codes, each with everything under it.
    province : tuple of str
    industry, bec : str
        A class of `nktrade.codes.classes`.
    """

    flow: str
    window: Window
    hs: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    industry: str = ""
    bec: str = ""


@dataclass(frozen=True)
class Block:
    """A product of flows, groups of goods, provinces and months: one boolean array each."""

    flows: np.ndarray
    goods: np.ndarray
    provinces: np.ndarray
    months: np.ndarray

    @property
    def cells(self) -> tuple[np.ndarray, ...]:
        """Index of the block's cells in an array over the space."""
        return np.ix_(self.flows, self.goods, self.provinces, self.months)

    @property
    def whole(self) -> bool:
        """Whether it holds all goods and provinces of its months."""
        return bool(self.goods.all() and self.provinces.all())

    @cached_property
    def key(self) -> bytes:
        """What tells the block from others."""
        arrays = (self.flows, self.goods, self.provinces, self.months)
        return np.packbits(np.concatenate(arrays)).tobytes()


@dataclass(frozen=True)
class Refined:
    """Goods and provinces split as finely as some selections need.

    Attributes
    ----------
    groups, places : numpy.ndarray of int
        For each fine good its group, for each fine province its place in the space.
    goods, provinces : numpy.ndarray of bool
        Selections x fine goods, selections x fine provinces: what each selection takes.
    """

    groups: np.ndarray
    goods: np.ndarray
    places: np.ndarray
    provinces: np.ndarray


class Space:
    """All cells of some years of trade, with goods and provinces as fine as print tells them.

    Parameters
    ----------
    codes : iterable of str
        HS codes that figures name, of 2 to 10 digits.
    provinces : iterable of str
        Provinces that figures name, two digits each.
    first_year, last_year : int
    leaves : pandas.DataFrame, optional
        The attribute `leaves` of an equal space that was made before.
    """

    def __init__(
        self,
        codes: Iterable[str],
        provinces: Iterable[str],
        first_year: int,
        last_year: int,
        leaves: pd.DataFrame | None = None,
    ) -> None:
        self.months = pd.date_range(f"{first_year}-01", f"{last_year}-12", freq="MS")
        self.provinces = (*sorted(set(provinces)), REST)
        editions = [edition_of_year(month.year) for month in self.months]
        #: The codes that print names.
        self.codes = printed = sorted(set(codes))
        #: One row a leaf: code, industry, bec, one column an edition, group.
        self.leaves = _group(printed, tuple(dict.fromkeys(editions))) if leaves is None else leaves
        self._codes = self.leaves["code"].tolist()
        first = self.leaves.drop_duplicates("group").sort_values("group", kind="stable")
        #: Which groups of goods exist in which months: groups x months.
        self.exists = first[editions].to_numpy(dtype=bool)
        self.shape = (len(FLOWS), len(first), len(self.provinces), len(self.months))

    def flows(self, selection: Selection) -> np.ndarray:
        """Return which flows a selection takes."""
        return np.array([selection.flow in (name, "total") for name in FLOWS])

    def within(self, selection: Selection) -> np.ndarray:
        """Return which months a selection takes."""
        return np.asarray(selection.window.covers(self.months))

    def covers(self, window: Window) -> bool:
        """Say whether a window lies in the space."""
        return bool(self.months[0] <= window.first and window.last <= self.months[-1])

    def block(self, selection: Selection) -> Block:
        """Return the cells of a selection, which must cut no group of goods or of provinces."""
        fine = self.refine([selection])
        goods, provinces = np.zeros(self.shape[1], bool), np.zeros(self.shape[2], bool)
        goods[fine.groups[fine.goods[0]]] = True
        provinces[fine.places[fine.provinces[0]]] = True
        if goods[fine.groups[~fine.goods[0]]].any() or len(fine.places) > self.shape[2]:
            raise ValueError(f"print does not tell {selection} apart")
        return Block(self.flows(selection), goods, provinces, self.within(selection))

    def refine(self, selections: Sequence[Selection]) -> Refined:
        """Split goods and provinces until each is altogether in or out of every selection."""
        asked = {code for one in selections for code in one.hs}
        below = sorted(code for code in asked if code not in self._known)
        above = [(code, self._leaf_above(code)) for code in below]
        extra = [(code, place) for code, place in above if place is not None]
        finer = [code for code, _ in extra]
        leaf = np.array([*range(len(self._codes)), *(place for _, place in extra)])
        goods = np.array([self._takes(one, finer, leaf) for one in selections])
        table = np.vstack([self._group[leaf], goods])
        kept = np.unique(table, axis=1) if len(selections) > 1 else _unique_pairs(table)
        places = list(range(len(self.provinces)))
        fine = [*self.provinces]
        for place in sorted({name for one in selections for name in one.province} - set(fine)):
            fine.append(place)
            places.append(len(self.provinces) - 1)
        provinces = [np.isin(fine, one.province or fine) for one in selections]
        return Refined(kept[0], kept[1:].astype(bool), np.array(places), np.array(provinces))

    def _takes(self, one: Selection, finer: list[str], leaf: np.ndarray) -> np.ndarray:
        takes = np.ones(len(leaf), bool)
        if one.hs:
            takes[:] = False
            names, order = self._sorted
            for code in one.hs:  # whatever begins with a code stands together
                takes[order[bisect_left(names, code) : bisect_left(names, code + "~")]] = True
            takes[len(names) :] = [name.startswith(one.hs) for name in finer]
        for trait, wanted in (("industry", one.industry), ("bec", one.bec)):
            if wanted:
                takes &= (self._traits[trait] == wanted)[leaf]
        return takes

    @cached_property
    def _traits(self) -> dict[str, np.ndarray]:
        return {name: self.leaves[name].to_numpy(dtype=object) for name in ("industry", "bec")}

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """The industries and broad economic categories that goods of the space are in."""
        return {name: sorted(set(held) - {""}) for name, held in self._traits.items()}

    @cached_property
    def _sorted(self) -> tuple[list[str], np.ndarray]:
        """Codes of the leaves in their order, and the place of each among the leaves."""
        order = np.argsort(np.array(self._codes), kind="stable")
        return [self._codes[n] for n in order], order

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._codes)

    @cached_property
    def _group(self) -> np.ndarray:
        return self.leaves["group"].to_numpy()

    @cached_property
    def _place(self) -> dict[str, int]:
        return {code: n for n, code in enumerate(self._codes)}

    def _leaf_above(self, code: str) -> int | None:
        """Return the leaf of which a code that print does not name is some part."""
        for digits in range(len(code) - 1, 1, -1):
            if code[:digits] in self._place:
                return self._place[code[:digits]]
        return None


def _unique_pairs(table: np.ndarray) -> np.ndarray:
    key = np.unique(table[0] * 2 + table[1])
    return np.vstack([key // 2, key % 2])


def _group(printed: Sequence[str], editions: tuple[str, ...]) -> pd.DataFrame:
    """List the leaves, and number the groups of those that nothing tells apart."""
    leaves = _list_leaves(printed, editions)
    marks = [leaves["code"].str.startswith(code).to_numpy() for code in printed]
    signs = np.packbits(np.array(marks, dtype=bool).reshape(len(marks), -1), axis=0)
    signature = pd.Series([sign.tobytes().hex() for sign in signs.T], index=leaves.index)
    traits = [leaves[name] for name in leaves.columns.drop("code")]
    group = leaves.groupby([signature, *traits], dropna=False, sort=False).ngroup()
    return leaves.assign(group=group)


def _list_leaves(codes: Sequence[str], editions: Sequence[str]) -> pd.DataFrame:
    """Six-digit codes of the editions, and every code of print that is not made of them."""
    lives = {edition: frozenset(codes_of(edition, 6)) for edition in editions}
    known = sorted(frozenset().union(*lives.values()))
    national = [code for code in codes if len(code) <= 6 and not _has_under(code, known)]
    lines = [code for code in codes if len(code) > 6]
    rows = {code: [code in lives[edition] for edition in editions] for code in known}
    for code in [*lines, *national, *SPECIAL_CHAPTERS]:  # in force as its subheading is
        rows[code] = rows.get(code[:6], [True] * len(editions))
    rows[UNSPECIFIED] = [True] * len(editions)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(editions))
    table = table.rename_axis("code").reset_index()
    for name in ("industry", "bec"):
        found = pd.Series(np.nan, table.index, dtype="object")
        for edition in reversed(editions):
            goods = table["code"].where(table[edition] & (table["code"] != UNSPECIFIED)).dropna()
            here = assign(goods, name, edition)
            found = here.reindex(table.index).astype("object").fillna(found)
        table[name] = found.fillna("")
    return table


def _has_under(code: str, known: Sequence[str]) -> bool:
    place = bisect_left(known, code)
    return place < len(known) and known[place].startswith(code)
