"""What ``nktrade teach --browser`` writes: only what was tried, and all that a lesson needs."""

import hashlib
import io
import re
import subprocess
import sys
import tarfile

import pytest
from click.testing import CliRunner

from nktrade.cli import main
from nktrade.teach import browser
from nktrade.teach.browser import ENGINES, Engine, Part, pack_package
from tests.conftest import ROOT

TOLD = b"somebody else's"


@pytest.fixture
def toy(monkeypatch):
    """An engine of one part, which is not Python."""
    part = Part("part.bin", hashlib.sha256(TOLD).hexdigest(), "fetch --to {folder} part")
    engine = Engine("a toy", (part,), lambda parts: {"part.bin": parts["part.bin"]})
    monkeypatch.setitem(ENGINES, "pyodide", engine)


def ask(*arguments):
    options = ["--browser", "--engine", "pyodide"]
    return CliRunner().invoke(main, ["teach", *options, *map(str, arguments)])


def test_a_part_is_taken_only_with_its_hash(toy, tmp_path):
    parts, out = tmp_path / "parts", tmp_path / "out"
    arguments = ("4_audit", "--parts", parts, "--out", out)
    missing = ask(*arguments)
    assert missing.exit_code == 2
    assert f"fetch --to {parts} part" in missing.output.replace("\n", " ")
    parts.mkdir()
    (parts / "part.bin").write_bytes(TOLD + b"?")
    other = ask(*arguments)
    assert other.exit_code == 2
    assert "sha256" in other.output
    assert not out.exists()
    (parts / "part.bin").write_bytes(TOLD)
    done = ask(*arguments)
    assert done.exit_code == 0, done.output
    written = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert written == {
        *("index.html", "4_audit.html", "page.js", "course.json"),
        *("engine/engine.js", "engine/part.bin"),
    }
    page = (out / "4_audit.html").read_text()
    assert "SOLUTION" not in page
    assert "teach.check(&#34;print.row&#34;" in page
    assert ask("5_known", *arguments[1:]).exit_code == 0
    assert not (out / "4_audit.html").exists()
    assert ask("9_nothing", *arguments[1:]).exit_code == 2


def test_every_part_is_pinned():
    parts = [part for engine in ENGINES.values() for part in engine.parts]
    assert all(len(bytes.fromhex(part.sha256)) == 32 for part in parts)
    assert all("{folder}" in part.command for part in parts)
    versions = [re.search(r"\d+\.\d+\.\d+", part.name)[0] for part in parts]
    assert all(v in part.command for v, part in zip(versions, parts, strict=True))


def test_the_packed_package_is_whole_by_itself(tmp_path):
    """Unpacked elsewhere, with everything but the scientific libraries refused."""
    packed = pack_package()
    assert packed == pack_package()
    assert len(packed) < 3e6
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(tmp_path, filter="data")
    assert not list(tmp_path.rglob("*.parquet"))
    code = (
        "from tests.bare import *; sys.meta_path.insert(0, Refuse(SCIENCE));"
        f"sys.path.insert(0, {str(tmp_path / 'nk')!r});"
        "import nktrade as nk; assert 'nk/nktrade' in nk.__file__.replace(chr(92), '/');"
        "from nktrade.teach.session import Session;"
        "cell = 'nk.teach.check(\"mirror.october\", 2880000)';"
        "print(Session().run('import nktrade as nk; ' + cell)[0]['data']['text/plain']);"
        "rows = nk.load(hs='6704'); nk.classify(rows, to='industry'); nk.classify(rows, to='bec');"
        "print(len(rows) > 0, len(nk.hs.search('rice')) > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["Right.", "True True"], done.stderr[-1500:]


def test_workers_keep_to_the_one_interface():
    """Each engine's worker tells what the page listens for, and nothing else."""
    folder = browser.TEMPLATES / "browser"
    page = (folder / "page.js").read_text()
    for name in ENGINES:
        worker = (folder / f"{name}.js").read_text()
        for said in ("say", "ready: true", "broken", "id, outputs"):
            assert f"postMessage({{ {said}" in worker, (name, said)
    assert all(f"data.{word}" in page for word in ("say", "ready", "broken", "outputs"))
