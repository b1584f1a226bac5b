"""Any publisher's table, by a layout: small files made after each publisher's documentation."""

import inspect
import json
import warnings

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.errors import CodeError, InputError, NktradeError
from nktrade.sources import TruncatedFileWarning, comtrade, gacc, kita, records
from nktrade.sources.any_table import read_table
from nktrade.sources.layouts import ARGUMENTS, LAYOUTS, load_layout
from nktrade.sources.months_in_names import read_month
from nktrade.sources.repeats import OtherLevelWarning, refuse_totals_among_parts
from nktrade.store import gaps, import_files, load, status
from tests.sources.dresses import dress, put, write_text, write_xlsx

SAID = {
    "columns": {"period": "Month", "hs": "Code", "value": "USD", "flow": "Flow"},
    "reporter": "RUS", "partner": "PRK", "currency": "USD",
}  # fmt: skip
ROWS = [["Month", "Code", "USD", "Flow"], ["2020-01", "2701", "12.5", "export"],
        ["2020-02", "0302", "7", "import"]]  # fmt: skip


@pytest.mark.parametrize("name", dress(ROWS))
def test_a_table_of_ones_own_in_every_dress(tmp_path, name):
    trade = read_table(put(tmp_path, name, dress(ROWS)[name]), **SAID)
    assert trade[["reporter", "partner", "flow", "hs", "value"]].to_numpy().tolist() == [
        ["RUS", "PRK", "export", "2701", 12.5], ["RUS", "PRK", "import", "0302", 7]
    ]  # fmt: skip
    assert trade["hs_edition"].unique().tolist() == ["HS2017"]


def test_korea(tmp_path):
    item = (
        "<item><balPayments>{}</balPayments><expDlr>{}</expDlr><expWgt>{}</expWgt>"
        "<hsCode>{}</hsCode><impDlr>{}</impDlr><impWgt>{}</impWgt><statCd>{}</statCd>"
        "<statKor>x</statKor><year>{}</year></item>"
    )
    items = [item.format(9, 9, 9, "-", 9, 9, "-", "총계"),
             item.format(-5, 0, 0, "0307431000", 1234, 50, "CN", "2023.06"),
             item.format(5, 77, 3, "8542310000", 0, 0, "CN", "2023.06")]  # fmt: skip
    text = f"<?xml version='1.0' encoding='UTF-8'?><response><body><items>{''.join(items)}"
    path = put(tmp_path, "k.xml", f"{text}</items></body></response>".encode())
    trade = read_table(path, layout="korea")
    assert trade[["partner", "flow", "hs", "value", "quantity"]].to_numpy().tolist() == [
        ["CHN", "export", "8542310000", 77, 3], ["CHN", "import", "0307431000", 1234, 50]
    ]  # fmt: skip
    broken = b"<?xml version='1.0'?><response><header><resultCode>30</resultCode><resultMsg>"
    path = put(tmp_path, "e.xml", broken + b"SERVICE KEY</resultMsg></header></response>")
    with pytest.raises(InputError, match="SERVICE KEY"):
        read_table(path, layout="korea")


ANSWERED = {"expDlr": 0, "expWgt": 0, "impDlr": 7, "impWgt": 5, "statCd": "CN", "year": "2023.06"}


def as_answer(kind, codes, **said):
    """An answer of the open data portal: records within a body that may announce how many."""
    records = [{"hsCode": code, **ANSWERED} for code in codes]
    if kind == "json":
        body = {"items": {"item": records}, **said}
        return json.dumps({"response": {"header": {"resultCode": "00"}, "body": body}}).encode()
    if kind == "flat":
        return json.dumps({"data": records, "page": 1, **said}).encode()
    fields = [[f"<{name}>{cell}</{name}>" for name, cell in one.items()] for one in records]
    items = "".join(f"<item>{''.join(one)}<count>9</count></item>" for one in fields)
    told = "".join(f"<{name}>{number}</{name}>" for name, number in said.items())
    text = (
        f"<?xml version='1.0'?><response><header><resultCode>00</resultCode></header><body>{told}"
    )
    return f"{text}<items>{items}</items></body></response>".encode()


