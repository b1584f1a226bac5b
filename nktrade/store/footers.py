"""Every part says itself what it is: its file's manifest entry, in the footer of the Parquet file.

A store whose manifests are lost is rebuilt from these (`nktrade.store.repair`). Pages bear their
own checksums, and the note bears one too.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nktrade.errors import InputError
from nktrade.files.parsing import load_json
from nktrade.files.writing import force
from nktrade.store.manifest import seal

NOTE = b"nktrade"


def add_note(writer: pq.ParquetWriter, entry: dict) -> None:
    """Write into the footer of a part what the manifest will say of its file."""
    said = {name: value for name, value in entry.items() if name not in ("parts", "stamps")}
    text = json.dumps(said | {"seal": seal(said)}, ensure_ascii=False)
    writer.add_key_value_metadata({NOTE.decode(): text})


def read_note(path: Path) -> dict | None:
    """Return what a part says of its file; None if it says nothing or cannot be believed."""
    try:
        text = (pq.read_metadata(path).metadata or {}).get(NOTE)
        said = load_json(text, "the note", path.name) if text else None
    except (OSError, ValueError, pa.ArrowException, InputError):
        return None
    if not isinstance(said, dict) or said.pop("seal", None) != seal(said):
        return None
    return said


def write_frame(path: Path, frame: pd.DataFrame, entry: dict) -> None:
    """Write a small part: names, totals or rows gone."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with pq.ParquetWriter(path, table.schema, write_page_checksum=True) as writer:
        writer.write_table(table)
        add_note(writer, entry)
    force(path)
