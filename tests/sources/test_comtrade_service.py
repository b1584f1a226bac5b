"""Asking one call: patience, refusals, and answers kept whole."""

import datetime as dt
import email.utils
import gzip
import tracemalloc

import pytest

from nktrade.errors import InputError, ServiceError
from nktrade.sources.comtrade_calls import Call
from nktrade.sources.comtrade_service import Answers, Service, _seconds
from tests.comtrade_server import KEY, make_trade, serving

QUERY = Call("CHN", "PRK", ("202001",), ("X",), 6).query(500)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server():
    with serving(make_trade(["202001"])) as running:
        yield running


def test_calls_keep_their_distance(server):
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    service = Service(address=server.address, sleep=sleep, clock=lambda: now[0], pause=1.5)
    service.ask(QUERY)
    assert slept == []
    now[0] += 0.5
    service.ask(QUERY)
    assert slept == [1.0]
    now[0] += 60
    service.ask(QUERY)
    assert slept == [1.0, 0.0]


def test_waits_double_up_to_a_minute(server):
    slept = []
    service = Service(
        address=server.address, sleep=slept.append, clock=lambda: 0.0, pause=0, tries=9
    )
    server.faults = ["500"] * 8
    service.ask(QUERY)
    assert [s for s in slept if s] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_retry_after_is_seconds_or_a_moment():
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert 85 < _seconds(email.utils.format_datetime(soon, usegmt=True)) <= 90
    assert [_seconds(text) for text in (None, "7", "soon")] == [None, 7.0, None]
    assert _seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


def test_a_refused_key_is_told_without_it(server):
    service = Service("wrongSECRET", server.address, sleep=lambda seconds: None)
    with pytest.raises(ServiceError, match=r"401.*COMTRADE_API_KEY") as raised:
        service.ask(QUERY)
    assert "SECRET" not in str(raised.value)


def test_nobody_there_is_told():
    service = Service(address="http://127.0.0.1:9", sleep=lambda seconds: None, tries=2)
    with pytest.raises(ServiceError, match=r"2 tries.*ConnectionError"):
        service.ask(QUERY)


def test_the_environment_names_key_and_address(monkeypatch):
    monkeypatch.setenv("COMTRADE_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("COMTRADE_URL", "http://127.0.0.1:9/")
    service = Service.from_environment()
    assert (service.keyed, service.rows, service.address) == (True, 100_000, "http://127.0.0.1:9")
    monkeypatch.delenv("COMTRADE_API_KEY")
    monkeypatch.delenv("COMTRADE_URL")
    service = Service.from_environment()
    assert (service.keyed, service.rows) == (False, 500)
    assert service.address == "https://comtradeapi.un.org"


def test_answers_are_kept_whole_or_not(tmp_path):
    answers = Answers(tmp_path / "a")
    assert answers.find(QUERY) is None
    answers.keep(QUERY, {"rows": [1]})
    assert answers.find(QUERY) == {"rows": [1]}
    assert answers.find(QUERY + "0") is None
    (file,) = (tmp_path / "a" / "calls").iterdir()
    file.write_text("[]")
    assert answers.find(QUERY) is None
    (tmp_path / "b").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        Answers(tmp_path / "b").keep(QUERY, {})


def test_an_answer_is_never_larger_or_deeper_than_answers_are(server, monkeypatch):
    monkeypatch.setattr("nktrade.sources.comtrade_service.LARGEST", 2_000_000)
    server.bomb = gzip.compress(b" " * 100_000_000, 9)
    service = Service(address=server.address, sleep=lambda seconds: None, pause=0, tries=1)
    tracemalloc.start()
    try:
        for fault, told in (
            ("bomb", "more than 2 MB"),
            ("deep", "nested too deeply|not JSON"),
            ("long refusal", "status 400: no no"),
        ):
            server.faults = [fault]
            with pytest.raises(ServiceError, match=told) as raised:
                service.ask(QUERY)
            assert len(str(raised.value)) < 600
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert service.ask(QUERY)["data"]
