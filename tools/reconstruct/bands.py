"""Bands around the panel's point: how far, by kind of figure, left-out blocks were missed.

The half-width of a band is a quantile of the absolute log error of figures left out in blocks
(split conformal prediction: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*,
2005). Coverage is measured across: widths from the even folds on the figures of the odd ones, and
the other way round; and on the sealed figures, which neither the panel nor the widths saw.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.published import load_figures
from tools.reconstruct.errors import FOLDER, draw_fold, name_block

LEVELS = (0.8, 0.95)
#: USD below which a figure tells nothing of a band's width.
LEAST = 1e5


def read_errors() -> pd.DataFrame:
    """Return the errors of left-out figures: kind, fold, sealed and the absolute log error."""
    table = pd.read_csv(FOLDER / "errors.csv", index_col="id", dtype={"sealed": "str"})
    table = table[table["published"] >= LEAST]
    miss = np.abs(np.log(table["predicted"].clip(lower=1.0) / table["published"]))
    ledger = load_figures().loc[table.index]
    folds = [draw_fold(name_block(figure)) for _, figure in ledger.iterrows()]
    kind = table["kind"].str.replace("a province, a month", "a province, longer")
    sealed = table["sealed"].fillna("").eq("yes")
    return pd.DataFrame({"kind": kind, "fold": folds, "sealed": sealed, "miss": miss})


def find_width(misses: pd.Series, level: float) -> float:
    """Return the half-width that holds a new figure as often as `level`, in logs."""
    count = len(misses)
    return float(np.quantile(misses, min(1.0, np.ceil((count + 1) * level) / count)))


def measure(errors: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind: number, factors of the bands, and how many figures they held.

    Returns
    -------
    pandas.DataFrame
        Index `kind`. Columns number; for each level factor_80 (the band is the point times and over
        it) and coverage_80 (percent), likewise 95; sealed (number), sealed_80, sealed_95 (held).
    """
    rows = {}
    for kind, some in errors.groupby("kind"):
        known, sealed = some[~some["sealed"]], some[some["sealed"]]
        even = known["fold"] % 2 == 0
        row: dict[str, float] = {"number": len(known), "sealed": len(sealed)}
        for level in LEVELS:
            name = f"{100 * level:.0f}"
            width = find_width(known["miss"], level)
            across = even.map(
                {
                    True: find_width(known.loc[~even, "miss"], level),
                    False: find_width(known.loc[even, "miss"], level),
                }
            )
            row[f"factor_{name}"] = round(float(np.exp(width)), 2)
            row[f"coverage_{name}"] = round(100 * float((known["miss"] <= across).mean()), 1)
            row[f"sealed_{name}"] = int((sealed["miss"] <= width).sum())
        rows[kind] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


def tabulate(table: pd.DataFrame) -> str:
    """Return the rows of a Markdown table."""
    lines = []
    for kind, row in table.iterrows():
        bands = " | ".join(
            f"{row[f'factor_{n}']:,.3g} | {row[f'coverage_{n}']:.0f} % | "
            f"{row[f'sealed_{n}']:.0f} of {row['sealed']:.0f}"
            for n in ("80", "95")
        )
        lines.append(f"| {kind} | {row['number']:.0f} | {bands} |\n")
    return "".join(lines)


if __name__ == "__main__":
    found = measure(read_errors())
    found.to_csv(FOLDER / "bands.csv")
    print(tabulate(found))
