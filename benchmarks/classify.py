"""How quickly ten million customs rows are mapped to three classes, beside the plain pandas ways.

    python benchmarks/classify.py [ROWS] [REPEATS]

All ways fill the same columns (chapter, industry, BEC) from the same codes, in turn, REPEATS times
in this one process; the ratios are to `Series.map`. Where others use the machine too, the seconds
of the processors (all threads together) say more than those of the clock. The last way has its
codes, and so its classes, as categories.
"""

import os
import platform
import sys
import time

import numpy as np
import pandas as pd

from nktrade import codes as hs
from nktrade.codes import classes

CLASSES = ["chapter", "industry", "bec"]


def make_trade(rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return random HS8 rows of 5,000 distinct codes, and the table a user would map them by."""
    every = [code for n in range(1, 98) for code in hs.subheadings(f"{n:02d}", "HS2017")]
    codes = pd.Series(sorted({f"{code}00" for code in every})[:5000], dtype="str")
    pick = np.random.default_rng(0).integers(0, len(codes), rows)
    trade = pd.DataFrame({"hs": codes.array.take(pick)})
    trade["hs_edition"] = pd.Series("HS2017", index=trade.index, dtype="str")
    table = pd.DataFrame({"hs": codes, "hs_edition": "HS2017"})
    return trade, classes.classify(table, CLASSES).drop(columns="hs_edition")


def map_series(trade, table):
    """Map each column by a Series, as most notebooks do."""
    by_code = table.set_index("hs")
    return trade.assign(**{name: trade["hs"].map(by_code[name]) for name in CLASSES})


def merge_table(trade, table):
    """Join the table of classes, keeping the index."""
    return trade.merge(table, on="hs", how="left")


def classify(trade, table):
    """Map as nktrade does."""
    return classes.classify(trade, CLASSES)


def main(rows: int = 10_000_000, repeats: int = 5) -> None:
    """Print the best of several runs, and ratios."""
    trade, table = make_trade(rows)
    print(f"{platform.machine()}, {os.cpu_count()} cores, pandas {pd.__version__}")
    print(f"{rows:,} rows, {trade['hs'].nunique():,} codes, best of {repeats} runs in turn")
    print(f"{'':12}{'seconds':>9}{'quicker':>9}{'CPU s':>9}{'less':>7}")
    wanted = classify(trade, table)[CLASSES]
    ways = {"Series.map": (map_series, trade), "merge": (merge_table, trade)}
    ways["classify"] = classify, trade
    ways["categories"] = classify, trade.astype("category")
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(repeats):
        for name, (way, given) in ways.items():
            start = time.perf_counter(), time.process_time()
            result = way(given, table)
            taken[name].append((time.perf_counter() - start[0], time.process_time() - start[1]))
            if not turn:
                pd.testing.assert_frame_equal(result[CLASSES].astype("str"), wanted)
            del result
    best = {name: [min(times) for times in zip(*runs, strict=True)] for name, runs in taken.items()}
    base = best["Series.map"]
    for name, (seconds, work) in best.items():
        ratios = f"{base[0] / seconds:9.1f}{work:9.3f}{base[1] / work:7.1f}"
        print(f"{name:12}{seconds:9.3f}{ratios}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
