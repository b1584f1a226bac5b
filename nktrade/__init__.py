"""North Korea's trade, read in the mirror of its partners' customs statistics.

The names an economist types live here; everything else is one module away. Importing the package
is quick: pandas and the rest are loaded when a name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOME = {
    "load": "nktrade.store",
    "mirror": "nktrade.trade",
    "select": "nktrade.trade",
    "check_trade": "nktrade.trade",
    "monthly": "nktrade.months",
    "complete_months": "nktrade.months",
    "parse_period": "nktrade.periods",
    "classify": "nktrade.classes",
    "coverage": "nktrade.classes",
}
_MODULES = ("charts", "classes", "documents", "hs", "measures", "models", "sources")

__all__ = [
    "__version__",
    "charts",
    "check_trade",
    "classes",
    "classify",
    "complete_months",
    "coverage",
    "documents",
    "hs",
    "load",
    "measures",
    "mirror",
    "models",
    "monthly",
    "parse_period",
    "select",
    "sources",
]

if TYPE_CHECKING:
    from nktrade import charts, classes, documents, hs, measures, models, sources
    from nktrade.classes import classify, coverage
    from nktrade.months import complete_months, monthly
    from nktrade.periods import parse_period
    from nktrade.store import load
    from nktrade.trade import check_trade, mirror, select


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name in _MODULES:
        return import_module(f"nktrade.{name}")
    raise AttributeError(f"module 'nktrade' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
