"""What all processes of the suite look at is made once, by whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from tests.rendered import make_once


def test_whoever_asks_gets_what_was_made_once(tmp_path):
    made = []

    def make(out):
        sleep(0.1)
        made.append(out)
        return out, len(made)

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: make_once(tmp_path, "site", make), range(4)))
    assert got == [(tmp_path / "site", 1)] * 4
    assert made == [tmp_path / "site"]


def test_what_failed_is_made_by_the_next(tmp_path):
    with pytest.raises(ZeroDivisionError):
        make_once(tmp_path, "site", lambda out: 1 / 0)
    assert make_once(tmp_path, "site", Path) == tmp_path / "site"
