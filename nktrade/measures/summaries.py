"""Results as a paper prints them: one table and its notes, as text, HTML, Markdown or LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd


@dataclass(frozen=True)
class Summary:
    """A table of a result with what must stand beside it.

    Attributes
    ----------
    title : str
        What was estimated.
    table : pandas.DataFrame
        Numbers as they are; rounded only when written.
    notes : tuple of str
        Which errors, which months, over what support.

    Examples
    --------
    >>> table = pd.DataFrame({"gap": [1234.5]}, index=["closure"])
    >>> print(Summary("Lost", table, ("95 % intervals.",)).to_markdown())
    **Lost**
    <BLANKLINE>
    |  | gap |
    | --- | ---: |
    | closure | 1,234 |
    <BLANKLINE>
    95 % intervals.
    """

    title: str
    table: pd.DataFrame
    notes: tuple[str, ...] = ()

    def _written(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                column: self.table[column].map(write_p if column == "p" else write_number)
                for column in self.table
            },
            index=self.table.index.map(str),
        )

    def __str__(self) -> str:
        return "\n".join([self.title, self._written().to_string(), *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        table = self._written().to_html(border=0)
        return f"<div><p><strong>{escape(self.title)}</strong></p>{table}{notes}</div>"

    def to_markdown(self) -> str:
        """Write a Markdown table, its title above and its notes below."""
        rows = self._written()
        head = ["", *map(str, rows.columns)]
        rule = ["---", *["---:"] * rows.shape[1]]
        cells = [[name, *row] for name, row in zip(rows.index, rows.to_numpy(), strict=True)]
        lines = [f"| {' | '.join(map(_one_cell, line))} |" for line in [head, rule, *cells]]
        return "\n\n".join([f"**{self.title}**", "\n".join(lines), *self.notes])

    def to_latex(self, label: str | None = None) -> str:
        """Write a LaTeX table (booktabs), its notes below it."""
        align = "l" + "r" * self.table.shape[1]
        table = self._written().to_latex(
            escape=True, column_format=align, caption=_escape_tex(self.title), label=label
        )
        notes = "".join(f"\\par\\footnotesize {_escape_tex(note)}\n" for note in self.notes)
        return table.replace("\\end{table}", f"{notes}\\end{{table}}")


def _one_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _escape_tex(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def write_number(value: object) -> str:
    """Write a number with four figures or whole thousands; nothing where it is not known."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, bool | pd.Timestamp):
        return f"{value:%Y-%m}" if isinstance(value, pd.Timestamp) else ("yes" if value else "no")
    number = float(value)  # type: ignore[arg-type]
    if number == int(number) and abs(number) < 1000:
        return f"{number:.0f}"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def write_p(value: float) -> str:
    """Write a p value with three decimals, and the smallest as what they are below."""
    if value != value:
        return ""
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"


class Summarised:
    """What results share: they show themselves as their summary."""

    def summary(self) -> Summary:
        """Return the table a paper prints, with its notes."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return str(self.summary())

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def to_markdown(self) -> str:
        """Write the summary as a Markdown table."""
        return self.summary().to_markdown()

    def to_latex(self, label: str | None = None) -> str:
        """Write the summary as a LaTeX table."""
        return self.summary().to_latex(label)
