"""What published figures alone allow for any sum of China's trade with North Korea.

`bounds` gives the least and the greatest value over every non-negative table that agrees with all
honoured figures, and the sum of figures that proves each end. No prior takes part. The ends of
several sums are not reached together: a column of them must not be added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from math import inf, isfinite
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA, PANEL
from nktrade.codes.geography import check_place, list_places
from nktrade.codes.hs import edition_of_year, exists, list_codes
from nktrade.codes.names import label
from nktrade.errors import CodeError, InputError, UnanswerableError, check_choice, did_you_mean
from nktrade.published.figure_rows import MILLION, Terms, build_rows, make_space, signs
from nktrade.published.figures import load_figures
from nktrade.published.identified import End, Identified
from nktrade.published.shipped_set import load_set
from nktrade.published.space import ALL_GOODS, REMAINDER, Selection
from nktrade.table.compact import read_own
from nktrade.table.periods import Period, Window, list_periods, parse_period, spell_period

NOT_HONOURED = DATA / "published" / "not_honoured.csv"
FLOWS = ("import", "export", "total", "balance")
TURNED = {"import": "export", "export": "import"}
BY = ("period", "month", "year", "flow", "hs", "chapter", "heading", "province", "industry", "bec")

#: Half the width of a set over its middle, up to which print is said to fix a sum.
FIXED = 0.02
#: A set narrower than this factor, or this factor below what the total allows, is "bounded".
ORDER = 10.0


def load_identified(facts: str | None = None) -> Identified:
    """Return the set that the honoured figures leave, with a user's own figures if given.

    Parameters
    ----------
    facts : str, optional
        A CSV of further figures, as `read_facts` reads it.
    """
    return _shipped() if facts is None else _build_with(facts)


@lru_cache(maxsize=1)
def _shipped() -> Identified:
    return load_set()


def build_identified(more: pd.DataFrame | None = None) -> Identified:
    """Build the set of the honoured figures from the ledger, and from more figures if given."""
    figures = load_figures()
    out = pd.read_csv(NOT_HONOURED, usecols=["id"])["id"]
    figures = figures[figures["honoured"] & ~figures.index.isin(set(out))]
    if more is not None:
        figures = pd.concat([figures, more])
    space = make_space(figures)
    return Identified(space, build_rows(space, figures))


@lru_cache(maxsize=2)
def _build_with(facts: str) -> Identified:
    model = build_identified(read_facts(Path(facts)))
    given = [n for n, row in enumerate(model.rows) if row.id.startswith("yours:")]
    held = [n for n in range(len(model.rows)) if n not in set(given)]
    slack, against = model.least_slack(given, held)
    if slack.any():
        worst = model.rows[int(slack.argmax())].id
        others = ", ".join(name for name in against if not name.startswith("yours:"))
        raise UnanswerableError(
            "a figure contradicts what is published",
            where=f"{facts}, row {worst.partition(':')[2]}",
            got=f"{slack.max():.3f} million USD beyond what {others} allow",
            hint="Correct the row or leave it out.",
        )
    return model


def read_facts(file: Path) -> pd.DataFrame:
    """Read figures of a user's own, in the form of `load_figures`.

    Parameters
    ----------
    file : path
        A CSV with columns flow (as China declares it), period and value (USD); and, where they
        apply, hs (codes apart by a space), province, half_unit (half a unit of the last digit,
        by default 0.5) and qualifier ("above" or "below").

    Raises
    ------
    InputError
        With file, row and column, if a cell cannot be read.
    """
    try:
        table = pd.read_csv(file, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError("the figures cannot be read", where=str(file), got=str(error)) from None
    missing = [name for name in ("flow", "period", "value") if name not in table]
    if missing:
        raise InputError(
            f"the column {missing[0]!r} is missing",
            where=str(file),
            got=", ".join(map(str, table)),
        )
    rows = []
    for number, cells in enumerate(table.to_dict("records"), 1):
        where = f"{file}, row {number}"
        rows.append(_read_fact({str(name): str(cell) for name, cell in cells.items()}, where))
    ids = [f"yours:{number}" for number in range(1, len(rows) + 1)]
    frame = pd.DataFrame(rows, index=pd.Index(ids, name="id"))
    return frame.reindex(columns=load_figures().columns)


def _read_fact(cells: dict[str, str], where: str) -> dict[str, Any]:
    window = _tell(where, "period", parse_period, cells["period"])
    codes = _tell(where, "hs", list_codes, cells.get("hs", "").split())
    numbers = {"value": cells["value"], "half_unit": cells.get("half_unit") or "0.5"}
    amounts = {name: _tell(where, name, _number, text) for name, text in numbers.items()}
    flow, qualifier = cells["flow"], cells.get("qualifier", "")
    check_choice("flow", flow, FLOWS, where=f"{where}, column 'flow'")
    check_choice("qualifier", qualifier, ("", "above", "below"), where=where)
    low, high = amounts["value"] - amounts["half_unit"], amounts["value"] + amounts["half_unit"]
    return {
        **{"source": "yours", "flow": flow, "statistic": "goods" if codes else "headline"},
        **{"subject": "goods" if codes else "total", "hs": " ".join(codes)},
        **{"province": cells.get("province", ""), "period": cells["period"], "base_period": ""},
        **{"first": window.first, "last": window.last, "measure": "value", "unit": "USD"},
        **{"value": amounts["value"], "kind": "printed", "whole": "", "sealed": False},
        "low": 0.0 if qualifier == "below" and flow != "balance" else low,
        "high": inf if qualifier == "above" else high,
        **{"qualifier": qualifier, "honoured": True, "label": "your own figure"},
    }


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise InputError("not a number", got=repr(text)) from None


def _tell(where: str, column: str, read, text):
    try:
        return read(text)
    except InputError as error:
        raise InputError(
            error.subject,
            where=f"{where}, column {column!r}",
            expected=error.expected,
            got=error.got,
            hint=error.hint,
        ) from None


@dataclass(frozen=True)
class Question:
    """One sum that is asked for: a selection, and its flow as the asker says it."""

    terms: Terms
    labels: tuple[tuple[str, str], ...] = ()


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
    facts: str | Path | None = None,
) -> pd.DataFrame:
    """Return the least and the greatest value that published figures allow for a sum.

    Parameters
    ----------
    period : str or sequence of str
        As `parse_period` reads it; several give a row each.
    flow : {"import", "export", "total", "balance"}, optional
        As the declarer says it; by default the total of both. A balance is exports less imports.
    hs : str or sequence of str, optional
        Codes, each with everything under it; by default all goods.
    province : str or sequence of str, optional
        Two digits, as China's customs number them.
    industry, bec : str, optional
        A class, as `classify` names it.
    by : str or sequence of str
        What to keep apart: "period", "month", "year", "flow", "hs" (each code given), "chapter",
        "heading" (those that are printed), "province", "industry", "bec".
    view : {"CHN", "PRK"}
        "PRK" turns the flows: China's exports are North Korea's imports.
    facts : str or path, optional
        A CSV of further figures of your own, see `read_facts`; the sets move.

    Returns
    -------
    pandas.DataFrame
        One row a group: columns period, flow and those of `by`; low and high (USD, infinite where
        nothing bounds the sum); point (the default panel's sum, missing beyond
        its months); support ("printed", "bounded" or "assumed"); figures (ids of those
        that print this very sum); proof (the figures that add up to low and to high, in million
        USD). The ends of two rows are not reached together: do not add them up.

    Raises
    ------
    InputError, CodeError
        If a name, a code or a period cannot be read.
    UnanswerableError
        If the period lies outside what is covered.

    Source: Manski, *Partial Identification of Probability Distributions* (2003).

    Examples
    --------
    >>> june = bounds(flow="export", period="2020-06")
    >>> june["support"].tolist()
    ['printed']
    """
    model = load_identified(str(facts) if facts else None)
    several = list_periods(period)
    base = check_question(flow, hs, province, industry, bec, view)
    questions = _split(model, base, several, by, view)
    return pd.DataFrame([_answer(model, one) for one in questions])


def check_question(flow, hs, province, industry, bec, view) -> Selection:
    """Check what is asked for; the window is filled in later."""
    flow = "total" if flow is None else flow
    check_choice("flow", flow, FLOWS)
    check_choice("view", view, ("CHN", "PRK"))
    codes = () if hs is None else tuple(list_codes(hs))
    places = () if province is None else _texts(province)
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
    check_choice(kind, wanted, set(load_identified().space.leaves[kind]) - {""})


def _check_codes(codes: Sequence[str], window: Window) -> None:
    """Refuse a code that no edition of the window's years has."""
    editions = dict.fromkeys(edition_of_year(month.year) for month in window.months)
    for code in codes:
        if len(code) <= 6 and not any(exists(code, edition) for edition in editions):
            if code[:2] in ("98", "99"):
                continue
            raise CodeError(f"{code} does not exist in {' or '.join(editions)}")


