"""Which of contradictory prints is honoured: cases small enough to decide by hand."""

import numpy as np
import pandas as pd
import pytest

from tools.weigh_facts import weigh

PRINT = {
    **{"source": "facts", "flow": "import", "statistic": "goods", "subject": "goods", "hs": "2701"},
    **{"province": "", "regime": "", "measure": "value", "whole": "", "unit": "USD"},
    **{"period": "2020-06", "half": 0.5, "kind": "printed", "qualifier": "", "honoured": True},
    **{"vintage": "2020-07", "publisher": "A", "label": "", "doubt": "", "read_low": np.nan},
    **{"read_high": np.nan},
}


def weigh_prints(*prints) -> dict[str, tuple[bool, str]]:
    """Weigh prints of (value and what differs from PRINT); named a, b, c in their order."""
    rows = []
    for value, differs in prints:
        row = PRINT | {"value": value} | differs
        month = pd.Timestamp(f"{row['period'][:7]}-01")
        ends = {"low": value - row["half"], "high": value + row["half"], "first": month}
        last = row.pop("until", row["period"][:7])
        rows.append(row | ends | {"last": pd.Timestamp(f"{last}-01")})
    table = pd.DataFrame(rows, index=pd.Index(list("abcdefgh")[: len(rows)], name="id"))
    found = weigh(table)
    return {name: (bool(row["honoured"]), row["check"]) for name, row in found.iterrows()}


def honoured(*prints) -> str:
    return "".join(name for name, (kept, _) in weigh_prints(*prints).items() if kept)


def test_prints_that_meet_are_all_honoured():
    assert honoured((100.0, {}), (100.4, {}), (104.0, {"half": 5.0})) == "abc"


def test_of_contradictory_prints_the_one_most_publishers_print_is_honoured():
    found = weigh_prints((100.0, {}), (300.0, {"publisher": "B"}), (100.0, {"publisher": "C"}))
    assert [kept for kept, _ in found.values()] == [True, False, True]
    assert found["b"][1] == "contradicted; a prints 100"
    # A page that repeats itself is one publisher.
    assert (
        honoured((100.0, {}), (100.0, {}), (300.0, {"publisher": "B", "vintage": "2020-09"})) == "c"
    )


def test_a_later_print_near_an_earlier_one_is_its_revision():
    found = weigh_prints((100.0, {}), (103.0, {"publisher": "B", "vintage": "2021-02"}))
    assert found["a"] == (False, "earlier vintage; b prints 103 in 2021-02")
    assert found["b"][0]


def test_where_nothing_tells_neither_binds():
    found = weigh_prints((100.0, {}), (300.0, {"publisher": "B"}))
    assert not any(kept for kept, _ in found.values())
    assert "nothing tells" in found["a"][1]


def test_what_is_derived_or_hedged_gives_way_to_what_is_printed():
    assert honoured((100.0, {"kind": "derived"}), (300.0, {"publisher": "B"})) == "b"
    assert honoured((100.0, {"qualifier": "nearly"}), (300.0, {"publisher": "B"})) == "b"


def test_a_print_that_was_cut_agrees_with_the_finer_one():
    found = weigh_prints((87_670.0, {"half": 5.0}), (87_679.0, {"publisher": "B"}))
    assert found["a"] == (False, "cut, not rounded; b prints 87,679")
    assert found["b"][0]
    total = {"source": "totals", "subject": "total", "hs": ""}  # also if the coarser is a total
    fine = {"publisher": "B", "subject": "total", "hs": ""}
    assert honoured((87_670.0, total | {"half": 5.0}), (87_679.0, fine)) == "b"


@pytest.mark.parametrize(
    "whole",
    [{"hs": "27"}, {"period": "2020-04", "until": "2020-06"}, {"flow": "total"}],
)
def test_no_part_exceeds_its_whole(whole):
    assert honoured((100.0, {}), (120.0, whole | {"publisher": "B"})) == "ab"
    found = weigh_prints((100.0, {}), (90.0, whole | {"publisher": "B", "kind": "derived"}))
    assert found["a"][0]
    assert not found["b"][0]
    assert found["b"][1] == "a (100) exceeds b, its whole"


def test_the_figure_in_most_broken_relations_falls():
    months = [(60.0, {"period": "2020-04"}), (70.0, {"period": "2020-05"}), (80.0, {})]
    quarter = (50.0, {"period": "2020-04", "until": "2020-06"})
    assert honoured(*months, quarter) == "abc"


def test_two_flows_make_their_total():
    total = {"subject": "total", "hs": "", "statistic": "headline"}
    flows = [(60.0, total | {"flow": "export"}), (40.0, total)]
    assert honoured(*flows, (100.0, total | {"flow": "total"})) == "abc"
    assert honoured(*flows, (110.0, total | {"flow": "total"})) == "ab"


def test_a_unit_value_far_from_the_others_is_a_slip():
    rows = []
    for month in ("2020-01", "2020-02", "2020-03", "2020-04"):
        rows += [(1000.0, {"period": month}), (10.0, {"period": month, "unit": "t"} | TONS)]
    rows[-1][1]["period"] = "2020-04"
    rows[-1] = (900.0, rows[-1][1])
    rows = [(value, {"half": 0.1} | differs) for value, differs in rows]
    found = weigh_prints(*rows)
    assert [kept for kept, _ in found.values()] == [True] * 6 + [False] * 2
    assert found["h"][1].startswith("unit value 1.111 USD a ton is far")


TONS = {"measure": "quantity", "publisher": "B"}


def test_a_lost_unit_shows_beside_other_periods():
    months = [(1e5 + n, {"period": f"2020-0{n}"}) for n in range(1, 5)]
    found = weigh_prints(*months, (9e6, {"period": "2020-05"}))
    assert [kept for kept, _ in found.values()] == [True] * 4 + [False]
    assert "90 times" in found["e"][1]
    # Two publishers do not lose the same unit, and a year is not a month.
    both = [(9e6, {"period": "2020-05"}), (9e6, {"period": "2020-05", "publisher": "B"})]
    assert honoured(*months, *both) == "abcdef"
    assert honoured(*months, (9e6, {"period": "2021-01", "until": "2021-12"})) == "abcde"


def test_the_order_of_the_rows_does_not_matter():
    rows = [
        (100.0, {}),
        (300.0, {"publisher": "B"}),
        (100.0, {"publisher": "C", "vintage": "2021-01"}),
        (40.0, {"hs": "27"}),
    ]
    kept = {rows[n][0] for n, k in enumerate(weigh_prints(*rows).values()) if k[0]}
    turned = rows[::-1]
    assert kept == {turned[n][0] for n, k in enumerate(weigh_prints(*turned).values()) if k[0]}
