"""Small data sets whose truth is known, because it was put in: made in no time, alike everywhere.

Nothing here is North Korea's trade. Goods, months and provinces look like customs' so that what is
learnt carries over. Noise comes from numpy's `RandomState`, whose numbers never change.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from nktrade.errors import check_choice
from nktrade.table.rows import check_trade

#: What was planted, for the exercises and for whoever teaches.
CLOSED, BEFORE, CHANGE, AUTOCORRELATION = pd.Timestamp("2020-02-01"), 100.0, -40.0, 0.6
SPIKE, SPIKED, TIMES = pd.Timestamp("2019-05-01"), "8502", 6.0
MISPRINTED = "Jilin"  # 31.6, printed as 36.1


def plant(name: str) -> pd.DataFrame:
    """Return a copy of a planted data set.

    Parameters
    ----------
    name : {"mirror", "codes", "growth", "print", "quiet", "closure", "seasons", "factory"}
        "mirror" and "growth" are trade tables as China would declare them; "codes" is a column of
        HS codes as a spreadsheet left them; "print" a table as a report prints it; "quiet" twelve
        headings of 48 months with one spike; "closure" 72 months with a fall of level; "seasons"
        84 months of a seasonal good; "factory" what one unit of each good uses up, inputs made at
        home above those from abroad.

    Raises
    ------
    InputError
        If there is no such data set.

    Examples
    --------
    >>> plant("closure").shape, sorted(plant("mirror")["flow"].unique())
    ((72, 2), ['export', 'import'])
    """
    return _SETS[check_choice("planted data set", name, _SETS)]().copy()


def _trade(rows: list[tuple], columns: str) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=columns.split())
    table["period"] = pd.to_datetime(table["period"])
    table = table.assign(reporter="CHN", partner="PRK", hs_edition="HS2017", currency="USD")
    return check_trade(table.assign(source="planted"), "planted")


@cache
def _mirror() -> pd.DataFrame:
    """Six goods, two provinces, July 2019 to June 2020; January and February 2020 as one release.

    China sells, and buys a tenth of it back; what it sells goes through Liaoning to three quarters,
    what it buys comes through Jilin to two thirds. From March 2020 on a fifth of it is left.
    """
    size = {"15079000": 900, "30049090": 300, "54076100": 1500}
    bought = {"67042000": 120, "91081200": 90, "72022100": 60}
    months = pd.date_range("2019-07-01", "2020-06-01", freq="MS")
    rows = []
    for step, month in enumerate(months):
        if month == pd.Timestamp("2020-01-01"):
            continue
        both = month == pd.Timestamp("2020-02-01")
        level = 2.0 if both else 0.2 if month > pd.Timestamp("2020-02-01") else 1.0
        status = "combined" if both else "reported"
        for flow, goods, part in (("export", size, 0.75), ("import", bought, 1 / 3)):
            for place, code in enumerate(goods):
                whole = goods[code] * 1000 * level * (1 + 0.02 * ((step + 3 * place) % 5))
                for province, share in (("21", part), ("22", 1 - part)):
                    rows.append((month, flow, code, province, round(whole * share, -1), status))
    return _trade(rows, "period flow hs province value status")


@cache
def _codes() -> pd.DataFrame:
    """Codes of one real and one damaged kind: a spreadsheet took the zero in front of some."""
    lines = ["03031400", "07123300", "15079000", "30049090", "69022000", "85171300"]
    damaged = [code.lstrip("0") for code in lines]
    return pd.DataFrame({"code": damaged, "value": [400, 250, 900, 300, 80, 620]})


@cache
def _growth() -> pd.DataFrame:
    """Four goods in the first halves of 2019 to 2022: a fall to a fifth, and half of it back."""
    levels = {
        "10063020": (120, 40, 10, 90),
        "27101210": (200, 30, 20, 60),
        "54076100": (300, 60, 40, 130),
        "67030000": (80, 20, 30, 120),
    }
    rows = [
        (f"{year}-{month:02d}-01", "export", code, 1e6 * level[step] / 6)
        for step, year in enumerate(range(2019, 2023))
        for month in range(1, 7)
        for code, level in levels.items()
    ]
    return _trade(rows, "period flow hs value")


@cache
def _print() -> pd.DataFrame:
    """A table as a report prints it: millions to one decimal, shares, one number misprinted.

    The true values are 52.9, 31.6, 9.7 and 5.3; two digits of the second changed places.
    """
    return pd.DataFrame(
        {
            "province": ["Liaoning", "Jilin", "Shandong", "others", "total"],
            "million": [52.9, 36.1, 9.7, 5.3, 99.5],
            "share": [53.2, 31.8, 9.7, 5.3, 100.0],
        }
    ).set_index("province")


@cache
def _quiet() -> pd.DataFrame:
    """Twelve headings, 48 months, noise with heavy tails, and one month of six times its level."""
    noise = np.random.RandomState(3).standard_t(6, size=(12, 48)) * 0.1
    months = pd.date_range("2017-01-01", periods=48, freq="MS")
    headings = ["2704", "3004", "3102", "3920", "5407", "6902", "7210", "7304", "8429", "8471"]
    rows: list[tuple] = []
    for number, heading in enumerate([*headings, SPIKED, "9018"]):
        value = 1e6 * (number + 1) * np.exp(noise[number])
        value[(months == SPIKE) & (heading == SPIKED)] *= TIMES
        rows += zip([heading] * 48, months, np.round(value), strict=True)
    return pd.DataFrame(rows, columns=["heading", "period", "value"])


@cache
def _closure() -> pd.DataFrame:
    """A level of 100 that falls by 40 in February 2020, in noise that remembers itself."""
    random = np.random.RandomState(12)
    months = pd.date_range("2017-01-01", periods=72, freq="MS")
    noise = np.zeros(72)
    for step in range(72):
        noise[step] = AUTOCORRELATION * noise[step - 1] + 6 * random.standard_normal()
    value = BEFORE + noise + CHANGE * (months >= CLOSED)
    return pd.DataFrame({"period": months, "value": np.round(value, 2)})


@cache
def _seasons() -> pd.DataFrame:
    """Seven years of fertiliser: a high spring, a slow rise, modest noise."""
    random = np.random.RandomState(5)
    months = pd.date_range("2012-01-01", periods=84, freq="MS")
    season = np.array([0.4, 0.7, 1.6, 2.2, 1.9, 1.1, 0.7, 0.6, 0.6, 0.7, 0.8, 0.7])
    level = 10 * 1.004 ** np.arange(84)
    value = level * season[months.month - 1] * np.exp(0.1 * random.standard_normal(84))
    return pd.DataFrame({"period": months, "value": np.round(value, 3)})


@cache
def _factory() -> pd.DataFrame:
    """Trucks, steel and power: a textbook's economy with two inputs from abroad."""
    goods = ["truck", "steel", "power"]
    table = pd.DataFrame(
        [[0.0, 0.0, 0.0], [2.0, 0.0, 0.1], [1.0, 0.5, 0.0], [4.0, 0.0, 0.0], [0.0, 0.6, 0.2]],
        index=[*goods, "tyres", "coke"],
        columns=goods,
    )
    return table.rename_axis(index="uses", columns="one unit of")


_SETS: dict[str, Callable[[], pd.DataFrame]] = {
    "mirror": _mirror,
    "codes": _codes,
    "growth": _growth,
    "print": _print,
    "quiet": _quiet,
    "closure": _closure,
    "seasons": _seasons,
    "factory": _factory,
}
