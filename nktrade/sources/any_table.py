"""Any publisher's table of trade: which of its columns is what, said once, as data.

``read_table(file, columns={"hs": "HS", "period": "Month", "value": "USD"}, reporter="RUS", …)``
makes a trade table of it. What has to be said of one publisher is a layout, a few lines of YAML;
those of Korea's, Russia's, Japan's, the European Union's and the United States' customs come with
nktrade in ``data/layouts`` and are named: ``read_table(file, layout="russia", partner="PRK")``.
They were written from the publishers' documentation and not seen on a genuine file.
"""

from __future__ import annotations

import inspect
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import LABELS, edition_of_year, normalise
from nktrade.errors import CodeError, InputError, NktradeError, check_choice, did_you_mean, shorten
from nktrade.files.parsing import load_yaml, read_text
from nktrade.sources import Source
from nktrade.sources._customs_codes import WORLD, country_isos, partner_isos
from nktrade.sources.months_in_names import read_month
from nktrade.sources.records import Numbers, is_nothing, read_records
from nktrade.sources.repeats import add_up_parts, check_one_level, refuse_repeats
from nktrade.table.periods import find_month, parse_period
from nktrade.table.row_rules import ABSURD_VALUE
from nktrade.table.rows import CURRENCIES, FLOWS, KEY, check_trade

if TYPE_CHECKING:
    import pyarrow as pa

    from nktrade.sources._stream import Scan

LAYOUTS = DATA / "layouts"
#: What a column may be. `export` and `import` are values of both flows in one row.
NAMES = (
    "period", "year", "month", "reporter", "partner", "flow", "hs", "value", "export", "import",
    "quantity", "unit", "quantity2", "unit2", "weight", "export_weight", "import_weight",
    "province", "regime",
)  # fmt: skip


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
        The marks in numbers; none and a point by default.
    encoding, heading
        As for `read_records`.
    rates : path, optional
        A CSV table of period (months, or years) and per_usd, units of `currency` for one dollar.

    Returns
    -------
    pandas.DataFrame
        A trade table. A year without months stands at its January.

    Raises
    ------
    InputError, CodeError
        Naming file, row, column and value, for what cannot be read or was not said.

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
    return _read(Path(path), said)[0]


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
        opened.seen = about["seen"]
        yield from_frame(trade)

    plain = {k: str(v) if isinstance(v, Path) else v for k, v in said.items()}
    opened = Scan(tables(), {}, plain)
    return opened


