"""One way to write a file: whole or not at all, and nothing left beside it."""

import ast
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import nktrade
from nktrade.errors import InputError
from nktrade.files import writing

PACKAGE = Path(nktrade.__file__).parent


def fail(*args, **kwargs):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["write_bytes", "fsync", "replace"])
@pytest.mark.parametrize("earlier", [None, "as it was"])
def test_where_a_step_fails_what_was_there_is_still_there(tmp_path, monkeypatch, step, earlier):
    path = tmp_path / "page.html"
    if earlier:
        writing.replace_text(path, earlier)
    monkeypatch.setattr(Path if step == "write_bytes" else os, step, fail)
    with pytest.raises(InputError, match=r"page.html: the file cannot be written; got No space"):
        writing.replace_text(path, "new")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == (["page.html"] if earlier else [])
    assert not earlier or path.read_text(encoding="utf-8") == earlier


def test_an_error_of_the_writer_s_own_is_told_as_it_is_and_leaves_nothing(tmp_path):
    def write(path):
        with writing.replace_file(path) as part:
            part.write_text("half", encoding="utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_return(
    tmp_path, monkeypatch
):
    steps = []
    sync, replace = os.fsync, os.replace

    def note_sync(number):
        steps.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "content")
        sync(number)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", lambda *names: (steps.append("name"), replace(*names)))
    writing.replace_text(tmp_path / "a.txt", "whole")
    assert steps == ["content", "name", "folder"]


def test_several_writers_of_one_place_leave_one_of_their_files_whole(tmp_path):
    path, texts = tmp_path / "ledger.json", [str(number) * 10_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda text: writing.replace_text(path, text), texts))
    assert path.read_text(encoding="utf-8") in texts
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]


def test_a_file_may_be_read_by_whom_the_system_says(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    writing.replace_text(tmp_path / "whole", "")
    assert (tmp_path / "whole").stat().st_mode == plain.stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="other names are long there")
def test_a_long_name_needs_no_longer_one(tmp_path):
    path = tmp_path / f"{'n' * 250}.csv"
    assert writing.replace_text(path, "hs") == path
    assert path.read_text(encoding="utf-8") == "hs"


def test_nobody_else_puts_a_file_in_its_place():
    """A file is renamed or forced to disk in one module; a second one would drift."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in ("writing.py", "repair.py")  # which puts aside what is there
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("os", "replace"), ("os", "rename"), ("os", "fsync"), ("shutil", "move")}
    ]
    assert found == []
