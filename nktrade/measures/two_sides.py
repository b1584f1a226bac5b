"""One flow twice: from its two sides (FOB beside CIF), or from two sources of the same side."""

from __future__ import annotations

import pandas as pd

from nktrade.errors import InputError, MixtureError, check_choice
from nktrade.table.addition import check_addable, sum_rows
from nktrade.table.rows import COLUMNS, check_is_trade

#: Digits of codes at which both are compared; 0 compares totals.
LEVELS = (0, 2, 4, 6)
_OTHER = {"export": "import", "import": "export"}


def compare_sides(exports: pd.DataFrame, imports: pd.DataFrame, level: int = 6) -> pd.DataFrame:
    """Set the exporter's figures beside the importer's, month by month and code by code.

    Parameters
    ----------
    exports, imports : pandas.DataFrame
        Trade tables: the seller's exports to the buyer and the buyer's imports from the seller,
        in one currency and, in each month, one HS edition.
    level : {0, 2, 4, 6}
        Digits of the codes at which both are compared; 0 for totals, whose `hs` is "".

    Returns
    -------
    pandas.DataFrame
        period, hs, fob, cif (in the tables' currency; missing where that side has no row), ratio
        (cif / fob), margin (ratio - 1: freight and insurance only if both sides saw the same
        goods; missing where fob is zero or a side is missing) and currency.

    Raises
    ------
    InputError
        For an empty table, or tables that are not two sides of one flow.
    MixtureError
        For different currencies, HS editions or levels.

    Examples
    --------
    >>> row = {"period": pd.to_datetime(["2022-01-01"]), "hs": ["10063020"], "hs_edition": "HS2022",
    ...     "currency": "USD"}
    >>> sold = pd.DataFrame({**row, "reporter": "CHN", "partner": "RUS", "flow": "export",
    ...     "value": 100.0})
    >>> bought = pd.DataFrame({**row, "reporter": "RUS", "partner": "CHN", "flow": "import",
    ...     "value": 106.0})
    >>> from nktrade.table.rows import check_trade
    >>> both = compare_sides(check_trade(sold), check_trade(bought))
    >>> both[["fob", "cif", "ratio"]].to_numpy().tolist()
    [[100.0, 106.0, 1.06]]
    """
    check_is_trade(exports)
    check_is_trade(imports)
    _check_full(exports, imports, level)
    _check_sides(exports, imports)
    table = _pair(exports, imports, level, ("fob", "cif"))
    both = table["cif"] / table["fob"].where(table["fob"] > 0)
    return table.assign(ratio=both, margin=both - 1, currency=exports["currency"].iloc[0])


def compare_sources(first: pd.DataFrame, second: pd.DataFrame, level: int = 6) -> pd.DataFrame:
    """Set two sources of the same declarations side by side.

    Parameters
    ----------
    first, second : pandas.DataFrame
        Trade tables of one reporter's flow with one partner, as of customs and of UN Comtrade.
    level : {0, 2, 4, 6}
        As in `compare_sides`.

    Returns
    -------
    pandas.DataFrame
        period, hs, first, second (in the tables' currency; missing where that source has no row),
        difference (second - first), ratio (second / first) and currency.

    Raises
    ------
    InputError
        For an empty table, or tables of different flows.
    MixtureError
        For different currencies, HS editions or levels.

    Examples
    --------
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2022-03", end="2022-03")
    >>> again = wigs.assign(value=2 * wigs["value"])
    >>> compare_sources(wigs, again, level=4)[["hs", "ratio"]].to_numpy().tolist()
    [['6704', 2.0]]
    """
    check_is_trade(first)
    check_is_trade(second)
    _check_full(first, second, level)
    flows = {*_flows(first), *_flows(second)}
    if len(flows) > 1:
        got = " and ".join("-".join(flow) for flow in sorted(flows))
        raise InputError("these are different flows", expected="one flow twice", got=got)
    table = _pair(first, second, level, ("first", "second"))
    return table.assign(
        difference=table["second"] - table["first"],
        ratio=table["second"] / table["first"].where(table["first"] > 0),
        currency=first["currency"].iloc[0],
    )


