"""A site owns the files that it wrote in its folder, and nothing that a marker or a link claims."""

import hashlib
import json
import os
from contextlib import suppress

import pytest

from nktrade.errors import InputError
from nktrade.render.fingerprints import Hashes
from nktrade.render.folder import FOLDER, PAGE_SIGN, SiteFiles, find_owner, prepare_folder
from nktrade.render.ledger import KEPT, Ledger
from nktrade.render.run import Settings
from nktrade.site.page import list_plainly

#: What a file that anybody may change can hold where something else is expected.
STRANGE = [None, True, 5, "x", "../own", [], [5], {}, {"x": 5}]


@pytest.fixture
def out(tmp_path):
    prepare_folder(tmp_path / "site")
    return tmp_path / "site"


def note(out, **files):
    with (out / FOLDER / "files.jsonl").open("a") as file:
        file.write(f"\n{json.dumps(files)}\n")


@pytest.mark.parametrize(
    "name",
    [
        "../own",
        "sub/../../own",
        "{whole}",
        ".nktrade/own",
        "link/own",
        "",
        ".",
        "..",
        "sub",
        "a\0b",
    ],
)
@pytest.mark.parametrize("sha256", ["", hashlib.sha256(b"own").hexdigest(), None, ["x"]])
def test_whatever_a_marker_says_nothing_else_is_removed(tmp_path, out, name, sha256):
    own = tmp_path / "own"
    (out / "sub").mkdir()
    for path in (own, out / FOLDER / "own", out / "sub" / "kept"):
        path.write_text("own")
    (out / "link").symlink_to(tmp_path)
    note(out, **{name.format(whole=own): sha256})
    with suppress(InputError):
        SiteFiles(out, Hashes()).claim([name.format(whole=own)], [])
    SiteFiles(out, Hashes()).keep_only([])
    for path in (own, out / FOLDER / "own", out / "sub" / "kept"):
        assert path.read_text() == "own"


def test_a_link_out_of_the_site_is_refused(tmp_path, out):
    (out / "notebooks").symlink_to(tmp_path)
    with pytest.raises(InputError, match="a link leads out of the site"):
        SiteFiles(out, Hashes()).claim(["notebooks/new.ipynb"], [])


def test_a_folder_that_was_left_off_as_it_was_marked_is_taken(tmp_path):
    (tmp_path / "site" / FOLDER).mkdir(parents=True)
    prepare_folder(tmp_path / "site")
    (tmp_path / "folder" / FOLDER / "files.jsonl").mkdir(parents=True)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for name in ("folder", "round"):
        with pytest.raises(InputError, match="cannot be written"):
            prepare_folder(tmp_path / name)


@pytest.mark.parametrize("settled", [True, False])  # interrupted, or killed
@pytest.mark.parametrize("name", ["kept.html", "due.html"])
def test_what_stands_where_a_page_was_to_be_written_is_not_replaced(out, name, settled):
    files = SiteFiles(out, Hashes())
    names = ["written.html", "kept.html", "due.html"]
    (out / "kept.html").write_bytes(PAGE_SIGN)
    files.wrote(["kept.html"])
    files.claim(names, [])
    files.expect(["written.html", "due.html"])
    (out / "written.html").write_text(list_plainly([], "A site"))
    if settled:
        files.settle()
    SiteFiles(out, Hashes()).claim(names, [])
    (out / name).write_text("own")
    with pytest.raises(InputError, match=name):
        SiteFiles(out, Hashes()).claim(names, [])
    SiteFiles(out, Hashes()).keep_only([])
    assert [path.name for path in out.glob("*.html")] == [name]
    assert (out / name).read_text() == "own"


def mutate(value):
    yield from STRANGE
    if isinstance(value, dict):
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
            yield from ({**value, key: strange} for strange in STRANGE)
        yield {**value, "of a later version": 1}


def test_what_the_hidden_files_hold_is_taken_only_where_it_is_what_a_render_wrote(out):
    entry = dict.fromkeys(KEPT, "x")
    entry |= {"ended": "2024-01-01T00:00:00+00:00", "home": True, "seconds": 1.0, "declared": None}
    entry |= {key: {} for key in ("parameters", "reads", "own", "timings")}
    entry |= {key: [] for key in ("after", "writes", "unseen")} | {"facts": {"finding": "x"}}
    stamp = [1, 2, 3, 4, "x"]
    for name, usual in (
        ("ledger.jsonl", entry),
        ("hashes.json", {os.path.abspath(__file__): stamp}),
        ("subjects.json", {"x": {"a": ["x", []]}}),
        ("collection.json", {"folder": "x"}),
        ("files.jsonl", {"a.html": "x"}),
    ):
        for told in mutate(usual):
            (out / FOLDER / name).write_text(json.dumps(told))
            ledger = Ledger(Settings(out))
            assert all(isinstance(e["slug"], str) for e in ledger.entries.values())
            assert ledger.other_runs([]) == []
            ledger.files.keep_only([])
            find_owner(out)
            Hashes(told if name == "hashes.json" and isinstance(told, dict) else {}).file(__file__)
        (out / FOLDER / name).unlink()
        if name == "files.jsonl":
            (out / FOLDER / name).touch()
