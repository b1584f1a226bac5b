"""North Korea's trade, read in the mirror of its partners' customs statistics.

The names an economist types live here; everything else is one module away. Importing the package
is quick: pandas and the rest are loaded when a name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nktrade._version import __version__

_HOME = {
    "load": "nktrade.store",
    "mirror": "nktrade.table.rows",
    "select": "nktrade.table.rows",
    "check_trade": "nktrade.table.rows",
    "monthly": "nktrade.table.months",
    "complete_months": "nktrade.table.months",
    "parse_period": "nktrade.table.periods",
    "spell_period": "nktrade.table.periods",
    "classify": "nktrade.codes.classes",
    "coverage": "nktrade.measures.class_sums",
    "Folded": "nktrade.words",
    "bounds": "nktrade.known",
    "bounds_ratio": "nktrade.published.bounds",
    "claim": "nktrade.published.bounds",
    "Study": "nktrade.study",
    "say": "nktrade.words",
    "finding": "nktrade.words",
    "say_change": "nktrade.words",
}
_MODULES = {
    "charts": "nktrade.charts",
    "codes": "nktrade.codes",
    "hs": "nktrade.codes",
    "measures": "nktrade.measures",
    "published": "nktrade.published",
    "sources": "nktrade.sources",
}

__all__ = [
    "Folded",
    "Study",
    "__version__",
    "bounds",
    "bounds_ratio",
    "charts",
    "check_trade",
    "claim",
    "classify",
    "codes",
    "complete_months",
    "coverage",
    "finding",
    "hs",
    "load",
    "measures",
    "mirror",
    "monthly",
    "parse_period",
    "published",
    "say",
    "say_change",
    "select",
    "sources",
    "spell_period",
]

if TYPE_CHECKING:
    from nktrade import charts, codes, measures, published, sources
    from nktrade import codes as hs
    from nktrade.codes.classes import classify
    from nktrade.known import bounds
    from nktrade.measures.class_sums import coverage
    from nktrade.published.bounds import bounds_ratio, claim
    from nktrade.store import load
    from nktrade.study import Study
    from nktrade.table.months import complete_months, monthly
    from nktrade.table.periods import parse_period, spell_period
    from nktrade.table.rows import check_trade, mirror, select
    from nktrade.words import Folded, finding, say, say_change


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'nktrade' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
