"""Sums as they are asked for, in the keywords of `bounds`: checked, split and said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nktrade.codes.geography import check_place, list_places
from nktrade.codes.hs import edition_of_year, exists, list_codes
from nktrade.codes.names import name_inside
from nktrade.errors import (
    CodeError,
    InputError,
    UnanswerableError,
    check_choice,
    check_named,
    did_you_mean,
    list_names,
)
from nktrade.published.figure_rows import Terms, signs
from nktrade.published.honoured import load_identified
from nktrade.published.identified import Identified
from nktrade.published.own_figures import FLOWS
from nktrade.published.panel_points import read_panel
from nktrade.published.space import Selection
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import Period, Window, parse_period, spell_period

BY = ("period", "month", "year", "flow", "hs", "chapter", "heading", "province", "industry", "bec")


@dataclass(frozen=True)
class Question:
    """One sum that is asked for: a selection, and its flow as the asker says it."""

    terms: Terms
    labels: tuple[tuple[str, str], ...] = ()


def check_question(flow, hs, province, industry, bec, view) -> Selection:
    """Check what is asked for; the window is filled in later."""
    flow = "total" if flow is None else flow
    check_choice("flow", flow, FLOWS)
    check_choice("view", view, ("CHN", "PRK"))
    codes = () if hs is None else tuple(list_codes(hs))
    places = () if province is None else _texts(province)
    for noun, given, names in (("HS code", hs, codes), ("province", province, places)):
        check_named(None if given is None else names, noun)
    for place in places:
        check_place("province", place)
    for kind, wanted in (("industry", industry), ("bec", bec)):
        if wanted is not None:
            _check_class(kind, wanted)
    nothing = Window(pd.Timestamp("2017-01-01"), pd.Timestamp("2017-01-01"))
    return Selection(flow, nothing, codes, places, industry or "", bec or "")


def _texts(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_class(kind: str, wanted: str) -> None:
    check_choice(kind, wanted, load_identified().space.classes[kind])


def _check_codes(codes: Sequence[str], window: Window) -> None:
    """Refuse a code that no edition of the window's years has."""
    editions = dict.fromkeys(edition_of_year(month.year) for month in window.months)
    for code in codes:
        if len(code) <= 6 and not any(exists(code, edition) for edition in editions):
            if code[:2] in ("98", "99"):
                continue
            raise CodeError(f"{code} does not exist in {' or '.join(editions)}")


def list_keys(by: str | Sequence[str], base: Selection) -> list[str]:
    """Return what sums are kept apart by, or refuse it."""
    keys = list_names(by)
    for key in keys:
        if key not in BY:
            raise InputError(f"sums cannot be kept apart by {key!r}", hint=did_you_mean(key, BY))
    if "hs" in keys and not base.hs:
        expected = "hs=['6703', '6704'], or by='heading' for all headings"
        raise InputError("no codes are given to be kept apart", expected=expected)
    return keys


def split_question(
    model: Identified, base: Selection, periods: list[Period], by: str | Sequence[str], view: str
) -> list[Question]:
    """Return one question a group."""
    keys = list_keys(by, base)
    asked: list[tuple[dict[str, str], Selection]] = []
    for text in periods:
        window = parse_period(text)
        if not model.space.covers(window):
            first, last = model.space.months[[0, -1]]
            raise UnanswerableError(
                f"nothing is asked of print for {window}",
                expected=f"{first:%Y-%m} to {last:%Y-%m}",
                hint="Choose other periods, or import downloads of these: nktrade data import.",
            )
        _check_codes(base.hs, window)
        asked += [
            ({"period": str(one)}, replace(base, window=one)) for one in cut_window(window, keys)
        ]
    for key in keys:
        if key not in ("period", "month", "year"):
            asked = [
                ({**labels, key: name}, narrowed)
                for labels, one in asked
                for name, narrowed in _part(model, one, key)
            ]
    questions = []
    for labels, one in asked:
        turned = TURNED.get(one.flow, one.flow) if view == "PRK" else one.flow
        sense = -1.0 if view == "PRK" and one.flow == "balance" else 1.0
        terms = tuple((sense * sign, replace(one, flow=flow)) for flow, sign in signs(turned))
        told = {"period": labels.pop("period"), "flow": one.flow} | labels
        questions.append(Question(terms, tuple(told.items())))
    return questions


