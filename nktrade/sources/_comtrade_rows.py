"""Rows of UN Comtrade in one dress: headings and codes as the service of today has them."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import CodeError, InputError, count_of
from nktrade.sources._customs_codes import country_isos
from nktrade.sources.written_numbers import unwrap

#: Column of each breakdown and the codes that mean "all of it".
TOTALS = {
    "customsCode": ("C00",),
    "motCode": ("0",),
    "mosCode": ("0",),
    "partner2Code": ("0", "W00"),
}
#: Flows by the service's letters, the old site's numbers and the words beside both.
FLOW_CODES = {"X": "export", "M": "import"}
_FLOWS = {"1": "M", "2": "X", "3": "RX", "4": "RM", "import": "M", "imports": "M", "export": "X",
          "exports": "X", "re-export": "RX", "re-exports": "RX", "re-import": "RM",
          "re-imports": "RM"}  # fmt: skip
#: What may be left out: a name or a number is enough, and quantities are not always given.
_EITHER = (("reporterCode", "reporterISO"), ("partnerCode", "partnerISO"), ("flowCode", "flowDesc"))
_CODES = [
    "period", "reporterCode", "partnerCode", "flowCode", "cmdCode", "customsCode", "motCode",
    "mosCode", "partner2Code", "qtyUnitCode", "altQtyUnitCode", "year",
]  # fmt: skip
#: The world, and the European Union and ASEAN as reporters: sums of what others declare too.
_GROUPS = ("0", "97", "975")
#: Goods not specified according to kind, as some reporters' files have them, and as the others do.
_UNSPECIFIED = {"9999AA": "999999"}
#: What the service calls countries that ISO 3166 calls otherwise.
_OWN_ISOS = {"S19": "TWN"}


@cache
def _headings() -> dict[str, tuple[str, str]]:
    """Return headings, folded, to (column, site)."""
    path = DATA / "classes" / "comtrade" / "headings.csv"
    known: dict[str, tuple[str, str]] = {}
    for row in pd.read_csv(path, dtype="str").itertuples(index=False):
        known.setdefault(_fold(str(row.heading)), (str(row.column), str(row.site)))
    return known


@cache
def units() -> dict[str, tuple[str, float]]:
    """Return codes and short names of units to (unit, how many of it one is)."""
    table = pd.read_csv(DATA / "classes" / "comtrade" / "units.csv", dtype="str")
    known = {}
    for row in table.itertuples(index=False):
        known[str(row.code)] = known[str(row.printed).casefold()] = (
            str(row.unit),
            float(str(row.factor)),
        )
    return known


def _fold(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


def _plain_code(text: str) -> str:
    """Return a code without the points in it and what keeps a spreadsheet from reading it.

    Examples
    --------
    >>> [_plain_code(text) for text in ('="690220"', "'040221", "6902.20", "TOTAL")]
    ['690220', '040221', '690220', 'TOTAL']
    """
    plain = unwrap(text)
    plain = plain.replace(".", "") if re.fullmatch(r"[0-9]{2}[0-9.]+", plain) else plain
    return _UNSPECIFIED.get(plain, plain)


def is_wanted(heading: str) -> bool:
    """Say whether a heading is of a column that is read."""
    return _fold(heading) in _headings()


class Dress:
    """What one file calls its columns, found in its first rows and put on all of them."""

    def __init__(self, columns, name: str, edition: str | None, totals: bool) -> None:
        known = {column: _headings()[_fold(str(column))] for column in columns}
        self.names = {column: found for column, (found, _) in known.items()}
        double = [
            column
            for column, found in self.names.items()
            if list(self.names.values()).count(found) > 1
        ]
        if double:
            raise InputError(
                "two columns say the same thing",
                where=name,
                got=", ".join(map(repr, double[:4])),
                hint="Download the table again and leave it as it comes.",
            )
        self.old = any(site == "old" for _, site in known.values())
        self.name, self.edition = name, edition
        self.printed = {found: str(column) for column, found in self.names.items()}
        there = set(self.names.values())
        missing = [
            column for column in ("period", "cmdCode", "primaryValue") if column not in there
        ]
        missing += [pair[0] for pair in _EITHER if not there & set(pair)]
        if edition is None and "classificationCode" not in there:
            missing.append("classificationCode")
        if not (totals or self.old):  # the old site gave totals alone
            missing += [column for column in ("freqCode", *TOTALS) if column not in there]
        if missing:
            raise InputError(
                f"columns are missing: {', '.join(missing)}",
                where=name,
                got=", ".join(map(str, columns)),
                hint="If the rows are totals over all procedures, modes of transport and second "
                "partners, say so: totals=True (--totals); and the edition, if it is not there: "
                "edition='HS2022' (--edition).",
            )

    def put_on(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows under the names of today, with `reporter` and `partner` as ISO3."""
        rows = rows.rename(columns=self.names)
        for column in rows.columns.intersection([*_CODES, "freqCode", "classificationCode"]):
            rows[column] = rows[column].str.strip()
        for column in rows.columns.intersection(_CODES):  # 202306.0, as pandas saves numbers
            rows[column] = rows[column].str.replace(r"\.0$", "", regex=True)
        plain = {code: _plain_code(code) for code in rows["cmdCode"].dropna().unique()}
        rows["cmdCode"] = rows["cmdCode"].map(plain).astype("str")
        absent = pd.Series(pd.NA, index=rows.index, dtype="str")
        if "flowCode" not in rows:
            rows["flowCode"] = rows["flowDesc"]
        words = rows["flowCode"].str.casefold().map(_FLOWS)
        rows["flowCode"] = rows["flowCode"].where(words.isna(), words)
        if "freqCode" not in rows:
            rows["freqCode"] = rows["period"].str.len().map({4: "A", 6: "M"})
        for column, codes in TOTALS.items():  # empty on the old site: not broken down
            found = rows.get(column, absent)
            rows[column] = found.fillna(codes[0]) if self.old or column not in rows else found
        if self.edition is not None:  # "HS" alone, or nothing, leaves it to be said
            said = rows.get("classificationCode", absent)
            rows["classificationCode"] = said.fillna(self.edition).replace("HS", self.edition)
        for side in ("reporter", "partner"):
            numbers = rows.get(f"{side}Code", absent)
            printed = rows.get(f"{side}ISO", absent).str.strip().replace(_OWN_ISOS)
            found = numbers.map(country_isos()).astype("str")
            found = found.where(found.notna(), printed)
            world = numbers.isin(_GROUPS) | printed.isin(["W00", "WLD", "EUR"])
            rows[side] = found.where(~world.fillna(False).astype(bool), "W00")
        return rows

    def refuse_lost_zeros(self, rows: pd.DataFrame) -> None:
        """Refuse codes that a spreadsheet has cut, before any row is left out."""
        code = rows["cmdCode"]
        cut = code.str.fullmatch(r"[0-9]+").fillna(False).astype(bool) & code.str.len().mod(2).eq(1)
        if cut.any():
            got = str(code[cut].iloc[0])
            more = int(cut.sum()) - 1
            raise CodeError(
                f"the HS code {got!r} has lost a zero",
                where=self.where(rows.index[cut][0], "cmdCode"),
                expected=f"an even number of digits; did you mean {'0' + got!r}?",
                hint=f"A spreadsheet has saved the file: use it as the service gave it. "
                f"{count_of(more, 'more rows')} like it.",
            )

    def refuse_contradictions(self, rows: pd.DataFrame) -> None:
        """Refuse rows whose code says one thing and the name beside it another.

        Rows that somebody has sorted or filled column by column do, and whose trade they are
        nobody can tell.
        """
        known = set(country_isos().values())
        pairs = [("flowCode", "flowDesc", rows["flowCode"], self._flows(rows))]
        if "year" in rows:
            pairs.append(("period", "year", rows["period"].str[:4], rows["year"].str[:4]))
        for side in ("reporter", "partner"):
            printed = rows.get(f"{side}ISO", rows[side]).replace(_OWN_ISOS)
            printed = printed.where(printed.isin(known) & rows[side].isin(known), rows[side])
            printed = printed.where(rows[side] != "XBL", "XBL")  # Luxemburg with it, then alone
            pairs.append((f"{side}Code", f"{side}ISO", rows[side], printed))
        for column, other, one, two in pairs:
            bad = (one != two) & one.notna() & two.notna()
            if bad.any():
                row = rows.index[bad][0]
                raise InputError(
                    "two columns of a row contradict each other",
                    where=self.where(row, column),
                    expected=f"what column {self.printed.get(other, other)!r} says, {two[row]!r}",
                    got=repr(one[row]),
                    hint="The rows were edited: use the file as the service gives it.",
                )

    def _flows(self, rows: pd.DataFrame) -> pd.Series:
        """Return the flows by their words, where those are export or import."""
        words = rows["flowDesc"] if "flowDesc" in rows else pd.Series(index=rows.index, dtype="str")
        return words.str.strip().str.casefold().map(_FLOWS).astype("str")

    def where(self, row: int, column: str) -> str:
        """Name a place in the file as messages do."""
        return f"{self.name}, row {row:,}, column {self.printed.get(column, column)!r}"
