"""The lines that name a code, however they fall into the pieces that are read."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade.sources import _blocks

LINES = st.text(alphabet='",1094\n\r', max_size=120).map(str.encode)


@settings(max_examples=150, deadline=None)
@given(LINES, st.sampled_from([b'"109"', b",4,", b",94,", b",109,"]), st.integers(1, 40))
def test_the_lines_that_name_a_code_and_no_others(text, needle, size):
    named = [line for line in text.split(b"\n") if needle in line]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(_blocks, "SIEVE", size)
        path = Path(folder, "rows.csv")
        path.write_bytes(text)
        found = _blocks.sift(path, 0, needle, lambda line: True)
        assert found.removesuffix(b"\n") == b"\n".join(named)
        if named:
            last = named[-1]
            assert _blocks.sift(path, 0, needle, lambda line: line.rstrip(b"\n") != last) is None
