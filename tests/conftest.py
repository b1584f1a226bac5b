"""Fixtures shared by every test."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.downloads import write_downloads

# A busy machine is slow; a test that says so by failing says nothing of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# A package of somebody else's, which the tests put on the path themselves.
collect_ignore = ["sources/toy"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of genuine files and official tables beside the checkout, where there is one."""
    folder = ROOT.parent / "shared"
    if not (folder / "samples").is_dir():
        pytest.skip("no ../shared folder with genuine files beside this checkout")
    return folder


@pytest.fixture(scope="session", params=["remade", "genuine"])
def downloads(request, tmp_path_factory) -> Path:
    """Customs downloads in every layout: remade ones, and genuine ones where they lie beside."""
    if request.param == "genuine":
        return request.getfixturevalue("shared") / "samples" / "gacc"
    return write_downloads(tmp_path_factory.mktemp("downloads"))
