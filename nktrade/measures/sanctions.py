"""The Security Council's measures on trade with North Korea, by HS code."""

from __future__ import annotations

from functools import cache

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import normalise
from nktrade.errors import check_choice
from nktrade.table.periods import parse_period
from nktrade.table.rows import FLOWS

CALENDARS = ("UN", "customs")


def sanctions(
    code: str, flow: str | None = None, on: str | None = None, calendar: str = "UN"
) -> pd.DataFrame:
    """Return the United Nations measures on North Korea that touch an HS code.

    Parameters
    ----------
    code : str
        2 to 10 digits.
    flow : {"export", "import"}, optional
        From North Korea's side.
    on : str, optional
        A month or period as `parse_period` reads it: only the measures in force at some time in
        it.
    calendar : {"UN", "customs"}
        By the resolutions' days, or by those of China's notices, which customs data follow; a
        measure without a notice is left out of the second.

    Returns
    -------
    pandas.DataFrame
        One row a paragraph and good. Columns id, resolution, paragraph, flow, kind ("ban", "ban
        with livelihood exemption", "cap", and by customs' calendar "suspension"), goods, hs,
        hs_edition, code_printed ("yes" in the resolution, "by China", "no"), effective,
        wind_down_end (last day for earlier contracts), ended, notice (China's), checked (the
        weakest thing that the row rests on: "seen", "secondary", "mapped" or "recalled"), covers
        ("all" if the code lies within the measure, "part" if the measure names something under it
        or a kind of the goods it holds), note. Dates are datetime64. The README beside the tables
        says more.

    Raises
    ------
    CodeError, InputError
        For a code, flow, calendar or period that cannot be read.

    Examples
    --------
    >>> sanctions("27011210", flow="export", on="2017-07")["id"].tolist()
    ['2321-26b']
    >>> sanctions("27011210", "export", "2017-07", calendar="customs")["kind"].tolist()
    ['suspension']
    >>> sanctions("6704").empty
    True
    """
    check_choice("calendar", calendar, CALENDARS, expected="UN or customs")
    text = normalise(code)
    table = _measures() if calendar == "UN" else _notices()
    prefixes = table["hs"].str.split()
    within = prefixes.map(lambda codes: text.startswith(tuple(codes)))
    above = prefixes.map(lambda codes: any(one.startswith(text) for one in codes))
    keep = within | above
    if flow is not None:
        check_choice("flow", flow, FLOWS)
        keep &= table["flow"].isin([flow, "both"])
    if on is not None:
        window = parse_period(on)
        last = window.last + pd.offsets.MonthEnd(0)
        keep &= (table["effective"] <= last) & ~(table["ended"] <= window.first)
    all_of_it = within & table["wider"].ne("yes")
    covers = all_of_it.map({True: "all", False: "part"}).astype("str")
    return table.assign(covers=covers)[keep].reset_index(drop=True)[list(COLUMNS)]


COLUMNS = (
    *("id", "resolution", "paragraph", "flow", "kind", "goods", "hs", "hs_edition"),
    *("code_printed", "effective", "wind_down_end", "ended", "notice", "checked", "covers", "note"),
)
_DAYS = ("adopted", "announced", "effective", "wind_down_end", "last_clearance", "ended")


def _read(name: str) -> pd.DataFrame:
    file = DATA / "classes" / "sanctions" / f"{name}.csv"
    table = pd.read_csv(file, dtype="str", keep_default_na=False)
    for column in set(_DAYS) & set(table):
        table[column] = pd.to_datetime(table[column].replace("", None), format="%Y-%m-%d")
    return table


@cache
def _measures() -> pd.DataFrame:
    notices = _read("notices").set_index("id")["notice"]
    table = _read("measures")
    return table.assign(notice=table["id"].map(notices).fillna("").astype("str"))


@cache
def _notices() -> pd.DataFrame:
    paragraphs = _read("measures").set_index("id")[["resolution", "paragraph"]]
    return _read("notices").join(paragraphs, on="id")
