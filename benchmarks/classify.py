"""How quickly ten million customs rows are mapped to three classes, beside the plain pandas ways.

    python benchmarks/classify.py [ROWS] [REPEATS]

All ways fill the same columns (chapter, industry, BEC) from the same codes; medians are of REPEATS
runs in this one process, and the ratio says how many times quicker than `Series.map` each is. The
last way has its codes, and so its classes, as categories.
"""

import os
import platform
import statistics
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
    """Print medians and ratios."""
    trade, table = make_trade(rows)
    print(f"{platform.machine()}, {os.cpu_count()} cores, pandas {pd.__version__}")
    print(f"{rows:,} rows, {trade['hs'].nunique():,} codes, medians of {repeats}")
    seconds: dict[str, float] = {}
    wanted = classify(trade, table)[CLASSES]
    ways = [("Series.map", map_series, trade), ("merge", merge_table, trade)]
    ways += [("classify", classify, trade), ("categories", classify, trade.astype("category"))]
    for name, way, rows_given in ways:
        taken = []
        for _ in range(repeats):
            start = time.perf_counter()
            result = way(rows_given, table)
            taken.append(time.perf_counter() - start)
        seconds[name] = statistics.median(taken)
        pd.testing.assert_frame_equal(result[CLASSES].astype("str"), wanted)
        ratio = seconds["Series.map"] / seconds[name]
        print(f"{name:12} {seconds[name]:7.2f} s   {ratio:6.2f} times as quick as Series.map")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
