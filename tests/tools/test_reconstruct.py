"""The committed panel: rebuilt, held to every usable figure, and shaped like customs files."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from nktrade._paths import DATA, PANEL
from nktrade.cli.site_furnishing import tabulate_errors
from nktrade.codes.classes import classify
from nktrade.published import (
    AGREES,
    CORRECTED,
    compute,
    judge,
    load_documents,
    load_exchange_rates,
    load_figures,
    load_not_honoured,
    load_reported,
)
from nktrade.published.space import REMAINDER
from nktrade.store import load
from nktrade.table.mirrors import mirror
from nktrade.table.periods import parse_period
from nktrade.table.rows import check_trade
from tools.reconstruct import errors as error_tools
from tools.reconstruct import panel as panel_tools
from tools.reconstruct import prior as prior_tools
from tools.reconstruct import tons as tons_tools

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
    return panel_tools.build()[0]


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
    return abs(got - wanted * unit) <= half * unit + ROUNDING


def bounds_of(row: pd.Series) -> tuple[float, float]:
    """What a reported total allows, in dollars."""
    value = row["value"] if pd.isna(row["reading"]) else row["reading"]
    low, high = value - row["half_unit"], value + row["half_unit"]
    if row["currency"] == "USD":
        return low, high
    rates = load_exchange_rates()
    rates = rates.loc[row["period"] if row["period"] in rates.index else row["period"][:4]]
    return low / rates["high"], high / rates["low"]


def total_agrees(korea: pd.DataFrame, row: pd.Series) -> bool:
    low, high = bounds_of(row)
    if LEDGER.loc[row.name, "statistic"] == "goods":  # less what headlines hold beyond goods
        korea = korea[korea["hs"] != REMAINDER]
    got = float(sum_panel(korea, row[["flow"]], row["period"]).sum())
    return low - ROUNDING <= got <= high + ROUNDING


# --- what is committed -----------------------------------------------------------------------


def test_manifest_holds_the_sha256_of_the_panel():
    noted = json.loads((DATA / "manifest.json").read_text())["reconstructed/panel.parquet"]
    assert noted["sha256"] == hashlib.sha256(PANEL.read_bytes()).hexdigest()
    assert noted["rows"] == len(pd.read_parquet(PANEL, columns=["hs"]))
    assert noted["status"] == "estimated"


def test_rebuilt_panel_is_the_committed_one(rebuilt):
    again = rebuilt
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


# --- agreement -------------------------------------------------------------------------------

LISTED = load_not_honoured()
LEDGER = load_figures()
#: Figures that bind, each within its interval.
HELD = LEDGER.index[LEDGER["honoured"] & ~LEDGER["sealed"]].difference(LISTED.index)
#: Readings that are ranges by themselves.
RANGES = pd.read_csv(DATA / "published" / "reading_ranges.csv", index_col="id")
#: Whole dollars along each month leave some dollars in a sum across it.
ROUNDING = 30


def test_enough_figures_are_held():
    assert len(money()) >= 195
    assert len(totals()) >= 184


@pytest.mark.parametrize("id_", money().index.intersection(HELD))
def test_panel_agrees_with_printed_value(id_, korea):
    figure = load_documents().loc[id_]
    figure["period"] = figure["period_reading"] or figure["period"]
    if figure["measure"].endswith("below"):  # words to be judged, which bind nothing
        return
    got = sum_panel(korea, figure, figure["period"]).sum()
    if figure["code"] == "intermediate":  # its classes leave out a quarter of the slide's total
        low = (figure["value"] - figure["half_unit"]) * DOLLARS[figure["unit"]]
        assert got >= low - ROUNDING
    elif id_ in RANGES.index:
        low, high = RANGES.loc[id_, ["low", "high"]]
        assert low - ROUNDING <= got <= high + ROUNDING
    else:
        assert agrees(korea, figure)


@pytest.mark.parametrize("id_", totals().index.intersection(HELD))
def test_panel_agrees_with_reported_total(id_, korea):
    assert total_agrees(korea, load_reported().loc[id_])


@pytest.mark.parametrize("id_", LISTED.index.intersection(totals().index))
def test_no_exception_is_stale(id_, korea):
    assert not total_agrees(korea, load_reported().loc[id_])


# --- shape -----------------------------------------------------------------------------------


def test_codes_are_valid_in_their_year(shared):
    official = pd.read_csv(shared / "reference/gacc/gacc_hs8_2015_2023.csv", dtype="str")
    valid = set(zip(official["hs8"], official["year"].astype(int), strict=True))
    used = load()[["hs", "period"]].assign(year=lambda t: t["period"].dt.year.clip(upper=2023))
    used = set(map(tuple, used[["hs", "year"]].drop_duplicates().to_numpy()))
    used -= {(REMAINDER, year) for year in range(2017, 2021)}  # a line since 2021
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


def covers(figure: pd.Series, panel: pd.DataFrame) -> pd.Series:
    """The rows of the panel, from China's side, that printed tons speak of."""
    inside = panel["hs"].str.startswith(tuple(figure["hs"].split())) & (
        panel["flow"] == figure["flow"]
    )
    inside &= panel["period"].between(figure["first"], figure["last"])
    return inside & (panel["province"].isin(figure["province"].split()) | (not figure["province"]))


