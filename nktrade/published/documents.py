"""Published figures: what the documents, the press and customs printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.errors import UnanswerableError, check_choice
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import spell_period

DOCUMENTS = {
    "brown2020": "Brown, North Korea's Trade Hits Bottom (October 2020)",
    "kiep2020h1": "KIEP, North Korea's trade with China in the first half of 2020",
    "kiep2023": "Choi and Choi, North Korea's 2023 Trade with China (KIEP)",
}
#: The same, as short as a column of a table wants them.
SHORT = {"brown2020": "Brown 2020", "kiep2020h1": "KIEP 2020", "kiep2023": "KIEP 2023"}
#: The month from which on a document can only foresee.
PRINTED_IN = {"brown2020": "2020-10", "kiep2020h1": "2020-10", "kiep2023": "2024-01"}
COLUMNS = (
    *("document", "place", "quote", "flow", "measure", "period", "base_period", "geography"),
    *("classification", "code", "label", "value", "unit", "value_usd", "half_unit"),
    *("reading", "period_reading", "base_reading", "reason"),
)

#: How many dollars, or tons, one unit of a printed figure stands for.
UNITS = {
    "USD": 1.0,
    "thousand USD": 1e3,
    "10 thousand USD": 1e4,
    "million USD": 1e6,
    "billion USD": 1e9,
    "tons": 1.0,
    "million tons": 1e6,
    "%": 1.0,
    "times": 1.0,
}


def name_figure(label: str, period: str) -> str:
    """Say what a figure is and of when; a month that its label names is not said twice.

    Examples
    --------
    >>> name_figure("Imports, March", "2020-03"), name_figure("Imports", "2020-H1")
    ('Imports, March 2020', 'Imports, January to June 2020')
    """
    if not period:
        return label
    said = spell_period(period)
    head, _, tail = label.rpartition(", ")
    return f"{head if tail and said.startswith(tail) else label}, {said}"


def name_figures(rows: pd.DataFrame) -> pd.Series:
    """Name each of several figures by its columns label and period, as `name_figure`."""
    pairs = zip(rows["label"], rows["period"], strict=True)
    return pd.Series([name_figure(*pair) for pair in pairs], rows.index, dtype="str")


def read_printed() -> pd.DataFrame:
    """Return the documents' figures as text, every digit as printed: the columns of `COLUMNS`.

    Examples
    --------
    >>> printed = read_printed()
    >>> printed.loc[printed["code"] == "6704", "value"].head(3).tolist()
    ['275', '993', '1279']
    """
    files = [DATA / "published" / f"{document}.csv" for document in DOCUMENTS]
    frames = [pd.read_csv(file, dtype="str", keep_default_na=False) for file in files]
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


@cache
def _documents() -> pd.DataFrame:
    table = read_printed()
    number = table.groupby("document").cumcount() + 1
    table.index = pd.Index(table["document"] + ":" + number.astype("str"), name="id")
    for column in ("value", "value_usd", "half_unit", "reading"):
        table[column] = pd.to_numeric(table[column].replace("", np.nan))
    return table


def load_documents(document: str | None = None, **where: str) -> pd.DataFrame:
    """Return the figures printed in the three documents, one row each.

    Parameters
    ----------
    document : {"brown2020", "kiep2020h1", "kiep2023"}, optional
    **where
        Any column equal to a value, as ``flow="import", period="2020-H1"``.

    Returns
    -------
    pandas.DataFrame
        Index `id` ("kiep2023:12": document and row). Columns document, place, quote, flow (North
        Korea's side), measure, period, base_period, geography, classification, code, label, value
        (as printed, in `unit`), unit, value_usd, half_unit (half a unit of the last printed digit,
        in `unit`), reading (the defensible figure where the print is wrong), period_reading and
        base_reading (the period and the base that are meant where another is printed), reason.

    Raises
    ------
    InputError
        For an unknown document or column.

    Examples
    --------
    >>> load_documents("kiep2023", code="6704", measure="value")["value"].tolist()
    [16674.0]
    """
    table = _documents()
    if document is not None:
        check_choice("document", document, DOCUMENTS)
        table = table[table["document"] == document]
    for column, value in where.items():
        check_choice("column", column, COLUMNS)
        table = table[table[column] == value]
    return table.copy()


def read_slides(
    partner: str, currency: str, flow: str, what: str, flows: Sequence[str] = ("import",)
) -> pd.DataFrame:
    """Return the figures of KIEP's slides of 2020 for the trade that they speak of.

    Parameters
    ----------
    partner, currency, flow : str
        Of the page; flow is North Korea's own.
    what : str
        What the slides print, for the refusal: "shares of North Korea's imports".
    flows : sequence of str
        The flows of which they print it.

    Raises
    ------
    UnanswerableError
        For another country, currency or flow.
    """
    if (partner, currency) != ("PRK", "USD") or flow not in flows:
        raise UnanswerableError(
            f"the slides print {what} in dollars, and no others",
            got=f"{flow}s of {partner} in {currency}",
            hint='Ask in dollars of North Korea and China (currency="USD", partner="PRK").',
        )
    return load_documents("kiep2020h1", flow=flow)


def load_reported() -> pd.DataFrame:
    """Return monthly, year-to-date and annual totals as press and customs published them.

    Returns
    -------
    pandas.DataFrame
        Index `id`. Columns period, flow (North Korea's side; "total" is both ways), value and
        half_unit (in units of `currency`), currency, kind ("reported" or "derived"), reading,
        reason, source, note.

    Examples
    --------
    >>> load_reported()["flow"].unique().tolist()
    ['total', 'import', 'export']
    """
    table = pd.read_csv(
        DATA / "published" / "totals.csv",
        dtype={"value": "float64", "half_unit": "float64", "reading": "float64"},
        keep_default_na=False,
        na_values={"reading": ""},
    )
    table.index = pd.Index([f"reported:{n}" for n in range(1, len(table) + 1)], name="id")
    return table


def load_exchange_rates() -> pd.DataFrame:
    """Return yuan per dollar by which yuan in print are read: a year's, or a month's of its own.

    Returns
    -------
    pandas.DataFrame
        Index period ("2024", "2024-05"); columns cny_per_usd, low and high (between which customs'
        own rates of that time lie), source.

    Examples
    --------
    >>> float(load_exchange_rates()["cny_per_usd"].iloc[0])
    6.6174
    """
    file = DATA / "published" / "exchange_rates.csv"
    return pd.read_csv(file, index_col="period", dtype={"period": "str"})


def load_monthly_rates() -> pd.DataFrame:
    """Return yuan per dollar by month on the market, for `convert_to_usd` and ``load(rates=…)``.

    Worked out from the euro foreign exchange reference rates of the European Central Bank: the
    yuan's rate over the dollar's, day by day. Customs convert at rates of their own, of the month
    before: these were from 2.0 % below to 0.7 % above the market's in the months of 2018 to 2024
    that print both currencies, and 3.6 % below when the yuan was devalued in August 2015.

    Returns
    -------
    pandas.DataFrame
        Index period ("2014-01" to "2025-12"); columns cny_per_usd (mean of the month's days), low,
        high (lowest and highest day) and days.

    Examples
    --------
    >>> float(load_monthly_rates().loc["2018-03", "cny_per_usd"])
    6.3214
    """
    file = DATA / "published" / "monthly_rates.csv"
    return pd.read_csv(file, index_col="period", dtype={"period": "str"})


def published_months(
    partner: str = "PRK",
    currency: str = "USD",
    bulletins: pd.DataFrame | None = None,
    *,
    reporter: str = "CHN",
) -> pd.DataFrame:
    """Return monthly totals as published, for drawing as points over an estimate.

    Parameters
    ----------
    partner, currency : str
        The months published in press and documents are of trade between China and North Korea;
        for any other partner there are only those of bulletins.
    bulletins : pandas.DataFrame, optional
        Totals of a store's bulletins, as `nktrade.store.monthly_totals` returns them: they are
        added, but for January-February releases.
    reporter : str
        Who declared it: of any but China nothing is published here.

    Returns
    -------
    pandas.DataFrame
        Columns period, flow ("import" or "export", the partner's side), value, source, status
        ("reported", "derived" by the press or from its rates, or "by difference" of two bulletins),
        one a month and flow but for bulletins, currency,
        declared_by and reporter (as in a mirrored table), by which a chart refuses to draw them
        over another country's declarations.

    Examples
    --------
    >>> points = published_months().set_index(["period", "flow"])
    >>> float(points.loc[("2020-10-01", "import"), "value"])
    253000.0
    """
    from nktrade.published.figures import load_figures

    ledger = load_figures()
    keep = ledger["source"].isin(["totals", "facts"]) & ledger["honoured"]
    keep &= ledger["subject"].eq("total") & ledger["statistic"].eq("headline")
    keep &= ledger["measure"].eq("value") & ledger["qualifier"].eq("") & ledger["province"].eq("")
    keep &= ledger["unit"].eq(currency) & ledger["flow"].isin(["import", "export"])
    keep &= ledger["first"].eq(ledger["last"]) & (partner == "PRK" and reporter == "CHN")
    # Of several prints of a month that agree the finest is drawn.
    months = ledger[keep].sort_values(["kind", "half"], key=_worked_out_last, kind="stable")
    months = months.drop_duplicates(["flow", "first"]).sort_values(["first", "flow"])
    points = pd.DataFrame(
        {
            "period": months["first"],
            "flow": months["flow"].map(TURNED),
            "value": months["value"],
            "source": months["address"],
            "status": months["kind"].mask(months["kind"].ne("derived"), "reported"),
        }
    )
    if bulletins is not None and len(bulletins) and reporter == "CHN":
        points = pd.concat([points, _bulletin_months(bulletins, partner, currency)])
    return points.assign(currency=currency, declared_by=reporter, reporter=partner)


def _worked_out_last(column: pd.Series) -> pd.Series:
    return column.eq("derived") if column.name == "kind" else column


def _bulletin_months(table: pd.DataFrame, partner: str, currency: str) -> pd.DataFrame:
    asked = (table["partner"] == partner) & (table["currency"] == currency)
    table = table[asked & (table["flow"] != "total") & (table["status"] != "combined")]
    side = table["flow"].map({"export": "import", "import": "export"}).astype("str")
    index = [f"bulletin:{number}" for number in range(1, len(table) + 1)]
    points = table.assign(flow=side).set_axis(index)
    return points[["period", "flow", "value", "source", "status"]]


def figures_for(partner: str, currency: str, *selections: dict[str, str]) -> pd.DataFrame:
    """Return the published figures a page can be held to: none unless it shows North Korea in USD.

    Parameters
    ----------
    partner, currency : str
        Of the page.
    *selections : dict
        Each as the keywords of `load_documents`; the union is returned, each figure once.

    Examples
    --------
    >>> len(figures_for("KOR", "USD", {"code": "6704"}))
    0
    >>> figures_for("PRK", "USD", {"code": "6704"})["code"].unique().tolist()
    ['6704']
    """
    if partner != "PRK" or currency != "USD" or not selections:
        return load_documents().iloc[:0]
    chosen = pd.concat([load_documents(**selection) for selection in selections])
    return chosen[~chosen.index.duplicated()]
