"""Decide which published figures are not honoured: the fewest without which the rest agree.

No prior takes part. All figures of the ledger are asked to hold together and give way as little
as possible, which finds those in conflict. Of these as few as can be are left out (the minimum
cover of the infeasible sets: Chinneck, *Feasibility and Infeasibility in Optimization*, 2008), a
derived figure counting half, a figure of the documents one and a half, a later print a little
more. Each is written with its least slack against the figures that are honoured, and with those
that it contradicts.

The search stops after some minutes; where the list that stands costs less, without what contradicts
nothing any more, it is kept. ``python -m tools.decide_honoured`` writes
data/published/not_honoured.csv; with ``--mend`` it starts from the list alone, in seconds.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from nktrade._paths import DATA
from nktrade.errors import UnanswerableError
from nktrade.published import load_figures
from nktrade.published.contradictions import Contradictions
from nktrade.published.figure_rows import FIRST_YEAR, build_rows, make_space
from nktrade.published.identified import Identified

FILE = DATA / "published" / "not_honoured.csv"
SECONDS = 400.0


def decide(
    model: Identified, weights: pd.Series, listed: list[str], search: bool = True
) -> pd.DataFrame:
    """Return the figures that are not honoured.

    Parameters
    ----------
    model : Identified
        Of all figures.
    weights : pandas.Series
        What leaving out each figure costs, by id.
    listed : list of str
        The figures that are not honoured as the list stands.
    search : bool
        Whether to look for fewer.

    Returns
    -------
    pandas.DataFrame
        Index `id`; columns slack (million USD), against (the figures it contradicts).
    """
    slacks, numbers = Contradictions(model), defaultdict(list)
    for n, row in enumerate(model.rows):
        numbers[row.id].append(n)
    starts = [set(listed) & set(numbers)]
    if search:
        starts.append(_choose(slacks, _find_conflicts(slacks, numbers), weights))
    choices = []
    for start in starts:
        try:
            choices.append(_put_back(slacks, numbers, start, weights))
        except UnanswerableError:  # new figures contradict each other beyond the list
            if not search:
                raise
    out = min(choices, key=lambda some: weights[sorted(some)].sum())
    held = [n for id_, some in numbers.items() if id_ not in out for n in some]
    rows = []
    for id_ in sorted(out):
        needed, against = slacks.least_slack(numbers[id_], held)
        others = [name for name in against if name != id_]
        rows.append({"id": id_, "slack": needed.max(), "against": " ".join(others)})
    return pd.DataFrame(rows, columns=["id", "slack", "against"]).set_index("id")


def _put_back(
    slacks: Contradictions, numbers: dict[str, list[int]], out: set[str], weights: pd.Series
) -> set[str]:
    """Return what must stay out: whatever contradicts nothing that is honoured is honoured too."""
    held = [n for id_, some in numbers.items() if id_ not in out for n in some]
    slack, _ = slacks.least_slack([n for id_ in sorted(out) for n in numbers[id_]], held)
    left = {id_ for id_ in out if slack[numbers[id_]].any()}
    held += [n for id_ in sorted(out - left) for n in numbers[id_]]
    for id_ in sorted(left, key=lambda id_: (-weights[id_], id_)):
        if not slacks.least_slack(numbers[id_], held)[0].any():
            held += numbers[id_]
            left.discard(id_)
    return left


def _find_conflicts(slacks: Contradictions, numbers: dict[str, list[int]]) -> list[str]:
    """Return every figure that gives way in the least slack, or that one of them contradicts."""
    slack, together = slacks.least_slack()
    gives = {id_ for id_, some in numbers.items() if slack[some].any()}
    held = [n for id_, some in numbers.items() if id_ not in gives for n in some]
    found = gives | set(together)
    for id_ in sorted(gives):
        found |= set(slacks.least_slack(numbers[id_], held)[1])
    return sorted(found)


def _choose(slacks: Contradictions, ids: list[str], weights: pd.Series) -> set[str]:
    """Leave out as few as can be: one switch a figure, which opens its intervals."""
    told, matrix, limits = slacks.sides
    switch = {id_: n for n, id_ in enumerate(ids)}
    side = np.array([switch.get(row.id, -1) for row, _, _ in told])
    opens = np.flatnonzero(side >= 0)
    far = 2 * np.maximum(slacks.scale[slacks.side_rows[opens]], 1.0)
    columns = sp.csr_array((-far, (opens, side[opens])), shape=(len(told), len(ids)))
    unknowns, months = matrix.shape[1], slacks.model.sums.shape[0]
    found = milp(
        np.concatenate([np.zeros(unknowns), weights[ids].to_numpy()]),
        constraints=[
            LinearConstraint(sp.hstack([matrix, columns], format="csr"), -np.inf, limits),
            LinearConstraint(
                sp.hstack([slacks.model.sums, sp.csr_array((months, len(ids)))], format="csr"),
                0.0,
                0.0,
            ),
        ],
        integrality=np.concatenate([np.zeros(unknowns), np.ones(len(ids))]),
        bounds=Bounds(0.0, np.concatenate([np.full(unknowns, np.inf), np.ones(len(ids))])),
        options={"time_limit": SECONDS},
    )
    print(f"left out {found.fun:.1f}, at least {found.mip_dual_bound:.1f} ({len(ids)} in conflict)")
    return {id_ for id_, shut in zip(ids, found.x[unknowns:], strict=True) if shut > 0.5}


def main(search: bool = True) -> None:
    """Decide, and write the list in the order of the ledger."""
    figures = load_figures()
    usable = figures[figures["honoured"]]
    space = make_space(usable)
    weights = pd.Series(1.0, usable.index)
    weights[usable["kind"].eq("derived")] = 0.5
    weights[usable["source"].eq("documents")] = 1.5
    # Of two that contradict each other, the later print holds what was revised since.
    years = pd.to_numeric(usable["vintage"].str[:4], errors="coerce").fillna(FIRST_YEAR)
    weights += 0.005 * (years - FIRST_YEAR)
    listed = list(pd.read_csv(FILE)["id"])
    found = decide(Identified(space, build_rows(space, usable)), weights, listed, search)
    order = [id_ for id_ in usable.index if id_ in found.index]
    found.loc[order].round(6).to_csv(FILE)
    print(f"{len(found)} figures are not honoured: {FILE.name}")


if __name__ == "__main__":
    main(search="--mend" not in sys.argv)
