"""The public face: one order of arguments, and a wrong table is refused in words."""

import inspect

import pandas as pd
import pytest

import nktrade as nk
from nktrade.errors import NktradeError
from tests.making import make_monthly, make_trade


def find_verbs():
    """Yield every public function of `nk`, `nk.measures` and `nk.charts`, by its name."""
    for room, names in ((nk, nk.__all__), (nk.measures, nk.measures.__all__)):
        for name in names:
            verb = getattr(room, name)
            if inspect.isfunction(verb):
                yield name, verb
    for name in nk.charts.__all__:
        verb = getattr(nk.charts, name)
        if inspect.isfunction(verb):
            yield f"charts.{name}", verb


VERBS = dict(find_verbs())

#: What is asked of a table, in the order in which it is said: what is kept apart, when, how many.
ORDER = [("by", "to", "codes", "column"), ("flow",), ("period", "periods"), ("n", "level")]


def positional(verb):
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(verb).parameters.values() if p.kind in kinds]


@pytest.mark.parametrize("name", VERBS)
def test_arguments_stand_in_one_order(name):
    names = positional(VERBS[name])
    if name.startswith("charts.draw_"):
        assert names[-2:] == ["title", "caption"], "a table or two, then the words"
        return
    ranks = [rank for name in names for rank, group in enumerate(ORDER) if name in group]
    assert ranks == sorted(ranks), names
    tables = [place for place, name in enumerate(names) if name in TABLES]
    assert tables == list(range(len(tables))), "tables come first"


# --- wrong tables ------------------------------------------------------------------------------

TABLES = {
    "trade", "table", "series", "months", "frame", "rolled", "marks", "scores", "exports",
    "imports", "ahead", "known", "domestic", "imported", "stock", "fit", "found",
}  # fmt: skip

TRADE = make_trade([("2020-01", "import", "69021000", 1.0), ("2020-02", "import", "6902", 2.0)])
MONTHLY = make_monthly([1.0] * 30)
WRONG = {
    "none": None,
    "list": [1, 2],
    "dict": {"a": 1},
    "words": pd.Series(["a", "b"]),
    "empty": pd.DataFrame(),
    "other": pd.DataFrame({"a": [1, 2]}),
    "trade": TRADE,
    "monthly": MONTHLY,
}
#: Something for arguments without a default that are no tables.
GIVEN = {
    "title": "t", "caption": "c", "by": "hs", "period": "2020-01", "periods": ["2020-01"],
    "column": "value", "ylabel": "y", "xlabel": "x", "x": "period", "y": "hs", "value": "value",
    "unit": "%", "codes": ["6902"], "flow": "import", "to": "bec", "basket": "wigs", "n": 3,
    "year": 2020, "base": [2019], "rates": MONTHLY, "country": "PRK", "parts": ["69"],
    "products": ["69"], "start": "2020-01", "receipts": 1.0, "drain": 1.0, "starts": ["2020-01"],
    "margins": [0.0], "claimed": (1.0, 2.0), "share": 0.5, "window": "2020",
    "breaks": {"a": "2020-05"}, "counterfactual_of": "a", "lags": range(1), "reference": "2020",
    "since": "2020-01", "origins": ["2021-01"], "model": "ETS", "source": "made by hand",
    "currency": "USD", "path": "nowhere/x.csv", "dates": ["2020-03"], "regressors": ["x"],
    "design": [[1.0]], "caps": pd.Series([1.0]), "demand": pd.Series([1.0]),
    "second": MONTHLY["value"], "policy": "split",
    "new": MONTHLY["value"], "rolled": MONTHLY, "ahead": MONTHLY,
}  # fmt: skip

#: These take numbers, periods or texts first.
NO_TABLE = {"count_new_year", "fit_autoregression", "say_change", "charts.write_figure"}


@pytest.mark.parametrize("name", [n for n in VERBS if n not in NO_TABLE])
def test_a_wrong_table_is_refused_in_words(name):
    verb = VERBS[name]
    first, *others = inspect.signature(verb).parameters.values()
    if first.name not in TABLES | {"old", "first", "values", "parts"}:
        pytest.skip("takes no table")
    asked = {}
    for argument in others:
        needed = argument.default is argument.empty
        if needed and argument.kind not in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL):
            tables = argument.name in TABLES and argument.name not in GIVEN
            asked[argument.name] = None if tables else GIVEN[argument.name]
    for kind, wrong in WRONG.items():
        try:
            verb(wrong, **{k: wrong if v is None else v for k, v in asked.items()})
        except NktradeError:
            continue
        except Exception as error:
            pytest.fail(f"{kind}: {type(error).__name__}: {error}")


