"""One question's trade: rows, side, provenance, caption and country, held once for a page.

A notebook makes one `Study` and asks it. Whatever the data cannot answer is raised, and becomes one
line of the page (`nktrade.study.refusals`); a notebook guards nothing. A page goes so:

1. Title, and one question in one sentence.
2. Imports, then the parameters (a cell tagged ``parameters``, typed).
3. ``korea = nk.Study(partner, start, end, data, currency)`` and the few lines that compute what the
   finding says; `finding`, at most 25 words with a number; the first chart (tagged ``cover``).
4. Evidence: a heading, what is asked and why in two or three sentences, a cell of a few lines, and
   what it says, by `say`.
5. Data and method with its reference; Published and computed; What these numbers cannot say;
   Exercises with checks.

docs/writing_notebooks.md has the house's words and the budgets that tests hold.

Examples
--------
>>> korea = Study("PRK", "2022", "2023")
>>> korea.country, korea.declarer
('North Korea', 'China')
>>> wigs = korea.select(flow="export", hs="6704")
>>> korea.compare(wigs, "heading", ["2022", "2023"]).columns.tolist()
['2022', '2023']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from html import escape
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from nktrade import charts, published
from nktrade.errors import UnanswerableError, check_choice
from nktrade.study.amount import is_of_amounts, lay_ends, part_ends, take_ends, write_amount
from nktrade.study.evidence import Evidence
from nktrade.study.wording import count_places, cut_digits, name_in_words, round_outwards
from nktrade.table.meaning import is_reckoned, read_ends, tell_meaning

_PRINT = "Source: published figures, and what they leave together."
_RECKONED = "Bars: worked out from the estimate's sums; what print leaves of them is not drawn."


class Study(Evidence):
    """A country's trade in its partner's mirror, as one page reads it.

    Parameters
    ----------
    partner : str
        ISO3 code of the country; its own flows are shown, as its partner declared them.
    start, end : str, optional
        First and last month.
    data : str
        "default" for the estimated panel, or the folder of a store.
    currency : {"USD", "CNY"}
        Of the rows to read.
    **asked
        What else `nktrade.load` takes: a page that needs one chapter reads one (``hs="30"``).

    Attributes
    ----------
    trade : pandas.DataFrame
        The mirrored trade table.
    source : nktrade.store.Provenance
    country, declarer : str
        Whose trade it is and who declared it, by name.
    caption : str
        Source, status and side, for under charts.
    estimated, events : bool
        Whether any row is an estimate; whether the policy events of charts are this country's.

    Examples
    --------
    >>> korea = Study(start="2022-01", end="2022-12")
    >>> korea.partner, korea.currency
    ('PRK', 'USD')
    """

    @cached_property
    def caption(self) -> str:
        """Source, status and side, for under charts."""
        return charts.write_caption(self.trade, self.source.caption(), side=self.country)

    @property
    def _told(self) -> str:
        """The source of what is known: print, or the records."""
        return _PRINT if self.estimated else self.caption

    def draw(
        self,
        chart: Callable[..., charts.Chart],
        table: Any,
        title: str,
        *,
        status: str = "",
        **options: Any,
    ) -> charts.Chart:
        """Draw a table with one of `nktrade.charts`, which learns caption and currency here.

        A column of amounts becomes its middle, for colours, and columns low and high beside it; the
        source is then print, unless the data are records, as it is with ``status="known"``.

        Examples
        --------
        >>> korea = Study("PRK", "2022", "2023")
        >>> chart = korea.draw(charts.draw_trend, korea.monthly(korea.trade), "Trade by month")
        >>> chart.alt.partition(". ")[0]
        'Line chart'
        """
        if isinstance(table, pd.DataFrame | pd.Series):
            table = tell_meaning(table, currency=self.currency)
        if isinstance(table, pd.DataFrame) and is_of_amounts(table):
            table, status = part_ends(table), "known"
        check_choice("status", status, ("", "known"))
        told = self._told if status else self.caption
        known = {"events": self.events, "caption": told}
        takes = signature(chart).parameters
        given = {name: value for name, value in known.items() if name in takes} | options
        return chart(table, title=title, **given)

    def bars(
        self,
        table: pd.DataFrame | pd.Series,
        title: str,
        unit: str | None = None,
        *,
        status: str = "",
        **options: Any,
    ) -> charts.Chart:
        """Draw bars of a wide table: a group of bars a row, a colour a column.

        Parameters
        ----------
        table : pandas.DataFrame or pandas.Series
            Of numbers, or of amounts: then bars end where what is fixed lies, or else at the least
            that there can be, and lines lead from there to the most.
        title : str
        unit : str, optional
            Of the values as they stand; by default they are money, written in millions or whatever
            keeps them short.
        status : {"", "print alone", "known", "worked out"}
            Whether the values are print's, whatever the data; or what is known, as
            `Evidence.limits` returns it: print's of an estimate, else the records'; or shares and
            the like under names of their own, of which the caption of an estimate then says so.
        """
        check_choice("status", status, ("", "print alone", "known", "worked out"))
        if status == "print alone" or (status == "known" and self.estimated):
            options["caption"] = _PRINT
        values = table.to_frame() if isinstance(table, pd.Series) else table
        ends = read_ends(values)
        if not status and _is_printed(values, ends):
            values = self.amounts(values)
        if is_of_amounts(values):
            values, ends = take_ends(values)
            status = "known"
            options["caption"] = self._told
        reckoned = status == "worked out" or (not status and is_reckoned(values))
        if reckoned and self.estimated:
            options.setdefault("caption", f"{self.caption} {_RECKONED}")
        divisor = 1.0
        if unit is None:
            divisor, unit = charts.scale_money(values.abs().max(), self.currency)
        points = options.pop("published", None)
        if points is not None and points.notna().any(axis=None):
            options["published"] = name_in_words(points)
        options |= {"ylabel": unit, "divisor": divisor, "ends": ends}
        return self.draw(charts.draw_bars, name_in_words(values), title, **options)

    def ranges(
        self,
        table: pd.DataFrame | Mapping[str, Any],
        title: str,
        unit: str | None = None,
        **points: Mapping[str, float],
    ) -> charts.Chart:
        """Draw a bar from the least to the greatest value, a row each.

        Parameters
        ----------
        table : pandas.DataFrame or mapping
            Columns low and high, as `limits` returns them; any other column is drawn as points. Or
            amounts by what they are of.
        title : str
        unit : str, optional
            Of the values as they stand; by default they are money.
        **points
            Numbers by row, drawn as points of that name: ``expected={"2024": 1.6e9}``.

        Examples
        --------
        >>> korea = Study("PRK", "2022", "2023")
        >>> wigs = {year: korea.amount(year, flow="export", hs="6704") for year in ("2022", "2023")}
        >>> korea.ranges(wigs, "Wigs").alt
        'Ranges, million USD. Wigs. 2022: 11.5 to 11.7; 2023: 167.'
        """
        if not isinstance(table, pd.DataFrame):
            table = lay_ends(table)
        table = table.assign(**{name: pd.Series(marks) for name, marks in points.items()})
        numbers = name_in_words(table.drop(columns="support", errors="ignore"))
        if numbers["low"].isna().any():
            raise UnanswerableError(
                "a range is not known: there is no trade to take a share of",
                hint="Choose other periods, or import downloads of these: nktrade data import.",
            )
        divisor = 1.0
        if unit is None:
            finite = numbers.where(np.isfinite(numbers)).abs().max()
            divisor, unit = charts.scale_money(finite, self.currency)
        return charts.draw_ranges(numbers, title, self._told, ylabel=unit, divisor=divisor)

    def table(
        self,
        frame: pd.DataFrame | pd.Series,
        caption: str,
        *,
        digits: int = 3,
        status: str | None = None,
    ):
        """Show a table, codes and periods in words, each column to the digits that say something.

        An estimate has no more than three digits to show; records are written in full by
        ``digits=15``.

        Parameters
        ----------
        frame : pandas.DataFrame or pandas.Series
            Of numbers, words, or amounts, which write their ends. Columns called the least and the
            greatest of something, side by side, are rounded outwards.
        caption : str
        digits : int
        status : str, optional
            What the numbers are, said after the caption: "print alone", "made here"; "known" is
            print alone of an estimate, and of records nothing. By default "estimated" if the rows
            are, unless the table is one of least and greatest values.
        """
        shown = name_in_words(frame.to_frame() if isinstance(frame, pd.Series) else frame)
        amounts = is_of_amounts(shown)
        shown = (
            shown.map(write_amount, digits=digits)
            if amounts
            else shown.replace([np.inf, -np.inf], np.nan)
        )
        limits = status is None and {"low", "high"} <= set(shown.columns)
        if limits:
            shown = shown.rename(columns={"low": "at least", "high": "at most"})
        numbers = shown.select_dtypes("number").columns
        if status in (None, "known"):
            printed = limits or amounts or status == "known"
            status = ("print alone" if printed else "estimated") if self.estimated else ""
        if status == "estimated":
            digits = min(digits, 3)
            shown = shown.assign(**{str(n): cut_digits(shown[n], digits) for n in numbers})
        places = {name: count_places(shown[name], digits) for name in numbers}
        shown = round_outwards(shown, places)
        formats: dict[Any, Any] = {name: f"{{:z,.{places[name]}f}}" for name in numbers}
        said = caption + (f" ({status})" if status else "")
        styled = shown.style.format(formats, na_rep="", escape="html").set_caption(escape(said))
        for axis in (0, 1):  # a Styler takes text for HTML: a name of goods may hold any
            styled.format_index(escape="html", axis=axis)
            styled.format_index_names(escape="html", axis=axis)
        return styled

    def published(self, *selections: dict[str, str]) -> published.Comparison:
        """Hold the page's rows against the published figures that it is about."""
        figures = published.figures_for(self.partner, self.currency, *selections)
        return published.compare(figures, self.trade)

    def money(self, value: float) -> str:
        """Write an amount as people say it.

        Examples
        --------
        >>> Study("PRK", "2023", "2023").money(166_740_000)
        '167 million USD'
        """
        divisor, unit = charts.scale_money(pd.Series([value]), self.currency)
        return f"{charts.write_figure(value / divisor)} {unit}"


def _is_printed(wide: pd.DataFrame, ends: pd.DataFrame | None) -> bool:
    """Say whether print fixes every sum of a table: none is the estimate's then."""
    drawn = wide.notna().to_numpy().ravel(order="F")
    return ends is not None and bool(ends.loc[drawn, "support"].eq("printed").all())
