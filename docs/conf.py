"""Sphinx: the documentation from these texts and the docstrings, built without a network.

Sphinx reads numpydoc docstrings (napoleon), MyST reads Markdown, furo needs nothing remote.
"""

import importlib
import inspect
from pathlib import Path

import nktrade

project = "nktrade"
author = "The nktrade developers"
version = release = nktrade.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser"]
html_theme = "furo"
html_title = "nktrade"
exclude_patterns = ["_build"]
autodoc_typehints = "none"
autodoc_member_order = "alphabetical"
napoleon_google_docstring = False
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing", "myst.header"]

#: Namespaces of the reference, with what each is for.
SPACES = {
    "nktrade": "What an economist types: `import nktrade as nk`.",
    "nktrade.measures": "Sums, shares, growth, breaks, scans: `from nktrade import measures`.",
    "nktrade.charts": "Charts: wide or tidy tables in, a chart out: `from nktrade import charts`.",
    "nktrade.published": "Published figures, their bounds, verdicts and audit: `nk.published`.",
    "nktrade.codes": "The Harmonized System: `nk.hs`.",
    "nktrade.teach": "Lessons: `from nktrade import teach`.",
}


def list_public(space):
    """Return the public names of a namespace that have a docstring of their own."""
    module = importlib.import_module(space)
    for name in sorted(getattr(module, "__all__", dir(module))):
        thing = getattr(module, name)
        if not name.startswith("_") and (inspect.isfunction(thing) or inspect.isclass(thing)):
            yield name, thing


def write_reference(folder):
    """Write one page a namespace, each public name on it."""
    folder.mkdir(exist_ok=True)
    links = "\n".join(space for space in SPACES)
    (folder / "index.md").write_text(
        f"# Reference\n\n```{{toctree}}\n:maxdepth: 1\n\n{links}\n```\n", encoding="utf-8"
    )
    for space, words in SPACES.items():
        parts = [f"# `{space}`\n\n{words}\n"]
        for name, thing in list_public(space):
            kind = "autoclass" if inspect.isclass(thing) else "autofunction"
            parts.append(f"```{{eval-rst}}\n.. {kind}:: {space}.{name}\n```\n")
        (folder / f"{space}.md").write_text("\n".join(parts), encoding="utf-8")


write_reference(Path(__file__).with_name("reference"))
