"""UN Comtrade in every dress in which people keep it, and what is refused in each."""

import gzip
import json
import warnings
from datetime import date
from itertools import product
from random import Random

import pandas as pd
import pytest

from nktrade.errors import CodeError, InputError
from nktrade.sources import comtrade
from nktrade.sources.comtrade import SummedPartsWarning, ThirdQuantityWarning
from nktrade.store import gaps, import_files, load
from tests.sources.dresses import dress, put, write_text, write_xlsx, write_zip

V1 = {
    "freqCode": "M", "period": "202306", "reporterCode": "156", "partnerCode": "408",
    "flowCode": "X", "partner2Code": "0", "classificationCode": "H6", "cmdCode": "040221",
    "customsCode": "C00", "mosCode": "0", "motCode": "0", "qtyUnitCode": "5", "qty": "300",
    "altQtyUnitCode": "7", "altQty": "9", "netWgt": "12.5", "primaryValue": "1234.5",
}  # fmt: skip
SNAKE = {
    "freqCode": "freq_code", "reporterCode": "reporter_code", "partnerCode": "partner_code",
    "flowCode": "flow_code", "partner2Code": "partner2_code", "cmdCode": "cmd_code",
    "classificationCode": "classification_code", "customsCode": "customs_code",
    "mosCode": "mos_code", "motCode": "mot_code", "qtyUnitCode": "qty_unit_code",
    "altQtyUnitCode": "alt_qty_unit_code", "altQty": "alt_qty", "netWgt": "net_wgt",
    "primaryValue": "primary_value",
}  # fmt: skip
OLD_CSV = {
    "Classification": "H6", "Year": "2023", "Period": "202306", "Trade Flow Code": "2",
    "Trade Flow": "Exports", "Reporter Code": "156", "Reporter": "China", "Reporter ISO": "CHN",
    "Partner Code": "408", "Partner ISO": "PRK", "2nd Partner Code": "",
    "Customs Proc. Code": "", "Mode of Transport Code": "", "Commodity Code": "040221",
    "Qty Unit Code": "5", "Qty": "300", "Netweight (kg)": "12.5", "Trade Value (US$)": "1234.5",
}  # fmt: skip
OLD_JSON = {
    "pfCode": "H6", "yr": 2023, "period": 202306, "rgCode": 2, "rtCode": 156, "rt3ISO": "CHN",
    "ptCode": 408, "pt3ISO": "PRK", "ptCode2": None, "cstCode": "", "motCode": "",
    "cmdCode": "040221", "qtCode": 5, "TradeQuantity": 300, "NetWeight": 12.5,
    "TradeValue": 1234.5,
}  # fmt: skip


pytestmark = pytest.mark.filterwarnings("ignore::nktrade.sources.comtrade.ThirdQuantityWarning")


def table(*rows):
    return [list(rows[0]), *([str(cell) for cell in row.values()] for row in rows)]


def check(path, **said):
    trade = comtrade.read(path, **said)
    row = trade.iloc[0]
    assert row[["reporter", "partner", "flow", "hs", "hs_edition"]].tolist() == [
        "CHN", "PRK", "export", "040221", "HS2022"
    ]  # fmt: skip
    assert (row["value"], row["period"]) == (1234.5, pd.Timestamp("2023-06-01"))
    assert row[["quantity", "unit", "quantity2", "unit2"]].tolist() == [12.5, "kg", 300, "item"]
    return trade


@pytest.mark.parametrize("name", dress(table(V1), encodings=("utf-8", "utf-16")))
def test_one_file_in_every_dress(tmp_path, name):
    check(put(tmp_path, name, dress(table(V1), encodings=("utf-8", "utf-16"))[name]))


