"""North Korea's trade as all its partners declare it, with the rows that are probably the South's.

Customs all over the world write "Korea" and mean the South, and some of it is booked under the
North's code: the Bank of Korea found 27 to 40 per cent of exports in United Nations data wrong. A
published rule (Korea Development Institute 2011) keeps a good only if a partner that knows the
difference (South Korea, China or Japan) trades it with the North too, and only up to the largest
of their values. Both versions belong side by side; how often the rule errs is measured here by
mislabelling rows on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nktrade.errors import InputError, UnanswerableError
from nktrade.table.addition import sum_rows
from nktrade.table.rows import check_columns, check_is_trade

#: Whose customs tell the Koreas apart.
TRUSTED = ("CHN", "JPN", "KOR")
KEPT = ("declared by a trusted partner", "traded with a trusted partner, and not above it")
APART = ("traded with no trusted partner", "above every trusted partner's value")
LEVELS = (2, 4, 6)


def set_apart(
    trade: pd.DataFrame, trusted: Sequence[str] = TRUSTED, level: int = 6
) -> pd.DataFrame:
    """Say of each row whether it is probably the other Korea's.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table of one country by many declarers, in one currency, mirrored or not.
    trusted : sequence of str
        ISO3 codes of declarers that are believed.
    level : {2, 4, 6}
        Digits of the codes at which goods are the same. Declarers may write in different HS
        editions; at four digits fewer goods part for that reason alone.

    Returns
    -------
    pandas.DataFrame
        The rows of `trade`, its index and columns, with `kept` (bool) and `reason` (text). A good
        is looked up in its year and flow.

    Raises
    ------
    InputError
        For another level, or rows of several countries or currencies.
    UnanswerableError
        Where one declarer alone is there, or no trusted one: the rule would then keep all, or none.

    References
    ----------
    Korea Development Institute (2011), on errors in the trade statistics of North Korea's
    partners.

    Examples
    --------
    >>> import nktrade as nk
    >>> ours = nk.load(flow="export", hs="1006", start="2019-03", end="2019-03")
    >>> theirs = ours.assign(reporter="IND", value=9 * ours["value"])
    >>> judged = set_apart(pd.concat([ours, theirs], ignore_index=True))
    >>> judged.groupby("reporter")["reason"].first().to_dict()
    {'CHN': 'declared by a trusted partner', 'IND': "above every trusted partner's value"}
    """
    check_is_trade(trade)
    if level not in LEVELS:
        raise InputError(f"no level of {level} digits", expected="2, 4 or 6")
    declarer, country = name_sides(trade)
    _check_sides(trade, declarer, country, trusted)
    believed = trade[declarer].isin(list(trusted))
    rows = trade.assign(year=trade["period"].dt.year, good=trade["hs"].str[:level])
    cell = ["year", "flow", "good"]
    sums = sum_rows(rows, [*cell, declarer]).set_index([*cell, declarer])["value"]
    keys = [pd.MultiIndex.from_frame(rows[columns]) for columns in ([*cell, declarer], cell)]
    own = pd.Series(sums.reindex(keys[0]).to_numpy(), index=trade.index)
    theirs = sums[sums.index.get_level_values(declarer).isin(list(trusted))]
    largest = pd.Series(
        theirs.groupby(level=cell).max().reindex(keys[1]).to_numpy(), index=trade.index
    )
    reason = np.select(
        [believed, largest.isna() | (largest <= 0), own <= largest],
        [KEPT[0], APART[0], KEPT[1]],
        APART[1],
    )
    return trade.assign(kept=np.isin(reason, KEPT), reason=pd.array(reason, dtype="str"))


def _check_sides(trade: pd.DataFrame, declarer: str, country: str, trusted: Sequence[str]) -> None:
    """Refuse several countries or currencies, a single declarer, and none that is trusted."""
    for column in (country, "currency"):
        found = sorted(trade[column].unique())
        if len(found) != 1:
            raise InputError(f"rows of several {column}s", got=", ".join(found[:6]) or "no row")
    declarers = sorted(trade[declarer].unique())
    if len(declarers) == 1:
        raise UnanswerableError(
            f"the data hold one declarer only, {declarers[0]}",
            hint="Import the others: nktrade data fetch comtrade --reporter ALL --partner "
            f"{trade[country].iloc[0]} --yearly --years 2015-2023 --store all-partners.",
        )
    if not set(declarers) & set(trusted):
        raise UnanswerableError(
            "no trusted partner declares anything",
            expected=" or ".join(trusted),
            got=", ".join(declarers[:8]),
            hint="Import downloads of a trusted declarer, or trust others: nktrade data import.",
        )


def name_sides(trade: pd.DataFrame) -> tuple[str, str]:
    """Return the columns of who declares and of the country that is declared.

    Examples
    --------
    >>> name_sides(pd.DataFrame(columns=["reporter", "partner", "declared_by"]))
    ('declared_by', 'reporter')
    """
    return ("declared_by", "reporter") if "declared_by" in trade else ("reporter", "partner")


def both_versions(judged: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Set what was declared beside what the rule keeps.

    Parameters
    ----------
    judged : pandas.DataFrame
        What `set_apart` returns.
    by : sequence of str
        Columns besides year and flow, as the declarer's.

    Returns
    -------
    pandas.DataFrame
        One row a year and flow: year, flow, declared, kept, apart (in `currency`), share (of the
        declared value set apart), declarers (count), currency. Values of several declarers are of
        one country's trade with each, so they add up.

    Examples
    --------
    >>> import nktrade as nk
    >>> ours = nk.load(flow="export", hs="1006", start="2019-03", end="2019-03")
    >>> theirs = ours.assign(reporter="IND", value=9 * ours["value"])
    >>> judged = set_apart(pd.concat([ours, theirs], ignore_index=True))
    >>> both_versions(judged)[["share", "declarers"]].to_numpy().tolist()
    [[0.9, 2.0]]
    """
    check_columns(judged, ["period", "flow", "value", "kept", "reason"], "Call set_apart first.")
    declarer = name_sides(judged)[0]
    rows = judged.assign(year=judged["period"].dt.year)
    cell = ["year", "flow", *by]
    # A mirrored table's other side is its declarer.
    others = ("partner" if declarer == "declared_by" else "reporter",)
    across = tuple(name for name in others if name not in by)
    whole = sum_rows(rows.drop(columns=["kept", "reason"]), cell, across=across)
    table = whole[cell].assign(declared=whole["value"].to_numpy())
    kept = rows[rows["kept"]].groupby(cell)["value"].sum(skipna=False)
    cells = pd.MultiIndex.from_frame(table[cell])
    table["kept"] = kept.reindex(cells, fill_value=0.0).to_numpy()
    table["apart"] = table["declared"] - table["kept"]
    table["share"] = table["apart"] / table["declared"].where(table["declared"] > 0)
    count = rows.groupby(cell)[declarer].nunique()
    table["declarers"] = count.reindex(pd.MultiIndex.from_frame(table[cell])).to_numpy()
    return table.assign(currency=judged["currency"].iloc[0])


