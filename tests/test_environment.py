"""The environment files say the same thing."""

import re
import tomllib

import yaml

from tests.conftest import ROOT


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _split(requirement: str) -> tuple[str, str]:
    name, ranges = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement).groups()
    return name.lower().replace("_", "-"), ranges


def test_conda_environment_has_the_names_and_ranges_of_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    plain = dict(_split(entry) for entry in conda if isinstance(entry, str))
    assert plain.pop("python") == _project()["requires-python"]
    plain.pop("pip")
    assert plain == dict(_split(entry) for entry in _project()["dependencies"])


def test_lock_pins_every_dependency_with_hashes_and_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    project = _project()
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["dev"] + extras["cluster"]
    assert {_split(entry)[0] for entry in wanted} <= pinned
    assert len(re.findall(r"^[A-Za-z0-9_.-]+==", lock, re.MULTILINE)) <= lock.count("--hash=")
    assert "://" not in lock


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    inside = text[text.index("dependencies = [") : text.index("[project.scripts]")]
    lines = [line for line in inside.splitlines() if line.startswith('    "')]
    assert lines
    assert all("#" in line for line in lines)


def test_version_is_said_once():
    import nktrade

    assert _project()["version"] == nktrade.__version__
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == nktrade.__version__