def test_headings_of_every_site_and_package(tmp_path):
    snake = {SNAKE.get(name, name): cell for name, cell in V1.items()}
    for name, row in (("snake.csv", snake), ("old.csv", OLD_CSV)):
        check(put(tmp_path, name, write_text(table(row))))
    words = V1 | {"flowCode": "Export", "period": "202306.0", "reporterCode": "156.0"}
    check(put(tmp_path, "words.csv", write_text(table(words))))
    for name, answer in (
        ("old.json", {"validation": {"count": {"value": 1}}, "dataset": [OLD_JSON]}),
        ("new.json", {"count": 1, "data": [V1]}),
        ("list.json", [V1]),
        ("columns.json", {name: {"0": cell} for name, cell in V1.items()}),
        ("split.json", {"columns": list(V1), "index": [0], "data": [list(V1.values())]}),
    ):
        check(put(tmp_path, name, json.dumps(answer).encode()))
    other = V1 | {"flowCode": "M"}
    check(put(tmp_path, "lines.jsonl", "\n".join(map(json.dumps, (V1, other))).encode()))
    frame = pd.DataFrame([V1 | {"period": 202306, "primaryValue": 1234.5, "motCode": 0}])
    frame.to_parquet(tmp_path / "a.parquet")
    check(tmp_path / "a.parquet")


def put_in_words(rows, naming, decimal):
    """Return a table with headings of one naming and numbers of one way to write them."""
    names = {"camel": {}, "snake": SNAKE, "spaced": {k: v.replace("_", " ").title()
             for k, v in SNAKE.items()}}[naming]  # fmt: skip
    numbers = ("qty", "altQty", "netWgt", "primaryValue")
    return table(*(
        {names.get(k, k): v.replace(".", decimal) if k in numbers else v for k, v in row.items()}
        for row in rows
    ))  # fmt: skip


CONTAINERS = {
    "a.csv": lambda content: content, "a.txt": lambda content: content,
    "a.csv.gz": gzip.compress, "a.zip": write_zip,
}  # fmt: skip


def test_every_dress_gives_the_same_table(tmp_path):
    """Naming, decimal mark, separator, encoding, container: 384 files, each day 40 others."""
    rows = [V1, V1 | {"flowCode": "M", "cmdCode": "010121", "primaryValue": "7", "netWgt": "0.25"},
            V1 | {"cmdCode": "271600", "primaryValue": "1234.567", "qtyUnitCode": "3"}]  # fmt: skip
    wanted = None
    every = product(("camel", "snake", "spaced"), ".,", ",;\t|",
                    ("utf-8", "utf-8-sig", "gb18030", "utf-16"), CONTAINERS)  # fmt: skip
    some = Random(date.today().toordinal()).sample(list(every), 40)
    for number, (naming, decimal, mark, encoding, name) in enumerate(some):
        text = write_text(put_in_words(rows, naming, decimal), mark, encoding)
        path = put(tmp_path / str(number), name, CONTAINERS[name](text))
        trade = comtrade.read(path)
        wanted = trade if wanted is None else wanted
        assert trade["value"].tolist() == [1234.5, 7, 1234.567]
        pd.testing.assert_frame_equal(trade, wanted)


def test_decimal_commas_where_they_can_be_nothing_else(tmp_path):
    rows = [V1 | {"primaryValue": "1234,5", "netWgt": "12,5"}, V1 | {"flowCode": "M", "netWgt": ""}]
    rows[1]["primaryValue"] = "1,234"
    check(put(tmp_path, "a.csv", write_text(table(*rows), ";")))
    unclear = V1 | {"primaryValue": "1,234", "netWgt": ""}
    with pytest.raises(
        InputError, match=r"row 2, column 'primaryValue'.*'1,234'.*may be thousands"
    ):
        comtrade.read(put(tmp_path, "b.csv", write_text(table(unclear), ";")))
    # One cell that can be nothing else tells how the whole file is written.
    for mark in ",;":
        one = [unclear | {"qty": "0,5"}, V1 | {"flowCode": "M", "primaryValue": "7", "netWgt": "1"}]
        trade = comtrade.read(put(tmp_path, f"{ord(mark)}.csv", write_text(table(*one), mark)))
        assert trade["value"].tolist() == [1.234, 7]
    both = [V1 | {"netWgt": "1,5"}, V1 | {"flowCode": "M"}]
    with pytest.raises(
        InputError, match=r"'1,5'.*have a decimal point \(row 2, 'primaryValue': 1234"
    ):
        comtrade.read(put(tmp_path, "c.csv", write_text(table(*both))))


