"""Nothing that is published or printed tells where its author keeps files, or a password."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nktrade.errors import ServiceError
from nktrade.sources.comtrade_service import Service
from tests.store.test_store import HEAD, line

ROOT = Path(__file__).resolve().parent.parent
BODY = """
import os, pathlib, sys, warnings
import nktrade as nk
warnings.warn("look")
print(os.getcwd(), pathlib.Path("own.csv").absolute(), data)
pathlib.Path("own.csv").read_text()
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Everything that an import and a render of a good and a failing notebook wrote or printed."""
    place = tmp_path_factory.mktemp("private")
    home = place / "home" / "canaryuser"
    work = home / "canarywork"
    work.mkdir(parents=True)
    (work / "own.csv").write_text("x")
    (work / "a.csv").write_bytes((HEAD + line()).encode("gb18030"))
    for name, last in (("good", "nk.load(data)"), ("bad", "open(data + '/none')")):
        cells = [
            new_markdown_cell(f"# Of {name}\n\nWhy?"),
            new_code_cell("data: str = 'default'  # rows", metadata={"tags": ["parameters"]}),
            new_code_cell(BODY),
            new_code_cell(last),
        ]
        book = new_notebook(cells=cells)
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "p", "language": "python"}
        nbformat.write(book, work / f"{name}.ipynb")
    hidden = {"HOME": str(home), "USER": "canaryuser", "LOGNAME": "canaryuser"}
    hidden |= {"COMTRADE_URL": "https://canaryname:canarypass@127.0.0.1:1"}
    environment = {**os.environ, **hidden, "PYTHONPATH": str(ROOT)}
    printed = []
    for words in (
        ["data", "import", "gacc", "a.csv", "--flow", "import", "--store", "canarystore"],
        ["render", "good.ipynb", "bad.ipynb", "-p", f"data={work / 'canarystore'}", "--cold"],
    ):
        command = [sys.executable, "-m", "nktrade", *words]
        command += ["--out", str(place / "site")] if words[0] == "render" else []
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=300
        )
        printed.append(done.stdout + done.stderr)
    files = [path for path in (place / "site").rglob("*") if path.is_file()]
    texts = {str(path.relative_to(place)): path.read_text(errors="replace") for path in files}
    store = [path for path in (work / "canarystore").rglob("*") if path.is_file()]
    texts |= {path.name: path.read_bytes().decode("latin-1") for path in store}
    return texts, printed


def test_no_file_names_a_home_a_user_or_a_password(written):
    texts, _ = written
    assert {"site/runs.json", "site/.nktrade/ledger.jsonl"} <= set(texts)
    assert sum(name.endswith(".ipynb") for name in texts) == 2
    for name, text in texts.items():
        for canary in ("canaryuser", "canarywork", "canarypass", "canaryname"):
            at = text.find(canary)
            if canary == "canarywork" and name.startswith("site/.nktrade"):
                assert "%HOME%/canarywork" in text or at < 0  # beneath the home, for this machine
                continue
            assert at < 0, (name, text[max(0, at - 80) : at + 40])


def test_the_page_tells_the_store_by_its_name(written):
    texts, printed = written
    page = next(text for name, text in texts.items() if "good" in name and name.endswith(".html"))
    assert "canarystore" in page
    assert "canarypass" not in "".join(printed)


def test_an_address_with_a_password_is_told_without_it():
    service = Service(None, "http://canaryname:canarypass@127.0.0.1:1/x", sleep=lambda s: None)
    with pytest.raises(ServiceError) as told:
        service.ask("reporterCode=156&period=202001")
    assert "127.0.0.1:1/x" in str(told.value)
    assert "canary" not in str(told.value) + service.address + service.url("period=202001")
    assert service._auth == ("canaryname", "canarypass")
