"""What is handed out: licences that bind nobody, and a package that is whole by itself."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.conftest import ROOT
from tools.list_licences import PAGE, find_packages, spell_licence

ALLOWED = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python|ISC|MPL|Zlib|CC0|HPND|Unlicense|CMU|Unicode)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", find_packages())
def test_every_package_is_listed_with_a_free_licence(name):
    licence = spell_licence(name)
    assert ALLOWED.search(licence), licence
    assert not re.search(r"\b[AL]?GPL|GNU", licence)
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    if re.sub(r"[-_.]+", "-", name).lower() not in locked:
        pytest.skip("of another environment than the lock's, as `make floor` tries")
    page = PAGE.read_text(encoding="utf-8")
    assert f"| {name} |" in page, "run: python -m tools.list_licences"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of what git knows, its sdist, and the wheel made of that sdist elsewhere."""
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("supply")
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        pytest.skip("the tests run outside a git checkout")
    for name in filter(None, told.stdout.split("\0")):
        if (ROOT / name).is_file():
            (place / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / "copy" / name)
    build(place / "copy", "sdist", place)
    (archive,) = place.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(place / "unpacked", filter="data")
    (source,) = (place / "unpacked").iterdir()
    build(source, "wheel", place)
    (wheel,) = place.glob("*.whl")
    return place, source, wheel


def build(source, target, place):
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(place)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)


def test_the_sdist_is_whole(built):
    place, source, _ = built
    copy = place / "copy"
    there = {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}
    packed = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert there - packed <= {".gitignore"}


def test_the_wheel_holds_package_data_and_notebooks(built):
    _, source, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, inside in (("nktrade", "nktrade"), ("data", "nktrade/_data")):
        for path in (source / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{inside}/{path.relative_to(source / folder)}" in names
    assert "nktrade/_notebooks/site.yml" in names


def test_the_wheel_works_away_from_its_source(built):
    """Installed alone, in a folder that knows nothing of the project."""
    place, _, wheel = built
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "installed")
    (place / "away").mkdir()
    code = (
        "import nktrade, nktrade.cli; rows = nktrade.load(hs='6704', start='2023', end='2023');"
        "assert len(rows); assert 'installed' in nktrade.__file__; nktrade.cli.main(['list'])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=place / "away",
        env={"PYTHONPATH": str(place / "installed"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "01_monthly_trends" in done.stdout
