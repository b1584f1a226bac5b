"""The audit in short: its verdicts counted, its misprints listed once each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.published import load_documents
from nktrade.published.audit import VERDICTS


def count_verdicts(checks: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count the checks of each verdict.

    Parameters
    ----------
    checks : pandas.DataFrame
        As `audit_documents` returns it.
    by : {"document", "kind"}
        What a row stands for.

    Returns
    -------
    pandas.DataFrame
        Index `by`, in the order of `checks`. Columns checks, one for each verdict, and
        share_consistent (%).
    """
    counts = pd.crosstab(checks[by], checks["verdict"]).reindex(columns=list(VERDICTS))
    counts = counts.reindex(checks[by].unique()).fillna(0).astype("int64")
    counts.columns.name = None
    counts.insert(0, "checks", counts.sum(axis=1))
    return counts.assign(share_consistent=100 * counts["consistent"] / counts["checks"])


def list_misprints(checks: pd.DataFrame) -> pd.DataFrame:
    """List each figure that an audit doubts once, with all that its checks leave for it.

    Parameters
    ----------
    checks : pandas.DataFrame
        As `audit_documents` returns it.

    Returns
    -------
    pandas.DataFrame
        Index `figure`. Columns document, place, label, period, unit, printed, low and high (the
        narrowest that the broken checks leave together, in `unit`; missing where there is no
        bound), reading (a number in `unit`, or words), verdict ("inconsistent" where any check
        says so, else "suspect"), broken (how many checks).
    """
    doubted = checks[checks["verdict"].isin(["inconsistent", "suspect"]) & (checks["figure"] != "")]
    figures = load_documents()
    rows = {}
    for name, part in doubted.groupby("figure", sort=False):
        sure = part[part["verdict"] == "inconsistent"]
        told = sure if len(sure) else part
        readings = part.loc[part["reading"] != "", "reading"]
        rows[name] = {
            "low": told["recomputed_low"].max(),
            "high": told["recomputed_high"].min(),
            "reading": readings.iloc[0] if len(readings) else "",
            "verdict": told["verdict"].iloc[0],
            "broken": len(part),
        }
    columns = ["low", "high", "reading", "verdict", "broken"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    # Checks broken by other misprints besides can leave nothing in common.
    empty = found["low"] > found["high"]
    found.loc[empty, ["low", "high"]] = np.nan
    what = figures.reindex(found.index)[["document", "place", "label", "period", "unit", "value"]]
    return what.rename(columns={"value": "printed"}).join(found).rename_axis("figure")
