"""The audit: every check of the documents' arithmetic, with a verdict, a reading and the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from math import isfinite

import numpy as np
import pandas as pd

from nktrade.published import UNITS, load_documents, load_reported, tolerance
from nktrade.published.claims import read_claims
from nktrade.published.formulas import Formula, Levels
from nktrade.published.intervals import EVERYTHING, Interval
from nktrade.published.misprints import find_misprints, meet_all, propose_reading
from nktrade.published.prints import Prints, read_levels
from nktrade.published.relations import Check, check_periods, derive_checks
from nktrade.table.periods import parse_period

COLUMNS = (
    *("check", "document", "place", "printed", "recomputed_low", "recomputed_high"),
    *("verdict", "reading", "reason"),
)
VERDICTS = ("consistent", "inconsistent", "suspect", "gap")
#: How the signs and functions of a formula are told.
_HOLDS = {"==": "=", "<=": "<=", ">=": ">=", "<": "<", ">": ">"}
_FAILS = {
    **{"==": "is not", "<=": "is more than", ">=": "is less than"},
    **{"<": "is not less than", ">": "is not more than"},
}
_IN_WORDS = (
    (r" \* between\(0\.95, 1\.05\)", " within 5 %"),
    (r"rank\(([^,]+),[^()]*\)", r"the rank of \1"),
    (r"(?:week)?day\(\"([0-9-]+)\"\)", r"\1"),
    (r"between\(([^,()]+), (?:[^()]+, )?([^,()]+)\)", r"(\1 to \2)"),
    (r"below\(([^()]+)\)", r"at most \1"),
    (r"above\(([^()]+)\)", r"at least \1"),
    (r"about\(\(?([^()]+)\)?\)", r"about \1"),
    (r"center\(\(?([^()]+)\)?\)", r"\1"),
    (r" \* ", " x "),
    (r"--", ""),
)
_ALIKE = "A growth rate sets a window against an equally long earlier one."
_BROKEN = {
    "proof": "inconsistent",
    "cover": "inconsistent",
    "hint": "suspect",
    "witness": "suspect",
}


def audit_documents(
    figures: pd.DataFrame | None = None,
    reported: pd.DataFrame | None = None,
    claims: list[Check] | None = None,
) -> pd.DataFrame:
    """Work out again whatever follows from the printed figures, and judge the print.

    Parameters
    ----------
    figures, reported : pandas.DataFrame, optional
        As `load_documents` and `load_reported` return them, which are taken if none are given.
    claims : list of Check, optional
        By default those of `data/published/checks.yml`.

    Returns
    -------
    pandas.DataFrame
        One row a check, in the order of the documents. Columns check (what is checked, and the
        unit), document, place, printed (as printed, or the claim in words), recomputed_low and
        recomputed_high (what the other figures leave for it within their rounding, in the same
        unit, or for a claim in words in dollars, tons or per cent; missing where there is no
        bound), verdict ("consistent", "inconsistent", "suspect",
        "gap"), reading (what was meant, in the same unit, or in words), reason; and besides kind,
        figure (identifier; empty for a claim in words) and formula.

    Notes
    -----
    "Inconsistent" means that no numbers within the rounding of the prints satisfy a relation. What
    fails only an inequality of the authors' own words, or by the width that "about" is given, is
    "suspect". A broken relation is told of the figure that is misprinted, not of the one it would
    compute: see `misprints.find_misprints`. Totals published elsewhere are witnesses: they make a
    print suspect and never inconsistent.

    Examples
    --------
    >>> table = audit_documents()
    >>> lost = table[(table["figure"] == "brown2020:8") & (table["verdict"] == "inconsistent")]
    >>> lost["reading"].unique().tolist()  # dollars: the word million was lost
    ['43900000']
    """
    if figures is None and reported is None and claims is None:
        return _audit_shipped().copy()
    figures = load_documents() if figures is None else figures
    reported = load_reported() if reported is None else reported
    return _judge_all(figures, reported, read_claims() if claims is None else claims)


@cache
def _audit_shipped() -> pd.DataFrame:
    return _judge_all(load_documents(), load_reported(), read_claims())


def _judge_all(
    figures: pd.DataFrame, reported: pd.DataFrame, declared: list[Check]
) -> pd.DataFrame:
    texts = figures.select_dtypes(exclude="number").columns
    figures = figures.astype(dict.fromkeys(texts, "object"))
    levels = read_levels(figures, reported)
    checks, periods = _read_periods(figures, reported, declared, levels)
    if periods:  # what the misprinted periods break is told too
        printed = _derive(figures, reported, declared)
        known = {check.formula.text for check in checks}
        checks += [c for c in printed if c.figure in periods and c.formula.text not in known]
    audit = _Audit(figures, levels, checks, periods)
    rows = [audit.judge(check) for check in checks]
    table = pd.DataFrame(rows)
    order = {id_: at for at, id_ in enumerate(figures.index)}
    table["at"] = table["figure"].map(order).fillna(len(order))
    table["of"] = table["document"].map({d: n for n, d in enumerate(figures["document"].unique())})
    table = table.sort_values(["of", "at"], kind="stable", ignore_index=True)
    return table[[*COLUMNS, "kind", "figure", "formula"]]


def _derive(figures: pd.DataFrame, reported: pd.DataFrame, declared: list[Check]) -> list[Check]:
    return derive_checks(figures, reported) + declared


def _read_periods(
    figures: pd.DataFrame, reported: pd.DataFrame, declared: list[Check], levels: Levels
) -> tuple[list[Check], dict[str, str]]:
    """Return the checks with the periods that must be meant, and a reading for each changed."""
    found: dict[str, str] = {}
    table = figures.copy()
    for check in check_periods(Prints(figures)):
        if not check.formula.holds(levels):
            # A growth rate with no sound base is on the year before.
            base = str(parse_period(str(table.loc[check.figure, "period"])).shift(-1))
            table.loc[check.figure, "base_period"] = base
            found[check.figure] = f"base {base}"
    checks = _derive(table, reported, declared)
    proofs = [check.formula for check in checks if check.strength == "proof" and not check.claim]
    rates = table[table["measure"].str.startswith("growth")]
    for name in find_misprints(proofs, levels, table):
        figure = table.loc[name]
        bases = rates.loc[(rates["quote"] == figure["quote"]), "base_period"]
        for base in bases[(bases != "") & (bases != figure["period"])].unique():
            moved = table.copy()
            moved.loc[name, "period"] = base
            derived = _derive(moved, reported, declared)
            mine = [
                check.formula.holds(levels)
                for check in derived
                if check.strength == "proof" and not check.claim and name in check.formula.members
            ]
            if mine and all(mine):
                table, checks, found[name] = moved, derived, f"period {base}"
    return checks, found


@dataclass
class _Audit:
    """The misprints of a set of checks, their readings, and the verdict on each check."""

    figures: pd.DataFrame
    levels: Levels
    checks: list[Check]
    periods: dict[str, str]

    def __post_init__(self) -> None:
        self.rows = {str(id_): row for id_, row in self.figures.iterrows()}
        tight = [
            c for c in self.checks if c.strength == "proof" and not (c.claim or c.kind == "period")
        ]
        self.proofs = [c.formula for c in tight if not set(self.periods) & c.formula.members]
        self.misprints = find_misprints(self.proofs, self.levels, self.figures)
        self.centres = {
            name: Interval(level.middle, level.middle) for name, level in self.levels.items()
        }
        self.readings = {name: self._read(name) for name in self.misprints} | self.periods
        read = {name: self._read_level(name) for name in self.misprints}
        self.as_read = dict(self.levels) | {n: level for n, level in read.items() if level}

    def _read(self, name: str) -> str:
        """Return what the relations with sound figures leave of a misprint, as text."""
        others = set(self.misprints) - {name}
        mine = [f for f in self.proofs if name in f.members and not others & f.members]
        room = meet_all(f.allow(self.levels, name) for f in mine)
        if room is None:
            return ""
        narrow = meet_all(f.allow(self.centres, name) for f in mine)
        return self._write_reading(name, room, narrow or room)

    def _write_reading(self, name: str, room: Interval, narrow: Interval) -> str:
        figure = self.rows[name]
        unit = UNITS.get(figure["unit"], 1.0)
        reading = propose_reading(figure, _divide(room, unit), _divide(narrow, unit))
        return "" if reading is None else _write_like(figure, reading)

    def judge(self, check: Check) -> dict[str, object]:
        """Return the row of one check."""
        formula = check.formula
        if check.strength == "cover":
            return self._judge_cover(check)
        if formula.holds(self.levels):
            return self._row(check, check.figure, formula.allow_left, "consistent", "")
        verdict = "suspect" if self._is_hedged(formula) else _BROKEN[check.strength]
        if check.figure in self.periods:
            return self._row(
                check, check.figure, formula.allow_left, verdict, self.periods[check.figure]
            )
        if verdict == "suspect":
            reading = self._read_suspect(check)
            return self._row(check, check.figure, formula.allow_left, verdict, reading)
        culprit = next((name for name in self.misprints if name in formula.members), "")
        if not culprit:
            return self._row(check, "", formula.allow_left, verdict, self._choose(check))

        def allow(_: Levels) -> Interval:
            # Other misprints in the same formula are read first, so that they do not mislead.
            return formula.allow(self.as_read, culprit)

        told = ""
        if check.kind == "part of a period" and self.levels[culprit].meets(
            self.levels[check.figure]
        ):
            told = "It is as large as its whole period's, so it may be the sum since January."
        return self._row(check, culprit, allow, verdict, self.readings[culprit], told)

    def _is_hedged(self, formula: Formula) -> bool:
        """Whether a word such as "about" or "similar" decides, whose width is a convention."""
        measures = [self.rows[name]["measure"] for name in formula.members if name in self.rows]
        return "about(" in formula.text or any(one.endswith(" about") for one in measures)

    def _read_suspect(self, check: Check) -> str:
        if check.candidates or not check.figure:
            return self._choose(check)
        if check.figure in self.readings:
            return self.readings[check.figure]
        if check.strength == "witness":
            room = check.formula.allow_left(self.levels)
            return self._write_reading(check.figure, room, check.formula.allow_left(self.centres))
        return ""

    def _choose(self, check: Check) -> str:
        """Return the first of the declared readings whose formula holds."""
        for reading, formula in check.candidates:
            if formula.holds(self.levels):
                return re.sub(r"\{([^{}]+)\}", lambda m: self._write_printed(m[1]), reading)
        if check.formula.sign == "==" and check.kind == "rank":
            _, right = check.formula.work_out(self.levels)
            return f"rank {right.low:.0f}" if right.low == right.high else ""
        return ""

    def _judge_cover(self, check: Check) -> dict[str, object]:
        # A total that is itself misprinted is read before it is said what the parts leave of it.
        whole, parts = check.formula.work_out(self.as_read)
        if parts.low > whole.high:
            return self._row(check, check.figure, check.formula.allow_left, "inconsistent", "")
        if parts.high >= whole.low:
            return self._row(check, check.figure, check.formula.allow_left, "consistent", "")
        share = parts / whole * Interval(100, 100)
        told = f"The parts make {share.low:.1f} to {share.high:.1f} % of the total."
        return self._row(check, check.figure, check.formula.allow_left, "gap", "", told)

    def _read_level(self, name: str) -> Interval | None:
        figure, text = self.rows[name], self.readings[name]
        try:
            reading = float(text)
        except ValueError:
            return None
        half = figure["half_unit"] if pd.notna(figure["half_unit"]) else 0.0
        half = tolerance(reading, half, figure["value"])
        return Interval.around(reading, half) * UNITS.get(figure["unit"], 1.0)

    def _row(self, check, name, allow, verdict, reading, told="") -> dict[str, object]:
        """Write a row about figure `name`, or about a claim if there is none."""
        figure = self.rows.get(name)
        room, unit, what, printed = allow(self.levels), 1.0, check.claim, check.claim
        place, document = check.place, check.document
        if figure is not None:
            if check.kind == "period":
                room, what = EVERYTHING, f"{figure['label']}, months compared"
                printed = f"{figure['period']} on {figure['base_period']}"
            else:
                unit = UNITS.get(figure["unit"], 1.0)
                what = ", ".join(filter(None, [figure["label"], figure["period"]]))
                what, printed = f"{what} ({figure['unit']})", self._write_printed(name)
            if name != check.figure or not place:  # a misprint is told where it stands
                place, document = figure["place"], figure["document"]
            document = document or figure["document"]
        written = _ALIKE if check.kind == "period" else self._write(check.formula)
        return {
            "check": f"{check.kind}: {what}",
            "document": document,
            "place": place,
            "printed": printed,
            "recomputed_low": _bound(room.low / unit),
            "recomputed_high": _bound(room.high / unit),
            "verdict": verdict,
            "reading": reading,
            "reason": " ".join(filter(None, [told, written, check.reason])),
            "kind": check.kind,
            "figure": name,
            "formula": check.formula.text,
        }

    def _write_printed(self, name: str) -> str:
        figure = self.rows[name]
        return _write_like(figure, figure["value"])

    def _write(self, formula: Formula) -> str:
        """Write a formula with its figures as printed."""

        def write(match: re.Match[str]) -> str:
            if match[1] not in self.rows:
                return f"{self.levels[match[1]].middle:,.0f} USD (published elsewhere)"
            figure = self.rows[match[1]]
            unit = figure["unit"].replace("10 thousand", "ten thousand")
            text = f"{self._write_printed(match[1])} {unit}"
            return f"({text})" if figure["value"] < 0 else text

        text = re.sub(r"\{([^{}]+)\}", write, formula.text)
        for pattern, words in _IN_WORDS:
            text = re.sub(pattern, words, text)
        left, sign, right = re.split(r" (==|<=|>=|<|>) ", text, maxsplit=1)
        verb = _HOLDS if formula.holds(self.levels) else _FAILS
        return f"{left} {verb[sign]} {right}."


def _write_like(figure: pd.Series, value: float) -> str:
    """Write a number with at least the decimals of a figure's print."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    half = figure["half_unit"]
    alike = 0.1 < abs(value / figure["value"]) < 10 if figure["value"] else True
    if pd.isna(half) or not alike or len(text.partition(".")[2]) >= _decimals(half):
        return text
    return f"{value:.{_decimals(half)}f}"


def _decimals(half_unit: float) -> int:
    return max(0, len(f"{2 * half_unit:.10f}".rstrip("0").partition(".")[2]))


def _divide(room: Interval, unit: float) -> Interval:
    return Interval(room.low / unit, room.high / unit)


def _bound(number: float) -> float:
    return float(f"{number:.10g}") if isfinite(number) else np.nan