def measure_rule(
    north: pd.DataFrame,
    south: pd.DataFrame,
    shares: Sequence[float] = (0.01, 0.05, 0.2),
    *,
    draws: int = 20,
    seed: int = 0,
    trusted: Sequence[str] = TRUSTED,
    level: int = 6,
) -> pd.DataFrame:
    """Mislabel rows on purpose and see what the rule does with them.

    Parameters
    ----------
    north, south : pandas.DataFrame
        Trade tables of the same declarers with the North and with the South, held to be right.
    shares : sequence of float
        Parts of the South's rows (of declarers that are not trusted) that are booked as the
        North's, chosen at random.
    draws : int
        Draws a share.
    seed : int
        Of the draws.
    trusted, level
        As for `set_apart`.

    Returns
    -------
    pandas.DataFrame
        One row a share: share, mislabelled (their mean value over the North's true trade),
        caught (part of the mislabelled value set apart), lost (part of the North's true value set
        apart with it), before and after (declared, and kept, over the true value, less one), each
        the mean of the draws.

    Examples
    --------
    >>> import nktrade as nk
    >>> north = nk.load(flow="export", hs="1006", start="2019-03", end="2019-03")
    >>> south = north.assign(reporter="IND", partner="KOR", value=9 * north["value"])
    >>> measure_rule(north, south, [1.0], draws=1)[["caught", "lost"]].to_numpy().tolist()
    [[1.0, 0.0]]
    """
    generator = np.random.default_rng(seed)
    declarer, country = name_sides(north)
    if name_sides(south) != (declarer, country):
        raise InputError("one table is mirrored and the other is not")
    candidates = south[~south[declarer].isin(list(trusted))].reset_index(drop=True)
    if candidates.empty:
        raise UnanswerableError(
            "no row of the South could be mislabelled",
            expected="declarers that are not trusted",
            hint="Import what others declare of its trade.",
        )
    rows = []
    for share in shares:
        results = []
        for _ in range(draws):
            taken = candidates[generator.random(len(candidates)) < share]
            taken = taken.assign(**{country: north[country].iloc[0]})
            results.append(_try_rule(north, taken, trusted, level))
        rows.append([share, *np.mean(results, axis=0)])
    return pd.DataFrame(rows, columns=["share", "mislabelled", "caught", "lost", "before", "after"])


def _try_rule(
    north: pd.DataFrame, taken: pd.DataFrame, trusted: Sequence[str], level: int
) -> tuple[float, ...]:
    mixed = pd.concat([north.assign(true=True), taken.assign(true=False)], ignore_index=True)
    judged = set_apart(mixed, trusted, level)
    value, true, kept = judged["value"], judged["true"], judged["kept"]
    whole, wrong = value[true].sum(), value[~true].sum()
    caught = value[~true & ~kept].sum() / wrong if wrong else 1.0
    lost = value[true & ~kept].sum() / whole
    return wrong / whole, caught, lost, value.sum() / whole - 1, value[kept].sum() / whole - 1
