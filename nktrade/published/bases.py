"""Which base a printed recovery ratio can have been taken against, where its document names none.

A ratio "64.1 % of the level before" fixes the base within rounding. Every level that was published,
every mean of years and every window of months is tried, and what is found is held against what a
search so wide would find by luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.published import figures_for, load_documents, load_reported
from nktrade.table.periods import parse_period, spell_period

COLUMNS = ["flow", "window", "low", "high", "kind", "origin"]

#: Levels shorter than this many months are no base for a year.
SHORTEST = 6


def gather_levels(currency: str = "USD") -> pd.DataFrame:
    """Return every published level of North Korea's trade with China that could be a base.

    Where two of imports, exports and total are published for a period, the third follows.

    Parameters
    ----------
    currency : str
        Of the levels.

    Returns
    -------
    pandas.DataFrame
        Columns flow ("import", "export", "total"), window (as `parse_period` reads it), low and
        high (at an annual rate, from the rounding of the print), kind ("as published",
        "as read" where the print is corrected, "derived"), origin.

    Examples
    --------
    >>> levels = gather_levels()
    >>> levels.loc[(levels["window"] == "2017") & (levels["flow"] == "import"), "kind"].tolist()
    ['derived']
    """
    reported = load_reported()
    reported = reported[reported["currency"] == currency]
    rows = list(_intervals(reported, reported["half_unit"], 1.0, "data/published"))
    printed = load_documents(classification="total", geography="CHN")
    printed = printed[printed["measure"].isin(["value", "average"]) & (printed["value_usd"] > 0)]
    meant = printed["period_reading"]  # where the period itself is a misprint
    printed = printed.assign(period=meant.where(meant != "", printed["period"]))
    if currency == "USD":
        for document, part in printed.groupby("document"):
            one = (part["value_usd"] / part["value"]).replace([np.inf], np.nan)
            shown = part.assign(value=part["value_usd"], reading=part["reading"] * one)
            rows += _intervals(shown, part["half_unit"] * one, one, str(document))
    levels = pd.DataFrame(rows, columns=COLUMNS)
    levels = pd.concat([levels, _complete_flows(levels)], ignore_index=True)
    return levels.drop_duplicates(["flow", "window", "low", "high"], ignore_index=True)


def _intervals(table: pd.DataFrame, half: pd.Series, one, origin: str):
    """Yield a level for each print, and one for its reading; means per month are not levels."""
    for (_, row), width in zip(table.iterrows(), half, strict=True):
        window = parse_period(row["period"])
        mean = row.get("measure") == "average"
        if len(window.months) < SHORTEST or (mean and len(window.months) <= 12) or pd.isna(width):
            continue
        years = 1.0 if mean else window.years
        kinds = {"as published": row["value"], "as read": row["reading"]}
        for kind, value in kinds.items():
            if pd.notna(value) and row["flow"] in ("import", "export", "total"):
                bounds = ((value - width) / years, (value + width) / years)
                yield row["flow"], str(window), *bounds, kind, origin


def _complete_flows(levels: pd.DataFrame) -> pd.DataFrame:
    """Derive the missing one of imports, exports and total of each period and origin."""
    rows = []
    known = levels[levels["kind"] == "as published"].groupby(["window", "origin"])
    for (window, origin), part in known:
        first = part.drop_duplicates("flow").set_index("flow")[["low", "high"]]
        missing = {"import", "export", "total"} - set(first.index)
        if len(missing) != 1:
            continue
        flow = missing.pop()
        if flow == "total":
            low, high = first.sum()
        else:
            other = "export" if flow == "import" else "import"
            ends = first.astype("float64").T
            low = ends["total"]["low"] - ends[other]["high"]
            high = ends["total"]["high"] - ends[other]["low"]
        rows.append((flow, window, low, high, "derived", origin))
    return pd.DataFrame(rows, columns=COLUMNS)


def average_years(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of every run of two or more consecutive years whose levels are known.

    Where a year is known more than once, the narrowest interval is taken.
    """
    rows = []
    for flow, part in levels.groupby("flow"):
        years = part[part["window"].str.fullmatch(r"[0-9]{4}")]
        years = years.assign(width=years["high"] - years["low"]).sort_values("width", kind="stable")
        years = years.drop_duplicates("window").set_index(years["window"].drop_duplicates())
        years.index = years.index.astype(int)
        for first in sorted(years.index):
            for last in range(first + 1, int(years.index.max()) + 1):
                if last not in years.index:
                    break
                run = years.loc[list(range(first, last + 1))]
                window = f"{first}..{last}"
                mean = (run["low"].mean(), run["high"].mean())
                rows.append((flow, window, *mean, "mean of years", "data/published"))
    return pd.DataFrame(rows, columns=COLUMNS)


