"""The package's own tables are the same with pyarrow and without."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade._paths import DATA, PANEL
from nktrade.published.panel_support import FILE
from nktrade.table import compact
from tests.conftest import ROOT


@pytest.fixture
def no_arrow(monkeypatch):
    monkeypatch.setattr(compact, "has_arrow", lambda: False)


@pytest.mark.parametrize("path", [PANEL, FILE], ids=["panel", "bounds"])
def test_the_twins_that_are_shipped_say_what_their_parquet_says(path, no_arrow):
    said, twin = pd.read_parquet(path), compact.read_own(path)
    assert list(twin) == list(said)
    for name in said:
        kind = said[name].dtype if said[name].dtype.kind in "fM" else "str"
        pd.testing.assert_series_equal(twin[name].astype(kind), said[name].astype(kind))


@pytest.mark.parametrize("path", [PANEL, FILE], ids=["panel", "bounds"])
def test_the_manifest_holds_twins_to_the_same_rows(path):
    noted = json.loads((DATA / "manifest.json").read_text())
    both = [noted[f"reconstructed/{name}"] for name in (path.name, f"{path.stem}.npz")]
    assert {name for name in both[0] if both[0][name] != both[1][name]} == {"sha256"}


TABLES = st.lists(
    st.tuples(st.none() | st.text(max_size=4).filter(lambda t: "\0" not in t), st.floats()),
    min_size=1,
    max_size=300,
)


@settings(max_examples=30)
@given(TABLES, st.datetimes(pd.Timestamp("1980-01-01"), pd.Timestamp("2030-01-01")))
def test_any_table_comes_back(tmp_path_factory, rows, month):
    table = pd.DataFrame(rows, columns=["word", "number"]).astype({"word": "str"})
    table["month"] = np.datetime64(month, "us")
    path = tmp_path_factory.mktemp("twins") / "table.parquet"
    compact.write_own(table, path)
    again = compact.read_own(path)
    pd.testing.assert_frame_equal(again, table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "has_arrow", lambda: False)
        twin = compact.read_own(path)
        one = compact.read_own(path, ["number"])
    pd.testing.assert_frame_equal(twin.astype({"word": "str"}), table)
    pd.testing.assert_frame_equal(one, table[["number"]])


ASK = """
import pandas as pd, nktrade as nk
for asked in ({}, {"hs": ["6704", "27"], "start": "2019-02", "flow": "import"}):
    rows = nk.load(**asked)
    print(pd.util.hash_pandas_object(rows.astype(object).fillna("-")).sum(), len(rows))
    print(sorted(str(kind) for kind in rows.dtypes), nk.describe().caption())
print(nk.monthly(nk.mirror(rows)).drop(columns="support").sum(numeric_only=True).to_list())
known = nk.bounds(flow="import", hs="2601", period="2018-03")
print(known[["low", "high"]].round(-3).to_numpy().tolist(), known["support"].tolist())
print(nk.classify(rows, to="industry")["industry"].value_counts().to_dict())
print(nk.hs.search("fertilser")["code"].head(3).tolist())
"""


def test_everything_answers_alike_without_pyarrow():
    refuse = "from tests.bare import *; sys.meta_path.insert(0, Refuse(SCIENCE)); "
    refuse += "import pandas; assert pandas.StringDtype().storage == 'python'\n"
    told = [
        subprocess.run(
            [sys.executable, "-c", first + ASK],
            **{"cwd": ROOT, "capture_output": True, "text": True, "check": True},
        ).stdout
        for first in ("", refuse)
    ]
    assert told[0] == told[1]
    assert len(told[0].splitlines()) > 5
