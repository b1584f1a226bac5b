"""How far the panel misses what it was not told: figures left out in blocks, twins and all.

A block is a whole good (every print of it, in every period, its shares and growth too) or, for
totals and provinces, a whole half-year. Blocks are drawn into folds by a hash of their names; the
prior is raked to all other figures, and each value and share of the fold is predicted. Nothing
that prints the same thing stays in, and no tons. The sealed figures of the ledger bind nothing
anywhere: they are predicted by all others.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from nktrade.published import load_figures
from nktrade.published.figure_rows import Row, Terms, build_rows, list_terms, list_whole
from nktrade.published.honoured import build_identified
from nktrade.published.identified import Identified
from nktrade.published.space import FLOWS
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import Window
from tools.reconstruct.nearest import Limits, rake
from tools.reconstruct.panel import FOLDER, MILLION, list_limits
from tools.reconstruct.prior import FIRST_YEAR, LAST_YEAR, read_prior
from tools.reconstruct.prior import sum_atoms as sum_prior

FOLDS = 10
#: Million USD below which the part of a share tells nothing of a band's width.
LEAST_PART = 0.1
#: Digits of a tariff line.
LINE = 8


def name_block(figure: pd.Series) -> str:
    """Return the block that a figure is left out with."""
    if figure["hs"]:
        return str(figure["hs"]).split()[0][:4]
    return f"{figure['first']:%Y}-H{1 + (figure['first'].month > 6)}"


def name_kind(figure: pd.Series) -> str:
    """Return the kind of cell that a figure is of."""
    if figure["measure"] == "share":
        return "a share"
    codes = figure["hs"].split()
    if codes and all(code.isdigit() and len(code) >= LINE for code in codes):
        return "a line"
    if figure["hs"]:
        one = figure["first"] == figure["last"]
        place = " of a province" if figure["province"] else ""
        return f"a good{place}, {'a month' if one else 'longer'}"
    what = "a province" if figure["province"] else "all goods"
    return f"{what}, {'a month' if figure['first'] == figure['last'] else 'longer'}"


def draw_fold(block: str) -> int:
    """Draw a block's fold by a hash of its name."""
    return int(hashlib.sha256(block.encode()).hexdigest(), 16) % FOLDS


def leave_out(progress=iter) -> pd.DataFrame:
    """Leave each block out, predict its figures, and compare.

    Parameters
    ----------
    progress : callable
        Wraps the folds, as tqdm does.

    Returns
    -------
    pandas.DataFrame
        Index `id`. Columns flow (North Korea's side), period, geography, code, published,
        predicted (USD, of shares percent), error (percent of the published value), others
        (figures that still print the same: none), kind, sealed.
    """
    model, ledger = build_identified(), load_figures()
    priors = {flow: read_prior(flow, model.space.months) for flow in FLOWS}
    limits, empty, kept = list_limits(model)
    start = np.where(empty, 0.0, sum_prior(priors, model.space, model.atom))
    rows = [model.rows[n] for n in kept]
    folds = np.array([draw_fold(name_block(ledger.loc[row.id])) for row in rows])
    found: list[tuple] = []
    for fold in progress(range(FOLDS)):
        inside, held = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        some = Limits(limits.matrix[held], limits.low[held], limits.high[held])
        atoms = rake(start, some, sweeps=60)
        found += _predict_values(rows, limits, inside, atoms)
        for id_ in dict.fromkeys(rows[n].id for n in inside):
            if ledger["measure"][id_] == "share":
                found += _predict_share(model, ledger.loc[id_], atoms)
    atoms = rake(start, limits, sweeps=60)
    found += [(*one, "yes") for one in _predict_sealed(model, ledger, atoms)]
    records = [_compare(ledger.loc[id_], id_, *ends) for id_, *ends in found]
    return pd.DataFrame([one for one in records if one]).set_index("id").sort_index()


def _predict_values(rows: list[Row], limits: Limits, inside: np.ndarray, atoms: np.ndarray):
    """Yield id, prediction and ends of each value among the rows of a fold."""
    for n in inside:
        printed = np.isfinite(limits.high[n]) and limits.low[n] + limits.high[n] > 0
        if rows[n].kind == "value" and len(rows[n].terms) == 1 and printed:
            predicted = float((limits.matrix[[n]] @ atoms)[0])
            yield rows[n].id, predicted, limits.low[n], limits.high[n], ""


def _compare(
    figure: pd.Series, id_: str, predicted: float, low: float, high: float, sealed: str
) -> dict[str, Any]:
    """Set a prediction beside its print; nothing beyond the years of the panel."""
    if figure["first"].year < FIRST_YEAR or figure["last"].year > LAST_YEAR:
        return {}
    published = (low + high) / 2
    scale = 1.0 if figure["measure"] == "share" else MILLION
    return {
        "id": id_,
        "flow": TURNED.get(figure["flow"], figure["flow"]),
        "period": figure["period"],
        "geography": f"CHN-{figure['province']}" if figure["province"] else "CHN",
        "code": figure["hs"],
        "published": round(published * scale, 2),
        "predicted": round(predicted * scale, 2),
        "error": round(100 * (predicted / published - 1), 2),
        "others": 0,
        "kind": name_kind(figure),
        "sealed": sealed,
    }


def _predict_share(model: Identified, figure: pd.Series, atoms: np.ndarray):
    """Return id, prediction and ends of a share, in percent; nothing where its part is minute."""
    window = Window(figure["first"], figure["last"])
    part, whole = (_add_up(model, one(figure, window), atoms) for one in (list_terms, list_whole))
    ends = [
        figure[f"read_{end}"] if pd.notna(figure["read_low"]) else figure[end]
        for end in ("low", "high")
    ]
    if not np.isfinite(ends[1]) or sum(ends) / 200 * whole < LEAST_PART:
        return []
    return [(figure.name, 100 * part / whole, *ends, "")]


def _add_up(model: Identified, terms: Terms, atoms: np.ndarray) -> float:
    """Add up the atoms of a figure's own sum, which cuts none of them."""
    total = 0.0
    for weight, one in terms:
        inside = model.atom[model.space.block(one).cells].ravel()
        total += weight * float(atoms[np.unique(inside[inside >= 0])].sum())
    return total


def _predict_sealed(model: Identified, ledger: pd.DataFrame, atoms: np.ndarray):
    """Yield id, prediction and ends of each sealed figure that the set's goods can tell."""
    sealed = ledger[ledger["sealed"] & ledger["kind"].eq("printed")]
    for id_ in sealed.index:
        try:
            rows = build_rows(model.space, sealed.loc[[id_]].assign(sealed=False))
        except ValueError:  # a good that no other figure tells apart
            continue
        for row in rows:
            if row.kind == "value" and len(row.terms) == 1 and np.isfinite(row.high):
                inside = model.atom[row.terms[0][1].cells].ravel()
                number = np.unique(inside[inside >= 0])
                if (np.bincount(inside[inside >= 0])[number] == model.size[number]).all():
                    yield id_, float(atoms[number].sum()), row.low, row.high


def main() -> None:
    """Write data/reconstructed/errors.csv."""
    from tqdm import tqdm

    table = leave_out(tqdm)
    table.to_csv(FOLDER / "errors.csv")
    for kind, rows in table.groupby("kind"):
        sizes = rows["error"].abs().quantile([0.25, 0.5, 0.75])
        print(f"{kind}: {len(rows)}, {' '.join(f'{size:.1f}' for size in sizes)}")


if __name__ == "__main__":
    main()