def cut_window(window: Window, keys: Sequence[str]) -> list[Window]:
    """Return the months or years of a window, if it is to be cut into them."""
    if "month" in keys:
        return [Window(month, month) for month in window.months]
    if "year" in keys:
        years = dict.fromkeys(month.year for month in window.months)
        ends = [parse_period(str(year)) for year in years]
        return [Window(max(e.first, window.first), min(e.last, window.last)) for e in ends]
    return [window]


def _part(model: Identified, one: Selection, key: str) -> list[tuple[str, Selection]]:
    """Split a selection by a column."""
    if key == "flow":
        names = ("import", "export") if one.flow in ("total", "balance") else (one.flow,)
        return [(name, replace(one, flow=name)) for name in names]
    if key == "hs":
        return [(code, replace(one, hs=(code,))) for code in one.hs]
    if key in ("chapter", "heading"):
        codes = _list_codes(model, one, 2 if key == "chapter" else 4)
        return [(code, replace(one, hs=(code,))) for code in codes]
    if key == "province":
        places = one.province or model.space.provinces[:-1]
        return [(place, replace(one, province=(place,))) for place in places]
    groups = [getattr(one, key)] if getattr(one, key) else sorted(set(model.space.leaves[key]))
    narrowed = [(name, {key: name}) for name in groups if name]
    return [(name, replace(one, **chosen)) for name, chosen in narrowed]


def _list_codes(model: Identified, one: Selection, digits: int) -> list[str]:
    """Return chapters of the nomenclature, or headings that print or the panel names."""
    if digits == 2:
        found = {code[:2] for code in model.space.leaves["code"] if code[:2].isdigit()}
    else:
        found = {code[:4] for code in model.space.codes if len(code) >= 4}
        found |= set(read_panel()["hs"].str[:4].unique())
    return sorted(code for code in found if not one.hs or code.startswith(one.hs))


def as_terms(asked: Mapping[str, Any]) -> Terms:
    """Return the weighted selections of one sum asked for with the keywords of `bounds`."""
    known = {"flow", "hs", "period", "province", "industry", "bec", "view", "of"}
    if not isinstance(asked, Mapping):
        expected = "the keywords of nk.bounds, as {'flow': 'import', 'period': '2023'}"
        raise InputError("not a sum", expected=expected, got=type(asked).__name__)
    for name in asked:
        check_choice("keyword", name, known)
    if "period" not in asked:
        raise InputError("no period is given", expected="period='2020-H1'")
    view = asked.get("view", "CHN")
    flow, hs, province, industry, bec = (
        asked.get(name) for name in ("flow", "hs", "province", "industry", "bec")
    )
    base = check_question(flow, hs, province, industry, bec, view)
    (question,) = split_question(load_identified(), base, [asked["period"]], (), view)
    return question.terms


def tell_sum(side: float | Mapping[str, Any], unit: str = "USD") -> str:
    """Say in words which sum is meant by keywords of `bounds`; a number is of dollars or a ratio.

    Goods have the words of the keyword ``of``, if it is there.

    Examples
    --------
    >>> tell_sum({"flow": "export", "province": "21", "period": "2020-H1"})
    'exports with Liaoning in January to June 2020'
    """
    if not isinstance(side, Mapping):
        large = unit and abs(side) >= 1e5
        return f"{side / 1e6:,.10g} million {unit}" if large else f"{side:,.10g} {unit}".strip()
    if "part" in side:
        return f"{tell_sum(side['part'])} over {tell_sum(side['whole'])}"
    goods = [name_inside(code) for code in _texts(side.get("hs") or ())]
    goods = goods if len(goods) < 3 else [f"{goods[0]} and {len(goods) - 1} other goods"]
    goods = [side["of"]] if side.get("of") else goods
    goods += [str(side[kind]) for kind in ("industry", "bec") if side.get(kind)]
    places = [_place(code) for code in _texts(side.get("province") or ())]
    flow = side.get("flow") or "total"
    words = {"import": "imports", "export": "exports", "total": "trade", "balance": "the balance"}
    told = words.get(flow, flow) + (f" of {', '.join(goods)}" if goods else "")
    told += f" with {', '.join(places)}" if places else ""
    return f"{told} in {spell_period(str(side['period']))}"


def _place(code: str) -> str:
    return list_places("province").get(code, code)
