"""Binder and Codespaces get the environment of the lock and the commands of README.md."""

import json
import os
import re
import shutil
import subprocess
import tomllib

import pytest

from tests.conftest import ROOT

BINDER = ROOT / ".binder"
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())


def test_both_have_a_python_that_the_project_takes():
    least = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    said = [(BINDER / "runtime.txt").read_text(), CONTAINER["image"]]
    versions = [tuple(map(int, re.search(r"(\d+)\.(\d+)", one).groups())) for one in said]
    assert all(version >= tuple(map(int, least.strip(">=").split("."))) for version in versions)


def test_binder_installs_the_lock():
    (line,) = (BINDER / "requirements.txt").read_text().splitlines()
    assert (BINDER / line.removeprefix("-r ")).resolve() == ROOT / "requirements.lock"
    assert os.access(BINDER / "postBuild", os.X_OK)


def test_the_container_is_made_by_a_command_of_the_makefile():
    command, target = CONTAINER["postCreateCommand"].split()
    ready = re.search(r"^READY := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert (command, target) == ("make", ready)


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this system")
def test_after_binder_s_build_both_commands_install_nothing(tmp_path):
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    fake = tools / "python"  # notes what pip is asked for; says where it lies
    (tmp_path / "prefix").mkdir()
    said = f'[ "$1" = -m ] && echo "$@" > asked || echo "{tmp_path / "prefix"}"'
    fake.write_text(f"#!/bin/sh\n{said}\n")
    fake.chmod(0o755)
    prepared = {"cwd": tmp_path, "check": True, "capture_output": True, "text": True}
    path = os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([BINDER / "postBuild"], env=path, **prepared)
    assert "--no-deps" in (tmp_path / "asked").read_text()
    for command in ("render", "test"):
        told = subprocess.run(["make", "-n", command], **prepared).stdout
        assert "pip install" not in told
        assert ".venv/bin/" in told
