"""Customs downloads: genuine files to the yuan, every layout, every kind of damage."""

import csv
import io
import operator
import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.errors import CodeError, InputError
from nktrade.sources import TruncatedFileWarning, _blocks, gacc
from nktrade.sources import _customs_codes as _codes
from nktrade.table.rows import COLUMNS

ZH = (
    '"数据年月","贸易伙伴编码","贸易伙伴名称","商品编码","商品名称","第一数量","第一计量单位",'
    '"第二数量","第二计量单位","人民币",\n'
)
ROW = '"202301","109","朝鲜","01012100","改良种用马","12","千克","3","头","5,917,063",\n'
EN = (
    '"Date of data","Commodity code","Commodity","Trading partner code","Trading partner",'
    '"Customs Regime code","Customs Regime","Locations of importers and exporters code",'
    '"Locations of importers and exporters","Quantity","Unit","{s} Quantity","{s} Unit",'
    '"US dollar",\n'
)
EN_ROW = (
    '"202601","29012920","Acetylene","110","Hong Kong，China","10","Ordinary Trade","44",'
    '"Guangdong Province","81782","Kilogram","0","?","315,286",\n'
)


def write(tmp_path, text, encoding="gb18030", name="file.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def refuse(tmp_path, text, *words, kind=InputError, encoding="gb18030", **said):
    path = write(tmp_path, text, encoding)
    with pytest.raises(kind) as caught:
        gacc.read(path, **({"flow": "import"} | said))
    for word in ("file.csv", *words):
        assert word in str(caught.value)
    return str(caught.value)


# --- whole files ---------------------------------------------------------------------------


def _declared(fields):
    said = {}
    if not {"数据年月", "Date of data"} & set(fields):
        said["period"] = "2024-03"
    if not {"贸易伙伴编码", "Trading partner code"} & set(fields):
        said["partner"] = "WLD"
    return said


def test_files_total_to_the_yuan(downloads):
    files = sorted(downloads.glob("*.csv"))
    assert len(files) == 7
    for path in files:
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        rows = list(csv.DictReader(io.StringIO(text)))
        money = next(name for name in ("人民币", "US dollar") if name in rows[0])
        trade = gacc.read(path, flow="import", **_declared(rows[0]))
        assert list(trade.columns) == list(COLUMNS)
        assert len(trade) == len(rows)
        assert int(trade["value"].sum()) == sum(int(row[money].replace(",", "")) for row in rows)
        assert set(trade["currency"]) == {"CNY" if money == "人民币" else "USD"}
        assert set(trade["reporter"]) == {"CHN"}
        code = "商品编码" if "商品编码" in rows[0] else "Commodity code"
        assert trade["hs"].tolist() == [row[code] for row in rows]


def test_months_total_to_the_yuan(downloads):
    path = downloads / "2023.csv"
    expected: dict[tuple[str, str], int] = {}
    for row in csv.DictReader(io.StringIO(path.read_bytes().decode("gb18030"))):
        key = (row["数据年月"], row["贸易伙伴编码"])
        expected[key] = expected.get(key, 0) + int(row["人民币"].replace(",", ""))
    trade = gacc.read(path, flow="import")
    codes = trade["partner"].map({"BRA": "410", "ARG": "402", "USA": "502"})
    sums = trade.groupby([trade["period"].dt.strftime("%Y%m"), codes])["value"].sum()
    assert {key: int(value) for key, value in sums.items()} == expected


def test_details(downloads):
    full = gacc.read(downloads / "english-full.csv", flow="import")
    first = full.iloc[0]
    assert first[["partner", "province", "regime", "unit", "currency"]].tolist() == [
        "HKG", "44", "10", "kg", "USD"
    ]  # fmt: skip
    assert first["hs_edition"] == "HS2022"
    assert full["quantity2"].isna().all()
    assert full["unit2"].isna().all()
    path = downloads / "customs_import_2018.head.utf8.csv"
    fuel = gacc.read(path, flow="import", partner="WLD")
    assert fuel["unit2"].unique().tolist() == ["litre"]
    printed = [row["第二数量"] for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))]
    assert fuel["quantity2"].tolist() == [float(text) for text in printed]
    assert set(fuel["hs_edition"]) == {"HS2017"}


