"""The ledger: every published figure, of whatever source, in one table and one set of terms."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.published.documents import UNITS, load_documents, load_reported, read_printed
from nktrade.published.intervals import ABOUT, tolerance
from nktrade.table.mirrors import TURNED
from nktrade.table.periods import parse_period

#: What the honoured figures leave, as `nktrade.published.shipped_set` writes it.
SET = DATA / "reconstructed" / "identified.npz"

COLUMNS = (
    *("source", "period", "first", "last", "base_period", "base_first", "base_last"),
    *("flow", "statistic", "subject", "hs", "hs_edition", "province", "regime"),
    *("measure", "whole", "unit", "value", "digits", "half", "low", "high", "qualifier", "kind"),
    *("reading", "read_low", "read_high", "honoured", "reason", "vintage", "sealed"),
    *("label", "publisher", "address", "quote"),
)
_TONS = {"tons": "t", "million tons": "t"}
#: What a source does not say.
_BLANK: dict[str, Any] = {
    **dict.fromkeys(("base_period", "hs", "hs_edition", "province", "regime", "whole"), ""),
    **dict.fromkeys(("digits", "qualifier", "vintage", "label", "publisher"), ""),
    "sealed": False,
}


def load_figures() -> pd.DataFrame:
    """Return every published figure on China's trade with North Korea in one ledger.

    The figures of the documents, the totals of customs and press, and the facts on goods,
    provinces and regimes, each as printed, with the interval its rounding and its words leave.

    Returns
    -------
    pandas.DataFrame
        Index `id` ("kiep2023:12", "reported:7", "fact:3f9a01bc"). Columns:

        - source: "documents", "totals" or "facts"
        - period, base_period: as `parse_period` reads them; first, last, base_first, base_last:
          their first and last months. `period` is the one that is meant where another is printed
        - flow: "export", "import", "total" or "balance" (exports less imports), **as China's
          customs declares it**
        - statistic: "headline" (customs' announced totals), "goods" (sums of commodities, and all
          figures of goods), "revised" (UN Comtrade), "notified" (to the Security Council's
          committee), "other" (another institution's scope); only the first two can bind a table
        - subject: "total", "goods", "industry", "bec", "basket", "regime", "group", "lines"
        - hs: the goods, as codes apart by a space; empty for a whole flow; with "industry", "bec"
          and "basket" the class, which has no codes here
        - hs_edition, province (two digits, apart by a space), regime (customs' code)
        - measure: "value", "quantity", "share", "growth", "growth of quantity", "recovery",
          "ratio", "average", "rank", "lines"
        - whole: of a share, "flow" (of all goods), "goods" (of the same goods, all provinces) or
          "province" (of all goods of that province)
        - unit: "USD", "CNY", "t", "%", "times", "bbl", "items", …; money and tons in whole units
        - value, low, high: as printed, in `unit`; half is half a unit of the last digit;
          digits is the number as text, as the page has it where that is kept
        - qualifier: "", "about", "above", "below", "nearly"
        - kind: "printed", "derived", "zero" (a printed nothing)
        - reading, read_low, read_high: what is defensible where the print is wrong, else empty;
          a reading can be a range
        - honoured: whether the figure (or its reading) may bind; reason: why not, or why read
        - vintage: month of the print, where known; sealed: kept out of every fit
        - label, publisher, address, quote: to find it by

    Examples
    --------
    >>> figures = load_figures()
    >>> coal = figures[(figures["hs"] == "2701") & (figures["period"] == "2017-09")]
    >>> coal.loc[coal["unit"] == "USD", ["low", "high"]].to_numpy().tolist()
    [[43500000.0, 44500000.0]]
    """
    return _figures().copy()


def split_codes(hs: str) -> tuple[str, ...]:
    """Return the codes of the ledger's column `hs`, for `str.startswith`.

    Examples
    --------
    >>> split_codes("2701 2704")
    ('2701', '2704')
    """
    return tuple(hs.split())


def find_fixed_months(flow: str, code: str) -> pd.DatetimeIndex:
    """Return the months for which a document prints an item's value by itself.

    Only these tell the months of the shipped estimate apart: a figure for a half-year or a year
    leaves its spread over months to the prior. A figure for January and February 2020, which
    customs released together, fixes what there is; a printed dash fixes every month it spans at
    nothing. A month whose print is wrong and whose reading is a range ("at most 1.1 million") is
    not fixed.

    Parameters
    ----------
    flow : {"export", "import"}
        North Korea's side.
    code : str
        As the documents print it, mostly a heading.

    Examples
    --------
    >>> [f"{month:%Y-%m}" for month in find_fixed_months("export", "7202")]
    ['2020-01', '2020-02']
    """
    ledger = load_figures()
    keep = ledger["source"].eq("documents") & ledger["subject"].eq("goods") & ledger["honoured"]
    keep &= ledger["flow"].eq(TURNED[flow]) & ledger["hs"].eq(code) & ledger["measure"].eq("value")
    keep &= ledger["province"].eq("") & ~ledger.index.isin(load_reading_ranges().index)
    months: set[pd.Timestamp] = set()
    for _, row in ledger[keep].iterrows():
        window = parse_period(row["period"])
        alone = window.first == window.last or str(window) == "2020-01..2020-02"
        if alone or row["kind"] == "zero":
            months.update(window.months)
    return pd.DatetimeIndex(sorted(months), name="period")


def list_binding(file: Path = SET) -> frozenset[str]:
    """Return the ids of the figures that bound the shipped set, and so the panel."""
    with np.load(file) as kept:
        return frozenset(kept["ids"].tolist())


@cache
def _figures() -> pd.DataFrame:
    ledger = pd.concat([_from_documents(), _from_totals(), _from_facts()])
    out = pd.read_csv(DATA / "published" / "outweighed.csv", index_col="id")["check"]
    ledger["honoured"] &= ~ledger.index.isin(out.index)
    ledger["reason"] = out.reindex(ledger.index).fillna(ledger["reason"])
    for name in ("", "base_"):
        windows = ledger[f"{name}period"].map(lambda text: parse_period(text) if text else None)
        for end in ("first", "last"):
            dates = windows.map(lambda window, end=end: getattr(window, end) if window else pd.NaT)
            ledger[f"{name}{end}"] = dates.astype("datetime64[ns]")
    return ledger[list(COLUMNS)]


def _bounds(value: pd.Series, half: pd.Series, qualifier: pd.Series, signed: pd.Series):
    """Return low and high: what rounding and words leave of the numbers.

    "About" is within a tenth; "nearly" at most a tenth below; "above" and "below" have one end, and
    what cannot be negative ends at zero.
    """
    half = half.fillna(0.0)
    low, high = value - half, value + half
    tenth = ABOUT * value.abs()
    low = low.mask(qualifier.isin(["about", "nearly"]), value - tenth - half)
    high = high.mask(qualifier.eq("about"), value + tenth + half)
    high = high.mask(qualifier.eq("above"), np.inf)
    low = low.mask(qualifier.eq("below"), -np.inf)
    return low.where(signed, low.clip(lower=0.0)), high


def _edition(period: pd.Series) -> pd.Series:
    from nktrade.codes import edition_of_year

    return period.map(lambda text: edition_of_year(parse_period(text).first.year) if text else "")


def _from_documents() -> pd.DataFrame:
    table = load_documents()
    measure = table["measure"].str.partition(" ")
    table = table.assign(measure=measure[0], qualifier=measure[2])
    about = _tell_subject(table)
    china = table["geography"].str.startswith("CHN") & table["flow"].ne("")
    printed_in = {"brown2020": "2020-10", "kiep2020h1": "2020-09", "kiep2023": "2024-02"}
    return pd.DataFrame(
        {
            **_BLANK,
            **about,
            **_read_numbers(table),
            **{name: table[name] for name in ("measure", "qualifier", "reason", "label", "quote")},
            "source": "documents",
            "digits": read_printed().set_index(table.index)["value"],
            "kind": table["value"].isna().map({True: "zero", False: "printed"}),
            "honoured": china & about["period"].ne(""),
            "vintage": table["document"].map(printed_in),
            "publisher": table["document"],
            "address": table["place"],
        }
    )


def _tell_subject(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Say what the documents' figures are of: period, flow, goods, place; as they are meant."""
    period = table["period_reading"].where(table["period_reading"].ne(""), table["period"])
    base = table["base_reading"].where(table["base_reading"].ne(""), table["base_period"])
    classification = table["classification"]
    subject = classification.where(~classification.str.startswith("HS"), "goods")
    coded = subject.isin(["goods", "industry", "bec", "basket"])
    province = table["geography"].str.partition("-")[2]
    whole = province.ne("").map({True: "province", False: "flow"})
    return {
        "period": period,
        "base_period": base,
        "flow": table["flow"].replace(TURNED),
        "statistic": classification.eq("total").map({True: "headline", False: "goods"}),
        "subject": subject,
        "hs": table["code"].where(coded, ""),
        "hs_edition": _edition(period).where(subject.eq("goods"), ""),
        "province": province,
        "whole": whole.where(table["measure"].eq("share"), ""),
    }


def _read_numbers(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the documents' numbers and readings in whole units, with what rounding leaves."""
    scale = table["unit"].map(UNITS).fillna(1.0)
    # China's balance is North Korea's deficit; a rate of change is the same from either side.
    balance, growth = table["flow"].eq("balance"), table["measure"].eq("growth")
    turn = (balance & ~growth).map({True: -1.0, False: 1.0})
    value = (table["value"] * scale * turn).fillna(0.0)
    half = table["half_unit"] * scale
    low, high = _bounds(value, half, table["qualifier"], balance | growth)
    reading = table["reading"] * scale * turn
    halves = zip(table["reading"], table["half_unit"], table["value"], strict=True)
    read_half = scale * pd.Series([_reading_half(*row) for row in halves], index=table.index)
    read_low, read_high = reading - read_half, reading + read_half
    read_low.update(load_reading_ranges()["low"])
    read_high.update(load_reading_ranges()["high"])
    return {
        "unit": table["unit"].mask(table["unit"].str.contains("USD"), "USD").replace(_TONS),
        **{"value": value, "half": half, "low": low, "high": high},
        **{"reading": reading, "read_low": read_low, "read_high": read_high},
    }


@cache
def load_reading_ranges() -> pd.DataFrame:
    """Return the readings that are ranges: index `id`; columns low and high (USD, %), why."""
    return pd.read_csv(
        DATA / "published" / "reading_ranges.csv",
        index_col="id",
        dtype={"low": "float64", "high": "float64"},
    )


def _reading_half(reading: float, half: float, value: float) -> float:
    if pd.isna(reading):
        return np.nan
    return tolerance(reading, 0.0 if pd.isna(half) else half, value)


def _from_totals() -> pd.DataFrame:
    table = load_reported()
    half, no = table["half_unit"], pd.Series(False, table.index)
    low, high = _bounds(table["value"], half, pd.Series("", table.index), no)
    said = table["source"] + " " + table["note"]
    return pd.DataFrame(
        {
            **_BLANK,
            **{name: table[name] for name in ("period", "value", "reading", "reason")},
            "source": "totals",
            "flow": table["flow"].replace(TURNED),
            "statistic": said.str.contains("KITA").map({True: "goods", False: "headline"}),
            "subject": "total",
            "measure": "value",
            "unit": table["currency"],
            **{"half": half, "low": low, "high": high},
            "kind": table["kind"].replace({"reported": "printed"}),
            "read_low": table["reading"] - half,
            "read_high": table["reading"] + half,
            "honoured": True,
            "address": table["source"],
            "quote": table["note"],
        },
        index=table.index,
    )


def _from_facts() -> pd.DataFrame:
    table = pd.read_csv(DATA / "published" / "facts.csv", dtype="str", keep_default_na=False)
    table = table.set_index("id")
    value, half = (pd.to_numeric(table[name]) for name in ("value", "half_unit"))
    signed = table["measure"].str.startswith("growth")
    low, high = _bounds(value, half, table["qualifier"], signed)
    # Part of the goods of a code: at least so much.
    part = table["doubt"].str.contains("part") & table["kind"].ne("zero")
    return pd.DataFrame(
        {
            **_BLANK,
            **{name: table[name] for name in ("period", "base_period", "flow", "statistic")},
            **{name: table[name] for name in ("subject", "hs", "hs_edition", "province", "regime")},
            **{name: table[name] for name in ("measure", "whole", "unit", "qualifier", "kind")},
            **{name: table[name] for name in ("label", "publisher", "quote")},
            **dict.fromkeys(("reading", "read_low", "read_high"), np.nan),
            "source": "facts",
            **{"value": value, "half": half, "low": low, "high": high.mask(part, np.inf)},
            "honoured": table["honoured"].eq("yes"),
            "reason": table["check"],
            "vintage": table["date"].str[:7],
            "sealed": table["sealed"].eq("yes"),
            "address": table["url"],
        }
    )