@pytest.mark.parametrize("kind", ["xml", "json", "flat"])
@pytest.mark.parametrize("codes", [["0307431000"], ["0307431000", "8542310000"]])
def test_an_answer_of_one_page_and_of_several(tmp_path, kind, codes):
    whole = put(tmp_path, "a.xml", as_answer(kind, codes, numOfRows=10, totalCount=len(codes)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_table(whole, layout="korea")["value"].sum() == 7 * len(codes)
    page = put(tmp_path, "b.json", as_answer(kind, codes, numOfRows=1, totalCount=5))
    with pytest.warns(TruncatedFileWarning, match=f"announces 5 rows and has {len(codes)}"):
        read_table(page, layout="korea")
    with pytest.raises(InputError, match=r"page of several.*--allow-truncated"):
        import_files(tmp_path / "s", "table", [page], layout="korea")


def test_rows_of_an_answer_have_one_length(tmp_path):
    rows = [["E_COMMODITY", "CTY_CODE", "time", "ALL_VAL_MO"], ["300490", "5790", "2015-03"]]
    with pytest.raises(
        InputError, match=r"c.json, row 1: a row of another length.*4 values; got 3"
    ):
        read_table(put(tmp_path, "c.json", json.dumps(rows).encode()), layout="census")


def test_russia(tmp_path):
    rows = [["NAPR", "PERIOD", "STRANA", "TNVED", "EDIZM", "STOIM", "NETTO", "KOL", "REGION"],
            ["ЭК", "01/2020", "KP", "2701120000", "166", "1000,5", "20,5", "0", "25000"],
            ["ЭК", "01/2020", "KP", "2701120000", "166", "500", "10", "0", "45000"],
            ["ИМ", "01/2020", "KP", "0307430000", "166", "7", "1", "0", "45000"],
            ["ИМ", "01/2020", "CN", "0307430000", "166", "9", "1", "0", "45000"]]  # fmt: skip
    path = put(tmp_path, "r.csv", write_text(rows, "\t", "utf-8"))
    trade = read_table(path, layout="russia", partner="PRK")
    assert trade[["flow", "hs", "value", "quantity", "unit"]].to_numpy().tolist() == [
        ["export", "2701120000", 1500.5, 30.5, "kg"], ["import", "0307430000", 7, 1, "kg"]
    ]  # fmt: skip


def test_japan(tmp_path):
    rates = put(tmp_path, "jpy.csv", write_text([["period", "jpy_per_usd"], ["2009", "100"]]))
    heads = ["Exp or Imp", "Year", "HS", "Country", "Unit1", "Value-Year"]
    heads += [f"Value-{m}" for m in ("Jan", "Feb", "Mar")]
    rows = [heads, ["1", "2009", "870323000", "104", "NO", "30", "10", "20", "0"],
            ["1", "2009", "870323919", "104", "NO", "5", "5", "0", "0"]]  # fmt: skip
    path = put(tmp_path, "j.csv", write_text(rows))
    trade = read_table(path, layout="japan", rates=rates)
    assert trade["hs"].unique().tolist() == ["870323"]
    assert trade["value"].tolist() == [15_000 / 100, 20_000 / 100]
    assert trade["source"].str.contains("JPY converted at the rates of jpy.csv").all()
    cut = put(tmp_path, "c.csv", write_text([*rows, [*rows[1][:2], "10121000", *rows[1][3:]]]))
    with pytest.raises(CodeError, match=r"row 4, column 'HS'.*'10121000'"):
        read_table(cut, layout="japan", rates=rates)
    with pytest.raises(InputError, match="need rates"):
        read_table(path, layout="japan")


def test_japans_lines_that_all_lost_their_zero(tmp_path):
    rates = put(tmp_path, "jpy.csv", write_text([["period", "jpy_per_usd"], ["2009", "100"]]))
    rows = [["Exp or Imp", "Year", "HS", "Country", "Value-Jan"]]
    lines = ["30743000", "90111000"]  # 9011 there is: the other line tells
    path = put(
        tmp_path, "j.csv", write_text([*rows, *(["2", "2009", n, "104", "7"] for n in lines)])
    )
    with pytest.raises(CodeError, match=r"row 2, column 'HS': .*no heading 3074.*'030743000'"):
        read_table(path, layout="japan", rates=rates)
    good = [["2", "2009", code, "104", "7"] for code in ("030743000", "852010000", "990000000")]
    path = put(tmp_path, "g.csv", write_text([*rows, *good]))
    assert read_table(path, layout="japan", rates=rates)["hs"].tolist() == [
        "030743", "852010", "990000"
    ]  # fmt: skip


def test_comext(tmp_path):
    rates = put(tmp_path, "eur.csv", write_text([["period", "eur_per_usd"], ["2017-06", "0.5"]]))
    rows = [["REPORTER", "PARTNER", "PRODUCT_NC", "FLOW", "STAT_PROCEDURE", "PERIOD", "VALUE_EUR",
             "QUANTITY_KG"],
            ["DE", "KP", "84713000", "2", "1", "201706", "10", "1"],
            ["DE", "KP", "84713000", "2", "2", "201706", "5", "1"],
            ["EL", "KP", "22030001", "2", "1", "201706", "3", "2"],
            ["DE", "KP", "TOTAL", "2", "1", "201706", "99", "9"]]  # fmt: skip
    trade = read_table(put(tmp_path, "full.dat", write_text(rows)), layout="comext", rates=rates)
    assert trade[["reporter", "hs", "value", "quantity"]].to_numpy().tolist() == [
        ["DEU", "84713000", 30, 2], ["GRC", "22030001", 6, 2]
    ]  # fmt: skip


def test_comext_of_earlier_years_and_of_partners_without_a_country(tmp_path):
    rates = put(tmp_path, "eur.csv", write_text([["period", "eur_per_usd"], ["2017", "0.5"]]))
    rows = [["DECLARANT_ISO", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_IN_EUROS",
             "QUANTITY_IN_KG"],
            ["DE", "KP", "84713000", "2", "201706", "10", "1"],
            ["FR", "QY", "84713000", "2", "201706", "99", "9"]]  # fmt: skip
    path = put(tmp_path, "full.dat", write_text(rows))
    said = {"layout": "comext", "rates": rates}
    assert read_table(path, partner="PRK", **said)["value"].tolist() == [20]
    with pytest.raises(InputError, match=r"row 3, column 'PARTNER_ISO': unknown country.*'QY'"):
        read_table(path, **said)
    rows[1][0] = "QP"
    words = r"row 2, column 'DECLARANT_ISO': unknown country.*'QP'.*words={'reporter': {'QP':"
    with pytest.raises(InputError, match=words):
        read_table(put(tmp_path, "b.dat", write_text(rows)), partner="PRK", **said)


def test_codes_of_goods_kept_secret_matter_where_they_are_wanted(tmp_path):
    rates = put(tmp_path, "eur.csv", write_text([["period", "eur_per_usd"], ["2017", "0.5"]]))
    heads = ["REPORTER", "PARTNER", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_EUR", "QUANTITY_KG"]
    rows = [heads, ["DE", "KP", "84713000", "2", "201706", "10", "1"],
            ["DE", "CN", "99SSSSSS", "2", "201706", "9", "1"]]  # fmt: skip
    path = put(tmp_path, "full.dat", write_text(rows))
    said = {"layout": "comext", "rates": rates}
    assert read_table(path, partner="PRK", **said)["value"].tolist() == [20]
    with pytest.raises(NktradeError, match=r"row 3, column 'PRODUCT_NC'.*'99SSSSSS'"):
        read_table(path, **said)
    for code in ("1012100", "1.02E+06"):  # a spreadsheet saved it, whosever row it is
        rows[2][2] = code
        with pytest.raises(NktradeError, match=r"row 3, column 'PRODUCT_NC'"):
            read_table(put(tmp_path, "b.dat", write_text(rows)), partner="PRK", **said)


def test_census_of_imports(tmp_path):
    rows = [["I_COMMODITY", "CTY_CODE", "GEN_VAL_MO", "time"], ["300490", "5790", "7", "2015-03"],
            ["300490", "1220", "9", "2015-03"]]  # fmt: skip
    path = put(tmp_path, "c.json", json.dumps(rows).encode())
    trade = read_table(path, layout="census_imports", partner="PRK")
    assert trade[["flow", "value"]].to_numpy().tolist() == [["import", 7]]


def test_census(tmp_path):
    rows = [["E_COMMODITY", "CTY_CODE", "ALL_VAL_MO", "time", "COMM_LVL"],
            ["300490", "5790", "1234", "2015-03", "HS6"]]  # fmt: skip
    trade = read_table(put(tmp_path, "c.json", json.dumps(rows).encode()), layout="census")
    assert trade[["reporter", "partner", "flow", "value"]].to_numpy().tolist() == [
        ["USA", "PRK", "export", 1234]
    ]


def test_kita(tmp_path):
    rows = [["중국 무역통계 (북한)"], ["(단위 : 천달러, 톤, %)"], [],
            ["순번", "년월", "코드", "품목명", "지역", "수출금액", "수출증감률", "수출중량",
             "수입금액"],
            ["", "총계", "총계", "", "", "15", "", "", "2"],
            ["1", "2023년 06월", "670420", "가발", "랴오닝성", "1,500", "3.1", "2", "-"],
            ["2", "2023년 06월", "670420", "가발", "길림성", "0", "-", "0", "2"]]  # fmt: skip
    for path in (
        put(tmp_path, "k.csv", write_text(rows)),
        put(tmp_path, "k.xlsx", write_xlsx(rows)),
    ):
        trade = kita.read(path)
        assert trade[["flow", "province", "value", "quantity"]].fillna(0).to_numpy().tolist() == [
            ["export", "21", 1_500_000, 2000], ["import", "22", 2000, 0]
        ]  # fmt: skip
        import_files(tmp_path / path.suffix, "kita", [path])
        assert load(tmp_path / path.suffix)["value"].sum() == 1_502_000
    with pytest.raises(InputError, match="no headings of K-stat"):
        kita.read(put(tmp_path, "x.csv", write_text(ROWS)))


def compare_periods(first, second):
    """A table of K-stat that compares two periods: they stand above the headings."""
    money = ["수출금액", "수출증감률", "수입금액", "수입증감률", "수지"]
    return [
        ["K-stat 총괄"], ["품목 수출입 (단위 : 천불)"],
        ["순번", "코드", "품목명", first, "", "", "", "", second, "", "", "", ""],
        ["", "", "", *money, *money],
        ["", "총계", "", "100", "1", "50", "2", "50", "200", "1", "60", "2", "140"],
        ["1", "690220", "벽돌", "60", "1", "0", "0", "60", "1,150", "1", "10", "0", "1,140"],
        ["2", "670420", "가발", "40", "1", "50", "0", "-10", "50", "1", "50", "0", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [
        ("2020년", "2021년", ["2020-01", "2021-01"]),
        ("2023년 2월", "2023년 3월", ["2023-02", "2023-03"]),
    ],
)
def test_kita_where_periods_are_compared(tmp_path, first, second, months):
    path = put(tmp_path, "k.xlsx", write_xlsx(compare_periods(first, second)))
    trade = kita.read(path)
    sums = trade.groupby([trade["period"].dt.strftime("%Y-%m"), "flow"])["value"].sum()
    assert sums.to_dict() == {
        (months[0], "export"): 100_000, (months[0], "import"): 50_000,
        (months[1], "export"): 1_200_000, (months[1], "import"): 60_000,
    }  # fmt: skip
    import_files(tmp_path / "s", "kita", [path])
    assert load(tmp_path / "s")["value"].sum() == trade["value"].sum()
    wrong = compare_periods(first, second)
    wrong[6][8] = "x"
    with pytest.raises(InputError, match=rf"row 7, column '수출금액 {second}'.*'x'"):
        kita.read(put(tmp_path, "w.xlsx", write_xlsx(wrong)))


def as_saved(rows, years="당월", declarer="중국", partner="북한", weight="Kg"):
    """A table in the layout that the site's workbooks have: conditions, two rows of headings."""
    said = f"기준국가 : {declarer}  ,  상대국가 : {partner}  ,  당월/누계 : {years}  ,  "
    said += f"단위 : 금액 - 천불, 중량 - {weight}, 증감률 - %"
    over = ["년월", "코드", "지역", "수출", "", "", "수입", "", "수지"]
    under = ["년월", "코드", "지역", "금액", "증감률", "중량", "금액", "증감률", "수지"]
    return [["K-stat 무역통계 - 한국무역협회"], [said], over, under, *rows]


MONTH = ["2023년 6월", "670420", "지린성", "1,500", "3.1", "20", "0", "0", "1,500"]


@pytest.mark.parametrize(("weight", "kilograms"), [("Kg", 20), ("톤", 20_000)])
@pytest.mark.parametrize("filled", [True, False])
def test_kita_as_the_site_saves_it(tmp_path, weight, kilograms, filled):
    rows = as_saved([MONTH], weight=weight)
    rows[2 + (not filled)][:3] = ["년월", "코드", "지역"]
    if filled:
        rows[2] = [cell or "수출수입"[2 * (i > 5) :][:2] for i, cell in enumerate(rows[2])]
    else:
        rows[3][:3] = ["", "", ""]  # merged over both
    trade = kita.read(put(tmp_path, "k.xlsx", write_xlsx(rows)))
    assert trade[["flow", "hs", "province", "value", "quantity"]].to_numpy().tolist() == [
        ["export", "670420", "22", 1_500_000, kilograms]
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"declarer": "미국"}, "another reporter; expected CHN; got '미국'"),
        ({"partner": "이탈리아"}, "another partner; expected PRK; got '이탈리아'"),
        ({"years": "누계"}, "sums since January"),
    ],
)
def test_kita_is_what_its_conditions_say(tmp_path, changed, words):
    with pytest.raises(InputError, match=words):
        kita.read(put(tmp_path, "k.csv", write_text(as_saved([MONTH], **changed))))


def test_kita_a_year_of_some_months_is_told_by_its_change(tmp_path):
    # As printed of the United States: 4.5 % more than in the same months, on a whole year's sum.
    years = [["2025년", "670420", "지린성", "1,617,187", "4.5", "", "0", "0", ""],
             ["2024년", "670420", "지린성", "2,065,411", "2.3", "", "0", "0", ""],
             ["2023년", "670420", "지린성", "2,019,552", "-2.2", "", "0", "0", ""]]  # fmt: skip
    with pytest.raises(InputError, match=r"row 5: the year is not whole.*4\.5 %; got -21\.7 %"):
        kita.read(put(tmp_path, "k.csv", write_text(as_saved(years))))
    trade = kita.read(put(tmp_path, "k.csv", write_text(as_saved(years[1:]))))
    assert sorted(trade["value"]) == [2_019_552_000, 2_065_411_000]
    totals = [row[:1] + row[3:] for row in as_saved(years[1:])]
    totals[1] = as_saved([])[1]
    with pytest.raises(InputError, match="row 4: the table has no HS codes"):
        kita.read(put(tmp_path, "k.csv", write_text(totals)))


def test_kita_a_part_of_a_year_is_no_year(tmp_path):
    path = put(tmp_path, "k.xlsx", write_xlsx(compare_periods("2023년", "2024년(1월~5월)")))
    with pytest.raises(InputError, match=r"'2024년\(1월~5월\)'.*--period 2023"):
        kita.read(path)
    assert kita.read(path, period="2023")["value"].sum() == 150_000
    with pytest.raises(InputError, match="the table has no such period"):
        kita.read(path, period="2022")
    mixed = put(tmp_path, "m.xlsx", write_xlsx(compare_periods("2023년", "2023년 3월")))
    with pytest.raises(InputError, match="years beside months"):
        import_files(tmp_path / "s", "kita", [mixed])
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "rows",
    [
        [["시점", "코드", "수출액(천불)", "수입액(천불)"], ["2023년 1월", "690220", "5", "-"]],
        [
            ["Unit: US$1,000"],
            ["Date", "HS Code", "Exports", "Imports"],
            ["2023-01", "690220", "5", ""],
        ],
    ],
)
def test_kita_with_the_unit_in_headings_and_in_english(tmp_path, rows):
    trade = kita.read(put(tmp_path, "k.csv", write_text(rows)))
    assert trade[["flow", "hs", "value"]].to_numpy().tolist() == [["export", "690220", 5000]]


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("천불", 1e3), ("US$1,000", 1e3), ("1,000 US$", 1e3), ("10,000불", 1e4), ("백만달러", 1e6),
     ("불", 1), ("US$ million", 1e6), ("thousand US$", 1e3)],
)  # fmt: skip
@pytest.mark.parametrize("line", ["단위 : 금액 - {}, 중량 - Kg", "(단위 : {})", "Unit: {}"])
def test_kita_units(tmp_path, unit, scale, line):
    rows = [[line.format(unit)], ["년월", "코드", "수출금액"], ["2023년 6월", "670420", "5"]]
    assert kita.read(put(tmp_path, "k.csv", write_text(rows)))["value"].tolist() == [5 * scale]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [["코드", "수출금액(당월)", "수출금액(전년동월)"]],
            "row 2: two columns say the same thing",
        ),
        ([["코드", "수출금액", "수출액"]], "row 2: two columns say the same thing"),
        ([["", "누계", ""], ["코드", "수출금액", "수입금액"]], "sums since January"),
        ([["코드", "수출금액(누계)", "수입금액"]], "sums since January"),
        ([["당월/누계 : 누계"], ["코드", "수출금액", "수입금액"]], "sums since January"),
    ],
)
@pytest.mark.parametrize("column", [True, False])
def test_kita_takes_the_month_alone(tmp_path, rows, words, column):
    """Whether a column says the month, or the caller does."""
    rows = [["(단위 : 천불)"], *rows, ["670420", "5", "9"]]
    dates = [[], *[[""]] * (len(rows) - 3), ["년월"], ["2023년 6월"]]
    if column:
        rows = [[*date, *row] for date, row in zip(dates, rows, strict=True)]
    with pytest.raises(InputError, match=words):
        kita.read(put(tmp_path, "k.csv", write_text(rows)), period=None if column else "2023-06")