def _split(
    model: Identified, base: Selection, periods: list[Period], by: str | Sequence[str], view: str
) -> list[Question]:
    """Return one question a group."""
    keys = [by] if isinstance(by, str) else list(by)
    for key in keys:
        if key not in BY:
            raise InputError(f"sums cannot be kept apart by {key!r}", hint=did_you_mean(key, BY))
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
        found |= set(_panel()["hs"].str[:4].unique())
    return sorted(code for code in found if not one.hs or code.startswith(one.hs))


def _answer(model: Identified, question: Question) -> dict[str, Any]:
    """Return one row of `bounds`."""
    least, greatest = extremes(model, question.terms)
    point = _point(question.terms)
    printed = _print_of(model, question.terms)
    return {
        **dict(question.labels),
        "low": least.value * MILLION,
        "high": greatest.value * MILLION,
        "point": point,
        "support": grade(model, question.terms, least.value, greatest.value, bool(printed)),
        "figures": " ".join(printed),
        "proof": f"{write_proof(least, 'at least')}; {write_proof(greatest, 'at most')}",
    }


def extremes(model: Identified, terms: Terms) -> tuple[End, End]:
    """Return the ends of a sum, remembered."""
    return _remembered(model, terms)


@lru_cache(maxsize=20_000)
def _remembered(model: Identified, terms: Terms) -> tuple[End, End]:
    return model.range_of(terms)


