"""Fifty queries and what each finds first, with the search of the collection's own site."""

import pytest

from nktrade._paths import NOTEBOOKS
from nktrade.cli.site_furnishing import furnish
from nktrade.render.cells import read_source
from nktrade.render.plan import choose_catalogue, plan_runs
from nktrade.render.run import Outcome
from nktrade.site.index import list_pages
from nktrade.site.search import write_search

#: Query → the page that is found first; a row of the ledger by its whole address.
QUERIES = {
    # goods, in words, codes and other languages
    "wigs": "04_wig_exports.html",
    "wig exports": "04_wig_exports.html",
    "human hair wigs": "04_wig_exports.html",
    "HS 6902": "hs-6902.html",
    "6902": "hs-6902.html",
    "HS6704": "hs-6704.html",
    "6703": "hs-6703.html",
    "refractory bricks": "03_refractory_bricks.html",
    "bricks spike": "03_refractory_bricks.html",
    "medicine": "02_medical_imports.html",
    "medicines packaged": "hs-3004.html",
    "3004": "hs-3004.html",
    "rice": "hs-1006.html",
    "soybean oil": "hs-1507.html",
    "wheat flour": "hs-1101.html",
    "electricity": "12_sanctioned_minerals.html",
    "2716": "hs-2716.html",
    "coke": "16_policy_goals.html",
    "2704": "hs-2704.html",
    "watch movements": "11_watch_processing.html",
    "9108": "hs-9108.html",
    "假发": "hs-6704.html",
    "煤": "hs-2701.html",
    "耐火砖": "hs-6902.html",
    "大米": "hs-1006.html",
    "가발": "hs-6704.html",
    "석탄": "hs-2701.html",
    "내화벽돌": "hs-6902.html",
    "쌀": "hs-1006.html",
    # questions and topics
    "monthly trends": "01_monthly_trends.html",
    "headline totals": "05_headline_totals.html",
    "audit": "21_audit.html",
    "misprints": "21_audit.html",
    "what can be known": "22_what_can_be_known.html",
    "dual use": "15_dual_use.html",
    "sanctioned minerals": "12_sanctioned_minerals.html",
    "provinces": "10_provinces.html",
    "watch processing": "11_watch_processing.html",
    "outlook": "18_outlook.html",
    "forecast": "18_outlook.html",
    "concentration": "13_export_concentration.html",
    "broad economic categories": "09_broad_economic_categories.html",
    "input bottlenecks": "19_input_bottlenecks.html",
    "spike scan": "20_spike_scan.html",
    "foreign exchange drain": "17_foreign_exchange_drain.html",
    "chemical imports": "08_chemistry_types.html",
    # provinces, documents, terms
    "Liaoning": "province-21.html",
    "Jilin": "province-22.html",
    "mirror statistics": "glossary.html#Mirror-statistics",
    "recovery ratio": "glossary.html#Recovery-ratio",
    "unit value": "glossary.html#Unit-value",
    "circular": "glossary.html#Circular",
    "measured errors": "method.html",
    # published figures, by their digits
    "57.1 %": "ledger.html#kiep2023-",
    "1279 ten thousand": "ledger.html#kiep2020h1-",
}


@pytest.fixture(scope="module")
def search(browser, tmp_path_factory):
    """The search page of the collection, made from its notebooks without running them."""
    out = tmp_path_factory.mktemp("search")
    catalogue, _ = choose_catalogue([], NOTEBOOKS)
    furnishing = furnish(catalogue.title)
    entries = []
    for run in plan_runs(catalogue):
        cells = read_source(run.notebook.path)["cells"]
        about = furnishing.describe(cells, run.parameters, {})
        entry = Outcome(run, "").entry() | {"subjects": about}
        entries.append(entry | {"notebook_out": str(run.notebook.path)})
    _, found = furnishing.make_pages(entries, furnishing.frame)
    path = write_search([*list_pages(entries, out), *found], out, furnishing.frame)
    assert path.stat().st_size < 1e6
    page = browser.new_page()
    page.goto(path.as_uri())
    yield page
    page.close()


def test_fifty_queries_find_first_what_they_mean(search):
    assert len(QUERIES) >= 50
    # A code that the runs show has a page; here they did not run, and it has only its row.
    ask = """asked => asked.map(q => nktradeSearch(q).slice(0, 3).map(
        one => one.href || `hs-${one.title.split(" ")[0]}.html`))"""
    answers = dict(zip(QUERIES, search.evaluate(ask, [*QUERIES]), strict=True))
    wrong = {q: got for q, got in answers.items() if not (got and got[0].startswith(QUERIES[q]))}
    assert not wrong, "\n".join(f"{q}: {got}" for q, got in wrong.items())


def test_a_query_takes_milliseconds(search):
    took = search.evaluate(
        "asked => { const at = performance.now(); asked.forEach(q => nktradeSearch(q));"
        " return (performance.now() - at) / asked.length; }",
        [*QUERIES],
    )
    assert took < 50
