"""Fixtures shared by every test."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.downloads import write_downloads
from tests.rendered import make_once, render_collection, render_fixtures

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


@pytest.fixture(scope="session")
def commons(tmp_path_factory, worker_id) -> Path:
    """A folder that all processes of the suite share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def small_site(commons):
    """The fixture notebooks as a site, and the process that rendered it."""
    return make_once(commons, "small_site", render_fixtures)


@pytest.fixture(scope="session")
def whole_site(commons):
    """The whole catalogue as a site, and the process that rendered it."""
    return make_once(commons, "whole_site", render_collection)
