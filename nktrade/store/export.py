"""Rows for other programs: CSV, Parquet, Excel and Stata, with a README that says what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from nktrade.errors import InputError, check_choice
from nktrade.files.writing import defuse, refuse_foreign, replace_file, replace_text
from nktrade.store.provenance import Provenance
from nktrade.table.rows import check_is_trade, is_estimated

#: An Excel sheet has this many rows, its headings included.
EXCEL_ROWS = 1_048_576
_OPENING = {
    ".csv": "UTF-8, comma-separated, empty where missing. Read `hs`, `province` and `regime` as "
    "text: `pandas.read_csv(file, dtype='str')`, `readr::read_csv(file, col_types = cols(.default "
    "= 'c'))`; in Excel through Data > From Text/CSV with these columns as text.",
    ".parquet": "Typed: codes are text, `period` is a date.",
    ".xlsx": "Codes are text cells; their zeros are kept. Read them as text: "
    "`pandas.read_excel(file, dtype={'hs': 'str', 'province': 'str', 'regime': 'str'})`.",
    ".dta": "Stata 14 or later. Codes are strings; `period` is a monthly date (%tm).",
}


def export(
    trade: pd.DataFrame, path: str | Path, *, provenance: Provenance | None = None
) -> list[Path]:
    """Write a trade table as a file that another program reads, with a README beside it.

    Parameters
    ----------
    trade : pandas.DataFrame
        A trade table.
    path : path
        Its ending says the format: .csv, .parquet, .xlsx or .dta.
    provenance : Provenance, optional
        What `nktrade.store.describe` says of the data, for the README.

    Returns
    -------
    list of Path
        The file and its README.

    Raises
    ------
    InputError
        For an unknown ending, a folder that cannot be written, a file there that is no earlier
        export, no rows, or more rows than the format holds. Nothing is left half written.

    Examples
    --------
    >>> import tempfile
    >>> import nktrade as nk
    >>> wigs = nk.load(flow="import", hs="6704", start="2023", end="2023")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in export(wigs, Path(folder) / "wigs.csv")]
    ['wigs.csv', 'wigs.csv.README.md']
    """
    check_is_trade(trade)
    path = Path(path)
    if provenance:
        provenance = _narrow(provenance, trade)
    writers: dict[str, Callable[[pd.DataFrame, Path], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".xlsx": _write_excel,
        ".dta": _write_stata,
    }
    check_choice("format", path.suffix, writers, where=path.name)
    if trade.empty:
        raise InputError("there are no rows to write", where=path.name)
    if path.suffix == ".xlsx":
        _check_excel(trade, path)
    readme = path.with_name(f"{path.name}.README.md")
    for place in (path, readme):
        refuse_foreign(place, lambda place: _begins(readme, f"# {path.name}\n\nSource: "))
    with replace_file(path) as part:
        writers[path.suffix](trade, part)
        replace_text(readme, describe_rows(trade, path, provenance))
    return [path, readme]


def _begins(path: Path, start: str) -> bool:
    with path.open(encoding="utf-8") as file:
        return file.read(len(start)) == start


def _narrow(provenance: Provenance, trade: pd.DataFrame) -> Provenance:
    """Leave out the files that gave none of the rows; all stay where rows do not name files."""
    sources = {source.partition(", CNY converted")[0] for source in trade["source"].unique()}
    files = {name: sha for name, sha in provenance.files.items() if name in sources}
    return replace(provenance, files=files) if len(files) == len(sources) else provenance


def _write_csv(trade: pd.DataFrame, path: Path) -> None:
    trade = defuse(trade)
    trade.to_csv(path, index=False, date_format="%Y-%m-%d", encoding="utf-8", lineterminator="\n")


def _write_parquet(trade: pd.DataFrame, path: Path) -> None:
    trade.to_parquet(path, index=False)


def _check_excel(trade: pd.DataFrame, path: Path) -> None:
    """Refuse what no Excel file can be made of, before a file is begun."""
    if len(trade) >= EXCEL_ROWS:
        raise InputError(
            "there are more rows than an Excel sheet holds",
            where=path.name,
            expected=f"at most {EXCEL_ROWS - 1:,}",
            got=f"{len(trade):,}",
            hint="Select fewer, or write .csv or .parquet.",
        )
    if find_spec("openpyxl") is None:
        raise InputError(
            "writing Excel files needs the package openpyxl",
            where=path.name,
            hint="Install it with: pip install openpyxl",
        )


def _write_excel(trade: pd.DataFrame, path: Path) -> None:
    with pd.ExcelWriter(path, date_format="YYYY-MM", datetime_format="YYYY-MM") as book:
        defuse(trade).to_excel(book, sheet_name="trade", index=False, freeze_panes=(1, 0))


def _write_stata(trade: pd.DataFrame, path: Path) -> None:
    text: list[str] = list(trade.select_dtypes("str").columns.astype("str"))
    plain = trade.astype(dict.fromkeys(text, "object"))
    plain[text] = plain[text].where(trade[text].notna(), "")
    plain.to_stata(path, write_index=False, version=118, convert_dates={"period": "tm"})


def describe_rows(trade: pd.DataFrame, path: Path, provenance: Provenance | None = None) -> str:
    """Write the README of an exported file: source, status, units, and how to open it."""
    status = "estimated" if is_estimated(trade) else "reported"
    currencies = ", ".join(sorted(trade["currency"].unique()))
    months = f"{trade['period'].min():%Y-%m} to {trade['period'].max():%Y-%m}"
    lines = [
        f"# {path.name}",
        "",
        f"Source: {provenance.caption() if provenance else _sources(trade)}",
        f"Status: {status}"
        + (". These are estimates, not customs records." * (status != "reported")),
        f"Rows: {len(trade):,}, {months}",
        f"Partners: {', '.join(sorted(trade['partner'].unique()))}",
        "",
        "One row is one flow of one commodity in one month, as the reporter declared it:",
        "China's export is its partner's import.",
        "",
        "| column | meaning |",
        "|---|---|",
        "| period | first day of the month of the declaration |",
        "| reporter, partner | ISO 3166 codes of three letters: who declared, with whom |",
        "| flow | export or import, the reporter's |",
        "| hs, hs_edition | commodity code as text, zeros kept; its nomenclature |",
        "| province, regime | codes of China's customs; empty where not broken down |",
        f"| value, currency | money in whole units of {currencies}, not thousands |",
        "| quantity, unit, quantity2, unit2 | first and second quantity as declared |",
        "| source, status | file of the row; reported, combined (January-February), estimated |",
        "",
        _OPENING[path.suffix],
        "",
    ]
    if provenance:
        lines += ["| file | sha256 |", "|---|---|"]
        lines += [f"| {name} | {sha256} |" for name, sha256 in provenance.files.items()]
        lines += [""]
    return "\n".join(lines)


def _sources(trade: pd.DataFrame) -> str:
    sources = trade["source"].unique()
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    return ", ".join(sources[:3]) + more
