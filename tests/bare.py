"""Run notebooks as in a browser: no Jupyter, and nothing installed but the scientific libraries.

``python -m tests.bare NOTEBOOK…`` prints, a line a notebook, the outputs of its cells as JSON.
Every other installed package is refused, so a library that comes to need one is found here.
"""

from __future__ import annotations

import importlib.metadata as metadata
import json
import re
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

#: What a notebook may need, each with whatever it needs itself.
SCIENCE = ("numpy", "pandas", "scipy", "seaborn", "statsmodels")
#: Pure Python that some pages of the collection need beside it: tables' style, files of baskets.
BESIDE = ("jinja2", "pyyaml")


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def close(names):
    """Return distributions with all that they require, extras apart."""
    found, left = set(), [*names]
    while left:
        name = plain(left.pop())
        if name in found:
            continue
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another system or Python
        found.add(name)
        left += [re.match(r"[\w.-]+", one)[0] for one in required if "extra ==" not in one]
    return found


class Refuse(MetaPathFinder):
    def __init__(self, allowed):
        kept = close(allowed) | {"nktrade"}
        homes = metadata.packages_distributions().items()
        self.refused = {top for top, of in homes if not {plain(one) for one in of} & kept}
        self.refused -= set(sys.stdlib_module_names)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.refused:
            raise ModuleNotFoundError(f"No module named {name!r}: it is refused here", name=name)


def main(paths):
    sys.meta_path.insert(0, Refuse([*SCIENCE, *BESIDE]))
    from nktrade.teach.session import Session

    for path in map(Path, paths):
        session, outputs = Session(), []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                outputs += session.run("".join(cell["source"]))
        print(json.dumps({"notebook": path.stem, "outputs": outputs}, default=str), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
