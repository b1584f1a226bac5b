"""Published figures computed, judged and compared on a table small enough to work out by hand."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import InputError, MixtureError
from nktrade.published import (
    AGREES,
    CORRECTED,
    DIFFERS,
    DOCUMENTS,
    UNCHECKED,
    compare,
    compute,
    figures_for,
    judge,
    load_documents,
    published_months,
    read_periods,
    tolerance,
)
from nktrade.table.mirrors import mirror
from tests.making import make_trade

FIGURE = {
    **{"document": "kiep2023", "place": "p. 1", "quote": "q", "flow": "import"},
    **{"measure": "value", "period": "2020-H1", "base_period": "", "geography": "CHN"},
    **{"classification": "total", "code": "", "label": "l", "value": 0.0, "unit": "million USD"},
    **{"value_usd": np.nan, "half_unit": 0.05, "reading": np.nan, "reason": ""},
}


def figure(**columns) -> pd.Series:
    return pd.Series(FIGURE | columns, name="kiep2023:0")


@pytest.fixture
def korea():
    """Two first halves: imports 100 then 40 million, exports 20 then 5 in its first year."""
    rows = []
    for year, brick, hair, wig in ((2019, 10e6, 90e6, 20e6), (2020, 30e6, 10e6, 5e6)):
        for month in range(1, 7):
            share = 1 / 6
            rows += [
                (f"{year}-{month:02}", "export", "69021000", brick * share),
                (f"{year}-{month:02}", "export", "67030000", hair * share),
                (f"{year}-{month:02}", "import", "67042000", wig * share),
            ]
    table = make_trade(rows, province="21").assign(unit="kg")
    return mirror(table.assign(quantity=table["value"] * 2))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, 40.0),
        ({"flow": "total"}, 45.0),
        ({"flow": "balance"}, -35.0),
        ({"flow": "export"}, 5.0),
        ({"unit": "thousand USD"}, 40_000.0),
        ({"unit": "10 thousand USD"}, 4_000.0),
        ({"unit": "billion USD"}, 0.04),
        ({"classification": "HS4", "code": "6902"}, 30.0),
        ({"classification": "HS8", "code": "69021000"}, 30.0),
        ({"classification": "basket", "code": "refractory_brick"}, 30.0),
        ({"classification": "HS4", "code": "9999"}, 0.0),
        ({"geography": "CHN-21"}, 40.0),
        ({"geography": "CHN-37"}, 0.0),
        ({"period": "2020-02"}, 40 / 6),
        ({"measure": "average"}, 40 / 6),  # by month within a year
        ({"measure": "growth", "base_period": "2019-H1", "unit": "%"}, -60.0),
        ({"measure": "recovery", "base_period": "2019-H1", "unit": "%"}, 40.0),
        ({"measure": "ratio", "base_period": "2019-H1", "unit": "times"}, 0.4),
        ({"measure": "share", "classification": "HS4", "code": "6902", "unit": "%"}, 75.0),
        ({"measure": "quantity", "classification": "HS4", "code": "6902", "unit": "tons"}, 60e3),
        ({"measure": "value below"}, 40 / 6),  # the largest month
        ({"flow": "balance", "measure": "growth", "base_period": "2019-H1", "unit": "%"}, -56.25),
    ],
)
def test_computed_by_hand(asked, answer, korea):
    assert compute(figure(**asked), korea) == pytest.approx(answer)


def test_ratio_of_a_half_to_a_year_is_per_unit_of_time(korea):
    half = compute(figure(measure="growth", base_period="2020-Q1", unit="%"), korea)
    assert half == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"unit": "workers"}, "no rule"),
        ({"period": ""}, "no rule"),
        ({"period": "2020"}, "2020-07 is not in the data"),
        ({"geography": "RUS"}, "not trade with China"),
        ({"flow": ""}, "not a trade flow"),
        ({"classification": "basket", "code": "dual_use"}, "no rule for basket"),
        ({"measure": "rank"}, "no rule for rank"),
        ({"measure": "growth", "unit": "%"}, "does not define the base"),
        (
            {
                **{"measure": "growth", "unit": "%", "base_period": "2019-H1"},
                **{"classification": "HS4", "code": "9999"},
            },
            "base is zero",
        ),
    ],
)
def test_what_cannot_be_computed_says_why(asked, why, korea):
    with pytest.raises(LookupError, match=why):
        compute(figure(**asked), korea)


def test_a_flow_that_was_never_imported_is_no_zero(korea):
    imports = korea[korea["flow"] == "import"]
    assert compute(figure(), imports) == pytest.approx(40)
    for flow in ("export", "total", "balance"):
        with pytest.raises(LookupError, match="no exports"):
            compute(figure(flow=flow), imports)


def test_a_month_of_the_other_flow_is_no_zero(korea):
    later = korea[(korea["flow"] == "import") | (korea["period"] >= "2020-03-01")]
    assert compute(figure(), later) == pytest.approx(40)
    for flow in ("export", "total", "balance"):
        with pytest.raises(LookupError, match="2020-01 is not in the data on exports"):
            compute(figure(flow=flow), later)


def test_a_release_of_one_flow_leaves_the_other_its_months():
    rows = [("2020-01", "import", "67042000", 1e6), ("2020-02", "import", "67042000", 2e6)]
    trade = make_trade([*rows, ("2020-02", "export", "69021000", 6e6)])
    korea = mirror(trade.assign(status=["reported", "reported", "combined"]))
    assert compute(figure(flow="export", period="2020-02"), korea) == 2.0
    assert compute(figure(period="2020-01..2020-02"), korea) == 6.0
    with pytest.raises(LookupError, match="released together"):
        compute(figure(flow="balance", period="2020-02"), korea)


def test_hidden_and_uncounted_rows_are_no_zero(korea):
    hidden = korea.copy()
    hidden.loc[hidden.index[-2], ["value", "quantity"]] = np.nan
    with pytest.raises(LookupError, match="suppressed"):
        compute(figure(), hidden)
    tons = figure(measure="quantity", unit="tons")
    with pytest.raises(LookupError, match="not for every row"):
        compute(tons, hidden)
    with pytest.raises(LookupError, match="kilograms"):
        compute(tons, korea.assign(unit="No"))


def test_mixtures_and_other_currencies_are_not_compared(korea):
    with pytest.raises(LookupError, match="dollars"):
        compute(figure(), korea.assign(currency="CNY"))
    with pytest.raises(MixtureError):
        compute(figure(), korea.assign(currency=["USD", "CNY"] * (len(korea) // 2)))


def test_provinces_need_a_breakdown(korea):
    with pytest.raises(LookupError, match="province"):
        compute(figure(geography="CHN-21"), korea.assign(province=pd.NA))


def test_a_release_of_two_months_answers_for_neither_alone():
    rows = [("2020-02", "export", "69021000", 6e6), ("2020-02", "import", "67042000", 1e6)]
    korea = mirror(make_trade(rows, status="combined"))
    assert compute(figure(period="2020-01..2020-02"), korea) == pytest.approx(6.0)
    assert compute(figure(period="2020-01..2020-02", measure="average"), korea) == 3.0
    for month in ("2020-01", "2020-02"):
        with pytest.raises(LookupError, match="released together"):
            compute(figure(period=month), korea)


# --- verdicts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "computed", "verdict"),
    [
        ({"value": 33.7}, 33.65, AGREES),
        ({"value": 33.7}, 33.75, AGREES),
        ({"value": 33.7}, 33.7501, DIFFERS),
        ({"value": 33.7, "reading": 3.37}, 3.374, CORRECTED),
        ({"value": 33.7, "reading": 3.37}, 3.38, DIFFERS),
        ({"value": 33.7, "reading": 3.37}, 33.7, AGREES),
        ({"value": -66.0, "half_unit": 0.5}, -66.4, AGREES),
        ({"value": 19.0, "half_unit": np.nan, "measure": "value below"}, 18.9, AGREES),
        ({"value": 19.0, "half_unit": np.nan, "measure": "value below"}, 19.0, DIFFERS),
        ({"value": 120.0, "half_unit": np.nan, "measure": "growth above"}, 121, AGREES),
        ({"value": 120.0, "half_unit": np.nan, "measure": "growth above"}, 119, DIFFERS),
        ({"value": 10.0, "half_unit": np.nan, "measure": "value about"}, 10.9, AGREES),
        ({"value": 10.0, "half_unit": np.nan, "measure": "value about"}, 11.1, DIFFERS),
        ({"value": 10.0}, np.nan, UNCHECKED),
    ],
)
def test_verdicts(asked, computed, verdict):
    assert judge(figure(**asked), computed) == verdict


def test_tolerance_of_a_reading():
    assert tolerance(3.37, 0.05, 33.7) == pytest.approx(0.005)
    assert tolerance(43.9e6, 0.05, 43.9) == pytest.approx(50_000)
    assert tolerance(94.0, 0.05, 27.5) == 0.05  # the last zero of a reading counts
    assert tolerance(94.0, 0.05, 0.0) == 0.05
    assert tolerance(1.25, 0.005, 1.04) == 0.005
    assert tolerance(0.039556, 0.0005, 39.556) == pytest.approx(5e-7)
    assert tolerance(10.9, 0.0, 13.0) == pytest.approx(0.05)  # a hedged print has no rounding


def test_a_misprinted_period_is_read(korea):
    whole = FIGURE | {"value": 100.0, "reason": "The year is a misprint."}
    growth = FIGURE | {"measure": "growth", "unit": "%", "value": -60.0, "base_period": "2020-H1"}
    figures = pd.DataFrame(
        [
            whole | {"period_reading": "2019-H1", "base_reading": ""},
            growth | {"period_reading": "", "base_reading": "2019-H1"},
            whole | {"period_reading": "2018-H1", "base_reading": ""},
            whole | {"period_reading": "", "base_reading": ""},
        ],
        index=[f"kiep2023:{n}" for n in range(4)],
    )
    table = compare(figures, korea).table
    assert table["verdict"].tolist() == [*(CORRECTED, CORRECTED, UNCHECKED, DIFFERS)]
    assert table["computed"].iloc[0] == pytest.approx(100.0)
    assert read_periods(figures.iloc[3]) is None
    assert read_periods(figures.iloc[0])["period"] == "2019-H1"


def test_comparison_counts_and_shows_itself(korea):
    figures = pd.DataFrame(
        [
            FIGURE | {"value": 40.0},
            FIGURE | {"value": 400.0, "reading": 40.0, "reason": "A zero too many."},
            FIGURE | {"value": 41.0},
            FIGURE | {"value": 1.0, "period": "2015"},
            FIGURE | {"value": np.nan},
        ],
        index=[f"kiep2023:{n}" for n in range(5)],
    )
    result = compare(figures, korea)
    assert result.counts == {
        **{"agree": 1, "corrected": 1, "differ": 1, "circular": 0, "unchecked": 1}
    }
    assert result.table["verdict"].tolist() == [*(AGREES, CORRECTED, DIFFERS, UNCHECKED)]
    assert "2015-01" in result.table["reason"].iloc[3]
    assert not result.estimated
    assert compare(figures, korea.assign(status="estimated")).estimated
    bundle = result._repr_mimebundle_()
    assert bundle["application/vnd.nktrade+json"] == {
        "published": result.counts,
        "figures": dict(zip(figures.index, result.table["verdict"], strict=False)),
        "computed": dict.fromkeys(figures.index[:3], "40 million USD"),
    }
    assert "A zero too many." in bundle["text/html"]
    assert "estimated" in compare(figures, korea.assign(status="estimated"))._repr_mimebundle_()[
        "text/html"
    ]  # fmt: skip


# --- the figures themselves ------------------------------------------------------------------


def test_ids_name_document_and_row():
    figures = load_documents()
    assert figures.index.is_unique
    assert len(figures) >= 458
    for document, rows in figures.groupby("document"):
        assert rows.index.tolist() == [f"{document}:{n}" for n in range(1, len(rows) + 1)]
    assert set(figures["document"]) == set(DOCUMENTS)


@pytest.mark.parametrize(
    ("id_", "quoted", "value", "unit"),
    [
        ("brown2020:8", "43.9", 43.9, "USD"),
        ("kiep2020h1:1", "67.2% decrease", -67.2, "%"),
        ("kiep2023:72", "19 million", 19.0, "million USD"),
        ("kiep2023:115", "27.5", 27.5, "%"),
    ],
)
def test_ids_are_stable(id_, quoted, value, unit):
    row = load_documents().loc[id_]
    assert quoted in row["quote"]
    assert (row["value"], row["unit"]) == (value, unit)


def test_codes_are_text_and_missing_text_is_empty():
    figures = load_documents()
    assert figures["code"].map(type).eq(str).all()
    assert "0808" in set(figures["code"])
    assert figures.loc[figures["value"].isna(), "half_unit"].isna().all()


def test_a_copy_is_given():
    figures = load_documents()
    figures["value"] = 0.0
    assert (load_documents()["value"] != 0).any()


def test_selections():
    assert load_documents("kiep2023", code="6704", measure="value")["value"].tolist() == [16674.0]
    with pytest.raises(InputError, match="Did you mean 'kiep2023'"):
        load_documents("kiep2022")
    with pytest.raises(InputError, match="Did you mean 'measure'"):
        load_documents(measures="value")


def test_a_page_on_another_partner_is_held_to_nothing():
    wanted = {"document": "kiep2023"}
    assert figures_for("BRA", "USD", wanted).empty
    assert figures_for("PRK", "CNY", wanted).empty
    twice = figures_for("PRK", "USD", wanted, wanted)
    assert len(twice) == len(load_documents("kiep2023"))
    assert published_months("BRA").empty


def test_published_months_are_months():
    points = published_months()
    assert (points["period"].dt.day == 1).all()
    assert set(points["flow"]) == {"import", "export"}
    brown = points[(points["period"] == "2020-09-01") & (points["flow"] == "import")]
    assert brown["value"].between(18e6, 20e6).all()


def test_a_rate_is_labelled_as_one():
    korea = mirror(make_trade([("2020-03", "import", "2716", 1.0)]))
    figures = figures_for(
        "PRK", "USD", {"code": "2716", "period": "2020-H1"}, {"label": "Growth of imports"}
    )
    labels = compare(figures, korea).table.set_index("unit")["label"]
    assert set(labels["%"]) >= {"Electricity, growth", "Growth of imports"}
    assert "growth" not in labels["10 thousand USD"]


def test_an_empty_comparison_says_what_the_documents_speak_of():
    nothing = compare(
        figures_for("BRA", "CNY", {}), make_trade([("2020-03", "export", "6902", 1.0)])
    )
    bundle = nothing._repr_mimebundle_()
    assert "North Korea's trade with China in dollars" in bundle["text/html"]
    assert "Nothing to compare" in bundle["text/plain"]


# --- whose declarations ----------------------------------------------------------------------


def test_the_declarer_is_asked(korea):
    """Korea's declarations, Brazil's trade and the sum of two declarers are not China's figures."""
    china = mirror(korea)
    assert compute(figure(), china) == pytest.approx(40)  # turned, not read the wrong way round
    for foreign in (
        mirror(make_trade([("2020-01", "export", "6902", 5.0)], reporter="KOR")),
        make_trade([("2020-01", "import", "6902", 5.0)], reporter="PRK", partner="CHN"),
        mirror(make_trade([("2020-01", "export", "6902", 5.0)], partner="BRA")),
    ):
        with pytest.raises(LookupError, match="China's declaration of North Korea's trade, not"):
            compute(figure(), foreign)
        comparison = compare(pd.DataFrame([figure(), figure(flow="export")]), foreign)
        assert comparison.counts["unchecked"] == len(comparison.table)
    russia = make_trade([("2020-01", "export", "69021000", 7e6)], reporter="RUS")
    both = pd.concat([korea, mirror(russia)], ignore_index=True)
    assert compute(figure(), both) == pytest.approx(40)


def test_points_are_one_print_a_month_and_flow():
    points = published_months()
    assert len(points) > 100
    assert not points.duplicated(["period", "flow"]).any()
    june = points.set_index(["period", "flow"]).loc[(pd.Timestamp("2020-06-01"), "import")]
    assert june["value"] == 87_679_000  # the finest of 87.8, 87.67 and 87.679 million


def test_points_are_of_the_declarer_asked_for():
    assert published_months(reporter="KOR").empty
    assert set(published_months()["declared_by"]) == {"CHN"}