def sum_years(trade: pd.DataFrame) -> pd.DataFrame:
    """Add up months to years, so that they can be set beside yearly figures such as BACI's.

    Returns
    -------
    pandas.DataFrame
        A trade table with one row a year and key, `period` its January, without quantities.

    Raises
    ------
    InputError
        Naming the first year that lacks a month (February may stand for January as well).

    Examples
    --------
    >>> import nktrade as nk
    >>> year = sum_years(nk.load(flow="import", hs="6704", start="2022", end="2022"))
    >>> len(year), f"{year['period'].iloc[0]:%Y-%m}"
    (46, '2022-01')
    """
    check_is_trade(trade)
    year = trade["period"].dt.year
    for (_, _, flow, number), rows in trade.groupby(["reporter", "partner", "flow", year]):
        months = set(rows["period"].dt.month)
        if rows["status"].str.contains("combined").any():
            months |= {1}
        if len(months) < 12:
            lacking = ", ".join(f"{m:02d}" for m in range(1, 13) if m not in months)
            raise InputError(
                f"the {flow}s of {number} lack months",
                got=f"no {lacking}",
                hint="Load whole years, or compare months.",
            )
    keys = ["reporter", "partner", "flow", "hs", "hs_edition", "province", "regime", "currency"]
    january = pd.to_datetime(year.astype("str") + "-01-01")
    sums = sum_rows(trade.assign(_year=january), ["_year", *keys])
    source = trade.groupby([january.rename("_year"), *keys], dropna=False)["source"].first()
    whole = sums.assign(period=sums["_year"], source=source.to_numpy())
    whole["status"] = sums["state"]
    whole = whole.drop(columns=["quantity", "unit"])
    return whole.reindex(columns=list(COLUMNS)).astype(COLUMNS)


def _check_full(one: pd.DataFrame, other: pd.DataFrame, level: int) -> None:
    check_choice("level", level, LEVELS, expected="2, 4 or 6, or 0 for totals")
    if one.empty or other.empty:
        raise InputError("a side has no rows", hint="Load both sides of the flow.")


def _flows(trade: pd.DataFrame) -> set[tuple[str, str, str]]:
    return set(zip(trade["reporter"], trade["partner"], trade["flow"], strict=True))


def _check_sides(exports: pd.DataFrame, imports: pd.DataFrame) -> None:
    sold, bought = _flows(exports), {(p, r, flow) for r, p, flow in _flows(imports)}
    pairs = {pair[:2] for pair in sold | bought}
    flows = {pair[2] for pair in sold}, {pair[2] for pair in bought}
    if len(pairs) > 1 or flows != ({"export"}, {"import"}):
        raise InputError(
            "these are not the two sides of one flow",
            expected="one country's exports and its partner's imports from it",
        )


def _pair(
    one: pd.DataFrame, other: pd.DataFrame, level: int, names: tuple[str, str]
) -> pd.DataFrame:
    found = sorted({*one["currency"], *other["currency"]})
    if len(found) > 1:
        raise MixtureError(
            "the sides differ in currency",
            got=", ".join(found),
            hint="Convert one side first: nktrade.convert_to_usd.",
        )
    if level:
        editions = pd.concat([one, other]).groupby("period")["hs_edition"].unique()
        mixed = editions[editions.map(len) > 1]
        if len(mixed):
            raise MixtureError(
                "the sides differ in hs_edition",
                got=f"{', '.join(sorted(mixed.iloc[0]))} in {mixed.index[0]:%Y-%m}",
                hint="Convert the codes of one (nk.hs.convert), or compare totals (level 0).",
            )
    sides = [_sum(trade, level, name) for trade, name in zip((one, other), names, strict=True)]
    return pd.concat(sides, axis=1).sort_index().reset_index()


def _sum(trade: pd.DataFrame, level: int, name: str) -> pd.Series:
    if (trade["hs"].str.len() < level).any():
        raise MixtureError(f"codes shorter than {level} digits", hint="Compare at a lower level.")
    check_addable(trade, ["period"])  # of the codes as they are: cut off they are of one level
    cut = trade.assign(hs=trade["hs"].str[:level])
    return sum_rows(cut, ["period", "hs"]).set_index(["period", "hs"])["value"].rename(name)
