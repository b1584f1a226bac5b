"""The other Korea's rows: the rule by hand, its error by mislabelling; two sides made one."""

import numpy as np
import pandas as pd
import pytest

from nktrade.errors import InputError, UnanswerableError
from nktrade.measures.mislabelled import APART, KEPT, both_versions, measure_rule, set_apart
from nktrade.measures.reconciling import reconcile, reliability
from nktrade.table.mirrors import mirror
from nktrade.table.rows import check_trade
from tests.making import make_trade


def rows(*lines, partner="PRK"):
    made = pd.DataFrame(lines, columns=["reporter", "flow", "hs", "value"])
    made = made.assign(period="2020-01-01", partner=partner, hs_edition="HS2017", currency="USD")
    return check_trade(made.assign(source="x", status="reported"))


def test_the_rule_by_hand():
    trade = rows(
        ("CHN", "import", "670420", 100.0), ("CHN", "import", "260111", 50.0),
        ("DEU", "import", "670420", 90.0), ("IND", "import", "670420", 101.0),
        ("MEX", "import", "851712", 10.0), ("MEX", "export", "670420", 1.0),
        ("JPN", "import", "851712", 0.0),
    )  # fmt: skip
    judged = set_apart(trade)
    assert judged["reason"].tolist() == [
        KEPT[0], KEPT[0], KEPT[1], APART[1], APART[0], APART[0], KEPT[0]
    ]  # fmt: skip
    assert judged["kept"].tolist() == [True, True, True, False, False, False, True]
    table = both_versions(judged).set_index("flow")
    assert table.loc["import", ["declared", "kept", "apart", "declarers"]].tolist() == [
        351, 240, 111, 5
    ]  # fmt: skip
    assert table.loc["export", "share"] == 1
    by_reporter = both_versions(judged, by=["reporter"]).set_index(["flow", "reporter"])
    assert by_reporter.loc[("import", "IND"), "apart"] == 101
    assert set_apart(trade, level=2)["kept"].sum() == 4


def test_the_mirrored_table_is_judged_alike():
    trade = rows(
        ("CHN", "import", "670420", 100.0), ("IND", "import", "670420", 101.0),
        ("MEX", "export", "851712", 10.0), ("CHN", "export", "100630", 5.0),
    )  # fmt: skip
    plain, turned = set_apart(trade), set_apart(mirror(trade))
    assert plain["reason"].tolist() == turned["reason"].tolist()
    own = both_versions(turned).set_index("flow")
    flipped = both_versions(plain).set_index("flow")
    numbers = ["declared", "kept", "apart", "declarers"]
    assert (own.loc["export", numbers] == flipped.loc["import", numbers]).all()
    by_partner = both_versions(turned, by=["partner"])
    assert by_partner["apart"].sum() == 111
    south = mirror(rows(("MEX", "import", "851712", 10.0), partner="KOR"))
    error = measure_rule(turned[turned["kept"]], south, (1.0,), draws=1)
    assert error["caught"].tolist() == [1]
    with pytest.raises(InputError, match="one table is mirrored"):
        measure_rule(trade, south)


def test_what_the_rule_cannot_judge():
    for alone in ("DEU", "CHN"):
        with pytest.raises(UnanswerableError, match=f"one declarer only, {alone}. Import"):
            set_apart(rows((alone, "import", "670420", 1.0)))
    with pytest.raises(UnanswerableError, match="no trusted partner"):
        set_apart(rows(("DEU", "import", "670420", 1.0), ("IND", "import", "670420", 1.0)))
    both = pd.concat([rows(("CHN", "import", "670420", 1.0)),
                      rows(("CHN", "import", "670420", 1.0), partner="KOR")])  # fmt: skip
    with pytest.raises(InputError, match="several partners"):
        set_apart(both)


def test_the_error_of_the_rule_by_mislabelling():
    generator = np.random.default_rng(1)
    narrow = [f"67{n:02d}20" for n in range(1, 5)]
    wide = [f"85{n:02d}10" for n in range(1, 60)]
    north = rows(*[("CHN", "import", code, 1000.0) for code in narrow],
                 *[("IND", "import", code, 50.0) for code in narrow[:2]])  # fmt: skip
    south = rows(*[(who, "import", code, float(generator.lognormal(3, 1)))
                   for who in ("IND", "MEX") for code in [*wide, *narrow]],
                 partner="KOR")  # fmt: skip
    error = measure_rule(north, south, (0.0, 0.1, 0.5), draws=5)
    none, some, much = error.to_dict("records")
    assert (none["before"], none["after"], none["lost"]) == (0, 0, 0)
    assert some["before"] > 0.03
    assert much["before"] > some["before"]
    # What the trusted trade too (4 of 63 goods) slips through, the rest is caught.
    for row in (some, much):
        assert 0.8 < row["caught"] < 1
        assert row["lost"] == 0
        assert 0 < row["after"] < 0.1 * row["before"] + 0.05
    exact = measure_rule(north, south[south["hs"].str[:2] == "85"], (1.0,), draws=1).iloc[0]
    assert (exact["caught"], exact["after"]) == (1, 0)


def test_two_sides_by_simulation():
    generator = np.random.default_rng(2)
    truth = {"AAA": 0.05, "BBB": 0.2, "CCC": 0.5, "DDD": 0.8}
    made = []
    for exporter in truth:
        for importer in truth:
            if exporter != importer:
                value = np.exp(generator.normal(10, 2, 400))
                fob = value * np.exp(generator.normal(0, truth[exporter], 400))
                cif = value * 1.06 * np.exp(generator.normal(0, truth[importer], 400))
                frame = pd.DataFrame({"value_true": value, "fob": fob, "cif": cif})
                made.append(frame.assign(exporter=exporter, importer=importer))
    pairs = pd.concat(made, ignore_index=True)
    errors = reliability(pairs)
    assert errors.sort_values().index.tolist() == list(truth)
    assert errors["CCC"] == pytest.approx(0.5, rel=0.2)
    assert errors["DDD"] == pytest.approx(0.8, rel=0.2)
    one = reconcile(pairs)

    def miss(column):
        return float(np.sqrt(np.mean(np.log(column / pairs["value_true"]) ** 2)))

    assert miss(one["value"]) < 0.6 * min(miss(pairs["fob"]), miss(pairs["cif"] / 1.06))
    first = one[(one["exporter"] == "AAA") & (one["importer"] == "DDD")]
    assert (first["weight"] > 0.9).all()


def test_a_silent_side():
    pairs = pd.DataFrame({
        "exporter": ["AAA"] * 4, "importer": ["BBB"] * 4,
        "fob": [100.0, 100.0, 50.0, np.nan], "cif": [110.0, 110.0, np.nan, 55.0],
    })  # fmt: skip
    one = reconcile(pairs)
    assert one["sides"].tolist() == ["both", "both", "exporter", "importer"]
    assert one["value"].round(6).tolist() == [100, 100, 50, 50]
    with pytest.raises(InputError, match="too few flows"):
        reliability(pairs[2:])


def test_an_unknown_value_leaves_what_was_kept_unknown():
    """As zero it would make the share that was set apart too large."""
    rows = make_trade([("2020-01", "import", "690220", 5.0), ("2020-02", "import", "690220", 7.0)])
    hidden = rows["period"] == "2020-02-01"
    rows = rows.assign(
        value=rows["value"].mask(hidden), status=rows["status"].mask(hidden, "suppressed")
    )
    judged = rows.assign(kept=True, reason="")
    found = both_versions(judged).iloc[0]
    assert found[["kept", "apart", "share"]].isna().all()
