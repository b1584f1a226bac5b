"""Bands around the panel's point: how far, by kind of figure, left-out blocks were missed.

The half-width of a band is a quantile of the absolute log error of figures left out in blocks
(split conformal prediction: Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*,
2005). The figures of a block err together, and of some kinds there are few blocks; so of the
quantiles that leaving out any one block gives the widest is taken. Coverage is measured block by
block: each is asked of the width of all others (Vovk, "Cross-conformal predictors", *Annals of
Mathematics and Artificial Intelligence* 74, 2015), and the sealed figures, which neither the panel
nor the widths saw, of the width of all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.cli.site_furnishing import tabulate_bands
from nktrade.published import load_figures
from tools.reconstruct.errors import FOLDER, name_block

LEVELS = (0.8, 0.95)
#: USD below which a figure tells nothing of a band's width.
LEAST = 1e5
#: Percent that stands for a predicted share of nothing.
LEAST_SHARE = 1e-4


def read_errors() -> pd.DataFrame:
    """Return the errors of left-out figures: kind, block, sealed and the absolute log error."""
    table = pd.read_csv(FOLDER / "errors.csv", index_col="id", dtype={"sealed": "str"})
    share = table["kind"].eq("a share")
    table = table[share | (table["published"] >= LEAST)]
    least = np.where(table["kind"].eq("a share"), LEAST_SHARE, 1.0)
    miss = np.abs(np.log(np.maximum(table["predicted"], least) / table["published"]))
    ledger = load_figures().loc[table.index]
    blocks = [name_block(figure) for _, figure in ledger.iterrows()]
    kind = table["kind"].str.replace("a province, a month", "a province, longer")
    kind = kind.str.replace("a good of a province, .*", "a good, longer", regex=True)
    sealed = table["sealed"].fillna("").eq("yes")
    return pd.DataFrame({"kind": kind, "block": blocks, "sealed": sealed, "miss": miss})


def find_width(misses: np.ndarray, level: float) -> float:
    """Return the half-width that holds a new figure as often as `level`, in logs."""
    count = len(misses)
    return float(np.quantile(misses, min(1.0, np.ceil((count + 1) * level) / count)))


def find_safe_width(misses: np.ndarray, blocks: np.ndarray, level: float) -> float:
    """Return the widest half-width that leaving out any one block gives, in logs."""
    return max(find_width(misses[blocks != one], level) for one in np.unique(blocks))


def measure(errors: pd.DataFrame) -> pd.DataFrame:
    """Return one row a kind: number, factors of the bands, and how many figures they held.

    Returns
    -------
    pandas.DataFrame
        Index `kind`. Columns number, blocks; for each level factor_80 (the band is the point times
        and over it) and coverage_80 (percent), likewise 95; sealed (number), sealed_80, sealed_95
        (held).
    """
    rows = {}
    for kind, some in errors.groupby("kind"):
        known, sealed = some[~some["sealed"]], some[some["sealed"]]
        block, number = np.unique(known["block"].to_numpy("str"), return_inverse=True)
        miss = known["miss"].to_numpy()
        row: dict[str, float] = {"number": len(known), "blocks": len(block)}
        row["sealed"] = len(sealed)
        for level in LEVELS:
            name = f"{100 * level:.0f}"
            width = find_safe_width(miss, number, level)
            others = [
                find_safe_width(miss[number != one], number[number != one], level)
                for one in range(len(block))
            ]
            held = miss <= np.array(others)[number]
            row[f"factor_{name}"] = round(float(np.exp(width)), 2)
            row[f"coverage_{name}"] = round(100 * float(held.mean()), 1)
            row[f"sealed_{name}"] = int((sealed["miss"] <= width).sum())
        rows[kind] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


if __name__ == "__main__":
    measure(read_errors()).to_csv(FOLDER / "bands.csv")
    print(tabulate_bands())
