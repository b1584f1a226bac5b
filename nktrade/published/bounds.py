"""What published figures alone allow for any sum of China's trade with North Korea.

`bounds` gives the least and the greatest value over every non-negative table that agrees with all
honoured figures, and the sum of figures that proves each end. No prior takes part. The ends of
several sums are not reached together: a column of them must not be added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nktrade.published.figure_rows import MILLION
from nktrade.published.grades import FIXED, ORDER, grade, write_proof
from nktrade.published.honoured import extremes, load_identified, ratio_of
from nktrade.published.identified import Identified
from nktrade.published.panel_points import add_panel
from nktrade.published.questions import Question, as_terms, check_question, split_question
from nktrade.table.periods import Period, list_periods


def bounds(
    *,
    period: Period | Sequence[Period],
    flow: str | None = None,
    hs: str | Sequence[str] | None = None,
    province: str | Sequence[str] | None = None,
    industry: str | None = None,
    bec: str | None = None,
    by: str | Sequence[str] = (),
    view: str = "CHN",
    facts: str | Path | None = None,
) -> pd.DataFrame:
    """Return the least and the greatest value that published figures allow for a sum.

    Parameters
    ----------
    period : str or sequence of str
        As `parse_period` reads it; several give a row each.
    flow : {"import", "export", "total", "balance"}, optional
        As the declarer says it; by default the total of both. A balance is exports less imports.
    hs : str or sequence of str, optional
        Codes, each with everything under it; by default all goods.
    province : str or sequence of str, optional
        Two digits, as China's customs number them.
    industry, bec : str, optional
        A class, as `classify` names it.
    by : str or sequence of str
        What to keep apart: "period", "month", "year", "flow", "hs" (each code given), "chapter",
        "heading" (those that are printed), "province", "industry", "bec".
    view : {"CHN", "PRK"}
        "PRK" turns the flows: China's exports are North Korea's imports.
    facts : str or path, optional
        A CSV of further figures of your own, see `read_facts`; the sets move.

    Returns
    -------
    pandas.DataFrame
        One row a group: columns period, flow and those of `by`; low and high (USD, infinite where
        nothing bounds the sum); point (the default panel's sum, missing beyond
        its months); support ("printed", "bounded" or "assumed"); figures (ids of those
        that print this very sum); proof (the figures that add up to low and to high, in million
        USD). The ends of two rows are not reached together: do not add them up.

    Raises
    ------
    InputError, CodeError
        If a name, a code or a period cannot be read.
    UnanswerableError
        If the period lies outside what is covered.

    Source: Manski, *Partial Identification of Probability Distributions* (2003).

    Examples
    --------
    >>> june = bounds(flow="export", period="2020-06")
    >>> june["support"].tolist()
    ['printed']
    """
    model = load_identified(str(facts) if facts else None)
    several = list_periods(period)
    base = check_question(flow, hs, province, industry, bec, view)
    questions = split_question(model, base, several, by, view)
    return pd.DataFrame([_answer(model, one) for one in questions])


def _answer(model: Identified, question: Question) -> dict[str, Any]:
    """Return one row of `bounds`."""
    least, greatest = extremes(model, question.terms)
    point = add_panel(question.terms)
    printed = model.printing(question.terms[0][1]) if len(question.terms) == 1 else []
    return {
        **dict(question.labels),
        "low": least.value * MILLION,
        "high": greatest.value * MILLION,
        "point": point,
        "support": grade(model, question.terms, least.value, greatest.value, bool(printed)),
        "figures": " ".join(printed),
        "proof": f"{write_proof(least, 'at least')}; {write_proof(greatest, 'at most')}",
    }


def bounds_ratio(part: Mapping[str, Any], whole: Mapping[str, Any]) -> pd.DataFrame:
    """Return the least and the greatest that a ratio of two sums can be: a share, a recovery.

    Parameters
    ----------
    part, whole : mapping
        Keywords of `bounds`, each for one sum: flow, hs, period, province, industry, bec, view.

    Returns
    -------
    pandas.DataFrame
        One row: low and high (a ratio, 1 for equal; high is infinite where `whole` may be zero),
        point (the panel's), support.

    Source: Charnes and Cooper, "Programming with linear fractional functionals", *Naval Research
    Logistics Quarterly* 9 (1962).

    Examples
    --------
    >>> wigs = bounds_ratio(
    ...     {"flow": "import", "hs": "6704", "period": "2023"}, {"flow": "import", "period": "2023"}
    ... )
    >>> wigs[["low", "high"]].round(3).to_numpy().tolist()
    [[0.571, 0.571]]
    """
    over, under = as_terms(part), as_terms(whole)
    low, high = ratio_of(load_identified(), over, under)
    point = add_panel(over) / total if (total := add_panel(under)) else np.nan
    fixed = isfinite(high) and high - low <= FIXED * (high + low)
    near = low > 0 and high <= ORDER * low
    support = "printed" if fixed else "bounded" if near else "assumed"
    return pd.DataFrame([{"low": low, "high": high, "point": point, "support": support}])
