"""Gravity by PPML: another program's numbers, planted effects, size, and what is refused."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.gravity import fit_gravity

# pyfixest 0.60.0: fepois("value ~ sanctioned + size | partner + period", vcov={"CRV1": "partner"})
# on `make_table()`.
PYFIXEST = {"sanctioned": (-0.479159, 0.188512), "size": (0.265364, 0.054451)}


def make_table() -> pd.DataFrame:
    """Twenty-four partners, eight periods, zeros among them; no random numbers."""
    p, t = (one.ravel() for one in np.meshgrid(np.arange(24), np.arange(8), indexing="ij"))
    table = pd.DataFrame({"partner": [f"P{k:02d}" for k in p], "period": t})
    table["sanctioned"] = ((p % 3 == 0) & (t >= 4)).astype(float)
    table["size"] = np.round(np.sin(p * 1.3 + t * 0.9), 2)
    logs = 4 + np.sin(p) + 0.2 * np.cos(2 * t) - 0.6 * table["sanctioned"] + 0.3 * table["size"]
    noise = 0.5 * np.sin(7 * p + 3 * t)
    return table.assign(value=np.round(np.exp(logs + noise) * ((p + t) % 7 > 0)))


def test_equals_another_program():
    found = fit_gravity(make_table(), ["sanctioned", "size"])
    for name, (value, error) in PYFIXEST.items():
        assert found.table.loc[name, "value"] == pytest.approx(value, abs=1e-6)
        assert found.table.loc[name, "error"] == pytest.approx(error, abs=1e-6)
    assert found.fitted.sum() == pytest.approx(make_table()["value"].sum())
    assert "clustered by partner (24)" in found.notes[0]


@pytest.mark.skipif(not importlib.util.find_spec("pyfixest"), reason="pyfixest is not installed")
def test_another_program_still_says_so():
    import pyfixest

    fit = pyfixest.fepois(
        "value ~ sanctioned + size | partner + period", make_table(), vcov={"CRV1": "partner"}
    )
    assert fit.coef().to_numpy() == pytest.approx([v for v, _ in PYFIXEST.values()], abs=1e-5)
    assert fit.se().to_numpy() == pytest.approx([e for _, e in PYFIXEST.values()], abs=1e-5)


def test_partners_without_trade_say_nothing():
    table = make_table()
    silent = table[table["partner"] == "P00"].assign(partner="XXX", value=0.0)
    one = fit_gravity(table, ["size"])
    other = fit_gravity(pd.concat([table, silent], ignore_index=True), ["size"])
    assert one.table.to_numpy() == pytest.approx(other.table.to_numpy())
    assert "8 rows" in other.notes[1]


def test_money_may_be_in_any_unit_and_a_planted_effect_is_inside_its_limits():
    random = np.random.default_rng(5)
    table = make_table()
    inside = 0
    for _ in range(25):
        own = np.repeat(random.normal(0, 1, 24), 8)
        noise = random.gamma(2, 0.5, len(table)) * np.repeat(random.gamma(8, 1 / 8, 24), 8)
        drawn = table.assign(value=np.exp(5 + own - 0.5 * table["sanctioned"]) * noise)
        found = fit_gravity(drawn, ["sanctioned"]).table.loc["sanctioned"]
        inside += found["low"] < -0.5 < found["high"]
        assert (found["p"] <= 0.05) == (not found["low"] <= 0 <= found["high"])
    assert inside >= binom.ppf(0.0005, 25, 0.95)
    scaled = fit_gravity(drawn.assign(value=1e6 * drawn["value"]), ["sanctioned"]).table
    assert scaled.loc["sanctioned", "value"] == pytest.approx(found["value"])


def test_the_sum_of_an_effect_by_hand():
    found = fit_gravity(make_table(), ["sanctioned", "size"])
    hit = make_table()["sanctioned"] == 1
    gap = found.sum_effect("sanctioned")
    row = found.table.loc["sanctioned"]
    fitted = found.fitted[hit].sum()
    assert gap["rows"] == hit.sum()
    assert gap["gap"] == pytest.approx(fitted * (np.exp(-row["value"]) - 1))
    assert gap["low"] == pytest.approx(fitted * (np.exp(-row["high"]) - 1))
    assert gap["high"] == pytest.approx(fitted * (np.exp(-row["low"]) - 1))
    with pytest.raises(InputError, match="Did you mean 'sanctioned'"):
        found.sum_effect("sanction")


def test_what_cannot_be_told_is_refused():
    table = make_table()
    one = table.assign(alone=((table["partner"] == "P05") & (table["period"] > 3)).astype(float))
    with pytest.raises(UnanswerableError, match=r"moves for P05 alone.*compare_with_others"):
        fit_gravity(one, ["alone"])
    far = table.assign(distance=table["partner"].str[1:].astype(float))
    with pytest.raises(UnanswerableError, match="'distance' does not vary"):
        fit_gravity(far, ["distance"])
    with pytest.raises(UnanswerableError, match="20 or more; got 10"):
        fit_gravity(table[table["partner"] < "P10"], ["size"])
    with pytest.raises(InputError, match="negative"):
        fit_gravity(table.assign(value=table["value"] - 50), ["size"])
    with pytest.raises(InputError, match="'size' lacks"):
        fit_gravity(table.assign(size=table["size"].where(table["period"] > 1)), ["size"])
    with pytest.raises(InputError, match="Did you mean 'sanctioned'"):
        fit_gravity(table, ["sanctoned"])


def test_a_paper_gets_its_table():
    found = fit_gravity(make_table(), ["sanctioned"])
    assert "clustered by partner" in found.to_markdown()
    assert "\\begin{tabular}" in found.to_latex()
    assert "<table" in found._repr_html_()