def test_a_third_quantity_is_told_and_can_be_chosen(tmp_path):
    path = put(tmp_path, "a.csv", write_text(table(V1)))
    with pytest.warns(ThirdQuantityWarning, match=r"left out \(litre\); quantity2='altQty'"):
        check(path)
    with pytest.warns(ThirdQuantityWarning, match=r"left out \(item\); quantity2='qty'"):
        row = comtrade.read(path, quantity2="altQty").iloc[0]
    assert row[["quantity", "unit", "quantity2", "unit2"]].tolist() == [12.5, "kg", 9, "litre"]
    two = put(tmp_path, "b.csv", write_text(table(V1 | {"altQtyUnitCode": "8", "altQty": "12.5"})))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(two)
        check(two, quantity2="altQty")


@pytest.mark.parametrize("nothing", ["NA", "N/A", "NaN", "None", "null", "—", "-", ""])
def test_a_quantity_that_is_not_given_however_that_is_written(tmp_path, nothing):
    """R writes NA, pandas nothing, NumPy nan."""
    row = V1 | {"qty": nothing, "altQty": nothing, "altQtyUnitCode": nothing}
    trade = comtrade.read(put(tmp_path, "a.csv", write_text(table(row))))
    assert trade[["quantity", "unit"]].to_numpy().tolist() == [[12.5, "kg"]]
    assert trade["quantity2"].isna().all()
    path = put(tmp_path, "b.csv", write_text(table(V1, V1 | {"primaryValue": nothing})))
    with pytest.raises(InputError, match=rf"row 3, column 'primaryValue': no value.*'{nothing}'"):
        comtrade.read(path)


@pytest.mark.parametrize(
    "wrong", ["-5", "1,234", "x", "1 234", "", "inf", "0x1F", "1.2.3", "1e400"]
)
@pytest.mark.parametrize("column", ["primaryValue", "netWgt", "qty", "altQty"])
def test_numbers_that_are_none(tmp_path, column, wrong):
    if column != "primaryValue" and not wrong:
        return
    path = put(tmp_path, "a.csv", write_text(table(V1, V1 | {"flowCode": "M", column: wrong})))
    with pytest.raises(InputError, match=rf"a.csv, row 3, column '{column}'"):
        import_files(tmp_path / "store", "comtrade", [path])
    assert not (tmp_path / "store").exists()


def test_an_absurd_value_is_named_by_the_files_own_row_and_heading(tmp_path):
    rows = [V1, V1 | {"partnerCode": "0"}, V1 | {"cmdCode": "010121", "primaryValue": "9e15"}]
    with pytest.raises(InputError, match=r"row 4, column 'primaryValue': absurdly large.*'9e15'"):
        comtrade.read(put(tmp_path, "a.csv", write_text(table(*rows))))


@pytest.mark.parametrize("code", ["40221", "401", "1", "4022100", "40221.0"])
@pytest.mark.parametrize("partner", [None, "PRK"])
def test_lost_zeros_are_seen_before_anything_is_left_out(tmp_path, code, partner):
    other = V1 | {"partnerCode": "410", "cmdCode": code}
    path = put(tmp_path, "a.csv", write_text(table(V1, other)))
    shown = code.removesuffix(".0")
    with pytest.raises(CodeError, match=rf"row 3, column 'cmdCode'.*'{shown}'.*'0{shown}'"):
        comtrade.read(path, partner=partner, level=6)


def test_zeros_that_a_workbook_lost(tmp_path):
    row = V1 | {"cmdCode": 40221, "period": 202306}
    path = put(tmp_path, "a.xlsx", write_xlsx([list(row), list(row.values())]))
    with pytest.raises(CodeError, match=r"a.xlsx, row 2.*'040221'"):
        comtrade.read(path)


def test_years(tmp_path):
    year = V1 | {"freqCode": "A", "period": "2023"}
    path = put(tmp_path, "a.csv", write_text(table(year)))
    assert comtrade.read(path)["period"].tolist() == [pd.Timestamp("2023-01-01")]
    import_files(tmp_path / "s", "comtrade", [path])
    later = put(tmp_path, "c.csv", write_text(table(year | {"period": "2021"})))
    import_files(tmp_path / "s", "comtrade", [later])
    assert gaps(tmp_path / "s").empty
    months = put(tmp_path, "b.csv", write_text(table(V1)))
    with pytest.raises(InputError, match="yearly figures would stand beside months"):
        import_files(tmp_path / "s", "comtrade", [months])
    assert len(load(tmp_path / "s")) == 2