def roll_windows(months: pd.DataFrame, years: Sequence[int] = (1, 2, 3)) -> pd.DataFrame:
    """Return the annual mean over every run of whole years of a monthly table, any first month.

    Parameters
    ----------
    months : pandas.DataFrame
        Columns flow, period, value: every month, as `complete_months` returns it. Windows with an
        unknown month are left out.
    years : sequence of int
        Lengths tried.
    """
    wide = months.pivot_table(index="period", columns="flow", values="value", aggfunc="sum")
    known = months.groupby("period")["value"].apply(lambda part: part.notna().all())
    wide = wide.where(known.reindex(wide.index)).asfreq("MS")
    if {"import", "export"} <= set(wide.columns):
        wide["total"] = wide["import"] + wide["export"]
    rows = []
    for length in years:
        means = wide.rolling(12 * length).sum() / length
        for flow in means:
            for last, value in means[flow].dropna().items():
                first = pd.Timestamp(str(last)) - pd.DateOffset(months=12 * length - 1)
                window = str(parse_period(f"{first:%Y-%m}..{last:%Y-%m}"))
                rows.append((flow, window, value, value, "run of months", "the data of this page"))
    return pd.DataFrame(rows, columns=COLUMNS)


def imply_base(printed: float, half_unit: float, low: float, high: float) -> tuple[float, float]:
    """Return the least and the greatest base that a printed recovery ratio allows.

    Parameters
    ----------
    printed, half_unit : float
        The ratio in percent and half a unit of its last digit.
    low, high : float
        Bounds of the level that recovered.

    Examples
    --------
    >>> imply_base(50.0, 0.0, 100.0, 100.0)
    (200.0, 200.0)
    """
    if printed <= half_unit:
        raise UnanswerableError(
            "a ratio that may be zero implies no base",
            got=str(printed),
            hint="Leave that ratio out.",
        )
    return 100 * low / (printed + half_unit), 100 * high / (printed - half_unit)


def search_bases(
    printed: float,
    half_unit: float,
    levels: Mapping[str, tuple[float, float]],
    bases: pd.DataFrame,
    *,
    mixed: bool = False,
) -> pd.DataFrame:
    """Try bases for a printed recovery ratio, nearest first.

    Parameters
    ----------
    printed, half_unit : float
        The ratio in percent and half a unit of its last digit.
    levels : mapping
        By flow, the bounds of the level that recovered.
    bases : pandas.DataFrame
        What `gather_levels`, `average_years` and `roll_windows` return.
    mixed : bool
        Also divide one flow by another, as a slip of the pen might.

    Returns
    -------
    pandas.DataFrame
        Columns of `bases` with of (the flow that recovered), ratio_low, ratio_high (percent), hit
        (the intervals of print and ratio meet), distance (percentage points between them).
    """
    found = []
    for of, (low, high) in levels.items():
        part = bases if mixed else bases[bases["flow"] == of]
        part = part[part["low"] > 0]
        least, most = 100 * low / part["high"], 100 * high / part["low"]
        gap = np.maximum(least - (printed + half_unit), (printed - half_unit) - most)
        tried = part.assign(of=of, ratio_low=least, ratio_high=most, hit=gap <= 1e-9)
        found.append(tried.assign(distance=np.maximum(gap, 0.0)))
    table = pd.concat(found, ignore_index=True)
    if table.empty:
        raise UnanswerableError(
            "there is no base to try",
            got=", ".join(levels),
            hint="Name another year, or import downloads of earlier years: nktrade data import.",
        )
    # Among equals the one whose middle is nearest comes first.
    off = ((table["ratio_low"] + table["ratio_high"]) / 2 - printed).abs()
    ranked = table.assign(off=off).sort_values(["distance", "off"], kind="stable")
    return ranked.drop(columns="off").reset_index(drop=True)


