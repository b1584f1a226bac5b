"""Derive data/published/facts.csv and changes.csv from collected prints.

    python -m tools.derive_facts FACTS CHANGES [TARIFF]

FACTS and CHANGES are tables of figures as pages printed them (columns period, flow_china, code,
what, geography, value or change_pct, unit, half_unit, kind, url, publisher, date, quote, note).
TARIFF lists customs' lines of eight digits by year (hs8, year): with it, a line that a year did
not have is cut to its subheading. Each figure is put into the terms of the ledger by the rules that
data/published/README.md writes out.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import pandas as pd

from nktrade.codes import edition_of_year, editions_of
from nktrade.published import load_figures
from nktrade.table.periods import Window, parse_period
from tools.weigh_facts import weigh

FOLDER = Path(__file__).resolve().parent.parent / "data"
COLUMNS = (
    *("id", "honoured", "check"),
    *("period", "flow", "statistic", "subject", "hs", "hs_edition", "province", "regime"),
    *("measure", "base_period", "value", "unit", "half_unit", "qualifier", "kind", "whole"),
    *("label", "doubt", "publisher", "date", "url", "quote", "note", "sealed"),
)
OUTWARD_PROCESSING = "27"
#: One figure in so many is sealed: no method is fitted on it.
SEALED = 8

_BELOW = re.compile(r"\b(nearly|below|under|at most|up to)\b")
#: What a note says where the goods are not surely those of the code.
_DOUBTS = re.compile(
    r"label doubtful|code uncertain|probably HS|may be (HS )?\d|digits of the code not printed"
    r"|code may be|if artificial|label: |HS 91 likely|\d{4} or \d{4}"
)
#: What a note says where a page names goods that are perhaps only some of the code's.
_PART = re.compile(r"perhaps \d+ only|code not printed|\d{4} (movements )?likely|likely \d{4}")


def read(file: str) -> pd.DataFrame:
    """Return a collected table as text."""
    return pd.read_csv(file, dtype="str", keep_default_na=False).astype("object")


def place_code(code: str, window: Window, lines: set[str]) -> str:
    """Return a code, or the longest code above it that all editions of a window have."""
    years = range(window.first.year, window.last.year + 1)
    editions = {edition_of_year(year) for year in years}
    while len(code) > 2:
        if editions <= set(editions_of(code)) and (len(code) < 8 or not lines or code in lines):
            return code
        code = code[:-2]
    return code


def name_statistic(row: dict[str, str]) -> str:
    """Return which statistic a figure is of: the rule is in data/published/README.md."""
    said = f"{row['what']} {row['publisher']}"
    if "1718" in said or "notified by China" in row["note"]:
        return "notified"
    if "all partners" in row["note"] and "KOTRA" in said:
        return "other"
    if re.search(r"\bOEC\b|numerical", said):
        return "other"
    if row["code"]:
        return "goods"
    if re.search(r"KITA|Global Trade Atlas|\bITC\b", said):
        return "goods"
    if "UN Comtrade" in said:
        return "revised"
    own = re.search(r"\bKOTRA\b(?! Beijing| Shenyang)", said)
    if own or re.search(r"research report|Brown", said):
        return "other"
    return "headline"


def convert(row: dict[str, str], lines: dict[int, set[str]]) -> dict[str, str]:
    """Put one collected figure into the terms of the ledger."""
    window = parse_period(row["period"])
    subject, hs, part = name_goods(row, window, lines)
    unit, measure, whole = name_measure(row, of_goods=subject != "total")
    value = row.get("change_pct", row.get("value"))
    half = read_half(value, row["half_unit"], unit)
    kind = "derived" if row.get("kind") == "derived" else "printed"
    if float(value) == 0 and float(half) == 0 and measure in ("value", "quantity"):
        kind = "zero"
    growth = measure.startswith("growth")
    return {
        "period": str(window),
        "flow": row["flow_china"],
        "statistic": name_statistic({"note": "", "publisher": "", **row}),
        "subject": subject,
        "hs": " ".join(hs),
        "hs_edition": edition_of_year(window.first.year) if hs else "",
        "province": " ".join(one[:2] for one in row.get("geography", "").split("+") if one),
        "regime": OUTWARD_PROCESSING if subject == "regime" else "",
        "measure": measure,
        "base_period": str(window.shift(-1)) if growth else "",
        "value": value,
        "unit": unit,
        "half_unit": half,
        "qualifier": read_qualifier(row["what"], row["note"]),
        "kind": kind,
        "whole": whole,
        "label": row["what"],
        "doubt": tell_doubts(row["note"], goods=kind != "zero", part=part and not growth),
        **{name: row[name] for name in ("publisher", "date", "url", "quote")},
        "note": clean(row["note"]),
    }


def name_goods(
    row: dict[str, str], window: Window, lines: dict[int, set[str]]
) -> tuple[str, list[str], bool]:
    """Return subject and codes of a figure, and whether the goods are but a part of the codes'."""
    named = re.search(r"\bso (\d{4,8})\b", row["note"])
    code = named[1] if named else row["code"]
    if not code:
        return "total", [], False
    if not code[0].isdigit():
        return code, [], False
    year = min(max(window.first.year, min(lines, default=0)), max(lines, default=0))
    asked = code.split(";")
    placed = [place_code(one, window, lines.get(year, set())) for one in asked]
    return "goods", list(dict.fromkeys(placed)), placed != asked or bool(_PART.search(row["note"]))


