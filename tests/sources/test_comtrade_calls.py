"""Calls to UN Comtrade: every cell is asked for once, and no call can be cut unseen."""

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nktrade.codes.hs import codes_of
from nktrade.errors import InputError, ServiceError
from nktrade.sources.comtrade_calls import (
    CODES_PER_CALL,
    Call,
    codes_of_country,
    parse_years,
    plan_calls,
)
from nktrade.sources.comtrade_service import ADDRESS, Service

H5 = [{"classificationCode": "H5", "cmdCode": "010121"}]


def cells(calls):
    return [(m, f, c) for call in calls for m in call.months for f in call.flows
            for c in call.codes or ("all",)]  # fmt: skip


@pytest.mark.parametrize("flow", ["export", "import", "both"])
@pytest.mark.parametrize("keyed", [False, True])
def test_a_plan_asks_for_every_month_and_flow_once(flow, keyed):
    plan = plan_calls(range(2017, 2025), flow=flow, keyed=keyed)
    ways = {"export": ["X"], "import": ["M"], "both": ["X", "M"]}[flow]
    want = {
        (f"{y}{m:02d}", w, "all") for y in range(2017, 2025) for m in range(1, 13) for w in ways
    }
    assert sorted(cells(plan)) == sorted(want)
    assert len(plan) == (8 if keyed else len(want))
    assert all(len(call.months) <= 12 for call in plan)


@given(
    months=st.lists(st.integers(1, 12), min_size=1, max_size=12, unique=True),
    flows=st.sampled_from([("X",), ("M",), ("X", "M")]),
    codes=st.lists(st.sampled_from(codes_of("HS2022", 6)), min_size=2, max_size=40, unique=True),
)
def test_parts_ask_for_what_the_whole_asks_for_and_for_nothing_twice(months, flows, codes):
    whole = Call("CHN", "PRK", tuple(f"2020{m:02d}" for m in months), flows, 6, tuple(codes))
    parts = whole.split()
    assert len(parts) > 1
    assert sorted(cells(parts)) == sorted(cells([whole]))


@pytest.mark.parametrize(("level", "calls"), [(4, 3), (6, 11)])
def test_a_split_by_code_asks_for_the_whole_nomenclature(level, calls):
    rows = [*H5, {"classificationCode": "H5", "cmdCode": "980100"[:level]}]
    parts = Call("CHN", "PRK", ("202001",), ("X",), level).split(rows)
    asked = [code for part in parts for code in part.codes]
    assert len(asked) == len(set(asked))
    assert set(asked) >= {"TOTAL", "9999" if level == 4 else "999999", "980100"[:level]}
    assert set(asked) >= set(codes_of("HS2017", level))
    assert len(parts) == calls
    assert all(len(part.codes) <= CODES_PER_CALL < 500 for part in parts)


def test_no_address_is_longer_than_the_service_takes():
    service = Service()
    for partner in ("PRK", "SDN"):  # Sudan has two codes
        call = Call("CHN", partner, ("202001",), ("X",), 6)
        for part in call.split():
            assert len(service.url(part.query(500))) < 4096


def test_a_query_rules_out_every_breakdown():
    (call,) = plan_calls([2020], keyed=True)
    said = {name: value for name, (value,) in parse_qs(call.query(100_000)).items()}
    assert said == {
        "reporterCode": "156", "partnerCode": "408", "flowCode": "X,M", "cmdCode": "AG6",
        "period": ",".join(f"2020{m:02d}" for m in range(1, 13)), "maxRecords": "100000",
        "customsCode": "C00", "motCode": "0", "partner2Code": "0", "includeDesc": "false",
    }  # fmt: skip
    assert parse_qs(call.query(100_000, count=True))["countOnly"] == ["true"]
    assert Service().url("x=1") == f"{ADDRESS}/public/v1/preview/C/M/HS?x=1"
    assert Service("k").url("x=1") == f"{ADDRESS}/data/v1/get/C/M/HS?x=1"


def test_one_cell_cannot_be_split():
    with pytest.raises(ServiceError, match="010121 in 202001"):
        Call("CHN", "PRK", ("202001",), ("X",), 6, ("010121",)).split()


@pytest.mark.parametrize("text", ["", "x", "2017-", "1987", "2020-2026", "2021-2020", "17-18"])
def test_years_that_cannot_be(text):
    with pytest.raises(InputError):
        parse_years(text, 2024)


def test_countries():
    assert codes_of_country("SDN") == ["729", "736"]
    with pytest.raises(InputError, match="Did you mean 'PRK'"):
        codes_of_country("PRKX")
