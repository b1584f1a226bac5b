"""Whose side a trade table is seen from: the mirror, and the view of a country."""

from __future__ import annotations

import pandas as pd

from nktrade.codes.geography import check_place
from nktrade.errors import InputError
from nktrade.table.row_rules import SIDES
from nktrade.table.rows import check_is_trade

#: A flow as the other side calls it.
TURNED = {"import": "export", "export": "import"}


def mirror(trade: pd.DataFrame) -> pd.DataFrame:
    """Turn a table to the partner's side: China's exports become North Korea's imports.

    Reporter and partner are exchanged and the flow is flipped. Two columns say so:
    ``declared_by`` (who really filed the declaration) and ``valuation`` ("FOB" where the
    declaration was an export, "CIF" where it was an import; the values themselves are unchanged).
    Mirroring twice gives the table back.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table, or one that was mirrored before.

    Returns
    -------
    pandas.DataFrame
        The same rows, order, index, values and currency; `trade` is not changed.

    Raises
    ------
    InputError
        If `trade` is no trade table (reporter, partner or flow is missing, as from a monthly
        table), or only some of its rows were mirrored before.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(start="2023-01", end="2023-01")
    >>> korea = nk.mirror(china)
    >>> bought = korea[korea["flow"] == "import"].iloc[0]
    >>> bought[["reporter", "partner", "declared_by", "valuation"]].tolist()
    ['PRK', 'CHN', 'CHN', 'FOB']
    """
    check_is_trade(trade)
    if "declared_by" in trade and trade["declared_by"].isna().any():
        raise InputError(
            "some rows are mirrored and some are not",
            hint="Mirror each table once before joining them.",
        )
    exported = trade["flow"] == "export"
    turned = trade.assign(
        reporter=trade["partner"],
        partner=trade["reporter"],
        flow=_choose(exported, "import", "export"),
    )
    if "declared_by" in trade:
        return turned.drop(columns=["declared_by", "valuation"])
    return turned.assign(declared_by=trade["reporter"], valuation=_choose(exported, "FOB", "CIF"))


def _choose(where: pd.Series, yes: str, no: str) -> pd.Series:
    """Return a column of two texts."""
    texts = pd.array([no, yes], dtype="str").take(where.to_numpy(dtype="int64"))
    return pd.Series(texts, index=where.index)


def view_from(trade: pd.DataFrame, country: str) -> pd.DataFrame:
    """Return a trade table seen from a country's side, turned if it is another's.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    country : str
        ISO3 code.

    Raises
    ------
    InputError
        If some rows are not of its trade.

    Examples
    --------
    >>> import nktrade as nk
    >>> korea = view_from(nk.load(start="2023-01", end="2023-01"), "PRK")
    >>> korea["reporter"].unique().tolist(), view_from(korea, "PRK") is korea
    (['PRK'], True)
    """
    check_is_trade(trade)
    for table, turned in ((trade, False), (trade, True)):
        side = "partner" if turned else "reporter"
        if (table[side] == country).all():
            return mirror(table) if turned else table
    check_place("partner", country)
    pairs = trade[[*SIDES]].drop_duplicates().head(4).to_numpy()
    raise InputError(
        f"the rows cannot all be seen from the side of {country!r}",
        expected=f"{country!r} as the reporter, or as the partner, of every row",
        got=", ".join(f"{one} with {other}" for one, other in pairs),
        hint=f"Load its trade alone: nk.load(partner={country!r}).",
    )