def test_every_code_of_customs_own_lists_is_known(shared):
    folder = shared / "reference" / "gacc"
    partners = pd.read_csv(folder / "gacc_partners.csv", dtype="str")
    mapped = partners["code"].map(_codes.partner_isos())
    assert mapped.notna().all()
    assert mapped.is_unique
    for table in ("provinces", "regimes"):
        codes = pd.read_csv(folder / f"gacc_{table}.csv", dtype="str")["code"]
        assert set(codes) == set(_codes._pairs(table, "code", "name"))
    lines = pd.read_csv(folder / "gacc_hs8_2015_2023.csv", dtype="str", keep_default_na=False)
    printed = {u for c in lines.filter(regex="unit._(en|zh)") for u in lines[c].unique()}
    assert printed - {"", "?", "#N/A"} <= set(_codes.units())


def test_codes_agree_with_comtrade_list(shared):
    known = set(pd.read_csv(shared / "reference/comtrade/comtradr_ref_partner.csv")["iso_3"])
    own = set(_codes.partner_codes()) - known
    assert {code for code in own if not code.startswith("X")} <= {"TWN", "REU", "GUF", "GLP", "MTQ"}


@pytest.mark.parametrize(
    ("code", "iso"), [("109", "PRK"), ("133", "KOR"), ("142", "CHN"), ("110", "HKG"),
                      ("143", "TWN"), ("701", "XXU")]
)  # fmt: skip
def test_partner_codes(tmp_path, code, iso):
    path = write(tmp_path, ZH + ROW.replace("109", code))
    assert gacc.read(path, flow="export")["partner"].tolist() == [iso]


# --- layouts -------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_chinese_encodings(tmp_path, encoding, end):
    path = write(tmp_path, (ZH + ROW).replace("\n", end), encoding)
    row = gacc.read(path, flow="export").iloc[0]
    assert row["hs"] == "01012100"
    assert row["value"] == 5917063
    assert row["currency"] == "CNY"
    assert (row["quantity"], row["unit"], row["quantity2"], row["unit2"]) == (12, "kg", 3, "item")
    assert pd.isna(row["province"])
    assert gacc.read_names(path).to_numpy().tolist() == [["01012100", "改良种用马", "zh"]]


