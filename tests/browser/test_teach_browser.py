"""The lessons' pages in Chromium: with a toy for an engine, and with Python where its parts are.

The parts are no part of the project: NKTRADE_PARTS names the folder that they were downloaded to.
"""

import os
import threading
from pathlib import Path

import pytest

from nktrade.cli.serving import open_server
from nktrade.teach.browser import ENGINES, Engine, write_browser
from nktrade.teach.lessons import load_lessons
from nktrade.teach.versions import make_solution

PARTS = Path(os.environ.get("NKTRADE_PARTS", "build/parts"))
LESSONS = {lesson.name: lesson for lesson in load_lessons()[1]}
PHONE = {"width": 390, "height": 800}
TOY = """
postMessage({ say: "Toy is starting" });
postMessage({ ready: true });
onmessage = ({ data: { id, source } }) => {
  const wide = `<table><tr><th></th>${"<th>a wide column</th>".repeat(40)}</tr></table>`;
  const told = { "text/plain": source, "text/html": `<p class="mark right">${id}</p>${wide}` };
  const error = { output_type: "error", traceback: ["Cell: no"] };
  const outputs = source.includes("fail") ? [error] : [{ output_type: "stream", text: "<i>" }];
  postMessage({ id, outputs: [...outputs, { output_type: "execute_result", data: told }] });
};
"""


@pytest.fixture
def open_page(browser):
    """Serve a folder; give a page that notes what it asks of elsewhere and what goes wrong."""
    pages, servers = [], []

    def open_at(folder, name):
        server = open_server(folder, 0)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_address[1]}/"
        page = browser.new_page()
        pages.append(page)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda said: page.troubles.append(said.text))
        page.on("request", lambda one: one.url.startswith(here) or page.troubles.append(one.url))
        page.goto(f"{here}{name}.html")
        page.wait_for_selector("body[data-state=ready], body[data-state=broken]", timeout=120_000)
        return page

    yield open_at
    for page in pages:
        page.close()
    for server in servers:
        server.shutdown()


@pytest.fixture(scope="module")
def toy_site(tmp_path_factory):
    """A lesson's page with an engine that is no Python."""
    out = tmp_path_factory.mktemp("toy") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENGINES, "wasi", Engine("a toy", (), lambda parts: {}))
        write_browser(out, out.parent, names=["4_audit"])
    (out / "engine" / "engine.js").write_text(TOY)
    return out


def test_a_page_runs_its_cells_in_whatever_engine(open_page, toy_site):
    page = open_page(toy_site, "4_audit")
    assert page.inner_text("#state").startswith("Python is ready")
    cells = page.locator("section.code")
    second = cells.nth(1)
    second.locator("textarea").fill("fail")
    second.locator("textarea").press("Shift+Enter")  # runs what stands before it, too
    second.locator(".mark").wait_for()
    assert second.locator(".error").inner_text() == "Cell: no"
    assert cells.nth(0).locator("pre").inner_text() == "<i>"
    assert cells.nth(2).locator("output").inner_text() == ""
    page.reload()
    assert second.locator("textarea").input_value() == "fail"  # what was written is kept
    second.locator(".undo").click()
    assert second.locator("textarea").input_value() != "fail"
    page.click("#all")
    page.wait_for_selector("body[data-all=yes]")
    assert page.locator(".mark").count() == cells.count()
    page.click("#again")
    page.wait_for_selector("body[data-state=ready]")
    assert page.locator(".mark").count() == 0
    page.click("#all")
    page.wait_for_selector("body[data-all=yes]")
    page.set_viewport_size(PHONE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_fault_that_axe_finds(browser, toy_site, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    server = open_server(toy_site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page(bypass_csp=True, color_scheme=scheme, viewport=PHONE)  # axe is a script
    try:
        for name in ("index", "4_audit"):
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/{name}.html")
            if name != "index":
                page.wait_for_selector("body[data-state=ready]")
                page.click("#all")
                page.wait_for_selector("body[data-all=yes]")
            found = axe.Axe().run(page).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    finally:
        page.close()
        server.shutdown()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if not all((PARTS / part.name).is_file() for part in ENGINES["wasi"].parts):
        pytest.skip(f"the parts of CPython for WASI are not in {PARTS} (docs/howto/browser.md)")
    out = tmp_path_factory.mktemp("browser") / "out"
    write_browser(out, PARTS)
    return out


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_and_checks_itself_in_python(name, site, open_page):
    page = open_page(site, name)
    solved = [c for c in make_solution(LESSONS[name].notebook).cells if c.cell_type == "code"]
    boxes = page.locator("textarea")
    for place, cell in enumerate(solved):
        boxes.nth(place).fill(cell.source)
    page.click("#all")
    page.wait_for_selector("body[data-all=yes]", timeout=300_000)
    marks = page.locator(".mark").all_inner_texts()
    assert marks == ["Right."] * len(LESSONS[name].exercises)
    assert page.locator(".error").all_inner_texts() == []
    assert page.troubles == []


def test_a_wrong_answer_hears_its_hint_and_a_slip_its_line(site, open_page):
    page = open_page(site, "1_mirror")
    last = page.locator("section.code").nth(1)
    for source, told in {
        'import nktrade as nk\nnk.teach.check("mirror.october", 4)': "Not yet. North Korea's",
        "1 / 0": "line 1: 1 / 0",
        "nk.load(partner='JPN')": "These data cannot answer",
        "nk.load(hs='6704', start='2023', end='2023')['value'].sum() > 0": "True",
    }.items():
        last.locator("textarea").fill(source)
        last.locator(".run").click()
        last.locator("output", has_text=told).wait_for(timeout=60_000)
    assert page.troubles == []
