"""The catalogue: notebooks read as files, and the YAML file that says which runs make the site.

``site.yml`` lies beside the notebooks::

    title: North Korea's trade
    parts:
      - title: The course of trade
        notebooks:
          - notebook: 01_monthly_trends
            runs:
              - parameters: {partner: PRK}
              - name: Russia
                parameters: {partner: RUS}

A notebook without ``runs`` runs once with its defaults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nktrade.errors import InputError, did_you_mean
from nktrade.render.parameters import Parameter, check_values, parse_parameters


@dataclass(frozen=True)
class Notebook:
    """A notebook as the batch sees it: a file with a title, a question and typed parameters."""

    path: Path
    title: str
    question: str
    parameters: list[Parameter]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of every parameter where nobody says otherwise."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def describe(self) -> dict:
        """Return the notebook as plain data, for ``nktrade list --json``."""
        return {
            "notebook": self.name,
            "title": self.title,
            "question": self.question,
            "parameters": [
                {
                    "name": parameter.name,
                    "type": parameter.annotation,
                    "default": parameter.default,
                    "choices": list(parameter.choices),
                    "help": parameter.help,
                }
                for parameter in self.parameters
            ],
        }


@dataclass(frozen=True)
class Request:
    """What ``site.yml`` asks for: one notebook with one set of parameters, in one part."""

    notebook: Notebook
    part: str
    label: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """A folder of notebooks and the runs that its ``site.yml`` asks for."""

    folder: Path
    title: str
    requests: list[Request]
    notebooks: dict[str, Notebook]

    def find(self, name: str) -> Notebook:
        """Return a notebook by its name, or refuse with the nearest name."""
        stem = name.removesuffix(".ipynb")
        if stem not in self.notebooks:
            raise InputError(
                f"notebook {name!r} is unknown",
                where=str(self.folder),
                hint=did_you_mean(stem, self.notebooks) if self.notebooks else "It has none.",
            )
        return self.notebooks[stem]


def read_notebook(path: Path) -> Notebook:
    """Read a notebook's title, question and parameters.

    The title is the first ``# `` heading of the first markdown cell, the question the paragraph
    after it.

    Raises
    ------
    InputError
        The file is no notebook, or its parameters cell cannot be read.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise InputError("no such notebook", where=str(path)) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "the file is not a notebook", where=str(path), expected="Jupyter notebook, format 4"
        ) from None
    title, question = _read_heading(cells, path.stem)
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) > 1:
        raise InputError(f"{len(tagged)} cells are tagged 'parameters'", where=path.name)
    source = "".join(tagged[0]["source"]) if tagged else ""
    parameters = parse_parameters(source, where=f"{path.name}, parameters cell")
    return Notebook(path.resolve(), title, question, parameters)


def read_catalogue(folder: Path, file: str = "site.yml") -> Catalogue:
    """Read the notebooks of a folder and its ``site.yml``, and check every parameter set.

    A folder without a ``site.yml`` is one part, every notebook run once.

    Raises
    ------
    InputError
        The YAML is broken, a key or a notebook is unknown, a parameter does not fit.
    """
    notebooks = {
        path.stem: read_notebook(path)
        for path in sorted(folder.glob("*.ipynb"))
        if not path.name.startswith(".")
    }
    source = folder / file
    if not source.is_file():
        requests = [Request(notebook, part="Notebooks") for notebook in notebooks.values()]
        return Catalogue(folder, folder.resolve().name, requests, notebooks)
    site = _read_yaml(source)
    _check_keys(site, {"title", "parts"}, source.name)
    catalogue = Catalogue(folder, str(site.get("title", folder.name)), [], notebooks)
    for number, part in enumerate(_list(site, "parts", source.name), start=1):
        where = f"{source.name}, part {number}"
        _check_keys(part, {"title", "notebooks"}, where)
        title = str(part.get("title", f"Part {number}"))
        for entry in _list(part, "notebooks", where):
            catalogue.requests.extend(_read_entry(entry, catalogue, title, where))
    return catalogue


def _read_entry(entry: Any, catalogue: Catalogue, part: str, where: str) -> Iterator[Request]:
    _check_keys(entry, {"notebook", "runs"}, where)
    notebook = catalogue.find(str(entry.get("notebook", "")))
    for number, run in enumerate(entry.get("runs") or [{}], start=1):
        at = f"{where}, notebook {notebook.name}, run {number}"
        _check_keys(run, {"name", "parameters"}, at)
        parameters = check_values(notebook.parameters, run.get("parameters") or {}, at)
        yield Request(notebook, part, str(run.get("name") or ""), parameters)


def _read_heading(cells: list[dict], fallback: str) -> tuple[str, str]:
    text = next(("".join(c["source"]) for c in cells if c.get("cell_type") == "markdown"), "")
    heading = re.search(r"^# +(.+?)\s*$", text, flags=re.MULTILINE)
    if heading is None:
        return fallback, ""
    paragraphs = [p.strip() for p in text[heading.end() :].strip().split("\n\n")]
    return heading[1], " ".join(paragraphs[0].split())


def _read_yaml(source: Path) -> dict:
    import yaml

    try:
        site = yaml.safe_load(source.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}, line {mark.line + 1}" if mark else str(source)
        raise InputError("the catalogue is not YAML", where=where) from None
    if not isinstance(site, dict):
        raise InputError("the catalogue is empty", where=str(source), expected="title and parts")
    return site


def _check_keys(found: Any, known: set[str], where: str) -> None:
    if not isinstance(found, Mapping):
        raise InputError(
            "an entry is not a mapping", where=where, expected=", ".join(sorted(known))
        )
    for key in found:
        if key not in known:
            raise InputError(
                f"key {key!r} is unknown", where=where, hint=did_you_mean(str(key), known)
            )


def _list(found: Mapping, key: str, where: str) -> list:
    value = found.get(key) or []
    if not isinstance(value, list):
        raise InputError(f"{key!r} is not a list", where=where)
    return value
