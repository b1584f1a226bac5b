"""Store the identified set, and answer beforehand what pages ask most of it.

Months, quarters, half-years and years of all goods, of industries and of classes by end use; all
goods from January to each month; half-years and years of chapters, of provinces and of the headings
that are printed most; and each good in a period of which a share or a growth rate is printed: no
single figure encloses it.
``python -m tools.precompute_bounds`` writes identified.npz and bounds.parquet in
data/reconstructed, in minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from nktrade._paths import DATA, PANEL
from nktrade.published import load_figures
from nktrade.published.figure_rows import MILLION
from nktrade.published.figures import split_codes
from nktrade.published.grades import grade
from nktrade.published.honoured import build_identified, extremes
from nktrade.published.identified import Identified
from nktrade.published.panel_support import FILE
from nktrade.published.shipped_set import SET, write_set
from nktrade.published.space import FLOWS, Selection
from nktrade.table.compact import write_own
from nktrade.table.periods import parse_period

YEARS = range(2017, 2025)


def list_questions(model: Identified) -> Iterator[Selection]:
    """Yield the standard questions."""
    months = [f"{year}-{month:02}" for year in YEARS for month in range(1, 13)]
    parts = [f"{year}-{part}" for year in YEARS for part in ("H1", "H2")]
    quarters = [f"{year}-Q{number}" for year in YEARS for number in (1, 2, 3, 4)]
    years = [str(year) for year in YEARS]
    to_date = [f"{month[:4]}-01..{month}" for month in months if month[5:] not in ("01", "12")]
    for flow in (*FLOWS, "total"):
        for text in [*months, *to_date, *quarters, *parts, *years]:
            yield Selection(flow, parse_period(text))
    figures = load_figures()
    goods = figures[(figures["subject"] == "goods") & figures["honoured"]]
    leaves = model.space.leaves
    chapters = sorted({code[:2] for code in leaves["code"] if code[:2].isdigit()})
    places = sorted({*model.space.provinces[:-1], *read_panel_provinces()})
    for flow in FLOWS:
        mine = goods[goods["flow"] == flow]
        counts = pd.Series([c for text in mine["hs"] for c in split_codes(text)]).str[:4]
        names = sorted(counts.value_counts().head(8).index)
        told = mine[mine["measure"].isin(["share", "growth"])]
        for codes, text in sorted(set(zip(told["hs"], told["period"], strict=True))):
            if model.space.covers(parse_period(text)):
                yield Selection(flow, parse_period(text), tuple(split_codes(codes)))
        for text in [*years, *parts]:
            window = parse_period(text)
            for code in [*names, *chapters]:
                yield Selection(flow, window, (code,))
            for place in places:
                yield Selection(flow, window, province=(place,))
        for text in [*months, "2020-01..2020-02", *quarters, *parts, *years]:
            window = parse_period(text)
            for name in sorted(set(leaves["industry"]) - {""}):
                yield Selection(flow, window, industry=name)
            for name in sorted(set(leaves["bec"]) - {""}):
                yield Selection(flow, window, bec=name)


def read_panel_provinces() -> list[str]:
    """Return the provinces that the panel names."""
    return sorted(pd.read_parquet(PANEL, columns=["province"])["province"].astype("str").unique())


def note(file: Path, rows: int, status: str) -> None:
    """Record a file in the data folder's manifest."""
    manifest = DATA / "manifest.json"
    entries = json.loads(manifest.read_text())
    entries[f"{file.parent.name}/{file.name}"] = {
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "rows": rows,
        "source": "published figures",
        "status": status,
        "command": "python -m tools.precompute_bounds",
    }
    manifest.write_text(json.dumps(entries, indent=2) + "\n")


def main() -> None:
    """Store the set, answer, write the table and record what was written."""
    model = build_identified()
    write_set(model)
    rows = []
    for one in tqdm(list(dict.fromkeys(list_questions(model)))):
        terms = ((1.0, one),)
        low, high = (end.value for end in extremes(model, terms))
        support = grade(model, terms, low, high, bool(model.printing(one)))
        rows.append(
            {
                **{"flow": one.flow, "period": str(one.window), "hs": " ".join(one.hs)},
                **{"province": " ".join(one.province), "industry": one.industry, "bec": one.bec},
                **{"low": round(low * MILLION), "high": high * MILLION, "support": support},
            }
        )
    table = pd.DataFrame(rows)
    table["low"], table["high"] = table["low"].astype("float64"), table["high"].round()
    for file in write_own(table, FILE):
        note(file, len(table), "bounds")
    note(SET, len(model.rows), "identified set")
    print(f"{FILE.name}: {len(table):,} questions, {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
