"""Published figures and HS codes in words, as the site shows them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from nktrade._paths import DATA
from nktrade.cli.subjects import TOTALS, shorten, spell_other_names
from nktrade.site.text import VERDICTS

#: The flows, turned to North Korea's side as on every page; figures are kept as China declares.
FLOWS = {
    "import": "North Korea's exports",
    "export": "North Korea's imports",
    "total": "trade both ways",
    "balance": "North Korea's deficit",
}
QUALIFIERS = {"above": "more than ", "below": "below ", "about": "about ", "nearly": "nearly "}


def list_figures(runs: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Return every published figure in words, as `figure_ledger.lay_ledger` reads it.

    Documents come first, then totals and facts, newest periods last. A figure's verdict is the
    harshest that a page of `runs` gives it; `pages` are those that judge it, that one first. What
    binds the panel and is judged by no page is circular all the same.
    """
    from nktrade.published.figures import list_binding

    judged, missed, binding = _gather_verdicts(runs), _read_misses(), list_binding()
    return [
        said
        | _tell_verdict(key, judged.get(key, []), key in binding)
        | {"predicted": missed.get(key, "")}
        for key, said in _spell_figures().items()
    ]


@cache
def _spell_figures() -> dict[str, dict[str, Any]]:
    """Return what is said of every figure whatever pages make of it, by its id."""
    from nktrade.published.figures import load_figures

    figures = load_figures()
    rows = zip(figures.index.astype("str"), figures.to_dict("records"), strict=True)
    return {key: _spell_figure(key, row) for key, row in rows}


