"""Bands: calibrated on figures left out, cut to print, and quoted as measured."""

import numpy as np
import pandas as pd
import pytest

from nktrade._paths import DATA
from nktrade.errors import InputError
from nktrade.published.bands import FILE, bands
from tools.reconstruct.bands import find_width, measure, read_errors, tabulate


def test_a_band_lies_within_print_and_about_the_point():
    table = bands(95, flow="export", period=["2018-02", "2019", "2020-H1"], by=["chapter"])
    known = table[np.isfinite(table["point"])]
    assert len(known) > 250
    assert (known["band_low"] <= known["point"]).all()
    assert (known["point"] <= known["band_high"]).all()
    inside = known[(known["low"] <= known["point"]) & (known["point"] <= known["high"])]
    assert (inside["band_low"] >= inside["low"] - 1).all()
    assert (inside["band_high"] <= inside["high"] + 1).all()
    with pytest.raises(InputError, match="no bands of 50 percent"):
        bands(50, flow="export", period="2019")


def test_a_width_holds_as_many_as_it_says():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        known, new = np.abs(rng.normal(size=(2, 60)))
        held.append((new <= find_width(pd.Series(known), 0.8)).mean())
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)


def test_the_table_is_that_of_the_errors_and_the_readme_quotes_it():
    table = measure(read_errors())
    assert np.allclose(table, pd.read_csv(FILE, index_col="kind"))
    said = (DATA / "reconstructed" / "README.md").read_text(encoding="utf-8")
    assert tabulate(table) in said
