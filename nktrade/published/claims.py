"""Checks that the figures' own columns cannot carry: claims in words, dates, cross-references."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nktrade._paths import DATA
from nktrade.errors import InputError, check_choice
from nktrade.published.formulas import Formula
from nktrade.published.relations import Check

FILE = DATA / "published" / "checks.yml"
_FIELDS = {"kind", "document", "place", "claim", "formula", "strength", "meant", "reason"}
_STRENGTHS = ("proof", "hint")


@cache
def _read(file: Path) -> list[Check]:
    import yaml

    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [_read_entry(entry, f"{file.name}, check {n}") for n, entry in enumerate(entries, 1)]


def read_claims(file: Path = FILE) -> list[Check]:
    """Return the declared checks.

    Parameters
    ----------
    file : path, optional
        A YAML list; `data/published/checks.yml` describes its fields.

    Raises
    ------
    InputError
        If an entry has an unknown field, lacks a formula, or its formula cannot be read.
    """
    return list(_read(file))


def _read_entry(entry: dict[str, Any], where: str) -> Check:
    unknown = set(entry) - _FIELDS
    if unknown or not {"kind", "document", "place", "formula"} <= set(entry):
        raise InputError(
            "a declared check is not complete or has a field too many",
            where=where,
            expected=", ".join(sorted(_FIELDS)),
            got=", ".join(entry),
        )
    strength = entry.get("strength", "proof")
    check_choice("strength", strength, _STRENGTHS, where=where, expected="proof or hint")
    formula = _read_formula(entry["formula"], where)
    claim = entry.get("claim", "")
    if not claim and formula.subject is None:
        raise InputError("neither a claim nor a figure is checked", where=where)
    candidates = []
    for meant in entry.get("meant", []):
        reading = meant.get("reading") or f"{{{meant['figure']}}}"
        candidates.append((reading, _read_formula(meant["formula"], where)))
    return Check(
        kind=entry["kind"],
        formula=formula,
        strength=strength,
        figure="" if claim else str(formula.subject),
        claim=claim,
        document=entry["document"],
        place=entry["place"],
        reason=entry.get("reason", ""),
        candidates=tuple(candidates),
    )


def _read_formula(text: Any, where: str) -> Formula:
    formula = Formula(str(text))
    try:
        _ = formula.sign
    except (ValueError, SyntaxError) as error:
        raise InputError("the formula cannot be read", where=where, got=str(error)) from None
    return formula