def test_census_repeats_what_it_was_asked_by(tmp_path):
    rows = [
        ["E_COMMODITY", "CTY_CODE", "ALL_VAL_MO", "time", "CTY_CODE"],
        ["300490", "5790", "1234", "2015-03", "5790"],
        ["-", "5790", "1234", "2015-03", "5790"],
    ]
    trade = read_table(put(tmp_path, "c.json", json.dumps(rows).encode()), layout="census")
    assert trade["value"].tolist() == [1234]
    rows[1][4] = "5700"
    with pytest.raises(InputError, match="the same column twice; got 'CTY_CODE'"):
        read_table(put(tmp_path, "c.json", json.dumps(rows).encode()), layout="census")


@pytest.mark.parametrize(
    "code", ['="030617"', "'030617", "’030617", "'030617'", "０３０６１７", "0306.17"]
)
def test_a_code_kept_from_a_spreadsheet_is_the_code(tmp_path, code):
    """By one rule, whoever published the table."""
    path = put(tmp_path, "a.csv", write_text([ROWS[0], ["2020-01", code, "5", "export"]]))
    assert read_table(path, **SAID)["hs"].tolist() == ["030617"]
    heads = ["Date of data", "Trading partner code", "Commodity code", "US dollar"]
    path = put(tmp_path, "g.csv", write_text([heads, ["202001", "109", code, "5"]]))
    assert gacc.read(path, flow="import")["hs"].tolist() == ["030617"]
    service = ["period", "reporterCode", "partnerCode", "flowCode", "cmdCode", "primaryValue"]
    path = put(tmp_path, "c.csv", write_text([service, ["202001", "156", "408", "X", code, "5"]]))
    trade = comtrade.read(path, totals=True, edition="HS2017")
    assert trade["hs"].tolist() == ["030617"]