@pytest.mark.parametrize("spelling", ["Supplementary", "Supplimentary"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_english_headings(tmp_path, spelling, encoding):
    path = write(tmp_path, EN.format(s=spelling) + EN_ROW, encoding)
    row = gacc.read(path, flow="import").iloc[0]
    assert (row["partner"], row["currency"], row["value"]) == ("HKG", "USD", 315286)
    assert gacc.read_names(path).to_numpy().tolist() == [["29012920", "Acetylene", "en"]]


def test_english_chinese_text_beyond_the_first_block_is_decoded(tmp_path):
    plain = EN_ROW.replace("，", ",")
    rows = [plain.replace("29012920", f"2901{i:04d}") for i in range(2000)]
    path = write(
        tmp_path, EN.format(s="Supplementary") + "".join(rows) + EN_ROW.replace("12920", "92920")
    )
    assert len(gacc.read(path, flow="import")) == 2001


def test_columns_in_any_order_and_without_quotes(tmp_path):
    path = write(tmp_path, "美元,商品编码,数据年月,贸易伙伴编码\n1234,6704,202012,109\n")
    row = gacc.read(path, flow="export").iloc[0]
    assert (row["value"], row["hs"], row["partner"], row["hs_edition"]) == (
        1234, "6704", "PRK", "HS2017"
    )  # fmt: skip
    assert pd.isna(row["unit"])
    assert gacc.read_names(path).empty


def test_only_headings_or_only_rows_end_in_a_comma(tmp_path):
    head = '"数据年月","贸易伙伴编码","商品编码","人民币"'
    row = '"202301","109","6704","5"'
    for text in (head + ",\n" + row + "\n", head + "\n" + row + ",\n"):
        assert gacc.read(write(tmp_path, text), flow="export")["value"].tolist() == [5]


def test_newlines_and_commas_in_quotes(tmp_path):
    odd = ROW.replace("改良种用马", "改良\n种用,马\r\n")
    path = write(tmp_path, ZH + odd + ROW.replace("202301", "202302"))
    trade = gacc.read(path, flow="export")
    assert trade["value"].tolist() == [5917063, 5917063]
    assert trade["period"].dt.month.tolist() == [1, 2]


def test_question_mark_unit_means_no_quantity(tmp_path):
    path = write(tmp_path, ZH + ROW.replace('"3","头"', '"0","?"').replace('"千克"', '"?"'))
    row = gacc.read(path, flow="export").iloc[0]
    assert row[["quantity", "unit", "quantity2", "unit2"]].isna().all()


def test_no_month_column(tmp_path):
    text = '"商品编码","贸易伙伴编码","人民币",\n"6704","109","5",\n'
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=r"no month column.*period='2023-06'"):
        gacc.read(path, flow="export")
    with pytest.raises(InputError, match="cannot hold more than one"):
        gacc.read(path, flow="export", period="2023")
    assert gacc.read(path, flow="export", period="2023-06")["period"].dt.month.tolist() == [6]
    both = gacc.read(path, flow="export", period="2020-01..2020-02").iloc[0]
    assert (both["period"], both["status"]) == (pd.Timestamp("2020-02-01"), "combined")


def test_no_partner_column(tmp_path):
    path = write(tmp_path, '"数据年月","商品编码","人民币",\n"202301","6704","5",\n')
    with pytest.raises(InputError, match=r"no partner column.*'WLD'"):
        gacc.read(path, flow="export")
    assert gacc.read(path, flow="export", partner="WLD")["partner"].tolist() == ["WLD"]
    with pytest.raises(InputError, match=r"Did you mean 'PRK'"):
        gacc.read(path, flow="export", partner="109")
    with pytest.raises(InputError, match=r"Did you mean 'PRK'"):
        gacc.read(path, flow="export", partner="朝鲜")
    with pytest.raises(
        InputError, match=r"unknown province 'liaoning'.*Did you mean '21', Liaoning"
    ):
        gacc.read(path, flow="export", partner="PRK", province="liaoning")


def test_partner_and_period_choose_rows_where_the_file_has_them(tmp_path):
    path = write(tmp_path, ZH + ROW + ROW.replace("109", "133") + ROW.replace("202301", "202302"))
    assert len(gacc.read(path, flow="export", partner="PRK")) == 2
    assert len(gacc.read(path, flow="export", partner="PRK", period="2023-02")) == 1
    with pytest.raises(InputError, match="no row of that partner"):
        gacc.read(path, flow="export", partner="BRA")


def test_edition_can_be_named(tmp_path):
    trade = gacc.read(write(tmp_path, ZH + ROW), flow="export", edition="HS2017")
    assert trade["hs_edition"].tolist() == ["HS2017"]


def test_ten_thousand_rows_warn(tmp_path):
    rows = [ROW.replace("01012100", f"0101{i:04d}") for i in range(10_000)]
    whole = write(tmp_path, ZH + "".join(rows))
    with pytest.warns(TruncatedFileWarning, match="10,000 rows"):
        gacc.read(whole, flow="export")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gacc.read(write(tmp_path, ZH + "".join(rows[:-1])), flow="export")


# --- bad input -----------------------------------------------------------------------------


def test_flow_is_required_and_known(tmp_path):
    path = write(tmp_path, ZH + ROW)
    with pytest.raises(TypeError):
        gacc.read(path)
    with pytest.raises(InputError, match=r"Did you mean 'import'"):
        gacc.read(path, flow="imports")


def test_no_file_folder_or_nearby_name(tmp_path):
    write(tmp_path, ZH + ROW)
    with pytest.raises(InputError, match=r"Did you mean 'file.csv'"):
        gacc.read(tmp_path / "fiel.csv", flow="import")
    with pytest.raises(InputError, match="folder"):
        gacc.read(tmp_path, flow="import")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"<!DOCTYPE html><html><body>busy</body></html>", "HTML page"),
        (b"PK\x03\x04rest", "zip archive that is damaged"),
        (b"%PDF-1.4", "PDF"),
        (ZH.encode("utf-16"), "no row follows"),
        (ZH.encode("gb18030"), "no row follows"),
        ((ZH + "\n\n").encode("gb18030"), "no row follows"),
        ((ZH + ROW).replace(",", ":").encode("gb18030"), "separator"),
        ((ZH + ROW).encode("big5", errors="ignore"), "wrong encoding"),
        ((ZH + ROW).encode("gb18030").decode("latin-1").encode("utf-8"), "wrong encoding"),
        (b'"a","b"\n\xff\xff\xff\xff', "decoded"),
    ],
)
def test_what_is_no_customs_file(tmp_path, text, word):
    refuse(tmp_path, text, word)


def test_broken_encoding_in_the_body(tmp_path):
    good = (ZH + "".join(ROW.replace("01012100", f"0101{i:04d}") for i in range(2000))).encode(
        "utf-8"
    )
    bad = ROW.replace("01012100", "01029000").replace("马", "牛").encode("gb18030")
    refuse(tmp_path, good + bad, "decoded as utf-8")


