"""``nktrade serve``: the site's files for this machine, and nothing else."""

import threading
import urllib.error
import urllib.request

import pytest

from nktrade.cli.serving import open_server
from tests.rendered import run_nktrade


@pytest.fixture
def address(tmp_path):
    (tmp_path / "secret").write_text("secret")
    site = tmp_path / "site"
    (site / ".nktrade").mkdir(parents=True)
    (site / "notebooks").mkdir()
    (site / "index.html").write_text("<h1>Site</h1>")
    (site / ".nktrade" / "ledger.jsonl").write_text("secret")
    (site / "notebooks" / "a.ipynb").write_text("{}")
    (site / "out").symlink_to(tmp_path / "secret")
    with open_server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def get(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        return answer.read().decode()


def test_pages_and_notebooks_are_given(address):
    assert "Site" in get(f"{address}/")
    assert get(f"{address}/notebooks/a.ipynb") == "{}"


@pytest.mark.parametrize(
    "path", [".nktrade/ledger.jsonl", "notebooks/", "../secret", "%2e%2e/secret", "out", "none"]
)
def test_nothing_else_is(address, path):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{address}/{path}")


def test_a_folder_without_a_site_is_refused(tmp_path):
    done = run_nktrade("serve", tmp_path)
    assert done.returncode == 2
    assert "there is no site to serve" in done.stderr
