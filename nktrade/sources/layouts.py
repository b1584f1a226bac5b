"""What is said of a publisher's table: by the caller, or by a layout of a few lines of YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nktrade._paths import DATA
from nktrade.codes.hs import LABELS
from nktrade.errors import InputError, check_choice, shorten
from nktrade.files.parsing import load_yaml, read_text
from nktrade.table.rows import CURRENCIES, FLOWS

LAYOUTS = DATA / "layouts"
#: What a column may be. `export` and `import` are values of both flows in one row.
NAMES = (
    "period", "year", "month", "reporter", "partner", "flow", "hs", "value", "export", "import",
    "quantity", "unit", "quantity2", "unit2", "weight", "export_weight", "import_weight",
    "province", "regime",
)  # fmt: skip
#: What can be said, as `nktrade.sources.any_table.read_table` explains it: what each argument of
#: several kinds must be, and how that is told; the others are text.
_NUMBERS = {"level": (2, 10), "digits": (2, 10), "heading": (1, 1000), "scale": (1e-6, 1e12)}
_MAPPINGS = {"columns": (str, list, tuple), "words": (Mapping,), "leave_out": (list, tuple)}
ARGUMENTS = (
    *_MAPPINGS, *_NUMBERS, "layout", "reporter", "currency", "flow", "partner", "period", "edition",
    "weight_in", "unit", "add_up", "thousands", "decimal", "encoding", "rates",
)  # fmt: skip


def load_layout(layout: str | Path) -> dict[str, Any]:
    """Return what a layout says: some arguments of `nktrade.sources.any_table.read_table`.

    Raises
    ------
    InputError
        If there is no such layout, or it says something else.
    """
    known = {path.stem: path for path in LAYOUTS.glob("*.yml")}
    path = known.get(str(layout), Path(layout))
    if not path.is_file():
        check_choice("layout", str(layout), sorted(known), expected="a name or a YAML file")
    said = load_yaml(read_text(path, "the layout"), "the layout", path.name)
    if not isinstance(said, dict):
        raise InputError("the layout says nothing", where=path.name, expected="columns: …")
    for name in said:
        check_choice("argument", name, ARGUMENTS, where=path.name)
    _check_kinds(said, path.name)
    return {name: value for name, value in said.items() if value is not None}


def check_said(said: Mapping[str, Any], name: str) -> None:
    """Refuse at once what is said and cannot be, and what neither a column nor an argument says.

    Raises
    ------
    InputError
    """
    _check_kinds(said)
    columns = said.get("columns") or {}
    for column in columns:
        check_choice("column", str(column), NAMES, where="columns")
    _check_headings(columns)
    _check_complete(columns, said, name)
    if said.get("weight_in") is not None:
        check_choice("unit of weights", said["weight_in"], ("kg", "t"))
    if said.get("flow") is not None:
        check_choice("flow", said["flow"], FLOWS)
    if said.get("edition") is not None:
        check_choice("HS edition", said["edition"], LABELS)
    if said["currency"] not in CURRENCIES:
        _check_currency(said)


def _check_kinds(said: Mapping[str, Any], where: str = "") -> None:
    """Refuse the first argument that is not of its kind, wherever it was said."""
    for name, value in said.items():
        if value is None or (name == "add_up" and isinstance(value, bool)):
            continue
        wrong, expected = f"{name} is no text", "text"
        if name == "add_up":
            wrong, expected = f"{name} is neither true nor false", "true or false"
        elif name in _NUMBERS:
            low, high = _NUMBERS[name]
            wrong, expected = f"{name} is no number", f"a number from {low:g} to {high:g}"
            whole = name == "scale" or float(value).is_integer() if _is_number(value) else False
            if whole and low <= float(value) <= high:
                continue
        elif name in _MAPPINGS:
            wrong = f"{name} says nothing of columns"
            expected = "a name and what is said of it, as {hs: heading}"
            kinds = _MAPPINGS[name]
            if isinstance(value, Mapping) and all(
                isinstance(column, str) and isinstance(told, kinds) and told
                for column, told in value.items()
            ):
                continue
        elif isinstance(value, str | Path) and str(value):
            continue
        raise InputError(wrong, where=where, expected=expected, got=shorten(value))


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _check_headings(columns: Mapping[str, Any]) -> None:
    """Refuse one heading for two columns, and values of a flow beside values of both."""
    told: dict[str, str] = {}
    for ours, theirs in columns.items():
        for heading in [theirs] if isinstance(theirs, str) else theirs:
            other = told.setdefault(str(heading), ours)
            if other != ours:
                raise InputError(
                    "one heading is said to be two columns",
                    where="columns",
                    got=f"{heading!r} for {other!r} and {ours!r}",
                )
    if "value" in columns and {"export", "import"} & set(columns):
        raise InputError(
            "value beside export and import", where="columns", expected="one or the other"
        )


def _check_complete(columns: Mapping[str, Any], said: Mapping[str, Any], name: str) -> None:
    pair = {"export", "import"} & set(columns)
    missing = [] if "hs" in columns else ["hs"]
    if not (pair or "value" in columns):
        missing.append("value, or export and import")
    if not ("period" in columns or "year" in columns or "period" in said):
        missing.append("period")
    if not (pair or "flow" in columns or "flow" in said):
        missing.append("flow")
    missing += [n for n in ("reporter", "partner") if n not in columns and n not in said]
    missing += ["currency"] if "currency" not in said else []
    if missing:
        raise InputError(
            f"not said: {'; '.join(missing)}",
            where=name,
            expected="columns={'hs': heading, …}, or an argument as reporter='RUS'",
            hint="nktrade.sources.any_table.read_table lists what can be said.",
        )


def _check_currency(said: Mapping[str, Any]) -> None:
    currency = str(said["currency"])
    if not re.fullmatch("[A-Z]{3}", currency):
        raise InputError(
            "not a currency", expected="three letters as 'USD' or 'EUR'", got=repr(currency)
        )
    if "rates" not in said:
        raise InputError(
            f"values in {currency} need rates",
            expected=" or ".join(CURRENCIES),
            hint=f"Give rates= (--rates): a CSV table of period and {currency.lower()}_per_usd.",
        )
