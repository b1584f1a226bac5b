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

A notebook without ``runs`` runs once with its defaults. Beside ``notebook`` may stand what the
batch cannot see by itself: ``after:`` names notebooks that run before; ``inputs:`` (files or
patterns), ``env:`` (environment variables) and ``max_age:`` (``12 h``) declare what a run depends
on, and ``always: true`` runs it each time. A notebook that the file does not name is not read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from nktrade.errors import InputError, did_you_mean
from nktrade.files.parsing import load_yaml, read_text
from nktrade.render.cells import language_of, read_source, tags_of
from nktrade.render.parameters import Parameter, check_values, parse_parameters
from nktrade.render.values import plain

_PROJECT = ("pyproject.toml", "setup.py", ".git")
_DECLARED = {"inputs", "env", "always", "max_age"}
_HEADING = re.compile(r"^# +(.+?)\s*$|^(\S.*?)[ \t]*\n=+[ \t]*$", re.MULTILINE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?) *(s|min|h|d)?")
_SECONDS = {None: 1, "s": 1, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Notebook:
    """A notebook as the batch sees it: a file with a title, a question and typed parameters.

    Attributes
    ----------
    problem : str
        Why the file cannot be read; empty where it can.
    """

    path: Path
    title: str
    question: str
    parameters: list[Parameter]
    problem: str = ""
    language: str = "python"

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
                    "default": plain(parameter.default),
                    "choices": list(parameter.choices),
                    "help": parameter.help,
                }
                for parameter in self.parameters
            ],
        }


@dataclass(frozen=True)
class Declared:
    """What ``site.yml`` says a run depends on, beside what is seen.

    Attributes
    ----------
    inputs : tuple of str
        Files, folders and patterns, from the notebook's folder.
    env : tuple of str
        Environment variables.
    always : bool
        Whether it runs each time.
    max_age : float or None
        Seconds after which it runs again.
    """

    inputs: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    always: bool = False
    max_age: float | None = None


@dataclass(frozen=True)
class Request:
    """What ``site.yml`` asks for: one notebook with one set of parameters, in one part."""

    notebook: Notebook
    part: str
    label: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    declared: Declared | None = None