def _gather_verdicts(runs: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the pages that judge each figure, the harshest first."""
    judged: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        for figure in run["figures"]:
            judged.setdefault(figure, []).append(run)
    harshness = [*VERDICTS.values()]
    return {
        figure: sorted(pages, key=lambda page: harshness.index(page["figures"][figure]))
        for figure, pages in judged.items()
    }


def _spell_figure(key: str, figure: Mapping[Any, Any]) -> dict[str, Any]:
    """Say in words what is printed, where, and what it means."""
    from nktrade.site.figure_ledger import name_anchor

    document = figure["source"] == "documents"
    return {
        "id": key,
        "anchor": name_anchor(key),
        "what": _spell_subject(figure),
        "period": _spell(figure["period"]),
        "printed": _spell_printed(figure),
        "document": shorten(figure["publisher"]) or TOTALS,
        "place": figure["address"] if document else figure["vintage"],
        "year": "" if pd.isna(figure["first"]) else f"{figure['first']:%Y}",
        "code": figure["hs"],
        "provinces": figure["province"],
        "publisher": figure["publisher"] or TOTALS,
        "quote": figure["quote"],
        "meaning": _spell_interval(figure),
        "reading": _spell_reading(figure),
        "reason": figure["reason"],
        "address": "" if document else figure["address"],
        "good": _spell_good(figure),
    }


def _tell_verdict(key: str, pages: list[dict[str, Any]], binds: bool) -> dict[str, Any]:
    """Say what pages make of a figure, and whether it binds."""
    # What no page judges but binds the panel would agree with it by construction.
    unjudged = VERDICTS["circular"] if binds else ""
    return {
        "computed": pages[0]["computed"].get(key, "") if pages else "",
        "support": f"{'binds' if binds else 'does not bind'} the panel {'and' if binds else 'or'} "
        "the bounds",
        "verdict": pages[0]["figures"][key] if pages else unjudged,
        "pages": [one["page"] for one in pages],
    }


@cache
def _read_misses() -> dict[str, str]:
    """Return what the panel predicts of each figure that was left out of it, in words."""
    with open(DATA / "reconstructed" / "errors.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["predicted"] and row["error"]]
    told = "{:,.0f} USD, off by {:.1f} %".format
    return {row["id"]: told(float(row["predicted"]), abs(float(row["error"]))) for row in rows}


def _spell_reading(figure: Mapping[Any, Any]) -> str:
    if pd.notna(figure["reading"]):
        return f"{figure['reading']:,.10g} {figure['unit']}".strip()
    if pd.notna(figure["read_low"]) and pd.notna(figure["read_high"]):
        return f"{figure['read_low']:,.10g} to {figure['read_high']:,.10g} {figure['unit']}".strip()
    return ""


def _spell_good(figure: Mapping[Any, Any]) -> str:
    """Name the good that a figure is filtered by: a heading, or a group of goods."""
    from nktrade.codes.names import label

    if not figure["hs"]:
        return ""
    if figure["hs"].isdigit():
        return label(figure["hs"][:4])
    return figure["hs"] if figure["hs"][:1].isdigit() else figure["hs"].replace("_", " ")


def _spell(period: str) -> str:
    from nktrade.errors import InputError
    from nktrade.table.periods import spell_period

    try:
        return spell_period(period)
    except InputError:  # figures without a period: weeks, degrees, floors
        return period


def _spell_subject(figure: Mapping[Any, Any]) -> str:
    """Say what a figure measures: whose flow, of what, from which province."""
    from nktrade.codes.geography import list_places

    words = [figure["label"] or "all goods"]
    if figure["flow"] and figure["source"] != "documents":  # whose labels name the flow
        words.insert(0, FLOWS[figure["flow"]])
    if figure["hs"][:1].isdigit():
        words.append(f"HS {figure['hs']}")
    if figure["province"]:
        provinces = list_places("province")
        words.append(" and ".join(provinces.get(one, one) for one in figure["province"].split()))
    if figure["measure"] not in ("value", "other", "") and figure["source"] != "documents":
        words.append(figure["measure"])
    return ", ".join(words)


def _spell_printed(figure: Mapping[Any, Any]) -> str:
    """Write a figure as it was printed, its digits where they were kept, with its qualifier."""
    digits = figure["digits"] or f"{figure['value']:,.10g}"
    unit = figure["unit"]
    if figure["source"] != "documents" and unit in ("USD", "CNY") and figure["value"] >= 1e6:
        digits, unit = f"{figure['value'] / 1e6:,.10g}", f"million {unit}"
    elif figure["digits"] and unit in ("USD", "t"):
        scale = figure["value"] / float(figure["digits"].replace(",", "") or "nan")
        word = {1e3: "thousand ", 1e4: "ten thousand ", 1e6: "million ", 1e9: "billion "}
        unit = word.get(scale, "") + unit
        digits = digits if scale in word or scale == 1 else f"{figure['value']:,.10g}"
    return f"{QUALIFIERS.get(figure['qualifier'], '')}{digits} {unit}".strip()


def _spell_interval(figure: Mapping[Any, Any]) -> str:
    low, high = figure["low"], figure["high"]
    if pd.isna(low) and pd.isna(high):
        return ""
    if pd.isna(high) or high == float("inf"):
        return f"at least {low:,.10g} {figure['unit']}"
    return f"{low:,.10g} to {high:,.10g} {figure['unit']}"


def list_codes(subjects: Sequence[dict[str, Any]] = ()) -> list[dict[str, str]]:
    """Return the HS codes that have a name, for the search; those with a page lead there."""
    from nktrade.codes.names import list_names, list_words

    words = list_words()
    pages = {subject["href"] for subject in subjects}
    codes = {code: f"{code} {name}" for code, name in list_names().items()}
    finer = [one["href"].removeprefix("hs-").removesuffix(".html") for one in subjects]
    for subject, code in zip(subjects, finer, strict=True):
        if code.isdigit() and code not in codes:
            codes[code] = f"{code} {subject['title'].partition(' (HS')[0]}"
    return [
        {
            "kind": "code",
            "title": title,
            "text": spell_other_names(code),
            "words": words["english"].get(code, ""),
            "href": href if (href := f"hs-{code}.html") in pages else "",
        }
        for code, title in codes.items()
    ]
