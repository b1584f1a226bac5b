"""Two declarations of one flow made one, each side weighted by how far it is to be relied on.

As BACI (Gaulier and Zignago 2010) and the Growth Lab do: the importer's value is freed of freight,
the two sides' log difference is laid to both reporters, and the less a reporter is off from its
partners' books, the more its own figure counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.errors import InputError
from nktrade.table.rows import check_columns

#: A log difference beyond this (a factor of 20) is another good or another partner, not noise.
_TRIM = 3.0
#: Pairs of figures below which a reporter's reliability is the mean of all.
_FEW = 5


def reliability(pairs: pd.DataFrame) -> pd.Series:
    """Return each reporter's standard deviation of log errors, from figures that both sides have.

    Parameters
    ----------
    pairs : pandas.DataFrame
        exporter, importer (ISO3), fob and cif: one row a flow and good, as `compare_sides` of
        several pairs of countries gives them.

    Returns
    -------
    pandas.Series
        By ISO3 code: the square roots of non-negative variances whose sums by pair fit the squared
        log differences best (least squares). The smaller, the more reliable.

    Raises
    ------
    InputError
        If fewer than two flows have both sides.

    Examples
    --------
    >>> pairs = pd.DataFrame({"exporter": ["CHN", "CHN", "IND"], "importer": ["RUS", "IND", "RUS"],
    ...     "fob": [100.0, 50.0, 10.0], "cif": [110.0, 80.0, 20.0]})
    >>> reliability(pairs).idxmin()
    'IND'
    """
    from scipy.optimize import nnls

    both, gap = _gaps(pairs)
    reporters = sorted({*both["exporter"], *both["importer"]})
    place = {name: at for at, name in enumerate(reporters)}
    design = np.zeros((len(both), len(reporters)))
    rows = np.arange(len(both))
    design[rows, both["exporter"].map(place).to_numpy()] += 1
    design[rows, both["importer"].map(place).to_numpy()] += 1
    # Only sums by pair are seen: a little of the mean variance keeps single pairs apart evenly.
    squares = (gap - _margin(gap)) ** 2
    mean = max(squares.mean() / 2, 1e-12)
    held = np.sqrt(_FEW) * np.eye(len(reporters))
    wanted = np.append(squares, np.full(len(reporters), np.sqrt(_FEW) * mean))
    found, _ = nnls(np.vstack([design, held]), wanted)
    floor = mean / 100  # nobody is without error
    return pd.Series(np.sqrt(np.maximum(found, floor)), index=reporters, name="reliability")


def reconcile(pairs: pd.DataFrame, errors: pd.Series | None = None) -> pd.DataFrame:
    """Make one value of what both sides declare.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As for `reliability`; a side that says nothing is missing.
    errors : pandas.Series, optional
        What `reliability` returns of these or of more flows.

    Returns
    -------
    pandas.DataFrame
        The rows of `pairs` with value (FOB, in their currency), weight (of the exporter's figure,
        0 to 1) and sides ("both", "exporter" or "importer"). Where one side is silent the other
        counts alone, an importer's without freight.

    Raises
    ------
    InputError
        If no flow has both sides and no `errors` are given.

    Examples
    --------
    >>> pairs = pd.DataFrame({"exporter": ["CHN", "CHN"], "importer": ["RUS", "RUS"],
    ...     "fob": [100.0, 200.0], "cif": [110.0, 220.0]})
    >>> errors = pd.Series({"CHN": 0.1, "RUS": 0.1})
    >>> reconcile(pairs, errors)[["value", "weight", "sides"]].round(2).to_numpy().tolist()
    [[100.0, 0.5, 'both'], [200.0, 0.5, 'both']]
    """
    check_columns(pairs, ["exporter", "importer", "fob", "cif"])
    errors = reliability(pairs) if errors is None else errors
    _, gap = _gaps(pairs)
    margin = _margin(gap)
    usual = float(errors.median())
    own, other = (pairs[side].map(errors).fillna(usual) ** 2 for side in ("exporter", "importer"))
    weight = other / (own + other)
    fob = pairs["fob"].where(pairs["fob"] > 0)
    freed = pairs["cif"].where(pairs["cif"] > 0) / np.exp(margin)
    value = np.exp(weight * np.log(fob) + (1 - weight) * np.log(freed))
    sides = np.select([fob.notna() & freed.notna(), fob.notna()], ["both", "exporter"], "importer")
    return pairs.assign(
        value=value.fillna(fob).fillna(freed),
        weight=weight.where(fob.notna(), 0.0).where(freed.notna(), 1.0),
        sides=pd.array(sides, dtype="str"),
    )


def _gaps(pairs: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the flows that both sides have, and their log differences, outliers left out."""
    check_columns(pairs, ["exporter", "importer", "fob", "cif"])
    both = pairs[(pairs["fob"] > 0) & (pairs["cif"] > 0)]
    gap = np.log(both["cif"].to_numpy(dtype="float64") / both["fob"].to_numpy(dtype="float64"))
    near = np.abs(gap - (np.median(gap) if len(gap) else 0)) < _TRIM
    if near.sum() < 2:
        raise InputError("too few flows have both sides", expected="at least 2", got=str(len(both)))
    return both[near], gap[near]


def _margin(gap: np.ndarray) -> float:
    """Return the usual freight and insurance as a log ratio; never below nothing."""
    return max(float(np.median(gap)), 0.0)
