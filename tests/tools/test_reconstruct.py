"""The committed panel: rebuilt, held to every usable figure, and shaped like customs files."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from nktrade._paths import DATA, PANEL
from nktrade.codes.classes import classify
from nktrade.published import (
    AGREES,
    CORRECTED,
    compute,
    judge,
    load_documents,
    load_exchange_rates,
    load_not_honoured,
    load_reported,
)
from nktrade.published.constraints import build_constraints
from nktrade.store import load
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_trade, mirror
from tools import reconstruct

DOLLARS = {"thousand USD": 1e3, "10 thousand USD": 1e4, "million USD": 1e6, "billion USD": 1e9}
KEY = ["period", "flow", "hs", "province"]


def inside(period: str) -> bool:
    """Whether a figure speaks of months that the panel covers."""
    if not period:
        return False
    window = parse_period(period)
    return window.first.year >= 2017 and window.last.year <= 2024


def money() -> pd.DataFrame:
    """Every printed money value within the panel's years and borders."""
    figures = load_documents()
    figures = figures[figures["unit"].isin(DOLLARS) & figures["period"].map(inside)]
    defined = figures["classification"].isin(["total", "HS4", "HS8", "industry", "bec"]) | (
        figures["code"] == "refractory_brick"
    )
    return figures[defined & figures["geography"].str.startswith("CHN") & (figures["flow"] != "")]


def totals() -> pd.DataFrame:
    table = load_reported()
    return table[table["period"].map(inside)]


@pytest.fixture(scope="module")
def korea():
    return mirror(load()).assign(signed=lambda t: t["value"].where(t["flow"] == "export", -t.value))


@pytest.fixture(scope="module")
def rebuilt():
    """The steps of `build`, kept apart."""
    cells = reconstruct.build_prior()
    months, rest = reconstruct.fit_months(cells, build_constraints(cells))
    solution = reconstruct.solve(cells, [*months, *rest])
    return cells, months, solution, reconstruct.build_panel(solution, cells)


def sum_panel(korea: pd.DataFrame, figure: pd.Series, period: str) -> pd.Series:
    """Monthly sums of what a figure speaks of, written without the package's own `rows_of`."""
    rows = korea[parse_period(period).covers(korea["period"])]
    if figure["flow"] in ("import", "export"):
        rows = rows[rows["flow"] == figure["flow"]]
    province = str(figure.get("geography", "CHN")).partition("-")[2]
    if province:
        rows = rows[rows["province"] == province]
    kind, code = figure.get("classification", "total"), figure.get("code", "")
    if kind in ("HS4", "HS8"):
        rows = rows[rows["hs"].str[: len(code)] == code]
    elif kind == "basket":
        rows = rows[rows["hs"].str[:4] == "6902"]
    elif kind in ("industry", "bec"):
        rows = rows[classify(rows, to=kind)[kind] == code]
    column = "signed" if figure["flow"] == "balance" else "value"
    return rows.groupby("period")[column].sum()


def agrees(korea: pd.DataFrame, figure: pd.Series) -> bool:
    """Whether the panel agrees within rounding with a printed money value or its reading."""
    unit, (measure, _, qualifier) = DOLLARS[figure["unit"]], figure["measure"].partition(" ")
    sums = sum_panel(korea, figure, figure["period"])
    if qualifier == "below":
        return bool((sums < figure["value"] * unit).all())
    got = float(sums.sum())
    if measure == "average":
        months = len(parse_period(figure["period"]).months)
        got /= months / 12 if months > 12 else months
    if pd.isna(figure["value"]):  # a printed dash
        return got == 0
    if qualifier == "about":
        return abs(got / unit / figure["value"] - 1) <= 0.1
    wanted, half = figure["value"], figure["half_unit"]
    if pd.notna(figure["reading"]):
        decimals = len(f"{figure['reading']:.10g}".partition(".")[2])
        half = max(half / abs(wanted) * abs(figure["reading"]), 0.5 * 10.0**-decimals)
        wanted = figure["reading"]
    return abs(got - wanted * unit) <= half * unit + 1


def bounds_of(row: pd.Series) -> tuple[float, float]:
    """What a reported total allows, in dollars."""
    value = row["value"] if pd.isna(row["reading"]) else row["reading"]
    low, high = value - row["half_unit"], value + row["half_unit"]
    if row["currency"] == "USD":
        return low, high
    rates = load_exchange_rates().loc[int(row["period"][:4])]
    if row["period"].startswith("2024"):
        return low / rates["cny_per_usd"], high / rates["cny_per_usd"]
    return low / rates["high"], high / rates["low"]


def total_agrees(korea: pd.DataFrame, row: pd.Series) -> bool:
    low, high = bounds_of(row)
    got = float(sum_panel(korea, row[["flow"]], row["period"]).sum())
    return low - 1 <= got <= high + 1


