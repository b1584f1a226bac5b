"""A later download replaces its scope: what it covers, what is gone, and which one counts."""

import json
import shutil

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import store
from nktrade.errors import InputError, MixtureError
from nktrade.store.both_flows import BothFlowsWarning
from nktrade.store.importing import EarlierVersionWarning, NamedOtherwiseWarning
from nktrade.store.scope import AXES, covers, live, refuse_mixed_frequencies, replaces
from nktrade.table.arrow import from_frame
from tests.making import make_trade
from tests.store.test_store import HEAD, line

BARE = '"贸易伙伴编码","商品编码","人民币",\n'


@pytest.fixture
def put(tmp_path):
    def put(name, *lines, head=HEAD, **said):
        path = tmp_path / name
        path.write_bytes((head + "".join(lines)).encode("gb18030"))
        return store.import_files(tmp_path / "store", "gacc", [path], **{"flow": "export"} | said)

    put.store = tmp_path / "store"
    put.folder = tmp_path
    return put


def total(put, **asked):
    return store.load(put.store, **asked)["value"].sum()


def test_a_withdrawn_line_is_gone_and_listed(put):
    put("feb.csv", line(hs="69021000", value="100"), line(hs="69022000", value="900"))
    report = put("apr.csv", line(hs="69021000", value="100"), line(hs="69029000", value="900"))
    assert total(put) == 1000
    assert report["gone"].tolist() == [1]
    (row,) = store.gone(put.store).to_dict("records")
    assert (row["hs"], row["value"], row["was_in"], row["gone_in"]) == (
        "69022000", 900, "feb.csv", "apr.csv"
    )  # fmt: skip
    assert store.status(put.store)["gone_by"].tolist() == [0, 900]


def test_a_part_is_asked_about_and_adds(put):
    put("all.csv", line(hs="69021000"), line(hs="27010000"), line(hs="01012100"))
    with pytest.raises(InputError, match=r"2 of 3 headings.*--partial"):
        put("bricks.csv", line(hs="69021000", value="7"))
    put("bricks.csv", line(hs="69021000", value="7"), partial=True)
    assert total(put) == 7 + 2 * 5917063
    put("whole.csv", line(hs="69021000", value="8"), partial=False)
    assert total(put) == 8


def test_parts_in_one_command_are_one_download(put):
    files = []
    for name, code in (("a.csv", "69021000"), ("b.csv", "27010000")):
        path = put.folder / name
        path.write_bytes((HEAD + line(hs=code, value="5")).encode("gb18030"))
        files.append(path)
    store.import_files(put.store, "gacc", files, flow="export")
    assert total(put) == 10


def test_an_older_download_imported_later_does_not_win(put):
    put("new.csv", line(value="12"), downloaded="2024-05-01")
    put("old.csv", line(value="10", name="old"), downloaded="2024-02-01")
    assert total(put) == 12
    assert total(put, as_of="2024-03-01") == 10
    with pytest.raises(InputError, match="nothing was imported by 2024-01"):
        store.load(put.store, as_of="2024-01-01")
    with pytest.raises(InputError, match="cannot be read"):
        put("x.csv", line(), downloaded="yesterdayish")
    with pytest.raises(InputError, match=r"has not come yet.*'2099-01-01'"):
        put("x.csv", line(), downloaded="2099-01-01")


def test_two_ways_of_breaking_down_are_named(put):
    put("j.csv", line(value="40"), province="22")
    put("l.csv", line(value="60", name="other"), regime="14")
    with pytest.raises(MixtureError, match=r"in several ways.*Name one: breakdown='province'"):
        total(put)
    assert total(put, breakdown="regime") == 60


def test_a_month_silent_between_others_is_gone_too(put):
    put("a.csv", line("202301", value="1"), line("202302", value="2"), line("202303", value="3"))
    put("b.csv", line("202301", value="1"), line("202303", value="3"))
    assert total(put) == 4


