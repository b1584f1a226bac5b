"""The rules of a row: whoever brings it, a frame or a block of Arrow, they are the same."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import NktradeError
from nktrade.sources import Source
from nktrade.sources._stream import Scan
from nktrade.store import importing
from nktrade.table.arrow import check_block, from_frame
from nktrade.table.row_rules import ABSURD_VALUE
from nktrade.table.rows import check_trade
from tests.making import make_trade

GOOD = make_trade([("2020-01", "export", "690220", 5.0), ("2020-02", "export", "690220", 7.0)])
BROKEN = [
    ("period", pd.Timestamp("2020-02-02"), "not a month"),
    ("period", pd.NaT, "not a month"),
    ("reporter", "China", "not a country code"),
    ("partner", None, "not a country code"),
    ("flow", "exports", "unknown flow"),
    ("flow", None, "unknown flow"),
    ("hs", "69022", "HS code"),
    ("hs", "６９０２", "HS code"),
    ("hs_edition", "HS2018", "unknown hs_edition"),
    ("currency", "EUR", "unknown currency"),
    ("status", "guessed", "unknown status"),
    ("value", -1.0, "negative or infinite"),
    ("value", np.inf, "negative or infinite"),
    ("value", np.nan, "no value"),
    ("value", 2 * ABSURD_VALUE, "absurdly large"),
    ("quantity", -0.5, "negative or infinite"),
    ("quantity2", np.inf, "negative or infinite"),
]


def breaking(column, value):
    rows = GOOD.astype({column: object})
    rows.loc[1, column] = value
    return rows


@pytest.mark.parametrize(("column", "value", "words"), BROKEN)
def test_a_frame_and_a_block_are_refused_alike(column, value, words):
    rows = breaking(column, value)
    with pytest.raises(NktradeError, match=f"row 2, column '{column}'.*{words}"):
        check_trade(rows)
    typed = rows.astype(GOOD.dtypes.to_dict())
    with pytest.raises(NktradeError, match=f"a.csv, row 41, column '{column}': .*{words}"):
        check_block(from_frame(typed), "a.csv", lambda at: 40 + at)


def test_a_hidden_value_and_a_release_are_held_to_their_columns():
    hidden = GOOD.assign(status=["reported", "suppressed"])
    release = GOOD.assign(status=["combined", "reported"])
    for rows, words in ((hidden, "a suppressed value is there"), (release, "of another month")):
        for check in (check_trade, lambda t: check_block(from_frame(t), "a", int)):
            with pytest.raises(NktradeError, match=words):
                check(rows)
    for rows in (hidden.assign(value=[5.0, np.nan]), GOOD.assign(status=["reported", "combined"])):
        check_trade(rows)
        check_block(from_frame(rows), "a", int)


def test_a_store_takes_no_wrong_row_from_any_source(monkeypatch, tmp_path):
    """A source that checks nothing itself is checked as it is imported."""
    rows = pd.concat([GOOD, GOOD.assign(hs="670300", value=[1.0, -1.0])], ignore_index=True)
    tables = (from_frame(part) for part in (rows.iloc[:2], rows.iloc[2:]))
    careless = Source("gacc", "Nobody", read, scan=lambda path: Scan(tables, {}, {}))
    monkeypatch.setattr(importing, "find_source", lambda name: careless)
    path = tmp_path / "careless.csv"
    path.write_text("not read", encoding="utf-8")
    with pytest.raises(NktradeError, match=r"careless.csv, row 5, column 'value': negative"):
        importing.import_files(tmp_path / "s", "gacc", [path])
    assert not (tmp_path / "s").exists()


def read(path):
    raise AssertionError("a source with a scan is scanned")
