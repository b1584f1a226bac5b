"""What is said of a customs download and its file does not say: months, partner, what was chosen.

A file without a column of months is one month, a release of two, or a sum over several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nktrade.codes.hs import check_edition, edition_of_year
from nktrade.errors import InputError, check_choice
from nktrade.sources import _customs_codes as _codes
from nktrade.sources._layout import Layout
from nktrade.sources.months_in_names import month_in_name
from nktrade.sources.repeats import check_one_level
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import FLOWS, check_trade

if TYPE_CHECKING:
    from nktrade.sources._columns import Declared
    from nktrade.sources._stream import Scan


def declare(
    layout: Layout,
    *,
    flow: str,
    period: str | Window | None = None,
    partner: str | None = None,
    edition: str | None = None,
    province: str | None = None,
    regime: str | None = None,
) -> Declared:
    """Check what the caller says about a file against what the file leaves unsaid.

    Raises
    ------
    InputError
        For what neither says, or both.
    """
    from nktrade.sources._columns import Declared

    check_choice("flow", flow, FLOWS)
    if period == "name":
        period = None if "period" in layout.fields else month_in_name(layout.name)
    window = parse_period(period) if isinstance(period, str) else period
    if "period" not in layout.fields and window is None:
        raise InputError(
            "the file has no month column",
            where=layout.name,
            hint="Say its month: period='2023-06' (--period 2023-06).",
        )
    if "partner" not in layout.fields and partner is None:
        raise InputError(
            "the file has no partner column: its trade is with the world, or with a partner "
            "chosen at the site",
            where=layout.name,
            hint="Say which: partner='WLD', or the partner as partner='PRK' (--partner WLD).",
        )
    if partner is not None:
        _codes.check_partner(partner)
    if edition is not None:
        check_edition(edition)
    for axis, said, known in (
        ("province", province, _codes.provinces()),
        ("regime", regime, _codes.regimes()),
    ):
        if said is not None:
            _codes.check_code(axis, said, known)
        if said is not None and axis in layout.fields:
            raise InputError(
                f"the file has a column of {axis}s: what was chosen at the site is in it",
                where=layout.name,
                got=f"{axis} {said}",
                hint=f"Leave the {axis} out.",
            )
    return Declared(flow, window, partner, edition, layout.name, province, regime)


def is_cumulative(layout: Layout, declared: Declared) -> bool:
    """Say whether a file is one sum over several months that customs did not release together."""
    if "period" in layout.fields or declared.window is None:
        return False
    months = declared.window.months
    return len(months) > 1 and not (len(months) == 2 and months[0].month == 1)


def silence(layout: Layout, declared: Declared, by_name: bool) -> dict:
    """Return the scope of a file with headings alone: asked for, and no trade was found."""
    window = declared.window or (parse_period(month_in_name(layout.name)) if by_name else None)
    if window is None or declared.partner is None:
        raise InputError(
            "no row follows the headings",
            where=layout.name,
            hint="If the site found no trade, say of which month and partner: period='2021-08', "
            "partner='PRK'.",
        )
    months = [f"{month:%Y-%m}" for month in window.months]
    return {
        "period": months,
        "reporter": ["CHN"],
        "partner": [declared.partner],
        "flow": [declared.flow],
        "province": [declared.province or "-"],
        "regime": [declared.regime or "-"],
        "level": [2, 4, 6, 8],
        "hs_edition": sorted({edition_of_year(int(month[:4])) for month in months}),
        "currency": [layout.currency],
    }


def add_up_window(opened: Scan, declared: Declared, layout: Layout) -> pd.DataFrame:
    """Return the sums of a file of several months, a row a partner, as a bulletin's totals."""
    import pyarrow as pa

    from nktrade.table.arrow import to_frame

    if declared.province or declared.regime:
        raise InputError(
            "a sum over several months, of one province or regime, is neither rows nor a total",
            where=layout.name,
            got=str(declared.window),
            hint="Download it again with the option to list months.",
        )
    trade = to_frame(pa.concat_tables(opened.tables)) if opened.tables else None
    if trade is None or trade.empty:
        raise InputError("no row follows the headings", where=layout.name)
    check_one_level(trade["hs"], layout.name, hint="A sum over several months has one.")
    check_trade(trade.assign(status="reported"), where=layout.name)
    sums = trade.groupby("partner")["value"].agg(["sum", "size"]).reset_index()
    return pd.DataFrame(
        {
            "period": str(declared.window),
            "partner": sums["partner"],
            "flow": declared.flow,
            "value": sums["sum"],
            "currency": layout.currency,
            "half_unit": 0.5 * sums["size"],  # customs rounds every row
            "status": "cumulative",
            "source": layout.name,
        }
    )
