"""The trade table: what is refused and how, turning the mirror, and what may be added."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.codes.classes import list_classes
from nktrade.errors import CodeError, InputError, MixtureError
from nktrade.measures import add_up, compare_periods, rank_items
from nktrade.table.addition import check_addable
from nktrade.table.mirrors import mirror, view_from
from nktrade.table.months import monthly
from nktrade.table.rows import COLUMNS, check_trade, is_estimated
from nktrade.table.selecting import select
from tests.making import make_frame, make_trade

ROWS = [
    ("2020-03", "export", "69021000", 10.0),
    ("2020-03", "export", "69022000", 20.0),
    ("2020-03", "import", "67042000", 5.0),
    ("2020-04", "export", "69021000", 0.0),
]


def test_table_is_complete_typed_and_leaves_the_frame_alone():
    frame = make_frame(ROWS)
    before = frame.copy()
    table = check_trade(frame, "a.csv")
    assert table.dtypes.astype("str").to_dict() == COLUMNS
    assert set(table["source"]) == {"a.csv"}
    assert set(table["status"]) == {"reported"}
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(check_trade(table), table)


def test_text_months_and_text_numbers_are_read():
    frame = make_frame(ROWS).assign(
        period=["2020-03-01", "2020-03-01", "2020-03-01", "2020-04-01"],
        value=["10", "20.5", "5", "0"],
    )
    table = check_trade(frame)
    assert table["value"].tolist() == [10, 20.5, 5, 0]
    assert table["period"].iloc[-1] == pd.Timestamp("2020-04-01")


def test_index_need_not_be_unique():
    frame = make_frame(ROWS).set_axis([7, 7, 7, 7])
    assert check_trade(frame)["value"].tolist() == [10, 20, 5, 0]


def test_missing_amounts_may_be_any_kind_of_missing():
    frame = make_frame(ROWS).assign(quantity=pd.array([1.0, None, 3.0, None], dtype="Float64"))
    assert check_trade(frame)["quantity"].isna().tolist() == [False, True, False, True]


def test_no_rows_are_a_table():
    table = check_trade(make_frame(ROWS).iloc[:0])
    assert len(table) == 0
    assert table.dtypes.astype("str").to_dict() == COLUMNS


def spoil(column: str, value: object, row: int = 1) -> pd.DataFrame:
    frame = make_frame(ROWS)
    if column not in frame:
        frame[column] = None
    frame[column] = frame[column].astype(object)
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return frame


@pytest.mark.parametrize(
    ("column", "value", "subject", "shown"),
    [
        ("period", "2020-03", "not a month", "'2020-03'"),
        ("period", "2020-03-02", "not a month", "'2020-03-02'"),
        ("period", 43891, "not a month", "43891"),  # a date that a spreadsheet made a number
        ("period", None, "not a month", ""),
        ("flow", "imports", "unknown flow", "'imports'"),
        ("flow", "IMPORT", "unknown flow", "'IMPORT'"),
        ("flow", None, "unknown flow", ""),
        ("hs_edition", "HS2021", "unknown hs_edition", "'HS2021'"),
        ("currency", "EUR", "unknown currency", "'EUR'"),
        ("status", "guessed", "unknown status", "'guessed'"),
        ("reporter", "China", "not a country code", "'China'"),
        ("partner", 107, "not a country code", "107"),
        ("value", -1.0, "negative or infinite", "-1.0"),
        ("value", np.inf, "negative or infinite", "inf"),
        ("value", "1,234", "not a number", "'1,234'"),
        ("value", "-", "not a number", "'-'"),
        ("value", None, "no value", ""),
        ("value", 1e13, "absurdly large", "10000000000000.0"),
        ("quantity", -3.0, "negative or infinite", "-3.0"),
        ("quantity2", "many", "not a number", "'many'"),
        ("province", 21.0, "not text", "21.0"),
        ("regime", 10, "not text", "10"),
    ],
)
def test_bad_input_is_refused_with_file_row_column_and_value(column, value, subject, shown):
    frame = spoil(column, value)
    if column == "status":
        frame["status"] = frame["status"].fillna("reported")
    with pytest.raises(InputError) as caught:
        check_trade(frame, "2020.csv", first_row=2)
    error = caught.value
    assert error.subject == subject
    assert error.where == f"2020.csv, row 3, column {column!r}"
    assert shown in error.got
    assert error.expected


@pytest.mark.parametrize("code", [69021000, 69021000.0, "6902100", "690220.0", "brick", ""])
def test_bad_code_is_refused_with_file_row_and_column(code):
    with pytest.raises(CodeError) as caught:
        check_trade(spoil("hs", code), "2020.csv", first_row=2)
    assert caught.value.where == "2020.csv, row 3, column 'hs'"


def test_lost_zero_is_suggested():
    with pytest.raises(CodeError, match="'010121'"):
        check_trade(spoil("hs", "10121"))


def test_whole_column_of_numbers_is_refused():
    frame = make_frame(ROWS).assign(hs=[69021000, 69022000, 67042000, 69021000])
    with pytest.raises(CodeError, match="is a number"):
        check_trade(frame)
    with pytest.raises(InputError, match="not text"):
        check_trade(make_frame(ROWS).assign(province=[21.0, np.nan, 22.0, 37.0]))


def test_several_bad_rows_are_counted():
    frame = make_frame(ROWS).assign(value=[-1.0, -2.0, 5.0, -3.0])
    with pytest.raises(InputError, match=r"row 1, column 'value'.*2 more rows like it"):
        check_trade(frame)


def test_repeated_row_names_its_twin():
    frame = pd.concat([make_frame(ROWS), make_frame(ROWS[:1])], ignore_index=True)
    with pytest.raises(InputError, match=r"twice\.csv, row 6.*as row 2; expected each row once"):
        check_trade(frame, "twice.csv", first_row=2)


def test_rows_that_differ_in_province_are_no_repetition():
    frame = pd.concat([make_frame(ROWS[:1]), make_frame(ROWS[:1])], ignore_index=True)
    assert len(check_trade(frame.assign(province=["21", "22"]))) == 2
    with pytest.raises(InputError, match="the same flow"):
        check_trade(frame.assign(province=["21", "21"]))


def test_columns_are_checked():
    frame = make_frame(ROWS)
    with pytest.raises(InputError, match=r"a\.csv: the column 'value' is missing"):
        check_trade(frame.drop(columns="value"), "a.csv")
    with pytest.raises(InputError, match="Did you mean 'province'"):
        check_trade(frame.assign(provinces="21"))
    with pytest.raises(InputError, match="'value' is there twice"):
        check_trade(pd.concat([frame, frame[["value"]]], axis=1), "a.csv")


def test_a_time_zone_is_no_obstacle():
    frame = make_frame(ROWS)
    zoned = frame.assign(period=frame["period"].dt.tz_localize("Asia/Shanghai"))
    assert check_trade(zoned)["period"].tolist() == frame["period"].tolist()


def test_hidden_values_must_say_so():
    frame = make_frame(ROWS).assign(status="reported")
    frame.loc[0, ["value", "status"]] = [np.nan, "suppressed"]
    assert check_trade(frame)["value"].isna().sum() == 1


# --- the mirror ------------------------------------------------------------------------------


def test_mirror_turns_perspective_and_says_so():
    china = make_trade(ROWS)
    korea = mirror(china)
    assert set(korea["reporter"]) == {"PRK"}
    assert set(korea["partner"]) == {"CHN"}
    assert korea["flow"].tolist() == ["import", "import", "export", "import"]
    assert korea["valuation"].tolist() == ["FOB", "FOB", "CIF", "FOB"]
    assert set(korea["declared_by"]) == {"CHN"}
    assert korea["value"].equals(china["value"])
    assert list(china.columns) == list(COLUMNS)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 95),
            st.sampled_from(["export", "import"]),
            st.integers(0, 10**8 - 1).map(lambda n: f"{n:08}"),
            st.floats(0, 1e12, allow_nan=False),
        ),
        unique_by=lambda row: row[:3],
        max_size=20,
    ),
    st.sampled_from(["PRK", "BRA", "RUS"]),
)
def test_mirror_twice_is_identity(rows, partner):
    months = pd.date_range("2017-01-01", periods=96, freq="MS").strftime("%Y-%m")
    table = make_trade([(months[m], *rest) for m, *rest in rows], partner=partner)
    once = mirror(table)
    pd.testing.assert_frame_equal(mirror(once), table)
    pd.testing.assert_frame_equal(mirror(mirror(once)), once)
    assert (once["flow"] != table["flow"]).all()


def test_estimates_are_recognised():
    assert not is_estimated(make_trade(ROWS))
    assert is_estimated(make_trade(ROWS, status="estimated"))
    winter = [("2020-02", *row[1:]) for row in ROWS]
    assert is_estimated(make_trade(winter[:1], status="combined, estimated"))


# --- what may be added -----------------------------------------------------------------------

MIXED = {
    "currencies": ("currency", ["USD", "CNY"]),
    "HS editions": ("hs_edition", ["HS2017", "HS2022"]),
    "HS levels": ("hs", ["6902", "690210"]),
    "breakdowns": ("province", ["21", None]),
}
ADDERS = {
    "check_addable": lambda table: check_addable(table),
    "monthly": lambda table: monthly(table),
    "add_up": lambda table: add_up(table),
    "add_up by": lambda table: add_up(table, "flow"),
    "compare_periods": lambda table: compare_periods(table, "flow", ["2020-03"]),
    "rank_items": lambda table: rank_items(table, "flow", "2020-03"),
}


@pytest.mark.parametrize("adder", ADDERS)
@pytest.mark.parametrize("noun", MIXED)
def test_whatever_adds_refuses_mixtures(noun, adder):
    column, values = MIXED[noun]
    rows = [("2020-03", "export", "69021000", 1.0), ("2020-03", "export", "69022000", 2.0)]
    table = make_trade(rows)
    table = check_trade(table.assign(**{column: values}))
    with pytest.raises(MixtureError, match=noun):
        ADDERS[adder](table)


def test_regimes_beside_their_total_are_refused():
    rows = [("2020-03", "export", "69021000", 1.0), ("2020-03", "export", "69022000", 2.0)]
    table = check_trade(make_trade(rows).assign(regime=["10", None]))
    with pytest.raises(MixtureError, match="breakdowns"):
        add_up(table)


def test_currencies_may_not_change_between_months_either():
    rows = [("2020-03", "export", "69021000", 1.0), ("2020-04", "export", "69021000", 7.0)]
    table = check_trade(make_trade(rows).assign(currency=["USD", "CNY"]))
    for adder in ("monthly", "add_up"):
        with pytest.raises(MixtureError, match="CNY, USD"):
            ADDERS[adder](table)
    assert add_up(table, "currency")["value"].tolist() == [7.0, 1.0]


def test_currencies_may_not_differ_between_reporters_either():
    rows = [("2020-03", "export", "69021000", 1.0), ("2020-03", "export", "69021000", 7.0)]
    table = make_frame(rows).assign(reporter=["CHN", "RUS"], currency=["CNY", "USD"])
    with pytest.raises(MixtureError, match="currencies"):
        monthly(check_trade(table))


def test_an_edition_that_changes_at_new_year_does_not_stop_totals():
    rows = [("2021-12", "export", "69021000", 1.0), ("2022-01", "export", "69021000", 2.0)]
    table = check_trade(make_trade(rows).assign(hs_edition=["HS2017", "HS2022"]))
    assert add_up(table)["value"].iloc[0] == 3.0
    with pytest.raises(MixtureError, match="editions"):
        add_up(table, "hs")  # the same digits may mean other goods
    assert monthly(table, "hs")["value"].tolist() == [1.0, 2.0]


def test_a_code_beside_its_own_part_is_named():
    rows = [("2020-03", "export", "6902", 3.0), ("2020-03", "export", "690210", 1.0)]
    with pytest.raises(MixtureError, match="690210 is part of 6902"):
        add_up(make_trade(rows))


# --- selecting -------------------------------------------------------------------------------


def test_select_takes_everything_under_a_code():
    table = make_trade(ROWS)
    assert len(select(table, hs="6902")) == 3
    assert len(select(table, hs=["69.02", "67"])) == 4
    assert len(select(table, hs="6902", flow="export", period="2020-03")) == 2
    assert select(table, hs="6903").empty
    assert select(table, flow="import").index.tolist() == [2]


def test_select_refuses_what_cannot_be():
    table = make_trade(ROWS)
    with pytest.raises(InputError, match="Did you mean 'import'"):
        select(table, flow="imports")
    with pytest.raises(CodeError, match="'010121'"):
        select(table, hs="10121")
    with pytest.raises(InputError, match="cannot be read"):
        select(table, period="2020-14")
    with pytest.raises(InputError, match="unknown currency"):
        select(table, currency="EUR")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"province": "12x"}, "unknown province '12x'"),
        ({"province": "Liaoning"}, "Did you mean '21'"),
        ({"province": ["21", "2"]}, "unknown province '2'. Did you mean '21'"),
        ({"partner": "PKR"}, "unknown partner 'PKR'. Did you mean 'PRK'"),
        ({"partner": "prk"}, "Did you mean 'PRK'"),
        ({"partner": ["PRK", "North Korea"]}, "Did you mean 'PRK'"),
        ({"partner": "CHN"}, "'CHN' is the reporter of these rows"),
        ({"currency": "usd"}, "Did you mean 'USD'"),
    ],
)
def test_select_refuses_places_that_cannot_be(asked, says):
    table = make_trade(ROWS, province="21")
    with pytest.raises(InputError, match=says):
        select(table, **asked)


def test_select_takes_places_that_merely_did_not_trade():
    table = make_trade(ROWS, province="21")
    assert len(select(table, province="21", partner="PRK")) == 4
    assert select(table, province="54").empty  # Tibet is a province
    assert select(table, partner="BRA").empty
    assert len(select(mirror(table), partner="CHN")) == 4
    with pytest.raises(InputError, match="the partner is the side that declared"):
        select(mirror(table), partner="PRK")


# --- combined releases and hidden values -----------------------------------------------------


def test_a_combined_release_stands_in_february():
    with pytest.raises(InputError, match=r"row 1, column 'period'.*expected February"):
        make_trade(ROWS, status="combined")


def test_a_hidden_value_has_no_number():
    with pytest.raises(InputError, match=r"suppressed value is there.*got 0\.0"):
        make_trade([("2020-03", "export", "6902", 0.0)], status="suppressed")


@pytest.mark.parametrize(
    "adder", [add_up, monthly, lambda t: rank_items(t, "hs", "2020-01..2020-02")]
)
def test_a_january_is_not_added_twice(adder):
    rows = [("2020-01", "export", "69021000", 5.0), ("2020-02", "export", "67030000", 9.0)]
    table = make_trade(rows).assign(status=["reported", "combined"])
    with pytest.raises(MixtureError, match=r"January is there by itself.*2020-01"):
        adder(table)
    other = table.assign(flow=["import", "export"])  # the other flow's January is its own
    assert add_up(other, across="flow")["value"].tolist() == [14.0]


def test_a_code_given_as_a_number_is_refused_with_the_text_it_may_mean():
    table = make_trade(ROWS)
    with pytest.raises(CodeError, match=r"6902 is a number.*Did you mean '6902'"):
        select(table, hs=6902)
    with pytest.raises(CodeError, match=r"'wig' is not an HS code.*hs search wig"):
        select(table, hs=["6902", "wig"])


@pytest.mark.parametrize("adder", [add_up, monthly])
def test_an_unknown_column_to_keep_apart_is_named(adder):
    with pytest.raises(InputError, match=r"no column 'provnce'.*Did you mean 'province'"):
        adder(make_trade(ROWS), "provnce")


def test_a_table_half_mirrored_is_refused():
    table = make_trade(ROWS)
    with pytest.raises(InputError, match="some rows are mirrored and some are not"):
        mirror(pd.concat([table, mirror(table)], ignore_index=True))


def test_only_a_trade_table_has_a_mirror():
    with pytest.raises(InputError, match="not a trade table: it has no column 'hs'"):
        mirror(monthly(make_trade(ROWS)))


def test_a_view_turns_what_is_seen_from_the_other_side():
    china = make_trade(ROWS)
    korea = view_from(china, "PRK")
    assert korea["flow"].tolist() == ["import", "import", "export", "import"]
    assert view_from(korea, "PRK") is korea
    assert view_from(china, "CHN") is china
    with pytest.raises(InputError, match=r"side of 'KOR'.*got CHN with PRK"):
        view_from(china, "KOR")


def test_a_forgotten_mirror_is_told():
    china = make_trade(ROWS)
    with pytest.warns(UserWarning, match=r"no imports of 6902.*as CHN declared.*view='PRK'"):
        assert select(china, flow="import", hs="6902").empty


@pytest.mark.parametrize(
    "use", [monthly, mirror, select, lambda trade: add_up(trade, "flow", period="2020")]
)
@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("period", pd.Timestamp("2020-04-30"), r"holds 2020-04-30; expected the first day"),
        ("period", pd.NaT, "holds NaT"),
        ("flow", "Export", r"holds 'Export'; .*Did you mean 'export'"),
        ("flow", None, "expected 'export' or 'import'"),
        ("hs_edition", "HS17", "holds 'HS17'"),
        ("currency", "RMB", "holds 'RMB'; expected 'USD' or 'CNY'"),
        ("status", "preliminary", "holds 'preliminary'"),
    ],
)
def test_a_cell_that_no_trade_table_has_is_refused_wherever_rows_are_used(use, column, cell, said):
    trade = make_trade(ROWS)
    trade[column] = trade[column].where(trade.index < 3, cell)
    with pytest.raises(InputError, match=said):
        use(trade)


@pytest.mark.parametrize("adder", [add_up, monthly])
@pytest.mark.parametrize("name", list_classes()["name"])
def test_a_class_that_was_not_made_yet_is_told_with_the_call_that_makes_it(adder, name):
    with pytest.raises(InputError, match=rf"no column '{name}'.*classify\(trade, to='{name}'\)"):
        adder(make_trade(ROWS), name)


@pytest.mark.parametrize("adder", [add_up, monthly])
@pytest.mark.parametrize("name", ["value", "quantity"])
def test_what_is_added_keeps_nothing_apart(adder, name):
    with pytest.raises(InputError, match=f"'{name}' is added up"):
        adder(make_trade(ROWS), name)