def expect_by_chance(
    found: pd.DataFrame, printed: float, half_unit: float, spread: float = 0.2
) -> float:
    """Return how many bases would fit a ratio drawn at random near the printed one.

    Parameters
    ----------
    found : pandas.DataFrame
        From `search_bases`.
    spread : float
        The random ratio is uniform within this fraction of the printed one.

    Examples
    --------
    >>> found = pd.DataFrame({"ratio_low": [49.9], "ratio_high": [50.1]})
    >>> round(expect_by_chance(found, 50.0, 0.1), 3)  # 0.4 of the 20 points between 40 and 60
    0.02
    """
    low, high = printed * (1 - spread), printed * (1 + spread)
    left = (found["ratio_low"] - half_unit).clip(low, high)
    right = (found["ratio_high"] + half_unit).clip(low, high)
    return float(((right - left) / (high - low)).sum())


def read_ratios(partner: str, currency: str, year: str) -> pd.DataFrame:
    """Return the recovery ratios that documents print of a year's trade, and the base each implies.

    Parameters
    ----------
    partner, currency : str
        Of the page; the documents print North Korea's trade with China in dollars.
    year : str

    Returns
    -------
    pandas.DataFrame
        Index ratio (in words), one row a ratio. Columns flow, named (the base that the document
        names, or ""), value and half_unit (percent), level_low and level_high (of the year), least
        and greatest (the base a year that these imply).

    Raises
    ------
    UnanswerableError
        If no ratio is printed of this trade.
    """
    asked = {"classification": "total", "measure": "recovery", "period": year}
    found = figures_for(partner, currency, asked).drop_duplicates(["flow", "value"])
    if found.empty:
        raise UnanswerableError(
            f"no recovery ratio of this trade is printed for {year}",
            hint="Choose a year with a printed ratio (2023), North Korea and dollars.",
        )
    levels = gather_levels(currency)
    levels = levels[(levels["window"] == year) & (levels["origin"] == "data/published")]
    ends = levels.set_index("flow")[["low", "high"]].add_prefix("level_")
    table = found[["flow", "base_period", "value", "half_unit"]]
    table = table.rename(columns={"base_period": "named"}).join(ends, on="flow")
    implied = [imply_base(*row) for row in table.iloc[:, 2:].itertuples(index=False)]
    table[["least", "greatest"]] = implied
    words = [f"{row.value:g} % of {row.flow}s" for row in table.itertuples()]
    return table.set_axis(pd.Index(words, name="ratio"))


def try_bases(ratios: pd.DataFrame, bases: pd.DataFrame) -> pd.DataFrame:
    """Try every base for every ratio, of its own flow and of any.

    Parameters
    ----------
    ratios : pandas.DataFrame
        As `read_ratios` returns them.
    bases : pandas.DataFrame
        As `gather_levels`, `average_years` and `roll_windows` return them.

    Returns
    -------
    pandas.DataFrame
        As `search_bases`, nearest first, with ratio (as in `ratios`), tried ("same flow" or "any
        flow") and luck (how many bases would fit a ratio drawn at random, of that row's search).
    """
    ends = ratios[["level_low", "level_high"]].set_axis(ratios["flow"])
    levels = {flow: (low, high) for flow, low, high in ends.itertuples()}
    found = []
    for name, row in ratios.iterrows():
        for mixed in (False, True):
            known = levels if mixed else {row["flow"]: levels[row["flow"]]}
            one = search_bases(row["value"], row["half_unit"], known, bases, mixed=mixed)
            luck = expect_by_chance(one, row["value"], row["half_unit"])
            words = "any flow" if mixed else "same flow"
            found.append(one.assign(ratio=str(name), tried=words, luck=luck))
    return pd.concat(found, ignore_index=True)


def count_fits(found: pd.DataFrame) -> pd.DataFrame:
    """Count what `try_bases` tried and found, a row a ratio and search.

    Returns
    -------
    pandas.DataFrame
        Columns ratio, bases ("same flow" or "any flow"), tried, fit, expected by luck, and which
        windows fit.
    """
    rows = []
    for (ratio, tried), part in found.groupby(["ratio", "tried"], sort=False):
        hits = part[part["hit"]]
        named = zip(hits["of"], hits["flow"], hits["window"], strict=True)
        which = "; ".join(f"{of}s over {flow}s of {spell_period(w)}" for of, flow, w in named)
        rows.append((ratio, tried, len(part), len(hits), part["luck"].iloc[0], which))
    columns = ["ratio", "bases", "tried", "fit", "expected by luck", "which"]
    return pd.DataFrame(rows, columns=columns)
