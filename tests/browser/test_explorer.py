"""The explorer in a browser: every number that it shows is the library's."""

import numpy as np
import pandas as pd
import pytest

import nktrade as nk
from nktrade.cli.explored import describe_panel, explore_rows
from nktrade.errors import InputError, MixtureError
from nktrade.site.explorer import lay_explorer
from tests.tables import make_trade

SHOWN = ("level", "year", "share", "change")
ASK = """async states => {
  const table = await nktradeReady.then(() => nktradeUnpack());
  return states.map(state => nktradeShow(table, state).map(row => row.value));
}"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(lay_explorer(describe_panel()), encoding="utf-8")
    assert path.stat().st_size < 1e6
    page = browser.new_page()
    trouble = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("#waiting", state="detached")
    yield page
    assert trouble == []


@pytest.fixture(scope="module")
def trade():
    return nk.load(view="PRK")


def draw_selections(trade, count):
    """Flow, code, province, months and transformation at random, a fixed seed."""
    random = np.random.default_rng(20)
    months = pd.period_range("2017-01", "2024-12", freq="M").astype(str)
    codes = random.choice(trade["hs"].unique(), 60, replace=False)
    provinces = trade["province"].unique()
    for _ in range(count):
        first, last = sorted(random.integers(0, len(months), 2))
        yield {
            "flow": str(random.choice(["import", "export"])),
            "hs": str(random.choice(codes))[: random.choice([0, 2, 4, 8])],
            "province": str(random.choice(["", random.choice(provinces)])),
            "from": months[first],
            "to": months[last],
            "show": str(random.choice(SHOWN)),
        }


def compute(trade, state, whole, chosen):
    """Return what the library makes of a selection: a number or nan for each period.

    `chosen` keeps the rows of a flow and code, of which a thousand selections ask some again.
    """
    asked = (state["flow"], state["hs"])
    if asked not in chosen:
        hs = {"hs": state["hs"]} if state["hs"] else {}
        chosen[asked] = nk.select(trade, flow=state["flow"], **hs)
    rows = chosen[asked]
    if state["province"]:
        rows = rows[rows["province"] == state["province"]]
    sums = rows.groupby("period")["value"].sum().reindex(whole.index, fill_value=0.0)
    sums = sums.where(whole.notna())
    inside = slice(state["from"], state["to"])
    if state["show"] == "share":
        return (100 * sums / whole).loc[inside].tolist()
    if state["show"] == "change":
        before = sums.shift(12).replace(0, np.nan)
        return (100 * (sums / before - 1)).loc[inside].tolist()
    if state["show"] == "year":
        years = sums.loc[inside].groupby(sums.loc[inside].index.year)
        complete = years.size() == 12
        return years.sum(min_count=1)[complete].tolist()
    return sums.loc[inside].tolist()


def test_a_thousand_selections_show_what_the_library_adds_up(page, trade):
    asked = list(draw_selections(trade, 1000))
    shown = page.evaluate(ASK, asked)
    months = pd.date_range("2017-01", "2024-12", freq="MS")
    sums = trade.groupby(["flow", "period"])["value"].sum()
    whole = {flow: sums[flow].reindex(months) for flow in ("import", "export")}
    counted, chosen = 0, {}
    for state, values in zip(asked, shown, strict=True):
        mine = np.array([np.nan if value is None else value for value in values], dtype=float)
        theirs = np.array(compute(trade, state, whole[state["flow"]], chosen), dtype=float)
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-6, err_msg=str(state))
        counted += len(mine)
    assert counted > 10_000


@pytest.mark.parametrize("show", SHOWN)
def test_the_code_that_is_shown_gives_the_numbers_that_are_shown(page, show):
    state = {"flow": "export", "hs": "6704", "province": "22", "show": show}
    state |= {"from": "2018-01", "to": "2021-12"}
    *lines, last = page.evaluate("state => nktradeCode(state)", state).splitlines()
    names = {"nk": nk}
    exec("\n".join(lines), names)
    computed = eval(last, names).replace([np.inf, -np.inf], np.nan)
    (shown,) = page.evaluate(ASK, [state])
    mine = np.array([np.nan if value is None else value for value in shown], dtype=float)
    np.testing.assert_allclose(mine, computed.to_numpy(dtype=float), rtol=1e-9)


def test_chart_table_and_code_change_together_by_mouse_and_keyboard(page):
    page.get_by_label("Flow ").first.select_option("export")
    page.get_by_label("Chapter").select_option("67")
    page.get_by_label("Heading").select_option("6704")
    page.get_by_label("Show").select_option("year")
    assert 'hs="6704"' in page.locator("#code").inner_text()
    assert page.locator("#rows tr").count() == 8
    before = page.locator("#chart").inner_html()
    page.get_by_role("button", name="Jilin").press("Enter")
    assert 'province="22"' in page.locator("#code").inner_text()
    assert page.locator("#chart").inner_html() != before
    assert page.get_by_role("button", name="Jilin").get_attribute("aria-pressed") == "true"
    assert "hs=6704" in page.url


def test_support_is_told_for_what_standard_answers_bound(page):
    page.goto(page.url.partition("#")[0] + "#flow=import&hs=&province=&show=level")
    page.reload()
    page.wait_for_selector("#waiting", state="detached")
    told = page.locator("td.support").all_inner_texts()
    answers = nk.bounds(flow="import", period="2020-06", view="PRK").iloc[0]
    row = page.locator("#rows tr", has_text="2020-06").locator("td").all_inner_texts()
    assert row[4] == answers["support"]
    assert [int(row[n].replace(",", "")) for n in (2, 3)] == [
        round(answers["low"]),
        round(answers["high"]),
    ]
    assert "not bounded here: ask nk.bounds" not in told[:12]


def test_two_months_released_as_one_are_bounded_as_one(page):
    page.goto(page.url.partition("#")[0] + "#flow=import&hs=&province=&show=level")
    page.reload()
    page.wait_for_selector("#waiting", state="detached")
    row = page.locator("#rows tr", has_text="2020-01..2020-02").locator("td").all_inner_texts()
    both = nk.bounds(flow="import", period="2020-01..2020-02", view="PRK").iloc[0]
    assert row[4] == both["support"] == "printed"
    assert both["low"] <= float(row[1].replace(",", "")) <= both["high"]


def months_of_a_store():
    """A year and a half at six digits without provinces: a month absent, a value not told."""
    months = [f"2022-{n:02d}" for n in range(1, 13)] + [f"2023-{n:02d}" for n in range(1, 7)]
    rows = [
        (f"{month}-01", flow, hs, float(1000 * n + len(hs) + at))
        for n, month in enumerate(months)
        if month != "2022-09"
        for flow in ("import", "export")
        for at, hs in enumerate(["670411", "670419", "720211"])
    ]
    trade = make_trade(*rows)
    trade.loc[(trade["period"] == "2023-02-01") & (trade["hs"] == "720211"), "value"] = np.nan
    return trade


def test_an_export_of_ones_own_rows_is_explored_without_bridging_what_is_missing(browser, tmp_path):
    trade = months_of_a_store()
    path = tmp_path / "mine.html"
    path.write_text(explore_rows(trade, "nk.load('mine')", "Source: mine."), encoding="utf-8")
    page = browser.new_page()
    trouble = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("#waiting", state="detached")
    state = {"flow": "export", "hs": "67", "province": "", "from": "2022-01", "to": "2023-06"}
    (months,) = page.evaluate(ASK, [state | {"show": "level"}])
    sums = trade[(trade["flow"] == "export") & trade["hs"].str.startswith("67")]
    expected = (
        sums.groupby("period")["value"]
        .sum()
        .reindex(pd.date_range("2022-01", "2023-06", freq="MS"))
    )
    assert [None if value != value else value for value in expected] == months
    (iron,) = page.evaluate(ASK, [state | {"hs": "72", "show": "level"}])
    assert iron[13] is None  # February 2023, not told
    assert iron[14] is not None
    (years,) = page.evaluate(ASK, [state | {"show": "year"}])
    assert years == [None]  # September 2022 is absent
    page.get_by_label("Chapter").select_option("67")
    page.get_by_label("Heading").select_option("6704")
    page.get_by_label("Tariff line").select_option("670411")
    assert 'hs="670411"' in page.locator("#code").inner_text()
    assert not page.locator("#tiles").is_visible()
    assert page.locator("td.support").first.inner_text() == "recorded"
    assert trouble == []


def test_rows_that_do_not_add_up_are_not_explored():
    trade = months_of_a_store()
    with pytest.raises(MixtureError, match="currenc"):
        explore_rows(pd.concat([trade, trade.assign(currency="CNY")]), "nk.load('mine')", "C.")
    with pytest.raises(InputError, match="no rows"):
        explore_rows(trade.iloc[:0], "nk.load('mine')", "C.")
