import pytest

from nktrade.errors import InputError
from nktrade.published import (
    choose_checks,
    list_misprints,
    measure_misprints,
    tabulate_checks,
    tabulate_claims,
    tabulate_gaps,
    tabulate_misprints,
)


def test_the_tables_hold_every_check_once():
    checks = choose_checks()
    verdicts = ("consistent", "inconsistent", "suspect", "gap")
    parts = [tabulate_checks(checks, verdict) for verdict in verdicts]
    assert sum(map(len, parts)) == len(checks) == len(tabulate_checks(checks))
    assert len(tabulate_gaps(checks)) == (checks["verdict"] == "gap").sum()


def test_the_bricks_misprint_is_told_in_words():
    misprints = list_misprints(choose_checks("kiep2020h1"))
    told = tabulate_misprints(misprints, "suspect")
    (brick,) = [name for name in told.index if "refractory" in name.lower()]
    assert "January to June 2020" in brick
    drawn = measure_misprints(misprints)
    assert drawn["reading"].notna().all()
    assert not drawn["label"].str.contains("2020-").any()


def test_claims_stand_apart_from_figures():
    checks = choose_checks("brown2020")
    claims = tabulate_claims(checks, "inconsistent")
    figures = tabulate_misprints(list_misprints(checks), "inconsistent")
    assert len(claims) + len(figures) > 0
    assert not set(claims.index) & set(figures.index)


def test_an_unknown_document_or_kind_is_the_authors_slip():
    with pytest.raises(InputError, match="Did you mean 'kiep2023'"):
        choose_checks("kiep2032")
    with pytest.raises(InputError, match="Did you mean 'growth'"):
        choose_checks(kind="grwth")