# --- what is committed -----------------------------------------------------------------------


def test_manifest_holds_the_sha256_of_the_panel():
    noted = json.loads((DATA / "manifest.json").read_text())["reconstructed/panel.parquet"]
    assert noted["sha256"] == hashlib.sha256(PANEL.read_bytes()).hexdigest()
    assert noted["rows"] == len(pd.read_parquet(PANEL, columns=["hs"]))
    assert noted["status"] == "estimated"


def test_rebuilt_panel_is_the_committed_one(rebuilt):
    *_, again = rebuilt
    committed = pd.read_parquet(PANEL)
    both = committed.astype(dict.fromkeys(KEY[1:], "str")).merge(
        again, on=KEY, how="outer", suffixes=("", "_again"), indicator=True
    )
    assert (both["_merge"] == "both").all()
    assert len(both) == len(committed) == len(again)
    assert (both["value"] - both["value_again"]).abs().max() <= 1
    for column in ("hs_edition", "status", "currency", "reporter", "partner"):
        assert (both[column].astype("str") == both[f"{column}_again"]).all()
    assert np.allclose(both["quantity"], both["quantity_again"], rtol=1e-6, equal_nan=True)


def test_rounding_lets_no_month_drift(rebuilt):
    cells, months, solution, panel = rebuilt
    exact = cells.assign(value=solution.x).groupby(["flow", "period"])["value"].sum()
    whole = mirror(panel).groupby(["flow", "period"])["value"].sum()
    exact = exact[exact >= 0.5]
    assert whole.index.equals(exact.index)
    assert (whole - exact).abs().max() <= 0.5 + 1e-6
    settled = {cells.loc[c.cells[0], ["flow", "period"]].pipe(tuple): c.lower for c in months}
    for month, total in settled.items():
        assert whole.get(month, 0.0) == pytest.approx(total, rel=2e-6, abs=210)


# --- agreement -------------------------------------------------------------------------------

LISTED = load_not_honoured()


def test_enough_figures_are_held():
    assert len(money()) >= 195
    assert len(totals()) >= 184


@pytest.mark.parametrize("id_", money().index.difference(LISTED.index))
def test_panel_agrees_with_printed_value(id_, korea):
    figure = load_documents().loc[id_]
    if f"{id_}:exact" in LISTED.index:  # held as a lower bound only
        low = (figure["value"] - figure["half_unit"]) * DOLLARS[figure["unit"]]
        assert sum_panel(korea, figure, figure["period"]).sum() >= low - 1
    else:
        assert agrees(korea, figure)


@pytest.mark.parametrize("id_", totals().index.difference(LISTED.index))
def test_panel_agrees_with_reported_total(id_, korea):
    assert total_agrees(korea, load_reported().loc[id_])


def test_every_exception_has_a_reason_and_exists():
    assert LISTED.index.is_unique
    assert (LISTED["reason"].str.len() > 30).all()
    known = set(load_documents().index) | set(load_reported().index)
    assert {str(id_).removesuffix(":exact") for id_ in LISTED.index} <= known


@pytest.mark.parametrize("id_", LISTED.index)
def test_no_exception_is_stale(id_, korea):
    name = id_.removesuffix(":exact")
    if name.startswith("reported"):
        assert not total_agrees(korea, load_reported().loc[name])
    elif name in money().index:
        assert not agrees(korea, load_documents().loc[name])
    else:  # a rate or share that is left out of the constraints
        figure = load_documents().loc[name]  # over the period that is meant it may hold
        assert judge(figure, compute(figure, korea)) != AGREES


# --- shape -----------------------------------------------------------------------------------


def test_codes_are_valid_in_their_year(shared):
    official = pd.read_csv(shared / "reference/gacc/gacc_hs8_2015_2023.csv", dtype="str")
    valid = set(zip(official["hs8"], official["year"].astype(int), strict=True))
    used = load()[["hs", "period"]].assign(year=lambda t: t["period"].dt.year.clip(upper=2023))
    used = set(map(tuple, used[["hs", "year"]].drop_duplicates().to_numpy()))
    assert sorted(used - valid) == []


def test_provinces_exist(shared):
    official = pd.read_csv(shared / "reference/gacc/gacc_provinces.csv", dtype="str")
    assert set(load()["province"]) <= set(official["code"])


def test_shape_is_that_of_the_customs_files():
    panel = load()
    check_trade(panel)
    assert panel["hs"].dtype == "str"
    assert panel["hs"].str.fullmatch(r"\d{8}").all()
    assert panel["province"].dtype == "str"
    assert set(panel["reporter"]) == {"CHN"}
    assert set(panel["partner"]) == {"PRK"}
    assert set(panel["currency"]) == {"USD"}
    assert panel["status"].str.contains("estimated").all()
    assert (panel["value"] == panel["value"].round()).all()
    year = panel["period"].dt.year
    assert year.min() == 2017
    assert year.max() == 2024
    assert set(panel.loc[year <= 2021, "hs_edition"]) == {"HS2017"}
    assert set(panel.loc[year >= 2022, "hs_edition"]) == {"HS2022"}


