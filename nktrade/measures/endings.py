"""When a trade stopped: the first month from which little or nothing follows for a long while."""

from __future__ import annotations

import pandas as pd

from nktrade.errors import UnanswerableError
from nktrade.table.completing import check_alone, check_every_month
from nktrade.table.periods import Window, parse_period
from nktrade.table.rows import check_columns


def find_stops(
    table: pd.DataFrame,
    by: str,
    *,
    reference: str | Window,
    residue: float = 0.05,
    quiet: int = 12,
) -> pd.DataFrame:
    """Find for each group when it stopped, and whether it came back.

    A group has stopped in the first month from which, for `quiet` known months in a row, its value
    stays below `residue` times its monthly mean of the reference period.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns *by*, period (every month), value, as `complete_months` returns it.
    by : str
        Column of the groups.
    reference : str or Window
        The period that says what a usual month is.
    residue : float
        Fraction of a usual month that still counts as stopped.
    quiet : int
        Months the stop must last. A stop in the last months of the data, too near their end to
        last so long, is not a stop.

    Returns
    -------
    pandas.DataFrame
        Index *by*. Columns usual (mean month of the reference), stopped and resumed (first month
        at or above the residue after the stop); missing where there is none.

    Raises
    ------
    UnanswerableError
        If the reference period does not lie inside the data.
    GapError
        If a group has a month twice (as of two flows) or not at all, or a value is of January and
        February together.

    Examples
    --------
    >>> months = pd.date_range("2017-01-01", periods=6, freq="MS")
    >>> table = pd.DataFrame({"what": "coal", "period": months, "value": [9.0, 9, 0, 0, 0, 8]})
    >>> found = find_stops(table, "what", reference="2017-01..2017-02", quiet=3)
    >>> found[["stopped", "resumed"]].map(lambda m: f"{m:%Y-%m}").loc["coal"].tolist()
    ['2017-03', '2017-06']
    """
    check_columns(table, [by, "period", "value"])
    check_every_month(table.sort_values([by, "period"]), [by])
    check_alone(table)
    window = parse_period(reference) if isinstance(reference, str) else reference
    first, last = table["period"].min(), table["period"].max()
    if window.first < first or window.last > last:
        raise UnanswerableError(
            "the reference period lies outside the data",
            expected=str(window),
            got=f"{first:%Y-%m} to {last:%Y-%m}",
            hint="Choose a reference inside the data, or import it: nktrade data import.",
        )
    rows = {}
    for group, part in table.groupby(by):
        values = part.set_index("period")["value"].sort_index()
        usual = values[window.covers(pd.DatetimeIndex(values.index))].mean()
        stopped, resumed = _find_stop(values, residue * usual, quiet) if usual > 0 else (None, None)
        rows[group] = (usual, stopped, resumed)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["usual", "stopped", "resumed"])
    found[["stopped", "resumed"]] = found[["stopped", "resumed"]].apply(pd.to_datetime)
    return found.rename_axis(by)


def _find_stop(values: pd.Series, floor: float, quiet: int) -> tuple:
    """First month of the first quiet run that is long enough, and the month that ends it."""
    low = values < floor  # an unknown month is not low
    run = (low != low.shift()).cumsum()
    for _, part in low[low].groupby(run[low]):
        if len(part) >= quiet:
            after = values[(values.index > part.index[-1]) & values.notna()]
            return part.index[0], (after.index[0] if len(after) else None)
    return None, None
