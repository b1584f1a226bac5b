"""Whatever a public function is given, the reader is answered or refused in one line of words.

Functions and their good calls are found by running the examples of their docstrings: a new function
is tried without being listed. One argument at a time is then replaced by something odd.
"""

import contextlib
import datetime
import doctest
import importlib
import inspect
import io
import itertools
import sys
import warnings
import zlib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import nktrade as nk
from nktrade.errors import InputError, NktradeError, UnanswerableError
from tests.conftest import ROOT

ROOMS = {
    "nk": nk,
    **{name: getattr(nk, name) for name in ("charts", "codes", "measures", "published")},
}
#: Odd values tried for each argument, of those below; others on another day's names.
TRIES = 3
ODD = {
    "None": None, "an empty list": [], "numbers": [1, 2], "words": ["nope"], "a mapping": {"a": 1},
    "an integer": 3, "less than nothing": -1, "a fraction": 2.5, "no number": float("nan"),
    "infinity": float("inf"), "bytes": b"x", "a path": Path("/nowhere/x"), "a word": "nope",
    "no word": "", "full-width digits": "２０２０", "an object": object(),
    "an empty frame": pd.DataFrame(), "a frame": pd.DataFrame({"a": [1]}),
    "a column": pd.Series([1.0]), "an array": np.array([1, 2]), "truth": True, "a set": {1},
    "a class": int, "no time": pd.NaT, "unknown": pd.NA, "a date": datetime.date(2020, 5, 3),
    "three": (1, 2, 3), "a huge number": 10**30, "a letter NUL": "a\0b", "a complex number": 1j,
}  # fmt: skip


def vary(table):
    """Yield what may be wrong with a table, by name."""
    yield "no rows", lambda: table.iloc[:0]
    yield "one row", lambda: table.iloc[:1]
    yield "turned rows", lambda: table.iloc[::-1]
    yield "turned columns", lambda: table[table.columns[::-1]]
    yield "one index", lambda: table.set_axis([0] * len(table))
    yield "twice", lambda: pd.concat([table, table], ignore_index=True)
    yield "objects", lambda: table.astype(object)
    yield "texts", lambda: table.astype(str)
    yield "categories", lambda: table.astype("category")
    yield "Arrow", lambda: table.convert_dtypes(dtype_backend="pyarrow")
    yield "nullable", lambda: table.convert_dtypes()
    yield "two levels of columns", lambda: pd.concat({"a": table}, axis=1)
    yield "months in the index", lambda: table.set_index(table.columns[0])
    odd = {"unknown": np.nan, "infinite": np.inf, "a word": "nope", "seven": 7, "None": None}
    for column in table.columns:
        yield f"no {column}", lambda column=column: table.drop(columns=column)
        for name, value in odd.items():
            yield f"{column} {name}", lambda c=column, v=value: table.assign(**{str(c): v})


def list_functions():
    """Return what the rooms hand out, by the code that runs."""
    found = {}
    for room, module in ROOMS.items():
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isfunction(function):
                found.setdefault(inspect.unwrap(function).__code__, (f"{room}.{name}", function))
    return found


@pytest.fixture(scope="module")
def good_calls():
    """The arguments of a call of each function, as the examples make it."""
    functions, calls = list_functions(), {}
    slow = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8")

    def listen(frame, event, _):
        if event == "call" and frame.f_code in functions:
            told = inspect.getargvalues(frame)
            code = frame.f_code
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            given = {name: told.locals[name] for name in names}
            rest = told.locals[told.varargs] if told.varargs else ()
            words = told.locals[told.keywords] if told.keywords else {}
            calls.setdefault(code, (given, rest, words))

    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    homes = {inspect.unwrap(function).__module__ for _, function in functions.values()}
    for test in itertools.chain.from_iterable(
        doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(home))
        for home in sorted(homes)
    ):
        if not test.examples or f"::{test.name}\n" in slow:
            continue
        sys.setprofile(listen)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(BaseException):
            runner.run(test)
        sys.setprofile(None)
    return [(*functions[code], *call) for code, call in calls.items()]


def call(function, given, rest, words):
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    first = [given[p.name] for p in parameters if p.kind in kinds]
    named = {p.name: given[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
    found = function(*first, *rest, **named, **words)
    return list(found) if inspect.isgenerator(found) else found


def choose(name, given):
    """Return some of the odd things an argument may be: others for each argument."""
    odd = [(label, lambda value=value: value) for label, value in ODD.items()]
    for several in ([*vary(given)] if isinstance(given, pd.DataFrame) else [], odd):
        first = zlib.crc32(name.encode()) % max(len(several), 1)
        step = max(len(several) // TRIES, 1)
        yield from (several[(first + n * step) % len(several)] for n in range(TRIES) if several)


def test_an_odd_argument_is_answered_or_refused_in_one_line(good_calls):
    found, tried = [], 0
    for name, function, given, rest, words in good_calls:
        for argument, value in given.items():
            for label, make in choose(f"{name}.{argument}", value):
                try:
                    odd = make()
                except (TypeError, ValueError):  # this table cannot be made so
                    continue
                tried += 1
                try:
                    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                        warnings.simplefilter("ignore")
                        call(function, {**given, argument: odd}, rest, words)
                except NktradeError as error:
                    if "\n" in str(error):
                        found.append((name, argument, label, str(error)))
                except Exception as error:  # what must not come is what is looked for
                    found.append((name, argument, label, repr(error)[:90]))
        plt.close("all")
    assert found == []
    assert len(good_calls) > 120
    assert tried > 1000


def test_the_argument_to_blame_is_named():
    with pytest.raises(InputError, match=r"^keep_largest\(\): the argument 'n' .* a whole number"):
        nk.measures.keep_largest(pd.DataFrame({"contribution": [1.0]}), "many")
    months = pd.DataFrame({"period": pd.to_datetime(["2020-01-01"]), "value": ["a"]})
    with pytest.raises(InputError, match="the column 'value' is of another kind"):
        nk.measures.accumulate_year(months.assign(state="reported", flow="import"))


def test_an_error_that_no_argument_explains_stays_what_it_is(monkeypatch):
    """Else a slip of the library's own would be blamed on its reader."""
    from nktrade._blame import explain

    def divide(amount: float) -> float:
        return amount / 0

    with pytest.raises(ZeroDivisionError):
        explain(divide, "here")(1.0)

    def ask(amount: float) -> float:
        raise UnanswerableError("no answer", hint="Ask another.")

    with pytest.raises(UnanswerableError):
        explain(ask, "here")(1.0)


def test_functions_handed_out_travel_between_processes():
    import pickle

    for function in (nk.add_up, nk.measures.add_up, nk.charts.draw_trend, nk.load):
        assert pickle.loads(pickle.dumps(function)) is function
