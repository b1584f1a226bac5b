"""Derive data/published/events.csv, the dated events that charts mark.

    python -m tools.derive_events FILE

FILE has the columns date, kind, event, source, confidence and mark_on_chart. An event's month is
the first whose trade it can show in: its own, unless fewer than four days of it were left.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd

OUT = Path(__file__).resolve().parent.parent / "data" / "published" / "events.csv"
#: What a chart has room for.
LABELS = {
    "2016-04-05": "China bars iron, gold, rare earths",
    "2016-12-11": "coal suspended to year's end",
    "2016-12-24": "copper, nickel, silver, zinc barred",
    "2017-02-19": "coal suspended",
    "2017-08-15": "China bars coal, iron, lead, seafood",
    "2017-09-05": "these no longer cleared",
    "2017-09-22": "textiles barred, new contracts",
    "2017-10-01": "cap on refined oil",
    "2017-12-11": "textiles no longer cleared",
    "2018-01-06": "machinery, metals, food barred",
    "2018-01-23": "old contracts run out",
    "2020-01-31": "border closed",
    "2020-10-01": "all freight stops",
    "2022-01-16": "rail freight resumes",
    "2022-04-29": "rail freight suspended",
    "2022-09-26": "rail freight resumes again",
    "2023-02-16": "lorries to Rason run",
    "2023-08-26": "border opens to citizens",
}


def main(file: str) -> None:
    """Write the events."""
    table = pd.read_csv(file, dtype="str", keep_default_na=False)
    day = pd.to_datetime(table["date"])
    left = day.dt.days_in_month - day.dt.day
    month = day.dt.to_period("M") + (left < 4).astype("int")
    mark = table["mark_on_chart"].str.partition(",")[0]
    source = table["source"].where(table["source"].ne("same"), None).ffill()
    out = pd.DataFrame(
        {
            **{"date": table["date"], "month": month.astype("str"), "kind": table["kind"]},
            "label": table["date"].map(LABELS).fillna(""),
            "event": table["event"].map(lambda text: re.sub(r" \((.*?do not mark)\)", "", text)),
            "mark": mark.where(~table["event"].str.contains("do not mark"), "no"),
            **{"confidence": table["confidence"], "source": source},
        }
    )
    out.to_csv(OUT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
