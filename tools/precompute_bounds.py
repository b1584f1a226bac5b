"""Answer beforehand what pages ask most of published figures: data/reconstructed/bounds.parquet.

Months, quarters, half-years and years of all goods; half-years and years of the headings that
are printed most and of every industry. ``python -m tools.precompute_bounds`` takes minutes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pandas as pd
from tqdm import tqdm

from nktrade._paths import DATA
from nktrade.published import load_figures
from nktrade.published.bounds import extremes, grade, load_identified
from nktrade.published.figure_rows import MILLION
from nktrade.published.figures import split_codes
from nktrade.published.identified import Identified
from nktrade.published.panel_support import FILE
from nktrade.published.space import FLOWS, Selection
from nktrade.table.periods import parse_period

YEARS = range(2017, 2025)


def list_questions(model: Identified) -> Iterator[Selection]:
    """Yield the standard questions."""
    months = [f"{year}-{month:02}" for year in YEARS for month in range(1, 13)]
    parts = [f"{year}-{part}" for year in YEARS for part in ("H1", "H2")]
    quarters = [f"{year}-Q{number}" for year in YEARS for number in (1, 2, 3, 4)]
    years = [str(year) for year in YEARS]
    for flow in (*FLOWS, "total"):
        for text in [*months, "2020-01..2020-02", *quarters, *parts, *years]:
            yield Selection(flow, parse_period(text))
    figures = load_figures()
    goods = figures[(figures["subject"] == "goods") & figures["honoured"]]
    for flow in FLOWS:
        mine = goods[goods["flow"] == flow]
        counts = pd.Series([c for text in mine["hs"] for c in split_codes(text)]).str[:4]
        names = sorted(counts.value_counts().head(8).index)
        for text in [*years, *parts]:
            window = parse_period(text)
            for code in names:
                yield Selection(flow, window, (code,))
            for name in sorted(set(model.space.leaves["industry"]) - {""}):
                yield Selection(flow, window, industry=name)


def main() -> None:
    """Answer, write the table and record its sha256."""
    model = load_identified()
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
    table.to_parquet(FILE, compression="zstd", index=False)
    manifest = DATA / "manifest.json"
    entries = json.loads(manifest.read_text())
    entries[f"{FILE.parent.name}/{FILE.name}"] = {
        "sha256": hashlib.sha256(FILE.read_bytes()).hexdigest(),
        "rows": len(table),
        "source": "published figures",
        "status": "bounds",
        "command": "python -m tools.precompute_bounds",
    }
    manifest.write_text(json.dumps(entries, indent=2) + "\n")
    print(f"{FILE.name}: {len(table):,} questions, {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
