"""What the data of a page hold: rows, whole periods, and sums of them by period."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import Any

import pandas as pd

from nktrade import measures
from nktrade.codes.baskets import select_basket
from nktrade.codes.classes import classify
from nktrade.errors import UnanswerableError, check_choice, count_of
from nktrade.store import describe, load
from nktrade.study.refusals import listen
from nktrade.study.wording import DIGITS, name_country, spell_selection
from nktrade.table.addition import check_codes
from nktrade.table.completing import complete_months
from nktrade.table.mirrors import mirror
from nktrade.table.months import monthly
from nktrade.table.periods import list_periods, spell_period
from nktrade.table.rows import FLOWS, is_estimated
from nktrade.table.selecting import select
from nktrade.table.support import narrow
from nktrade.table.whole_periods import find_whole


class Holdings:
    """Rows of a country's trade and their sums, the part of a `Study` that asks the data."""

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
        self.estimated, self.events = is_estimated(self.trade), partner == "PRK"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        """Say in a sentence what is read; the hashes of files go to whoever renders."""
        first, last = self.trade["period"].min(), self.trade["period"].max()
        status = "an estimate fitted to published figures, not records" if self.estimated else ""
        text = (
            f"{self.country}'s trade as the customs of {self.declarer} declared it, "
            f"{first:%B %Y} to {last:%B %Y}{': ' if status else ''}{status}. "
            f"{count_of(len(self.trade), 'rows')} in {self.currency}; {self.source.caption()}."
        )
        bundle = dict(self.source._repr_mimebundle_())
        return bundle | {"text/plain": text, "text/html": f'<p class="data">{escape(text)}</p>'}

    def __repr__(self) -> str:
        return str(self._repr_mimebundle_()["text/plain"])  # at a prompt that shows no page

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
        >>> from nktrade.study import Study
        >>> Study("PRK", "2020", "2020").select(flow="export", hs="0101")
        Traceback (most recent call last):
        ...
        nktrade.errors.UnanswerableError: the data hold no exports of live horses and donkeys (HS
        0101). Import downloads of them, or choose others: nktrade data import.
        """
        rows = select(self.trade, **where)
        rows = select_basket(rows, basket) if basket else rows
        if industry:
            sorted_ = classify(rows, to="industry")
            rows = narrow(rows, sorted_[sorted_["industry"] == industry], industry=industry)
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
        >>> from nktrade.study import Study
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
        >>> from nktrade.study import Study
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
        >>> from nktrade.study import Study
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
        periods = list_periods(periods)
        if by in ("subheading", "line"):  # below the heading the same digits change their meaning
            inside = [select(rows, period=period) for period in periods]
            check_codes(pd.concat(inside), ["hs"])
        sums = measures.compare_periods(self.at_level(rows, by), by, periods, coverage=self.trade)
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
