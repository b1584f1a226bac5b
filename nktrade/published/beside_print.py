"""Published figures beside what a trade table computes, each with its verdict, for a page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from nktrade.published.computing import Amounts
from nktrade.published.documents import DOCUMENTS, UNITS, name_figures
from nktrade.published.figures import load_reading_ranges
from nktrade.published.intervals import Interval
from nktrade.published.space import PANEL_SOURCE
from nktrade.published.verdicts import COUNTS, Judge, Judged, tell_room
from nktrade.table.rows import is_estimated

#: How a word before a number is shown.
_HEDGES = {"about": "about ", "below": "below ", "above": "more than "}


@dataclass(frozen=True)
class Comparison:
    """Published figures beside what a run computes; shows itself as a table on a page.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `id`. Columns document, place, quote, label, period, unit, qualifier ("about",
        "below", "above" or none), printed, reading, computed, low, high (what other prints allow,
        where the verdict rests on that), verdict (one of `COUNTS`), reason.
    estimated : bool
        Whether the computed figures come from estimated rows.

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> figures = load_documents("kiep2023", code="6704", measure="value")
    >>> compared = compare(figures, nk.mirror(nk.load(hs="6704")))
    >>> compared.estimated, compared.counts["circular"]
    (True, 1)
    """

    table: pd.DataFrame
    estimated: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many figures have each verdict, by the names of `COUNTS`."""
        verdict = self.table["verdict"]
        return {name: int(verdict.eq(word).sum()) for name, word in COUNTS.items()}

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        if self.table.empty:
            text = (
                "No printed figure meets this page: the documents print North Korea's trade with "
                "China in dollars, in the periods and goods they name. Nothing to compare."
            )
            return {"text/plain": text, "text/html": f"<p>{text}</p>"}
        shown, known = self._lay_verdicts(), self._write_known()
        units = zip(self.table.index, known, self.table["unit"], strict=True)
        return {
            "text/html": self._write_html(shown),
            "text/plain": shown.to_string(index=False, max_colwidth=40),
            "application/vnd.nktrade+json": {
                "published": self.counts,
                "figures": self.table["verdict"].to_dict(),
                "computed": {
                    str(id_): f"{told} {unit}".strip() for id_, told, unit in units if told
                },
            },
        }

    def _lay_verdicts(self) -> pd.DataFrame:
        """Lay each print beside what is known of it, in words and digits."""
        computed = "estimated, or left by other prints" if self.estimated else "computed"
        hedges = self.table["qualifier"].map(_HEDGES).fillna("")
        return pd.DataFrame(
            {
                "figure": name_figures(self.table),
                "unit": self.table["unit"],
                "printed": hedges + self.table["printed"].map(_write_number),
                "reading": self._write_readings(),
                computed: self._write_known(),
                "verdict": self.table["verdict"],
            }
        )

    def _write_html(self, shown: pd.DataFrame) -> str:
        """Write the verdicts, and folded under them where each figure is printed."""
        where = shown[["figure"]].assign(document=self.table["document"].map(DOCUMENTS))
        where = where.join(self.table[["place", "quote", "reason"]])
        write: dict[str, Any] = {"index": False, "border": 0, "classes": "published"}
        rows = _name_rows(shown.to_html(**write), self.table.index)
        printed = where.rename(columns={"reason": "note"}).to_html(**write)
        return (
            f"{rows}<details><summary>Where each figure is printed, and why a "
            f"reading or a verdict stands</summary>{printed}</details>"
        )

    def _write_readings(self) -> pd.Series:
        """Write what was meant where a print is wrong: a number, or a range of them."""
        ranges = load_reading_ranges()[["low", "high"]]
        told = self.table["reading"].map(_write_number)
        for name in self.table.index.intersection(ranges.index):
            meant = Interval(*ranges.loc[name]) * (1 / UNITS[self.table.loc[name, "unit"]])
            told[name] = (
                tell_room(meant) if meant.low > 0 else f"at most {_write_number(meant.high)}"
            )
        return told

    def _write_known(self) -> list[str]:
        """Write what stands beside each print: a number, or what other prints leave for it."""
        return [
            _write_number(computed) if pd.isna(low) else tell_room(Interval(low, high))
            for computed, low, high in self.table[["computed", "low", "high"]].itertuples(
                index=False
            )
        ]


def _name_rows(html: str, figures: pd.Index) -> str:
    """Write each figure's id on its row of a table, so that a page can link it."""
    head, *rows = html.split("<tr>")
    named = zip(figures, rows, strict=True)
    return head + "".join(f'<tr data-figure="{escape(str(name))}">{row}' for name, row in named)


def _write_number(number: float) -> str:
    if pd.isna(number):
        return ""
    if 0 < abs(number) < 1e-4:  # no exponents
        return f"{number:.4f}"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:,.4g}"


def compare(figures: pd.DataFrame, trade: pd.DataFrame) -> Comparison:
    """Compute each published figure from a trade table and judge it.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `load_documents`; printed dashes are left out.
    trade : pandas.DataFrame
        A trade table seen from North Korea's side (`mirror`), USD.

    Returns
    -------
    Comparison

    Notes
    -----
    Records are compared as they are. An estimate is fitted to prints and tests none: it is judged
    by what other prints allow (`allow_by_prints`), and else by the whole set of tables that agree
    with the honoured figures (`allow_by_set`).

    Examples
    --------
    >>> import nktrade as nk
    >>> from nktrade.published import load_documents
    >>> figures = load_documents("kiep2023", code="6704", measure="value")
    >>> compared = compare(figures, nk.mirror(nk.load(hs="6704")))
    >>> compared.table["verdict"].tolist()  # the estimate was fitted to this very figure
    ['circular']
    """
    amounts = Amounts(trade)
    estimated = is_estimated(trade)
    figures = figures[figures["value"].notna()]
    fitted = estimated and "source" in trade and bool(trade["source"].eq(PANEL_SOURCE).all())
    judge_one = Judge(amounts, estimated, fitted)
    rows = [judge_one(figure) for _, figure in figures.iterrows()]
    judged = pd.DataFrame(rows, index=figures.index, columns=Judged._fields)
    judged = judged[["computed", "low", "high", "verdict", "reason"]]
    table = figures[["document", "place", "quote", "label", "period", "unit"]].assign(
        label=_label_growth(figures),
        qualifier=figures["measure"].map(lambda measure: measure.partition(" ")[2]),
        printed=figures["value"],
        reading=figures["reading"],
    )
    return Comparison(table.join(judged), estimated=estimated)


def _label_growth(figures: pd.DataFrame) -> pd.Series:
    """Say that a rate is one: under "Electricity, %" a reader would take it for a share."""
    rate = figures["measure"].str.startswith("growth")
    told = figures["label"].str.contains("growth|change", case=False)
    return figures["label"].where(~rate | told, figures["label"] + ", growth")
