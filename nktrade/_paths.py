"""Where data, notebooks and texts lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _beside_or_inside(name: str) -> Path:
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name


DATA = _beside_or_inside("data")
PANEL = DATA / "reconstructed" / "panel.parquet"
NOTEBOOKS = _beside_or_inside("notebooks")
DOCS = _beside_or_inside("docs")
