"""What a store promises: it only adds, and answers from nothing that is not as it was written."""

import json
import os
import random
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from nktrade import store
from nktrade.cli import main
from nktrade.errors import DamageError, InputError, NktradeError
from nktrade.store import checking, importing
from nktrade.store import manifest as ledger
from nktrade.store.lock import writing
from tests.sources.test_bulletin import FEBRUARY, as_csv
from tests.store.test_store import HEAD, line, snapshot


def put(folder, name, *lines, where=None, **said):
    path = (where or folder.parent) / name
    path.write_bytes((HEAD + "".join(lines)).encode("gb18030"))
    return store.import_files(folder, "gacc", [path], flow="export", **said)


def build(folder):
    """A store of every kind of part: rows, names, rows gone, totals."""
    both = line(hs="67042000"), line("202302", value="8")
    put(folder, "a.csv", line(), *both, downloaded="2023-06-01")
    put(folder, "b.csv", line(), line("202302", value="9"), downloaded="2023-07-01")
    bulletin = folder.parent / "bulletin.csv"
    bulletin.write_bytes(as_csv(FEBRUARY))
    store.import_files(folder, "bulletin", [bulletin])
    return folder


def ask(folder):
    """Everything that a store answers, as text."""
    tables = [
        store.load(folder, partner=None),
        store.load(folder, partner="PRK", as_of="2029-01-01"),
        store.totals(folder, partner="PRK"),
        store.names(folder),
        store.gone(folder),
        store.status(folder).drop(columns="imported"),
        store.revisions(folder).drop(columns="imported"),
    ]
    return [table.to_csv() for table in tables]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = build(tmp_path_factory.mktemp("damage") / "store")
    return folder, ask(folder)


# --- what is read is checked ---------------------------------------------------------------


def damage(content: bytes, kind: str, at: float, size: float) -> bytes:
    """Flip a bit, cut the end off, or write zeros, somewhere in a file."""
    place = int(at * (len(content) - 1))
    if kind == "flip":
        return content[:place] + bytes([content[place] ^ 1 << int(size * 7)]) + content[place + 1 :]
    if kind == "cut":
        return content[:place]
    run = max(1, int(size * (len(content) - place)))
    return content[:place] + bytes(run) + content[place + run :]


@given(
    file=st.integers(0, 1 << 20),
    kind=st.sampled_from(["flip", "cut", "zeros"]),
    at=st.floats(0, 1),
    size=st.floats(0, 1),
    same_time=st.booleans(),
)
@settings(max_examples=int(os.environ.get("NKTRADE_DAMAGES", "150")), deadline=None)
def test_any_damage_is_an_error_or_the_same_answer(whole, file, kind, at, size, same_time):
    folder, expected = whole
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    path = files[file % len(files)]
    content, about = path.read_bytes(), path.stat()
    try:
        path.write_bytes(damage(content, kind, at, size))
        if same_time:  # rot changes no time; another process has nothing remembered
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
            checking._seen.clear()
        try:
            answers = ask(folder)
        except NktradeError:
            assert path.read_bytes() != content
        else:
            assert answers == expected
    finally:
        path.write_bytes(content)
        checking._seen.clear()


