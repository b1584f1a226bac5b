"""Every kind of page by axe-core: no violation, in light and in dark."""

from pathlib import Path

import pytest

from nktrade.cli.site_furnishing import furnish
from nktrade.site.search import write_search

axe = pytest.importorskip("axe_playwright_python")

RUN = {
    **{"page": "a.html", "title": "Wigs", "label": "", "part": "Goods", "question": "Why?"},
    **{"finding": "They rose 2 %.", "notebook": "a", "changed": {}, "computed": {}},
    "figures": {"kiep2023:85": "agrees as printed"},
    "subjects": [
        {"kind": "good", "title": "Wigs", "href": "hs-6704.html"},
        {"kind": "province", "title": "Jilin", "href": "province-22.html"},
    ],
}
ASK = """rules => axe.run(document, {resultTypes: ["violations"], ...rules})
  .then(found => found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory, small_site):
    """The fixtures' pages, and those that the collection shows beside its runs."""
    folder = tmp_path_factory.mktemp("axe")
    furnishing = furnish("Site")
    pages, found = furnishing.make_pages([RUN], furnishing.frame)
    names = ("ledger", "explorer", "method", "glossary", "subjects", "hs-6704", "province-22")
    names += ("tutorial",)
    for name in names:
        (folder / f"{name}.html").write_text(pages[f"{name}.html"], encoding="utf-8")
    write_search(found, folder, furnishing.frame)
    site, _ = small_site
    rendered = ("index", "01_bricks", "03_failing", "search")
    return [*sorted(folder.glob("*.html")), *(site / f"{name}.html" for name in rendered)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(browser, paths, scheme):
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(offline=True, color_scheme=scheme)
    # In the dark only colours differ.
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    wrong = {}
    page = context.new_page()
    for path in paths:
        page.goto(path.as_uri())
        # A few of the ledger's rows stand for all: they are alike.
        page.evaluate(
            "[...document.querySelectorAll('#rows details')].slice(30).forEach(d => d.remove());"
            "document.querySelectorAll('main details').forEach(d => d.open = true)"
        )
        page.evaluate(script)
        if found := page.evaluate(ASK, rules):
            wrong[path.name] = found
    context.close()
    assert wrong == {}
