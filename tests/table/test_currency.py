"""Yuan to dollars: only by rates that are named or implied, and never twice."""

import warnings

import pandas as pd
import pytest

from nktrade.errors import InputError
from nktrade.table.currency import compare_rates, convert_to_usd, imply_rates
from nktrade.table.rates import RateNameWarning, read_rates
from nktrade.table.rows import check_trade


def table(currency, values):
    rows = [
        (pd.Timestamp(month), "CHN", "PRK", "export", hs, "HS2022", value, currency)
        for month, hs, value in values
    ]
    columns = ["period", "reporter", "partner", "flow", "hs", "hs_edition", "value", "currency"]
    return check_trade(pd.DataFrame(rows, columns=columns).astype({"hs": "str"}), where="file.csv")


YUAN = table(
    "CNY",
    [
        ("2023-01-01", "670420", 676_000),
        ("2023-01-01", "670410", 6_760_000),
        ("2023-02-01", "670420", 6_900_000),
        ("2023-03-01", "670420", 690),
    ],
)
DOLLARS = table("USD", [("2023-01-01", "670420", 100_000), ("2023-02-01", "670420", 1_000_000)])


def test_implied_rates_by_hand():
    rates = imply_rates(YUAN, DOLLARS)
    assert rates["cny_per_usd"].tolist() == [6.76, 6.9]
    assert rates["rows"].tolist() == [1, 1]
    assert rates["spread"].max() < 1e-12


def test_conversion_by_hand():
    january = YUAN[YUAN["period"] < "2023-03-01"]
    usd = convert_to_usd(january, imply_rates(YUAN, DOLLARS))
    assert usd["value"].round(6).tolist() == [100_000, 1_000_000, 1_000_000]
    assert set(usd["currency"]) == {"USD"}
    assert usd["source"].str.endswith("CNY converted at monthly rates").all()
    assert set(january["currency"]) == {"CNY"}


def test_rows_in_dollars_stay():
    pd.testing.assert_frame_equal(convert_to_usd(DOLLARS, imply_rates(YUAN, DOLLARS)), DOLLARS)


def test_months_without_a_rate_are_named():
    with pytest.raises(InputError, match="no rate for 1 month; got 2023-03"):
        convert_to_usd(YUAN, imply_rates(YUAN, DOLLARS))


def test_rows_in_both_currencies_are_refused():
    both = pd.concat([YUAN, DOLLARS], ignore_index=True)
    with pytest.raises(InputError, match="in yuan and in dollars"):
        convert_to_usd(both, imply_rates(YUAN, DOLLARS))


def test_check_against_months_in_both():
    rates = pd.DataFrame(
        {"period": pd.to_datetime(["2023-01-01", "2023-02-01"]), "cny_per_usd": [6.5, 6.9]}
    )
    found = compare_rates(YUAN, DOLLARS, rates)
    assert found["reported"].tolist() == [100_000, 1_000_000]
    assert found["miss"].round(9).tolist() == [0.04, 0]


def test_tables_must_share_rows():
    with pytest.raises(InputError, match="no row is in both"):
        imply_rates(YUAN[YUAN["hs"] == "670410"], DOLLARS)
    with pytest.raises(InputError, match="in CNY was wanted"):
        imply_rates(DOLLARS, YUAN)


def test_rates_file(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("period,cny_per_usd\n2023-02,6.9\n2023-01,6.76\n", encoding="utf-8")
    assert read_rates(path)["cny_per_usd"].tolist() == [6.76, 6.9]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("period,rate\n2023-01,6.7\n", "'cny_per_usd' is missing"),
        ("period,cny_per_usd\n2023-13,6.7\n", "row 2, column 'period'"),
        ("period,cny_per_usd\n2023-01,6.7\n2023-01,6.8\n", "row 3, column 'period'"),
        ("period,cny_per_usd\n2023-01,0.15\n", "row 2, column 'cny_per_usd'"),
        ("", "file is empty"),
    ],
)
def test_bad_rates(tmp_path, text, word):
    path = tmp_path / "rates.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        read_rates(path)


@pytest.mark.parametrize(
    "text",
    ["period;eur_per_usd\n2023-01;0,5\n", "Period\tEUR per USD\n01/2023\t0,5\n",
     ",period,eur_per_usd,days\n0,2023-01-01,0.5,22\n",
     "month,EUR/USD per_usd,per_usd\n202301,,.5\n",
     "period,eur_per_usd\n2023,0.5\n", "\ufeffperiod,eur_per_usd\n\n2023-1,0.5\n\n"],
)  # fmt: skip
def test_rates_as_people_keep_them(tmp_path, text):
    for encoding in ("utf-8", "utf-16"):
        path = tmp_path / "rates.csv"
        path.write_text(text, encoding=encoding)
        with warnings.catch_warnings():
            warnings.simplefilter("error" if " per_usd" not in text else "ignore")
            rates = read_rates(path, "EUR")
        assert rates["eur_per_usd"].iloc[0] == 0.5
        assert f"{rates['period'].iloc[0]:%Y-%m}" == "2023-01"


def test_rates_of_no_named_currency_are_told_and_of_another_refused(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("period,per_usd\n2023-01,130\n", encoding="utf-8")
    with pytest.warns(RateNameWarning, match="read as jpy_per_usd"):
        assert read_rates(path, "JPY")["jpy_per_usd"].tolist() == [130]
    for name, words in (
        ("usd_per_jpy", "give 1 / it"),
        ("eur_per_usd", "'jpy_per_usd' is missing"),
        ("jpy_per_100usd", "'jpy_per_usd' is missing"),
    ):
        path.write_text(f"period,{name}\n2023-01,130\n", encoding="utf-8")
        with pytest.raises(InputError, match=words):
            read_rates(path, "JPY")


def test_no_rates_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_rates(tmp_path / "none.csv")
