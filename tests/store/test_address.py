"""A store read at an address: the same rows, and refusals that name it."""

import pandas as pd
import pytest

import nktrade as nk
from nktrade import store
from nktrade.errors import InputError

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("upath")

HEAD = '"数据年月","贸易伙伴编码","商品编码","商品名称","第一数量","第一计量单位","人民币",\n'
LINES = ['"202301","109","01012100","马","12","千克","5,917,063",\n']


@pytest.fixture
def at_address(tmp_path):
    """A store in a folder, and the same one in fsspec's memory."""
    file = tmp_path / "2023.csv"
    file.write_bytes((HEAD + "".join(LINES)).encode("gb18030"))
    store.import_files(tmp_path / "store", "gacc", [file], flow="export")
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path / "store"), "/store", recursive=True)
    yield tmp_path / "store", "memory://store"
    memory.rm("/store", recursive=True)


def test_a_store_at_an_address_gives_the_same_rows(at_address):
    folder, address = at_address
    here, there = (nk.load(place, partner="PRK") for place in (folder, address))
    pd.testing.assert_frame_equal(here, there)
    assert there["value"].tolist() == [5917063.0]
    assert nk.load(folder.as_uri(), partner="PRK")["value"].tolist() == [5917063.0]
    assert store.describe(address).files == store.describe(folder).files
    assert store.totals(address).empty


def test_what_is_not_there_is_named(at_address):
    with pytest.raises(InputError, match=r"memory://nowhere.*no store here"):
        nk.load("memory://nowhere")
    with pytest.raises(InputError, match=r"no-such-protocol://bucket.*cannot be read"):
        nk.load("no-such-protocol://bucket")
    memory = fsspec.filesystem("memory")
    for part in memory.find("/store"):
        if part.endswith(".parquet"):
            memory.rm(part)
    with pytest.raises(InputError, match="a part of the store is missing"):
        nk.load(at_address[1])


@pytest.mark.parametrize(
    "address",
    [
        "simplecache::file:///etc",
        "reference://x",
        "ssh://host/store",
        "http://example.org/store",
        "github://a:b@main/store",
        "s3://name:secret@bucket/store",
        "https://name:secret@example.org/store",
        "python://os.system",
        "data://,x",
    ],
)
def test_other_addresses_are_refused_before_anything_is_asked(address):
    with pytest.raises(InputError) as told:
        nk.load(address)
    assert "secret" not in str(told.value)