def test_letters_of_full_width(tmp_path):
    rows = [ROWS[0], ["２０２０－０１", "２７０１", "１２．５", "export"]]
    trade = read_table(put(tmp_path, "a.csv", write_text(rows)), **SAID)
    assert trade[["hs", "value"]].to_numpy().tolist() == [["2701", 12.5]]
    rows[1][2] = "12②"
    with pytest.raises(InputError, match="row 2, column 'USD': not a number"):
        read_table(put(tmp_path, "a.csv", write_text(rows)), **SAID)


@pytest.mark.parametrize(
    ("codes", "level", "lost"),
    [
        (["2701.12", "2704"], 6, "2704"), (["270112", "2701", "27"], 6, ""),
        (["270112", "27040010"], 6, "27040010"), (["2704", "270400"], 4, ""),
        (["67", "6704", "2701"], 2, "2701"),
    ],
)  # fmt: skip
def test_what_the_choice_of_a_level_loses_is_told(tmp_path, codes, level, lost):
    rows = [ROWS[0], *(["2020-01", code, "5", "export"] for code in codes)]
    path = put(tmp_path, "a.csv", write_text(rows))
    service = [["period", "reporterCode", "partnerCode", "flowCode", "cmdCode", "primaryValue"]]
    service += [["202001", "156", "408", "X", code, "5"] for code in codes]
    other = put(tmp_path, "c.csv", write_text(service))
    for attempt in (
        lambda: read_table(path, **SAID, level=level),
        lambda: comtrade.read(other, level=level, totals=True, edition="HS2017"),
    ):
        with warnings.catch_warnings(record=True) as met:
            warnings.simplefilter("always")
            assert set(attempt()["hs"].str.len()) == {level}
        told = [str(one.message) for one in met if one.category is OtherLevelWarning]
        assert len(told) == bool(lost)
        assert all(f"level={level} leaves out 1 code" in text and lost in text for text in told)