def _print_of(model: Identified, terms: Terms) -> list[str]:
    """Return the figures that print this very sum."""
    if len(terms) != 1:
        return []
    return model.printing(terms[0][1])


def grade(
    model: Identified,
    terms: Terms,
    low: float,
    high: float,
    printed: bool,
    most: float | None = None,
) -> str:
    """Say how well print knows a sum.

    "printed" where figures fix it within `FIXED`, or one prints it; "bounded" where they leave
    less than a factor of `ORDER`, or keep it that far below all goods of the same months; else
    "assumed": nothing published narrows it.

    Parameters
    ----------
    model : Identified
    terms : tuple of (float, Selection)
    low, high : float
        Million USD.
    printed : bool
        Whether a figure prints this very sum.
    most : float, optional
        The greatest that all goods of the same months can be, if it is known already.
    """
    if not isfinite(high) or not isfinite(low):
        return "assumed"
    if high - low <= FIXED * (abs(high) + abs(low)) or (printed and low > 0):
        return "printed"
    near, far = sorted((abs(low), abs(high)))
    if low * high > 0 and far <= ORDER * near:
        return "bounded"
    if len(terms) != 1:
        return "assumed"
    (sign, one), whole = terms[0], Selection(terms[0][1].flow, terms[0][1].window)
    if one == whole:
        return "assumed"
    if most is None:
        most = extremes(model, ((sign, whole),))[1].value
    return "bounded" if high <= most / ORDER else "assumed"


def write_proof(end: End, words: str) -> str:
    """Write the sum of figures that proves one end, in million USD.

    Figures that compare two sums, as shares and growth, add nothing by themselves: they are named
    after "by", and are the reason for the factors.
    """
    if not isfinite(end.value):
        return f"{words}: nothing published bounds it"
    steps, by = [], []
    for part in end.proof:
        if part.bound == 0.0:
            by.append(part.row.id)
            continue
        sign = "-" if part.bound * part.times < 0 else "+"
        times = "" if abs(abs(part.times) - 1) < 1e-6 else f"{abs(part.times):.6g} x "
        steps.append(f"{sign} {times}{abs(part.bound):,.6g} [{part.row.id}]")
    told = " ".join(steps).removeprefix("+ ") or "0"
    reason = f" by {', '.join(dict.fromkeys(by))}" if by else ""
    return f"{words} {end.value:,.6g} = {told}{reason}"


@lru_cache(maxsize=1)
def _panel() -> pd.DataFrame:
    """Return the default panel's cells; missing columns come with the first question for them."""
    columns = ["period", "flow", "hs", "hs_edition", "province", "value"]
    return read_own(PANEL, columns).astype({"flow": "str", "province": "str"})


@lru_cache(maxsize=2)
def _panel_class(kind: str) -> np.ndarray:
    from nktrade.codes.classes import classify

    return classify(_panel(), to=kind)[kind].to_numpy(dtype=object)


