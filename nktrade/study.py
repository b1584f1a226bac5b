"""One question's trade: rows, side, provenance, caption and country, held once for a page.

A notebook makes one `Study` and asks it. Whatever the data cannot answer is raised, and becomes one
line of the page (`nktrade.refusals`); a notebook guards nothing. A page goes so:

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
from nktrade.amount import Amount
from nktrade.codes.baskets import select_basket
from nktrade.codes.classes import classify
from nktrade.codes.geography import list_places
from nktrade.codes.names import label
from nktrade.errors import InputError, UnanswerableError, check_choice
from nktrade.known import bounds
from nktrade.refusals import listen
from nktrade.store import describe, load, monthly_totals
from nktrade.table.addition import check_codes
from nktrade.table.meaning import tell_meaning
from nktrade.table.months import complete_months, find_whole, monthly
from nktrade.table.periods import spell_period
from nktrade.table.rows import FLOWS, is_estimated, mirror, select
from nktrade.worded import DIGITS, count_places, cut_digits, name_in_words
from nktrade.words import Folded, Note, finding, say, say_change

__all__ = [
    "Folded",
    "Note",
    "Study",
    "finding",
    "name_country",
    "say",
    "say_change",
]


class Study:
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
        self.declarer = name_country(str(rows["reporter"].iloc[0]))
        self.caption = charts.write_caption(self.trade, self.source.caption(), side=self.country)
        self.estimated, self.events = is_estimated(self.trade), partner == "PRK"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        """Say in a sentence what is read; the hashes of files go to whoever renders."""
        first, last = self.trade["period"].min(), self.trade["period"].max()
        status = "an estimate fitted to published figures, not records" if self.estimated else ""
        text = (
            f"{self.country}'s trade as {self.declarer}'s customs declared it, {first:%B %Y} to "
            f"{last:%B %Y}{': ' if status else ''}{status}. {len(self.trade):,} rows in "
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
        0101)
        """
        rows = select(self.trade, **where)
        rows = select_basket(rows, basket) if basket else rows
        if industry:
            rows = classify(rows, to="industry")
            rows = rows[rows["industry"] == industry]
        if rows.empty:
            within = "".join(f", {name}" for name in (industry, basket) if name)
            raise UnanswerableError(f"the data hold no {_spell_selection(**where)}{within}")
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
            raise UnanswerableError(
                f"the data hold fewer than {least} of the periods",
                expected=", ".join(map(spell_period, periods)),
                got=", ".join(map(spell_period, held.columns)),
            )
        return held

    def by_year(self, rows: pd.DataFrame, by: str, *, least: int = 1) -> pd.DataFrame:
        """Values by `by` (index) and whole year (columns), as `compare`."""
        flows = rows["flow"].unique()
        years = self.whole("year", flow=flows[0] if len(flows) == 1 else None)
        if not years:
            raise UnanswerableError("the data hold no whole year")
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
            raise UnanswerableError("no month is recorded or printed")
        return known[["flow", "period", "value"]].sort_values(
            "period", kind="stable", ignore_index=True
        )

    def ledger(self, query: str = "") -> pd.DataFrame:
        """Return the published figures, flows as the country's own; refuse where there are none.

        Parameters
        ----------
        query : str
            As `pandas.DataFrame.query` reads it, over the columns of `published.load_figures`.

        Raises
        ------
        UnanswerableError
            If the page is not about what is printed: China's trade with North Korea, in dollars.
        """
        china = set(self.trade["declared_by"].unique()) == {"CHN"}
        if self.partner != "PRK" or self.currency != "USD" or not china:
            raise UnanswerableError("only China's trade with North Korea is in print, in dollars")
        figures = published.load_figures()
        turned = {"import": "export", "export": "import"}
        figures = figures.assign(flow=figures["flow"].replace(turned))
        return figures.query(query) if query else figures

    def known(self, periods: Sequence[str], *, flow: str, hs: str = "") -> pd.DataFrame:
        """Return what is recorded or printed of a flow, or of a good, in each of several periods.

        Parameters
        ----------
        periods : sequence of str
        flow : {"export", "import"}
        hs : str, optional
            One code, as it is printed; by default all goods.

        Returns
        -------
        pandas.DataFrame
            Index period. Columns low, high, value (in `currency`): of records the sum, of an
            estimate what every printed figure of that very sum leaves within its rounding.

        Raises
        ------
        UnanswerableError
            Naming the first period that is neither recorded nor printed.
        """
        if not self.estimated:
            rows = self.select(flow=flow, **({"hs": hs} if hs else {}))
            sums = self.compare(rows, "flow", periods, least=len(periods)).sum(skipna=False)
            return pd.DataFrame(dict.fromkeys(("low", "high", "value"), sums))
        subject = f"hs == {hs!r}" if hs else "subject == 'total'"
        figures = self.ledger(f"{subject} and flow == {flow!r} and measure == 'value' and honoured")
        figures = figures[(figures["unit"] == self.currency) & (figures["province"] == "")]
        figures = figures[(figures["regime"] == "") & (figures["qualifier"] == "")]
        rows = figures.groupby("period").agg(low=("low", "max"), high=("high", "min"))
        for period in [one for one in periods if one not in rows.index]:
            rows.loc[period] = self._bound(period, flow, hs)
        held = rows.loc[list(periods)]
        # Releases are revised: where two prints cannot both hold, either may be meant.
        held = held.assign(low=held.min(axis=1), high=held.max(axis=1))
        top = held["high"].where(np.isfinite(held["high"]), held["low"])
        return held.assign(value=(held["low"] + top) / 2)

    def amount(self, period: str, *, of: str = "", **where: Any) -> Amount:
        """Return one sum with the least and the greatest that it can be, and how it is known.

        Parameters
        ----------
        period : str
        of : str, optional
            What the goods are, in words; by default their names.
        **where
            As `nktrade.bounds`: flow (the country's own; "total" and "balance" too), hs, industry,
            bec, province.

        Returns
        -------
        nktrade.amount.Amount
            Of records the sum; of an estimate what all published figures together leave. It writes
            itself in words, and comparing two makes a claim.

        Raises
        ------
        UnanswerableError, GapError, MixtureError
            If the data do not hold the period, or nothing is printed of such trade.

        Examples
        --------
        >>> korea = Study("PRK", "2022", "2023")
        >>> wigs = korea.amount("2023", flow="export", hs="6704")
        >>> print(wigs, wigs.support)
        167 million USD printed
        >>> (wigs > korea.amount("2023", flow="import", hs="6703")).verdict
        'holds'
        """
        what = published.tell_sum({"period": period, "of": of} | where)
        if not self.estimated:
            value = self._record(period, **where)
            return Amount(value, value, "recorded", self.currency, what)
        low, high, support = self.limits([period], **where).iloc[0]
        return Amount(float(low), float(high), str(support), self.currency, what)

    def ratio(self, part: dict[str, Any], whole: dict[str, Any]) -> Amount:
        """Return a ratio of two sums, 1 for equal: the ends are reached in one and the same table.

        Parameters
        ----------
        part, whole : dict
            As `amount` takes them, with the period: ``{"period": "2023", "flow": "import"}``.
        """
        if not self.estimated:
            return self.amount(**part) / self.amount(**whole)
        self.ledger()
        view = {"view": self.partner}
        low, high, _, support = published.bounds_ratio(part | view, whole | view).iloc[0]
        what = f"{published.tell_sum(part)} over {published.tell_sum(whole)}"
        return Amount(float(low), float(high), str(support), "", what)

    def claim(
        self, left: dict[str, Any], op: str, right: dict[str, Any] | float
    ) -> published.Claim:
        """Judge a comparison of two sums over everything that print, or records, leave open.

        Parameters
        ----------
        left, right : dict, or a number in `currency`
            As `amount` takes them, with the period.
        op : {">", ">=", "<", "<="}

        Returns
        -------
        nktrade.published.bounds.Claim
        """
        if self.estimated:
            self.ledger()
            view = {"view": self.partner}
            seen = right | view if isinstance(right, dict) else right
            return published.claim(left | view, op, seen)
        other: Amount | float = self.amount(**right) if isinstance(right, dict) else right
        gap = self.amount(**left) - other
        said = [published.tell_sum(side) for side in (left, right)]
        return published.judge_claim(said[0], op, said[1], gap.low, gap.high, gap.support)

    def limits(self, periods: Sequence[str], **where: Any) -> pd.DataFrame:
        """Return the least and the greatest value that every print together leaves of sums.

        Parameters
        ----------
        periods : sequence of str
        **where
            As `amount`.

        Returns
        -------
        pandas.DataFrame
            Index period. Columns low, high (in `currency`) and support; of records both are the
            sum.

        Raises
        ------
        UnanswerableError, GapError, MixtureError
            As `amount`.
        """
        if not self.estimated:
            sums = pd.Series({period: self._record(period, **where) for period in periods})
            sums = sums.rename_axis("period")
            return pd.DataFrame({"low": sums, "high": sums}).assign(support="recorded")
        self.ledger()
        asked = {"flow": "total"} | where
        if asked["flow"] == "balance":
            found = bounds(period=list(periods), view=self.partner, **asked)
            return found.set_index("period")[["low", "high", "support"]]
        return published.limit_sums(periods, view=self.partner, **asked)

    def _record(
        self,
        period: str,
        flow: str = "total",
        hs: str | Sequence[str] | None = None,
        province: str | None = None,
        industry: str = "",
        bec: str = "",
    ) -> float:
        """Add up declared rows; a good of which none came in whole months is a zero."""
        if flow == "balance":
            return self._record(period, "export") - self._record(period, "import")
        every = self.trade if flow == "total" else self.select(flow=flow)
        digits = max((len(code) for code in ([hs] if isinstance(hs, str) else hs or ())), default=2)
        if every["hs"].str.len().min() < digits:
            raise UnanswerableError(f"the data are too coarse for codes of {digits} digits")
        whole = self.compare(every, "flow", [period])
        for kind, wanted in (("industry", industry), ("bec", bec)):
            if wanted:
                every = classify(every, to=kind)
                every = every[every[kind] == wanted]
        rows = select(every, hs=hs, province=province)
        values = (
            whole if rows is every else self.compare(rows, "flow", [period]) if len(rows) else None
        )
        return 0.0 if values is None else float(values.sum(skipna=False).iloc[0])

    def _bound(self, period: str, flow: str, hs: str) -> list[float]:
        """Return what all published figures together leave of a sum that none of them prints."""
        found = bounds(flow=flow, hs=hs or None, period=period, view=self.partner).iloc[0]
        if found["support"] == "assumed":
            what = _spell_selection(flow=flow, hs=hs or None, period=period)
            raise UnanswerableError(f"no figure is printed and no record is there of {what}")
        return [found["low"], found["high"]]

    def records(self, rows: pd.DataFrame, what: str) -> pd.DataFrame:
        """Return rows if they are records; a method that tests months has no use for an estimate.

        Parameters
        ----------
        rows : pandas.DataFrame
        what : str
            What the method asks of them, as "months of coke and steel pipe".

        Raises
        ------
        UnanswerableError
            If a row is an estimate.
        """
        if is_estimated(rows):
            raise UnanswerableError(
                f"no record and no printed figure tells the {what}",
                hint="Run the page on a store of customs downloads.",
            )
        return rows

    @cached_property
    def points(self) -> pd.DataFrame:
        """Monthly totals as press, documents and bulletins printed them, for charts."""
        bulletins = None
        if self.data != "default":
            bulletins = monthly_totals(self.data, partner=self.partner, currency=self.currency)
        reporter = str(self.trade["declared_by"].iloc[0])
        table = published.published_months(
            self.partner, self.currency, bulletins, reporter=reporter
        )
        return table[table["period"].between(*self.trade["period"].agg(["min", "max"]))]

    def printed(self, **where: str) -> float:
        """Return one printed figure, in the unit of the page (dollars, tons, percent).

        Parameters
        ----------
        **where
            As `published.load_documents`; exactly one figure must meet it.

        Raises
        ------
        UnanswerableError
            If the page is not about what the documents print: North Korea, in dollars.
        InputError
            If no figure or several meet the words.

        Examples
        --------
        >>> Study("PRK", "2023", "2023").printed(document="kiep2023", flow="import", code="6703",
        ...                                      measure="value", period="2023")
        160030000.0
        """
        if self.partner != "PRK" or self.currency != "USD":
            raise UnanswerableError("the documents print North Korea's trade in dollars only")
        found = published.load_documents(**where)
        if len(found) != 1:
            raise InputError("not one printed figure", got=f"{len(found)} for {where}")
        dollars, number = found[["value_usd", "value"]].iloc[0]
        return float(number if pd.isna(dollars) else dollars)

    def prints(self, values: pd.DataFrame, **where: str) -> pd.DataFrame:
        """Return what documents print of a table of codes by periods, to draw as points over it.

        Parameters
        ----------
        values : pandas.DataFrame
            Codes in the index (or flows: their totals), periods as columns, as `compare` returns
            it.
        **where
            Narrower, as `published.load_documents`: ``flow="import"``.

        Returns
        -------
        pandas.DataFrame
            Like `values`, missing where nothing is printed.
        """
        by = "flow" if set(values.index) <= {"import", "export"} else "code"
        wanted = (
            {"measure": "value"} | ({"classification": "total"} if by == "flow" else {}) | where
        )
        rows = published.figures_for(self.partner, self.currency, wanted)
        rows = rows[(rows["geography"] == "CHN") & rows[by].isin(values.index)]
        wide = rows.pivot_table(index=by, columns="period", values="value_usd", aggfunc="first")
        return wide.reindex(index=values.index, columns=values.columns)

    def at_level(self, rows: pd.DataFrame, by: str) -> pd.DataFrame:
        """Return the rows with a column of codes at a level ("heading"), or as they are."""
        if by not in DIGITS:
            return rows
        if rows["hs"].str.len().min() < DIGITS[by]:
            raise UnanswerableError(
                f"the data are too coarse for a {by}",
                expected=f"codes of {DIGITS[by]} digits",
                got=f"{rows['hs'].str.len().min()} digits",
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
        known = {"events": self.events}
        takes = signature(chart).parameters
        given = {name: value for name, value in known.items() if name in takes} | options
        return chart(table, title=title, caption=self.caption, **given)

    def bars(
        self, table: pd.DataFrame | pd.Series, title: str, unit: str | None = None, **options: Any
    ) -> charts.Chart:
        """Draw bars of a wide table: a group of bars a row, a colour a column.

        Parameters
        ----------
        table : pandas.DataFrame or pandas.Series
        title : str
        unit : str, optional
            Of the values as they stand; by default they are money, written in millions or whatever
            keeps them short.
        """
        values = table.to_frame() if isinstance(table, pd.Series) else table
        divisor = 1.0
        if unit is None:
            divisor, unit = charts.scale_money(values.abs().max(), self.currency)
        points = options.pop("published", None)
        if points is not None and points.notna().any(axis=None):
            options["published"] = name_in_words(points)
        return self.draw(
            charts.draw_bars, name_in_words(values), title, ylabel=unit, divisor=divisor, **options
        )

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
        divisor = 1.0
        if unit is None:
            finite = numbers.where(np.isfinite(numbers)).abs().max()
            divisor, unit = charts.scale_money(finite, self.currency)
        caption = f"Least and most that published figures leave. {self.source.caption()}"
        caption = caption if self.estimated else self.caption
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
        if status is None and self.estimated:
            status = "print alone" if {"low", "high"} <= set(shown.columns) else "estimated"
        if status == "estimated":
            shown = shown.assign(**{str(n): cut_digits(shown[n], digits) for n in numbers})
        formats: dict[Any, Any] = {
            name: f"{{:,.{count_places(shown[name], digits)}f}}" for name in numbers
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


def _spell_selection(
    flow: str | None = None, hs: str | Sequence[str] | None = None, **where: Any
) -> str:
    words = f"{flow}s" if flow else "trade"
    if hs is not None:
        named = [label(code) for code in ([hs] if isinstance(hs, str) else hs)]
        words += f" of {', '.join(_lower(one) for one in named)}"
    if "period" in where:
        words += f" in {spell_period(where.pop('period'))}"
    return words + "".join(f", {name} {value}" for name, value in where.items())


def _lower(name: str) -> str:
    """Begin a name in small letters, as inside a sentence; "HS" stays."""
    return name if name.startswith("HS") else name[:1].lower() + name[1:]
