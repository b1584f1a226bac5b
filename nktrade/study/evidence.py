"""How the sums of a page are known: amounts, ratios, claims and limits, of records and of print."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nktrade import published
from nktrade.codes.classes import classify, load_class
from nktrade.errors import UnanswerableError
from nktrade.measures.growth import accumulate_year
from nktrade.study.amount import Amount
from nktrade.study.known import bounds
from nktrade.study.printed import Printed
from nktrade.study.wording import spell_selection
from nktrade.table.addition import sum_rows
from nktrade.table.meaning import fill_ends
from nktrade.table.periods import list_periods, parse_period, spell_period
from nktrade.table.rows import FLOWS
from nktrade.table.selecting import select
from nktrade.table.whole_periods import find_whole


class Evidence(Printed):
    """How the sums of a page are known; the part of a `Study` that asks print.

    Of an estimate every sum is what all published figures together leave for it; of records it is
    the sum of the rows.
    """

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
            Index period. Columns low, high (in `currency`) and support: of records the sum; of an
            estimate what every printed figure of that very sum leaves within its rounding, or where
            there is none, what all print together leaves. `amounts` makes amounts of them.

        Raises
        ------
        UnanswerableError
            Naming the first period of which nothing is recorded and print narrows nothing.
        """
        periods = list_periods(periods)
        if not self.estimated:
            rows = self.select(flow=flow, **({"hs": hs} if hs else {}))
            sums = self.compare(rows, "flow", periods, least=len(periods)).sum(skipna=False)
            return pd.DataFrame({"low": sums, "high": sums}).assign(support="recorded")
        subject = f"hs == {hs!r}" if hs else "subject == 'total'"
        figures = self.ledger(f"{subject} and flow == {flow!r} and measure == 'value' and honoured")
        figures = figures[(figures["unit"] == self.currency) & (figures["province"] == "")]
        figures = figures[(figures["regime"] == "") & (figures["qualifier"] == "")]
        figures = figures[np.isfinite(figures["high"])]  # "at least" alone prints no sum
        rows = figures.groupby("period").agg(low=("low", "max"), high=("high", "min"))
        rows["support"] = "printed"
        for period in [one for one in periods if one not in rows.index]:
            rows.loc[period] = self._bound(period, flow, hs)
        held = rows.loc[list(periods)]
        # Releases are revised: where two prints cannot both hold, either may be meant.
        ends = held[["low", "high"]]
        return held.assign(low=ends.min(axis=1), high=ends.max(axis=1))

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
        nktrade.study.amount.Amount
            Of records the sum; of an estimate what all published figures together leave. It writes
            itself in words, and comparing two makes a claim.

        Raises
        ------
        UnanswerableError, GapError, MixtureError
            If the data do not hold the period, or nothing is printed of such trade.

        Examples
        --------
        >>> from nktrade.study import Study
        >>> korea = Study("PRK", "2022", "2023")
        >>> wigs = korea.amount("2023", flow="export", hs="6704")
        >>> print(wigs, wigs.support)
        167 million USD printed
        >>> (wigs > korea.amount("2023", flow="import", hs="6703")).verdict
        'holds'
        """
        what = published.tell_sum({"period": period, "of": of} | where)
        if not self.estimated:
            value = self._record([period], **where).iloc[0]
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

    def amounts(self, wide: pd.DataFrame) -> Any:
        """Return the sums of a table as amounts: arithmetic with them keeps their ends.

        Parameters
        ----------
        wide : pandas.DataFrame
            As `compare` returns it, or some rows or columns of it; or low, high and support by
            period, as `limits` and `known` return them.

        Returns
        -------
        pandas.DataFrame or pandas.Series
            Of `nktrade.study.Amount`: a cell each, or of ends a row each.

        Examples
        --------
        >>> from nktrade.study import Study
        >>> korea = Study("PRK", "2022", "2023")
        >>> wigs = korea.select(flow="export", hs="6704")
        >>> sold = korea.amounts(korea.compare(wigs, "heading", ["2022", "2023"])).loc["6704"]
        >>> print(sold["2023"], "or", sold["2023"] / sold["2022"], "times")
        167 million USD or 14 times
        """
        if list(wide) == ["low", "high", "support"]:
            known = wide.dropna(subset=["low", "high"])
            told = [
                Amount(low, high, str(support), self.currency)
                for low, high, support in known.itertuples(index=False)
            ]
            return pd.Series(told, known.index, dtype=object).reindex(wide.index)
        points = wide.to_numpy(dtype=float).ravel(order="F")
        cells = np.full(len(points), np.nan, dtype=object)
        for place, (low, high, support) in enumerate(fill_ends(wide).itertuples(index=False)):
            if not np.isnan(points[place]):
                cells[place] = Amount(low, high, support, self.currency)
        return pd.DataFrame(cells.reshape(wide.shape, order="F"), wide.index, wide.columns)

    def to_date(self, months: pd.DataFrame) -> pd.DataFrame:
        """Return what is known of each sum from January to a month, of all goods, as amounts.

        Parameters
        ----------
        months : pandas.DataFrame
            What `monthly` returns for all goods.

        Returns
        -------
        pandas.DataFrame
            Index period, a column a flow; missing where `measures.accumulate_year` has no sum.

        Examples
        --------
        >>> from nktrade.study import Study
        >>> korea = Study("PRK", "2023", "2023")
        >>> print(korea.to_date(korea.monthly(korea.trade)).loc["2023-03-01", "export"])
        47.4 million USD
        """
        sums = accumulate_year(months).dropna(subset="year_to_date")
        told = {}
        for flow, part in sums.groupby("flow", observed=True):
            spans = part["period"].dt.strftime("%Y-01..%Y-%m").tolist()
            known = self.amounts(self.limits(spans, flow=str(flow)))
            told[str(flow)] = known.set_axis(pd.DatetimeIndex(part["period"]))
        return pd.DataFrame(told)

    def shares(self, period: str, kind: str, **where: Any) -> dict[str, Amount]:
        """Return the share of each class of goods in a sum, in percent, the surest largest first.

        Parameters
        ----------
        period : str
        kind : {"industry", "bec"}
        **where
            As `amount`: the whole.

        Examples
        --------
        >>> from nktrade.study import Study
        >>> shares = Study("PRK", "2022", "2023").shares("2023", "industry", flow="import")
        >>> [(name, str(share)) for name, share in shares.items()][:2]
        [('Textiles, apparel and hair', '30'), ('Agriculture and food', '26')]
        """
        names = load_class(kind).drop_duplicates("class").set_index("class")["name"]
        whole = self.amount(period, **where)
        parts = {
            str(name): 100 * self.amount(period, **{kind: str(code)}, **where) / whole
            for code, name in names.items()
        }
        return dict(sorted(parts.items(), key=lambda part: (-part[1].low, -part[1].high)))

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
        nktrade.published.Claim
        """
        if self.estimated:
            self.ledger()
            view = {"view": self.partner}
            seen = right | view if isinstance(right, dict) else right
            return published.claim(left | view, op, seen)
        other: Amount | float = self.amount(**right) if isinstance(right, dict) else right
        gap = self.amount(**left) - other
        said = [published.tell_sum(side, gap.unit) for side in (left, right)]
        ends = gap.low, gap.high, gap.support, gap.unit
        return published.judge_claim(said[0], op, said[1], *ends)

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
        periods = list_periods(periods)
        if not self.estimated:
            sums = self._record(list(periods), **where).rename_axis("period")
            return pd.DataFrame({"low": sums, "high": sums}).assign(support="recorded")
        self.ledger()
        asked = {"flow": "total"} | where
        if asked["flow"] == "balance":
            found = bounds(period=periods, view=self.partner, **asked)
            return found.set_index("period")[["low", "high", "support"]]
        return published.limit_sums(periods, view=self.partner, **asked)

    def _record(
        self,
        periods: list[str],
        flow: str = "total",
        hs: str | Sequence[str] | None = None,
        province: str | None = None,
        industry: str = "",
        bec: str = "",
    ) -> pd.Series:
        """Add up declared rows by period; a good of which none came in whole months is a zero."""
        if flow == "balance":
            return self._record(periods, "export") - self._record(periods, "import")
        digits = max((len(code) for code in ([hs] if isinstance(hs, str) else hs or ())), default=2)
        if digits > 2 and self._flow(flow)["hs"].str.len().min() < digits:
            raise UnanswerableError(
                f"the data are too coarse for codes of {digits} digits",
                hint="Import downloads of finer codes, or choose a coarser level.",
            )
        for one in FLOWS if flow == "total" else (flow,):
            self._check_held(one, tuple(periods))
        codes = hs if hs is None or isinstance(hs, str) else tuple(hs)
        months = self._add_months(flow, codes, province, industry, bec)
        windows = {period: parse_period(period) for period in periods}
        sums = pd.Series(
            {
                period: months.loc[window.covers(months["period"]), "value"].sum(skipna=False)
                for period, window in windows.items()
            },
            dtype="float64",
        )
        if hidden := [spell_period(str(period)) for period in sums.index[sums.isna()]]:
            raise UnanswerableError(
                f"the data hold no known sum of {', '.join(hidden)}",
                hint="Choose other periods, or import downloads of these: nktrade data import.",
            )
        return sums

    def _add_months(
        self,
        flow: str,
        hs: str | Sequence[str] | None,
        province: str | Sequence[str] | None,
        industry: str,
        bec: str,
    ) -> pd.DataFrame:
        """Add up the rows of a selection month by month, once a page."""
        places = province if province is None or isinstance(province, str) else tuple(province)
        asked = (flow, hs, places, industry, bec)
        if asked not in self._kept:
            rows = self._flow(flow)
            for kind, wanted in (("industry", industry), ("bec", bec)):
                if wanted:
                    kinds = self._class(flow, kind)[kind]
                    rows = rows[kinds.reindex(rows.index).eq(wanted).fillna(False).astype(bool)]
            rows = select(rows, hs=hs, province=province)
            self._kept[asked] = sum_rows(rows, ["flow", "period"]) if len(rows) else rows
        return self._kept[asked]

    @cached_property
    def _kept(self) -> dict[Any, Any]:
        """What many sums of one page ask for alike."""
        return {}

    def _flow(self, flow: str) -> pd.DataFrame:
        """Return the rows of a flow, or of both."""
        if flow == "total":
            return self.trade
        if flow not in self._kept:
            self._kept[flow] = self.select(flow=flow)
        return self._kept[flow]

    def _class(self, flow: str, kind: str) -> pd.DataFrame:
        """Return the rows of a flow with their class."""
        if (flow, kind) not in self._kept:
            self._kept[flow, kind] = classify(self._flow(flow), to=kind)
        return self._kept[flow, kind]

    def _check_held(self, flow: str, periods: tuple[str, ...]) -> None:
        """Refuse periods of which the data do not hold every month of a flow."""
        if (flow, periods) in self._kept:
            return
        rows = self._flow(flow)
        if set(find_whole(rows, periods)) != set(periods):
            self.compare(rows, "flow", periods, least=len(periods))  # it says what is missing
        self._kept[flow, periods] = True

    def _bound(self, period: str, flow: str, hs: str) -> list[Any]:
        """Return what all published figures together leave of a sum that none of them prints."""
        found = bounds(flow=flow, hs=hs or None, period=period, view=self.partner).iloc[0]
        if found["support"] == "assumed":
            what = spell_selection(flow=flow, hs=hs or None, period=period)
            raise UnanswerableError(
                f"no figure is printed and no record is there of {what}",
                hint="Run the page on a store of customs downloads: nktrade data import.",
            )
        return [found["low"], found["high"], found["support"]]
