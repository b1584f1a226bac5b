import pandas as pd
import pytest
from bs4 import BeautifulSoup

from nktrade.site.tables import tidy_tables


def marked(html, column):
    soup = BeautifulSoup(tidy_tables(html), "html.parser")
    cells = [row.find_all(["td", "th"])[column] for row in soup.find_all("tr")]
    return ["num" in cell.get("class", []) for cell in cells]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([1.5, -2.0], True),
        (["1,204", "–"], True),
        (["12.1%", None], True),
        (["+3.2 million", "−4.0 million"], True),
        (["690220", "690100"], False),
        (["0123", "0201"], False),
        (["a", "b"], False),
        (["2020-06", "2020-07"], False),
        ([None, None], False),
    ],
)
def test_columns_of_numbers_are_marked_and_codes_are_not(values, numbers):
    html = pd.DataFrame({"name": ["x", "y"], "value": values}).to_html()
    assert marked(html, 2) == [numbers] * 3
    assert marked(html, 1) == [False] * 3


def test_two_levels_of_headers_keep_their_columns():
    columns = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "z")])
    html = pd.DataFrame([["t", 1, 2]], columns=columns, index=["r"]).to_html()
    soup = BeautifulSoup(tidy_tables(html), "html.parser")
    lowest = soup.find_all("tr")[1].find_all(["th", "td"])
    assert ["num" in th.get("class", []) for th in lowest] == [False, False, True, True]


@pytest.mark.parametrize("styled", [False, True])
def test_names_of_the_index_stand_beside_those_of_the_columns(styled):
    frame = pd.DataFrame({"flow": ["import"], "hs": ["6704"], "value": [1.5], "note": ["a"]})
    for index in (["hs"], ["flow", "hs"]):
        table = frame.set_index(index)
        html = table.style.to_html() if styled else table.to_html()
        head = BeautifulSoup(tidy_tables(html), "html.parser").select("thead tr")
        assert [[th.get_text() for th in row.find_all("th")] for row in head] == [
            [*index, *table.columns]
        ]
    both = frame.set_index("hs")[["value"]].rename_axis(columns="million")
    html = both.style.to_html() if styled else both.to_html()
    assert len(BeautifulSoup(tidy_tables(html), "html.parser").select("thead tr")) == 2


def test_headers_say_what_they_head_and_borders_go():
    html = tidy_tables(pd.DataFrame({"a": [1]}, index=["r"]).to_html())
    assert 'scope="col"' in html
    assert 'scope="row"' in html
    assert "border" not in html


def test_a_styled_table_keeps_its_own_style():
    html = pd.DataFrame({"a": [1.0]}).style.set_caption("Sums").to_html()
    tidy = tidy_tables(html)
    assert "Sums" in tidy
    assert "<caption" in tidy


def test_what_holds_no_table_is_left_alone():
    assert tidy_tables("<p>1 < 2 &amp; 3</p>") == "<p>1 < 2 &amp; 3</p>"


def test_every_cell_repeats_the_words_above_it():
    columns = pd.MultiIndex.from_tuples([("2019", "value"), ("2019", "share"), ("2020", "value")])
    html = pd.DataFrame([[1, 2, 3]], columns=columns, index=["coal"]).to_html()
    cells = BeautifulSoup(tidy_tables(html), "html.parser").select("tbody td")
    assert [cell["data-label"] for cell in cells] == ["2019, value", "2019, share", "2020, value"]


@pytest.mark.parametrize("colspan", ["100%", "250000000", "-1", "", "٣"])
def test_a_strange_width_is_no_width(colspan):
    html = f"<table><tbody><tr><td colspan='{colspan}'>x</td><td>1</td></tr></tbody></table>"
    assert "x" in tidy_tables(html)


def test_a_published_figure_leads_to_its_place_in_the_ledger():
    html = (
        "<table><thead><tr><th>figure</th></tr></thead><tbody>"
        '<tr data-figure="kiep2023:85"><td>Wigs</td></tr></tbody></table>'
    )
    cell = BeautifulSoup(tidy_tables(html), "html.parser").td
    assert cell.a["href"] == "ledger.html#kiep2023-85"
    assert cell.get_text() == "Wigs"
