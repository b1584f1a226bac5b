"""A notebook to start from: a shape of `notebooks/templates`, and its place in a catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from nktrade._paths import NOTEBOOKS
from nktrade.errors import InputError, check_choice, did_you_mean
from nktrade.files.writing import replace_text
from nktrade.render.catalogue import read_catalogue

TEMPLATES = NOTEBOOKS / "templates"


def list_shapes() -> list[str]:
    """Return the shapes that a new notebook can have.

    Examples
    --------
    >>> list_shapes()
    ['basket', 'event', 'good', 'provinces', 'two-countries']
    """
    return sorted(path.stem for path in TEMPLATES.glob("*.ipynb"))


def write_skeleton(path: Path, like: str = "good") -> Path:
    """Write a notebook with every room and return its path.

    Parameters
    ----------
    path : path
        Where; the ending may be left out. The title is made of the name.
    like : str
        One of `list_shapes`.

    Raises
    ------
    InputError
        The name is no file name, the shape is unknown, there is already a file of that name, or
        the folder cannot be written.
    """
    import nbformat

    if not path.name.strip() or not path.name.isprintable():
        raise InputError("a notebook needs a name", expected="as '18_my_question'")
    check_choice("shape", like, list_shapes())
    path = path if path.suffix == ".ipynb" else path.with_name(f"{path.name}.ipynb")
    title = path.stem.lstrip("0123456789_- ").replace("_", " ").capitalize() or "A new question"
    notebook = nbformat.read(TEMPLATES / f"{like}.ipynb", as_version=4)
    first = notebook.cells[0]
    first.source = first.source.replace("TITLE", title, 1)
    try:
        with path.open("x", encoding="utf-8") as file:
            nbformat.write(notebook, file)
    except FileExistsError:
        raise InputError("there is already such a notebook", where=str(path)) from None
    except OSError as error:
        raise InputError(
            "the notebook cannot be written", where=str(path), got=error.strerror or str(error)
        ) from None
    return path


def add_to_catalogue(path: Path, part: str, file: str = "site.yml") -> Path:
    """Name a notebook in the catalogue beside it, as the last of a part; comments stay.

    Parameters
    ----------
    path : path
        The notebook.
    part : str
        Title of the part; a new one is put at the end.
    file : str

    Returns
    -------
    path
        The catalogue.

    Raises
    ------
    InputError
        There is no catalogue there, it names the notebook already, or a part of a like name is
        there.
    """
    source = path.parent / file
    if not source.is_file():
        raise InputError("there is no catalogue here", where=str(source))
    requests = read_catalogue(path.parent, file).requests
    if any(request.notebook.name == path.stem for request in requests):
        raise InputError("the catalogue names this notebook already", where=str(source))
    parts = list(dict.fromkeys(request.part for request in requests))
    text = source.read_text(encoding="utf-8")
    lines = text.rstrip("\n").split("\n")
    starts = [n for n, line in enumerate(lines) if re.match(r"\s*- +title:", line)]
    ends = [*starts[1:], len(lines)]
    if part in parts:
        number = ends[parts.index(part)]
        indent = next(
            (line[: line.index("-")] for line in lines if "- notebook:" in line), "      "
        )
        lines.insert(number, f"{indent}- notebook: {path.stem}")
    elif "Did" in (hint := did_you_mean(part, parts)):
        raise InputError(f"no part is called {part!r}", where=str(source), hint=hint)
    else:
        lines += [f"  - title: {part}", "    notebooks:", f"      - notebook: {path.stem}"]
    replace_text(source, "\n".join(lines) + "\n")
    try:
        read_catalogue(path.parent, file)
    except InputError:
        replace_text(source, text)
        raise
    return source
