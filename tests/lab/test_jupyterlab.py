"""The same in a real JupyterLab, in a browser: nothing here stands in for either."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.browser.conftest import CHROMIUM, launch
from tests.conftest import ROOT

pytest.importorskip("ipywidgets")
expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this system")
NOTEBOOKS = ROOT / "notebooks"
CELLS = ["year: int = 2022  # the year", "import nktrade as nk", "print(year)"]
ASKED = ["nk.choose_parameters()", "nk.explore()", "nk.render_here()"]
PATIENCE = 240_000  # ms: a busy machine starts a kernel and reads nktrade slowly
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture(scope="module")
def browser():
    with launch() as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab as `make lab` does, over a folder of its own; return folder and address."""
    folder = tmp_path_factory.mktemp("lab")
    for name in ("21_audit", "04_wig_exports"):
        (folder / f"{name}.ipynb").write_bytes((NOTEBOOKS / f"{name}.ipynb").read_bytes())
    first, *rest = CELLS
    cells = [new_markdown_cell("# Of widgets\n\nDo they show?")]
    cells.append(new_code_cell(first, metadata={"tags": ["parameters"]}))
    made = new_notebook(cells=[*cells, *map(new_code_cell, [*rest, *ASKED])])
    made.metadata["kernelspec"] = KERNEL
    nbformat.write(made, folder / "widgets.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    own = {name: str(home) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    call = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    call += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--LabApp.news_url="]
    call += [
        "--IdentityProvider.token=lab",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.contents_manager_class=nktrade.lab.contents.QuietContents",
    ]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            call, env=os.environ | own | {"PYTHONPATH": path}, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5)
                break
            except OSError:
                time.sleep(0.5)
        yield folder, address
    finally:
        server.kill()  # its kernels end with it
        server.wait(30)


def open_notebook(browser, lab, name):
    page = browser.new_page(viewport={"width": 1400, "height": 1500})
    page.goto(f"{lab[1]}/lab/tree/{name}.ipynb?token=lab&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
    wait_for_kernel(page, f"{lab[1]}/api/sessions?token=lab", f"{name}.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=PATIENCE)
    return page


def wait_for_kernel(page, address, notebook):
    """Wait until the page has its kernel: before that "Run" asks which, and the mark says idle."""
    last = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < last:
        with urllib.request.urlopen(address, timeout=30) as answer:
            kernels = {one["path"]: one["kernel"] for one in json.load(answer)}
        kernel = kernels.get(notebook)
        if kernel and kernel["connections"] and kernel["execution_state"] == "idle":
            return
        page.wait_for_timeout(300)
    raise AssertionError(f"{notebook} has no kernel that is ready: {kernels}")


def is_saved(response):
    return response.request.method == "PUT" and "/api/contents/" in response.url


def test_a_notebook_is_not_changed_by_being_opened(browser, lab):
    for name in ("21_audit", "04_wig_exports"):
        page = open_notebook(browser, lab, name)
        # while it settles, JupyterLab marks it for a moment
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0, timeout=PATIENCE)
        with page.expect_response(is_saved, timeout=PATIENCE):
            page.keyboard.press("Control+s")
        path = lab[0] / f"{name}.ipynb"
        assert path.read_bytes() == (NOTEBOOKS / f"{name}.ipynb").read_bytes()
        page.close()


def test_forms_explorer_and_page_from_within(browser, lab):
    page = open_notebook(browser, lab, "widgets")
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells >> nth=0")
    link = page.locator('.jp-OutputArea a[href*="widgets.html"]')
    link.wait_for(timeout=PATIENCE)
    year = page.locator(".widget-text input").first
    year.fill("many")
    year.press("Tab")
    page.locator("text=expected int").wait_for(timeout=PATIENCE)
    assert page.locator("button:has-text('Render')").is_disabled()
    year.fill("2023")
    year.press("Tab")
    page.locator("text=nktrade render widgets.ipynb -y").wait_for(timeout=PATIENCE)
    page.click("button:has-text('Use here')")
    page.locator("text=Set. Run the cells below").wait_for(timeout=PATIENCE)
    goods = page.locator('input[placeholder^="all goods"]')
    goods.fill("wigs")
    goods.press("Tab")
    page.locator('text=hs="6704"').wait_for(timeout=PATIENCE)
    assert page.locator('img[alt*="6704"]').is_visible()
    link.click()
    frame = page.frame_locator("iframe").last
    frame.locator("h1:has-text('Of widgets')").wait_for(timeout=PATIENCE)
    page.close()
