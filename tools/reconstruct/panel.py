"""The default panel: China-North Korea trade by month, tariff line and province, estimated.

A member of the set that the honoured figures leave (`nktrade.published.identified`), near a written
prior. It is not customs microdata: every row says "estimated". ``python -m tools.reconstruct``
builds it again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from nktrade._paths import DATA, PANEL
from nktrade.published.honoured import build_identified
from nktrade.published.identified import Identified
from nktrade.published.space import FLOWS
from nktrade.published.space import PANEL_SOURCE as SOURCE
from nktrade.table.compact import write_own
from nktrade.table.rows import check_trade
from tools.reconstruct.nearest import Limits, draw_in, rake, settle
from tools.reconstruct.prior import FIRST_YEAR, LAST_YEAR, Prior, edition, place, read_prior
from tools.reconstruct.prior import sum_atoms as sum_prior
from tools.reconstruct.tons import add_quantities, draw_money

FOLDER = DATA / "reconstructed"
MILLION = 1e6

#: Million USD to stay inside each interval, so that rounding to whole dollars cannot leave it.
MARGIN = 0.005
#: The same for rows that compare two sums, whose interval has no width.
MARGIN_OF_RATIO = 1e-4

#: Tariff lines in a month of so many million dollars: factor and power, near the counts that were
#: printed (648 lines at 66 million, 1,022 at 166, 126 at 17, 16 at 0.15; 108 imported at 10.7).
LINES = {"export": (10.0, 0.9), "import": (20.0, 0.6)}
#: Cells (line and province) for each line of a month.
PROVINCES_A_LINE = 1.7


def list_limits(model: Identified) -> tuple[Limits, np.ndarray, np.ndarray]:
    """Write a set's rows over its atoms alone; those that print nothing empty theirs.

    Returns
    -------
    Limits
    numpy.ndarray of bool
        Which atoms a printed nothing empties.
    numpy.ndarray of int
        The row of the set that each row of the limits is.
    """
    count = len(model.size)
    matrix = sp.csr_array(model.matrix[:, :count] + model.matrix[:, count:] @ model.sums[:, :count])
    low, high = (np.array([getattr(row, end) for row in model.rows]) for end in ("low", "high"))
    plain = np.array([row.kind in ("value", "zero") for row in model.rows])
    none = plain & (high <= 1e-7)
    empty = np.asarray(matrix[none].sum(axis=0)).ravel() > 0
    matrix = matrix @ sp.diags_array((~empty).astype(float))
    matrix.eliminate_zeros()
    kept = np.flatnonzero(~none & (np.diff(matrix.indptr) > 0))
    return Limits(sp.csr_array(matrix[kept]), low[kept], high[kept]), empty, kept


def find_margin(limits: Limits) -> np.ndarray:
    """Return how far each row is to be drawn in at most."""
    width = limits.high - limits.low
    return np.where(np.isfinite(width), np.minimum(0.45 * width, MARGIN), MARGIN_OF_RATIO)


def solve(model: Identified, prior: np.ndarray) -> np.ndarray:
    """Return atoms, million USD, near a prior and inside every honoured interval."""
    limits, empty, _ = list_limits(model)
    limits = draw_in(limits, find_margin(limits))
    return settle(rake(np.where(empty, 0.0, prior), limits), limits)


def spread(model: Identified, atoms: np.ndarray, priors: dict[str, Prior]) -> pd.DataFrame:
    """Spread atoms over tariff lines and provinces, as the prior has them.

    A month has about as many lines as customs printed for months of its size; where print says
    that something was traded there is a line for it in any case.

    Returns
    -------
    pandas.DataFrame
        Columns period, flow (China's), hs, province, value (USD, not rounded).
    """
    frames = []
    inside = model.space.months[
        (model.space.months.year >= FIRST_YEAR) & (model.space.months.year <= LAST_YEAR)
    ]
    for f, flow in enumerate(FLOWS):
        prior = priors[flow]
        group, places = place(prior, model.space)
        for month in inside:
            m = model.space.months.get_loc(month)
            atom = model.atom[f][np.ix_(group, places)][:, :, m]
            size = prior.size[:, m][:, None] * prior.parts[prior.mix][:, :, m]
            size = np.where(atom >= 0, size, 0.0)
            value = _fill(size, atom, atoms, LINES[flow])
            rows, columns = np.nonzero(value)
            frames.append(
                pd.DataFrame(
                    {
                        "period": month,
                        "flow": flow,
                        "hs": prior.lines[rows],
                        "province": np.array(prior.provinces)[columns],
                        "value": MILLION * value[rows, columns],
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def _fill(
    size: np.ndarray, atom: np.ndarray, atoms: np.ndarray, breadth: tuple[float, float]
) -> np.ndarray:
    """Return lines x provinces of one month, million USD."""
    known = np.where(atom >= 0, atom, 0)
    mass = np.bincount(known[atom >= 0], size[atom >= 0], minlength=len(atoms))
    # What the atoms make of the prior decides which lines are the largest.
    scale = np.divide(atoms, mass, out=np.zeros_like(atoms), where=mass > 0)
    wanted = size * scale[known]
    total = wanted.sum()
    count = int(np.clip(breadth[0] * total ** breadth[1], 1, len(size)))
    lines = _rank(wanted.sum(axis=1))[:count]
    keep = np.zeros(size.shape, bool)
    limit = int(PROVINCES_A_LINE * count)
    ranked = _rank(wanted[lines].ravel())[:limit]
    keep[lines[ranked // size.shape[1]], ranked % size.shape[1]] = True
    keep[lines, _blur(wanted[lines]).argmax(axis=1)] = True
    # Where an atom has kept no cell, its largest stands for it.
    order = _rank(wanted.ravel())
    order = order[(wanted.ravel()[order] > 0)]
    _, first = np.unique(known.ravel()[order], return_index=True)
    largest = order[first]
    held = np.bincount(known[keep], minlength=len(atoms)) > 0
    alone = largest[~held[known.ravel()[largest]]]
    alone = alone[atoms[known.ravel()[alone]] * MILLION >= 0.5]
    keep.ravel()[alone] = True
    mass = np.bincount(known[keep], size[keep], minlength=len(atoms))
    scale = np.divide(atoms, mass, out=np.zeros_like(atoms), where=mass > 0)
    return np.where(keep, size * scale[known], 0.0)


def _rank(amounts: np.ndarray) -> np.ndarray:
    """Return the places of amounts, the largest first and equal ones as they stand."""
    return np.argsort(-_blur(amounts), kind="stable")


def _blur(amounts: np.ndarray) -> np.ndarray:
    """Round to nine digits: what differs only by how a processor adds up is equal."""
    digits = 8 - np.floor(np.log10(np.where(amounts > 0, amounts, 1.0)))
    return np.round(amounts * 10.0**digits) / 10.0**digits


def build_panel(cells: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Turn cells into a trade table as China declares it: whole dollars, HS8, province.

    January and February 2020 were released together and are one row at February. Rounding runs
    along each month so that no sum drifts by more than a dollar; what rounds to nothing is left
    out. Quantities are given where print has tons; the figures they hold to come second.
    """
    both = cells["period"] == pd.Timestamp("2020-01-01")
    cells = cells.assign(period=cells["period"].mask(both, pd.Timestamp("2020-02-01")))
    keys = ["flow", "period", "hs", "province"]
    order = cells.groupby(keys, as_index=False, observed=True)["value"].sum()
    running = order.groupby(["flow", "period"])["value"].cumsum().round()
    previous = running.groupby([order["flow"], order["period"]]).shift(fill_value=0.0)
    table = order.assign(value=running - previous)
    table = table[table["value"] > 0]
    combined = table["period"] == pd.Timestamp("2020-02-01")
    editions = {month: edition(month) for month in table["period"].unique()}
    table = table.assign(
        reporter="CHN",
        partner="PRK",
        hs_edition=table["period"].map(editions).astype("str"),
        status=combined.map({True: "combined, estimated", False: "estimated"}),
        currency="USD",
        source=SOURCE,
    )
    table, held = add_quantities(table.reset_index(drop=True))
    order = ["period", "flow", "hs", "province"]
    return check_trade(table, SOURCE).sort_values(order).reset_index(drop=True), held


def build() -> tuple[pd.DataFrame, list[str]]:
    """Rebuild the panel from the prior and the published figures, and name the tons it holds."""
    model = draw_money(build_identified())
    priors = {flow: read_prior(flow, model.space.months) for flow in FLOWS}
    atoms = solve(model, sum_prior(priors, model.space, model.atom))
    return build_panel(spread(model, atoms, priors))


def list_imposed(model: Identified, tons: list[str]) -> pd.DataFrame:
    """Name every figure that the panel was fitted to: columns id, kind.

    A page that finds the panel in agreement with one of them has tested nothing.
    """
    named = [(row.id, row.kind) for row in model.rows]
    named += [(id_, "quantity") for id_ in tons]
    return pd.DataFrame(named, columns=["id", "kind"]).drop_duplicates("id")


def write(panel: pd.DataFrame, path: Path = PANEL) -> str:
    """Write the panel and its twin, record both in the data folder's manifest, return a sha256."""
    for column in ("reporter", "partner", "flow", "hs", "hs_edition", "province", "currency"):
        panel = panel.astype({column: "category"})
    panel = panel.astype({"source": "category", "status": "category", "unit": "category"})
    files = write_own(panel, path)
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    note = {
        "rows": len(panel),
        "source": SOURCE,
        "status": "estimated",
        "command": "python -m tools.reconstruct",
    }
    manifest = path.parent.parent / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else {}
    for file, digest in zip(files, digests, strict=True):
        entries[f"{path.parent.name}/{file.name}"] = {"sha256": digest, **note}
    manifest.write_text(json.dumps(entries, indent=2) + "\n")
    return digests[0]


def main() -> None:
    """Rebuild the panel, and the list of the figures that it was fitted to."""
    panel, tons = build()
    list_imposed(build_identified(), tons).to_csv(FOLDER / "imposed.csv", index=False)
    print(f"{write(panel)}  {PANEL.name}, {len(panel):,} rows")
