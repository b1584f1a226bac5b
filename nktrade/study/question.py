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

from collections.abc import Callable, Sequence
from functools import cached_property
from html import escape
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from nktrade import charts, measures, published
from nktrade.codes.baskets import select_basket
from nktrade.codes.classes import classify
from nktrade.codes.geography import list_places
from nktrade.errors import UnanswerableError, check_choice
from nktrade.store import describe, load
from nktrade.study.evidence import Evidence
from nktrade.study.refusals import listen
from nktrade.study.wording import DIGITS, count_places, cut_digits, name_in_words, spell_selection
from nktrade.table.addition import check_codes
from nktrade.table.completing import complete_months
from nktrade.table.meaning import read_ends, tell_meaning
from nktrade.table.mirrors import mirror
from nktrade.table.months import monthly
from nktrade.table.periods import spell_period
from nktrade.table.rows import FLOWS, is_estimated
from nktrade.table.selecting import select
from nktrade.table.whole_periods import find_whole

_PRINT = "Source: published figures, and what they leave together."


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

    def __init__(
        self,
        partner: str = "PRK",
        start: str | None = None,
        end: str | None = None,
        data: str = "default",
        currency: str = "USD",
        **asked: Any,
    ) -> None:
        listen()
        self.partner, self.currency, self.data = partner, currency, data
        self.source = describe(data)
        rows = load(data, partner=partner, start=start, end=end, currency=currency, **asked)
        self.trade = mirror(rows)
        self.country = name_country(partner)
        declarers = rows["reporter"].unique()
        self.declarer = f"{len(declarers)} countries"
        if len(declarers) == 1:
            self.declarer = name_country(str(declarers[0]))
        self.caption = charts.write_caption(self.trade, self.source.caption(), side=self.country)
        self.estimated, self.events = is_estimated(self.trade), partner == "PRK"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        """Say in a sentence what is read; the hashes of files go to whoever renders."""
        first, last = self.trade["period"].min(), self.trade["period"].max()
        status = "an estimate fitted to published figures, not records" if self.estimated else ""
        text = (
            f"{self.country}'s trade as the customs of {self.declarer} declared it, "
            f"{first:%B %Y} to {last:%B %Y}{': ' if status else ''}{status}. {len(self.trade):,} "
            f"rows in "
            f"{self.currency}; {self.source.caption()}."
        )
        bundle = dict(self.source._repr_mimebundle_())
        return bundle | {"text/plain": text, "text/html": f'<p class="data">{escape(text)}</p>'}

    # Rows

    def select(self, *, industry: str = "", basket: str = "", **where: Any) -> pd.DataFrame:
        """Return the rows asked for, as `nktrade.select`; refuse where there is none.

        Parameters
        ----------
        industry : str, optional
            One of the documents' industries; the rows have it as a column.
        basket : str, optional
            As `codes.baskets.load_basket` reads it.
        **where
            As `nktrade.select`.

        Raises
        ------
        UnanswerableError
            Naming what the data do not hold, in words.

        Examples
        --------
        >>> Study("PRK", "2020", "2020").select(flow="export", hs="0101")
        Traceback (most recent call last):
        ...
        nktrade.errors.UnanswerableError: the data hold no exports of live horses and donkeys (HS
        0101). Import downloads of them, or choose others: nktrade data import.
        """
        rows = select(self.trade, **where)
        rows = select_basket(rows, basket) if basket else rows
        if industry:
            rows = classify(rows, to="industry")
            rows = rows[rows["industry"] == industry]
        if rows.empty:
            within = "".join(f", {name}" for name in (industry, basket) if name)
            raise UnanswerableError(
                f"the data hold no {spell_selection(**where)}{within}",
                hint="Import downloads of them, or choose others: nktrade data import.",
            )
        return rows

    def everyone(self, *, flow: str, **asked: Any) -> pd.DataFrame:
        """Return the declarer's trade with all of its partners, the country among them.

        Parameters
        ----------
        flow : {"export", "import"}
            The partners' own: ``"import"`` is what the declarer sold to each.
        **asked
            What else `nktrade.load` takes.

        Examples
        --------
        >>> korea = Study("PRK", "2023", "2023")
        >>> korea.everyone(flow="import", start="2023", end="2023")["partner"].unique().tolist()
        ['PRK']
        """
        check_choice("flow", flow, FLOWS)
        declared = FLOWS[1 - FLOWS.index(flow)]
        return load(self.data, partner=None, flow=declared, currency=self.currency, **asked)

    @cached_property
    def imports(self) -> pd.DataFrame:
        """Rows of what the country bought."""
        return self.select(flow="import")

    @cached_property
    def exports(self) -> pd.DataFrame:
        """Rows of what the country sold."""
        return self.select(flow="export")

    # Sums

    def whole(self, kind: str, *, flow: str | None = None) -> list[str]:
        """Return the years or half-years of which the data hold every month.

        Parameters
        ----------
        kind : {"year", "half-year", "first half"}
        flow : {"export", "import"}, optional
            Of this flow alone.

        Examples
        --------
        >>> Study("PRK", "2019-03", "2021").whole("year")
        ['2020', '2021']
        """
        forms = {"year": ("{}",), "half-year": ("{}-H1", "{}-H2"), "first half": ("{}-H1",)}
        check_choice("kind of period", kind, forms)
        rows = self.trade if flow is None else self.select(flow=flow)
        years = sorted(rows["period"].dt.year.unique())
        return find_whole(rows, [form.format(year) for year in years for form in forms[kind]])

    def hold(self, *periods: str, flow: str | None = None) -> None:
        """Refuse where the data do not hold each of the periods whole.

        Parameters
        ----------
        *periods : str
        flow : {"export", "import"}, optional
            Of this flow alone.

        Raises
        ------
        UnanswerableError
            Naming the periods that are missing.

        Examples
        --------
        >>> Study("PRK", "2019", "2021").hold("2018", "2020")
        Traceback (most recent call last):
        ...
        nktrade.errors.UnanswerableError: the data do not hold every month of 2018. Import ...
        """
        rows = self.trade if flow is None else self.select(flow=flow)
        held = find_whole(rows, periods)
        if missing := [spell_period(period) for period in periods if period not in held]:
            raise UnanswerableError(
                f"the data do not hold every month of {', '.join(missing)}",
                hint="Import downloads of these months: nktrade data import.",
            )

    def compare(
        self, rows: pd.DataFrame, by: str, periods: Sequence[str], *, least: int = 1
    ) -> pd.DataFrame:
        """Set periods side by side: what is in `by` (index), a column a period.

        Parameters
        ----------
        rows : pandas.DataFrame
            Rows of `trade`.
        by : str
            "chapter", "heading", "subheading", "line", or a column of `rows`.
        periods : sequence of str
            Those that the data do not hold whole are left out.
        least : int
            How many must be left.

        Raises
        ------
        UnanswerableError, GapError, MixtureError
            As `measures.compare_periods`; or if fewer than `least` periods are held whole.
        """
        if by in ("subheading", "line"):  # below the heading the same digits change their meaning
            inside = [select(rows, period=period) for period in periods]
            check_codes(pd.concat(inside), ["hs"])
        sums = measures.compare_periods(
            self.at_level(rows, by), by, list(periods), coverage=self.trade
        )
        held = sums.dropna(axis="columns", how="all")
        if len(held.columns) < least:
            missing = [spell_period(period) for period in periods if period not in held]
            raise UnanswerableError(
                f"the data hold no known sum of {', '.join(missing)}",
                expected=f"at least {least} of the periods",
                got=", ".join(map(spell_period, held.columns)),
                hint="Choose other periods, or import downloads of these: nktrade data import.",
            )
        return held

    def largest(self, table: pd.DataFrame, n: int, *, least: int = 2) -> pd.DataFrame:
        """Return the `n` rows that are largest in the last column, in their order.

        Parameters
        ----------
        table : pandas.DataFrame
            What `compare` returns.
        n : int
        least : int
            How many must have a value.

        Raises
        ------
        UnanswerableError
            If fewer have one: there is no order among them.
        """
        last = table.columns[-1]
        top = table.sort_values(last, ascending=False, kind="stable").head(n)
        if (found := int(top[last].gt(0).sum())) < least:
            raise UnanswerableError(
                f"{found} of what is ranked has a value in {spell_period(last)}",
                expected=f"at least {least}",
                hint="Import downloads of more goods: nktrade data import.",
            )
        return top

    def by_year(self, rows: pd.DataFrame, by: str, *, least: int = 1) -> pd.DataFrame:
        """Values by `by` (index) and whole year (columns), as `compare`."""
        flows = rows["flow"].unique()
        years = self.whole("year", flow=flows[0] if len(flows) == 1 else None)
        if not years:
            raise UnanswerableError(
                "the data hold no whole year",
                hint="Import downloads of every month of a year: nktrade data import.",
            )
        return self.compare(rows, by, years, least=least)

    def monthly(
        self, rows: pd.DataFrame, by: str | Sequence[str] = (), *, gaps: str = "split"
    ) -> pd.DataFrame:
        """Add rows up month by month; a month in which only other goods trade is a reported zero.

        Parameters
        ----------
        rows : pandas.DataFrame
        by : str or sequence of str
            As `compare`, or several columns; flows are always kept apart.
        gaps : {"refuse", "leave", "zero", "split"}
            As `nktrade.complete_months`.
        """
        names = [by] if isinstance(by, str) else list(by)
        for name in names:
            rows = self.at_level(rows, name)
        return complete_months(monthly(rows, names, coverage=self.trade), gaps)

    def firm(self, months: pd.DataFrame) -> pd.DataFrame:
        """Return the months of total trade that are known: recorded, or printed by themselves.

        Parameters
        ----------
        months : pandas.DataFrame
            What `monthly` returns for all goods.

        Returns
        -------
        pandas.DataFrame
            Columns flow, period, value; of an estimate the printed values themselves.

        Raises
        ------
        UnanswerableError
            If there is none.
        """
        known = months[months["support"].isin(["recorded", "printed"])]
        if known.empty:
            known = months[["flow", "period"]].merge(self.points, on=["flow", "period"])
        if known.empty:
            raise UnanswerableError(
                "no month is recorded or printed",
                hint="Run the page on a store of customs downloads: nktrade data import.",
            )
        return known[["flow", "period", "value"]].sort_values(
            "period", kind="stable", ignore_index=True
        )

    def at_level(self, rows: pd.DataFrame, by: str) -> pd.DataFrame:
        """Return the rows with a column of codes at a level ("heading"), or as they are."""
        if by in ("province", "regime") and rows[by].isna().all():
            raise UnanswerableError(
                f"the data are not broken down by {by}",
                hint=f"Import customs downloads by {by}; Comtrade, BACI and totals have none.",
            )
        if by not in DIGITS:
            return rows
        if rows["hs"].str.len().min() < DIGITS[by]:
            raise UnanswerableError(
                f"the data are too coarse for a {by}",
                expected=f"codes of {DIGITS[by]} digits",
                got=f"{rows['hs'].str.len().min()} digits",
                hint="Import downloads of finer codes, or choose a coarser level.",
            )
        return rows.assign(**{by: rows["hs"].str[: DIGITS[by]]})

    # What the page shows

    def draw(
        self, chart: Callable[..., charts.Chart], table: Any, title: str, **options: Any
    ) -> charts.Chart:
        """Draw a table with one of `nktrade.charts`, which learns caption and currency here.

        Examples
        --------
        >>> korea = Study("PRK", "2022", "2023")
        >>> chart = korea.draw(charts.draw_trend, korea.monthly(korea.trade), "Trade by month")
        >>> chart.alt.partition(". ")[0]
        'Line chart'
        """
        if isinstance(table, pd.DataFrame | pd.Series):
            table = tell_meaning(table, currency=self.currency)
        known = {"events": self.events, "caption": self.caption}
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
        title : str
        unit : str, optional
            Of the values as they stand; by default they are money, written in millions or whatever
            keeps them short.
        status : {"", "print alone", "known"}
            Whether the values are print's, whatever the data; or what is known, as `Evidence.known`
            and `limits` return it: print's of an estimate, else the records'.
        """
        check_choice("status", status, ("", "print alone", "known"))
        if status == "print alone" or (status == "known" and self.estimated):
            options["caption"] = _PRINT
        values = table.to_frame() if isinstance(table, pd.Series) else table
        divisor = 1.0
        if unit is None:
            divisor, unit = charts.scale_money(values.abs().max(), self.currency)
        points = options.pop("published", None)
        if points is not None and points.notna().any(axis=None):
            options["published"] = name_in_words(points)
        options |= {"ylabel": unit, "divisor": divisor, "ends": read_ends(values)}
        return self.draw(charts.draw_bars, name_in_words(values), title, **options)

    def ranges(self, table: pd.DataFrame, title: str, unit: str | None = None) -> charts.Chart:
        """Draw a bar from the least to the greatest value, a row each.

        Parameters
        ----------
        table : pandas.DataFrame
            Columns low and high, as `limits` returns them; any other column is drawn as points.
        title : str
        unit : str, optional
            Of the values as they stand; by default they are money.
        """
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
        caption = _PRINT if self.estimated else self.caption
        return charts.draw_ranges(numbers, title, caption, ylabel=unit, divisor=divisor)

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
        caption : str
        digits : int
        status : str, optional
            What the numbers are, said after the caption: "print alone", "made here". By default
            "estimated" if the rows are, unless the table is one of least and greatest values.
        """
        shown = name_in_words(frame.to_frame() if isinstance(frame, pd.Series) else frame)
        numbers = shown.select_dtypes("number").columns
        limits = status is None and {"low", "high"} <= set(shown.columns)
        if limits:
            shown = shown.rename(columns={"low": "at least", "high": "at most"})
            numbers = shown.select_dtypes("number").columns
        if status is None and self.estimated:
            status = "print alone" if limits else "estimated"
        if status == "estimated":
            shown = shown.assign(**{str(n): cut_digits(shown[n], digits) for n in numbers})
        formats: dict[Any, Any] = {
            name: f"{{:z,.{count_places(shown[name], digits)}f}}" for name in numbers
        }
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


def name_country(iso3: str) -> str:
    """Return a country's English name for titles; the code itself where nobody lists it.

    Examples
    --------
    >>> name_country("PRK"), name_country("CHN"), name_country("XYZ")
    ('North Korea', 'China', 'XYZ')
    """
    return list_places("partner").get(iso3, iso3)
