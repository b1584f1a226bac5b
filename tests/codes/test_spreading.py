"""Answers about distinct codes, spread over text, categories and pieces."""

import numpy as np
import pandas as pd
import pytest

from nktrade.codes import spreading
from nktrade.codes.classes import assign, classify

CODES = ["690220", "670300", "0101", "870323", None, "690220"]


@pytest.mark.parametrize("long", [2, 1 << 20])
def test_text_categories_and_pieces_answer_alike(monkeypatch, long):
    monkeypatch.setattr(spreading, "LONG", long)
    text = pd.Series(CODES * 3, dtype="str", index=range(10, 28))
    by_hand = text.map(lambda code: assign(pd.Series([code], dtype="str"), "section").iloc[0],
                       na_action="ignore")  # fmt: skip
    answer = assign(text, "section")
    pd.testing.assert_series_equal(answer, by_hand.astype("str").rename("section"))
    several = assign(text.astype("category"), "section")
    assert isinstance(several.dtype, pd.CategoricalDtype)
    pd.testing.assert_series_equal(several.astype("str"), answer)
    objects = assign(text.astype(object), "section")
    pd.testing.assert_series_equal(objects, answer)


@pytest.mark.parametrize("kind", ["str", "category"])
def test_each_row_in_its_own_edition(kind):
    table = pd.DataFrame({"hs": ["854231", "300220", "300220"], "hs_edition": ["HS2017"] * 3})
    table["hs_edition"] = ["HS2017", "HS2017", "HS2022"]
    found = classify(table.astype(kind), ["chapter"])["chapter"]
    assert found.astype(object).where(found.notna(), None).tolist() == ["85", "30", None]


def test_words_and_places():
    column = pd.Series(["b", "a", None, "b"], dtype="str")
    places, words = spreading.encode(column)
    assert [words[at] if at >= 0 else None for at in places] == ["b", "a", None, "b"]
    places, words = spreading.encode(pd.Series(["x"] * 5, dtype="str"))
    assert (places.tolist(), words) == ([0] * 5, ["x"])
    places, words = spreading.encode(pd.Series([], dtype="str"))
    assert (len(places), words) == (0, [])
    assert np.issubdtype(places.dtype, np.integer)


@pytest.mark.parametrize("long", [2, 1 << 20])
@pytest.mark.parametrize(
    "words",
    [
        ["69022000", "67030000", "69022000"],  # eight bytes: taken for numbers
        ["69022000", "魚魚12", "67030000"],  # eight bytes too
        ["69022000", "690220", "67030000"],
        ["69022000", None, "67030000"],
        ["6902200000", "6703000000", "6902200000"],
    ],
)
def test_words_of_any_width_cut_out_of_a_longer_column(monkeypatch, long, words):
    monkeypatch.setattr(spreading, "LONG", long)
    column = pd.Series(["01", *words, "0102"], dtype="str").iloc[1:-1]
    places, distinct = spreading.encode(column)
    assert [distinct[at] if at >= 0 else None for at in places] == words
    assert len(distinct) == column.nunique()