def test_another_partner_level_currency_or_breakdown_stays(put):
    put("prk.csv", line(value="1"))
    put("kor.csv", line(partner="133", value="2"))
    put("usd.csv", line(value="3"), head=HEAD.replace("人民币", "美元"))
    put("six.csv", line(hs="010121", value="4"))
    assert total(put, currency="USD") == 3
    with pytest.raises(MixtureError, match=r"several HS levels.*level=8"):
        store.load(put.store, currency="CNY")
    assert total(put, currency="CNY", level=8) == 1
    assert total(put, currency="CNY", level=8, partner=["PRK", "KOR"]) == 3


def test_a_combined_release_replaces_its_months_and_they_it(put):
    put("jan.csv", line("202001", value="100"))
    put("feb.csv", line("202002", value="200"))
    put("both.csv", '"109","01012100","300",\n', head=BARE, period="2020-01..2020-02")
    assert total(put) == 300
    with pytest.raises(InputError, match=r"jan2.csv: January and February.*both.csv"):
        put("jan2.csv", line("202001", value="101"))
    put("months.csv", line("202001", value="101"), line("202002", value="200"))
    assert total(put) == 301


def test_the_same_rows_under_both_flows_are_noticed(put):
    put("in.csv", line(value="77"), flow="import")
    with pytest.warns(BothFlowsWarning, match=r"out.csv.*in.csv"):
        put("out.csv", line(value="77", name="x"))
    assert store.doubts(put.store)["doubt"].tolist() == ["the same under both flows"]


def test_the_same_rows_under_both_flows_of_one_file_are_noticed(tmp_path):
    def bring(name, *lines):
        path = tmp_path / name
        path.write_text("month,flow,partner,code,dollars\n" + "".join(f"{x}\n" for x in lines))
        return store.import_files(tmp_path / "store", "table", [path], **said)

    columns = {"period": "month", "flow": "flow", "partner": "partner", "hs": "code"}
    said = {"columns": columns | {"value": "dollars"}, "reporter": "CHN", "currency": "USD"}
    other = [
        f"2023-01,{flow},KOR,67042000,{value}" for flow, value in (("import", 8), ("export", 9))
    ]
    bring("one.csv", *(f"2023-01,{flow},PRK,67042000,7" for flow in ("import", "export")), *other)
    lines = [f"{flow},PRK,{hs},{v}" for flow in ("import", "export") for hs, v in GOODS]
    with pytest.warns(BothFlowsWarning, match=r"two\.csv \(export, import\).*in 2023-02: the same"):
        bring("two.csv", *(f"2023-02,{text}" for text in lines), *other)
    (row,) = store.doubts(tmp_path / "store").to_dict("records")
    assert (row["where"], row["period"], row["got"]) == ("two.csv", "2023-02", 12)


GOODS = (("67042000", 7), ("69021000", 5))


def test_a_name_that_says_other_months_than_the_rows_is_told(put):
    for name in ("2022.csv", "2023-02.csv", "2022年12月.csv"):
        with pytest.warns(NamedOtherwiseWarning, match=r"the name says 202.*rows are of 2023-01"):
            put(name, line(value=str(len(name))))
    for name in ("2023-01.csv", "2023 saved 2024-05-31.csv", "1.csv"):
        put(name, line(value="7"))  # a warning would be an error


def test_months_that_had_not_come_are_refused(put):
    with pytest.raises(InputError, match=r"a\.csv: the file has months that had not come.*2099-01"):
        put("a.csv", line("209901"))
    with pytest.raises(InputError, match=r"b\.csv.*expected 2022-12 at the latest; got 2023-01"):
        put("b.csv", line(), downloaded="2022-12-31")
    assert not (put.store / "manifests").exists()
    put("c.csv", line(), downloaded="2023-01-31")


@pytest.mark.parametrize("day", ["05.06.2024", "6/5/24", "5 June 2024", "31.05.2024"])
def test_a_day_is_said_with_its_year_first(put, day):
    with pytest.raises(InputError, match="expected as '2024-05-31'"):
        put("a.csv", line(), downloaded=day)


def test_provinces_that_are_not_the_total_are_told(put):
    put("total.csv", line(value="100"))
    head = HEAD.replace('"商品编码"', '"商品编码","注册地编码"')
    rows = [
        line(value=v).replace('"01012100"', f'"01012100","{p}"')
        for p, v in (("21", "60"), ("22", "3"))
    ]
    put("places.csv", *rows, head=head)
    (row,) = store.doubts(put.store).to_dict("records")
    assert (row["doubt"], row["expected"], row["got"]) == ("by province is not the total", 100, 63)


