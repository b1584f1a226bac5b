"""Tables of results as text, HTML, Markdown and LaTeX."""

import numpy as np
import pandas as pd
import pytest

from nktrade import measures
from nktrade.measures.summaries import Summarised, Summary, write_number, write_p
from tests.making import make_monthly, make_trade


@pytest.mark.parametrize(
    ("value", "written"),
    [(1234567.8, "1,234,568"), (0.12345, "0.1235"), (3.0, "3"), (np.nan, ""), ("HAC", "HAC")],
)
def test_numbers_are_written_for_readers(value, written):
    assert write_number(value) == written


def test_a_small_p_is_not_zero():
    assert [write_p(p) for p in (0.0, 0.0123, np.nan)] == ["below 0.001", "0.012", ""]


def test_signs_of_each_format_are_escaped():
    table = pd.DataFrame({"a|b_%": [1.5]}, index=["x & <y>"])
    summary = Summary("50 % & more", table, ("n_1 < 2",))
    assert "a\\|b_%" in summary.to_markdown()
    latex = summary.to_latex()
    assert "x \\& <y>" in latex
    assert "50 \\% \\& more" in latex
    assert "n\\_1" in latex
    page = summary._repr_html_()
    assert "&lt;y&gt;" in page
    assert "n_1 &lt; 2" in page
    assert str(summary).startswith("50 % & more\n")


def make_results() -> dict[str, Summarised]:
    """One result of each kind that a paper may print."""
    random = np.random.default_rng(1)
    months = pd.date_range("2017-01-01", periods=72, freq="MS")
    series = make_monthly(list(np.exp(10 + 0.2 * random.normal(size=72))))
    names = [f"P{n:02d}" for n in range(24)]
    wide = pd.DataFrame(random.uniform(1, 2, (72, 24)), months, names).rename_axis("period")
    panel = wide.melt(var_name="partner", ignore_index=False).reset_index()
    panel = panel.assign(state="reported", sanctioned=random.integers(0, 2, len(panel)))
    rows = [(f"201{n}-01", "import", "670300", 5.0 + n) for n in (7, 8)]
    trade = make_trade(rows, quantity=[2.0, 3.0], unit="kg")
    spiked = panel.rename(columns={"partner": "heading"})
    spiked.loc[30, "value"] *= 50
    return {
        "interruption": measures.fit_interruption(
            series, {"closure": "2020-02"}, counterfactual_of="closure"
        ),
        "season": measures.adjust_season(series),
        "prices": measures.index_prices(trade, ["2017-01", "2018-01"]),
        "others": measures.compare_with_others(panel, "P00", "2020-02"),
        "gravity": measures.fit_gravity(panel, ["sanctioned"]),
        "scan": measures.scan_moves(spiked, "heading"),
    }


def test_every_result_has_its_table_and_says_its_errors_and_support():
    results = make_results()
    assert {type(result) for result in results.values()} == set(Summarised.__subclasses__())
    for name, result in results.items():
        summary = result.summary()
        told = " ".join(summary.notes)
        assert any(word in told for word in ("errors", "limits", "discovery rate")), name
        assert any(word in told for word in ("recorded", "scanned")), name
        assert summary.table.notna().any(axis=None), name
        assert "\\begin{tabular}" in result.to_latex(f"tab:{name}")
        assert f"\\label{{tab:{name}}}" in result.to_latex(f"tab:{name}")
        assert result.to_markdown().startswith(f"**{summary.title}**")
        assert "<table" in result._repr_html_()
        assert repr(result) == str(summary)
        assert all(note in repr(result) for note in summary.notes)


def test_a_result_does_not_claim_a_support_that_nobody_stated():
    months = pd.date_range("2017-01-01", periods=48, freq="MS")
    values = np.random.default_rng(1).uniform(1, 2, (48, 12))
    wide = pd.DataFrame(values, months, [f"P{n:02d}" for n in range(12)]).rename_axis("period")
    bare = wide.melt(var_name="partner", ignore_index=False).reset_index()
    unsaid = measures.compare_with_others(bare, "P00", "2020-01")
    said = measures.compare_with_others(bare.assign(state="reported"), "P00", "2020-01")
    assert "all months recorded or printed" in said.notes[0]
    assert "support of the months not stated" in unsaid.notes[0]
