"""What documents, customs and press print about the trade of a page."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from nktrade import published
from nktrade.errors import InputError, UnanswerableError
from nktrade.store import monthly_totals
from nktrade.study.holdings import Holdings
from nktrade.table.mirrors import TURNED


class Printed(Holdings):
    """Published figures beside the rows, the part of a `Study` that reads print."""

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
            raise UnanswerableError(
                "only China's trade with North Korea is in print, in dollars",
                hint='Ask in dollars of North Korea and China (currency="USD", partner="PRK").',
            )
        figures = published.load_figures()
        figures = figures.assign(flow=figures["flow"].replace(TURNED))
        return figures.query(query) if query else figures

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
        >>> from nktrade.study import Study
        >>> Study("PRK", "2023", "2023").printed(document="kiep2023", flow="import", code="6703",
        ...                                      measure="value", period="2023")
        160030000.0
        """
        if self.partner != "PRK" or self.currency != "USD":
            raise UnanswerableError(
                "the documents print North Korea's trade in dollars only",
                hint='Ask in dollars of North Korea and China (currency="USD", partner="PRK").',
            )
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
            Like `values`, missing where nothing is printed. Of a sum that is printed twice the
            figure that is read as it stands, if there is one.
        """
        by = "flow" if set(values.index) <= {"import", "export"} else "code"
        wanted = (
            {"measure": "value"} | ({"classification": "total"} if by == "flow" else {}) | where
        )
        rows = published.figures_for(self.partner, self.currency, wanted)
        rows = rows[(rows["geography"] == "CHN") & rows[by].isin(values.index)]
        rows = rows.sort_values("reading", na_position="first", kind="stable")
        wide = rows.pivot_table(index=by, columns="period", values="value_usd", aggfunc="first")
        return wide.reindex(index=values.index, columns=values.columns)
