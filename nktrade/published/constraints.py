"""Published figures as constraints: each an interval for a sum of cells, in USD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade.published import (
    UNITS,
    load_documents,
    load_exchange_rates,
    load_not_honoured,
    load_reported,
    rows_of,
    tolerance,
)
from nktrade.table.periods import Window, parse_period

FIRST_YEAR, LAST_YEAR = 2017, 2024


@dataclass(frozen=True)
class Constraint:
    """One published figure as an interval for a sum of cells, in USD.

    Attributes
    ----------
    id : str
        The figure's id in `load_documents` or `load_reported`; "…:rank" for a bound that follows
        from a table's ranking.
    kind : str
        "value", "share", "at least", "rank", "growth" or "balance growth".
    lower, upper : float
        USD; for growth, of the ratio of the two sums.
    cells : numpy.ndarray of int
    base : numpy.ndarray of int, optional
        For growth, the cells of the base period.
    """

    id: str
    kind: str
    lower: float
    upper: float
    cells: np.ndarray
    base: np.ndarray | None = None


def build_constraints(cells: pd.DataFrame) -> list[Constraint]:
    """Turn published figures into intervals for sums of cells.

    Parameters
    ----------
    cells : pandas.DataFrame
        What `build_prior` returns.

    Returns
    -------
    list of Constraint
        Figures outside 2017-2024, without a rule, or listed in not_honoured.csv are left out.
    """
    skip = set(load_not_honoured().index)
    found = _reported_constraints(cells, skip)
    documents = load_documents()
    documents = documents[~documents.index.isin(skip)]
    values = _value_constraints(cells, documents)
    found += values + _rank_constraints(cells, documents)
    found += _share_constraints(cells, documents, found)
    found += _growth_constraints(cells, documents)
    return [c for c in found if len(c.cells)]


def _inside(window: Window) -> bool:
    return window.first.year >= FIRST_YEAR and window.last.year <= LAST_YEAR


def _in_window(cells: pd.DataFrame, window: Window) -> np.ndarray:
    """Rows in a window; one that begins or ends inside the combined release takes none."""
    if window.first == pd.Timestamp("2020-02-01") or window.last == pd.Timestamp("2020-01-01"):
        return np.zeros(len(cells), dtype=bool)
    return window.covers(cells["period"]).to_numpy()


def reported_interval(row: pd.Series) -> tuple[float, float]:
    """Return the interval in USD that a reported total allows.

    A figure in yuan is converted at the year's average rate where the panel itself is built on
    it (2024), and by the range of the year's daily rates where dollars were printed too (2018).
    """
    value = row["value"] if pd.isna(row["reading"]) else row["reading"]
    lower, upper = value - row["half_unit"], value + row["half_unit"]
    if row["currency"] == "USD":
        return lower, upper
    year = parse_period(row["period"]).first.year
    rates = load_exchange_rates().loc[year]
    if year == LAST_YEAR:
        return lower / rates["cny_per_usd"], upper / rates["cny_per_usd"]
    return lower / rates["high"], upper / rates["low"]


def _reported_constraints(cells: pd.DataFrame, skip: set[str]) -> list[Constraint]:
    found = []
    for id_, row in load_reported().iterrows():
        window = parse_period(row["period"])
        if id_ in skip or not _inside(window):
            continue
        keep = _in_window(cells, window)
        if row["flow"] != "total":
            keep = keep & (cells["flow"] == row["flow"]).to_numpy()
        found.append(Constraint(str(id_), "value", *reported_interval(row), np.flatnonzero(keep)))
    return found


def figure_interval(figure: pd.Series) -> tuple[float, float]:
    """Return the interval in USD that a printed money value (or its reading) allows.

    A printed dash allows nothing but zero; "below" bounds from above.
    """
    unit = UNITS[figure["unit"]]
    value, half = figure["value"], figure["half_unit"]
    if pd.isna(value):
        return 0.0, 0.0
    if figure["measure"].endswith(" below"):
        return 0.0, value * unit
    if pd.notna(figure["reading"]):
        half = tolerance(figure["reading"], half, value)
        value = figure["reading"]
    months = 1.0
    if figure["measure"] == "average":
        window = parse_period(figure["period"])
        months = len(window.months) / 12 if len(window.months) > 12 else len(window.months)
    return (value - half) * unit * months, (value + half) * unit * months


def _value_constraints(cells: pd.DataFrame, documents: pd.DataFrame) -> list[Constraint]:
    money = documents["unit"].str.contains("USD") & documents["flow"].isin(
        ["import", "export", "total"]
    )
    money &= documents["measure"].isin(["value", "average", "value below"])
    found = []
    for id_, figure in documents[money].iterrows():
        window = parse_period(figure["period"])
        if not _inside(window):
            continue
        try:
            keep = rows_of(figure, cells)
        except LookupError:
            continue
        lower, upper = figure_interval(figure)
        kind = "value"
        if figure["code"] == "intermediate":
            # The document's three classes leave out about a quarter of its total. Consumption and
            # capital goods fit the United Nations' mapping, so the quarter is intermediate.
            kind, upper = "at least", np.inf
        windows = [window]
        if figure["measure"] == "value below":  # a monthly claim binds in each of its months
            windows = [Window(month, month) for month in window.months]
        for part in windows:
            members = np.flatnonzero(keep & _in_window(cells, part))
            found.append(Constraint(str(id_), kind, lower, upper, members))
    return found


def _rank_constraints(cells: pd.DataFrame, documents: pd.DataFrame) -> list[Constraint]:
    """What a top-N table leaves out is no larger than its last row."""
    found = []
    tables = documents[
        (documents["measure"] == "value") & documents["place"].str.contains("rank|row")
    ]
    tables = tables[tables["value"].notna() & tables["flow"].isin(["import", "export"])]
    ranked = tables["classification"].isin(["HS4", "HS8"]) | tables["geography"].str.contains("-")
    tables = tables[ranked]
    scope = tables["place"].str.replace(r",? (rank|row).*", "", regex=True)
    for (_, _, flow, period), rows in tables.groupby(
        [scope, "document", "flow", "period"], sort=False
    ):
        by_province = rows["geography"].str.contains("-").all()
        if len(rows) < 5 or len(rows["classification"].unique()) > 1:
            continue
        if not rows["value"].is_monotonic_decreasing:  # ranked by another year of the table
            continue
        last = rows.iloc[-1]
        upper = figure_interval(last)[1]
        keep = _in_window(cells, parse_period(str(period))) & (cells["flow"] == flow).to_numpy()
        digits = 8 if last["classification"] == "HS8" else 4
        key = cells["province"] if by_province else cells["hs"].str[:digits]
        named = set(rows["geography"].str[-2:] if by_province else rows["code"])
        if "Agri" in last["place"]:  # the table ranks agricultural goods only
            keep = keep & (cells["hs"].str[:2] <= "24").to_numpy()
        if digits == 8:  # and this one the lines of a chapter
            keep = keep & (cells["hs"].str[:2] == last["code"][:2]).to_numpy()
        for code, index in cells[keep].groupby(key[keep]).groups.items():
            if code not in named:
                found.append(Constraint(f"{last.name}:rank", "rank", 0.0, upper, index.to_numpy()))
    return found


def _pinned(members: np.ndarray, constraints: list[Constraint]) -> float | None:
    """Middle of the interval that published values allow for exactly these cells, if any do."""
    pins = [
        c
        for c in constraints
        if c.kind == "value" and len(c.cells) == len(members) and (c.cells == members).all()
    ]
    if not pins:
        return None
    return (max(c.lower for c in pins) + min(c.upper for c in pins)) / 2


def _share_constraints(
    cells: pd.DataFrame, documents: pd.DataFrame, values: list[Constraint]
) -> list[Constraint]:
    """Shares of totals that are themselves pinned down by a published value."""
    found = []
    shares = documents[(documents["measure"] == "share") & (documents["classification"] != "total")]
    for id_, figure in shares[shares["flow"].isin(["import", "export"])].iterrows():
        window = parse_period(figure["period"])
        if not _inside(window):
            continue
        try:
            keep = rows_of(figure, cells)
            whole = rows_of(figure.where(figure.index != "classification", "total"), cells)
        except LookupError:
            continue
        inside = _in_window(cells, window)
        total = _pinned(np.flatnonzero(whole & inside), values)
        if total is None:
            continue
        value = figure["value"] if pd.isna(figure["reading"]) else figure["reading"]
        # A hair inside the rounding, since the total itself is known only within its own.
        half = 0.98 * figure["half_unit"]
        low, high = (0.0, 0.0) if pd.isna(value) else (max(value - half, 0), value + half)
        members = np.flatnonzero(keep & inside)
        found.append(Constraint(str(id_), "share", low * total / 100, high * total / 100, members))
    return found


def _growth_constraints(cells: pd.DataFrame, documents: pd.DataFrame) -> list[Constraint]:
    """Growth of total trade: bounds for the ratio of two sums.

    Growth of single items follows from their printed levels and adds nothing.
    """
    rates = documents[(documents["measure"] == "growth") & (documents["classification"] == "total")]
    found = []
    for id_, figure in rates.iterrows():
        base = parse_period(figure["base_period"])
        if not _inside(base):
            continue
        keep = rows_of(figure, cells)
        low = 1 + (figure["value"] - figure["half_unit"]) / 100
        high = 1 + (figure["value"] + figure["half_unit"]) / 100
        now = np.flatnonzero(keep & _in_window(cells, parse_period(figure["period"])))
        then = np.flatnonzero(keep & _in_window(cells, base))
        kind = "balance growth" if figure["flow"] == "balance" else "growth"
        found.append(Constraint(str(id_), kind, low, high, now, then))
    return found
