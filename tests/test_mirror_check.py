"""Both sides of one flow, side by side."""

import pandas as pd
import pytest

from nktrade.errors import InputError, MixtureError
from nktrade.mirror_check import compare_sides
from nktrade.trade import check_trade


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