ROWS = st.dictionaries(
    st.tuples(
        st.sampled_from(["202301", "202302"]),
        st.sampled_from(["69021000", "69022000", "69029000", "69031000"]),
    ),
    st.integers(1, 999),
    min_size=1,
)


@given(st.lists(ROWS, min_size=2, max_size=3))
@settings(max_examples=15, deadline=None)
def test_the_last_word_on_a_scope_is_the_last_download(tmp_path_factory, files):
    """Whatever came before, a month reads as its last whole download has it."""
    folder = tmp_path_factory.mktemp("scope")
    expected: dict = {}
    for number, rows in enumerate(files):
        path = folder / f"{number}.csv"
        lines = [line(m, hs=hs, value=str(v), name=str(number)) for (m, hs), v in rows.items()]
        path.write_bytes((HEAD + "".join(lines)).encode("gb18030"))
        store.import_files(folder / "store", "gacc", [path], flow="export", partial=False)
        months = {month for month, _ in rows}
        expected = {key: v for key, v in expected.items() if key[0] not in months} | rows
    found = store.load(folder / "store")
    keys = zip(found["period"].dt.strftime("%Y%m"), found["hs"], strict=True)
    assert dict(zip(keys, found["value"], strict=True)) == expected


TRADES = st.dictionaries(
    st.tuples(st.sampled_from([(156, 408), (408, 156), (408, 410)]), st.just("670420")),
    st.integers(1, 999),
    min_size=1,
)


@given(st.lists(st.tuples(TRADES, st.booleans()), min_size=2, max_size=3))
@settings(max_examples=15, deadline=None)
def test_the_last_word_on_a_partner_is_the_last_release_however_it_was_taken(
    tmp_path_factory, releases
):
    """A year of BACI, whole or one partner's, replaces a release before it, taken either way."""
    folder = tmp_path_factory.mktemp("releases")
    for number, (trades, alone) in enumerate(releases, 1):
        path = folder / f"BACI_HS17_Y2022_V20250{number}.csv"
        rows = [f"2022,{i},{j},{k},{v},NA\n" for ((i, j), k), v in trades.items()]
        rows.append(f"2022,156,276,670419,{number},NA\n")  # no two files are the same
        path.write_text("t,i,j,k,v,q\n" + "".join(rows))
        said = {"partner": "PRK"} if alone else {}
        report = store.import_files(folder / "store", "baci", [path], partial=False, **said)
    expected = {
        (156 if 156 in pair else 410, "export" if pair[1] == 408 else "import"): 1000.0 * value
        for (pair, _), value in trades.items()
    }
    found = store.load(folder / "store", partner="PRK")
    keys = zip(found["reporter"].map({"CHN": 156, "KOR": 410}), found["flow"], strict=True)
    assert dict(zip(keys, found["value"], strict=True)) == expected
    once = store.load(folder / "store", partner=None)
    pairs = [frozenset(pair) for pair in zip(once["reporter"], once["partner"], strict=True)]
    sold = once["flow"].eq("export") == once["reporter"].lt(once["partner"])
    assert len({*zip(pairs, sold, strict=True)}) == len(once)  # no trade from either side
    if all(earlier == trades for earlier, _ in releases):
        assert not report["gone"].any()  # what is told from the other side is not gone


