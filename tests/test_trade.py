"""The trade table: what it refuses and how it says so; the mirror; what may be added."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from nktrade.errors import CodeError, InputError, MixtureError
from nktrade.measures import add_up
from nktrade.months import monthly
from nktrade.trade import COLUMNS, check_addable, check_trade, is_estimated, mirror, select
from tests.tables import make_trade, random_trade


def _frame(**changes):
    """Three good rows as a reader would hand them over; `changes` replace whole columns."""
    good = {
        "period": pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01"]),
        "reporter": ["CHN"] * 3,
        "partner": ["PRK"] * 3,
        "flow": ["export"] * 3,
        "hs": ["01012100", "67041100", "69022000"],
        "hs_edition": ["HS2017"] * 3,
        "value": [1.0, 2.0, 3.0],
        "currency": ["USD"] * 3,
    }
    return pd.DataFrame(good | changes)


def test_a_good_table_comes_back_typed_and_complete():
    table = check_trade(_frame(), "good.csv")
    assert list(table.columns) == list(COLUMNS)
    assert table.dtypes.astype(str).to_dict() == COLUMNS
    assert table["hs"].tolist() == ["01012100", "67041100", "69022000"]
    assert table["source"].unique().tolist() == ["good.csv"]
    assert table["status"].unique().tolist() == ["reported"]


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"flow": ["export", "imports", "export"]}, InputError, ["row 3", "'imports'", "'import'"]),
        ({"hs": ["01012100", "6704110", "69022000"]}, CodeError, ["row 3", "'hs'", "'06704110'"]),
        ({"hs": [1012100, 67041100, 69022000]}, CodeError, ["row 2", "number", "'01012100'"]),
        ({"hs": [1012100.0, 67041100.0, 69022000.0]}, CodeError, ["row 2", "'01012100'"]),
        ({"value": [1.0, -2.0, 3.0]}, InputError, ["row 3", "'value'", "-2.0", "zero or more"]),
        ({"value": [1.0, 2.0, np.inf]}, InputError, ["row 4", "infinite"]),
        ({"value": [1.0, 2.0, 5e12]}, InputError, ["row 4", "absurd"]),
        ({"value": ["1", "two", "3"]}, InputError, ["row 3", "'two'", "not a number"]),
        ({"value": [1.0, np.nan, 3.0]}, InputError, ["row 3", "no value", "suppressed"]),
        ({"hs_edition": ["HS2017", "HS17", "HS2017"]}, InputError, ["row 3", "'HS17'", "'HS2017'"]),
        ({"currency": ["USD", "EUR", "USD"]}, InputError, ["row 3", "'EUR'"]),
        ({"partner": ["PRK", "109", "PRK"]}, InputError, ["row 3", "'109'", "ISO 3166"]),
        ({"period": ["2020-01-01", "2020-02-15", "2020-03-01"]}, InputError, ["first day"]),
        ({"period": ["2020-01-01", "Feb 2020", "2020-03-01"]}, InputError, ["row 3", "'Feb 2020'"]),
    ],
)  # fmt: skip
def test_refusals_name_file_row_column_and_value(changes, error, says):
    with pytest.raises(error) as refused:
        check_trade(_frame(**changes), "bad.csv", first_row=2)
    for words in ["bad.csv", *says]:
        assert words in str(refused.value)


def test_refuses_a_repeated_row_naming_its_twin():
    twice = pd.concat([_frame(), _frame().iloc[[1]]], ignore_index=True)
    with pytest.raises(InputError, match=r"bad.csv, row 5.*same flow.*as row 3"):
        check_trade(twice, "bad.csv", first_row=2)


def test_refuses_missing_and_unknown_columns():
    with pytest.raises(InputError, match="column 'value' is missing"):
        check_trade(_frame().drop(columns="value"))
    with pytest.raises(InputError, match="Did you mean 'quantity'"):
        check_trade(_frame().assign(quantiy=1.0))


def test_a_suppressed_row_may_have_no_value():
    status = ["reported", "suppressed", "reported"]
    table = check_trade(_frame(value=[1.0, np.nan, 3.0], status=status))
    assert table["value"].isna().tolist() == [False, True, False]


def test_the_mirror_turns_chinas_export_into_koreas_import():
    china = make_trade(("2020-03-01", "export", "6902", 5.0), ("2020-03-01", "import", "6704", 7.0))
    korea = mirror(china)
    assert (
        korea[["reporter", "partner", "declared_by"]].to_numpy().tolist()
        == [["PRK", "CHN", "CHN"]] * 2
    )
    assert korea["flow"].tolist() == ["import", "export"]
    assert korea["valuation"].tolist() == ["FOB", "CIF"]
    assert korea["value"].tolist() == [5.0, 7.0]
    assert china["flow"].tolist() == ["export", "import"]


@given(random_trade())
def test_mirroring_twice_gives_the_table_back(trade):
    pd.testing.assert_frame_equal(mirror(mirror(trade)), trade)


def test_estimates_are_noticed():
    assert not is_estimated(make_trade(("2020-03-01", "export", "6902", 5.0)))
    assert is_estimated(
        make_trade(("2020-03-01", "export", "6902", 5.0), status="combined, estimated")
    )


@pytest.mark.parametrize("add", [monthly, add_up, check_addable])
@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("hs", ["6902", "69021000"], "69021000 is part of 6902"),
        ("hs_edition", ["HS2017", "HS2022"], "HS editions"),
        ("currency", ["USD", "CNY"], "currencies"),
        ("province", ["21", None], "breakdowns"),
        ("regime", ["10", None], "breakdowns"),
    ],
)
def test_unlike_rows_are_refused_by_whatever_would_add_them(add, column, values, says):
    rows = make_trade(("2020-03-01", "export", "6902", 5.0), ("2020-03-01", "export", "6901", 7.0))
    mixed = rows.assign(**{column: pd.Series(values, dtype="str")})
    if column == "hs":
        mixed["hs"] = values
    with pytest.raises(MixtureError, match=says):
        add(mixed)


def test_selecting_keeps_rows_and_index():
    trade = make_trade(
        ("2020-03-01", "export", "6902", 5.0),
        ("2020-04-01", "import", "6704", 7.0),
        ("2021-04-01", "export", "6901", 9.0),
    )
    assert select(trade, flow="export").index.tolist() == [0, 2]
    assert select(trade, hs="69").index.tolist() == [0, 2]
    assert select(trade, hs=["6704", "6901"]).index.tolist() == [1, 2]
    assert select(trade, period="2020-H1").index.tolist() == [0, 1]
    assert select(trade, flow="export", period="2021").index.tolist() == [2]
    with pytest.raises(InputError, match="Did you mean 'export'"):
        select(trade, flow="exports")
    with pytest.raises(CodeError, match="'0690'"):
        select(trade, hs="690")
