"""The exercises of the lessons: what is right, and what each usual mistake deserves to hear.

Every right answer is computed from the planted data, in another way than the lesson's solution
where there is one, so that the two check each other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nktrade.teach.marking import Exercise, exercise
from nktrade.teach.planted import CLOSED, MISPRINTED, SPIKE, SPIKED, plant

# A mirror and its traps


def _sum(trade: pd.DataFrame, **where: str) -> float:
    for column, value in where.items():
        trade = trade[trade[column].astype("str").str.startswith(value)]
    return float(trade["value"].sum())


@exercise("mirror.october")
def _october() -> Exercise:
    trade = plant("mirror")
    right = _sum(trade, flow="export", period="2019-10")
    other = _sum(trade, flow="import", period="2019-10")
    return Exercise(
        right,
        (
            (other, "That is what China bought. Whose flow does the column name?"),
            (right + other, "That adds what was bought to what was sold."),
            (_sum(trade, flow="export"), "That is the whole year: take one month."),
        ),
        "North Korea's imports are what China declares as exports, in October 2019.",
    )


@exercise("mirror.quarter")
def _quarter() -> Exercise:
    trade = plant("mirror")
    both, march = (_sum(trade, flow="export", period=month) for month in ("2020-02", "2020-03"))
    return Exercise(
        both + march,
        (
            (march, "March alone. Where are January and February?"),
            (both / 2 + march, "February's row holds January too: it is not to be halved."),
            (2 * both + march, "February's row is the sum of both months already."),
            (both, "That is January and February: the quarter has a third month."),
        ),
        "Customs released January and February 2020 as one number, which stands at February.",
    )


@exercise("mirror.liaoning")
def _liaoning() -> Exercise:
    trade = plant("mirror")
    part = _sum(trade, flow="export", province="21")
    whole = _sum(trade, flow="export")
    return Exercise(
        100 * part / whole,
        (
            (part / whole, "Right in substance: say it in percent."),
            (
                100 * part / trade["value"].sum(),
                "The denominator holds both flows: a share of imports is of imports.",
            ),
            (
                100 * _sum(trade, province="21") / trade["value"].sum(),
                "That is a share of all trade: take imports alone, above and below the line.",
            ),
        ),
        "Divide imports through Liaoning (province 21) by all imports.",
    )


# Codes


@exercise("codes.bricks")
def _bricks() -> Exercise:
    return Exercise(
        "6902",
        (
            ("69", "That is the chapter, all of ceramics: which heading is it?"),
            ("69022000", "That is one tariff line: its first four digits are the heading."),
            ("6815", "Stone and other minerals; the bricks that line furnaces are ceramics."),
        ),
        "Search for the word and read the list: four digits are a heading.",
    )


@exercise("codes.damaged")
def _damaged() -> Exercise:
    codes = plant("codes")["code"]
    short = set(codes[codes.str.len() == 7])
    return Exercise(
        short,
        (
            (
                {f"0{code}" for code in short},
                "These are the repaired codes: which stand in the file?",
            ),
            (set(codes), "Not all: a code of eight digits is whole."),
            (set(codes) - short, "These are the whole ones."),
        ),
        "Chapters 01 to 09 begin with a zero: what is left of it when a spreadsheet reads numbers?",
    )


@exercise("codes.vegetables")
def _vegetables() -> Exercise:
    codes = plant("codes").set_index("code")["value"]
    return Exercise(
        float(codes["7123300"]),
        (
            (0, "A filter for 07 finds nothing, because the zero is lost. Repair, then filter."),
            (float(codes[["3031400", "7123300"]].sum()), "That is fish and vegetables together."),
        ),
        "Repair the codes to eight digits of text, then take chapter 07.",
    )


@exercise("codes.phones")
def _phones() -> Exercise:
    return Exercise(
        frozenset({"851713", "851714"}),
        (
            ({"851713"}, "Smartphones are one half: where did the other telephones go?"),
            ({"851712"}, "That is the old code, which HS2022 no longer has."),
        ),
        "Ask which codes of HS2022 took over HS2017's 851712.",
    )


# Growth


def _halves() -> pd.Series:
    trade = plant("growth")
    return trade.groupby(trade["period"].dt.year)["value"].sum()


@exercise("growth.fall")
def _fall() -> Exercise:
    halves = _halves()
    ratio = halves[2020] / halves[2019]
    return Exercise(
        100 * (ratio - 1),
        (
            (100 * ratio, "That is the level in percent of the year before, not the change."),
            (100 * (1 - ratio), "The size is right: a fall is negative."),
            (100 * (1 / ratio - 1), "The base is the earlier period, 2019."),
            (ratio - 1, "Right in substance: say it in percent."),
        ),
        "New over old, less one, times a hundred.",
    )


@exercise("growth.recovery")
def _recovery() -> Exercise:
    halves = _halves()
    ratio = 100 * halves[2022] / halves[2019]
    return Exercise(
        ratio,
        (
            (
                100 * (halves[2022] / halves[2021] - 1),
                "That is growth on 2021, from a level that had fallen to almost nothing.",
            ),
            (ratio - 100, "That is the change on 2019: a recovery ratio is a level."),
            (100 * halves[2022] / halves[2021], "Its base is the year before the fall, 2019."),
        ),
        "A recovery ratio is a level in percent of the level before the fall.",
    )


@exercise("growth.rice")
def _rice() -> Exercise:
    trade = plant("growth")
    year = trade["period"].dt.year
    rice = trade["hs"].str.startswith("1006")
    old, new = (trade.loc[rice & (year == y), "value"].sum() for y in (2021, 2022))
    base = _halves()[2021]
    whole = _halves()[2022]
    return Exercise(
        100 * (new - old) / base,
        (
            (100 * (new / old - 1), "That is rice's own growth: its contribution is to the total."),
            (100 * new / whole, "That is rice's share in 2022."),
            (
                100 * (new - old) / (whole - base),
                "That is rice's part of the change: a contribution is in points of growth.",
            ),
        ),
        "The change of rice over the total of the earlier period, in percentage points.",
    )


# What a printed table proves


@exercise("print.row")
def _row() -> Exercise:
    return Exercise(
        MISPRINTED,
        (("Liaoning", "52.9 of 99.5 is 53.2 %: this row agrees with its share."),),
        "Work out each share from its own row and the total: which one does not fit?",
    )


@exercise("print.meant")
def _meant() -> Exercise:
    table = plant("print")["million"]
    right = table["total"] - table.drop(["total", MISPRINTED]).sum()
    return Exercise(
        float(right),
        (
            (36.1, "That is what is printed."),
            (
                float(table["total"] - table.drop("total").sum()),
                "That is what the rows have too much of: what does the row hold without it?",
            ),
        ),
        "The rows must add up to the total: take the other rows from it.",
    )


@exercise("print.share")
def _share() -> Exercise:
    # 5.25 to 5.35 million of 99.45 to 99.55: from 5.27 to 5.38 percent, so 5.3 or 5.4 in print.
    return Exercise(
        True,
        ((False, "Both numbers were rounded before they were printed: how far may each be off?"),),
        "Divide the least the row can have been by the most the total can, and the other way.",
    )


# Bounds and priors


@exercise("known.least")
def _least() -> Exercise:
    return Exercise(
        10,
        (
            (20, "Twenty is the mean of what is left. What if May and June took all they could?"),
            (0, "The other two months can take 30 each, and 70 is left for three."),
        ),
        "Seventy are left for April, May and June; no month may have more than 30.",
    )


@exercise("known.most")
def _most() -> Exercise:
    return Exercise(
        30,
        (
            (70, "No month may have more than 30."),
            (70 / 3, "That is the mean: nothing printed says that months are alike."),
        ),
        "What is the largest that April can be while no print is broken?",
    )


@exercise("known.claim")
def _claim() -> Exercise:
    return Exercise(
        "not decided",
        (
            ("holds", "It holds if April is 30. Is there no other table that agrees with print?"),
            ("fails", "It fails if April is 10. Is there no other table that agrees with print?"),
        ),
        'Answer "holds", "fails" or "not decided": over every table that agrees with print.',
    )


# Spikes


@exercise("spikes.alarms")
def _alarms() -> Exercise:
    return Exercise(
        0.05 * 12 * 48,
        (
            (0.05 * 48, "That is one series: there are twelve."),
            (0.05, "That is the chance for one month: how many months are there?"),
        ),
        "Months times series times the chance for each.",
        within=0.03,
    )


@exercise("spikes.where")
def _where() -> Exercise:
    return Exercise(
        f"{SPIKED} {SPIKE:%Y-%m}",
        (("8502", 'The heading is right. In which month? Answer as "8502 2018-01".'),),
        'Scan, and answer heading and month as "8471 2018-01".',
    )


@exercise("spikes.times")
def _times() -> Exercise:
    table = plant("quiet")
    one = table[table["heading"] == SPIKED].set_index("period")["value"]
    return Exercise(
        float(one[SPIKE] / one.median()),
        ((float(one[SPIKE] / one.mean()), "The mean has the spike in it: take the median."),),
        "The value of that month over the usual month of the same heading.",
        within=0.05,
    )


# Interrupted series


@exercise("breaks.inside")
def _inside() -> Exercise:
    return Exercise(
        False,
        ((True, "Read the limits again: is -40 between them?"),),
        "Least squares says how sure it is: does its interval hold what was planted, -40?",
    )


@exercise("breaks.honest")
def _honest() -> Exercise:
    return Exercise(
        True,
        ((False, "Read level_low and level_high: is -40 between them?"),),
        "Does the interval that lets errors follow one another hold what was planted, -40?",
    )


@exercise("breaks.wider")
def _wider() -> Exercise:
    import statsmodels.formula.api as smf

    from nktrade.measures.breaks import fit_interruption

    table = plant("closure").assign(t=np.arange(72.0))
    table["after"] = (table["period"] >= CLOSED).astype(float)
    table["since"] = (table["t"] - 37).clip(lower=0)
    least = smf.ols("value ~ t + after + since", table).fit().conf_int().loc["after"]
    breaks = {"closure": f"{CLOSED:%Y-%m}"}
    fit = fit_interruption(plant("closure"), breaks, counterfactual_of="closure")
    effect = fit.effects.iloc[0]
    honest = effect["level_high"] - effect["level_low"]
    return Exercise(
        float(honest / (least[1] - least[0])),
        ((float((least[1] - least[0]) / honest), "The other way round."),),
        "The width of the second interval over that of the first.",
        within=0.05,
    )


# Forecasts


@exercise("seasons.naive")
def _naive() -> Exercise:
    value = plant("seasons").set_index("period")["value"]
    april = value[pd.Timestamp("2018-04-01")]
    return Exercise(
        float(april),
        (
            (float(value.iloc[-1]), "That is the last month: the season repeats after twelve."),
            (float(value.mean()), "That is the mean of all months: April is none of them."),
        ),
        "The seasonal naive forecast of a month is the same month of the year before.",
    )


@exercise("seasons.inside")
def _inside_range() -> Exercise:
    return Exercise(
        80,
        ((95, "Of which interval was the question?"),),
        "An interval of 80 percent should hold how many of a hundred months?",
    )


# Bottlenecks


def _need() -> pd.Series:
    table = plant("factory")
    inside, outside = table.iloc[:3], table.iloc[3:]
    gross = np.linalg.solve(np.eye(3) - inside.to_numpy(), np.array([100.0, 0.0, 0.0]))
    return pd.Series(outside.to_numpy() @ gross, outside.index)


@exercise("factory.coke")
def _coke() -> Exercise:
    return Exercise(
        float(_need()["coke"]),
        (
            (100 * 2.0 * 0.6, "Steel needs power, and power needs coke and steel: go on."),
            (0, "A truck uses no coke itself; its steel does."),
        ),
        "Find gross output first, then what it uses up from abroad.",
    )


@exercise("factory.bottleneck")
def _bottleneck() -> Exercise:
    return Exercise(
        "coke",
        (("tyres", "Two hundred tyres are enough for fifty trucks. Is the coke?"),),
        "Which cap stops the plan first?",
    )


@exercise("factory.trucks")
def _trucks() -> Exercise:
    per_truck = _need() / 100
    caps = pd.Series({"tyres": 200.0, "coke": 40.0})
    return Exercise(
        float((caps / per_truck).min()),
        ((50.0, "Fifty by the tyres: is there coke for so many?"),),
        "Each cap over what one truck needs of it; the least of them counts.",
    )