def test_columns_that_are_missing_are_named_at_once_and_can_be_declared(tmp_path):
    few = {k: V1[k] for k in ("period", "reporterCode", "partnerCode", "cmdCode", "primaryValue")}
    path = put(tmp_path, "a.csv", write_text(table(few | {"flowDesc": "Export"})))
    with pytest.raises(InputError, match=r"classificationCode, freqCode, customsCode.*totals=True"):
        comtrade.read(path)
    trade = comtrade.read(path, totals=True, edition="HS2022")
    assert trade[["hs", "value", "hs_edition"]].to_numpy().tolist() == [
        ["040221", 1234.5, "HS2022"]
    ]


def test_quantities(tmp_path):
    rows = [
        V1 | {"cmdCode": "271600", "qtyUnitCode": "3", "qty": "55", "netWgt": "0", "altQty": ""},
        V1 | {"cmdCode": "220300", "qtyUnitCode": "8", "qty": "12.5"},
        V1 | {"cmdCode": "640399", "qtyUnitCode": "6", "qty": "7", "netWgt": ""},
        V1 | {"cmdCode": "010121", "qtyUnitCode": "-1", "qty": "0", "altQtyUnitCode": "-1"},
    ]
    trade = comtrade.read(put(tmp_path, "a.csv", write_text(table(*rows)))).set_index("hs")
    columns = ["quantity", "unit", "quantity2", "unit2"]
    assert trade.loc["271600", columns[:2]].tolist() == [55_000, "kWh"]
    assert trade.loc["220300", columns].tolist() == [12.5, "kg", 9, "litre"]
    assert trade.loc["640399", columns].tolist() == [7, "pair", 9, "litre"]
    assert trade.loc["010121", columns[2:]].isna().all()


def test_tariff_lines(tmp_path):
    parts = [V1 | {"cmdCode": "04022100", "customsCode": "C01", "motCode": mode, "altQty": ""}
             for mode in ("2100", "3200")]  # fmt: skip
    path = put(tmp_path, "a.csv", write_text(table(*parts)))
    with pytest.warns(SummedPartsWarning, match="2 parts of tariff lines"):
        trade = comtrade.read(path)
    assert trade[["hs", "value", "quantity", "quantity2"]].to_numpy().tolist() == [
        ["04022100", 2469, 25, 600]
    ]
    mixed = [*parts, parts[0] | {"motCode": "0"}]
    with pytest.raises(InputError, match="a sum of some of them"):
        comtrade.read(put(tmp_path, "b.csv", write_text(table(*mixed))))
    six = [part | {"cmdCode": "040221"} for part in parts]
    path = put(tmp_path, "c.csv", write_text(table(*six)))
    with pytest.raises(InputError, match="sum_parts=True"):
        comtrade.read(path)
    assert comtrade.read(path, sum_parts=True)["value"].tolist() == [2469]


@pytest.mark.parametrize(
    ("modes", "taken"),
    [(("1000", "2100", "2200"), True), (("2000", "2100"), False), (("9100", "9120"), False),
     (("9000", "9100"), False), (("2000", "3100"), True)],
)  # fmt: skip
def test_a_mode_of_transport_counts_what_is_within_it(tmp_path, modes, taken):
    parts = [V1 | {"motCode": mode, "primaryValue": str(i)} for i, mode in enumerate(modes, 1)]
    path = put(tmp_path, "a.csv", write_text(table(V1 | {"cmdCode": "670420"}, *parts)))
    if taken:
        value = comtrade.read(path, sum_parts=True)["value"]
        assert sorted(value) == [sum(range(1, len(modes) + 1)), 1234.5]
    else:
        with pytest.raises(InputError, match=rf"row 3, column 'motCode'.*{modes[0]} beside"):
            comtrade.read(path, sum_parts=True)


def test_a_comma_within_a_number_shifts_no_row(tmp_path):
    text = write_text(table(V1)).replace(b"1234.5", b"1,234.5")
    with pytest.raises(InputError, match=r"row 2: a row with more values than there are headings"):
        comtrade.read(put(tmp_path, "a.csv", text))


