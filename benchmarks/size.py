"""How often tests reject what is true, and intervals hold it.

``python benchmarks/size.py [RUNS] [PART…]`` simulates every test and interval that a page prints,
on that page's design, and writes ``docs/methods/size.csv`` and the table ``docs/methods/size.md``.
Without PART all parts are run; the rows of other parts are kept. 2,000 runs take about an hour of
one processor and leave a standard error of half a point on a rate of 5 percent.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.forecasts import draw_losses, draw_series, roll_naive
from benchmarks.noise import KINDS, simulate
from benchmarks.panel import PERIODS, draw_panel
from nktrade.measures import (
    adjust_season,
    calibrate_forecasts,
    compare_accuracy,
    compare_with_others,
    cross_correlate,
    find_spikes,
    fit_gravity,
    fit_interruption,
    scan_moves,
)
from nktrade.measures.seasons import WINDOWS

FOLDER = Path(__file__).parents[1] / "docs" / "methods"
MONTHS = pd.date_range("2017-01", periods=96, freq="MS")
BREAKS = {"sanctions": "2018-01", "closure": "2020-02", "reopening": "2022-01"}
JOINED = MONTHS.get_loc(pd.Timestamp("2020-02"))
SHARES = (0.0, 0.36, 0.6, 0.8)

Row = dict[str, object]


def rate(part: str, noise: str, what: str, stated: float, found: np.ndarray) -> Row:
    """One line of the table: a mean over runs and its standard error.

    `found` has one row a run; what one run says several times over counts once.
    """
    each = np.asarray(found, dtype=float).reshape(len(found), -1).mean(axis=1)
    error = each.std(ddof=1) / np.sqrt(len(each))
    return {
        "part": part,
        "noise": noise,
        "what": what,
        "stated": stated,
        "measured": each.mean(),
        "error": error,
        "runs": len(each),
    }


def draw_errors(share: float, random: np.random.Generator, months: int = 96) -> np.ndarray:
    """A stationary AR(1) with innovations of one."""
    errors = random.normal(size=months)
    errors[0] /= np.sqrt(1 - share**2)
    for month in range(1, months):
        errors[month] += share * errors[month - 1]
    return errors


def join_release(series: pd.DataFrame) -> pd.DataFrame:
    """January and February 2020 as customs released them: one number."""
    value, state = series["value"].copy(), series["state"].copy()
    value[JOINED] += value[JOINED - 1]
    value[JOINED - 1] = np.nan
    state[[JOINED - 1, JOINED]] = "combined"
    return series.assign(value=value, state=state)


def measure_interruption(runs: int) -> Iterator[Row]:
    """Monthly trends: 96 months, three breaks, two months released together; nothing happens."""
    for share in SHARES:
        random = np.random.default_rng(int(100 * share))
        rejected, band, gaps, years = [], [], [], []
        for _ in range(runs):
            errors = 100 + draw_errors(share, random)
            series = pd.DataFrame({"period": MONTHS, "value": errors, "state": "reported"})
            fit = fit_interruption(join_release(series), BREAKS, counterfactual_of="closure")
            rejected.append((fit.effects[["level_p", "slope_p"]] < 0.05).to_numpy().ravel())
            expected = fit.table.dropna(subset="counterfactual")
            band.append(((expected["low"] <= 100) & (expected["high"] >= 100)).to_numpy())
            gaps.append(_holds(fit.sum_gap(), 0.0))
            years.append(_holds(fit.sum_gap("2020-02..2020-12"), 0.0))
        noise = f"AR(1) {share:g}"
        part = "interrupted series"
        yield rate(part, noise, "changes of level and slope: null rejected", 0.05, rejected)
        worst = np.array(rejected)[:, np.mean(rejected, axis=0).argmax()]
        yield rate(part, noise, "the change rejected most often of six", 0.05, worst)
        yield rate(part, noise, "counterfactual band holds the line", 0.95, band)
        yield rate(part, noise, "interval of the sum since the closure", 0.95, gaps)
        yield rate(part, noise, "interval of the sum of 2020", 0.95, years)


def _holds(found: pd.Series, truth: float) -> bool:
    return bool(found["low"] <= truth <= found["high"])


def measure_spikes(runs: int) -> Iterator[Row]:
    """Refractory bricks: one series of 96 months, quiet or with one month planted."""
    part = "spikes"
    for kind in KINDS:
        noise = np.exp(13 + simulate(kind, np.random.default_rng(5), runs))
        flagged = [find_spikes(_month(row))["spike"].any() for row in noise]
        yield rate(part, kind, "quiet series with a month flagged", 0.05, flagged)
    for scale in (0.15, 0.3):
        for times in (2, 4, 8):
            noise = np.exp(13 + simulate("normal", np.random.default_rng(6), runs // 4, 96, scale))
            noise[:, 50] *= times
            found = [find_spikes(_month(row))["spike"][50] for row in noise]
            what = f"a month of {times} times its level is found"
            yield rate(part, f"normal, {scale:g} in logs", what, np.nan, found)


def _month(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS, "value": values})


def measure_scan(runs: int) -> Iterator[Row]:
    """Spike scan: 100 goods of 96 months, all quiet or with ten months planted."""
    part, goods = "scan", [f"{n:04d}" for n in range(100)]
    cells = range(10), range(12, 92, 8)
    for kind in KINDS:
        random = np.random.default_rng(20)
        found = [_scan(np.exp(13 + simulate(kind, random, 100)), goods).any() for _ in range(runs)]
        yield rate(part, kind, "any month of quiet goods called unusual", 0.05, found)
    for kind in ("normal", "t5"):
        for times in (2, 4, 8):
            random = np.random.default_rng(21)
            false, power = [], []
            for _ in range(runs // 4):
                values = np.exp(13 + simulate(kind, random, 100))
                values[cells] *= times
                hits = _scan(values, goods)
                power.append(hits[cells].mean())
                false.append((hits.sum() - hits[cells].sum()) / max(hits.sum(), 1))
            yield rate(part, kind, f"false share, ten months of {times} times", 0.05, false)
            yield rate(part, kind, f"found of ten months of {times} times", np.nan, power)


def _scan(values: np.ndarray, goods: list[str]) -> np.ndarray:
    wide = pd.DataFrame(values, goods, MONTHS).rename_axis("heading")
    table = wide.melt(var_name="period", ignore_index=False).reset_index()
    scores = scan_moves(table, "heading").scores
    return scores.pivot(index="heading", columns="period", values="unusual").to_numpy(dtype=bool)


def measure_lags(runs: int) -> Iterator[Row]:
    """Correlations of two unrelated series, at one lag and at seven."""
    for kind in ("normal", "AR 0.5", "AR 0.8", "AR 0.95"):
        random = np.random.default_rng(4)
        ones, others = (simulate(kind, random, runs) for _ in range(2))
        for lags in (range(1), range(-3, 4)):
            found = [
                cross_correlate(pd.Series(a, MONTHS), pd.Series(b, MONTHS), lags)["together"].any()
                for a, b in zip(ones, others, strict=True)
            ]
            what = f"unrelated series called related, {len(lags)} lag{'s' * (len(lags) > 1)}"
            yield rate("correlation at lags", kind, what, 0.05, found)


def measure_forecasts(runs: int) -> Iterator[Row]:
    """Outlook: calibrated limits twelve months ahead, and the test against the benchmark."""
    part = "forecasts"
    inside: dict[tuple[int, int], list[bool]] = {}
    random = np.random.default_rng(18)
    for _ in range(2 * runs):
        at = int(random.integers(84, 96))  # any calendar month
        rolled = roll_naive(draw_series(random, 108), at - 36, at)
        last = rolled[
            (rolled["origin"] == rolled["origin"].max()) & rolled["step"].isin([1, 6, 12])
        ]
        for row in calibrate_forecasts(last, rolled).to_dict("records"):
            for level in (80, 95):
                held = row[f"low_{level}"] <= row["value"] <= row[f"high_{level}"]
                inside.setdefault((level, row["step"]), []).append(held)
    for (level, step), hits in sorted(inside.items()):
        what = f"limits by past errors, {step} month{'s' * (step > 1)} ahead"
        yield rate(part, "season, wandering level", what, level / 100, hits)
    for step in (1, 3, 12):
        for p, name in (("p", "fixed smoothing"), ("p_hln", "Harvey and others, for comparison")):
            random = np.random.default_rng(step)
            told = [compare_accuracy(draw_losses(random, step, 36))[p].iloc[0] for _ in range(runs)]
            what = f"equal forecasters told apart, {step} month{'s' * (step > 1)} ahead: {name}"
            stated = 0.05 if p == "p" or step == 1 else np.nan
            yield rate(part, "normal", what, stated, np.array(told) < 0.05)


def measure_others(runs: int) -> Iterator[Row]:
    """What the closure cost: no event in 40 partners; random partner and date, 24 months after."""
    part = "against all others"
    for method in ("synthetic", "difference"):
        random = np.random.default_rng(23)
        units, time, held = [], [], []
        for _ in range(runs // 2):
            months, at = draw_panel(random), int(random.integers(30, 72))
            unit, start = f"P{random.integers(40):02d}", f"{PERIODS[at]:%Y-%m}"
            end = f"{PERIODS[at + 23]:%Y-%m}"
            found = compare_with_others(months, unit, start, method=method, end=end)
            units.append(found.p_units <= 0.05)
            time.append(found.p_time <= 0.05)
            held.append(_holds(found.sum_gap(), 0.0))
        noise = "shared courses, AR(1) 0.5"
        yield rate(part, noise, f"{method}: rank among units rejects", 0.05, units)
        yield rate(part, noise, f"{method}: shifts in time reject", 0.05, time)
        yield rate(part, noise, f"{method}: interval of the sum", 0.95, held)


def measure_gravity(runs: int) -> Iterator[Row]:
    """Thirty partners, ten of them under a measure from the middle on that does nothing."""
    random = np.random.default_rng(24)
    flipped, plain = [], []
    for _ in range(runs // 2):
        months = draw_panel(random, units=30).query("period < '2019'")
        hit = (months["partner"] < "P10") & (months["period"] >= "2018")
        found = fit_gravity(months.assign(measure=hit.astype(float)), ["measure"])
        row = found.table.loc["measure"]
        flipped.append(row["p"] < 0.05)
        plain.append(2 * student.sf(abs(row["value"] / row["error"]), found.clusters - 1) < 0.05)
    noise, what = "shared courses, AR(1) 0.5", "a measure that does nothing, yet found"
    yield rate("gravity", noise, what, 0.05, flipped)
    yield rate("gravity", noise, f"{what}, by Student's t, for comparison", np.nan, plain)


def measure_seasons(runs: int) -> Iterator[Row]:
    """Seasons: eight years with a season and no effect of the New Year."""
    random = np.random.default_rng(25)
    rejected = []
    for _ in range(runs // 2):
        series = draw_series(random).assign(period=MONTHS)
        rejected.append((adjust_season(series).effects["p"] < 0.05).to_numpy())
    for at, window in enumerate(WINDOWS):
        told = np.array(rejected)[:, at]
        yield rate("seasons", "wandering level", f"no New Year, yet found: {window}", 0.05, told)


PARTS = {
    "interruption": measure_interruption,
    "spikes": measure_spikes,
    "scan": measure_scan,
    "lags": measure_lags,
    "forecasts": measure_forecasts,
    "others": measure_others,
    "gravity": measure_gravity,
    "seasons": measure_seasons,
}

HEAD = """# Do the tests keep their word?

