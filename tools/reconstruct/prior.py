"""The written prior: what the authors would have guessed of every month, line and province.

It is judgement and no data: headings' usual sizes, their course over the years, which provinces
trade them, and a smooth level of each flow. No published figure is in it. Where China's notices
end a trade, next to nothing is expected from the month after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nktrade._paths import DATA
from nktrade.codes.hs import edition_of_year
from nktrade.published.space import FLOWS, REMAINDER, UNSPECIFIED, Space
from nktrade.table.mirrors import TURNED

FOLDER = DATA / "reconstructed" / "prior"
FIRST_YEAR, LAST_YEAR = 2017, 2024
#: As China declares them; the prior's files speak from North Korea's side.
#: Usual size of a heading that items.csv does not list, beside those that it does.
UNLISTED = {"export": 0.5, "import": 0.05}
#: Part of a heading that its lines beyond lines.csv share, each half as much as the one before.
OTHER_LINES = 0.3
#: Part of a line's trade that provinces beyond its mix share.
OTHER_PROVINCES = 0.02
#: What is left of a good after China's notice, beside what it was.
AFTER_BAN = 1e-4
#: Million USD a month that headlines are expected to hold beyond goods.
BEYOND_GOODS = 1e-4
#: Million USD expected of anything that nobody would expect.
NEXT_TO_NOTHING = 1e-8

#: Share of a year's trade that falls in each month, January to December, relative to an even
#: spread: fertiliser and seed move before planting, apples after harvest.
SEASONS = {
    "": np.ones(12),
    "spring": np.array([0.6, 1.4, 2.6, 2.6, 1.8, 1.0, 0.5, 0.3, 0.2, 0.3, 0.3, 0.4]),
    "autumn": np.array([1.4, 1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.5, 1.2, 1.8, 1.7, 1.4]),
}


@dataclass(frozen=True)
class Prior:
    """Expected trade of one flow (as China declares it), as products of a few factors.

    Attributes
    ----------
    lines : numpy.ndarray of str
        Tariff lines, eight digits; the last is `REMAINDER`.
    provinces : list of str
    size : numpy.ndarray
        Lines x months, million USD.
    mix : numpy.ndarray of int
        Each line's row in `parts`.
    parts : numpy.ndarray
        Mixes x provinces x months: each province's part.
    """

    lines: np.ndarray
    provinces: list[str]
    size: np.ndarray
    mix: np.ndarray
    parts: np.ndarray


def read_prior(flow: str, months: pd.DatetimeIndex) -> Prior:
    """Return what is expected of a flow; before and after the prior's years as at their ends.

    Parameters
    ----------
    flow : {"export", "import"}
        As China declares it.
    months : pandas.DatetimeIndex
    """
    side = TURNED[flow]
    read = {
        name: pd.read_csv(
            FOLDER / f"{name}.csv", dtype={"hs4": "str", "hs8": "str", "province": "str"}
        )
        for name in ("items", "profiles", "mixes", "lines", "codes", "levels")
    }
    mine = {name: t[t["flow"] == side] for name, t in read.items() if "flow" in t}
    years = np.clip(months.year, FIRST_YEAR, LAST_YEAR)
    lines = _list_lines(read["codes"], read["lines"], mine["items"], UNLISTED[flow])
    items = mine["items"].fillna({"season": ""}).set_index("hs4")
    usual = mine["mixes"]["mix"].iloc[0]
    traits = items.reindex(lines["hs4"]).fillna({"profile": "steady", "mix": usual, "season": ""})
    level = mine["profiles"].set_index("profile")[years.astype("str")]
    season = np.array([SEASONS[name] for name in SEASONS])[:, months.month - 1]
    size = lines["weight"].to_numpy()[:, None] * level.loc[traits["profile"]].to_numpy()
    size *= season[[list(SEASONS).index(name) for name in traits["season"]]]
    first, last = (lines[name].to_numpy()[:, None] for name in ("first_year", "last_year"))
    size *= (first <= years.to_numpy()) & (years.to_numpy() <= last)
    size *= np.where(find_bans(lines["hs8"], side, months), AFTER_BAN, 1.0)
    size *= read_level(mine["levels"], months) / size.sum(axis=0)
    size = np.vstack([size, np.full(len(months), BEYOND_GOODS)])
    provinces = sorted(pd.read_csv(DATA / "classes/gacc/provinces.csv", dtype="str")["code"])
    names = list(dict.fromkeys(mine["mixes"]["mix"]))
    table = mine["mixes"].set_index(["mix", "province"])[years.astype("str")]
    parts = np.array([table.loc[name].reindex(provinces).fillna(0.0).to_numpy() for name in names])
    parts = parts / parts.sum(axis=1, keepdims=True) + OTHER_PROVINCES / len(provinces)
    mix = [names.index(name) for name in [*traits["mix"], usual]]
    return Prior(np.append(lines["hs8"], REMAINDER), provinces, size, np.array(mix), parts)


def _list_lines(
    codes: pd.DataFrame, named: pd.DataFrame, items: pd.DataFrame, unlisted: float
) -> pd.DataFrame:
    """Return every line with its weight: its part of the usual size of its heading."""
    codes = codes[codes["hs8"] != REMAINDER].assign(hs4=codes["hs8"].str[:4])
    lines = codes.merge(named[["hs8", "share"]].drop_duplicates("hs8"), on="hs8", how="left")
    given = lines.groupby("hs4")["share"].transform("sum")
    rank = lines[lines["share"].isna()].groupby("hs4").cumcount()
    other = 0.5 ** rank.reindex(lines.index).astype("float64")
    other = other.fillna(0.0) / other.groupby(lines["hs4"]).transform("sum")
    part = OTHER_LINES * other.where(given > 0, other / OTHER_LINES)
    part = part.fillna((1 - OTHER_LINES) * lines["share"] / given)
    part = part.where(lines["share"].isna(), (1 - OTHER_LINES) * lines["share"] / given)
    base = lines["hs4"].map(items.set_index("hs4")["base"]).fillna(unlisted)
    return lines.assign(weight=base * part)


def find_bans(lines: pd.Series, side: str, months: pd.DatetimeIndex) -> np.ndarray:
    """Say which lines customs did not let through in which months: lines x months.

    A ban counts from the month after its notice, or after the last day for earlier contracts.
    """
    notices = pd.read_csv(
        DATA / "classes/sanctions/notices.csv", dtype="str", keep_default_na=False
    )
    whole = notices["kind"].isin(["ban", "suspension"]) & notices["wider"].ne("yes")
    banned = np.zeros((len(lines), len(months)), bool)
    for row in notices[whole & notices["flow"].isin([side, "both"])].itertuples():
        from_ = pd.Timestamp(row.wind_down_end or row.effective).to_period("M").to_timestamp()
        until = pd.Timestamp(row.ended) if row.ended else pd.Timestamp.max
        inside = (months > from_) & (months <= until)
        banned |= np.outer(lines.str.startswith(tuple(row.hs.split())), inside)
    return banned


def read_level(levels: pd.DataFrame, months: pd.DatetimeIndex) -> np.ndarray:
    """Return the expected total of each month: straight lines between the levels, in logs."""
    at = pd.to_datetime(levels["period"]).to_numpy().astype("datetime64[s]").astype("int64")
    now = months.to_numpy().astype("datetime64[s]").astype("int64")
    return np.exp(np.interp(now, at, np.log(levels["level"])))


def place(prior: Prior, space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of goods of each line, and the place of each province, in a space."""
    group = dict(zip(space.leaves["code"], space.leaves["group"], strict=True))
    groups = []
    for line in prior.lines:
        code = UNSPECIFIED if line == REMAINDER else str(line)
        while code not in group:
            code = code[:-1]
        groups.append(group[code])
    places = [
        space.provinces.index(name) if name in space.provinces else len(space.provinces) - 1
        for name in prior.provinces
    ]
    return np.array(groups), np.array(places)


def sum_atoms(priors: dict[str, Prior], space: Space, atom: np.ndarray) -> np.ndarray:
    """Add the prior up by atom, million USD; everything that exists gets next to nothing more."""
    count = int(atom.max()) + 1
    total = NEXT_TO_NOTHING * np.bincount(atom[atom >= 0], minlength=count)
    shape = space.shape[1:3]
    for f, flow in enumerate(FLOWS):
        prior = priors[flow]
        group, places = place(prior, space)
        for m in range(space.shape[3]):
            goods = np.zeros((len(prior.parts), shape[0]))
            np.add.at(goods, (prior.mix, group), prior.size[:, m])
            spread = np.zeros((len(prior.parts), shape[1]))
            np.add.at(spread.T, places, prior.parts[:, :, m].T)
            cells, here = goods.T @ spread, atom[f, :, :, m]
            total += np.bincount(here[here >= 0], cells[here >= 0], minlength=count)
    return total


def edition(month: pd.Timestamp) -> str:
    """Return the edition of the nomenclature in force in a month."""
    return edition_of_year(month.year)
