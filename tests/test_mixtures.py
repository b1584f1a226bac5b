"""Whatever takes a trade table refuses to add what cannot be added, or keeps it apart.

The functions are found by walking the package: a new one is held to the rule without being listed.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
import pytest

import nktrade
from nktrade.errors import MixtureError, NktradeError
from nktrade.table.mirrors import mirror
from nktrade.table.periods import parse_period
from tests.making import make_trade

CODES, FLOWS = ("69022000", "67030000"), ("export", "import")
WINDOWS = ["2020", "2020-H1", "2020-H2", *(f"2020-{month:02}" for month in range(1, 13))]

# --- finding the functions -------------------------------------------------------------------


def find_adders() -> Iterator[tuple[str, Callable, list[str]]]:
    """Yield every public function that takes a trade table, and the names of those arguments."""
    for info in pkgutil.walk_packages(nktrade.__path__, "nktrade."):
        # Lessons make tables and add none.
        rooms = ("nktrade.cli", "nktrade.render", "nktrade.teach")
        if "._" in info.name or info.name.startswith(rooms):
            continue
        module = importlib.import_module(info.name)
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not name.startswith("_"):
                tables = name_tables(function)
                if tables and "sums" not in inspect.signature(function).parameters:
                    yield f"{info.name.removeprefix('nktrade.')}.{name}", function, tables


def name_tables(function: Callable) -> list[str]:
    """Return the arguments that are called `trade`, or that the docstring calls trade tables."""
    doc = inspect.getdoc(function) or ""
    names = []
    for name in inspect.signature(function).parameters:
        entry = re.search(rf"^(?:\w+, )*{name}(?:, \w+)* :.*\n((?:    .*\n?)+)", doc, re.MULTILINE)
        told = entry[1].split(".")[0] if entry else ""
        if name == "trade" or re.search(r"\btrade tables?\b", told, re.IGNORECASE):
            names.append(name)
    return names


ADDERS = {name: (function, tables) for name, function, tables in find_adders()}

#: What an argument of this name may be. A function with another one that has no default is not
#: covered and says so.
BANK: dict[str, Sequence[object]] = {
    "by": ["flow", ["flow", "hs"], "period"],
    "period": ["2020"],
    "periods": [["2020"], ["2020-H1", "2020-H2"]],
    "wanted": [["2020"]],
    "codes": [["6902", "6703"]],
    "parts": [["6703"]],
    "products": [["6902"]],
    "flow": ["export"],
    "to": ["industry", "heading"],
    "breakdown": [None],
    "edition": [None],
    "level": [None],
    "where": ["made by hand"],
    "column": ["flow"],
    "basket": ["6902, 6703"],
    "source": ["made by hand"],
    "window": [parse_period("2020")],
    "share": [1.0],
    "country": ["PRK"],
    "asked": [{}],
}


def make_figures() -> pd.DataFrame:
    from nktrade.published import load_documents

    figures = load_documents("kiep2023", measure="value", classification="total").iloc[:2]
    return figures.assign(period="2020", value=1.0, flow=["import", "export"])


def find_arguments(function: Callable, tables: list[str], folder) -> list[dict]:
    """Return the ways to fill what a function needs beside its tables."""
    choices: dict[str, Sequence[object]] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        wanted = parameter.default is parameter.empty or name in ("by", "to", "column")
        if name in tables or not wanted or parameter.kind in (2, 4):
            continue
        if name in ("figure", "figures"):
            figures = make_figures()
            choices[name] = [figures if name == "figures" else figures.iloc[0]]
        elif name == "path":
            choices[name] = [folder / "rows.csv"]
        elif name == "rates":
            months = pd.date_range("2020-01-01", periods=12, freq="MS")
            choices[name] = [pd.DataFrame({"period": months, "cny_per_usd": 7.0})]
        elif parameter.default is parameter.empty or name in BANK:
            assert name in BANK, f"no value is known for an argument called {name!r}"
            choices[name] = BANK[name]
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


# --- the mixtures ----------------------------------------------------------------------------


def make_year(seed: int, **columns) -> pd.DataFrame:
    """Twelve months of two goods both ways; large odd values, so that no sum arises by chance."""
    random = np.random.default_rng(seed)
    rows = [
        (f"2020-{month:02}", flow, code, float(random.integers(10**8, 10**9)))
        for month, flow, code in itertools.product(range(1, 13), FLOWS, CODES)
    ]
    return make_trade(rows, **({"quantity": 1.0, "unit": "kg"} | columns))


def join(*parts: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)


def combine_winter(table: pd.DataFrame) -> pd.DataFrame:
    """Turn the table into a release of January and February, alone."""
    february = table[table["period"] == "2020-02-01"]
    return february.assign(status="combined")


ONE, TWO = make_year(1), make_year(2)
MIXTURES: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {
    "levels": (ONE, TWO.assign(hs=TWO["hs"].str[:4])),
    "editions": (ONE, TWO.assign(hs_edition="HS2022")),
    "currencies": (ONE, TWO.assign(currency="CNY")),
    "a total beside its provinces": (ONE.assign(province="21"), TWO),
    "a total beside its regimes": (ONE.assign(regime="10"), TWO),
    "a release beside its January": (
        ONE[ONE["period"] != "2020-02-01"],
        combine_winter(TWO),
    ),
    "the world beside a partner": (ONE, TWO.assign(partner="WLD")),
    "areas not specified beside a partner": (ONE, TWO.assign(partner="XXU")),
    "two partners": (ONE, TWO.assign(partner="BRA")),
    "two declarers": (ONE, TWO.assign(reporter="RUS")),
    "mirrored beside unmirrored": (mirror(ONE), TWO),
    "mirrored declarers": (mirror(ONE), mirror(TWO.assign(reporter="RUS"))),
    "mirrored world": (mirror(ONE), mirror(TWO.assign(partner="WLD"))),
}


def add_by_hand(*parts: pd.DataFrame) -> list[tuple[float, ...]]:
    """Return the sums of each part over some months, one flow and some codes, where all have some.

    Every sum that a careless function may make of both is the sum of such a tuple.
    """
    found = []
    codes = [[code] for code in CODES] + [list(CODES)]
    for period, flow, code in itertools.product(WINDOWS, FLOWS, codes):
        heads = [one[:4] for one in code]
        chosen = [
            part.loc[
                parse_period(period).covers(part["period"])
                & (part["flow"] == flow)
                & part["hs"].str[:4].isin(heads),
                "value",
            ]
            for part in parts
        ]
        if all(map(len, chosen)):
            found.append(tuple(float(values.sum()) for values in chosen))
    return found


@cache
def forbid(kind: str) -> list[float]:
    """Return the sums of a mixture that no function may make."""
    return [sum(sums) for sums in add_by_hand(*MIXTURES[kind])]


@cache
def forbid_both_flows() -> list[float]:
    apart = (ONE[ONE["flow"] == flow].assign(flow="export") for flow in FLOWS)
    return [sum(sums) for sums in add_by_hand(*apart)]


HIDDEN = (ONE["hs"] == CODES[0]) & (ONE["period"] == "2020-06-01")


@cache
def forbid_known_parts() -> list[float]:
    partial = {known for known, _ in add_by_hand(ONE[~HIDDEN], ONE[HIDDEN])}
    return [*(partial - {*ONE["value"]})]


def find_numbers(answer: object) -> Iterator[float]:
    """Yield every number of an answer, wherever it stands."""
    if isinstance(answer, pd.DataFrame):
        for column in answer.columns:
            if column != "low":  # what is known at least is not the value
                yield from find_numbers(answer[column])
    elif isinstance(answer, pd.Series | pd.Index | np.ndarray):
        if pd.api.types.is_numeric_dtype(answer.dtype):
            yield from np.asarray(answer, dtype=float)[~np.isnan(np.asarray(answer, dtype=float))]
    elif isinstance(answer, Mapping):
        for value in answer.values():
            yield from find_numbers(value)
    elif dataclasses.is_dataclass(answer):
        yield from find_numbers(vars(answer))
    elif isinstance(answer, list | tuple):
        for value in answer:
            yield from find_numbers(value)
    elif isinstance(answer, int | float | np.number):
        yield float(answer)


def answer(function: Callable, tables: list[str], given, arguments: dict):
    return function(**dict.fromkeys(tables, given), **arguments)


@pytest.mark.parametrize("kind", MIXTURES)
@pytest.mark.parametrize("name", ADDERS)
def test_mixtures_are_refused_or_kept_apart(name, kind, tmp_path):
    function, tables = ADDERS[name]
    mixed = join(*MIXTURES[kind])
    for arguments in find_arguments(function, tables, tmp_path):
        try:
            found = answer(function, tables, mixed, arguments)
        except (NktradeError, LookupError):
            continue
        numbers = np.array([*find_numbers(found)])
        hits = np.isin(np.round(numbers), forbid(kind))
        assert not hits.any(), f"{name}({arguments}) added up {kind}"


@pytest.mark.parametrize("name", ADDERS)
def test_imports_and_exports_are_not_added_unasked(name, tmp_path):
    function, tables = ADDERS[name]
    for arguments in find_arguments(function, tables, tmp_path):
        try:
            found = answer(function, tables, ONE, arguments)
        except (NktradeError, LookupError):
            continue
        numbers = np.array([*find_numbers(found)])
        assert not np.isin(np.round(numbers), forbid_both_flows()).any(), arguments


@pytest.mark.parametrize("name", ADDERS)
def test_an_unknown_part_leaves_no_sum(name, tmp_path):
    """A sum without its suppressed part would pass for the whole."""
    function, tables = ADDERS[name]
    given = ONE.assign(
        value=ONE["value"].mask(HIDDEN), status=ONE["status"].mask(HIDDEN, "suppressed")
    )
    for arguments in find_arguments(function, tables, tmp_path):
        try:
            found = answer(function, tables, given, arguments)
        except (NktradeError, LookupError):
            continue
        numbers = np.array([*find_numbers(found)])
        assert not np.isin(np.round(numbers), forbid_known_parts()).any(), arguments


# --- what the three tests above rest on ------------------------------------------------------

#: Functions that want tables of two kinds, or one that the year above is not: tried in their own
#: tests, and here only with mixtures.
TWO_TABLES = {
    "table.currency.imply_rates",
    "table.currency.compare_rates",
    "measures.two_sides.compare_sides",
    "measures.mislabelled.measure_rule",
    "measures.mislabelled.set_apart",  # of several declarers
    "codes.conversion.convert",
}


@pytest.mark.parametrize("name", ADDERS)
def test_each_function_answers_about_a_plain_table(name, tmp_path):
    """A refusal of everything would pass the tests above and prove nothing."""
    function, tables = ADDERS[name]
    if name in TWO_TABLES:
        pytest.skip("it wants tables of two kinds")
    exports = ONE[ONE["flow"] == "export"].assign(flow="export")
    for given in (ONE, exports, mirror(ONE), ONE.assign(province="21")):
        for arguments in find_arguments(function, tables, tmp_path):
            try:
                answer(function, tables, given, arguments)
            except (NktradeError, LookupError):
                continue
            return
    pytest.fail(f"{name} answers nothing")


def test_the_functions_that_add_are_found():
    found = {name.rpartition(".")[2] for name in ADDERS}
    assert found >= {
        *("add_up", "monthly", "compare_periods", "rank_items", "sum_classes", "coverage"),
        *("compute_unit_values", "sum_after_bans", "pair_months", "mark_presence", "sum_years"),
        *("compare", "compute", "compare_sides", "compare_sources", "compare_rates"),
    }


def test_a_new_function_is_found_and_caught():
    def add_carelessly(trade: pd.DataFrame, by: str = "flow") -> pd.Series:
        return trade.groupby(by)["value"].sum()

    assert name_tables(add_carelessly) == ["trade"]
    one, two = MIXTURES["levels"]
    careless = add_carelessly(join(one, two))
    assert np.isin(careless.to_numpy(), [sum(sums) for sums in add_by_hand(one, two)]).any()
    with pytest.raises(MixtureError, match="HS levels"):
        nktrade.measures.add_up(join(one, two), "flow")
