"""Write ``docs/licences.md``: the licence of every package that nktrade needs, as it says itself.

Run in an environment with all extras: ``python -m tools.list_licences``.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "licences.md"
HEAD = """# Licences

nktrade is under the BSD-3-Clause licence. Installed with pip or conda, it stands on the packages
below, each under its own licence as its metadata tell it; none is part of nktrade's own files but
MiniSearch (MIT), which `nktrade/site/templates/vendor` holds. The published figures and class
systems in `data/` say their sources beside them. `python -m tools.list_licences` writes this page,
and a test holds it to what is installed: no package is under a licence that would bind nktrade's
users to publish their own work.

| package | licence |
|---|---|
"""
#: What a package's text of a whole licence begins with, or its classifier says, in a word.
_KNOWN = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "BSD 3-Clause": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License": "Apache-2.0",
    "Mozilla Public License 2.0": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License": "ISC",
    "The Unlicense": "Unlicense",
}


def find_packages() -> list[str]:
    """Return the packages that nktrade needs to run, also on a cluster, and those they need."""
    project = tomllib.loads((PAGE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["cluster"]]
    seen: dict[str, str] = {}
    waiting = [re.match(r"[\w.-]+", need)[0] for need in needed]
    while waiting:
        package = waiting.pop()
        plain = re.sub(r"[-_.]+", "-", package).lower()
        if plain in seen:
            continue
        try:
            needs = requires(package) or []
        except PackageNotFoundError:
            continue  # of another system or version of Python
        seen[plain] = package
        for need in needs:
            word, _, marker = need.partition(";")
            found = re.match(r"[\w.-]+", word.strip())
            if found and "extra ==" not in marker:
                waiting.append(found[0])
    return sorted(seen)


def spell_licence(name: str) -> str:
    """Return a package's licence as its metadata tell it, in a few words."""
    about = metadata(name)
    said = about.get("License-Expression")
    if said:
        return said
    classified = [
        line.rpartition("::")[2].strip()
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    words = next((line for line in classified if line != "OSI Approved"), "")
    words = words or (about.get("License") or "").strip().split("\n")[0][:60]
    return next((short for known, short in _KNOWN.items() if words.startswith(known)), words)


def lay_page() -> str:
    """Return the page of licences."""
    rows = [f"| {name} | {spell_licence(name)} |" for name in find_packages()]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(lay_page(), encoding="utf-8")
