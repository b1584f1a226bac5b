"""HS codes stay text, and what is not a code is refused with what was meant."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade import codes as hs
from nktrade.errors import CodeError, InputError


@pytest.mark.parametrize(
    ("written", "plain"),
    [("6902.20", "690220"), ("69022000", "69022000"), (" 010121 ", "010121"), ("69", "69"),
     ("6902.20.00", "69022000"), ("69.02", "6902"), ("0101.21.00.10", "0101210010")],
)  # fmt: skip
def test_codes_are_read(written, plain):
    assert hs.normalise(written) == plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [("10121", "010121"), (690220.0, "690220"), ("690220.0", "690220"), (10121, "010121"),
     ("101", "0101"), ("67042", "6704"), ("670420000", "67042000"), ("HS 6704", "6704"),
     ("67 04", "6704"), ("'0101", "0101"), ("６７０４", "6704"), (np.int64(6704), "6704")],
)  # fmt: skip
def test_spoilt_codes_are_refused_with_what_was_meant(written, meant):
    with pytest.raises(CodeError, match=f"Did you mean '{meant}'"):
        hs.normalise(written)


@pytest.mark.parametrize("written", ["", "TOTAL", "69O220", "690220000000", None, "6902-20"])
def test_what_is_no_code_is_refused(written):
    with pytest.raises(CodeError):
        hs.normalise(written)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("6704, 6703", r"Give several as a list: \['6704', '6703'\]"),
        (["6704"], r"one text, not \['6704'\]"),
        (None, "one text, not None"),
        (np.int64(6704), "the HS code 6704 is a number"),
        ("1", "has 1 digit;"),
    ],
)
def test_what_was_given_is_told_as_what_it_is(given, said):
    with pytest.raises(CodeError, match=said):
        hs.normalise(given)


@given(st.one_of(st.text("0123456789 .-,'HhSs", max_size=12), st.integers(0), st.floats(0, 1e9)))
def test_only_codes_that_there_are_are_suggested(written):
    try:
        said = hs.normalise(written)
    except CodeError as refused:
        said = str(refused)
    for meant in re.findall(r"Did you mean '(.*?)'", said):
        assert hs.normalise(meant)[:2] in ("98", "99") or hs.editions_of(meant[:4])


@given(st.text("0123456789", min_size=1, max_size=5).map(lambda half: half * 2))
def test_an_even_run_of_digits_is_itself_and_its_parents_are_its_prefixes(code):
    assert hs.normalise(code) == code
    assert all(code.startswith(parent) for parent in hs.parents(code))
    assert [len(parent) for parent in hs.parents(code)] == list(range(2, len(code), 2))


def test_the_tree_of_a_heading():
    assert hs.children("6902") == ["690210", "690220", "690290"]
    assert hs.parents("69022000") == ["69", "6902", "690220"]
    assert hs.level("69022000") == 8
    assert not hs.exists("690230")
    assert hs.exists("98040000")
    assert hs.editions_of("300220") == ["HS2007", "HS2012", "HS2017"]


@pytest.mark.parametrize(
    ("year", "edition"),
    [(2007, "HS2007"), (2016, "HS2012"), (2017, "HS2017"), (2021, "HS2017"), (2022, "HS2022")],
)
def test_the_edition_of_a_year(year, edition):
    assert hs.edition_of_year(year) == edition


def test_an_unknown_edition_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'HS2017'"):
        hs.exists("6902", "HS217")


def test_children_of_a_chapter_are_its_headings():
    assert hs.children("66") == ["6601", "6602", "6603"]  # umbrellas, sticks, their parts
    assert hs.children("690220") == []


@pytest.mark.parametrize("code", ["13.０5", "１３05", "13٠5", "6902.２0"])
def test_digits_are_ascii(code):
    with pytest.raises(CodeError):
        hs.normalise(code)


def test_the_tree_is_that_of_the_edition_asked_for():
    assert "851713" in hs.children("8517", "HS2022")
    assert "851712" not in hs.children("8517", "HS2022")
    assert "851712" in hs.children("8517", "HS2017")
    for ask in (hs.children, hs.exists):
        with pytest.raises(InputError, match=r"unknown HS edition 'HS2018'"):
            ask("8517", "HS2018")
    with pytest.raises(InputError, match="HS2018"):
        hs.codes_of("HS2018", 2)


def test_a_bad_code_is_named_by_the_row_that_a_reader_counts():
    codes = pd.Series(["6902", "69022", "6902"], name="code")
    with pytest.raises(CodeError, match=r"a.csv, row 43, column 'code'"):
        hs.normalise_series(codes, "a.csv", first_row=42)
