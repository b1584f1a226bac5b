"""UN Comtrade into a store, against a local server with every fault it can have."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
from click.testing import CliRunner

import nktrade as nk
from nktrade.cli import main
from nktrade.errors import InputError, ServiceError
from nktrade.sources import comtrade
from nktrade.sources.comtrade_service import Service
from nktrade.store import import_files, status
from nktrade.store import manifest as ledger
from nktrade.store.fetching import UncoveredTradeWarning, answers_of, fetch_comtrade
from tests.comtrade_server import KEY, ROW, make_trade, serving

MONTHS = [f"2020{month:02d}" for month in range(1, 13)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)


@pytest.fixture
def server():
    with serving(make_trade(MONTHS)) as running:
        yield running


def service_of(server, key=None, **options):
    slept = []
    service = Service(key, server.address, sleep=slept.append, clock=lambda: 0.0, **options)
    service.slept = slept
    return service


def sums_of(trade):
    sums = trade.groupby([trade["period"].dt.strftime("%Y%m"), "flow"])["value"].sum()
    return {(month, flow[0].replace("e", "X").replace("i", "M")): v for (month, flow), v in
            sums.items()}  # fmt: skip


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_local_server_has_the_fields_of_a_genuine_answer(shared):
    path = shared / "samples/comtrade/response_china_2010_total.json"
    genuine = json.loads(path.read_text())
    assert list(genuine["data"][0]) == list(ROW)
    assert len(ROW) == 47


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("level", [4, 6])
def test_everything_arrives_and_nothing_twice(server, tmp_path, key, level):
    service = service_of(server, key)
    report = fetch_comtrade(tmp_path / "s", [2020], level=level, service=service)
    assert report["state"].tolist() == ["imported"]
    trade = nk.load(tmp_path / "s")
    assert sums_of(trade) == {at: sum(lines.values()) for at, lines in server.trade.items()}
    assert set(trade["hs"].str.len()) == {level}
    assert set(trade["hs_edition"]) == {"HS2017"}
    assert set(trade["unit"]) == {"kg"}
    for asked in server.asked:
        assert (asked["customsCode"], asked["motCode"], asked["partner2Code"]) == ("C00", "0", "0")
    # without a key a call a month and flow; with one a count and a call for the year
    assert len(server.asked) == (2 if key else 24)
    again = fetch_comtrade(tmp_path / "s", [2020], level=level, service=service)
    assert again["state"].tolist() == ["already there"]
    assert len(server.asked) == (2 if key else 24)


def test_a_refresh_asks_again_and_keeps_what_was_revised(server, tmp_path):
    fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    same = fetch_comtrade(tmp_path / "s", [2020], service=service_of(server), refresh=True)
    assert same["state"].tolist() == ["already there"]  # the same rows are the same file
    assert len(server.asked) == 48
    before = nk.load(tmp_path / "s", start="2020-03", end="2020-03", flow="export")["value"].sum()
    server.trade["202003", "X"] = {c: v + 5 for c, v in server.trade["202003", "X"].items()}
    moved = fetch_comtrade(tmp_path / "s", [2020], service=service_of(server), refresh=True)
    assert moved["revised"].tolist() == [30]
    after = nk.load(tmp_path / "s", start="2020-03", end="2020-03", flow="export")["value"].sum()
    assert after == before + 150
    assert len(status(tmp_path / "s")) == 2


@pytest.mark.parametrize("key", [None, KEY])
def test_calls_are_split_until_none_is_cut(tmp_path, key):
    trade = make_trade(["202001"], lines=1200, flows=("X",)) | make_trade(["202202"], lines=499)
    with serving(trade) as server:
        report = fetch_comtrade(tmp_path / "s", [2020, 2022], service=service_of(server, key))
    got = nk.load(tmp_path / "s")
    assert sums_of(got) == {at: pytest.approx(sum(v.values())) for at, v in trade.items()}
    assert len(got) == 1200 + 2 * 499
    assert sorted(set(got["hs_edition"])) == ["HS2017", "HS2022"]
    if not key:
        cut = [asked for asked in server.asked if asked["cmdCode"] != "AG6"]
        assert len(cut) == 11  # 5,387 codes of HS2017, 499 a call
        assert max(len(asked["cmdCode"].split(",")) for asked in cut) == 499
        assert report["of_total"].iloc[0] == pytest.approx(1)
        assert report["of_total"].isna().tolist() == [False, True]


def test_an_answer_of_exactly_the_limit_is_never_taken(tmp_path):
    with serving(make_trade(["202001"], lines=500, flows=("X",))) as server:
        fetch_comtrade(tmp_path / "s", [2020], flow="export", service=service_of(server))
        assert len(nk.load(tmp_path / "s")) == 500
        assert any(asked["cmdCode"] != "AG6" for asked in server.asked)


def test_a_call_that_cannot_be_split_is_refused(tmp_path):
    with serving(make_trade(["202001"], lines=3), most=1) as server:
        service = service_of(server)
        service.rows = 1
        with pytest.raises(ServiceError, match="cannot be asked for in parts"):
            fetch_comtrade(tmp_path / "s", [2020], service=service)
    assert not (tmp_path / "s").exists()


def test_lines_are_held_against_the_total(tmp_path):
    with serving(make_trade(["202001"], lines=600, flows=("X",))) as server:
        server.lost = 50_000.0
        with pytest.warns(UncoveredTradeWarning, match=r"1 of 1 months .* 202001 X"):
            report = fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    assert 0.9 < report["of_total"].iloc[0] < 1


@pytest.mark.parametrize(
    "fault", ["429", "500", "truncated", "half", "html", "slow", "duplicate", "twice", "short"]
)
@pytest.mark.parametrize("key", [None, KEY])
def test_a_passing_fault_changes_nothing(server, tmp_path, fault, key):
    # Only a slow answer is waited for so briefly that a busy machine could miss another one.
    service = service_of(server, key, timeout=(30, 0.3 if fault == "slow" else 30))
    server.faults = ["", fault, fault]
    fetch_comtrade(tmp_path / "s", [2020], service=service)
    assert sums_of(nk.load(tmp_path / "s")) == {
        at: sum(lines.values()) for at, lines in server.trade.items()
    }
    waits = [seconds for seconds in service.slept if seconds != service.pause]
    assert waits[:2] == ([7.0, 7.0] if fault == "429" else [2.0, 4.0])
    assert len(waits) == 2 or fault == "slow"


@pytest.mark.parametrize(
    ("fault", "tries", "says"),
    [
        ("500", 3, "3 tries.*status 500"),
        ("html", 3, "not JSON"),
        ("truncated", 3, "no whole answer"),
        ("half", 3, "not whole JSON"),
        ("twice", 3, "same row twice"),
        ("short", 3, "29 rows where 30 are announced"),
        ("403 quota", 1, r"11\.1 hours.*goes on where it stopped"),
        ("400", 1, "a wrong parameter"),
        ("redirect", 1, "status 302"),
    ],
)
def test_a_lasting_fault_is_told_and_the_store_is_as_it_was(server, tmp_path, fault, tries, says):
    server.faults = [""] * 5 + [fault] * tries
    with pytest.raises(ServiceError, match=says):
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server, tries=3))
    assert not (tmp_path / "s").exists()
    assert len(server.asked) == 5 + tries
    fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    assert len(server.asked) == 24 + tries  # the five answers were not asked for again


@pytest.mark.parametrize("flow", ["both", "export"])
def test_a_page_of_another_call_is_not_taken_for_this_one(server, tmp_path, flow):
    server.faults = ["", *["duplicate"] * 3]  # of another flow, or of another month
    with pytest.raises(ServiceError, match=r"row of 202001, X, .* not asked for"):
        fetch_comtrade(tmp_path / "s", [2020], flow=flow, service=service_of(server, tries=3))


def test_with_a_key_the_rows_must_be_as_many_as_the_service_counts(server, tmp_path):
    server.faults = ["", *["silently short"] * 3]
    with pytest.raises(ServiceError, match="719 rows where the service counts 720"):
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server, KEY, tries=3))


def test_a_damaged_answer_on_disk_is_asked_for_again(server, tmp_path):
    fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    kept = sorted((answers_of(tmp_path / "s").folder / "calls").iterdir())
    kept[0].write_text(kept[0].read_text()[:-40])
    assert fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))["state"].tolist() == [
        "already there"
    ]
    assert len(server.asked) == 25


def test_months_without_rows_are_asked_for_again(tmp_path):
    with serving(make_trade(MONTHS[:6])) as server:
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
        server.trade |= make_trade(MONTHS[6:7])
        server.asked.clear()
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
        assert sorted({asked["period"] for asked in server.asked}) == MONTHS[6:]
    assert nk.load(tmp_path / "s")["period"].max() == pd.Timestamp("2020-07-01")


def test_nothing_at_all_is_refused(tmp_path):
    with serving({}) as server, pytest.raises(InputError, match="no such figures"):
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    assert not (tmp_path / "s").exists()


def test_one_store_holds_one_level(server, tmp_path):
    fetch_comtrade(tmp_path / "s", [2020], service=service_of(server))
    asked = len(server.asked)
    with pytest.raises(InputError, match="codes of 6 digits"):
        fetch_comtrade(tmp_path / "s", [2020], level=4, service=service_of(server))
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    "wrong", [{"partner": "PRX"}, {"reporter": "XX"}, {"level": 5}, {"flow": "imports"}]
)
def test_wrong_arguments_ask_nothing(server, tmp_path, wrong):
    with pytest.raises(InputError):
        fetch_comtrade(tmp_path / "s", [2020], service=service_of(server), **wrong)
    assert server.asked == []


def test_the_manifest_says_where_the_rows_came_from(server, tmp_path):
    store = tmp_path / "s"
    fetch_comtrade(store, [2020], service=service_of(server, KEY))
    (entry,) = ledger.read_entries(store)
    (call,) = entry["layout"]["calls"]
    assert call["url"].startswith(f"{server.address}/data/v1/get/C/M/HS?reporterCode=156&")
    assert (call["rows"], len(call["sha256"])) == (720, 64)
    folder = answers_of(store).folder
    file = folder / entry["name"]
    assert import_files(store, "comtrade", [folder])["state"].tolist() == ["already there"]
    pd.testing.assert_frame_equal(
        comtrade.read(file).sort_values(["period", "flow", "hs"], ignore_index=True),
        nk.load(store),
        check_like=True,
    )


@pytest.fixture
def call(server, monkeypatch):
    monkeypatch.setenv("COMTRADE_URL", server.address)
    monkeypatch.setattr("nktrade.sources.comtrade_service.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("nktrade.sources.comtrade_service.Service._wait", lambda self, state: 0.0)
    return lambda *arguments: CliRunner().invoke(
        main, ["data", "fetch", "comtrade", *map(str, arguments)]
    )


def test_the_command(call, server, tmp_path):
    store = tmp_path / "s"
    told = call("--years", "2020", "--dry-run", "--json", "--store", store)
    calls = json.loads(told.stdout)
    assert (len(calls), server.asked) == (24, [])
    assert calls[0]["what"] == "202001, X, every 6-digit code"
    assert not any(row["kept"] for row in calls)
    assert "24 of 24 calls" in told.stderr
    done = call("--years", "2020", "--json", "--store", store)
    assert done.exit_code == 0
    assert [row["state"] for row in json.loads(done.stdout)] == ["imported"]
    assert "24/24" in done.stderr
    told = call("--years", "2020", "--dry-run", "--store", store)
    assert "0 of 24 calls" in told.stderr


@pytest.mark.parametrize(
    "wrong", [["--years", "202"], ["--years", "2020-2019"], ["--years", "2020", "--partner", "X"]]
)
def test_a_wrong_call_changes_nothing(call, server, tmp_path, wrong):
    told = call(*wrong, "--store", tmp_path / "s")
    assert (told.exit_code, told.stdout, server.asked) == (2, "", [])
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_nowhere(call, server, tmp_path, monkeypatch, caplog):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("COMTRADE_API_KEY", KEY)
    store, told = tmp_path / "s", []
    for faults, extra in [
        ([], ["--dry-run"]),
        (["429"], ["--json"]),
        (["400"], ["--refresh"]),
        (["403 quota"], ["--refresh"]),
        (["429"] * 6, ["--refresh"]),
    ]:
        server.faults = list(faults)
        told.append(call("--years", "2020", "--store", store, *extra))
    assert [result.exit_code for result in told] == [0, 0, 1, 1, 1]
    assert all("(key)" in result.stderr for result in told[2:])  # the server says it, we do not
    said = "".join(result.stdout + result.stderr for result in told) + caplog.text
    assert KEY not in said
    assert "SECRET" not in said
    assert server.asked
    assert all(KEY in asked["headers"]["Ocp-Apim-Subscription-Key"] for asked in server.asked)
    assert not any(KEY in asked["path"] or "subscription-key" in asked for asked in server.asked)
    for path, content in tree(tmp_path).items():
        inside = gzip.decompress(content) if path.suffix == ".gz" else content
        assert KEY.encode() not in inside, path
    wrong = call("--years", "2020", "--store", store, "--refresh")
    assert wrong.exit_code == 0
    monkeypatch.setenv("COMTRADE_API_KEY", f"{KEY}\nX: y")
    wrong = call("--years", "2020", "--store", store)
    assert wrong.exit_code == 2
    assert KEY not in wrong.stderr


def test_a_key_is_not_sent_in_the_open():
    with pytest.raises(InputError, match="not safe"):
        Service(KEY, "http://comtrade.example")


def test_interrupting_leaves_the_store_as_it_was(server, tmp_path):
    store = tmp_path / "s"
    fetch_comtrade(store, [2020], flow="export", service=service_of(server))
    before = tree(store)
    server.trade |= make_trade([f"2021{month:02d}" for month in range(1, 13)])
    command = [sys.executable, "-m", "nktrade", "data", "fetch", "comtrade", "--years"]
    command += ["2020-2021", "--store", str(store)]
    running = subprocess.Popen(
        command, env=os.environ | {"COMTRADE_URL": server.address}, stderr=subprocess.PIPE
    )
    asked = len(server.asked)
    deadline = time.monotonic() + 60
    while len(server.asked) < asked + 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    running.communicate()
    assert running.returncode != 0
    assert tree(store) == before
    resumed = fetch_comtrade(store, [2020, 2021], service=service_of(server))
    assert resumed["state"].tolist() == ["imported", "imported"]
    assert sums_of(nk.load(store)) == {at: sum(v.values()) for at, v in server.trade.items()}
