"""A bounded number of strange inputs for everything that reads; ``make fuzz`` tries a million."""

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import fuzzing

TRIED = int(os.environ.get("NKTRADE_FUZZ", "40"))


@pytest.mark.parametrize("target", fuzzing.TARGETS, ids=lambda target: target.name)
def test_seeds_are_read(target, tmp_path):
    came = set()
    for number, seed in enumerate(target.seeds):
        folder = tmp_path / str(number)
        folder.mkdir()
        came.add(fuzzing.check(target, seed, folder))
    assert "read" in came


@pytest.mark.parametrize("target", fuzzing.TARGETS, ids=lambda target: target.name)
def test_strange_files_are_read_or_refused(target, tmp_path_factory):
    @given(st.integers(0, 1 << 48), st.sampled_from(target.seeds))
    @settings(max_examples=TRIED, deadline=None, derandomize=True)
    def feed(number, seed):
        folder = tmp_path_factory.mktemp("strange")
        fuzzing.check(target, fuzzing.damage(seed, random.Random(number)), folder)

    feed()


def test_strange_calls_are_answered_or_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(fuzzing.TARGETS[0].seeds[0])

    @given(st.integers(0, 1 << 48))
    @settings(max_examples=4 * TRIED, deadline=None, derandomize=True)
    def feed(number):
        fuzzing.call(fuzzing.make_call(random.Random(number)))

    feed()
