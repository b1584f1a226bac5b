"""Ways through a site, citations, and terms of art."""

import shlex

import pytest
import yaml

from nktrade.render.plan import choose_catalogue, plan_runs
from nktrade.site.citing import write_command
from nktrade.site.terms import link_terms
from nktrade.site.ways import NEAR, lay_ways
from tests.rendered import FIXTURES


def run(notebook, part="One", label="", **changed):
    page = f"{notebook}{label}.html"
    fields = {"notebook": notebook, "title": notebook.upper(), "part": part, "page": page}
    return {**fields, "label": label, "changed": changed}


def test_pages_lead_to_the_one_before_the_next_and_those_of_like_subjects():
    runs = [run("a"), run("b"), run("c", "Two"), run("c", "Two", label="exports")]
    ways = lay_ways(runs, {"a": ["x", "y"], "b": ["x"], "c": ["x", "y"]})
    assert ways[0]["previous"] is None
    assert ways[0]["next"] == {"title": "B", "href": "b.html"}
    assert ways[3]["next"] is None
    assert [one["title"] for one in ways[0]["related"]] == ["C", "B"]
    own, other = ways[2]["parts"]
    assert own["pages"] == []
    assert [page["title"] for page in other["pages"]] == ["C", "C (exports)"]


def test_a_page_of_a_large_sweep_names_only_those_near():
    ways = lay_ways([run("a", label=str(n), n=n) for n in range(3000)], {})
    pages = ways[1500]["parts"][0]["pages"]
    assert len(pages) == 2 * NEAR + 1
    assert pages[NEAR]["href"] == "a1500.html"


@pytest.mark.parametrize(
    "changed",
    [
        {"partner": "RUS", "hs": ["6902", "6901"]},
        {"partner": "o'n; rm", "hs": []},
        {"partner": "yes", "hs": ["01"]},
        {"partner": "0301"},
        {"partner": " a #b: [c"},
    ],
)
def test_the_command_of_a_page_sets_the_same_parameters_again(changed):
    words = shlex.split(write_command({"notebook": "01_bricks", "changed": changed}))
    assert words[:3] == ["nktrade", "render", "01_bricks"]
    catalogue, _ = choose_catalogue([str(FIXTURES)], FIXTURES)
    assert words[3] == "-y"
    (again,) = plan_runs(catalogue, [words[2]], given=yaml.safe_load(words[4]))
    assert {name: again.parameters[name] for name in changed} == changed


def test_a_term_is_linked_once_in_prose_and_nowhere_else():
    html = (
        '<p>mirror</p><section class="prose"><h2>Mirror</h2><p>$mirror$ <code>mirror</code> '
        '<a href="x">mirror</a> mirrors Mirror mirror</p></section>'
    )
    linked = link_terms(html, {"mirror": "g.html#m"})
    assert linked.count('<a class="term"') == 1
    assert 'mirrors <a class="term" href="g.html#m">Mirror</a> mirror<' in linked
