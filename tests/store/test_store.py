"""The store: all or nothing, twice is once, and what goes in comes out to the yuan."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nktrade import codes as hs
from nktrade import store
from nktrade.errors import InputError, MixtureError, UnanswerableError
from nktrade.sources import TruncatedFileWarning, _blocks, find_source, gacc
from nktrade.store import inventory, sweep
from nktrade.store import manifest as ledger
from nktrade.store.lock import writing
from nktrade.table.arrow import from_frame, hash_keys, to_frame
from nktrade.table.rows import KEY, check_trade
from tests.rendered import run_nktrade

HEAD = '"数据年月","贸易伙伴编码","商品编码","商品名称","第一数量","第一计量单位","人民币",\n'


def line(month="202301", partner="109", hs="01012100", value="5,917,063", name="马"):
    return f'"{month}","{partner}","{hs}","{name}","12","千克","{value}",\n'


@pytest.fixture
def make(tmp_path):
    def make(name, *lines, head=HEAD):
        path = tmp_path / name
        path.write_bytes((head + "".join(lines)).encode("gb18030"))
        return path

    return make


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "a store"


def snapshot(folder):
    """Everything a store holds, byte for byte, but its lock."""
    if not folder.exists():
        return None
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


# --- in and out ----------------------------------------------------------------------------


def test_files_come_out_to_the_yuan(downloads, folder):
    samples = downloads
    report = store.import_files(
        folder, "gacc", [samples / "2023.csv", samples / "2024in.csv"], flow="import"
    )
    assert report["state"].tolist() == ["imported", "imported"]
    store.import_files(folder, "gacc", [samples / "2024out.csv"], flow="export")
    for name, flow in (("2023.csv", "import"), ("2024in.csv", "import"), ("2024out.csv", "export")):
        direct = gacc.read(samples / name, flow=flow)
        for partner, rows in direct.groupby("partner"):
            stored = store.load(folder, partner=partner, flow=flow, start=name[:4], end=name[:4])
            left = stored.sort_values(list(KEY), ignore_index=True)
            right = rows.sort_values(list(KEY), ignore_index=True)
            pd.testing.assert_frame_equal(left, right)


def test_codes_stay_text_with_their_zeros(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    trade = store.load(folder)
    assert trade["hs"].tolist() == ["01012100"]
    assert trade["value"].tolist() == [5917063]
    assert trade["partner"].tolist() == ["PRK"]


def test_load_selects(make, folder):
    rows = [
        line(month, partner, hs)
        for month in ("202301", "202302", "202403")
        for partner in ("109", "133")
        for hs in ("01012100", "01022100", "67042000")
    ]
    store.import_files(folder, "gacc", [make("a.csv", *rows)], flow="export")
    assert len(store.load(folder)) == 9
    assert len(store.load(folder, partner=None)) == 18
    assert len(store.load(folder, partner=["PRK", "KOR"])) == 18
    assert len(store.load(folder, hs="01")) == 6
    assert len(store.load(folder, hs=["0101", "6704"])) == 6
    assert len(store.load(folder, hs="01012100", start="2023-02", end="2023-12")) == 1
    assert len(store.load(folder, start="2024")) == 3
    assert len(store.load(folder, end="2023-H1")) == 6


def test_names_of_wrong_arguments(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    for said, word in (
        ({"flow": "imports"}, "Did you mean 'import'"),
        ({"currency": "EUR"}, "currency"),
        ({"hs": "10121"}, "010121"),
        ({"start": "2023-13"}, "2023-13"),
        ({"as_of": "yesterdayish"}, "cannot be read"),
    ):
        with pytest.raises(InputError, match=word):
            store.load(folder, **said)


def test_nothing_matches_says_what_there_is(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    with pytest.raises(UnanswerableError, match=r"partners PRK; 2023-01 to 2023-01; flows export"):
        store.load(folder, partner="BRA")


def test_two_currencies_must_be_named(make, folder):
    usd = make("usd.csv", line(), head=HEAD.replace("人民币", "美元"))
    store.import_files(folder, "gacc", [make("cny.csv", line()), usd], flow="export")
    with pytest.raises(MixtureError, match=r"'CNY' or 'USD'.*currency='USD'"):
        store.load(folder)
    assert store.load(folder, currency="USD")["source"].tolist() == ["usd.csv"]


def test_no_store(tmp_path):
    with pytest.raises(InputError, match=r"no store here.*nktrade data import"):
        store.load(tmp_path / "nothing")
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        store.load(tmp_path)


# --- twice is once -------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(make, folder):
    path = make("a.csv", line())
    store.import_files(folder, "gacc", [path], flow="export")
    before = snapshot(folder)
    report = store.import_files(folder, "gacc", [path, path], flow="export")
    assert report["state"].tolist() == ["already there", "already there"]
    assert snapshot(folder) == before
    assert len(store.load(folder)) == 1


def test_the_same_file_with_another_flow_is_refused(make, folder):
    path = make("a.csv", line())
    store.import_files(folder, "gacc", [path], flow="export")
    with pytest.raises(InputError, match="another declaration"):
        store.import_files(folder, "gacc", [path], flow="import")


def test_overlapping_downloads_are_not_added(make, folder):
    first = make("a.csv", line("202301"), line("202302"))
    second = make("b.csv", line("202302"), line("202303"))
    report = store.import_files(folder, "gacc", [first, second], flow="export")
    assert report["repeated"].tolist() == [0, 1]
    trade = store.load(folder)
    assert trade["period"].dt.month.tolist() == [1, 2, 3]
    assert trade["value"].sum() == 3 * 5917063


def test_downloads_of_one_import_may_not_contradict(make, folder):
    first = make("a.csv", line("202301"), line("202302"))
    second = make("b.csv", line("202302", value="7"), line("202303"))
    with pytest.raises(InputError, match=r"b.csv: a.csv .*1 row.*2023-02.*01012100"):
        store.import_files(folder, "gacc", [first, second], flow="export")
    assert snapshot(folder) is None


def test_a_later_download_revises(make, folder):
    store.import_files(
        folder, "gacc", [make("a.csv", line("202301"), line("202302"))], flow="export"
    )
    moment = ledger.read_entries(folder)[0]["imported"]
    report = store.import_files(
        folder, "gacc", [make("b.csv", line("202302", value="5,917,000"))], flow="export"
    )
    assert report["revised"].tolist() == [1]
    assert store.status(folder)["revised_by"].tolist() == [0, -63]
    assert store.load(folder)["value"].tolist() == [5917063, 5917000]
    after = str(pd.Timestamp(moment) + pd.Timedelta(microseconds=1))
    assert store.load(folder, as_of=after)["value"].tolist() == [5917063, 5917063]
    today = moment[:10]
    assert store.load(folder, as_of=today)["value"].tolist() == [5917063, 5917000]
    with pytest.raises(InputError, match="nothing was imported by 2001"):
        store.load(folder, as_of="2001-01-01")


def test_a_revision_is_measured_against_the_last_one(make, folder):
    for name, value in (("a.csv", "10"), ("b.csv", "12"), ("c.csv", "12")):
        # Another name of the goods makes another file of the same figures.
        path = make(name, line(value=value, name=name))
        report = store.import_files(folder, "gacc", [path], flow="export")
    assert report[["repeated", "revised"]].to_numpy().tolist() == [[1, 0]]
    assert store.status(folder)["revised_by"].tolist() == [0, 2, 0]
    assert store.load(folder)["value"].tolist() == [12]


def test_one_publisher_does_not_revise_another(make, folder, tmp_path):
    store.import_files(folder, "gacc", [make("a.csv", line("202201"))], flow="export")
    baci = tmp_path / "BACI_HS17_Y2022_V202401b.csv"
    baci.write_text("t,i,j,k,v,q\n2022,156,408,010121,9.5,NA\n", encoding="ascii")
    report = store.import_files(folder, "baci", [baci], partner="PRK")
    assert report[["repeated", "revised"]].to_numpy().tolist() == [[0, 0]]
    with pytest.raises(MixtureError, match=r"several publishers.*'baci' or 'gacc'.*source='baci'"):
        store.load(folder)
    assert store.load(folder, source="baci")["value"].tolist() == [9500]
    assert store.load(folder, source="gacc")["value"].tolist() == [5917063]
    with pytest.raises(InputError, match="Did you mean 'baci'"):
        store.load(folder, source="bacci")
    with pytest.raises(InputError, match="no other sources"):
        store.load("default", source="gacc")


# --- whole folders -------------------------------------------------------------------------


def test_a_folder_of_mixed_layouts(make, folder, tmp_path):
    (tmp_path / "downloads" / "old").mkdir(parents=True)
    bare = '"商品编码","人民币",\n'
    make("downloads/2023-in.csv", line("202301"), line("202303"))
    make("downloads/old/2023-out.CSV", line("202301"))
    make("downloads/old/2023-04-out.csv", '"6704","5",\n', head=bare)
    report = store.import_files(
        folder,
        "gacc",
        [tmp_path / "downloads"],
        flow={"import": "*-in.csv", "export": "*-out.[cC][sS][vV]"},
        period="name",
        partner="PRK",
    )
    assert len(report) == 3
    assert len(store.load(folder, flow="import")) == 2
    exports = store.load(folder, flow="export")
    assert exports["period"].dt.month.tolist() == [1, 4]
    assert store.gaps(folder)[["flow", "first", "last", "months"]].to_numpy().tolist() == [
        ["export", "2023-02", "2023-03", 2],
        ["import", "2023-02", "2023-02", 1],
        ["import", "2023-04", "2023-04", 1],
    ]
    again = store.import_files(folder, "gacc", [tmp_path / "downloads/2023-in.csv"], flow="import")
    assert again["state"].tolist() == ["already there"]


def test_flow_patterns_must_be_clear(make, folder, tmp_path):
    path = make("a.csv", line())
    for flow, word in (
        ({"import": "b*", "export": "c*"}, "no flow"),
        ({"import": "a*", "export": "*.csv"}, "more than one flow"),
    ):
        with pytest.raises(InputError, match=word):
            store.import_files(folder, "gacc", [path], flow=flow)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no CSV or"):
        store.import_files(folder, "gacc", [tmp_path / "empty"], flow="import")
    bare = make("many-202301-202302.csv", '"6704","5",\n', head='"商品编码","人民币",\n')
    with pytest.raises(InputError, match="does not say one month"):
        store.import_files(folder, "gacc", [bare], flow="import", period="name", partner="WLD")


def test_flows_of_a_command_line():
    assert store.parse_flows([]) is None
    for texts, word in (
        (["imports"], "Did you mean 'import'"),
        (["import", "export=*out*"], "a pattern of file names for each"),
    ):
        with pytest.raises(InputError, match=word):
            store.parse_flows(texts)


def test_a_january_february_release_is_no_gap(make, folder):
    bare = '"贸易伙伴编码","商品编码","人民币",\n'
    path = make("a.csv", '"109","6704","5",\n', head=bare)
    store.import_files(folder, "gacc", [path], flow="export", period="2020-01..2020-02")
    store.import_files(
        folder, "gacc", [make("b.csv", line("202003"), line("201912"))], flow="export"
    )
    assert store.gaps(folder).empty


def test_cut_off_downloads_are_refused_unless_allowed(make, folder):
    path = make("a.csv", *(line(hs=f"0101{i:04d}") for i in range(10_000)))
    with pytest.raises(InputError, match=r"10,000 rows.*smaller parts"):
        store.import_files(folder, "gacc", [path], flow="export")
    assert not folder.exists()
    with pytest.warns(TruncatedFileWarning):
        store.import_files(folder, "gacc", [path], flow="export", allow_truncated=True)
    assert len(store.load(folder)) == 10_000


def test_totals_are_not_mixed_with_provinces(make, folder):
    head = HEAD.replace('"商品编码"', '"商品编码","注册地编码"')
    rows = [line().replace('"01012100"', f'"01012100","{code}"') for code in ("21", "22")]
    files = [make("total.csv", line()), make("places.csv", *rows, head=head)]
    store.import_files(folder, "gacc", files, flow="export")
    with pytest.raises(MixtureError, match=r"counted twice.*'province' or 'total' in 2023-01"):
        store.load(folder)
    assert len(store.load(folder, breakdown="province")) == 2
    assert len(store.load(folder, breakdown="total")) == 1
    with pytest.raises(UnanswerableError, match="no row of that breakdown"):
        store.load(folder, breakdown="regime")
    with pytest.raises(InputError, match="Did you mean 'province'"):
        store.load(folder, breakdown="provinces")


def test_names_and_revisions(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line(), line("202302"))], flow="export")
    store.import_files(
        folder, "gacc", [make("b.csv", line(name="种马", value="6,000,000"))], flow="export"
    )
    assert store.names(folder).to_numpy().tolist() == [
        ["01012100", "种马", "zh"],
        ["01012100", "马", "zh"],
    ]
    labelled = hs.label(store.load(folder))
    assert labelled["name"].unique().tolist() == ["种马"]  # of several wordings the first
    told = hs.label(labelled[["hs"]].assign(value=1), names=store.names(folder))
    assert told["name"].unique().tolist() == ["种马"]
    (row,) = store.revisions(folder).to_dict("records")
    assert (row["file"], row["period"], row["rows"], row["change"]) == (
        "b.csv", "2023-01", 1, 82937
    )  # fmt: skip


# --- all or nothing ------------------------------------------------------------------------


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize(
    "bad", [line(hs="1012100"), line(value="-5"), line() + line(), line()[:-9], "<html>"]
)
def test_bad_input_leaves_the_store_as_it_was(make, folder, bad, existing):
    if existing:
        store.import_files(folder, "gacc", [make("old.csv", line("201901"))], flow="export")
    before = snapshot(folder)
    good = make("good.csv", line("202305"))
    with pytest.raises(InputError, match=r"bad.csv"):
        store.import_files(folder, "gacc", [good, make("bad.csv", bad)], flow="export")
    assert snapshot(folder) == before
    assert folder.exists() == existing


def test_repeated_rows_are_named(make, folder):
    path = make("bad.csv", line("202302"), line(), line(partner="133"), line())
    with pytest.raises(InputError, match=r"rows 3 and 5.*01012100 of 2023-01 with PRK"):
        store.import_files(folder, "gacc", [path], flow="export")


def test_repeated_rows_are_named_as_the_file_counts_them(make, folder, monkeypatch):
    """Though other partners' rows stand between them, and each stands in a block of its own."""
    monkeypatch.setattr(_blocks, "BLOCK", 40)
    path = make("bad.csv", line(partner="133"), line(), line(partner="410"), line())
    with pytest.raises(InputError, match=r"rows 3 and 5.*01012100 of 2023-01 with PRK"):
        store.import_files(folder, "gacc", [path], flow="export", partner="PRK")


