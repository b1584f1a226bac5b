"""What a collection shows beside its runs, handed in by whoever knows what they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Says what a notebook is about, from its cells, parameters and the figures that it judges: each
#: subject with `kind`, `title` and `href`, the page of the site that gathers what is known of it.
Describe = Callable[
    [Sequence[Mapping[str, Any]], Mapping[str, Any], Mapping[str, str]], list[dict[str, str]]
]
#: Makes pages of the runs that a site shows, with its frame around each: the text of each file by
#: its name, and what of them can be found, as :func:`nktrade.site.search.write_search` takes it.
MakePages = Callable[
    [Sequence[dict[str, Any]], Mapping[str, Any]], tuple[dict[str, str], list[dict[str, str]]]
]


@dataclass(frozen=True)
class Furnishing:
    """What a collection shows beside its runs; its functions are called in other processes.

    Attributes
    ----------
    describe : callable
    make_pages : callable
    frame : dict
        What every page has, as :func:`nktrade.site.page.write_page` takes it.
    modules : tuple of str
        What `describe` needs, imported once, before workers are forked.
    """

    describe: Describe
    make_pages: MakePages
    frame: dict[str, Any] = field(default_factory=dict)
    modules: tuple[str, ...] = ()
