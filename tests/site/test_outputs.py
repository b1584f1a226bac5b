"""Outputs of every kind arrive on a page that loads nothing, or a line says what is missing."""

import base64
import re

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from nktrade.errors import InputError
from nktrade.render.outcome import read_facts
from nktrade.site.carried import Beside
from nktrade.site.page import is_shown, write_page
from nktrade.site.prose import write_words
from nktrade.site.text import MIME

GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
RUN = {
    "title": "Of outputs",
    "label": "",
    "page": "a.html",
    "notebook": "a",
    "notebook_out": "notebooks/a.ipynb",
    "question": "",
    "finding": "",
    "status": "ok",
    "error": None,
    "parameters": {},
    "changed": {},
    "published": {},
    "figures": {},
    "data": {},
    "data_status": "",
    "ended": "",
    "not_observed": [],
}
STATE = {
    "caught": {
        "model_name": "OutputModel",
        "state": {"outputs": [{"output_type": "stream", "name": "stdout", "text": "caught 42"}]},
    },
    "image": {
        "model_name": "ImageModel",
        "state": {"format": "gif"},
        "buffers": [{"data": GIF, "path": ["value"], "encoding": "base64"}],
    },
    "words": {"model_name": "HTMLModel", "state": {"value": "<b>eleven</b>"}},
    "box": {
        "model_name": "HBoxModel",
        "state": {
            "children": ["IPY_MODEL_words", "IPY_MODEL_image", "IPY_MODEL_caught", "IPY_MODEL_box"]
        },
    },
}


def show(folder, *cells, state=None, beside=None, **run):
    """Write the page of some cells and return its main part."""
    node = new_notebook(cells=list(cells))
    if state:
        node.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    before = nbformat.writes(node)
    beside = beside or Beside(folder, pages=run.get("way", {}).get("notebooks", {}))
    html = write_page(node, RUN | run, folder, beside=beside).read_text(encoding="utf-8")
    assert nbformat.writes(node) == before
    assert "could not be laid out" not in html
    return html[html.index("<main") : html.index("</main>")]


def show_data(folder, data, **options):
    return show(folder, new_code_cell(outputs=[new_output("display_data", data=data)]), **options)


SCRIPTED = {
    "Plotly": {"application/vnd.plotly.v1+json": {"data": [], "layout": {}}},
    "Vega-Altair": {"text/html": "<div id='v'></div><script>vegaEmbed(1)</script>"},
    "Bokeh": {"application/javascript": "embed(bokeh)", "application/vnd.bokehjs_exec.v0+json": ""},
    "map": {"text/html": "<iframe srcdoc='&lt;script src=&quot;leaflet.js&quot;'></iframe>"},
    "Lets-Plot": {"text/html": "<div></div><script data-lets-plot-script='plot'>1</script>"},
    "page within": {"text/html": '<iframe src="https://example.org/a"></iframe>'},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": "gone"}},
    "script": {"application/javascript": "1", "text/plain": "<IPython.core.display.Javascript>"},
    "application/pdf": {"application/pdf": "JVBE"},
    "cannot be read": {"image/png": "notbase64!!", "text/plain": "x"},
    "9 MB": {"text/html": "<table>" + "x" * 9_000_000},
}


@pytest.mark.parametrize("name", SCRIPTED)
def test_what_a_page_cannot_show_leaves_a_line(name, tmp_path):
    html = show_data(tmp_path, SCRIPTED[name])
    (line,) = re.findall(r'<p class="notice">.*?</p>', html)
    assert name in line
    assert not re.search(r"<script(?! type=.application/json)|<iframe|<object", html)


def test_a_still_picture_stands_for_what_would_move(tmp_path):
    data = {
        "application/vnd.plotly.v1+json": {},
        "image/gif": GIF,
        "text/html": "<script></script>",
    }
    html = show_data(tmp_path, data)
    assert f"data:image/gif;base64,{GIF}" in html
    assert "notice" not in html


def test_what_a_widget_held_is_shown(tmp_path):
    data = {"application/vnd.jupyter.widget-view+json": {"model_id": "box"}, "text/plain": "Box"}
    html = show_data(tmp_path, data, state=STATE)
    assert "<b>eleven</b>" in html
    assert "caught 42" in html
    assert f'src="data:image/gif;base64,{GIF}"' in html


