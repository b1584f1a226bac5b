"""How a page is cited and made again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from nktrade._version import __version__
from nktrade.site.text import spell_date, spell_value

_SPECIAL = re.compile(r"([&%$#_{}])")


def cite_page(run: Mapping[str, Any], frame: Mapping[str, Any]) -> dict[str, str]:
    r"""Return a page's citation as `text` and `bibtex`, and the `command` that makes it.

    Parameters
    ----------
    run : mapping
        `title`, `label`, `notebook`, `page`, `changed` (parameters that are not the notebook's
        own) and `ended`.
    frame : mapping
        `title` of the site and `authors`, where they are known.

    Examples
    --------
    >>> run = {"title": "Wigs & hair", "label": "", "notebook": "04_wigs", "page": "04_wigs.html",
    ...        "changed": {"hs": ["6704"], "n": 3}, "ended": "2026-03-01T10:00:00+00:00"}
    >>> cited = cite_page(run, {"title": "Trade", "authors": "The developers"})
    >>> cited["text"]
    'The developers. "Wigs & hair". Trade, nktrade 0.1.0, computed on 1 March 2026.'
    >>> cited["command"]
    'nktrade render 04_wigs -y \'{"hs": ["6704"], "n": 3}\''
    >>> print(cited["bibtex"].splitlines()[1])
      title = {{Wigs \& hair}},
    """
    title = f"{run['title']} ({run['label']})" if run.get("label") else run["title"]
    authors, site = frame.get("authors", ""), frame.get("title", "")
    made, day = f"nktrade {__version__}", spell_date(run["ended"])
    # The one place where a page tells its day: all else is the same whenever it is computed.
    source = ", ".join(filter(None, [site, made, f"computed on {day}" if day else ""]))
    text = " ".join(filter(None, [f"{authors}." if authors else "", f'"{title}".', f"{source}."]))
    key = re.sub(r"\W+", "_", run["page"].removesuffix(".html"))
    fields = {
        "title": f"{{{_escape(title)}}}",
        "author": f"{{{_escape(authors)}}}" if authors else "",
        "year": run["ended"][:4],
        "howpublished": _escape(site),
        "note": _escape(made),
    }
    told = "\n".join(f"  {name} = {{{value}}}," for name, value in fields.items() if value)
    return {
        "text": text,
        "bibtex": f"@misc{{nktrade_{key},\n{told}\n}}",
        "command": write_command(run),
    }


def write_command(run: Mapping[str, Any]) -> str:
    r"""Return the call that makes a page again; what is a path of its author's is told by its name.

    Examples
    --------
    >>> write_command({"notebook": "a", "changed": {"code": "0301", "periods": ["2019"]}})
    'nktrade render a -y \'{"code": "0301", "periods": ["2019"]}\''
    >>> write_command({"notebook": "a", "changed": {}})
    'nktrade render a'
    """
    words = ["nktrade", "render", run["notebook"]]
    told = {
        name: spell_value(value) if isinstance(value, str) else value
        for name, value in run["changed"].items()
    }
    # JSON is YAML, in which the command takes values exactly as they stand.
    return shlex.join([*words, *(["-y", json.dumps(told, ensure_ascii=False)] if told else [])])


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
