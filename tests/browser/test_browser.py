"""The site in a browser, with the network off: what a reader sees, and that it needs nothing."""

from itertools import chain

import pytest

from tests.rendered import read_runs


@pytest.fixture
def visit(open_page):
    """Go through the pages of a site as one reader does, in one window."""

    def visit_(rendered, **options):
        site, _ = rendered
        page = open_page(site / "index.html", **options)
        for path in sorted(site.glob("*.html")):
            page.goto(path.as_uri())
            yield path.name, page

    return visit_


def test_every_page_shows(visit, small_site, whole_site):
    for name, page in chain(visit(small_site), visit(whole_site)):
        assert page.locator("h1").is_visible(), name
        assert page.locator("main").inner_text().strip(), name
        assert page.locator("a :is(h1, h2, h3, p, figure, table)").count() == 0, name
        sizes = page.eval_on_selector_all("img", "images => images.map(i => i.naturalWidth)")
        assert all(sizes), name


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_no_page_scrolls_sideways(visit, small_site, width):
    for name, page in visit(small_site, viewport={"width": width, "height": 800}):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_code_folds_and_unfolds(open_page, small_site):
    site, _ = small_site
    page = open_page(site / "01_bricks.html")
    code = page.locator("details.code pre")
    assert code.count() == 5
    assert not code.first.is_visible()
    page.locator("details.code summary").first.click()
    assert code.first.is_visible()
    assert not code.last.is_visible()
    button = page.locator("button", has_text="all code")
    button.click()
    assert all(code.nth(number).is_visible() for number in range(5))
    assert button.inner_text() == "Hide all code"
    button.click()
    assert not any(code.nth(number).is_visible() for number in range(5))


def test_the_index_leads_to_every_page_and_back(open_page, small_site):
    site, _ = small_site
    page = open_page(site / "index.html")
    links = page.locator("article h3 a")
    for number in range(links.count()):
        title = links.nth(number).inner_text().partition(" (")[0]
        links.nth(number).click()
        assert page.locator("h1").inner_text() == title
        page.get_by_role("link", name="All pages").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, small_site, scheme):
    """WCAG 2.2, 1.4.3: contrast of at least 4.5 to 1."""
    for name, page in visit(small_site, color_scheme=scheme):
        page.locator("body").evaluate(
            "b => b.querySelectorAll('details').forEach(d => d.open = true)"
        )
        poor = page.evaluate(CONTRAST)
        assert poor == [], name


CONTRAST = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = (c) => rgb(c).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const e of document.body.querySelectorAll("*")) {
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!text || ["SCRIPT", "STYLE"].includes(e.tagName) || e.className === "skip") continue;
    const [a, b] = [lum(getComputedStyle(e).color), lum(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const name = `${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`;
    if (ratio < 4.5) poor.push(`${name} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


HOSTILE = """<!DOCTYPE html><p id="x">x</p>
<script>window.ran = "inline"</script>
<img src="x" onerror="window.ran = 'handler'">
<svg><script>window.ran = "svg"</script>
<a href="javascript:window.ran='address'"><text>t</text></a></svg>
<iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
<base href="https://example.org/"><link rel="stylesheet" href="https://example.org/a.css">
<script src="https://example.org/a.js"></script><img src="https://example.org/a.png">
<form id="f" action="https://example.org/"></form>
"""


def test_what_strangers_wrote_into_a_page_does_not_run_and_loads_nothing(
    browser, tmp_path, small_site
):
    """The page's policy holds though every one of these stands in its text."""
    site, _ = small_site
    for name in ("01_bricks.html", "index.html", "search.html"):
        text = (site / name).read_text(encoding="utf-8")
        assert "</main>" in text
        path = tmp_path / name
        path.write_text(text.replace("</main>", f"{HOSTILE}</main>", 1), encoding="utf-8")
        page = browser.new_page()
        asked = []
        page.on("request", lambda request, asked=asked: asked.append(request))
        page.goto(path.as_uri())
        if name == "01_bricks.html":  # the page's own scripts work
            page.get_by_role("button", name="Show all code").click()
            assert page.locator("details.code pre").first.is_visible()
        page.evaluate("document.querySelector('svg a').dispatchEvent(new MouseEvent('click'))")
        page.evaluate("document.querySelector('#f').submit()")
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None
        assert page.url == path.as_uri()
        remote = [one for one in asked if one.url.startswith("http")]
        assert {one.failure for one in remote} == {"csp"}  # stopped before they were sent
        page.close()


def test_the_ledger_filters_opens_and_keeps_its_anchors(open_page, tmp_path):
    from nktrade.cli.site_furnishing import furnish

    furnishing = furnish("Site")
    pages, _ = furnishing.make_pages([], furnishing.frame)
    path = tmp_path / "ledger.html"
    path.write_text(pages["ledger.html"], encoding="utf-8")
    assert path.stat().st_size < 1e6
    page = open_page(path)
    every = page.locator("#rows > details").count()
    page.get_by_label("Document").select_option("KIEP 2023")
    page.get_by_label("Good").select_option("Wigs and false eyelashes (HS 6704)")
    page.get_by_label("Words").fill("share")
    shown = page.locator("#rows > details:visible")
    assert 0 < shown.count() < every
    assert page.locator("#told").inner_text().startswith(f"{shown.count()} figure")
    shown.first.locator("summary").press("Enter")
    told = shown.first.locator("dl").inner_text()
    for name in ("As printed", "Taken as", "Support", "Cite as"):
        assert name in told
    again = open_page(path)
    again.goto(f"{path.as_uri()}#kiep2020h1-163")
    again.wait_for_selector("#kiep2020h1-163[open] dl")
    assert "14.0 %" in again.locator("#kiep2020h1-163 summary").inner_text()


FIRST_PAINT = """new Promise((tell) => {
  const look = () => {
    const [found] = performance.getEntriesByName("first-contentful-paint");
    if (found) tell(found.startTime); else requestAnimationFrame(look);
  };
  look();
})"""


def test_the_first_paint_takes_less_than_half_a_second(browser, small_site):
    """The quickest of three, for the machine may be busy: each is a page opened anew."""
    site, _ = small_site
    for name in ("index.html", "01_bricks.html", "search.html"):
        times = []
        for _ in range(3):
            page = browser.new_page()
            page.goto((site / name).as_uri())
            times.append(page.evaluate(FIRST_PAINT))
            page.close()
        assert min(times) < 500, (name, times)


def test_the_first_chart_of_every_page_begins_above_the_fold(browser, whole_site):
    site, _ = whole_site
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    tops = {}
    for run in read_runs(site):
        page.goto((site / run["page"]).as_uri())
        tops[run["page"]] = page.locator("figure").first.bounding_box()["y"]
    page.close()
    assert {name: top for name, top in tops.items() if top >= 800} == {}