def _point(terms: Terms) -> float:
    """Add up the panel; missing beyond its months, or between January and February 2020."""
    return sum(weight * _point_of(one) for weight, one in terms)


@lru_cache(maxsize=20_000)
def _point_of(one: Selection) -> float:
    panel = _panel()
    first, last = panel["period"].min(), panel["period"].max()
    cut = one.window.first == pd.Timestamp("2020-02-01") or one.window.last == pd.Timestamp(
        "2020-01-01"
    )
    if one.window.first < first or one.window.last > last or cut:
        return np.nan
    keep = np.array(one.window.covers(panel["period"]))
    if one.flow != "total":
        keep &= (panel["flow"] == one.flow).to_numpy()
    if one.province:
        keep &= panel["province"].isin(one.province).to_numpy()
    if one.hs or one.industry or one.bec:
        codes = panel["hs"][keep]
        wanted = codes.ne(REMAINDER)
        keep[keep] = (wanted & codes.str.startswith(one.hs or ALL_GOODS)).to_numpy()
    for kind in ("industry", "bec"):
        if getattr(one, kind):
            keep &= _panel_class(kind) == getattr(one, kind)
    return float(panel["value"].to_numpy()[keep].sum())


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
    (question,) = _split(load_identified(), base, [asked["period"]], (), view)
    return question.terms


def bounds_ratio(part: Mapping[str, Any], whole: Mapping[str, Any]) -> pd.DataFrame:
    """Return the least and the greatest that a ratio of two sums can be: a share, a recovery.

    Parameters
    ----------
    part, whole : mapping
        Keywords of `bounds`, each for one sum: flow, hs, period, province, industry, bec, view.

    Returns
    -------
    pandas.DataFrame
        One row: low and high (a ratio, 1 for equal; high is infinite where `whole` may be zero),
        point (the panel's), support.

    Source: Charnes and Cooper, "Programming with linear fractional functionals", *Naval Research
    Logistics Quarterly* 9 (1962).

    Examples
    --------
    >>> wigs = bounds_ratio(
    ...     {"flow": "import", "hs": "6704", "period": "2023"}, {"flow": "import", "period": "2023"}
    ... )
    >>> wigs[["low", "high"]].round(3).to_numpy().tolist()
    [[0.571, 0.571]]
    """
    over, under = as_terms(part), as_terms(whole)
    low, high = _ratio(load_identified(), over, under)
    point = _point(over) / total if (total := _point(under)) else np.nan
    fixed = isfinite(high) and high - low <= FIXED * (high + low)
    near = low > 0 and high <= ORDER * low
    support = "printed" if fixed else "bounded" if near else "assumed"
    return pd.DataFrame([{"low": low, "high": high, "point": point, "support": support}])


@lru_cache(maxsize=5000)
def _ratio(model: Identified, over: Terms, under: Terms) -> tuple[float, float]:
    return model.ratio_of(over, under)


HOLDS, FAILS, OPEN = "holds", "fails", "not decided by print"
_OPS = {
    ">": "exceeded",
    ">=": "did not fall below",
    "<": "stayed below",
    "<=": "did not exceed",
}


@dataclass(frozen=True)
class Claim:
    """Whether a comparison holds over the whole set that published figures allow.

    Attributes
    ----------
    text : str
        What is claimed, as a sentence without a full stop.
    verdict : {"holds", "fails", "not decided by print"}
    low, high : float
        The least and the greatest of left less right, USD (of the ratios, for ratios).
    support : {"recorded", "printed", "bounded"}
        What it rests on.

    Examples
    --------
    >>> print(Claim("imports of coke are below those of tyres", HOLDS, -3e6, -1e6))
    imports of coke are below those of tyres: holds
    >>> bool(Claim("imports of coke are below those of tyres", OPEN, -3e6, 1e6))
    False
    """

    text: str
    verdict: str
    low: float
    high: float
    support: str = "bounded"

    def __bool__(self) -> bool:
        return self.verdict == HOLDS

    def __str__(self) -> str:
        return f"{self.text}: {self.verdict}"

    def _repr_html_(self) -> str:
        """Say what is claimed, what print makes of it, and between which ends the gap lies."""
        low, high = _tell_gap(self.low), _tell_gap(self.high)
        if isfinite(self.low) and isfinite(self.high):
            told = low if low == high else f"{low} to {high}"
        elif isfinite(self.low) or isfinite(self.high):
            told = f"at least {low}" if isfinite(self.low) else f"at most {high}"
        else:
            told = "bounded by nothing published"
        said = f"{escape(self.text)}: <strong>{self.verdict}</strong>"
        return f'<p class="claim">{said}. The difference is {told}.</p>'