def test_what_the_caller_must_say(make, folder, tmp_path):
    path = make("a.csv", line())
    with pytest.raises(InputError, match=r"flow='import'"):
        store.import_files(folder, "gacc", [path])
    with pytest.raises(InputError, match=r"Did you mean 'gacc'"):
        store.import_files(folder, "gac", [path], flow="export")
    with pytest.raises(InputError, match="no file"):
        store.import_files(folder, "gacc", [], flow="export")
    with pytest.raises(InputError, match="cannot be written"):
        store.import_files(path, "gacc", [path], flow="export")
    assert not folder.exists()


def test_an_unreadable_manifest_stops_the_import_and_nothing_is_removed(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    before = snapshot(folder)
    for _ in range(2):  # and the lock is free again
        with pytest.raises(InputError, match="cannot be read"):
            store.import_files(folder, "gacc", [make("b.csv", line("202302"))], flow="export")
    assert snapshot(folder) == before


KILL = """
    import os, signal, sys
    import pyarrow.parquet as pq
    from nktrade import store
    count = 0
    def die_at(function):
        def wrapped(*args, **kwargs):
            global count
            count += 1
            if count == int(sys.argv[1]):
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)
        return wrapped
    os.replace = die_at(os.replace)
    os.fsync = die_at(os.fsync)
    pq.ParquetWriter.write_table = die_at(pq.ParquetWriter.write_table)
    pq.ParquetWriter.close = die_at(pq.ParquetWriter.close)
    store.import_files(sys.argv[2], "gacc", sys.argv[3:], flow="export")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("existing", [False, True])
def test_killed_at_any_moment_the_store_is_as_before_or_as_after(make, folder, existing):
    if existing:
        store.import_files(folder, "gacc", [make("old.csv", line("201901"))], flow="export")
    files = [make("a.csv", line("202301")), make("b.csv", line("202302"))]
    before = store.load(folder) if existing else None
    finished = False
    for moment in range(1, 60):
        command = [sys.executable, "-c", textwrap.dedent(KILL), str(moment), str(folder)]
        done = subprocess.run([*command, *map(str, files)], capture_output=True, check=False)
        finished = done.returncode == 0
        if not finished:
            assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        if (folder / ledger.MANIFEST).exists():
            entries = len(ledger.read_manifest(folder)["files"])
            assert entries in ({existing, existing + 2} if moment > 1 else {existing})
            assert (store.verify(folder)["state"] == "good").all()
            trade = store.load(folder) if entries else None
            if entries == existing and existing:
                pd.testing.assert_frame_equal(trade, before)
        if finished:
            break
    assert finished
    assert moment > 4
    assert len(store.load(folder)) == 2 + existing
    sweep(folder)  # what the killed runs left is moved away only when asked
    told = [ledger.read_numbered(folder, number) for number in ledger.list_numbers(folder)]
    kept = {part for one in told for entry in one["files"] for part in entry["parts"]}
    assert {f"rows/{path.name}" for path in (folder / "rows").iterdir()} == kept


def test_two_importers_at_once(make, folder):
    script = (
        "import sys; from nktrade import store;"
        "store.import_files(sys.argv[1], 'gacc', sys.argv[2:], flow='export')"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder), str(make(f"{i}.csv", line(f"20230{i}")))]
        )
        for i in range(1, 5)
    ]
    assert [process.wait(60) for process in running] == [0] * 4
    assert store.load(folder)["period"].dt.month.tolist() == [1, 2, 3, 4]
    assert (store.verify(folder)["state"] == "good").all()


# --- what the store says of itself ---------------------------------------------------------


def test_manifest(make, folder):
    path = make("a.csv", line("202301"), line("202302"), line("202302", partner="133"))
    store.import_files(folder, "gacc", [path], flow="export")
    (entry,) = ledger.read_entries(folder)
    assert entry["sha256"] == ledger.hash_file(path)
    assert entry["rows"] == 3
    assert entry["declared"]["flow"] == "export"
    assert entry["layout"]["encoding"] == "gb18030"
    assert entry["sums"] == {"2023-01": {"CNY": 5917063}, "2023-02": {"CNY": 2 * 5917063}}
    assert {"imported", "nktrade", "partners"} <= set(entry)


def test_status_and_verify(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    row = store.status(folder).iloc[0]
    assert row[["file", "flow", "currency", "rows", "value"]].tolist() == [
        "a.csv", "export", "CNY", 1, 5917063
    ]  # fmt: skip
    part = next((folder / "rows").glob("*[0-9a-f].parquet"))
    assert (store.verify(folder)["state"] == "good").all()
    part.write_bytes(part.read_bytes() + b"x")
    assert "changed" in store.verify(folder)["state"].tolist()
    part.unlink()
    assert "missing" in store.verify(folder)["state"].tolist()
    with pytest.raises(InputError, match="part of the store is missing"):
        store.load(folder)


def test_provenance(make, folder):
    path = make("a.csv", line())
    store.import_files(folder, "gacc", [path], flow="export")
    about = store.describe(folder)
    assert about.caption() == "China customs download (reported): a.csv"
    assert about.files == {"a.csv": ledger.hash_file(path)}
    bundle = about._repr_mimebundle_()
    assert bundle["application/vnd.nktrade+json"] == {"data": about.files, "status": "reported"}
    assert "a.csv" in bundle["text/html"]
    assert (about.rows, about.first, about.partners) == (1, "2023-01", ("PRK",))


# --- what must always hold -----------------------------------------------------------------


def key_of(row):
    return row[:5] + row[6:7]


ROWS = st.lists(
    st.tuples(
        st.dates(pd.Timestamp("2017-01-01").date(), pd.Timestamp("2024-12-01").date()).map(
            lambda day: pd.Timestamp(day).replace(day=1)
        ),
        st.sampled_from(["PRK", "KOR", "BRA"]),
        st.sampled_from(["export", "import"]),
        st.sampled_from(["0101", "010121", "01012100", "67042000", "0306", "99"]),
        st.one_of(st.none(), st.sampled_from(["21", "44"])),
        st.integers(0, 10**12),
        st.sampled_from(["USD", "CNY"]),
        st.one_of(st.none(), st.integers(0, 10**9)),
    ),
    min_size=1,
    max_size=30,
    unique_by=key_of,
)
TRADE_COLUMNS = ["period", "partner", "flow", "hs", "province", "value", "currency", "quantity"]


def build(rows):
    frame = pd.DataFrame(rows, columns=TRADE_COLUMNS)
    frame[["hs", "province"]] = frame[["hs", "province"]].astype("str")
    return check_trade(frame.assign(reporter="CHN", hs_edition="HS2017", source="x"))


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_arrow_and_back(rows):
    trade = build(rows)
    table = from_frame(trade)
    pd.testing.assert_frame_equal(to_frame(table), trade)
    assert len(set(hash_keys(table).tolist())) == len(trade)
    assert hash_keys(from_frame(trade.iloc[::-1])).tolist() == hash_keys(table).tolist()[::-1]


@given(ROWS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_store_round_trip(tmp_path_factory, rows):
    trade = build(rows)
    folder = tmp_path_factory.mktemp("round")
    tables = [from_frame(trade.iloc[:7]), from_frame(trade.iloc[7:])]
    from nktrade.sources._stream import Scan
    from nktrade.store import parts

    with writing(folder / "store") as run:
        batch = parts.Batch(folder / "store", find_source("gacc"), run)
        entry = parts.stage_file(batch, folder / "x", Scan(iter(tables), {}, {}), "f" * 64, [], 0)
        ledger.write_manifest(folder / "store", [entry])
    kinds = trade["province"].isna().map({True: "total", False: "province"})
    levels = trade["hs"].str.len()
    for (currency, kind, level), expected in trade.groupby([trade["currency"], kinds, levels]):
        asked = {"currency": currency, "breakdown": kind, "level": level}
        stored = store.load(folder / "store", partner=None, **asked)
        pd.testing.assert_frame_equal(
            stored.sort_values(list(KEY), ignore_index=True),
            expected.sort_values(list(KEY), ignore_index=True),
        )
        assert stored["value"].sum() == expected["value"].sum()


@given(st.lists(ROWS, min_size=2, max_size=3))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_repeated_and_revised_is_what_pandas_finds(tmp_path_factory, files):
    """Three files in turn: each is compared with the last word of those before it."""
    from nktrade.sources._stream import Scan
    from nktrade.store import parts

    folder = tmp_path_factory.mktemp("revised") / "store"
    entries, before = [], None
    for number, rows in enumerate(files):
        trade = build(rows)
        with writing(folder) as run:
            scan = Scan(iter([from_frame(trade)]), {}, {})
            batch = parts.Batch(folder, find_source("gacc"), run, {"partial": True})
            path = folder / str(number)
            entry = parts.stage_file(batch, path, scan, str(number) * 64, entries, 0)
            entries = [*entries, entry]
            ledger.write_manifest(folder, entries)
        if before is not None:
            both = before.merge(trade, on=list(KEY), suffixes=("_old", "_new"))
            moved = both[both["value_old"] != both["value_new"]]
            assert entry["repeated"] == len(both) - len(moved)
            found = {
                (month, currency): (change["rows"], change["old"], change["new"])
                for month, changes in entry["revised"].items()
                for currency, change in changes.items()
            }
            expected = {
                (f"{month:%Y-%m}", currency): (
                    len(part), part["value_old"].sum(), part["value_new"].sum()
                )
                for (month, currency), part in moved.groupby(["period", "currency"])
            }  # fmt: skip
            assert found == expected
        before = pd.concat([before, trade]).drop_duplicates(list(KEY), keep="last")


@pytest.mark.skipif(os.name == "nt", reason="folders are always writable for their owner there")
def test_a_folder_that_may_not_be_written(make, tmp_path):
    file, kept = make("a.csv", line()), tmp_path / "kept"
    kept.mkdir(mode=0o500)
    prefix = []
    if os.geteuid() == 0:  # root may write everywhere unless that right is given up
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere")
        prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    for call in (
        ["data", "import", "gacc", file, "--flow", "export", "--store", kept],
        ["data", "import", "gacc", file, "--flow", "export", "--store", kept / "new"],
        ["data", "export", kept / "rows.csv", "--hs", "6704"],
        ["render", "04_wig_exports", "--out", kept / "site"],
        ["teach", "--out", kept / "course"],
    ):
        done = run_nktrade(*call, prefix=prefix)
        assert done.returncode == 2, call
        assert "cannot be written" in done.stderr, call
        assert "Traceback" not in done.stderr, call
        assert not list(kept.iterdir()), call


def test_dollars_and_yuan_of_one_file_have_no_sum(make, folder):
    store.import_files(folder, "gacc", [make("a.csv", line())], flow="export")
    (entry,) = ledger.read_manifest(folder)["files"]
    both = {"CNY": {"rows": 1, "old": 1.0, "new": 8.0}, "USD": {"rows": 2, "old": 0.0, "new": 1.0}}
    row = inventory._status_row(
        entry
        | {"sums": {"2023-01": {"CNY": 7.0}, "2023-02": {"USD": 1.0}}, "revised": {"2023-01": both}}
    )
    assert (row["currency"], row["value"]) == ("CNY, USD", None)
    assert (row["revised"], row["revised_by"]) == (3, None)
    assert store.status(folder)["value"].tolist() == [5917063]
