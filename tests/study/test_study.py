"""One question's trade held once: rows, sums, words, charts and tables of a `Study`."""

import re

import pandas as pd
import pytest

from nktrade.errors import InputError, MixtureError, UnanswerableError
from nktrade.render.outcome import read_facts
from nktrade.study import (
    Folded,
    Note,
    Study,
    finding,
    name_country,
    say,
    say_change,
)


def test_a_finding_goes_to_the_index_and_a_note_does_not():
    found = finding("Imports fell 3 %.")._repr_mimebundle_()
    assert found["application/vnd.nktrade+json"] == {"finding": "Imports fell 3 %."}
    assert found["text/html"] == '<p class="finding">Imports fell 3 %.</p>'
    assert "application/vnd.nktrade+json" not in Note("Aside.")._repr_mimebundle_()


def test_text_is_escaped():
    html = Note("5 < 6 & <script>alert(1)</script>")._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "5 &lt; 6 &amp;" in html


def test_a_folded_table_keeps_its_rows_in_the_page():
    bundle = Folded(pd.DataFrame({"n": [12345]}), "One <row>")._repr_mimebundle_()
    assert "12345" in bundle["text/html"]
    assert "<summary>One &lt;row&gt;</summary>" in bundle["text/html"]


def test_names_of_countries():
    assert name_country("PRK") == "North Korea"
    assert name_country("BRA") == "Brazil"
    assert name_country("XYZ") == "XYZ"


def test_a_page_that_finds_nothing_shows_its_first_refusal_on_the_index():
    def cell(*notes):
        return {"outputs": [{"data": note._repr_mimebundle_()} for note in notes]}

    refusals = [Note("no months", "refusal"), Note("no provinces", "refusal")]
    assert read_facts([cell(*refusals), cell(Note("by the way"))]).finding == "no months"
    assert read_facts([cell(refusals[0], finding("all 3 fell"))]).finding == "all 3 fell"
    assert read_facts([cell(Note("by the way"))]).finding == ""


@pytest.fixture(scope="module")
def korea():
    return Study("PRK", "2017", "2024")


def test_a_study_knows_whose_trade_it_is(korea):
    assert (korea.country, korea.declarer, korea.estimated) == ("North Korea", "China", True)
    said = korea._repr_mimebundle_()
    assert "an estimate fitted to published figures" in said["text/plain"]
    assert said["application/vnd.nktrade+json"]["status"] == "estimated"


def test_what_is_not_there_is_refused_in_words_and_slips_are_not(korea):
    with pytest.raises(UnanswerableError, match="no exports of live horses"):
        korea.select(flow="export", hs="0101")
    for slip in ({"flow": "exports"}, {"hs": "9"}, {"period": "2020-13"}):
        with pytest.raises(InputError):
            korea.select(**slip)


def test_periods_are_whole_or_left_out(korea):
    assert korea.whole("first half", flow="import")[:2] == ["2017-H1", "2018-H1"]
    values = korea.compare(korea.imports, "flow", ["2016", "2017"])
    assert values.columns.tolist() == ["2017"]
    with pytest.raises(UnanswerableError, match="no known sum of 2016"):
        korea.compare(korea.imports, "flow", ["2016", "2017"], least=2)
    with pytest.raises(InputError, match="unknown kind"):
        korea.whole("decade")


def test_an_order_needs_two(korea):
    table = pd.DataFrame({"2022": [1.0, 2.0, 0.0], "2023": [3.0, 5.0, 0.0]}, ["a", "b", "c"])
    assert korea.largest(table, 2).index.tolist() == ["b", "a"]
    with pytest.raises(UnanswerableError, match="1 of what is ranked has a value in 2023"):
        korea.largest(table.drop("a"), 2)


def test_a_page_says_which_months_it_needs(korea):
    korea.hold("2019", "2020-H1", flow="import")
    with pytest.raises(UnanswerableError, match="every month of 2016, January to June 2025"):
        korea.hold("2016", "2019", "2025-H1")


def test_lines_of_two_editions_are_not_compared(korea):
    with pytest.raises(MixtureError, match="editions"):
        korea.compare(korea.imports, "line", ["2021", "2022"])
    assert len(korea.compare(korea.imports, "heading", ["2021", "2022"]).columns) == 2


def test_rows_too_coarse_for_a_level_are_refused(korea):
    chapters = korea.imports.head(5).assign(hs="30")
    with pytest.raises(UnanswerableError, match="too coarse"):
        korea.at_level(chapters, "heading")


def test_known_sums_are_printed_ones(korea):
    april = korea.known(["2023-04"], flow="export", hs="6704").loc["2023-04"]
    assert april["low"] <= 23_053_000 <= april["high"] < 23_060_000
    with pytest.raises(UnanswerableError, match="no figure is printed"):
        korea.known(["2024-07"], flow="export", hs="9607")


def test_other_countries_have_no_print():
    brazil = Study("PRK", "2023", "2023")
    brazil.partner = "BRA"
    for ask in (brazil.ledger, lambda: brazil.printed(document="kiep2023", code="6704")):
        with pytest.raises(UnanswerableError):
            ask()


