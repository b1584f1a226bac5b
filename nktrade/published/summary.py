"""The audit in short: verdicts counted, misprints listed once each, both as tables for readers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.errors import UnanswerableError, check_choice
from nktrade.published.audit import VERDICTS, audit_documents
from nktrade.published.documents import SHORT, load_documents, name_figures
from nktrade.table.periods import spell_period, spell_periods


def choose_checks(document: str = "all", kind: str = "all") -> pd.DataFrame:
    """Return the audit's checks of one document, of one kind, or all.

    Parameters
    ----------
    document : str
        "all", or a document's name.
    kind : str
        "all", or a kind of check, as "growth", "share", "sum", "rank" or "claim".

    Returns
    -------
    pandas.DataFrame
        As `audit_documents`.

    Raises
    ------
    InputError
        For an unknown document or kind.
    UnanswerableError
        If the document has no check of the kind.

    Examples
    --------
    >>> choose_checks("kiep2023", "growth")["kind"].unique().tolist()
    ['growth']
    """
    checks = audit_documents()
    for column, wanted in (("document", document), ("kind", kind)):
        if wanted == "all":
            continue
        check_choice(column, wanted, set(audit_documents()[column]))
        checks = checks[checks[column] == wanted]
    if checks.empty:
        raise UnanswerableError(
            f"the document {document!r} has no check of kind {kind!r}",
            hint="Choose another kind or document: nktrade documents --audit lists them.",
        )
    return checks


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

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> count_verdicts(checks, "document").columns.tolist()
    ['checks', 'consistent', 'inconsistent', 'suspect', 'gap', 'share_consistent']
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

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> lost = list_misprints(checks).loc["brown2020:8"]  # the word million was lost
    >>> lost["place"], float(lost["printed"]), lost["unit"], lost["reading"]
    ('paragraph 2', 43.9, 'USD', '43900000')
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


def tabulate_misprints(misprints: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """Return misprints of one verdict as a table to read, numbers as people write them.

    Parameters
    ----------
    misprints : pandas.DataFrame
        As `list_misprints` returns it.
    verdict : {"inconsistent", "suspect"}

    Returns
    -------
    pandas.DataFrame
        Index figure (what it is, its period and unit). Columns printed, recomputed ("low to
        high"), reading, document; all text.

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> table = tabulate_misprints(list_misprints(checks), "inconsistent")
    >>> table.iloc[0].tolist()
    ['43.9', '43,000,000 to 45,000,000', '43,900,000', 'Brown 2020']
    """
    rows = misprints[misprints["verdict"] == verdict]
    bounded = rows[["low", "high"]].notna().any(axis=1)
    room = rows["low"].map(_write) + " to " + rows["high"].map(_write)
    reading = pd.to_numeric(rows["reading"], errors="coerce").map(_write)
    told = pd.DataFrame(
        {
            "figure": name_figures(rows) + " (" + rows["unit"] + ")",
            "printed": rows["printed"].map(_write),
            "recomputed": room.where(bounded, ""),
            "reading": reading.where(reading != "", rows["reading"].map(spell_periods)),
            "document": rows["document"].map(SHORT),
        }
    )
    return told.set_index("figure")


def tabulate_claims(checks: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """Return the claims in words of one verdict: index claim; columns document, reading.

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> tabulate_claims(checks, "inconsistent").iloc[0].to_dict()
    {'document': 'KIEP 2023', 'reading': 'imports from China'}
    """
    rows = checks[(checks["verdict"] == verdict) & (checks["figure"] == "")]
    told = rows[["document", "printed", "reading"]].rename(columns={"printed": "claim"})
    told["document"] = told["document"].map(SHORT)
    return told.set_index("claim")


def tabulate_checks(checks: pd.DataFrame, verdict: str | None = None) -> pd.DataFrame:
    """Return checks, of one verdict or all, with the arithmetic and the reasons, as text.

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> table = tabulate_checks(checks, "inconsistent")
    >>> table.columns.tolist()
    ['printed', 'recomputed_low', 'recomputed_high', 'verdict', 'reading', 'reason']
    """
    rows = checks if verdict is None else checks[checks["verdict"] == verdict]
    columns = ["printed", "recomputed_low", "recomputed_high", "verdict", "reading", "reason"]
    told = rows.set_index("place")[columns].copy()
    for column in ("recomputed_low", "recomputed_high"):
        told[column] = told[column].map(_write)
    return told


def tabulate_gaps(checks: pd.DataFrame) -> pd.DataFrame:
    """Return the tables whose rows leave some of their total.

    Returns
    -------
    pandas.DataFrame
        Index place. Columns document, covered (percent of the total, the middle of what rounding
        leaves).

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> tabulate_gaps(checks)["covered"].round(1).head(2).tolist()
    [74.0, 76.8]
    """
    rows = checks[checks["verdict"] == "gap"].sort_values(["document", "place"], kind="stable")
    parts = rows["reason"].str.extract(r"make ([0-9.]+) to ([0-9.]+) %").astype("float64")
    places = rows["place"].str.replace(
        r"\d{4}-H[12]", lambda found: spell_period(found.group()), regex=True
    )
    told = rows.assign(covered=parts.mean(axis=1), document=rows["document"].map(SHORT))
    return told.assign(place=places).set_index("place")[["document", "covered"]]


def measure_misprints(misprints: pd.DataFrame) -> pd.DataFrame:
    """Return the misprints whose reading is a number, as `charts.draw_printed_and_meant` draws.

    Examples
    --------
    >>> from nktrade.published import audit_documents
    >>> checks = audit_documents()
    >>> found = measure_misprints(list_misprints(checks))
    >>> found["reading"].dtype.kind, bool(found["reading"].isna().any())
    ('f', False)
    """
    numbers = pd.to_numeric(misprints["reading"], errors="coerce")
    return misprints.assign(reading=numbers, label=name_figures(misprints))[numbers.notna()]


def _write(number: float) -> str:
    if pd.isna(number):
        return ""
    return f"{number:,.0f}" if abs(number) >= 1e4 else f"{number:,.5g}"