def test_a_table_in_a_store_is_like_any_other(tmp_path):
    path = put(tmp_path, "dl/a.csv", write_text(ROWS))
    import_files(tmp_path / "s", "table", [path.parent], **SAID)
    assert load(tmp_path / "s")["reporter"].unique().tolist() == ["RUS"]
    assert status(tmp_path / "s")["source"].tolist() == ["table"]
    years = put(tmp_path, "y.csv", write_text([ROWS[0], ["2018", "2701", "9", "export"]]))
    import_files(tmp_path / "y", "table", [years], **SAID)
    assert gaps(tmp_path / "y").empty
    bad = put(tmp_path, "b.csv", write_text([*ROWS, ["2020-03", "2701", "x", "export"]]))
    with pytest.raises(InputError, match=r"b.csv, row 4, column 'USD'.*'x'"):
        import_files(tmp_path / "s", "table", [bad], **SAID)
    assert len(load(tmp_path / "s")) == 2


@given(
    st.lists(st.lists(st.integers(1, 10**9), min_size=1, max_size=4), min_size=2, max_size=5),
    st.booleans(),
)
def test_a_total_among_parts_is_seen_by_its_sums(lines, totals):
    """Line by line the total is the largest part and the sum of the others; parts alone are not."""
    if totals:
        lines = [[*parts, sum(parts)] for parts in lines]
    rows = [("2020", at, part) for at, parts in enumerate(lines) for part in parts]
    parts = pd.DataFrame(rows, columns=["period", "hs", "value"])
    seen = all(2 * max(one) == sum(one) for one in lines if len(one) > 1)
    certain = sum(len(one) - 1 for one in lines) >= 3
    if seen and certain:
        with pytest.raises(InputError, match=r"a, row .*a total beside its parts"):
            refuse_totals_among_parts(parts, ["period", "hs"], "a")
    else:
        refuse_totals_among_parts(parts, ["period", "hs"], "a")
    assert seen or not totals