A test at 5 percent should reject what is true in 5 of 100 cases, and an interval of 95 percent
hold the truth in 95. Here both are counted, on made-up data whose truth is known, in the design of
the page that prints them. Where the stated column is empty the rate is a power: how often something
that is there is found. Errors are standard errors of the simulation. Written by
`python benchmarks/size.py`; the numbers are in `size.csv`.
"""


def write_table(table: pd.DataFrame, folder: Path = FOLDER) -> None:
    """Write the rows as CSV, and as the Markdown that the site shows."""
    folder.mkdir(parents=True, exist_ok=True)
    table = table.round({"measured": 4, "error": 4})
    table.to_csv(folder / "size.csv", index=False, float_format="%.4f", lineterminator="\n")
    lines = [HEAD]
    for part, rows in table.groupby("part", sort=False):
        lines.append(f"## {str(part).capitalize()}\n")
        lines.append("| noise | what | stated % | measured % | error | runs |")
        lines.append("| --- | --- | ---: | ---: | ---: | ---: |")
        for row in rows.itertuples():
            stated = "" if pd.isna(row.stated) else f"{100 * row.stated:g}"
            numbers = f"{100 * row.measured:.1f} | {100 * row.error:.1f} | {row.runs:,}"
            lines.append(f"| {row.noise} | {row.what} | {stated} | {numbers} |")
        lines.append("")
    (folder / "size.md").write_text("\n".join(lines), encoding="utf-8")


def main(runs: int, parts: list[str], folder: Path = FOLDER) -> None:
    """Run the parts, and write each as soon as it is there."""
    for part in parts or PARTS:
        rows = pd.DataFrame(PARTS[part](runs))
        print(rows.to_string(index=False), flush=True)
        before = folder / "size.csv"
        kept = pd.read_csv(before) if before.exists() else rows.iloc[:0]
        kept = kept[~kept["part"].isin(rows["part"])]
        write_table(pd.concat([kept, rows], ignore_index=True), folder)


if __name__ == "__main__":
    words = sys.argv[1:]
    numbers = [int(word) for word in words if word.isdigit()]
    main(numbers[0] if numbers else 2000, [word for word in words if not word.isdigit()])
