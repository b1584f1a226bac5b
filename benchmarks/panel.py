"""Made-up trade of one country with many partners: common courses, own noise, no event."""

from __future__ import annotations

import numpy as np
import pandas as pd

PERIODS = pd.date_range("2017-01", periods=96, freq="MS")


def draw_panel(random: np.random.Generator, units: int = 40, share: float = 0.5) -> pd.DataFrame:
    """Draw 96 months of partners: two courses and a season shared in different measure, AR(1)."""
    count = len(PERIODS)
    courses = np.cumsum(random.normal(0, 0.05, (2, count)), axis=1)
    season = 0.2 * np.sin(2 * np.pi * np.arange(count) / 12)
    loads = random.uniform(0, 2, (units, 3))
    noise = random.normal(size=(units, count))
    noise[:, 0] /= np.sqrt(1 - share**2)
    for month in range(1, count):
        noise[:, month] += share * noise[:, month - 1]
    size = random.normal(16, 1.5, (units, 1))
    spread = random.uniform(0.05, 0.3, (units, 1))
    values = np.exp(size + loads @ np.vstack([courses, season]) + spread * noise)
    names = [f"P{n:02d}" for n in range(units)]
    wide = pd.DataFrame(values.T, PERIODS, names).rename_axis("period")
    return wide.melt(var_name="partner", ignore_index=False).reset_index()
