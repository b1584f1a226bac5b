"""Rows that were pushed by a comma within a number, or broken off with the file: never read so."""

from __future__ import annotations

import warnings

import pytest

from nktrade.errors import InputError
from nktrade.sources import TruncatedFileWarning, baci, comtrade, gacc, kita
from nktrade.sources.any_table import read_table
from tests.sources.dresses import put, write_text

MINE = {
    "columns": {"period": "Month", "hs": "Code", "quantity": "Kg", "value": "USD"}, "unit": "kg",
    "flow": "export", "reporter": "RUS", "partner": "PRK", "currency": "USD",
}  # fmt: skip
SERVICE = ["period", "freqCode", "reporterCode", "partnerCode", "flowCode", "classificationCode",
           "cmdCode", "netWgt", "primaryValue"]  # fmt: skip


def read_comtrade(path):
    return comtrade.read(path, totals=True)


#: A reader, the name of its file, and rows whose last two cells are a quantity and a value.
READERS = {
    "gacc": (
        lambda path: gacc.read(path, flow="import"),
        "a.csv",
        [["Date of data", "Trading partner code", "Commodity code", "Quantity", "US dollar"],
         ["202301", "109", "67042000", "15", "1234"],
         ["202302", "109", "67042000", "2670", "5678"]],
    ),
    "comtrade": (
        read_comtrade,
        "a.csv",
        [SERVICE, ["202301", "M", "156", "408", "X", "H6", "670420", "15", "1234"],
         ["202302", "M", "156", "408", "X", "H6", "670420", "2670", "5678"]],
    ),
    "table": (
        lambda path: read_table(path, **MINE),
        "a.csv",
        [["Month", "Code", "Kg", "USD"], ["2020-01", "670420", "15", "1234"],
         ["2020-02", "670420", "2670", "5678"]],
    ),
    "baci": (
        lambda path: baci.read(path, partner="PRK"),
        "BACI_HS17_Y2022_V202501.csv",
        [[*"tijkvq"], ["2022", "156", "408", "670420", "15", "1234"],
         ["2022", "156", "408", "670490", "2670", "5678"]],
    ),
    "kita": (
        kita.read,
        "k.csv",
        [["년월", "코드", "수출중량 (단위 : 불)", "수출금액"], ["2023.02", "670420", "15", "1234"],
         ["2023.03", "670420", "2670", "5678"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", READERS)
@pytest.mark.parametrize("ending", ["", ","])
@pytest.mark.parametrize("last", [True, False])
def test_a_comma_within_a_number_pushes_no_cell(tmp_path, source, ending, last):
    """Of numbers as 1,234 without quotes none is read as 1, whatever the rows end in."""
    read, name, rows = READERS[source]
    at = len(rows[0]) - 1 - (not last)
    split = [[*row[:at], f"{int(row[at]):,}", *row[at + 1 :]] for row in rows[1:]]
    for body in (split, [[*row, ""] for row in split]):  # with a comma at the end, and without
        lines = [rows[0] + [""] * bool(ending), *body]
        text = "\n".join(",".join(row) for row in lines) + "\n"
        with pytest.raises(InputError):
            read(put(tmp_path, name, text.encode()))


@pytest.mark.parametrize("source", READERS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_broken_off_anywhere_is_told(tmp_path, source, separator):
    """Whatever byte of the last rows it ends at: refused, warned of, or whole as far as it goes."""
    read, name, rows = READERS[source]
    whole = write_text(rows, separator)
    sums = {len(rows[:n]): read(put(tmp_path, name, write_text(rows[:n], separator)))["value"].sum()
            for n in (2, 3)}  # fmt: skip
    start = len(write_text(rows[:2], separator))
    for end in range(start, len(whole) + 1):
        with warnings.catch_warnings(record=True) as met:
            warnings.simplefilter("always")
            try:
                value = read(put(tmp_path, name, whole[:end]))["value"].sum()
            except InputError:
                continue
        told = any(issubclass(one.category, TruncatedFileWarning) for one in met)
        assert told or (end == start and value == sums[2]) or value == sums[3], whole[:end]
        assert not (told and whole[end - 1 : end] == b"\n")


def test_a_note_or_an_index_without_a_heading_is_no_pushed_cell(tmp_path):
    read, name, rows = READERS["table"]
    numbered = [["", *rows[0]], *([str(at), *row] for at, row in enumerate(rows[1:]))]
    assert read(put(tmp_path, name, write_text(numbered)))["value"].sum() == 6912
    noted = [*rows, ["Source: customs of Russia"]]
    assert read(put(tmp_path, name, write_text(noted)))["value"].sum() == 6912
    with pytest.warns(TruncatedFileWarning, match="the last line has no end"):
        read(put(tmp_path, name, write_text(noted)[:-1]))
