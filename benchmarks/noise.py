"""Noise with known properties, for what must hold under each of them."""

from __future__ import annotations

import numpy as np

KINDS = ("normal", "t5", "t3", "AR 0.5", "AR 0.8", "shift")


def simulate(
    kind: str, random: np.random.Generator, series: int, months: int = 96, scale: float = 0.3
) -> np.ndarray:
    """Series by months: normal, Student's t, an AR(1), or one shift of five scales each."""
    size = (series, months)
    if kind.startswith("t"):
        return scale * random.standard_t(float(kind[1:]), size)
    noise = random.normal(size=size)
    if kind.startswith("AR"):
        share = float(kind.split()[1])
        noise[:, 0] /= np.sqrt(1 - share**2)
        for month in range(1, months):
            noise[:, month] += share * noise[:, month - 1]
    if kind == "shift":
        start = random.integers(12, months - 12, size=(series, 1))
        noise += 5 * random.choice([-1, 1], (series, 1)) * (np.arange(months) >= start)
    return scale * noise