def test_a_total_of_regions_is_not_added_to_them(tmp_path):
    head = ["Month", "Code", "USD", "Flow", "Region"]
    rows = [
        [month, "2701", value, "export", region]
        for month in ("2020-01", "2020-02")
        for region, value in (("All", "30"), ("East", "10"), ("West", "20"))
    ]
    path = put(tmp_path, "a.csv", write_text([head, *rows]))
    with pytest.raises(InputError, match=r"a\.csv, row 2: .*a total beside its parts.*leave_out"):
        read_table(path, add_up=True, **SAID)
    path = put(tmp_path, "a.csv", write_text([head, *(r for r in rows if r[-1] != "All")]))
    assert read_table(path, add_up=True, **SAID)["value"].tolist() == [30, 30]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["2020-13", "2701", "1", "export"], r"row 4, column 'Month': not a month"),
        (["2020-03", "302", "1", "export"], r"row 4, column 'Code'.*'0302'"),
        (["2020-03", "2701", "-1", "export"], r"row 4, column 'USD': negative"),
        (["2020-03", "2701", "1,234", "export"], r"row 4, column 'USD'.*'1,234'"),
        (["2020-03", "2701", "", "export"], r"row 4, column 'USD': no value"),
        (["2020-03", "2701", "..", "export"], r"no value.*leave_out={'value': \['\.\.'\]}"),
        (["2020-03", "2701", "1", "2"], r"row 4, column 'Flow': unknown flow.*words="),
        (["2020-01", "2701", "1", "export"], r"rows 2 and 4: the same flow.*add_up=True"),
        (
            ["2020", "2701", "1", "export"],
            r"row 4, column 'Month': years beside.*period': \['2020'\]",
        ),
        (["2020-03", "270112", "1", "export"], r"several HS levels"),
    ],
)
def test_what_cannot_be_read_names_its_place(tmp_path, row, words):
    with pytest.raises(NktradeError, match=words):
        read_table(put(tmp_path, "a.csv", write_text([*ROWS, row])), **SAID)


