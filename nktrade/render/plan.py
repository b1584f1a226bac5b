"""The plan: which runs a call asks for, every parameter checked before anything starts."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nktrade.errors import InputError
from nktrade.render.catalogue import (
    Catalogue,
    Declared,
    Notebook,
    Request,
    find_project,
    read_catalogue,
    read_notebook,
)
from nktrade.render.parameters import Parameter, find_parameter
from nktrade.render.values import freeze_named, plain

_LONGEST_SLUG = 90
#: What every site has, and what Windows has, whatever ending follows: a site may be carried there.
_TAKEN = re.compile(r"(?i)index|search|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


@dataclass(frozen=True)
class Run:
    """One run: a notebook, every parameter's value, and the place of its page in the site.

    Attributes
    ----------
    home : Path or None
        The collection's folder, if the notebook lies in it.
    after : tuple of str
        Notebooks of the collection that run before.
    declared : Declared or None
        What the author says that it depends on.
    project : Path or None
        The folder that holds all that the notebook needs; without one its collection's, or its own.
    way : dict
        What its page leads to, as :func:`nktrade.site.ways.lay_ways` says it.
    """

    notebook: Notebook
    parameters: dict[str, Any]
    part: str
    label: str
    slug: str
    home: Path | None = None
    after: tuple[str, ...] = ()
    declared: Declared | None = None
    project: Path | None = None
    way: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters that differ from the notebook's defaults."""
        defaults = self.notebook.defaults
        # Python takes True for 1, and 1 for 1.0.
        return {n: v for n, v in self.parameters.items() if repr(v) != repr(defaults[n])}

    @property
    def page(self) -> str:
        """The page's file name inside the site."""
        return f"{self.slug}.html"

    @property
    def notebook_out(self) -> str:
        """The executed notebook's path inside the site."""
        return f"notebooks/{self.slug}.ipynb"

    @property
    def files(self) -> tuple[str, str]:
        """What the run writes into the site."""
        return self.page, self.notebook_out

    @property
    def where(self) -> str:
        """The notebook's path in its collection; its whole path if it belongs to none."""
        path = self.notebook.path
        return (path.relative_to(self.home) if self.home else path).as_posix()

    @property
    def identity(self) -> str:
        """What makes this run itself, and no other, in the site's folder."""
        return json.dumps([self.where, freeze_named(self.changed)], sort_keys=True)


def choose_catalogue(names: Sequence[str], default: Path) -> tuple[Catalogue, Sequence[str]]:
    """Read the catalogue that a call means, and return it with the notebooks that are named.

    The first name may be the path of a catalogue, or of a folder of notebooks; else the
    catalogue is the one in `default`.
    """
    first = Path(names[0]) if names else default
    if names and first.suffix in (".yml", ".yaml"):
        if not first.is_file():
            raise InputError("no such catalogue", where=str(first))
        return read_catalogue(first.parent, first.name), names[1:]
    if names and first.is_dir():
        return read_catalogue(first), names[1:]
    return read_catalogue(default), names


def plan_runs(
    catalogue: Catalogue,
    names: Sequence[str] = (),
    settings: Sequence[str] = (),
    sweeps: Sequence[str] = (),
    folder: Path | None = None,
    given: Mapping[str, Any] | None = None,
) -> list[Run]:
    """List the runs that a call asks for.

    Parameters
    ----------
    catalogue : Catalogue
        What to run when `names` is empty, and where to look names up.
    names : sequence of str
        Notebooks of the catalogue by name, or paths of notebooks elsewhere.
    settings : sequence of str
        ``NAME=VALUE``. With a notebook named, the run starts from the notebook's defaults;
        without one, every run of the catalogue is changed.
    sweeps : sequence of str
        ``NAME=V1,V2``: every combination of the values becomes a run.
    folder : Path, optional
        The caller's folder: a relative path given as ``data`` is read from here.
    given : mapping, optional
        Exact values, as a file of parameters holds them; those of `settings` come after.

    Returns
    -------
    list of Run
        Without repetitions, in the order of the catalogue, with unique page names.

    Raises
    ------
    InputError
        A notebook or parameter is unknown, or a value does not fit its type.
    """
    requests = list(_choose_requests(catalogue, names, fresh=bool(settings or sweeps or given)))
    if not requests:
        raise InputError("there is no notebook to run", where=str(catalogue.folder))
    home = catalogue.folder.resolve()
    around = catalogue.project or find_project(home)
    runs: dict[str, Run] = {}
    for request in requests:
        notebook = request.notebook
        known = {parameter.name: parameter for parameter in notebook.parameters}
        inside = home if notebook.path.is_relative_to(home) else None
        settled = {} if notebook.problem else given or {}
        exact = {
            name: find_parameter(known, name, f"notebook {notebook.name}").check(value, name)
            for name, value in settled.items()
        }
        choices = [{}] if notebook.problem else _vary(known, settings, sweeps, notebook.name)
        for values in choices:
            asked = request.parameters | _resolve_data(
                exact | values, folder or Path.cwd(), notebook
            )
            run = Run(
                notebook,
                notebook.defaults | asked,
                request.part,
                request.label if not (values or exact) else "",
                "",
                inside,
                request.after,
                request.declared,
                around if inside else find_project(notebook.path.parent),
            )
            runs.setdefault(run.identity, run)
    return name_pages(list(runs.values()), {})


