"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the checkout."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = ("A notebook", "A source", "A class system", "A chart")
STEP = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`(?:, after `(?P<after>[^`\n]+)`)?:\n\n)?"
    r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture
def checkout(tmp_path):
    """A checkout that may be changed: what is large and stays as it is is only linked."""
    for name in ("nktrade", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "data").mkdir()
    for path in (ROOT / "data").iterdir():
        if path.name == "classes":
            shutil.copytree(path, tmp_path / "data" / "classes")
        else:
            (tmp_path / "data" / path.name).symlink_to(path)
    return tmp_path


def write(checkout: Path, step: re.Match) -> None:
    file = checkout / step["file"]
    if step["after"]:
        text = file.read_text(encoding="utf-8")
        assert text.count(f"{step['after']}\n") == 1, f"{step['file']}: {step['after']}"
        before, line, rest = text.partition(f"{step['after']}\n")
        file.write_text(f"{before}{line}{step['body']}{rest}", encoding="utf-8")
        return
    assert not file.exists(), f"{step['file']} is there already"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(step["body"], encoding="utf-8")


def follow(checkout: Path, body: str) -> str:
    """Type the lines after a dollar sign, each from where the one before has gone."""
    place, said = checkout, ""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    names = {"nktrade": [sys.executable, "-m", "nktrade"], "python": [sys.executable]}
    for line in body.splitlines():
        assert line.startswith("$ "), line
        first, *rest = shlex.split(line[2:])
        if first == "cd":
            place = place / rest[0]
            continue
        command = [*names[first], *rest]
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        said += done.stdout
    return said


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_leads_where_it_says(checkout, title):
    recipe = re.search(rf"^## {title}\n(.*?)(?=^## )", TEXT, re.MULTILINE | re.DOTALL)[1]
    steps, said = list(STEP.finditer(recipe)), ""
    assert steps
    for step in steps:
        if step["kind"] == "console":
            said += follow(checkout, step["body"])
        else:
            assert step["file"], f"where does this go?\n{step['body']}"
            write(checkout, step)
    told = {
        "A notebook": "90_soap",
        "A source": "toyland",
        "A class system": "soap",
        "A chart": "",
    }[title]
    assert told in said
    if title == "A chart":
        assert "<svg" in (checkout / "steps.svg").read_text(encoding="utf-8")
    if title == "A notebook":
        assert list((checkout / "build" / "soap").glob("90_soap*.html"))
