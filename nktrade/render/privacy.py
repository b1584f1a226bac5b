"""Where files lie is nobody's business: what a site publishes names no folder of its author's.

In executed notebooks, pages and ``runs.json`` a path given as a parameter is told by its last part,
the notebook's folder is ``.`` and the author's home ``~``. The ledger in ``.nktrade`` has to find
files again on this machine: there the home has a word of its own and is put back when it is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nktrade.render.plan import Run

_HOME = "%HOME%"


def list_places(runs: Iterable[Run], out: Path) -> dict[str, str]:
    """Return the paths that runs could betray, longest first, and what stands for each."""
    places: dict[str, str] = {}
    for run in runs:
        folder = run.notebook.path.parent.absolute()
        for value in run.parameters.values():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and Path(text).is_absolute() and Path(text).name:
                    places[text] = Path(text).name
        if run.project:  # on whatever machine its files lie, they are told from the notebook
            places[str(run.project)] = os.path.relpath(run.project, folder)
        places |= {str(folder): ".", str(folder.resolve()): "."}
    places |= {str(out.absolute()): "site", str(out.resolve()): "site"}
    home = _home()
    places |= {home: "~"} if home else {}
    whole = {place: word for place, word in places.items() if len(Path(place).parts) > 1}
    return dict(sorted(whole.items(), key=lambda item: -len(item[0])))


def hide_paths(value: Any, places: Mapping[str, str]) -> Any:
    """Return a value of lists, mappings and texts with the places in its texts told otherwise.

    Examples
    --------
    >>> hide_paths({"a": ["File /home/kim/x.py", 3]}, {"/home/kim": "~"})
    {'a': ['File ~/x.py', 3]}
    """
    if isinstance(value, str):
        for place, word in places.items():
            if place in value:
                value = value.replace(place, word)
        return value
    if isinstance(value, dict):  # a notebook's are of a kind of their own
        made = {key: hide_paths(item, places) for key, item in value.items()}
        return type(value)(made)
    if isinstance(value, list):
        return [hide_paths(item, places) for item in value]
    return value


def fold_home(text: str) -> str:
    """Return a line of JSON with a word for the home of whoever renders."""
    home = _home()
    return text.replace(json.dumps(home)[1:-1], _HOME) if home else text


def unfold_home(text: str) -> str:
    """Return a line as it was before `fold_home`, on this machine."""
    return text.replace(_HOME, json.dumps(_home())[1:-1])


def _home() -> str:
    home = os.path.expanduser("~")
    return home if len(Path(home).parts) > 1 and Path(home).is_absolute() else ""
