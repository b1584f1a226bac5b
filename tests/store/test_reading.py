"""Reading from a store: the groups that may hold a row are all read, and few others."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import store
from nktrade.errors import InputError, UnanswerableError
from nktrade.sources import baci
from nktrade.store import comparing, parts, reading
from nktrade.store import manifest as ledger
from nktrade.store.throughout import Throughout
from nktrade.table.arrow import SCHEMA, find_doubled, from_frame, hash_keys

PLACES = {4: "AFG", 156: "CHN", 276: "DEU", 408: "PRK", 410: "KOR", 842: "USA"}
CODES = ("010121", "010129", "020110", "640110", "670420")


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    """Three years in a store of very small groups, and the same rows read straight."""
    folder = tmp_path_factory.mktemp("years")
    files = []
    for year in (2020, 2021, 2022):
        lines = [
            f"{year},{i},{j},{code},{i + j / 8},{'NA' if j == 4 else j}\n"
            for i in PLACES
            for j in PLACES
            for code in CODES
            if i != j
        ]
        files.append(folder / f"BACI_HS17_Y{year}_V202401b.csv")
        files[-1].write_text("t,i,j,k,v,q\n" + "".join(lines), encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "GROUP", 7)
        patch.setattr(parts, "CHUNK", 64)
        patch.setattr(comparing, "HELD", 32)
        patch.setattr(baci, "BLOCK", 500)
        store.import_files(folder / "store", "baci", files)
    return folder / "store", pd.concat([baci.read(file) for file in files], ignore_index=True)


@given(
    partner=st.one_of(
        st.none(),
        st.sampled_from(list(PLACES.values())),
        st.lists(st.sampled_from(list(PLACES.values())), min_size=1, max_size=3, unique=True),
    ),
    hs=st.one_of(st.none(), st.sampled_from(["01", "0101", "670420", ["02", "64"]])),
    span=st.sampled_from([(None, None), ("2021", None), (None, "2021"), ("2022", "2022")]),
    held=st.sampled_from([1, 30, 1 << 20]),
)
@settings(max_examples=60, deadline=None)
def test_rows_asked_for(years, partner, hs, span, held):
    folder, rows = years
    keep = np.ones(len(rows), bool)
    if partner:  # what they bought, and what they sold to others, seen from the others
        named = [partner] if isinstance(partner, str) else partner
        sold = rows["reporter"].isin(named) & ~rows["partner"].isin(named)
        turned = rows.rename(columns={"reporter": "partner", "partner": "reporter"})
        turned = turned[sold].assign(flow="import")[rows.columns]
        rows = pd.concat([rows[rows["partner"].isin(named)], turned], ignore_index=True)
        keep = np.ones(len(rows), bool)
    if hs:
        keep &= rows["hs"].str.startswith((hs,) if isinstance(hs, str) else tuple(hs))
    if span[0]:
        keep &= rows["period"] >= f"{span[0]}-01-01"
    if span[1]:
        keep &= rows["period"] <= f"{span[1]}-12-01"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "HELD", held)
        found = store.load(folder, partner=partner, hs=hs, start=span[0], end=span[1])
    order = ["period", "flow", "hs", "partner", "reporter"]
    pd.testing.assert_frame_equal(
        found.sort_values(order, ignore_index=True),
        rows[keep].sort_values(order, ignore_index=True),
    )


def test_few_other_groups_are_read(years):
    folder, _ = years
    wanted = reading.Wanted("PRK", None, None, None, None, None)
    for path in (folder / "rows").glob("*.parquet"):
        with pq.ParquetFile(path) as part:
            groups = sum(map(len, wanted._groups(part)))
            assert 0 < groups < part.num_row_groups / 2
            early = reading.Wanted(None, None, None, None, "2019", None)
            assert not list(early._groups(part))


def test_what_every_row_says_is_told_once_and_not_read(years, tmp_path, monkeypatch):
    folder, rows = years
    for entry in ledger.read_entries(folder):
        words = rows[rows["source"] == entry["name"]].drop(columns="period").nunique(dropna=False)
        assert set(entry["throughout"]) == set(words.index[words == 1])
        assert entry["throughout"]["flow"] == "export"
        assert entry["throughout"]["province"] is None
    with monkeypatch.context() as patch:  # as an earlier version wrote it
        patch.setattr(baci, "_FIXED", ())
        store.import_files(tmp_path / "old", "baci", sorted(folder.parent.glob("*.csv")))
    entries = ledger.read_entries(tmp_path / "old")
    old = [{n: said for n, said in e.items() if n != "throughout"} for e in entries]
    ledger.write_manifest(tmp_path / "old", old)
    for asked in ({}, {"partner": None}, {"partner": "CHN", "flow": "import", "hs": "01"}):
        found = [store.load(place, **asked) for place in (folder, tmp_path / "old")]
        order = [*reading.ORDER, "reporter"]
        pd.testing.assert_frame_equal(
            *(table.sort_values(order, ignore_index=True) for table in found)
        )


@given(st.lists(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=4), min_size=1))
def test_what_every_row_says_over_blocks(blocks):
    said = Throughout()
    for words in blocks:
        made = pa.table({column.name: pa.nulls(len(words), column.type) for column in SCHEMA})
        words = pa.array(words, pa.string()).dictionary_encode()
        said.add(made.set_column(SCHEMA.names.index("unit"), "unit", words))
    words = {word for words in blocks for word in words}
    assert said.told.pop("unit", ...) == (words.pop() if len(words) == 1 else ...)
    assert set(said.told) == {*SCHEMA.names} - {"unit"}
    assert set(said.told.values()) == {None}


def test_hashes_do_not_depend_on_how_words_are_kept(years):
    """A column that says one thing is hashed once; a row alone must get the same number."""
    table = from_frame(years[1])
    whole = hash_keys(table)
    alone = [int(hash_keys(table.slice(at, 1))[0]) for at in range(0, len(whole), 17)]
    assert alone == whole[::17].tolist()
    words = table["flow"].combine_chunks()
    longer = pa.DictionaryArray.from_arrays(
        pa.array(np.full(len(words), 1), pa.int32()), pa.array(["import", "export"])
    )
    at = table.schema.names.index("flow")
    assert (hash_keys(table.set_column(at, "flow", longer)) == whole).all()


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_doubled_keys_are_found(keys):
    keys = [*keys, *keys[:3], 0, 2**64 - 1]
    found = find_doubled(np.array(keys, "uint64"))
    assert sorted(map(int, found)) == sorted({key for key in keys if keys.count(key) > 1})


@pytest.mark.parametrize("name", ["partner", "hs"])
def test_an_empty_selection_is_not_all(years, name):
    for data in (years[0], "default"):
        with pytest.raises(InputError, match="is named"):
            store.load(data, **{"partner": None, name: []})


def test_a_partner_of_several_of_whom_nothing_is_held_is_told(years):
    held = store.describe(years[0]).partners
    assert "NRU" not in held
    with pytest.raises(UnanswerableError, match="of NRU nothing is held"):
        store.load(years[0], partner=[held[0], "NRU"], flow="export")
    with pytest.raises(UnanswerableError, match="of KOR nothing is held"):
        store.load(partner=["PRK", "KOR"])
    with pytest.raises(InputError, match="unknown partner"):
        store.load(partner=["PRK", "Korea"])


def test_a_file_is_not_a_store(tmp_path):
    (tmp_path / "all.csv").write_text("hs,value\n")
    with pytest.raises(InputError, match="a store is a folder, and this is a file"):
        store.load(tmp_path / "all.csv")