def test_what_is_not_said_is_asked_for_at_once(tmp_path):
    path = put(tmp_path, "a.csv", write_text(ROWS))
    with pytest.raises(InputError, match=r"not said: hs; value.*period; flow; reporter; partner"):
        read_table(path)
    with pytest.raises(InputError, match="Did you mean 'Month'"):
        read_table(path, **SAID | {"columns": SAID["columns"] | {"period": "Mnth"}})
    with pytest.raises(InputError, match=r"unknown layout 'rusia'.*russia"):
        read_table(path, layout="rusia")
    for wrong, words in (
        ({"columns": ["a"]}, "columns says nothing of columns"),
        (SAID | {"words": "x"}, "words says nothing of columns"),
        (SAID | {"scale": "thousands"}, "scale is no number"),
        (SAID | {"scale": 0}, "scale is no number"),
        (SAID | {"scale": float("nan")}, "scale is no number"),
        (SAID | {"currency": "dollars"}, "not a currency"),
        (SAID | {"weight_in": "lb"}, "unknown unit of weights"),
        (SAID | {"encoding": "nonsense"}, "no such encoding"),
        (SAID | {"encoding": "hex"}, "no such encoding"),
        (SAID | {"columns": SAID["columns"] | {"value": "Code"}}, "'Code' for 'hs' and 'value'"),
        (SAID | {"columns": SAID["columns"] | {"export": "X"}}, "value beside export"),
        (SAID | {"currency": "EUR", "rates": None}, "eur_per_usd"),
    ):
        with pytest.raises(InputError, match=words):
            read_table(path, **wrong)
    own = put(tmp_path, "own.yml", b"colums: {hs: Code}\n")
    with pytest.raises(InputError, match=r"own.yml.*'colums'.*Did you mean 'columns'"):
        read_table(path, layout=own)


@pytest.mark.parametrize("layout", ["japan", "census"])
def test_a_publishers_own_number_is_not_isos(tmp_path, layout):
    # Of Japan's customs 408 is Bolivia, of ISO North Korea.
    if layout == "japan":
        rows = [["Exp or Imp", "Year", "HS", "Country", "Value-Jan"],
                ["1", "2009", "870323000", "104", "10"],
                ["1", "2009", "870323000", "408", "99"]]  # fmt: skip
        rates = put(tmp_path, "r.csv", b"period;jpy_per_usd\n2009;99,5\n")
        path, said, wanted = (
            put(tmp_path, "a.csv", write_text(rows)),
            {"rates": rates},
            10_000 / 99.5,
        )
    else:
        rows = [["E_COMMODITY", "CTY_CODE", "ALL_VAL_MO", "time"],
                ["300490", "5790", "7", "2015-03"], ["300490", "408", "9", "2015-03"]]  # fmt: skip
        path, said, wanted = put(tmp_path, "a.json", json.dumps(rows).encode()), {}, 7
    trade = read_table(path, layout=layout, partner="PRK", **said)
    assert trade["value"].tolist() == [pytest.approx(wanted)]
    with pytest.raises(InputError, match=r"unknown country.*'408'"):
        read_table(path, layout=layout, **said)