@dataclass(frozen=True)
class Catalogue:
    """A folder of notebooks and the runs that its ``site.yml`` asks for.

    Attributes
    ----------
    checks : str
        ``"trade"`` where parameters are months, partners and stores, to be checked as such.
    address : str
        Where the site will stand, for what other sites show of a page that is shared.
    project : Path or None
        The folder that ``site.yml`` says the notebooks need whole, as one with ``src`` beside them.
    """

    folder: Path
    title: str
    requests: list[Request]
    checks: str = ""
    address: str = ""
    project: Path | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The notebooks of the folder by name."""
        found = sorted(self.folder.glob("*.ipynb"))
        return {p.stem: p for p in found if not (p.name.startswith(".") or p.is_dir())}

    @property
    def notebooks(self) -> dict[str, Notebook]:
        """Every notebook of the folder, read; one that cannot be read says why."""
        return {name: read_notebook(path, strict=False) for name, path in self.files.items()}

    def find(self, name: str) -> Notebook:
        """Return a notebook by its name, or refuse with the nearest name."""
        stem, files = name.removesuffix(".ipynb"), self.files
        if stem not in files:
            raise InputError(
                f"notebook {name!r} is unknown",
                where=str(self.folder),
                hint=did_you_mean(stem, files) if files else "It has none.",
            )
        return read_notebook(files[stem], strict=False)


def read_notebook(path: Path, strict: bool = True) -> Notebook:
    """Read a notebook's title, question and parameters.

    The title is the first ``# `` heading of the words before the code, the question the paragraph
    after it. Without `strict` a file that is there but cannot be read is returned with its
    problem.

    Raises
    ------
    InputError
        The file is not there, or is no notebook.
    """
    try:
        source = read_source(path)
    except InputError as error:
        if strict or not os.path.lexists(path):
            raise
        problem = str(error).removeprefix(str(path)).lstrip(",: ")
        return Notebook(_place(path), path.stem, "", [], problem=problem)
    title, question = _read_heading(source["cells"], path.stem)
    language = language_of(source)
    tagged = [cell["source"] for cell in source["cells"] if "parameters" in tags_of(cell)]
    parameters = parse_parameters(tagged[0] if tagged else "", language)
    return Notebook(_place(path), title, question, parameters, language=language)


def _place(path: Path) -> Path:
    """Return where a notebook lies, as Jupyter takes it: a link lies where it is itself."""
    return path.parent.resolve() / path.name


def read_catalogue(folder: Path, file: str = "site.yml") -> Catalogue:
    """Read a folder's ``site.yml`` and the notebooks it names, and check every parameter set.

    A folder without a ``site.yml`` is one part, every notebook run once.

    Raises
    ------
    InputError
        The YAML is broken, a key or a notebook is unknown, a parameter does not fit.
    """
    source = folder / file
    if not source.is_file():
        catalogue = Catalogue(folder, folder.resolve().name, [])
        notebooks = catalogue.notebooks.values()
        catalogue.requests.extend(Request(notebook, part="Notebooks") for notebook in notebooks)
        return catalogue
    site = _read_yaml(source)
    _check_keys(site, {"title", "address", "parts", "checks", "project"}, source.name)
    checks = str(site.get("checks") or "")
    if checks not in ("", "trade"):
        raise InputError("checks are unknown", where=source.name, expected="trade", got=checks)
    address = str(site.get("address") or "")
    if address and not address.startswith(("https://", "http://")):
        expected = "https://… of the site's folder"
        raise InputError(
            "no address", where=f"{source.name}, address", expected=expected, got=address
        )
    title = str(site.get("title") or folder.name)
    address = address and address.rstrip("/") + "/"
    project = _read_project(site, folder, source.name)
    catalogue = Catalogue(folder, title, [], checks, address, project)
    for number, part in enumerate(_list(site, "parts", source.name), start=1):
        where = f"{source.name}, part {number}"
        _check_keys(part, {"title", "notebooks"}, where)
        title = str(part.get("title") or f"Part {number}")
        for entry in _list(part, "notebooks", where):
            catalogue.requests.extend(_read_entry(entry, catalogue, title, where))
    return catalogue


def _read_project(site: Mapping, folder: Path, where: str) -> Path | None:
    named = site.get("project")
    if named is None:
        return None
    project = Path(os.path.realpath(folder / str(named).replace("\0", "?")))
    if not (project.is_dir() and folder.resolve().is_relative_to(project)):
        raise InputError(
            "the project is no folder around the notebooks",
            where=where,
            expected="a path from the folder of this file, as ..",
            got=str(named),
        )
    return project


def find_project(folder: Path) -> Path:
    """Return the folder that notebooks in `folder` belong to, as its files of a project tell.

    The nearest one above with a ``pyproject.toml``, a ``setup.py`` or a repository of Git; without
    such a one, or where it is a home or the whole disk, the folder itself.
    """
    folder = folder.resolve()
    for place in (folder, *folder.parents):
        if place == Path.home() or place == place.parent:
            break
        if any((place / sign).exists() for sign in _PROJECT):
            return place
    return folder


def _read_entry(entry: Any, catalogue: Catalogue, part: str, where: str) -> Iterator[Request]:
    _check_keys(entry, {"notebook", "runs", "after", *_DECLARED}, where)
    notebook = catalogue.find(str(entry.get("notebook", "")))
    before = [catalogue.find(name).name for name in _texts(entry, "after", where)]
    for number, run in enumerate(_list(entry, "runs", where) or [{}], start=1):
        at = f"{where}, notebook {notebook.name}, run {number}"
        _check_keys(run, {"name", "parameters", *_DECLARED}, at)
        given = run.get("parameters") or {}
        if not isinstance(given, Mapping):
            raise InputError("the parameters are not a mapping", where=at, expected="NAME: VALUE")
        parameters = {} if notebook.problem else check_values(notebook.parameters, given, at)
        declared = _read_declared({**entry, **run}, at)
        label = str(run.get("name") or "")
        yield Request(notebook, part, label, parameters, tuple(before), declared)


def _read_declared(found: Mapping, where: str) -> Declared | None:
    always = found.get("always")
    if not (always is None or isinstance(always, bool)):
        raise InputError("always is no choice", where=where, expected="true", got=str(always))
    if not any(found.get(key) for key in _DECLARED):
        return None
    age = found.get("max_age")
    span = _SPAN.fullmatch(str(age).strip()) if age is not None else None
    if age is not None and span is None:
        raise InputError(
            "max_age is no span of time", where=where, expected="as 30 min, 12 h, 7 d", got=str(age)
        )
    return Declared(
        tuple(_texts(found, "inputs", where)),
        tuple(_texts(found, "env", where)),
        always is True,
        float(span[1]) * _SECONDS[span[2]] if span else None,
    )


def _texts(found: Mapping, key: str, where: str) -> list[str]:
    """Return a key's texts; one may stand alone, without being a list."""
    value = found.get(key) or []
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{key!r} is not a list of texts", where=where)
    return value


def _read_heading(cells: list[dict], fallback: str) -> tuple[str, str]:
    """Find title and question among the words before the first code: a badge may stand first."""
    words = takewhile(lambda cell: cell["cell_type"] != "code", cells)
    for text in [cell["source"] for cell in words if cell["cell_type"] == "markdown"]:
        heading = _HEADING.search(text)
        if heading:
            paragraphs = [p.strip() for p in text[heading.end() :].strip().split("\n\n")]
            return heading[1] or heading[2], " ".join(paragraphs[0].split())
    return fallback, ""


def _read_yaml(source: Path) -> dict:
    site = load_yaml(read_text(source, "the catalogue"), "the catalogue", str(source))
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