def _tell_gap(end: float) -> str:
    return f"{end:,.3g}" if abs(end) < 1e5 else f"{end / 1e6:,.1f} million USD"


def judge_claim(left: str, op: str, right: str, low: float, high: float, support: str) -> Claim:
    """Judge a comparison by the least and the greatest that left less right can be.

    Parameters
    ----------
    left, right : str
        What is compared, in words.
    op : {">", ">=", "<", "<="}
    low, high : float
    support : str
        What the ends rest on.

    Examples
    --------
    >>> print(judge_claim("imports of coke", "<", "those of tyres", -3.0, 1.0, "bounded"))
    Imports of coke stayed below those of tyres: not decided by print
    """
    check_choice("comparison", op, _OPS)
    text = f"{left} {_OPS[op]} {right}"
    near, far = (low, high) if op in (">", ">=") else (-high, -low)
    strict = op in (">", "<")
    if near > 0 or (not strict and near >= 0):
        verdict = HOLDS
    elif far < 0 or (strict and far <= 0):
        verdict = FAILS
    else:
        verdict = OPEN
    return Claim(text[:1].upper() + text[1:], verdict, low, high, support)


def claim(left: Any, op: str, right: Any) -> Claim:
    """Judge a comparison over every table that agrees with the published figures.

    Parameters
    ----------
    left, right : number or mapping
        A number (USD, or a ratio); the keywords of `bounds` for a sum; or ``{"part": …, "whole":
        …}``, two such mappings, for a ratio.
    op : {">", ">=", "<", "<="}

    Returns
    -------
    Claim
        True in an `if` only where it holds.

    Raises
    ------
    InputError
        For an unknown comparison, or a side that is neither a number nor a mapping.

    Examples
    --------
    >>> print(claim({"flow": "import", "hs": "6704", "period": "2023"}, ">", 160e6))
    Imports of wigs and false eyelashes (HS 6704) in 2023 exceeded 160 million USD: holds
    """
    check_choice("comparison", op, _OPS)
    for side in (left, right):
        if not isinstance(side, Mapping | Real):
            raise InputError(
                "a side of a claim is not understood",
                expected='a number, or the keywords of nk.bounds, as {"flow": "import", "hs": '
                '"6704", "period": "2023"}',
                got=type(side).__name__,
            )
    low, high = _difference(left, right)
    return judge_claim(tell_sum(left), op, tell_sum(right), low, high, "bounded")


def _difference(left: Any, right: Any) -> tuple[float, float]:
    """Return the range of left less right: together where both are sums."""
    model = load_identified()
    sums = [side for side in (left, right) if isinstance(side, Mapping) and "part" not in side]
    if len(sums) == 2:
        terms = as_terms(left) + tuple((-weight, one) for weight, one in as_terms(right))
        least, greatest = extremes(model, terms)
        return least.value * MILLION, greatest.value * MILLION
    (low, high), (bottom, top) = _range_of(model, left), _range_of(model, right)
    return low - top, high - bottom


def _range_of(model: Identified, side: Any) -> tuple[float, float]:
    if not isinstance(side, Mapping):
        return float(side), float(side)
    if "part" in side:
        return _ratio(model, as_terms(side["part"]), as_terms(side["whole"]))
    least, greatest = extremes(model, as_terms(side))
    return least.value * MILLION, greatest.value * MILLION


def tell_sum(side: Any) -> str:
    """Say in words which sum is meant by keywords of `bounds`; a large number is of dollars.

    Goods have the words of the keyword ``of``, if it is there.

    Examples
    --------
    >>> tell_sum({"flow": "export", "province": "21", "period": "2020-H1"})
    'exports with Liaoning in January to June 2020'
    """
    if not isinstance(side, Mapping):
        return f"{side / 1e6:,.10g} million USD" if abs(side) >= 1e5 else f"{side:,.10g}"
    if "part" in side:
        return f"{tell_sum(side['part'])} over {tell_sum(side['whole'])}"
    names = [label(code) for code in _texts(side.get("hs") or ())]
    goods = [one if one.startswith("HS") else one[:1].lower() + one[1:] for one in names]
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
