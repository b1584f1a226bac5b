"""How well any sum is known: recorded in a store, or as published figures bound it.

The one place that looks at both a store of customs' rows and the published figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nktrade.codes.classes import classify
from nktrade.errors import InputError
from nktrade.published import bounds as print_bounds
from nktrade.published.questions import BY, TURNED, check_question, cut_window
from nktrade.store import load
from nktrade.table.addition import sum_rows
from nktrade.table.periods import Period, list_periods, parse_period
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
    trade = load(data, hs=hs, flow=turned if turned in TURNED else None)
    keys = [by] if isinstance(by, str) else list(by)
    if unknown := [key for key in keys if key not in BY]:
        raise InputError(f"sums cannot be kept apart by {unknown[0]!r}", expected=", ".join(BY))
    for kind in ("industry", "bec"):
        if getattr(base, kind) or kind in keys:
            trade = classify(trade, to=kind)
            if getattr(base, kind):
                trade = trade[trade[kind] == getattr(base, kind)]
    if base.province:
        trade = trade[trade["province"].isin(base.province)]
    digits = {"chapter": 2, "heading": 4}
    trade = trade.assign(**{k: trade["hs"].str[:n] for k, n in digits.items() if k in keys})
    if base.flow == "balance":
        out = "import" if view == "PRK" else "export"
        trade = trade.assign(value=trade["value"].where(trade["flow"] == out, -trade["value"]))
    rows = []
    for text in list_periods(period):
        for window in cut_window(parse_period(text), keys):
            inside = select(trade, period=window)
            columns = [key for key in keys if key not in ("period", "month", "year", "hs")]
            across = () if "flow" in columns else ("flow",)
            sums = sum_rows(inside, columns, across=across)
            if "flow" in columns and view == "PRK":
                sums["flow"] = sums["flow"].map(TURNED)
            told = {"period": str(window)} | ({} if "flow" in columns else {"flow": base.flow})
            for _, row in sums.iterrows():
                value = row["value"]
                rows.append(
                    told
                    | {key: row[key] for key in columns}
                    | {"low": row["low"], "high": row["high"], "point": value}
                    | {"support": row["support"], "figures": "", "proof": "rows of customs"}
                )
    return pd.DataFrame(rows)