def test_headings(tmp_path):
    refuse(tmp_path, ZH.replace("商品编码", "商品编吗") + ROW, "Did you mean '商品编码'")
    refuse(tmp_path, ZH.replace("商品名称", "商品编码") + ROW, "same column twice")
    refuse(tmp_path, '"数据年月","商品编码",\n"202301","6704",\n', "not one column of values")
    refuse(tmp_path, '"数据年月","人民币",\n"202301","5",\n', "no column of commodity codes")


@pytest.mark.parametrize("heading", ["万美元", "美元(千)", "US dollar thousand"])
def test_no_hint_leads_from_a_scaled_heading_to_a_plain_one(tmp_path, heading):
    told = refuse(tmp_path, ZH.replace("人民币", heading) + ROW, "row 1", heading)
    assert "Did you mean" not in told


def test_cut_files(tmp_path):
    text = (ZH + ROW + ROW.replace("01012100", "01012900")).encode("gb18030")
    start = len((ZH + ROW).encode("gb18030"))
    whole = write(tmp_path, text)
    assert len(gacc.read(whole, flow="import")) == 2
    for cut in range(start + 1, len(text) - 2):
        message = refuse(tmp_path, text[:cut], "row 3")
        assert "cut off" in message
        assert "download" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("01012100", "1012100", ["row 2", "商品编码", "Did you mean '01012100'"]),
        ("01012100", "1012100.0", ["row 2", "商品编码"]),
        ("202301", "Jan-23", ["row 2", "数据年月", "'Jan-23'", "spreadsheet"]),
        ("202301", "44927", ["row 2", "数据年月", "'44927'"]),
        ("202301", "2023/1/1", ["数据年月"]),
        ("202301", "202313", ["数据年月"]),
        ('"109"', '"109.0"', ["贸易伙伴编码", "'109.0'"]),
        ('"109"', '"198"', ["unknown partner code", "'198'", "Did you mean"]),
        ("5,917,063", "-5,917,063", ["人民币", "negative", "'-5,917,063'"]),
        ("5,917,063", "5.92E+06", ["人民币", "powers of ten", "spreadsheet"]),
        ("5,917,063", "5917,06", ["人民币", "not a number"]),
        ("5,917,063", "", ["人民币", "no value"]),
        ("5,917,063", "abc", ["人民币", "'abc'"]),
        ("5,917,063", "5,917,063,000,000", ["人民币", "absurdly large"]),
        ('"12"', '"-12"', ["第一数量", "negative"]),
        ('"千克"', '"17"', ["第一计量单位", "not a unit", "'17'"]),
    ],
)
def test_damaged_values(tmp_path, old, new, words):
    refuse(tmp_path, ZH + ROW.replace(old, new), *words)
    good = ROW.replace("01012100", "02012100")
    words = [word.replace("row 2", "row 3") for word in words]
    refuse(tmp_path, ZH + good + ROW.replace(old, new), *words)


def test_lost_zero_is_a_code_error(tmp_path):
    refuse(tmp_path, ZH + ROW.replace("01012100", "1012100"), "7 digits", kind=CodeError)


def test_repeated_rows(tmp_path):
    refuse(tmp_path, ZH + ROW + ROW.replace("202301", "202302") + ROW, "row 4", "row 2")
    refuse(tmp_path, ZH + ROW + ZH + ROW.replace("202301", "202302"), "row 3", "not a month")


# --- size ----------------------------------------------------------------------------------


def _many(rows):
    codes = ("109", "133", "410", "502")
    return ZH + "".join(
        ROW.replace('"109"', f'"{codes[i % 4]}"').replace("01012100", f"{i // 4:08d}")
        .replace('"12"', f'"{(i * 37) % 1000}"')
        for i in range(rows)
    )  # fmt: skip


def test_sifting_gives_what_reading_everything_gives(tmp_path, monkeypatch):
    path = write(tmp_path, _many(4000))
    whole = gacc.read(path, flow="import")
    expected = whole[whole["partner"] == "PRK"].reset_index(drop=True)
    for size in (997, 10_000, 1 << 24):
        monkeypatch.setattr(_blocks, "BLOCK", size)
        pd.testing.assert_frame_equal(gacc.read(path, flow="import", partner="PRK"), expected)


