"""One browser for the room, with the network off; without one its tests skip."""

import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launch():
    """Open the browser; while it is, nothing else in this process can run an event loop."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this system")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def browser():
    with launch() as opened:
        yield opened


@pytest.fixture
def open_page(browser):
    """Open a page offline; fail on any console error or any request that leaves the folder."""
    contexts, trouble = [], []

    def open_(path, **options):
        context = browser.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()

        def note(said):
            trouble.append(f"{page.url}: {said}")

        page.on("console", lambda m: note(m.text) if m.type == "error" else None)
        page.on("pageerror", note)
        page.on(
            "request",
            lambda r: note(r.url) if not r.url.startswith(("file://", "data:")) else None,
        )
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
