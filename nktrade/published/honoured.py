"""The set of tables that agree with all honoured figures: built, loaded and asked for its ends."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import UnanswerableError
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import Terms, build_rows, make_space
from nktrade.published.figures import load_figures
from nktrade.published.identified import End, Identified
from nktrade.published.own_figures import read_facts
from nktrade.published.shipped_set import load_set

NOT_HONOURED = DATA / "published" / "not_honoured.csv"


def load_identified(facts: str | None = None) -> Identified:
    """Return the set that the honoured figures leave, with a user's own figures if given.

    Parameters
    ----------
    facts : str, optional
        A CSV of further figures, as `read_facts` reads it.
    """
    return _shipped() if facts is None else _build_with(facts)


@lru_cache(maxsize=1)
def _shipped() -> Identified:
    return load_set()


def build_identified(more: pd.DataFrame | None = None) -> Identified:
    """Build the set of the honoured figures from the ledger, and from more figures if given."""
    figures = load_figures()
    out = pd.read_csv(NOT_HONOURED, usecols=["id"])["id"]
    figures = figures[figures["honoured"] & ~figures.index.isin(set(out))]
    if more is not None:
        figures = pd.concat([figures, more])
    space = make_space(figures)
    return Identified(space, build_rows(space, figures))


@lru_cache(maxsize=2)
def _build_with(facts: str) -> Identified:
    model = build_identified(read_facts(Path(facts)))
    given = [n for n, row in enumerate(model.rows) if row.id.startswith("yours:")]
    held = [n for n in range(len(model.rows)) if n not in set(given)]
    slack, against = Contradictions(model).least_slack(given, held)
    if slack.any():
        worst = model.rows[int(slack.argmax())].id
        others = ", ".join(name for name in against if not name.startswith("yours:"))
        raise UnanswerableError(
            "a figure contradicts what is published",
            where=f"{facts}, row {worst.partition(':')[2]}",
            got=f"{slack.max():.3f} million USD beyond what {others} allow",
            hint="Correct the row or leave it out.",
        )
    return model


@lru_cache(maxsize=20_000)
def extremes(model: Identified, terms: Terms) -> tuple[End, End]:
    """Return the least and the greatest value of a sum, remembered."""
    return model.range_of(terms)


@lru_cache(maxsize=5000)
def ratio_of(model: Identified, over: Terms, under: Terms) -> tuple[float, float]:
    """Return the least and the greatest ratio of two sums, remembered."""
    return model.ratio_of(over, under)
