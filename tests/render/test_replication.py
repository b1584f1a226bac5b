"""The replication package: what it holds, that it runs, and what is refused."""

import json
import zipfile

import pytest
import yaml

from nktrade.errors import InputError
from nktrade.render.replication import pack_run
from tests.rendered import read_runs, run_nktrade

SLUG = "01_bricks-partner-RUS-hs-6902+6901"


def test_a_package_makes_the_same_page_again(tmp_path, small_site):
    site, _ = small_site
    path = pack_run(site, f"{SLUG}.html", tmp_path / "p.zip", with_data=True)
    assert (
        path.read_bytes() == pack_run(site, SLUG, tmp_path / "q.zip", with_data=True).read_bytes()
    )
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / SLUG
    assert yaml.safe_load((folder / "parameters.yml").read_text())["partner"] == "RUS"
    data = json.loads((folder / "data.json").read_text())
    assert data["named"]
    assert {file["name"] for file in data["files"]} == {f.name for f in folder.glob("data/*")}
    assert not any("/" in file["name"] for file in data["files"])
    requirements = (folder / "requirements.txt").read_text().splitlines()
    assert any(line.startswith("ipykernel==") for line in requirements)
    again = run_nktrade(
        *("render", folder / "01_bricks.ipynb", "-f", folder / "parameters.yml"),
        *("--out", tmp_path / "again"),
    )
    assert again.returncode == 0, again.stderr
    (mine,) = read_runs(tmp_path / "again")
    theirs = next(run for run in read_runs(site) if run["page"] == f"{SLUG}.html")
    for what in ("notebook", "parameters", "published", "data"):
        assert mine[what] == theirs[what]


@pytest.mark.parametrize(
    ("name", "said"), [("03_failing", "failed"), ("01_brick", "Did you mean '01_bricks'")]
)
def test_what_cannot_be_replicated_is_refused_and_nothing_is_written(
    tmp_path, name, said, small_site
):
    site, _ = small_site
    with pytest.raises(InputError, match=said):
        pack_run(site, name, tmp_path / "p.zip")
    with pytest.raises(InputError, match="no site"):
        pack_run(tmp_path, name, tmp_path / "p.zip")
    assert list(tmp_path.iterdir()) == []
