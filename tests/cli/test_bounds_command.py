import json

from click.testing import CliRunner

from nktrade.cli import main


def run(*words):
    return CliRunner().invoke(main, ["bounds", *words])


def test_bounds_as_a_table_with_its_proof_and_as_json():
    told = run("flow=export", "period=2020-H1", "hs=1507")
    assert told.exit_code == 0
    assert "printed" in told.output
    assert "[kiep2020h1:34]" in told.output
    rows = json.loads(run("flow=export", "period=2020-05,2020-06", "--json").output)
    assert [row["period"] for row in rows] == ["2020-05", "2020-06"]
    assert {"low", "high", "point", "support", "figures", "proof"} <= set(rows[0])


def test_a_band_says_that_it_is_no_finding():
    told = run("flow=export", "period=2019", "hs=30", "band=80")
    assert told.exit_code == 0
    assert "no finding" in told.output
    (row,) = json.loads(run("flow=export", "period=2019", "hs=30", "band=95", "--json").output)
    assert row["low"] <= row["band_low"] <= row["point"] <= row["band_high"] <= row["high"]
    assert row["kind"] == "a good, longer"


def test_slips_are_named_with_status_2():
    for words, told in {
        ("flow=export",): "no period",
        ("perod=2020",): "Did you mean 'period'?",
        ("period=2020", "flow=exprt"): "Did you mean 'export'?",
        ("period",): "not NAME=VALUE",
        ("period=2020", "flow=export,import"): "takes one value",
        ("period=2020", "facts=nowhere.csv"): "nowhere.csv",
        ("period=2020", "band=50"): "80 or 95",
        ("period=2020", "band=80,95"): "takes one value",
        ("period=2020", "band=80", "data=store"): "a store is recorded",
    }.items():
        result = run(*words)
        assert result.exit_code == 2, words
        assert told in result.output, words