# --- misuse --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wrong_tables():
    """What somebody may hold at the prompt instead of a trade table, by name."""
    rows = [("2022-01", "import", "67041100", 5.0), ("2022-02", "import", "67042000", 7.0)]
    trade = make_trade(rows, hs_edition="HS2022")
    months = trade["period"]
    return {
        "nothing": None,
        "a number": 3,
        "a text": "2020",
        "a list": [1, 2],
        "a mapping": {"a": 1},
        "a class": pd.DataFrame,
        "a column": trade["value"],
        "an array": trade.to_numpy(),
        "an empty frame": pd.DataFrame(),
        "no rows": trade.iloc[:0],
        "another name": trade.rename(columns={"value": "Value"}),
        "sums": nk.add_up(trade, "hs"),
        "months": nk.monthly(trade),
        "codes as numbers": trade.assign(hs=trade["hs"].astype(int)),
        "codes as decimals": trade.assign(hs=trade["hs"].astype(float)),
        "values as text": trade.assign(value=trade["value"].astype(str)),
        "whole values": trade.assign(value=trade["value"].astype("int64")),
        "values as objects": trade.assign(value=trade["value"].astype(object)),
        "categories": trade.astype({"hs": "category", "flow": "category"}),
        "periods": trade.assign(period=months.dt.to_period("M")),
        "a time zone": trade.assign(period=months.dt.tz_localize("Asia/Seoul")),
        "months as text": trade.assign(period=months.astype(str)),
        "days": trade.assign(period=months.dt.date),
        "months in the index": trade.set_index("period"),
        "a column twice": pd.concat([trade, trade[["value"]]], axis=1),
        "one index": trade.set_axis([0, 0]),
        "two levels of columns": pd.concat({"a": trade}, axis=1),
    }


#: What stands after the table, rightly and wrongly.
MORE = {
    "add_up": [(), ("hs",), (5,), (None,)],
    "classify": [("bec",), (None,), (3,)],
    "compare_periods": [("hs", "2022"), (None, "2022"), ("hs", [])],
    "coverage": [("bec",)],
    "monthly": [(), ("hs",), (5,)],
    "rank_items": [("hs", "2022"), ("nope", "2022")],
    "select_basket": [("textiles",), (None,)],
    "sum_classes": [("bec",), (None,)],
    "view_from": [("PRK",), (3,)],
    "bounds_ratio": [({},)],
    "claim": [(">", 1)],
}
#: These take no table, or write what they are given.
OTHER = {"Folded", "Study", "export", "finding", "load", "read_table", "say", "say_change"}


def test_a_wrong_table_is_answered_or_refused_in_one_line(wrong_tables):
    """No verb shows a stranger the inside of pandas, whatever stands where a table should."""
    found = []
    for verb in sorted({*nk.__all__} - OTHER):
        function = getattr(nk, verb)
        if not callable(function):
            continue
        for name, table in wrong_tables.items():
            for more in MORE.get(verb, [()]):
                try:
                    function(table, *more)
                except NktradeError as error:
                    if "\n" in str(error) or len(str(error)) > 700:
                        found.append((verb, name, more, f"{len(str(error))} letters"))
                except TypeError as error:
                    if "positional argument" not in str(error):  # Python's own, of a call
                        found.append((verb, name, more, str(error)[:60]))
                except Exception as error:  # what must not come is what is looked for
                    found.append((verb, name, more, repr(error)[:60]))
    assert found == []


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (nk.hs.convert, ({"to": "HS2022"}, [None, 3, [3], pd.DataFrame()])),
        (nk.hs.exists, ({}, [None, 3, ["69"], pd.DataFrame()])),
        (nk.hs.find_family, ({}, [None, 851712, ["851712"]])),
        (nk.hs.list_places, ({}, [None, "country", ["partner"]])),
        (nk.hs.edition_of_year, ({}, [None, "2022", 2022.5])),
        (nk.hs.search, ({}, [None, 3, ["tires"]])),
        (nk.hs.children, ({}, [None, 69, ["69"]])),
    ],
)
def test_a_wrong_code_is_refused_in_one_line(verb, said):
    options, wrong = said
    for one in wrong:
        with pytest.raises(NktradeError) as refused:
            verb(one, **options)
        assert "\n" not in str(refused.value)


def test_codes_with_dots_are_found_as_they_are_without():
    assert nk.hs.find_family("8517.13") == nk.hs.find_family("851713") == "851712"
    assert nk.hs.exists("8517.13", "HS2022")
