"""Tables of results as text, HTML, Markdown and LaTeX."""

import numpy as np
import pandas as pd
import pytest

from nktrade.measures.summaries import Summary, write_number, write_p


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