def test_more_commas_than_one_within_numbers_are_named_like_one(tmp_path):
    text = write_text(table(V1, V1)).replace(b"1234.5\n", b"1,234,567\n")
    with pytest.raises(InputError, match=r"a\.csv, row 2: a row with more values.*in quotes"):
        comtrade.read(put(tmp_path, "a.csv", text))


def test_rows_twice_are_named_by_the_files_numbers(tmp_path):
    rows = [V1, V1 | {"partnerCode": "0"}, V1]
    with pytest.raises(InputError, match="rows 2 and 4"):
        comtrade.read(put(tmp_path, "a.csv", write_text(table(*rows))))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"statusCode": 401, "message": "Access denied"}, r"refusal.*Access denied"),
        ({"statusCode": 429, "message": "Rate limit is exceeded"}, "Rate limit"),
        ({"count": 0, "data": [], "error": ""}, "no row"),
        ({"count": 0, "data": [], "error": "too many codes"}, "too many codes"),
        ([], "no row"),
        ({"count": -1, "data": None}, "no row"),
    ],
)
def test_answers_without_rows(tmp_path, answer, words):
    with pytest.raises(InputError, match=words):
        comtrade.read(put(tmp_path, "a.json", json.dumps(answer).encode()))


RECORDS = [V1, V1 | {"cmdCode": "670420", "primaryValue": "7"}]
#: One answer of two records, as programs and people write it.
SHAPES = {
    "an answer": {"count": 2, "data": RECORDS, "error": ""},
    "records": RECORDS,
    "a record a number": {str(i): row for i, row in enumerate(RECORDS)},
    "columns of numbers": {k: {str(i): row[k] for i, row in enumerate(RECORDS)} for k in V1},
    "columns": {name: [row[name] for row in RECORDS] for name in V1},
    "split": {"columns": [*V1], "index": [0, 1], "data": [[*row.values()] for row in RECORDS]},
    "rows": [[*V1], *([*row.values()] for row in RECORDS)],
    "pages": [{"count": 1, "data": [row]} for row in RECORDS],
    "an answer within": {"status": "Ok", "response": {"count": 2, "data": RECORDS}},
    "under another name": {"total": 2, "results": RECORDS},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_in_every_shape(tmp_path, shape):
    path = put(tmp_path, "a.json", json.dumps(SHAPES[shape]).encode())
    assert comtrade.read(path)["value"].tolist() == [1234.5, 7]
    if isinstance(SHAPES[shape], list) and isinstance(SHAPES[shape][0], dict):
        lines = "\n".join(map(json.dumps, SHAPES[shape])).encode()
        assert len(comtrade.read(put(tmp_path, "a.jsonl", lines))) == 2


def test_pages_count_together_and_are_cut_one_by_one(tmp_path):
    pages = [{"count": 2, "data": [row]} for row in RECORDS]
    path = put(tmp_path, "a.json", json.dumps(pages).encode())
    with pytest.raises(InputError, match="announces 4 rows and has 2"):
        comtrade.read(path)
    full = [V1 | {"cmdCode": f"{690000 + i:06d}"} for i in range(500)]
    path = put(tmp_path, "b.json", json.dumps([{"data": full}, {"data": [V1]}]).encode())
    with pytest.raises(InputError, match="exactly 500 rows"):
        comtrade.read(path)


def test_one_record_is_a_table(tmp_path):
    check(put(tmp_path, "a.jsonl", json.dumps(V1).encode()))


@pytest.mark.parametrize(
    "answer",
    [{"detail": "Not found"}, {"fault": {"faultstring": "quota"}}, [{"error": "bad"}],
     {"errors": [{"code": "E1", "message": "bad"}]}, {"title": "Bad Request", "status": 400}],
)  # fmt: skip
def test_what_a_service_says_instead_is_quoted(tmp_path, answer):
    with pytest.raises(InputError, match=r"a\.json: this is no table.*got '.*(Not|quota|bad|Bad)"):
        comtrade.read(put(tmp_path, "a.json", json.dumps(answer).encode()))


def test_an_edition_that_is_said_is_the_files_own(tmp_path):
    path = put(tmp_path, "a.csv", write_text(table(V1, V1 | {"classificationCode": "H5"})))
    with pytest.raises(InputError, match=r"row 3, column 'classificationCode': another HS.*'H5'"):
        comtrade.read(path, edition="HS2022")
    for unsaid in ("HS", ""):
        rows = table(V1 | {"classificationCode": unsaid})
        check(put(tmp_path, "b.csv", write_text(rows)), edition="HS2022")
    with pytest.raises(InputError, match=r"unknown partner 'prk'.*Did you mean 'PRK'"):
        comtrade.read(path, partner="prk")


@pytest.mark.parametrize("code", ["'040221", '="040221"', "0402.21"])
def test_a_code_kept_from_a_spreadsheet_is_the_code(tmp_path, code):
    check(put(tmp_path, "a.csv", write_text(table(V1 | {"cmdCode": code}))))
    odd = put(tmp_path, "b.csv", write_text(table(V1 | {"cmdCode": "9999AA"})))
    assert comtrade.read(odd)["hs"].tolist() == ["999999"]  # not specified according to kind


def test_sums_of_reporters_are_left_out_and_areas_are_named(tmp_path):
    union = V1 | {"reporterCode": "97", "primaryValue": "9999"}
    check(put(tmp_path, "a.csv", write_text(table(V1, union))))
    path = put(tmp_path, "b.csv", write_text(table(V1, V1 | {"partnerCode": "899"})))
    with pytest.raises(InputError, match=r"row 3, column 'partner'.*an area called 899"):
        comtrade.read(path)
    check(path, partner="PRK")
    words = put(tmp_path, "c.csv", write_text(table(V1, V1 | {"cmdCode": "milk"})))
    with pytest.raises(InputError, match=r"row 3, column 'cmdCode': no HS code.*'milk'"):
        comtrade.read(words)


@pytest.mark.parametrize(
    ("row", "words"),
    [({"partnerISO": "KOR"}, "'partnerCode'.*'partnerISO' says, 'KOR'; got 'PRK'"),
     ({"reporterISO": "JPN"}, "'reporterCode'"), ({"flowDesc": "Import"}, "'flowCode'"),
     ({"refYear": "2022"}, "'period'")],
)  # fmt: skip
def test_columns_that_contradict_each_other_are_refused(tmp_path, row, words):
    good = {"reporterISO": "CHN", "partnerISO": "PRK", "flowDesc": "Export", "refYear": "2023"}
    rows = table(V1 | good, V1 | good | {"cmdCode": "670420"} | row)
    with pytest.raises(InputError, match=rf"a.csv, row 3, column .*contradict.*{words}|{words}"):
        comtrade.read(put(tmp_path, "a.csv", write_text(rows)))
    assert len(comtrade.read(put(tmp_path, "b.csv", write_text(table(V1 | good))))) == 1
    other = good | {"partnerCode": "490", "partnerISO": "S19"}
    trade = comtrade.read(put(tmp_path, "c.csv", write_text(table(V1 | other))))
    assert trade["partner"].tolist() == ["TWN"]


def test_dots_for_thousands_are_no_decimals(tmp_path):
    numbers = {"qty": "", "altQty": "", "netWgt": "5"}
    rows = table(V1 | numbers | {"primaryValue": "315.286"},
                 V1 | numbers | {"cmdCode": "670420", "primaryValue": "17.063"})  # fmt: skip
    with pytest.raises(InputError, match=r"row 2, column 'primaryValue'.*thousands or a decimal"):
        comtrade.read(put(tmp_path, "a.csv", write_text(rows)))
    rows[2][-1] = "17063.063"  # a number that has them beside it tells what the points are
    values = comtrade.read(put(tmp_path, "a.csv", write_text(rows)))["value"]
    assert values.tolist() == [315.286, 17063.063]


@pytest.mark.parametrize("answer", ["null", '"Access denied"', "[]", "{}", "5", "[null]", "[[]]"])
def test_what_is_no_answer(tmp_path, answer):
    with pytest.raises(InputError, match=r"a\.json"):
        comtrade.read(put(tmp_path, "a.json", answer.encode()))
