"""How well any sum is known: recorded in a store, or as published figures bound it.

The one place that looks at both a store of customs' rows and the published figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.codes.classes import classify
from nktrade.errors import InputError
from nktrade.measures.sums import check_held
from nktrade.published import bounds as print_bounds
from nktrade.published.questions import check_question, cut_window, list_keys
from nktrade.published.space import Selection
from nktrade.store import load
from nktrade.table.addition import sum_rows
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import Period, Window, list_periods, parse_period
from nktrade.table.selecting import select


def bounds(
    *,
    period: Period | Sequence[Period],
    flow: str | None = None,
    hs: str | Sequence[str] | None = None,
    province: str | Sequence[str] | None = None,
    industry: str | None = None,
    bec: str | None = None,
    by: str | Sequence[str] = (),
    view: str = "CHN",
    data: str | Path = "default",
    facts: str | Path | None = None,
) -> pd.DataFrame:
    """Return the least and the greatest value that a sum of trade can have, and how it is known.

    Parameters
    ----------
    period, flow, hs, province, industry, bec, by, view, facts
        As `nktrade.published.bounds.bounds`.
    data : str or path
        "default" for what published figures allow; or a store, whose sums are recorded: low and
        high are the value.

    Returns
    -------
    pandas.DataFrame
        One row a group: columns period, flow, those of `by`, low, high, point (USD), support
        ("recorded", "printed", "bounded" or "assumed"), figures and proof. The ends of two rows
        are not reached together: do not add them up.

    Raises
    ------
    InputError, CodeError, UnanswerableError
        As `nktrade.published.bounds.bounds`; `nktrade.load`, for a store.

    Examples
    --------
    >>> june = bounds(flow="export", period="2020-06")
    >>> june["support"].tolist()
    ['printed']
    """
    if str(data) != "default":
        if facts is not None:
            raise InputError("a store is recorded, and no further figures bound it")
        return _record(data, period, flow, hs, province, industry, bec, by, view)
    return print_bounds.bounds(
        period=period,
        flow=flow,
        hs=hs,
        province=province,
        industry=industry,
        bec=bec,
        by=by,
        view=view,
        facts=facts,
    )


def _record(data, period, flow, hs, province, industry, bec, by, view) -> pd.DataFrame:
    """Return sums of declared rows in the form of `bounds`: each is what it is."""
    base = check_question(flow, hs, province, industry, bec, view)
    turned = TURNED.get(base.flow, base.flow) if view == "PRK" else base.flow
    keys = list_keys(by, base)
    held = load(data, flow=turned if turned in TURNED else None)
    trade = _narrow(held if hs is None else select(held, hs=hs), base, keys)
    if base.flow == "balance":
        out = "import" if view == "PRK" else "export"
        trade = trade.assign(value=trade["value"].where(trade["flow"] == out, -trade["value"]))
    rows: list[dict[str, Any]] = []
    for text in list_periods(period):
        for window in cut_window(parse_period(text), keys):
            check_held(held, window)
            told = {"period": str(window), "flow": base.flow}
            if "hs" not in keys:
                rows += [told | row for row in _sum_window(trade, window, keys, view)]
                continue
            for code in base.hs:
                goods = select(trade, hs=code)
                rows += [
                    told | {"hs": code} | row for row in _sum_window(goods, window, keys, view)
                ]
    return pd.DataFrame(rows)


def _narrow(trade: pd.DataFrame, base: Selection, keys: list[str]) -> pd.DataFrame:
    """Return the rows of a question, with a column for each of its keys."""
    for kind in ("industry", "bec"):
        wanted = getattr(base, kind)
        if wanted or kind in keys:
            trade = classify(trade, to=kind)
            trade = trade[trade[kind] == wanted] if wanted else trade
    if base.province:
        trade = trade[trade["province"].isin(base.province)]
    digits = {"chapter": 2, "heading": 4}
    return trade.assign(**{k: trade["hs"].str[:n] for k, n in digits.items() if k in keys})


def _sum_window(
    trade: pd.DataFrame, window: Window, keys: list[str], view: str
) -> Iterator[dict[str, Any]]:
    """Yield a row a group: its value at both ends, for it is recorded."""
    columns = [key for key in keys if key not in ("period", "month", "year", "hs")]
    across = () if "flow" in columns else ("flow",)
    sums = sum_rows(select(trade, period=window), columns, across=across)
    if "flow" in columns and view == "PRK":
        sums["flow"] = sums["flow"].map(TURNED)
    for _, row in sums.iterrows():
        known = {"low": row["low"], "high": row["high"], "point": row["value"]}
        how = {"support": row["support"], "figures": "", "proof": "rows of customs"}
        yield {key: row[key] for key in columns} | known | how