def load_layout(layout: str | Path) -> dict[str, Any]:
    """Return what a layout says: some arguments of `read_table`.

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
    arguments = [name for name in read_table.__annotations__ if name not in ("path", "return")]
    for name in said:
        check_choice("argument", name, arguments, where=path.name)
    _check_kinds(said, path.name)
    return {name: value for name, value in said.items() if value is not None}


#: What each argument of several kinds must be, in words, and how that is told; the others are text.
_NUMBERS = {"level": (2, 10), "digits": (2, 10), "heading": (1, 1000), "scale": (1e-6, 1e12)}
_MAPPINGS = {"columns": (str, list, tuple), "words": (Mapping,), "leave_out": (list, tuple)}


def _check_kinds(said: Mapping[str, Any], where: str = "") -> None:
    """Refuse an argument that is not of its kind, wherever it was said.

    Raises
    ------
    InputError
        Naming the first.
    """
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


def _read(path: Path, said: dict) -> tuple[pd.DataFrame, dict]:
    given = (load_layout(said["layout"]) if "layout" in said else {}) | said
    table = _Table(path.name, given)
    blocks: list[pd.DataFrame] = []
    about: dict[str, Any] = {}
    for rows in read_records(
        path,
        wanted=table.is_wanted,
        about=about,
        encoding=given.get("encoding"),
        heading=int(given.get("heading", 1)),
    ):
        blocks.append(table.rename(rows))
    rows = pd.concat(blocks) if blocks else pd.DataFrame()
    if rows.empty:
        raise InputError("there is no row", where=path.name)
    trade = table.to_trade(rows)
    layout = {"columns": list(table.columns), "frequency": table.frequency}
    return trade, {"layout": layout, "seen": len(rows)}


class _Table:
    """What was said of one file, put on its rows column by column."""

    def __init__(self, name: str, said: dict) -> None:
        self.name, self.said = name, said
        _check_kinds(said)
        named = {str(k): v for k, v in (said.get("columns") or {}).items()}
        # Some publishers have called a column differently at different times.
        self.choices = {
            k: [*map(str, v)] if isinstance(v, list | tuple) else [str(v)] for k, v in named.items()
        }
        self.columns = {k: names[0] for k, names in self.choices.items()}
        for column in self.columns:
            check_choice("column", column, NAMES, where="columns")
        self.words = said.get("words") or {}
        self.frequency = "monthly"
        self.headings: list[str] = []  # all that the file has, for messages
        self._check_said()

    def _check_said(self) -> None:
        """Refuse at once what neither a column nor an argument says."""
        columns, said = self.columns, self.said
        missing = [] if "hs" in columns else ["hs"]
        if not {"value", "export", "import"} & set(columns):
            missing.append("value, or export and import")
        if not ("period" in columns or "year" in columns or "period" in said):
            missing.append("period")
        pair = {"export", "import"} & set(columns)
        if not (pair or "flow" in columns or "flow" in said):
            missing.append("flow")
        missing += [n for n in ("reporter", "partner") if n not in columns and n not in said]
        missing += ["currency"] if "currency" not in said else []
        if missing:
            raise InputError(
                f"not said: {'; '.join(missing)}",
                where=self.name,
                expected="columns={'hs': heading, …}, or an argument as reporter='RUS'",
                hint="nktrade.sources.any_table.read_table lists what can be said.",
            )
        if said.get("flow") is not None:
            check_choice("flow", said["flow"], FLOWS)
        if said.get("edition") is not None:
            check_choice("HS edition", said["edition"], LABELS)
        if said["currency"] not in CURRENCIES and "rates" not in said:
            raise InputError(
                f"values in {said['currency']} need rates",
                expected=" or ".join(CURRENCIES),
                hint="Give rates=: a CSV table of period and per_usd.",
            )

    def is_wanted(self, heading: str) -> bool:
        self.headings.append(heading)
        plain = _fold(heading)
        return any(
            plain == _fold(theirs) if "{month}" not in theirs else _month_of(theirs, heading)
            for names in self.choices.values()
            for theirs in names
        )

    def rename(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows under nktrade's names; twelve columns of months become rows."""
        found = {_fold(str(column)): column for column in rows.columns}
        for ours, names in self.choices.items():
            self.columns[ours] = next((name for name in names if _fold(name) in found), names[0])
        plain = {ours: t for ours, t in self.columns.items() if "{month}" not in t}
        for theirs in plain.values():
            if _fold(theirs) not in found:
                raise InputError(
                    f"there is no column {theirs!r}",
                    where=self.name,
                    got=", ".join(self.headings),
                    hint=did_you_mean(theirs, self.headings),
                )
        kept = pd.DataFrame({ours: rows[found[_fold(t)]] for ours, t in plain.items()})
        wide = {ours: t for ours, t in self.columns.items() if "{month}" in t}
        if not wide:
            return kept
        parts = []
        for month in range(1, 13):
            heads = {
                ours: next((c for c in rows.columns if _month_of(t, str(c)) == month), None)
                for ours, t in wide.items()
            }
            if all(head is not None for head in heads.values()):
                added = {ours: rows[head] for ours, head in heads.items()}
                parts.append(kept.assign(month=str(month), **added))
        if not parts:
            raise InputError(
                "no column of a month", where=self.name, expected=", ".join(wide.values())
            )
        return pd.concat(parts).sort_index(kind="stable")

    def where(self, row: Any, column: str) -> str:
        return f"{self.name}, row {int(row):,}, column {self.columns.get(column, column)!r}"

    def translate(self, rows: pd.DataFrame, column: str, meaning) -> pd.Series:
        """Map each distinct text of a column; refuse the first that means nothing, with its row."""
        text = rows[column].str.strip()
        known = {str(key): value for key, value in (self.words.get(column) or {}).items()}
        made: dict[Any, Any] = {}
        for word in text.unique():
            if isinstance(word, str) and word in known:
                word_means = known[word]
            else:
                try:
                    word_means = meaning("" if pd.isna(word) else word)
                except NktradeError as error:
                    row = rows.index[text.isna() if pd.isna(word) else text == word][0]
                    raise type(error)(
                        error.subject,
                        where=self.where(row, column),
                        expected=error.expected,
                        got=error.got or repr(word),
                        hint=error.hint,
                    ) from None
            made[word] = word_means
        return text.map(made)

    def to_trade(self, rows: pd.DataFrame) -> pd.DataFrame:
        said = self.said
        for column, texts in (said.get("leave_out") or {}).items():
            check_choice("column", column, list(rows.columns), where="leave_out")
            cell = rows[column].fillna("").str.strip()
            rows = rows[~cell.isin([str(text) for text in texts])]
        made = pd.DataFrame(index=rows.index)
        made["period"] = self._periods(rows)
        keep = pd.Series(True, index=rows.index)
        if "partner" in rows and said.get("partner"):  # what codes mean of others may stay unknown
            made["partner"] = self.translate(rows, "partner", _country_or_code)
            keep &= made["partner"] == _country(said["partner"])
        for side in ("reporter", "partner"):
            if side in made:
                continue
            if side in rows:
                made[side] = self.translate(rows[keep], side, _country).reindex(rows.index)
            else:
                made[side] = _country(said[side])
        made["hs"] = self._codes(rows)
        if "period" in self.columns and said.get("period"):
            keep &= parse_period(said["period"]).covers(made["period"])
        if said.get("level"):
            keep &= made["hs"].str.len() == int(said["level"])
        rows, made = rows[keep.to_numpy()], made[keep.to_numpy()]
        if made.empty:
            raise InputError("no row is wanted", where=self.name, hint="Is the partner in it?")
        check_one_level(made["hs"], self.name)
        years = made["period"].dt.year
        editions = {year: said.get("edition") or _edition(int(year)) for year in set(years)}
        made["hs_edition"] = years.map(editions)
        for axis in ("province", "regime"):
            if axis in rows:
                made[axis] = self.translate(rows, axis, lambda text: text or None)
        trade = self._values(rows, made, Numbers(self.name))
        return self._finish(trade)

    def _codes(self, rows: pd.DataFrame) -> pd.Series:
        digits = self.said.get("digits")
        if digits is None:
            return self.translate(rows, "hs", normalise)
        text = rows["hs"].str.strip().str.replace(r"[.\s'\"]", "", regex=True)
        length = text.str.len().fillna(0).astype(int)
        odd = (length != length.max()) | ~text.str.fullmatch(r"[0-9]+").fillna(False).astype(bool)
        if odd.any():
            row = rows.index[odd.to_numpy()][0]
            raise CodeError(
                "codes of several lengths cannot be cut: one may have lost a zero",
                where=self.where(row, "hs"),
                expected=f"{length.max()} digits in each",
                got=repr(str(text[odd].iloc[0])),
            )
        self.said = self.said | {"add_up": True}
        return self.translate(rows.assign(hs=text.str[: int(digits)]), "hs", normalise)

    def _periods(self, rows: pd.DataFrame) -> pd.Series:
        if "period" in rows:
            text = rows["period"]
        elif "year" in rows:
            text = rows["year"].str.strip()
            if "month" in rows:
                month = rows["month"].str.strip().str.casefold()
                number = month.str[:3].map(find_month, na_action="ignore").fillna(0).astype(int)
                text = text + "-" + month.str.rstrip("月월m").mask(number > 0, number.astype("str"))
        else:
            text = pd.Series(str(self.said["period"]), index=rows.index, dtype="str")
        months = self.translate(rows.assign(period=text), "period", read_month)
        yearly = months.str.len() == 4
        if yearly.any() and not yearly.all():
            row = rows.index[yearly.to_numpy()][0]
            raise InputError(
                "years beside months, which would be counted twice",
                where=self.where(row, "period"),
                hint="Leave the years out: leave_out={'period': ['2023']}.",
            )
        self.frequency = "yearly" if yearly.all() else "monthly"
        return pd.to_datetime(months.where(~yearly, months + "-01"), format="%Y-%m")

    def _values(self, rows: pd.DataFrame, made: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
        """Return a row a flow with its value and quantities."""
        said, scale = self.said, float(self.said.get("scale", 1))

        def number(column: str, blank: bool) -> pd.Series:
            text = rows[column].str.strip()
            text = text.mask(
                text.isin([word for word in text.dropna().unique() if is_nothing(word)])
            )
            if said.get("thousands"):
                grouped = rf"[0-9]{{1,3}}({re.escape(said['thousands'])}[0-9]{{3}})+"
                whole = text.str.extract(r"^([^.,]*(?:.[0-9]{3})*)", expand=False)
                fits = whole.str.fullmatch(grouped).fillna(False).astype(bool)
                text = text.mask(fits, text.str.replace(said["thousands"], "", regex=False))
            if said.get("decimal", ".") != ".":
                text = text.str.replace(said["decimal"], ".", regex=False)
            most = np.inf if blank and column not in FLOWS else ABSURD_VALUE / scale
            found = numbers.read(text, self.columns.get(column, column), most)
            if not blank and found.isna().any():
                row = rows.index[found.isna().to_numpy()][0]
                raise InputError(
                    "no value",
                    where=self.where(row, column),
                    expected="a number",
                    got=repr("" if pd.isna(rows[column].loc[row]) else rows[column].loc[row]),
                    hint="Leave such rows out: leave_out={'value': ['']}.",
                )
            return found

        pairs = [flow for flow in FLOWS if flow in rows]
        tonnes = 1000.0 if said.get("weight_in") == "t" else 1.0
        parts = []
        for flow in (*pairs, *([] if pairs else [None])):
            part = made.copy()
            value = number(flow or "value", blank=flow is not None)
            part["value"] = value * scale
            if flow:
                part["flow"] = flow
            elif "flow" in rows:
                part["flow"] = self.translate(rows, "flow", _flow)
            else:
                part["flow"] = said["flow"]
            weight = f"{flow}_weight" if flow else "weight"
            for amount, measure, source, constant in (
                ("quantity", "unit", weight if weight in rows else "quantity", said.get("unit")),
                ("quantity2", "unit2", "quantity" if weight in rows else "quantity2", None),
            ):
                if source not in rows:
                    continue
                found = number(source, blank=True)
                if source == weight:
                    part[amount], part[measure] = found * tonnes, "kg"
                else:
                    named = "unit" if source == "quantity" else "unit2"
                    units = rows[named].str.strip() if named in rows else said.get("unit", constant)
                    part[amount], part[measure] = found, units
                nothing = part[amount].isna() | ~(part[amount] > 0) | part[measure].isna()
                part.loc[nothing.to_numpy(), [amount, measure]] = None
            # Of two flows in one row, the one that is empty or zero had no trade.
            parts.append(part[(value > 0).to_numpy()] if flow else part)
        return pd.concat(parts)

    def _finish(self, trade: pd.DataFrame) -> pd.DataFrame:
        said = self.said
        trade["currency"], trade["source"] = said["currency"], self.name
        key = [column for column in KEY if column in trade]
        twice = trade.duplicated(key, keep=False)
        if twice.any() and said.get("add_up"):
            trade = add_up_parts(trade, key)
        else:
            hint = "If they differ in what is not read, have them added up: add_up=True."
            refuse_repeats(trade, key, self.name, "{hs} of {period:%Y-%m} with {partner}", hint)
        if said["currency"] not in CURRENCIES:
            trade = self._convert(trade)
        for column in ("province", "regime"):
            if column in trade:
                trade[column] = trade[column].astype("str")
        return check_trade(trade.reset_index(drop=True), where=self.name)

    def _convert(self, trade: pd.DataFrame) -> pd.DataFrame:
        currency = self.said["currency"]
        path = Path(self.said["rates"])
        table = pd.concat(list(read_records(path)))
        for column in ("period", "per_usd"):
            if column not in table:
                raise InputError(f"the column {column!r} is missing", where=path.name)
        rates = Numbers(path.name).read(table["per_usd"], "per_usd")
        by_period = dict(zip(table["period"].map(read_month), rates, strict=True))
        found = pd.Series(
            [
                by_period.get(f"{month:%Y-%m}", by_period.get(f"{month:%Y}"))
                for month in trade["period"]
            ],
            index=trade.index,
            dtype="float64",
        )
        if found.isna().any() or (found <= 0).any():
            month = trade.loc[(found.isna() | (found <= 0)).to_numpy(), "period"].iloc[0]
            raise InputError(
                "there is no rate for a month", where=path.name, expected=f"{month:%Y-%m}"
            )
        return trade.assign(
            value=trade["value"] / found,
            currency="USD",
            source=f"{self.name}, {currency} converted at the rates of {path.name}",
        )


def _edition(year: int) -> str:
    """Return the HS edition in force; those before 2007 are known by name alone."""
    before = ((2002, "HS2002"), (1996, "HS1996"), (1988, "HS1992"))
    return next((name for first, name in before if first <= year < 2007), "") or edition_of_year(
        year
    )


def _fold(heading: str) -> str:
    return re.sub(r"[\s_]", "", unicodedata.normalize("NFKC", heading)).casefold()


def _month_of(template: str, heading: str) -> int:
    """Return the month that stands in a heading where the template has ``{month}``; else 0."""
    before, _, after = _fold(template.replace("{month}", "\0")).partition("\0")
    text = _fold(heading)
    if not (text.startswith(before) and text.endswith(after)):
        return 0
    word = text[len(before) : len(text) - len(after)].rstrip("月월")
    if number := find_month(word[:3]):
        return number
    return int(word) if word.isdecimal() and 1 <= int(word) <= 12 else 0


def _flow(text: str) -> str:
    words = {"1": "import", "2": "export", "m": "import", "x": "export", "imp": "import",
             "exp": "export", "imports": "import", "exports": "export"}  # fmt: skip
    word = words.get(text.casefold(), text.casefold())
    if word not in FLOWS or text in ("1", "2"):  # numbers differ from publisher to publisher
        raise InputError(
            "unknown flow",
            expected="export or import",
            got=repr(text),
            hint="Say what it means: words={'flow': {'1': 'import', '2': 'export'}}.",
        )
    return word


@cache
def _countries() -> dict[str, str]:
    table = pd.read_csv(DATA / "classes" / "baci" / "iso2.csv", dtype="str", keep_default_na=False)
    known = dict(zip(table["iso2"], table["iso3"], strict=True))
    known |= {iso: iso for iso in [*country_isos().values(), *partner_isos().values(), WORLD]}
    return known | {f"{int(code):03d}": iso for code, iso in country_isos().items()}


def _country(text: str) -> str:
    known = _countries()
    plain = text.strip().upper()
    plain = plain.zfill(3) if plain.isdecimal() else plain
    if plain in known:
        return known[plain]
    raise InputError(
        "unknown country",
        expected="an ISO code as 'PRK' or 'KP'",
        got=repr(text),
        hint="Say what it means: words={'partner': {'북한': 'PRK'}}; or leave it out.",
    )


def _country_or_code(text: str) -> str:
    """Return a country, or a code that is none that is known: areas, ships, secrets."""
    try:
        return _country(text)
    except InputError:
        if re.fullmatch(r"[A-Z0-9]{1,4}", text):
            return f"?{text}"
        raise


SOURCE = Source(
    name="table",
    publisher="a publisher's table",
    read=read_table,
    scan=scan,
    endings=(".csv", ".tsv", ".txt", ".dat", ".json", ".xml", ".gz", ".xlsx", ".xls", ".parquet"),
)
