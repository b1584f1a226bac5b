"""HS codes: reading them, walking up and down the tree, and naming them."""

from nktrade.hs.codes import (
    EDITIONS,
    children,
    edition_of_year,
    editions_of,
    exists,
    level,
    normalise,
    normalise_series,
    parents,
)
from nktrade.hs.editions import check_code, convert, correlate, subheadings
from nktrade.hs.names import name, search
from nktrade.hs.show import describe

__all__ = [
    "EDITIONS",
    "check_code",
    "children",
    "convert",
    "correlate",
    "describe",
    "edition_of_year",
    "editions_of",
    "exists",
    "level",
    "name",
    "normalise",
    "normalise_series",
    "parents",
    "search",
    "subheadings",
]
