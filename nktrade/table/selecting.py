"""Rows chosen from a trade table by flow, code, month, place and currency."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import pandas as pd

from nktrade.codes.geography import check_place
from nktrade.codes.hs import list_codes
from nktrade.errors import InputError, check_choice, check_columns, list_names, list_of
from nktrade.table.periods import Period, parse_period
from nktrade.table.row_rules import CURRENCIES, FLOWS, SIDES
from nktrade.table.rows import check_is_trade, check_types
from nktrade.table.support import narrow


def select(
    trade: pd.DataFrame,
    *,
    flow: str | None = None,
    hs: str | Sequence[str] | None = None,
    period: Period | None = None,
    province: str | Sequence[str] | None = None,
    partner: str | Sequence[str] | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """Return the rows asked for, in the table's own order and with its index.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    flow : {"export", "import"}, optional
    hs : str or sequence of str, optional
        Codes of any level; a heading takes everything under it.
    period : str, Timestamp, pair or Window, optional
        As `parse_period` reads it.
    province, partner : str or sequence of str, optional
        Codes of provinces (GACC's, two digits) and of partners (ISO3), as the table stands: in a
        mirrored table the partner is the declaring side.
    currency : {"USD", "CNY"}, optional

    Returns
    -------
    pandas.DataFrame
        Some rows of `trade`, every column; none where what was asked for did not trade.

    Raises
    ------
    InputError, CodeError
        For a flow, code, province, partner or currency that cannot be, with the nearest that can.

    Examples
    --------
    >>> import nktrade as nk
    >>> china = nk.load(start="2020-06", end="2020-06")
    >>> nk.select(china, flow="export", hs="6902")["hs"].str[:4].unique().tolist()
    ['6902']
    >>> nk.select(china, partner="PKR")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown partner 'PKR'. Did you mean 'PRK'?
    """
    check_columns(trade, [])
    if not {"period", "flow", "hs"} <= set(trade.columns):
        check_is_trade(trade)
    check_types(trade)
    keep = pd.Series(True, index=trade.index)
    if flow is not None:
        check_choice("flow", flow, FLOWS)
        keep &= trade["flow"] == flow
    if hs is not None:
        keep &= trade["hs"].str.startswith(tuple(list_codes(hs)))
    if period is not None:
        window = parse_period(period)
        keep &= window.covers(trade["period"])
    for column, wanted_values in (("province", province), ("partner", partner)):
        if wanted_values is not None:
            values = list_names(wanted_values, column)
            _check_known(trade, column, values)
            keep &= trade[column].isin(values)
    if currency is not None:
        check_choice("currency", currency, CURRENCIES)
        keep &= trade["currency"] == currency
    chosen = trade[keep]
    if chosen.empty and flow is not None and hs is not None and "declared_by" not in trade:
        _tell_other_side(trade, flow, list_codes(hs))
    return narrow(
        trade,
        chosen,
        flow=flow,
        hs=None if hs is None else list_codes(hs),
        province=[province] if isinstance(province, str) else province,
        period=None if period is None else str(window),
    )


def _tell_other_side(trade: pd.DataFrame, flow: str, codes: Sequence[str]) -> None:
    """Warn that goods went the other way: a mirror was probably forgotten."""
    goods = trade[trade["hs"].str.startswith(tuple(codes))]
    if goods.empty:
        return
    sides, partners = (", ".join(sorted(goods[side].unique())[:3]) for side in SIDES)
    warnings.warn(
        f"no {flow}s of {', '.join(codes)} in these rows, which have {goods['flow'].iloc[0]}s of "
        f"them: flows are as {sides} declared them. For the side of {partners} call "
        f"nk.mirror(trade), or nk.load(view={goods['partner'].iloc[0]!r})",
        stacklevel=3,
    )


def _check_known(trade: pd.DataFrame, column: str, values: Sequence[str]) -> None:
    """Refuse a province or partner that neither the table nor customs' own list has."""
    here = set(trade[column].dropna().unique())
    for value in values:
        if value in here:
            continue
        if column == "partner" and value in set(trade["reporter"].unique()):
            raise InputError(
                f"{value!r} is the reporter of these rows, not their partner",
                expected=list_of(sorted(here)),
                hint="In a mirrored table the partner is the side that declared.",
            )
        check_place(column, value, here)
