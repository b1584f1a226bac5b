"""Ways through a site: parts, the page before and the page after, pages of like subjects."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from nktrade.site.text import spell_value

#: Pages of the same part that a page names, on each side of itself.
NEAR = 15
#: Pages of like subjects that a page names.
RELATED = 4


def tell_apart(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name what sets each run apart from others of its notebook: its label or its parameters.

    Examples
    --------
    >>> runs = [{"notebook": "a", "label": "", "changed": {"n": n}} for n in (1, 2)]
    >>> tell_apart(runs), tell_apart(runs[:1])
    (['n 1', 'n 2'], [''])
    """
    counts = Counter(run["notebook"] for run in runs)
    return [
        run["label"]
        or (
            ", ".join(f"{name} {spell_value(value)}" for name, value in run["changed"].items())
            if counts[run["notebook"]] > 1
            else ""
        )
        for run in runs
    ]


def name_run(run: Mapping[str, Any], heading: str) -> str:
    """Return a run's title, with what sets it apart."""
    return f"{run['title']} ({heading})" if heading else run["title"]


def lay_ways(
    runs: Sequence[Mapping[str, Any]], subjects: Mapping[str, Iterable[str]]
) -> list[dict[str, Any]]:
    """Return for each run what its page leads to.

    Parameters
    ----------
    runs : sequence of mapping
        In the order of the site: `notebook`, `title`, `label`, `changed`, `part`, `page`.
    subjects : mapping
        Notebook → what it is about; a subject that few notebooks share counts for more.

    Returns
    -------
    list of dict
        `parts` (title, href, and of the page's own part its pages near), `previous`, `next` and
        `related`, each page as title and href.
    """
    headings = tell_apart(runs)
    pages = [
        {
            "title": name_run(run, heading),
            "href": quote(run["page"]),
        }
        for run, heading in zip(runs, headings, strict=True)
    ]
    parts: dict[str, list[int]] = defaultdict(list)
    for place, run in enumerate(runs):
        parts[run["part"]].append(place)
    first = {run["notebook"]: place for place, run in reversed(list(enumerate(runs)))}
    alike = _rank_alike(subjects)
    ways = []
    for place, run in enumerate(runs):
        own = parts[run["part"]]
        at = own.index(place) if len(own) < 1000 else place - own[0]
        near = own[max(0, at - NEAR) : at + NEAR + 1]
        related = [first[name] for name in alike.get(run["notebook"], []) if name in first]
        ways.append(
            {
                "parts": [
                    {
                        "title": part,
                        "href": f"index.html#part-{number}",
                        "pages": [pages[one] for one in near] if part == run["part"] else [],
                    }
                    for number, part in enumerate(parts, start=1)
                ],
                "here": pages[place]["href"],
                "previous": pages[place - 1] if place else None,
                "next": pages[place + 1] if place + 1 < len(pages) else None,
                "related": [pages[one] for one in related[:RELATED]],
            }
        )
    return ways


def list_parts(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the way from a page that is no run's: to the parts of the site."""
    parts = dict.fromkeys(run["part"] for run in runs)
    return {
        "parts": [
            {"title": part, "href": f"index.html#part-{number}", "pages": []}
            for number, part in enumerate(parts, start=1)
        ]
    }


def _rank_alike(subjects: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return for each notebook the others that share a subject with it, the nearest first."""
    about = {name: set(them) for name, them in subjects.items()}
    held = Counter(one for them in about.values() for one in them)
    alike = {}
    for name, them in about.items():
        shared = {
            other: sum(1 / held[one] for one in them & about[other])
            for other in about
            if other != name and them & about[other]
        }
        alike[name] = sorted(shared, key=lambda other: (-shared[other], other))
    return alike
