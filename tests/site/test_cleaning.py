"""Nothing that a notebook or a table holds runs in a page, however it is written."""

import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nktrade.site.carried import Beside
from nktrade.site.cleaning import clean_html, clean_svg
from nktrade.site.outputs import settle_outputs
from nktrade.site.prose import write_latex, write_words
from nktrade.study import Study
from tests.site.active import find_active
from tests.site.test_outputs import show

ATTACKS = [
    "<script>ran()</script>",
    "<ScRiPt src=//x.org/a.js></sCrIpT >",
    "<img src=x onerror=ran()>",
    "<img src=x\nonerror\n=\nran()>",
    '<a href="javascript:ran()">x</a>',
    '<a href="java&#x73;cript:ran()">x</a>',
    '<a href="java\tscr\nipt:ran()">x</a><a href="\x01 javascript:ran()">x</a>',
    '<img src="data:imag\u3000e/png;base64,A"><a href="java\u3000script:ran()">x</a>',
    '<a href=" &#1; jav\tascript:ran()">x</a>',
    '<a href="vbscript:ran()">x</a>',
    '<a href="data:text/html,<script>ran()</script>">x</a>',
    '<svg onload="ran()"><animate onbegin=ran() attributeName=x /></svg>',
    "<svg><script>ran()</script><style><img src=x onerror=ran()></style></svg>",
    '<svg><a xlink:href="javascript:ran()"><text>x</text></a></svg>',
    '<svg><use href="data:image/svg+xml,<svg onload=ran()>#x"/></svg>',
    '<svg><foreignObject><iframe srcdoc="<script>ran()</script>"></foreignObject></svg>',
    '<svg><set attributeName="href" to="javascript:ran()"/></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()>",
    '<math><maction actiontype="statusline#http://x.org" xlink:href="javascript:ran()">x',
    '<iframe src="javascript:ran()"></iframe><object data="javascript:ran()"></object>',
    '<form action="javascript:ran()"><button formaction="javascript:ran()">x</button></form>',
    '<meta http-equiv="refresh" content="0;javascript:ran()"><base href="//x.org/">',
    '<link rel="stylesheet" href="//x.org/a.css"><embed src="javascript:ran()">',
    '<p style="background:url(javascript:ran())">x</p><div style="behavior:url(x)">x</div>',
    "<details ontoggle=ran() open>x</details><video><source onerror=ran()></video>",
    "<noscript><p title='</noscript><img src=x onerror=ran()>'>",
    "<textarea></textarea><title></title><xmp></xmp><img src=x onerror=ran()>",
    "<!--><img src=x onerror=ran()>-->",
    "$\\href{javascript:ran()}{x}$",
    "<a href='javascript&colon;ran()'>x</a><a href='java&Tab;script:ran()'>x</a>",
    '<svg><a><animate attributeName=href to="javascript:ran()"/><text>x</text></a></svg>',
    '<math href="javascript:ran()"><annotation-xml encoding="text/html"><img src=x onerror=ran()>',
    "<svg></p><style><a id='</style><img src=x onerror=ran()>'>",
    "<form id=f></form><button form=f formaction='javascript:ran()'>x",
    "[a]: javascript:ran()\n\n[a] <javascript:ran()> ```x\" onclick='ran()'\ny\n```",
    '<template><script>ran()</script></template><input autofocus onfocus="ran()">',
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAA"
PIECES = [
    *ATTACKS,
    *(
        "<svg>",
        "</svg>",
        "<math>",
        "</math>",
        "<style>",
        "</style>",
        "<table>",
        "</table>",
        "<p>",
        "'",
    ),
    *(
        "<title>",
        "</title>",
        "<mtext>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        '"',
        "<td>",
        "<a href='",
    ),
    *(
        "javascript:",
        "ran()",
        " onload=",
        "<textarea>",
        "</textarea>",
        "<mglyph>",
        "<desc>",
        ">",
        "\0",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
@example("".join(ATTACKS))
def test_nothing_that_runs_is_left(html):
    made = clean_html(html)
    assert find_active(made) == []
    assert find_active(clean_html(made)) == []
    assert find_active(clean_svg(html)) == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_a_notebook_runs_in_its_page(tmp_path, attack):
    breaking = f'1" onerror="ran()" x="{attack}'
    page = show(
        tmp_path,
        new_markdown_cell(f"# Of {attack}\n\ntext {attack}\n\n{attack}\n\n[x](javascript:ran())"),
        new_code_cell(
            outputs=[
                new_output("display_data", data={"text/html": f"<div>{attack}</div>"}),
                new_output("display_data", data={"text/markdown": attack}),
                new_output("display_data", data={"text/plain": attack}),
                new_output("stream", text=attack, name=f'x">{attack}'),
                new_output(
                    "display_data",
                    data={"image/png": f'{PIXEL}">{attack}', "text/plain": attack},
                    metadata={"image/png": dict.fromkeys(["alt", "width", "height"], breaking)},
                ),
                new_output("display_data", data={"image/svg+xml": f"<svg>{attack}"}),
                new_output("display_data", data={"text/latex": f"${attack}$ {attack}"}),
                new_output("display_data", data={"application/json": {attack: [attack]}}),
                new_output("display_data", data={f"application/{attack}": attack}),
                new_output("display_data", data={"text/html": ["<p>", attack]}),
                new_output("error", ename=attack, evalue=attack, traceback=[attack]),
            ]
        ),
        title=attack,
        finding=attack,
        parameters={"goods": attack},
    )
    assert find_active(page) == []


def test_what_authors_write_stays():
    kept = (
        '<table class="a" id="T_1"><caption>x</caption><thead><tr><th scope="col" colspan="2">h'
        "</th></tr></thead><tbody><tr>"
        '<td style="color: red" data-label="h">1</td></tr></tbody></table>'
        '<details open=""><summary>more</summary><p>text <sub>2</sub></p></details>'
        '<img src="data:image/png;base64,AAAA" alt="x" width="3">'
        '<math display="inline"><mrow><mi>a</mi><mo>+</mo><mn>2</mn></mrow></math>'
        '<svg viewBox="0 0 9 9"><g clip-path="url(#p)"><path d="M0 0"></path></g></svg>'
        '<a href="https://un.org/x?a=1&amp;b=2" title="t">UN</a>'
        "<style>#T_1 td { color: red }</style>"
    )
    assert clean_html(kept) == kept


def test_a_table_of_a_study_shows_text_as_text():
    bad = "<img src=x onerror=ran()>"
    frame = pd.DataFrame({bad: [1.5], "name": [bad]}, index=pd.Index([bad], name=bad))
    study = Study("PRK", "2023-01", "2023-02", "default", "USD")
    html = study.table(frame, bad).to_html()
    assert "<img" not in html
    assert html.count("&lt;img") >= 4


#: What parsers of HTML and Markdown, and patterns, take the square of the time for.
ENDLESS = [
    "<div>" * 50_000,
    "<ul><li>" * 30_000,
    "<b><div></b>" * 20_000,
    "<div><table></div></table>" * 10_000,
    "<svg><p></p><path/>" * 10_000,
    "<img src=//" + "a" * 190_000,
    "<img " + 'src="a" ' * 20_000,
    "\\begin{a}" * 20_000,
    "\\begin{a}\n" * 19_000,
    "\\end{a}" * 9_000 + "\\begin{a}" * 9_000,
    "> " * 90_000,
    "- " * 90_000,
    "*a **b " * 25_000,
    "[](" * 60_000,
    "$" + "\\frac{" * 30_000,
    "<" * 190_000,
    "&" * 190_000,
]


@pytest.mark.parametrize("text", ENDLESS, ids=range(len(ENDLESS)))
def test_what_would_take_for_ever_is_shown_or_told_at_once(text):
    start = time.process_time()
    ways = (clean_html, write_latex, lambda text: write_words(text, Beside(Path("."))), clean_svg)
    written = [way(text) for way in ways]
    settled = settle_outputs(
        new_notebook(
            cells=[new_code_cell(outputs=[new_output("display_data", {"text/html": text})])]
        ),
        "a.ipynb",
    )
    assert time.process_time() - start < 5
    assert settled["cells"][0]["outputs"] is not None
    assert [find_active(html[:20_000]) for html in written] == [[]] * len(written)


def test_elements_that_stand_beside_each_other_are_not_nested():
    for piece in ("<p>a</p>", "<br>", "<td><b>1</b></td>", "<ul><li>a</li></ul>", "<hr/>"):
        assert "notice" not in clean_html(f"<div>{piece * 2000}</div>")
    assert "notice" not in clean_svg(f"<svg><g>{'<path/>' * 2000}</g><title>a</title></svg>")
    assert "notice" in clean_html("<path/>" * 2000)
