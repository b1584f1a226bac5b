"""What published figures allow for the sums of the default panel, quickly.

The question behind a group of rows is read from what was asked of the data (`recall`), or, where
rows were chosen by hand, from their own lines. Standard questions are answered from a table that
``python -m tools.precompute_bounds`` writes; a few others by linear programming; many at once by
the figures inside and around each sum, which can only be wider.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from math import inf
from typing import Any

import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.classes import assign
from nktrade.errors import UnanswerableError
from nktrade.published.figure_rows import MILLION
from nktrade.published.grades import grade
from nktrade.published.honoured import extremes, load_identified
from nktrade.published.identified import Identified
from nktrade.published.questions import check_question
from nktrade.published.space import PANEL_SOURCE, REMAINDER, UNSPECIFIED, Selection
from nktrade.table.compact import find_own, read_own
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import Window, list_periods, parse_period
from nktrade.table.support import SUPPORT, recall

FILE = DATA / "reconstructed" / "bounds.parquet"
#: So many sums are answered by linear programming in one call; more, by single figures.
EXACT = 24

_CODES = ("hs", "chapter", "heading", "subheading", "line")
_PLAIN = ("period", "flow", "hs_edition", "currency", "reporter", "partner", "status", "level")

Known = tuple[float, float, str]


def bound_panel(
    trade: pd.DataFrame, keys: Sequence[str], sums: pd.DataFrame
) -> pd.DataFrame | None:
    """Return low, high and support of sums of the panel's rows; None for any other estimate.

    Parameters
    ----------
    trade, keys, sums
        As `nktrade.table.support.bound_groups`.
    """
    if "source" not in trade or not trade["source"].eq(PANEL_SOURCE).all() or "hs" not in trade:
        return None
    if not {"period", "flow"} <= set(trade.columns):
        return None
    base = _read_question(trade)
    index = list(sums.index) if len(keys) else [() for _ in range(len(sums))]
    asked: dict[tuple, Selection | None] = {}
    months: dict[Any, Window] = {}
    when = list(keys).index("period") if "period" in keys else None
    questions = []
    for label in index:
        names = label if isinstance(label, tuple) else (label,)
        if when is None or pd.isna(names[when]):
            questions.append(_ask(trade, base, dict(zip(keys, names, strict=False))))
            continue
        # The months of one group of goods ask the same but for the month.
        others = (*names[:when], *names[when + 1 :])
        if others not in asked:
            labels = dict(zip(keys, names, strict=False))
            asked[others] = _ask(trade, base, {k: v for k, v in labels.items() if k != "period"})
        if names[when] not in months:
            month = pd.Timestamp(names[when])
            months[names[when]] = _whole(Window(month, month))
        one = asked[others]
        questions.append(None if one is None else replace(one, window=months[names[when]]))
    questions = [None if one is None else _hold_remainder(one) for one in questions]
    booked = _book_remainder(trade, keys, index, questions)
    found = answer([one for one in (*questions, *booked.values()) if one is not None])
    rows = [(0.0, inf, "assumed") if one is None else found[one] for one in questions]
    for place, rest in booked.items():
        rows[place] = _add(rows[place], found[rest], _most_of_all(rest))
    table = pd.DataFrame(rows, columns=["low", "high", "support"], index=sums.index)
    table["support"] = table["support"].astype("str")
    return table


def _read_question(trade: pd.DataFrame) -> Selection:
    """Return the sum over all rows, as asked or by their own lines."""
    flows = set(trade["flow"].unique())
    asked = recall(trade)
    months = trade["period"]
    if asked is None:
        window, industry = _reach(trade), ""
        hs, places = _own_lines(trade)
    else:
        steps = asked.get("narrowed", [])
        if asked["flow"] is None and not any("flow" in step for step in steps):
            flows = {"export", "import"}
        window = _narrow_window(asked, [step["period"] for step in steps if "period" in step])
        hs = _narrow_codes([asked["hs"], *[step.get("hs") for step in steps]])
        wanted = [step["province"] for step in steps if "province" in step]
        places = tuple(wanted[-1]) if wanted else ()
        industry = next((step["industry"] for step in steps if "industry" in step), "")
    if "declared_by" in trade and trade["declared_by"].notna().all() and months.size:
        flows = {TURNED[flow] for flow in flows}
    flow = next(iter(flows)) if len(flows) == 1 else "total"
    return Selection(flow, window, hs, places, industry)


def _hold_remainder(one: Selection) -> Selection:
    """Add what no code says, which the panel books under a code of its own."""
    held = any(REMAINDER.startswith(code) for code in one.hs)
    return replace(one, hs=(*one.hs, UNSPECIFIED)) if held else one


def _book_remainder(
    trade: pd.DataFrame,
    keys: Sequence[str],
    index: Sequence[Any],
    asked: Sequence[Selection | None],
) -> dict[int, Selection]:
    """Return which sums of a class hold what no code says, and what print is asked of that.

    Customs' code for it lies in a class of goods, "others", as it does in records. Print knows the
    class without it, and beside it the remainder.
    """
    held = trade[trade["hs"] == REMAINDER]
    labels = set(held[list(keys)].itertuples(index=False, name=None)) if len(held) else set()
    booked = {}
    for place, (label, one) in enumerate(zip(index, asked, strict=True)):
        names = label if isinstance(label, tuple) else (label,)
        if one is not None and (one.industry or one.bec) and names in labels:
            booked[place] = replace(one, hs=(UNSPECIFIED,), industry="", bec="")
    return booked


def _add(one: Known, other: Known, most: float | None) -> Known:
    """Add two sums that share no cell; their high ends need not be reached together."""
    high = min(one[1] + other[1], inf if most is None else most * MILLION)
    return one[0] + other[0], high, max(one[2], other[2], key=SUPPORT.index)


def _reach(trade: pd.DataFrame) -> Window:
    first, last = trade["period"].min(), trade["period"].max()
    return _whole(Window(first, last))


def _whole(window: Window) -> Window:
    """Add January to a February of 2020, which holds both in the panel."""
    if window.first == pd.Timestamp("2020-02-01"):
        return Window(pd.Timestamp("2020-01-01"), window.last)
    return window


def _own_lines(trade: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted(trade["hs"].unique())), tuple(sorted(trade["province"].dropna().unique()))


def _narrow_window(asked: dict[str, Any], periods: Iterable[str]) -> Window:
    first, last = pd.Timestamp("2017-01-01"), pd.Timestamp("2024-12-01")
    if asked["start"]:
        first = max(first, parse_period(str(asked["start"])).first)
    if asked["end"]:
        last = min(last, parse_period(str(asked["end"])).last)
    for text in periods:
        window = parse_period(text)
        first, last = max(first, window.first), min(last, window.last)
    return _whole(Window(first, max(first, last)))


def _narrow_codes(several: Sequence[Sequence[str] | None]) -> tuple[str, ...]:
    codes: tuple[str, ...] = ()
    for wanted in several:
        if wanted is None:
            continue
        new = [code for code in wanted if not codes or code.startswith(codes)]
        new += [code for code in codes if code.startswith(tuple(wanted)) and code not in new]
        codes = tuple(sorted(new)) or ("none",)
    return codes


def _ask(trade: pd.DataFrame, base: Selection, labels: dict[str, Any]) -> Selection | None:
    """Narrow the whole question to one group; None where its columns say nothing of goods."""
    one = base
    for name, value in labels.items():
        if pd.isna(value):
            return None
        if name == "period":
            month = pd.Timestamp(value)
            one = replace(one, window=_whole(Window(month, month)))
        elif name == "flow":
            turned = "declared_by" in trade and trade["declared_by"].notna().all()
            one = replace(one, flow=TURNED[value] if turned else value)
        elif name in _CODES:
            one = replace(one, hs=_narrow_codes([one.hs or None, [str(value)]]))
            if one.industry and {_industry_of(code) for code in one.hs} == {one.industry}:
                one = replace(one, industry="")  # print knows the good by itself
        elif name == "province":
            one = replace(one, province=(str(value),))
        elif name == "industry":
            one = replace(one, industry=str(value))
        elif name == "bec":
            one = replace(one, bec=str(value))
        elif name not in _PLAIN:
            keep = trade[name] == value
            for other, wanted in labels.items():
                keep &= trade[other] == wanted
            if not keep.any():
                return None
            lines, _ = _own_lines(trade[keep])
            one = replace(one, hs=lines)
            if "period" not in labels:
                one = replace(one, window=_reach(trade[keep]))
    return one


@cache
def _industry_of(code: str) -> str:
    return str(assign(pd.Series([code]), "industry").iloc[0])


def limit_sums(
    periods: Sequence[str], *, flow: str, view: str = "CHN", **where: Any
) -> pd.DataFrame:
    """Return what published figures leave of one sum in several periods, quickly.

    Parameters
    ----------
    periods : sequence of str
    flow, view : str
        As `bounds`; imports, exports or their total.
    **where
        As `bounds`: hs, province, industry, bec.

    Returns
    -------
    pandas.DataFrame
        Index period. Columns low, high (USD) and support. Exact for standard questions and for a
        few others; of many others at once perhaps wider than the exact answer.

    Examples
    --------
    >>> limit_sums(["2020-06"], flow="export")["support"].tolist()
    ['printed']
    """
    hs, province, industry, bec = map(where.get, ("hs", "province", "industry", "bec"))
    base = check_question(flow, hs, province, industry, bec, view)
    base = replace(base, flow=TURNED.get(base.flow, base.flow) if view == "PRK" else base.flow)
    asked = {text: replace(base, window=parse_period(text)) for text in list_periods(periods)}
    space = load_identified().space
    for text, one in asked.items():
        if not space.covers(one.window):
            raise UnanswerableError(
                f"nothing is asked of print for {text}",
                hint="Choose other periods, or import downloads of these: nktrade data import.",
            )
    found = answer(list(asked.values()))
    rows = [found[one] for one in asked.values()]
    return pd.DataFrame(
        rows, pd.Index(list(asked), name="period"), columns=["low", "high", "support"]
    )


def answer(questions: Sequence[Selection]) -> dict[Selection, Known]:
    """Return low, high (USD) and support of each question."""
    found = {one: read_answers().get(one) for one in questions}
    left = [one for one, known in found.items() if known is None]
    if left:
        model = load_identified()
        for one in left:
            found[one] = (
                _by_programme(model, one) if len(left) <= EXACT else _by_figures(model, one)
            )
    return {one: known for one, known in found.items() if known is not None}


def _by_programme(model: Identified, one: Selection) -> Known:
    terms = ((1.0, one),)
    low, high = (end.value for end in extremes(model, terms))
    printed = bool(model.printing(one))
    support = grade(model, terms, low, high, printed, _most_of_all(one))
    return low * MILLION, high * MILLION, support


def _by_figures(model: Identified, one: Selection) -> Known:
    """Answer by the largest figure inside and the smallest around, which can only be wider."""
    low, high, printed = model.enclose(one)
    most = _most_of_all(one)
    if most is None:
        most = model.enclose(Selection(one.flow, one.window))[1]
    high = min(high, most)
    support = grade(model, ((1.0, one),), low, high, printed, most)
    return low * MILLION, high * MILLION, support


def _most_of_all(one: Selection) -> float | None:
    """Return the greatest that all goods of the same months can be, if it was answered before."""
    standard = read_answers().get(Selection(one.flow, one.window))
    return None if standard is None else standard[1] / MILLION


@cache
def read_answers() -> dict[Selection, Known]:
    """Return the questions answered beforehand."""
    if not find_own(FILE).exists():
        return {}
    table = read_own(FILE)
    windows = {text: parse_period(text) for text in table["period"].unique()}
    columns = ["flow", "period", "hs", "province", "industry", "bec", "low", "high", "support"]
    return {
        Selection(
            flow,
            windows[period],
            tuple(hs.split()),
            tuple(province.split()),
            industry,
            bec,
        ): (low, high, support)
        for flow, period, hs, province, industry, bec, low, high, support in zip(
            *(table[name] for name in columns), strict=True
        )
    }