def test_rot_in_a_large_part_is_found_by_its_page_checksum(tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "SMALL", 0)  # every part counts as large
    folder = tmp_path / "store"
    put(folder, "a.csv", *(line(hs=f"0101{i:04d}", value=str(i * 7919)) for i in range(2000)))
    expected = store.load(folder).to_csv()
    entry = ledger.read_entries(folder)[0]
    path = folder / str(ledger.part_of(entry, "rows"))
    content, about = path.read_bytes(), path.stat()
    generator, found = random.Random(5), 0
    for _ in range(60):
        at = generator.randrange(len(content) * 3 // 4)  # among the pages, before the footer
        path.write_bytes(damage(content, "flip", at / (len(content) - 1), generator.random()))
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        checking._seen.clear()
        try:
            assert store.load(folder).to_csv() == expected
        except DamageError:
            found += 1
    assert found > 50


def test_damage_names_the_file_to_import_again_and_importing_it_mends(tmp_path):
    folder = build(tmp_path / "store")
    expected = ask(folder)
    for kind, name, source in (
        ("rows", "a.csv", "gacc"),
        ("names", "b.csv", "gacc"),
        ("totals", "bulletin.csv", "bulletin"),
    ):
        entry = next(e for e in ledger.read_entries(folder) if e["name"] == name)
        part = folder / str(ledger.part_of(entry, kind))
        part.write_bytes(part.read_bytes()[:-9])
        with pytest.raises(DamageError) as told:
            ask(folder)
        assert (told.value.where, told.value.subject) == (
            str(part), "a part of the store is damaged"
        )  # fmt: skip
        assert told.value.expected
        assert told.value.got
        assert f"Import {name} again" in told.value.hint
        assert "changed" in store.verify(folder)["state"].tolist()
        said = {"flow": "export"} if source == "gacc" else {}
        report = store.import_files(folder, source, [tmp_path / name], **said)
        assert report["state"].tolist() == ["mended"]
        assert ask(folder) == expected
        assert (store.verify(folder)["state"] == "good").all()


def test_verify_works_out_what_the_manifest_says(tmp_path):
    folder = tmp_path / "store"
    put(folder, "a.csv", line(), line("202302"))
    for wrong in (
        {"rows": 3},
        {"partners": ["KOR"]},
        {"sums": {"2023-01": {"CNY": 5917063.0}}},
        {"sums": {"2023-01": {"CNY": 5917063.0}, "2023-02": {"CNY": 5917064.0}}},
    ):
        entries = [entry | wrong for entry in ledger.read_entries(folder)]
        before = ledger.read_entries(folder)
        ledger.write_manifest(folder, entries)
        assert store.verify(folder)["state"].str.startswith("differs").any(), wrong
        ledger.write_manifest(folder, before)
    assert (store.verify(folder)["state"] == "good").all()
    done = CliRunner().invoke(main, ["data", "verify", "--store", str(folder)])
    assert (done.exit_code, "manifests/000000.json" in done.stdout) == (0, True)
    old = folder / "manifests" / "000001.json"
    old.write_text(old.read_text().replace("a.csv", "z.csv"))
    done = CliRunner().invoke(main, ["data", "verify", "--store", str(folder)])
    assert (done.exit_code, "changed" in done.stdout) == (1, True)


# --- a store only adds ---------------------------------------------------------------------


@pytest.mark.parametrize("through_link", [False, True])
@pytest.mark.parametrize("good", [False, True])
def test_a_folder_of_ones_own_is_refused_and_left_alone(tmp_path, good, through_link):
    mine = tmp_path / "mine"
    (mine / "rows").mkdir(parents=True)
    (mine / "rows" / "thesis.csv").write_text("years of work")
    (mine / "rows" / f"{'0' * 16}.parquet").write_text("years of work")
    folder = mine
    if through_link:
        folder = tmp_path / "link"
        folder.symlink_to(mine, target_is_directory=True)
    before = snapshot(mine)
    lines = [line()] if good else ["<html>"]
    with pytest.raises(InputError, match="neither empty nor a store"):
        put(folder, "typo.csv", *lines, where=tmp_path)
    assert snapshot(mine) == before
    assert not (mine / ".lock").exists()


@pytest.mark.parametrize("name", ["manifest.json", "rows", "manifests", "rows/more.txt", "x"])
def test_what_is_no_store_is_refused_whatever_it_is_called(tmp_path, name):
    folder = tmp_path / "store"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")
    before = snapshot(folder)
    with pytest.raises(InputError):
        put(folder, "a.csv", line())
    assert snapshot(folder) == before


def test_nothing_that_this_run_did_not_write_is_deleted(tmp_path):
    """Foreign files, leftovers and a later manifest's parts stay, also if an import is refused."""
    folder = build(tmp_path / "store")
    (folder / "rows" / "thesis.csv").write_text("mine")
    (folder / "rows" / "linked").symlink_to(tmp_path, target_is_directory=True)
    (folder / "rows" / f"{'0' * 16}-00000000.parquet").write_text("a killed run's")
    pointer = (folder / "manifest.json").read_bytes()
    put(folder, "c.csv", line("202303"))
    before = snapshot(folder)
    (folder / "manifest.json").write_bytes(pointer)  # restored from a backup
    with pytest.raises(InputError):
        put(folder, "typo.csv", "<html>")
    put(folder, "d.csv", line("202304"))
    after = snapshot(folder)
    assert {name: after[name] for name in before if name != "manifest.json"} == {
        name: content for name, content in before.items() if name != "manifest.json"
    }
    swept = store.sweep(folder)
    assert swept["part"].tolist() == [f"rows/{'0' * 16}-00000000.parquet"]
    assert (folder / swept["moved_to"][0]).read_text() == "a killed run's"
    assert (folder / "rows" / "thesis.csv").exists()
    assert (folder / "rows" / "linked").is_symlink()


def test_manifests_are_numbered_and_chained(tmp_path):
    folder = build(tmp_path / "store")
    manifest = ledger.read_manifest(folder)
    chain = [manifest, *ledger.follow_chain(folder, manifest)]
    assert [one["number"] for one in chain] == [3, 2, 1, 0]
    assert [len(one["files"]) for one in chain] == [3, 2, 1, 0]
    pointer = json.loads((folder / "manifest.json").read_text())
    assert pointer == {"format": 3, "number": 3, "sha256": manifest["sha256"]}


@pytest.mark.parametrize("lost", ["pointer", "manifest", "stale", "all"])
def test_repair(tmp_path, lost):
    folder = build(tmp_path / "store")
    expected = ask(folder)
    if lost == "stale":  # the pointer of a backup: a later import is not named
        pointer = {"format": 3, "number": 2, "sha256": ledger.read_numbered(folder, 2)["sha256"]}
        (folder / "manifest.json").write_text(json.dumps(pointer))
        assert len(store.status(folder)) == 2
    if lost in ("pointer", "all"):
        (folder / "manifest.json").unlink()
    if lost == "all":
        shutil.rmtree(folder / "manifests")
    if lost == "manifest":
        last = folder / "manifests" / "000003.json"
        last.write_bytes(last.read_bytes()[:-40])
        put_again = "bulletin.csv"  # the manifest before does not know it
    if lost != "stale":
        with pytest.raises(InputError):
            ask(folder)
        with pytest.raises(InputError):  # and no import begins anew there
            put(folder, "e.csv", line("202305"))
    done = CliRunner().invoke(main, ["data", "repair", "--store", str(folder)])
    assert done.exit_code == 0, done.output
    if lost == "manifest":
        assert len(store.status(folder)) == 2
        report = store.import_files(folder, "bulletin", [tmp_path / put_again])
        assert report["state"].tolist() == ["imported"]
    assert ask(folder) == expected
    assert store.repair(folder)["state"].tolist() == ["good"] * 3
    assert (store.verify(folder)["state"] == "good").all()


def test_parts_of_one_download_stay_so_in_a_rebuilt_store(tmp_path):
    folder = tmp_path / "store"
    put(folder, "a.csv", line(hs="67042000"))
    for name, code in (("b.csv", "01012100"), ("c.csv", "01022100")):
        (tmp_path / name).write_bytes((HEAD + line(hs=code)).encode("gb18030"))
    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    store.import_files(folder, "gacc", files, flow="export")
    expected = store.load(folder)
    assert len(expected) == 3
    (folder / "manifest.json").unlink()
    shutil.rmtree(folder / "manifests")
    store.repair(folder)
    pd.testing.assert_frame_equal(store.load(folder), expected)
    # Of an import of two files that lost one, the other is not taken for the whole.
    entry = next(e for e in ledger.read_entries(folder) if e["name"] == "c.csv")
    (folder / str(ledger.part_of(entry, "rows"))).unlink()
    (folder / "manifest.json").unlink()
    shutil.rmtree(folder / "manifests")
    report = store.repair(folder)
    assert dict(zip(report["file"], report["state"], strict=True)) == {
        "a.csv": "good", "b.csv": "damaged", "c.csv": "damaged"
    }  # fmt: skip


def test_repair_of_what_is_no_store(tmp_path):
    with pytest.raises(InputError, match="no store here"):
        store.repair(tmp_path)
    (tmp_path / "rows").mkdir()
    with pytest.raises(InputError, match="no part of the store says"):
        store.repair(tmp_path)
    with pytest.raises(InputError, match="no store here"):
        store.sweep(tmp_path)


# --- files and locks -----------------------------------------------------------------------


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + line()).encode("gb18030"))
    stage = importing._stage

    def grow(*given):
        with path.open("ab") as file:
            file.write(line("202302").encode("gb18030"))
        return stage(*given)

    monkeypatch.setattr(importing, "_stage", grow)
    with pytest.raises(InputError, match="changed while it was read"):
        store.import_files(tmp_path / "store", "gacc", [path], flow="export")
    assert not (tmp_path / "store").exists()


