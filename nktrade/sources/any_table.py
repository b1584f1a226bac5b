"""Any publisher's table of trade: which of its columns is what, said once, as data.

``read_table(file, columns={"hs": "HS", "period": "Month", "value": "USD"}, reporter="RUS", …)``
makes a trade table of it. What has to be said of one publisher is a layout, a few lines of YAML;
those of Korea's, Russia's, Japan's, the European Union's and the United States' customs come with
nktrade in ``data/layouts`` and are named: ``read_table(file, layout="russia", partner="PRK")``.
They were written from the publishers' documentation and not seen on a genuine file.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nktrade.codes.hs import edition_of_year
from nktrade.errors import InputError, check_choice, count_of
from nktrade.sources import Source, TruncatedFileWarning
from nktrade.sources.answers import count_announced
from nktrade.sources.countries import read_country
from nktrade.sources.layouts import check_said, load_layout
from nktrade.sources.records import judge_unended, read_records
from nktrade.sources.repeats import (
    add_up_parts,
    check_one_level,
    refuse_repeats,
    refuse_totals_among_parts,
    warn_left_out,
)
from nktrade.sources.table_cells import NUMBERS, Cells
from nktrade.sources.table_headings import Headings
from nktrade.sources.table_units import check_units
from nktrade.table.periods import parse_period
from nktrade.table.rates import read_rates
from nktrade.table.rows import CURRENCIES, FLOWS, KEY, check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan


def read_table(
    path: str | Path,
    *,
    layout: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    reporter: str | None = None,
    currency: str | None = None,
    flow: str | None = None,
    partner: str | None = None,
    period: str | None = None,
    edition: str | None = None,
    level: int | None = None,
    digits: int | None = None,
    scale: float | None = None,
    weight_in: str | None = None,
    unit: str | None = None,
    words: Mapping[str, Mapping[str, str]] | None = None,
    leave_out: Mapping[str, list[str]] | None = None,
    add_up: bool | None = None,
    thousands: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    heading: int | None = None,
    rates: str | Path | None = None,
) -> pd.DataFrame:
    """Read a publisher's table into a trade table.

    Parameters
    ----------
    path : path
        As `nktrade.sources.records.read_records` takes it.
    layout : str or path, optional
        One of ``data/layouts``, or a YAML file of one's own: any of the arguments below.
    columns : dict
        nktrade's name of a column to the heading in the file, or to several of which one is there.
        Names: period (or year and month),
        hs, value (or export and import: both flows in one row), flow, reporter, partner, quantity,
        unit, quantity2, unit2, weight (or export_weight and import_weight), province, regime. A
        heading with ``{month}`` stands for twelve columns, a month each.
    reporter, partner, flow, period : str, optional
        What no column says: ISO3 codes, "export" or "import" as the reporter declares it, a month
        or year. A partner that a column says: the one wanted.
    currency : str
        Of the values, as "USD"; another than dollars or yuan needs `rates`.
    edition : str, optional
        HS edition; by default the one in force in the year.
    level : int, optional
        Digits of the codes wanted, of several.
    digits : int, optional
        Cut national lines, all of one length, to so many digits; they are then added up.
    scale : float
        What one unit of value is worth: 1000 for thousands.
    weight_in : {"kg", "t"}
        What weights are in.
    unit : str, optional
        Of `quantity`, where no column says it.
    words : dict, optional
        By nktrade's name of a column, what its texts mean: ``{"flow": {"ИМ": "import"}}``.
        Countries may also be ISO codes of two or three letters, or numbers.
    leave_out : dict, optional
        By nktrade's name of a column, texts whose rows are no trade, as totals; "" is empty.
    add_up : bool
        Add up rows that are alike in all that is read, as those of regions or modes of transport.
    thousands, decimal : str
        The marks in numbers, where the caller knows them; what is written otherwise is refused. By
        default a decimal point, or a comma where the file tells that it is one, and no thousands.
    encoding, heading
        As for `read_records`.
    rates : path, optional
        A table for another currency, as `nktrade.table.rates.read_rates` takes it: period (months,
        or years) and, for euro, eur_per_usd, how many euro one dollar is.

    Returns
    -------
    pandas.DataFrame
        A trade table. A year without months stands at its January.

    Raises
    ------
    InputError, CodeError
        Naming file, row, column and value, for what cannot be read or was not said.

    Warns
    -----
    TruncatedFileWarning
        For a file that seems broken off, or an answer that announces more rows than it has.

    Examples
    --------
    >>> import tempfile
    >>> mine = pd.DataFrame({"Month": ["2020-01"], "Code": ["6704"], "Value": [12]})
    >>> columns = {"period": "Month", "hs": "Code", "value": "Value"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mine.to_csv(Path(folder, "mine.csv"), index=False)
    ...     trade = read_table(Path(folder, "mine.csv"), columns=columns, scale=1000,
    ...         flow="export", reporter="CHN", partner="PRK", currency="USD")
    >>> trade[["hs", "flow", "value"]].to_numpy().tolist()
    [['6704', 'export', 12000.0]]
    """
    said = {name: value for name, value in locals().items() if name != "path" and value is not None}
    trade, about = _read(Path(path), said)
    if about["cut"]:
        warnings.warn(f"{Path(path).name}: {about['cut']}", TruncatedFileWarning, stacklevel=2)
    return trade


def scan(path: str | Path, **said: Any) -> Scan:
    """Open a table for a store; parameters as `read_table`."""
    return open_table(Path(path), said)


scan.__signature__ = inspect.signature(read_table)  # type: ignore[attr-defined]


def open_table(path: Path, said: dict) -> Scan:
    """Open a table for a store, with what is said of it as `read_table` takes it."""
    from nktrade.sources._stream import Scan
    from nktrade.table.arrow import from_frame

    def tables() -> Iterator[pa.Table]:
        trade, about = _read(path, said)
        opened.layout |= about["layout"]
        opened.seen, opened.cut = about["seen"], about["cut"]
        yield from_frame(trade)

    plain = {k: str(v) if isinstance(v, Path) else v for k, v in said.items()}
    opened = Scan(tables(), {}, plain)
    return opened


def _read(path: Path, said: dict) -> tuple[pd.DataFrame, dict]:
    said = {name: value for name, value in said.items() if value is not None}
    given = (load_layout(said["layout"]) if "layout" in said else {}) | said
    check_said(given, path.name)
    headings = Headings(path.name, given.get("columns") or {})
    blocks: list[pd.DataFrame] = []
    about: dict[str, Any] = {}
    for rows in read_records(
        path,
        about=about,
        wanted=headings.is_wanted,
        familiar=headings.knows,
        encoding=given.get("encoding"),
        heading=int(given["heading"]) if given.get("heading") else None,
    ):
        blocks.append(headings.rename(rows))
    judge_unended(about, path.name)
    rows = pd.concat(blocks) if blocks else pd.DataFrame()
    if rows.empty:
        raise InputError("there is no row", where=path.name)
    kept = _leave_out(rows, given)
    notes = _find_notes(kept)
    trade, frequency = _to_trade(kept[~notes], headings, given)
    _refuse_lines_among(kept, notes, path.name)
    above = about.get("above") or []
    check_units(headings.columns, above, given, path.name, monthly=frequency == "monthly")
    layout = {"columns": list(headings.columns), "frequency": frequency}
    there = count_announced(about)
    cut = f"the answer announces {count_of(there, 'rows')} and has {len(rows):,}: a page of several"
    cut = cut if there > len(rows) else ""
    return trade, {"layout": layout, "seen": len(rows), "cut": cut}


def _leave_out(rows: pd.DataFrame, said: Mapping[str, Any]) -> pd.DataFrame:
    """Return rows without those that were said to be no trade, as totals."""
    for column, texts in (said.get("leave_out") or {}).items():
        check_choice("column", column, list(rows.columns), where="leave_out")
        cell = rows[column].fillna("").str.strip()
        rows = rows[~cell.isin([str(text) for text in texts])]
    return rows


def _find_notes(rows: pd.DataFrame) -> pd.Series:
    """Return which rows are lines of a note: one cell, and neither a code nor a number."""
    told = rows[[name for name in ("hs", *NUMBERS) if name in rows]].notna().any(axis=1)
    return (rows.notna().sum(axis=1) <= 1) & ~told


def _refuse_lines_among(rows: pd.DataFrame, notes: pd.Series, name: str) -> None:
    """Refuse a note that is not below the rows: it may say what those below it are."""
    among = notes & ~notes[::-1].cummin()[::-1]
    if among.any():
        row = rows.index[among.to_numpy()][0]
        raise InputError(
            "a line among the rows that is none",
            where=f"{name}, row {row:,}",
            got=repr(str(rows.loc[row].dropna().iloc[0])[:60]),
            hint="If what is below it is another table, save each by itself; else delete the line.",
        )


def _to_trade(
    rows: pd.DataFrame, headings: Headings, said: Mapping[str, Any]
) -> tuple[pd.DataFrame, str]:
    """Return the trade table, and whether it is monthly or yearly."""
    cells = Cells(headings, said)
    made = pd.DataFrame(index=rows.index)
    made["period"], frequency = cells.months(rows)
    keep = pd.Series(True, index=rows.index)
    if "partner" in rows and said.get("partner"):  # what codes mean of others may stay unknown
        made["partner"] = cells.countries(rows, "partner", others=True)
        keep &= made["partner"] == read_country(said["partner"])
    for side in ("reporter", "partner"):
        if side in made:
            continue
        if side in rows:
            made[side] = cells.countries(rows[keep], side).reindex(rows.index)
        else:
            made[side] = read_country(said[side])
    made["hs"] = cells.codes(rows, keep)
    if "period" in headings.columns and said.get("period"):
        keep &= parse_period(said["period"]).covers(made["period"])
    if level := said.get("level"):
        warn_left_out(made.loc[keep, "hs"].unique(), int(level), headings.name)
        keep &= made["hs"].str.len() == int(level)
    rows, made = rows[keep.to_numpy()], made[keep.to_numpy()]
    if made.empty:
        raise InputError(
            "no row is wanted", where=headings.name, hint="Are the partner, period and level in it?"
        )
    check_one_level(made["hs"], headings.name)
    years = made["period"].dt.year
    editions = {year: said.get("edition") or _edition(int(year)) for year in set(years)}
    made["hs_edition"] = years.map(editions)
    for axis in ("province", "regime"):
        if axis in rows:
            made[axis] = cells.places(rows, axis)
    return _finish(_flows(rows, made, cells), headings.name, said), frequency


def _flows(rows: pd.DataFrame, made: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Return a row a flow with its value and quantities."""
    numbers = cells.numbers(rows)
    if "value" in rows:
        value = cells.values(rows, "value", False, numbers)
        flow = cells.flows(rows) if "flow" in rows else cells.said["flow"]
        amounts = cells.quantities(rows, None, numbers)
        return pd.concat([made.assign(value=value, flow=flow), amounts], axis=1)
    parts = []
    for flow in (flow for flow in FLOWS if flow in rows):
        value = cells.values(rows, flow, True, numbers)
        amounts = cells.quantities(rows, flow, numbers)
        part = pd.concat([made.assign(value=value, flow=flow), amounts], axis=1)
        # Of two flows in one row, the one that is empty or zero had no trade.
        parts.append(part[(value > 0).to_numpy()])
    return pd.concat(parts)


def _finish(trade: pd.DataFrame, name: str, said: Mapping[str, Any]) -> pd.DataFrame:
    trade["currency"], trade["source"] = said["currency"], name
    key = [column for column in KEY if column in trade]
    if said.get("add_up") or said.get("digits") is not None:
        hint = "Leave totals out: leave_out={column: [its words]}."
        refuse_totals_among_parts(trade, key, name, hint)
        trade = add_up_parts(trade, key)
    else:
        hint = "If they differ in what is not read, have them added up: add_up=True."
        refuse_repeats(trade, key, name, "{hs} of {period:%Y-%m} with {partner}", hint)
    if said["currency"] not in CURRENCIES:
        trade = _convert(trade, name, said)
    for column in ("province", "regime"):
        if column in trade:
            trade[column] = trade[column].astype("str")
    return check_trade(trade.reset_index(drop=True), where=name)


def _convert(trade: pd.DataFrame, name: str, said: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows in dollars, at the rates that were given."""
    currency, path = str(said["currency"]), Path(said["rates"])
    rates = read_rates(path, currency).set_index("period").iloc[:, 0]
    found = trade["period"].map(rates)
    if found.isna().any():
        month = trade.loc[found.isna().to_numpy(), "period"].iloc[0]
        raise InputError("there is no rate for a month", where=path.name, expected=f"{month:%Y-%m}")
    return trade.assign(
        value=trade["value"] / found,
        currency="USD",
        source=f"{name}, {currency} converted at the rates of {path.name}",
    )


def _edition(year: int) -> str:
    """Return the HS edition in force; those before 2007 are known by name alone."""
    before = ((2002, "HS2002"), (1996, "HS1996"), (1988, "HS1992"))
    return next((name for first, name in before if first <= year < 2007), "") or edition_of_year(
        year
    )


SOURCE = Source(
    name="table",
    publisher="a publisher's table",
    read=read_table,
    scan=scan,
    endings=(".csv", ".tsv", ".txt", ".dat", ".json", ".xml", ".gz", ".xlsx", ".xls", ".parquet"),
)