def test_january_and_february_2020_are_one_release():
    panel = load()
    combined = panel[panel["status"].str.contains("combined")]
    assert set(combined["period"]) == {pd.Timestamp("2020-02-01")}
    assert set(combined["flow"]) == {"export", "import"}
    assert not (panel["period"] == pd.Timestamp("2020-01-01")).any()
    assert (panel.loc[panel["period"] == "2020-02-01", "status"] == "combined, estimated").all()


def test_perspective_is_chinas():
    """China sells more than it buys; coal and finished wigs go the other way."""
    panel = load()
    by_flow = panel.groupby("flow")["value"].sum()
    assert by_flow["export"] > 2 * by_flow["import"]
    for code in ("2701", "6704"):
        sums = panel[panel["hs"].str.startswith(code)].groupby("flow")["value"].sum()
        assert sums["import"] > 5 * sums.get("export", 0.0)
    printed = panel[(panel["flow"] == "export") & (panel["period"] == "2020-09-01")]["value"].sum()
    assert printed == pytest.approx(18.88e6, abs=6e3)  # Brown: North Korea's imports


def tons() -> pd.DataFrame:
    figures = load_documents(classification="HS4")
    printed = figures["unit"].str.contains("tons") & figures["period"].map(inside)
    return figures[printed & figures["measure"].isin(["quantity", "average"])]


@pytest.mark.parametrize("id_", tons().index)
def test_quantities_reproduce_the_printed_tons(id_, korea):
    figure = tons().loc[id_]
    assert judge(figure, compute(figure, korea)) in (AGREES, CORRECTED)


def test_quantities_stand_only_where_a_document_prints_one(korea):
    printed = pd.Series(False, index=korea.index)
    for _, figure in tons().iterrows():
        window = parse_period(figure["period"])
        printed |= (
            (korea["flow"] == figure["flow"])
            & korea["hs"].str.startswith(figure["code"])
            & window.covers(korea["period"])
        )
    assert korea["quantity"].notna().equals(printed)
    assert set(korea.loc[printed, "unit"]) == {"kg"}
    assert korea.loc[~printed, "unit"].isna().all()


# --- leave-one-out ---------------------------------------------------------------------------


def test_leave_one_out_table_can_be_computed_again(rebuilt):
    committed = pd.read_csv(
        DATA / "reconstructed" / "errors.csv", index_col="id", dtype={"code": "str"}
    )
    wanted = ["kiep2020h1:33", "reported:10"]  # one that hangs on the prior, one that does not
    places = [committed.index.get_loc(id_) for id_ in wanted]
    again = reconstruct.leave_one_out(rebuilt[0], progress=lambda ns: [ns[i] for i in places])
    assert again.index.tolist() == wanted
    for id_ in wanted:
        assert again.loc[id_, "published"] == committed.loc[id_, "published"]
        assert again.loc[id_, "error"] == pytest.approx(committed.loc[id_, "error"], abs=0.1)


def test_leave_one_out_table_covers_every_value_held():
    committed = pd.read_csv(DATA / "reconstructed" / "errors.csv", index_col="id")
    reported = [id_ for id_ in totals().index if id_ not in LISTED.index]
    assert set(reported) <= set(committed.index)
    assert not set(committed.index) & set(LISTED.index)
    error = 100 * (committed["predicted"] / committed["published"] - 1)
    assert (error - committed["error"]).abs().max() <= 0.01


def test_readme_quotes_the_errors_of_the_table():
    table = pd.read_csv(
        DATA / "reconstructed" / "errors.csv", index_col="id", dtype={"code": "str"}
    )
    alone = table[table["others"] == 0]
    goods = alone["code"].notna()
    provinces = ~goods & alone["geography"].str.contains("-")
    said = (DATA / "reconstructed" / "README.md").read_text(encoding="utf-8")
    for name, rows in {
        "all that stand alone": alone,
        "totals of trade": alone[~goods & ~provinces],
        "provinces": alone[provinces],
        "goods": alone[goods],
    }.items():
        sizes = rows["error"].abs().quantile([0.25, 0.5, 0.75, 1.0])
        shown = " | ".join(f"{size:.1f}" for size in sizes)
        assert f"| {name} | {len(rows)} | {shown} |" in said
    assert f"Of {len(table)} figures, {(table['others'] > 0).sum()} are" in said
    assert f"lists {len(LISTED)} entries" in said
