"""One question's trade held once: rows, sums, words, charts and tables of a `Study`."""

import pandas as pd
import pytest

from nktrade.errors import GapError, InputError, MixtureError, UnanswerableError
from nktrade.render.outcome import read_facts
from nktrade.study import Folded, Note, attempt, name_country, state_finding


def test_a_finding_goes_to_the_index_and_a_note_does_not():
    found = state_finding("Imports fell.")._repr_mimebundle_()
    assert found["application/vnd.nktrade+json"] == {"finding": "Imports fell."}
    assert found["text/html"] == '<p class="finding">Imports fell.</p>'
    assert "application/vnd.nktrade+json" not in Note("Aside.")._repr_mimebundle_()


def test_text_is_escaped():
    html = Note("5 < 6 & <script>alert(1)</script>")._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "5 &lt; 6 &amp;" in html


def test_a_folded_table_keeps_its_rows_in_the_page():
    bundle = Folded(pd.DataFrame({"n": [12345]}), "One <row>")._repr_mimebundle_()
    assert "12345" in bundle["text/html"]
    assert "<summary>One &lt;row&gt;</summary>" in bundle["text/html"]


@pytest.mark.parametrize("kind", [GapError, MixtureError, UnanswerableError])
def test_a_refusal_is_told_and_not_raised(kind, capsys):
    def refuse(word, *, times):
        raise kind(word * times, hint="Do this.")

    assert attempt(refuse, "ha", times=2) is None
    assert capsys.readouterr().out == "These data cannot answer: haha. Do this.\n"


def test_a_slip_of_the_author_is_raised():
    def slip():
        raise InputError("unknown flow 'imports'")

    with pytest.raises(InputError):
        attempt(slip)


def test_answers_pass_through_and_bugs_are_raised():
    assert attempt(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        attempt(divmod, 7, 0)


def test_names_of_countries():
    assert name_country("PRK") == "North Korea"
    assert name_country("BRA") == "Brazil"
    assert name_country("XYZ") == "XYZ"


def test_a_page_that_finds_nothing_shows_its_first_refusal_on_the_index():
    def cell(*notes):
        return {"outputs": [{"data": note._repr_mimebundle_()} for note in notes]}

    refusals = [Note("no months", "refusal"), Note("no provinces", "refusal")]
    assert read_facts([cell(*refusals), cell(Note("by the way"))]).finding == "no months"
    assert read_facts([cell(refusals[0], state_finding("all fell"))]).finding == "all fell"
    assert read_facts([cell(Note("by the way"))]).finding == ""