def _choose_requests(catalogue: Catalogue, names: Sequence[str], fresh: bool) -> Iterable[Request]:
    if not names:
        return catalogue.requests
    chosen: list[Request] = []
    for name in names:
        path = Path(name)
        if path.suffix == ".ipynb" and (path.is_file() or path.name != name):
            # Of several, one that cannot be read fails by itself.
            notebook = read_notebook(path, strict=len(names) == 1)
            chosen.append(Request(notebook, part="Notebooks"))
            continue
        notebook = catalogue.find(name)
        asked = [r for r in catalogue.requests if r.notebook.name == notebook.name]
        part = asked[0].part if asked else "Notebooks"
        if fresh or not asked:
            told = asked[0] if asked else Request(notebook, part)
            asked = [Request(notebook, part, after=told.after, declared=told.declared)]
        chosen.extend(asked)
    return chosen


def _vary(
    known: dict[str, Parameter], settings: Sequence[str], sweeps: Sequence[str], notebook: str
) -> Iterable[dict[str, Any]]:
    """Yield one set of values for every combination that the sweeps make."""
    axes: dict[str, list[Any]] = {}
    for option, texts in (("-p", settings), ("--sweep", sweeps)):
        for text in texts:
            name, sign, value = text.partition("=")
            if not sign:
                raise InputError(
                    "a parameter has no value", where=option, expected="NAME=VALUE", got=text
                )
            where = f"{option} {text} (notebook {notebook})"
            parameter = find_parameter(known, name.strip(), where)
            values = [value] if option == "-p" else value.split(",")
            if option == "--sweep" and name in axes:
                raise InputError(f"parameter {name!r} is given twice", where=where)
            axes[name.strip()] = [parameter.read(item, where) for item in values]
    for combination in itertools.product(*axes.values()):
        yield dict(zip(axes, combination, strict=True))


def _resolve_data(values: dict[str, Any], folder: Path, notebook: Notebook) -> dict[str, Any]:
    """Make a relative ``data`` path absolute: the notebook runs in its own folder."""
    data = values.get("data")
    if not isinstance(data, str) or "://" in data or "\0" in data:
        return values
    path = Path(os.path.realpath(find_place(data, folder)))
    if path.exists():
        return values | {"data": str(path)}
    if notebook.defaults.get("data") == "default" and ("/" in data or "\\" in data):
        raise InputError("no such file or folder", where=f"-p data={data}", expected=str(path))
    return values


def find_place(data: str, folder: Path) -> Path:
    """Return the path that a call's ``data`` means: from its folder, or from home after a tilde."""
    return folder / os.path.expanduser(data)


def name_pages(runs: Sequence[Run], taken: Mapping[str, str]) -> list[Run]:
    """Give every run a page that is its own: readable, and longer only where it must be.

    `taken` names the runs that have a page already: identity → slug. A run keeps the page that
    it has; one that would get another's has a number drawn from its identity in its name.
    """
    slugs = [taken.get(run.identity) or _slug(run) for run in runs]
    owners: dict[str, set[str]] = {slug.casefold(): {who} for who, slug in taken.items()}
    for run, slug in zip(runs, slugs, strict=True):
        owners.setdefault(slug.casefold(), set()).add(run.identity)
    return [
        replace(
            run,
            slug=slug
            if run.identity in taken or len(owners[slug.casefold()]) == 1
            else f"{slug}-{_digest(run)}",
        )
        for run, slug in zip(runs, slugs, strict=True)
    ]


def _slug(run: Run) -> str:
    """Spell the notebook and what differs from its defaults.

    ``01_monthly_trends``, ``01_monthly_trends-partner-RUS-top-10``.
    """
    words = [run.notebook.name]
    for name, value in run.changed.items():
        text = Path(value).name if name == "data" and isinstance(value, str) else plain(value)
        text = "+".join(map(str, text)) if isinstance(text, list) else str(text)
        words.append(f"{name}-{text}")
    slug = re.sub(r"[^\w.+-]+", "-", "-".join(words)).strip("-.")
    # Beyond ASCII a file name would depend on the system; a long one on its file system.
    if not slug.isascii() or len(slug) > _LONGEST_SLUG or not slug:
        short = re.sub(r"[^\x21-\x7e]+", "", slug)[:_LONGEST_SLUG].strip("-.")
        return f"{short or 'notebook'}-{_digest(run)}"
    return f"site-{slug.lower()}" if _TAKEN.fullmatch(slug) else slug


def _digest(run: Run) -> str:
    return hashlib.sha256(run.identity.encode()).hexdigest()[:8]