def test_a_lock_has_an_end_and_a_holder(tmp_path):
    folder = tmp_path / "store"
    put(folder, "a.csv", line())
    with (
        writing(folder),
        pytest.raises(InputError, match=rf"another run.*process {os.getpid()} since"),
        writing(folder, patience=0.2),
    ):
        pass
    put(folder, "b.csv", line("202302"))


def test_a_committed_import_is_told_even_if_the_cleaning_fails(tmp_path, monkeypatch):
    from nktrade.store import lock

    def fail(*given):
        raise OSError("no more")

    monkeypatch.setattr(lock, "_take_back", fail)
    report = put(tmp_path / "store", "a.csv", line())
    assert report["state"].tolist() == ["imported"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_refused_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputError, match="this is no file"):
        store.import_files(tmp_path / "store", "gacc", [tmp_path / "pipe.csv"], flow="export")


def test_a_name_that_is_no_text_is_spelled(tmp_path):
    name = os.fsdecode(b"\xff\xfe.csv")
    try:
        (tmp_path / name).write_bytes((HEAD + line()).encode("gb18030"))
    except OSError:
        pytest.skip("the file system takes names in UTF-8 only")
    store.import_files(tmp_path / "store", "gacc", [tmp_path / name], flow="export")
    assert ledger.read_entries(tmp_path / "store")[0]["name"].encode("utf-8")


def test_a_refused_import_takes_no_folder_away_that_others_wait_for(tmp_path):
    """Three good and three bad importers at once, in a folder that is not there yet."""
    script = (
        "import sys; from nktrade import store;"
        "store.import_files(sys.argv[1], 'gacc', sys.argv[2:], flow='export')"
    )
    files = []
    for number in range(6):
        files.append(tmp_path / f"{number}.csv")
        text = line(f"20230{number + 1}") if number % 2 else "<html>"
        files[-1].write_bytes((HEAD + text).encode("gb18030"))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "store"), str(file)],
            stderr=subprocess.DEVNULL,
        )
        for file in files
    ]
    assert [process.wait(120) for process in running] == [1, 0] * 3
    assert store.load(tmp_path / "store")["period"].dt.month.tolist() == [2, 4, 6]
