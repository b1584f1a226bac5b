"""What a notebook puts out is kept as far as it can be borne, and joined as it comes."""

from types import SimpleNamespace

import nbformat
import pytest

from nktrade.render import engine
from nktrade.render.engine import BoundedClient


@pytest.fixture
def put(monkeypatch):
    """Return what puts messages into a cell, and that cell's outputs."""
    monkeypatch.setattr(engine, "_MOST_OUTPUT", 10_000)
    monkeypatch.setattr(engine, "_PIECE", 100)
    monkeypatch.setattr(engine, "_OVERHEAD", 10)
    cell = nbformat.v4.new_code_cell("", id="a")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    client = BoundedClient(SimpleNamespace(nb=notebook, autosave_cell=lambda: None))
    client.reset_execution_trackers()
    client.clear_before_next_output = False

    def put(kind, **content):
        msg = {"msg_type": kind, "header": {"msg_type": kind}, "content": content}
        client.process_message({**msg, "parent_header": {}}, cell, 0)

    return put, cell.outputs


def test_printing_without_end_is_cut_and_an_error_still_comes(put):
    put, outputs = put
    for number in range(3000):
        put("stream", name="stdout", text=f"{number}\n")
    kept = "".join(out.text for out in outputs if out.name == "stdout").split()
    assert kept == [str(number) for number in range(len(kept))]
    assert 1000 < len(kept) < 3000
    assert [out.text for out in outputs if out.name == "stderr"] == [
        "\nThe notebook put out more than 0 MB; the rest is left out.\n"
    ]
    assert len(outputs) < 12
    put("error", ename="ValueError", evalue="x", traceback=[])
    assert outputs[-1].output_type == "error"


def test_what_was_cleared_leaves_room(put):
    put, outputs = put
    for number in range(100):
        put(
            "display_data",
            data={"text/plain": "x" * 1000, "application/json": [number]},
            metadata={},
        )
        put("clear_output", wait=bool(number % 2))
    put("stream", name="stdout", text="end")
    assert [out.text for out in outputs] == ["end"]
