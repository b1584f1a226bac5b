"""North Korea's trade, read in the mirror of its partners' customs statistics.

The names an economist types live here; everything else is one module away. Importing the package
is quick: pandas and the rest are loaded when a name is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nktrade._blame import explain
from nktrade._version import __version__

_HOME = {
    "load": "nktrade.store",
    "mirror": "nktrade.table.mirrors",
    "select": "nktrade.table.selecting",
    "check_trade": "nktrade.table.rows",
    "monthly": "nktrade.table.months",
    "complete_months": "nktrade.table.completing",
    "parse_period": "nktrade.table.periods",
    "spell_period": "nktrade.table.periods",
    "spell_range": "nktrade.study.spelling",
    "classify": "nktrade.codes.classes",
    "coverage": "nktrade.measures.class_sums",
    "add_up": "nktrade.measures",
    "compare_periods": "nktrade.measures",
    "rank_items": "nktrade.measures",
    "sum_classes": "nktrade.measures",
    "compute_shares": "nktrade.measures",
    "compute_growth": "nktrade.measures",
    "compute_contributions": "nktrade.measures",
    "compute_unit_values": "nktrade.measures",
    "sum_after_bans": "nktrade.measures",
    "index_prices": "nktrade.measures",
    "compute_terms_of_trade": "nktrade.measures",
    "adjust_season": "nktrade.measures",
    "overview": "nktrade.measures.overviews",
    "compare_sides": "nktrade.measures",
    "select_basket": "nktrade.codes.baskets",
    "sanctions": "nktrade.measures.sanctions",
    "convert_to_usd": "nktrade.table.currency",
    "view_from": "nktrade.table.mirrors",
    "describe": "nktrade.store",
    "read_table": "nktrade.sources.any_table",
    "export": "nktrade.store.export",
    "Folded": "nktrade.study.notes",
    "bands": "nktrade.published.bands",
    "bounds": "nktrade.study.known",
    "bounds_ratio": "nktrade.published.bounds",
    "claim": "nktrade.published.comparisons",
    "Study": "nktrade.study.question",
    "say": "nktrade.study.notes",
    "finding": "nktrade.study.notes",
    "say_change": "nktrade.study.spelling",
    "choose_parameters": "nktrade.lab",
    "explore": "nktrade.lab",
    "render_here": "nktrade.lab",
}
_MODULES = {
    "charts": "nktrade.charts",
    "codes": "nktrade.codes",
    "hs": "nktrade.codes",
    "measures": "nktrade.measures",
    "published": "nktrade.published",
    "sources": "nktrade.sources",
    "teach": "nktrade.teach",
}

__all__ = [
    "Folded",
    "Study",
    "__version__",
    "add_up",
    "adjust_season",
    "bands",
    "bounds",
    "bounds_ratio",
    "charts",
    "check_trade",
    "choose_parameters",
    "claim",
    "classify",
    "codes",
    "compare_periods",
    "compare_sides",
    "complete_months",
    "compute_contributions",
    "compute_growth",
    "compute_shares",
    "compute_terms_of_trade",
    "compute_unit_values",
    "convert_to_usd",
    "coverage",
    "describe",
    "explore",
    "export",
    "finding",
    "hs",
    "index_prices",
    "load",
    "measures",
    "mirror",
    "monthly",
    "overview",
    "parse_period",
    "published",
    "rank_items",
    "read_table",
    "render_here",
    "sanctions",
    "say",
    "say_change",
    "select",
    "select_basket",
    "sources",
    "spell_period",
    "spell_range",
    "sum_after_bans",
    "sum_classes",
    "teach",
    "view_from",
]

if TYPE_CHECKING:
    from nktrade import charts, codes, measures, published, sources, teach
    from nktrade import codes as hs
    from nktrade.codes.baskets import select_basket
    from nktrade.codes.classes import classify
    from nktrade.measures.bans import sum_after_bans
    from nktrade.measures.class_sums import coverage, sum_classes
    from nktrade.measures.growth import compute_contributions, compute_growth
    from nktrade.measures.overviews import overview
    from nktrade.measures.prices import compute_terms_of_trade, index_prices
    from nktrade.measures.quantities import compute_unit_values
    from nktrade.measures.sanctions import sanctions
    from nktrade.measures.seasons import adjust_season
    from nktrade.measures.shares import compute_shares
    from nktrade.measures.sums import add_up, compare_periods, rank_items
    from nktrade.measures.two_sides import compare_sides
    from nktrade.published.bands import bands
    from nktrade.published.bounds import bounds_ratio
    from nktrade.published.comparisons import claim
    from nktrade.sources.any_table import read_table
    from nktrade.store import describe, load
    from nktrade.store.export import export
    from nktrade.study.known import bounds
    from nktrade.study.notes import Folded, finding, say
    from nktrade.study.question import Study
    from nktrade.study.spelling import say_change, spell_range
    from nktrade.table.completing import complete_months
    from nktrade.table.currency import convert_to_usd
    from nktrade.table.mirrors import mirror, view_from
    from nktrade.table.months import monthly
    from nktrade.table.periods import parse_period, spell_period
    from nktrade.table.rows import check_trade
    from nktrade.table.selecting import select


def __getattr__(name: str):
    if name in _HOME:
        found = getattr(import_module(_HOME[name]), name)
        return globals().setdefault(name, explain(found, __name__))
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'nktrade' has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
