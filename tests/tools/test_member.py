"""The committed panel is a member of the set that the honoured figures leave."""

import numpy as np
import pandas as pd
import pytest

from nktrade.published.honoured import load_identified
from nktrade.published.panel_points import _point_of
from nktrade.published.panel_support import FILE, read_answers
from nktrade.published.space import FLOWS, REMAINDER, UNSPECIFIED
from nktrade.store import load

#: Million USD: whole dollars along each month leave some dollars in a sum across it.
ROUNDING = 30e-6


@pytest.fixture(scope="module")
def sums():
    """Add the panel up by the set's unknowns: atoms, then the totals of the flows' months."""
    model, panel = load_identified(), load()
    space = model.space
    known = dict(zip(space.leaves["code"], space.leaves["group"], strict=True))

    def find_group(line: str) -> int:
        code = UNSPECIFIED if line == REMAINDER else line
        while code not in known:
            code = code[:-1]
        return known[code]

    rest = len(space.provinces) - 1
    cell = model.atom[
        panel["flow"].map({flow: n for n, flow in enumerate(FLOWS)}),
        panel["hs"].map({line: find_group(line) for line in panel["hs"].unique()}),
        panel["province"]
        .map({name: n for n, name in enumerate(space.provinces)})
        .fillna(rest)
        .astype(int),
        space.months.get_indexer(pd.DatetimeIndex(panel["period"])),
    ]
    assert (cell >= 0).all()
    atoms = np.bincount(cell, panel["value"] / 1e6, minlength=len(model.size))
    return model, np.append(atoms, model.sums[:, : len(atoms)] @ atoms)


def test_the_panel_lies_inside_every_honoured_interval(sums):
    model, table = sums
    months = model.space.months
    ours = (months.year >= 2017) & (months.year <= 2024)
    one_release = (months == "2020-01-01") | (months == "2020-02-01")
    found = model.matrix @ table
    checked = 0
    for row, value in zip(model.rows, found, strict=True):
        whole = all(
            not block.months[~ours].any()
            and block.months[one_release].all() == block.months[one_release].any()
            for _, block in row.terms
        )
        if whole:
            scale = max(abs(weight) for weight, _ in row.terms)
            assert row.low - scale * ROUNDING <= value <= row.high + scale * ROUNDING, row.id
            checked += 1
    assert checked > 1000


def test_the_panel_lies_inside_what_print_allows_forread_answers_questions():
    asked = [one for one in read_answers() if one.window.first.year >= 2017]
    asked = [one for one in asked if one.window.last.year <= 2024]
    few = np.random.default_rng(0).choice(len(asked), 400, replace=False)
    assert FILE.exists()
    checked = 0
    for one in [asked[n] for n in few]:
        point = _point_of(one)
        if np.isfinite(point):
            low, high, _ = read_answers()[one]
            assert low - 30 <= point <= high + 30, one
            checked += 1
    assert checked > 350
