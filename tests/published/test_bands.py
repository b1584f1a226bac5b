"""Bands: calibrated on figures left out, cut to print, and quoted as measured."""

import numpy as np
import pandas as pd
import pytest

from nktrade._paths import DATA
from nktrade.cli.site_furnishing import tabulate_bands
from nktrade.errors import InputError
from nktrade.published.bands import FILE, bands
from tools.reconstruct.bands import find_safe_width, find_width, measure, read_errors


def test_a_band_lies_within_print_and_about_the_point():
    table = bands(95, flow="export", period=["2018-02", "2019", "2020-H1"], by=["chapter"])
    known = table[np.isfinite(table["point"])]
    assert len(known) > 250
    assert (known["band_low"] <= known["point"]).all()
    assert (known["point"] <= known["band_high"]).all()
    inside = known[(known["low"] <= known["point"]) & (known["point"] <= known["high"])]
    assert (inside["band_low"] >= inside["low"] - 1).all()
    assert (inside["band_high"] <= inside["high"] + 1).all()
    with pytest.raises(InputError, match="level of a band 50"):
        bands(50, flow="export", period="2019")


def test_a_width_holds_as_many_as_it_says():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(400):
        known, new = np.abs(rng.normal(size=(2, 60)))
        held.append((new <= find_width(known, 0.8)).mean())
    assert np.mean(held) == pytest.approx(0.8, abs=0.02)


def test_a_safe_width_is_no_narrower_without_any_one_block():
    rng = np.random.default_rng(1)
    blocks = np.repeat(range(8), 5)
    misses = np.abs(rng.normal(size=40)) * np.repeat(rng.uniform(0.2, 2, 8), 5)
    width = find_safe_width(misses, blocks, 0.8)
    assert width == max(find_width(misses[blocks != one], 0.8) for one in range(8))
    assert width >= find_width(misses, 0.8) - 1e-12


def test_bands_held_as_many_as_they_say():
    table = pd.read_csv(FILE, index_col="kind")
    assert {"a share", "a line", "a province, longer"} <= set(table.index)
    assert table["coverage_80"].between(75, 85).all()
    assert table["coverage_95"].round().between(92, 98).all()
    assert not (table["sealed_80"] > table["sealed"]).any()


def test_errors_are_of_blocks_that_leave_nothing_of_themselves():
    errors = pd.read_csv(DATA / "reconstructed" / "errors.csv", index_col="id")
    assert (errors["others"] == 0).all()
    shares = errors[errors["kind"] == "a share"]
    assert len(shares) > 100
    assert shares["published"].between(0, 100).all()


def test_a_share_and_a_line_have_bands_of_their_own():
    share = bands(share_of={"flow": "export"}, flow="export", hs="1006", period=["2021", "2022"])
    assert share["kind"].tolist() == ["a share"] * 2
    assert (share["band_high"] <= share["high"] + 1e-12).all()
    assert (share["band_low"] >= share["low"] - 1e-12).all()
    line = bands(flow="export", hs="10063020", period="2021").loc[0]
    assert line["kind"] == "a line"
    both = bands(flow="export", hs=["1006"], period="2021", by="hs").loc[0]
    assert both["kind"] == "a good, longer"
    with pytest.raises(InputError, match="one sum at a time"):
        bands(share_of={"flow": "export"}, flow="export", period="2021", by="province")


def test_the_table_is_that_of_the_errors_and_the_readme_quotes_it():
    table = measure(read_errors())
    assert np.allclose(table, pd.read_csv(FILE, index_col="kind"))
    said = (DATA / "reconstructed" / "README.md").read_text(encoding="utf-8")
    assert tabulate_bands() in said
