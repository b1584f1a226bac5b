"""Tables as readers meet them: sorted, taken away, on a telephone, on paper."""

import csv
import io
import unicodedata

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from nktrade.charts import draw_bars
from nktrade.published import Comparison
from nktrade.site.carried import Beside
from nktrade.site.page import write_page

LONG = "Imports of other made-up textiles from China by all provinces, January to June 2020"
RUN = {
    **{"title": "Tables", "label": "", "question": "Q?", "finding": "", "page": "tables.html"},
    **{"notebook": "tables", "notebook_out": "notebooks/tables.ipynb", "changed": {}},
    **{"ended": "2026-03-01T10:00:00+00:00", "data_status": "", "parameters": {}, "error": None},
    **{"published": {"agree": 1}, "figures": {}, "subjects": [], "data": {}},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A page with the table of published figures, a plain one, and a chart."""
    rows = [("kiep2020h1", 1234567.0, "agrees as printed"), ("kiep2023", 14.0, "differs")]
    table = pd.DataFrame(
        [
            {
                **{"document": document, "place": "slide 7, table 2", "quote": LONG, "label": LONG},
                **{"period": "2020-H1", "unit": "thousand USD", "qualifier": "about"},
                **{"printed": value, "reading": value, "computed": value, "verdict": verdict},
                **{"low": float("nan"), "high": float("nan")},
                "reason": LONG,
            }
            for document, value, verdict in rows
        ]
    )
    shown = Comparison(table, estimated=True)._repr_mimebundle_()["text/html"]
    goods = pd.DataFrame(
        {
            "good": ["=cmd()", "Coal", "Wigs", "Rice"],
            "value": ["1,204.5", "−3", None, "98"],
            "note": ["a, b", 'c "d"', "e", "f"],
        }
    )
    outputs = [
        new_output("display_data", {"text/html": html})
        for html in (shown, goods.to_html(index=False, na_rep=""))
    ]
    bars = pd.DataFrame({"one": [1.0, 2], "two": [3.0, 4]}, index=["x", "y"])
    data, about = draw_bars(bars, "T", "C", ylabel="%", divisor=1)._repr_mimebundle_()
    outputs.append(new_output("display_data", data, metadata=about))
    node = new_notebook(cells=[new_code_cell("1", outputs=outputs)])
    folder = tmp_path_factory.mktemp("tables")
    return write_page(node, RUN, folder, beside=Beside(folder))


def column(table, number):
    cells = table.locator("tbody tr").all()
    return [row.locator("td").nth(number).inner_text() for row in cells]


def test_headers_sort_by_click_and_by_keyboard(open_page, path):
    table = open_page(path, viewport={"width": 1280, "height": 800}).locator("table").last
    head = table.get_by_role("columnheader", name="value")
    head.get_by_role("button").click()
    assert column(table, 1) == ["−3", "98", "1,204.5", ""]
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").press("Enter")
    assert column(table, 1) == ["1,204.5", "98", "−3", ""]  # what is not known stands last
    other = table.get_by_role("columnheader", name="good")
    other.get_by_role("button").press("Space")
    assert column(table, 0) == ["=cmd()", "Coal", "Rice", "Wigs"]
    assert head.get_attribute("aria-sort") is None


def test_a_table_is_taken_away_as_csv_that_is_no_formula(open_page, path):
    page = open_page(path, accept_downloads=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of table 3").click()
    text = download.value.path().read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["good", "value", "note"]
    assert rows[1:3] == [["'=cmd()", "1,204.5", "a, b"], ["Coal", "−3", 'c "d"']]


def test_on_a_telephone_every_number_and_verdict_is_in_the_picture(open_page, path):
    page = open_page(path, viewport={"width": 390, "height": 900})
    page.locator("summary").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for cell in page.locator("td").all():
        box = cell.bounding_box()
        if box and box["width"]:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
    assert page.get_by_text("agrees as printed", exact=True).first.is_visible()
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    edge = shot.crop((shot.width - 6, 0, shot.width, shot.height))
    assert len(edge.getcolors(10_000)) == 1  # nothing is drawn up to the edge


def test_on_paper_the_verdict_stands_on_the_first_page(open_page, path):
    pypdf = pytest.importorskip("pypdf")
    page = open_page(path)
    paper = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages[0]
    placed = []
    paper.extract_text(
        visitor_text=lambda text, user, at, font, size: placed.append((text, at[4], user))
    )
    text = unicodedata.normalize("NFKC", " ".join("".join(p for p, *_ in placed).split()))
    for word in ("figure", "unit", "printed", "reading", "estimated", "verdict", "differs"):
        assert word in text, word
    right = max(x * user[0] + user[4] for part, x, user in placed if part.strip())
    assert right < float(paper.mediabox.width)


def test_series_are_switched_off_and_on_by_keyboard(open_page, path):
    page = open_page(path, viewport={"width": 1280, "height": 800})
    bars = page.locator('.wide [id$="series-1-0"]')
    button = page.get_by_role("button", name="two")
    assert bars.is_visible()
    button.press("Space")
    assert not bars.is_visible()
    assert page.locator('.wide [id$="series-0-0"]').is_visible()
    assert button.get_attribute("aria-pressed") == "false"
    button.press("Enter")
    assert bars.is_visible()


def test_values_are_told_by_keyboard(open_page, path):
    page = open_page(path, viewport={"width": 1280, "height": 800})
    page.locator(".drawing.wide").press("ArrowRight")
    assert page.locator(".told").inner_text() == "x: one 1"
    page.locator(".drawing.wide").press("ArrowRight")
    assert page.locator(".told").inner_text() == "x: two 3"
