"""Where rows come from: one file a publisher, each with a `Source` that says what it is.

``nk.sources.gacc.read("2023.csv", flow="import", partner="PRK")`` takes one partner's rows straight
from a customs download of any size: the bytes are sifted for the partner's code and only its lines
are decoded. ``nk.sources.baci.read(file, partner="PRK")`` does the same for a year of BACI.

A new source is one module with a ``SOURCE`` in this folder, or one in any installed package that
names its own in the entry point group ``nktrade.sources``. Import, status, gaps, captions and the
command line know a source by that alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from nktrade.errors import InputError, check_choice, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from nktrade.sources import baci, bulletin, comtrade, gacc
    from nktrade.sources._stream import Scan

__all__ = [
    "Source",
    "TruncatedFileWarning",
    "baci",
    "bulletin",
    "comtrade",
    "find_source",
    "gacc",
    "list_sources",
    "recall_source",
]

GROUP = "nktrade.sources"
FREQUENCIES = ("monthly", "yearly")
KINDS = ("rows", "totals")


class TruncatedFileWarning(UserWarning):
    """A file holds as many rows as its publisher gives out at most, or fewer than it announces."""


@dataclass(frozen=True)
class Source:
    """Everything nktrade has to know of a publisher of trade figures.

    Attributes
    ----------
    name : str
        The word after ``nktrade data import``, and a store's word for it.
    publisher : str
        As a caption names it: "China customs".
    read : callable
        ``read(path, **options)`` returns a trade table of one file. Its other parameters are what
        can be said of a file (period, partner, level, edition).
    scan : callable, optional
        ``scan(path, **options)`` opens a file as a stream of blocks, for files larger than memory
        and for what only a file knows (its layout, whether it was cut off). Without it `read` is
        used.
    declarer : str
        ISO3 code of who declares, where it is always the same; else the rows say it.
    endings : tuple of str
        Endings of the files that a folder is searched for.
    frequency : {"monthly", "yearly"}
        Yearly figures stand at the January of their year and have no missing months.
    holds : {"rows", "totals"}
        Rows of commodities, or totals without a code, which are kept apart.
    row_limit : int, optional
        A file of exactly so many rows was cut off by the publisher.
    aside : str
        A pattern of names of files that come with the data and are none, as code lists.
    needs_flow : bool
        Whether the flow is never in the file, so that the caller must say it.
    reconciled : bool
        Both sides' figures are made one: a seller's export and the buyer's import from it are the
        same row, told from either side.

    Examples
    --------
    >>> find_source("baci").publisher, find_source("baci").frequency
    ('CEPII BACI', 'yearly')
    """

    name: str
    publisher: str
    read: Callable[..., pd.DataFrame]
    scan: Callable[..., Scan] | None = None
    declarer: str = ""
    endings: tuple[str, ...] = (".csv",)
    frequency: str = "monthly"
    holds: str = "rows"
    row_limit: int | None = None
    needs_flow: bool = False
    aside: str = ""
    reconciled: bool = False

    def __post_init__(self) -> None:
        check_choice("frequency", self.frequency, FREQUENCIES, where=f"source {self.name!r}")
        check_choice("kind of content", self.holds, KINDS, where=f"source {self.name!r}")

    def open(self, path: Path, flow: str | None = None, **options: Any) -> Scan:
        """Open a file for a store, once what is said of it is what this source takes.

        Raises
        ------
        InputError
            If the flow must be said and is not, an option is unknown, or the file is refused.
        """
        if self.needs_flow and flow is None:
            declarer = self.declarer or "the reporter"
            raise InputError(
                "the flow is not in the file",
                where=path.name,
                hint=f"Say what {declarer} declared: flow='import' or flow='export' "
                "(--flow import).",
            )
        said = options if flow is None else {"flow": flow, **options}
        known = list(inspect.signature(self.scan or self.read).parameters)[1:]
        for name in said:
            if name not in known:
                hint = did_you_mean(name, known) if known else ""
                raise InputError(f"files from {self.name!r} take no {name!r}", hint=hint)
        if self.scan:
            return self.scan(path, **said)
        from nktrade.sources._stream import Scan
        from nktrade.table.arrow import from_frame

        return Scan(iter([from_frame(self.read(path, **said))]), {}, said)


def list_sources(holds: str | None = None) -> list[str]:
    """Return the names of all sources, those of other installed packages with them.

    Parameters
    ----------
    holds : {"rows", "totals"}, optional
        Only the sources of these. One that cannot be loaded is then left out.

    Examples
    --------
    >>> list_sources("totals")
    ['bulletin']
    """
    names = sorted({*_modules(), *_plugins()})
    if holds is None:
        return names
    return [name for name in names if _holds(name, check_choice("content", holds, KINDS))]


def find_source(name: str) -> Source:
    """Return the source of that name.

    Raises
    ------
    InputError
        If there is none, its package cannot be loaded, or what the package names is no `Source`.

    Examples
    --------
    >>> find_source("gac")
    Traceback (most recent call last):
    ...
    nktrade.errors.InputError: unknown source 'gac'. Did you mean 'gacc'?
    """
    modules = _modules()
    if isinstance(name, str) and name in modules:
        return import_module(modules[name]).SOURCE
    plugins = _plugins()
    check_choice("source", name, {*modules, *plugins})
    return _load(plugins[name])


def recall_source(name: str) -> Source:
    """Return the source a store remembers; where its package is gone, one that has only a name.

    Examples
    --------
    >>> recall_source("gacc").publisher, recall_source("of long ago").publisher
    ('China customs', 'of long ago')
    """
    try:
        return find_source(name)
    except InputError:
        if not isinstance(name, str):
            raise
        return Source(name, publisher=name, read=_refuse)


def _refuse(path: Path) -> pd.DataFrame:
    raise InputError("the package of this source is not installed", where=path.name)


def _holds(name: str, kind: str) -> bool:
    try:
        return find_source(name).holds == kind
    except InputError:
        return False


@cache
def _modules() -> dict[str, str]:
    """Return the modules of this folder that have a SOURCE, by its name."""
    return {source.name: module for module, source in _own()}


def _own() -> Iterator[tuple[str, Source]]:
    for found in iter_modules(__path__):
        if not found.name.startswith("_"):
            module = f"{__name__}.{found.name}"
            source = getattr(import_module(module), "SOURCE", None)
            if source is not None:
                yield module, source


def _plugins() -> dict[str, EntryPoint]:
    """Return the sources of other packages; they cannot take the name of one that is here."""
    return {point.name: point for point in entry_points(group=GROUP)}


def _load(point: EntryPoint) -> Source:
    where = f"entry point {point.name} = {point.value}"
    try:
        source = point.load()
    except (ImportError, AttributeError) as error:
        raise InputError("the source cannot be loaded", where=where, got=str(error)) from None
    if not isinstance(source, Source) or source.name != point.name:
        raise InputError(
            "this is not the source that was promised",
            where=where,
            expected=f"a nktrade.sources.Source called {point.name!r}",
            got=repr(source)[:80],
        )
    return source


def __getattr__(name: str):
    if name in ("baci", "bulletin", "comtrade", "gacc"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
