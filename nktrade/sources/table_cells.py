"""What the cells of a publisher's table say: countries, flows, codes, months and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nktrade.codes.hs import SPECIAL_CHAPTERS, editions_of, normalise
from nktrade.errors import CodeError, InputError, NktradeError, check_choice
from nktrade.sources import _customs_codes as customs
from nktrade.sources.countries import read_country, read_country_or_code
from nktrade.sources.months_in_names import number_of_month, read_month, refuse_cut_octobers
from nktrade.sources.repeats import refuse_years_beside_months
from nktrade.sources.table_headings import Headings
from nktrade.sources.written_numbers import Numbers, unwrap
from nktrade.table.row_rules import ABSURD_VALUE
from nktrade.table.rows import FLOWS

#: Columns of numbers.
NUMBERS = ("value", "export", "import", "quantity", "quantity2", "weight", "export_weight",
           "import_weight")  # fmt: skip


class Cells:
    """Reads one file's cells, column by column, by what was said of them."""

    def __init__(self, headings: Headings, said: Mapping[str, Any]) -> None:
        self.headings, self.said, self.where = headings, said, headings.where
        self.words = {
            column: {str(text): means for text, means in (known or {}).items()}
            for column, known in (said.get("words") or {}).items()
        }

    def translate(self, rows: pd.DataFrame, column: str, meaning: Callable) -> pd.Series:
        """Map each distinct text of a column; refuse the first that means nothing, with its row."""
        text = rows[column].str.strip()
        known = self.words.get(column, {})
        made: dict[Any, Any] = {}
        for word in text.unique():
            if isinstance(word, str) and word in known:
                made[word] = known[word]
                continue
            try:
                made[word] = meaning("" if pd.isna(word) else word)
            except NktradeError as error:
                row = rows.index[text.isna() if pd.isna(word) else text == word][0]
                hint = error.hint.replace("{'partner':", f"{{{column!r}:")  # or another side
                if isinstance(word, str) and "\ufffd" in word:
                    hint = "These letters are neither UTF-8 nor GB18030: say encoding='cp1251' or "
                    hint += "the like (--encoding)."
                raise type(error)(
                    error.subject,
                    where=self.where(row, column),
                    expected=error.expected,
                    got=error.got or repr(word),
                    hint=hint,
                ) from None
        return text.map(made)

    def countries(self, rows: pd.DataFrame, side: str, others: bool = False) -> pd.Series:
        """Return a side's ISO3 codes; `others` keeps what is no country as a code of its own."""
        own_numbers = any(text.isdecimal() for text in self.words.get(side, {}))
        read = read_country_or_code if others else read_country
        return self.translate(rows, side, lambda text: read(text, numbers=not own_numbers))

    def places(self, rows: pd.DataFrame, axis: str) -> pd.Series:
        """Return provinces or regimes: customs' two digits where China declares."""
        china = self.said.get("reporter") == "CHN"
        known = customs.provinces() if axis == "province" else customs.regimes()

        def meaning(text: str) -> str | None:
            if text and (china or self.words.get(axis)):
                explained = f"customs' two digits, or words={{'{axis}': {{{text!r}: '21'}}}}"
                check_choice(axis, text, known, expected=explained)
            return text or None

        return self.translate(rows, axis, meaning)

    def flows(self, rows: pd.DataFrame) -> pd.Series:
        """Return each row's flow, as the reporter declares it."""
        return self.translate(rows, "flow", _flow)

    def codes(self, rows: pd.DataFrame, wanted: pd.Series) -> pd.Series:
        """Return HS codes, national lines cut to as many digits as was said.

        Of rows that are not `wanted`, codes with letters, as of goods kept secret, are missing.
        """
        letters = rows["hs"].str.fullmatch("[0-9]*[A-Z][0-9A-Z]*").fillna(False).astype(bool)
        secret = (letters & ~wanted).to_numpy()
        if secret.any():
            found = pd.Series(pd.NA, index=rows.index, dtype=object)
            found[~secret] = self.codes(rows[~secret], wanted[~secret]).to_numpy()
            return found
        digits = self.said.get("digits")
        if digits is None:
            return self.translate(rows, "hs", lambda text: normalise(unwrap(text)))
        text = (
            rows["hs"]
            .map(unwrap, na_action="ignore")
            .str.strip()
            .str.replace(r"[.\s'\"]", "", regex=True)
        )
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
        for code in text.unique():  # all of them may have lost one, and are then of one length
            if not _is_heading(code) and _is_heading(f"0{code}"):
                raise CodeError(
                    f"the HS has no heading {code[:4]}: a spreadsheet has dropped a zero",
                    where=self.where(rows.index[(text == code).to_numpy()][0], "hs"),
                    expected=repr(f"0{code}"),
                    got=repr(str(code)),
                )
        return self.translate(rows.assign(hs=text.str[: int(digits)]), "hs", normalise)

    def months(self, rows: pd.DataFrame) -> tuple[pd.Series, str]:
        """Return the first day of each row's month or year, and "monthly" or "yearly"."""
        if "period" in rows:
            text = rows["period"]
        elif "year" in rows:
            text = rows["year"].str.strip()
            if "month" in rows:
                month = rows["month"].str.strip()
                number = month.map(number_of_month, na_action="ignore").fillna(0).astype(int)
                text = text + "-" + month.mask(number > 0, number.astype("str"))
        else:
            text = pd.Series(str(self.said["period"]), index=rows.index, dtype="str")
        refuse_cut_octobers(
            [str(word) for word in text.dropna().unique()],
            lambda word: self.where(rows.index[text == word][0], "period"),
        )
        months = self.translate(rows.assign(period=text), "period", read_month)
        yearly = months.str.len() == 4
        told = [*text[yearly].unique()[:3]]
        hint = f"Leave the years out: leave_out={{'period': {told}}}."
        refuse_years_beside_months(yearly, lambda row: self.where(row, "period"), hint)
        first = pd.to_datetime(months.where(~yearly, months + "-01"), format="%Y-%m")
        return first, "yearly" if yearly.all() else "monthly"

    def numbers(self, rows: pd.DataFrame) -> Numbers:
        """Return how this file's numbers are written."""
        columns = {self.headings.columns[name]: rows[name] for name in NUMBERS if name in rows}
        said = self.said
        return Numbers(self.headings.name, columns, said.get("thousands"), said.get("decimal"))

    def values(self, rows: pd.DataFrame, column: str, blank: bool, numbers: Numbers) -> pd.Series:
        """Return values in the file's currency, scaled; `blank` ones are missing, or refused."""
        scale = float(self.said.get("scale", 1))
        most = ABSURD_VALUE / scale
        found = numbers.read(rows[column], self.headings.columns.get(column, column), most)
        if not blank and found.isna().any():
            row = rows.index[found.isna().to_numpy()][0]
            cell = "" if pd.isna(cell := rows[column].loc[row]) else str(cell).strip()
            raise InputError(
                "no value",
                where=self.where(row, column),
                expected="a number",
                got=repr(cell),
                hint=f"Leave such rows out: leave_out={{{column!r}: [{cell!r}]}}.",
            )
        return found * scale

    def quantities(self, rows: pd.DataFrame, flow: str | None, numbers: Numbers) -> pd.DataFrame:
        """Return quantity, unit, quantity2 and unit2, the weight first; of one flow of two."""
        said = self.said
        weight = f"{flow}_weight" if flow else "weight"
        weighed = weight in rows
        tonnes = 1000.0 if said.get("weight_in") == "t" else 1.0
        made = pd.DataFrame(index=rows.index)
        for amount, measure, source in (
            ("quantity", "unit", weight if weighed else "quantity"),
            ("quantity2", "unit2", "quantity" if weighed else "quantity2"),
        ):
            if source not in rows:
                continue
            found = numbers.read(rows[source], self.headings.columns.get(source, source))
            if source == weight:
                made[amount], made[measure] = found * tonnes, "kg"
            else:
                named = "unit" if source == "quantity" else "unit2"
                made[amount] = found
                made[measure] = rows[named].str.strip() if named in rows else said.get("unit")
            nothing = made[amount].isna() | ~(made[amount] > 0) | made[measure].isna()
            made.loc[nothing.to_numpy(), [amount, measure]] = [np.nan, None]
        return made


def _is_heading(code: str) -> bool:
    return code[:2] in SPECIAL_CHAPTERS or bool(editions_of(code[:4]))


def _flow(text: str) -> str:
    words = {"m": "import", "x": "export", "imp": "import", "exp": "export", "imports": "import",
             "exports": "export"}  # fmt: skip
    word = words.get(text.casefold(), text.casefold())
    if word not in FLOWS:  # numbers differ from publisher to publisher
        raise InputError(
            "unknown flow",
            expected="export or import",
            got=repr(text),
            hint="Say what it means: words={'flow': {'1': 'import', '2': 'export'}}.",
        )
    return word
