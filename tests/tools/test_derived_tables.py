"""Tables that a script derives are what it makes of the collected ones."""

import pandas as pd

from nktrade._paths import DATA
from tools import derive_events, derive_measures


def read(path):
    return pd.read_csv(path, dtype="str", keep_default_na=False).astype("object")


def test_measures_and_notices_are_derived(shared):
    rows = read(shared / "facts" / "dprk_measures.csv").to_dict("records")
    made = {
        "measures": derive_measures.list_measures(rows),
        "notices": derive_measures.list_notices(rows),
    }
    for name, table in made.items():
        kept = read(DATA / "classes" / "sanctions" / f"{name}.csv")
        pd.testing.assert_frame_equal(table.astype("object"), kept)


def test_what_is_recalled_stays_marked(shared):
    rows = read(shared / "facts" / "dprk_measures.csv").set_index("id")
    kept = read(DATA / "classes" / "sanctions" / "measures.csv").set_index("id")
    said = ["paragraph_evidence", "confidence_goods", "confidence_hs", "confidence_dates"]
    recalled = rows[said].apply(lambda column: column.str.contains("recalled", case=False))
    assert set(kept.index[kept["checked"] == "recalled"]) >= set(rows.index[recalled.any(axis=1)])


def test_events_are_derived(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(derive_events, "OUT", tmp_path / "events.csv")
    derive_events.main(str(shared / "facts" / "events.csv"))
    kept = DATA / "published" / "events.csv"
    assert (tmp_path / "events.csv").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")
