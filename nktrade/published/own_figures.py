"""Figures of a user's own, read from a CSV and checked cell by cell."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import pandas as pd

from nktrade.codes.hs import list_codes
from nktrade.errors import InputError, check_choice
from nktrade.published.figures import load_figures
from nktrade.table.periods import parse_period

#: As China declares them.
FLOWS = ("import", "export", "total", "balance")


def read_facts(file: Path) -> pd.DataFrame:
    """Read figures of a user's own, in the form of `load_figures`.

    Parameters
    ----------
    file : path
        A CSV with columns flow (as China declares it), period and value (USD); and, where they
        apply, hs (codes apart by a space), province, half_unit (half a unit of the last digit,
        by default 0.5) and qualifier ("above" or "below").

    Raises
    ------
    InputError
        With file, row and column, if a cell cannot be read.
    """
    try:
        table = pd.read_csv(file, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError("the figures cannot be read", where=str(file), got=str(error)) from None
    missing = [name for name in ("flow", "period", "value") if name not in table]
    if missing:
        raise InputError(
            f"the column {missing[0]!r} is missing",
            where=str(file),
            got=", ".join(map(str, table)),
        )
    rows = []
    for number, cells in enumerate(table.to_dict("records"), 1):
        where = f"{file}, row {number}"
        rows.append(_read_fact({str(name): str(cell) for name, cell in cells.items()}, where))
    ids = [f"yours:{number}" for number in range(1, len(rows) + 1)]
    frame = pd.DataFrame(rows, index=pd.Index(ids, name="id"))
    return frame.reindex(columns=load_figures().columns)


def _read_fact(cells: dict[str, str], where: str) -> dict[str, Any]:
    window = _tell(where, "period", parse_period, cells["period"])
    codes = _tell(where, "hs", list_codes, cells.get("hs", "").split())
    numbers = {"value": cells["value"], "half_unit": cells.get("half_unit") or "0.5"}
    amounts = {name: _tell(where, name, _number, text) for name, text in numbers.items()}
    flow, qualifier = cells["flow"], cells.get("qualifier", "")
    check_choice("flow", flow, FLOWS, where=f"{where}, column 'flow'")
    check_choice("qualifier", qualifier, ("", "above", "below"), where=where)
    low, high = amounts["value"] - amounts["half_unit"], amounts["value"] + amounts["half_unit"]
    return {
        **{"source": "yours", "flow": flow, "statistic": "goods" if codes else "headline"},
        **{"subject": "goods" if codes else "total", "hs": " ".join(codes)},
        **{"province": cells.get("province", ""), "period": cells["period"], "base_period": ""},
        **{"first": window.first, "last": window.last, "measure": "value", "unit": "USD"},
        **{"value": amounts["value"], "kind": "printed", "whole": "", "sealed": False},
        "low": 0.0 if qualifier == "below" and flow != "balance" else low,
        "high": inf if qualifier == "above" else high,
        **{"qualifier": qualifier, "honoured": True, "label": "your own figure"},
    }


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise InputError("not a number", got=repr(text)) from None


def _tell(where: str, column: str, read, text):
    try:
        return read(text)
    except InputError as error:
        raise InputError(
            error.subject,
            where=f"{where}, column {column!r}",
            expected=error.expected,
            got=error.got,
            hint=error.hint,
        ) from None
