# ruff: noqa: F401
"""North Korea's trade, read in the mirror of its partners' customs statistics.

The names an economist types live here; everything else is one module away. Importing the package
is quick: pandas and the rest are loaded when a name is first used. How data becomes a page::

    sources/ -> store/ -> table/ -> codes/ -> measures/ -> charts/ -> study/ -> render/ -> site/
                                      published/  ──^
"""

from typing import TYPE_CHECKING

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_version": ["__version__"],
        "codes.baskets": ["select_basket"],
        "codes.classes": ["classify"],
        "lab": ["choose_parameters", "explore", "render_here"],
        "measures": [
            "add_up",
            "adjust_season",
            "compare_periods",
            "compare_sides",
            "compute_contributions",
            "compute_growth",
            "compute_shares",
            "compute_terms_of_trade",
            "compute_unit_values",
            "index_prices",
            "rank_items",
            "sum_after_bans",
            "sum_classes",
        ],
        "measures.class_sums": ["coverage"],
        "measures.overviews": ["overview"],
        "measures.sanctions": ["sanctions"],
        "published.bands": ["bands"],
        "published.bounds": ["bounds_ratio"],
        "published.comparisons": ["claim"],
        "sources.any_table": ["read_table"],
        "store": ["describe", "load"],
        "store.export": ["export"],
        "study.known": ["bounds"],
        "study.notes": ["Folded", "finding", "say"],
        "study.question": ["Study"],
        "study.spelling": ["say_change", "spell_range"],
        "table.completing": ["complete_months"],
        "table.currency": ["convert_to_usd"],
        "table.mirrors": ["mirror", "view_from"],
        "table.months": ["monthly"],
        "table.periods": ["parse_period", "spell_period"],
        "table.rows": ["check_trade"],
        "table.selecting": ["select"],
    },
    modules={
        "charts": "charts",
        "codes": "codes",
        "hs": "codes",
        "measures": "measures",
        "published": "published",
        "sources": "sources",
        "teach": "teach",
    },
)

if TYPE_CHECKING:  # the same for editors, which do not run this
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
