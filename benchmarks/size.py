"""How often tests reject what is true, and intervals hold it: ``python benchmarks/size.py [RUNS]``.

Simulates the design of the page on monthly trends (96 months, three breaks) under errors that
follow an AR(1), and prints the share of 5 percent tests that reject a true null and of 95 percent
intervals that hold the truth; then the share of quiet series in which a spike is seen. By chance
alone a share of .05 in 400 runs lies between .03 and .07.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from noise import KINDS, simulate

from nktrade.measures import find_spikes, fit_interruption

MONTHS = pd.date_range("2017-01", periods=96, freq="MS")
BREAKS = {"sanctions": "2017-09", "closure": "2020-02", "reopening": "2022-01"}


def draw_errors(share: float, random: np.random.Generator) -> np.ndarray:
    """A stationary AR(1) of 96 months with innovations of one."""
    errors = random.normal(size=len(MONTHS))
    errors[0] /= np.sqrt(1 - share**2)
    for month in range(1, len(errors)):
        errors[month] += share * errors[month - 1]
    return errors


def measure_interruption(share: float, runs: int) -> dict[str, float]:
    """Shares of true nulls rejected, and of true effects inside their intervals."""
    random = np.random.default_rng(int(100 * share))
    rejected, held = [], []
    for _ in range(runs):
        series = pd.DataFrame({"period": MONTHS, "value": 100 + draw_errors(share, random)})
        effects = fit_interruption(series, BREAKS, counterfactual_of="closure").effects
        for kind in ("level", "slope"):
            rejected.append((effects[f"{kind}_p"] < 0.05).to_numpy())
            low, high = effects[f"{kind}_low"], effects[f"{kind}_high"]
            held.append(((low <= 0) & (high >= 0)).to_numpy())
    return {"rejected": float(np.mean(rejected)), "covered": float(np.mean(held))}


def measure_spikes(kind: str, runs: int) -> float:
    """Share of quiet series of one kind of noise in which any month is called a spike."""
    noise = simulate(kind, np.random.default_rng(5), runs)
    tables = (pd.DataFrame({"period": MONTHS, "value": np.exp(13 + row)}) for row in noise)
    return float(np.mean([find_spikes(table)["spike"].any() for table in tables]))


def main(runs: int) -> None:
    print(f"interrupted series, {runs} runs each: 5 % tests that reject, 95 % intervals that hold")
    for share in (0.0, 0.36, 0.6, 0.8):
        found = measure_interruption(share, runs)
        print(f"  AR(1) {share:4}: {found['rejected']:.3f}  {found['covered']:.3f}")
    print("spikes: quiet series in which one is seen, at a stated 5 %")
    for kind in KINDS:
        print(f"  {kind:7}: {measure_spikes(kind, runs):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