def test_methods_that_test_months_refuse_an_estimate(korea):
    with pytest.raises(UnanswerableError, match="no record"):
        korea.records(korea.imports, "months")
    assert korea.records(korea.imports.assign(status="reported"), "months") is not None


def test_tables_and_charts_speak_words(korea):
    values = korea.compare(
        korea.select(flow="import", hs="6902"), "heading", ["2019-H1", "2020-H1"]
    )
    html = korea.table(values / 1e6, "Million USD").to_html()
    for words in ("Refractory bricks (HS 6902)", "January to June 2019", "(estimated)"):
        assert words in html
    assert len(re.findall(r">\d\.\d\d<", html)) == 2  # digits are cut to what is known
    assert "2019-H1" not in html
    assert "January to June 2020" in korea.bars(values.T, "Bricks").alt


def test_a_sentence_is_short_and_its_numbers_are_known():
    with pytest.raises(InputError, match="too long"):
        say("word " * 26)
    for number in (float("nan"), float("inf"), None, pd.NaT):
        with pytest.raises(UnanswerableError, match="not known"):
            say(f"It was {number} million.")
    assert say("Imports of nanotubes from Infanta fell 2 %.").kind == "note"
    with pytest.raises(InputError, match="no number"):
        finding("Exports fell.")
    with pytest.raises(UnanswerableError, match="bear"):
        finding("Exports fell 3 %.", pd.Series([1.0]).gt(2).iloc[0])


@pytest.mark.parametrize(
    ("new", "old", "words"),
    [
        (100.4, 100, "stayed the same"),
        (99, 100, "fell 1 %"),
        (300, 100, "rose 200 %"),
        (301, 100, "rose 3.0-fold"),
        (1500, 100, "rose 15-fold"),
        (0, 100, "fell 100 %"),
        (0, 0, "stayed at nothing"),
    ],
)
def test_changes_in_words(new, old, words):
    assert say_change(new, old) == words


def test_an_amount_is_what_print_leaves_and_a_store_says_what_it_records(korea):
    wigs = korea.amount("2023", flow="export", hs="6704")
    assert (str(wigs), wigs.support) == ("167 million USD", "printed")
    assert str(100 * korea.ratio(*(_asked(hs) for hs in ({"hs": "6704"}, {})))) == "57.1"
    assert korea.claim(_asked({"hs": "6704"}), ">", _asked({"hs": "7202"}))
    cars = korea.amount("2023-H1", flow="import", hs="8703")
    assert cars.support == "assumed"
    with pytest.raises(UnanswerableError, match="nothing published tells imports of"):
        finding(f"Cars were {cars} in 2023.", cars)
    rows = korea.trade.assign(status="reported", data="store")
    store = Study.__new__(Study)
    store.__dict__ = korea.__dict__ | {"trade": rows, "estimated": False, "data": "store"}
    own = store.amount("2023", flow="export", hs="6704")
    assert own.support == "recorded"
    assert (
        own.low
        == own.high
        == rows.query("flow == 'export' and period.dt.year == 2023 and hs.str.startswith('6704')")[
            "value"
        ].sum()
    )
    assert store.amount("2023", flow="export", hs="0101").low == 0.0  # no row in whole months
    assert store.limits(["2023"], flow="import", industry="textile")["low"].iloc[0] > 0
    with pytest.raises(UnanswerableError):
        store.amount("2031", flow="export")


def _asked(more):
    return {"period": "2023", "flow": "export"} | more


def test_words_never_say_more_than_is_known():
    from nktrade.study.amount import Amount
    from nktrade.study.spelling import spell_range

    old, new = Amount(90.0, 110.0, "bounded"), Amount(30.0, 40.0, "printed")
    assert say_change(new, old) == "fell 55 to 73 %"
    assert say_change(new * 30, old) == "rose 8.1 to 14-fold"
    assert say_change(old, old) == "moved anywhere from a fall of 19 % to a rise of 23 %"
    assert (new < old).verdict == "holds"
    assert (old < 100).verdict == "not decided by print"
    assert str(-new) == "-40 to -30 USD"
    assert spell_range(-5e-324, 5e-324) == "nothing"
    with pytest.raises(UnanswerableError):
        spell_range(float("-inf"), float("inf"))
    with pytest.raises(MixtureError):
        old + Amount(1.0, 1.0, "recorded", "CNY")


def test_a_claim_shows_itself_in_words(korea):
    hair = {"flow": "import", "hs": "6703", "period": "2023"}
    shown = korea.claim(hair, ">", hair | {"hs": "1006"})._repr_html_()
    assert "exceeded imports of rice" in shown
    assert "<strong>holds</strong>" in shown


def test_of_a_sum_printed_twice_the_right_print_is_a_point():
    """The circle of electricity stood at 2,226 dollars, as prose has it; a table has millions."""
    korea = Study("PRK", "2022", "2023")
    power = korea.compare(korea.select(flow="export", hs="2716"), "heading", ["2023"])
    assert korea.prints(power, flow="export").loc["2716", "2023"] == 22_260_000


def test_a_study_says_what_it_reads_at_a_prompt_that_shows_no_page(korea):
    assert repr(korea) == korea._repr_mimebundle_()["text/plain"]
    assert repr(korea).startswith("North Korea's trade as the customs of China declared it, ")
