"""Provinces: their names, whether the data have them, and what a printed ranking bounds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from nktrade.codes.geography import list_places
from nktrade.errors import InputError, UnanswerableError
from nktrade.published.documents import read_slides


def check_provinces(trade: pd.DataFrame) -> None:
    """Refuse a trade table that is not broken down by province.

    Raises
    ------
    UnanswerableError
        If no row, or not every row, has a province.

    Examples
    --------
    >>> import nktrade as nk
    >>> check_provinces(nk.load(start="2020-01", end="2020-06")) is None  # every row has one
    True
    """
    bare = trade["province"].isna()
    if not bare.any() and len(trade):
        return
    what = "not" if bare.all() else "only in part"
    raise UnanswerableError(
        f"the data are {what} broken down by province",
        got="no rows" if trade.empty else f"{bare.sum():,} of {len(trade):,} rows without one",
        hint="Import customs downloads by province; Comtrade, BACI and monthly totals have none.",
    )


def bound_with_tail(
    leaders: Sequence[float], total: tuple[float, float], others: int
) -> tuple[float, float]:
    """Bound the Herfindahl-Hirschman index of a ranking that prints its leaders and the total only.

    What the others hold together is known; the index is lowest if they share it evenly and highest
    if as many as possible are as large as the last leader.

    Parameters
    ----------
    leaders : sequence of float
        The printed values, largest first.
    total : (float, float)
        Lowest and highest total that the print allows, in the leaders' unit.
    others : int
        How many more there can be.

    Returns
    -------
    (float, float)
        0 to 10,000. Rounding of the leaders is not counted.

    Raises
    ------
    InputError
        If the others cannot hold the rest of the total.

    Examples
    --------
    >>> bound_with_tail([50.0, 20.0], (100.0, 100.0), 3)
    (3200.0, 3400.0)
    """
    lows, highs = [], []
    held, last = sum(leaders), leaders[-1]
    squares = sum(value**2 for value in leaders)
    for whole in total:
        rest, slack = whole - held, 1e-9 * held  # sums of floats are off by a little
        if not -slack <= rest <= others * last + slack:
            raise InputError(
                "the total does not fit its leaders",
                expected=f"{held:,.4g} to {held + others * last:,.4g}",
                got=f"{whole:,.4g}",
            )
        rest = max(rest, 0.0)
        full, left = divmod(rest, last)
        even = rest**2 / others if others else 0.0
        lows.append(1e4 * (squares + even) / whole**2)
        highs.append(1e4 * (squares + full * last**2 + left**2) / whole**2)
    # Both bounds fall as the total grows, so the ends of its interval are enough.
    return min(lows), max(highs)


def read_ranking(partner: str, currency: str, flow: str) -> pd.DataFrame:
    """Return the five leading provinces of each half-year, as KIEP's slides of 2020 print them.

    Parameters
    ----------
    partner, currency, flow : str
        Of the page; flow is North Korea's own.

    Returns
    -------
    pandas.DataFrame
        Index province (two digits), a column a half-year, in million USD; missing where the
        province is not among the five. A value is printed to 0.01 million.

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> float(read_ranking("PRK", "USD", "import").loc["44", "2019-H1"])
    403.71
    """
    slides = _read_slides(partner, currency, flow)
    rows = slides[slides["geography"].str.startswith("CHN-") & (slides["measure"] == "value")]
    rows = rows.assign(province=rows["geography"].str[4:], value=rows["value_usd"] / 1e6)
    return rows.pivot(index="province", columns="period", values="value")


def bound_shares(partner: str, currency: str, flow: str, codes: Sequence[str]) -> pd.DataFrame:
    """Bound what provinces had of a flow: one outside the five had at most what the fifth had.

    Parameters
    ----------
    partner, currency, flow : str
        As `read_ranking`.
    codes : sequence of str
        Provinces of the group, two digits.

    Returns
    -------
    pandas.DataFrame
        Index period. Columns low and high, percent of the total (as read, where its print is
        wrong), with the rounding of all figures.

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> bound_shares("PRK", "USD", "import", ["44", "35"]).loc["2017-H1"].round(1).tolist()
    [4.5, 9.0]
    """
    values = read_ranking(partner, currency, flow)
    totals = _read_totals(partner, currency, flow).loc[values.columns]
    group = values.reindex(list(codes))
    unseen = group.isna().sum()
    slack = 0.005 * (len(group) - unseen)
    least = group.sum() - slack
    most = group.sum() + slack + unseen * (values.min() + 0.005)
    low, high = 100 * least / totals["high"], 100 * most / totals["low"]
    return pd.DataFrame({"low": low, "high": high.clip(upper=100.0)})


def bound_indices(partner: str, currency: str, flow: str) -> pd.DataFrame:
    """Bound the Herfindahl-Hirschman index by province of each half-year that is printed.

    Parameters
    ----------
    partner, currency, flow : str
        As `read_ranking`.

    Returns
    -------
    pandas.DataFrame
        Index period. Columns low and high, 0 to 10,000, as `bound_with_tail`.

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> bound_indices("PRK", "USD", "import").round(-2).loc["2020-H1"].tolist()
    [3400.0, 3600.0]
    """
    values = read_ranking(partner, currency, flow)
    totals = _read_totals(partner, currency, flow)
    ends = {}
    for period, column in values.items():
        leaders = sorted(column.dropna(), reverse=True)
        others = len(list_places("province")) - len(leaders)
        total = (totals["low"].to_dict()[period], totals["high"].to_dict()[period])
        ends[period] = bound_with_tail(leaders, total, others)
    return pd.DataFrame(ends, index=["low", "high"]).T.rename_axis("period")


def read_province_industries(partner: str, currency: str) -> pd.DataFrame:
    """Return the printed industries of four provinces' sales, rows in the order of the print.

    Parameters
    ----------
    partner, currency : str
        As `read_ranking`.

    Returns
    -------
    pandas.DataFrame
        Index industry; columns (province, period); percent of what the province sold, as printed.
        A dash is missing.

    Raises
    ------
    UnanswerableError
        For other trade than that of the slides.

    Examples
    --------
    >>> float(read_province_industries("PRK", "USD").loc["chemistry", ("44", "2020-H1")])
    45.9
    """
    slides = _read_slides(partner, currency, "import")
    rows = slides[(slides["classification"] == "industry") & (slides["measure"] == "share")]
    rows = rows[rows["geography"].str.startswith("CHN-")]
    rows = rows.assign(province=rows["geography"].str[4:])
    table = rows.pivot(index="code", columns=["province", "period"], values="value")
    return table.reindex(rows["code"].unique()).rename_axis("industry")


def _read_slides(partner: str, currency: str, flow: str) -> pd.DataFrame:
    what = "provinces of North Korea's trade"
    return read_slides(partner, currency, flow, what, ("import", "export"))


def _read_totals(partner: str, currency: str, flow: str) -> pd.DataFrame:
    """Return low and high of the printed totals (million USD) by period, the finest print first."""
    rows = _read_slides(partner, currency, flow)
    rows = rows[(rows["classification"] == "total") & (rows["measure"] == "value")]
    scale = rows["value_usd"] / rows["value"] / 1e6
    value, half = rows["reading"].fillna(rows["value"]) * scale, rows["half_unit"] * scale
    rows = rows.assign(low=value - half, high=value + half, half=half)
    rows = rows[rows["geography"] == "CHN"].sort_values("half", kind="stable")
    return rows.drop_duplicates("period").set_index("period")[["low", "high"]]
