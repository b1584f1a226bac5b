"""What a publisher's table prints of its units and months, and the caller did not say."""

from __future__ import annotations

import pytest

from nktrade.errors import InputError
from nktrade.sources.any_table import read_table
from nktrade.sources.months_in_names import month_in_name, number_of_month, read_month
from tests.sources.dresses import put, write_text, write_xlsx

SAID = {"flow": "export", "reporter": "RUS", "partner": "PRK", "currency": "USD"}
SCALED = [
    "Value (1000 USD)", "Value in US$1,000", "USD, thousand", "USD million", "USD mn", "US$ '000",
    "kUSD", "US$ 10,000", "金额（千美元）", "金额(万美元)", "金额（亿美元）", "수출액(천달러)",
    "수출액(백만불)", "Стоимость, тыс. долл.", "млн USD", "金額（百万ドル）",
    "Value (billion US dollars)", "人民币（万元）",
]  # fmt: skip
PLAIN = ["Value", "USD", "Value, 2010 US dollars", "Millet, USD", "금액(달러)"]


def read(tmp_path, heading, above=(), column="value", **said):
    columns = {"period": "Month", "hs": "Code", "value": "V", column: heading}
    heads = ["Month", "Code", *(["V"] if column != "value" else []), heading]
    row = ["2020-01", "270112", *(["7"] if column != "value" else []), "5"]
    for write, name in ((write_text, "a.csv"), (write_xlsx, "a.xlsx")):
        path = put(tmp_path, name, write([*above, heads, row]))
        trade = read_table(path, columns=columns, **(SAID | said))
    return trade


@pytest.mark.parametrize("heading", SCALED)
def test_a_multiple_of_the_currency_is_not_taken_for_it(tmp_path, heading):
    currency = "CNY" if "人民币" in heading else "USD"
    with pytest.raises(InputError, match=r"values are in a multiple.*scale=1000 for thousands"):
        read(tmp_path, heading, currency=currency)
    with pytest.raises(InputError, match="values are in a multiple of the currency"):
        read(tmp_path, "V", above=[["Exports"], [f"({heading})"], []], currency=currency)
    assert read(tmp_path, heading, currency=currency, scale=1000)["value"].tolist() == [5000]


@pytest.mark.parametrize("heading", PLAIN)
def test_the_currency_itself_is_not_asked_for(tmp_path, heading):
    above = [["Thousands of rows, by country"], ["1000 largest goods"]]
    assert read(tmp_path, heading, above=above)["value"].tolist() == [5]


@pytest.mark.parametrize("heading", ["Value (EUR)", "VALUE_IN_EUROS", "人民币", "円", "руб."])
def test_another_currency_than_was_said(tmp_path, heading):
    with pytest.raises(InputError, match="names another currency than was said; expected USD"):
        read(tmp_path, heading)


@pytest.mark.parametrize(
    "heading", ["Weight (t)", "Net weight, tonnes", "중량(톤)", "重量（吨）", "Нетто, т"]
)
def test_tonnes_are_no_kilograms(tmp_path, heading):
    with pytest.raises(InputError, match=r"weights may be in tonnes.*weight_in='t'"):
        read(tmp_path, heading, column="weight")
    with pytest.raises(InputError, match="weights may be in tonnes"):
        read(tmp_path, "W", above=[["단위 : 달러, 톤"]], column="weight")
    trade = read(tmp_path, heading, column="weight", weight_in="t")
    assert trade["quantity"].tolist() == [5000]
    assert read(tmp_path, "Weight (kg)", column="weight")["quantity"].tolist() == [5]


@pytest.mark.parametrize("heading", ["累计金额", "누계 수출액", "Cumulative value", "Value, YTD"])
def test_sums_since_january_are_no_months(tmp_path, heading):
    with pytest.raises(InputError, match="values are sums since January"):
        read(tmp_path, heading)
    columns = {"hs": "Code", "value": heading}
    path = put(tmp_path, "y.csv", write_text([["Code", heading], ["270112", "5"]]))
    assert read_table(path, columns=columns, period="2020", **SAID)["value"].tolist() == [5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("01", 1), ("1.0", 1), ("Jan", 1), ("Jan.", 1), ("JANUARY", 1), ("Sept", 9),
        ("1月", 1), ("12월", 12), ("一月", 1), ("十二月份", 12), ("M01", 1), ("１１月", 11),
        ("May", 5),
        ("Jan-Feb", 0), ("January to March", 0), ("1-2", 0), ("1~3月", 0), ("Market", 0),
        ("Marble", 0), ("13", 0), ("0", 0), ("", 0), ("Total", 0), ("Q1", 0), ("001", 0),
    ],
)  # fmt: skip
def test_a_run_of_months_is_no_month(tmp_path, text, number):
    assert number_of_month(text) == number
    columns = {"year": "Y", "month": "M", "hs": "Code", "value": "V"}
    rows = [["Y", "M", "Code", "V"], ["2020", text, "270112", "5"]]
    path = put(tmp_path, "a.csv", write_text(rows))
    if number:
        assert read_table(path, columns=columns, **SAID)["period"].dt.month.tolist() == [number]
    else:
        with pytest.raises(InputError, match=r"row 2.*not a month or year"):
            read_table(path, columns=columns, **SAID)


def test_chinese_numerals():
    assert read_month("二〇二三年十一月") == "2023-11"
    assert month_in_name("二〇二三年六月.csv") == "2023-06"
    with pytest.raises(InputError):
        read_month("二〇二三年十三月")


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (["Jan", "Feb"], ""), (["Jan", "Feb", "Jan-Feb"], ""), (["Jan", "Feb", "Total"], ""),
        (["1月", "2月", "1-2月"], ""), (["Jan", "Market"], ""), (["Jan", "January"], "one month"),
        (["1", "01"], "one month"), (["Jan-Feb", "Mar"], "several months"),
        (["1-2月", "3月"], "several months"), (["Jan", "Jan-Dec"], "several months"),
    ],
)  # fmt: skip
def test_wide_months_lose_no_column(tmp_path, months, said):
    columns = {"year": "Y", "hs": "Code", "value": "V {month}"}
    heads = [f"V {month}" for month in months]
    row = [str(at) for at in range(1, len(months) + 1)]
    path = put(tmp_path, "a.csv", write_text([["Y", "Code", *heads], ["2020", "270112", *row]]))
    if said:
        with pytest.raises(InputError, match=said):
            read_table(path, columns=columns, **SAID)
    else:
        trade = read_table(path, columns=columns, **SAID)
        assert trade["value"].tolist() == [1, 2][: 1 + (number_of_month(months[1]) > 0)]


def test_a_line_among_the_rows_may_say_what_is_below_it(tmp_path):
    columns = {"period": "Month", "hs": "Code", "value": "USD"}
    rows = [["Month", "Code", "USD"], ["2020-01", "270112", "5"], [], ["Imports", "", ""],
            ["2020-01", "270119", "7"], [], ["Source: customs", "", ""], ["of Russia"]]  # fmt: skip
    with pytest.raises(
        InputError, match="row 4: a line among the rows that is none; got 'Imports'"
    ):
        read_table(put(tmp_path, "a.csv", write_text(rows)), columns=columns, **SAID)
    del rows[3]
    path = put(tmp_path, "b.csv", write_text(rows))
    assert read_table(path, columns=columns, **SAID)["value"].tolist() == [5, 7]
