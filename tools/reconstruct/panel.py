"""The default panel: China-North Korea trade by month, tariff line and province, estimated.

A written prior (data/reconstructed/prior) is moved as little as possible, in cross-entropy, until
it agrees within rounding with every usable published figure. It is not customs microdata: every
row says "estimated". Rebuild it with ``python -m tools.reconstruct``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from nktrade._paths import DATA, PANEL
from nktrade.codes.hs import edition_of_year
from nktrade.errors import UnanswerableError
from nktrade.published import UNITS, load_documents, load_reported
from nktrade.published.constraints import FIRST_YEAR, LAST_YEAR, Constraint, build_constraints
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_trade
from tools.reconstruct.entropy import Problem, Solution

FOLDER = DATA / "reconstructed"
SOURCE = "nktrade reconstruction"

#: A month of little trade is spread over few lines: about one line for each of these dollars.
DOLLARS_A_LINE = 2500.0

#: Dollars to stay inside each interval, so that rounding to whole dollars cannot leave it.
MARGIN = 2000.0

#: Share of a year's imports that falls in each month, January to December, relative to an even
#: spread: fertiliser and seed move before planting, apples after harvest.
SEASONS = {
    "": np.ones(12),
    "spring": np.array([0.6, 1.4, 2.6, 2.6, 1.8, 1.0, 0.5, 0.3, 0.2, 0.3, 0.3, 0.4]),
    "autumn": np.array([1.4, 1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.5, 1.2, 1.8, 1.7, 1.4]),
}


def build_prior() -> pd.DataFrame:
    """Spread the written prior over months, tariff lines and provinces.

    Returns
    -------
    pandas.DataFrame
        One row a cell: period, flow (North Korea's side), hs (8 digits), hs_edition, province,
        prior (USD), status. January and February 2020 are one cell, at February, "combined".
    """
    read = {
        name: pd.read_csv(FOLDER / "prior" / f"{name}.csv", dtype={"hs4": "str", "hs8": "str"})
        for name in ("items", "profiles", "mixes", "months", "lines")
    }
    years = [str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    items = read["items"].fillna({"season": ""})
    profiles = read["profiles"].melt(["flow", "profile"], years, "year", "level")
    mixes = read["mixes"].astype({"province": "str"})
    mixes = mixes.melt(["flow", "mix", "province"], years, "year", "part")
    cells = items.merge(profiles, on=["flow", "profile"], validate="m:m")
    cells = cells.merge(_lines(read["lines"], items), on=["hs4", "year"])
    cells = cells.merge(mixes, on=["flow", "mix", "year"])
    totals = read["months"].melt(["flow", "year"], var_name="month", value_name="total").dropna()
    totals = totals.astype({"year": "str", "month": "int64"})
    cells = cells.merge(totals, on=["flow", "year"])
    season = pd.DataFrame(SEASONS).T
    row = season.index.get_indexer(pd.Index(cells["season"]))
    seasonal = season.to_numpy()[row, cells["month"].to_numpy() - 1]
    cells["prior"] = cells["base"] * cells["level"] * cells["part"] * cells["share"] * seasonal
    cells = cells[cells["prior"] > 0]
    cells = _thin(cells)
    scale = (
        cells["total"] * 1e6 / cells.groupby(["flow", "year", "month"])["prior"].transform("sum")
    )
    cells["prior"] *= scale
    cells["period"] = pd.to_datetime(cells[["year", "month"]].astype("int64").assign(day=1))
    cells["hs"] = cells["hs8"]
    editions = {year: edition_of_year(int(year)) for year in years}
    cells["hs_edition"] = cells["year"].map(editions).astype("str")
    combined = cells["period"] == pd.Timestamp("2020-02-01")
    cells["status"] = np.where(combined, "combined, estimated", "estimated")
    columns = ["period", "flow", "hs", "hs_edition", "province", "prior", "status"]
    return cells[columns].sort_values(columns[:5], ignore_index=True)


def _lines(lines: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Tariff lines valid in each year with their shares; a small heading keeps its first line."""
    base = lines["hs4"].map(items.groupby("hs4")["base"].max())
    named = lines["hs4"].isin(["3004", "3002", "1006"])  # printed in a document, or changed in 2018
    kept = lines[(base >= 20) | named | ~lines.duplicated(["hs4", "first_year"])]
    every = pd.DataFrame({"year": range(FIRST_YEAR, LAST_YEAR + 1)})
    grid = kept.merge(every, how="cross")
    grid = grid[(grid["year"] >= grid["first_year"]) & (grid["year"] <= grid["last_year"])]
    whole = grid.groupby(["hs4", "year"])["share"].transform("sum")
    grid = grid.assign(share=grid["share"] / whole, year=grid["year"].astype("str"))
    return grid[["hs4", "hs8", "year", "share"]]


def _thin(cells: pd.DataFrame) -> pd.DataFrame:
    """Keep the largest cells of each month, as many as its trade can plausibly fill."""
    month = ["flow", "year", "month"]
    rank = cells.groupby(month)["prior"].rank(ascending=False, method="first")
    limit = (cells["total"] * 1e6 / DOLLARS_A_LINE).clip(lower=12)
    return cells[rank <= limit].copy()


def fit_months(
    cells: pd.DataFrame, constraints: list[Constraint]
) -> tuple[list[Constraint], list[Constraint]]:
    """Settle the monthly totals first, on their own.

    Totals by month, year to date, half-year and year overlap so tightly that scaling them one by
    one crawls; as a small least-squares problem (about two hundred unknowns, relative to the
    prior) they are settled at once, and the cells then have one exact sum a month and flow.

    Returns
    -------
    list of Constraint, list of Constraint
        One "month" constraint for each flow and month, and the constraints that remain.

    Raises
    ------
    UnanswerableError
        If the totals contradict one another.
    """
    from scipy.optimize import LinearConstraint, minimize

    group = cells.groupby(["flow", "period"]).ngroup().to_numpy()
    size = np.bincount(group)
    prior = np.bincount(group, cells["prior"])
    imports = np.zeros(len(size), dtype=bool)
    imports[group[(cells["flow"] == "import").to_numpy()]] = True
    rows: list[np.ndarray] = []
    lower: list[float] = []
    upper: list[float] = []
    rest = []
    for constraint in constraints:
        inside = np.bincount(group[constraint.cells], minlength=len(size))
        if constraint.base is not None:
            then = np.bincount(group[constraint.base], minlength=len(size))
            sign = np.where(imports | (constraint.kind == "growth"), 1.0, -1.0)
            now, then = (inside > 0) * prior * sign, (then > 0) * prior * sign
            scale = now.sum()
            rows += [
                (now - constraint.upper * then) / scale,
                (now - constraint.lower * then) / scale,
            ]
            lower, upper = [*lower, -np.inf, 0.0], [*upper, 0.0, np.inf]
        elif constraint.kind == "value" and np.isin(inside / size, [0, 1]).all():
            margin = min(0.1 * (constraint.upper - constraint.lower), MARGIN)
            rows.append((inside > 0) * prior / constraint.upper)
            lower.append((constraint.lower + margin) / constraint.upper)
            upper.append((constraint.upper - margin) / constraint.upper)
        else:
            rest.append(constraint)
    fitted = minimize(
        lambda ratio: ((ratio - 1) ** 2).sum(),
        np.ones(len(size)),
        jac=lambda ratio: 2 * (ratio - 1),
        method="SLSQP",
        bounds=[(0.05, 20.0)] * len(size),
        constraints=LinearConstraint(np.array(rows), lower, upper),
        options={"maxiter": 500, "ftol": 1e-8},
    )
    if not fitted.success:
        raise UnanswerableError("the published totals contradict one another", got=fitted.message)
    months = [
        Constraint("month", "month", total, total, np.flatnonzero(group == n))
        for n, total in enumerate(prior * fitted.x)
    ]
    return months, rest


def solve(
    cells: pd.DataFrame, constraints: list[Constraint], start: np.ndarray | None = None
) -> Solution:
    """Find the values nearest to the prior that satisfy the constraints.

    Parameters
    ----------
    cells, constraints
        From `build_prior` and `fit_months`.
    start : numpy.ndarray, optional
        Multipliers to start from, one a constraint.
    """
    problem = Problem(cells["prior"].to_numpy(), [c.cells for c in constraints])
    bounds = np.array([(c.lower, c.upper) for c in constraints])
    width = np.where(np.isfinite(bounds[:, 1]), bounds[:, 1] - bounds[:, 0], 0.0)
    # Near the middle of what is printed, so that rates between two printed levels hold as well.
    inset = np.minimum(width * 0.47, 3 * MARGIN)
    lower = np.where(bounds[:, 0] <= 0, 0.0, bounds[:, 0] + inset)
    upper = bounds[:, 1] - inset
    exact = np.minimum(1e-6 * bounds[:, 0], MARGIN / 10)
    slack = np.where(width == 0, exact, 0.9 * inset)
    return problem.solve(lower, upper, slack=slack, start=start)


def build_panel(solution: Solution, cells: pd.DataFrame) -> pd.DataFrame:
    """Turn solved cells into a trade table as China declares it: whole dollars, HS8, province.

    Rounding runs along each month so that no sum drifts by more than a dollar; lines that round
    to nothing are left out. Quantities are given where a document prints one.
    """
    order = cells.assign(value=solution.x).sort_values(["flow", "period", "hs", "province"])
    running = order.groupby(["flow", "period"])["value"].cumsum().round()
    previous = running.groupby([order["flow"], order["period"]]).shift(fill_value=0.0)
    table = order.assign(value=running - previous)
    table = table[table["value"] > 0]
    table = table.assign(
        reporter="CHN",
        partner="PRK",
        flow=table["flow"].map({"import": "export", "export": "import"}),
        currency="USD",
        source=SOURCE,
    ).drop(columns="prior")
    table = _add_quantities(table.reset_index(drop=True))
    return (
        check_trade(table, SOURCE)
        .sort_values(["period", "flow", "hs", "province"])
        .reset_index(drop=True)
    )


def _add_quantities(table: pd.DataFrame) -> pd.DataFrame:
    """Kilograms at the unit value that makes a printed tonnage hold over its period."""
    figures = load_documents(classification="HS4")
    printed = figures["measure"].isin(["quantity", "average"]) & figures["unit"].str.contains(
        "tons"
    )
    quantity = pd.Series(np.nan, index=table.index)
    for _, figure in figures[printed].iterrows():  # `list_imposed` names them too
        window = parse_period(figure["period"])
        value = figure["value"] if pd.isna(figure["reading"]) else figure["reading"]
        tons = value * UNITS[figure["unit"]]
        if figure["measure"] == "average":
            tons *= window.years
        keep = table["hs"].str.startswith(figure["code"]) & window.covers(table["period"])
        keep &= table["flow"] == "export"
        quantity[keep] = (table["value"] / table.loc[keep, "value"].sum() * tons * 1000)[keep]
    unit = quantity.notna().map({True: "kg", False: None})
    return table.assign(quantity=quantity, unit=unit.astype("str"))


def build() -> pd.DataFrame:
    """Rebuild the panel from the prior and the published figures."""
    cells = build_prior()
    months, rest = fit_months(cells, build_constraints(cells))
    return build_panel(solve(cells, [*months, *rest]), cells)


def list_imposed(constraints: list[Constraint]) -> pd.DataFrame:
    """Name every figure that the panel was fitted to: columns id, kind.

    A page that finds the panel in agreement with one of them has tested nothing.
    """
    figures = load_documents(classification="HS4")
    tons = figures[figures["unit"].str.contains("tons")]
    named = [(c.id, c.kind) for c in constraints if c.kind != "rank"]
    named += [(str(id_), "quantity") for id_ in tons.index]
    return pd.DataFrame(named, columns=["id", "kind"]).drop_duplicates("id")


def write(panel: pd.DataFrame, path: Path = PANEL) -> str:
    """Write the panel as Parquet, record its sha256 in the data folder's manifest, return it."""
    for column in ("reporter", "partner", "flow", "hs", "hs_edition", "province", "currency"):
        panel = panel.astype({column: "category"})
    panel = panel.astype({"source": "category", "status": "category", "unit": "category"})
    panel.to_parquet(path, compression="zstd", index=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    note = {
        "sha256": digest,
        "rows": len(panel),
        "source": SOURCE,
        "status": "estimated",
        "command": "python -m tools.reconstruct",
    }
    manifest = path.parent.parent / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else {}
    entries[f"{path.parent.name}/{path.name}"] = note
    manifest.write_text(json.dumps(entries, indent=2) + "\n")
    return digest


def leave_one_out(cells: pd.DataFrame, progress=iter) -> pd.DataFrame:
    """Leave out each published money value in turn, reconstruct, and compare.

    A figure printed in two places, or implied by others, is predicted almost exactly; the error
    of a figure that stands alone shows how far the prior can be trusted.

    Parameters
    ----------
    cells : pandas.DataFrame
        From `build_prior`.
    progress : callable
        Wraps the list of figures, as tqdm does.

    Returns
    -------
    pandas.DataFrame
        Index `id`. Columns flow, period, geography, code, published, predicted (USD), error (in
        percent of the published value), others (figures that add up the same cells).
    """
    constraints = build_constraints(cells)
    months, rest = fit_months(cells, constraints)
    full = solve(cells, [*months, *rest])
    start = dict(zip([id(c) for c in rest], full.multipliers[len(months) :], strict=True))
    figures = pd.concat([load_documents(), load_reported()])
    same = pd.Series([hash(c.cells.tobytes()) for c in constraints])
    same = same.map(same.value_counts()) - 1
    rows = []
    for n in progress([n for n, c in enumerate(constraints) if c.kind == "value" and c.upper]):
        left_out = constraints[n]
        twins = {c for c in map(id, constraints) if c != id(left_out)}
        remaining = [c for c in constraints if id(c) in twins]
        others_months, others = fit_months(cells, remaining)
        warm = np.concatenate(
            [full.multipliers[: len(months)], [start.get(id(c), 0.0) for c in others]]
        )
        predicted = solve(cells, [*others_months, *others], warm).x[left_out.cells].sum()
        published = (left_out.lower + left_out.upper) / 2
        about = figures.loc[left_out.id]
        rows.append(
            {
                "id": left_out.id,
                "flow": about["flow"],
                "period": about["period"],
                "geography": about["geography"] if "kiep" in left_out.id else "CHN",
                "code": about["code"] if "kiep" in left_out.id else "",
                "published": round(published),
                "predicted": round(predicted),
                "error": round(100 * (predicted / published - 1), 2),
                "others": int(same[n]),
            }
        )
    return pd.DataFrame(rows).set_index("id")


def main() -> None:
    """Rebuild the panel; with ``--leave-one-out`` its error table too."""
    import click
    from tqdm import tqdm

    @click.command(help=main.__doc__)
    @click.option("--leave-one-out", "with_errors", is_flag=True, help="Also rebuild errors.csv.")
    def command(with_errors: bool) -> None:
        panel = build()
        imposed = list_imposed(build_constraints(build_prior()))
        imposed.to_csv(FOLDER / "imposed.csv", index=False)
        click.echo(f"{write(panel)}  {PANEL.name}, {len(panel):,} rows")
        if with_errors:
            errors = leave_one_out(build_prior(), progress=tqdm)
            errors.fillna("").to_csv(FOLDER / "errors.csv")
            click.echo(f"median absolute error {errors['error'].abs().median():.1f} %")

    command()