def test_quantities_stand_only_where_print_has_tons():
    panel = load()
    printed = pd.Series(False, index=panel.index)
    for _, figure in tons_tools.read_tons().iterrows():
        if np.isfinite(figure["high"]):
            printed |= covers(figure, panel)
    assert panel["quantity"].notna().equals(printed)
    assert set(panel.loc[printed, "unit"]) == {"kg"}
    assert panel.loc[~printed, "unit"].isna().all()
    assert (panel.loc[printed, "quantity"] > 0).all()


def test_no_quantity_contradicts_a_print():
    """All tons that may bind, of documents and facts: within their rounding, or not stated."""
    panel = load()
    held = 0
    for id_, figure in tons_tools.read_tons().iterrows():
        rows = panel[covers(figure, panel)]
        if len(rows) and rows["quantity"].notna().all():
            tons = rows["quantity"].sum() / 1e3
            assert figure["low"] - 0.05 <= tons <= figure["high"] + 0.05, id_
            held += 1
    assert held >= 95


def test_what_was_printed_in_tons_has_money_near_what_a_ton_cost():
    """1.6 million tons of coal in August 2017, at 55 to 110 dollars; no page prints the money."""
    panel = load()
    coal = panel["hs"].str.startswith("2701") & (panel["period"] == "2017-08-01")
    rows = panel[coal & (panel["flow"] == "import")]
    assert 1.55e9 <= rows["quantity"].sum() <= 1.65e9
    assert 55 < 1e3 * rows["value"].sum() / rows["quantity"].sum() < 110


# --- the prior -------------------------------------------------------------------------------


def test_the_prior_repeats_no_printed_month():
    """As many months lie within a hundredth of a print as chance would have it."""
    figures = load_figures()
    months = figures[
        (figures["first"] == figures["last"])
        & figures["subject"].eq("total")
        & figures["measure"].eq("value")
        & figures["unit"].eq("USD")
        & figures["flow"].isin(["export", "import"])
        & figures["province"].eq("")
    ]
    near = []
    for flow, rows in months.groupby("flow"):
        levels = pd.read_csv(prior_tools.FOLDER / "levels.csv")
        levels = levels[levels["flow"] == prior_tools.TURNED[flow]]
        guess = prior_tools.read_level(levels, pd.DatetimeIndex(rows["first"])) * 1e6
        near += list(np.abs(np.log(guess / rows["value"])) < 0.01)
    assert len(near) > 150
    assert np.mean(near) < 0.05


def test_a_good_that_china_stopped_is_next_to_nothing_unless_it_was_printed(korea):
    exports = korea[korea["flow"] == "export"]

    def after(codes: tuple[str, ...], start: str) -> float:
        rows = exports["hs"].str.startswith(codes) & (exports["period"] >= start)
        return float(exports.loc[rows, "value"].sum())

    assert after(("2701",), "2017-11") < 0.2e6
    assert after(("2601",), "2018-01") < 0.2e6
    assert after(("7202",), "2018-01") > 50e6  # printed after its notice
    assert after(("5002",), "2022-01") > 10e6


def test_months_have_about_as_many_lines_as_customs_counted(korea):
    lines = korea.groupby(["flow", "period"])["hs"].nunique().unstack("flow")
    for flow, month, counted in (
        ("import", "2023-05", 1022),
        ("import", "2020-07", 648),
        ("import", "2021-07", 126),
        ("import", "2021-10", 217),
    ):
        assert lines.loc[pd.Timestamp(month), flow] == pytest.approx(counted, rel=0.5)


# --- errors ----------------------------------------------------------------------------------


def test_readme_quotes_the_errors_of_the_table():
    said = (DATA / "reconstructed" / "README.md").read_text(encoding="utf-8")
    assert tabulate_errors() in said
    table = pd.read_csv(DATA / "reconstructed" / "errors.csv", index_col="id")
    error = 100 * (table["predicted"] / table["published"] - 1)
    large = table["published"] > 1e6
    assert (error - table["error"])[large].abs().max() <= 0.01
    assert not set(table.index) & set(LISTED.index)


def test_a_block_holds_every_print_of_its_good():
    goods = LEDGER[LEDGER["hs"].str.fullmatch(r"\d{4,}") & LEDGER["first"].notna()]
    blocks = goods.apply(error_tools.name_block, axis=1)
    pairs = set(zip(goods["hs"].str[:4], blocks, strict=True))
    assert len(pairs) == goods["hs"].str[:4].nunique()
