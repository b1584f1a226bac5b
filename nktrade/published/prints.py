"""The printed figures as intervals, and found by what they measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from nktrade.published import UNITS
from nktrade.published.intervals import EVERYTHING, Interval

#: What makes two levels the same thing in two periods.
GOODS = ["flow", "geography", "classification", "code"]
_LEVELS = ("value", "quantity")


def read_levels(figures: pd.DataFrame, reported: pd.DataFrame) -> dict[str, Interval]:
    """Return what each figure can have been, in dollars, tons, percent or its own unit.

    Parameters
    ----------
    figures : pandas.DataFrame
        As `load_documents` returns it; printed dashes are left out.
    reported : pandas.DataFrame
        As `load_reported` returns it.

    Examples
    --------
    >>> from nktrade.published import load_documents, load_reported
    >>> figures = load_documents("kiep2023", code="6704", measure="value")
    >>> levels = read_levels(figures, load_reported().iloc[:0])
    >>> list(levels.values())
    [Interval(low=166734999.99999994, high=166745000.00000006)]
    """
    found = {}
    for id_, row in figures[figures["value"].notna()].iterrows():
        found[str(id_)] = round_out(row, row["value"]) * UNITS.get(row["unit"], 1.0)
    for id_, row in reported.iterrows():
        value = row["value"] if pd.isna(row["reading"]) else row["reading"]
        found[str(id_)] = Interval.around(value, row["half_unit"])
    return found


def round_out(figure: pd.Series, value: float) -> Interval:
    """Return all that a figure's rounding or wording allows it to be, in its own unit."""
    hedge = figure["measure"].partition(" ")[2]
    if hedge == "about":
        return Interval.around(value, 0.1 * abs(value))
    if hedge == "below":
        return Interval(-EVERYTHING.high, value)
    if hedge == "above":
        return Interval(value, EVERYTHING.high)
    return Interval.around(value, figure["half_unit"])


class Prints:
    """The printed figures, found by what they measure."""

    def __init__(self, figures: pd.DataFrame) -> None:
        # Plain objects: cells are read one by one, which Arrow's strings make slow.
        table = figures[figures["value"].notna()].copy()
        texts = table.select_dtypes(exclude="number").columns
        table[texts] = table[texts].astype("object")
        split = table["measure"].str.partition(" ")
        table["measure"], table["hedge"] = split[0], split[2]
        # Figures in plain nouns (workers, years) measure no trade.
        table = table[table["unit"].isin([*UNITS, "rank"]) & (table["flow"] != "")]
        table["section"] = table["place"].str.replace(
            r"(, (table|prose|note|row)\b.*)", "", regex=True
        )
        table["table"] = table["place"].str.extract(r"^(.*\btable|Table \d+)\b", expand=False)
        table["rank"] = table["place"].str.extract(r"\b(?:rank|row) (\d+)", expand=False)
        table["rank"] = pd.to_numeric(table["rank"])
        table["width"] = (table["half_unit"] / table["value"].abs()).fillna(1.0)
        self.table = table
        levels = table[table["measure"].isin(_LEVELS) & (table["hedge"] == "")]
        self.levels = {
            key: list(part.index) for key, part in levels.groupby(["measure", "period", *GOODS])
        }
        where = table[["document", "section", "quote", "width"]]
        self.places = dict(zip(table.index, where.itertuples(index=False), strict=True))

    def find(
        self, like: pd.Series, period: str, measure: str = "value", **other: str
    ) -> str | None:
        """Return the print of a level nearest to a figure, the most precise among equals."""
        what = [other.get(column, like[column]) for column in GOODS]
        names = self.levels.get((measure, period, *what))
        return self.find_nearest(like, names) if names else None

    def find_nearest(self, like: pd.Series, names: Iterable[str]) -> str:
        """Return the figure printed nearest to another, the most precise among equals."""
        document, section, quote = like["document"], like.get("section", ""), like["quote"]

        def far(name: str):
            place = self.places[name]
            apart = (place.document != document, place.section != section, place.quote != quote)
            return (*apart, place.width)

        return min(names, key=far)

    def write_flows(self, like: pd.Series, period: str) -> str | None:
        """Write a total or a balance as the sum or difference of the two flows."""
        if like["flow"] not in ("total", "balance"):
            return None
        exports = self.find(like, period, flow="export")
        imports = self.find(like, period, flow="import")
        if exports is None or imports is None:
            return None
        sign = "+" if like["flow"] == "total" else "-"
        return f"({{{exports}}} {sign} {{{imports}}})"

    def groups(self, keep: Callable[[pd.DataFrame], pd.Series], by: list[str]) -> Iterator:
        """Yield groups of chosen rows, in the order of the documents."""
        yield from self.table[keep(self.table)].groupby(by, sort=False)


def add_up(names: Iterable[str]) -> str:
    """Write the sum of figures."""
    return " + ".join(f"{{{name}}}" for name in names)