def test_a_store_of_the_first_format_is_read(put):
    from nktrade.store import manifest as ledger

    put("a.csv", line(value="5"))
    manifest = {"format": 1, "files": ledger.read_entries(put.store)}
    for entry in manifest["files"]:
        for name in ("scope", "batches", "partial", "downloaded", "combined", "stamps"):
            entry.pop(name)
    shutil.rmtree(put.store / "manifests")
    (put.store / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.warns(EarlierVersionWarning, match=r"a\.csv.*take none away.*new store"):
        put("b.csv", line("202302", value="6"))
    assert total(put) == 11
    assert store.doubts(put.store)["where"].tolist() == ["a.csv"]
    assert pd.notna(store.status(put.store)["value"]).all()


def test_a_year_of_baci_of_the_first_format_does_not_hide_sales(tmp_path):
    from nktrade.store import manifest as ledger

    path, folder = tmp_path / "BACI_HS17_Y2021_V202501.csv", tmp_path / "store"
    path.write_text("t,i,j,k,v,q\n2021,156,408,150790,1,NA\n2021,408,156,670420,10,NA\n")
    store.import_files(folder, "baci", [path])
    manifest = {"format": 1, "files": ledger.read_entries(folder)}
    (entry,) = manifest["files"]
    entry["parts"] = {p: s for p, s in entry["parts"].items() if ledger.kind_of(p) == "rows"}
    for name in ("scope", "batches", "partial", "downloaded", "combined", "stamps"):
        entry.pop(name)
    shutil.rmtree(folder / "manifests")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for flow in (None, "import"):
        with pytest.raises(InputError, match=r"Y2021.*before sales were.*new store"):
            store.load(folder, partner="PRK", flow=flow)
    assert store.load(folder, partner="PRK", flow="export")["value"].tolist() == [1000]


# --- which download replaces which, on scopes written by hand ------------------------------------


def entry(months="2020-01", **changed):
    """A manifest's entry of China's exports of tariff lines to North Korea."""
    own = {axis: [word] for axis, word in zip(AXES, (months, *DETAILS), strict=True)}
    axes = {axis: changed.pop(axis) for axis in AXES if axis in changed}
    scope = own | axes | {"every": ["period"]}
    return {"source": "gacc", "partial": False, "scope": scope, "layout": {}, "name": "a"} | changed


DETAILS = ("CHN", "PRK", "export", "-", "-", 8, "HS2017", "USD")


def test_only_a_whole_download_of_the_same_source_and_scope_replaces():
    old = entry()
    assert replaces(entry(), old)
    assert not replaces(entry(partial=True), old)
    unsaid = entry()
    del unsaid["partial"]
    assert not replaces(unsaid, old)  # of a manifest that does not say: nothing is taken away
    assert not replaces(entry(source="comtrade"), old)
    for axis, other in (("partner", ["RUS"]), ("flow", ["import"]), ("level", [6])):
        assert not replaces(entry(**{axis: other}), old)
    assert not replaces(entry("2020-02"), old)  # whole in its months, not in every month


def test_parts_of_one_download_are_known_by_the_import_and_the_day():
    one = entry(batches=["x"], downloaded="2020-03-01")
    assert not replaces(entry(batches=["x"], downloaded="2020-03-01"), one)
    assert replaces(entry(batches=["x"], downloaded="2020-04-01"), one)
    assert replaces(entry(batches=["y"], downloaded="2020-03-01"), one)


def test_a_download_covers_the_levels_and_the_months_before_that_it_says():
    rows = make_trade([("2020-02", "export", "69022000", 1.0), ("2020-02", "export", "6902", 2.0)])
    table = from_frame(rows)
    assert covers(entry("2020-02"), entry("2020-02", level=[4, 8]), table).tolist() == [True, False]
    january, old = entry("2020-01"), entry("2020-02", level=[4, 8], combined=True)
    assert not covers(january, old, table).any()
    assert covers(january, old, table, before=1).tolist() == [True, False]


def test_a_release_goes_only_when_both_its_months_are_there():
    release = make_trade([("2020-02", "export", "69022000", 1.0)]).assign(status="combined")
    old = entry("2020-02", combined=True)
    old["scope"]["period"] = ["2020-01", "2020-02"]
    table = from_frame(release)
    assert live(old, [entry("2020-02")], table).tolist() == [True]
    assert live(old, [entry("2020-01")], table).tolist() == [True]
    assert live(old, [entry("2020-01"), entry("2020-02")], table).tolist() == [False]


def test_a_year_stands_beside_months_of_other_years_alone():
    yearly = entry("2020-01", layout={"frequency": "yearly"}, name="year")
    refuse_mixed_frequencies([yearly, entry("2021-01")])
    refuse_mixed_frequencies([yearly, entry("2020-05", partner=["RUS"])])
    with pytest.raises(InputError, match="year: yearly figures would stand beside months"):
        refuse_mixed_frequencies([yearly, entry("2020-05")])
