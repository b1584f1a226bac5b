"""Both sides of one flow, side by side."""

import pandas as pd
import pytest

from nktrade.errors import InputError, MixtureError
from nktrade.measures.two_sides import compare_sides, compare_sources, sum_years
from nktrade.table.rows import check_trade


def side(reporter, partner, flow, values, currency="USD"):
    rows = [
        {"period": "2020-01-01", "reporter": reporter, "partner": partner, "flow": flow, "hs": hs,
         "hs_edition": "HS2017", "value": value, "currency": currency}
        for hs, value in values.items()
    ]  # fmt: skip
    return check_trade(pd.DataFrame(rows))


FOB = side("CHN", "PRK", "export", {"01012100": 60.0, "01012900": 40.0, "02011000": 5.0})
CIF = side("PRK", "CHN", "import", {"010121": 66.0, "010129": 44.0})


def test_levels_are_aligned_and_gaps_kept():
    table = compare_sides(FOB, CIF, level=4)
    assert table["hs"].tolist() == ["0101", "0201"]
    assert table.loc[0, "margin"] == pytest.approx(0.1)
    assert table.loc[1, ["cif", "ratio", "margin"]].isna().all()


def test_refused():
    with pytest.raises(MixtureError, match="currency"):
        compare_sides(FOB, side("PRK", "CHN", "import", {"010121": 1.0}, "CNY"))
    with pytest.raises(InputError, match="two sides"):
        compare_sides(FOB, FOB)
    with pytest.raises(MixtureError, match="shorter"):
        compare_sides(FOB, side("PRK", "CHN", "import", {"0101": 1.0}))


def test_totals_of_sides():
    table = compare_sides(FOB, CIF, level=0)
    assert table[["hs", "fob", "cif"]].to_numpy().tolist() == [["", 105.0, 110.0]]
    assert table.loc[0, "margin"] == pytest.approx(110 / 105 - 1)


def test_two_sources_of_one_side():
    other = side("CHN", "PRK", "export", {"010121": 63.0, "030611": 9.0})
    table = compare_sources(FOB, other).set_index("hs")
    assert table.loc["010121", ["first", "second", "difference"]].tolist() == [60.0, 63.0, 3.0]
    assert table.loc["010121", "ratio"] == pytest.approx(1.05)
    assert pd.isna(table.loc["030611", "first"])
    assert pd.isna(table.loc["020110", "second"])
    with pytest.raises(InputError, match=r"different flows.*CHN-PRK-export and PRK-CHN-import"):
        compare_sources(FOB, CIF)
    with pytest.raises(InputError, match="2, 4 or 6, or 0"):
        compare_sources(FOB, other, level=8)


def test_editions_must_agree_month_by_month():
    newer = FOB.assign(hs_edition="HS2022")
    with pytest.raises(MixtureError, match=r"hs_edition.*HS2017, HS2022 in 2020-01.*convert"):
        compare_sources(FOB, newer)
    assert compare_sources(FOB, newer, level=0)["difference"].tolist() == [0.0]
    later = newer.assign(period=pd.Timestamp("2022-01-01"))
    both = pd.concat([FOB, later], ignore_index=True)
    assert len(compare_sources(both, both)) == 6


def test_years_are_whole():
    months = pd.date_range("2020-01-01", "2020-12-01", freq="MS")
    year = pd.concat([FOB.assign(period=month) for month in months], ignore_index=True)
    summed = sum_years(year)
    assert summed.set_index("hs")["value"].to_dict() == {
        "01012100": 720.0, "01012900": 480.0, "02011000": 60.0
    }  # fmt: skip
    assert set(summed["period"]) == {pd.Timestamp("2020-01-01")}
    with pytest.raises(InputError, match="exports of 2020 lack months; got no 02, 12"):
        sum_years(year[~year["period"].dt.month.isin([2, 12])])
    winter = year[year["period"].dt.month > 1]
    winter = winter.assign(status=winter["status"].where(winter["period"].dt.month > 2, "combined"))
    assert len(sum_years(winter)) == 3