def name_measure(row: dict[str, str], of_goods: bool) -> tuple[str, str, str]:
    """Return unit and measure of a figure, and of a share the whole."""
    unit, measure, whole = row.get("unit", "%"), "value", ""
    if "change_pct" in row:
        unit, measure = "%", "growth of quantity" if "quantity" in row["what"] else "growth"
    elif unit == "%":
        measure, whole = "share", "goods" if row["geography"] and of_goods else "flow"
    elif unit == "lines":
        measure = "lines"
    elif unit not in ("USD", "CNY"):
        measure = "quantity"
    return unit, "average" if "monthly mean" in row["what"] else measure, whole


def read_qualifier(what: str, note: str) -> str:
    """Return what a page's words leave of a number: a bound, or about so much."""
    if "[bound]" in note or re.search(r"\((over|more than)\)", what):
        # A word in the page is a bound; that a number is a lower bound is said last.
        hedge = f"{what} {note.partition('[bound]')[2].partition(';')[0]}"
        return "nearly" if _BELOW.search(hedge) else "above"
    return "about" if re.match(r"about\b", note) else ""


def read_half(value: str, half: str, unit: str) -> str:
    """Return half a unit of the last digit.

    Money is printed to whole units at the finest: a collector's smaller half was of another scale.
    """
    if unit in ("USD", "CNY") and 0 < float(half) < 0.5:
        digits = value.partition(".")[0]
        return str(5 * 10 ** (len(digits) - len(digits.rstrip("0")) - 1))
    return half


def tell_doubts(note: str, *, goods: bool, part: bool) -> str:
    """Return what is in doubt of a figure: its print, whether it was read, the goods it is of."""
    doubts = [mark for mark in ("wrong", "read") if f"[{mark}]" in note]
    if goods and _DOUBTS.search(note):
        doubts.append("goods")
    return " ".join([*doubts, "part"] if part else doubts)


#: How the collectors abbreviate a page, by publisher, year and month.
_TAG = re.compile(r"\b[A-Z]{2,6}\d{4}[a-z]?\b")


def clean(note: str) -> str:
    """Return a note without the collectors' marks and abbreviations."""
    text = re.sub(r"\((see )?[A-Z]{2,6}\d{4}[a-z]?( [\d,]+)?\)|: see report", "", note)
    text = re.sub(r"\[(wrong|read|bound)\]", "", _TAG.sub("another page", text))
    return re.sub(r"\s+([;,.:]|$)", r"\1", re.sub(r"\s{2,}", " ", text)).strip()


def seal(row: dict[str, str]) -> str:
    """Draw the sealed figures: by a hash of what a figure is of, so all its prints go together."""
    if row["subject"] != "goods" or row["measure"] != "value" or row["unit"] != "USD":
        return ""
    if row["doubt"] or row["statistic"] != "goods" or row["kind"] == "derived":
        return ""
    key = "|".join(row[name] for name in ("period", "flow", "hs", "province"))
    drawn = int(hashlib.sha256(key.encode()).hexdigest(), 16) % SEALED == 0
    return "yes" if drawn else ""


def name_row(row: dict[str, str]) -> str:
    """Return a figure's id: a hash of what it says and where, so that new rows move no old one."""
    names = ("period", "flow", "subject", "hs", "province", "measure", "value", "unit", "label")
    key = "|".join(row[name] for name in (*names, "url", "quote"))
    return f"fact:{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def check_scope(row: dict[str, str]) -> str:
    """Say why a figure cannot bind a table of customs' goods whatever others print, or nothing."""
    if row["statistic"] not in ("headline", "goods"):
        return f"another scope than customs' table ({SCOPES[row['statistic']]})"
    doubt = row["doubt"].split()
    if "wrong" in doubt:
        return f"wrong in print: {row['note']}".rstrip(": ")
    if "goods" in doubt:
        return f"which goods are meant is in doubt: {row['note']}"
    return ""


SCOPES = {
    "notified": "notified to the Security Council's committee",
    "revised": "UN Comtrade as revised",
    "other": "another institution's count",
}


def read_lines(file: str) -> dict[int, set[str]]:
    """Return customs' lines of eight digits by year."""
    table = pd.read_csv(file, dtype="str")
    return {int(str(year)): set(part) for year, part in table.groupby("year")["hs8"]}


def convert_all(files: list[str], lines: dict[int, set[str]]) -> pd.DataFrame:
    """Put collected tables into the terms of the ledger, not yet weighed."""
    rows = [convert(row, lines) for file in files for row in read(file).to_dict("records")]
    table = pd.DataFrame(rows).assign(
        id=[name_row(row) for row in rows],
        check=[check_scope(row) for row in rows],
        sealed=[seal(row) for row in rows],
    )
    table["honoured"] = table["check"].eq("").map({True: "yes", False: ""})
    return table.drop_duplicates("id").set_index("id", drop=False)


def main(facts: str, changes: str, tariff: str = "") -> None:
    """Write data/published/facts.csv and outweighed.csv."""
    table = convert_all([facts, changes], read_lines(tariff) if tariff else {})
    out = FOLDER / "published" / "facts.csv"
    table[list(COLUMNS)].to_csv(out, index=False, lineterminator="\n")
    (FOLDER / "published" / "outweighed.csv").write_text("id,check\n")
    ledger = load_figures()
    doubt = table["doubt"].reindex(ledger.index).fillna("")
    weighed = weigh(ledger.assign(doubt=doubt.astype("object")))
    state = weighed.loc[table.index]
    others = weighed[ledger["source"].ne("facts") & ledger["honoured"] & ~weighed["honoured"]]
    others[["check"]].to_csv(FOLDER / "published" / "outweighed.csv", lineterminator="\n")
    fallen = table["honoured"].eq("yes") & ~state["honoured"]
    table.loc[fallen, "honoured"] = ""
    table["check"] = table["check"].where(state["check"].eq(""), state["check"])
    table[list(COLUMNS)].to_csv(out, index=False, lineterminator="\n")
    print(f"{len(table)} figures, {fallen.sum()} outweighed, written to {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