def test_what_waits_for_a_script_is_left_out_and_what_stands_for_it_is_shown(tmp_path):
    table = "<table{}><tbody><tr><td>{}</td></tr></tbody></table>"
    data = {
        "text/html": table.format(" hidden", "Loading") + "<script>1</script>"
        f"<noscript>{table.format('', '<b>1204</b>')}</noscript>"
    }
    html = show_data(tmp_path, data)
    assert "Loading" not in html
    assert "<b>1204</b>" in html
    assert html.count("<table") == 1


def test_texts_arrive_and_long_ones_are_cut_aloud(tmp_path):
    assert "&#34;a&#34;: [" in show_data(tmp_path, {"application/json": {"a": [1]}})
    raw = show(tmp_path, new_raw_cell("<b>as it is</b>"))
    assert "&lt;b&gt;as it is&lt;/b&gt;" in raw
    long = new_output("stream", name="stdout", text="y" * 3_000_000)
    html = show(tmp_path, new_code_cell(outputs=[long]))
    assert "Cut after 200,000 of 3,000,000 characters" in html
    assert len(html) < 300_000
    steps = [new_output("stream", name="stderr", text=f"\rstep {n}") for n in range(12)]
    html = show(tmp_path, new_code_cell(outputs=steps))
    assert re.findall(r"step \d+", html) == ["step 11"]


def test_words_bring_their_pictures_and_formulas(tmp_path):
    (tmp_path / "my map.png").write_bytes(base64.b64decode(GIF))
    cell = new_markdown_cell(
        "# Words\n\n![pasted](attachment:im%20age.png) ![a](my%20map.png) "
        "<img src='my map.png'>\n\n"
        "![gone](no.png) ![far](https://example.org/a.png) ![none](attachment:none.png)\n\n"
        "$\\beta_1$ costs \\$5\n\n$$ y = \\frac{a}{b} $$\n\n$$\\nosuch{z}$$",
        attachments={"im age.png": {"image/png": GIF}},
    )
    html = show(tmp_path, cell)
    assert html.count(GIF) == 3
    assert html.count('class="notice"') == 3
    assert "<mfrac>" in html
    assert "costs $5" in html
    assert '<pre class="formula">\\nosuch{z}</pre>' in html
    assert "<mfrac>" in show_data(tmp_path, {"text/latex": "$\\displaystyle \\frac{1}{2}$"})


@pytest.mark.parametrize(
    "strange",
    [
        {"metadata": {"tags": "x"}},
        {"metadata": {"tags": [None, 3]}},
        {"id": "a b!"},
        {"id": 7},
        {"surplus": 1},
        {"cell_type": "sql"},
    ],
)
def test_a_strange_cell_is_laid_out_like_another(tmp_path, strange):
    node = new_notebook()
    node.metadata.update({"widgets": "x", "kernelspec": None})
    cell = {**new_code_cell("told = 5"), **strange}
    node.cells = [NotebookNode({**cell, "metadata": NotebookNode(cell["metadata"])})]
    html = write_page(node, RUN, tmp_path, beside=Beside(tmp_path)).read_text(encoding="utf-8")
    assert "told" in html
    assert "could not be laid out" not in html


def test_the_same_table_is_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"value": [1.0, 2.0]})
    pages = {
        show_data(tmp_path, {"text/html": frame.style.highlight_max(color="gold").to_html()})
        for _ in range(2)
    }
    (page,) = pages
    assert "background-color: gold" in page
    assert 'id="made-1_row1_col0"' in page
    assert "#made-1_row1_col0" in page


def test_a_page_says_that_its_run_was_not_fully_observed(tmp_path):
    assert 'class="facts"' not in show(tmp_path, new_markdown_cell("# A"))
    html = show(tmp_path, new_markdown_cell("# A"), not_observed=["the clock"])
    assert "Not fully observed" in html
    assert "the clock" in html


def test_code_among_words_is_scrolled_by_the_keyboard():
    words = write_words("Like so:\n\n```python\nx = 1\n```\n\n    y = 2\n")
    assert words.count("<pre") == words.count('<pre tabindex="0"') == 2


@pytest.mark.parametrize(
    "told",
    ["x", "[" * 99, [], 5, {"published": "x"}, {"published": {"agree": -5}},
     {"figures": {"a": "x"}}, {"finding": 5}, {"refusal": {}},
     {"data": {"a": 1}}, {"status": []}, {"chart": {"narrow": 5}}],
)  # fmt: skip
def test_what_is_told_in_another_form_is_refused_and_not_believed(told):
    output = new_output("display_data", data={MIME: told, "text/html": "x"})
    with pytest.raises(InputError, match="an output for the runner"):
        read_facts([new_code_cell(outputs=[output])])
    with pytest.raises(InputError, match="an output for the runner"):
        is_shown(output)
