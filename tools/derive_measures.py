"""Derive data/classes/sanctions/measures.csv and notices.csv from one table of paragraphs.

    python -m tools.derive_measures FILE

FILE has a row for each good that a paragraph of a resolution names, with both calendars: the
Security Council's (adopted, effective, wind_down_end, ended) and that of China's customs
(china_announcement, china_effective, china_last_clearance). The first becomes measures.csv, the
second notices.csv. data/classes/sanctions/README.md describes the columns.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "data" / "classes" / "sanctions"
FLOWS = {"DPRK export": "export", "DPRK import": "import", "both": "both"}
#: Goods that are a kind of what their code holds, where the basis does not say so.
WIDER = {"2270-31a", "2270-31b", "2270-31c", "2270-31d", "2375-13a", "2321-30b"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def rate(text: str) -> str:
    """Return how far something is confirmed, in one word."""
    if not text or text == "not coded":
        return ""
    for word in ("recalled", "mapping", "secondary", "seen"):
        if word in text.partition(". ")[0]:
            return {"mapping": "mapped"}.get(word, word)
    return "seen"


def find_day(text: str) -> str:
    """Return the first date in a text."""
    found = _DAY.search(text)
    return found[0] if found else ""


def name_basis(text: str) -> str:
    """Return whether the codes are printed: "yes" (in the resolution), "by China", or "no"."""
    if text.startswith("printed in the resolution"):
        return "yes"
    return "by China" if text.startswith("printed by China") else "no"


def rate_row(row: dict[str, str]) -> str:
    """Return the weakest thing that a row rests on."""
    rated = {rate(row[f"confidence_{what}"]) for what in ("goods", "hs", "dates")}
    rated.add("recalled" if "recalled" in row["paragraph_evidence"].lower() else "")
    weakest = [word for word in ("recalled", "mapped", "secondary", "seen") if word in rated]
    return weakest[0] if weakest else "recalled"


def list_measures(table: list[dict[str, str]]) -> pd.DataFrame:
    """Return the Security Council's measures."""
    rows = []
    for row in table:
        wider = "wider" in row["hs_basis"] or row["id"] in WIDER
        dates = ("adopted", "effective", "wind_down_end", "ended")
        rows.append(
            {
                **{name: row[name] for name in ("id", "resolution", "paragraph")},
                "flow": FLOWS[row["direction"]],
                **{"kind": row["kind"], "goods": row["good"], "hs": row["hs"]},
                "hs_edition": "HS2012" if row["adopted"] < "2017" else "HS2017" * bool(row["hs"]),
                "code_printed": name_basis(row["hs_basis"]),
                "wider": "yes" if wider else "",
                **{name: row[name] for name in dates},
                "checked": rate_row(row),
                "goods_checked": rate(row["confidence_goods"]),
                "code_checked": rate(row["confidence_hs"]),
                "dates_checked": rate(row["confidence_dates"]),
                "note": row["cap_and_exemption"],
                "basis": row["hs_basis"],
                "quote": row["quote"],
                "source": row["quote_at"] or row["printed_at"],
            }
        )
    return pd.DataFrame(rows)


def list_notices(table: list[dict[str, str]]) -> pd.DataFrame:
    """Return China's notices on the same goods, by the days that customs went by.

    A notice that stays in force under a later resolution is one line, under the first.
    """
    rows = []
    for row in table:
        announced = row["china_announcement"]
        if not row["china_effective"] or "stays" in announced:
            continue
        last = announced.split("; then ")[-1]
        suspended = "suspended" in announced
        rows.append(
            {
                **{"id": row["id"], "notice": last.partition(" of ")[0]},
                "announced": find_day(last),
                "flow": FLOWS[row["direction"]],
                "kind": "suspension" if suspended else row["kind"],
                **{"goods": row["good"], "hs": row["hs"]},
                "hs_edition": "HS2012" if row["adopted"] < "2017" else "HS2017",
                "code_printed": name_basis(row["hs_basis"]),
                "wider": "yes" if "wider" in row["hs_basis"] or row["id"] in WIDER else "",
                "effective": find_day(row["china_effective"]),
                "wind_down_end": find_day(row["china_last_clearance"]) * bool(row["wind_down_end"]),
                "last_clearance": find_day(row["china_last_clearance"]) * (not suspended),
                "ended": row["ended"],
                "checked": rate_row(row),
                "codes_seen": row["china_codes_seen"],
                "note": row["china_last_clearance"],
            }
        )
    found = pd.DataFrame(rows).set_index("id")
    # What ended a notice is the next one on the same goods, and not the next resolution.
    ends = {
        **{"2270-29a": "2016-12-11", "2270-29b": "2017-08-15", "2270-29c": "2017-08-15"},
        **{"2321-26a": "2016-12-31", "2321-26b": "2017-08-15"},
    }
    found.loc[list(ends), "ended"] = list(ends.values())
    return found.reset_index()


def main(file: str) -> None:
    """Write both tables."""
    table = pd.read_csv(file, dtype="str", keep_default_na=False).to_dict("records")
    list_measures(table).to_csv(FOLDER / "measures.csv", index=False, lineterminator="\n")
    list_notices(table).to_csv(FOLDER / "notices.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
