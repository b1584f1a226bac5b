"""Made-up series and made-up forecasters, whose worth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.measures.forecasts import BENCHMARK


def draw_series(
    random: np.random.Generator, months: int = 96, wander: float = 0.05
) -> pd.DataFrame:
    """Trade as the page on forecasts makes it: a season, noise, and a level that wanders."""
    period = pd.date_range("2016-01", periods=months, freq="MS")
    level = 19 + np.cumsum(random.normal(0, 1, months)) * wander
    season = 0.2 * np.sin(2 * np.pi * period.month / 12)
    value = np.exp(level + season + random.normal(0, 0.1, months))
    return pd.DataFrame({"period": period, "value": value, "state": "reported"})


def roll_naive(series: pd.DataFrame, first: int, last: int, horizon: int = 12) -> pd.DataFrame:
    """Roll the seasonal naive through origins, as `roll_origins` does, at a hundredth of the time.

    Its mean is the month of the year before the origin, whatever the limits.
    """
    values = series["value"].to_numpy()
    parts = []
    for origin in range(first, last + 1):
        steps = np.arange(1, min(horizon, len(values) - 1 - origin) + 1)
        known = values[: origin + 1]
        parts.append(
            pd.DataFrame(
                {
                    "model": BENCHMARK,
                    "period": series["period"].to_numpy()[origin + steps],
                    "step": steps,
                    "mean": values[origin + steps - 12],
                    "origin": series["period"][origin],
                    "scale": np.abs(known[12:] - known[:-12]).mean(),
                    "value": values[origin + steps],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def draw_losses(random: np.random.Generator, step: int, origins: int) -> pd.DataFrame:
    """Two forecasters equally far off; errors `step` months ahead overlap in `step` - 1."""
    first = pd.date_range("2020-01-01", periods=origins, freq="MS")
    parts = []
    for model in (BENCHMARK, "other"):
        errors = np.convolve(random.normal(size=origins + step - 1), np.ones(step), "valid")
        parts.append(pd.DataFrame({"model": model, "origin": first, "mean": errors}))
    return pd.concat(parts, ignore_index=True).assign(step=step, value=0.0)
