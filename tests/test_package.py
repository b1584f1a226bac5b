"""Importing is quick and light, and the few names an economist types are there."""

import importlib
import json
import subprocess
import sys
from pkgutil import iter_modules

import pytest

import nktrade
from tests.conftest import ROOT

HEAVY = ["pandas", "numpy", "matplotlib", "seaborn", "statsmodels", "scipy", "pyarrow", "papermill"]

#: Packages that offer names; the others are rooms of which one asks for a module.
PACKAGES = ["nktrade"] + [
    f"nktrade.{one.name}"
    for one in iter_modules(nktrade.__path__)
    if one.ispkg and "__all__" in vars(importlib.import_module(f"nktrade.{one.name}"))
]


def loaded_after(code: str) -> set[str]:
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr.strip().splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        "import nktrade",
        "import nktrade.errors",
        "import nktrade.cli",
        "from click.testing import CliRunner\nfrom nktrade.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0",
        "from click.testing import CliRunner\nfrom nktrade.cli import main\n"
        "assert CliRunner().invoke(main, ['render', '--help']).exit_code == 0",
    ],
    ids=["nktrade", "errors", "cli", "--help", "render --help"],
)
def test_nothing_heavy_is_imported(code):
    assert sorted(loaded_after(code) & set(HEAVY)) == []


@pytest.mark.parametrize("name", nktrade.__all__)
def test_every_public_name_is_there(name):
    assert getattr(nktrade, name) is not None
    assert name in dir(nktrade)


@pytest.mark.parametrize("name", PACKAGES)
def test_completion_offers_what_a_package_is_for_and_nothing_else(name):
    package = importlib.import_module(name)
    offered = {one for one in dir(package) if not one.startswith("_")}
    assert offered == {one for one in package.__all__ if not one.startswith("_")}
    assert not offered & {"np", "pd", "annotations", "Any", "Path", "cache", "dataclass"}


def test_public_callables_are_documented():
    for name in nktrade.__all__:
        thing = getattr(nktrade, name)
        if callable(thing):
            assert len(thing.__doc__) > 60


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = nktrade.lode


def test_version_is_that_of_the_metadata():
    import tomllib

    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert metadata["project"]["version"] == nktrade.__version__
