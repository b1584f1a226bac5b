"""Relations that follow from what figures say of themselves: no figure is named here.

Each printed figure carries its flow, measure, period, base period, place and goods. From these
alone it is known which figures are the same quantity printed twice, which is a growth rate of which
levels, which rows add up to which total and which months lie in which half-year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from nktrade.published.formulas import Formula
from nktrade.published.prints import GOODS, Prints, add_up
from nktrade.table.periods import Window, parse_period

#: How far a figure may lie from a total published elsewhere: revisions in data/published reach 4 %.
REVISION = 0.05
PROVINCES = 31  # of China, in customs data


@dataclass(frozen=True)
class Check:
    """One relation and how much weight it has.

    Attributes
    ----------
    kind : str
        "growth", "share", "sum" ...
    formula : Formula
    strength : {"proof", "cover", "hint", "witness"}
        What it means if the formula fails: a "proof" leaves no room, parts that "cover" less than
        their total leave a gap, a "hint" is odd, a "witness" is a source outside the documents.
    figure : str
        Identifier of the figure the check is about; empty for a claim in words.
    claim, document, place : str
        Of a claim in words: what it says and where.
    reason : str
        What arithmetic alone does not say.
    candidates : tuple of (reading, formula)
        What may have been meant.

    Examples
    --------
    >>> from nktrade.published import Interval
    >>> levels = {"whole": Interval(9, 9), "part": Interval(10, 11)}
    >>> check = Check("sum", Formula("{part} <= {whole}"), claim="The part is in the whole.")
    >>> check.strength, check.formula.holds(levels)
    ('proof', False)
    """

    kind: str
    formula: Formula
    strength: str = "proof"
    figure: str = ""
    claim: str = ""
    document: str = ""
    place: str = ""
    reason: str = ""
    candidates: tuple[tuple[str, Formula], ...] = ()


def derive_checks(figures: pd.DataFrame, reported: pd.DataFrame) -> list[Check]:
    """Return every check that follows from what the figures say of themselves.

    Parameters
    ----------
    figures, reported : pandas.DataFrame
        As `load_documents` and `load_reported` return them.

    Examples
    --------
    >>> from nktrade.published import load_documents, load_reported
    >>> figures = load_documents("kiep2023", code="6704")
    >>> checks = derive_checks(figures, load_reported())
    >>> {check.kind for check in checks}  # of the one good alone
    {'repeat'}
    """
    prints = Prints(figures)
    makers: Iterable[Callable[[Prints], Iterator[Check]]] = (
        *(check_periods, _check_flows, _check_growth, _check_shares, _check_shares_of_one_total),
        *(_check_recoveries, _check_averages, _check_repeats, _check_sums, _check_baskets),
        *(_check_covering, _check_windows, _check_ranks, _check_room, _check_counts),
    )
    found = [check for maker in makers for check in maker(prints)]
    return found + list(_check_witnesses(prints, reported))


def _make(kind: str, figure: str, text: str, **more) -> Check:
    return Check(kind, Formula(f"{{{figure}}} {text}"), figure=figure, **more)


def _check_flows(prints: Prints) -> Iterator[Check]:
    levels = prints.table[prints.table["measure"].eq("value")]
    for id_, row in levels.iterrows():
        text = prints.write_flows(row, row["period"])
        if text:
            kind = "balance" if row["flow"] == "balance" else "total of flows"
            yield _make(kind, str(id_), f"== {text}")


def check_periods(prints: Prints) -> Iterator[Check]:
    """Check that a growth rate sets a window against an equally long earlier one."""
    rates = prints.table[prints.table["measure"].eq("growth")]
    for id_, row in rates[rates["base_period"] != ""].iterrows():
        now, base = parse_period(row["period"]), parse_period(row["base_period"])
        alike = f"{_order(now)} >= {_order(base)} + 1"
        if len(now.months) != len(base.months):
            alike = f"{len(now.months)} == {len(base.months)}"
        yield Check("period", Formula(alike), figure=str(id_))


def _check_growth(prints: Prints) -> Iterator[Check]:
    rates = prints.table[prints.table["measure"].eq("growth")]
    for id_, row in rates[rates["base_period"] != ""].iterrows():
        ends = [(prints.find(row, row[p]), prints.write_flows(row, row[p])) for p in _ENDS]
        direct = [f"{{{level}}}" if level else flows for level, flows in ends]
        for new, old in dict.fromkeys([tuple(direct), tuple(flows for _, flows in ends)]):
            if new and old and new != old:
                yield _make("growth", str(id_), f"== 100 * {new} / {old} - 100")


_ENDS = ("period", "base_period")


def _order(window: Window) -> int:
    return window.last.year * 12 + window.last.month


def _check_shares(prints: Prints) -> Iterator[Check]:
    shares = prints.table[prints.table["measure"].eq("share")]
    for id_, row in shares.iterrows():
        level = prints.find(row, row["period"])
        total = prints.find(row, row["period"], classification="total", code="")
        if level and total:
            yield _make("share", str(id_), f"== 100 * {{{level}}} / {{{total}}}")


def _check_shares_of_one_total(prints: Prints) -> Iterator[Check]:
    """Check shares against each other where they pin their total down better than its print."""
    shares = prints.groups(
        lambda t: t["measure"].eq("share") & t["hedge"].eq(""), ["document", "flow", "period"]
    )
    for _, part in shares:
        pairs = {str(id_): prints.find(row, row["period"]) for id_, row in part.iterrows()}
        known = part[[pairs[str(id_)] is not None for id_ in part.index]]
        known = known[known["value"] > 0]
        if len(known) < 2:
            continue
        best = known["width"].idxmin()
        row = known.loc[best]
        total = prints.find(row, row["period"], classification="total", code="")
        if total and prints.table.loc[total, "width"] <= row["width"]:
            continue
        for id_ in map(str, known.index):
            if pairs[id_] != pairs[str(best)]:
                text = f"== {{{best}}} * {{{pairs[id_]}}} / {{{pairs[str(best)]}}}"
                yield _make("shares of one total", id_, text)


def _check_recoveries(prints: Prints) -> Iterator[Check]:
    wanted = prints.table[prints.table["measure"].isin(["recovery", "ratio"])]
    averages = prints.table[prints.table["measure"].eq("average")]
    for id_, row in wanted[wanted["base_period"] != ""].iterrows():
        bases = averages[(averages["period"] == row["base_period"])]
        bases = bases[(bases[GOODS] == row[GOODS]).all(axis=1)]
        tons = len(bases) and bases["unit"].iloc[0].endswith("tons")
        level = prints.find(row, row["period"], "quantity" if tons else "value")
        if level and len(bases):
            scale = "100 * " if row["measure"] == "recovery" else ""
            text = f"== {scale}{{{level}}} / {{{prints.find_nearest(row, bases.index)}}}"
            yield _make(row["measure"], str(id_), text)


def _check_averages(prints: Prints) -> Iterator[Check]:
    for id_, row in prints.table[prints.table["measure"].eq("average")].iterrows():
        whole = prints.find(row, row["period"])
        if whole:
            yield _make("average", str(id_), f"== {{{whole}}} / {_count_units(row)}")


def _count_units(row: pd.Series) -> int:
    """How many of the units that a mean is of its window has: years, or months of one year."""
    months = len(parse_period(row["period"]).months)
    return months // 12 if months > 12 else months


def _check_repeats(prints: Prints) -> Iterator[Check]:
    """Check the same quantity printed twice, in one document or two, in one unit or two."""
    key = ["measure", "period", "base_period", *GOODS]
    for _, part in prints.groups(lambda t: ~t["measure"].isin(["rank", "other"]), key):
        if len(part) < 2:
            continue
        exact = part[part["hedge"] == ""]
        best = (exact if len(exact) else part)["width"].idxmin()
        for id_, row in part.drop(index=best).iterrows():
            kind = "repeat" if row["unit"] == part.loc[best, "unit"] else "conversion"
            yield _make(kind, str(id_), f"== {{{best}}}")


def _check_sums(prints: Prints) -> Iterator[Check]:
    """Check the row of a table that says it is the total of the others."""
    by = ["document", "table", "flow", "measure", "period", "geography"]
    for _, part in prints.groups(lambda t: t["measure"].isin(["value", "share"]), by):
        columns = part.groupby(
            part["place"].str.extract(r"(growth|value)", expand=False).fillna("")
        )
        for _, column in columns:
            whole = column["place"].str.contains(r"\bTotal\b") & (
                column["classification"].eq("basket") | column["geography"].str.contains("-")
            )
            parts = column[~column["place"].str.contains(r"\bTotal\b")]
            for id_ in column.index[whole]:
                if len(parts) > 1:
                    yield _make("sum", str(id_), f"== {add_up(parts.index)}")


def _check_baskets(prints: Prints) -> Iterator[Check]:
    """Check a basket whose name lists its headings against these."""
    for id_, row in prints.table[prints.table["classification"].eq("basket")].iterrows():
        codes = re.findall(r"(?<![0-9])[0-9]{4}(?![0-9])", row["code"])
        levels = [prints.find(row, row["period"], classification="HS4", code=c) for c in codes]
        total = prints.find(row, row["period"], classification="total", code="")
        if row["measure"] == "share" and codes and total and all(levels):
            sum_ = add_up(str(level) for level in levels)
            yield _make("share", str(id_), f"== 100 * ({sum_}) / {{{total}}}")


def _check_covering(prints: Prints) -> Iterator[Check]:
    """Check that parts stay within their total, and what they leave of it."""
    listed = lambda t: (  # noqa: E731
        t["measure"].eq("value")
        & t["table"].notna()
        & ~t["place"].str.contains(r"\bTotal\b")
        & (t["classification"].isin(["HS4", "bec"]) | t["geography"].str.contains("-"))
    )
    for _, part in prints.groups(listed, ["document", "table", "flow", "period"]):
        row = part.iloc[0]
        total = prints.find(row, row["period"], geography="CHN", classification="total", code="")
        if total is None:
            continue
        # A table of one kind of goods is not meant to cover the flow.
        headed = bool(re.search(r"Table|Top|Categor|Province", row["place"]))
        yield _make(
            "parts of a total",
            total,
            f"{'==' if headed else '>='} {add_up(part.index)}",
            strength="cover" if headed else "proof",
            place=f"{row['table']}, {row['period']}",
            document=row["document"],
        )
    shares = lambda t: t["measure"].eq("share") & t["classification"].eq("industry")  # noqa: E731
    for _, part in prints.groups(shares, ["document", "flow", "period", "geography"]):
        if part["table"].isna().all():
            row = part.iloc[0]
            text = Formula(f"100 == {add_up(part.index)}")
            where = {"document": row["document"], "place": row["place"]}
            yield Check("parts of a total", text, "cover", claim="shares by industry", **where)


def _check_windows(prints: Prints) -> Iterator[Check]:
    """Check that the months of a window do not exceed it, singly and together."""
    flows = prints.table[prints.table["measure"].isin(["value", "average"])]
    flows = flows[flows["flow"].isin(["import", "export", "total"])]
    flows = flows[flows["hedge"].eq("") & flows["unit"].str.contains("USD")]
    for _, part in flows.groupby(GOODS, sort=False):
        best = part.sort_values("width", kind="stable").drop_duplicates(["period", "document"])
        rows = {str(id_): row for id_, row in best.iterrows()}
        windows = {name: parse_period(row["period"]) for name, row in rows.items()}
        for whole, window in windows.items():
            inside = [
                name
                for name, other in windows.items()
                if _lies_in(other, window) and len(other.months) < len(window.months)
            ]
            chosen = _choose_apart(inside, windows)
            for names in ([[n] for n in inside] if len(inside) > 1 else []) + [chosen]:
                if names:
                    parts = " + ".join(_write_sum(name, rows[name]) for name in names)
                    left = _write_sum(whole, rows[whole])
                    formula = Formula(f"{left} >= {parts}")
                    yield Check("part of a period", formula, figure=whole)


def _write_sum(name: str, row: pd.Series) -> str:
    return f"{{{name}}}" if row["measure"] == "value" else f"{_count_units(row)} * {{{name}}}"


def _lies_in(part: Window, whole: Window) -> bool:
    return part.first >= whole.first and part.last <= whole.last


def _choose_apart(names: list[str], windows: Mapping[str, Window]) -> list[str]:
    chosen: list[str] = []
    for name in sorted(names, key=lambda n: -len(windows[n].months)):
        if all(
            windows[name].last < windows[other].first or windows[name].first > windows[other].last
            for other in chosen
        ):
            chosen.append(name)
    return sorted(chosen, key=names.index)


def _ranked(prints: Prints) -> Iterator[pd.DataFrame]:
    """Yield the columns of ranked tables by which their rows are ordered."""
    ranked = lambda t: t["measure"].eq("value") & t["rank"].notna()  # noqa: E731
    for _, table in prints.groups(ranked, ["document", "table"]):
        names = table["geography"] + table["code"]
        # Where each row is one item across the years, the last year gives the order.
        fixed = names.groupby(table["rank"]).nunique().eq(1).all()
        columns = list(table.sort_values("rank", kind="stable").groupby("period"))
        for _, column in columns[-1:] if fixed else columns:
            yield column


def _check_ranks(prints: Prints) -> Iterator[Check]:
    for column in _ranked(prints):
        for upper, lower in pairwise(map(str, column.index)):
            yield _make("rank", lower, f"<= {{{upper}}}")


def _check_room(prints: Prints) -> Iterator[Check]:
    """Check that what leading provinces leave fits under the last of them."""
    for column in _ranked(prints):
        last = column.iloc[-1]
        if "-" not in last["geography"]:
            continue
        total = prints.find(last, last["period"], geography="CHN")
        if total:
            room = f"{PROVINCES - len(column)} * {{{last.name}}}"
            text = f"<= {add_up(column.index)} + {room}"
            yield _make("rank", total, text, place=f"{last['table']}, {last['period']}")


def _check_counts(prints: Prints) -> Iterator[Check]:
    """Check that a table titled "Top 5" has five rows."""
    for column in _ranked(prints):
        last = column.iloc[-1]
        title = re.search(r"Top ([0-9]+)", last["place"])
        if title:
            formula = Formula(f"{title[1]} == {int(column['rank'].max())}")
            where = {"document": last["document"], "place": str(last["table"])}
            claim = f"the table shows the {title[0].lower()}"
            yield Check("count", formula, "hint", claim=claim, **where)


def _check_witnesses(prints: Prints, reported: pd.DataFrame) -> Iterator[Check]:
    """Check totals against what press and customs published, revisions allowed for."""
    totals = prints.table[prints.table["measure"].isin(["value", "average"])]
    totals = totals[totals["classification"].eq("total") & totals["geography"].eq("CHN")]
    dollars = reported[reported["currency"] == "USD"].sort_values("half_unit", kind="stable")
    first = dollars.sort_values("kind", ascending=False, kind="stable")
    first = first.drop_duplicates(["period", "flow"])
    by_window = {(str(parse_period(r["period"])), r["flow"]): id_ for id_, r in first.iterrows()}
    for id_, row in totals[totals["hedge"].eq("")].iterrows():
        outside = by_window.get((str(parse_period(row["period"])), row["flow"]))
        if outside:
            units = f" / {_count_units(row)}" if row["measure"] == "average" else ""
            text = f"== {{{outside}}}{units} * between({1 - REVISION}, {1 + REVISION})"
            yield _make("published elsewhere", str(id_), text, strength="witness")
