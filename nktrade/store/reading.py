"""The rows of a Parquet part that are asked for, and little else of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from nktrade.codes.hs import LABELS, list_codes
from nktrade.errors import InputError, check_choice, check_named
from nktrade.store.address import open_part
from nktrade.store.manifest import part_of
from nktrade.table.compact import has_arrow, read_own
from nktrade.table.periods import parse_span
from nktrade.table.rows import COLUMNS, CURRENCIES, FLOWS

#: Rows held at a time while they are sifted.
HELD = 1 << 18
#: Columns of text, which a part holds as words once and their places.
TEXTS = [name for name, kind in COLUMNS.items() if kind == "str"]
#: How the rows that are read are ordered.
ORDER = ["period", "flow", "hs", "partner"]


class Wanted:
    """The rows asked for: as a test of groups and of rows, and as words for a message."""

    def __init__(self, partner, flow, hs, start, end, currency) -> None:
        if flow is not None:
            check_choice("flow", flow, FLOWS)
        if currency is not None:
            check_choice("currency", currency, CURRENCIES)
        self.partners = [partner] if isinstance(partner, str) else partner and list(partner)
        self.codes = None if hs is None else list_codes(hs)
        check_named(self.partners, "partner")
        check_named(self.codes, "HS code")
        self.first, self.last = parse_span(start, end)
        self.flow, self.currency = flow, currency
        self.edition: str | None = None
        self.level: int | None = None

    def read(self, part, told: Mapping[str, str | None] = MappingProxyType({})):
        """Return the rows of an open part as an Arrow table, words once and their places.

        `told` are the columns that need not be read: what every row of the part says.
        """
        import pyarrow as pa

        from nktrade.store.throughout import fill
        from nktrade.table.arrow import SCHEMA

        columns = [name for name in COLUMNS if name not in told]
        kept = []
        for groups in self._groups(part):
            # A partner's few groups are read before other threads are ready.
            table = part.read_row_groups(groups, columns, use_threads=not self.partners)
            kept.append(table.filter(pa.array(self._keep(table, told))))
        return fill(pa.concat_tables(kept), told) if kept else SCHEMA.empty_table()

    def read_panel(self, path: Path) -> pd.DataFrame:
        """Return the rows of the default panel, in a browser too (`nktrade.table.compact`)."""
        if has_arrow():
            from nktrade.table.arrow import sort_rows, to_frame

            with open_part(path, TEXTS) as part:
                return to_frame(sort_rows(self.read(part), ORDER))
        table = read_own(path, list(COLUMNS))
        kept = table[self._keep(table)].astype(COLUMNS)
        return kept.sort_values(ORDER, ignore_index=True)

    def _groups(self, part) -> Iterator[list[int]]:
        """Yield the groups that hold such rows, as many at a time as may be held."""
        about = part.metadata
        groups: list[int] = []
        rows = 0
        for number in self._naming(part):
            groups.append(number)
            rows += about.row_group(number).num_rows
            if rows >= HELD:
                yield groups
                groups, rows = [], 0
        if groups:
            yield groups

    def _naming(self, part) -> list[int]:
        """Return the groups that may hold such rows, and do name the partners asked for."""
        about = part.metadata
        each = [about.row_group(number) for number in range(part.num_row_groups)]
        groups = [*range(len(each))]
        for column, may in self._judges():
            at = about.schema.names.index(column)
            groups = [number for number in groups if may(each[number].column(at).statistics)]
        if not self.partners or not groups:
            return groups
        # A partner may be missing between the least and the greatest, and to see it costs little.
        said = part.read_row_groups(groups, ["partner"], use_threads=False)["partner"]
        ends = np.cumsum([each[number].num_rows for number in groups])
        named = says(said, set(self.partners).__contains__)
        found = np.logical_or.reduceat(named, np.append(0, ends[:-1]))
        return [number for number, any_named in zip(groups, found, strict=True) if any_named]

    def _judges(self) -> Iterator[tuple[str, Callable]]:
        """Yield columns, and what says of a group if it may do, by the least and greatest noted."""
        if self.partners:
            yield "partner", self._may_name
        if self.first is not None or self.last is not None:
            yield "period", self._may_be_of

    def _may_name(self, noted) -> bool:
        if not (noted and noted.has_min_max):
            return True
        least, most = noted.min, noted.max
        return any(least <= name <= most for name in self.partners)

    def _may_be_of(self, noted) -> bool:
        if not (noted and noted.has_min_max):
            return True
        early = self.first is not None and noted.max < self.first
        late = self.last is not None and noted.min > self.last
        return not (early or late)

    def _keep(self, table, told: Mapping[str, str | None] = MappingProxyType({})) -> np.ndarray:
        """Say of each row whether it is asked for."""
        keep = np.ones(len(table), bool)
        for column, test in self._tests():
            keep &= test(told[column] or "") if column in told else says(table[column], test)
        period = table["period"].to_numpy()
        if self.first is not None:
            keep &= period >= self.first.to_datetime64()
        if self.last is not None:
            keep &= period <= self.last.to_datetime64()
        return keep

    def _tests(self) -> Iterator[tuple[str, Callable[[str], bool]]]:
        """Yield columns of words and what a word of theirs must be."""
        if self.partners:
            yield "partner", set(self.partners).__contains__
        if self.flow:
            yield "flow", self.flow.__eq__
        if self.currency:
            yield "currency", self.currency.__eq__
        if self.edition:
            yield "hs_edition", check_choice("HS edition", self.edition, LABELS).__eq__
        if self.level:
            yield "hs", lambda code: len(code) == self.level
        if self.codes:
            codes = tuple(self.codes)
            yield "hs", lambda code: code.startswith(codes)

    def may_be_in(self, entry: dict) -> bool:
        """Say whether a file of a store may hold such rows, by what the manifest says of it."""
        return (
            (self.first is None or pd.Timestamp(entry["last"]) >= self.first)
            and (self.last is None or pd.Timestamp(entry["first"]) <= self.last)
            and bool(self.kinds(entry))
        )

    def kinds(self, entry: dict) -> list[str]:
        """Return which parts of a file may hold such rows: "rows", "sold" or both.

        Of a file that tells both sides' trade once, a country's purchases are among the rows and
        its sales in the part turned to the seller; without a country the rows say everything, and
        turned ones only what was asked for as imports.
        """
        kinds = []
        if self._are_among(entry["partners"]) and self.flow in (None, *entry["flows"]):
            kinds.append("rows")
        sales = self.flow == "import" or (self.partners and self.flow is None)
        if sales and self.partners and tells_purchases_alone(entry):
            raise InputError(
                "a file that tells both sides' trade was imported before sales were kept apart",
                where=entry["name"],
                expected=f"the sales of {', '.join(self.partners)} beside its purchases",
                got="its purchases alone",
                hint="Import the file again into a new store; flow='export' gives the purchases.",
            )
        if sales and part_of(entry, "sold") and self._are_among(entry["scope"]["reporter"]):
            kinds.append("sold")
        return kinds

    def _are_among(self, partners: list[str]) -> bool:
        return not self.partners or not set(self.partners).isdisjoint(partners)

    def text(self) -> str:
        """Say in words what is asked for."""
        months = [
            f"{month:%Y-%m}" if month is not None else "…" for month in (self.first, self.last)
        ]
        return ", ".join(
            f"{name} {'/'.join(value) if isinstance(value, list) else value}"
            for name, value in {
                "partner": self.partners,
                "flow": self.flow,
                "hs": self.codes,
                "months": None if months == ["…", "…"] else " to ".join(months),
                "currency": self.currency,
                "edition": self.edition,
                "level": self.level and f"{self.level} digits",
            }.items()
            if value
        )


def tells_purchases_alone(entry: dict) -> bool:
    """Say whether a whole year of BACI has no part turned to the seller, as until format 3."""
    whole = entry["source"] == "baci" and not entry["declared"].get("partner")
    return bool(whole and entry["rows"] and not part_of(entry, "sold"))


def says(column, test: Callable[[str], bool]) -> np.ndarray:
    """Say of each row whether its word passes; every word is tested once."""
    if isinstance(column, pd.Series):
        return np.array([*map(test, column.cat.categories)], bool)[column.cat.codes]
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    pieces = column.unify_dictionaries().chunks
    if not pieces:
        return np.zeros(0, bool)
    passed = np.array([*map(test, pieces[0].dictionary.to_pylist())], bool)
    return np.concatenate([passed.take(piece.indices.to_numpy()) for piece in pieces])