def test_sifting_steps_back_where_lines_are_not_records(tmp_path, monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK", 100)
    text = _many(40).replace("改良种用马", '改良\n"种"用马'.replace('"', '""'))
    path = write(tmp_path, text)
    layout = gacc.find_layout(path)
    declared = gacc.declare(layout, flow="import", partner="PRK")
    assert gacc._read_sifted(path, layout, declared) is None
    assert len(gacc.read(path, flow="import", partner="PRK")) == 10


@pytest.mark.parametrize("size", [64, 97, 1000, 1 << 20])
def test_blocks_end_where_records_end(tmp_path, size):
    text = _many(50).replace("改良种用马", "改良\n种用马")
    path = write(tmp_path, text)
    layout = gacc.find_layout(path)
    blocks = list(_blocks.whole_records(path, layout, size))
    assert b"".join(blocks) == text.encode("gb18030")[layout.body :]
    assert all(block.count(b'"') % 2 == 0 for block in blocks)


@pytest.mark.parametrize("at", [5, 350, 999])
def test_a_row_keeps_its_number_in_whatever_block_it_stands(tmp_path, monkeypatch, at):
    lines = _many(1000).splitlines(keepends=True)
    assert lines[at].count('"5,917,063"') == 1
    lines[at] = lines[at].replace('"5,917,063"', '"-5,917,063"')
    lines[2:2] = [",,,,,\n"] * 3  # rows of nothing, which are read with care
    at = at + 3 if at > 2 else at
    monkeypatch.setattr(_blocks, "BLOCK", 4096)  # some thirty blocks
    refuse(tmp_path, "".join(lines), f"row {at + 1:,},", "negative")


def test_february_and_march_are_no_release(tmp_path):
    text = ZH.replace('"数据年月",', "") + ROW.replace('"202301",', "")
    both = gacc.read(write(tmp_path, text), flow="import", period="2023-01..2023-02")
    assert both[["period", "status"]].to_numpy().tolist() == [
        [pd.Timestamp("2023-02-01"), "combined"]
    ]
    refuse(tmp_path, text, "cannot hold more than one", period="2023-02..2023-03")


# --- what must always hold -----------------------------------------------------------------

COLUMNS_OF_A_FILE = {
    "period": ("数据年月", "Date of data"),
    "hs": ("商品编码", "Commodity code"),
    "name": ("商品名称", "Commodity"),
    "partner": ("贸易伙伴编码", "Trading partner code"),
    "province": ("注册地编码", "Locations of importers and exporters code"),
    "quantity": ("第一数量", "Quantity"),
    "unit": ("第一计量单位", "Unit"),
    "value": ("人民币", "Renminbi Yuan"),
}
NAMES = st.text(st.sampled_from('猪马，,"\n；铁 a?'), max_size=6)
GOODS = st.lists(
    st.tuples(
        st.sampled_from(["202301", "202212", "201802"]),
        st.integers(101, 99_999_999).map("{:08d}".format),
        NAMES,
        st.sampled_from(["109", "133", "701"]),
        st.sampled_from(["21", "44"]),
        st.integers(0, 10**9),
        st.sampled_from(["千克", "Kilogram", "?"]),
        st.integers(0, 10**12),
    ),
    min_size=1,
    max_size=12,
    unique_by=operator.itemgetter(0, 1, 3, 4),
)


@given(
    goods=GOODS,
    order=st.permutations(list(COLUMNS_OF_A_FILE)),
    language=st.sampled_from([0, 1]),
    encoding=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]),
    comma=st.booleans(),
    separators=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from([40, 300, 1 << 20]),
)
@settings(max_examples=80, deadline=None)
def test_any_layout_reads_the_same(
    tmp_path_factory, goods, order, language, encoding, comma, separators, quoting, end, size
):
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    headings = [COLUMNS_OF_A_FILE[column][language] for column in order]
    writer.writerow(headings + [""] * comma)
    for row in goods:
        printed = dict(zip(COLUMNS_OF_A_FILE, row, strict=True))
        if separators:
            printed["value"] = f"{printed['value']:,}"
        writer.writerow([printed[column] for column in order] + [""] * comma)
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "BLOCK", size)
        trade = gacc.read(path, flow="import")
    assert trade["hs"].tolist() == [row[1] for row in goods]
    assert trade["value"].tolist() == [row[7] for row in goods]
    assert trade["period"].dt.strftime("%Y%m").tolist() == [row[0] for row in goods]
    assert trade["province"].tolist() == [row[4] for row in goods]
    quantities = [None if row[6] == "?" else row[5] for row in goods]
    assert trade["quantity"].astype(object).where(trade["quantity"].notna(), None).tolist() == (
        quantities
    )
    found = gacc.read_names(path)
    assert set(zip(found["hs"], found["name"], strict=True)) == {
        (row[1], row[2].strip()) for row in goods
    }
