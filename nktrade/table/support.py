"""How a sum is known: recorded by customs, or fixed, bounded or left open by published figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

#: From a sum of declared rows to one that nothing published narrows.
SUPPORT = ("recorded", "printed", "bounded", "assumed")

#: Where a table keeps what was asked of the data, as JSON can hold it.
ASKED = "nktrade_asked"

#: Says what published figures allow for sums of estimated rows; `nktrade.store` hands it in.
Bounding = Callable[[pd.DataFrame, Sequence[str], pd.DataFrame], "pd.DataFrame | None"]
_bounding: list[Bounding] = []


def bound_estimates_by(function: Bounding) -> None:
    """Let `function` say what published figures allow for sums of estimated rows.

    It takes what `bound_groups` takes and returns low, high and support of the groups it can
    speak of, or None.
    """
    _bounding[:] = [function]


def bound_groups(trade: pd.DataFrame, keys: Sequence[str], sums: pd.DataFrame) -> pd.DataFrame:
    """Return the least and the greatest value that each sum can have, and how that is known.

    Parameters
    ----------
    trade : pandas.DataFrame
        The rows that were added up.
    keys : sequence of str
        The columns that were kept apart; none for one sum over everything.
    sums : pandas.DataFrame
        Index of the groups in the order of `keys`; columns value (missing where a part is
        unknown), known (the sum of what is known) and estimated (bool: some row is an estimate).

    Returns
    -------
    pandas.DataFrame
        Index of `sums`. Columns low, high (in the unit of the values; infinite where nothing
        says how much) and support (one of `SUPPORT`).
    """
    unknown, estimated = sums["value"].isna(), sums["estimated"].astype("bool")
    floor = sums["known"].where(~estimated, 0.0)
    support = np.select(
        [estimated, unknown & (floor > 0), unknown], ["assumed", "bounded", "assumed"], "recorded"
    )
    table = pd.DataFrame(
        {
            "low": floor,
            "high": sums["value"].where(~estimated & ~unknown, np.inf),
            "support": pd.array(support, dtype="str"),
        },
        index=sums.index,
    )
    if estimated.any() and _bounding:
        known = _bounding[0](trade, keys, sums[estimated])
        if known is not None:
            table.loc[known.index, ["low", "high", "support"]] = known
    return table


def find_weakest(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the less firm support of each pair; missing where one of the two is.

    Examples
    --------
    >>> find_weakest(pd.Series(["printed"]), pd.Series(["bounded"])).tolist()
    ['bounded']
    """
    rank = {support: place for place, support in enumerate(SUPPORT)}
    both = pd.concat([one.map(rank), other.map(rank)], axis=1).max(axis=1, skipna=False)
    return both.map(dict(enumerate(SUPPORT))).astype("str")


def remember(trade: pd.DataFrame, asked: dict[str, Any]) -> pd.DataFrame:
    """Write into a table's attributes what was asked for, with the rows' count and sum.

    The count and the sum tell later whether the rows are still the ones that were asked for. As one
    text: pandas copies attributes, part by part, at each step taken with a table.
    """
    trade.attrs[ASKED] = json.dumps({"asked": asked, **_fingerprint(trade)})
    return trade


def recall(trade: pd.DataFrame) -> dict[str, Any] | None:
    """Return what was asked for, if the rows are still the ones that were."""
    written = trade.attrs.get(ASKED)
    if not isinstance(written, str) or "value" not in trade:
        return None
    told = json.loads(written)
    mark = _fingerprint(trade)
    same = told["rows"] == mark["rows"] and abs(told["sum"] - mark["sum"]) < 0.5
    return dict(told["asked"]) if same else None


def narrow(trade: pd.DataFrame, chosen: pd.DataFrame, **step: Any) -> pd.DataFrame:
    """Write into rows chosen from a table what they were chosen by, if the table knows itself.

    Parameters
    ----------
    trade, chosen : pandas.DataFrame
        Trade tables: the one that was asked, and the rows chosen from it.
    **step
        flow, hs, province, period or industry; None where it was not asked.
    """
    asked = recall(trade)
    if asked is None:
        return chosen
    given = {name: value for name, value in step.items() if value is not None}
    return remember(chosen, {**asked, "narrowed": [*asked.get("narrowed", []), given]})


def _fingerprint(trade: pd.DataFrame) -> dict[str, float]:
    return {"rows": len(trade), "sum": float(trade["value"].sum())}