def test_comext_to_2021_has_numbers_of_its_own_beside_iso_codes(tmp_path):
    rates = put(tmp_path, "r.csv", b"period,eur_per_usd\n2020-03,0.5\n")
    rows = [["DECLARANT", "DECLARANT_ISO", "PARTNER", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD",
             "VALUE_IN_EUROS", "QUANTITY_IN_KG"],
            ["004", "DE", "724", "KP", "67042000", "1", "202003", "100", "5"],
            ["011", "ES", "720", "CN", "67042000", "1", "202003", "9", "5"]]  # fmt: skip
    path = put(tmp_path, "full202003.dat", write_text(rows))
    trade = read_table(path, layout="comext", partner="PRK", rates=rates)
    assert trade[["reporter", "partner", "value"]].to_numpy().tolist() == [["DEU", "PRK", 200]]


def test_kita_knows_its_provinces_and_misses_no_code(tmp_path):
    rows = [["단위 : 천달러"], ["년월", "코드", "지역", "수출금액"],
            ["2023.06", "670420", "랴오닝성", "5"],
            ["2023.06", "670420", "지린성", "7"]]  # fmt: skip
    korean = put(tmp_path, "a.csv", write_text(rows, encoding="cp949"))
    assert kita.read(korean)["value"].tolist() == [5000, 7000]
    rows[3][2] = "어느성"
    with pytest.raises(InputError, match=r"row 4, column '지역': unknown province.*'어느성'"):
        kita.read(put(tmp_path, "a.csv", write_text(rows)))
    rows[3][1:3] = ["", "지린성"]  # as merged cells leave it
    with pytest.raises(NktradeError, match=r"row 4, column '코드'"):
        kita.read(put(tmp_path, "a.csv", write_text(rows)))


def test_layouts_that_come_with_nktrade_are_arguments():
    arguments = inspect.signature(read_table).parameters
    assert {*ARGUMENTS} == {*arguments} - {"path"}
    assert {path.stem for path in LAYOUTS.glob("*.yml")} == {
        "census", "census_imports", "comext", "japan", "kita", "korea", "russia"
    }  # fmt: skip
    for path in LAYOUTS.glob("*.yml"):
        assert load_layout(path.stem)["columns"]


@pytest.mark.parametrize(
    "text",
    ["202306", "2023-06", "2023.06", "2023/06", "2023.6", "06/2023", "2023M06", "2023m6",
     "Jun 2023", "2023年6月", "2023년 06월", "2023-06-01",
     "20230601", "202306.0", "2023-06-01 00:00:00", "2023-06-01T00:00:00.000Z"],
)  # fmt: skip
def test_months_in_cells(text):
    assert read_month(text) == "2023-06"


@pytest.mark.parametrize(
    ("months", "read"),
    [
        (["2023.1"], None), (["2023.09", "2023.1"], None), (["2023.1", "2023.11"], None),
        (["2023.1", "2023.2"], ["2023-01", "2023-02"]), (["2023-1"], ["2023-01"]),
        (["2023.1", "2023.10"], ["2023-01", "2023-10"]), (["2023.01"], ["2023-01"]),
    ],
)  # fmt: skip
def test_an_october_that_lost_its_zero_is_no_january(tmp_path, months, read):
    rows = [ROWS[0], *([month, "2701", "5", "export"] for month in months)]
    path = put(tmp_path, "a.csv", write_text(rows))
    heads = ["년월", "코드", "수출액(천불)"]
    china = put(tmp_path, "k.csv", write_text([heads, *([m, "2701", "5"] for m in months)]))
    for attempt in (lambda: read_table(path, **SAID), lambda: kita.read(china)):
        if read is None:
            with pytest.raises(InputError, match=r"row [23].*October that has lost its zero"):
                attempt()
        else:
            assert attempt()["period"].dt.strftime("%Y-%m").tolist() == read


@pytest.mark.parametrize("text", ["2023-06-15", "", "1H 2023", "2023-00", "x", "6", "2023-06~07"])
def test_cells_that_are_no_month(text):
    with pytest.raises(InputError, match="not a month or year"):
        read_month(text)
    assert pd.notna(read_month("2023"))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_row_keeps_its_number_in_whatever_block_it_stands(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(records, "CHUNK", 2)
    rows = [["2020-01", f"{code:04}", "5", "export"] for code in range(2701, 2706)]
    rows[4][2] = "-5"
    if ending == ".csv":  # the headings are row 1, and an empty row is one
        path = tmp_path / "a.csv"
        lines = [",".join(row) for row in [ROWS[0], *rows]]
        path.write_text("\n".join([*lines[:2], "", *lines[2:]]), encoding="utf-8")
    else:
        path = tmp_path / "a.parquet"
        pd.DataFrame(rows, columns=ROWS[0]).to_parquet(path)
    row = 7 if ending == ".csv" else 5
    with pytest.raises(InputError, match=rf"row {row}, column 'USD'.*negative"):
        read_table(path, **SAID)
